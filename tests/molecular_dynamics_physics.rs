//! Thermostats and barostats through the program sample the ensembles they claim.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod moving;

use common::Workspace;
use moving::{complete, thermo, write_configuration};
use vitrum::foundation::units::{BOLTZMANN, GIGAPASCAL};

const ATOMS: f64 = 32.0;
const KELVIN: f64 = 800.0;
/// Rows of a block, long against all relaxation times.
const BLOCK: usize = 400;
/// Standard errors of the mean that are allowed.
const DEVIATIONS: f64 = 4.0;

/// A mean with its standard error from the means of blocks, which are independent of each other.
#[derive(Debug, Clone, Copy)]
struct Mean {
    value: f64,
    error: f64,
}

impl Mean {
    fn of(values: &[f64]) -> Self {
        let means: Vec<f64> =
            values.chunks_exact(BLOCK).map(|block| block.iter().sum::<f64>() / BLOCK as f64).collect();
        let count = means.len() as f64;
        assert!(count >= 20.0, "too few blocks");
        let value = means.iter().sum::<f64>() / count;
        let square = means.iter().map(|mean| (mean - value) * (mean - value)).sum::<f64>() / (count - 1.0);
        Mean { value, error: (square / count).sqrt() }
    }

    /// Its distance from what is expected in standard errors.
    fn deviation(self, expected: f64) -> f64 {
        (self.value - expected).abs() / self.error
    }

    #[track_caller]
    fn assert(self, what: &str, expected: f64) {
        println!("{what}: {} +- {}, expected {expected}", self.value, self.error);
        assert!(self.deviation(expected) < DEVIATIONS, "{what}: {self:?} instead of {expected}");
    }
}

/// The rows of one column in the second stage; the first is for equilibration.
struct Sampled<'a>(&'a Workspace, &'a str, Vec<bool>);

impl Sampled<'_> {
    fn column(&self, name: &str) -> Vec<f64> {
        let all = thermo(self.0, self.1, name);
        let width = all.len() / self.2.len();
        all.chunks_exact(width)
            .zip(&self.2)
            .filter(|(_, taken)| **taken)
            .flat_map(|(row, _)| row.to_vec())
            .collect()
    }
}

/// A crystal of copper (Zhou) of 32 atoms in an ensemble given by the keys of its stages.
fn sample<'a>(
    workspace: &'a Workspace,
    name: &'a str,
    constant: f64,
    keys: &str,
    steps: usize,
) -> Sampled<'a> {
    let initial = format!(
        "kind = 'lattice'\nlattice = 'fcc'\nconstant = {constant:?}\nrepeat = [2, 2, 2]\ntemperature = {KELVIN}"
    );
    let stage = |name: &str, steps: usize| {
        format!("[[method.stages]]\nname = '{name}'\ntemperature = {KELVIN}\n{keys}\nsteps = {steps}\n")
    };
    let method =
        format!("time_step_fs = 2.0\nskin = 0.5\n{}{}", stage("first", 1000), stage("second", steps));
    write_configuration(workspace, ("'Cu'", "zhou = true"), &initial, &method, "every = 1");
    complete(workspace, name, 1);
    let taken = thermo(workspace, name, "stage").iter().map(|&stage| stage == 1.0).collect();
    Sampled(workspace, name, taken)
}

#[test]
fn thermostats_give_the_canonical_distribution_of_the_kinetic_energy() {
    let workspace = Workspace::new("canonical", &[]);
    // Noise acts on the motion of all atoms together, too; the others leave it at rest.
    for (name, freedom) in [
        ("velocity-rescaling", 3.0 * ATOMS - 3.0),
        ("nose-hoover", 3.0 * ATOMS - 3.0),
        ("langevin", 3.0 * ATOMS),
    ] {
        let keys = format!("ensemble = 'nvt'\nthermostat = '{name}'\nthermostat_time_ps = 0.03");
        let kinetic = sample(&workspace, name, 3.66, &keys, 20_000).column("kinetic_energy");
        let thermal = BOLTZMANN * KELVIN;
        let expected = 0.5 * freedom * thermal;
        let mean = Mean::of(&kinetic);
        mean.assert(&format!("{name}, mean"), expected);
        let squares: Vec<f64> = kinetic.iter().map(|k| (k - expected) * (k - expected)).collect();
        let variance = Mean::of(&squares);
        variance.assert(&format!("{name}, variance"), 0.5 * freedom * thermal * thermal);
        // What would be noticed: three degrees of freedom more or less, fluctuations half as large.
        assert!(mean.deviation(0.5 * (freedom + 3.0) * thermal) > DEVIATIONS, "{name}: {mean:?}");
        assert!(mean.deviation(0.5 * (freedom - 3.0) * thermal) > DEVIATIONS, "{name}: {mean:?}");
        assert!(variance.deviation(0.25 * freedom * thermal * thermal) > DEVIATIONS, "{name}: {variance:?}");
    }
}

fn npt(motion: &str, pressure: f64) -> String {
    format!(
        "ensemble = 'npt'\nbox = '{motion}'\npressure_gpa = {pressure:?}\nthermostat_time_ps = 0.05\nbarostat_time_ps = 0.1"
    )
}

/// Fluctuations of the volume are those its response to the pressure demands, and the pressure is the one asked for.
#[test]
fn barostats_give_the_pressure_and_the_fluctuations_of_the_volume() {
    let workspace = Workspace::new("isobaric", &[]);
    let thermal = BOLTZMANN * KELVIN;
    let mut volumes = Vec::new();
    for (name, pressure) in [("low", -1.0), ("middle", 2.0), ("high", 5.0)] {
        let run = sample(&workspace, name, 3.64, &npt("isotropic", pressure), 16_000);
        let volume = run.column("volume");
        let found = run.column("pressure");
        // <(P - P0) V> = -k T, less by 1/N with the momentum fixed.
        let work: Vec<f64> =
            found.iter().zip(&volume).map(|(p, v)| (p - pressure) / GIGAPASCAL * v).collect();
        let mean = Mean::of(&work);
        mean.assert(&format!("{name}, (P - P0) V in eV"), -(1.0 - 1.0 / ATOMS) * thermal);
        assert!(mean.deviation(thermal) > DEVIATIONS, "{mean:?}");
        let kinetic = Mean::of(&run.column("kinetic_energy"));
        kinetic.assert(&format!("{name}, kinetic energy"), 1.5 * (ATOMS - 1.0) * thermal);
        volumes.push(volume);
    }
    let means: Vec<Mean> = volumes.iter().map(|volume| Mean::of(volume)).collect();
    let response = (means[0].value - means[2].value) / (6.0 / GIGAPASCAL);
    let error = means[0].error.hypot(means[2].error) / (6.0 / GIGAPASCAL);
    let squares: Vec<f64> = volumes[1].iter().map(|v| (v - means[1].value).powi(2)).collect();
    let variance = Mean::of(&squares);
    let together = Mean { value: variance.value, error: variance.error.hypot(thermal * error) };
    together.assert("variance of the volume", thermal * response);
    // The mean volume at constant pressure is the one that has this pressure, up to terms of order k T/V.
    let constant = (means[1].value / 8.0).cbrt();
    let keys = "ensemble = 'nvt'\nthermostat = 'langevin'\nthermostat_time_ps = 0.03";
    let pressure = Mean::of(&sample(&workspace, "fixed", constant, keys, 16_000).column("pressure"));
    let finite = 2.0 * thermal / means[1].value * GIGAPASCAL;
    println!("at the mean volume: {pressure:?} GPa, finite-size terms {finite}");
    assert!((pressure.value - 2.0).abs() < DEVIATIONS * pressure.error + finite, "{pressure:?}");
}

#[test]
fn each_axis_of_an_anisotropic_box_has_the_pressure() {
    let workspace = Workspace::new("anisotropic", &[]);
    let run = sample(&workspace, "anisotropic", 3.64, &npt("anisotropic", 2.0), 16_000);
    let (stress, volume) = (run.column("stress"), run.column("volume"));
    let thermal = BOLTZMANN * KELVIN;
    for axis in 0..3 {
        let rows = stress.chunks_exact(6).zip(&volume);
        let work: Vec<f64> = rows.map(|(s, v)| (-s[axis] - 2.0) / GIGAPASCAL * v).collect();
        let mean = Mean::of(&work);
        mean.assert(&format!("axis {axis}, (P - P0) V in eV"), -(1.0 - 1.0 / ATOMS) * thermal);
    }
    Mean::of(&run.column("kinetic_energy")).assert("kinetic energy", 1.5 * (ATOMS - 1.0) * thermal);
}
