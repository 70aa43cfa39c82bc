//! Sums over spins stored as f64, from scratch, eight cells at once and in fixed point.

use super::couplings::Tables;
use super::layout::{Layout, Neighborhood};
use super::reals::{Link, field, spin};
use super::state::Words;
use crate::foundation::fixed_point::{FixedPoint, UnitSum};
use crate::foundation::simd::{Eight, Kernel, LANES, Lanes};
use crate::system::hypercubic::Block;

/// Layout and tables of a measurement.
#[derive(Clone, Copy)]
pub struct Context<'a, N> {
    /// Layout.
    pub layout: &'a Layout,
    /// Where neighboring cells are.
    pub neighborhood: N,
    /// `[color][place among the color][offset]`
    pub links: &'a [Vec<Vec<Link>>; 2],
}

/// cos and sin of k_min . r along each axis.
#[derive(Debug, Clone, Default)]
pub struct Phases {
    /// `[vector][axis][coordinate in the cell]`: cosines and sines.
    tables: Vec<[[[Eight<f64>; 2]; 2]; 3]>,
}

impl Phases {
    /// The phases of the sites of a brick; `phase` gives (axis, coordinate) cosine and sine.
    #[must_use]
    pub fn new(layout: &Layout, phase: impl Fn(usize, usize) -> [f64; 2]) -> Self {
        let nothing = [[[Eight([0.0; LANES]); 2]; 2]; 3];
        let mut tables = vec![nothing; layout.cells().vectors()];
        layout.for_each_cell(|vector, lane, cell| {
            for axis in 0..layout.lattice().dimensions() {
                for within in 0..2 {
                    let values = phase(axis, 2 * cell[axis] + within);
                    for (part, value) in values.into_iter().enumerate() {
                        tables[vector][axis][within][part].0[lane] = value;
                    }
                }
            }
        });
        Phases { tables }
    }
}

/// The sites of a color in the order of their places.
fn sites_of(block: Block, color: usize) -> impl Iterator<Item = usize> {
    (0..block.sites()).filter(move |&site| block.color(site) == color)
}

/// The scalar product of spins with C components.
#[inline(always)]
fn product<L: Lanes, const C: usize>(a: &[L::Float; C], b: &[L::Float; C]) -> L::Float {
    let mut sum = L::mul(a[0], b[0]);
    for d in 1..C {
        sum = L::mul_add(a[d], b[d], sum);
    }
    sum
}

/// Energy and magnetization.
pub struct Single<'a, N, const C: usize> {
    /// Layout and tables.
    pub context: Context<'a, N>,
    /// The couplings, and the sample.
    pub couplings: (&'a Tables, usize),
    /// The words of both colors.
    pub colors: [&'a [Words]; 2],
    /// The units of energy and of numbers up to one.
    pub units: [FixedPoint; 2],
}

impl<N: Neighborhood, const C: usize> Kernel for Single<'_, N, C> {
    type Output = Vec<i64>;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Vec<i64> {
        let Context { layout, neighborhood, links } = self.context;
        let mut energy = UnitSum::<L>::default();
        let mut magnetization = [UnitSum::<L>::default(); C];
        for color in 0..2 {
            for vector in 0..layout.cells().vectors() {
                let weight = L::load(layout.cells().weights(vector));
                let couplings = self.couplings.0.vector(self.couplings.1, color, vector);
                // Bonds count half at either end.
                let energy_scale = L::mul(weight, L::splat(-0.5 * self.units[0].scale()));
                let one_scale = L::mul(weight, L::splat(self.units[1].scale()));
                for (rank, links) in links[color].iter().enumerate() {
                    let here = &couplings[rank * links.len()..];
                    let place = (layout, neighborhood);
                    let field = field::<L, N, C>(links, place, self.colors[1 - color], vector, here);
                    let first = vector * layout.words() + rank * C;
                    let spin = spin::<L, C>(self.colors[color], first);
                    energy.add(product::<L, C>(&spin, &field), energy_scale);
                    for d in 0..C {
                        magnetization[d].add(spin[d], one_scale);
                    }
                }
            }
        }
        [energy].into_iter().chain(magnetization).map(UnitSum::total).collect()
    }
}

/// Products of two copies.
pub struct Pair<'a, N, const C: usize> {
    /// Layout and tables.
    pub context: Context<'a, N>,
    /// The words of both colors of one copy.
    pub a: [&'a [Words]; 2],
    /// Those of the other.
    pub b: [&'a [Words]; 2],
    /// Phases at k_min.
    pub phases: &'a Phases,
    /// The unit of numbers up to one.
    pub unit: FixedPoint,
}

impl<N: Neighborhood, const C: usize> Kernel for Pair<'_, N, C> {
    type Output = Vec<i64>;

    /// Sums of S_mu^a S_nu^b times 1 and times the cosine and sine of k_min along each axis, `[phase][mu][nu]`, then over
    /// bonds of (S_i.S_j)^a (S_i.S_j)^b and of (S_i.S_j)^2, averaged over the two copies.
    #[inline(always)]
    fn run<L: Lanes>(self) -> Vec<i64> {
        let Context { layout, neighborhood, links } = self.context;
        let dimensions = layout.lattice().dimensions();
        let (block, words) = (layout.block(), layout.words());
        let mut overlaps = [[[UnitSum::<L>::default(); C]; C]; 7];
        let (mut link_sum, mut square_sum) = (UnitSum::<L>::default(), UnitSum::<L>::default());
        for color in 0..2 {
            for vector in 0..layout.cells().vectors() {
                let weight = L::load(layout.cells().weights(vector));
                let scale = L::mul(weight, L::splat(self.unit.scale()));
                for (rank, site) in sites_of(block, color).enumerate() {
                    let first = vector * words + rank * C;
                    let a = spin::<L, C>(self.a[color], first);
                    let b = spin::<L, C>(self.b[color], first);
                    let at = block.coordinates(site);
                    for k in 0..=2 * dimensions {
                        let mut phase = L::splat(1.0);
                        if k > 0 {
                            let axis = (k - 1) / 2;
                            phase = L::load(&self.phases.tables[vector][axis][at[axis]][(k - 1) % 2].0);
                        }
                        for mu in 0..C {
                            let turned = L::mul(a[mu], phase);
                            for nu in 0..C {
                                overlaps[k][mu][nu].add(L::mul(turned, b[nu]), scale);
                            }
                        }
                    }
                    for axis in 0..dimensions {
                        let link = links[color][rank][2 * axis];
                        let mut products = [L::splat(0.0); 2];
                        for (product_of, (here, region)) in
                            products.iter_mut().zip([(a, self.a[1 - color]), (b, self.b[1 - color])])
                        {
                            let mut there = here;
                            for d in 0..C {
                                let word = link.rank * C + d;
                                there[d] = L::from_bits(match link.offset {
                                    None => L::load_word(&region[vector * words + word].0),
                                    Some(offset) => {
                                        neighborhood.fetch::<L>(region, words, vector, offset, word)
                                    }
                                });
                            }
                            *product_of = product::<L, C>(&here, &there);
                        }
                        link_sum.add(L::mul(products[0], products[1]), scale);
                        let squares = L::mul_add(products[0], products[0], L::mul(products[1], products[1]));
                        square_sum.add(L::mul(squares, L::splat(0.5)), scale);
                    }
                }
            }
        }
        let overlaps = overlaps.into_iter().take(1 + 2 * dimensions).flatten().flatten();
        overlaps.chain([link_sum, square_sum]).map(UnitSum::total).collect()
    }
}

/// The sum of the products of the spins of two configurations.
pub struct Correlate<'a, const C: usize> {
    /// Layout.
    pub layout: &'a Layout,
    /// The words of both colors of one configuration.
    pub a: [&'a [Words]; 2],
    /// Those of the other.
    pub b: [&'a [Words]; 2],
    /// The unit of numbers up to one.
    pub unit: FixedPoint,
}

impl<const C: usize> Kernel for Correlate<'_, C> {
    type Output = i64;

    #[inline(always)]
    fn run<L: Lanes>(self) -> i64 {
        let mut sum = UnitSum::<L>::default();
        let words = self.layout.words();
        for (a, b) in self.a.into_iter().zip(self.b) {
            for vector in 0..self.layout.cells().vectors() {
                let scale = L::mul(L::load(self.layout.cells().weights(vector)), L::splat(self.unit.scale()));
                for first in (vector * words..(vector + 1) * words).step_by(C) {
                    sum.add(product::<L, C>(&spin::<L, C>(a, first), &spin::<L, C>(b, first)), scale);
                }
            }
        }
        sum.total()
    }
}
