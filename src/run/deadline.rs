//! When to stop: time limits, signals and the file STOP. Decided once, agreed by all ranks.

use super::directory::RunDirectory;
use crate::foundation::{Error, Result};
use crate::parallel::Comm;
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Why a run stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Its time was up.
    TimeLimit,
    /// A signal asked for it.
    Signal,
    /// A file named STOP was found in the run directory.
    StopFile,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopReason::TimeLimit => "time limit",
            StopReason::Signal => "signal",
            StopReason::StopFile => "file STOP",
        })
    }
}

/// The clock and the signal flags of one rank.
pub struct Deadline {
    /// When the process must have ended, on this rank's clock.
    end: Option<Instant>,
    /// Kept free before the end.
    margin: Duration,
    signaled: Arc<AtomicBool>,
    blocks: Vec<f64>,
    checkpoints: Vec<f64>,
}

/// Timings kept for predictions.
const REMEMBERED: usize = 50;
/// Margin before the end: this fraction of the time given, at most a minute.
const MARGIN_FRACTION: f64 = 0.02;

impl Deadline {
    /// The earliest of a time limit from now and a wall-clock time in seconds since 1970: given, or from the
    /// environment (`VITRUM_DEADLINE_EPOCH`, `SLURM_JOB_END_TIME`). Also starts to listen for signals: the first
    /// SIGTERM, SIGINT or SIGUSR1 asks for a stop at a checkpoint, the second ends the process at once.
    ///
    /// # Errors
    /// `Error::Usage` if a time in the environment is not a number; `Error::Internal` if signals cannot be caught.
    pub fn new(limit: Option<Duration>, epoch_seconds: Option<u64>) -> Result<Self> {
        let epoch = match epoch_seconds {
            Some(given) => Some(given),
            None => from_environment()?,
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let until_epoch = epoch.map(|epoch| Duration::from_secs(epoch).saturating_sub(now));
        let remaining = limit.into_iter().chain(until_epoch).min();
        let signaled = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT, SIGUSR1] {
            signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&signaled))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&signaled)))
                .map_err(|cause| Error::Internal(format!("cannot listen for signals: {cause}")))?;
        }
        let margin = remaining
            .map_or(Duration::ZERO, |time| time.mul_f64(MARGIN_FRACTION).min(Duration::from_secs(60)));
        Ok(Deadline {
            // A time too far away for the clock is no limit.
            end: remaining.and_then(|time| Instant::now().checked_add(time)),
            margin,
            signaled,
            blocks: Vec::new(),
            checkpoints: Vec::new(),
        })
    }

    /// Books the time of a block of steps.
    pub fn note_block(&mut self, seconds: f64) {
        remember(&mut self.blocks, seconds);
    }

    /// Books the time of a checkpoint.
    pub fn note_checkpoint(&mut self, seconds: f64) {
        self.checkpoints.push(seconds);
    }

    /// Seconds spent on checkpoints.
    #[must_use]
    pub fn checkpoint_seconds(&self) -> f64 {
        self.checkpoints.iter().sum()
    }

    fn is_over(&self) -> bool {
        let Some(end) = self.end else { return false };
        let needed = high_percentile(&self.blocks) + 1.5 * high_percentile(&self.checkpoints);
        Instant::now() + self.margin + Duration::from_secs_f64(needed) >= end
    }

    /// Whether to stop now. Rank 0 watches the clock and the STOP file; a signal may reach any subset of ranks.
    /// Collective.
    #[must_use]
    pub fn stop_reason(&self, directory: &RunDirectory, comm: &dyn Comm) -> Option<StopReason> {
        let signal = u64::from(self.signaled.load(Ordering::Relaxed));
        let watching = comm.rank() == 0;
        let mut flags = [
            signal,
            u64::from(watching && self.is_over()),
            u64::from(watching && directory.stop_file().exists()),
        ];
        comm.max(&mut flags);
        match flags {
            [1, ..] => Some(StopReason::Signal),
            [_, 1, _] => Some(StopReason::TimeLimit),
            [.., 1] => Some(StopReason::StopFile),
            _ => None,
        }
    }
}

fn from_environment() -> Result<Option<u64>> {
    for name in ["VITRUM_DEADLINE_EPOCH", "SLURM_JOB_END_TIME"] {
        if let Ok(text) = std::env::var(name) {
            return text.trim().parse().map(Some).map_err(|_| {
                Error::Usage(format!(
                    "{name}=\"{text}\" in the environment: expected whole seconds since 1970."
                ))
            });
        }
    }
    Ok(None)
}

fn remember(times: &mut Vec<f64>, seconds: f64) {
    if times.len() == REMEMBERED {
        times.remove(0);
    }
    times.push(seconds);
}

/// The 90th percentile; 0 of nothing.
fn high_percentile(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() * 9 / 10).or(sorted.last()).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentile_of_few_times_is_the_largest() {
        assert_eq!(high_percentile(&[]), 0.0);
        assert_eq!(high_percentile(&[3.0, 1.0, 2.0]), 3.0);
        let many: Vec<f64> = (0..50).map(f64::from).collect();
        assert_eq!(high_percentile(&many), 45.0);
    }
}
