//! One atom with everything that travels with it.

/// An atom as its owner holds it.
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Atom {
    /// Number of the atom, unique.
    pub id: u64,
    /// Its place when all atoms are sorted by id, from 0.
    pub row: u64,
    /// Kind: the number of its element.
    pub kind: u64,
    /// Position (Angstrom), on the position grid; close to the box, inside it after neighbors were searched.
    pub position: [f64; 3],
    /// Velocity (Angstrom/ps).
    pub velocity: [f64; 3],
    /// Edges to add to the position to follow the atom through the boundaries.
    pub image: [i64; 3],
    /// Where it was, boundaries not counted, when displacements began to be measured (Angstrom).
    pub origin: [f64; 3],
}
