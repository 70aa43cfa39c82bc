//! `vitrum models`: what can be simulated and measured.

use super::print;
use crate::config::atoms;
use crate::config::atoms::measure::{OBSERVABLES, OF_ATOMS};
use crate::config::build::{METHODS, model_names};
use crate::foundation::{Error, Result};
use crate::models::{Model, NAMES};
use crate::with_model;
use serde::Deserialize;
use std::fmt::Write;

/// Arguments of `vitrum models`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vitrum models pyrochlore-spin-lattice > glass.toml")]
pub struct Arguments {
    /// Print a complete commented configuration of this model
    name: Option<String>,
}

/// Prints the list, or one configuration.
pub fn command(arguments: &Arguments) -> Result<()> {
    match &arguments.name {
        None => list(),
        Some(name) if name == atoms::MODEL => print(atoms::EXAMPLE),
        Some(name) => with_model!(
            name.as_str(),
            M => print(M::example()),
            otherwise Err(Error::Usage(format!("no model is called {name}: expected one of {}.", model_names().join(", "))))
        ),
    }
}

fn list() -> Result<()> {
    let mut text = String::from("Models\n");
    for name in model_names() {
        let _ = writeln!(text, "  {name}");
    }
    text.push_str("\nMethods\n");
    for (name, description) in METHODS {
        let _ = writeln!(text, "  {name:<18} {description}");
    }
    for name in NAMES {
        let _ = writeln!(text, "\nObservables of {name} (name, units, definition)");
        with_model!(*name, M => describe::<M>(&mut text)?, otherwise ());
    }
    let _ = writeln!(text, "\nObservables of {} (name, units, definition)", atoms::MODEL);
    for (name, units, definition) in OBSERVABLES {
        let _ = writeln!(text, "  {name:<14} {units:<26} {definition}");
    }
    let _ = writeln!(text, "  Of single atoms, in trajectories:");
    for (name, units, definition) in OF_ATOMS {
        let _ = writeln!(text, "  {name:<14} {units:<26} {definition}");
    }
    print(&text)
}

fn describe<M: Model>(text: &mut String) -> Result<()> {
    #[derive(Deserialize)]
    struct System<P> {
        system: P,
    }
    let parsed: System<M::Parameters> = toml::from_str(M::example())
        .map_err(|cause| Error::Internal(format!("the example does not parse: {cause}")))?;
    let moves = M::default_moves(&parsed.system);
    let model = M::new(parsed.system, moves)?;
    let mut line = |name: &str, units: &str, description: &str| {
        let _ = writeln!(text, "  {name:<42} {units:<16} {description}");
    };
    for observable in model.observables().iter().chain(&model.pair_observables()) {
        line(observable.name, observable.units, observable.description);
    }
    for derived in model.derived(true) {
        line(derived.name, derived.units, derived.description);
    }
    let kinds = model.structure_factor_names();
    let _ = writeln!(
        text,
        "  Structure factors: {}",
        if kinds.is_empty() { "none".into() } else { kinds.join(", ") }
    );
    let _ = writeln!(text, "  Correlation functions C(t): {}", model.correlation_names().join(", "));
    let _ = writeln!(text, "  Moves: {}", model.move_names().join(", "));
    Ok(())
}
