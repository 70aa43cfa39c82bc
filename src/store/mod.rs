//! Floor 1: files. Tables and the fields of anything persistent go in and out here, and nowhere else.

pub mod checkpoint;
pub mod fields;
pub mod hdf5;
pub mod seal;
