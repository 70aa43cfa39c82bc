//! The local field of eight sites at once.
//!
//! With eta = +1 through the UP and -1 through the DOWN tetrahedron, the exchange of a bond is
//! J_ij = a + b eta (tau_i + tau_j) + c (1 + tau_i tau_j), where a = J_io, b = (J_ii - J_oo)/4 and
//! c = (J_ii + J_oo - 2 J_io)/4. The spin field of a site is then linear in its own displacement,
//! H_i(tau_i) = P_i - tau_i Q_i with P = h - (a + c) sum S_j - b sum eta tau_j S_j and
//! Q = b sum eta S_j + c sum tau_j S_j, and its energy is E_i = -S_i.P_i + tau_i (S_i.Q_i + D_i), where
//! D = K sum tau_j - E.e_i + further neighbors. Every move is written in P, Q and D.

use super::parameters::Couplings;
use super::state::{Site, SiteBlock};
use crate::foundation::simd::{Arithmetic, LANES, Lanes, Twice};
use crate::system::packing::{DownNeighbors, Packing};
use crate::system::pyrochlore::{FCC, other_sublattices};
use crate::three;

/// P, Q and D of eight sites (see the head of this file).
#[derive(Clone, Copy)]
pub struct LocalField<L: Arithmetic> {
    /// P: the part of the spin field that does not depend on the site's own displacement.
    pub fixed: [L::Float; 3],
    /// Q: the part that its displacement turns around.
    pub turning: [L::Float; 3],
    /// D: the field that acts on the displacement alone.
    pub displacement: L::Float,
}

impl<A: Arithmetic> LocalField<A> {
    /// The fields on two vectors of sites side by side.
    #[inline(always)]
    pub fn pair(a: &Self, b: &Self) -> LocalField<Twice<A>> {
        LocalField {
            fixed: three!(d => (a.fixed[d], b.fixed[d])),
            turning: three!(d => (a.turning[d], b.turning[d])),
            displacement: (a.displacement, b.displacement),
        }
    }
}

impl<L: Arithmetic> LocalField<L> {
    /// H(tau) = P - tau Q.
    #[inline(always)]
    pub fn spin_field(&self, tau: L::Float) -> [L::Float; 3] {
        three!(d => L::neg_mul_add(tau, self.turning[d], self.fixed[d]))
    }

    /// The energy of the sites in this field, -S.H(tau) + tau D.
    #[inline(always)]
    pub fn energy(&self, site: &Site<L>) -> L::Float {
        let field = self.spin_field(site.tau);
        L::neg_mul_add(site.spin[0], field[0], {
            let z = L::neg_mul_add(site.spin[2], field[2], L::mul(site.tau, self.displacement));
            L::neg_mul_add(site.spin[1], field[1], z)
        })
    }
}

/// a . b
#[inline(always)]
pub fn dot<L: Arithmetic>(a: &[L::Float; 3], b: &[L::Float; 3]) -> L::Float {
    L::mul_add(a[0], b[0], L::mul_add(a[1], b[1], L::mul(a[2], b[2])))
}

/// How the neighbors through the DOWN tetrahedra are read; one implementation per kind of packing, so that the
/// choice is made once per sweep.
pub trait Neighborhood: Copy {
    /// The k-th neighbors of the eight sites of a block.
    fn fetch<L: Lanes>(self, blocks: &[SiteBlock], block: usize, k: usize) -> Site<L>;
}

/// Whole blocks with exchanged lanes.
#[derive(Clone, Copy)]
pub struct Swapped<'a>(pub &'a [[(u32, u32); 3]]);

/// Lane by lane.
#[derive(Clone, Copy)]
pub struct Gathered<'a>(pub &'a [[[u32; LANES]; 3]]);

impl Neighborhood for Swapped<'_> {
    #[inline(always)]
    fn fetch<L: Lanes>(self, blocks: &[SiteBlock], block: usize, k: usize) -> Site<L> {
        let (target, swap) = self.0[block][k];
        blocks[target as usize].load_swapped::<L>(swap as usize)
    }
}

impl Neighborhood for Gathered<'_> {
    #[inline(always)]
    fn fetch<L: Lanes>(self, blocks: &[SiteBlock], block: usize, k: usize) -> Site<L> {
        let mut gathered = SiteBlock::PADDING;
        for (lane, &slot) in self.0[block][k].iter().enumerate() {
            let from = &blocks[slot as usize / LANES];
            for d in 0..3 {
                gathered.spin[d][lane] = from.spin[d][slot as usize % LANES];
            }
            gathered.tau[lane] = from.tau[slot as usize % LANES];
        }
        gathered.load::<L>()
    }
}

/// Calls `$call` with the neighborhood of a packing bound to `$name`.
macro_rules! with_neighborhood {
    ($packing:expr, $name:ident => $call:expr) => {
        match $packing.down() {
            $crate::system::packing::DownNeighbors::Swapped(table) => {
                let $name = $crate::models::pyrochlore_spin_lattice::field::Swapped(table);
                $call
            }
            $crate::system::packing::DownNeighbors::Gathered(table) => {
                let $name = $crate::models::pyrochlore_spin_lattice::field::Gathered(table);
                $call
            }
        }
    };
}
pub(crate) use with_neighborhood;

/// Displacement couplings beyond nearest neighbors: for every slot, neighbors with their coupling.
#[derive(Debug, Clone)]
pub struct FurtherNeighbors {
    /// `[slot]`: (coupling, slots of the neighbors) per shell.
    pub shells: Vec<(f64, Vec<Vec<u32>>)>,
}

impl FurtherNeighbors {
    /// The shells with a coupling that is not zero; `None` if there is none.
    #[must_use]
    pub fn new(packing: &Packing, couplings: &Couplings) -> Option<Self> {
        let lattice = packing.lattice();
        let slots_of = |sites: Vec<usize>| sites.into_iter().map(|s| packing.slots()[s]).collect();
        let table = |members: &dyn Fn(usize) -> Vec<usize>| -> Vec<Vec<u32>> {
            (0..(packing.blocks() * LANES) as u32)
                .map(|slot| packing.site(slot).map_or_else(Vec::new, |site| slots_of(members(site))))
                .collect()
        };
        let mut shells = Vec::new();
        if couplings.second != 0.0 {
            shells.push((couplings.second, table(&|site| lattice.second_neighbors(site))));
        }
        if couplings.third_through != 0.0 {
            shells.push((couplings.third_through, table(&|site| lattice.third_neighbors(site).0)));
        }
        if couplings.third_across != 0.0 {
            shells.push((couplings.third_across, table(&|site| lattice.third_neighbors(site).1)));
        }
        (!shells.is_empty()).then_some(FurtherNeighbors { shells })
    }

    /// sum_shells coupling sum_neighbors tau, for one slot.
    #[must_use]
    pub fn field(&self, blocks: &[SiteBlock], slot: usize) -> f64 {
        let mut total = 0.0;
        for (coupling, neighbors) in &self.shells {
            let sum: f64 = neighbors[slot]
                .iter()
                .map(|&other| blocks[other as usize / LANES].tau[other as usize % LANES])
                .sum();
            total += coupling * sum;
        }
        total
    }
}

/// What the local field needs to know: read-only, shared by all replicas.
#[derive(Clone, Copy)]
pub struct FieldContext<'a, N> {
    /// The layout.
    pub packing: &'a Packing,
    /// Where the DOWN neighbors are.
    pub neighborhood: N,
    /// The couplings.
    pub couplings: &'a Couplings,
    /// Displacement couplings beyond nearest neighbors.
    pub further: Option<&'a FurtherNeighbors>,
}

impl<N: Neighborhood> FieldContext<'_, N> {
    /// The field on the eight sites of block (m, vector, f).
    #[inline(always)]
    pub fn local_field<L: Lanes>(
        &self,
        blocks: &[SiteBlock],
        m: usize,
        vector: usize,
        f: usize,
    ) -> LocalField<L> {
        let block = self.packing.block(m, vector, f);
        let zero = L::splat(0.0);
        // Sums over UP and DOWN neighbors of S, tau S and tau.
        let (mut up, mut down) = ([zero; 3], [zero; 3]);
        let (mut up_tau, mut down_tau) = ([zero; 3], [zero; 3]);
        let mut tau = zero;
        for (k, other) in other_sublattices(m).into_iter().enumerate() {
            let neighbor = blocks[(other * self.packing.vectors() + vector) * FCC + f].load::<L>();
            tau = L::add(tau, neighbor.tau);
            for d in 0..3 {
                up[d] = L::add(up[d], neighbor.spin[d]);
                up_tau[d] = L::mul_add(neighbor.tau, neighbor.spin[d], up_tau[d]);
            }
            let neighbor = self.neighborhood.fetch::<L>(blocks, block, k);
            tau = L::add(tau, neighbor.tau);
            for d in 0..3 {
                down[d] = L::add(down[d], neighbor.spin[d]);
                down_tau[d] = L::mul_add(neighbor.tau, neighbor.spin[d], down_tau[d]);
            }
        }
        let c = self.couplings;
        let (even, odd, both) = (L::splat(c.mean), L::splat(c.odd), L::splat(c.product));
        let fixed = three!(d => {
            let sum = L::neg_mul_add(even, L::add(up[d], down[d]), L::splat(c.magnetic_field[d]));
            L::neg_mul_add(odd, L::sub(up_tau[d], down_tau[d]), sum)
        });
        let turning = three!(d => {
            let sum = L::mul(both, L::add(up_tau[d], down_tau[d]));
            L::mul_add(odd, L::sub(up[d], down[d]), sum)
        });
        let mut displacement = L::mul_add(L::splat(c.ice), tau, L::splat(-c.axis_field[m]));
        if let Some(further) = self.further {
            let values: [f64; LANES] = std::array::from_fn(|l| further.field(blocks, block * LANES + l));
            displacement = L::add(displacement, L::load(&values));
        }
        LocalField { fixed, turning, displacement }
    }
}

/// How the DOWN neighbors of a packing are read, for callers outside the kernels.
#[must_use]
pub fn is_swapped(packing: &Packing) -> bool {
    matches!(packing.down(), DownNeighbors::Swapped(_))
}
