//! The oracle: energies, forces and virials of a small periodic cell by summing over all images, without lists.

use super::PairwiseEmbedded;
use crate::foundation::{Error, Result};

/// Components of a symmetric tensor in the order xx yy zz xy xz yz.
pub const COMPONENTS: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)];

/// What [`cell_sum`] finds. Tensors are in the order of [`COMPONENTS`].
#[derive(Debug, Clone, PartialEq)]
pub struct Sums {
    /// Potential energy of the cell (eV).
    pub energy: f64,
    /// F_i(rho_i) + 1/2 sum_j phi_ij of each atom (eV).
    pub energies: Vec<f64>,
    /// Density at each atom.
    pub densities: Vec<f64>,
    /// Force on each atom (eV/Angstrom).
    pub forces: Vec<[f64; 3]>,
    /// Virial sum_(i<j) (x_i - x_j) f_ij (eV), f_ij the force on i from j; divided by the volume, a pressure tensor.
    pub virial: [f64; 6],
    /// Half the virial of each pair for each of its atoms (eV).
    pub virials: Vec<[f64; 6]>,
}

/// Sums over all pairs of atoms and periodic images closer than the cutoff. `rows` are the three vectors of the cell,
/// of either handedness, and may be shorter than the cutoff; positions need not lie inside; `kinds` has one number per
/// atom.
///
/// # Errors
/// `Error::Usage` if the cell has no volume or the lengths of the lists differ.
pub fn cell_sum<P: PairwiseEmbedded + ?Sized>(
    potential: &P,
    rows: &[[f64; 3]; 3],
    positions: &[[f64; 3]],
    kinds: &[usize],
) -> Result<Sums> {
    let cell = Cell::new(rows)?;
    let n = positions.len();
    if kinds.len() != n {
        return Err(Error::Usage(format!("{n} atoms have {} kinds: expected one each.", kinds.len())));
    }
    let cutoff = potential.cutoff();
    let mut densities = vec![0.0; n];
    let mut energies = vec![0.0; n];
    for i in 0..n {
        for j in 0..n {
            cell.for_each_image(positions[i], positions[j], i == j, cutoff, |_, r| {
                densities[i] += potential.density(kinds[j], kinds[i], r).0;
                energies[i] += 0.5 * potential.pair(kinds[i], kinds[j], r).0;
            });
        }
    }
    let mut slopes = vec![0.0; n];
    for i in 0..n {
        let (value, slope) = potential.embedding(kinds[i], densities[i]);
        energies[i] += value;
        slopes[i] = slope;
    }
    let mut forces = vec![[0.0; 3]; n];
    let mut virials = vec![[0.0; 6]; n];
    for i in 0..n {
        for j in 0..n {
            let (force, virial) = (&mut forces[i], &mut virials[i]);
            cell.for_each_image(positions[i], positions[j], i == j, cutoff, |separation, r| {
                let slope = slopes[i] * potential.density(kinds[j], kinds[i], r).1
                    + slopes[j] * potential.density(kinds[i], kinds[j], r).1
                    + potential.pair(kinds[i], kinds[j], r).1;
                let on_i = separation.map(|x| -slope * x / r);
                (0..3).for_each(|d| force[d] += on_i[d]);
                for (sum, (a, b)) in virial.iter_mut().zip(COMPONENTS) {
                    *sum += 0.5 * separation[a] * on_i[b];
                }
            });
        }
    }
    let virial = std::array::from_fn(|c| virials.iter().map(|virial: &[f64; 6]| virial[c]).sum());
    Ok(Sums { energy: energies.iter().sum(), energies, densities, forces, virial, virials })
}

/// Volume of a cell, never negative.
#[must_use]
pub fn volume(rows: &[[f64; 3]; 3]) -> f64 {
    dot(rows[0], cross(rows[1], rows[2])).abs()
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|d| a[(d + 1) % 3] * b[(d + 2) % 3] - a[(d + 2) % 3] * b[(d + 1) % 3])
}

pub(super) struct Cell {
    rows: [[f64; 3]; 3],
    /// Vectors g_d with g_d . row_e = delta_de; their lengths are the inverse distances of opposite faces.
    reciprocal: [[f64; 3]; 3],
}

impl Cell {
    pub(super) fn new(rows: &[[f64; 3]; 3]) -> Result<Self> {
        let signed = dot(rows[0], cross(rows[1], rows[2]));
        let longest = rows.iter().map(|row| dot(*row, *row)).fold(0.0, f64::max).sqrt();
        if !(signed.is_finite() && signed.abs() > 1e-12 * longest.powi(3)) {
            return Err(Error::Usage(format!(
                "the cell {rows:?} has no volume: expected three vectors that span space."
            )));
        }
        let reciprocal =
            std::array::from_fn(|d| cross(rows[(d + 1) % 3], rows[(d + 2) % 3]).map(|x| x / signed));
        Ok(Cell { rows: *rows, reciprocal })
    }

    /// Visits x_i - x_j and its length for all images of j closer than the cutoff, except i itself.
    pub(super) fn for_each_image(
        &self,
        x_i: [f64; 3],
        x_j: [f64; 3],
        is_same: bool,
        cutoff: f64,
        mut visit: impl FnMut([f64; 3], f64),
    ) {
        let difference: [f64; 3] = std::array::from_fn(|d| x_i[d] - x_j[d]);
        let range: [(i64, i64); 3] = std::array::from_fn(|d| {
            let within = dot(difference, self.reciprocal[d]);
            let reach = cutoff * dot(self.reciprocal[d], self.reciprocal[d]).sqrt();
            ((-reach - within).floor() as i64, (reach - within).ceil() as i64)
        });
        for a in range[0].0..=range[0].1 {
            for b in range[1].0..=range[1].1 {
                for c in range[2].0..=range[2].1 {
                    if is_same && (a, b, c) == (0, 0, 0) {
                        continue;
                    }
                    let [a, b, c] = [a as f64, b as f64, c as f64];
                    let separation: [f64; 3] = std::array::from_fn(|d| {
                        difference[d] + a * self.rows[0][d] + b * self.rows[1][d] + c * self.rows[2][d]
                    });
                    let square = dot(separation, separation);
                    if square < cutoff * cutoff {
                        visit(separation, square.sqrt());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forces::lennard_jones::LennardJones;

    #[test]
    fn a_pair_of_atoms_far_from_its_images_is_just_the_pair() {
        let pair = LennardJones::new(1.0, 1.0, 2.5, false).unwrap();
        let rows = [[10.0, 0.0, 0.0], [3.0, 9.0, 0.0], [0.0, 4.0, -8.0]];
        // The second atom is a distant image of one at (1.2, 0, 0).
        let second = [1.2 + 10.0 - 6.0, -18.0, 0.0];
        let sums = cell_sum(&pair, &rows, &[[0.0; 3], second], &[0, 0]).unwrap();
        let (value, slope) = pair.value_and_derivative(1.2);
        assert!((sums.energy - value).abs() < 1e-12);
        assert!((sums.forces[0][0] - slope).abs() < 1e-11 && (sums.forces[1][0] + slope).abs() < 1e-11);
        assert!((sums.virial[0] + 1.2 * slope).abs() < 1e-11);
        assert!((volume(&rows) - 720.0).abs() < 1e-12);
    }

    #[test]
    fn a_flat_cell_is_refused() {
        let pair = LennardJones::new(1.0, 1.0, 2.5, false).unwrap();
        let flat = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]];
        assert!(cell_sum(&pair, &flat, &[[0.0; 3]], &[0]).is_err());
        let cube = [[9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]];
        assert!(cell_sum(&pair, &cube, &[[0.0; 3]], &[]).is_err());
    }
}
