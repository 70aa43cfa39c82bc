//! The sections of a configuration of atoms as typed, with their defaults. No logic beyond reading alternatives.

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// The `[system]` table; the type of its start depends on `initial.kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System<Initial> {
    /// "embedded-atom"
    pub model: String,
    /// Chemical symbols; kinds of atoms are numbered in this order.
    pub elements: Vec<String>,
    /// Where the potential comes from.
    pub potential: Potential,
    /// Where the atoms come from.
    pub initial: Initial,
}

/// Where a potential comes from: exactly one of the first two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Potential {
    /// A file, or a funcfl file for each of several elements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<Files>,
    /// The built-in potentials of Zhou.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zhou: Option<bool>,
    /// Checksum of the files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
}

/// One path or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Files {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl<'de> Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Files;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path in quotes or a list of paths")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Files, E> {
                Ok(Files::One(text.into()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Files, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(list)).map(Files::Several)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// The `kind` of a start, read before the rest.
#[derive(Debug, Clone, Deserialize)]
pub struct InitialKind {
    /// Its name.
    pub kind: String,
}

/// Atoms at random.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomStart {
    /// "random"
    pub kind: String,
    /// Number of atoms.
    pub atoms: i64,
    /// Share of each element; not needed for one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fractions: Vec<f64>,
    /// Atoms per cubic Angstrom.
    pub number_density: f64,
    /// Angstrom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_distance: Option<f64>,
    /// Of the velocities (K).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
}

/// A crystal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatticeStart {
    /// "lattice"
    pub kind: String,
    /// "fcc", "bcc", "hcp", "b2" or "l1_2".
    pub lattice: String,
    /// Edge of the cell along x (Angstrom).
    pub constant: f64,
    /// Cells along x, y, z.
    #[serde(deserialize_with = "crate::models::three")]
    pub repeat: [i64; 3],
    /// c/a of hcp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub axis_ratio: Option<f64>,
    /// Share of each element of a random alloy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fractions: Vec<f64>,
    /// Of the velocities (K).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
}

/// Atoms of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileStart {
    /// "file"
    pub kind: String,
    /// LAMMPS data or dump, or extended XYZ.
    pub path: String,
    /// Of the velocities (K), where the file has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Checksum of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
}

/// The `[method]` table of molecular dynamics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MolecularDynamics {
    /// "molecular-dynamics"
    pub kind: String,
    /// Femtoseconds.
    pub time_step_fs: f64,
    /// Whether bits depend on nothing but the configuration.
    #[serde(default = "yes")]
    pub reproducible: bool,
    /// How much further than the cutoff neighbor lists reach (Angstrom).
    #[serde(default = "one")]
    pub skin: f64,
    /// What happens, in this order.
    pub stages: Vec<Stage>,
}

fn yes() -> bool {
    true
}
fn one() -> f64 {
    1.0
}

/// One number, or from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Temperature {
    /// The same throughout.
    Constant(f64),
    /// From the first step to the last.
    Ramp(Ends),
}

/// The ends of a ramp.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ends {
    /// At the first step.
    pub from: f64,
    /// At the last step.
    pub to: f64,
}

impl<'de> Deserialize<'de> for Temperature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Temperature;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of kelvin or { from, to }")
            }
            fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Temperature, E> {
                Ok(Temperature::Constant(value))
            }
            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Temperature, E> {
                Ok(Temperature::Constant(value as f64))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Temperature, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Temperature::Ramp)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A stage; which keys it may have depends on its ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// "nve", "nvt", "npt" or "minimize".
    pub ensemble: String,
    /// Kelvin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<Temperature>,
    /// "velocity-rescaling", "nose-hoover" or "langevin".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thermostat: Option<String>,
    /// Relaxation time of the thermostat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thermostat_time_ps: Option<f64>,
    /// Pressure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pressure_gpa: Option<f64>,
    /// Relaxation time of the barostat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barostat_time_ps: Option<f64>,
    /// "isotropic" or "anisotropic".
    #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
    pub box_motion: Option<String>,
    /// Length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ps: Option<f64>,
    /// Length in time steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<i64>,
    /// Length by the rate of a falling temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooling_rate_k_per_s: Option<f64>,
    /// Largest component of a force at the end of a minimization (eV/Angstrom).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_tolerance: Option<f64>,
    /// Most steps of a minimization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<i64>,
}

/// The `[measure]` table of molecular dynamics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Measure {
    /// Steps between rows.
    pub every: i64,
    /// What is measured.
    pub observables: Vec<String>,
    /// What is written of the atoms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trajectory: Option<Trajectory>,
}

impl Default for Measure {
    fn default() -> Self {
        Measure { every: 100, observables: vec!["thermo".into()], trajectory: None }
    }
}

/// A trajectory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trajectory {
    /// Steps between frames.
    pub every: i64,
    /// "extxyz" or "dump".
    #[serde(default = "extended_xyz")]
    pub format: String,
    /// What is written of each atom beside element and position.
    #[serde(default = "id")]
    pub per_atom: Vec<String>,
}

fn extended_xyz() -> String {
    "extxyz".into()
}
fn id() -> Vec<String> {
    vec!["id".into()]
}
