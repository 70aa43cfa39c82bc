//! The sections of a configuration as typed, with their defaults. No logic beyond reading alternatives.

use crate::models::three;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// The `[run]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Run {
    /// Seed of all random numbers.
    pub seed: i64,
    /// Run directory; by default runs/ and the name of the configuration file.
    pub output: String,
    /// Time between checkpoints, such as "10min".
    pub checkpoint_interval: String,
    /// Generations of checkpoints kept.
    pub checkpoint_keep: i64,
}

impl Default for Run {
    fn default() -> Self {
        Run { seed: 1, output: String::new(), checkpoint_interval: "10min".into(), checkpoint_keep: 2 }
    }
}

/// How temperatures between two ends are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spacing {
    /// Equal ratios.
    #[default]
    Geometric,
    /// Equal steps.
    Linear,
    /// Equal steps of 1/T.
    InverseLinear,
}

/// Temperatures between two ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemperatureRange {
    /// Lowest.
    pub minimum: f64,
    /// Highest.
    pub maximum: f64,
    /// How many.
    pub count: i64,
    /// How they are spaced.
    #[serde(default)]
    pub spacing: Spacing,
}

/// A list of temperatures, or a range.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Temperatures {
    /// As listed.
    List(Vec<f64>),
    /// Between two ends.
    Range(TemperatureRange),
}

impl<'de> Deserialize<'de> for Temperatures {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Temperatures;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of temperatures or { minimum, maximum, count, spacing }")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Temperatures, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(list)).map(Temperatures::List)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Temperatures, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Temperatures::Range)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// The `kind` of a method, read before the rest.
#[derive(Debug, Clone, Deserialize)]
pub struct MethodKind {
    /// Its name.
    pub kind: String,
}

/// The `[method]` table of replica exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplicaExchange<Moves> {
    /// "replica-exchange"
    pub kind: String,
    /// The ladder.
    pub temperatures: Temperatures,
    /// Independent ladders.
    #[serde(default = "two")]
    pub copies: i64,
    /// Sweeps before measuring.
    #[serde(default = "thermalization_sweeps")]
    pub thermalization_sweeps: i64,
    /// Sweeps measured.
    #[serde(default = "measurement_sweeps")]
    pub measurement_sweeps: i64,
    /// Sweeps between exchanges.
    #[serde(default = "one")]
    pub exchange_every: i64,
    /// Whether the ladder adapts during thermalization.
    #[serde(default)]
    pub adapt_ladder: bool,
    /// Moves per sweep; the model's default if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moves: Option<Moves>,
}

/// The `[method]` table of annealing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Annealing<Moves> {
    /// "annealing"
    pub kind: String,
    /// The schedule; cooled from the highest to the lowest.
    pub temperatures: Temperatures,
    /// Independent walkers.
    #[serde(default = "two")]
    pub copies: i64,
    /// Sweeps at each temperature before measuring.
    #[serde(default = "thermalization_sweeps")]
    pub thermalization_sweeps: i64,
    /// Sweeps measured at each temperature.
    #[serde(default = "measurement_sweeps")]
    pub measurement_sweeps: i64,
    /// Moves per sweep; the model's default if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moves: Option<Moves>,
}

fn one() -> i64 {
    1
}
fn two() -> i64 {
    2
}
fn thermalization_sweeps() -> i64 {
    2000
}
fn measurement_sweeps() -> i64 {
    20_000
}

/// Domains per replica: "auto" or three numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Domains {
    /// Chosen by the program.
    Auto(String),
    /// Along x, y, z.
    Grid([i64; 3]),
}

impl<'de> Deserialize<'de> for Domains {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Domains;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"auto\" or three numbers such as [1, 1, 1]")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Domains, E> {
                if text == "auto" {
                    Ok(Domains::Auto(text.into()))
                } else {
                    Err(E::invalid_value(serde::de::Unexpected::Str(text), &self))
                }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Domains, A::Error> {
                three(SeqAccessDeserializer::new(list)).map(Domains::Grid)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// The `[parallel]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parallel {
    /// Domains per replica.
    pub domains: Domains,
    /// Threads per rank.
    pub threads: i64,
}

impl Default for Parallel {
    fn default() -> Self {
        Parallel { domains: Domains::Auto("auto".into()), threads: 1 }
    }
}

/// Structure factors in `[measure]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StructureFactor {
    /// Planes of reciprocal space; an empty list switches them off, without it the model chooses.
    pub planes: Option<Vec<String>>,
    /// Sweeps between measurements.
    pub every: i64,
}

impl Default for StructureFactor {
    fn default() -> Self {
        StructureFactor { planes: None, every: 500 }
    }
}

/// Relaxation in `[measure]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Relaxation {
    /// Sweeps of local dynamics per origin; 0 switches relaxation off.
    pub sweeps: i64,
    /// Measured sweeps between origins.
    pub every: i64,
}

impl Default for Relaxation {
    fn default() -> Self {
        Relaxation { sweeps: 256, every: 4000 }
    }
}

/// The `[measure]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Measure {
    /// Sweeps between measurements.
    pub every: i64,
    /// Structure factors.
    pub structure_factor: StructureFactor,
    /// Relaxation.
    pub relaxation: Relaxation,
}

impl Default for Measure {
    fn default() -> Self {
        Measure { every: 10, structure_factor: StructureFactor::default(), relaxation: Relaxation::default() }
    }
}
