//! What is measured of atoms, and what is written of them.

use super::super::general::positive;
use super::sections::{Measure, Trajectory};
use crate::dynamics::plan::{PER_ATOM, TrajectoryFormat, TrajectoryPlan};
use crate::foundation::{Error, Result};
use crate::models::unknown;

/// Observables of molecular dynamics: name, units, definition.
pub const OBSERVABLES: [(&str, &str, &str); 4] = [
    (
        "thermo",
        "ps, K, GPa, eV, Angstrom^3",
        "time, temperature, pressure, potential, kinetic and total energy, volume, the conserved quantity and the stress \
         (xx yy zz yz xz xy), always measured",
    ),
    ("rdf", "1", "pair distribution functions g(r) of every pair of elements"),
    (
        "msd",
        "Angstrom^2",
        "mean square displacement of all atoms since the start, motion of the whole taken off",
    ),
    ("atomic_stress", "GPa", "the stress of single atoms, for trajectories"),
];

/// What each name of `trajectory.per_atom` is: name, units, definition.
pub const OF_ATOMS: [(&str, &str, &str); 8] = [
    ("id", "1", "number of the atom"),
    ("velocity", "Angstrom/ps", "velocity"),
    ("image", "1", "boundaries crossed along the three edges"),
    ("force", "eV/Angstrom", "force"),
    ("energy", "eV", "potential energy: embedding energy and half of its pair energies"),
    (
        "stress",
        "GPa",
        "stress of the atom, referred to the mean volume V/N: the mean over all atoms is that of the thermo table (xx yy zz \
         yz xz xy)",
    ),
    ("pressure", "GPa", "minus a third of the trace of the stress"),
    ("von_mises", "GPa", "square root of the second invariant of the stress deviator"),
];

/// A measurement, validated.
pub struct Measured {
    /// Steps between rows.
    pub every: u64,
    /// Whether g(r) is measured.
    pub pair_distribution: bool,
    /// Whether the mean square displacement is measured.
    pub mean_square_displacement: bool,
    /// The trajectory.
    pub trajectory: Option<TrajectoryPlan>,
}

/// Validates `[measure]`.
///
/// # Errors
/// `Error::Configuration` that names the key.
pub fn measured(section: &Measure) -> Result<Measured> {
    let every = positive("[measure] every", section.every)?;
    let names = OBSERVABLES.map(|(name, _, _)| name);
    require_names("[measure] observables", "observable", &section.observables, &names)?;
    let has = |name: &str| section.observables.iter().any(|observable| observable == name);
    Ok(Measured {
        every,
        pair_distribution: has("rdf"),
        mean_square_displacement: has("msd"),
        trajectory: section.trajectory.as_ref().map(trajectory).transpose()?,
    })
}

fn trajectory(section: &Trajectory) -> Result<TrajectoryPlan> {
    let format = match section.format.as_str() {
        "extxyz" => TrajectoryFormat::ExtendedXyz,
        "dump" => TrajectoryFormat::Dump,
        other => {
            let what = unknown("format", other, other, &["extxyz", "dump"]);
            return Err(Error::Configuration(format!("[measure] trajectory.format: {what}")));
        }
    };
    require_names("[measure] trajectory.per_atom", "quantity", &section.per_atom, &PER_ATOM)?;
    Ok(TrajectoryPlan {
        every: positive("[measure] trajectory.every", section.every)?,
        format,
        per_atom: section.per_atom.clone(),
    })
}

/// Refuses names that are not known or given twice.
fn require_names(key: &str, what: &str, names: &[String], known: &[&str]) -> Result<()> {
    for (number, name) in names.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            return Err(Error::Configuration(format!("{key}: {}", unknown(what, name, name, known))));
        }
        if names[..number].contains(name) {
            return Err(Error::Configuration(format!(
                "{key} lists \"{name}\" twice: expected different names."
            )));
        }
    }
    Ok(())
}
