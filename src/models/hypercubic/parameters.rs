//! What the models on hypercubic lattices have in common: lengths, moves, and their validation.

use super::couplings::Distribution;
use super::layout::Storage;
use crate::foundation::{Error, Result};
use crate::models::require;
use crate::system::hypercubic::Hypercubic;
use serde::{Deserialize, Serialize};

/// Largest length of the lattice, which keeps slots of Heisenberg spins in three dimensions within 32 bits.
const LARGEST_LENGTH: i64 = 1024;

/// A model on a hypercubic lattice, after validation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Specification {
    /// The lattice.
    pub lattice: Hypercubic,
    /// Components of a spin: 1 or 3.
    pub components: usize,
    /// The distribution of the couplings.
    pub couplings: Distribution,
    /// Samples of the disorder.
    pub samples: usize,
}

impl Specification {
    /// How spins are stored.
    #[must_use]
    pub fn storage(&self) -> Storage {
        if self.components == 1 && self.couplings != Distribution::Gaussian {
            Storage::Bits
        } else {
            Storage::Reals(self.components)
        }
    }

    /// The moves used where the configuration names none.
    #[must_use]
    pub fn default_moves(&self) -> Moves {
        let over_relaxation = if self.components == 3 { 4 } else { 0 };
        Moves { heat_bath: 1, over_relaxation, ..Moves::default() }
    }

    /// Checks that the moves can sample the model.
    ///
    /// # Errors
    /// `Error::Configuration` naming the key, its value and what was expected.
    pub fn check_moves(&self, moves: &Moves) -> Result<()> {
        for (key, value) in [
            ("heat_bath", moves.heat_bath),
            ("metropolis", moves.metropolis),
            ("over_relaxation", moves.over_relaxation),
        ] {
            require(
                (0..=1000).contains(&value),
                &format!("[method.moves] {key}"),
                &value,
                "an integer from 0 to 1000",
            )?;
        }
        let contradiction = |text: String| Err(Error::Configuration(format!("[method.moves] {text}")));
        if moves.over_relaxation > 0 && self.components == 1 {
            return contradiction(format!(
                "over_relaxation = {} turns spins around their fields, which spins with one component cannot do: \
                 expected over_relaxation = 0.",
                moves.over_relaxation
            ));
        }
        if moves.metropolis > 0 && self.storage() != Storage::Bits {
            return contradiction(format!(
                "metropolis = {} flips spins that are stored as bits (one component, couplings of +1 and -1): expected \
                 metropolis = 0, and heat_bath instead.",
                moves.metropolis
            ));
        }
        if moves.heat_bath == 0 && moves.metropolis > 0 {
            return contradiction(format!(
                "heat_bath = 0 with metropolis = {} is not ergodic: where every spin has as many satisfied as \
                 unsatisfied bonds, all flips are accepted and the checkerboard repeats itself for ever; expected \
                 heat_bath of at least 1.",
                moves.metropolis
            ));
        }
        if moves.heat_bath == 0 && moves.over_relaxation > 0 {
            return contradiction(format!(
                "heat_bath = 0 with over_relaxation = {} never changes the energy: expected heat_bath of at least 1.",
                moves.over_relaxation
            ));
        }
        if moves.heat_bath == 0 {
            return contradiction("heat_bath = 0 moves nothing: expected heat_bath of at least 1.".into());
        }
        Ok(())
    }
}

/// Moves per sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Moves {
    /// Passes of the heat bath.
    pub heat_bath: i64,
    /// Passes of Metropolis flips.
    pub metropolis: i64,
    /// Passes of over-relaxation.
    pub over_relaxation: i64,
}

/// The lattice with these lengths.
///
/// # Errors
/// `Error::Configuration` naming the key, its value and what was expected.
pub fn lattice(size: &[i64]) -> Result<Hypercubic> {
    let fits = |&length: &i64| (2..=LARGEST_LENGTH).contains(&length) && length % 2 == 0;
    require(
        (1..=3).contains(&size.len()) && size.iter().all(fits),
        "[system] size",
        &size,
        "one to three even lengths from 2 to 1024, such as [16, 16]",
    )?;
    let lengths: Vec<usize> = size.iter().map(|length| length.unsigned_abs() as usize).collect();
    Ok(Hypercubic::new(&lengths))
}
