//! Floor 4: atoms that move, their integrators, thermostats and minimizers.

pub mod bricks;
pub mod plan;
