//! The Ising ferromagnet on chains, square and cubic lattices: `E = - sum_<ij> s_i s_j`, exactly solved in one and two
//! dimensions (Onsager, Phys. Rev. 65, 117 (1944); Kaufman, Phys. Rev. 76, 1232 (1949)).

use super::hypercubic::couplings::Distribution;
use super::hypercubic::parameters::{Specification, lattice};
use super::hypercubic::{Flavor, Hypercubic};
use crate::foundation::Result;
use serde::{Deserialize, Serialize};

/// The model.
pub type Ising = Hypercubic<Ferromagnet>;

/// The Ising ferromagnet.
#[derive(Debug, Clone, Copy)]
pub struct Ferromagnet;

/// The `[system]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The model's name.
    pub model: String,
    /// One to three even lengths.
    pub size: Vec<i64>,
}

impl Flavor for Ferromagnet {
    const NAME: &'static str = "ising";
    type Parameters = Parameters;

    fn example() -> &'static str {
        include_str!("example.toml")
    }

    fn specify(parameters: &Parameters) -> Result<Specification> {
        let lattice = lattice(&parameters.size)?;
        Ok(Specification { lattice, components: 1, couplings: Distribution::Uniform, samples: 1 })
    }
}
