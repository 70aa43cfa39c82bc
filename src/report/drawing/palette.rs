//! Colors that people with any color vision can tell apart.

use plotters::style::RGBColor;
use plotters::style::colors::colormaps::{ColorMap, ViridisRGB};

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
    ViridisRGB.get_color(if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) })
}
