//! Spins on chains, square and cubic lattices: what the Ising and the Edwards-Anderson model share.
//!
//! `E = - sum_<ij> J_ij S_i.S_j` over the bonds from each site forth along each axis, periodic. Ising spins with
//! couplings of +1 and -1 are bits and are swept 64 at a time; other spins are f64 and are swept eight cells at a time.

pub mod bernoulli;
pub mod bits;
pub mod couplings;
pub mod layout;
pub mod measure_bits;
pub mod measure_reals;
mod model;
pub mod observables;
pub mod parameters;
pub mod reals;
pub mod state;
pub mod sweep;

pub use self::model::Hypercubic;

use self::bits::BitTables;
use self::couplings::{Distribution, Tables};
use self::layout::{Layout, Storage};
use self::measure_reals::{Context, Correlate, Pair, Phases, Single};
use self::parameters::Specification;
use self::reals::Link;
use self::state::{State, Words};
use self::sweep::{Move, Sweeper};
use super::{PassOutcome, Workforce};
use crate::foundation::Result;
use crate::foundation::fixed_point::FixedPoint;
use crate::foundation::random::{Key, Purpose};
use crate::foundation::simd::{InstructionSet, dispatch};
use crate::system::brick::Brick;
use crate::system::cell_packing::with_neighbors;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What distinguishes one model on hypercubic lattices from another in configurations.
pub trait Flavor: Send + Sync + 'static {
    /// Name in configurations.
    const NAME: &'static str;
    /// The `[system]` table.
    type Parameters: DeserializeOwned + Serialize + Clone;
    /// A complete commented configuration that runs as it is.
    fn example() -> &'static str;
    /// The model that is meant.
    ///
    /// # Errors
    /// `Error::Configuration` naming the key, its value and what was expected.
    fn specify(parameters: &Self::Parameters) -> Result<Specification>;
}

/// The lattice with its couplings and tables, shared by all replicas.
pub struct Engine {
    specification: Specification,
    layout: Layout,
    couplings: Tables,
    /// For spins stored as bits.
    bits: BitTables,
    /// cos and sin of k_min . r in units, `[axis][coordinate]`.
    bit_phases: [Vec<[i64; 2]>; 3],
    /// For spins stored as f64.
    links: [Vec<Vec<Link>>; 2],
    phases: Phases,
    energy_unit: FixedPoint,
    /// Unit of sums over bonds of numbers up to one.
    unit: FixedPoint,
}

impl Engine {
    /// An engine for a brick of the lattice, whose couplings are keyed below `disorder`.
    #[must_use]
    pub fn new(specification: Specification, brick: Brick, disorder: Key) -> Self {
        let Specification { lattice, couplings, samples, .. } = specification;
        let layout = Layout::new(lattice, specification.storage(), brick);
        let bits = layout.storage() == Storage::Bits;
        // A normal number above 12 occurs once in 10^32; the field of a site then bounds what a move can change.
        let largest = if bits { 1.0 } else { 12.0 };
        let z = 2.0 * lattice.dimensions() as f64;
        let mut engine = Engine {
            couplings: Tables::new(&layout, couplings, disorder, samples),
            bits: if bits { BitTables::new(&layout) } else { BitTables::default() },
            links: if bits { Default::default() } else { reals::links(&layout) },
            phases: Phases::default(),
            bit_phases: Default::default(),
            energy_unit: FixedPoint::new(2.0 * z * largest, lattice.sites()),
            unit: FixedPoint::new(1.0, lattice.bonds()),
            specification,
            layout,
        };
        if bits {
            let units = |axis: usize, at: usize| engine.phase(axis, at).map(|x| engine.unit.units(x));
            engine.bit_phases =
                std::array::from_fn(|axis| (0..lattice.lengths()[axis]).map(|at| units(axis, at)).collect());
        } else {
            engine.phases = Phases::new(&engine.layout, |axis, at| engine.phase(axis, at));
        }
        engine
    }

    /// The layout of the spins.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What is simulated.
    #[must_use]
    pub fn specification(&self) -> &Specification {
        &self.specification
    }

    /// Units of energy of a coupling of 1.
    fn units_per_coupling(&self) -> i64 {
        self.energy_unit.scale() as i64
    }

    /// cos and sin of k_min times a coordinate.
    fn phase(&self, axis: usize, at: usize) -> [f64; 2] {
        let length = self.specification.lattice.lengths()[axis];
        let (sine, cosine) = (std::f64::consts::TAU * at as f64 / length as f64).sin_cos();
        [cosine, sine]
    }

    fn colors<'a>(&self, state: &'a State) -> [&'a [Words]; 2] {
        [self.layout.color(state, 0), self.layout.color(state, 1)]
    }

    /// A configuration at infinite temperature on one sample.
    #[must_use]
    pub fn random_state(&self, key: Key, sample: usize) -> State {
        let key = key.purpose(Purpose::Start);
        let mut state = self.layout.aligned(sample);
        let brick = self.layout.cells().brick();
        for place in 0..brick.count() {
            let mut stream = key.with(brick.number(brick.cell(place))).stream();
            for site in 0..self.layout.block().sites() {
                let spin = if self.specification.components == 1 {
                    [if stream.bits() >> 63 == 0 { 1.0 } else { -1.0 }, 0.0, 0.0]
                } else {
                    stream.unit_vector()
                };
                self.layout.set_spin(&mut state, place, site, spin);
            }
        }
        state
    }

    /// Energy and magnetization of this rank's part, in their units.
    #[must_use]
    pub fn single_sums(&self, state: &State) -> Vec<i64> {
        let (layout, sample) = (&self.layout, state.sample());
        let Storage::Reals(components) = layout.storage() else {
            let couplings = (&self.couplings, self.specification.couplings);
            let [energy, magnetization] = measure_bits::single(layout, &self.bits, couplings, state);
            return vec![energy * self.units_per_coupling(), magnetization * self.unit.scale() as i64];
        };
        with_neighbors!(layout.cells(), neighborhood => {
            let context = Context { layout, neighborhood, links: &self.links };
            let (couplings, colors) = ((&self.couplings, sample), self.colors(state));
            let units = [self.energy_unit, self.unit];
            match components {
                1 => dispatch(Single::<'_, _, 1> { context, couplings, colors, units }),
                _ => dispatch(Single::<'_, _, 3> { context, couplings, colors, units }),
            }
        })
    }

    /// The sums over products of two copies, see [`observables::fill_pair`].
    #[must_use]
    pub fn pair_sums(&self, a: &State, b: &State) -> Vec<i64> {
        let mut sums = self.products(a, b);
        if self.specification.couplings != Distribution::Uniform {
            sums.extend([a, b].map(|state| self.single_sums(state)[0]));
        } else {
            // Not observed without disorder.
            sums.extend([0, 0]);
        }
        sums
    }

    fn products(&self, a: &State, b: &State) -> Vec<i64> {
        let (layout, unit) = (&self.layout, self.unit);
        let Storage::Reals(components) = layout.storage() else {
            let one = unit.scale() as i64;
            return measure_bits::pair(layout, &self.bits, (a, b), one, &self.bit_phases);
        };
        with_neighbors!(layout.cells(), neighborhood => {
            let context = Context { layout, neighborhood, links: &self.links };
            let (a, b, phases) = (self.colors(a), self.colors(b), &self.phases);
            match components {
                1 => dispatch(Pair::<'_, _, 1> { context, a, b, phases, unit }),
                _ => dispatch(Pair::<'_, _, 3> { context, a, b, phases, unit }),
            }
        })
    }

    /// The sum over sites of S_i.S_i' between two configurations.
    #[must_use]
    pub fn correlation(&self, a: &State, b: &State) -> i64 {
        let (layout, unit) = (&self.layout, self.unit);
        match layout.storage() {
            Storage::Bits => measure_bits::correlation(layout, &self.bits, a, b) * unit.scale() as i64,
            Storage::Reals(1) => {
                dispatch(Correlate::<'_, 1> { layout, a: self.colors(a), b: self.colors(b), unit })
            }
            Storage::Reals(_) => {
                dispatch(Correlate::<'_, 3> { layout, a: self.colors(a), b: self.colors(b), unit })
            }
        }
    }

    /// One pass over all sites with a given instruction set, for tests and benchmarks; ghosts are fresh before and after.
    pub fn pass_with(
        &self,
        (set, workforce): (InstructionSet, &Workforce<'_>),
        state: &mut State,
        kind: Move,
        inverse_temperature: f64,
        key: Key,
    ) -> PassOutcome {
        let mut sweeper = Sweeper::new(self, workforce, set);
        let outcome = sweeper.pass(state, kind, inverse_temperature, key);
        sweeper.finish(state);
        outcome
    }
}
