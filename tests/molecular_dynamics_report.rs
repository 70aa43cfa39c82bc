//! `vitrum report` on a run of molecular dynamics, from the run to the page.

mod program;

use program::{Scratch, finish, vitrum};
use std::fs;
use std::path::Path;

const CONFIGURATION: &str = r#"
[run]
output = "run"

[system]
model = "embedded-atom"
elements = ["Cu"]
potential = { zhou = true }

[system.initial]
kind = "lattice"
lattice = "fcc"
constant = 3.615
repeat = [4, 4, 4]
temperature = 600.0

[method]
kind = "molecular-dynamics"
time_step_fs = 2.0

[[method.stages]]
name = "vibrate"
ensemble = "nve"
steps = 40

[[method.stages]]
name = "cool"
ensemble = "nvt"
temperature = { from = 600.0, to = 300.0 }
thermostat = "langevin"
steps = 60

[[method.stages]]
name = "rest"
ensemble = "minimize"
force_tolerance = 1e-3
max_steps = 200

[measure]
every = 2
observables = ["thermo", "rdf", "msd"]
trajectory = { every = 50, format = "extxyz", per_atom = ["id", "pressure"] }
"#;

/// The page and what was printed.
fn report(directory: &Path, format: &[&str]) -> (String, String) {
    let _ = fs::remove_dir_all(directory.join("report"));
    let mut process = vitrum();
    process.arg("report").arg(directory).args(format);
    let finished = finish(process);
    assert_eq!(finished.code, 0, "{}", finished.error);
    (fs::read_to_string(directory.join("report/report.html")).unwrap_or_default(), finished.output)
}

#[test]
fn a_run_is_reported_with_and_without_its_trajectory() {
    let scratch = Scratch::new("dynamics-report");
    let (config, output) = (scratch.path("copper.toml"), scratch.path("run"));
    fs::write(&config, CONFIGURATION).unwrap();
    let mut process = vitrum();
    process.arg("run").arg(&config).arg("--output").arg(&output).arg("--quiet");
    let finished = finish(process);
    assert_eq!(finished.code, 0, "{}", finished.error);

    let (page, text) = report(&output, &[]);
    for anchor in ["stages", "thermo", "quench", "atoms", "structure", "displacement", "minimization"] {
        assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    }
    assert!(page.contains("<dt>atoms</dt><dd>256</dd>"));
    let shell: Vec<&str> =
        text.lines().find(|line| line.contains(" all ")).expect("a first shell").split_whitespace().collect();
    // Nearest neighbors of a crystal: the lattice constant by the square root of two, twelve of them.
    let distance: f64 = shell[2].parse().unwrap();
    assert!((distance - 3.615 / 2f64.sqrt()).abs() < 0.02 && shell[5] == "12", "{text}");
    let summary = fs::read_to_string(output.join("report/summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    let steps: Vec<f64> =
        summary["stages"].as_array().unwrap().iter().map(|stage| stage["steps"].as_f64().unwrap()).collect();
    assert_eq!(steps[..2], [40.0, 60.0]);
    let conserved = summary["stages"][0]["conserved_drift"].as_f64().unwrap();
    assert!(conserved.abs() < 1e-4, "{conserved}");

    let (page, _) = report(&output, &["--format", "csv"]);
    assert!(page.is_empty() && output.join("report/thermo.csv").is_file());
    let (page, _) = report(&output, &["--format", "json"]);
    assert!(page.is_empty() && output.join("report/summary.json").is_file());

    let trajectory = output.join("trajectory.xyz");
    let whole = fs::read(&trajectory).unwrap();
    for damaged in [&whole[..whole.len() - 100], b"no trajectory"] {
        fs::write(&trajectory, damaged).unwrap();
        let (page, text) = report(&output, &[]);
        assert!(!page.contains("id=\"atoms\"") && page.contains("id=\"thermo\""));
        assert!(
            page.contains("there are no pictures of the atoms") && text.contains("there are no pictures")
        );
    }
    fs::remove_file(&trajectory).unwrap();
    let (page, text) = report(&output, &[]);
    assert!(
        !page.contains("id=\"atoms\"") && page.contains("id=\"thermo\"") && !text.contains("no pictures")
    );
}
