//! A run in pieces is the whole run, whatever cut it: requests, deadlines, kills, damage, full disks.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{
    CHECKPOINT, CHECKPOINT_ALWAYS, COMPLETE, CONFIGURATION, Hashes, Job, LONG, STOPPED, STORAGE, USAGE,
    Workspace, generations, leftovers, now,
};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// The hashes of the long run, computed once.
fn long_run(workspace: &Workspace) -> Hashes {
    static HASHES: OnceLock<Hashes> = OnceLock::new();
    HASHES.get_or_init(|| workspace.uninterrupted()).clone()
}

/// The hashes of the short run, computed once.
fn short_run(workspace: &Workspace) -> Hashes {
    static HASHES: OnceLock<Hashes> = OnceLock::new();
    HASHES.get_or_init(|| workspace.uninterrupted()).clone()
}

fn assert_stopped(workspace: &Workspace, directory: &str, reason: &str) {
    let status = workspace.status(directory);
    assert_eq!((&status["state"], &status["reason"]), (&"stopped".into(), &reason.into()), "{status}");
    let (step, target) = (status["step"].as_u64().unwrap(), status["target"].as_u64().unwrap());
    assert!(step > 0 && step < target, "{status}");
    let checkpoint = status["checkpoint"].as_str().unwrap();
    assert!(Path::new(checkpoint).exists(), "{status}");
}

/// Stops the long run by `stop` on some ranks, continues it on others and compares.
fn assert_stopping_changes_nothing(name: &str, ranks: usize, then: usize, reason: &str, stop: impl Fn(&Job)) {
    let workspace = Workspace::new(name, &LONG);
    let expected = long_run(&workspace);
    let mut job = workspace.run("pieces").ranks(ranks).start();
    job.wait_until_it_sweeps();
    stop(&job);
    job.wait().assert_code(STOPPED);
    assert_stopped(&workspace, "pieces", reason);
    workspace.run("pieces").ranks(then).expect(COMPLETE);
    assert_eq!(workspace.status("pieces")["state"], "complete");
    assert_eq!(workspace.hashes("pieces"), expected);
}

#[test]
fn the_file_stop_stops_and_restarting_changes_nothing() {
    let workspace = Workspace::new("stop-file", &LONG);
    let expected = long_run(&workspace);
    let mut job = workspace.run("pieces").ranks(2).start();
    job.wait_until_it_sweeps();
    fs::write(workspace.path("pieces").join("STOP"), "").unwrap();
    job.wait().assert_code(STOPPED);
    assert_stopped(&workspace, "pieces", "file STOP");
    workspace.run("pieces").ranks(3).expect(COMPLETE);
    assert_eq!(workspace.hashes("pieces"), expected);
}

#[test]
fn sigterm_to_a_process_without_launcher_changes_nothing() {
    let workspace = Workspace::new("term-plain", &LONG);
    let expected = long_run(&workspace);
    let mut job = workspace.run("pieces").start();
    job.wait_until_it_sweeps();
    Job::signal(job.ranks()[0], libc::SIGTERM);
    job.wait().assert_code(STOPPED);
    assert_stopped(&workspace, "pieces", "signal");
    workspace.run("pieces").ranks(4).expect(COMPLETE);
    assert_eq!(workspace.hashes("pieces"), expected);
}

#[test]
fn sigterm_to_one_rank_changes_nothing() {
    assert_stopping_changes_nothing("term-rank", 3, 2, "signal", |job| {
        Job::signal(*job.ranks().last().unwrap(), libc::SIGTERM);
    });
}

/// The launcher turns SIGTERM into one for every rank and kills them a second later, so the exit code is its own.
#[test]
fn sigterm_to_the_launcher_changes_nothing() {
    let workspace = Workspace::new("term-launcher", &LONG);
    let expected = long_run(&workspace);
    let mut job = workspace.run("pieces").ranks(2).set(CHECKPOINT_ALWAYS).start();
    job.wait_until_it_sweeps();
    Job::signal(job.launcher(), libc::SIGTERM);
    assert_ne!(job.wait().code, COMPLETE);
    assert!(!generations(&workspace.path("pieces")).is_empty());
    workspace.run("pieces").ranks(4).expect(COMPLETE);
    assert_eq!(workspace.hashes("pieces"), expected);
}

#[test]
fn sigusr1_to_the_launcher_changes_nothing() {
    assert_stopping_changes_nothing("usr1-launcher", 4, 1, "signal", |job| {
        Job::signal(job.launcher(), libc::SIGUSR1);
    });
}

#[test]
fn sigusr1_to_one_rank_changes_nothing() {
    assert_stopping_changes_nothing("usr1-rank", 2, 3, "signal", |job| {
        Job::signal(job.ranks()[0], libc::SIGUSR1);
    });
}

#[test]
fn time_limits_and_deadlines_change_nothing() {
    let workspace = Workspace::new("deadline", &LONG);
    let expected = long_run(&workspace);
    workspace.run("pieces").ranks(2).argument("--time-limit").argument("300ms").expect(STOPPED);
    assert_stopped(&workspace, "pieces", "time limit");
    // Whole seconds: on a fast machine a segment may reach the end before its deadline.
    workspace.run("pieces").ranks(3).argument("--deadline").argument(now() + 1).finish();
    let soon = (now() + 1).to_string();
    workspace.run("pieces").ranks(1).variable("VITRUM_DEADLINE_EPOCH", &soon).finish();
    workspace.run("pieces").ranks(4).expect(COMPLETE);
    assert_eq!(workspace.hashes("pieces"), expected);
}

#[test]
fn a_deadline_in_the_past_still_makes_progress() {
    let workspace = Workspace::new("past", &[]);
    let expected = short_run(&workspace);
    let mut last = 0;
    for ranks in [1, 2, 3, 4] {
        let launch = workspace.run("pieces").ranks(ranks);
        let launch = match ranks {
            1 => launch.argument("--deadline").argument(1),
            2 => launch.variable("VITRUM_DEADLINE_EPOCH", "1000000000"),
            3 => launch.argument("--time-limit").argument("0s"),
            _ => launch.argument("--deadline").argument(now() - 10),
        };
        launch.expect(STOPPED);
        assert_stopped(&workspace, "pieces", "time limit");
        let step = workspace.status("pieces")["step"].as_u64().unwrap();
        assert!(step > last, "no progress: {last} to {step}");
        last = step;
    }
    workspace.run("pieces").expect(COMPLETE);
    assert_eq!(workspace.hashes("pieces"), expected);
}

#[test]
fn a_chain_of_short_segments_changes_nothing() {
    let workspace = Workspace::new("chain", &[LONG[0], "method.measurement_sweeps=3003"]);
    let expected = workspace.uninterrupted();
    let mut segments = 0;
    for ranks in [1, 2, 3, 4].into_iter().cycle().take(60) {
        segments += 1;
        let launch = workspace.run("pieces").ranks(ranks).threads(1 + segments % 2);
        match launch.argument("--time-limit").argument("20ms").finish() {
            finished if finished.code == COMPLETE => break,
            finished => finished.assert_code(STOPPED),
        }
    }
    workspace.run("pieces").ranks(3).expect(COMPLETE);
    assert!(segments > 3, "only {segments} segments");
    assert_eq!(workspace.hashes("pieces"), expected);
}

/// A complete run with two checkpoints, the older from the middle.
fn run_with_two_generations(workspace: &Workspace) {
    workspace.run("whole").set(CHECKPOINT_ALWAYS).expect(COMPLETE);
    assert_eq!(generations(&workspace.path("whole")).len(), 2);
}

fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_checkpoint_falls_back_to_the_one_before() {
    let workspace = Workspace::new("damage", &[]);
    let expected = short_run(&workspace);
    run_with_two_generations(&workspace);
    let results = fs::read(workspace.path("whole").join("results.h5")).unwrap();
    type Damage<'a> = Box<dyn Fn(&mut Vec<u8>) + 'a>;
    let flip = |at: fn(usize) -> usize| -> Damage<'_> {
        Box::new(move |bytes| {
            let at = at(bytes.len());
            bytes[at] ^= 1;
        })
    };
    let damages: Vec<(&str, Damage<'_>)> = vec![
        ("a bit of the data", flip(|length| length / 2)),
        ("the last bit", flip(|length| length - 1)),
        ("the first bit", flip(|_| 0)),
        ("a bit of the checksum", flip(|_| 40)),
        ("a bit behind the user block", flip(|_| 520)),
        ("nothing left", Box::new(Vec::clear)),
        ("one byte left", Box::new(|bytes| bytes.truncate(1))),
        ("less than the head left", Box::new(|bytes| bytes.truncate(511))),
        ("only the head left", Box::new(|bytes| bytes.truncate(512))),
        ("half left", Box::new(|bytes| bytes.truncate(bytes.len() / 2))),
        ("one byte short", Box::new(|bytes| bytes.truncate(bytes.len() - 1))),
        ("one byte too many", Box::new(|bytes| bytes.push(0))),
        (
            "garbage",
            Box::new(|bytes| bytes.iter_mut().enumerate().for_each(|(k, byte)| *byte = (k * 37) as u8)),
        ),
        ("HDF5 without head", Box::new(|bytes| drop(bytes.drain(..512)))),
        ("a results file", Box::new(|bytes| bytes.clone_from(&results))),
    ];
    for (number, (name, change)) in damages.iter().enumerate() {
        let directory = format!("damaged-{number}");
        workspace.copy("whole", &directory);
        damage(&generations(&workspace.path(&directory))[1], change);
        let finished = workspace.run(&directory).ranks(1 + number % 3).expect(COMPLETE);
        for text in [&finished.errors, &finished.log] {
            assert!(text.contains("falling back to the checkpoint before it"), "{name}: {finished:?}");
            assert!(text.contains("continuing from"), "{name}: {finished:?}");
        }
        assert_eq!(workspace.hashes(&directory), expected, "{name}");
    }
}

#[test]
fn without_a_usable_checkpoint_nothing_is_deleted_and_fresh_sets_it_aside() {
    let workspace = Workspace::new("all-damaged", &[]);
    let expected = short_run(&workspace);
    run_with_two_generations(&workspace);
    let whole = workspace.path("whole");
    for path in generations(&whole) {
        damage(&path, |bytes| bytes.truncate(bytes.len() / 3));
    }
    let before: Vec<(std::path::PathBuf, Vec<u8>)> =
        generations(&whole).into_iter().map(|path| (path.clone(), fs::read(&path).unwrap())).collect();
    for ranks in [1, 3] {
        let finished = workspace.run("whole").ranks(ranks).expect(CHECKPOINT);
        finished.assert_complaint(&["none of the 2 checkpoints", "Nothing was deleted", "--fresh"]);
        assert_eq!(workspace.status("whole")["state"], "failed");
        assert!(before.iter().all(|(path, bytes)| fs::read(path).unwrap() == *bytes));
        assert!(whole.join("results.h5").exists());
    }
    workspace.run("whole").ranks(2).argument("--fresh").expect(COMPLETE);
    assert_eq!(workspace.hashes("whole"), expected);
    let aside = whole.join("before-fresh-1");
    assert_eq!(generations(&aside).len(), 2);
    assert!(aside.join("results.h5").exists());
}

#[test]
fn a_foreign_checkpoint_is_refused_by_the_key_that_differs() {
    let workspace = Workspace::new("foreign", &[]);
    for (key, setting) in [("system.size", "system.size=1"), ("run.seed", "run.seed=12")] {
        workspace.run(key).set(setting).argument("--deadline").argument(1).expect(STOPPED);
        let directory = format!("{key}-here");
        let checkpoints = workspace.path(&directory).join("checkpoints");
        fs::create_dir_all(&checkpoints).unwrap();
        let foreign = generations(&workspace.path(key)).remove(0);
        fs::copy(&foreign, checkpoints.join("checkpoint.000007.h5")).unwrap();
        for ranks in [1, 3] {
            let finished = workspace.run(&directory).ranks(ranks).expect(CONFIGURATION);
            finished.assert_complaint(&[key, "Nothing was changed on disk"]);
        }
        assert_eq!(generations(&workspace.path(&directory)).len(), 1);
    }
}

#[test]
fn a_restart_may_change_the_machine_but_not_the_physics() {
    let workspace = Workspace::new("changed", &[]);
    let expected = short_run(&workspace);
    workspace.run("pieces").ranks(2).argument("--deadline").argument(1).expect(STOPPED);
    for setting in [
        "system.ice_coupling=0.7",
        "method.copies=3",
        "method.exchange_every=2",
        "method.moves.ice_loops=2",
        "measure.every=7",
        "run.seed=12",
    ] {
        let key = setting.split('=').next().unwrap();
        let finished = workspace.run("pieces").ranks(2).set(setting).expect(CONFIGURATION);
        finished.assert_complaint(&[key, "--fresh"]);
    }
    let launch = workspace.run("pieces").ranks(3).set("parallel.threads=2").set(CHECKPOINT_ALWAYS);
    launch.set("run.checkpoint_keep=4").expect(COMPLETE);
    assert_eq!(generations(&workspace.path("pieces")).len(), 4);
    assert_eq!(workspace.hashes("pieces"), expected);
}

#[test]
fn a_longer_run_continues_a_complete_one_and_a_shorter_one_is_refused() {
    let workspace = Workspace::new("longer", &[]);
    let longer = "method.measurement_sweeps=611";
    workspace.run("direct").set(longer).expect(COMPLETE);
    workspace.run("pieces").ranks(2).expect(COMPLETE);
    let finished = workspace.run("pieces").ranks(3).set(longer).expect(COMPLETE);
    assert!(finished.log.contains("continuing from"), "{}", finished.log);
    let expected = workspace.hashes("direct");
    assert_eq!(workspace.hashes("pieces"), expected);
    let finished = workspace.run("pieces").ranks(2).expect(CONFIGURATION);
    finished.assert_complaint(&["method.measurement_sweeps", "611", "403"]);
    assert_eq!(workspace.hashes("pieces"), expected);
}

#[test]
fn a_complete_run_started_again_changes_nothing() {
    let workspace = Workspace::new("again", &[]);
    let expected = short_run(&workspace);
    workspace.run("whole").ranks(2).expect(COMPLETE);
    for ranks in [1, 4] {
        workspace.run("whole").ranks(ranks).expect(COMPLETE);
        assert_eq!(workspace.status("whole")["state"], "complete");
        assert_eq!(workspace.hashes("whole"), expected);
    }
}

#[test]
fn a_second_process_is_refused_while_the_first_lives() {
    let workspace = Workspace::new("second", &LONG);
    let expected = long_run(&workspace);
    let mut job = workspace.run("shared").ranks(2).start();
    job.wait_until_it_sweeps();
    // Held still, so that it does not end before it was asked for.
    let holders = job.ranks();
    holders.iter().for_each(|&rank| Job::signal(rank, libc::SIGSTOP));
    for ranks in [1, 2] {
        let finished = workspace.run("shared").ranks(ranks).argument("--fresh").expect(USAGE);
        finished.assert_complaint(&["in use by another run", "Nothing was changed"]);
    }
    holders.iter().for_each(|&rank| Job::signal(rank, libc::SIGCONT));
    assert_eq!(workspace.status("shared")["state"], "running");
    job.wait().assert_code(COMPLETE);
    assert_eq!(workspace.hashes("shared"), expected);
}

#[test]
fn a_stale_lock_and_leftovers_of_a_killed_run_are_recognized() {
    let workspace = Workspace::new("stale", &LONG);
    let expected = long_run(&workspace);
    let mut job = workspace.run("killed").ranks(3).set("run.checkpoint_interval=\"50ms\"").start();
    job.wait_for_log("checkpoint.000001.h5 at step");
    job.kill();
    assert_ne!(job.wait().code, COMPLETE);
    let directory = workspace.path("killed");
    let planted =
        ["checkpoints/checkpoint.000099.h5.tmp.writing", "results.h5.tmp.writing", "status.json.tmp.writing"];
    planted.iter().for_each(|name| fs::write(directory.join(name), "half").unwrap());
    let finished = workspace.run("killed").ranks(2).expect(COMPLETE);
    assert!(finished.log.contains("ended without releasing its lock"), "{}", finished.log);
    assert_eq!(leftovers(&directory), Vec::<std::path::PathBuf>::new());
    assert_eq!(workspace.hashes("killed"), expected);
}

#[test]
fn a_kill_at_any_point_of_the_checkpoint_protocol_changes_nothing() {
    let workspace = Workspace::new("fault", &[CHECKPOINT_ALWAYS]);
    let expected = short_run(&workspace);
    for (number, point) in
        ["after_create", "before_close", "before_seal", "before_rename", "after_rename"].iter().enumerate()
    {
        let (ranks, directory) = (1 + number % 4, workspace.path(point));
        for _ in 0..2 {
            workspace.run(point).argument("--deadline").argument(1).expect(STOPPED);
        }
        let before = generations(&directory);
        for kill in 1..=2 {
            let finished =
                workspace.run(point).ranks(ranks).variable("VITRUM_FAULT", point).killed_at_once().finish();
            assert_ne!(finished.code, COMPLETE, "{point}: {finished:?}");
            if *point == "after_rename" {
                assert!(generations(&directory).len() <= before.len() + kill, "{point}");
                assert_ne!(generations(&directory), before, "{point}: nothing was published");
            } else {
                assert_eq!(generations(&directory), before, "{point}");
                assert!(!leftovers(&directory).is_empty(), "{point}");
            }
        }
        workspace.run(point).ranks(1 + (ranks + 1) % 4).expect(COMPLETE);
        assert_eq!(leftovers(&directory), Vec::<std::path::PathBuf>::new(), "{point}");
        assert_eq!(workspace.hashes(point), expected, "{point}");
    }
}

#[test]
fn a_directory_that_cannot_be_made_is_an_error_of_storage() {
    let workspace = Workspace::new("no-directory", &[]);
    fs::write(workspace.path("file"), "").unwrap();
    for ranks in [1, 3] {
        let finished =
            workspace.run("x").ranks(ranks).into_directory(&workspace.path("file/run")).expect(STORAGE);
        finished.assert_complaint(&["cannot create", "file/run"]);
    }
}

/// A file system of its own, for as long as the value lives; only root may.
struct Mount<'a>(&'a Path);

impl<'a> Mount<'a> {
    fn new(path: &'a Path, kilobytes: u32) -> Option<Self> {
        fs::create_dir_all(path).unwrap();
        let options = format!("size={kilobytes}k");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(path).output();
        let mounted = done.is_ok_and(|output| output.status.success());
        if !mounted {
            println!("not tested: a file system of its own cannot be mounted by this user");
        }
        mounted.then_some(Mount(path))
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        assert!(Command::new("mount").args(["-o", &options]).arg(self.0).status().unwrap().success());
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_leaves_the_earlier_checkpoints_and_resuming_changes_nothing() {
    let workspace = Workspace::new("full", &[CHECKPOINT_ALWAYS]);
    let expected = short_run(&workspace);
    let place = workspace.path("small");
    for layer in ["ompio", "romio321"] {
        for ranks in [1, 2, 3, 4] {
            let Some(mount) = Mount::new(&place, 700) else { return };
            let launch = workspace.run("small/run").ranks(ranks).variable("OMPI_MCA_io", layer);
            launch.expect(STORAGE).assert_complaint(&["published before is untouched"]);
            let kept = generations(&place.join("run"));
            assert_eq!(kept.len(), 2, "{layer} on {ranks} ranks");
            kept.iter().for_each(|path| drop(common::hash(path)));
            mount.remount("size=16m");
            workspace.run("small/run").ranks(1 + ranks % 3).expect(COMPLETE);
            assert_eq!(workspace.hashes("small/run"), expected, "{layer} on {ranks} ranks");
        }
    }
}

#[test]
fn a_read_only_directory_is_an_error_of_storage() {
    let workspace = Workspace::new("read-only", &[]);
    let place = workspace.path("mounted");
    let Some(mount) = Mount::new(&place, 16_000) else { return };
    workspace.run("mounted/run").argument("--deadline").argument(1).expect(STOPPED);
    mount.remount("ro");
    for ranks in [1, 3] {
        let finished = workspace.run("mounted/run").ranks(ranks).expect(STORAGE);
        finished.assert_complaint(&["mounted/run", "Read-only file system"]);
    }
    mount.remount("rw");
    workspace.run("mounted/run").ranks(2).expect(COMPLETE);
    assert_eq!(workspace.hashes("mounted/run"), short_run(&workspace));
}

#[test]
fn files_that_may_not_grow_leave_the_earlier_checkpoints_and_resuming_changes_nothing() {
    let workspace = Workspace::new("size-limit", &LONG);
    let expected = long_run(&workspace);
    for (layer, ranks) in [("ompio", 1), ("ompio", 3), ("romio321", 1), ("romio321", 3)] {
        let directory = format!("{layer}-{ranks}");
        let interval = "run.checkpoint_interval=\"50ms\"";
        let launch = workspace.run(&directory).ranks(ranks).set(interval).outliving_size_limit();
        let mut job = launch.variable("OMPI_MCA_io", layer).start();
        job.wait_for_log("checkpoint.000001.h5 at step");
        job.ranks().into_iter().for_each(|rank| Job::limit_file_size(rank, 500_000));
        let finished = job.wait();
        finished.assert_code(STORAGE);
        finished.assert_complaint(&["published before is untouched"]);
        let kept = generations(&workspace.path(&directory));
        assert!(!kept.is_empty());
        kept.iter().for_each(|path| drop(common::hash(path)));
        workspace.run(&directory).ranks(1 + ranks % 3).expect(COMPLETE);
        assert_eq!(workspace.hashes(&directory), expected, "{layer} on {ranks} ranks");
    }
}
