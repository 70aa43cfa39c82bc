//! Validated configurations, and the engines they describe.

use super::parse::Document;
use super::sections::ReplicaExchange as ReplicaExchangeSection;
use super::sections::{
    Annealing as AnnealingSection, Domains, Measure, MethodKind, Parallel, Run, Spacing, Temperatures,
};
use crate::foundation::engine::Engine;
use crate::foundation::random::{Key, Purpose};
use crate::foundation::{Error, Result};
use crate::models::{self, Model, StateField, require, unknown};
use crate::parallel::arrangement::Arrangement;
use crate::sampling::analysis::{PlaneAxes, stored_state_bytes};
use crate::sampling::annealing::Annealing;
use crate::sampling::ladder;
use crate::sampling::measurement::{Ladders, StructurePlan, series_bytes};
use crate::sampling::relaxation::RelaxationPlan;
use crate::sampling::replica_exchange::{Plan, ReplicaExchange};
use crate::system::brick::Brick;
use crate::with_model;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The methods of `[method] kind`.
pub const METHODS: [(&str, &str); 2] = [
    ("replica-exchange", "replicas at all temperatures of a ladder, exchanged along it"),
    ("annealing", "independent walkers cooled through a schedule, measured at each temperature"),
];

/// Makes the engine of a validated configuration on arranged ranks with some threads.
pub type EngineBuilder = Box<dyn FnOnce(Arrangement, usize) -> Box<dyn Engine>>;

/// A configuration that cannot be wrong any more.
pub struct Configuration {
    /// The `[run]` table with defaults.
    pub run: Run,
    /// Run directory.
    pub output: PathBuf,
    /// Time between checkpoints.
    pub checkpoint_interval: Duration,
    /// Generations kept.
    pub checkpoint_keep: usize,
    /// Threads per rank.
    pub threads: usize,
    /// The configuration as resolved, as TOML.
    pub resolved: String,
    /// Model name.
    pub model: String,
    /// Method name.
    pub method: String,
    /// Sites per replica.
    pub sites: usize,
    /// Temperatures, ascending.
    pub temperatures: Vec<f64>,
    /// Independent ladders: samples times copies.
    pub ladders: usize,
    /// Replicas in all.
    pub replicas: usize,
    /// Sweeps each replica will do.
    pub sweeps: u64,
    /// Bytes per site in memory, of a replica and of the tables that all replicas share.
    pub bytes_per_site: [f64; 2],
    /// How a replica is to be cut into domains.
    pub domains: Domains,
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
    /// What a user should know, such as an unverified preset.
    pub remarks: Vec<String>,
    /// Makes the engine.
    pub engine: EngineBuilder,
}

#[derive(Serialize)]
struct Resolved<'a, S: Serialize, T: Serialize> {
    run: &'a Run,
    system: &'a S,
    method: &'a T,
    parallel: &'a Parallel,
    measure: &'a Measure,
}

impl Configuration {
    /// Reads and validates every section.
    ///
    /// # Errors
    /// `Error::Configuration` for the first thing that is wrong.
    pub fn new(document: &Document) -> Result<Self> {
        #[derive(Deserialize)]
        struct ModelName {
            model: String,
        }
        let name = document.section::<ModelName>("system")?.model;
        with_model!(
            name.as_str(),
            M => for_model::<M>(document).map_err(|error| in_file(document, error)),
            otherwise Err(document.locate(&format!(
                "[system] model: {}",
                unknown("model", &name, &name, models::NAMES)
            )))
        )
    }

    /// Writes the run directory and the number of threads of the command line into the resolved configuration.
    pub fn settle(&mut self, output: &Path, threads: usize) {
        // The text was printed by this program, so it parses.
        let Ok(mut tree) = self.resolved.parse::<toml_edit::DocumentMut>() else { return };
        tree["run"]["output"] = toml_edit::value(output.display().to_string());
        tree["parallel"]["threads"] = toml_edit::value(threads as i64);
        self.resolved = tree.to_string();
    }

    /// The resolved configuration as one line per key, for comparison.
    #[must_use]
    pub fn flat(resolved: &str) -> BTreeMap<String, String> {
        fn walk(prefix: &str, value: &toml::Value, out: &mut BTreeMap<String, String>) {
            match value {
                toml::Value::Table(table) => {
                    for (key, value) in table {
                        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                        walk(&path, value, out);
                    }
                }
                other => {
                    out.insert(prefix.to_string(), other.to_string());
                }
            }
        }
        let mut out = BTreeMap::new();
        if let Ok(table) = toml::from_str::<toml::Table>(resolved) {
            walk("", &toml::Value::Table(table), &mut out);
        }
        out
    }

    /// Refuses to continue a run whose physics differs, naming the first difference.
    ///
    /// # Errors
    /// `Error::Configuration`.
    pub fn accepts(&self, stored: &str) -> Result<()> {
        let (then, now) = (Self::flat(stored), Self::flat(&self.resolved));
        let keys: std::collections::BTreeSet<&String> = then.keys().chain(now.keys()).collect();
        for key in keys {
            let free = (key.starts_with("run.") && key != "run.seed") || key.starts_with("parallel.");
            let (before, after) = (then.get(key), now.get(key));
            if free || before == after {
                continue;
            }
            let number = |text: Option<&String>| text.and_then(|text| text.parse::<i64>().ok());
            let longer = key == "method.measurement_sweeps"
                && self.method == "replica-exchange"
                && number(after) > number(before);
            if longer {
                continue;
            }
            let show = |value: Option<&String>| value.map_or("absent".to_string(), Clone::clone);
            return Err(Error::Configuration(format!(
                "this run directory holds a run with {key} = {}, but the configuration now says {key} = {}. A run \
                 continues only with the same [system], [method], [measure] and seed (replica exchange may raise \
                 measurement_sweeps). Nothing was changed on disk: restore the value, choose another output \
                 directory, or start again with --fresh.",
                show(before),
                show(after)
            )));
        }
        Ok(())
    }
}

fn in_file(document: &Document, error: Error) -> Error {
    match error {
        Error::Configuration(text) if !text.starts_with(&document.name) => document.locate(&text),
        other => other,
    }
}

fn positive(key: &str, value: i64) -> Result<u64> {
    require((1..=1_000_000_000_000).contains(&value), key, &value, "an integer from 1 to 10^12")?;
    Ok(value.unsigned_abs())
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

fn duration(key: &str, text: &str) -> Result<Duration> {
    humantime::parse_duration(text).map_err(|cause| {
        Error::Configuration(format!(
            "{key} = \"{text}\" is no duration ({cause}): expected one such as \"10min\" or \"1h30m\"."
        ))
    })
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

fn for_model<M: Model>(document: &Document) -> Result<Configuration> {
    let parameters = M::resolved(document.section("system")?)?;
    let kind = document.section::<MethodKind>("method")?.kind;
    let mut run: Run = document.optional_section("run")?.unwrap_or_default();
    let parallel: Parallel = document.optional_section("parallel")?.unwrap_or_default();
    let mut measure: Measure = document.optional_section("measure")?.unwrap_or_default();
    let chosen = || M::plane_names().iter().take(2).map(ToString::to_string).collect();
    measure.structure_factor.planes.get_or_insert_with(chosen);
    if run.output.is_empty() {
        let path = PathBuf::from(&document.name);
        let stem = path.file_stem().map_or("vitrum".into(), |stem| stem.to_string_lossy().to_string());
        run.output = format!("runs/{stem}");
    }
    require(run.seed >= 0, "[run] seed", &run.seed, "an integer from 0 to 2^63 - 1")?;
    require(
        (2..=1000).contains(&run.checkpoint_keep),
        "[run] checkpoint_keep",
        &run.checkpoint_keep,
        "an integer from 2 to 1000",
    )?;
    require(
        (1..=1024).contains(&parallel.threads),
        "[parallel] threads",
        &parallel.threads,
        "an integer from 1 to 1024",
    )?;
    if let Domains::Grid(grid) = &parallel.domains {
        let positive = grid.iter().all(|count| (1..=1_000_000).contains(count));
        require(positive, "[parallel] domains", grid, "three integers from 1 to 1000000")?;
    }
    let checkpoint_interval = duration("[run] checkpoint_interval", &run.checkpoint_interval)?;

    let default_moves = M::default_moves(&parameters);
    let resolve = |method: &dyn erased::Table| -> Result<String> {
        method.resolved(&run, &parameters, &parallel, &measure)
    };
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
            (shared, moves, every, section.adapt_ladder, resolve(&section)?)
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
            (shared, moves, 1, false, resolve(&section)?)
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
    let replica_exchange = kind == "replica-exchange";
    let rungs = common.temperatures.len();
    let ladders = Ladders { samples: model.samples(), copies: common.copies };
    let replicas = ladders.count() * if replica_exchange { rungs } else { 1 };
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
    Ok(Configuration {
        output: PathBuf::from(&run.output),
        checkpoint_interval,
        checkpoint_keep: run.checkpoint_keep.unsigned_abs() as usize,
        threads: parallel.threads.unsigned_abs() as usize,
        resolved,
        model: M::NAME.into(),
        sites: model.sites(),
        ladders: ladders.count(),
        replicas,
        sweeps: per_temperature * if replica_exchange { 1 } else { rungs as u64 },
        bytes_per_site: model.bytes_per_site(),
        domains: parallel.domains.clone(),
        cells: model.cells(),
        geometry: model.geometry(),
        state_fields: model.state_fields(),
        can_be_cut: model.can_be_cut(),
        series_bytes,
        checkpoint_bytes: stored_state_bytes(&model, replicas) + series_bytes,
        remarks: model.remarks(),
        temperatures: common.temperatures,
        method: kind,
        run,
        engine: Box::new(move |arrangement, threads| {
            let plan = Plan { threads, ..plan };
            let mut model = model;
            let brick = Brick::new(model.cells(), arrangement.grid, arrangement.domains.rank());
            model.occupy(brick, Key::new(plan.seed).purpose(Purpose::Disorder));
            if replica_exchange {
                Box::new(ReplicaExchange::new(model, plan, arrangement))
            } else {
                Box::new(Annealing::new(model, plan, arrangement))
            }
        }),
    })
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

/// Lets the two method sections, which differ in type, be resolved by one call.
mod erased {
    use super::{Error, Measure, Parallel, Resolved, Result, Run};
    use serde::Serialize;

    pub trait Table {
        fn resolved(
            &self,
            run: &Run,
            system: &dyn System,
            parallel: &Parallel,
            measure: &Measure,
        ) -> Result<String>;
    }

    pub trait System {
        fn value(&self) -> Result<toml::Value>;
    }

    impl<S: Serialize> System for S {
        fn value(&self) -> Result<toml::Value> {
            toml::Value::try_from(self)
                .map_err(|cause| Error::Internal(format!("cannot print the configuration: {cause}")))
        }
    }

    impl<T: Serialize> Table for T {
        fn resolved(
            &self,
            run: &Run,
            system: &dyn System,
            parallel: &Parallel,
            measure: &Measure,
        ) -> Result<String> {
            let system = &system.value()?;
            toml::to_string_pretty(&Resolved { run, system, method: self, parallel, measure })
                .map_err(|cause| Error::Internal(format!("cannot print the configuration: {cause}")))
        }
    }
}
