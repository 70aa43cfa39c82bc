//! Extended XYZ, the format of ASE, OVITO and QUIP: for each configuration a line with the number of atoms, a line of
//! `key=value` pairs with `Lattice` and `Properties`, and a line per atom.

mod comment;
mod read;
mod write;

pub use read::{frames, parse};
pub use write::write;
