//! What the passes return besides their sums.

/// Energy and virial of an atom.
#[derive(Debug, Clone, Copy, Default, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Tally {
    /// Embedding energy and half of each pair energy (eV).
    pub energy: f64,
    /// Half of each pair's (x_i - x_j) f_ij (eV), f_ij the force on i from j, in the order xx yy zz yz xz xy.
    pub virial: [f64; 6],
}

/// Densities beyond the end of the table of embedding energies.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Beyond {
    /// How many there are.
    pub count: usize,
    /// The largest, or 0.
    pub largest: f64,
}

impl Beyond {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Beyond) -> Beyond {
        Beyond { count: self.count + other.count, largest: self.largest.max(other.largest) }
    }
}

/// The extremes a pass has met. After an overflow its sums mean nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extremes {
    /// Shortest distance of two atoms (Angstrom), infinite if no pair is within the cutoff; known to pass 1 only.
    pub shortest: f64,
    /// Largest term of an exact sum: a pair's force (eV/Angstrom) and, if tallied, its energy and virial (eV). Known to
    /// pass 2 with exact sums only.
    pub largest_term: f64,
    /// Whether two atoms are at the same place, or exact sums do not hold what was met: atoms so close that their force
    /// is beyond 2047 eV/Angstrom, or more than 4095 neighbors.
    pub is_overflow: bool,
}

impl Default for Extremes {
    fn default() -> Self {
        Extremes { shortest: f64::INFINITY, largest_term: 0.0, is_overflow: false }
    }
}

impl Extremes {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Extremes) -> Extremes {
        Extremes {
            shortest: self.shortest.min(other.shortest),
            largest_term: self.largest_term.max(other.largest_term),
            is_overflow: self.is_overflow || other.is_overflow,
        }
    }
}
