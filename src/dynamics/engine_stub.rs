//! Takes the place of the engine of molecular dynamics until it is merged; refuses to move.

use super::plan::Plan;
use crate::foundation::engine::Engine;
use crate::foundation::persist::{Persist, Visitor};
use crate::foundation::table::Sink;
use crate::foundation::{Error, Result};
use crate::parallel::arrangement::Arrangement;

pub struct MolecularDynamics {
    target: u64,
}

impl MolecularDynamics {
    pub fn new(plan: Plan, _: Arrangement, _: usize) -> Self {
        MolecularDynamics { target: plan.stages.iter().map(|stage| stage.steps).sum::<u64>().max(1) }
    }
}

impl Persist for MolecularDynamics {
    fn visit(&mut self, _: &mut dyn Visitor) -> Result<()> {
        Ok(())
    }
}

impl Engine for MolecularDynamics {
    fn step(&self) -> u64 {
        0
    }
    fn target(&self) -> u64 {
        self.target
    }
    fn phase(&self) -> String {
        String::new()
    }
    fn advance(&mut self, _: u64) -> Result<()> {
        Err(Error::Internal("this branch has no engine of molecular dynamics".into()))
    }
    fn check(&mut self) -> Result<()> {
        Ok(())
    }
    fn has_results(&self) -> bool {
        false
    }
    fn results(&mut self, _: Sink<'_>) -> Result<()> {
        Ok(())
    }
    fn summary(&self) -> Vec<String> {
        Vec::new()
    }
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
    fn timings(&self) -> Vec<(&'static str, f64)> {
        Vec::new()
    }
}
