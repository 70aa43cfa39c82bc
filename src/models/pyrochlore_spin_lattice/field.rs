//! The local field of eight sites at once.
//!
//! With eta = +1 through the UP and -1 through the DOWN tetrahedron, the exchange of a bond is
//! J_ij = a + b eta (tau_i + tau_j) + c (1 + tau_i tau_j), where a = J_io, b = (J_ii - J_oo)/4 and
//! c = (J_ii + J_oo - 2 J_io)/4. The spin field of a site is then linear in its own displacement,
//! H_i(tau_i) = P_i - tau_i Q_i with P = h - (a + c) sum S_j - b sum eta tau_j S_j and
//! Q = b sum eta S_j + c sum tau_j S_j, and its energy is E_i = -S_i.P_i + tau_i (S_i.Q_i + D_i), where
//! D = K sum tau_j - E.e_i + further neighbors. Moves that may turn a displacement are written in P, Q and D; those that
//! leave it alone need H alone, which takes four operations per neighbor and component instead of seven: there
//! J_ij = (a + c + eta b tau_i) + (eta b + c tau_i) tau_j.

use super::parameters::Couplings;
use super::state::{Site, SiteBlock};
use crate::foundation::simd::{Arithmetic, LANES, Lanes, Twice};
use crate::system::cell_packing::{Gathered, Swapped};
use crate::system::pyrochlore::{FCC, SUBLATTICES, other_sublattices};
use crate::system::pyrochlore_packing::{Link, PyrochlorePacking};
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

/// How the neighbors through the DOWN tetrahedra are read; one implementation per kind of packing, so that the
/// choice is made once per sweep.
pub trait Neighborhood: Copy + Send + Sync {
    /// The neighbors a link leads to from a vector of cells, out of the region of their sublattice.
    fn fetch<L: Lanes>(self, region: &[SiteBlock], vector: usize, link: Link) -> Site<L>;
}

impl Neighborhood for Swapped<'_> {
    #[inline(always)]
    fn fetch<L: Lanes>(self, region: &[SiteBlock], vector: usize, link: Link) -> Site<L> {
        let entry = self.table[vector * self.offsets + link.offset] as usize;
        region[entry / LANES * FCC + link.f].load_swapped::<L>(entry % LANES)
    }
}

impl Neighborhood for Gathered<'_> {
    #[inline(always)]
    fn fetch<L: Lanes>(self, region: &[SiteBlock], vector: usize, link: Link) -> Site<L> {
        let mut gathered = SiteBlock::PADDING;
        for (lane, &slot) in self.table[vector * self.offsets + link.offset].iter().enumerate() {
            let (slot, at) = (slot as usize / LANES, slot as usize % LANES);
            let from = &region[slot * FCC + link.f];
            for d in 0..3 {
                gathered.spin[d][lane] = from.spin[d][at];
            }
            gathered.tau[lane] = from.tau[at];
        }
        gathered.load::<L>()
    }
}

/// The blocks of the four sublattices.
pub type Regions<'a> = [&'a [SiteBlock]; SUBLATTICES];

/// The regions of a configuration.
#[must_use]
pub fn regions<'a>(packing: &PyrochlorePacking, blocks: &'a [SiteBlock]) -> Regions<'a> {
    let region = packing.region();
    std::array::from_fn(|m| &blocks[m * region..(m + 1) * region])
}

/// What the local field needs to know: read-only, shared by all replicas.
#[derive(Clone, Copy)]
pub struct FieldContext<'a, N> {
    /// The layout.
    pub packing: &'a PyrochlorePacking,
    /// Where the DOWN neighbors are.
    pub neighborhood: N,
    /// The couplings.
    pub couplings: &'a Couplings,
}

/// What a move needs to know of the surroundings of its sites.
pub trait Surroundings: Copy + Send + Sync {
    /// Whether the move may turn displacements, and so needs the field on them.
    const TURNS: bool;
    /// The field on several sites.
    type Field<A: Arithmetic>: Copy;
    /// Reads the field on the sites of (m, vector, f), which are `site` now.
    fn read<L: Lanes, N: Neighborhood>(
        context: &FieldContext<'_, N>,
        regions: &Regions<'_>,
        place: (usize, usize, usize),
        site: &Site<L>,
    ) -> Self::Field<L>;
    /// The fields on two vectors of sites side by side.
    fn pair<A: Arithmetic>(a: &Self::Field<A>, b: &Self::Field<A>) -> Self::Field<Twice<A>>;
    /// Adds to the field that acts on displacements.
    fn add_to_displacement<A: Arithmetic>(field: &mut Self::Field<A>, further: A::Float);
}

/// For moves that may turn displacements: P, Q and D.
#[derive(Debug, Clone, Copy)]
pub struct Whole;

impl Surroundings for Whole {
    const TURNS: bool = true;
    type Field<A: Arithmetic> = LocalField<A>;

    #[inline(always)]
    fn read<L: Lanes, N: Neighborhood>(
        context: &FieldContext<'_, N>,
        regions: &Regions<'_>,
        (m, vector, f): (usize, usize, usize),
        _site: &Site<L>,
    ) -> LocalField<L> {
        context.local_field::<L>(regions, m, vector, f)
    }

    #[inline(always)]
    fn pair<A: Arithmetic>(a: &LocalField<A>, b: &LocalField<A>) -> LocalField<Twice<A>> {
        LocalField {
            fixed: three!(d => (a.fixed[d], b.fixed[d])),
            turning: three!(d => (a.turning[d], b.turning[d])),
            displacement: (a.displacement, b.displacement),
        }
    }

    #[inline(always)]
    fn add_to_displacement<A: Arithmetic>(field: &mut LocalField<A>, further: A::Float) {
        field.displacement = A::add(field.displacement, further);
    }
}

/// For moves of spins at fixed displacements: H.
#[derive(Debug, Clone, Copy)]
pub struct SpinsOnly;

impl Surroundings for SpinsOnly {
    const TURNS: bool = false;
    type Field<A: Arithmetic> = [A::Float; 3];

    #[inline(always)]
    fn read<L: Lanes, N: Neighborhood>(
        context: &FieldContext<'_, N>,
        regions: &Regions<'_>,
        (m, vector, f): (usize, usize, usize),
        site: &Site<L>,
    ) -> [L::Float; 3] {
        context.spin_field::<L>(regions, (m, vector, f), site.tau)
    }

    #[inline(always)]
    fn pair<A: Arithmetic>(a: &[A::Float; 3], b: &[A::Float; 3]) -> [(A::Float, A::Float); 3] {
        three!(d => (a[d], b[d]))
    }

    #[inline(always)]
    fn add_to_displacement<A: Arithmetic>(_field: &mut [A::Float; 3], _further: A::Float) {}
}

impl<N: Neighborhood> FieldContext<'_, N> {
    /// The field on the eight sites of sublattice m and fcc index f in a vector. The region of m itself is not read.
    #[inline(always)]
    pub fn local_field<L: Lanes>(
        &self,
        regions: &Regions<'_>,
        m: usize,
        vector: usize,
        f: usize,
    ) -> LocalField<L> {
        let zero = L::splat(0.0);
        // Sums over UP and DOWN neighbors of S, tau S and tau.
        let (mut up, mut down) = ([zero; 3], [zero; 3]);
        let (mut up_tau, mut down_tau) = ([zero; 3], [zero; 3]);
        let mut tau = zero;
        for (k, other) in other_sublattices(m).into_iter().enumerate() {
            let neighbor = regions[other][vector * FCC + f].load::<L>();
            tau = L::add(tau, neighbor.tau);
            for d in 0..3 {
                up[d] = L::add(up[d], neighbor.spin[d]);
                up_tau[d] = L::mul_add(neighbor.tau, neighbor.spin[d], up_tau[d]);
            }
            let link = self.packing.down(m, f, k);
            let neighbor = self.neighborhood.fetch::<L>(regions[other], vector, link);
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
        let displacement = L::mul_add(L::splat(c.ice), tau, L::splat(-c.axis_field[m]));
        LocalField { fixed, turning, displacement }
    }

    /// H on the eight sites of sublattice m and fcc index f in a vector, whose displacements are `tau`.
    #[inline(always)]
    pub fn spin_field<L: Lanes>(
        &self,
        regions: &Regions<'_>,
        (m, vector, f): (usize, usize, usize),
        tau: L::Float,
    ) -> [L::Float; 3] {
        let c = self.couplings;
        let (mean, odd, both) = (L::splat(c.mean), L::splat(c.odd), L::splat(c.product));
        // J = fixed + slope tau_j, through UP and through DOWN.
        let fixed = [L::mul_add(odd, tau, mean), L::neg_mul_add(odd, tau, mean)];
        let even = L::mul(both, tau);
        let slope = [L::add(even, odd), L::sub(even, odd)];
        let mut fields = [c.magnetic_field.map(|h| L::splat(h)), [L::splat(0.0); 3]];
        for (k, other) in other_sublattices(m).into_iter().enumerate() {
            let link = self.packing.down(m, f, k);
            let neighbors = [
                regions[other][vector * FCC + f].load::<L>(),
                self.neighborhood.fetch::<L>(regions[other], vector, link),
            ];
            for side in 0..2 {
                let exchange = L::mul_add(slope[side], neighbors[side].tau, fixed[side]);
                for d in 0..3 {
                    fields[side][d] = L::neg_mul_add(exchange, neighbors[side].spin[d], fields[side][d]);
                }
            }
        }
        three!(d => L::add(fields[0][d], fields[1][d]))
    }
}
