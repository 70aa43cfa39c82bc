//! The neighbors of a crystal, their energy and stress.

use super::STRAIN;
use crate::forces::PairwiseEmbedded;
use crate::forces::cell_sum::COMPONENTS;

/// 1 eV/Angstrom^3 in GPa (CODATA 2018).
pub const GIGAPASCAL: f64 = 160.217_663_4;

/// The neighbors in a primitive cell, each pair once from either side, kept while the crystal is deformed.
///
/// Where a potential steps at its cutoff the step would otherwise look like a stress. Some have a shell of neighbors
/// exactly at the cutoff, such as Zhou's fcc metals their fifth.
pub(super) struct Bonds {
    pub kinds: Vec<usize>,
    pub volume: f64,
    /// Atoms i and j, and x_i - x_j.
    pub list: Vec<(usize, usize, [f64; 3])>,
}

pub(super) type Matrix = [[f64; 3]; 3];

const UNIT: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

impl Bonds {
    /// Pairs after x' = M x: atoms, x_i - x_j and its length.
    fn deformed(&self, matrix: Matrix) -> impl Iterator<Item = (usize, usize, [f64; 3], f64)> {
        self.list.iter().map(move |&(i, j, x)| {
            let x = matrix.map(|row| row[0] * x[0] + row[1] * x[1] + row[2] * x[2]);
            (i, j, x, (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]).sqrt())
        })
    }

    fn densities<P: PairwiseEmbedded + ?Sized>(&self, potential: &P, matrix: Matrix) -> Vec<f64> {
        let mut densities = vec![0.0; self.kinds.len()];
        for (i, j, _, r) in self.deformed(matrix) {
            densities[i] += potential.density(self.kinds[j], self.kinds[i], r).0;
        }
        densities
    }

    /// Energy of the cell and density at each atom.
    pub fn energy<P: PairwiseEmbedded + ?Sized>(&self, potential: &P) -> (f64, Vec<f64>) {
        let densities = self.densities(potential, UNIT);
        let embedding =
            self.kinds.iter().zip(&densities).map(|(&kind, &density)| potential.embedding(kind, density).0);
        let pairs =
            self.deformed(UNIT).map(|(i, j, _, r)| 0.5 * potential.pair(self.kinds[i], self.kinds[j], r).0);
        (embedding.sum::<f64>() + pairs.sum::<f64>(), densities)
    }

    /// Virial of the deformed cell, in the order of [`COMPONENTS`].
    pub fn virial<P: PairwiseEmbedded + ?Sized>(&self, potential: &P, matrix: Matrix) -> [f64; 6] {
        let densities = self.densities(potential, matrix);
        let slopes: Vec<f64> = self
            .kinds
            .iter()
            .zip(densities)
            .map(|(&kind, density)| potential.embedding(kind, density).1)
            .collect();
        let mut virial = [0.0; 6];
        for (i, j, x, r) in self.deformed(matrix) {
            let (a, b) = (self.kinds[i], self.kinds[j]);
            let slope = slopes[i] * potential.density(b, a, r).1
                + slopes[j] * potential.density(a, b, r).1
                + potential.pair(a, b, r).1;
            for (sum, (d, e)) in virial.iter_mut().zip(COMPONENTS) {
                *sum -= 0.5 * slope * x[d] * x[e] / r;
            }
        }
        virial
    }

    pub fn elastic_constants<P: PairwiseEmbedded + ?Sized>(&self, potential: &P) -> [f64; 3] {
        // Cauchy stress is -W/V; at zero stress its derivative by the strain is the elastic constant, and that of V
        // does not matter.
        let slope = |d: usize, e: usize| -> [f64; 6] {
            let of = |strain: f64| {
                let mut matrix = UNIT;
                // An engineering shear strain is the sum of two components.
                matrix[d][e] += if d == e { strain } else { 0.5 * strain };
                matrix[e][d] = matrix[d][e];
                self.virial(potential, matrix)
            };
            let (plus, minus) = (of(STRAIN), of(-STRAIN));
            std::array::from_fn(|c| (minus[c] - plus[c]) / (2.0 * STRAIN * self.volume) * GIGAPASCAL)
        };
        let (stretched, sheared) = (slope(0, 0), slope(1, 2));
        [stretched[0], 0.5 * (stretched[1] + stretched[2]), sheared[5]]
    }
}
