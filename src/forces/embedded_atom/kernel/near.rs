//! The neighbors within the cutoff of a chunk of atoms, kept from pass 1 to pass 2.

use crate::foundation::simd::LANES;
use std::ops::Range;

/// The sites within the cutoff of each atom of a range. Memory is kept from step to step: 4 bytes per such site, and 12
/// per atom.
#[derive(Debug, Clone, Default)]
pub struct NearList {
    /// The atoms.
    pub(super) range: Range<usize>,
    /// Number of sites the indices are below.
    pub(super) sites: usize,
    /// Sites, those of one atom after those of the one before, each filled up to whole vectors with its own first site.
    pub(super) index: Vec<u32>,
    /// Number of sites within the cutoff of each atom.
    pub(super) count: Vec<u32>,
    /// Density at each atom.
    pub(super) density: Vec<f64>,
    /// Squares of the distances from the atom in work (Angstrom^2), in the order of its sites.
    pub(super) square: Vec<f64>,
    /// Kinds of those sites, as the bits of numbers.
    pub(super) kind: Vec<f64>,
}

impl NearList {
    /// Number of sites within the cutoff of each atom of the range.
    #[must_use]
    pub fn counts(&self) -> &[u32] {
        &self.count
    }

    /// The sites within the cutoff of atom `range.start + k`, in the order of the neighbor list.
    #[must_use]
    pub fn of(&self, k: usize) -> &[u32] {
        let before: usize = self.count[..k].iter().map(|&count| padded(count as usize)).sum();
        &self.index[before..before + self.count[k] as usize]
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        4 * (self.index.capacity() + self.count.capacity())
            + 8 * (self.density.capacity() + self.square.capacity() + self.kind.capacity())
    }

    pub(super) fn begin(&mut self, range: Range<usize>, sites: usize) {
        self.count.clear();
        self.count.resize(range.len(), 0);
        self.density.resize(range.len(), 0.0);
        self.range = range;
        self.sites = sites;
    }

    /// Makes room for an atom with no more than `neighbors` sites, which begin at `cursor`.
    #[inline]
    pub(super) fn make_room(&mut self, cursor: usize, neighbors: usize) {
        let room = padded(neighbors) + LANES;
        if self.index.len() < cursor + room {
            self.grow(cursor + room);
        }
        if self.square.len() < room {
            self.square.resize(room, 0.0);
            self.kind.resize(room, 0.0);
        }
    }

    /// Grows by eighths: doubling would waste as much as there is.
    #[cold]
    fn grow(&mut self, room: usize) {
        self.index.reserve_exact(room + room / 8 - self.index.len());
        self.index.resize(self.index.capacity(), 0);
    }
}

/// Number of places that `count` sites take.
#[inline(always)]
pub(super) fn padded(count: usize) -> usize {
    count.next_multiple_of(LANES)
}
