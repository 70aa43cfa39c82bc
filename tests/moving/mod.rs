//! What the tests of molecular dynamics through the program share: configurations, frames, results, and LAMMPS.

// Every test binary compiles this file and uses its part of it.
#![allow(dead_code)]

pub mod lammps;

use crate::common::{COMPLETE, Finished, Workspace};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use vitrum::foundation::table::Table;
use vitrum::parallel::serial::Serial;
use vitrum::store::hdf5::Hdf5File;

/// All that a frame can hold.
pub const EVERYTHING: &str =
    "'id', 'velocity', 'image', 'force', 'energy', 'stress', 'pressure', 'von_mises'";

/// A configuration: elements and potential, start, method and measurement as TOML.
pub fn write_configuration(
    workspace: &Workspace,
    (elements, potential): (&str, &str),
    initial: &str,
    method: &str,
    measure: &str,
) {
    let text = format!(
        "[run]\nseed = 11\n[system]\nmodel = 'embedded-atom'\nelements = [{elements}]\npotential = {{ {potential} \
         }}\n[system.initial]\n{initial}\n[method]\nkind = 'molecular-dynamics'\n{method}\n[measure]\n{measure}\n"
    );
    fs::write(workspace.path("glass.toml"), text).unwrap();
}

/// Runs to the end on a number of ranks.
#[track_caller]
pub fn complete(workspace: &Workspace, directory: &str, ranks: usize) -> Finished {
    workspace.run(directory).ranks(ranks).expect(COMPLETE)
}

/// A frame of a dump file, in the order of ids.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub step: u64,
    pub bounds: Vec<f64>,
    columns: BTreeMap<String, Vec<f64>>,
}

impl Frame {
    pub fn column(&self, name: &str) -> &[f64] {
        self.columns.get(name).unwrap_or_else(|| panic!("no column {name}"))
    }

    pub fn len(&self) -> usize {
        self.column("id").len()
    }

    /// Several columns one after the other.
    pub fn columns(&self, names: &[&str]) -> Vec<f64> {
        names.iter().flat_map(|name| self.column(name).to_vec()).collect()
    }
}

/// The frames of a dump file, read without the library: columns of words (elements) are left out.
pub fn frames(path: &Path) -> Vec<Frame> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.split("ITEM: TIMESTEP\n").skip(1).map(frame).collect()
}

fn frame(text: &str) -> Frame {
    let mut lines = text.lines();
    let step = lines.next().unwrap().parse().unwrap();
    let count: usize = lines.nth(1).unwrap().parse().unwrap();
    assert!(lines.next().unwrap().starts_with("ITEM: BOX BOUNDS"));
    let numbers = |line: &str| -> Vec<f64> { line.split(' ').map(|word| word.parse().unwrap()).collect() };
    let bounds = lines.by_ref().take(3).flat_map(numbers).collect();
    let names: Vec<&str> =
        lines.next().unwrap().strip_prefix("ITEM: ATOMS ").unwrap().split_whitespace().collect();
    let mut rows: Vec<Vec<f64>> = lines
        .map(|line| line.split_whitespace().map(|word| word.parse().unwrap_or(f64::NAN)).collect())
        .collect();
    assert_eq!(rows.len(), count);
    let id = names.iter().position(|name| *name == "id").unwrap();
    rows.sort_by(|a, b| a[id].total_cmp(&b[id]));
    let column = |k: usize| rows.iter().map(|row| row[k]).collect();
    let columns = names.iter().enumerate().map(|(k, name)| (name.to_string(), column(k))).collect();
    Frame { step, bounds, columns }
}

/// A table of the results of a run.
pub fn table(workspace: &Workspace, directory: &str, name: &str) -> Table {
    let path = workspace.path(directory).join("results.h5");
    let file = Hdf5File::open(&path, &Serial).unwrap();
    let table = file.read(name, None).unwrap();
    file.close().unwrap();
    table
}

/// The numbers of a column of the thermo table.
pub fn thermo(workspace: &Workspace, directory: &str, column: &str) -> Vec<f64> {
    table(workspace, directory, &format!("/thermo/{column}")).numbers()
}

/// The largest difference, relative to the largest number expected.
#[track_caller]
pub fn difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0f64, |a, x| a.max(x.abs()));
    assert!(largest > 0.0, "nothing to compare with");
    let differences = found.iter().zip(expected).map(|(a, b)| (a - b).abs() / largest);
    // Not-a-number is the largest difference of all.
    differences.fold(0.0, |a, x| if x > a || x.is_nan() { x } else { a })
}
