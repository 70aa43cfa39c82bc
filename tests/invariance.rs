//! Ranks, threads, processors and file layers do not change a bit of what a run computes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{COMPLETE, Workspace};

fn instruction_sets() -> Vec<&'static str> {
    let mut sets = vec!["portable"];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            sets.push("avx2");
        }
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            sets.push("avx512");
        }
    }
    sets
}

fn assert_ranks_and_threads_agree(name: &str, settings: &[&str], layouts: &[(usize, usize)]) {
    let workspace = Workspace::new(name, settings);
    let expected = workspace.uninterrupted();
    for &(ranks, threads) in layouts {
        let directory = format!("{ranks}x{threads}");
        workspace.run(&directory).ranks(ranks).threads(threads).expect(COMPLETE);
        assert_eq!(workspace.hashes(&directory), expected, "{ranks} ranks x {threads} threads");
    }
}

const ALL: [(usize, usize); 8] = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (4, 2)];
const SOME: [(usize, usize); 4] = [(1, 2), (2, 1), (3, 2), (4, 1)];

#[test]
fn ranks_and_threads_do_not_change_a_bit() {
    assert_ranks_and_threads_agree("ranks", &["system.size=3"], &ALL);
}

#[test]
fn ranks_threads_and_pieces_do_not_change_a_bit_of_annealing() {
    let settings = ["method.kind=annealing", "method.thermalization_sweeps=50", "method.copies=3"];
    let workspace = Workspace::new("annealing", &settings);
    // Annealing knows no adapting ladder.
    let text = common::CONFIGURATION_TEXT.replace("adapt_ladder = true\n", "");
    std::fs::write(workspace.path("glass.toml"), text).unwrap();
    let expected = workspace.uninterrupted();
    for (ranks, threads) in SOME {
        let directory = format!("{ranks}x{threads}");
        workspace.run(&directory).ranks(ranks).threads(threads).expect(COMPLETE);
        assert_eq!(workspace.hashes(&directory), expected, "{ranks} ranks x {threads} threads");
    }
    for ranks in [3, 1, 2] {
        workspace.run("pieces").ranks(ranks).argument("--time-limit").argument("40ms").finish();
    }
    workspace.run("pieces").ranks(2).set(common::CHECKPOINT_ALWAYS).expect(COMPLETE);
    assert_eq!(workspace.hashes("pieces"), expected, "annealing in pieces");
}

#[test]
fn idle_ranks_do_not_change_a_bit() {
    let settings = ["method.temperatures=[0.8, 0.9]", "method.copies=1"];
    assert_ranks_and_threads_agree("idle", &settings, &[(3, 1), (4, 2)]);
}

#[test]
fn a_single_replica_on_four_ranks_does_not_change_a_bit() {
    let settings = ["method.temperatures=[0.8]", "method.copies=1"];
    assert_ranks_and_threads_agree("single", &settings, &[(2, 1), (4, 1)]);
}

#[test]
fn rare_exchanges_do_not_change_a_bit() {
    assert_ranks_and_threads_agree("rare", &["method.exchange_every=3"], &SOME);
}

#[test]
fn one_copy_does_not_change_a_bit() {
    assert_ranks_and_threads_agree("one-copy", &["method.copies=1"], &SOME);
}

#[test]
fn three_copies_do_not_change_a_bit() {
    assert_ranks_and_threads_agree("three-copies", &["method.copies=3", "system.size=1"], &SOME);
}

/// No loops: they need the whole lattice.
const CUT: [&str; 2] = ["system.size=4", "method.moves.ice_loops=0"];

#[test]
fn grids_of_domains_do_not_change_a_bit() {
    let workspace = Workspace::new("grids", &CUT);
    let expected = workspace.uninterrupted();
    for (ranks, threads, grid) in [
        (2, 1, "[2, 1, 1]"),
        (2, 2, "[1, 1, 2]"),
        (4, 1, "[1, 2, 2]"),
        (4, 2, "[2, 1, 1]"),
        (3, 1, "[3, 1, 1]"),
        (6, 1, "[1, 3, 1]"),
        (8, 1, "[2, 2, 2]"),
    ] {
        let directory = format!("{ranks}x{threads}x{grid}");
        let launch = workspace.run(&directory).ranks(ranks).threads(threads);
        let finished = launch.set(format!("parallel.domains={grid}")).expect(COMPLETE);
        assert!(finished.log.contains(&format!("each in domains {grid}")), "{}", finished.log);
        assert_eq!(workspace.hashes(&directory), expected, "{ranks} ranks x {threads} threads, {grid}");
    }
}

#[test]
fn domains_of_odd_lattices_and_further_neighbors_do_not_change_a_bit() {
    let couplings = ["system.second_neighbor_coupling=0.1", "system.third_neighbor_coupling_a=-0.05"];
    for (name, size) in [("odd", "system.size=3"), ("even", "system.size=2")] {
        let settings = [size, CUT[1], couplings[0], couplings[1]];
        let workspace = Workspace::new(&format!("further-{name}"), &settings);
        let expected = workspace.uninterrupted();
        for (ranks, grid) in [(2, "[1, 2, 1]"), (4, "[2, 1, 2]")] {
            let launch = workspace.run(grid).ranks(ranks).set(format!("parallel.domains={grid}"));
            launch.expect(COMPLETE);
            assert_eq!(workspace.hashes(grid), expected, "{name}, {grid}");
        }
    }
}

#[test]
fn a_run_goes_on_from_any_grid_to_any_other() {
    let workspace = Workspace::new("regrid", &CUT);
    let expected = workspace.uninterrupted();
    let mut segments = 0;
    for (ranks, grid) in [
        (2, "[2, 1, 1]"),
        (4, "[1, 2, 2]"),
        (1, "[1, 1, 1]"),
        (3, "[3, 1, 1]"),
        (4, "[1, 1, 2]"),
        (8, "[2, 2, 2]"),
    ] {
        let launch = workspace.run("pieces").ranks(ranks).set(format!("parallel.domains={grid}"));
        let finished = launch.argument("--deadline").argument(1).finish();
        segments += usize::from(finished.code == common::STOPPED);
    }
    assert!(segments >= 4, "only {segments} segments stopped");
    workspace.run("pieces").ranks(2).set("parallel.domains=[1, 2, 1]").expect(COMPLETE);
    assert_eq!(workspace.hashes("pieces"), expected);
}

#[test]
fn annealing_on_domains_does_not_change_a_bit() {
    let settings = [CUT[0], CUT[1], "method.kind=annealing", "method.thermalization_sweeps=50"];
    let workspace = Workspace::new("annealed-domains", &settings);
    let text = common::CONFIGURATION_TEXT.replace("adapt_ladder = true\n", "");
    std::fs::write(workspace.path("glass.toml"), text).unwrap();
    let expected = workspace.uninterrupted();
    workspace.run("cut").ranks(4).set("parallel.domains=[2, 1, 1]").expect(COMPLETE);
    assert_eq!(workspace.hashes("cut"), expected);
}

#[test]
fn instruction_sets_do_not_change_a_bit() {
    let workspace = Workspace::new("sets", &["system.size=3"]);
    let expected = workspace.uninterrupted();
    for set in instruction_sets() {
        let finished = workspace.run(set).variable("VITRUM_INSTRUCTION_SET", set).expect(COMPLETE);
        assert!(finished.log.contains(&format!("kernels {set}")), "{set} was not used: {}", finished.log);
        assert_eq!(workspace.hashes(set), expected, "{set}");
    }
}

#[test]
fn file_layers_of_mpi_do_not_change_a_bit() {
    let workspace = Workspace::new("layers", &[]);
    let expected = workspace.uninterrupted();
    for layer in ["romio321", "ompio"] {
        for ranks in [1, 3] {
            let directory = format!("{layer}-{ranks}");
            workspace.run(&directory).ranks(ranks).variable("OMPI_MCA_io", layer).expect(COMPLETE);
            assert_eq!(workspace.hashes(&directory), expected, "{layer} on {ranks} ranks");
        }
    }
}

#[test]
fn settings_of_the_machine_do_not_change_a_bit() {
    let workspace = Workspace::new("machine", &[]);
    let expected = workspace.uninterrupted();
    workspace
        .run("other")
        .set("parallel.threads=2")
        .set("run.checkpoint_keep=3")
        .set(common::CHECKPOINT_ALWAYS)
        .expect(COMPLETE);
    assert_eq!(workspace.hashes("other"), expected);
}

#[test]
fn another_seed_gives_another_hash() {
    let workspace = Workspace::new("seed", &[]);
    let expected = workspace.uninterrupted();
    workspace.run("other").set("run.seed=12").expect(COMPLETE);
    let other = workspace.hashes("other");
    assert_ne!(other.results, expected.results);
    assert_ne!(other.state, expected.state);
}
