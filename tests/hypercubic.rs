//! Spins on hypercubic lattices: every way to store and move them against plain loops over sites and exact sums over
//! states.

mod support;

use support::hypercubic::{Oracle, couplings, halo, model, states, to_spins};
use vitrum::foundation::random::Key;
use vitrum::foundation::simd::InstructionSet;
use vitrum::models::edwards_anderson::SpinGlass;
use vitrum::models::hypercubic::sweep::Move;
use vitrum::models::hypercubic::{Flavor, Hypercubic};
use vitrum::models::ising::Ferromagnet;
use vitrum::models::{Model, Workforce};

const SIZES: [&str; 9] =
    ["[2]", "[6]", "[128]", "[4, 4]", "[16, 8]", "[2, 10]", "[2, 2, 2]", "[4, 6, 2]", "[8, 8, 12]"];

/// Energies, changes and magnetizations of a model after each of its moves, on every instruction set.
fn check_moves<F: Flavor>(system: &str, moves: &[Move]) {
    let model = model::<F>(system);
    let oracle = Oracle::new(&model);
    let sample = model.samples() - 1;
    let halo = &halo(&model);
    let workforce = Workforce { halo, threads: 1 };
    let mut start = model.random_state(Key::new(5), sample);
    halo.refresh_all(&mut start);
    let mut ends: Vec<Vec<u8>> = Vec::new();
    for set in InstructionSet::available() {
        let mut state = start.clone();
        let mut trace = Vec::new();
        for (k, &kind) in moves.iter().enumerate() {
            let before = model.energy(&state);
            let spins_before = to_spins(&model, &state);
            let outcome = model.engine().pass_with(
                (set, &workforce),
                &mut state,
                kind,
                0.4,
                Key::new(6).with(k as u64),
            );
            let change = model.energy_unit().number(model.energy(&state) - before - outcome.energy_change);
            assert!(
                change.abs() < 1e-10 * model.sites() as f64,
                "{system} {kind:?} {}: {change}",
                set.name()
            );
            let spins = to_spins(&model, &state);
            assert_ne!(spins, spins_before, "{system} {kind:?} moves nothing");
            let flipped = spins.iter().zip(&spins_before).filter(|(a, b)| a != b).count() as u64;
            let attempted = model.sites() as u64;
            assert!(outcome.accepted == flipped || outcome.accepted == attempted && spins[0][1] != 0.0);
            let sums = model.sums(&state);
            let energy = model.energy_unit().number(sums[0]);
            let expected = oracle.energy(&spins, sample);
            assert!((energy - expected).abs() < 1e-9 * model.sites() as f64, "{system}: {energy} {expected}");
            trace.extend_from_slice(model.as_bytes(&state));
        }
        ends.push(trace);
    }
    assert!(ends.iter().all(|end| *end == ends[0]), "instruction sets disagree: {system}");
}

#[test]
fn every_move_changes_the_energy_by_what_it_says_on_every_instruction_set() {
    for size in SIZES {
        check_moves::<Ferromagnet>(&format!("size = {size}"), &[Move::HeatBath, Move::Metropolis]);
        let glass = format!("size = {size}\nsamples = 3");
        check_moves::<SpinGlass>(
            &format!("{glass}\ncouplings = 'bimodal'"),
            &[Move::Metropolis, Move::HeatBath],
        );
        check_moves::<SpinGlass>(&format!("{glass}\ncouplings = 'gaussian'"), &[Move::HeatBath]);
        for couplings in ["bimodal", "gaussian"] {
            let heisenberg = format!("{glass}\ncomponents = 3\ncouplings = '{couplings}'");
            check_moves::<SpinGlass>(&heisenberg, &[Move::HeatBath, Move::OverRelaxation, Move::HeatBath]);
        }
    }
}

#[test]
fn the_oracle_notices_another_sample() {
    let model = model::<SpinGlass>("size = [4, 4]\ncouplings = 'bimodal'\nsamples = 3");
    let oracle = Oracle::new(&model);
    let state = model.random_state(Key::new(5), 2);
    let energy = model.energy_unit().number(model.energy(&state));
    assert_eq!(energy, oracle.energy(&to_spins(&model, &state), 2));
    assert_ne!(energy, oracle.energy(&to_spins(&model, &state), 1));
}

/// The observables of a pair against plain loops.
fn check_pair(system: &str, components: usize) {
    let model = model::<SpinGlass>(system);
    let oracle = Oracle::new(&model);
    let (mut a, mut b) = (model.random_state(Key::new(1), 0), model.random_state(Key::new(2), 0));
    [&mut a, &mut b].into_iter().for_each(|state| halo(&model).refresh_all(state));
    let mut row = vec![0.0; model.pair_observables().len()];
    model.observe_pair(&model.pair_sums(&a, &b), &mut row);
    let expected = oracle.pair(&to_spins(&model, &a), &to_spins(&model, &b), components);
    for (observable, (value, expected)) in model.pair_observables().iter().zip(row.iter().zip(expected)) {
        let name = observable.name;
        assert!(
            (value - expected).abs() < 1e-9 * (1.0 + expected.abs()),
            "{system} {name}: {value} {expected}"
        );
    }
    let mut correlation = [0.0];
    model.correlations(&model.correlation_sums(&a, &b), &mut correlation);
    let (spins, others) = (to_spins(&model, &a), to_spins(&model, &b));
    let product: f64 = spins.iter().flatten().zip(others.iter().flatten()).map(|(x, y)| x * y).sum();
    assert!((correlation[0] - product / model.sites() as f64).abs() < 1e-12);
}

#[test]
fn observables_of_pairs_are_what_their_definitions_say() {
    for size in SIZES {
        for (components, couplings) in [(1, "bimodal"), (1, "gaussian"), (3, "bimodal")] {
            let system = format!("size = {size}\ncomponents = {components}\ncouplings = '{couplings}'");
            check_pair(&system, components);
        }
    }
}

#[test]
fn states_survive_packing_and_copying() {
    for size in SIZES {
        for components in [1, 3] {
            let model = model::<SpinGlass>(&format!(
                "size = {size}\ncomponents = {components}\ncouplings = 'bimodal'\nsamples = 2"
            ));
            let state = model.random_state(Key::new(6), 1);
            let mut copy = model.random_state(Key::new(7), 1);
            let cells: usize = model.cells().iter().product();
            let mut values = vec![0.0; cells * model.state_fields()[0].shape.iter().product::<usize>()];
            model.unload(&state, 0, &mut values);
            model.load(&mut copy, 0, &values);
            let (mut state, mut copy) = (state, copy);
            [&mut state, &mut copy].into_iter().for_each(|state| halo(&model).refresh_all(state));
            assert_eq!(copy.sample(), 1);
            assert_eq!(model.as_bytes(&copy), model.as_bytes(&state));
            let received = model.state_from_bytes(model.as_bytes(&state));
            assert_eq!((received.sample(), model.as_bytes(&received)), (1, model.as_bytes(&state)));
        }
    }
}

/// Means of energy per site, its square, and squared magnetization per site over all states of Ising spins.
fn enumerate(oracle: &Oracle, sample: usize, beta: f64) -> [f64; 3] {
    let sites = oracle.sites() as f64;
    let mut sums = [0.0; 4];
    for spins in states(oracle.sites()) {
        let e = oracle.energy(&spins, sample) / sites;
        let m = spins.iter().map(|s| s[0]).sum::<f64>();
        let weight = (-beta * sites * e).exp();
        for (sum, value) in sums.iter_mut().zip([1.0, e, e * e, m * m / sites]) {
            *sum += weight * value;
        }
    }
    [1, 2, 3].map(|k| sums[k] / sums[0])
}

/// Deviations of a chain from exact means, in standard errors from 64 bins.
fn deviations<F: Flavor>(system: &str, kinds: &[Move], sample: usize, (run, exact): (f64, f64)) -> [f64; 3] {
    let model: Hypercubic<F> = model::<F>(system);
    let oracle = Oracle::new(&model);
    let expected = enumerate(&oracle, sample, exact);
    let halo = &halo(&model);
    let workforce = Workforce { halo, threads: 1 };
    let mut state = model.random_state(Key::new(2), sample);
    halo.refresh_all(&mut state);
    let (bins, per_bin) = (64, 1500);
    let mut means = vec![[0.0; 3]; bins];
    let mut row = vec![0.0; model.observables().len()];
    for sweep in 0..(bins + 1) * per_bin {
        for (k, &kind) in kinds.iter().enumerate() {
            let key = Key::new(3).with(sweep as u64).with(k as u64);
            model.engine().pass_with((InstructionSet::detect(), &workforce), &mut state, kind, run, key);
        }
        if sweep >= per_bin {
            model.observe(&model.sums(&state), &mut row);
            for (mean, value) in means[sweep / per_bin - 1].iter_mut().zip(&row) {
                *mean += value / per_bin as f64;
            }
        }
    }
    [0, 1, 2].map(|k| {
        let n = bins as f64;
        let mean = means.iter().map(|bin| bin[k]).sum::<f64>() / n;
        let variance = means.iter().map(|bin| (bin[k] - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean - expected[k]) / (variance / n).sqrt().max(1e-12)
    })
}

#[test]
fn chains_of_ising_spins_agree_with_sums_over_all_states() {
    let mixed = [Move::HeatBath, Move::Metropolis];
    let cases: [(&str, &[Move]); 6] = [
        ("size = [2, 2, 2]\ncouplings = 'bimodal'", &mixed),
        ("size = [4, 2, 2]\ncouplings = 'bimodal'", &[Move::HeatBath]),
        ("size = [4, 4]\ncouplings = 'bimodal'", &mixed),
        ("size = [8]\ncouplings = 'bimodal'", &mixed),
        ("size = [2, 2, 2]\ncouplings = 'gaussian'", &[Move::HeatBath]),
        ("size = [4, 4]\ncouplings = 'gaussian'", &[Move::HeatBath]),
    ];
    for (system, kinds) in cases {
        for sample in [0, 2] {
            let z = deviations::<SpinGlass>(&format!("{system}\nsamples = 3"), kinds, sample, (0.6, 0.6));
            assert!(z.iter().all(|z| z.abs() < 4.0), "{system} sample {sample}: {z:?}");
        }
    }
    for size in ["[4, 4]", "[8]", "[2, 4, 2]"] {
        for kinds in [&mixed[..], &[Move::HeatBath]] {
            let z = deviations::<Ferromagnet>(&format!("size = {size}"), kinds, 0, (0.3, 0.3));
            assert!(z.iter().all(|z| z.abs() < 4.0), "ising {size} {kinds:?}: {z:?}");
        }
    }
}

#[test]
fn sums_over_all_states_notice_a_temperature_that_is_two_percent_off() {
    for (system, kinds) in [
        ("size = [4, 4]\ncouplings = 'bimodal'", &[Move::HeatBath, Move::Metropolis][..]),
        ("size = [4, 4]\ncouplings = 'gaussian'", &[Move::HeatBath]),
    ] {
        let z = deviations::<SpinGlass>(system, kinds, 0, (0.6, 0.612));
        assert!(z[0].abs() > 4.0, "{system}: {z:?}");
    }
}

#[test]
fn metropolis_alone_never_leaves_a_configuration_without_local_field() {
    // Two up, two down: every spin has one satisfied bond, so that every flip is accepted.
    let model = model::<Ferromagnet>("size = [4]");
    let mut state = model.random_state(Key::new(1), 0);
    model.load(&mut state, 0, &[1.0, 1.0, -1.0, -1.0]);
    let energy = model.energy(&state);
    let set = InstructionSet::detect();
    let halo = &halo(&model);
    let workforce = Workforce { halo, threads: 1 };
    for sweep in 0..100 {
        model.engine().pass_with((set, &workforce), &mut state, Move::Metropolis, 0.1, Key::new(sweep));
        assert_eq!(model.energy(&state), energy);
    }
    let heat_bath = (0..100).any(|sweep| {
        model.engine().pass_with((set, &workforce), &mut state, Move::HeatBath, 0.1, Key::new(sweep));
        model.energy(&state) != energy
    });
    assert!(heat_bath);
}

#[test]
fn couplings_do_not_depend_on_the_samples_beside_them() {
    let alone = model::<SpinGlass>("size = [4, 4]\ncouplings = 'gaussian'\nsamples = 1");
    let among = model::<SpinGlass>("size = [4, 4]\ncouplings = 'gaussian'\nsamples = 5");
    let (a, b) = (alone.random_state(Key::new(1), 0), among.random_state(Key::new(1), 0));
    assert_eq!(alone.sums(&a), among.sums(&b));
    let other = among.random_state(Key::new(1), 4);
    assert_ne!(among.sums(&other), among.sums(&b));
    let (first, second) = (couplings(&among, 0), couplings(&among, 4));
    assert!(first.iter().flatten().zip(second.iter().flatten()).all(|(x, y)| x != y));
}
