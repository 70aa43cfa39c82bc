//! A lattice that is cut into domains is swept, measured and transformed to the same bits as a whole one.

mod support;

use support::mhy;
use vitrum::foundation::observable::MoveCount;
use vitrum::foundation::random::Key;
use vitrum::models::pyrochlore_spin_lattice::PyrochloreSpinLattice;
use vitrum::models::{Model, Workforce};
use vitrum::parallel::grid::{self, Grid};
use vitrum::parallel::halo::{Halo, HaloPlan};
use vitrum::parallel::threads;
use vitrum::sampling::structure::structure_factors;
use vitrum::system::brick::Brick;

/// What is known of a configuration after some sweeps, the same on every rank.
#[derive(Debug, PartialEq)]
struct Findings {
    /// `[field]`: bits of all sites in the order of the lattice.
    fields: Vec<Vec<u64>>,
    energy: i64,
    change: i64,
    counts: Vec<[u64; 2]>,
    sums: Vec<i64>,
    pair_sums: Vec<i64>,
    correlations: Vec<i64>,
    structure: Vec<u64>,
}

const MOVES: &str =
    "joint_heat_bath = 1\nspin_heat_bath = 1\ndisplacement_metropolis = 1\nover_relaxation = 2\n";

fn wave_vectors(size: i64) -> Vec<[i64; 3]> {
    let size = size.min(4);
    (-size..=size).flat_map(|h| (0..=2 * size).map(move |l| [h, h + 1, l])).collect()
}

/// Sweeps a lattice on a grid of threads. A halo that is never refreshed serves to see that the test notices.
fn findings(system: &str, grid: Grid, threads_per_rank: usize, refreshes: bool) -> Findings {
    let size = grid::domains(grid);
    let mut found = threads::run(size, |comm| {
        let text = format!("model = 'pyrochlore-spin-lattice'\n{system}");
        let parameters = toml::from_str(&text).unwrap();
        let mut model = PyrochloreSpinLattice::new(parameters, toml::from_str(MOVES).unwrap()).unwrap();
        let brick = Brick::new(model.cells(), grid, comm.rank());
        model.occupy(brick.clone(), Key::new(0));
        let plans = model.ghosts();
        let plans = plans.iter().map(|ghosts| HaloPlan::new(&*comm, ghosts, |g| model.locate(g))).collect();
        let halo = Halo::new(comm.clone(), plans);
        let none = Halo::none();
        let workforce = Workforce { halo: if refreshes { &halo } else { &none }, threads: threads_per_rank };
        let mut states: Vec<_> = (0..2).map(|copy| model.random_state(Key::new(3).with(copy), 0)).collect();
        states.iter_mut().for_each(|state| halo.refresh_all(state));
        let start = states[0].clone();
        let mut counts = vec![MoveCount::default(); 5];
        let before = model.energy(&states[0]);
        let mut change = 0;
        for sweep in 0..3 {
            for (copy, state) in states.iter_mut().enumerate() {
                let key = Key::new(9).with(sweep).with(copy as u64);
                let of_sweep = model.sweep(state, 1.1, key, &mut counts, &workforce);
                change += if copy == 0 { of_sweep } else { 0 };
            }
        }
        let energy = model.energy(&states[0]);
        if refreshes {
            let drift = model.energy_unit().number(energy - before - change);
            // Each domain sees its own half of the bonds between domains; only the sum over domains is conserved.
            assert!(size > 1 || drift.abs() < 1e-9 * model.sites() as f64, "{drift}");
        }
        model.dynamics_sweep(&mut states[1], 0.9, Key::new(10), &workforce);
        let over_domains = |mut numbers: Vec<i64>| {
            comm.sum(bytemuck::cast_slice_mut(&mut numbers));
            numbers
        };
        let scattered = |field: usize| {
            let item: usize = model.state_fields()[field].shape.iter().product();
            let mut values = vec![0.0; brick.count() * item];
            model.unload(&states[1], field, &mut values);
            let mut all = vec![0u64; model.cells().iter().product::<usize>() * item];
            for (place, values) in values.chunks_exact(item).enumerate() {
                let at = brick.number(brick.cell(place)) as usize * item;
                all[at..at + item].iter_mut().zip(values).for_each(|(to, from)| *to = from.to_bits());
            }
            comm.sum(&mut all);
            all
        };
        let energies = over_domains(vec![energy, change]);
        let vectors = wave_vectors(model.cells()[0] as i64);
        let structure = structure_factors(&model, &states[1], &vectors, &brick, (grid, &*comm));
        let counts = counts.iter().flat_map(|c| [c.attempted as i64, c.accepted as i64]).collect();
        let counts = over_domains(counts);
        Findings {
            fields: (0..2).map(scattered).collect(),
            energy: energies[0],
            change: energies[1],
            counts: counts.chunks_exact(2).map(|c| [c[0] as u64, c[1] as u64]).collect(),
            sums: over_domains(model.sums(&states[1])),
            pair_sums: over_domains(model.pair_sums(&states[0], &states[1])),
            correlations: over_domains(model.correlation_sums(&start, &states[0])),
            structure: structure.into_iter().map(f64::to_bits).collect(),
        }
    });
    let first = found.swap_remove(0);
    assert!(found.iter().all(|other| *other == first), "ranks disagree");
    first
}

fn everything(size: usize) -> String {
    format!(
        "{}second_neighbor_coupling = 0.21\nthird_neighbor_coupling_a = -0.13\nthird_neighbor_coupling_b = 0.08\n\
         magnetic_field = [0.3, -0.2, 0.5]\nelectric_field = [0.1, 0.7, -0.4]\n",
        mhy(size, 0.6)
    )
}

fn assert_grids_agree(system: &str, grids: &[Grid]) {
    let expected = findings(system, [1, 1, 1], 1, true);
    for &grid in grids {
        for threads in [1, 2] {
            assert!(
                findings(system, grid, threads, true) == expected,
                "{grid:?} x {threads} threads: {system}"
            );
        }
    }
}

#[test]
fn grids_of_domains_do_not_change_a_bit() {
    assert_grids_agree(&mhy(4, 0.6), &[[1, 1, 1], [2, 1, 1], [1, 2, 2], [3, 1, 1], [2, 2, 2], [1, 1, 4]]);
    assert_grids_agree(&mhy(6, 0.2), &[[2, 1, 1], [1, 3, 1], [1, 1, 4]]);
    assert_grids_agree(&mhy(8, 0.6), &[[2, 1, 1], [2, 2, 1]]);
    // Large enough for slabs of several pieces, which only one thread per rank sweeps in pairs of colors.
    assert_grids_agree(&mhy(32, 0.6), &[[1, 1, 1], [2, 1, 1], [1, 2, 1]]);
}

#[test]
fn odd_sizes_and_domains_of_one_cell_do_not_change_a_bit() {
    assert_grids_agree(&mhy(3, 0.6), &[[1, 1, 1], [3, 1, 1], [1, 2, 2], [1, 3, 3]]);
    assert_grids_agree(&mhy(5, 0.6), &[[2, 1, 1], [1, 1, 5]]);
    assert_grids_agree(&mhy(2, 0.6), &[[2, 1, 1], [2, 2, 2]]);
    assert_grids_agree(&mhy(1, 0.6), &[[1, 1, 1]]);
}

#[test]
fn further_neighbors_reach_across_domains() {
    assert_grids_agree(&everything(4), &[[1, 1, 1], [2, 1, 1], [2, 2, 2], [3, 1, 1]]);
    assert_grids_agree(&everything(3), &[[1, 1, 1], [1, 1, 3], [2, 2, 1]]);
    assert_grids_agree(&everything(2), &[[2, 2, 2]]);
}

#[test]
fn ghosts_that_are_not_refreshed_are_noticed() {
    let expected = findings(&mhy(4, 0.6), [1, 1, 1], 1, true);
    assert!(findings(&mhy(4, 0.6), [2, 1, 1], 1, false).fields != expected.fields);
}
