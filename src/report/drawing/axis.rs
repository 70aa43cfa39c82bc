//! The map from numbers to places on an axis.

/// How numbers are spread over an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// In proportion.
    Linear,
    /// In proportion to the logarithm; only positive numbers have a place.
    Logarithmic,
    /// asinh(x / threshold): linear around zero, logarithmic on both sides.
    Symmetric(f64),
}

impl Scale {
    /// A scale on which the values can all be read: logarithmic from a ratio of 30 on, symmetric if signs differ.
    #[must_use]
    pub fn fitting(values: &[f64]) -> Self {
        let mut sizes: Vec<f64> =
            values.iter().filter(|v| v.is_finite() && **v != 0.0).map(|v| v.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let (Some(&smallest), Some(&largest)) = (sizes.first(), sizes.last()) else {
            return Scale::Linear;
        };
        if values.iter().all(|v| !v.is_finite() || *v > 0.0) {
            return if largest > 30.0 * smallest { Scale::Logarithmic } else { Scale::Linear };
        }
        let typical = sizes[sizes.len() / 4];
        if largest > 300.0 * typical {
            // Five decades on a side are as many as can be labeled.
            let exponent = typical.log10().ceil().max(largest.log10().ceil() - 5.0);
            return Scale::Symmetric(10f64.powf(exponent));
        }
        Scale::Linear
    }

    /// Logarithmic if the positive values span more than `ratio`, else linear.
    #[must_use]
    pub fn logarithmic_beyond(ratio: f64, values: &[f64]) -> Self {
        let low = values.iter().copied().filter(|v| v.is_finite()).fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
        if low > 0.0 && high > ratio * low { Scale::Logarithmic } else { Scale::Linear }
    }

    fn forward(self, value: f64) -> f64 {
        match self {
            Scale::Linear => value,
            Scale::Logarithmic => value.log10(),
            Scale::Symmetric(threshold) => (value / threshold).asinh(),
        }
    }

    fn backward(self, place: f64) -> f64 {
        match self {
            Scale::Linear => place,
            Scale::Logarithmic => 10f64.powf(place),
            Scale::Symmetric(threshold) => place.sinh() * threshold,
        }
    }
}

/// An axis: its label, its scale and its range.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What is written along it, units included.
    pub label: String,
    /// The scale.
    pub scale: Scale,
    /// Lower end of the range.
    pub low: f64,
    /// Upper end of the range.
    pub high: f64,
}

impl Axis {
    /// An axis with the range given.
    #[must_use]
    pub fn new(label: impl Into<String>, scale: Scale, low: f64, high: f64) -> Self {
        Axis { label: label.into(), scale, low, high }
    }

    /// An axis over all values that have a place on it, with `margin` of its length free at both ends.
    #[must_use]
    pub fn fit(label: impl Into<String>, scale: Scale, values: &[f64], margin: f64) -> Self {
        let places = values.iter().map(|v| scale.forward(*v)).filter(|place| place.is_finite());
        let (mut low, mut high) =
            places.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), p| (l.min(p), h.max(p)));
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        // A constant would otherwise be drawn on a range of rounding errors.
        let smallest = 1e-9 * low.abs().max(high.abs());
        if high - low <= smallest {
            let half = if low == 0.0 { 0.5 } else { 0.1 * low.abs() };
            (low, high) = (low - half, high + half);
        }
        let extra = margin * (high - low);
        let (low, high) = (scale.backward(low - extra), scale.backward(high + extra));
        if low.is_finite() && high.is_finite() && low < high {
            return Axis::new(label, scale, low, high);
        }
        // Numbers at the end of the range of f64 cannot be spread over an axis; the empty axis is still drawn.
        Axis::new(label, Scale::Linear, 0.0, 1.0)
    }

    /// Where a value lies: 0 at the lower end, 1 at the upper end, not finite if it has no place.
    #[must_use]
    pub fn position(&self, value: f64) -> f64 {
        let (low, high) = (self.scale.forward(self.low), self.scale.forward(self.high));
        (self.scale.forward(value) - low) / (high - low)
    }

    /// Whether a value has a place within the range; its ends may be missed by a rounding error.
    #[must_use]
    pub fn has(&self, value: f64) -> bool {
        (-1e-6..=1.0 + 1e-6).contains(&self.position(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_not_numbers_do_not_count() {
        let axis = Axis::fit("x", Scale::Linear, &[f64::NAN, 1.0, f64::INFINITY, 3.0], 0.0);
        assert_eq!((axis.low, axis.high), (1.0, 3.0));
        let axis = Axis::fit("x", Scale::Logarithmic, &[0.0, -1.0, 10.0, 1000.0], 0.0);
        assert!((axis.position(100.0) - 0.5).abs() < 1e-12);
        assert!(!axis.position(-1.0).is_finite());
        let empty = Axis::fit("x", Scale::Linear, &[], 0.1);
        assert!(empty.low < empty.high);
    }

    #[test]
    fn scale_follows_the_data() {
        assert_eq!(Scale::fitting(&[1.0, 2.0]), Scale::Linear);
        assert_eq!(Scale::fitting(&[1.0, 200.0]), Scale::Logarithmic);
        assert!(matches!(Scale::fitting(&[0.1, -0.2, -0.1, -5000.0]), Scale::Symmetric(_)));
    }
}
