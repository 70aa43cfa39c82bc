//! Floor 0: what everything else is built from. Imports nothing of ours.

pub mod engine;
pub mod error;
pub mod fixed_point;
pub mod memory;
pub mod observable;
pub mod persist;
pub mod random;
pub mod series;
pub mod simd;
pub mod statistics;
pub mod table;
pub mod units;
pub mod vector;

pub use error::{Error, Result};
