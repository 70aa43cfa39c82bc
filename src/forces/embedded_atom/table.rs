//! Tabulated functions: a cubic polynomial on each of many equal intervals.

use crate::foundation::{Error, Result};
use std::sync::Arc;

/// Fewest knots for which the slopes of [`Table::new`] are defined.
pub const FEWEST_KNOTS: usize = 5;

/// A function given at the knots x_k = k h, k = 0 ... n-1, and interpolated by piecewise cubic Hermite polynomials with
/// the slopes LAMMPS takes (pair style eam), so that energies agree with it to rounding.
///
/// In units of the spacing, the slopes d_k are differences of fourth order,
/// d_k = [f_(k-2) - f_(k+2) + 8 (f_(k+1) - f_(k-1))] / 12, of second order at the second knot from either end, and of
/// first order at the ends. The first derivative is continuous, the second is not.
///
/// Copies share their coefficients.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Distance h of the knots.
    pub(crate) spacing: f64,
    /// 1/h, by which arguments are multiplied.
    pub(crate) inverse_spacing: f64,
    /// For each knot k the polynomial of p = x/h - k in [0, 1], constant first:
    /// f = c0 + (c1 + (c2 + c3 p) p) p and h f' = c1 + (2 c2 + 3 c3 p) p.
    /// c0 is the value at the knot; the last row holds the value and slope at the last knot, and zeros.
    pub(crate) coefficients: Arc<[[f64; 4]]>,
}

impl Table {
    /// From the values at the knots.
    ///
    /// # Errors
    /// `Error::Configuration` for fewer than five knots, a spacing that is not positive, or values that are not finite
    /// or so large that their differences are not.
    pub fn new(spacing: f64, values: &[f64]) -> Result<Self> {
        let n = values.len();
        let refuse = |what: String| Err(Error::Configuration(format!("a table of a potential has {what}")));
        if n < FEWEST_KNOTS {
            return refuse(format!("{n} values: expected at least {FEWEST_KNOTS}."));
        }
        if !(spacing > 0.0 && (1.0 / spacing).is_finite() && (n as f64 * spacing).is_finite()) {
            return refuse(format!("the spacing {spacing:e}: expected a positive number."));
        }
        // Sums of a few such values still are numbers.
        let is_usable = |value: &f64| value.abs() < f64::MAX / 64.0;
        if let Some(k) = values.iter().position(|value| !is_usable(value)) {
            return refuse(format!("{} as its value number {}: expected a finite number.", values[k], k + 1));
        }
        let slope = |k: usize| -> f64 {
            if k == 0 {
                values[1] - values[0]
            } else if k == 1 {
                0.5 * (values[2] - values[0])
            } else if k == n - 2 {
                0.5 * (values[n - 1] - values[n - 3])
            } else if k == n - 1 {
                values[n - 1] - values[n - 2]
            } else {
                ((values[k - 2] - values[k + 2]) + 8.0 * (values[k + 1] - values[k - 1])) / 12.0
            }
        };
        let row = |k: usize| -> [f64; 4] {
            if k == n - 1 {
                return [values[k], slope(k), 0.0, 0.0];
            }
            let rise = values[k + 1] - values[k];
            let (left, right) = (slope(k), slope(k + 1));
            [values[k], left, 3.0 * rise - 2.0 * left - right, left + right - 2.0 * rise]
        };
        Ok(Table { spacing, inverse_spacing: 1.0 / spacing, coefficients: (0..n).map(row).collect() })
    }

    /// Distance of the knots.
    #[must_use]
    pub fn spacing(&self) -> f64 {
        self.spacing
    }

    /// Number of knots.
    #[must_use]
    pub fn knots(&self) -> usize {
        self.coefficients.len()
    }

    /// Values at the knots, exactly those the table was made from.
    pub fn values(&self) -> impl ExactSizeIterator<Item = f64> + DoubleEndedIterator + Clone + '_ {
        self.coefficients.iter().map(|row| row[0])
    }

    /// Argument of the last knot.
    #[must_use]
    pub fn end(&self) -> f64 {
        (self.knots() - 1) as f64 * self.spacing
    }

    /// Interval of x and the place p in it. Below zero the first interval goes on with p < 0; beyond the last knot p
    /// stays 1. Not-a-number stays one.
    fn locate(&self, x: f64) -> (&[f64; 4], f64) {
        let place = x * self.inverse_spacing;
        let k = (place as usize).min(self.knots() - 2);
        let p = place - k as f64;
        (&self.coefficients[k], if p > 1.0 { 1.0 } else { p })
    }

    /// Value at x. Beyond the last knot that of the last knot.
    #[must_use]
    pub fn value(&self, x: f64) -> f64 {
        let (c, p) = self.locate(x);
        ((c[3] * p + c[2]) * p + c[1]) * p + c[0]
    }

    /// Value and derivative at x. Beyond the last knot both are those of the last knot, as in LAMMPS.
    #[must_use]
    pub fn value_and_derivative(&self, x: f64) -> (f64, f64) {
        let (c, p) = self.locate(x);
        let value = ((c[3] * p + c[2]) * p + c[1]) * p + c[0];
        (value, ((3.0 * c[3] * p + 2.0 * c[2]) * p + c[1]) * self.inverse_spacing)
    }

    /// Value and derivative at x, continued beyond the last knot by the tangent there, and whether x lies beyond it.
    #[must_use]
    pub fn extrapolated(&self, x: f64) -> (f64, f64, bool) {
        let (value, derivative) = self.value_and_derivative(x);
        let beyond = x - self.end();
        if beyond > 0.0 {
            (value + derivative * beyond, derivative, true)
        } else {
            (value, derivative, false)
        }
    }

    /// The table of every `stride`-th knot, up to the first at or beyond the last.
    ///
    /// # Errors
    /// `Error::Configuration` if fewer than five knots remain.
    pub fn every(&self, stride: usize) -> Result<Self> {
        let stride = stride.max(1);
        let last = self.knots() - 1;
        let values: Vec<f64> =
            (0..=last.div_ceil(stride)).map(|k| self.coefficients[(k * stride).min(last)][0]).collect();
        Table::new(stride as f64 * self.spacing, &values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The interpolation written another way: values of Hermite's basis polynomials.
    fn hermite(values: &[f64], spacing: f64, x: f64) -> f64 {
        let n = values.len();
        let k = ((x / spacing) as usize).min(n - 2);
        let slope = |k: usize| match k {
            0 => values[1] - values[0],
            k if k == n - 1 => values[n - 1] - values[n - 2],
            k if k == 1 || k == n - 2 => (values[k + 1] - values[k - 1]) / 2.0,
            k => (values[k - 2] - 8.0 * values[k - 1] + 8.0 * values[k + 1] - values[k + 2]) / 12.0,
        };
        let p = x / spacing - k as f64;
        let q = 1.0 - p;
        q * q * (1.0 + 2.0 * p) * values[k] + p * p * (1.0 + 2.0 * q) * values[k + 1] + p * q * q * slope(k)
            - p * p * q * slope(k + 1)
    }

    fn wavy(n: usize, spacing: f64) -> Vec<f64> {
        (0..n).map(|k| (k as f64 * spacing * 3.0).sin() + 0.2 * k as f64 * spacing).collect()
    }

    #[test]
    fn it_is_hermite_interpolation_with_these_slopes() {
        let values = wavy(12, 0.25);
        let table = Table::new(0.25, &values).unwrap();
        for step in 0..=1100 {
            let x = f64::from(step) * 0.0025;
            let expected = hermite(&values, 0.25, x);
            assert!((table.value(x) - expected).abs() < 1e-13, "{x}");
            let (value, derivative) = table.value_and_derivative(x);
            assert_eq!(value, table.value(x));
            let difference = (table.value(x + 1e-6) - table.value(x - 1e-6)) / 2e-6;
            assert!(x > 2.7499 || (derivative - difference).abs() < 1e-4, "{x}: {derivative} {difference}");
        }
        assert!(table.values().eq(values.iter().copied()));
    }

    #[test]
    fn polynomials_of_third_order_are_exact_inside() {
        let cubic = |x: f64| 1.0 + 2.0 * x - 3.0 * x * x + 0.5 * x * x * x;
        let values: Vec<f64> = (0..20).map(|k| cubic(f64::from(k) * 0.1)).collect();
        let table = Table::new(0.1, &values).unwrap();
        for x in [0.2, 0.234, 0.5, 1.0, 1.61, 1.699] {
            let (value, derivative) = table.value_and_derivative(x);
            assert!((value - cubic(x)).abs() < 1e-13);
            assert!((derivative - (2.0 - 6.0 * x + 1.5 * x * x)).abs() < 1e-12);
        }
    }

    #[test]
    fn the_ends_continue_as_documented() {
        let table = Table::new(0.5, &wavy(9, 0.5)).unwrap();
        let (last, slope) = table.value_and_derivative(table.end());
        assert_eq!(table.value_and_derivative(17.0), (last, slope));
        let (value, derivative, beyond) = table.extrapolated(table.end() + 2.0);
        assert!((value - (last + 2.0 * slope)).abs() < 1e-14 && derivative == slope && beyond);
        assert!(!table.extrapolated(table.end()).2);
        let [c0, c1, c2, c3] = table.coefficients[0];
        let p = -0.3;
        assert!((table.value(-0.15) - (c0 + c1 * p + c2 * p * p + c3 * p * p * p)).abs() < 1e-15);
        assert!(table.value(f64::NAN).is_nan());
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert!(Table::new(0.1, &[1.0; 4]).is_err());
        assert!(Table::new(0.0, &[1.0; 9]).is_err());
        assert!(Table::new(f64::NAN, &[1.0; 9]).is_err());
        assert!(Table::new(1e-320, &[1.0; 9]).is_err());
        assert!(Table::new(0.1, &[1.0, 2.0, f64::INFINITY, 1.0, 1.0, 1.0]).is_err());
        let nine = Table::new(0.1, &wavy(9, 0.1)).unwrap();
        let thin = nine.every(2).unwrap();
        assert!(thin.values().eq(nine.values().step_by(2)) && thin.spacing() == 0.2);
        assert!(nine.every(0).unwrap() == nine && nine.every(3).is_err());
    }
}
