//! Floor 3: text formats of atomic systems. Nothing here opens a file: texts are parsed, and written into any writer.

pub mod column;
pub mod dump;
pub mod extended_xyz;
mod frame;
pub mod lammps_data;
mod text;

pub use column::{Column, Values};
pub use frame::{Frame, Frames};
