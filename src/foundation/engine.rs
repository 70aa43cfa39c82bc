//! What the run loop drives: anything that advances in steps and can be saved.

use super::Result;
use super::persist::Persist;
use super::table::Sink;

/// Bytes for a file of the run directory that grows beside the results, such as a trajectory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Name of the file.
    pub file: String,
    /// Where in the file they belong; what is there from this place on is void.
    pub position: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

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
    /// Whether something was measured, so that there are results. The same on all ranks.
    fn has_results(&self) -> bool;
    /// Hands the results so far to `sink`, table by table and in the same order on all ranks. A collective call.
    ///
    /// # Errors
    /// `Error::Internal` if results cannot be formed; whatever `sink` returns.
    fn results(&mut self, sink: Sink<'_>) -> Result<()>;
    /// What is to be added to growing files since the last call: on rank 0, which writes them.
    fn output(&mut self) -> Vec<Output>;
    /// Human-readable remarks on the results: equilibration, acceptance, round trips. The same on all ranks.
    fn summary(&self) -> Vec<String>;
    /// Counts a user may want to see when a segment ends, such as messages between domains; on this rank, for the log.
    fn notes(&self) -> Vec<String>;
    /// Seconds spent per phase of the work on this rank, for the log.
    fn timings(&self) -> Vec<(&'static str, f64)>;
}
