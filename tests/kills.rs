//! Many kills at random times lose nothing and change nothing.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "common/choices.rs"]
mod choices;
mod common;

use choices::{Choices, number};
use common::{COMPLETE, Job, LONG, Workspace, generations, hash};
use std::time::Duration;

#[test]
fn many_kills_at_random_times_change_nothing() {
    let (kills, seed) = (number("VITRUM_TORTURE_KILLS", 50), number("VITRUM_TORTURE_SEED", 1));
    let mut choices = Choices::new(seed);
    let workspace = Workspace::new("kills", &[LONG[0], LONG[1], "run.checkpoint_interval=\"50ms\""]);
    let expected = workspace.uninterrupted();
    let (mut killed, mut complete) = (0, 0);
    while killed < kills {
        let directory = format!("run-{complete}");
        loop {
            let ranks = 1 + choices.below(4) as usize;
            let mut job = workspace.run(&directory).ranks(ranks).killed_at_once().start();
            // From the middle of the start to well after the first checkpoints.
            let milliseconds = choices.below(900);
            let one = choices.below(2) == 0;
            let victim = choices.below(4) as usize;
            if killed < kills {
                std::thread::sleep(Duration::from_millis(milliseconds));
                let alive = job.ranks();
                // Open MPI 4.1.4 waits for ever for a rank that is killed while MPI starts; then all are.
                let has_started = job.log().contains(" replicas of ");
                if one && has_started && !alive.is_empty() {
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
        assert_eq!(workspace.hashes(&directory), expected, "seed {seed}, {killed} kills");
        complete += 1;
    }
    println!("{killed} kills, {complete} complete runs");
}
