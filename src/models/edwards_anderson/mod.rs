//! The Edwards-Anderson spin glass: `E = - sum_<ij> J_ij S_i.S_j` with random couplings on a hypercubic lattice, Ising
//! or Heisenberg spins (Edwards and Anderson, J. Phys. F 5, 965 (1975)).

use super::hypercubic::couplings::Distribution;
use super::hypercubic::parameters::{Specification, lattice};
use super::hypercubic::{Flavor, Hypercubic};
use super::require;
use crate::foundation::Result;
use serde::{Deserialize, Serialize};

/// The model.
pub type EdwardsAnderson = Hypercubic<SpinGlass>;

/// The Edwards-Anderson spin glass.
#[derive(Debug, Clone, Copy)]
pub struct SpinGlass;

/// The `[system]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The model's name.
    pub model: String,
    /// One to three even lengths.
    pub size: Vec<i64>,
    /// Components of a spin: 1 (Ising) or 3 (Heisenberg).
    #[serde(default = "one")]
    pub components: i64,
    /// The distribution of the couplings, of variance 1.
    pub couplings: Distribution,
    /// Samples of the disorder in one run.
    #[serde(default = "one")]
    pub samples: i64,
}

fn one() -> i64 {
    1
}

impl Flavor for SpinGlass {
    const NAME: &'static str = "edwards-anderson";
    type Parameters = Parameters;

    fn example() -> &'static str {
        include_str!("example.toml")
    }

    fn specify(parameters: &Parameters) -> Result<Specification> {
        let &Parameters { components, couplings, samples, .. } = parameters;
        let lattice = lattice(&parameters.size)?;
        let known = [1, 3].contains(&components);
        require(known, "[system] components", &components, "1 (Ising spins) or 3 (Heisenberg spins)")?;
        require((1..=10_000).contains(&samples), "[system] samples", &samples, "an integer from 1 to 10000")?;
        Ok(Specification {
            lattice,
            components: components.unsigned_abs() as usize,
            couplings,
            samples: samples.unsigned_abs() as usize,
        })
    }
}
