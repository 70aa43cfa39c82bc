//! The pyrochlore spin-lattice glass as the framework sees it.

use super::energy::Totals;
use super::field::regions;
use super::further::FurtherNeighbors;
use super::ice_loop::IceLoops;
use super::overlap::{Correlate, Overlap, Phases};
use super::parameters::{self, IceRule, Moves, Parameters};
use super::site_moves::{DisplacementMetropolis, JointHeatBath, OverRelaxation, SpinHeatBath};
use super::state::{SiteBlock, State};
use super::sweep::{PAIRS, Sweeper};
use super::{PyrochloreSpinLattice, further, observables};
use crate::foundation::fixed_point::FixedPoint;
use crate::foundation::observable::{Derived, MoveCount, Observable};
use crate::foundation::random::{Key, Purpose};
use crate::foundation::simd::{InstructionSet, LANES, dispatch};
use crate::foundation::{Error, Result};
use crate::models::{Model, PassOutcome, Plane, StateField, Workforce};
use crate::parallel::halo::Ghost;
use crate::system::brick::Brick;
use crate::system::pyrochlore::{
    CORNERS, FCC, FCC_POSITIONS, LOCAL_AXES, Pyrochlore, SITES_PER_CELL, SUBLATTICES,
};
use crate::system::pyrochlore_packing::PyrochlorePacking;
use rustfft::num_complex::Complex64;

const MOVE_NAMES: [&str; 5] =
    ["joint_heat_bath", "spin_heat_bath", "displacement_metropolis", "over_relaxation", "ice_loops"];

impl Model for PyrochloreSpinLattice {
    const NAME: &'static str = "pyrochlore-spin-lattice";
    type Parameters = Parameters;
    type Moves = Moves;
    type State = State;

    fn example() -> &'static str {
        include_str!("example.toml")
    }

    fn new(parameters: Parameters, moves: Moves) -> Result<Self> {
        let couplings = parameters.couplings()?;
        parameters.check_moves(&couplings, &moves)?;
        let lattice = Pyrochlore::new(usize::try_from(parameters.size).unwrap_or(1));
        // A move changes the energy of its site by twice the bound at most; floors keep the unit finite.
        let largest = 2.0 * couplings.largest_site_energy();
        let largest = if largest > 0.0 { largest.max(1e-100) } else { 1.0 };
        Ok(PyrochloreSpinLattice {
            energy_unit: FixedPoint::new(largest, lattice.sites()),
            unit: FixedPoint::new(1.0, lattice.sites()),
            // A single cell until `occupy`.
            packing: PyrochlorePacking::whole(Pyrochlore::new(1)),
            tied: [false; 2],
            further: None,
            loops: None,
            phases: Phases::default(),
            parameters,
            couplings,
            moves,
            lattice,
        })
    }

    fn resolved(parameters: Parameters) -> Result<Parameters> {
        parameters.resolved()
    }

    fn default_moves(parameters: &Parameters) -> Moves {
        let ordinary = Moves { joint_heat_bath: 1, over_relaxation: 4, ice_loops: 1, ..Moves::default() };
        match parameters.ice_rule {
            IceRule::Soft => ordinary,
            IceRule::Hard => Moves { joint_heat_bath: 0, spin_heat_bath: 1, ..ordinary },
        }
    }

    fn sites(&self) -> usize {
        self.lattice.sites()
    }

    fn cells(&self) -> [usize; 3] {
        [self.lattice.size(); 3]
    }

    fn can_be_cut(&self) -> Result<()> {
        if self.moves.ice_loops == 0 {
            return Ok(());
        }
        let instead = if self.is_hard() {
            "expected domains = [1, 1, 1], because [system] ice_rule = \"hard\" needs loops"
        } else {
            "expected domains = [1, 1, 1], or ice_loops = 0"
        };
        Err(Error::Configuration(format!(
            "[method.moves] ice_loops = {}: loops wander through the whole lattice, which a lattice cut into domains \
             does not allow; {instead}.",
            self.moves.ice_loops
        )))
    }

    fn remarks(&self) -> Vec<String> {
        let Some(name) = &self.parameters.preset else { return Vec::new() };
        let presets = parameters::presets();
        let unverified = presets.get(name).filter(|preset| !preset.verified);
        let remark =
            |preset: &parameters::Preset| format!("preset \"{name}\" is unverified: {}", preset.note);
        unverified.map(remark).into_iter().collect()
    }

    fn occupy(&mut self, brick: Brick, _disorder: Key) {
        let further = FurtherNeighbors::are_coupled(&self.couplings);
        self.packing = PyrochlorePacking::new(self.lattice, brick, further);
        self.tied =
            PAIRS.map(|[a, b]| self.packing.sees_ghosts_of(a, b) || self.packing.sees_ghosts_of(b, a));
        self.further = FurtherNeighbors::new(&self.packing, &self.couplings);
        let whole = self.packing.cells().brick().is_whole();
        let wanted = self.moves.ice_loops > 0 || self.is_hard();
        self.loops = (whole && wanted).then(|| IceLoops::new(&self.packing));
        self.phases = Phases::new(self.packing.cells(), &self.basis());
    }

    /// The ghosts of each sublattice, then those of the pairs that are swept together.
    fn ghosts(&self) -> Vec<Vec<Ghost>> {
        let of_sublattice = self.packing.ghosts();
        let pairs = PAIRS.map(|pair| pair.map(|m| of_sublattice[m].clone()).concat());
        of_sublattice.into_iter().chain(pairs).collect()
    }

    fn locate(&self, global: u64) -> u32 {
        self.packing.slot_of_site(global as usize).expect("a rank is asked for sites it owns")
    }

    fn samples(&self) -> usize {
        1
    }

    fn random_state(&self, key: Key, _sample: usize) -> State {
        let key = key.purpose(Purpose::Start);
        let mut state = State::aligned(&self.packing);
        let brick = self.packing.cells().brick();
        for place in 0..brick.count() {
            let mut stream = key.with(brick.number(brick.cell(place))).stream();
            for site in place * SITES_PER_CELL..(place + 1) * SITES_PER_CELL {
                let slot = self.packing.slot(site);
                state.set_spin(slot, stream.unit_vector());
                let ordered = if Pyrochlore::sublattice(site) < 2 { 1.0 } else { -1.0 };
                let random = if stream.bits() >> 63 == 0 { 1.0 } else { -1.0 };
                state.set_tau(slot, if self.is_hard() { ordered } else { random });
            }
        }
        if self.is_hard() {
            // Loops at infinite temperature carry the ordered ice far from its start; each pass tries one per cell.
            for pass in 0..32 {
                self.loop_pass(&mut state, 0.0, key.with(pass), &mut MoveCount::default());
            }
        }
        state
    }

    fn energy_unit(&self) -> FixedPoint {
        self.energy_unit
    }

    fn largest_site_energy(&self) -> f64 {
        self.couplings.largest_site_energy()
    }

    fn energy(&self, state: &State) -> i64 {
        let sums = self.total_sums(state);
        sums[0] + sums[1]
    }

    fn move_names(&self) -> &'static [&'static str] {
        &MOVE_NAMES
    }

    fn sweep(
        &self,
        state: &mut State,
        inverse_temperature: f64,
        key: Key,
        counts: &mut [MoveCount],
        workforce: &Workforce<'_>,
    ) -> i64 {
        let sites = self.packing.sites() as f64;
        let mut change = 0;
        let mut note = |kind: usize, outcome: PassOutcome| {
            counts[kind].attempted += sites;
            counts[kind].accepted += outcome.accepted as f64;
            change += outcome.energy_change;
        };
        let m = self.moves;
        let beta = inverse_temperature;
        let mut sweeper = Sweeper::new(self, workforce, InstructionSet::detect());
        for pass in 0..m.joint_heat_bath as u64 {
            let key = key.purpose(Purpose::JointHeatBath).with(pass);
            note(0, sweeper.pass(state, JointHeatBath, beta, key));
        }
        for pass in 0..m.spin_heat_bath as u64 {
            let key = key.purpose(Purpose::SpinHeatBath).with(pass);
            note(1, sweeper.pass(state, SpinHeatBath, beta, key));
        }
        for pass in 0..m.displacement_metropolis as u64 {
            let key = key.purpose(Purpose::DisplacementMetropolis).with(pass);
            note(2, sweeper.pass(state, DisplacementMetropolis, beta, key));
        }
        for _ in 0..m.over_relaxation {
            note(3, sweeper.pass(state, OverRelaxation, beta, key));
        }
        sweeper.finish(state);
        for pass in 0..m.ice_loops as u64 {
            change += self.loop_pass(state, beta, key.with(pass), &mut counts[4]);
        }
        change
    }

    fn dynamics_sweep(
        &self,
        state: &mut State,
        inverse_temperature: f64,
        key: Key,
        workforce: &Workforce<'_>,
    ) {
        let mut sweeper = Sweeper::new(self, workforce, InstructionSet::detect());
        sweeper.pass(state, SpinHeatBath, inverse_temperature, key.purpose(Purpose::SpinHeatBath));
        if !self.is_hard() {
            let key = key.purpose(Purpose::DisplacementMetropolis);
            sweeper.pass(state, DisplacementMetropolis, inverse_temperature, key);
        }
        sweeper.finish(state);
    }

    fn observables(&self) -> Vec<Observable> {
        observables::single()
    }

    fn sums(&self, state: &State) -> Vec<i64> {
        self.total_sums(state).into()
    }

    fn observe(&self, sums: &[i64], row: &mut [f64]) {
        let sums = std::array::from_fn(|k| sums[k]);
        observables::fill_single(&Totals::new(&sums, &self.units()), self.sites() as f64, row);
    }

    fn pair_observables(&self) -> Vec<Observable> {
        observables::pair()
    }

    fn pair_sums(&self, a: &State, b: &State) -> Vec<i64> {
        let sums = dispatch(Overlap {
            a: regions(&self.packing, &a.blocks),
            b: regions(&self.packing, &b.blocks),
            cells: self.packing.cells(),
            phases: &self.phases,
            unit: self.unit,
        });
        sums.into_iter().flatten().collect()
    }

    fn observe_pair(&self, sums: &[i64], row: &mut [f64]) {
        let sums = std::array::from_fn(|k| std::array::from_fn(|product| sums[10 * k + product]));
        observables::fill_pair(&sums, self.unit, self.sites() as f64, row);
    }

    fn derived(&self, pairs: bool) -> Vec<Derived> {
        observables::derived(self.sites() as f64, self.lattice.size(), pairs)
    }

    fn equilibration_observables(&self, pairs: bool) -> Vec<&'static str> {
        let mut names = vec!["energy", "displacement_energy", "magnetization_squared"];
        if pairs {
            names.extend(["overlap_spin_squared", "overlap_displacement_squared"]);
        }
        names
    }

    fn correlation_names(&self) -> &'static [&'static str] {
        &["spin", "displacement"]
    }

    fn correlation_sums(&self, reference: &State, state: &State) -> Vec<i64> {
        let (a, b) = (regions(&self.packing, &reference.blocks), regions(&self.packing, &state.blocks));
        dispatch(Correlate { a, b, cells: self.packing.cells(), unit: self.unit }).into()
    }

    fn correlations(&self, sums: &[i64], row: &mut [f64]) {
        let sites = self.sites() as f64;
        row.iter_mut().zip(sums).for_each(|(value, sum)| *value = self.unit.number(*sum) / sites);
    }

    fn structure_factor_names(&self) -> &'static [&'static str] {
        &["spin", "displacement", "polarization"]
    }

    fn plane_names() -> &'static [&'static str] {
        &["hhl", "hk0", "hkk"]
    }

    fn plane(&self, name: &str) -> Option<Plane> {
        // Mirrors of the cube lead h to -h in each of these planes; a magnetic field turns spins alone, an electric
        // field singles out local axes.
        let is_symmetric = self.couplings.axis_field == [0.0; SUBLATTICES];
        let plane = |horizontal, vertical, horizontal_range, vertical_range| {
            let name = name.into();
            Some(Plane { name, horizontal, vertical, horizontal_range, vertical_range, is_symmetric })
        };
        match name {
            "hhl" => plane([1, 1, 0], [0, 0, 1], [-2, 2], [0, 4]),
            "hk0" => plane([1, 0, 0], [0, 1, 0], [-2, 2], [0, 4]),
            "hkk" => plane([1, 0, 0], [0, 1, 1], [-2, 2], [0, 4]),
            _ => None,
        }
    }

    fn geometry(&self) -> ([f64; 3], Vec<[f64; 3]>) {
        let in_edges = |position: [i64; 3]| position.map(|quarters| quarters as f64 / 4.0);
        ([1.0; 3], self.basis().into_iter().map(in_edges).collect())
    }

    fn basis(&self) -> Vec<[i64; 3]> {
        let position = |site: usize| {
            std::array::from_fn(|d| FCC_POSITIONS[site / SUBLATTICES][d] + CORNERS[site % SUBLATTICES][d])
        };
        (0..SITES_PER_CELL).map(position).collect()
    }

    fn channels(&self) -> usize {
        4
    }

    fn channel(&self, state: &State, channel: usize, site: usize, field: &mut [f64]) {
        for (place, value) in field.iter_mut().enumerate() {
            let slot = self.packing.slot(place * SITES_PER_CELL + site);
            *value = if channel < 3 { state.spin(slot)[channel] } else { state.tau(slot) };
        }
    }

    fn structure_factors(&self, amplitudes: &[Complex64], row: &mut [f64]) {
        let sites = self.sites() as f64;
        let of_channel =
            |channel: usize| &amplitudes[channel * SITES_PER_CELL..(channel + 1) * SITES_PER_CELL];
        let total = |channel: usize| of_channel(channel).iter().sum::<Complex64>().norm_sqr();
        let along = |d: usize| -> f64 {
            let parts = of_channel(3).iter().enumerate();
            parts.map(|(site, tau)| tau * LOCAL_AXES[site % FCC][d]).sum::<Complex64>().norm_sqr()
        };
        row[0] = (0..3).map(total).sum::<f64>() / sites;
        row[1] = total(3) / sites;
        row[2] = (0..3).map(along).sum::<f64>() / sites;
    }

    fn state_fields(&self) -> Vec<StateField> {
        vec![
            StateField { name: "spins", shape: vec![SITES_PER_CELL, 3], integer: false },
            StateField { name: "displacements", shape: vec![SITES_PER_CELL], integer: true },
        ]
    }

    fn unload(&self, state: &State, field: usize, out: &mut [f64]) {
        for site in 0..self.packing.sites() {
            let slot = self.packing.slot(site);
            match field {
                0 => out[3 * site..3 * site + 3].copy_from_slice(&state.spin(slot)),
                _ => out[site] = state.tau(slot),
            }
        }
    }

    fn load(&self, state: &mut State, field: usize, values: &[f64]) {
        for site in 0..self.packing.sites() {
            let slot = self.packing.slot(site);
            match field {
                0 => state.set_spin(slot, [values[3 * site], values[3 * site + 1], values[3 * site + 2]]),
                _ => state.set_tau(slot, values[site]),
            }
        }
    }

    fn as_bytes<'a>(&self, state: &'a State) -> &'a [u8] {
        bytemuck::cast_slice(&state.blocks)
    }

    fn state_from_bytes(&self, bytes: &[u8]) -> State {
        let mut state = State { blocks: vec![SiteBlock::PADDING; self.packing.blocks()] };
        bytemuck::cast_slice_mut(&mut state.blocks).copy_from_slice(bytes);
        state
    }

    fn state_bytes(&self) -> usize {
        self.packing.blocks() * size_of::<SiteBlock>()
    }

    fn bytes_per_site(&self) -> [f64; 2] {
        let loops = if self.moves.ice_loops > 0 || self.is_hard() { 36.0 } else { 0.0 };
        let tables = 8.0 + loops + 4.0 * further::members(&self.couplings) as f64;
        [size_of::<SiteBlock>() as f64 / LANES as f64, tables]
    }
}
