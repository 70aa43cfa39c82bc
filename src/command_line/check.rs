//! `vitrum check`: what a configuration would do.

use super::print;
use crate::config::atoms::AtomicSystem;
use crate::config::build::{Configuration, Subject};
use crate::config::lattice::Lattice;
use crate::config::parse::Document;
use crate::dynamics::plan::{Ensemble, Ramp, Stage};
use crate::foundation::Result;
use crate::foundation::units::GIGAPASCAL;
use crate::parallel::grid::{self, Grid};
use std::fmt::Write;
use std::path::PathBuf;

/// Arguments of `vitrum check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vitrum check glass.toml --ranks 8")]
pub struct Arguments {
    /// Configuration file
    config: PathBuf,
    /// Number of ranks to plan for
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    ranks: u32,
    /// Override a value of the configuration; may be repeated
    #[arg(long = "set", value_name = "key.path=value")]
    settings: Vec<String>,
}

fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

/// Lines of a plan: a name and what is said of it.
#[derive(Default)]
struct Plan(String);

impl Plan {
    fn line(&mut self, name: &str, value: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{name:<22} {value}");
    }
}

/// Validates and prints the plan.
pub fn command(arguments: &Arguments) -> Result<()> {
    let document = Document::read(&arguments.config, &arguments.settings)?;
    let configuration = Configuration::new(&document)?;
    let ranks = arguments.ranks as usize;
    let grid = configuration.grid(ranks).map_err(|error| document.locate(&error.to_string()))?;
    let mut plan = Plan::default();
    plan.line("model", &configuration.model);
    plan.line("method", &configuration.method);
    match &configuration.subject {
        Subject::Lattice(lattice) => describe_lattice(&mut plan, &configuration, lattice, (ranks, grid)),
        Subject::Atoms(atoms) => describe_atoms(&mut plan, &configuration, atoms, (ranks, grid)),
    }
    plan.line("run directory", &configuration.output.display().to_string());
    for remark in &configuration.remarks {
        plan.line("remark", remark);
    }
    if let Subject::Lattice(lattice) = &configuration.subject {
        let busy = lattice.replicas * grid::domains(grid);
        if ranks > busy {
            plan.line("remark", &format!("{} of {ranks} ranks would idle", ranks - busy));
        }
        if let Some(why) = lattice.why_whole(&configuration.domains, ranks, grid) {
            plan.line("remark", &format!("replicas are not cut into domains: {why}"));
        }
    }
    if let Err(error) = configuration.require_memory(&document.name, ranks, grid) {
        plan.line("remark", &format!("too large for this computer: {error}"));
    }
    print(&plan.0)
}

fn describe_lattice(
    plan: &mut Plan,
    configuration: &Configuration,
    lattice: &Lattice,
    (ranks, grid): (usize, Grid),
) {
    let domains = grid::domains(grid);
    let most = lattice.replicas_per_rank(ranks, grid);
    let (cold, hot) = (lattice.temperatures.first(), lattice.temperatures.last());
    plan.line("sites per replica", &lattice.sites.to_string());
    plan.line(
        "temperatures",
        &format!(
            "{} from {} to {}",
            lattice.temperatures.len(),
            cold.copied().unwrap_or_default(),
            hot.copied().unwrap_or_default()
        ),
    );
    plan.line("replicas", &lattice.replicas.to_string());
    plan.line(
        "layout",
        &format!(
            "{} replicas x {domains} {} on {ranks} ranks x {} threads; at most {most} replicas per rank",
            lattice.replicas,
            if domains == 1 { "domain".to_string() } else { format!("domains {grid:?}") },
            configuration.threads
        ),
    );
    plan.line("sweeps per replica", &lattice.sweeps.to_string());
    let [states, series] = lattice.memory_per_rank(ranks, grid).map(megabytes);
    plan.line("memory per rank", &format!("about {states} of configurations and tables, {series} of series"));
    plan.line("checkpoint size", &format!("about {}", megabytes(lattice.checkpoint_bytes as f64)));
}

fn describe_atoms(
    plan: &mut Plan,
    configuration: &Configuration,
    atoms: &AtomicSystem,
    (ranks, grid): (usize, Grid),
) {
    let of_element = |(symbol, count): &(String, usize)| format!("{count} {symbol}");
    let composition: Vec<String> = atoms.composition.iter().map(of_element).collect();
    plan.line("atoms", &format!("{}: {}", atoms.atoms, composition.join(", ")));
    let [a, b, c] = atoms.widths;
    let density = atoms.atoms as f64 / atoms.volume;
    plan.line(
        "box",
        &format!("faces {a:.3}, {b:.3} and {c:.3} Angstrom apart; {density:.5} atoms per cubic Angstrom"),
    );
    plan.line("neighbors within", &format!("{:.4} Angstrom, cutoff and skin", atoms.reach));
    plan.line("time step", &format!("{} fs", 1000.0 * atoms.time_step));
    for stage in &atoms.stages {
        plan.line("stage", &describe_stage(stage, atoms.time_step));
    }
    let threads = configuration.threads;
    plan.line("layout", &format!("domains {grid:?} on {ranks} ranks x {threads} threads"));
    let [bytes, start] = atoms.memory_per_rank(grid).map(megabytes);
    plan.line("memory per rank", &format!("about {bytes} of atoms and neighbors, {start} of the start"));
    plan.line("checkpoint size", &format!("about {}", megabytes(atoms.checkpoint_bytes as f64)));
}

fn describe_stage(stage: &Stage, time_step: f64) -> String {
    let name = &stage.name;
    let steps = stage.steps;
    let kelvin = |ramp: Ramp| {
        if ramp.from == ramp.to {
            format!("{} K", ramp.from)
        } else {
            let rate = (ramp.to - ramp.from) / (steps as f64 * time_step) * 1e12;
            format!("{} to {} K ({rate:.3e} K/s)", ramp.from, ramp.to)
        }
    };
    let ensemble = match stage.ensemble {
        Ensemble::Minimize { force_tolerance } => {
            return format!(
                "{name}: minimize to forces below {force_tolerance:e} eV/Angstrom, at most {steps} steps"
            );
        }
        Ensemble::Nve => "nve".to_string(),
        Ensemble::Nvt { temperature, .. } => format!("nvt at {}", kelvin(temperature)),
        Ensemble::Npt { temperature, pressure, .. } => {
            // Six digits hide what the conversion to eV per cubic Angstrom and back leaves.
            let pressure = (pressure * GIGAPASCAL * 1e6).round() / 1e6 + 0.0;
            format!("npt at {} and {pressure} GPa", kelvin(temperature))
        }
    };
    format!("{name}: {ensemble}, {steps} steps ({:.6} ps)", steps as f64 * time_step)
}
