//! The thermo table of a run, cut into its stages.

use super::super::tables::Tables;
use crate::foundation::table::Table;
use crate::foundation::units::BOLTZMANN;
use std::collections::BTreeMap;
use std::ops::{Deref, Range};

/// What happens to the temperature in a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// It fluctuates around a mean.
    Steady,
    /// It is driven from one value to another (K).
    Ramp(f64, f64),
    /// Time stands still and the energy goes downhill.
    Minimization,
}

/// A stage that has rows in the thermo table.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Place among all stages of the run, from 0.
    pub index: usize,
    /// Name.
    pub name: String,
    /// Ensemble, as in the configuration; empty if unknown.
    pub ensemble: String,
    /// What happens to the temperature.
    pub kind: Kind,
    /// Temperature that a thermostat holds (K), if the configuration says.
    pub target: Option<f64>,
    /// Pressure that a barostat holds (GPa), if the configuration says.
    pub pressure: Option<f64>,
    /// Its rows.
    pub rows: Range<usize>,
    /// Steps from the last row of the stage before to its own last.
    pub steps: f64,
}

/// The tables of a run of molecular dynamics.
pub struct Run<'a> {
    tables: Tables<'a>,
    /// Simulated time of all rows (ps).
    pub time: Vec<f64>,
    /// Step of all rows.
    pub step: Vec<f64>,
    /// Stages with rows, in order.
    pub stages: Vec<Stage>,
    /// Number of atoms, if it can be known.
    pub atoms: Option<usize>,
}

impl<'a> Deref for Run<'a> {
    type Target = Tables<'a>;

    fn deref(&self) -> &Tables<'a> {
        &self.tables
    }
}

impl<'a> Run<'a> {
    /// Finds the thermo table; `None` if there is none with a row. `atoms` is their number as another file has it.
    #[must_use]
    pub fn read(tables: &'a BTreeMap<String, Table>, atoms: Option<usize>) -> Option<Self> {
        let tables = Tables(tables);
        let time = tables.list("/thermo/time")?;
        let rows = time.len();
        let column = |name: &str| tables.list(&format!("/thermo/{name}")).filter(|list| list.len() == rows);
        let (stage, temperature) = (column("stage")?, column("temperature")?);
        let step = column("step").unwrap_or_else(|| (0..rows).map(|row| row as f64).collect());
        let configured = configured(&tables);
        let mut stages: Vec<Stage> = Vec::new();
        let mut start = 0;
        while start < rows {
            let length = stage[start..].iter().take_while(|value| **value == stage[start]).count().max(1);
            let range = start..start + length;
            let index = if stage[start].is_finite() { stage[start].max(0.0) as usize } else { 0 };
            let known = configured.get(index).cloned().unwrap_or_default();
            let name = known.name.or_else(|| name_of_functions(&tables, index));
            let seen = || seen_kind(&time[range.clone()], &temperature[range.clone()]);
            let before = if start == 0 { step[0].min(0.0) } else { step[start - 1] };
            stages.push(Stage {
                index,
                name: name.unwrap_or_else(|| format!("stage {index}")),
                kind: known.kind.unwrap_or_else(seen),
                ensemble: known.ensemble.unwrap_or_default(),
                target: known.target,
                pressure: known.pressure,
                steps: step[range.end - 1] - before,
                rows: range.clone(),
            });
            start = range.end;
        }
        let counted = column("kinetic_energy").and_then(|kinetic| count_atoms(&kinetic, &temperature));
        Some(Run { tables, time, step, stages, atoms: counted.or(atoms) })
    }

    /// A column of the thermo table with a number for every row.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<Vec<f64>> {
        self.list(&format!("/thermo/{name}")).filter(|list| list.len() == self.time.len())
    }

    /// A column divided by the number of atoms, where that is known.
    #[must_use]
    pub fn column_per_atom(&self, name: &str) -> Option<Vec<f64>> {
        let share = 1.0 / self.atoms.unwrap_or(1) as f64;
        Some(self.column(name)?.into_iter().map(|value| value * share).collect())
    }

    /// Units of what [`Run::column_per_atom`] returns.
    #[must_use]
    pub fn units_per_atom(&self, units: &str) -> String {
        if self.atoms.is_some() { format!("{units} per atom") } else { units.to_string() }
    }
}

/// What the configuration says of a stage.
#[derive(Debug, Clone, Default)]
struct Configured {
    name: Option<String>,
    ensemble: Option<String>,
    kind: Option<Kind>,
    target: Option<f64>,
    pressure: Option<f64>,
}

fn configured(tables: &Tables) -> Vec<Configured> {
    let text = tables.text("/run/configuration").unwrap_or_default();
    let Ok(configuration) = text.parse::<toml::Table>() else { return Vec::new() };
    let stages = configuration.get("method").and_then(|method| method.get("stages"));
    let Some(stages) = stages.and_then(toml::Value::as_array) else { return Vec::new() };
    let number = |value: &toml::Value| value.as_float().or_else(|| value.as_integer().map(|n| n as f64));
    let read = |stage: &toml::Value| {
        let word = |key: &str| stage.get(key).and_then(toml::Value::as_str).map(String::from);
        let ensemble = word("ensemble");
        let kind = match (ensemble.as_deref(), stage.get("temperature")) {
            (Some("minimize"), _) => Some(Kind::Minimization),
            (_, Some(temperature)) => {
                let end = |key: &str| temperature.get(key).and_then(number);
                match (end("from"), end("to")) {
                    (Some(from), Some(to)) if from != to => Some(Kind::Ramp(from, to)),
                    _ => Some(Kind::Steady),
                }
            }
            (Some(_), None) => Some(Kind::Steady),
            (None, None) => None,
        };
        let held = |key: &str| stage.get(key).and_then(number);
        Configured {
            name: word("name"),
            ensemble,
            kind,
            target: held("temperature"),
            pressure: held("pressure_gpa"),
        }
    };
    stages.iter().map(read).collect()
}

/// The name of a stage as the folders of pair distribution functions have it: INDEX-NAME.
fn name_of_functions(tables: &Tables, index: usize) -> Option<String> {
    let prefix = format!("{index}-");
    tables.children("/rdf/").iter().find_map(|name| name.strip_prefix(&prefix)).map(String::from)
}

/// Without a configuration: time that stands still is a minimization, and a temperature that changes by more than a fifth
/// along a line that explains nine tenths of its variance is a ramp.
fn seen_kind(time: &[f64], temperature: &[f64]) -> Kind {
    let count = time.len() as f64;
    if time.len() > 1 && time[0] == time[time.len() - 1] {
        return Kind::Minimization;
    }
    let mean = |list: &[f64]| list.iter().sum::<f64>() / count;
    let (t, kelvin) = (mean(time), mean(temperature));
    let product = |a: &[f64], a0: f64, b: &[f64], b0: f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - a0) * (b - b0)).sum()
    };
    let (tt, tk) = (product(time, t, time, t), product(time, t, temperature, kelvin));
    let kk = product(temperature, kelvin, temperature, kelvin);
    let change = tk / tt * (time[time.len() - 1] - time[0]);
    if time.len() > 9 && change.abs() > 0.2 * kelvin && tk * tk > 0.9 * tt * kk {
        return Kind::Ramp(kelvin - 0.5 * change, kelvin + 0.5 * change);
    }
    Kind::Steady
}

/// The number of atoms from T = 2 E_kin / ((3N - 3) k_B), as the results define the temperature.
fn count_atoms(kinetic: &[f64], temperature: &[f64]) -> Option<usize> {
    let hottest = (0..temperature.len()).max_by(|&a, &b| temperature[a].total_cmp(&temperature[b]))?;
    let atoms = 2.0 * kinetic[hottest] / (BOLTZMANN * temperature[hottest]) / 3.0 + 1.0;
    let is_count = temperature[hottest] > 0.0 && (1.0..1e12).contains(&atoms);
    (is_count && (atoms - atoms.round()).abs() < 1e-6 * atoms).then(|| atoms.round() as usize)
}
