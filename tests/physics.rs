//! What the program measures against exact results and independent tables.
//!
//! Reference values: exact sums over states, exact quadratures and Monte Carlo tables with their standard errors.
//! Every comparison is in combined standard errors, and every measured error must be small enough to mean something.

mod support;

use support::{SEPARATE, assert_agrees, mhy, observable, run, simulate};
use vitrum::foundation::statistics::jackknife;

const ICE: &str = "displacement_metropolis = 2\nice_loops = 1";

#[test]
fn the_cubic_cell_of_spin_ice_has_its_exact_energy_and_specific_heat() {
    // Exact density of states of the 16-site periodic cell, K = 1.
    let tables = run("size = 1\nice_coupling = 1.0", "0.5, 1.0, 2.0, 5.0", 4, 60_000, ICE);
    for (rung, energy) in [-0.99742536, -0.89839471, -0.68033981, -0.41756847].into_iter().enumerate() {
        assert_agrees("energy", observable(&tables, "energy", rung, 0), energy, 0.0, 1e-3);
    }
    for (rung, specific_heat) in [0.04088317, 0.29743822, 0.14836576].into_iter().enumerate() {
        assert_agrees(
            "specific heat",
            observable(&tables, "specific_heat", rung, 0),
            specific_heat,
            0.0,
            5e-3,
        );
    }
}

#[test]
fn the_cubic_cell_of_the_ising_ferromagnet_has_its_exact_energy() {
    let tables =
        run("size = 1\nice_coupling = -1.0", "2.0, 4.0, 6.0", 4, 150_000, "displacement_metropolis = 1");
    for (rung, (energy, heat)) in
        [(-2.96744953, 0.10361968), (-1.96052342, 0.81886522), (-0.87719397, 0.28077947)]
            .into_iter()
            .enumerate()
    {
        assert_agrees("energy", observable(&tables, "energy", rung, 0), energy, 0.0, 6e-3);
        assert_agrees("specific heat", observable(&tables, "specific_heat", rung, 0), heat, 0.0, 2e-2);
    }
}

#[test]
fn the_entropy_of_the_cubic_cell_is_that_of_its_ninety_ice_states() {
    // s(0) = ln 2 - integral of c/T, by the exact relation s = beta e + ln Z/N integrated over beta from 0.
    let count = 40;
    let betas: Vec<f64> = (1..=count).map(|k| 0.1 * f64::from(k)).collect();
    let list: Vec<String> = betas.iter().map(|beta| format!("{:.15}", 1.0 / beta)).collect();
    let tables = run("size = 1\nice_coupling = 1.0", &list.join(", "), 2, 20_000, ICE);
    // Rungs ascend in temperature, so beta falls; e(0) = 0. Simpson over beta.
    let mut energies = vec![(0.0, 0.0)];
    energies.extend((0..betas.len()).rev().map(|rung| observable(&tables, "energy", rung, 0)));
    let (mut integral, mut variance) = (0.0, 0.0);
    for (k, (energy, error)) in energies.iter().enumerate() {
        let weight = if k == 0 || k == count as usize {
            1.0
        } else if k % 2 == 1 {
            4.0
        } else {
            2.0
        };
        integral += weight * 0.1 / 3.0 * energy;
        variance += (weight * 0.1 / 3.0 * error).powi(2);
    }
    let (cold, cold_error) = energies[count as usize];
    let entropy = 2f64.ln() + 4.0 * cold - integral;
    // At beta = 4 the entropy exceeds ln(90)/16 by less than 1e-4; the errors are correlated, so they are added.
    let error = variance.sqrt() + 4.0 * cold_error + 1e-4;
    assert_agrees("entropy", (entropy, error), 90f64.ln() / 16.0, 0.0, 3e-3);
}

#[test]
fn the_coupled_model_on_small_lattices_agrees_with_independent_tables() {
    // (size, K, T, energy, its error, specific heat, error, M^2/N, error, p22, error)
    #[rustfmt::skip]
    let table = [
        (1, 0.2, 1.0, -2.00072, 84e-5, 0.9203, 38e-4, 0.2657, 5e-4, 0.38688, 58e-5),
        (1, 0.2, 2.0, -1.34494, 117e-5, 0.4495, 16e-4, 0.4406, 8e-4, 0.40345, 39e-5),
        (1, 0.6, 1.0, -2.17987, 76e-5, 0.9027, 25e-4, 0.2385, 4e-4, 0.66262, 59e-5),
        (1, 0.6, 2.0, -1.52454, 87e-5, 0.4687, 15e-4, 0.4289, 9e-4, 0.54323, 45e-5),
        (2, 0.2, 1.0, -2.02030, 48e-5, 0.9417, 87e-4, 0.2570, 13e-4, 0.39312, 52e-5),
        (2, 0.6, 1.0, -2.22173, 60e-5, 0.9168, 82e-4, 0.2359, 11e-4, 0.63139, 38e-5),
        (2, 0.6, 2.0, -1.54020, 73e-5, 0.4900, 45e-4, 0.4256, 19e-4, 0.53731, 42e-5),
    ];
    for (size, ice) in [(1, 0.2), (1, 0.6), (2, 0.2), (2, 0.6)] {
        let sweeps = if size == 1 { 80_000 } else { 16_000 };
        let tables = run(&mhy(size, ice), "1.0, 2.0", 4, sweeps, "");
        for row in table.iter().filter(|row| row.0 == size && row.1 == ice) {
            let rung = if row.2 == 1.0 { 0 } else { 1 };
            let get = |name, component| observable(&tables, name, rung, component);
            assert_agrees("energy", get("energy", 0), row.3, row.4, 1e-3);
            assert_agrees("specific heat", get("specific_heat", 0), row.5, row.6, 1e-2);
            assert_agrees("M^2/N", get("magnetization_squared", 0), row.7, row.8, 3e-3);
            assert_agrees("p22", get("tetrahedra", 2), row.9, row.10, 1e-3);
        }
    }
}

#[test]
fn hot_lattices_agree_with_the_cavity_solution() {
    // Exact on the tree; at T = 5 the shortest loops (hexagons) contribute far less than the errors here.
    // (K, energy, specific heat, P(n_in = 0..4))
    let table = [
        (0.2, -0.67406, 0.1110, [0.05375, 0.24847, 0.39466, 0.25025, 0.05287]),
        (0.6, -0.79303, 0.1262, [0.03242, 0.24196, 0.45060, 0.24325, 0.03177]),
    ];
    for (ice, energy, heat, fractions) in table {
        let tables = run(&mhy(3, ice), "5.0", 4, 16_000, "");
        assert_agrees("energy", observable(&tables, "energy", 0, 0), energy, 1e-5, 6e-4);
        assert_agrees("specific heat", observable(&tables, "specific_heat", 0, 0), heat, 1e-4, 2e-3);
        for (n_in, fraction) in fractions.into_iter().enumerate() {
            assert_agrees("tetrahedra", observable(&tables, "tetrahedra", 0, n_in), fraction, 1e-5, 3e-4);
        }
    }
}

#[test]
fn the_heisenberg_antiferromagnet_agrees_with_independent_tables() {
    let system = |size| {
        format!("size = {size}\nexchange_in_in = 1.0\nexchange_in_out = 1.0\nexchange_out_out = 1.0\n")
    };
    let moves = "spin_heat_bath = 1\nover_relaxation = 3";
    let two = run(&system(2), "0.1, 0.5, 1.0, 2.0", 4, 16_000, moves);
    for (rung, (energy, error)) in
        [(-0.93168, 4e-5), (-0.71535, 14e-5), (-0.54374, 21e-5), (-0.36017, 31e-5)].into_iter().enumerate()
    {
        assert_agrees("L = 2 energy", observable(&two, "energy", rung, 0), energy, error, 5e-4);
    }
    assert_agrees("specific heat", observable(&two, "specific_heat", 3, 0), 0.1231, 8e-4, 2e-3);
    let one = run(&system(1), "0.1, 0.5, 1.0, 2.0", 4, 60_000, moves);
    for (rung, (energy, error)) in
        [(-0.93899, 6e-5), (-0.73418, 20e-5), (-0.55990, 28e-5), (-0.36839, 46e-5)].into_iter().enumerate()
    {
        assert_agrees("L = 1 energy", observable(&one, "energy", rung, 0), energy, error, 6e-4);
    }
}

#[test]
fn cold_antiferromagnets_approach_the_specific_heat_of_counted_modes() {
    // Three quadratic constraints per tetrahedron: e = -1 + 3T/4 + O(T^2).
    let system = "size = 3\nexchange_in_in = 1.0\nexchange_in_out = 1.0\nexchange_out_out = 1.0";
    let tables = run(system, "0.002, 0.004", 2, 20_000, "spin_heat_bath = 1\nover_relaxation = 4");
    for (rung, temperature) in [0.002, 0.004].into_iter().enumerate() {
        let (energy, error) = observable(&tables, "energy", rung, 0);
        let ratio = ((energy + 1.0) / temperature, error / temperature);
        // The zero modes of a finite lattice and the O(T) term both stay below 2 % of the mode count.
        assert_agrees("(e + 1)/T", ratio, 0.75, 0.004, 2e-3);
    }
}

#[test]
fn the_ferromagnet_in_its_paramagnet_agrees_with_independent_tables() {
    let system = "size = 2\nexchange_in_in = -1.0\nexchange_in_out = -1.0\nexchange_out_out = -1.0\n";
    let tables = run(system, "2.0, 5.0", 4, 30_000, "spin_heat_bath = 1\nover_relaxation = 2");
    assert_agrees("energy", observable(&tables, "energy", 0, 0), -0.67263, 114e-5, 1e-3);
    assert_agrees("M^2/N", observable(&tables, "magnetization_squared", 0, 0), 4.846, 44e-3, 3e-2);
    assert_agrees("energy", observable(&tables, "energy", 1, 0), -0.22791, 86e-5, 1e-3);
    assert_agrees("M^2/N", observable(&tables, "magnetization_squared", 1, 0), 1.598, 10e-3, 1e-2);
}

#[test]
fn free_sites_in_fields_follow_langevin_and_the_hyperbolic_tangent() {
    let system = "size = 3\nmagnetic_field = [0.3, 0.4, 1.2]\nelectric_field = [0.0, 0.0, 1.1]\n";
    let tables = run(system, "0.7", 1, 4000, "");
    let x = 1.3 / 0.7;
    let langevin: f64 = 1.0 / f64::tanh(x) - 1.0 / x;
    for (d, component) in [0.3, 0.4, 1.2].into_iter().enumerate() {
        let (value, error) = observable(&tables, "magnetization", 0, d);
        assert_agrees("magnetization", (value, error), langevin * component / 1.3, 0.0, 1e-3);
    }
    // Every local axis has |e_z| = 1/sqrt(3): P_z/N = tanh(E/(sqrt(3) T))/sqrt(3).
    let root = 3f64.sqrt();
    let expected = (1.1 / root / 0.7f64).tanh() / root;
    assert_agrees("polarization", observable(&tables, "polarization", 0, 2), expected, 0.0, 1e-3);
    let energy = -1.3 * langevin - 1.1 * expected;
    assert_agrees("energy", observable(&tables, "energy", 0, 0), energy, 0.0, 2e-3);
}

#[test]
fn joint_heat_bath_and_separate_moves_sample_the_same_law() {
    for (size, ice, temperature) in [(2, 0.6, "0.7"), (3, 0.35, "1.3")] {
        let joint = run(&mhy(size, ice), temperature, 4, 12_000, "joint_heat_bath = 1");
        let separate = run(&mhy(size, ice), temperature, 4, 12_000, SEPARATE);
        let everything = run(&mhy(size, ice), temperature, 4, 12_000, "");
        for name in [
            "energy",
            "displacement_energy",
            "magnetization_squared",
            "polarization_squared",
            "overlap_spin_squared",
        ] {
            let (mean, error) = observable(&separate, name, 0, 0);
            assert_agrees(name, observable(&joint, name, 0, 0), mean, error, 0.03);
            assert_agrees(name, observable(&everything, name, 0, 0), mean, error, 0.03);
        }
    }
}

#[test]
fn exchange_changes_no_average() {
    let system = mhy(1, 0.6);
    let ladder = run(&system, "0.6, 0.8, 1.0", 4, 30_000, "");
    for (rung, temperature) in ["0.6", "0.8", "1.0"].into_iter().enumerate() {
        let alone = run(&system, temperature, 4, 30_000, "");
        for name in ["energy", "specific_heat", "magnetization_squared", "overlap_displacement_squared"] {
            let (mean, error) = observable(&alone, name, 0, 0);
            assert_agrees(name, observable(&ladder, name, rung, 0), mean, error, 0.02);
        }
    }
    assert!(ladder["/ladder/round_trips"].numbers().iter().all(|&trips| trips > 0.0));
    let energies = ladder["/observables/energy/mean"].numbers();
    assert!(energies.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn reweighting_a_rung_to_its_neighbor_gives_the_neighbor() {
    let tables = simulate(&format!(
        "[run]\nseed = 4\n[system]\nmodel = 'pyrochlore-spin-lattice'\n{}\n[method]\nkind = 'replica-exchange'\n\
         temperatures = [1.0, 1.1]\ncopies = 4\nthermalization_sweeps = 500\nmeasurement_sweeps = 12000\n[measure]\n\
         every = 6\nstructure_factor = {{ planes = [] }}\nrelaxation = {{ sweeps = 0 }}\n",
        mhy(1, 0.6)
    ));
    let table = &tables["/series/energy"];
    let (rungs, copies) = (table.shape[1], table.shape[2]);
    // Every entry must be a single measurement for this: blocks would average before the exponential.
    let steps = tables["/series/step"].numbers();
    let entry = steps[1] - steps[0];
    let series = table.numbers();
    let sites = 16.0;
    let mut weights = Vec::new();
    let mut weighted = Vec::new();
    for row in series.chunks_exact(rungs * copies) {
        let cold = &row[..copies];
        // exp(-(beta' - beta) (E - E_0)) from T = 1.0 to T = 1.1, E_0 near the mean.
        let weight = |e: f64| (-(1.0 / 1.1 - 1.0) * sites * (e + 2.1)).exp();
        weights.push(cold.iter().map(|&e| weight(e)).sum::<f64>() / copies as f64);
        weighted.push(cold.iter().map(|&e| e * weight(e)).sum::<f64>() / copies as f64);
    }
    let reweighted = jackknife(&[weighted, weights], |m| m[0] / m[1]);
    assert_eq!(entry, 6.0, "the series is made of single measurements");
    let (mean, error) = observable(&tables, "energy", 1, 0);
    assert_agrees("reweighted energy", (reweighted.mean, reweighted.error), mean, error, 5e-3);
}

#[test]
fn annealing_measures_what_replica_exchange_measures() {
    let text = |kind: &str, extra: &str| {
        format!(
            "[run]\nseed = 3\n[system]\nmodel = 'pyrochlore-spin-lattice'\n{}[method]\nkind = '{kind}'\n\
             temperatures = [0.8, 1.5]\ncopies = 4\nthermalization_sweeps = 500\nmeasurement_sweeps = 8000\n{extra}\
             [measure]\nevery = 2\n",
            mhy(2, 0.6)
        )
    };
    let annealed = simulate(&text("annealing", ""));
    let exchanged = simulate(&text("replica-exchange", "exchange_every = 3\n"));
    for rung in 0..2 {
        for name in ["energy", "displacement_energy", "magnetization_squared", "overlap_spin_squared"] {
            let (mean, error) = observable(&exchanged, name, rung, 0);
            assert_agrees(name, observable(&annealed, name, rung, 0), mean, error, 0.01);
        }
    }
    assert_eq!(annealed["/series/energy"].shape, vec![2000, 2, 4]);
    assert_eq!(annealed["/equilibration/equilibrated"].numbers(), vec![1.0, 1.0]);
}

#[test]
fn a_wrong_coupling_is_noticed() {
    // The comparison must be sharp enough to see K off by two percent.
    let tables = run(&mhy(1, 0.612), "1.0", 4, 60_000, "");
    let (mean, error) = observable(&tables, "energy", 0, 0);
    assert!(((mean + 2.17987) / error.hypot(76e-5)).abs() > 4.0, "{mean} +- {error}");
}

#[test]
fn quoted_errors_cover_the_truth_in_six_to_seven_and_a_half_of_ten_runs() {
    // Exact values of the 16-site cell, then long-run values (errors below a tenth of those of the short runs).
    let ice = "size = 1\nice_coupling = 1.0\n";
    let exact = [("energy", -0.68033981), ("specific_heat", 0.14836576)];
    let coverage = |system: &str, temperature: f64, moves: &str, truths: &[(&str, f64)]| {
        let runs = 200;
        let mut covered = vec![0; truths.len()];
        for seed in 0..runs {
            let tables = simulate(&format!(
                "[run]\nseed = {seed}\n[system]\nmodel = 'pyrochlore-spin-lattice'\n{system}[method]\n\
                 kind = 'replica-exchange'\ntemperatures = [{temperature:?}]\ncopies = 2\nthermalization_sweeps = 100\n\
                 measurement_sweeps = 2000\n[method.moves]\n{moves}\n[measure]\nevery = 4\n\
                 structure_factor = {{ planes = [] }}\nrelaxation = {{ sweeps = 0 }}\n"
            ));
            for (covered, (name, truth)) in covered.iter_mut().zip(truths) {
                let (mean, error) = observable(&tables, name, 0, 0);
                assert!(error > 0.0, "{name} has no error");
                *covered += i32::from((mean - truth).abs() < error);
            }
        }
        for (covered, (name, _)) in covered.iter().zip(truths) {
            let fraction = f64::from(*covered) / f64::from(runs);
            assert!((0.60..=0.76).contains(&fraction), "{name}: covered {fraction}");
        }
    };
    coverage(ice, 2.0, "displacement_metropolis = 1", &exact);
    let moves = "joint_heat_bath = 1\nover_relaxation = 1";
    let long = run(&mhy(2, 0.6), "1.0", 8, 40_000, moves);
    let names = ["energy", "magnetization_squared", "overlap_spin_squared", "correlation_length_over_size"];
    let truths: Vec<(&str, f64)> =
        names.iter().map(|name| (*name, observable(&long, name, 0, 0).0)).collect();
    coverage(&mhy(2, 0.6), 1.0, moves, &truths);
}
