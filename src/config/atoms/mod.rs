//! Configurations of atoms that move: from TOML to the plan of molecular dynamics.

mod arrange;
mod continuation;
mod engine;
mod files;
mod initial;
pub mod measure;
mod potential;
pub mod sections;
mod stages;

use self::initial::{KINDS, Start};
use self::sections::{FileStart, InitialKind, LatticeStart, Measure, MolecularDynamics, RandomStart, System};
use super::build::{Configuration, Subject};
use super::general::{self, General};
use super::parse::Document;
use super::sections::MethodKind;
use crate::dynamics::plan::{Ensemble, Plan, Stage};
use crate::forces::embedded_atom::EmbeddedAtom;
use crate::foundation::random::Key;
use crate::foundation::{Error, Result};
use crate::models::{require, unknown};
use crate::system::atoms::Atoms;
use crate::system::velocities;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use continuation::longer_last_stage;

/// Name of the model in `[system] model`.
pub const MODEL: &str = "embedded-atom";

/// Name of the method in `[method] kind`, and what it does.
pub const METHOD: (&str, &str) =
    ("molecular-dynamics", "atoms that move in time through stages: heated, quenched, minimized");

/// A complete commented configuration that runs as it is.
pub const EXAMPLE: &str = include_str!("example.toml");

/// Atoms may be this close at the start (Angstrom) ...
const CLOSEST: f64 = 0.5;

/// ... and this close where the first stage takes them apart.
const CLOSEST_BEFORE_MINIMIZATION: f64 = 0.1;

/// Masses that differ by more than this part are those of different elements.
const DIFFERENT_MASS: f64 = 0.05;

/// Rows of the thermo table and states of atoms in a checkpoint: bytes of each.
const ROW_BYTES: u64 = 160;
const ATOM_BYTES: u64 = 112;

/// Atoms in a box, and what is done with them.
pub struct AtomicSystem {
    /// Number of atoms.
    pub atoms: usize,
    /// Number of atoms of each element, with its symbol.
    pub composition: Vec<(String, usize)>,
    /// Distances between opposite faces of the box at the start (Angstrom).
    pub widths: [f64; 3],
    /// Volume of the box at the start (cubic Angstrom).
    pub volume: f64,
    /// Cutoff and skin together (Angstrom).
    pub reach: f64,
    /// Time step (ps).
    pub time_step: f64,
    /// Stages.
    pub stages: Vec<Stage>,
    /// Bytes of a checkpoint when the run is complete, about.
    pub checkpoint_bytes: u64,
}

impl AtomicSystem {
    fn new(plan: &Plan) -> Self {
        let atoms = &plan.atoms;
        let steps: u64 = plan.stages.iter().map(|stage| stage.steps).sum();
        let mut counts = vec![0; atoms.kinds];
        atoms.kind.iter().for_each(|&kind| counts[usize::from(kind)] += 1);
        AtomicSystem {
            atoms: atoms.len(),
            composition: atoms.elements.iter().cloned().zip(counts).collect(),
            widths: atoms.periodic_box.widths(),
            volume: atoms.periodic_box.volume(),
            reach: plan.potential.cutoff + plan.skin,
            time_step: plan.time_step,
            stages: plan.stages.clone(),
            checkpoint_bytes: ATOM_BYTES * atoms.len() as u64 + ROW_BYTES * (steps / plan.measure_every + 1),
        }
    }
}

/// What of `[system] initial` decides how the rest is read.
#[derive(Deserialize)]
struct Sketch {
    #[serde(rename = "initial")]
    start: InitialKind,
}

/// A configuration of atoms with everything it means.
struct Validated {
    general: General,
    resolved: String,
    plan: Plan,
    remarks: Vec<String>,
}

/// Validates a configuration of atoms.
///
/// # Errors
/// `Error::Configuration` for the first thing that is wrong.
pub fn configuration(document: &Document) -> Result<Configuration> {
    let Validated { general, resolved, plan, remarks } = validated(document)?;
    let subject = Subject::Atoms(AtomicSystem::new(&plan));
    let parts = (remarks, engine::engine(plan));
    Ok(general.configuration((MODEL, METHOD.0), resolved, subject, parts))
}

/// The plan that a configuration of atoms describes, for programs that bring their own engine.
///
/// # Errors
/// As [`configuration`].
pub fn plan(document: &Document) -> Result<Plan> {
    validated(document).map(|validated| validated.plan)
}

fn validated(document: &Document) -> Result<Validated> {
    let kind = document.section::<Sketch>("system")?.start.kind;
    match kind.as_str() {
        "random" => from_start::<RandomStart>(document),
        "lattice" => from_start::<LatticeStart>(document),
        "file" => from_start::<FileStart>(document),
        other => Err(Error::Configuration(format!(
            "[system] initial.kind: {}",
            unknown("kind", other, other, &KINDS)
        ))),
    }
}

fn from_start<S: Start + DeserializeOwned + Serialize>(document: &Document) -> Result<Validated> {
    let mut system: System<S> = document.section("system")?;
    let kind = document.section::<MethodKind>("method")?.kind;
    if kind != METHOD.0 {
        let what = unknown("method", &kind, &kind, &[METHOD.0]);
        return Err(Error::Configuration(format!("[method] kind: {what} with model = \"{MODEL}\"")));
    }
    let mut method: MolecularDynamics = document.section("method")?;
    let measure: Measure = document.optional_section("measure")?.unwrap_or_default();
    let general = General::new(document)?;
    let expected = "femtoseconds above 0, at most 100";
    let valid = method.time_step_fs > 0.0 && method.time_step_fs <= 100.0;
    require(valid, "[method] time_step_fs", &method.time_step_fs, expected)?;
    let valid = method.skin > 0.0 && method.skin <= 10.0;
    require(valid, "[method] skin", &method.skin, "Angstrom above 0, at most 10")?;
    let stages = stages::stages(&mut method)?;
    let measured = measure::measured(&measure)?;
    let potential = potential::potential(&mut system.potential, &system.elements)?;

    let seed = general.run.seed.unsigned_abs();
    let mut remarks = Vec::new();
    let mut atoms = system.initial.atoms(&system.elements, Key::new(seed), &mut remarks)?;
    let in_start = |error: Error| files::at("[system] initial", &error);
    prepare(&mut atoms, &potential, &stages[0], &mut remarks).map_err(in_start)?;
    let reason = format!("cutoff {:.4} and skin {}", potential.cutoff, method.skin);
    atoms.periodic_box.require_widths(potential.cutoff + method.skin, &reason).map_err(in_start)?;
    heat(&mut atoms, system.initial.temperature(), &stages, Key::new(seed), &mut remarks)?;

    let resolved = general::resolved(&general.run, &system, &method, &general.parallel, &measure)?;
    let plan = Plan {
        seed,
        atoms,
        potential,
        time_step: method.time_step_fs / 1000.0,
        reproducible: method.reproducible,
        skin: method.skin,
        stages,
        measure_every: measured.every,
        pair_distribution: measured.pair_distribution,
        mean_square_displacement: measured.mean_square_displacement,
        trajectory: measured.trajectory,
    };
    Ok(Validated { general, resolved, plan, remarks })
}

/// Brings atoms into the form a plan has: elements and masses of the potential, wrapped, in the order of their ids.
fn prepare(
    atoms: &mut Atoms,
    potential: &EmbeddedAtom,
    first: &Stage,
    remarks: &mut Vec<String>,
) -> Result<()> {
    let elements: Vec<String> = potential.symbols().iter().map(ToString::to_string).collect();
    let masses: Vec<f64> = potential.elements.iter().map(|element| element.mass).collect();
    // Kinds without names may be in another order than the elements; their masses tell.
    if let (true, Some(typed)) = (atoms.elements.is_empty(), &atoms.masses) {
        for (kind, (symbol, (mass, typed))) in elements.iter().zip(masses.iter().zip(typed)).enumerate() {
            if (typed / mass - 1.0).abs() > DIFFERENT_MASS {
                remarks.push(format!(
                    "kind {} has mass {typed} in the file and is {symbol} of mass {mass} here: is [system] elements in \
                     the order of the file?",
                    kind + 1
                ));
            }
        }
    }
    atoms.take_elements(&elements, &masses)?;
    atoms.reduce_box()?;
    atoms.wrap()?;
    atoms.sort_by_id();
    let is_taken_apart = matches!(first.ensemble, Ensemble::Minimize { .. });
    atoms.require_separation(if is_taken_apart { CLOSEST_BEFORE_MINIMIZATION } else { CLOSEST })
}

/// Gives velocities to atoms that have none, and writes their temperature into the section.
fn heat(
    atoms: &mut Atoms,
    temperature: &mut Option<f64>,
    stages: &[Stage],
    key: Key,
    remarks: &mut Vec<String>,
) -> Result<()> {
    let name = "[system] initial.temperature";
    if let Some(kelvin) = *temperature {
        require((0.0..=1e6).contains(&kelvin), name, &kelvin, "kelvin from 0 to 10^6")?;
    }
    if atoms.has_velocities {
        if temperature.is_some() {
            remarks.push(format!("{name} is not used: the atoms have velocities"));
        }
        return Ok(());
    }
    let of_stage = |stage: &Stage| match stage.ensemble {
        Ensemble::Nvt { temperature, .. } | Ensemble::Npt { temperature, .. } => Some(temperature.from),
        Ensemble::Nve | Ensemble::Minimize { .. } => None,
    };
    let kelvin = *temperature.get_or_insert_with(|| stages.iter().find_map(of_stage).unwrap_or(0.0));
    velocities::maxwell_boltzmann(atoms, kelvin, key).map_err(|error| files::at("[system] initial", &error))
}
