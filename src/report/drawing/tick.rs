//! Where the ticks of an axis are and what is written beside them.

use super::axis::{Axis, Scale};
use super::text::estimated_width;

/// What is written at a tick: a number, or ten to a power.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TickLabel {
    text: String,
    exponent: Option<i32>,
}

impl TickLabel {
    /// A label without an exponent.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        TickLabel { text: text.into(), exponent: None }
    }

    fn power(sign: &str, exponent: i32) -> Self {
        match exponent {
            -2..=3 => {
                let value = 10f64.powi(exponent);
                TickLabel::plain(format!("{sign}{value}"))
            }
            _ => TickLabel { text: format!("{sign}10"), exponent: Some(exponent) },
        }
    }

    /// The label as SVG markup.
    #[must_use]
    pub fn markup(&self) -> String {
        let text = super::escape(&self.text);
        match self.exponent {
            Some(exponent) => format!(
                r#"{text}<tspan dy="-5" font-size="9.5">{}</tspan>"#,
                exponent.to_string().replace('-', "\u{2212}")
            ),
            None => text,
        }
    }

    /// Estimated width at a font size.
    #[must_use]
    pub fn width(&self, size: f64) -> f64 {
        let exponent = self.exponent.map(|e| e.to_string()).unwrap_or_default();
        estimated_width(&self.text, size) + estimated_width(&exponent, 9.5)
    }
}

/// The ticks of an axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ticks {
    /// Values with labels.
    pub major: Vec<(f64, TickLabel)>,
    /// Values with a short tick only.
    pub minor: Vec<f64>,
    /// The power of ten that all labels are to be multiplied with.
    pub factor: Option<i32>,
}

impl Ticks {
    /// Chooses ticks; `target` is how many labels fit.
    #[must_use]
    pub fn of(axis: &Axis, target: usize) -> Self {
        let mut ticks = match axis.scale {
            Scale::Linear => linear(axis.low, axis.high, target),
            Scale::Logarithmic => logarithmic(axis.low, axis.high, target),
            Scale::Symmetric(threshold) => symmetric(axis.low, axis.high, threshold, target),
        };
        let (low, high) = (axis.position(axis.low) - 1e-9, axis.position(axis.high) + 1e-9);
        let inside = |value: f64| (low..=high).contains(&axis.position(value));
        ticks.major.retain(|(value, _)| inside(*value));
        ticks.minor.retain(|value| inside(*value));
        ticks
    }
}

fn linear(low: f64, high: f64, target: usize) -> Ticks {
    let rough = (high - low) / target.max(1) as f64;
    if !rough.is_finite() || rough <= f64::MIN_POSITIVE * 1e9 {
        return Ticks::default();
    }
    let decade = 10f64.powf(rough.log10().floor());
    let (step, parts) = [(1.0, 5), (2.0, 4), (5.0, 5), (10.0, 5)]
        .into_iter()
        .map(|(factor, parts)| (factor * decade, parts))
        .find(|(step, _)| *step >= rough * 0.8)
        .unwrap_or((10.0 * decade, 5));
    let largest = low.abs().max(high.abs());
    let magnitude = largest.log10().floor() as i32;
    let factor = (!(-3..5).contains(&magnitude)).then_some(magnitude);
    let unit = 10f64.powi(factor.unwrap_or(0));
    let decimals = (-(step / unit * 1.000_1).log10().floor()).clamp(0.0, 12.0) as usize;
    let first = (low / step).floor() as i64;
    let last = (high / step).ceil() as i64;
    // A range that is tiny beside its offset would otherwise ask for more ticks than integers.
    if !(0..1000).contains(&last.saturating_sub(first)) {
        return Ticks::default();
    }
    let minor_step = step / f64::from(parts);
    let mut ticks = Ticks { factor, ..Ticks::default() };
    for index in first..=last {
        let value = index as f64 * step;
        let text = format!("{:.decimals$}", value / unit);
        let is_zero = text.trim_matches(['-', '0', '.']).is_empty();
        let text = if is_zero { text.replace('-', "") } else { text.replace('-', "\u{2212}") };
        ticks.major.push((value, TickLabel::plain(text)));
        ticks.minor.extend((1..parts).map(|k| value + f64::from(k) * minor_step));
    }
    ticks
}

fn logarithmic(low: f64, high: f64, target: usize) -> Ticks {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let decades = (high / low).log10();
    let every = ((decades / target.max(1) as f64).ceil() as i32).max(1);
    let labels: &[u8] = if decades < 0.9 {
        &[1, 2, 3, 4, 5, 6, 8]
    } else if decades < 1.0 + target as f64 / 5.0 {
        &[1, 2, 5]
    } else {
        &[1]
    };
    let mut ticks = Ticks::default();
    for exponent in first..=last {
        for digit in 1..10u8 {
            let value = f64::from(digit) * 10f64.powi(exponent);
            if digit == 1 && exponent.rem_euclid(every) == 0 {
                ticks.major.push((value, TickLabel::power("", exponent)));
            } else if labels.contains(&digit) && (-3..4).contains(&exponent) && digit != 1 {
                let decimals = (-exponent).max(0) as usize;
                ticks.major.push((value, TickLabel::plain(format!("{value:.decimals$}"))));
            } else if every == 1 || digit == 1 {
                ticks.minor.push(value);
            }
        }
    }
    ticks
}

fn symmetric(low: f64, high: f64, threshold: f64, target: usize) -> Ticks {
    let first = threshold.log10().round() as i32;
    let last = low.abs().max(high.abs()).log10().floor() as i32;
    let sides = if low < 0.0 && high > 0.0 { 2 } else { 1 };
    let every = (((last - first + 1) * sides) as f64 / target.max(1) as f64).ceil().max(1.0) as i32;
    let mut ticks = Ticks::default();
    ticks.major.push((0.0, TickLabel::plain("0")));
    for exponent in first..=last {
        let value = 10f64.powi(exponent);
        // Counted from the top: the largest decade is the one to be read.
        if (last - exponent) % every == 0 {
            ticks.major.push((value, TickLabel::power("", exponent)));
            ticks.major.push((-value, TickLabel::power("\u{2212}", exponent)));
        }
        for digit in 2..10u8 {
            let value = f64::from(digit) * value;
            ticks.minor.extend([value, -value]);
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        Ticks::of(axis, 6).major.into_iter().map(|(_, label)| label.markup()).collect()
    }

    #[test]
    fn linear_labels_are_round_numbers() {
        let axis = Axis { label: String::new(), scale: Scale::Linear, low: -0.52, high: 0.51 };
        assert_eq!(labels(&axis), ["\u{2212}0.4", "\u{2212}0.2", "0.0", "0.2", "0.4"]);
        let axis = Axis { label: String::new(), scale: Scale::Linear, low: 0.0, high: 3e6 };
        assert_eq!(Ticks::of(&axis, 6).factor, Some(6));
    }

    #[test]
    fn a_ladder_of_temperatures_has_readable_labels() {
        let axis = Axis { label: String::new(), scale: Scale::Logarithmic, low: 0.08, high: 2.0 };
        assert_eq!(labels(&axis), ["0.1", "0.2", "0.5", "1", "2"]);
    }

    #[test]
    fn degenerate_ranges_end() {
        let axis = Axis { label: String::new(), scale: Scale::Linear, low: 1.0, high: 1.0 + f64::EPSILON };
        let _ = Ticks::of(&axis, 6);
    }
}
