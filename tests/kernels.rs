//! The kernels against their definitions: energies, laws of single moves, ice rules, structure factors.

mod support;

use support::{energy, mhy, model};
use vitrum::foundation::observable::MoveCount;
use vitrum::foundation::random::Key;
use vitrum::foundation::simd::{InstructionSet, LANES, dispatch_to};
use vitrum::models::Model;
use vitrum::models::pyrochlore_spin_lattice::PyrochloreSpinLattice;
use vitrum::models::pyrochlore_spin_lattice::site_moves::{
    DisplacementMetropolis, DrawInFields, JointHeatBath, OverRelaxation, SpinHeatBath,
};
use vitrum::models::pyrochlore_spin_lattice::state::State;
use vitrum::parallel::serial::Serial;
use vitrum::sampling::structure::structure_factors;
use vitrum::system::brick::Brick;
use vitrum::system::pyrochlore::{LOCAL_AXES, Pyrochlore, Side};

/// Every coupling switched on.
const EVERYTHING: &str = "exchange_in_in = 3.4\nexchange_in_out = 0.9\nexchange_out_out = -1.3\nice_coupling = 0.6\n\
    second_neighbor_coupling = 0.21\nthird_neighbor_coupling_a = -0.13\nthird_neighbor_coupling_b = 0.08\n\
    magnetic_field = [0.3, -0.2, 0.5]\nelectric_field = [0.1, 0.7, -0.4]\n";

fn everything(size: usize) -> PyrochloreSpinLattice {
    model(&format!("size = {size}\n{EVERYTHING}"))
}

/// The Hamiltonian as the model sheet writes it, bond by bond and with s = eta tau: nothing of the kernels' algebra.
fn textbook_energy(size: usize, model: &PyrochloreSpinLattice, state: &State) -> f64 {
    let lattice = Pyrochlore::new(size);
    let slot = |site: usize| model.packing().slot(site);
    let spin = |site: usize| state.spin(slot(site));
    let tau = |site: usize| state.tau(slot(site));
    let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let mut energy = 0.0;
    for site in 0..lattice.sites() {
        for (side, eta) in [(Side::Up, 1.0), (Side::Down, -1.0)] {
            for other in lattice.tetrahedron_neighbors(site, side).into_iter().filter(|&other| other > site) {
                let exchange = match (eta * tau(site) > 0.0, eta * tau(other) > 0.0) {
                    (true, true) => 3.4,
                    (false, false) => -1.3,
                    _ => 0.9,
                };
                energy += exchange * dot(spin(site), spin(other)) + 0.6 * tau(site) * tau(other);
            }
        }
        let (through, across) = lattice.third_neighbors(site);
        for (coupling, others) in [(0.21, lattice.second_neighbors(site)), (-0.13, through), (0.08, across)] {
            energy += 0.5 * coupling * others.iter().map(|&other| tau(site) * tau(other)).sum::<f64>();
        }
        energy -= dot([0.3, -0.2, 0.5], spin(site));
        energy -= tau(site) * dot([0.1, 0.7, -0.4], LOCAL_AXES[Pyrochlore::sublattice(site)]);
    }
    energy
}

#[test]
fn the_energy_is_that_of_the_textbook() {
    for size in [2, 3, 4] {
        let model = everything(size);
        let state = model.random_state(Key::new(size as u64), 0);
        let (fast, slow) = (energy(&model, &state), textbook_energy(size, &model, &state));
        assert!((fast - slow).abs() < 1e-10 * model.sites() as f64, "size {size}: {fast} {slow}");
    }
}

#[test]
fn energy_changes_of_all_moves_match_energy_differences() {
    for model in [everything(2), everything(3), everything(4), model(&mhy(1, 0.6)), model(&mhy(5, 0.2))] {
        let mut state = model.random_state(Key::new(9), 0);
        for step in 0..3u64 {
            let key = Key::new(100).with(step);
            let before = energy(&model, &state);
            let heat_bath = model.pass(&mut state, SpinHeatBath, 0.8, key.with(1)).energy_change;
            let metropolis = model.pass(&mut state, DisplacementMetropolis, 0.8, key.with(2)).energy_change;
            let joint = model.pass(&mut state, JointHeatBath, 0.8, key.with(3)).energy_change;
            let loops = model.loop_pass(&mut state, 0.1, key.with(4), &mut MoveCount::default());
            let after = energy(&model, &state);
            let sum = before + model.energy_unit().number(heat_bath + metropolis + joint + loops);
            assert!((after - sum).abs() < 1e-10 * model.sites() as f64, "{after} {sum}");
        }
    }
}

#[test]
fn loops_that_wind_in_a_field_change_the_energy_by_what_they_say() {
    // A loop around the lattice changes the energy by far more than any single move.
    for size in [2, 4, 6] {
        let field = "ice_rule = 'hard'\nice_coupling = 0.0\nelectric_field = [0.0, 0.0, 1.0]\n";
        let model = model(&format!("size = {size}\n{field}"));
        let mut state = model.random_state(Key::new(1), 0);
        let mut running = model.energy(&state);
        let mut largest = 0;
        for pass in 0..200 {
            let change = model.loop_pass(&mut state, 0.05, Key::new(2).with(pass), &mut MoveCount::default());
            running += change;
            largest = largest.max(change.abs());
        }
        let unit = model.energy_unit();
        let drift = unit.number(running - model.energy(&state));
        assert!(drift.abs() < 1e-9 * model.sites() as f64, "size {size}: {drift}");
        assert!(unit.number(largest) > 2.0, "no loop wound around the lattice of size {size}");
    }
}

#[test]
fn over_relaxation_keeps_energy_and_length_and_is_its_own_inverse() {
    for model in [everything(2), everything(3)] {
        let mut state = model.random_state(Key::new(3), 0);
        let before = energy(&model, &state);
        for _ in 0..200 {
            model.pass(&mut state, OverRelaxation, 1.0, Key::new(0));
        }
        assert!(((energy(&model, &state) - before) / before).abs() < 1e-12);
        for site in 0..model.sites() {
            let slot = model.packing().slot(site);
            assert!((state.spin(slot).iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-14);
        }
    }
}

#[test]
fn every_instruction_set_makes_the_same_moves() {
    for model in [everything(2), everything(3), model(&mhy(4, 0.6)), model(&mhy(3, 0.6))] {
        let start = model.random_state(Key::new(3), 0);
        let run = |set| {
            let mut state = start.clone();
            let mut changes = Vec::new();
            for step in 0..4 {
                let key = Key::new(5).with(step);
                changes.push(model.pass_with(set, &mut state, JointHeatBath, 1.3, key).energy_change as u64);
                changes.push(model.pass_with(set, &mut state, SpinHeatBath, 1.3, key).energy_change as u64);
                changes.push(model.pass_with(set, &mut state, OverRelaxation, 1.3, key).accepted);
                changes.push(model.pass_with(set, &mut state, DisplacementMetropolis, 1.3, key).accepted);
            }
            (changes, model.as_bytes(&state).to_vec())
        };
        for set in InstructionSet::available() {
            assert!(run(set) == run(InstructionSet::Portable), "{}", set.name());
        }
    }
}

/// Twenty directions, the poles and near-poles among them.
fn directions() -> Vec<[f64; 3]> {
    let mut list = vec![
        [0.0, 0.0, 1.0],
        [0.0, 0.0, -1.0],
        [1.0, 0.0, 0.0],
        [0.0, -1.0, 0.0],
        [1e-9, 0.0, -1.0],
        [0.0, 1e-5, 1.0],
        [0.6, 0.0, -0.8],
        [0.0, 0.6, 1e-12],
    ];
    let mut stream = Key::new(77).stream();
    list.extend((0..12).map(|_| stream.unit_vector()));
    list.into_iter().map(|v: [f64; 3]| v.map(|x| x / v.iter().map(|y| y * y).sum::<f64>().sqrt())).collect()
}

/// <S.h>, <(S.h)^2> and the mean components across h, with z-scores against the exact law.
fn worst_heat_bath_deviation(x: f64, twist: impl Fn([f64; 3]) -> [f64; 3]) -> f64 {
    let directions = directions();
    let mut worst: f64 = 0.0;
    for (batch, group) in directions.chunks(LANES).enumerate() {
        let beta = 1.7;
        let mut fields = [[0.0; LANES]; 3];
        for (lane, h) in group.iter().enumerate() {
            (0..3).for_each(|d| fields[d][lane] = h[d] * x / beta);
        }
        let draws = 40_000;
        let key = Key::new(4).with((x * 1000.0) as u64).with(batch as u64).word();
        let kernel = DrawInFields { fields: &fields, inverse_temperature: beta, key, draws };
        let drawn = dispatch_to(InstructionSet::detect(), kernel);
        for (lane, h) in group.iter().enumerate() {
            let (mut sum, mut square, mut across) = (0.0, 0.0, [0.0; 3]);
            for spin in &drawn {
                let s = twist([spin[0][lane], spin[1][lane], spin[2][lane]]);
                let along = s[0] * h[0] + s[1] * h[1] + s[2] * h[2];
                assert!((s.iter().map(|c| c * c).sum::<f64>() - 1.0).abs() < 1e-13);
                sum += along;
                square += along * along;
                (0..3).for_each(|d| across[d] += s[d] - along * h[d]);
            }
            let n = draws as f64;
            // Langevin function and second moment of density exp(x z) on [-1, 1]; a series where they cancel.
            let first = if x < 0.1 { x / 3.0 - x.powi(3) / 45.0 } else { 1.0 / x.tanh() - 1.0 / x };
            let second = 1.0 - 2.0 * first / x;
            let second = if x < 0.1 { 1.0 / 3.0 + 2.0 * x * x / 45.0 } else { second };
            let variance = square / n - (sum / n).powi(2);
            worst = worst.max(((sum / n - first) / (variance / n).sqrt()).abs());
            // The fourth moment is bounded by one: a generous error for the second.
            let spread = (second * (1.0 - second)).max(1e-12);
            worst = worst.max(((square / n - second) / (spread / n).sqrt()).abs());
            let sideways = ((1.0 - second) / 2.0 / n).sqrt();
            (0..3).for_each(|d| worst = worst.max((across[d] / n / sideways).abs()));
        }
    }
    worst
}

#[test]
fn the_heat_bath_obeys_its_law_in_twenty_directions() {
    // 20 directions x 5 numbers x 10 strengths: 1000 normal deviates stay below 4.5 with probability 0.993.
    for x in [0.01, 0.05, 0.2, 0.7, 1.5, 3.0, 7.0, 15.0, 30.0, 50.0] {
        let worst = worst_heat_bath_deviation(x, |s| s);
        assert!(worst < 4.5, "x = {x}: {worst} standard deviations");
    }
}

#[test]
fn a_heat_bath_that_mistakes_a_pole_is_noticed() {
    // The historical bug: spins near -z end up near +z.
    let worst = worst_heat_bath_deviation(3.0, |s| if s[2] < -0.99 { [s[0], s[1], -s[2]] } else { s });
    assert!(worst > 10.0, "{worst}");
}

#[test]
fn ice_loops_keep_the_rule_and_the_mean_number_of_inward_corners_is_two() {
    let model = model("size = 2\nice_rule = 'hard'\nice_coupling = 1.0\nexchange_in_in = 1.0\n");
    let mut state = model.random_state(Key::new(1), 0);
    let mut accepted = MoveCount::default();
    for step in 0..500 {
        model.loop_pass(&mut state, 0.5, Key::new(2).with(step), &mut accepted);
        let totals = model.totals(&state);
        assert_eq!(totals.tetrahedra, [0.0, 0.0, 64.0, 0.0, 0.0]);
    }
    assert!(accepted.accepted > 100.0);
    let soft = support::model(&mhy(3, 0.6));
    let totals = soft.totals(&soft.random_state(Key::new(8), 0));
    let mean: f64 = totals.tetrahedra.iter().enumerate().map(|(n, count)| n as f64 * count).sum();
    assert_eq!(mean / totals.tetrahedra.iter().sum::<f64>(), 2.0);
}

#[test]
fn loops_reach_all_90_ice_states_of_the_cubic_cell_equally_often() {
    let model = model("size = 1\nice_rule = 'hard'\nice_coupling = 1.0\n");
    let mut state = model.random_state(Key::new(1), 0);
    let mut visits = std::collections::BTreeMap::new();
    let samples = 90_000;
    for step in 0..samples {
        for pass in 0..4 {
            model.loop_pass(&mut state, 1.0, Key::new(3).with(step).with(pass), &mut MoveCount::default());
        }
        let pattern: Vec<bool> = (0..16).map(|site| state.tau(model.packing().slot(site)) > 0.0).collect();
        *visits.entry(pattern).or_insert(0.0) += 1.0;
    }
    assert_eq!(visits.len(), 90);
    let expected = f64::from(samples as u32) / 90.0;
    let chi_square: f64 = visits.values().map(|n: &f64| (n - expected).powi(2) / expected).sum();
    // 89 degrees of freedom; successive samples are nearly independent after four passes, the margin allows for rest.
    assert!(chi_square < 89.0 + 6.0 * (2.0f64 * 89.0).sqrt(), "chi^2 = {chi_square}");
}

#[test]
fn structure_factors_obey_the_sum_rule_and_the_definition() {
    for size in [1, 2, 3] {
        let model = model(&mhy(size, 0.6));
        let state = model.random_state(Key::new(4), 0);
        let period = 4 * size as i64;
        let all: Vec<[i64; 3]> =
            (0..period.pow(3)).map(|n| [n / period / period, n / period % period, n % period]).collect();
        let brick = Brick::whole(model.cells());
        let row = structure_factors(&model, &state, &all, &brick, ([1, 1, 1], &Serial));
        for kind in row.chunks_exact(all.len()) {
            assert!((kind.iter().sum::<f64>() / all.len() as f64 - 1.0).abs() < 1e-12, "size {size}");
        }
        let lattice = Pyrochlore::new(size);
        for (index, q) in all.iter().enumerate().step_by(7) {
            let mut sums = [[0.0f64; 2]; 4];
            for site in 0..lattice.sites() {
                let (slot, r) = (model.packing().slot(site), lattice.position(site));
                let turn = (0..3).map(|d| q[d] * r[d]).sum::<i64>() as f64 / (4 * size) as f64;
                let (sine, cosine) = (std::f64::consts::TAU * turn).sin_cos();
                let [x, y, z] = state.spin(slot);
                for (sum, value) in sums.iter_mut().zip([x, y, z, state.tau(slot)]) {
                    sum[0] += value * cosine;
                    sum[1] += value * sine;
                }
            }
            let square = |sum: [f64; 2]| (sum[0] * sum[0] + sum[1] * sum[1]) / lattice.sites() as f64;
            let spin: f64 = sums[..3].iter().map(|&sum| square(sum)).sum();
            assert!((spin - row[index]).abs() < 1e-10 * (1.0 + spin));
            assert!((square(sums[3]) - row[all.len() + index]).abs() < 1e-10 * (1.0 + square(sums[3])));
        }
    }
}

#[test]
fn states_survive_packing_and_copying() {
    for size in [1, 2, 3] {
        let model = model(&mhy(size, 0.6));
        let state = model.random_state(Key::new(6), 0);
        let mut copy = model.random_state(Key::new(7), 0);
        for (index, field) in model.state_fields().iter().enumerate() {
            let cells: usize = model.cells().iter().product();
            let mut values = vec![0.0; cells * field.shape.iter().product::<usize>()];
            model.unload(&state, index, &mut values);
            model.load(&mut copy, index, &values);
        }
        assert_eq!(model.as_bytes(&copy), model.as_bytes(&state));
        assert_eq!(model.as_bytes(&model.state_from_bytes(model.as_bytes(&state))), model.as_bytes(&state));
    }
}
