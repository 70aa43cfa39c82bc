//! Sums over spins stored as bits, from scratch, by counting bits.

use super::bits::BitTables;
use super::couplings::{Distribution, Tables};
use super::layout::Layout;
use super::state::{State, Words};
use crate::foundation::simd::{LANES, Single};

/// What is read of a configuration: the words of both colors, united.
struct Spins<'a> {
    colors: [&'a [Words]; 2],
}

impl<'a> Spins<'a> {
    fn new(layout: &Layout, state: &'a State) -> Self {
        Spins { colors: [layout.color(state, 0), layout.color(state, 1)] }
    }

    fn word(&self, cell_slot: usize) -> u64 {
        let (vector, lane) = (cell_slot / LANES, cell_slot % LANES);
        self.colors[0][vector].0[lane] | self.colors[1][vector].0[lane]
    }
}

/// The energy in J and the magnetization.
#[must_use]
pub fn single(
    layout: &Layout,
    tables: &BitTables,
    couplings: (&Tables, Distribution),
    state: &State,
) -> [i64; 2] {
    let spins = Spins::new(layout, state);
    let sites = layout.block().sites() as i64;
    let (mut energy, mut magnetization) = (0, 0);
    layout.for_each_cell(|vector, lane, _| {
        let own = spins.word(vector * LANES + lane);
        magnetization += 2 * i64::from(own.count_ones()) - sites;
        for axis in 0..layout.lattice().dimensions() {
            let next = spins.word(layout.neighbor(vector, lane, 2 * axis));
            let mut unsatisfied = own ^ tables.axes()[axis].forth::<Single>(own, next);
            if couplings.1 != Distribution::Uniform {
                unsatisfied ^= couplings.0.vector(state.sample(), 0, vector)[2 * axis].0[lane];
            }
            let unsatisfied = unsatisfied & tables.occupied(vector).0[lane];
            energy += 2 * i64::from(unsatisfied.count_ones()) - sites;
        }
    });
    [energy, magnetization]
}

/// Sums of q_i = s_i^a s_i^b times 1 and times the cosine and sine of k_min along each axis, then the sum of q_i q_j over
/// bonds and the number of bonds; `phases` are the cosines and sines in units, `[axis][coordinate]`, `unit` is one.
#[must_use]
pub fn pair(
    layout: &Layout,
    tables: &BitTables,
    (a, b): (&State, &State),
    unit: i64,
    phases: &[Vec<[i64; 2]>; 3],
) -> Vec<i64> {
    let (a, b) = (Spins::new(layout, a), Spins::new(layout, b));
    let (block, dimensions) = (layout.block(), layout.lattice().dimensions());
    let sites = block.sites() as i64;
    let mut sums = vec![0; 1 + 2 * dimensions + 2];
    layout.for_each_cell(|vector, lane, cell| {
        let agree = |slot: usize| !(a.word(slot) ^ b.word(slot));
        let occupied = tables.occupied(vector).0[lane];
        let own = agree(vector * LANES + lane) & occupied;
        sums[0] += unit * (2 * i64::from(own.count_ones()) - sites);
        for axis in 0..dimensions {
            let phases = &phases[axis][cell[axis] * block.edges[axis]..];
            for (plane, [cosine, sine]) in tables.planes(axis).iter().zip(phases) {
                let overlap = 2 * i64::from((own & plane).count_ones()) - i64::from(plane.count_ones());
                sums[1 + 2 * axis] += overlap * cosine;
                sums[2 + 2 * axis] += overlap * sine;
            }
            let next = agree(layout.neighbor(vector, lane, 2 * axis));
            let differ = (own ^ tables.axes()[axis].forth::<Single>(own, next)) & occupied;
            sums[1 + 2 * dimensions] += unit * (sites - 2 * i64::from(differ.count_ones()));
            sums[2 + 2 * dimensions] += unit * sites;
        }
    });
    sums
}

/// The sum of the products of the spins of two configurations.
#[must_use]
pub fn correlation(layout: &Layout, tables: &BitTables, a: &State, b: &State) -> i64 {
    let (a, b) = (Spins::new(layout, a), Spins::new(layout, b));
    let sites = layout.block().sites() as i64;
    let mut sum = 0;
    layout.for_each_cell(|vector, lane, _| {
        let slot = vector * LANES + lane;
        let agree = !(a.word(slot) ^ b.word(slot)) & tables.occupied(vector).0[lane];
        sum += 2 * i64::from(agree.count_ones()) - sites;
    });
    sum
}
