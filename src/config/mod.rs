//! The roof: from the text of a configuration to an engine. Nothing below reads configurations.

pub mod arrange;
pub mod atoms;
pub mod build;
pub mod continuation;
pub mod general;
pub mod lattice;
pub mod parse;
pub mod potential;
pub mod sections;
