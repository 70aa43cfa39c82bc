//! Floor 3: the models. A new model is one file (or folder) here, one line in the registry macro below and one configuration.

pub mod edwards_anderson;
pub mod hypercubic;
pub mod ising;
pub mod pyrochlore_spin_lattice;

use crate::foundation::fixed_point::FixedPoint;
use crate::foundation::observable::{Derived, MoveCount, Observable};
use crate::foundation::random::Key;
use crate::foundation::{Error, Result};
use crate::parallel::halo::{Ghost, Halo, Items};
use crate::system::brick::Brick;
use rustfft::num_complex::Complex64;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};

/// A named array that belongs to the state of one replica, as checkpoints store it: an array over the cells of the
/// lattice, so that every domain stores its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateField {
    /// Name of the dataset.
    pub name: &'static str,
    /// Shape for one cell.
    pub shape: Vec<usize>,
    /// Whether the entries are small integers (stored in one byte) rather than f64.
    pub integer: bool,
}

/// Who helps with the sweeps of a replica: the domains that hold the rest of it, and the threads of this rank.
pub struct Workforce<'a> {
    /// Keeps ghosts fresh.
    pub halo: &'a Halo,
    /// Threads that share the sites of this domain.
    pub threads: usize,
}

/// What one pass of a move over some sites did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PassOutcome {
    /// Energy afterwards minus before, in units of the model's energy.
    pub energy_change: i64,
    /// Accepted moves.
    pub accepted: u64,
}

impl std::ops::Add for PassOutcome {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        PassOutcome {
            energy_change: self.energy_change + other.energy_change,
            accepted: self.accepted + other.accepted,
        }
    }
}

/// A cut through reciprocal space on which the structure factor is drawn: q = (2 pi / (a L)) (h, k, l).
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Name, such as "hhl".
    pub name: String,
    /// Direction of the horizontal axis in units of 2 pi / a.
    pub horizontal: [i64; 3],
    /// Direction of the vertical axis.
    pub vertical: [i64; 3],
    /// Range of the horizontal coordinate, in units of 2 pi / a.
    pub horizontal_range: [i64; 2],
    /// Range of the vertical coordinate.
    pub vertical_range: [i64; 2],
    /// Whether left and right are equal on average, by a symmetry of lattice and couplings.
    pub is_symmetric: bool,
}

/// A physical model that is sampled at given temperatures, on a lattice of cells that may be cut into domains.
///
/// `energy` is the oracle; `sweep` is the fast path and returns the energy change it made, which is tested against
/// it. All randomness comes from the key it is handed. States are plain data. What is summed over sites is summed in
/// fixed point (`foundation::fixed_point`): the sums of the domains then add up to the same bits however the lattice
/// is cut. Functions that return sums look at the part of the lattice this rank holds; those that fill rows are handed
/// the sums over all domains.
pub trait Model: Send + Sync + Sized + 'static {
    /// Name in configurations.
    const NAME: &'static str;
    /// The `[system]` table.
    type Parameters: DeserializeOwned + Serialize + Clone;
    /// The `[method.moves]` table.
    type Moves: DeserializeOwned + Serialize + Clone + Send + Sync;
    /// The part of the configuration of one replica that this rank holds, with its ghosts.
    type State: Clone + Send + Sync + Items;

    /// A complete commented configuration that runs as it is.
    fn example() -> &'static str;
    /// Builds the model without its tables; all validation of parameters and moves lives here.
    ///
    /// # Errors
    /// `Error::Configuration` naming the key, its value and what was expected.
    fn new(parameters: Self::Parameters, moves: Self::Moves) -> Result<Self>;
    /// The parameters with every default and preset written out, as the run directory keeps them.
    ///
    /// # Errors
    /// `Error::Configuration` if they are not valid.
    fn resolved(parameters: Self::Parameters) -> Result<Self::Parameters>;
    /// The moves used where the configuration names none.
    fn default_moves(parameters: &Self::Parameters) -> Self::Moves;
    /// Number of sites of the whole lattice: energies are reported per site.
    fn sites(&self) -> usize;
    /// Cells of the lattice along x, y, z: what may be cut into domains.
    fn cells(&self) -> [usize; 3];
    /// Whether the moves and observables asked for work on a lattice that is cut into domains.
    ///
    /// # Errors
    /// `Error::Configuration` naming the key that stands in the way and what would help.
    fn can_be_cut(&self) -> Result<()>;
    /// Remarks on the parameters a user should see, such as an unverified preset.
    fn remarks(&self) -> Vec<String>;

    /// Makes the tables of the part of the lattice this rank holds, disorder included, whose random numbers are keyed
    /// below `disorder`; called once, before any state is made.
    fn occupy(&mut self, brick: Brick, disorder: Key);
    /// The ghosts of each color, by the global numbers that `locate` understands; sets of colors that are refreshed together
    /// may follow.
    fn ghosts(&self) -> Vec<Vec<Ghost>>;
    /// The place of an item this rank owns.
    fn locate(&self, global: u64) -> u32;

    /// Number of samples of the disorder that are simulated side by side; 1 for a model without disorder.
    fn samples(&self) -> usize;
    /// A starting configuration on one sample, which it belongs to from then on; its ghosts are not fresh yet.
    fn random_state(&self, key: Key, sample: usize) -> Self::State;
    /// The unit of energies.
    fn energy_unit(&self) -> FixedPoint;
    /// About the largest energy of a site: what drifts of running energies are compared with.
    fn largest_site_energy(&self) -> f64;
    /// Energy of this rank's part, in units; bonds between domains count half on either side.
    fn energy(&self, state: &Self::State) -> i64;
    /// Kinds of moves, in the order of the counts `sweep` fills.
    fn move_names(&self) -> &'static [&'static str];
    /// One sweep with the configured mixture of moves; returns the energy change of this rank's part, in units. Ghosts
    /// are fresh before and after.
    fn sweep(
        &self,
        state: &mut Self::State,
        inverse_temperature: f64,
        key: Key,
        counts: &mut [MoveCount],
        workforce: &Workforce<'_>,
    ) -> i64;
    /// One sweep of the local dynamics that relaxation times are measured with.
    fn dynamics_sweep(
        &self,
        state: &mut Self::State,
        inverse_temperature: f64,
        key: Key,
        workforce: &Workforce<'_>,
    );

    /// What is measured on one configuration.
    fn observables(&self) -> Vec<Observable>;
    /// The sums the observables of one configuration are made from.
    fn sums(&self, state: &Self::State) -> Vec<i64>;
    /// Fills the row of the observables from the sums.
    fn observe(&self, sums: &[i64], row: &mut [f64]);
    /// What is measured on two copies at one temperature.
    fn pair_observables(&self) -> Vec<Observable>;
    /// The sums the observables of a pair are made from.
    fn pair_sums(&self, a: &Self::State, b: &Self::State) -> Vec<i64>;
    /// Fills the row of the observables of a pair from the sums.
    fn observe_pair(&self, sums: &[i64], row: &mut [f64]);
    /// Functions of the means; `pairs` says whether the columns of the pair observables follow the single ones.
    fn derived(&self, pairs: bool) -> Vec<Derived>;
    /// Names (of all observables) by whose logarithmic bins equilibration is judged.
    fn equilibration_observables(&self, pairs: bool) -> Vec<&'static str>;

    /// Names of the correlation functions C(t).
    fn correlation_names(&self) -> &'static [&'static str];
    /// Sums of the products of a reference configuration and the present one, one per correlation.
    fn correlation_sums(&self, reference: &Self::State, state: &Self::State) -> Vec<i64>;
    /// The correlations of these sums, normalized to 1 at t = 0.
    fn correlations(&self, sums: &[i64], row: &mut [f64]);

    /// Kinds of structure factors.
    fn structure_factor_names(&self) -> &'static [&'static str];
    /// Names of the planes of reciprocal space; the first two are measured where the configuration names none.
    fn plane_names() -> &'static [&'static str];
    /// The plane a name stands for.
    fn plane(&self, name: &str) -> Option<Plane>;
    /// The edges of a cell and the positions of its sites, in the unit of length, for pictures.
    fn geometry(&self) -> ([f64; 3], Vec<[f64; 3]>);
    /// Positions of the sites of a cell, in quarters of its edge, for structure factors.
    fn basis(&self) -> Vec<[i64; 3]>;
    /// Number of fields on the sites that structure factors are made from.
    fn channels(&self) -> usize;
    /// One field on one site of each cell of the brick, row by row.
    fn channel(&self, state: &Self::State, channel: usize, site: usize, field: &mut [f64]);
    /// The structure factors at one wave vector from the transformed fields, `[channel][site]`, with their phases.
    fn structure_factors(&self, amplitudes: &[Complex64], row: &mut [f64]);

    /// The arrays of a state, as checkpoints store them (in an order that knows nothing of lanes).
    fn state_fields(&self) -> Vec<StateField>;
    /// Copies one array of the brick out, cell by cell.
    fn unload(&self, state: &Self::State, field: usize, out: &mut [f64]);
    /// Sets one array of the brick; ghosts are not fresh afterwards.
    fn load(&self, state: &mut Self::State, field: usize, values: &[f64]);
    /// The bytes of a state as they are in memory, to send to another rank of the same run.
    fn as_bytes<'a>(&self, state: &'a Self::State) -> &'a [u8];
    /// The state with these bytes.
    fn state_from_bytes(&self, bytes: &[u8]) -> Self::State;
    /// Bytes of this rank's part of a replica in memory, ghosts included.
    fn state_bytes(&self) -> usize;
    /// Bytes per site in memory, of a replica and of the tables all replicas share; ghosts left out.
    fn bytes_per_site(&self) -> [f64; 2];
}

/// A range check with the message every bad number gets.
///
/// # Errors
/// `Error::Configuration` if `holds` is false.
pub fn require(holds: bool, key: &str, value: &dyn std::fmt::Debug, expected: &str) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::Configuration(format!("{key} = {value:?} is out of range: expected {expected}.")))
}

/// What to say of a name that is not known: `shown` is how it is written, `found` what is compared.
#[must_use]
pub fn unknown(what: &str, shown: &str, found: &str, known: &[impl AsRef<str>]) -> String {
    let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    let nearest = known.iter().min_by_key(|name| strsim::damerau_levenshtein(name, found));
    let close = nearest.filter(|name| strsim::jaro_winkler(name, found) > 0.75);
    let guess = close.map_or(String::new(), |name| format!("did you mean {name}? "));
    format!("unknown {what} {shown}; {guess}Known here: {}", known.join(", "))
}

/// Reads a list of exactly three values; arrays of Rust would silently drop a fourth.
///
/// # Errors
/// Of the deserializer, and for another length.
pub fn three<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> std::result::Result<[T; 3], D::Error> {
    let list = Vec::<T>::deserialize(from)?;
    let length = list.len();
    list.try_into().map_err(|_| D::Error::invalid_length(length, &"a list of length 3"))
}

/// The registry: one line per model. Calls a generic function for the model of a given name.
#[macro_export]
macro_rules! with_model {
    ($name:expr, $model:ident => $call:expr, otherwise $none:expr) => {
        match $name {
            <$crate::models::pyrochlore_spin_lattice::PyrochloreSpinLattice as $crate::models::Model>::NAME => {
                type $model = $crate::models::pyrochlore_spin_lattice::PyrochloreSpinLattice;
                $call
            }
            <$crate::models::ising::Ising as $crate::models::Model>::NAME => {
                type $model = $crate::models::ising::Ising;
                $call
            }
            <$crate::models::edwards_anderson::EdwardsAnderson as $crate::models::Model>::NAME => {
                type $model = $crate::models::edwards_anderson::EdwardsAnderson;
                $call
            }
            _ => $none,
        }
    };
}

/// The names of all registered models.
pub const NAMES: &[&str] = &[
    pyrochlore_spin_lattice::PyrochloreSpinLattice::NAME,
    ising::Ising::NAME,
    edwards_anderson::EdwardsAnderson::NAME,
];
