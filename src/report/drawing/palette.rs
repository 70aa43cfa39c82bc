//! Colors that people with any color vision can tell apart.

use plotters::style::RGBColor;
use plotters::style::colors::colormaps::{ColorMap as PlottersMap, ViridisRGB};

/// Okabe and Ito, Color Universal Design (2008), without yellow, which is too light for thin lines.
const CATEGORIES: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(0, 0, 0),
];

/// The color of the category `index`; repeats after seven.
#[must_use]
pub fn category(index: usize) -> RGBColor {
    CATEGORIES[index % CATEGORIES.len()]
}

/// The sequential color map at `fraction`, clamped to 0 to 1; its dark end for what is no number.
#[must_use]
pub fn sequential(fraction: f64) -> RGBColor {
    PlottersMap::get_color(&ViridisRGB, if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) })
}

/// Blue over grey to red at equal steps (Moreland, Diverging color maps for scientific visualization, 2009).
const DIVERGING: [[f64; 3]; 5] = [
    [59.0, 76.0, 192.0],
    [141.0, 176.0, 254.0],
    [221.0, 221.0, 221.0],
    [244.0, 154.0, 123.0],
    [180.0, 4.0, 38.0],
];

/// Which colors stand for numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorMap {
    /// From dark to light.
    Sequential,
    /// From blue over grey to red, for numbers on both sides of a middle.
    Diverging,
}

impl ColorMap {
    /// The color at `fraction`, clamped to 0 to 1; the lower end for what is no number.
    #[must_use]
    pub fn color(self, fraction: f64) -> RGBColor {
        match self {
            ColorMap::Sequential => sequential(fraction),
            ColorMap::Diverging => {
                let place = 4.0 * if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) };
                let below = (place as usize).min(3);
                let part = |k: usize| {
                    let (low, high) = (DIVERGING[below][k], DIVERGING[below + 1][k]);
                    (low + (place - below as f64) * (high - low)).round() as u8
                };
                RGBColor(part(0), part(1), part(2))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diverging_colors_are_grey_in_the_middle() {
        let color = |fraction: f64| ColorMap::Diverging.color(fraction);
        assert_eq!(color(0.5), RGBColor(221, 221, 221));
        assert_eq!(color(-1.0), RGBColor(59, 76, 192));
        assert_eq!(color(2.0), RGBColor(180, 4, 38));
        assert_eq!(color(f64::NAN), color(0.0));
    }
}
