//! Sweeps of Ising spins with couplings of +1 and -1, all 64 bits of a word at once.
//!
//! Of the z = 2d bonds of a site u are unsatisfied; full adders count them for all sites of a word. A flip changes the
//! energy by 4 (d - u), so its probability is a function of u, and random bits with these probabilities say which sites
//! flip. Energies are whole numbers.

use super::bernoulli::{CLASSES, Probabilities, draw};
use super::couplings::Tables;
use super::layout::{Layout, Neighborhood, colored, face};
use super::state::Words;
use crate::foundation::random::Key;
use crate::foundation::simd::math::boltzmann_factor;
use crate::foundation::simd::random::Streams;
use crate::foundation::simd::{Arithmetic, Kernel, LANES, Lanes};
use crate::models::PassOutcome;
use crate::system::hypercubic::Block;
use std::ops::Range;

/// How spins are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Flip with probability 1/(1 + exp(beta dE)).
    HeatBath,
    /// Flip with probability min(1, exp(-beta dE)).
    Metropolis,
}

impl Rule {
    /// The probabilities of the classes j: of a flip that raises the energy by 4 j.
    #[must_use]
    pub fn probabilities(self, inverse_temperature: f64) -> Probabilities {
        let boltzmann = |j: usize| boltzmann_factor(-4.0 * inverse_temperature * j as f64);
        Probabilities::new(std::array::from_fn(|j| match self {
            Rule::HeatBath => boltzmann(j) / (1.0 + boltzmann(j)),
            Rule::Metropolis => boltzmann(j),
        }))
    }
}

/// Where the neighbors of the sites of a word are: within it by a shift, or in the word of the next cell by another.
#[derive(Debug, Clone, Copy, Default)]
pub struct Axis {
    /// Bits between neighbors along the axis.
    step: u32,
    /// Bits between the first and the last site along it.
    wrap: u32,
    /// The first sites along it.
    first: u64,
    /// The last ones.
    last: u64,
}

impl Axis {
    /// The axes of a block.
    #[must_use]
    pub fn all(block: Block) -> [Axis; 3] {
        std::array::from_fn(|axis| {
            let (edge, step) = (block.edges[axis], block.stride(axis));
            Axis {
                step: step as u32,
                wrap: ((edge - 1) * step) as u32,
                first: face(block, axis, 0),
                last: face(block, axis, edge - 1),
            }
        })
    }

    /// The neighbors one step forth, from the word and that of the next cell.
    #[inline(always)]
    pub fn forth<A: Arithmetic>(&self, own: A::Word, next: A::Word) -> A::Word {
        let inside = A::and(A::shift_right_by(own, self.step), A::splat_word(!self.last));
        A::or(inside, A::and(A::shift_left_by(next, self.wrap), A::splat_word(self.last)))
    }

    /// The neighbors one step back, from the word and that of the cell before.
    #[inline(always)]
    pub fn back<A: Arithmetic>(&self, own: A::Word, before: A::Word) -> A::Word {
        let inside = A::and(A::shift_left_by(own, self.step), A::splat_word(!self.first));
        A::or(inside, A::and(A::shift_right_by(before, self.wrap), A::splat_word(self.first)))
    }
}

/// Numbers from 0 to 7, one per bit.
#[derive(Clone, Copy)]
pub struct Counter<L: Lanes>(pub [L::Word; 3]);

impl<L: Lanes> Counter<L> {
    /// The number of set bits among two to six.
    #[inline(always)]
    pub fn new<const D: usize>(pairs: &[[L::Word; 2]; D]) -> Self {
        let [first, second] = pairs[0];
        if D == 1 {
            return Counter([L::xor(first, second), L::and(first, second), L::splat_word(0)]);
        }
        let (low, carry) = full_adder::<L>(first, second, pairs[1][0]);
        if D == 2 {
            let (ones, again) = half_adder::<L>(low, pairs[1][1]);
            let (twos, fours) = half_adder::<L>(carry, again);
            return Counter([ones, twos, fours]);
        }
        let (other, other_carry) = full_adder::<L>(pairs[1][1], pairs[D - 1][0], pairs[D - 1][1]);
        let (ones, again) = half_adder::<L>(low, other);
        let (twos, fours) = full_adder::<L>(carry, other_carry, again);
        Counter([ones, twos, fours])
    }

    /// Where the number is `value`.
    #[inline(always)]
    pub fn is(&self, value: usize) -> L::Word {
        let mut here = L::splat_word(u64::MAX);
        for k in 0..3 {
            let unwanted = if value >> k & 1 == 1 { 0 } else { u64::MAX };
            here = L::and(here, L::xor(self.0[k], L::splat_word(unwanted)));
        }
        here
    }
}

#[inline(always)]
fn half_adder<L: Lanes>(a: L::Word, b: L::Word) -> (L::Word, L::Word) {
    (L::xor(a, b), L::and(a, b))
}

#[inline(always)]
fn full_adder<L: Lanes>(a: L::Word, b: L::Word, c: L::Word) -> (L::Word, L::Word) {
    let both = L::xor(a, b);
    (L::xor(both, c), L::or(L::and(a, b), L::and(both, c)))
}

/// Bits of a color per group of four, as numbers in these groups; no two bits 2k and 2k + 1 may both be set.
#[inline(always)]
fn per_four<L: Lanes>(bits: L::Word) -> L::Word {
    let pairs = L::and(L::or(bits, L::shift_right_by(bits, 1)), L::splat_word(0x5555_5555_5555_5555));
    let mask = L::splat_word(0x3333_3333_3333_3333);
    L::add_word(L::and(pairs, mask), L::and(L::shift_right_by(pairs, 2), mask))
}

/// The sum of the sixteen groups of four bits of each lane; it must stay below 256.
#[inline(always)]
fn sum_of_fours<L: Lanes>(fours: L::Word) -> L::Word {
    let mask = L::splat_word(0x0F0F_0F0F_0F0F_0F0F);
    let bytes = L::add_word(L::and(fours, mask), L::and(L::shift_right_by(fours, 4), mask));
    L::shift_right_by(L::mul_word(bytes, L::splat_word(0x0101_0101_0101_0101)), 56)
}

/// What passes over bits need to know: read-only, shared by all replicas.
#[derive(Debug, Clone, Default)]
pub struct BitTables {
    axes: [Axis; 3],
    /// `[color]`: the bits of a color.
    colors: [u64; 2],
    /// `[axis][coordinate in the block]`: the sites there.
    planes: [Vec<u64>; 3],
    /// `[vector]`: all bits where a cell is, none in padding.
    occupied: Vec<Words>,
}

impl BitTables {
    /// The tables of a layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        let block = layout.block();
        let colors = [colored(block, 0), colored(block, 1)];
        let mut occupied = vec![Words([0; LANES]); layout.cells().vectors()];
        layout.for_each_cell(|vector, lane, _| occupied[vector].0[lane] = colors[0] | colors[1]);
        let planes =
            std::array::from_fn(|axis| (0..block.edges[axis]).map(|at| face(block, axis, at)).collect());
        BitTables { axes: Axis::all(block), colors, planes, occupied }
    }

    /// The axes of the block.
    #[must_use]
    pub fn axes(&self) -> &[Axis; 3] {
        &self.axes
    }

    /// The sites of a block at each coordinate along an axis.
    #[must_use]
    pub fn planes(&self, axis: usize) -> &[u64] {
        &self.planes[axis]
    }

    /// All bits where a cell is, none in padding.
    #[must_use]
    pub fn occupied(&self, vector: usize) -> &Words {
        &self.occupied[vector]
    }
}

/// One move on all sites of one color in some vectors.
pub struct BitPass<'a, N, const D: usize, const DISORDER: bool> {
    /// Layout.
    pub layout: &'a Layout,
    /// Where neighboring cells are.
    pub neighborhood: N,
    /// Shifts and masks.
    pub tables: &'a BitTables,
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
    /// The move.
    pub rule: Rule,
    /// Its probabilities.
    pub probabilities: &'a Probabilities,
    /// The key of this pass and color.
    pub key: Key,
}

impl<N: Neighborhood, const D: usize, const DISORDER: bool> Kernel for BitPass<'_, N, D, DISORDER> {
    type Output = PassOutcome;

    #[inline(always)]
    fn run<L: Lanes>(self) -> PassOutcome {
        let key = self.key.word();
        let color = L::splat_word(self.tables.colors[self.color]);
        let (mut unsatisfied, mut flips) = (L::splat_word(0), L::splat_word(0));
        for (index, vector) in self.vectors.enumerate() {
            let own = L::load_word(&self.others[vector].0);
            let spins = L::load_word(&self.mine[index].0);
            let mut bonds = [[spins; 2]; D];
            for (axis, bond) in bonds.iter_mut().enumerate() {
                let tables = &self.tables.axes[axis];
                let next = self.neighborhood.fetch::<L>(self.others, 1, vector, 2 * axis, 0);
                let before = self.neighborhood.fetch::<L>(self.others, 1, vector, 2 * axis + 1, 0);
                bond[0] = L::xor(spins, tables.forth::<L>(own, next));
                bond[1] = L::xor(spins, tables.back::<L>(own, before));
                if DISORDER {
                    let couplings = self.couplings.0.vector(self.couplings.1, 0, vector);
                    bond[0] = L::xor(bond[0], L::load_word(&couplings[2 * axis].0));
                    bond[1] = L::xor(bond[1], L::load_word(&couplings[2 * axis + 1].0));
                }
            }
            let counter = Counter::<L>::new::<D>(&bonds);
            let active = L::and(color, L::load_word(&self.tables.occupied[vector].0));
            let zero = L::splat_word(0);
            let (mut lowers, mut raises) = (zero, [zero; CLASSES]);
            for j in 1..=D {
                raises[j] = counter.is(D - j);
                lowers = L::or(lowers, counter.is(D + j));
            }
            let mut streams = Streams::<L>::open(key, L::load_word(self.layout.cells().cells(vector)));
            let flip = match self.rule {
                Rule::HeatBath => {
                    // Above d the probability is one minus that of the reverse flip.
                    let mut classes = [counter.is(D), zero, zero, zero];
                    for j in 1..=D {
                        classes[j] = L::or(raises[j], counter.is(D + j));
                    }
                    let set = draw::<L, CLASSES>(self.probabilities, &classes, active, &mut streams);
                    L::xor(set, L::and(lowers, active))
                }
                Rule::Metropolis => {
                    let sure = L::and(active, L::or(lowers, counter.is(D)));
                    let open = L::xor(active, sure);
                    L::or(draw::<L, CLASSES>(self.probabilities, &raises, open, &mut streams), sure)
                }
            };
            L::store_word(&mut self.mine[index].0, L::xor(spins, flip));
            let mut count = zero;
            for digit in [counter.0[2], counter.0[1], counter.0[0]] {
                count = L::add_word(L::add_word(count, count), per_four::<L>(L::and(digit, flip)));
            }
            unsatisfied = L::add_word(unsatisfied, sum_of_fours::<L>(count));
            flips = L::add_word(flips, sum_of_fours::<L>(per_four::<L>(flip)));
        }
        let total = |word: L::Word| {
            let mut lanes = [0; LANES];
            L::store_word(&mut lanes, word);
            lanes.into_iter().sum::<u64>()
        };
        let (unsatisfied, flips) = (total(unsatisfied), total(flips));
        let change = 4 * (D as i64 * flips as i64 - unsatisfied as i64);
        PassOutcome { energy_change: change, accepted: flips }
    }
}
