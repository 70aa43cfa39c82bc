//! The coupled model against its cavity solution: exact on the Husimi tree of tetrahedra, close on the lattice.

mod support;

use support::{SEPARATE, Tables, assert_agrees, mhy, observable, run};

const IN_IN: f64 = 3.449490;
const IN_OUT: f64 = 1.0;
const OUT_OUT: f64 = -1.449490;

/// Ratio of messages inward and outward, thermodynamics per spin, and the fractions of tetrahedra with 0 to 4
/// displacements inward.
#[derive(Debug)]
struct Solution {
    ratio: f64,
    energy: f64,
    specific_heat: f64,
    fractions: [f64; 5],
}

/// The solution at (K, T) as tabulated.
#[rustfmt::skip]
const TABLE: [(f64, f64, Solution); 8] = [
    (0.2, 0.5, Solution { ratio: 1.10166, energy: -2.56768, specific_heat: 1.3360, fractions: [0.06545, 0.30499, 0.28828, 0.24666, 0.09462] }),
    (0.2, 1.0, Solution { ratio: 1.43149, energy: -2.01884, specific_heat: 0.9316, fractions: [0.05759, 0.24262, 0.39225, 0.25728, 0.05026] }),
    (0.2, 2.0, Solution { ratio: 1.27769, energy: -1.34881, specific_heat: 0.4582, fractions: [0.05178, 0.24188, 0.40746, 0.25232, 0.04656] }),
    (0.2, 5.0, Solution { ratio: 1.07130, energy: -0.67406, specific_heat: 0.1110, fractions: [0.05375, 0.24847, 0.39466, 0.25025, 0.05287] }),
    (0.6, 0.5, Solution { ratio: 0.99261, energy: -2.72088, specific_heat: 1.0962, fractions: [0.00022, 0.13894, 0.72194, 0.13841, 0.00048] }),
    (0.6, 1.0, Solution { ratio: 1.46733, energy: -2.21884, specific_heat: 0.9041, fractions: [0.00397, 0.17989, 0.63145, 0.18155, 0.00314] }),
    (0.6, 2.0, Solution { ratio: 1.29299, energy: -1.53767, specific_heat: 0.4875, fractions: [0.01411, 0.21631, 0.53715, 0.22033, 0.01210] }),
    (0.6, 5.0, Solution { ratio: 1.07225, energy: -0.79303, specific_heat: 0.1262, fractions: [0.03242, 0.24196, 0.45060, 0.24325, 0.03177] }),
];

fn tabulated(ice: f64, temperature: f64) -> &'static Solution {
    &TABLE.iter().find(|row| (row.0, row.1) == (ice, temperature)).unwrap().2
}

/// Simpson's rule.
fn integral(from: f64, to: f64, function: impl Fn(f64) -> f64) -> f64 {
    let intervals = 200;
    let step = (to - from) / f64::from(intervals);
    let weight = |k| if k == 0 || k == intervals { 1.0 } else { f64::from(2 + 2 * (k % 2)) };
    (0..=intervals).map(|k| weight(k) * function(from + step * f64::from(k))).sum::<f64>() * step / 3.0
}

/// Derivative by central differences of fourth order.
fn derivative(x: f64, step: f64, function: impl Fn(f64) -> f64) -> f64 {
    let difference = |step: f64| (function(x + step) - function(x - step)) / (2.0 * step);
    (4.0 * difference(step) - difference(2.0 * step)) / 3.0
}

/// sinh(u)/u
fn shc(u: f64) -> f64 {
    if u.abs() < 1e-4 { 1.0 + u * u / 6.0 } else { u.sinh() / u }
}

/// Partition function of the spins of one tetrahedron with `inward` displacements inward, 1 at beta = 0.
fn spins_of_tetrahedron(inward: usize, beta: f64) -> f64 {
    // Two pairs of spins: x = |S_1 + S_2| has the density x/2.
    let pairs = |first: f64, second: f64, between: f64| {
        integral(0.0, 2.0, |x| {
            integral(0.0, 2.0, |y| {
                let inside = first * (x * x - 2.0) / 2.0 + second * (y * y - 2.0) / 2.0;
                x * y / 4.0 * (-beta * inside).exp() * shc(beta * between * x * y)
            })
        })
    };
    // Three spins and one: r = |S_1 + S_2 + S_3| has the density r^2/2 below 1, (3r - r^2)/4 above.
    let triple = |coupling: f64| {
        let weight = |r: f64| (-beta * coupling * (r * r - 3.0) / 2.0).exp() * shc(beta * IN_OUT * r);
        integral(0.0, 1.0, |r| r * r / 2.0 * weight(r))
            + integral(1.0, 3.0, |r| (3.0 * r - r * r) / 4.0 * weight(r))
    };
    match inward {
        0 => pairs(OUT_OUT, OUT_OUT, OUT_OUT),
        1 => triple(OUT_OUT),
        2 => pairs(IN_IN, OUT_OUT, IN_OUT),
        3 => triple(IN_IN),
        _ => pairs(IN_IN, IN_IN, IN_IN),
    }
}

/// Ratio of messages, energy per spin and fractions at an inverse temperature.
fn tree(ice: f64, beta: f64) -> (f64, f64, [f64; 5]) {
    let ice_energy = [6.0, 0.0, -2.0, 0.0, 6.0].map(|bonds| ice * bonds);
    let weights: [f64; 5] =
        std::array::from_fn(|k| spins_of_tetrahedron(k, beta) * (-beta * ice_energy[k]).exp());
    let mut ratio = 1.0f64;
    for _ in 0..400 {
        let message = |shift: usize| -> f64 {
            [1.0, 3.0, 3.0, 1.0]
                .iter()
                .enumerate()
                .map(|(k, n)| n * ratio.powi(-(k as i32)) * weights[k + shift])
                .sum()
        };
        ratio = 0.5 * (ratio + message(1) / message(0));
    }
    let joint: [f64; 5] =
        std::array::from_fn(|k| [1.0, 4.0, 6.0, 4.0, 1.0][k] * ratio.powi(-(k as i32)) * weights[k]);
    let fractions = joint.map(|weight| weight / joint.iter().sum::<f64>());
    let energy_of = |k: usize| ice_energy[k] - derivative(beta, 2e-3, |b| spins_of_tetrahedron(k, b).ln());
    let energy = (0..5).map(|k| fractions[k] * energy_of(k)).sum::<f64>() / 2.0;
    (ratio, energy, fractions)
}

fn solve(ice: f64, temperature: f64) -> Solution {
    let (ratio, energy, fractions) = tree(ice, 1.0 / temperature);
    let specific_heat = derivative(temperature, 0.01 * temperature, |t| tree(ice, 1.0 / t).1);
    Solution { ratio, energy, specific_heat, fractions }
}

/// Whether two solutions agree to the digits of the table.
fn agrees_to_printed_digits(a: &Solution, b: &Solution) -> bool {
    let half = 0.5001;
    (a.ratio - b.ratio).abs() < half * 1e-5
        && (a.energy - b.energy).abs() < half * 1e-5
        && (a.specific_heat - b.specific_heat).abs() < half * 1e-4
        && a.fractions.iter().zip(&b.fractions).all(|(a, b)| (a - b).abs() < half * 1e-5)
}

#[test]
fn quadrature_reproduces_the_tabulated_cavity_solution() {
    for (ice, temperature, tabulated) in &TABLE {
        let solution = solve(*ice, *temperature);
        assert!(agrees_to_printed_digits(&solution, tabulated), "K = {ice}, T = {temperature}: {solution:?}");
        // Inward for one tetrahedron is outward for its neighbor.
        let mean: f64 = solution.fractions.iter().enumerate().map(|(k, p)| k as f64 * p).sum();
        assert!((mean - 2.0).abs() < 1e-12, "{mean}");
    }
    assert!(!agrees_to_printed_digits(&solve(0.6001, 5.0), tabulated(0.6, 5.0)), "K off by 0.0001");
}

/// Temperatures at which the lattice is measured.
const TEMPERATURES: [f64; 3] = [0.5, 1.0, 2.0];

/// What may separate the lattice from the tree, which lacks the hexagon loops: relative in the energy and the specific
/// heat, absolute in the fractions.
///
/// Measured at L = 4 (one standard error of the last digit in brackets): at T = 0.5, 1 and 2 the energy of the lattice is
/// lower by 0.394(6), 0.258(11) and 0.03(2) percent at K = 0.2, by 0.089(4), 0.135(9) and 0.03(2) at K = 0.6. The
/// fraction that deviates most is that of n_in = 2, at T = 0.5 and 1 by -0.0067(2) and -0.0016(1) at K = 0.2, by
/// -0.0016(2) and -0.0006(1) at K = 0.6; at T = 2 no fraction deviates by more than 0.0002(1). The specific heats agree
/// within their errors of one percent.
struct Allowance {
    energy: f64,
    specific_heat: f64,
    fractions: f64,
}

fn allowance(ice: f64, temperature: f64) -> Allowance {
    let fractions = match (ice < 0.4, temperature) {
        (true, 0.5) => 7.5e-3,
        (true, 1.0) | (false, 0.5) => 2e-3,
        (false, 1.0) => 8e-4,
        _ => 3e-4,
    };
    Allowance { energy: 4e-3, specific_heat: 1e-2, fractions }
}

/// Everything in which a rung differs from the tree by more than four standard errors and the allowance.
fn disagreements(tables: &Tables, rung: usize, tree: &Solution, allowance: &Allowance) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, component: usize, reference: f64, allowed: f64, sharpness: f64| {
        let (mean, error) = observable(tables, what, rung, component);
        assert!(error > 0.0 && error <= sharpness, "{what}: error {error} is not in (0, {sharpness}]");
        if (mean - reference).abs() >= 4.0 * error + allowed {
            found.push(format!("{what} {component}: {mean} +- {error}, tree {reference}"));
        }
    };
    compare("energy", 0, tree.energy, allowance.energy * tree.energy.abs(), 3e-4);
    let heat = tree.specific_heat;
    compare("specific_heat", 0, heat, allowance.specific_heat * heat, 1.5e-2);
    for (n_in, &fraction) in tree.fractions.iter().enumerate() {
        compare("tetrahedra", n_in, fraction, allowance.fractions, 3e-4);
    }
    found
}

#[test]
fn the_lattice_is_close_to_the_tree_and_closer_when_hot() {
    for ice in [0.2, 0.6] {
        let tables = run(&mhy(4, ice), "0.5, 1.0, 2.0", 4, 12_000, "");
        let mut deviations = Vec::new();
        for (rung, temperature) in TEMPERATURES.into_iter().enumerate() {
            let tree = tabulated(ice, temperature);
            let found = disagreements(&tables, rung, tree, &allowance(ice, temperature));
            assert!(found.is_empty(), "K = {ice}, T = {temperature}: {found:?}");
            let (energy, error) = observable(&tables, "energy", rung, 0);
            deviations.push(((energy / tree.energy - 1.0), error / tree.energy.abs()));
        }
        // At K = 0.6 the deviation is largest near T = 1: below, nearly all tetrahedra obey the ice rule in both.
        let [_, (warm, warm_error), (hot, hot_error)] = deviations[..] else { panic!("three temperatures") };
        assert!(warm.abs() - hot.abs() > 4.0 * warm_error.hypot(hot_error), "K = {ice}: {deviations:?}");
        assert!(hot.abs() < 1e-3, "K = {ice}: {deviations:?}");
    }
}

#[test]
fn a_wrong_coupling_is_noticed_on_the_lattice() {
    // Two percent off in K, and in the exchange between displacements that are both inward.
    let wrong_exchange = mhy(4, 0.6).replace("3.449490", "3.518480");
    for system in [mhy(4, 0.612), wrong_exchange] {
        let tables = run(&system, "1.0", 4, 12_000, "");
        let found = disagreements(&tables, 0, tabulated(0.6, 1.0), &allowance(0.6, 1.0));
        assert!(!found.is_empty(), "{system}");
    }
}

#[test]
fn joint_and_separate_moves_agree_on_a_thousand_sites() {
    let joint = run(&mhy(4, 0.6), "0.5", 4, 12_000, "joint_heat_bath = 1\nover_relaxation = 1");
    let separate = run(&mhy(4, 0.6), "0.5", 4, 12_000, SEPARATE);
    let compare = |name: &str, component: usize, sharpness: f64| {
        let (mean, error) = observable(&separate, name, 0, component);
        assert!(error <= sharpness, "{name}: {error}");
        assert_agrees(name, observable(&joint, name, 0, component), mean, error, sharpness);
    };
    compare("energy", 0, 1e-3);
    compare("displacement_energy", 0, 1e-3);
    compare("specific_heat", 0, 4e-2);
    (0..5).for_each(|n_in| compare("tetrahedra", n_in, 1e-3));
}
