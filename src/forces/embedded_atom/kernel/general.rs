//! The two passes for tables that cannot be packed: pair by pair, with the potential's own functions.

use super::near::padded;
use super::sum::PER_ONE;
use super::{Accumulation, EmbeddedAtomKernel, NearList, Tally};
use crate::forces::PairwiseEmbedded;
use crate::foundation::fixed_point::UnitSum;
use crate::foundation::simd::Single;
use crate::system::neighbors::{NeighborList, Site};
use std::ops::Range;

/// A sum of either kind.
#[derive(Clone, Copy, Default)]
struct ScalarSum {
    number: f64,
    units: UnitSum<Single>,
}

impl ScalarSum {
    fn add(&mut self, term: f64, per_one: Option<f64>) {
        match per_one {
            None => self.number += term,
            Some(per_one) => self.units.add(term, per_one),
        }
    }

    fn total(self, per_one: Option<f64>) -> f64 {
        per_one.map_or(self.number, |per_one| self.units.lanes().cast_signed() as f64 * (1.0 / per_one))
    }
}

fn separation(a: &Site, b: &Site) -> ([f64; 3], f64) {
    let d: [f64; 3] = std::array::from_fn(|c| a.position[c] - b.position[c]);
    (d, d[2].mul_add(d[2], d[1].mul_add(d[1], d[0] * d[0])))
}

impl EmbeddedAtomKernel {
    pub(super) fn general_densities(
        &self,
        accumulation: Accumulation,
        sites: &[Site],
        list: &NeighborList,
        range: Range<usize>,
        near: &mut NearList,
        density: &mut [f64],
    ) -> f64 {
        let per_one = (accumulation == Accumulation::Exact).then_some(self.units.density);
        let (mut cursor, mut shortest) = (0, f64::INFINITY);
        for (k, i) in range.enumerate() {
            let neighbors = list.of(i);
            near.make_room(cursor, neighbors.len());
            let (mut count, mut sum) = (0, ScalarSum::default());
            for &j in neighbors {
                let other = &sites[j as usize];
                let square = separation(&sites[i], other).1;
                if square < self.potential.cutoff * self.potential.cutoff {
                    near.index[cursor + count] = j;
                    count += 1;
                    shortest = shortest.min(square);
                    let kinds = (other.kind as usize, sites[i].kind as usize);
                    sum.add(self.potential.density(kinds.0, kinds.1, square.sqrt()).0, per_one);
                }
            }
            near.count[k] = count as u32;
            density[k] = sum.total(per_one);
            cursor += padded(count);
        }
        shortest.sqrt()
    }

    pub(super) fn general_forces(
        &self,
        accumulation: Accumulation,
        sites: &[Site],
        near: &NearList,
        derivative: &[f64],
        force: &mut [[f64; 3]],
        tally: &mut [Tally],
    ) -> f64 {
        let per_one = (accumulation == Accumulation::Exact).then_some(PER_ONE);
        let (mut cursor, mut largest) = (0, 0f64);
        for (k, i) in near.range.clone().enumerate() {
            let count = near.count[k] as usize;
            let mut sums = [ScalarSum::default(); 10];
            for &j in &near.index[cursor..cursor + count] {
                let (d, square) = separation(&sites[i], &sites[j as usize]);
                let (a, b) = (sites[i].kind as usize, sites[j as usize].kind as usize);
                let r = square.sqrt();
                let (pair_energy, pair_slope) = self.potential.pair(a, b, r);
                let embedding = derivative[i] * self.potential.density(b, a, r).1
                    + derivative[j as usize] * self.potential.density(a, b, r).1;
                let slope = embedding + pair_slope;
                let strength = slope / r;
                let terms = [slope, pair_energy, slope * r];
                let counted = if tally.is_empty() { &terms[..1] } else { &terms };
                for term in counted {
                    largest = if term.abs() <= largest { largest } else { term.abs() };
                }
                let f = d.map(|x| strength * x);
                let [x, y, z] = d;
                let all = [
                    f[0],
                    f[1],
                    f[2],
                    pair_energy,
                    f[0] * x,
                    f[1] * y,
                    f[2] * z,
                    f[1] * z,
                    f[0] * z,
                    f[0] * y,
                ];
                (0..10).for_each(|c| sums[c].add(all[c], per_one));
            }
            let totals = sums.map(|sum| sum.total(per_one));
            force[k] = [-totals[0], -totals[1], -totals[2]];
            if let Some(tally) = tally.get_mut(k) {
                tally.energy = 0.5 * totals[3];
                tally.virial = std::array::from_fn(|c| -0.5 * totals[4 + c]);
            }
            cursor += padded(count);
        }
        if per_one.is_some() { largest } else { 0.0 }
    }
}
