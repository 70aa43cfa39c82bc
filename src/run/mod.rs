//! Floor 5: the loop that drives an engine: advance, checkpoint, stop, write results.

pub mod deadline;
pub mod directory;
pub mod lock;
pub mod logger;
pub mod progress;

use self::deadline::{Deadline, StopReason};
use self::directory::RunDirectory;
use self::progress::Progress;
use crate::foundation::engine::Engine;
use crate::foundation::table::Table;
use crate::foundation::{Error, Result};
use crate::parallel::Comm;
use crate::store::checkpoint::{self, Header};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a run is told, apart from its physics.
pub struct Orders<'a> {
    /// Run directory, locked.
    pub directory: &'a RunDirectory,
    /// When to stop.
    pub deadline: Deadline,
    /// Time between checkpoints.
    pub checkpoint_interval: Duration,
    /// Generations kept.
    pub checkpoint_keep: usize,
    /// What checkpoints say about themselves.
    pub header: Header,
    /// Texts that go into results.h5 beside the numbers.
    pub texts: Vec<Table>,
    /// Whether to show progress.
    pub quiet: bool,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// At its target.
    Complete,
    /// At a checkpoint; the same command goes on.
    Stopped(StopReason),
}

/// Time a block of steps should take: stop requests wait at most about this long.
const BLOCK_SECONDS: f64 = 0.25;

/// Continues from the newest usable checkpoint; `accepts` refuses those of another physics. Collective.
///
/// # Errors
/// `Error::Checkpoint` if checkpoints exist and none is usable; whatever `accepts` returns.
pub fn resume(
    engine: &mut dyn Engine,
    directory: &RunDirectory,
    comm: &dyn Comm,
    accepts: &dyn Fn(&Header) -> Result<()>,
) -> Result<Option<u64>> {
    let found = list_generations(directory, comm)?;
    let mut damaged: Vec<&Path> = Vec::new();
    for path in &found {
        match checkpoint::read(path, engine, comm, |header| accepts(header)) {
            Ok(_) => {
                engine.check()?;
                log::info!("continuing from {} at step {}", path.display(), engine.step());
                // Were they still counted as generations, the next checkpoint would push out the good one.
                let aside = if comm.rank() == 0 {
                    damaged.iter().try_for_each(|path| checkpoint::set_damaged_aside(path))
                } else {
                    Ok(())
                };
                comm.agree(aside)?;
                return Ok(Some(engine.step()));
            }
            Err(Error::Storage(cause)) => {
                log::warn!("{cause}; falling back to the checkpoint before it");
                damaged.push(path.as_path());
            }
            Err(other) => return Err(other),
        }
    }
    if found.is_empty() {
        return Ok(None);
    }
    Err(Error::Checkpoint(format!(
        "none of the {} checkpoints in {} can be used (see the warnings above). Nothing was deleted. Restore one \
         from a backup, or start from the beginning with --fresh, which sets them aside.",
        found.len(),
        directory.checkpoints().display()
    )))
}

/// The checkpoints rank 0 sees, newest first: other ranks may see a directory of a network file system differently.
fn list_generations(directory: &RunDirectory, comm: &dyn Comm) -> Result<Vec<PathBuf>> {
    let mut found = Ok(Vec::new());
    if comm.rank() == 0 {
        found = checkpoint::generations(&directory.checkpoints());
    }
    comm.agree(found.as_ref().map(|_| ()).map_err(Clone::clone))?;
    let names: Vec<String> = found?.iter().map(|generation| generation.path.display().to_string()).collect();
    let mut bytes = names.join("\n").into_bytes();
    comm.broadcast(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).to_string();
    Ok(text.lines().map(PathBuf::from).collect())
}

/// Advances an engine to its target or until it must stop, with checkpoints on the way. Collective.
///
/// # Errors
/// Whatever fails on any rank; published checkpoints stay.
pub fn run(engine: &mut dyn Engine, orders: &mut Orders<'_>, comm: &dyn Comm) -> Result<Outcome> {
    let mut progress = Progress::new(engine, orders.quiet || comm.rank() != 0);
    let mut last_checkpoint = Instant::now();
    let mut steps_per_block = 1u64;
    let first_step = engine.step();
    note_status("running", "", engine, orders, comm)?;
    while engine.step() < engine.target() {
        let start = Instant::now();
        engine.advance(steps_per_block).map_err(|error| error.and(&what_is_safe(orders)))?;
        write_output(engine, orders, comm)?;
        let seconds = start.elapsed().as_secs_f64();
        orders.deadline.note_block(seconds);
        progress.update(engine);
        let rate = steps_per_block as f64 / seconds.max(1e-6);
        // Blocks grow at most twofold, so that one lucky timing cannot make a block of minutes.
        let wanted = ((rate * BLOCK_SECONDS) as u64).clamp(1, 2 * steps_per_block);
        let checkpoint_due = last_checkpoint.elapsed() >= orders.checkpoint_interval;
        let stop = orders.deadline.stop_reason(orders.directory, comm);
        steps_per_block = comm.decide(wanted);
        if engine.step() >= engine.target() {
            break;
        }
        if let Some(reason) = stop {
            return stop_run(engine, orders, comm, reason, first_step, progress);
        }
        if comm.decide(u64::from(checkpoint_due)) == 1 {
            save(engine, orders, comm)?;
            last_checkpoint = Instant::now();
            note_status("running", "", engine, orders, comm)?;
        }
    }
    progress.finish();
    finish(engine, orders, comm)
}

fn stop_run(
    engine: &mut dyn Engine,
    orders: &mut Orders<'_>,
    comm: &dyn Comm,
    reason: StopReason,
    first_step: u64,
    progress: Progress,
) -> Result<Outcome> {
    progress.finish();
    save(engine, orders, comm)?;
    write_results(engine, orders, comm)?;
    log_timings(engine, orders);
    log::info!(
        "stopped at step {} of {} ({reason}); {} steps in this segment. The same command continues.",
        engine.step(),
        engine.target(),
        engine.step() - first_step
    );
    note_status("stopped", &reason.to_string(), engine, orders, comm)?;
    Ok(Outcome::Stopped(reason))
}

fn finish(engine: &mut dyn Engine, orders: &mut Orders<'_>, comm: &dyn Comm) -> Result<Outcome> {
    save(engine, orders, comm)?;
    write_results(engine, orders, comm)?;
    log_timings(engine, orders);
    log::info!("complete: {} steps; results in {}", engine.step(), orders.directory.results().display());
    note_status("complete", "", engine, orders, comm)?;
    Ok(Outcome::Complete)
}

/// What a user can go back to.
fn what_is_safe(orders: &Orders<'_>) -> String {
    match orders.directory.newest() {
        Some(path) => format!("The last good checkpoint is {}", path.display()),
        None => "There is no checkpoint yet".into(),
    }
}

/// Adds to growing files, before the checkpoint that takes them for written.
fn write_output(engine: &mut dyn Engine, orders: &Orders<'_>, comm: &dyn Comm) -> Result<()> {
    let written = engine.output().iter().try_for_each(|output| orders.directory.extend(output));
    comm.agree(written)
}

/// Writes status.json on rank 0; its failure is everybody's.
fn note_status(
    state: &str,
    reason: &str,
    engine: &dyn Engine,
    orders: &Orders<'_>,
    comm: &dyn Comm,
) -> Result<()> {
    let mut written = Ok(());
    if comm.rank() == 0 {
        written = orders.directory.write_status(state, engine, orders.directory.newest(), reason);
    }
    comm.agree(written)
}

fn save(engine: &mut dyn Engine, orders: &mut Orders<'_>, comm: &dyn Comm) -> Result<()> {
    let start = Instant::now();
    engine.check()?;
    orders.header.insert("step".into(), engine.step().to_string());
    let directory = orders.directory.checkpoints();
    let (path, hash) = checkpoint::write(&directory, &orders.header, engine, orders.checkpoint_keep, comm)?;
    let seconds = start.elapsed().as_secs_f64();
    orders.deadline.note_checkpoint(seconds);
    log::info!(
        "checkpoint {} at step {}, state hash {hash:016x}, {seconds:.2} s",
        path.display(),
        engine.step()
    );
    Ok(())
}

/// Results exist once something was measured.
fn write_results(engine: &mut dyn Engine, orders: &Orders<'_>, comm: &dyn Comm) -> Result<()> {
    if !engine.has_results() {
        log::info!("no results before the measurement begins");
        return Ok(());
    }
    checkpoint::publish(&orders.directory.results(), comm, |file| {
        orders.texts.iter().try_for_each(|table| file.write(table))?;
        engine.results(&mut |table| file.write(&table))
    })?;
    for remark in engine.summary() {
        log::info!("{remark}");
    }
    Ok(())
}

fn log_timings(engine: &dyn Engine, orders: &Orders<'_>) {
    engine.notes().iter().for_each(|note| log::info!("{note}"));
    let mut timings = engine.timings();
    timings.push(("checkpoint", orders.deadline.checkpoint_seconds()));
    let total: f64 = timings.iter().map(|(_, seconds)| seconds).sum();
    for (name, seconds) in timings {
        log::info!("timing {name} {seconds:.2} s {:.1} %", 100.0 * seconds / total.max(1e-9));
    }
}
