//! Long physics validation: critical temperatures, entropy and structure factors on lattices too large for the tests.
//!
//! `cargo run --release --example validate [-- NAME...]`; prints one line per check and fails if any check fails.
//! Names: heisenberg-ferromagnet, ising-ferromagnet, spin-ice-entropy, pinch-point.

use std::collections::BTreeMap;
use std::process::ExitCode;
use vitrum::config::build::Configuration;
use vitrum::config::parse::Document;
use vitrum::foundation::statistics::binning;
use vitrum::foundation::table::Table;
use vitrum::parallel::arrangement::Arrangement;

type Tables = BTreeMap<String, Table>;
/// A validation: its name, and whether it passed.
type Check = (&'static str, fn() -> bool);

fn simulate(text: &str) -> Tables {
    let document = Document { name: "validation".into(), text: text.into() };
    let configuration = Configuration::new(&document).expect("the validation's own configuration is valid");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    // A second call finds the pool of the first.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    let mut engine = (configuration.engine)(Arrangement::serial(), threads);
    engine.advance(engine.target()).expect("the simulation runs");
    engine.check().expect("energies do not drift");
    let mut tables = Tables::new();
    let keep = &mut |table: Table| {
        tables.insert(table.name.clone(), table);
        Ok(())
    };
    engine.results(keep).expect("results form");
    tables
}

fn column(tables: &Tables, name: &str, part: &str) -> Vec<f64> {
    tables[&format!("/observables/{name}/{part}")].numbers()
}

fn list(temperatures: &[f64]) -> String {
    temperatures.iter().map(|t| format!("{t:?}")).collect::<Vec<_>>().join(", ")
}

/// Values and errors of a Binder ratio along a list of temperatures.
fn binder(
    system: &str,
    observable: &str,
    temperatures: &[f64],
    sweeps: usize,
    moves: &str,
) -> Vec<(f64, f64)> {
    let tables = simulate(&format!(
        "[run]\nseed = 8\n[system]\nmodel = 'pyrochlore-spin-lattice'\n{system}\n[method]\nkind = 'replica-exchange'\n\
         temperatures = [{}]\ncopies = 2\nthermalization_sweeps = {}\nmeasurement_sweeps = {sweeps}\n[method.moves]\n\
         {moves}\n[measure]\nevery = 5\nstructure_factor = {{ planes = [] }}\nrelaxation = {{ sweeps = 0 }}\n",
        list(temperatures),
        sweeps / 5
    ));
    column(&tables, observable, "mean").into_iter().zip(column(&tables, observable, "error")).collect()
}

/// Zero of a difference that changes sign along the temperatures, by a weighted straight line; with its error.
fn crossing(temperatures: &[f64], difference: &[(f64, f64)]) -> (f64, f64) {
    let weights: Vec<f64> = difference.iter().map(|(_, error)| 1.0 / (error * error)).collect();
    let total: f64 = weights.iter().sum();
    let average =
        |f: &dyn Fn(usize) -> f64| weights.iter().enumerate().map(|(k, w)| w * f(k)).sum::<f64>() / total;
    let (t, y) = (average(&|k| temperatures[k]), average(&|k| difference[k].0));
    let spread = average(&|k| (temperatures[k] - t).powi(2));
    let slope = average(&|k| (temperatures[k] - t) * (difference[k].0 - y)) / spread;
    let zero = t - y / slope;
    let error = ((1.0 + (zero - t).powi(2) / spread) / total).sqrt() / slope.abs();
    (zero, error)
}

fn critical_temperature(
    name: &str,
    system: impl Fn(usize) -> String,
    observable: &str,
    temperatures: &[f64],
    moves: &str,
    expected: std::ops::Range<f64>,
) -> bool {
    let sizes = [4, 8];
    let curves: Vec<Vec<(f64, f64)>> = sizes
        .iter()
        .map(|&size| binder(&system(size), observable, temperatures, 480_000 / size.pow(2), moves))
        .collect();
    let difference: Vec<(f64, f64)> =
        curves[0].iter().zip(&curves[1]).map(|(a, b)| (a.0 - b.0, a.1.hypot(b.1))).collect();
    let (found, error) = crossing(temperatures, &difference);
    let passed = expected.contains(&found) && error < 0.01 * found;
    println!(
        "{name}: Binder ratios of L = 4 and 8 cross at T = {found:.4} +- {error:.4}, expected within {expected:?}"
    );
    passed
}

fn steps(from: f64, to: f64, count: usize) -> Vec<f64> {
    (0..count).map(|k| from + (to - from) * k as f64 / (count - 1) as f64).collect()
}

fn heisenberg_ferromagnet() -> bool {
    // Below the simple cubic lattice's 1.443 although both have six neighbors, and below the tree's 1.412.
    let system = |size| {
        format!("size = {size}\nexchange_in_in = -1.0\nexchange_in_out = -1.0\nexchange_out_out = -1.0")
    };
    let moves = "spin_heat_bath = 1\nover_relaxation = 5";
    critical_temperature(
        "heisenberg-ferromagnet",
        system,
        "binder_magnetization",
        &steps(1.29, 1.35, 7),
        moves,
        1.30..1.34,
    )
}

fn ising_ferromagnet() -> bool {
    // Below the tree's 4.404.
    let system = |size| format!("size = {size}\nice_coupling = -1.0");
    let moves = "displacement_metropolis = 2";
    critical_temperature(
        "ising-ferromagnet",
        system,
        "binder_all_in_all_out",
        &steps(4.1, 4.35, 7),
        moves,
        4.15..4.3,
    )
}

fn spin_ice_entropy() -> bool {
    // s = ln 2 + beta e - integral of e over beta, Simpson in beta up to 5 (where all but 10^-7 of the sites are ice).
    let count = 50;
    let betas: Vec<f64> = (1..=count).map(|k| 0.1 * f64::from(k)).collect();
    let temperatures: Vec<f64> = betas.iter().rev().map(|beta| 1.0 / beta).collect();
    let tables = simulate(&format!(
        "[run]\nseed = 8\n[system]\nmodel = 'pyrochlore-spin-lattice'\nsize = 4\nice_coupling = 1.0\n[method]\n\
         kind = 'replica-exchange'\ntemperatures = [{}]\ncopies = 1\nthermalization_sweeps = 1000\n\
         measurement_sweeps = 10000\n[method.moves]\ndisplacement_metropolis = 1\nice_loops = 1\n[measure]\nevery = 5\n\
         structure_factor = {{ planes = [] }}\nrelaxation = {{ sweeps = 0 }}\n",
        list(&temperatures)
    ));
    // Replicas travel along the ladder, so errors of different rungs are correlated: the whole combination is one series.
    let weight = |k: usize| {
        let simpson = if k == count as usize {
            1.0
        } else if k % 2 == 1 {
            4.0
        } else {
            2.0
        };
        let integral = -0.1 / 3.0 * simpson;
        if k == count as usize { integral + betas[k - 1] } else { integral }
    };
    let rungs = temperatures.len();
    let series: Vec<f64> = tables["/series/energy"]
        .numbers()
        .chunks_exact(rungs)
        .map(|row| 2f64.ln() + (1..=rungs).map(|k| weight(k) * row[rungs - k]).sum::<f64>())
        .collect();
    let entropy = binning(&series);
    // A finite lattice has ln C / N more: C = 3.4 from the exact cubic cell (90 ice states), and up to L^(3/2) more from
    // the winding sectors of the periodic boundaries.
    let cell = (90f64.ln() - 16.0 * 0.2052) / 1024.0;
    let winding = 1.5 * 4f64.ln() / 1024.0;
    let (most, least) = (entropy.mean - cell, entropy.mean - cell - winding);
    println!(
        "spin-ice-entropy: {:.5} +- {:.5} per site at L = 4, {least:.5} to {most:.5} at infinite size, expected 0.2052",
        entropy.mean, entropy.error
    );
    (least - 4.0 * entropy.error..most + 4.0 * entropy.error).contains(&0.2052)
}

fn pinch_point() -> bool {
    // In the antiferromagnet S(q) along (0 0 l) is pinched at (002): far below its flanks at (h h 2).
    let tables = simulate(
        "[run]\nseed = 8\n[system]\nmodel = 'pyrochlore-spin-lattice'\nsize = 6\nexchange_in_in = 1.0\n\
         exchange_in_out = 1.0\nexchange_out_out = 1.0\n[method]\nkind = 'replica-exchange'\ntemperatures = [0.01]\n\
         copies = 4\nthermalization_sweeps = 1000\nmeasurement_sweeps = 10000\n[method.moves]\nspin_heat_bath = 1\n\
         over_relaxation = 5\n[measure]\nevery = 10\nstructure_factor = { planes = ['hhl'], every = 20 }\n\
         relaxation = { sweeps = 0 }\n",
    );
    let s = tables["/structure_factor/hhl/spin/mean"].numbers();
    let horizontal = tables["/structure_factor/hhl/horizontal"].numbers();
    let vertical = tables["/structure_factor/hhl/vertical"].numbers();
    let at = |h: f64, l: f64| {
        let nearest =
            |axis: &[f64], x: f64| axis.iter().position(|y| (y - x).abs() < 1e-9).expect("on the grid");
        s[nearest(&vertical, l) * horizontal.len() + nearest(&horizontal, h)]
    };
    let (along, across) = (at(0.0, 2.0 + 1.0 / 3.0), at(1.0 / 3.0, 2.0));
    println!("pinch-point: S(0 0 7/3) = {along:.4}, S(1/3 1/3 2) = {across:.4}, expected a contrast above 5");
    across > 5.0 * along
}

fn main() -> ExitCode {
    let checks: [Check; 4] = [
        ("heisenberg-ferromagnet", heisenberg_ferromagnet),
        ("ising-ferromagnet", ising_ferromagnet),
        ("spin-ice-entropy", spin_ice_entropy),
        ("pinch-point", pinch_point),
    ];
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let mut failed = Vec::new();
    for (name, check) in checks {
        if (wanted.is_empty() || wanted.iter().any(|w| w == name)) && !check() {
            failed.push(name);
        }
    }
    if failed.is_empty() {
        println!("all validations passed");
        return ExitCode::SUCCESS;
    }
    println!("FAILED: {}", failed.join(", "));
    ExitCode::FAILURE
}
