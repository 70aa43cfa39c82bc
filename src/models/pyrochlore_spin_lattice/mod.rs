//! The pyrochlore spin-lattice glass: Heisenberg spins S_i whose exchange depends on Ising displacements tau_i.
//!
//! `H = sum_<ij> J(s_i, s_j) S_i.S_j + K sum_<ij> tau_i tau_j - h.sum S_i - E.sum tau_i e_i` and further displacement
//! couplings, after Mitsumoto, Hotta and Yoshino, PRL 124, 087201 (2020); s_i = +-1 says whether a site is
//! displaced into the tetrahedron of the bond or out of it.

pub mod energy;
pub mod field;
pub mod further;
pub mod ice_loop;
mod model;
pub mod observables;
pub mod overlap;
pub mod parameters;
pub mod site_moves;
pub mod state;
pub mod sweep;

use self::energy::{Measure, SUMS, Totals, Units};
use self::field::{FieldContext, regions};
use self::further::FurtherNeighbors;
use self::ice_loop::IceLoops;
use self::overlap::Phases;
use self::parameters::{Couplings, IceRule, Moves, Parameters};
use self::site_moves::SiteMove;
use self::state::State;
use self::sweep::Sweeper;
use super::{PassOutcome, Workforce};
use crate::foundation::fixed_point::FixedPoint;
use crate::foundation::observable::MoveCount;
use crate::foundation::random::{Key, Purpose};
use crate::foundation::simd::{InstructionSet, dispatch};
use crate::parallel::halo::Halo;
use crate::system::cell_packing::with_neighbors;
use crate::system::pyrochlore::Pyrochlore;
use crate::system::pyrochlore_packing::PyrochlorePacking;

/// The model: couplings, layout and tables, shared by all replicas.
pub struct PyrochloreSpinLattice {
    parameters: Parameters,
    couplings: Couplings,
    moves: Moves,
    lattice: Pyrochlore,
    energy_unit: FixedPoint,
    /// Unit of sums of numbers up to one.
    unit: FixedPoint,
    packing: PyrochlorePacking,
    /// `[pair]`: whether the sublattices of a pair that is swept together see ghosts of each other.
    tied: [bool; 2],
    further: Option<FurtherNeighbors>,
    /// Made where loops are asked for, which is on whole lattices only.
    loops: Option<IceLoops>,
    /// Phases at k_min, for overlaps.
    phases: Phases,
}

impl PyrochloreSpinLattice {
    /// The layout of the lattice.
    #[must_use]
    pub fn packing(&self) -> &PyrochlorePacking {
        &self.packing
    }

    /// The couplings in the form kernels use.
    #[must_use]
    pub fn couplings(&self) -> &Couplings {
        &self.couplings
    }

    /// One pass of a site move over all sites of a whole lattice.
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
        let (halo, threads) = (&Halo::none(), 1);
        let workforce = Workforce { halo, threads };
        Sweeper::new(self, &workforce, set).pass(state, site_move, inverse_temperature, key)
    }

    /// One pass of ice loops; with `inverse_temperature` 0 every loop is accepted. Returns the energy change in units.
    pub fn loop_pass(
        &self,
        state: &mut State,
        inverse_temperature: f64,
        key: Key,
        count: &mut MoveCount,
    ) -> i64 {
        let mut stream = key.purpose(Purpose::IceLoop).stream();
        let context = (&self.couplings, self.further.as_ref(), self.energy_unit);
        let pass = |loops: &IceLoops| loops.pass(state, context, inverse_temperature, &mut stream, count);
        self.loops.as_ref().map_or(0, pass)
    }

    /// The sums of [`Totals`] over this rank's part.
    #[must_use]
    pub fn total_sums(&self, state: &State) -> [i64; SUMS] {
        with_neighbors!(self.packing.cells(), neighborhood => {
            let context =
                FieldContext { packing: &self.packing, neighborhood, couplings: &self.couplings };
            dispatch(Measure {
                context,
                regions: regions(&self.packing, &state.blocks),
                units: self.units(),
                further: self.further.as_ref().map(|further| (further, &state.blocks[..])),
            })
        })
    }

    /// Energies, tetrahedra and moments of a whole lattice, as totals.
    #[must_use]
    pub fn totals(&self, state: &State) -> Totals {
        Totals::new(&self.total_sums(state), &self.units())
    }

    /// The units of the sums.
    #[must_use]
    pub fn units(&self) -> Units {
        Units { energy: self.energy_unit, one: self.unit }
    }

    fn is_hard(&self) -> bool {
        self.parameters.ice_rule == IceRule::Hard
    }
}
