//! Validated configurations, and the engines they describe.

use super::atoms;
use super::atoms::AtomicSystem;
use super::lattice::{self, Lattice};
use super::parse::Document;
use super::sections::{Domains, Run};
use crate::foundation::engine::Engine;
use crate::foundation::{Error, Result};
use crate::models::{self, unknown};
use crate::parallel::arrangement::Arrangement;
use crate::with_model;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The methods of `[method] kind`.
pub const METHODS: [(&str, &str); 3] = [lattice::METHODS[0], lattice::METHODS[1], atoms::METHOD];

/// Makes the engine of a validated configuration on arranged ranks with some threads.
pub type EngineBuilder = Box<dyn FnOnce(Arrangement, usize) -> Box<dyn Engine>>;

/// What is simulated.
pub enum Subject {
    /// Replicas of a model on a lattice.
    Lattice(Lattice),
    /// Atoms in a box.
    Atoms(AtomicSystem),
}

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
    /// How the system is to be cut into domains.
    pub domains: Domains,
    /// What a user should know, such as an unverified preset.
    pub remarks: Vec<String>,
    /// What is simulated.
    pub subject: Subject,
    /// Makes the engine.
    pub engine: EngineBuilder,
}

/// The names of all models.
#[must_use]
pub fn model_names() -> Vec<&'static str> {
    models::NAMES.iter().copied().chain([atoms::MODEL]).collect()
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
        if name == atoms::MODEL {
            return atoms::configuration(document).map_err(|error| in_file(document, error));
        }
        with_model!(
            name.as_str(),
            M => lattice::configuration::<M>(document).map_err(|error| in_file(document, error)),
            otherwise Err(document.locate(&format!(
                "[system] model: {}",
                unknown("model", &name, &name, &model_names())
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
}

fn in_file(document: &Document, error: Error) -> Error {
    match error {
        Error::Configuration(text) if !text.starts_with(&document.name) => document.locate(&text),
        other => other,
    }
}
