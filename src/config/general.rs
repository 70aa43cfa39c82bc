//! What every configuration says whatever it simulates: `[run]`, `[parallel]`, and how it is printed.

use super::build::{Configuration, EngineBuilder, Subject};
use super::parse::Document;
use super::sections::{Domains, Parallel, Run};
use crate::foundation::{Error, Result};
use crate::models::require;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// The tables `[run]` and `[parallel]`, validated.
pub struct General {
    /// `[run]` with defaults.
    pub run: Run,
    /// `[parallel]` with defaults.
    pub parallel: Parallel,
    checkpoint_interval: Duration,
}

impl General {
    /// Reads both tables.
    ///
    /// # Errors
    /// `Error::Configuration` for the first thing that is wrong.
    pub fn new(document: &Document) -> Result<Self> {
        let mut run: Run = document.optional_section("run")?.unwrap_or_default();
        let parallel: Parallel = document.optional_section("parallel")?.unwrap_or_default();
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
        Ok(General { run, parallel, checkpoint_interval })
    }

    /// The whole configuration, from model and method, the text as resolved, what is simulated, remarks and engine.
    #[must_use]
    pub fn configuration(
        self,
        (model, method): (&str, &str),
        resolved: String,
        subject: Subject,
        (remarks, engine): (Vec<String>, EngineBuilder),
    ) -> Configuration {
        let General { run, parallel, checkpoint_interval } = self;
        Configuration {
            output: PathBuf::from(&run.output),
            checkpoint_interval,
            checkpoint_keep: run.checkpoint_keep.unsigned_abs() as usize,
            threads: parallel.threads.unsigned_abs() as usize,
            resolved,
            model: model.into(),
            method: method.into(),
            domains: parallel.domains,
            remarks,
            run,
            subject,
            engine,
        }
    }
}

/// An integer that counts something.
///
/// # Errors
/// `Error::Configuration` outside 1 to 10^12.
pub fn positive(key: &str, value: i64) -> Result<u64> {
    require((1..=1_000_000_000_000).contains(&value), key, &value, "an integer from 1 to 10^12")?;
    Ok(value.unsigned_abs())
}

fn duration(key: &str, text: &str) -> Result<Duration> {
    humantime::parse_duration(text).map_err(|cause| {
        Error::Configuration(format!(
            "{key} = \"{text}\" is no duration ({cause}): expected one such as \"10min\" or \"1h30m\"."
        ))
    })
}

/// Anything printable as a tree, in which keys are sorted.
///
/// # Errors
/// `Error::Internal` if it cannot be printed.
pub fn tree(table: &impl Serialize) -> Result<toml::Value> {
    toml::Value::try_from(table).map_err(|cause| unprintable(&cause))
}

/// The text of a configuration.
///
/// # Errors
/// `Error::Internal` if it cannot be printed.
pub fn resolved(
    run: &Run,
    system: &impl Serialize,
    method: &impl Serialize,
    parallel: &Parallel,
    measure: &impl Serialize,
) -> Result<String> {
    #[derive(Serialize)]
    struct Resolved<'a, S, T, M> {
        run: &'a Run,
        system: &'a S,
        method: &'a T,
        parallel: &'a Parallel,
        measure: &'a M,
    }
    toml::to_string_pretty(&Resolved { run, system, method, parallel, measure })
        .map_err(|cause| unprintable(&cause))
}

fn unprintable(cause: &dyn std::fmt::Display) -> Error {
    Error::Internal(format!("cannot print the configuration: {cause}"))
}
