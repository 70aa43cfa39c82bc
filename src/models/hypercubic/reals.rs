//! Sweeps of spins with one or three f64 components: Ising spins with couplings of any size, and Heisenberg spins.

use super::couplings::Tables;
use super::layout::{Layout, Neighborhood};
use super::state::Words;
use crate::foundation::fixed_point::UnitSum;
use crate::foundation::random::Key;
use crate::foundation::simd::math::exp;
use crate::foundation::simd::random::{InTurn, RandomBits, Streams, uniform};
use crate::foundation::simd::sphere::{dot, draw_spin, half_turn, regular, strength};
use crate::foundation::simd::{Arithmetic, Kernel, Lanes, Twice};
use crate::models::PassOutcome;
use std::ops::Range;

/// Where a neighbor is: in the same cell, or at an offset, and its first word there.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// Number of the offset; `None` in the same cell.
    pub offset: Option<usize>,
    /// Its place among the sites of its color.
    pub rank: usize,
}

/// `[color][place among the color][offset]`: the neighbors of the sites of a cell.
#[must_use]
pub fn links(layout: &Layout) -> [Vec<Vec<Link>>; 2] {
    let block = layout.block();
    let of_site = |site: usize| {
        let at = block.coordinates(site);
        let link = |offset: usize| {
            let axis = offset / 2;
            let across =
                if offset.is_multiple_of(2) { at[axis] + 1 == block.edges[axis] } else { at[axis] == 0 };
            // Edges are two sites long, so that either neighbor along an axis is the other one.
            let step = block.stride(axis);
            let other = if at[axis] == 0 { site + step } else { site - step };
            Link { offset: across.then_some(offset), rank: block.rank(other) }
        };
        (0..2 * layout.lattice().dimensions()).map(link).collect()
    };
    let of_color =
        |color: usize| (0..block.sites()).filter(|&site| block.color(site) == color).map(of_site).collect();
    [of_color(0), of_color(1)]
}

/// The field sum_j J_ij S_j on the sites of one place in the cells of a vector, which have the couplings `couplings`.
#[inline(always)]
pub fn field<L: Lanes, N: Neighborhood, const C: usize>(
    links: &[Link],
    (layout, neighborhood): (&Layout, N),
    region: &[Words],
    vector: usize,
    couplings: &[Words],
) -> [L::Float; C] {
    let words = layout.words();
    let mut field = [L::splat(0.0); C];
    for (link, coupling) in links.iter().zip(couplings) {
        let coupling = L::from_bits(L::load_word(&coupling.0));
        for d in 0..C {
            let word = link.rank * C + d;
            let spin = match link.offset {
                None => L::load_word(&region[vector * words + word].0),
                Some(offset) => neighborhood.fetch::<L>(region, words, vector, offset, word),
            };
            field[d] = L::mul_add(coupling, L::from_bits(spin), field[d]);
        }
    }
    field
}

/// The spin at a place in a vector.
#[inline(always)]
pub fn spin<L: Lanes, const C: usize>(blocks: &[Words], first: usize) -> [L::Float; C] {
    let mut spin = [L::splat(0.0); C];
    for d in 0..C {
        spin[d] = L::from_bits(L::load_word(&blocks[first + d].0));
    }
    spin
}

/// One spin after a move.
#[derive(Clone, Copy)]
struct Moved<A: Arithmetic, const C: usize> {
    spin: [A::Float; C],
    energy_change: A::Float,
    accepted: A::Float,
}

/// Three components, of which only the first counts where there is one.
#[inline(always)]
fn three<A: Arithmetic, const C: usize>(vector: &[A::Float; C]) -> [A::Float; 3] {
    [vector[0], vector[1 % C], vector[2 % C]]
}

#[inline(always)]
fn apply<A: Arithmetic, const C: usize, const RELAX: bool>(
    spin: &[A::Float; C],
    field: &[A::Float; C],
    inverse_temperature: f64,
    random: &mut impl RandomBits<A>,
) -> Moved<A, C> {
    let (one, zero) = (A::splat(1.0), A::splat(0.0));
    let mut after = *spin;
    if RELAX {
        let turned = half_turn::<A>(&three::<A, C>(spin), &three::<A, C>(field));
        after.copy_from_slice(&turned[..C]);
        return Moved { spin: after, energy_change: zero, accepted: one };
    }
    if C == 1 {
        // Up with probability 1/(1 + exp(-2 beta h)).
        let exponent = A::mul(field[0], A::splat(-2.0 * inverse_temperature));
        let weight = exp::<A>(A::max(A::min(exponent, A::splat(690.0)), A::splat(-690.0)));
        let drawn = A::mul(uniform::<A>(random.bits()), A::add(one, weight));
        after[0] = A::select(A::less(drawn, one), one, A::splat(-1.0));
        let difference = A::sub(spin[0], after[0]);
        return Moved {
            spin: after,
            energy_change: A::mul(difference, field[0]),
            accepted: A::mul(A::abs(difference), A::splat(0.5)),
        };
    }
    let field = regular::<A>(three::<A, C>(field));
    let (drawn, along) =
        draw_spin::<A>(&field, &strength::<A>(&field, inverse_temperature), inverse_temperature, random);
    after.copy_from_slice(&drawn[..C]);
    let before = dot::<A>(&three::<A, C>(spin), &field);
    Moved { spin: after, energy_change: A::sub(before, along), accepted: one }
}

/// One move on all sites of one color in some vectors.
pub struct RealPass<'a, N, const C: usize, const RELAX: bool> {
    /// Layout.
    pub layout: &'a Layout,
    /// Where neighboring cells are.
    pub neighborhood: N,
    /// `[place among the color][offset]`
    pub links: &'a [Vec<Link>],
    /// The couplings, and the sample.
    pub couplings: (&'a Tables, usize),
    /// The words of the other color.
    pub others: &'a [Words],
    /// The words that change: those of `vectors`.
    pub mine: &'a mut [Words],
    /// The color.
    pub color: usize,
    /// The vectors.
    pub vectors: Range<usize>,
    /// 1/T
    pub inverse_temperature: f64,
    /// The key of this pass and color.
    pub key: Key,
    /// Units of energy per J.
    pub scale: f64,
}

impl<N: Neighborhood, const C: usize, const RELAX: bool> Kernel for RealPass<'_, N, C, RELAX> {
    type Output = PassOutcome;

    #[inline(always)]
    fn run<L: Lanes>(self) -> PassOutcome {
        let cells = self.layout.cells();
        let (mut energy_change, mut accepted) = (UnitSum::<L>::default(), L::splat(0.0));
        // Over-relaxation never looks at the streams; the compiler drops their opening.
        let key = if RELAX { 0 } else { self.key.word() };
        let (words, beta, place) =
            (self.layout.words(), self.inverse_temperature, (self.layout, self.neighborhood));
        for (index, vector) in self.vectors.enumerate() {
            let mut streams = Streams::<L>::open(key, L::load_word(cells.cells(vector)));
            let weight = L::load(cells.weights(vector));
            let scale = L::mul(weight, L::splat(self.scale));
            let couplings = self.couplings.0.vector(self.couplings.1, self.color, vector);
            let mine = &mut self.mine[index * words..(index + 1) * words];
            let mut rank = 0;
            while rank < self.links.len() {
                let links = &self.links[rank];
                let here = &couplings[rank * links.len()..];
                let first = field::<L, N, C>(links, place, self.others, vector, here);
                let before = spin::<L, C>(mine, rank * C);
                if rank + 1 == self.links.len() {
                    let moved = apply::<L, C, RELAX>(&before, &first, beta, &mut streams);
                    for d in 0..C {
                        L::store_word(&mut mine[rank * C + d].0, L::to_bits(moved.spin[d]));
                    }
                    energy_change.add(moved.energy_change, scale);
                    accepted = L::mul_add(moved.accepted, weight, accepted);
                    break;
                }
                // Two sites in step, which hides half of the waiting of a long chain of operations.
                let here = &couplings[(rank + 1) * links.len()..];
                let second = field::<L, N, C>(&self.links[rank + 1], place, self.others, vector, here);
                let other = spin::<L, C>(mine, (rank + 1) * C);
                let (mut both, mut fields) = ([(before[0], other[0]); C], [(first[0], second[0]); C]);
                for d in 1..C {
                    both[d] = (before[d], other[d]);
                    fields[d] = (first[d], second[d]);
                }
                let moved = apply::<Twice<L>, C, RELAX>(&both, &fields, beta, &mut InTurn(&mut streams));
                for d in 0..C {
                    L::store_word(&mut mine[rank * C + d].0, L::to_bits(moved.spin[d].0));
                    L::store_word(&mut mine[(rank + 1) * C + d].0, L::to_bits(moved.spin[d].1));
                }
                energy_change.add(moved.energy_change.0, scale);
                energy_change.add(moved.energy_change.1, scale);
                accepted = L::mul_add(moved.accepted.0, weight, accepted);
                accepted = L::mul_add(moved.accepted.1, weight, accepted);
                rank += 2;
            }
        }
        PassOutcome { energy_change: energy_change.total(), accepted: L::sum(accepted) as u64 }
    }
}
