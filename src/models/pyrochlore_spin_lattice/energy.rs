//! Energies, tetrahedron counts and moments of a configuration, from scratch.

use super::field::{FieldContext, Neighborhood, dot};
use super::state::SiteBlock;
use crate::foundation::simd::{Kernel, LANES, Lanes};
use crate::system::pyrochlore::{FCC, LOCAL_AXES, SUBLATTICES};
use crate::three;

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

/// The pass.
pub struct Measure<'a, N> {
    /// Layout and couplings.
    pub context: FieldContext<'a, N>,
    /// The configuration.
    pub blocks: &'a [SiteBlock],
}

impl<N: Neighborhood> Kernel for Measure<'_, N> {
    type Output = Totals;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Totals {
        let packing = self.context.packing;
        let couplings = self.context.couplings;
        let zero = L::splat(0.0);
        let half = L::splat(0.5);
        let mut spin_energy = zero;
        let mut displacement_energy = zero;
        let mut magnetization = [zero; 3];
        let mut tau_sum = [zero; SUBLATTICES];
        let mut tetrahedra = [zero; 5];
        let field_of = couplings.magnetic_field.map(|h| L::splat(h));
        for m in 0..SUBLATTICES {
            for vector in 0..packing.vectors() {
                let weight = L::load(packing.weights(vector));
                for f in 0..FCC {
                    let block = packing.block(m, vector, f);
                    let site = self.blocks[block].load::<L>();
                    let field = self.context.local_field::<L>(self.blocks, m, vector, f);
                    // Pair terms count half per site; field terms count once, so their half is added back.
                    let h = field.spin_field(site.tau);
                    let total = three!(d => L::add(h[d], field_of[d]));
                    let pair = L::mul(dot::<L>(&site.spin, &total), half);
                    spin_energy = L::neg_mul_add(pair, weight, spin_energy);
                    let axis = L::splat(couplings.axis_field[m]);
                    let both = L::sub(field.displacement, axis);
                    let pair = L::mul(L::mul(site.tau, both), half);
                    displacement_energy = L::mul_add(pair, weight, displacement_energy);
                    for d in 0..3 {
                        magnetization[d] = L::mul_add(site.spin[d], weight, magnetization[d]);
                    }
                    tau_sum[m] = L::mul_add(site.tau, weight, tau_sum[m]);
                    if m == 0 {
                        count_tetrahedra::<L, N>(&self, vector, f, block, site.tau, weight, &mut tetrahedra);
                    }
                }
            }
        }
        let tau = tau_sum.map(|sum| L::sum(sum));
        Totals {
            spin_energy: L::sum(spin_energy),
            displacement_energy: L::sum(displacement_energy),
            tetrahedra: tetrahedra.map(|count| L::sum(count)),
            magnetization: magnetization.map(|component| L::sum(component)),
            polarization: std::array::from_fn(|d| (0..SUBLATTICES).map(|m| tau[m] * LOCAL_AXES[m][d]).sum()),
            displacement_sum: tau.iter().sum(),
        }
    }
}

/// Every tetrahedron has one corner on sublattice 0; through UP a positive tau is "in", through DOWN a negative one.
#[inline(always)]
fn count_tetrahedra<L: Lanes, N: Neighborhood>(
    measure: &Measure<'_, N>,
    vector: usize,
    f: usize,
    block: usize,
    corner: L::Float,
    weight: L::Float,
    counts: &mut [L::Float; 5],
) {
    let packing = measure.context.packing;
    let (mut up, mut down) = (corner, corner);
    for k in 0..3 {
        up = L::add(up, L::load(&measure.blocks[packing.block(k + 1, vector, f)].tau));
        down = L::add(down, measure.context.neighborhood.fetch::<L>(measure.blocks, block, k).tau);
    }
    let one = L::splat(1.0);
    for (n_in, count) in counts.iter_mut().enumerate() {
        let sum = L::splat(2.0 * n_in as f64 - 4.0);
        for tetrahedron in [up, L::neg(down)] {
            let hit = L::less(L::abs(L::sub(tetrahedron, sum)), one);
            *count = L::add(*count, L::select(hit, weight, L::splat(0.0)));
        }
    }
}

/// Products of two copies, for overlaps.
pub struct Overlap<'a> {
    /// One copy.
    pub a: &'a [SiteBlock],
    /// The other.
    pub b: &'a [SiteBlock],
    /// cos and sin of k_min . r in three directions, `[block]`: (c, s) of x, y, z; zero in padding.
    pub phases: &'a [[[f64; LANES]; 6]],
    /// `[block]`: 1 for sites, 0 for padding.
    pub weights: &'a [[f64; LANES]],
}

/// Sums over sites of products times a phase: seven phases (1, then cos and sin of three directions), ten products
/// (nine spin components mu nu, then the displacements).
pub type OverlapSums = [[f64; 10]; 7];

impl Kernel for Overlap<'_> {
    type Output = OverlapSums;

    #[inline(always)]
    fn run<L: Lanes>(self) -> OverlapSums {
        let mut sums = [[[0.0f64; LANES]; 10]; 7];
        for (index, (a, b)) in self.a.iter().zip(self.b).enumerate() {
            let (a, b) = (a.load::<L>(), b.load::<L>());
            let mut products = [L::mul(a.tau, b.tau); 10];
            for mu in 0..3 {
                for nu in 0..3 {
                    products[3 * mu + nu] = L::mul(a.spin[mu], b.spin[nu]);
                }
            }
            let phases = &self.phases[index];
            for (k, row) in sums.iter_mut().enumerate() {
                let phase = L::load(if k == 0 { &self.weights[index] } else { &phases[k - 1] });
                for (sum, product) in row.iter_mut().zip(products) {
                    let value = L::mul_add(product, phase, L::load(sum));
                    L::store(sum, value);
                }
            }
        }
        sums.map(|row| row.map(|sum| L::sum(L::load(&sum))))
    }
}

/// Sums over sites of S.S' and tau tau' between two configurations.
pub struct Correlate<'a> {
    /// One configuration.
    pub a: &'a [SiteBlock],
    /// The other.
    pub b: &'a [SiteBlock],
    /// `[block]`: 1 for sites, 0 for padding.
    pub weights: &'a [[f64; LANES]],
}

impl Kernel for Correlate<'_> {
    type Output = [f64; 2];

    #[inline(always)]
    fn run<L: Lanes>(self) -> [f64; 2] {
        let (mut spin, mut tau) = (L::splat(0.0), L::splat(0.0));
        for ((a, b), weight) in self.a.iter().zip(self.b).zip(self.weights) {
            let (a, b, weight) = (a.load::<L>(), b.load::<L>(), L::load(weight));
            spin = L::mul_add(dot::<L>(&a.spin, &b.spin), weight, spin);
            tau = L::mul_add(L::mul(a.tau, b.tau), weight, tau);
        }
        [L::sum(spin), L::sum(tau)]
    }
}
