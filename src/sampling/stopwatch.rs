//! Seconds per kind of work, for the log only: nothing that is simulated depends on them.

use std::time::Instant;

/// Accumulated times by name.
#[derive(Debug, Default, Clone)]
pub struct Stopwatch {
    totals: Vec<(&'static str, f64)>,
}

impl Stopwatch {
    /// Runs `work` and books its time under `name`.
    pub fn time<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        let seconds = start.elapsed().as_secs_f64();
        match self.totals.iter_mut().find(|(known, _)| *known == name) {
            Some((_, total)) => *total += seconds,
            None => self.totals.push((name, seconds)),
        }
        result
    }

    /// The totals, in order of first use.
    #[must_use]
    pub fn totals(&self) -> Vec<(&'static str, f64)> {
        self.totals.clone()
    }
}
