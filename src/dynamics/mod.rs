//! Floor 4: atoms that move, their integrators, thermostats and minimizers.

pub mod plan;
