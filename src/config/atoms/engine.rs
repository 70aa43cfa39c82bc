//! The engine of molecular dynamics.

use crate::config::build::EngineBuilder;
use crate::dynamics::MolecularDynamics;
use crate::dynamics::plan::Plan;

/// Makes the engine of a plan.
#[must_use]
pub fn engine(plan: Plan) -> EngineBuilder {
    Box::new(move |arrangement, threads| Box::new(MolecularDynamics::new(plan, arrangement, threads)))
}
