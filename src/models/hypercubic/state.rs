//! The spins of a brick of a hypercubic lattice, as words: either one bit or three (or one) f64 per spin.

use crate::foundation::simd::LANES;
use crate::parallel::halo::Items;

/// Eight words on one cache line, one per cell of a vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
pub struct Words(pub [u64; LANES]);

/// Spins of a brick and its ghosts, in the order of [`super::layout::Layout`]. The last block holds the number of the
/// sample in its first lane, so that the bytes of a state say where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Words in blocks of eight lanes.
    pub blocks: Vec<Words>,
}

impl State {
    /// The sample of the disorder this configuration belongs to.
    #[must_use]
    pub fn sample(&self) -> usize {
        self.blocks.last().map_or(0, |block| block.0[0] as usize)
    }

    /// The word in a slot.
    #[inline]
    #[must_use]
    pub fn word(&self, slot: u32) -> u64 {
        self.blocks[slot as usize / LANES].0[slot as usize % LANES]
    }

    /// The word in a slot, to change.
    #[inline]
    pub fn word_mut(&mut self, slot: u32) -> &mut u64 {
        &mut self.blocks[slot as usize / LANES].0[slot as usize % LANES]
    }
}

impl Items for State {
    const BYTES: usize = 8;

    fn pack(&self, indices: &[u32], to: &mut [u8]) {
        bytemuck::cast_slice::<_, u64>(&self.blocks).pack(indices, to);
    }

    fn unpack(&mut self, indices: &[u32], from: &[u8]) {
        bytemuck::cast_slice_mut::<_, u64>(&mut self.blocks).unpack(indices, from);
    }

    fn copy(&mut self, pairs: &[(u32, u32)]) {
        bytemuck::cast_slice_mut::<_, u64>(&mut self.blocks).copy(pairs);
    }
}
