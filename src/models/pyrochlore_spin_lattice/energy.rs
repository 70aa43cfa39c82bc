//! Energies, tetrahedron counts and moments of a configuration, from scratch.
//!
//! All sums are in fixed point, so that those of the domains of a lattice add up to the same bits however it is cut.

use super::field::{FieldContext, Neighborhood, Regions};
use super::further::FurtherNeighbors;
use super::state::SiteBlock;
use crate::foundation::fixed_point::{FixedPoint, UnitSum};
use crate::foundation::simd::sphere::dot;
use crate::foundation::simd::{Kernel, Lanes};
use crate::system::pyrochlore::{FCC, LOCAL_AXES, SUBLATTICES};
use crate::three;

/// The sums one pass over a configuration yields, in this order: spin energy, displacement energy, tetrahedra with
/// n_in = 0..4, M, and sum tau on each sublattice.
pub const SUMS: usize = 2 + 5 + 3 + SUBLATTICES;

/// The units of the sums.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Units {
    /// Of energies.
    pub energy: FixedPoint,
    /// Of sums of numbers of magnitude at most one.
    pub one: FixedPoint,
}

/// What one pass over a configuration yields; totals, not per site.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Totals {
    /// Exchange energy and the energy of the spins in the magnetic field.
    pub spin_energy: f64,
    /// Energy of the displacements among themselves and in the electric field.
    pub displacement_energy: f64,
    /// Number of tetrahedra with n_in = 0..4 corners displaced inwards.
    pub tetrahedra: [f64; 5],
    /// M = sum S_i
    pub magnetization: [f64; 3],
    /// P = sum tau_i e_i
    pub polarization: [f64; 3],
    /// sum tau_i
    pub displacement_sum: f64,
}

impl Totals {
    /// The totals of the sums over all domains.
    #[must_use]
    pub fn new(sums: &[i64; SUMS], units: &Units) -> Self {
        let tau: [f64; SUBLATTICES] = std::array::from_fn(|m| sums[10 + m] as f64);
        Totals {
            spin_energy: units.energy.number(sums[0]),
            displacement_energy: units.energy.number(sums[1]),
            tetrahedra: std::array::from_fn(|n| sums[2 + n] as f64),
            magnetization: std::array::from_fn(|d| units.one.number(sums[7 + d])),
            polarization: std::array::from_fn(|d| (0..SUBLATTICES).map(|m| tau[m] * LOCAL_AXES[m][d]).sum()),
            displacement_sum: tau.iter().sum(),
        }
    }
}

/// The pass.
pub struct Measure<'a, N> {
    /// Layout and couplings.
    pub context: FieldContext<'a, N>,
    /// The configuration.
    pub regions: Regions<'a>,
    /// The units of the sums.
    pub units: Units,
    /// Further neighbors, and all blocks for them.
    pub further: Option<(&'a FurtherNeighbors, &'a [SiteBlock])>,
}

impl<N: Neighborhood> Kernel for Measure<'_, N> {
    type Output = [i64; SUMS];

    #[inline(always)]
    fn run<L: Lanes>(self) -> Self::Output {
        let packing = self.context.packing;
        let couplings = self.context.couplings;
        let half = L::splat(0.5);
        let zero = UnitSum::<L>::default();
        let (mut spin_energy, mut displacement_energy) = (zero, zero);
        let mut magnetization = [zero; 3];
        let mut tau_sum = [zero; SUBLATTICES];
        let mut tetrahedra = [zero; 5];
        let field_of = couplings.magnetic_field.map(|h| L::splat(h));
        for m in 0..SUBLATTICES {
            for vector in 0..packing.vectors() {
                let weight = L::load(packing.cells().weights(vector));
                let energy_scale = L::mul(weight, L::splat(self.units.energy.scale()));
                let one_scale = L::mul(weight, L::splat(self.units.one.scale()));
                for f in 0..FCC {
                    let site = self.regions[m][vector * FCC + f].load::<L>();
                    let mut field = self.context.local_field::<L>(&self.regions, m, vector, f);
                    if let Some((further, blocks)) = self.further {
                        let further = further.field(blocks, m, vector, f);
                        field.displacement = L::add(field.displacement, L::load(&further));
                    }
                    // Pair terms count half per site; field terms count once, so their half is added back.
                    let h = field.spin_field(site.tau);
                    let total = three!(d => L::add(h[d], field_of[d]));
                    let pair = L::mul(dot::<L>(&site.spin, &total), half);
                    spin_energy.add(L::neg(pair), energy_scale);
                    let axis = L::splat(couplings.axis_field[m]);
                    let both = L::sub(field.displacement, axis);
                    let pair = L::mul(L::mul(site.tau, both), half);
                    displacement_energy.add(pair, energy_scale);
                    for d in 0..3 {
                        magnetization[d].add(site.spin[d], one_scale);
                    }
                    tau_sum[m].add(site.tau, weight);
                    if m == 0 {
                        count_tetrahedra::<L, N>(&self, vector, f, site.tau, weight, &mut tetrahedra);
                    }
                }
            }
        }
        let mut sums = [0; SUMS];
        sums[0] = spin_energy.total();
        sums[1] = displacement_energy.total();
        let rest = tetrahedra.into_iter().chain(magnetization).chain(tau_sum);
        sums[2..].iter_mut().zip(rest).for_each(|(to, sum)| *to = sum.total());
        sums
    }
}

/// Every tetrahedron has one corner on sublattice 0; through UP a positive tau is "in", through DOWN a negative one.
#[inline(always)]
fn count_tetrahedra<L: Lanes, N: Neighborhood>(
    measure: &Measure<'_, N>,
    vector: usize,
    f: usize,
    corner: L::Float,
    weight: L::Float,
    counts: &mut [UnitSum<L>; 5],
) {
    let (mut up, mut down) = (corner, corner);
    for k in 0..3 {
        let region = measure.regions[k + 1];
        up = L::add(up, L::load(&region[vector * FCC + f].tau));
        let link = measure.context.packing.down(0, f, k);
        down = L::add(down, measure.context.neighborhood.fetch::<L>(region, vector, link).tau);
    }
    let one = L::splat(1.0);
    for (n_in, count) in counts.iter_mut().enumerate() {
        let sum = L::splat(2.0 * n_in as f64 - 4.0);
        for tetrahedron in [up, L::neg(down)] {
            let hit = L::less(L::abs(L::sub(tetrahedron, sum)), one);
            count.add(L::select(hit, one, L::splat(0.0)), weight);
        }
    }
}
