//! Which checkpoints a configuration may continue.

use super::atoms;
use super::build::{Configuration, Subject};
use crate::foundation::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};

impl Configuration {
    /// The resolved configuration as one line per key, for comparison; tables in lists are numbered from 1.
    #[must_use]
    pub fn flat(resolved: &str) -> BTreeMap<String, String> {
        fn walk(prefix: &str, value: &toml::Value, out: &mut BTreeMap<String, String>) {
            let below =
                |key: &str| if prefix.is_empty() { key.to_string() } else { format!("{prefix}.{key}") };
            match value {
                toml::Value::Table(table) => {
                    table.iter().for_each(|(key, value)| walk(&below(key), value, out));
                }
                toml::Value::Array(list) if list.iter().any(toml::Value::is_table) => {
                    let numbered = list.iter().zip(1..);
                    numbered.for_each(|(value, number)| walk(&below(&number.to_string()), value, out));
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
        let longer = match self.subject {
            Subject::Lattice(_) => longer_measurement(&self.method, &then, &now),
            Subject::Atoms(_) => atoms::longer_last_stage(stored, &self.resolved),
        };
        let keys: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
        for key in keys {
            let free = (key.starts_with("run.") && key != "run.seed") || key.starts_with("parallel.");
            let (before, after) = (then.get(key), now.get(key));
            if free || before == after || longer.contains(key) {
                continue;
            }
            let show = |value: Option<&String>| value.map_or("absent".to_string(), Clone::clone);
            let exception = match self.subject {
                Subject::Lattice(_) => "replica exchange may raise measurement_sweeps",
                Subject::Atoms(_) => {
                    "the last stage may become longer if it is nve, nvt or npt at one temperature"
                }
            };
            return Err(Error::Configuration(format!(
                "this run directory holds a run with {key} = {}, but the configuration now says {key} = {}. A run \
                 continues only with the same [system], [method], [measure] and seed ({exception}). Nothing was \
                 changed on disk: restore the value, choose another output directory, or start again with --fresh.",
                show(before),
                show(after)
            )));
        }
        Ok(())
    }
}

/// The keys that differ because a measurement goes on where it may.
fn longer_measurement(
    method: &str,
    then: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> Vec<String> {
    let key = "method.measurement_sweeps".to_string();
    let number = |text: Option<&String>| text.and_then(|text| text.parse::<i64>().ok());
    let is_longer = method == "replica-exchange" && number(now.get(&key)) > number(then.get(&key));
    if is_longer { vec![key] } else { Vec::new() }
}
