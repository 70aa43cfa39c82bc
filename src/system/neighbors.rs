//! Atoms as force loops see them, and who is near whom.

/// An atom or the image of one, in one half of a cache line.
///
/// Positions are multiples of a power of two so coarse that differences, and shifts by edges of the box, are exact: a pair
/// has the same distance to the last bit from either side and on any rank.
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(32))]
pub struct Site {
    /// Position (Angstrom).
    pub position: [f64; 3],
    /// Kind: the number of its element.
    pub kind: u64,
}

/// The neighbors of each owned atom, every pair from both sides: `index[first[i]..first[i + 1]]` are the sites, owned or
/// ghosts, near atom i. Sites further away than the cutoff may be listed, sites within it all are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NeighborList {
    /// Where the neighbors of each atom begin, and at the end where the last ones end.
    pub first: Vec<u32>,
    /// Sites.
    pub index: Vec<u32>,
}

impl NeighborList {
    /// Number of atoms that have a list.
    #[must_use]
    pub fn atoms(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// The sites near an atom.
    #[must_use]
    pub fn of(&self, atom: usize) -> &[u32] {
        &self.index[self.first[atom] as usize..self.first[atom + 1] as usize]
    }
}
