//! The summary of a ladder for programs.

use super::super::json::numbers;
use super::super::results::{Measured, PerRung, Results};
use serde_json::{Map, Value, json};

/// What is particular to a ladder.
#[must_use]
pub fn summary(results: &Results) -> Value {
    let optional = |list: Option<Vec<f64>>| list.map_or(Value::Null, |list| numbers(&list));
    let upward = results.by_rung("/ladder/upward_fraction").map(|upward| upward.values);
    json!({
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
    let entry = |observable: &Measured| {
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
