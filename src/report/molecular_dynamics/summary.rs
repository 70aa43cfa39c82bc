//! The summary of a run for programs.

use super::super::json::numbers;
use super::Report;
use super::kink::{Kink, Line};
use super::quench::Branch;
use super::stages::{COLUMNS, words};
use super::structure::Function;
use serde_json::{Map, Value, json};

/// What is particular to molecular dynamics.
#[must_use]
pub fn summary(report: &Report) -> Value {
    let run = &report.run;
    json!({
        "atoms": run.atoms,
        "time": number(run.time.last().copied().unwrap_or(f64::NAN)),
        "time_units": "ps",
        "stages": stages(report),
        "quenches": report.quenches.iter().map(|quench| json!({
            "stage": quench.stage,
            "from": number(quench.ends[0]),
            "to": number(quench.ends[1]),
            "rate": number(quench.rate),
            "rate_units": "K/ps",
            "curves": quench.branches().map(branch).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "first_shells": report.shells.iter().map(|shells| json!({
            "stage": shells.stage,
            "pairs": shells.pairs.iter().filter_map(pair).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}

fn stages(report: &Report) -> Vec<Value> {
    let entry = |(stage, averages): (&super::run::Stage, &super::stages::Averages)| {
        let mut entry = Map::new();
        entry.insert("name".into(), json!(stage.name));
        entry.insert("ensemble".into(), json!(words(stage)));
        entry.insert("steps".into(), number(stage.steps));
        for ((name, _, units, is_per_atom), value) in COLUMNS.into_iter().zip(averages.values) {
            let Some([mean, error]) = value else { continue };
            let units = if is_per_atom { report.run.units_per_atom(units) } else { units.to_string() };
            entry
                .insert(name.into(), json!({ "mean": number(mean), "error": number(error), "units": units }));
        }
        entry.insert("conserved_drift".into(), averages.drift.map_or(Value::Null, number));
        Value::Object(entry)
    };
    report.run.stages.iter().zip(&report.averages).map(entry).collect()
}

fn branch(branch: &Branch) -> Value {
    let line = |line: &Line| {
        json!({
            "slope": number(line.slope),
            "slope_error": number(line.slope_error),
            "center": number(line.center),
            "value": number(line.value),
            "range": numbers(&line.range),
        })
    };
    let glass = |kink: &Kink| {
        json!({
            "temperature": number(kink.temperature),
            "error": number(kink.error),
            "low": line(&kink.low),
            "high": line(&kink.high),
        })
    };
    let reason = branch.kink.as_ref().and_then(|kink| kink.as_ref().err());
    json!({
        "quantity": branch.label,
        "units": branch.units,
        "glass_temperature": branch.kink().map(glass),
        "no_glass_temperature_because": reason,
    })
}

fn pair(function: &Function) -> Option<Value> {
    let shell = function.shell?;
    let [edge, neighbors] = shell.edge.unwrap_or([f64::NAN; 2]);
    Some(json!({
        "pair": function.name,
        "first_peak": number(shell.distance),
        "height": number(shell.height),
        "first_minimum": number(edge),
        "coordination_number": number(neighbors),
    }))
}
