//! Products of two configurations, summed over sites: overlaps of copies and correlations in time.

use super::field::Regions;
use crate::foundation::fixed_point::{FixedPoint, UnitSum};
use crate::foundation::simd::sphere::dot;
use crate::foundation::simd::{Kernel, LANES, Lanes};
use crate::system::cell_packing::{CellPacking, PADDING};
use crate::system::pyrochlore::{FCC, SITES_PER_CELL, SUBLATTICES};

/// cos and sin of k_min . r in three directions: those of a cell, eight cells at once, and those of a place in it.
#[derive(Debug, Clone, Default)]
pub struct Phases {
    /// `[vector]`: (cos, sin) of x, y, z for the corner of each cell.
    pub cells: Vec<[[f64; LANES]; 6]>,
    /// `[4 f + m]`: (cos, sin) of x, y, z for the site relative to the corner.
    pub sites: [[f64; 6]; SITES_PER_CELL],
}

impl Phases {
    /// The phases of a brick of a lattice with sites at `basis`, in quarters of the cell edge.
    #[must_use]
    pub fn new(cells: &CellPacking, basis: &[[i64; 3]]) -> Self {
        let brick = cells.brick();
        let phase = |d: usize, position: i64| {
            let edge = 4.0 * brick.cells()[d] as f64;
            let (sine, cosine) = (std::f64::consts::TAU * position as f64 / edge).sin_cos();
            [cosine, sine]
        };
        let mut phases = Phases::default();
        for vector in 0..cells.vectors() {
            let mut of_vector = [[0.0; LANES]; 6];
            for (lane, &number) in cells.cells(vector).iter().enumerate().filter(|(_, c)| **c != PADDING) {
                for (d, at) in brick.coordinates(number).into_iter().enumerate() {
                    let [cosine, sine] = phase(d, 4 * at as i64);
                    (of_vector[2 * d][lane], of_vector[2 * d + 1][lane]) = (cosine, sine);
                }
            }
            phases.cells.push(of_vector);
        }
        for (site, position) in basis.iter().enumerate() {
            for (d, &at) in position.iter().enumerate() {
                phases.sites[site][2 * d..2 * d + 2].copy_from_slice(&phase(d, at));
            }
        }
        phases
    }

    /// The six phases of the sites (f, m) of a vector.
    #[inline(always)]
    fn load<L: Lanes>(&self, vector: usize, f: usize, m: usize) -> [L::Float; 6] {
        let (cell, site) = (&self.cells[vector], &self.sites[SUBLATTICES * f + m]);
        let mut phases = [L::splat(0.0); 6];
        for d in 0..3 {
            let (cosine, sine) = (L::load(&cell[2 * d]), L::load(&cell[2 * d + 1]));
            let (c, s) = (L::splat(site[2 * d]), L::splat(site[2 * d + 1]));
            phases[2 * d] = L::neg_mul_add(sine, s, L::mul(cosine, c));
            phases[2 * d + 1] = L::mul_add(sine, c, L::mul(cosine, s));
        }
        phases
    }
}

/// Products of two copies, for overlaps.
pub struct Overlap<'a> {
    /// One copy.
    pub a: Regions<'a>,
    /// The other.
    pub b: Regions<'a>,
    /// Layout.
    pub cells: &'a CellPacking,
    /// Phases at k_min.
    pub phases: &'a Phases,
    /// The unit of the sums.
    pub unit: FixedPoint,
}

/// Sums over sites of products times a phase: seven phases (1, then cos and sin of three directions), ten products
/// (nine spin components mu nu, then the displacements).
pub type OverlapSums = [[i64; 10]; 7];

impl Kernel for Overlap<'_> {
    type Output = OverlapSums;

    #[inline(always)]
    fn run<L: Lanes>(self) -> OverlapSums {
        let mut sums = [[UnitSum::<L>::default(); 10]; 7];
        for m in 0..SUBLATTICES {
            for vector in 0..self.cells.vectors() {
                let scale = L::mul(L::load(self.cells.weights(vector)), L::splat(self.unit.scale()));
                for f in 0..FCC {
                    let block = vector * FCC + f;
                    let (a, b) = (self.a[m][block].load::<L>(), self.b[m][block].load::<L>());
                    let mut products = [L::mul(a.tau, b.tau); 10];
                    for mu in 0..3 {
                        for nu in 0..3 {
                            products[3 * mu + nu] = L::mul(a.spin[mu], b.spin[nu]);
                        }
                    }
                    let phases = self.phases.load::<L>(vector, f, m);
                    for (k, row) in sums.iter_mut().enumerate() {
                        for (sum, product) in row.iter_mut().zip(products) {
                            let term = if k == 0 { product } else { L::mul(product, phases[k - 1]) };
                            sum.add(term, scale);
                        }
                    }
                }
            }
        }
        sums.map(|row| row.map(UnitSum::total))
    }
}

/// Sums over sites of S.S' and tau tau' between two configurations.
pub struct Correlate<'a> {
    /// One configuration.
    pub a: Regions<'a>,
    /// The other.
    pub b: Regions<'a>,
    /// Layout.
    pub cells: &'a CellPacking,
    /// The unit of the sums.
    pub unit: FixedPoint,
}

impl Kernel for Correlate<'_> {
    type Output = [i64; 2];

    #[inline(always)]
    fn run<L: Lanes>(self) -> [i64; 2] {
        let (mut spin, mut tau) = (UnitSum::<L>::default(), UnitSum::<L>::default());
        for (a, b) in self.a.into_iter().zip(self.b) {
            for vector in 0..self.cells.vectors() {
                let scale = L::mul(L::load(self.cells.weights(vector)), L::splat(self.unit.scale()));
                for block in vector * FCC..(vector + 1) * FCC {
                    let (a, b) = (a[block].load::<L>(), b[block].load::<L>());
                    spin.add(dot::<L>(&a.spin, &b.spin), scale);
                    tau.add(L::mul(a.tau, b.tau), scale);
                }
            }
        }
        [spin.total(), tau.total()]
    }
}
