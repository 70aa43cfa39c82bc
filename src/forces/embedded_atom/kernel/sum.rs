//! Sums over neighbors, exact or fast.

use crate::forces::PairwiseEmbedded;
use crate::forces::embedded_atom::EmbeddedAtom;
use crate::foundation::fixed_point::UnitSum;
use crate::foundation::simd::Lanes;

/// Units of one eV and of one eV/Angstrom in exact sums.
pub(super) const PER_ONE: f64 = (1u64 << 40) as f64;
/// Terms must be below this number (2^51 units are 2048).
const LARGEST_TERM: f64 = 2047.0;
/// So many terms of 2^51 units fit.
pub(super) const MOST_TERMS: usize = 4095;

/// Whether a term fits; not a number does not.
pub(super) fn is_below(term: f64) -> bool {
    term < LARGEST_TERM
}

/// Units of exact sums that depend on the potential.
#[derive(Debug, Clone, Copy)]
pub(super) struct Units {
    /// Units of a density of one, a power of two.
    pub density: f64,
    /// At shorter distances (Angstrom) densities may not fit.
    pub closest: f64,
}

impl Units {
    /// The finest unit in which the densities of all pairs fit whose own force does.
    pub fn new(potential: &EmbeddedAtom) -> Self {
        let n = potential.elements.len();
        let hard = |a: usize, b: usize| -> f64 {
            let table = &potential.pair[a * n + b];
            let knots = (1..table.knots()).rev().map(|k| k as f64 * table.spacing());
            let is_hard = |r: &f64| {
                let (energy, slope) = potential.pair(a, b, *r);
                !is_below(energy.abs().max(slope.abs() * r.max(1.0)))
            };
            knots.into_iter().find(is_hard).unwrap_or(0.0)
        };
        let closest = (0..n * n).map(|pair| hard(pair / n, pair % n)).fold(f64::INFINITY, f64::min);
        let mut bound = f64::MIN_POSITIVE;
        for table in &potential.density {
            // One knot more on the near side, and the curve between two knots rises little above them.
            let first = (closest * table.inverse_spacing) as usize;
            let largest = table.values().skip(first).fold(0.0, |most: f64, value| most.max(value.abs()));
            bound = bound.max(2.0 * largest);
        }
        let exponent = 51.0 - bound.log2().ceil();
        Units { density: 2f64.powi(exponent.clamp(-500.0, 500.0) as i32), closest }
    }
}

/// A sum under construction, lane by lane.
#[derive(Clone, Copy)]
pub(super) struct Sum<L: Lanes, const EXACT: bool> {
    number: L::Float,
    units: UnitSum<L>,
}

impl<L: Lanes, const EXACT: bool> Sum<L, EXACT> {
    #[inline(always)]
    pub fn zero() -> Self {
        Sum { number: L::splat(0.0), units: UnitSum::default() }
    }

    /// Adds a b; for an exact sum, in units.
    #[inline(always)]
    pub fn add_product(&mut self, a: L::Float, b: L::Float) {
        if EXACT {
            self.units.add(a, b);
        } else {
            self.number = L::mul_add(a, b, self.number);
        }
    }

    /// The sum over all lanes, divided by the unit.
    #[inline(always)]
    pub fn total(self, per_one: f64) -> f64 {
        if EXACT { self.units.total() as f64 * (1.0 / per_one) } else { L::sum(self.number) }
    }
}
