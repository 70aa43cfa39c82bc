//! The force loops of embedded-atom potentials, eight neighbors at a time.
//!
//! Every pair is visited from both sides, so that nothing is scattered: pass 1 sums the density at each atom and keeps
//! the neighbors within the cutoff, [`EmbeddedAtomKernel::embed`] turns densities into embedding energies, and pass 2
//! sums forces. Between them the engine carries the derivatives of the embedding energies to ghosts.
//!
//! Both sides of a pair compute the same bits: positions are such that differences are exact, and expressions are
//! symmetric in the two atoms. With [`Accumulation::Exact`] the forces of all atoms sum to zero to the last bit.

mod densities;
mod forces;
mod general;
mod near;
mod pack;
mod report;
mod sum;

pub use near::NearList;
pub use report::{Beyond, Extremes, Tally};

use super::EmbeddedAtom;
use crate::foundation::simd::{InstructionSet, dispatch_to};
use crate::system::neighbors::{NeighborList, Site};
use pack::Packed;
use std::ops::Range;
use sum::Units;

/// How sums over neighbors are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accumulation {
    /// Every term is rounded to a multiple of a power of two, 2^-40 eV/Angstrom for forces and 2^-40 eV for energies and
    /// virials: sums do not depend on the order of neighbors. Terms beyond 2047 such units of one overflow, which is
    /// reported.
    Exact,
    /// Floating-point sums in the order of the list.
    Fast,
}

/// Tables packed for the force loops.
#[derive(Debug, Clone)]
pub struct EmbeddedAtomKernel {
    potential: EmbeddedAtom,
    /// None if the tables of distances differ in their knots or there are more than eight kinds: then pairs are visited
    /// one by one.
    packed: Option<Packed>,
    units: Units,
}

impl EmbeddedAtomKernel {
    /// Packs the tables of a potential.
    #[must_use]
    pub fn new(potential: &EmbeddedAtom) -> Self {
        EmbeddedAtomKernel {
            potential: potential.clone(),
            packed: Packed::new(potential),
            units: Units::new(potential),
        }
    }

    /// Atoms see each other at distances below this one (Angstrom).
    #[must_use]
    pub fn cutoff(&self) -> f64 {
        self.potential.cutoff
    }

    /// Pass 1: densities at the owned atoms `range`, one each in `density`, and their neighbors within the cutoff in
    /// `near`, which pass 2 wants.
    ///
    /// # Panics
    /// If a list names a site there is not, an atom has a kind there is not, or `density` has another length.
    #[allow(clippy::too_many_arguments)]
    pub fn densities(
        &self,
        set: InstructionSet,
        accumulation: Accumulation,
        sites: &[Site],
        list: &NeighborList,
        range: Range<usize>,
        near: &mut NearList,
        density: &mut [f64],
    ) -> Extremes {
        assert_eq!(density.len(), range.len());
        near.begin(range.clone(), sites.len());
        let unit = self.units.density;
        let shortest = match (&self.packed, accumulation) {
            (Some(packed), Accumulation::Exact) => {
                let kernel = densities::Densities::<true> { packed, sites, list, range, near, density, unit };
                dispatch_to(set, kernel)
            }
            (Some(packed), Accumulation::Fast) => {
                let kernel =
                    densities::Densities::<false> { packed, sites, list, range, near, density, unit };
                dispatch_to(set, kernel)
            }
            (None, _) => self.general_densities(accumulation, sites, list, range, near, density),
        };
        near.density.copy_from_slice(density);
        let is_exact = accumulation == Accumulation::Exact;
        let is_crowded = near.count.iter().any(|&count| count as usize > sum::MOST_TERMS);
        let is_overflow = is_exact && (shortest < self.units.closest || is_crowded);
        Extremes { shortest, largest_term: 0.0, is_overflow: is_overflow || shortest == 0.0 }
    }

    /// Derivatives of the embedding energies, F'(rho), constant beyond the table, where F goes on along its tangent.
    /// `sites` are the atoms the densities belong to. The energies themselves are for pass 2, where they are asked for.
    ///
    /// # Panics
    /// If the lengths differ or an atom has a kind there is not.
    pub fn embed(&self, sites: &[Site], density: &[f64], derivative: &mut [f64]) -> Beyond {
        assert_eq!(sites.len(), density.len());
        assert_eq!(derivative.len(), density.len());
        let mut beyond = Beyond::default();
        for (k, (site, &rho)) in sites.iter().zip(density).enumerate() {
            let table = &self.potential.embedding[site.kind as usize];
            let (_, slope, is_beyond) = table.extrapolated(rho);
            derivative[k] = slope;
            if is_beyond {
                beyond.count += 1;
                beyond.largest = beyond.largest.max(rho);
            }
        }
        beyond
    }

    /// Pass 2: forces (eV/Angstrom) on the owned atoms `range`, one each in `force`. `near` is what pass 1 left for the
    /// same range and sites, `derivative` holds the derivatives of the embedding energies of all sites, ghosts too.
    /// With `tally`, also the energies and virials of these atoms.
    ///
    /// # Panics
    /// If `near` belongs to another range or to more sites, or a length differs.
    #[allow(clippy::too_many_arguments)]
    pub fn forces(
        &self,
        set: InstructionSet,
        accumulation: Accumulation,
        sites: &[Site],
        near: &NearList,
        derivative: &[f64],
        range: Range<usize>,
        force: &mut [[f64; 3]],
        tally: Option<&mut [Tally]>,
    ) -> Extremes {
        assert!(near.range == range && force.len() == range.len());
        assert!(sites.len() >= near.sites && derivative.len() >= near.sites);
        let is_tallied = tally.is_some();
        let tally = tally.unwrap_or_default();
        assert!(!is_tallied || tally.len() == range.len());
        let is_exact = accumulation == Accumulation::Exact;
        let start = range.start;
        let largest_term = match &self.packed {
            None => self.general_forces(accumulation, sites, near, derivative, force, tally),
            Some(packed) => {
                macro_rules! run {
                    ($exact:literal, $symmetric:literal, $tallied:literal) => {{
                        let tally = &mut *tally;
                        dispatch_to(
                            set,
                            forces::Forces::<$exact, $symmetric, $tallied> {
                                packed,
                                sites,
                                near,
                                derivative,
                                force,
                                tally,
                            },
                        )
                    }};
                }
                match (is_exact, packed.is_symmetric, is_tallied) {
                    (true, true, true) => run!(true, true, true),
                    (true, true, false) => run!(true, true, false),
                    (true, false, true) => run!(true, false, true),
                    (true, false, false) => run!(true, false, false),
                    (false, true, true) => run!(false, true, true),
                    (false, true, false) => run!(false, true, false),
                    (false, false, true) => run!(false, false, true),
                    (false, false, false) => run!(false, false, false),
                }
            }
        };
        for (k, atom) in tally.iter_mut().enumerate() {
            let table = &self.potential.embedding[sites[start + k].kind as usize];
            atom.energy += table.extrapolated(near.density[k]).0;
        }
        let is_overflow = is_exact && !sum::is_below(largest_term);
        Extremes { shortest: f64::INFINITY, largest_term, is_overflow }
    }
}
