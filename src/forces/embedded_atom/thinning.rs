//! Tables with fewer knots: faster, and how far from the file's.

use super::EmbeddedAtom;
use super::table::Table;
use crate::forces::PairwiseEmbedded;
use crate::foundation::Result;
use std::collections::HashMap;

/// Distances at which the pair energy exceeds this (eV) do not occur in condensed matter, and are not compared.
pub const HIGHEST_PAIR_ENERGY: f64 = 5.0;
/// Points of comparison in each interval of the original table.
const POINTS: usize = 4;

/// The largest changes at all distances between the one where the pair energy is 5 eV and the cutoff.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Change {
    /// Of densities, in their own units.
    pub density: f64,
    /// Of their derivatives, per Angstrom.
    pub density_slope: f64,
    /// Of pair energies (eV).
    pub pair: f64,
    /// Of their derivatives (eV/Angstrom).
    pub pair_slope: f64,
    /// Distance at which the derivative of the pair energy changes most (Angstrom).
    pub distance: f64,
}

impl EmbeddedAtom {
    /// The same potential with at least `knots` knots for the functions of the distance, and what that changed.
    ///
    /// Every s-th knot is kept, s the largest that leaves so many: kinks between pieces of a function usually are at
    /// knots, and would be smeared out between others. The embedding energies keep their knots: they are looked up
    /// once per atom, and their root at low densities needs them.
    ///
    /// # Errors
    /// `Error::Configuration` for fewer than five knots.
    pub fn thinned(&self, knots: usize) -> Result<(EmbeddedAtom, Change)> {
        // Tables that were shared stay shared.
        let mut done: HashMap<*const [f64; 4], Table> = HashMap::new();
        let mut thinned = self.clone();
        for table in thinned.density.iter_mut().chain(&mut thinned.pair) {
            let key = table.coefficients.as_ptr();
            let new = match done.get(&key) {
                Some(new) => new.clone(),
                None => table.every(table.knots() / knots.max(1))?,
            };
            done.insert(key, new.clone());
            *table = new;
        }
        let change = self.change(&thinned);
        Ok((thinned, change))
    }

    /// Largest differences from another potential of the same elements.
    fn change(&self, other: &EmbeddedAtom) -> Change {
        let n = self.elements.len();
        let mut change = Change::default();
        for a in 0..n {
            for b in 0..n {
                let table = &self.pair[a * n + b];
                let step = table.spacing() / POINTS as f64;
                let last = (self.cutoff.min(table.end()) / step) as usize;
                for r in (1..=last).rev().map(|k| k as f64 * step) {
                    let pair = self.pair(a, b, r);
                    if pair.0 > HIGHEST_PAIR_ENERGY {
                        break;
                    }
                    let other_pair = other.pair(a, b, r);
                    let (density, other_density) = (self.density(a, b, r), other.density(a, b, r));
                    change.pair = change.pair.max((pair.0 - other_pair.0).abs());
                    let slope = (pair.1 - other_pair.1).abs();
                    if slope > change.pair_slope {
                        (change.pair_slope, change.distance) = (slope, r);
                    }
                    change.density = change.density.max((density.0 - other_density.0).abs());
                    change.density_slope = change.density_slope.max((density.1 - other_density.1).abs());
                }
            }
        }
        change
    }
}
