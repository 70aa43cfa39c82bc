//! Floor 4: atoms that move, their integrators, thermostats and minimizers.

#[allow(missing_docs)]
mod engine_stub;
pub mod plan;

#[doc(hidden)]
pub use engine_stub::MolecularDynamics;
