//! The Lennard-Jones pair potential.

use super::PairwiseEmbedded;
use crate::foundation::{Error, Result};

/// phi(r) = 4 epsilon [(sigma/r)^12 - (sigma/r)^6] below the cutoff; shifted, it vanishes there. One kind of atom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LennardJones {
    epsilon: f64,
    sigma: f64,
    cutoff: f64,
    shift: f64,
}

impl LennardJones {
    /// Depth `epsilon` and diameter `sigma`, in any units; `cutoff` in those of sigma.
    ///
    /// # Errors
    /// `Error::Configuration` unless all three are positive and finite.
    pub fn new(epsilon: f64, sigma: f64, cutoff: f64, is_shifted: bool) -> Result<Self> {
        for (name, value) in [("epsilon", epsilon), ("sigma", sigma), ("cutoff", cutoff)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::Configuration(format!(
                    "the {name} of a Lennard-Jones potential is {value}: expected a positive number."
                )));
            }
        }
        let plain = LennardJones { epsilon, sigma, cutoff, shift: 0.0 };
        let shift = if is_shifted { plain.value_and_derivative(cutoff).0 } else { 0.0 };
        Ok(LennardJones { shift, ..plain })
    }

    /// phi(r) and dphi/dr, not cut off.
    #[must_use]
    pub fn value_and_derivative(&self, r: f64) -> (f64, f64) {
        let sixth = (self.sigma / r).powi(6);
        let value = 4.0 * self.epsilon * sixth * (sixth - 1.0) - self.shift;
        (value, -24.0 * self.epsilon * sixth * (2.0 * sixth - 1.0) / r)
    }
}

impl PairwiseEmbedded for LennardJones {
    fn cutoff(&self) -> f64 {
        self.cutoff
    }

    fn density(&self, _source: usize, _site: usize, _r: f64) -> (f64, f64) {
        (0.0, 0.0)
    }

    fn pair(&self, _a: usize, _b: usize, r: f64) -> (f64, f64) {
        self.value_and_derivative(r)
    }

    fn embedding(&self, _kind: usize, _density: f64) -> (f64, f64) {
        (0.0, 0.0)
    }

    fn highest_density(&self, _kind: usize) -> f64 {
        f64::INFINITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_is_at_the_sixth_root_of_two_and_the_shift_removes_the_step() {
        let plain = LennardJones::new(2.0, 1.5, 4.0, false).unwrap();
        let (value, derivative) = plain.value_and_derivative(1.5 * 2f64.powf(1.0 / 6.0));
        assert!((value + 2.0).abs() < 1e-14 && derivative.abs() < 1e-13);
        let shifted = LennardJones::new(2.0, 1.5, 4.0, true).unwrap();
        assert_eq!(shifted.value_and_derivative(4.0).0, 0.0);
        assert_eq!(shifted.value_and_derivative(1.7).1, plain.value_and_derivative(1.7).1);
        assert!(LennardJones::new(1.0, -1.0, 2.5, true).is_err());
        assert!(LennardJones::new(f64::NAN, 1.0, 2.5, true).is_err());
    }
}
