//! LAMMPS dump files in the text style "custom".

mod read;
mod write;

pub use read::{frames, parse};
pub use write::write;
