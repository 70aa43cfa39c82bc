//! Floor 4: algorithms that sample a model at the temperatures of a ladder.

pub mod analysis;
pub mod annealing;
pub mod exchange;
pub mod ladder;
pub mod measurement;
pub mod relaxation;
pub mod replica_exchange;
pub mod stopwatch;
pub mod structure;
pub mod walkers;
