//! What the run loop drives: anything that advances in steps and can be saved.

use super::Result;
use super::persist::Persist;
use super::table::Table;

/// A simulation in progress.
pub trait Engine: Persist {
    /// Steps done so far (sweeps of all walkers, side branches included).
    fn step(&self) -> u64;
    /// Steps at which the run is complete.
    fn target(&self) -> u64;
    /// One line on what the engine is doing, for progress displays.
    fn phase(&self) -> String;
    /// Advances by `steps` steps, or to the target. A collective call: all ranks pass the same number.
    ///
    /// # Errors
    /// `Error::Internal` if a check of the simulation fails on any rank.
    fn advance(&mut self, steps: u64) -> Result<()>;
    /// Recomputes what is kept incrementally and checks it; called before every checkpoint.
    ///
    /// # Errors
    /// `Error::Internal` naming the replica and both numbers.
    fn check(&mut self) -> Result<()>;
    /// The results so far as tables. A collective call.
    ///
    /// # Errors
    /// `Error::Internal` if results cannot be formed.
    fn results(&mut self) -> Result<Vec<Table>>;
    /// Human-readable remarks on the results: equilibration, acceptance, round trips. The same on all ranks.
    fn summary(&self) -> Vec<String>;
    /// Seconds spent per phase of the work on this rank, for the log.
    fn timings(&self) -> Vec<(&'static str, f64)>;
}
