//! The summary for programs.

use super::results::{PerRung, Results};
use super::{Input, file};
use crate::foundation::{Error, Result};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Writes `summary.json` into `directory` (normally `DIR/report`) and returns its path.
///
/// # Errors
/// `Error::Storage` if the results have no ladder or the file cannot be written.
pub fn write_json(input: &Input, directory: &Path) -> Result<PathBuf> {
    let results = Results::new(input.tables)?;
    let name = "summary.json";
    let mut text = serde_json::to_string_pretty(&summary(input, &results))
        .map_err(|cause| Error::storage("write", &directory.join(name), &cause))?;
    text.push('\n');
    file::write(directory, name, &text)
}

fn summary(input: &Input, results: &Results) -> Value {
    let status: Value =
        input.status.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    let optional = |list: Option<Vec<f64>>| list.map_or(Value::Null, |list| numbers(&list));
    let upward = results.by_rung("/ladder/upward_fraction").map(|upward| upward.values);
    json!({
        "title": input.title,
        "model": results.text("/run/model"),
        "version": results.text("/run/version"),
        "status": status,
        "notes": input.notes,
        "temperatures": numbers(results.temperature()),
        "temperature_units": results.temperature_units(),
        "observables": observables(results),
        "exchange": {
            "acceptance": optional(results.by_pair("/ladder/exchange_acceptance")),
            "communication_barrier": optional(results.by_pair("/ladder/communication_barrier")),
            "upward_fraction": optional(upward),
            "round_trips": optional(results.list("/ladder/round_trips")),
        },
        "moves": leaves(results, "/moves/", "acceptance"),
        "equilibrated": results.equilibrated(),
        "drift": leaves(results, "/equilibration/", "drift"),
        "relaxation_time": leaves(results, "/relaxation/", "relaxation_time"),
        "relaxation_time_error": leaves(results, "/relaxation/", "relaxation_time_error"),
    })
}

fn observables(results: &Results) -> Value {
    let entry = |observable: &super::results::Measured| {
        json!({
            "mean": per_rung(&observable.mean),
            "error": per_rung(&observable.error),
            "autocorrelation_time": observable.autocorrelation_time.as_ref().map(per_rung),
            "units": observable.units,
            "description": observable.description,
        })
    };
    let list = results.observables();
    Value::Object(list.iter().map(|observable| (observable.name.clone(), entry(observable))).collect())
}

/// One list per name below `folder` that has the table `leaf` with rungs as its first axis.
fn leaves(results: &Results, folder: &str, leaf: &str) -> Value {
    let mut map = Map::new();
    for name in results.children(folder) {
        if let Some(column) = results.by_rung(&format!("{folder}{name}/{leaf}")) {
            map.insert(name.to_string(), per_rung(&column));
        }
    }
    Value::Object(map)
}

/// Plain for one number per rung, nested otherwise.
fn per_rung(column: &PerRung) -> Value {
    if column.width == 1 {
        return numbers(&column.values);
    }
    Value::Array(column.values.chunks(column.width.max(1)).map(numbers).collect())
}

/// What is not a finite number becomes null, because JSON has no word for it.
fn numbers(list: &[f64]) -> Value {
    list.iter().map(|value| if value.is_finite() { json!(value) } else { Value::Null }).collect()
}
