//! An axis as plotters sees it: places, ticks and their labels.

use super::super::number::units;
use super::axis::{Axis, Scale};
use super::canvas::estimated_width;
use plotters::coord::ranged1d::{BoldPoints, KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use std::ops::Range;

/// The coordinate of an axis with its ticks; one type for all scales, chosen at run time.
pub struct Coordinate {
    axis: Axis,
    major: Vec<(f64, String)>,
    minor: Vec<f64>,
    /// The power of ten that all labels are to be multiplied with.
    power: i32,
}

impl Coordinate {
    /// Chooses ticks; `target` is how many labels fit.
    #[must_use]
    pub fn new(axis: &Axis, target: usize) -> Self {
        let mut coordinate =
            Coordinate { axis: axis.clone(), major: Vec::new(), minor: Vec::new(), power: 0 };
        let target = target.max(2);
        match axis.scale {
            Scale::Logarithmic if axis.high > 3.0 * axis.low => {
                coordinate.decades(axis.low.log10().floor() as i32, target);
            }
            Scale::Linear | Scale::Logarithmic => coordinate.linear(target),
            Scale::Symmetric(threshold) => {
                coordinate.decades(threshold.log10().round() as i32, target);
            }
        }
        coordinate.major.retain(|(value, _)| axis.has(*value));
        coordinate.minor.retain(|value| axis.has(*value));
        coordinate
    }

    /// Estimated width of the widest label.
    #[must_use]
    pub fn label_width(&self, pixels: f64) -> f64 {
        self.major.iter().map(|(_, label)| estimated_width(label, pixels)).fold(0.0, f64::max)
    }

    /// What is written along the axis.
    #[must_use]
    pub fn description(&self) -> String {
        match self.power {
            0 => self.axis.label.clone(),
            power => format!("{}  \u{d7}{}", self.axis.label, units(&format!("10^{power}"))),
        }
    }

    fn linear(&mut self, target: usize) {
        let (low, high) = (self.axis.low, self.axis.high);
        let largest = low.abs().max(high.abs());
        let magnitude = largest.log10().floor() as i32;
        self.power = if (-3..5).contains(&magnitude) { 0 } else { magnitude };
        let unit = 10f64.powi(self.power);
        // The search for ticks by plotters compares with an absolute rounding error, which fits numbers around 0.01, and
        // would not end on a range that is tiny beside its offset.
        let search_unit = 10f64.powi(magnitude + 2);
        let range = low / search_unit..high / search_unit;
        if !(range.end - range.start).is_normal() || high - low < 1e-10 * largest {
            return;
        }
        let found = RangedCoordf64::from(range).key_points(BoldPoints(target));
        let values: Vec<f64> = found.iter().map(|value| value * (search_unit / unit)).collect();
        let is_whole = |value: &f64| (value - value.round()).abs() < 1e-6;
        let fits =
            |digits: &usize| values.iter().all(|value| is_whole(&(value * 10f64.powi(*digits as i32))));
        let digits = (0..9).find(fits).unwrap_or(9);
        self.major = values.iter().map(|value| (value * unit, plain(*value, digits))).collect();
    }

    /// Powers of ten from `first` on, on both sides of zero; what has no place on the axis is sorted out later.
    fn decades(&mut self, first: i32, target: usize) {
        let (low, high) = (self.axis.low, self.axis.high);
        let last = low.abs().max(high.abs()).log10().floor() as i32;
        let sides = if low < 0.0 && high > 0.0 { 2 } else { 1 };
        let count = (last - first + 1) * sides;
        let every = (f64::from(count) / target as f64).ceil().max(1.0) as i32;
        let labeled: &[i32] = if 2 * count <= target as i32 { &[1, 2, 5] } else { &[1] };
        self.major.push((0.0, "0".into()));
        for exponent in first..=last {
            for digit in 1..10 {
                let value = f64::from(digit) * 10f64.powi(exponent);
                // Counted from the top: the largest decade is the one to be read.
                if labeled.contains(&digit) && (last - exponent) % every == 0 {
                    let label = scientific(digit, exponent);
                    self.major.push((-value, format!("\u{2212}{label}")));
                    self.major.push((value, label));
                } else if every == 1 || digit == 1 {
                    self.minor.extend([-value, value]);
                }
            }
        }
    }
}

/// A number with a fixed count of digits and a proper minus sign.
fn plain(value: f64, digits: usize) -> String {
    let unit = 10f64.powi(digits as i32);
    // Adding zero takes the sign from a negative zero.
    format!("{:.digits$}", (value * unit).round() / unit + 0.0).replace('-', "\u{2212}")
}

/// A digit times a power of ten, written out where that is short.
fn scientific(digit: i32, exponent: i32) -> String {
    match (digit, exponent) {
        (_, -3..=3) => {
            plain(f64::from(digit) * 10f64.powi(exponent), usize::try_from(-exponent).unwrap_or(0))
        }
        (1, _) => units(&format!("10^{exponent}")),
        _ => format!("{digit}\u{d7}{}", units(&format!("10^{exponent}"))),
    }
}

impl Ranged for Coordinate {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        limit.0 + (f64::from(limit.1 - limit.0) * self.axis.position(*value).clamp(0.0, 1.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return self.minor.clone();
        }
        self.major.iter().map(|(value, _)| *value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.axis.low..self.axis.high
    }
}

impl ValueFormatter<f64> for Coordinate {
    fn format_ext(&self, value: &f64) -> String {
        self.major.iter().find(|(tick, _)| tick == value).map(|(_, label)| label.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, low: f64, high: f64) -> Vec<String> {
        let coordinate = Coordinate::new(&Axis::new("", scale, low, high), 6);
        coordinate.major.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn linear_labels_are_round_numbers() {
        let expected = ["\u{2212}0.4", "\u{2212}0.2", "0.0", "0.2", "0.4"];
        assert_eq!(labels(Scale::Linear, -0.52, 0.51), expected);
        let expected = ["\u{2212}2.4", "\u{2212}2.3", "\u{2212}2.2", "\u{2212}2.1"];
        assert_eq!(labels(Scale::Linear, -2.48, -2.002), expected);
        assert_eq!(
            Coordinate::new(&Axis::new("x", Scale::Linear, 0.0, 3e6), 6).description(),
            "x  \u{d7}10\u{2076}"
        );
    }

    #[test]
    fn logarithmic_labels_follow_the_range() {
        assert_eq!(labels(Scale::Logarithmic, 0.08, 2.0), ["0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(labels(Scale::Logarithmic, 290.0, 340.0), ["290", "300", "310", "320", "330", "340"]);
        assert_eq!(labels(Scale::Logarithmic, 2e5, 1e7)[1], "5\u{d7}10\u{2075}");
    }

    #[test]
    fn degenerate_ranges_end() {
        for low in [1.0, 1e-300, 1e300, -1e-20] {
            let _ = labels(Scale::Linear, low, low + low.abs() * f64::EPSILON);
            let _ = labels(Scale::Linear, low, low + low.abs() * 1e-9);
        }
        let _ = labels(Scale::Linear, -f64::MAX, f64::MAX);
        let _ = labels(Scale::Linear, 0.0, f64::from_bits(1));
    }
}
