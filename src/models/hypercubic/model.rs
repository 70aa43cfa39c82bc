//! The models on hypercubic lattices as the framework sees them.

use super::couplings::Distribution;
use super::layout::{Layout, Storage};
use super::parameters::{Moves, Specification};
use super::state::{State, Words};
use super::sweep::{Move, Sweeper};
use super::{Engine, Flavor, observables};
use crate::foundation::Result;
use crate::foundation::fixed_point::FixedPoint;
use crate::foundation::observable::{Derived, MoveCount, Observable};
use crate::foundation::random::{Key, Purpose};
use crate::foundation::simd::InstructionSet;
use crate::models::{Model, PassOutcome, Plane, StateField, Workforce};
use crate::parallel::halo::Ghost;
use crate::system::brick::Brick;
use crate::system::hypercubic::Hypercubic as Lattice;
use rustfft::num_complex::Complex64;
use std::marker::PhantomData;

/// A model on a hypercubic lattice.
pub struct Hypercubic<F> {
    specification: Specification,
    moves: Moves,
    engine: Engine,
    flavor: PhantomData<F>,
}

impl<F: Flavor> Hypercubic<F> {
    /// The lattice with its tables.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    fn specification(&self) -> &Specification {
        &self.specification
    }

    fn sites_of_cell(&self) -> usize {
        self.engine.layout.block().sites()
    }
}

impl<F: Flavor> Model for Hypercubic<F> {
    const NAME: &'static str = F::NAME;
    type Parameters = F::Parameters;
    type Moves = Moves;
    type State = State;

    fn example() -> &'static str {
        F::example()
    }

    fn new(parameters: F::Parameters, moves: Moves) -> Result<Self> {
        let specification = F::specify(&parameters)?;
        specification.check_moves(&moves)?;
        // A single cell without couplings until `occupy`.
        let block = Layout::block_of(&specification.lattice, specification.storage());
        let cell = Lattice::new(&block.edges[..specification.lattice.dimensions()]);
        let empty = Specification { lattice: cell, samples: 0, ..specification };
        let engine = Engine::new(empty, Brick::whole([1; 3]), Key::new(0));
        Ok(Hypercubic { specification, moves, engine, flavor: PhantomData })
    }

    fn resolved(parameters: F::Parameters) -> Result<F::Parameters> {
        F::specify(&parameters).map(|_| parameters)
    }

    fn default_moves(parameters: &F::Parameters) -> Moves {
        F::specify(parameters)
            .map_or_else(|_| Moves::default(), |specification| specification.default_moves())
    }

    fn sites(&self) -> usize {
        self.specification().lattice.sites()
    }

    fn cells(&self) -> [usize; 3] {
        self.engine.layout.block().count(&self.specification.lattice)
    }

    fn can_be_cut(&self) -> Result<()> {
        Ok(())
    }

    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }

    fn occupy(&mut self, brick: Brick, disorder: Key) {
        self.engine = Engine::new(*self.specification(), brick, disorder);
    }

    fn ghosts(&self) -> Vec<Vec<Ghost>> {
        self.engine.layout.ghosts()
    }

    fn locate(&self, global: u64) -> u32 {
        self.engine.layout.locate(global)
    }

    fn samples(&self) -> usize {
        self.specification().samples
    }

    fn random_state(&self, key: Key, sample: usize) -> State {
        self.engine.random_state(key, sample)
    }

    fn energy_unit(&self) -> FixedPoint {
        self.engine.energy_unit
    }

    fn largest_site_energy(&self) -> f64 {
        2.0 * self.specification.lattice.dimensions() as f64
    }

    fn energy(&self, state: &State) -> i64 {
        self.engine.single_sums(state)[0]
    }

    fn move_names(&self) -> &'static [&'static str] {
        &["heat_bath", "metropolis", "over_relaxation"]
    }

    fn sweep(
        &self,
        state: &mut State,
        inverse_temperature: f64,
        key: Key,
        counts: &mut [MoveCount],
        workforce: &Workforce<'_>,
    ) -> i64 {
        let sites = self.engine.layout.sites() as f64;
        let mut change = 0;
        let mut note = |kind: usize, outcome: PassOutcome| {
            counts[kind].attempted += sites;
            counts[kind].accepted += outcome.accepted as f64;
            change += outcome.energy_change;
        };
        let mut sweeper = Sweeper::new(&self.engine, workforce, InstructionSet::detect());
        let moves = self.moves;
        for pass in 0..moves.heat_bath as u64 {
            let key = key.purpose(Purpose::SpinHeatBath).with(pass);
            note(0, sweeper.pass(state, Move::HeatBath, inverse_temperature, key));
        }
        for pass in 0..moves.metropolis as u64 {
            let key = key.purpose(Purpose::SpinMetropolis).with(pass);
            note(1, sweeper.pass(state, Move::Metropolis, inverse_temperature, key));
        }
        for _ in 0..moves.over_relaxation {
            note(2, sweeper.pass(state, Move::OverRelaxation, inverse_temperature, key));
        }
        sweeper.finish(state);
        change
    }

    fn dynamics_sweep(
        &self,
        state: &mut State,
        inverse_temperature: f64,
        key: Key,
        workforce: &Workforce<'_>,
    ) {
        let mut sweeper = Sweeper::new(&self.engine, workforce, InstructionSet::detect());
        sweeper.pass(state, Move::HeatBath, inverse_temperature, key.purpose(Purpose::SpinHeatBath));
        sweeper.finish(state);
    }

    fn observables(&self) -> Vec<Observable> {
        observables::single(self.specification())
    }

    fn sums(&self, state: &State) -> Vec<i64> {
        self.engine.single_sums(state)
    }

    fn observe(&self, sums: &[i64], row: &mut [f64]) {
        let magnetization: Vec<f64> = sums[1..].iter().map(|&sum| self.engine.unit.number(sum)).collect();
        let energy = self.engine.energy_unit.number(sums[0]);
        observables::fill_single(energy, &magnetization, self.sites() as f64, row);
    }

    fn pair_observables(&self) -> Vec<Observable> {
        observables::pair(self.specification())
    }

    fn pair_sums(&self, a: &State, b: &State) -> Vec<i64> {
        self.engine.pair_sums(a, b)
    }

    fn observe_pair(&self, sums: &[i64], row: &mut [f64]) {
        let units = [self.engine.energy_unit, self.engine.unit];
        observables::fill_pair(self.specification(), sums, units, row);
    }

    fn derived(&self, pairs: bool) -> Vec<Derived> {
        observables::derived(self.specification(), pairs)
    }

    fn equilibration_observables(&self, pairs: bool) -> Vec<&'static str> {
        let mut names = vec!["energy", "magnetization_squared"];
        if pairs {
            names.extend(["overlap_spin_squared", "link_overlap"]);
        }
        names
    }

    fn correlation_names(&self) -> &'static [&'static str] {
        &["spin"]
    }

    fn correlation_sums(&self, reference: &State, state: &State) -> Vec<i64> {
        vec![self.engine.correlation(reference, state)]
    }

    fn correlations(&self, sums: &[i64], row: &mut [f64]) {
        let sites = self.sites() as f64;
        row.iter_mut().zip(sums).for_each(|(value, sum)| *value = self.engine.unit.number(*sum) / sites);
    }

    fn structure_factor_names(&self) -> &'static [&'static str] {
        &[]
    }

    fn plane_names() -> &'static [&'static str] {
        &[]
    }

    fn plane(&self, _name: &str) -> Option<Plane> {
        None
    }

    fn geometry(&self) -> ([f64; 3], Vec<[f64; 3]>) {
        let block = self.engine.layout.block();
        let position = |site: usize| block.coordinates(site).map(|at| at as f64);
        (block.edges.map(|edge| edge as f64), (0..block.sites()).map(position).collect())
    }

    fn basis(&self) -> Vec<[i64; 3]> {
        Vec::new()
    }

    fn channels(&self) -> usize {
        0
    }

    fn channel(&self, _state: &State, _channel: usize, _site: usize, _field: &mut [f64]) {}

    fn structure_factors(&self, _amplitudes: &[Complex64], _row: &mut [f64]) {}

    fn state_fields(&self) -> Vec<StateField> {
        let (sites, components) = (self.sites_of_cell(), self.specification().components);
        let shape = if components == 1 { vec![sites] } else { vec![sites, components] };
        vec![StateField { name: "spins", shape, integer: components == 1 }]
    }

    fn unload(&self, state: &State, _field: usize, out: &mut [f64]) {
        let (sites, components) = (self.sites_of_cell(), self.specification().components);
        for (index, out) in out.chunks_exact_mut(components).enumerate() {
            let spin = self.engine.layout.spin(state, index / sites, index % sites);
            out.copy_from_slice(&spin[..components]);
        }
    }

    fn load(&self, state: &mut State, _field: usize, values: &[f64]) {
        let (sites, components) = (self.sites_of_cell(), self.specification().components);
        for (index, values) in values.chunks_exact(components).enumerate() {
            let mut spin = [0.0; 3];
            spin[..components].copy_from_slice(values);
            self.engine.layout.set_spin(state, index / sites, index % sites, spin);
        }
    }

    fn as_bytes<'a>(&self, state: &'a State) -> &'a [u8] {
        bytemuck::cast_slice(&state.blocks)
    }

    fn state_from_bytes(&self, bytes: &[u8]) -> State {
        let mut state = State { blocks: vec![Words([0; 8]); self.engine.layout.blocks()] };
        bytemuck::cast_slice_mut(&mut state.blocks).copy_from_slice(bytes);
        state
    }

    fn state_bytes(&self) -> usize {
        self.engine.layout.blocks() * size_of::<Words>()
    }

    fn bytes_per_site(&self) -> [f64; 2] {
        let specification = self.specification();
        let per_site = match specification.storage() {
            Storage::Bits => 8.0 / self.sites_of_cell() as f64,
            Storage::Reals(_) => 8.0,
        };
        let (colors, words) = match specification.storage() {
            Storage::Bits => (2.0, 1.0),
            Storage::Reals(components) => (1.0, components as f64),
        };
        let disorder =
            if specification.couplings == Distribution::Uniform { 0 } else { specification.samples };
        let couplings = 2.0 * specification.lattice.dimensions() as f64 * disorder as f64;
        [colors * words * per_site, couplings * per_site]
    }
}
