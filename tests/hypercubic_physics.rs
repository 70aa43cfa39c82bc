//! Runs of the Ising and Edwards-Anderson models against exact results.

mod support;

use std::collections::BTreeMap;
use support::hypercubic::{Oracle, model, states};
use support::{Tables, assert_agrees, observable, simulate};
use vitrum::models::edwards_anderson::SpinGlass;
use vitrum::models::ising::Ferromagnet;

/// A ladder at exactly these temperatures.
fn run(system: &str, temperatures: &str, moves: &str, (thermalization, sweeps): (u64, u64)) -> Tables {
    let moves = if moves.is_empty() { String::new() } else { format!("[method.moves]\n{moves}\n") };
    simulate(&format!(
        "[run]\nseed = 7\n[system]\n{system}\n[method]\nkind = 'replica-exchange'\ntemperatures = [{temperatures}]\n\
         thermalization_sweeps = {thermalization}\nmeasurement_sweeps = {sweeps}\n{moves}[measure]\nevery = 2\n\
         relaxation = {{ sweeps = 0 }}\n"
    ))
}

/// ln Z of the Ising model on an n x m square lattice, periodic (Kaufman, Phys. Rev. 76, 1232 (1949)).
fn ln_partition_function(n: usize, m: usize, k: f64) -> f64 {
    let gamma = |l: usize| {
        if l == 0 {
            return 2.0 * k + k.tanh().ln();
        }
        let cosh = (2.0 * k).cosh() / (2.0 * k).tanh() - (std::f64::consts::PI * l as f64 / n as f64).cos();
        cosh.acosh()
    };
    // Logarithm and sign of each of the four products; the logarithms are divided by their common size.
    let half = m as f64 / 2.0;
    let product = |odd: usize, is_sinh: bool| {
        let (mut logarithm, mut sign) = (0.0, 1.0);
        for r in 0..n {
            let x = half * gamma(2 * r + odd);
            let factor = if is_sinh { 1.0 - (-2.0 * x.abs()).exp() } else { 1.0 + (-2.0 * x.abs()).exp() };
            logarithm += x.abs() + factor.ln();
            sign *= if is_sinh { x.signum() } else { 1.0 };
        }
        (logarithm, sign)
    };
    let terms = [product(1, false), product(1, true), product(0, false), product(0, true)];
    let largest = terms.iter().fold(f64::MIN, |most, term| most.max(term.0));
    let sum: f64 = terms.iter().map(|(logarithm, sign)| sign * (logarithm - largest).exp()).sum();
    let sites = (n * m) as f64;
    // Near the transition the last product vanishes; the sum of the others does not.
    sites / 2.0 * (2.0 * (2.0 * k).sinh()).ln() + largest + (sum / 2.0).ln()
}

/// Energy and specific heat per site of the square lattice.
fn square_lattice(n: usize, temperature: f64) -> (f64, f64) {
    let (k, h) = (1.0 / temperature, 1e-3);
    let f = |step: f64| ln_partition_function(n, n, k + step * h);
    let (f2, f1, f0, b1, b2) = (f(2.0), f(1.0), f(0.0), f(-1.0), f(-2.0));
    let first = (8.0 * (f1 - b1) - (f2 - b2)) / (12.0 * h);
    let second = (16.0 * (f1 + b1) - (f2 + b2) - 30.0 * f0) / (12.0 * h * h);
    let sites = (n * n) as f64;
    (-first / sites, k * k * second / sites)
}

#[test]
fn the_exact_partition_function_is_the_sum_over_states() {
    let model = model::<Ferromagnet>("size = [4, 4]");
    let oracle = Oracle::new(&model);
    let mut levels: BTreeMap<i64, f64> = BTreeMap::new();
    for spins in states(16) {
        *levels.entry(oracle.energy(&spins, 0) as i64).or_default() += 1.0;
    }
    for temperature in [0.9, 2.0, 2.269, 2.6, 5.0] {
        let sum: f64 = levels.iter().map(|(&e, n)| n * (-(e as f64) / temperature).exp()).sum();
        let exact = ln_partition_function(4, 4, 1.0 / temperature);
        assert!((exact / sum.ln() - 1.0).abs() < 1e-12, "T = {temperature}: {exact} {}", sum.ln());
        let mean = |power: i32| {
            let term = |(&e, n): (&i64, &f64)| n * (e as f64).powi(power) * (-(e as f64) / temperature).exp();
            levels.iter().map(term).sum::<f64>() / sum
        };
        let (energy, specific_heat) = square_lattice(4, temperature);
        assert!((energy - mean(1) / 16.0).abs() < 1e-8);
        let variance = mean(2) - mean(1) * mean(1);
        assert!((specific_heat - variance / 16.0 / temperature.powi(2)).abs() < 1e-6);
    }
}

const TEMPERATURES: [f64; 5] = [1.8, 2.1, 2.3, 2.6, 3.5];

/// Deviations of energy and specific heat from the exact ones of the square lattice, in standard errors.
fn deviations(tables: &Tables, shift: f64) -> Vec<f64> {
    let of_rung = |(rung, temperature): (usize, &f64)| {
        let (energy, specific_heat) = square_lattice(16, temperature * shift);
        let z = |name: &str, exact: f64| {
            let (mean, error) = observable(tables, name, rung, 0);
            assert!(error > 0.0 && error < 0.03 * exact.abs(), "{name}: {mean} +- {error}");
            (mean - exact) / error
        };
        [z("energy", energy), z("specific_heat", specific_heat)]
    };
    TEMPERATURES.iter().enumerate().flat_map(of_rung).collect()
}

#[test]
fn the_square_lattice_has_its_exact_energy_and_specific_heat() {
    let temperatures = "1.8, 2.1, 2.3, 2.6, 3.5";
    for moves in ["", "heat_bath = 1\nmetropolis = 1"] {
        let tables = run("model = 'ising'\nsize = [16, 16]", temperatures, moves, (2000, 60_000));
        let z = deviations(&tables, 1.0);
        assert!(z.iter().all(|z| z.abs() < 4.0), "{moves}: {z:?}");
        let wrong = deviations(&tables, 1.01);
        assert!(wrong.iter().any(|z| z.abs() > 4.0), "one percent in temperature goes unnoticed: {wrong:?}");
    }
}

#[test]
fn bits_are_compared_with_couplings_of_the_run() {
    // The mean energy of one sample, exactly, at program level: seed, sample and sites name the same couplings.
    let system = "size = [4, 4]\ncouplings = 'bimodal'";
    let model = model::<SpinGlass>(system);
    let oracle = Oracle::new(&model);
    let tables = run(&format!("model = 'edwards-anderson'\n{system}"), "0.7, 1.5", "", (1000, 40_000));
    for (rung, temperature) in [0.7, 1.5].into_iter().enumerate() {
        let (mut z, mut sum) = (0.0, 0.0);
        for spins in states(16) {
            let energy = oracle.energy(&spins, 0);
            let weight = (-energy / temperature).exp();
            z += weight;
            sum += weight * energy / 16.0;
        }
        assert_agrees("energy of one sample", observable(&tables, "energy", rung, 0), sum / z, 0.0, 0.01);
    }
}

#[test]
fn specific_heats_of_several_samples_leave_out_the_scatter_of_their_energies() {
    let system = "size = [4, 4]\ncouplings = 'bimodal'\nsamples = 6";
    let model = model::<SpinGlass>(system);
    let oracle = Oracle::new(&model);
    let tables = run(&format!("model = 'edwards-anderson'\n{system}"), "1.5", "", (1000, 60_000));
    let beta = 1.0 / 1.5;
    // Of each sample: mean energy per site and specific heat.
    let exact: Vec<[f64; 2]> = (0..6)
        .map(|sample| {
            let mut sums = [0.0; 3];
            for spins in states(16) {
                let energy = oracle.energy(&spins, sample);
                let weight = (-energy * beta).exp();
                (0..3).for_each(|k| sums[k] += weight * energy.powi(k as i32));
            }
            let mean = sums[1] / sums[0];
            [mean / 16.0, beta * beta * (sums[2] / sums[0] - mean * mean) / 16.0]
        })
        .collect();
    let mean = |of: &dyn Fn(&[f64; 2]) -> f64| exact.iter().map(of).sum::<f64>() / 6.0;
    let (specific_heat, energy) = (mean(&|x| x[1]), mean(&|x| x[0]));
    let scatter = 16.0 * beta * beta * mean(&|x| (x[0] - energy).powi(2));
    // The quoted error holds the scatter of the samples, which are the same here: deviations are far smaller.
    let measured = observable(&tables, "specific_heat", 0, 0).0;
    assert!((measured / specific_heat - 1.0).abs() < 0.02, "{measured} against {specific_heat}");
    assert!(scatter > 0.1 * specific_heat, "{scatter} is too small to tell the formulas apart");
}

/// Deviations of the Katzgraber-Young difference from zero in standard errors, over samples of Gaussian couplings.
fn katzgraber_young(components: usize, size: &str, temperatures: &str, sweeps: (u64, u64)) -> Vec<f64> {
    let system = format!(
        "model = 'edwards-anderson'\nsize = {size}\ncomponents = {components}\ncouplings = 'gaussian'\nsamples = 96"
    );
    let tables = run(&system, temperatures, "heat_bath = 1", sweeps);
    let rungs = temperatures.split(',').count();
    let z = |rung: usize| {
        let (mean, error) = observable(&tables, "katzgraber_young_difference", rung, 0);
        assert!(error > 0.0 && error < 0.05, "{mean} +- {error}");
        mean / error
    };
    (0..rungs).map(z).collect()
}

#[test]
fn links_and_energies_of_gaussian_couplings_obey_the_identity_in_equilibrium() {
    for (components, size, temperatures) in [
        (1, "[6, 4]", "0.6, 1.0, 1.6"),
        (1, "[4, 4, 4]", "1.2, 1.6, 2.0"),
        (3, "[4, 4, 4]", "0.25, 0.35, 0.5"),
    ] {
        let z = katzgraber_young(components, size, temperatures, (500, 1500));
        assert!(z.iter().all(|z| z.abs() < 4.0), "{components} components on {size}: {z:?}");
    }
}

#[test]
fn the_identity_notices_runs_that_are_far_too_short() {
    for components in [1, 3] {
        let temperatures = if components == 1 { "0.3, 0.4" } else { "0.08, 0.12" };
        let z = katzgraber_young(components, "[4, 4, 4]", temperatures, (0, 8));
        assert!(z[0].abs() > 4.0, "{components} components: {z:?}");
    }
}
