//! The pyrochlore spin-lattice glass: Heisenberg spins S_i whose exchange depends on Ising displacements tau_i.
//!
//! `H = sum_<ij> J(s_i, s_j) S_i.S_j + K sum_<ij> tau_i tau_j - h.sum S_i - E.sum tau_i e_i` and further displacement
//! couplings, after Mitsumoto, Hotta and Yoshino, PRL 124, 087201 (2020); s_i = +-1 says whether a site is
//! displaced into the tetrahedron of the bond or out of it.

pub mod energy;
pub mod field;
pub mod ice_loop;
pub mod observables;
pub mod parameters;
pub mod site_moves;
pub mod state;
pub mod sweep;

use self::energy::{Correlate, Measure, Overlap, Totals};
use self::field::{FieldContext, FurtherNeighbors, with_neighborhood};
use self::ice_loop::IceLoops;
use self::parameters::{Couplings, IceRule, Moves, Parameters};
use self::site_moves::{DisplacementMetropolis, JointHeatBath, OverRelaxation, SiteMove, SpinHeatBath};
use self::state::{SiteBlock, State};
use self::sweep::{Pass, PassOutcome};
use super::{Model, Plane, StateField};
use crate::foundation::observable::{Derived, MoveCount, Observable};
use crate::foundation::random::{Key, Purpose};
use crate::foundation::simd::{InstructionSet, LANES, dispatch, dispatch_to};
use crate::foundation::{Result, memory};
use crate::observables::structure_factor::StructureFactor;
use crate::system::packing::Packing;
use crate::system::pyrochlore::{
    CORNERS, FCC, FCC_POSITIONS, LOCAL_AXES, Pyrochlore, SITES_PER_CELL, SUBLATTICES,
};
use rustfft::num_complex::Complex64;

/// The model: couplings, layout and tables, shared by all replicas.
pub struct PyrochloreSpinLattice {
    parameters: Parameters,
    couplings: Couplings,
    moves: Moves,
    packing: Packing,
    further: Option<FurtherNeighbors>,
    loops: IceLoops,
    /// cos and sin of k_min . r, see [`Overlap`].
    phases: Vec<[[f64; LANES]; 6]>,
    weights: Vec<[f64; LANES]>,
    structure: StructureFactor,
}

const MOVE_NAMES: [&str; 5] =
    ["joint_heat_bath", "spin_heat_bath", "displacement_metropolis", "over_relaxation", "ice_loops"];

/// Memory of the tables every rank keeps, about.
const TABLE_BYTES_PER_SITE: f64 = 112.0;

impl PyrochloreSpinLattice {
    /// The layout of the lattice.
    #[must_use]
    pub fn packing(&self) -> &Packing {
        &self.packing
    }

    /// The couplings in the form kernels use.
    #[must_use]
    pub fn couplings(&self) -> &Couplings {
        &self.couplings
    }

    /// One pass of a site move over all sites.
    pub fn pass(
        &self,
        state: &mut State,
        site_move: impl SiteMove,
        inverse_temperature: f64,
        key: Key,
    ) -> PassOutcome {
        self.pass_with(InstructionSet::detect(), state, site_move, inverse_temperature, key)
    }

    /// The same with a given instruction set, for tests that compare them.
    pub fn pass_with(
        &self,
        set: InstructionSet,
        state: &mut State,
        site_move: impl SiteMove,
        inverse_temperature: f64,
        key: Key,
    ) -> PassOutcome {
        with_neighborhood!(self.packing, neighborhood => {
            let context = FieldContext {
                packing: &self.packing,
                neighborhood,
                couplings: &self.couplings,
                further: self.further.as_ref(),
            };
            let blocks = state.blocks.as_mut_slice();
            dispatch_to(set, Pass { context, blocks, site_move, inverse_temperature, key })
        })
    }

    /// One pass of ice loops; with `inverse_temperature` 0 every loop is accepted.
    pub fn loop_pass(
        &self,
        state: &mut State,
        inverse_temperature: f64,
        key: Key,
        count: &mut MoveCount,
    ) -> f64 {
        let mut stream = key.purpose(Purpose::IceLoop).stream();
        let further = self.further.as_ref();
        self.loops.pass(state, &self.couplings, further, inverse_temperature, &mut stream, count)
    }

    /// Energies, tetrahedra and moments, as totals.
    #[must_use]
    pub fn totals(&self, state: &State) -> Totals {
        with_neighborhood!(self.packing, neighborhood => {
            let context = FieldContext {
                packing: &self.packing,
                neighborhood,
                couplings: &self.couplings,
                further: self.further.as_ref(),
            };
            dispatch(Measure { context, blocks: &state.blocks })
        })
    }

    fn is_hard(&self) -> bool {
        self.parameters.ice_rule == IceRule::Hard
    }

    fn phases_and_weights(packing: &Packing) -> (Vec<[[f64; LANES]; 6]>, Vec<[f64; LANES]>) {
        let lattice = packing.lattice();
        let edge = 4 * lattice.size() as i64;
        let mut phases = vec![[[0.0; LANES]; 6]; packing.blocks()];
        let mut weights = vec![[0.0; LANES]; packing.blocks()];
        for (site, &slot) in packing.slots().iter().enumerate() {
            let (block, lane) = (slot as usize / LANES, slot as usize % LANES);
            weights[block][lane] = 1.0;
            for (d, r) in lattice.position(site).into_iter().enumerate() {
                let (sine, cosine) = (std::f64::consts::TAU * r as f64 / edge as f64).sin_cos();
                phases[block][2 * d][lane] = cosine;
                phases[block][2 * d + 1][lane] = sine;
            }
        }
        (phases, weights)
    }
}

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
        let tables = TABLE_BYTES_PER_SITE * lattice.sites() as f64;
        memory::require(tables, &format!("[system] size = {}", parameters.size), "a smaller size")?;
        let packing = Packing::new(lattice);
        let basis = (0..SITES_PER_CELL).map(|b| {
            std::array::from_fn(|d| FCC_POSITIONS[b / SUBLATTICES][d] + CORNERS[b % SUBLATTICES][d])
        });
        let (phases, weights) = Self::phases_and_weights(&packing);
        Ok(PyrochloreSpinLattice {
            further: FurtherNeighbors::new(&packing, &couplings),
            loops: IceLoops::new(&packing),
            structure: StructureFactor::new(lattice.size(), basis.collect()),
            parameters,
            couplings,
            moves,
            packing,
            phases,
            weights,
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
        self.packing.lattice().sites()
    }

    fn size(&self) -> usize {
        self.packing.lattice().size()
    }

    fn remarks(&self) -> Vec<String> {
        let Some(name) = &self.parameters.preset else { return Vec::new() };
        let presets = parameters::presets();
        let unverified = presets.get(name).filter(|preset| !preset.verified);
        let remark =
            |preset: &parameters::Preset| format!("preset \"{name}\" is unverified: {}", preset.note);
        unverified.map(remark).into_iter().collect()
    }

    fn random_state(&self, key: Key) -> State {
        let mut stream = key.purpose(Purpose::Start).stream();
        let mut state = State::aligned(&self.packing);
        for (site, &slot) in self.packing.slots().iter().enumerate() {
            state.set_spin(slot, stream.unit_vector());
            let ordered = if Pyrochlore::sublattice(site) < 2 { 1.0 } else { -1.0 };
            let random = if stream.bits() >> 63 == 0 { 1.0 } else { -1.0 };
            state.set_tau(slot, if self.is_hard() { ordered } else { random });
        }
        if self.is_hard() {
            // Loops at infinite temperature carry the ordered ice far from its start; each pass tries one per cell.
            for pass in 0..32 {
                self.loop_pass(&mut state, 0.0, key.with(pass), &mut MoveCount::default());
            }
        }
        state
    }

    fn energy(&self, state: &State) -> f64 {
        let totals = self.totals(state);
        totals.spin_energy + totals.displacement_energy
    }

    fn move_names(&self) -> &'static [&'static str] {
        &MOVE_NAMES
    }

    fn sweep(&self, state: &mut State, inverse_temperature: f64, key: Key, counts: &mut [MoveCount]) -> f64 {
        let sites = self.sites() as f64;
        let mut change = 0.0;
        let mut note = |kind: usize, outcome: PassOutcome| {
            counts[kind].attempted += sites;
            counts[kind].accepted += outcome.accepted;
            change += outcome.energy_change;
        };
        let m = self.moves;
        for pass in 0..m.joint_heat_bath as u64 {
            let key = key.purpose(Purpose::JointHeatBath).with(pass);
            note(0, self.pass(state, JointHeatBath, inverse_temperature, key));
        }
        for pass in 0..m.spin_heat_bath as u64 {
            let key = key.purpose(Purpose::SpinHeatBath).with(pass);
            note(1, self.pass(state, SpinHeatBath, inverse_temperature, key));
        }
        for pass in 0..m.displacement_metropolis as u64 {
            let key = key.purpose(Purpose::DisplacementMetropolis).with(pass);
            note(2, self.pass(state, DisplacementMetropolis, inverse_temperature, key));
        }
        for _ in 0..m.over_relaxation {
            note(3, self.pass(state, OverRelaxation, inverse_temperature, key));
        }
        for pass in 0..m.ice_loops as u64 {
            change += self.loop_pass(state, inverse_temperature, key.with(pass), &mut counts[4]);
        }
        change
    }

    fn dynamics_sweep(&self, state: &mut State, inverse_temperature: f64, key: Key) -> f64 {
        let spins = self
            .pass(state, SpinHeatBath, inverse_temperature, key.purpose(Purpose::SpinHeatBath))
            .energy_change;
        if self.is_hard() {
            return spins;
        }
        let key = key.purpose(Purpose::DisplacementMetropolis);
        spins + self.pass(state, DisplacementMetropolis, inverse_temperature, key).energy_change
    }

    fn observables(&self) -> Vec<Observable> {
        observables::single()
    }

    fn observe(&self, state: &State, row: &mut [f64]) {
        observables::fill_single(&self.totals(state), self.sites() as f64, row);
    }

    fn pair_observables(&self) -> Vec<Observable> {
        observables::pair()
    }

    fn observe_pair(&self, a: &State, b: &State, row: &mut [f64]) {
        let sums =
            dispatch(Overlap { a: &a.blocks, b: &b.blocks, phases: &self.phases, weights: &self.weights });
        observables::fill_pair(&sums, self.sites() as f64, row);
    }

    fn derived(&self, pairs: bool) -> Vec<Derived> {
        observables::derived(self.sites() as f64, self.size(), pairs)
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

    fn correlations(&self, reference: &State, state: &State, row: &mut [f64]) {
        let sums = dispatch(Correlate { a: &reference.blocks, b: &state.blocks, weights: &self.weights });
        row.copy_from_slice(&sums.map(|sum| sum / self.sites() as f64));
    }

    fn structure_factor_names(&self) -> &'static [&'static str] {
        &["spin", "displacement", "polarization"]
    }

    fn plane(&self, name: &str) -> Option<Plane> {
        let plane = |horizontal, vertical, horizontal_range, vertical_range| {
            Some(Plane { name: name.into(), horizontal, vertical, horizontal_range, vertical_range })
        };
        match name {
            "hhl" => plane([1, 1, 0], [0, 0, 1], [-2, 2], [0, 4]),
            "hk0" => plane([1, 0, 0], [0, 1, 0], [-2, 2], [0, 4]),
            "hkk" => plane([1, 0, 0], [0, 1, 1], [-2, 2], [0, 4]),
            _ => None,
        }
    }

    fn structure_factors(&self, state: &State, wave_vectors: &[[i64; 3]], row: &mut [f64]) {
        let cells = self.packing.lattice().cells();
        let sites = self.sites() as f64;
        let mut fields = vec![Complex64::default(); 4 * SITES_PER_CELL * cells];
        for (site, &slot) in self.packing.slots().iter().enumerate() {
            let at = site % SITES_PER_CELL * cells + site / SITES_PER_CELL;
            let [x, y, z] = state.spin(slot);
            for (channel, value) in [x, y, z, state.tau(slot)].into_iter().enumerate() {
                fields[channel * SITES_PER_CELL * cells + at].re = value;
            }
        }
        self.structure.transform(&mut fields);
        let mut phases = Vec::with_capacity(SITES_PER_CELL);
        let (spin, rest) = row.split_at_mut(wave_vectors.len());
        let (displacement, polarization) = rest.split_at_mut(wave_vectors.len());
        for (index, &q) in wave_vectors.iter().enumerate() {
            let cell = self.structure.phases(q, &mut phases);
            let mut amplitude = [Complex64::default(); 4];
            let mut vector = [Complex64::default(); 3];
            for (b, phase) in phases.iter().enumerate() {
                for (channel, sum) in amplitude.iter_mut().enumerate() {
                    *sum += phase * fields[(channel * SITES_PER_CELL + b) * cells + cell];
                }
                let tau = phase * fields[(3 * SITES_PER_CELL + b) * cells + cell];
                for (sum, axis) in vector.iter_mut().zip(LOCAL_AXES[b % FCC]) {
                    *sum += tau * axis;
                }
            }
            spin[index] = amplitude[..3].iter().map(Complex64::norm_sqr).sum::<f64>() / sites;
            displacement[index] = amplitude[3].norm_sqr() / sites;
            polarization[index] = vector.iter().map(Complex64::norm_sqr).sum::<f64>() / sites;
        }
    }

    fn state_fields(&self) -> Vec<StateField> {
        let sites = self.sites();
        vec![
            StateField { name: "spins", shape: vec![sites, 3], integer: false },
            StateField { name: "displacements", shape: vec![sites], integer: true },
        ]
    }

    fn pack(&self, state: &State, field: usize, out: &mut [f64]) {
        for (site, &slot) in self.packing.slots().iter().enumerate() {
            match field {
                0 => out[3 * site..3 * site + 3].copy_from_slice(&state.spin(slot)),
                _ => out[site] = state.tau(slot),
            }
        }
    }

    fn unpack(&self, state: &mut State, field: usize, values: &[f64]) {
        for (site, &slot) in self.packing.slots().iter().enumerate() {
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
}
