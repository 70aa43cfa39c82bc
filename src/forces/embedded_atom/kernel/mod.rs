//! The force loops, one pair at a time.

use super::EmbeddedAtom;
use crate::forces::PairwiseEmbedded;
use crate::foundation::simd::InstructionSet;
use crate::system::neighbors::{NeighborList, Site};
use std::ops::Range;

/// How sums over neighbors are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accumulation {
    /// Fixed point.
    Exact,
    /// As it comes.
    Fast,
}

/// Energy and virial.
#[derive(Debug, Clone, Copy, Default, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Tally {
    /// eV
    pub energy: f64,
    /// xx yy zz yz xz xy, eV
    pub virial: [f64; 6],
}

/// Neighbors within the cutoff.
#[derive(Debug, Clone, Default)]
pub struct NearList {
    first: Vec<u32>,
    index: Vec<u32>,
}

/// Densities beyond the table.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beyond {
    /// How many.
    pub count: usize,
    /// The largest.
    pub largest: f64,
}

/// Tables.
pub struct EmbeddedAtomKernel {
    potential: EmbeddedAtom,
}

const SCALE: f64 = 1_099_511_627_776.0;

fn fixed(x: f64, fine: &mut bool) -> i64 {
    let units = (x * SCALE).round_ties_even();
    *fine &= units.abs() < 9e17;
    units as i64
}

impl EmbeddedAtomKernel {
    /// Packs.
    pub fn new(potential: &EmbeddedAtom) -> Self {
        EmbeddedAtomKernel { potential: potential.clone() }
    }

    /// Cutoff.
    pub fn cutoff(&self) -> f64 {
        self.potential.cutoff
    }

    fn near(&self, a: &Site, b: &Site) -> Option<([f64; 3], f64)> {
        let d: [f64; 3] = std::array::from_fn(|k| a.position[k] - b.position[k]);
        let square = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
        (square < self.potential.cutoff * self.potential.cutoff).then(|| (d, square.sqrt()))
    }

    /// Pass 1.
    pub fn densities(
        &self,
        _set: InstructionSet,
        _accumulation: Accumulation,
        sites: &[Site],
        list: &NeighborList,
        range: Range<usize>,
        near: &mut NearList,
        density: &mut [f64],
    ) -> bool {
        let mut fine = true;
        near.first.clear();
        near.index.clear();
        near.first.push(0);
        for (atom, density) in range.zip(density) {
            let mut sum = 0i64;
            for &other in list.of(atom) {
                let (a, b) = (&sites[atom], &sites[other as usize]);
                if let Some((_, r)) = self.near(a, b) {
                    near.index.push(other);
                    sum += fixed(self.potential.density(b.kind as usize, a.kind as usize, r).0, &mut fine);
                }
            }
            near.first.push(near.index.len() as u32);
            *density = sum as f64 / SCALE;
        }
        fine
    }

    /// Embedding.
    pub fn embed(
        &self,
        sites: &[Site],
        density: &[f64],
        energy: &mut [f64],
        derivative: &mut [f64],
    ) -> Beyond {
        let mut beyond = Beyond::default();
        for i in 0..sites.len() {
            let (value, slope, is_beyond) =
                self.potential.embedding[sites[i].kind as usize].extrapolated(density[i]);
            (energy[i], derivative[i]) = (value, slope);
            if is_beyond {
                beyond.count += 1;
                beyond.largest = beyond.largest.max(density[i]);
            }
        }
        beyond
    }

    /// Pass 2.
    pub fn forces(
        &self,
        _set: InstructionSet,
        _accumulation: Accumulation,
        sites: &[Site],
        near: &NearList,
        derivative: &[f64],
        range: Range<usize>,
        force: &mut [[f64; 3]],
        mut tally: Option<&mut [Tally]>,
    ) -> bool {
        let mut fine = true;
        for (k, atom) in range.enumerate() {
            let mut sums = [0i64; 10];
            for &other in &near.index[near.first[k] as usize..near.first[k + 1] as usize] {
                let (a, b) = (&sites[atom], &sites[other as usize]);
                let Some((d, r)) = self.near(a, b) else { continue };
                let (i, j) = (a.kind as usize, b.kind as usize);
                let (phi, dphi) = self.potential.pair(i, j, r);
                let psi = (derivative[atom] * self.potential.density(j, i, r).1
                    + derivative[other as usize] * self.potential.density(i, j, r).1)
                    + dphi;
                let f = d.map(|x| -psi * x / r);
                let terms = [
                    f[0],
                    f[1],
                    f[2],
                    0.5 * phi,
                    0.5 * d[0] * f[0],
                    0.5 * d[1] * f[1],
                    0.5 * d[2] * f[2],
                    0.5 * d[1] * f[2],
                    0.5 * d[0] * f[2],
                    0.5 * d[0] * f[1],
                ];
                sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += fixed(term, &mut fine));
            }
            let number = |k: usize| sums[k] as f64 / SCALE;
            force[k] = [number(0), number(1), number(2)];
            if let Some(tally) = &mut tally {
                tally[k].energy += number(3);
                tally[k].virial = std::array::from_fn(|c| number(4 + c));
            }
        }
        fine
    }
}
