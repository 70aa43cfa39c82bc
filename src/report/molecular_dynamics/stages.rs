//! Averages of the stages.

use super::super::number::{labeled, rounded, short, with_error};
use super::super::sections::{Content, Section};
use super::run::{Kind, Run, Stage};
use crate::foundation::statistics::binning;

/// A value with its standard error, which is not a number where none can be given.
pub type Measured = [f64; 2];

/// The columns that are averaged: name in the thermo table, heading, units, whether it is divided by the atoms.
pub const COLUMNS: [(&str, &str, &str, bool); 7] = [
    ("temperature", "temperature", "K", false),
    ("pressure", "pressure", "GPa", false),
    ("potential_energy", "potential energy", "eV", true),
    ("total_energy", "total energy", "eV", true),
    ("volume", "volume", "Angstrom^3", true),
    ("density", "density", "g/cm^3", false),
    ("largest_force", "largest force", "eV/Angstrom", false),
];

/// The averages of a stage, in the order of [`COLUMNS`]; `None` for columns that are missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Averages {
    /// The averages.
    pub values: [Option<Measured>; COLUMNS.len()],
    /// Change of the conserved quantity over the stage, per atom (eV), from a straight line; `None` where nothing is
    /// conserved.
    pub drift: Option<f64>,
}

/// Averages of all stages.
#[must_use]
pub fn averages(run: &Run) -> Vec<Averages> {
    let columns = COLUMNS.map(
        |(name, _, _, is_per_atom)| {
            if is_per_atom { run.column_per_atom(name) } else { run.column(name) }
        },
    );
    let conserved = run.column_per_atom("conserved");
    let of_stage = |stage: &Stage| {
        let values =
            columns.each_ref().map(|column| Some(average(stage, &column.as_ref()?[stage.rows.clone()])));
        let conserved = conserved.as_ref().filter(|_| stage.kind == Kind::Steady);
        let drift = conserved.map(|list| drift(&run.time[stage.rows.clone()], &list[stage.rows.clone()]));
        Averages { values, drift: drift.filter(|drift| drift.is_finite()) }
    };
    run.stages.iter().map(of_stage).collect()
}

/// What is quoted of a stage: the average over its second half; of a ramp that over its last twentieth and of a
/// minimization the last value, both without an error, because they are not stationary.
fn average(stage: &Stage, rows: &[f64]) -> Measured {
    let tail = |count: usize| &rows[rows.len() - count.clamp(1, rows.len())..];
    let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
    match stage.kind {
        Kind::Minimization => [mean(tail(1)), f64::NAN],
        Kind::Ramp(..) => [mean(tail(rows.len() / 20)), f64::NAN],
        Kind::Steady => {
            let estimate = binning(tail(rows.len().div_ceil(2)));
            [estimate.mean, estimate.error]
        }
    }
}

fn drift(time: &[f64], values: &[f64]) -> f64 {
    let count = time.len() as f64;
    let (t, y) = (time.iter().sum::<f64>() / count, values.iter().sum::<f64>() / count);
    let squares: f64 = time.iter().map(|x| (x - t).powi(2)).sum();
    let slope = time.iter().zip(values).map(|(x, v)| (x - t) * (v - y)).sum::<f64>() / squares;
    slope * (time[time.len() - 1] - time[0])
}

/// What kind of stage it is, in words.
#[must_use]
pub fn words(stage: &Stage) -> String {
    let ensemble = &stage.ensemble;
    match stage.kind {
        Kind::Ramp(from, to) => {
            format!("{ensemble} {} to {} K", rounded(from, 5), rounded(to, 5)).trim().to_string()
        }
        Kind::Minimization => "minimize".into(),
        Kind::Steady => match stage.target {
            Some(kelvin) => format!("{ensemble} {} K", rounded(kelvin, 5)),
            None => ensemble.clone(),
        },
    }
}

/// The rows of the table of stages, the first its header.
#[must_use]
pub fn rows(run: &Run, averages: &[Averages]) -> Vec<Vec<String>> {
    let mut header = vec!["stage".to_string(), "ensemble".into(), "steps".into()];
    let present: Vec<usize> =
        (0..COLUMNS.len()).filter(|&k| averages.iter().any(|stage| stage.values[k].is_some())).collect();
    header.extend(present.iter().map(|&k| {
        let (_, heading, units, is_per_atom) = COLUMNS[k];
        let units = if is_per_atom { run.units_per_atom(units) } else { units.to_string() };
        labeled(heading, &units)
    }));
    let has_drift = averages.iter().any(|stage| stage.drift.is_some());
    if has_drift {
        header.push(labeled("drift of the conserved quantity", &run.units_per_atom("eV")));
    }
    let mut rows = vec![header];
    for (stage, averages) in run.stages.iter().zip(averages) {
        let mut row = vec![stage.name.clone(), words(stage), short(stage.steps)];
        row.extend(
            present
                .iter()
                .map(|&k| averages.values[k].map_or("-".into(), |[value, error]| with_error(value, error))),
        );
        if has_drift {
            row.push(averages.drift.map_or("-".into(), |drift| rounded(drift, 2)));
        }
        rows.push(row);
    }
    rows
}

/// The table of stages.
#[must_use]
pub fn section(run: &Run, averages: &[Averages]) -> Section {
    Section::new(
        "stages",
        "Stages",
        "Averages over the second half of each stage. Digits in parentheses are the standard error of the last digits, \
         by binning: 1.2345(67) is 1.2345 \u{b1} 0.0067. Of a stage that drives the temperature the last twentieth is \
         averaged and of a minimization the last value is shown, without errors, for neither is stationary.",
        vec![Content::Table(rows(run, averages))],
    )
}
