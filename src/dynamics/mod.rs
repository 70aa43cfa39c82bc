//! Floor 4: atoms that move, their integrators, thermostats and minimizers.

pub mod atom;
pub mod bricks;
pub mod chain;
pub mod domain;
mod engine;
pub mod fire;
pub mod forces;
pub mod motion;
pub mod moving_atoms;
pub mod noise;
pub mod pair_distribution;
pub mod plan;
pub mod rows;
pub mod sums;
pub mod thermo;
pub mod trajectory;

pub use engine::MolecularDynamics;
