//! Molecular dynamics in pieces is the whole run: states, results and trajectories, whatever cut it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "common/choices.rs"]
mod choices;
mod common;
mod moving;

use choices::{Choices, number};
use common::{COMPLETE, Hashes, Job, STOPPED, Workspace, generations, hash};
use moving::{EVERYTHING, write_configuration};
use std::fs;
use std::time::Duration;

/// All equations of motion, long enough to be interrupted.
fn stages(steps: u64) -> String {
    let nvt = |name: &str| {
        format!(
            "[[method.stages]]\nname = '{name}'\nensemble = 'nvt'\nthermostat = '{name}'\ntemperature = {{ from = 2500.0, to \
             = 1500.0 }}\nsteps = {steps}\n"
        )
    };
    let npt = |name: &str| {
        format!(
            "[[method.stages]]\nname = '{name}'\nensemble = 'npt'\nbox = '{name}'\ntemperature = 1500.0\npressure_gpa = 2.0\n\
             steps = {steps}\n"
        )
    };
    let minimize = |name: &str| {
        format!(
            "[[method.stages]]\nname = '{name}'\nensemble = 'minimize'\nmax_steps = {steps}\nforce_tolerance = 0.02\n"
        )
    };
    let free = format!("[[method.stages]]\nname = 'free'\nensemble = 'nve'\nsteps = {steps}\n");
    let all = [
        minimize("downhill"),
        nvt("langevin"),
        nvt("velocity-rescaling"),
        npt("isotropic"),
        nvt("nose-hoover"),
        npt("anisotropic"),
        free,
        minimize("inherent"),
    ];
    format!("time_step_fs = 2.0\n{}", all.concat())
}

/// A workspace of a run, and what the run gives without interruption.
struct Whole {
    workspace: Workspace,
    format: &'static str,
    expected: (Hashes, Vec<u8>),
}

impl Whole {
    fn new(name: &str, format: &'static str, steps: u64, settings: &[&str]) -> Self {
        let workspace = Workspace::new(name, settings);
        let initial = "kind = 'random'\natoms = 300\nfractions = [0.5, 0.5]\nnumber_density = 0.055";
        let measure = format!(
            "every = 7\nobservables = ['thermo', 'rdf', 'msd']\ntrajectory = {{ every = 23, format = '{format}', per_atom = \
             [{EVERYTHING}] }}"
        );
        write_configuration(&workspace, ("'Cu', 'Zr'", "zhou = true"), initial, &stages(steps), &measure);
        let hashes = workspace.uninterrupted();
        let mut whole = Whole { workspace, format, expected: (hashes, Vec::new()) };
        whole.expected.1 = whole.trajectory("uninterrupted");
        let frames = whole.expected.1.windows(4).filter(|bytes| bytes == b"Latt" || bytes == b"TIME").count();
        assert!(frames as u64 > 8 * steps / 23, "{frames} frames");
        whole
    }

    fn trajectory(&self, directory: &str) -> Vec<u8> {
        let name = if self.format == "dump" { "trajectory.dump" } else { "trajectory.xyz" };
        fs::read(self.workspace.path(directory).join(name)).unwrap()
    }

    #[track_caller]
    fn assert_same(&self, directory: &str) {
        assert_eq!(self.workspace.hashes(directory), self.expected.0, "{directory}");
        assert!(self.trajectory(directory) == self.expected.1, "{directory}: the trajectories differ");
    }

    fn wait_until_it_moves(job: &mut Job) {
        job.wait_for_log(" atoms on ");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn stops_and_time_limits_change_nothing() {
    let whole = Whole::new("md-stop", "extxyz", 200, &[]);
    let workspace = &whole.workspace;
    let mut job = workspace.run("pieces").ranks(2).start();
    Whole::wait_until_it_moves(&mut job);
    fs::write(workspace.path("pieces").join("STOP"), "").unwrap();
    job.wait().assert_code(STOPPED);
    assert_eq!(workspace.status("pieces")["reason"], "file STOP");
    let launch = workspace.run("pieces").ranks(3).threads(2).argument("--time-limit").argument("300ms");
    launch.finish();
    let mut job = workspace.run("pieces").ranks(1).threads(2).start();
    Whole::wait_until_it_moves(&mut job);
    job.ranks().first().iter().for_each(|&&rank| Job::signal(rank, libc::SIGTERM));
    job.wait();
    workspace.run("pieces").ranks(4).expect(COMPLETE);
    whole.assert_same("pieces");
}

/// A deadline that is over stops at the first chance: pieces as short as they get, each on other ranks than the last.
#[test]
fn the_shortest_pieces_change_nothing() {
    let whole = Whole::new("md-pieces", "extxyz", 2, &[]);
    let mut pieces = 0;
    loop {
        let launch = whole.workspace.run("pieces").ranks(1 + pieces % 4).threads(1 + pieces / 4 % 2);
        let code = launch.argument("--deadline").argument(1).finish().code;
        pieces += 1;
        if code == COMPLETE {
            break;
        }
        assert_eq!(code, STOPPED);
        assert!(pieces < 100);
    }
    println!("{pieces} pieces");
    assert!(pieces > 2, "{pieces} pieces");
    whole.assert_same("pieces");
}

/// The end of a trajectory that no checkpoint knows of is written again.
#[test]
fn what_a_killed_run_wrote_after_its_checkpoint_is_written_again() {
    let whole = Whole::new("md-tail", "dump", 30, &[]);
    let workspace = &whole.workspace;
    workspace.run("pieces").ranks(2).argument("--deadline").argument(1).expect(STOPPED);
    let path = workspace.path("pieces").join("trajectory.dump");
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend_from_slice(b"ITEM: TIMESTEP\n999999\nITEM: NUMB");
    bytes.extend(std::iter::repeat_n(b'7', whole.expected.1.len()));
    fs::write(&path, &bytes).unwrap();
    workspace.run("pieces").ranks(3).expect(COMPLETE);
    whole.assert_same("pieces");
}

#[test]
fn many_kills_of_moving_atoms_change_nothing() {
    let (kills, seed) = (number("VITRUM_TORTURE_KILLS", 12), number("VITRUM_TORTURE_SEED", 1));
    let mut choices = Choices::new(seed);
    let whole = Whole::new("md-kills", "extxyz", 160, &["run.checkpoint_interval=\"50ms\""]);
    let workspace = &whole.workspace;
    let (mut killed, mut complete) = (0, 0);
    while killed < kills {
        let directory = format!("run-{complete}");
        loop {
            let (ranks, threads) = (1 + choices.below(4) as usize, 1 + choices.below(2) as usize);
            let mut job = workspace.run(&directory).ranks(ranks).threads(threads).killed_at_once().start();
            // From the middle of the start to well after the first checkpoints.
            let milliseconds = choices.below(900);
            let (one, victim) = (choices.below(2) == 0, choices.below(4) as usize);
            if killed < kills {
                std::thread::sleep(Duration::from_millis(milliseconds));
                let alive = job.ranks();
                // Open MPI 4.1.4 waits for ever for a rank that is killed while MPI starts; then all are.
                if one && job.log().contains(" atoms on ") && !alive.is_empty() {
                    Job::signal(alive[victim % alive.len()], libc::SIGKILL);
                } else {
                    job.kill();
                }
            }
            let was_over = job.has_ended();
            let finished = job.wait();
            if finished.code == COMPLETE {
                break;
            }
            assert!(!was_over || killed < kills, "seed {seed}: {finished:?}");
            killed += 1;
            // Whatever was published is whole.
            let published = generations(&workspace.path(&directory));
            published.iter().for_each(|path| drop(hash(path)));
        }
        whole.assert_same(&directory);
        complete += 1;
    }
    println!("{killed} kills, {complete} complete runs");
}
