//! Which stages may become longer when a run continues.

use super::sections::MolecularDynamics;
use super::stages;
use crate::dynamics::plan::{Ensemble, Ramp};
use serde::Deserialize;

#[derive(Deserialize)]
struct Method {
    method: MolecularDynamics,
}

/// The keys, numbered as in [`crate::config::build::Configuration::flat`], that give the length of the last stage, if
/// it differs between two resolved configurations only by being longer in the second, and has one temperature or none.
#[must_use]
pub fn longer_last_stage(stored: &str, now: &str) -> Vec<String> {
    let read = |text: &str| toml::from_str::<Method>(text).ok().map(|method| method.method);
    let (Some(mut then), Some(mut now)) = (read(stored), read(now)) else { return Vec::new() };
    let (Ok(before), Ok(after)) = (stages::stages(&mut then), stages::stages(&mut now)) else {
        return Vec::new();
    };
    let (Some(first), Some(second)) = (before.last(), after.last()) else { return Vec::new() };
    let may_go_on = match second.ensemble {
        Ensemble::Nve => true,
        Ensemble::Nvt { temperature, .. } | Ensemble::Npt { temperature, .. } => is_constant(temperature),
        Ensemble::Minimize { .. } => false,
    };
    if before.len() != after.len() || second.steps < first.steps || !may_go_on {
        return Vec::new();
    }
    ["duration_ps", "steps"].map(|key| format!("method.stages.{}.{key}", after.len())).into()
}

fn is_constant(temperature: Ramp) -> bool {
    temperature.from == temperature.to
}
