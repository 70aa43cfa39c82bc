//! The couplings J_ij of the bonds, and their tables in the layout of the spins.

use super::layout::{Layout, Storage};
use super::state::Words;
use crate::foundation::random::{Key, Stream};
use crate::foundation::simd::math::ln;
use crate::foundation::simd::{LANES, Single};
use serde::{Deserialize, Serialize};

/// The distribution of the couplings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distribution {
    /// J = 1 on every bond: no disorder.
    #[serde(skip)]
    Uniform,
    /// J = 1 or -1 with equal probability.
    Bimodal,
    /// Normal with mean 0 and variance 1.
    Gaussian,
}

impl Distribution {
    /// The coupling of the bond from a site forth along an axis. It is a function of the sample's key, the number of the
    /// site in the lattice and the axis alone.
    #[must_use]
    pub fn coupling(self, sample: Key, site: u64, axis: usize) -> f64 {
        if self == Distribution::Uniform {
            return 1.0;
        }
        let mut stream = sample.with(site).with(axis as u64).stream();
        if self == Distribution::Gaussian {
            normal(&mut stream)
        } else if stream.bits() >> 63 == 0 {
            1.0
        } else {
            -1.0
        }
    }
}

/// A number from the standard normal distribution (Marsaglia and Bray, SIAM Rev. 6, 260 (1964)), without the system's
/// sine, whose bits differ between processors.
fn normal(stream: &mut Stream) -> f64 {
    loop {
        let (x, y) = (2.0 * stream.uniform() - 1.0, 2.0 * stream.uniform() - 1.0);
        let square = x * x + y * y;
        if square < 1.0 {
            return x * (-2.0 * ln::<Single>(square) / square).sqrt();
        }
    }
}

/// The couplings of all samples as kernels read them; those of a vector in one sample lie together.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    blocks: Vec<Words>,
    of_sample: usize,
    /// Blocks of one vector (of one color, for f64).
    of_vector: usize,
    vectors: usize,
}

impl Tables {
    /// Draws the couplings of the bonds of the sites of a brick.
    ///
    /// For bits: `[sample][vector][offset]`, bits set where J = -1 on the bond from a site to its neighbor at the
    /// offset. For f64: `[sample][color][vector][place among the color][offset]`.
    #[must_use]
    pub fn new(layout: &Layout, distribution: Distribution, disorder: Key, samples: usize) -> Self {
        if distribution == Distribution::Uniform {
            return Tables::default();
        }
        let (block, lattice) = (layout.block(), layout.lattice());
        let (offsets, vectors) = (2 * lattice.dimensions(), layout.cells().vectors());
        let bits = layout.storage() == Storage::Bits;
        let (colors, half) = if bits { (1, 1) } else { (2, block.sites() / 2) };
        let of_vector = half * offsets;
        let of_sample = colors * vectors * of_vector;
        let mut blocks = vec![Words([0; LANES]); samples * of_sample];
        for (sample, blocks) in blocks.chunks_exact_mut(of_sample.max(1)).enumerate() {
            let key = disorder.with(sample as u64);
            layout.for_each_cell(|vector, lane, cell| {
                for site in 0..block.sites() {
                    let at = block.site(cell, site);
                    for offset in 0..offsets {
                        let axis = offset / 2;
                        let from = if offset % 2 == 0 { at } else { lattice.before(at, axis) };
                        let coupling = distribution.coupling(key, lattice.number(from), axis);
                        if bits {
                            let word = &mut blocks[vector * offsets + offset].0[lane];
                            *word |= u64::from(coupling < 0.0) << site;
                        } else {
                            let group = block.color(site) * vectors + vector;
                            let index = (group * half + block.rank(site)) * offsets + offset;
                            blocks[index].0[lane] = coupling.to_bits();
                        }
                    }
                }
            });
        }
        Tables { blocks, of_sample, of_vector, vectors }
    }

    /// The couplings of a vector in a sample; `color` is 0 for bits. Empty where all couplings are 1.
    #[inline(always)]
    #[must_use]
    pub fn vector(&self, sample: usize, color: usize, vector: usize) -> &[Words] {
        let start = sample * self.of_sample + (color * self.vectors + vector) * self.of_vector;
        &self.blocks[start..start + self.of_vector]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn couplings_have_the_moments_of_their_distribution() {
        let count = 100_000;
        for (distribution, fourth) in [(Distribution::Bimodal, 1.0), (Distribution::Gaussian, 3.0)] {
            let mut sums = [0.0; 4];
            for site in 0..count {
                let x = distribution.coupling(Key::new(3), site, 1);
                (1..=4).for_each(|k| sums[k as usize - 1] += x.powi(k));
            }
            let n = count as f64;
            // Variances of x, x^2, x^4 under the normal distribution: 1, 2, 96; x^3: 15.
            for (sum, expected, variance) in
                [(sums[0], 0.0, 1.0), (sums[1], 1.0, 2.0), (sums[2], 0.0, 15.0), (sums[3], fourth, 96.0)]
            {
                let z = (sum / n - expected) / (variance / n).sqrt();
                assert!(z.abs() < 4.0, "{distribution:?}: {} against {expected}", sum / n);
            }
        }
    }
}
