//! LAMMPS data files with atoms of style "atomic" in units "metal".
//!
//! The first line is a title. A header of counts and bounds follows, then sections, each with a line of its name; `#`
//! opens a comment. Read are `Masses`, `Atom Type Labels`, `Atoms` and `Velocities`; sections of coefficients are
//! passed over, because the interaction comes from elsewhere; bonds and anything else are refused.

mod read;
mod write;

pub use read::parse;
pub use write::write;
