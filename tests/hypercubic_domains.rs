//! Hypercubic lattices that are cut into domains are swept and measured to the same bits as whole ones.

use vitrum::foundation::observable::MoveCount;
use vitrum::foundation::random::Key;
use vitrum::models::edwards_anderson::SpinGlass;
use vitrum::models::hypercubic::{Flavor, Hypercubic};
use vitrum::models::ising::Ferromagnet;
use vitrum::models::{Model, Workforce};
use vitrum::parallel::grid::{self, Grid};
use vitrum::parallel::halo::{Halo, HaloPlan};
use vitrum::parallel::threads;
use vitrum::system::brick::Brick;

/// What is known of a configuration after some sweeps, the same on every rank.
#[derive(Debug, PartialEq)]
struct Findings {
    /// Bits of all spins in the order of the cells of the lattice.
    spins: Vec<u64>,
    energy: i64,
    change: i64,
    counts: Vec<[u64; 2]>,
    sums: Vec<i64>,
    pair_sums: Vec<i64>,
    correlations: Vec<i64>,
}

/// Sweeps a lattice on a grid of threads. A halo that is never refreshed serves to see that the test notices.
fn findings<F: Flavor>(
    (system, moves): (&str, &str),
    grid: Grid,
    threads_per_rank: usize,
    refreshes: bool,
) -> Findings {
    let mut found = threads::run(grid::domains(grid), |comm| {
        let parameters: F::Parameters = toml::from_str(&format!("model = '{}'\n{system}", F::NAME)).unwrap();
        let mut model = Hypercubic::<F>::new(parameters, toml::from_str(moves).unwrap()).unwrap();
        assert!(model.can_be_cut().is_ok());
        let brick = Brick::new(model.cells(), grid, comm.rank());
        model.occupy(brick.clone(), Key::new(11));
        let plans = model.ghosts();
        let plans = plans.iter().map(|ghosts| HaloPlan::new(&*comm, ghosts, |g| model.locate(g))).collect();
        let halo = Halo::new(comm.clone(), plans);
        let none = Halo::none();
        let workforce = Workforce { halo: if refreshes { &halo } else { &none }, threads: threads_per_rank };
        let sample = model.samples() - 1;
        let mut states: Vec<_> =
            (0..2).map(|copy| model.random_state(Key::new(3).with(copy), sample)).collect();
        states.iter_mut().for_each(|state| halo.refresh_all(state));
        let start = states[0].clone();
        let mut counts = vec![MoveCount::default(); model.move_names().len()];
        let before = model.energy(&states[0]);
        let mut change = 0;
        for sweep in 0..3 {
            for (copy, state) in states.iter_mut().enumerate() {
                let key = Key::new(9).with(sweep).with(copy as u64);
                let of_sweep = model.sweep(state, 0.7, key, &mut counts, &workforce);
                change += if copy == 0 { of_sweep } else { 0 };
            }
        }
        let energy = model.energy(&states[0]);
        model.dynamics_sweep(&mut states[1], 0.9, Key::new(10), &workforce);
        let over_domains = |mut numbers: Vec<i64>| {
            comm.sum(bytemuck::cast_slice_mut(&mut numbers));
            numbers
        };
        let totals = over_domains(vec![energy, change, before]);
        if refreshes {
            let drift = model.energy_unit().number(totals[0] - totals[1] - totals[2]);
            assert!(drift.abs() < 1e-9 * model.sites() as f64, "{drift}");
        }
        let item: usize = model.state_fields()[0].shape.iter().product();
        let mut values = vec![0.0; brick.count() * item];
        model.unload(&states[1], 0, &mut values);
        let mut spins = vec![0u64; model.cells().iter().product::<usize>() * item];
        for (place, values) in values.chunks_exact(item).enumerate() {
            let at = brick.number(brick.cell(place)) as usize * item;
            spins[at..at + item].iter_mut().zip(values).for_each(|(to, from)| *to = from.to_bits());
        }
        comm.sum(&mut spins);
        let counts = counts.iter().flat_map(|c| [c.attempted as i64, c.accepted as i64]).collect();
        Findings {
            spins,
            energy: totals[0],
            change: totals[1],
            counts: over_domains(counts).chunks_exact(2).map(|c| [c[0] as u64, c[1] as u64]).collect(),
            sums: over_domains(model.sums(&states[1])),
            pair_sums: over_domains(model.pair_sums(&states[0], &states[1])),
            correlations: over_domains(model.correlation_sums(&start, &states[0])),
        }
    });
    let first = found.swap_remove(0);
    assert!(found.iter().all(|other| *other == first), "ranks disagree");
    first
}

fn assert_grids_agree<F: Flavor>(what: (&str, &str), grids: &[Grid]) {
    let expected = findings::<F>(what, [1, 1, 1], 1, true);
    for &grid in grids {
        for threads in [1, 2] {
            let found = findings::<F>(what, grid, threads, true);
            assert!(found == expected, "{grid:?} x {threads} threads: {}", what.0);
        }
    }
}

const BITS: &str = "heat_bath = 1\nmetropolis = 2";

#[test]
fn domains_of_bits_do_not_change_a_bit() {
    assert_grids_agree::<Ferromagnet>(("size = [512]", BITS), &[[1, 1, 1], [2, 1, 1], [3, 1, 1]]);
    assert_grids_agree::<Ferromagnet>(("size = [64, 32]", BITS), &[[1, 1, 1], [2, 1, 1], [4, 2, 1]]);
    assert_grids_agree::<Ferromagnet>(("size = [12, 20]", BITS), &[[1, 1, 1], [3, 1, 1], [2, 2, 1]]);
    let grids = [[1, 1, 1], [2, 1, 1], [1, 2, 2], [2, 2, 2], [1, 1, 3]];
    for size in ["[16, 16, 16]", "[16, 8, 12]", "[6, 4, 10]"] {
        let glass = format!("size = {size}\ncouplings = 'bimodal'\nsamples = 2");
        let grids = grids.iter().filter(|g| size != "[6, 4, 10]" || g[1] == 1).copied().collect::<Vec<_>>();
        assert_grids_agree::<SpinGlass>((&glass, BITS), &grids);
        assert_grids_agree::<Ferromagnet>((&format!("size = {size}"), BITS), &grids);
    }
}

#[test]
fn domains_of_numbers_do_not_change_a_bit() {
    let grids = [[1, 1, 1], [2, 1, 1], [1, 2, 2], [3, 1, 1], [2, 2, 2]];
    for size in ["[8, 8, 8]", "[6, 4, 10]", "[16, 12, 4]"] {
        let gaussian = format!("size = {size}\ncouplings = 'gaussian'\nsamples = 2");
        assert_grids_agree::<SpinGlass>((&gaussian, "heat_bath = 2"), &grids);
        let heisenberg = format!("{gaussian}\ncomponents = 3");
        assert_grids_agree::<SpinGlass>((&heisenberg, "heat_bath = 1\nover_relaxation = 2"), &grids);
    }
    let plane = "size = [32, 16]\ncouplings = 'bimodal'\ncomponents = 3";
    assert_grids_agree::<SpinGlass>((plane, "heat_bath = 1"), &[[2, 1, 1], [3, 2, 1]]);
    let chain = "size = [200]\ncouplings = 'gaussian'";
    assert_grids_agree::<SpinGlass>((chain, "heat_bath = 1"), &[[2, 1, 1], [5, 1, 1]]);
}

#[test]
fn threads_that_share_a_domain_do_not_change_a_bit() {
    // Large enough that every thread has several tasks.
    assert_grids_agree::<Ferromagnet>(("size = [64, 64, 64]", BITS), &[[1, 1, 1], [2, 1, 1]]);
    for components in [1, 3] {
        let glass = format!("size = [32, 32, 16]\ncouplings = 'gaussian'\ncomponents = {components}");
        assert_grids_agree::<SpinGlass>((&glass, "heat_bath = 1"), &[[1, 1, 1], [1, 2, 1]]);
    }
}

#[test]
fn ghosts_that_are_not_refreshed_are_noticed() {
    for system in
        ["couplings = 'bimodal'", "couplings = 'gaussian'", "couplings = 'gaussian'\ncomponents = 3"]
    {
        let system = format!("size = [8, 8, 8]\n{system}");
        let what = (system.as_str(), "heat_bath = 1");
        let expected = findings::<SpinGlass>(what, [1, 1, 1], 1, true);
        assert!(findings::<SpinGlass>(what, [2, 1, 1], 1, false).spins != expected.spins, "{system}");
    }
}
