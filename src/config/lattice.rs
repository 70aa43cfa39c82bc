//! Configurations of models on lattices, sampled by Monte Carlo.

use super::build::{Configuration, EngineBuilder, Subject};
use super::general::{self, General, positive};
use super::parse::Document;
use super::sections::ReplicaExchange as ReplicaExchangeSection;
use super::sections::{Annealing as AnnealingSection, Measure, MethodKind, Spacing, Temperatures};
use crate::foundation::random::{Key, Purpose};
use crate::foundation::{Error, Result};
use crate::models::{Model, StateField, require, unknown};
use crate::sampling::analysis::{PlaneAxes, stored_state_bytes};
use crate::sampling::annealing::Annealing;
use crate::sampling::ladder;
use crate::sampling::measurement::{Ladders, StructurePlan, series_bytes};
use crate::sampling::relaxation::RelaxationPlan;
use crate::sampling::replica_exchange::{Plan, ReplicaExchange};
use crate::system::brick::Brick;

/// The methods of `[method] kind` for models on lattices.
pub const METHODS: [(&str, &str); 2] = [
    ("replica-exchange", "replicas at all temperatures of a ladder, exchanged along it"),
    ("annealing", "independent walkers cooled through a schedule, measured at each temperature"),
];

/// Replicas of a model on a lattice.
pub struct Lattice {
    /// Sites per replica.
    pub sites: usize,
    /// Temperatures, ascending.
    pub temperatures: Vec<f64>,
    /// Independent ladders: samples times copies.
    pub ladders: usize,
    /// Replicas in all.
    pub replicas: usize,
    /// Whether replicas are cooled one temperature after the other rather than exchanged.
    pub is_annealed: bool,
    /// Sweeps each replica will do.
    pub sweeps: u64,
    /// Bytes per site in memory, of a replica and of the tables that all replicas share.
    pub bytes_per_site: [f64; 2],
    /// Cells of the lattice.
    pub cells: [usize; 3],
    /// The edges of a cell and the positions of its sites.
    pub geometry: ([f64; 3], Vec<[f64; 3]>),
    /// The arrays of a configuration.
    pub state_fields: Vec<StateField>,
    /// Whether the model and its moves allow domains.
    pub can_be_cut: Result<()>,
    /// Bytes of all series when the run is complete.
    pub series_bytes: u64,
    /// Bytes of a checkpoint when the run is complete.
    pub checkpoint_bytes: u64,
}

fn temperatures(section: &Temperatures) -> Result<Vec<f64>> {
    let valid = |t: f64| t.is_finite() && t > 1e-9 && t < 1e9;
    let expected = "a number above 1e-9 and below 1e9";
    let mut list = match section {
        Temperatures::List(list) => list.clone(),
        Temperatures::Range(range) => {
            require(valid(range.minimum), "[method] temperatures.minimum", &range.minimum, expected)?;
            require(valid(range.maximum), "[method] temperatures.maximum", &range.maximum, expected)?;
            require(
                (1..=100_000).contains(&range.count),
                "[method] temperatures.count",
                &range.count,
                "an integer from 1 to 100000",
            )?;
            let ordered =
                range.minimum < range.maximum || (range.count == 1 && range.minimum == range.maximum);
            let text = format!("a number above minimum = {:?}", range.minimum);
            require(ordered, "[method] temperatures.maximum", &range.maximum, &text)?;
            let count = range.count.unsigned_abs() as usize;
            match range.spacing {
                Spacing::Geometric => ladder::geometric(range.minimum, range.maximum, count),
                Spacing::Linear => ladder::linear(range.minimum, range.maximum, count),
                Spacing::InverseLinear => ladder::inverse_linear(range.minimum, range.maximum, count),
            }
        }
    };
    require(!list.is_empty(), "[method] temperatures", &[0.0; 0], "at least one temperature")?;
    if let Some(&wrong) = list.iter().find(|&&t| !valid(t)) {
        require(false, "[method] temperatures", &wrong, expected)?;
    }
    list.sort_by(f64::total_cmp);
    if let Some(pair) = list.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::Configuration(format!(
            "[method] temperatures lists {:?} twice: expected different temperatures.",
            pair[0]
        )));
    }
    Ok(list)
}

/// What both methods share, after validation.
struct Common {
    temperatures: Vec<f64>,
    copies: usize,
    thermalization: u64,
    measurement: u64,
}

fn common(section: &Temperatures, copies: i64, thermalization: i64, measurement: i64) -> Result<Common> {
    let temperatures = temperatures(section)?;
    require((1..=1000).contains(&copies), "[method] copies", &copies, "an integer from 1 to 1000")?;
    let zero_allowed = (0..=1_000_000_000_000).contains(&thermalization);
    require(zero_allowed, "[method] thermalization_sweeps", &thermalization, "an integer from 0 to 10^12")?;
    Ok(Common {
        temperatures,
        copies: copies.unsigned_abs() as usize,
        thermalization: thermalization.unsigned_abs(),
        measurement: positive("[method] measurement_sweeps", measurement)?,
    })
}

/// Validates the configuration of one model.
///
/// # Errors
/// `Error::Configuration` for the first thing that is wrong.
pub fn configuration<M: Model>(document: &Document) -> Result<Configuration> {
    let parameters = M::resolved(document.section("system")?)?;
    let kind = document.section::<MethodKind>("method")?.kind;
    let general = General::new(document)?;
    let (run, parallel) = (&general.run, &general.parallel);
    let mut measure: Measure = document.optional_section("measure")?.unwrap_or_default();
    let chosen = || M::plane_names().iter().take(2).map(ToString::to_string).collect();
    measure.structure_factor.planes.get_or_insert_with(chosen);

    let default_moves = M::default_moves(&parameters);
    let system = general::tree(&parameters)?;
    let (common, moves, exchange_every, adapt, resolved) = match kind.as_str() {
        "replica-exchange" => {
            let mut section: ReplicaExchangeSection<M::Moves> = document.section("method")?;
            let moves = section.moves.get_or_insert(default_moves).clone();
            let shared = common(
                &section.temperatures,
                section.copies,
                section.thermalization_sweeps,
                section.measurement_sweeps,
            )?;
            let every = positive("[method] exchange_every", section.exchange_every)?;
            (
                shared,
                moves,
                every,
                section.adapt_ladder,
                general::resolved(run, &system, &section, parallel, &measure)?,
            )
        }
        "annealing" => {
            for key in ["exchange_every", "adapt_ladder"] {
                if document.contains("method", key) {
                    return Err(Error::Configuration(format!(
                        "[method] {key} belongs to kind = \"replica-exchange\": expected it absent with \
                         kind = \"annealing\", where walkers do not exchange."
                    )));
                }
            }
            let mut section: AnnealingSection<M::Moves> = document.section("method")?;
            let moves = section.moves.get_or_insert(default_moves).clone();
            let shared = common(
                &section.temperatures,
                section.copies,
                section.thermalization_sweeps,
                section.measurement_sweeps,
            )?;
            (shared, moves, 1, false, general::resolved(run, &system, &section, parallel, &measure)?)
        }
        other => {
            let known = METHODS.map(|(name, _)| name);
            return Err(
                document.locate(&format!("[method] kind: {}", unknown("method", other, other, &known)))
            );
        }
    };

    let measure_every = positive("[measure] every", measure.every)?;
    require(
        measure_every <= common.measurement,
        "[measure] every",
        &measure_every,
        &format!("at most measurement_sweeps = {}", common.measurement),
    )?;
    let model = M::new(parameters, moves)?;
    let (planes, structure, structure_every) = structure_plan(&model, &measure)?;
    require(
        (0..=1_000_000_000).contains(&measure.relaxation.sweeps),
        "[measure] relaxation.sweeps",
        &measure.relaxation.sweeps,
        "an integer from 0 to 10^9",
    )?;
    let relaxation = RelaxationPlan {
        sweeps: measure.relaxation.sweeps.unsigned_abs(),
        every: positive("[measure] relaxation.every", measure.relaxation.every)?,
    };
    let is_annealed = kind == "annealing";
    let rungs = common.temperatures.len();
    let ladders = Ladders { samples: model.samples(), copies: common.copies };
    let replicas = ladders.count() * if is_annealed { 1 } else { rungs };
    let records = common.measurement / measure_every;
    let series_bytes = series_bytes(&model, rungs, ladders, records, structure.points.wave_vectors.len());
    let per_temperature = common.thermalization + common.measurement;
    let plan = Plan {
        seed: run.seed.unsigned_abs(),
        temperatures: common.temperatures.clone(),
        ladders,
        thermalization: common.thermalization,
        measurement: common.measurement,
        exchange_every,
        adapt,
        measure_every,
        structure,
        structure_every,
        relaxation,
        threads: 1,
        planes,
    };
    let subject = Lattice {
        sites: model.sites(),
        ladders: ladders.count(),
        replicas,
        is_annealed,
        sweeps: per_temperature * if is_annealed { rungs as u64 } else { 1 },
        bytes_per_site: model.bytes_per_site(),
        cells: model.cells(),
        geometry: model.geometry(),
        state_fields: model.state_fields(),
        can_be_cut: model.can_be_cut(),
        series_bytes,
        checkpoint_bytes: stored_state_bytes(&model, replicas) + series_bytes,
        temperatures: common.temperatures,
    };
    let remarks = model.remarks();
    let engine: EngineBuilder = Box::new(move |arrangement, threads| {
        let plan = Plan { threads, ..plan };
        let mut model = model;
        let brick = Brick::new(model.cells(), arrangement.grid, arrangement.domains.rank());
        model.occupy(brick, Key::new(plan.seed).purpose(Purpose::Disorder));
        if is_annealed {
            Box::new(Annealing::new(model, plan, arrangement))
        } else {
            Box::new(ReplicaExchange::new(model, plan, arrangement))
        }
    });
    Ok(general.configuration((M::NAME, &kind), resolved, Subject::Lattice(subject), (remarks, engine)))
}

fn structure_plan<M: Model>(model: &M, measure: &Measure) -> Result<(Vec<PlaneAxes>, StructurePlan, u64)> {
    let section = &measure.structure_factor;
    let every = positive("[measure] structure_factor.every", section.every)?;
    let mut planes = Vec::new();
    let mut structure = StructurePlan::default();
    let names = section.planes.as_deref().unwrap_or_default();
    for (number, name) in names.iter().enumerate() {
        if names[..number].contains(name) {
            return Err(Error::Configuration(format!(
                "[measure] structure_factor.planes lists \"{name}\" twice: expected different planes."
            )));
        }
        let plane = model.plane(name).ok_or_else(|| {
            let text = if M::plane_names().is_empty() {
                format!("lists \"{name}\", but {} has no structure factors: expected planes = [].", M::NAME)
            } else {
                format!(": {}", unknown("plane", name, name, M::plane_names()))
            };
            let space = if M::plane_names().is_empty() { " " } else { "" };
            Error::Configuration(format!("[measure] structure_factor.planes{space}{text}"))
        })?;
        let (axes, points) = PlaneAxes::new(plane, model.cells()[0]);
        planes.push(axes);
        structure.points.wave_vectors.extend(points.wave_vectors);
        structure.points.images.extend(points.images);
    }
    let every = if planes.is_empty() { 0 } else { every };
    Ok((planes, structure, every))
}
