//! Runs of the models on hypercubic lattices: ranks, threads, domains, instruction sets and restarts do not change a bit.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{COMPLETE, STOPPED, Workspace};

/// A `[system]` table, its moves, and settings of a grid on four ranks.
const MODELS: [(&str, &str, &str); 5] = [
    ("model = 'ising'\nsize = [64, 16]", "heat_bath = 1\nmetropolis = 1", "[2, 2, 1]"),
    (
        "model = 'edwards-anderson'\nsize = [8, 8, 8]\ncouplings = 'bimodal'\nsamples = 3",
        "heat_bath = 1\nmetropolis = 1",
        "[1, 2, 2]",
    ),
    (
        "model = 'edwards-anderson'\nsize = [6, 4, 4]\ncouplings = 'gaussian'\nsamples = 2",
        "heat_bath = 1",
        "[2, 1, 2]",
    ),
    (
        "model = 'edwards-anderson'\nsize = [8, 4, 4]\ncouplings = 'gaussian'\ncomponents = 3\nsamples = 2",
        "heat_bath = 1\nover_relaxation = 2",
        "[4, 1, 1]",
    ),
    (
        "model = 'edwards-anderson'\nsize = [48]\ncouplings = 'bimodal'\ncomponents = 3",
        "heat_bath = 1\nover_relaxation = 1",
        "[4, 1, 1]",
    ),
];

fn workspace(name: &str, system: &str, moves: &str) -> Workspace {
    let workspace = Workspace::new(name, &[]);
    let text = format!(
        "[run]\nseed = 11\n[system]\n{system}\n[method]\nkind = 'replica-exchange'\n\
         temperatures = {{ minimum = 0.9, maximum = 1.6, count = 5 }}\ncopies = 2\nthermalization_sweeps = 320\n\
         measurement_sweeps = 403\nadapt_ladder = true\n[method.moves]\n{moves}\n[measure]\nevery = 5\n\
         relaxation = {{ sweeps = 17, every = 50 }}\n"
    );
    std::fs::write(workspace.path("glass.toml"), text).unwrap();
    workspace
}

#[test]
fn ranks_threads_domains_and_instruction_sets_do_not_change_a_bit() {
    for (number, (system, moves, grid)) in MODELS.into_iter().enumerate() {
        let workspace = workspace(&format!("hypercubic-{number}"), system, moves);
        let expected = workspace.uninterrupted();
        for (ranks, threads) in [(1, 2), (3, 1), (2, 2)] {
            let directory = format!("{ranks}x{threads}");
            workspace.run(&directory).ranks(ranks).threads(threads).expect(COMPLETE);
            assert_eq!(workspace.hashes(&directory), expected, "{system}: {ranks} ranks x {threads} threads");
        }
        workspace.run("cut").ranks(4).set(format!("parallel.domains={grid}")).expect(COMPLETE);
        assert_eq!(workspace.hashes("cut"), expected, "{system}: domains {grid}");
        for set in ["portable", "avx2"] {
            workspace.run(set).variable("VITRUM_INSTRUCTION_SET", set).expect(COMPLETE);
            assert_eq!(workspace.hashes(set), expected, "{system}: {set}");
        }
        workspace.run("other").set("run.seed=12").expect(COMPLETE);
        assert_ne!(workspace.hashes("other").results, expected.results, "{system}: another seed");
    }
}

#[test]
fn a_run_in_pieces_on_changing_domains_is_the_same_run() {
    for (number, (system, moves, grid)) in MODELS.into_iter().enumerate() {
        let workspace = workspace(&format!("hypercubic-pieces-{number}"), system, moves);
        let expected = workspace.uninterrupted();
        let mut stops = 0;
        for (ranks, domains) in [(1, "[1, 1, 1]"), (4, grid), (2, "[2, 1, 1]"), (3, "[1, 1, 1]")] {
            let launch = workspace.run("pieces").ranks(ranks).set(format!("parallel.domains={domains}"));
            stops += usize::from(launch.argument("--deadline").argument(1).finish().code == STOPPED);
        }
        assert!(stops >= 2, "{system}: only {stops} pieces");
        workspace.run("pieces").ranks(2).expect(COMPLETE);
        assert_eq!(workspace.hashes("pieces"), expected, "{system}");
    }
}
