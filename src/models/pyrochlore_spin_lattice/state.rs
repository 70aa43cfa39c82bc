//! The configuration of one replica: a spin and a displacement on every site, laid out for eight lanes.

use crate::foundation::simd::{Arithmetic, LANES, Lanes, Twice};
use crate::parallel::halo::Items;
use crate::system::pyrochlore_packing::PyrochlorePacking;
use crate::three;

/// Eight sites: three spin components and the displacement tau = +-1 of each, 256 bytes on four cache lines.
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
pub struct SiteBlock {
    /// Spin components S_x, S_y, S_z.
    pub spin: [[f64; LANES]; 3],
    /// Displacements.
    pub tau: [f64; LANES],
}

/// Spins and displacements of a brick of the lattice and its ghosts; 32 bytes per site.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Blocks in the order of [`PyrochlorePacking`].
    pub blocks: Vec<SiteBlock>,
}

/// Eight sites in registers.
#[derive(Clone, Copy)]
pub struct Site<A: Arithmetic> {
    /// Spin.
    pub spin: [A::Float; 3],
    /// Displacement.
    pub tau: A::Float,
}

impl<A: Arithmetic> Site<A> {
    /// Two vectors of sites side by side.
    #[inline(always)]
    pub fn pair(a: &Self, b: &Self) -> Site<Twice<A>> {
        Site { spin: three!(d => (a.spin[d], b.spin[d])), tau: (a.tau, b.tau) }
    }
}

impl<A: Arithmetic> Site<Twice<A>> {
    /// The two vectors of sites.
    #[inline(always)]
    pub fn split(&self) -> [Site<A>; 2] {
        [
            Site { spin: three!(d => self.spin[d].0), tau: self.tau.0 },
            Site { spin: three!(d => self.spin[d].1), tau: self.tau.1 },
        ]
    }
}

impl SiteBlock {
    /// What padding lanes hold: a spin along z, so that kernels compute finite numbers there.
    pub const PADDING: SiteBlock =
        SiteBlock { spin: [[0.0; LANES], [0.0; LANES], [1.0; LANES]], tau: [1.0; LANES] };

    /// Loads the eight sites.
    #[inline(always)]
    pub fn load<L: Lanes>(&self) -> Site<L> {
        Site { spin: three!(d => L::load(&self.spin[d])), tau: L::load(&self.tau) }
    }

    /// Loads the eight sites with lane l from position l XOR `swap`.
    #[inline(always)]
    pub fn load_swapped<L: Lanes>(&self, swap: usize) -> Site<L> {
        Site {
            spin: three!(d => L::load_swapped(&self.spin[d], swap)),
            tau: L::load_swapped(&self.tau, swap),
        }
    }

    /// Stores the eight sites.
    #[inline(always)]
    pub fn store<L: Lanes>(&mut self, site: &Site<L>) {
        for d in 0..3 {
            L::store(&mut self.spin[d], site.spin[d]);
        }
        L::store(&mut self.tau, site.tau);
    }
}

impl State {
    /// Every spin along z and every displacement +1.
    #[must_use]
    pub fn aligned(packing: &PyrochlorePacking) -> Self {
        State { blocks: vec![SiteBlock::PADDING; packing.blocks()] }
    }

    /// The spin in a slot.
    #[inline]
    #[must_use]
    pub fn spin(&self, slot: u32) -> [f64; 3] {
        let block = &self.blocks[slot as usize / LANES];
        block.spin.map(|component| component[slot as usize % LANES])
    }

    /// The displacement in a slot.
    #[inline]
    #[must_use]
    pub fn tau(&self, slot: u32) -> f64 {
        self.blocks[slot as usize / LANES].tau[slot as usize % LANES]
    }

    /// Sets the spin in a slot.
    pub fn set_spin(&mut self, slot: u32, spin: [f64; 3]) {
        let block = &mut self.blocks[slot as usize / LANES];
        for (component, value) in block.spin.iter_mut().zip(spin) {
            component[slot as usize % LANES] = value;
        }
    }

    /// Sets the displacement in a slot.
    #[inline]
    pub fn set_tau(&mut self, slot: u32, tau: f64) {
        self.blocks[slot as usize / LANES].tau[slot as usize % LANES] = tau;
    }

    /// Turns the displacement in a slot around.
    #[inline]
    pub fn flip_tau(&mut self, slot: u32) {
        let tau = &mut self.blocks[slot as usize / LANES].tau[slot as usize % LANES];
        *tau = -*tau;
    }
}

/// Numbers of a block: three spin components and the displacement of eight lanes.
const NUMBERS: usize = 4 * LANES;

impl State {
    fn numbers(&self) -> &[[f64; NUMBERS]] {
        bytemuck::cast_slice(&self.blocks)
    }

    fn numbers_mut(&mut self) -> &mut [[f64; NUMBERS]] {
        bytemuck::cast_slice_mut(&mut self.blocks)
    }
}

/// The block and the lane of a slot.
#[inline(always)]
fn place(slot: u32) -> (usize, usize) {
    (slot as usize / LANES, slot as usize % LANES)
}

/// What of a configuration changes together and travels to ghosts: `N` of the numbers of a site from `FIRST` on, the
/// displacement being the last of the four.
pub struct Part<'a, const FIRST: usize, const N: usize>(pub &'a mut State);

impl State {
    /// The spins.
    pub fn spins(&mut self) -> Part<'_, 0, 3> {
        Part(self)
    }

    /// The displacements.
    pub fn displacements(&mut self) -> Part<'_, 3, 1> {
        Part(self)
    }
}

/// Sites that are packed together: number by number, so that half a block moves as whole vectors.
const TOGETHER: usize = 4;

/// The place of the first of four slots that are half a block, if these are.
#[inline(always)]
fn half_block(slots: [u32; TOGETHER]) -> Option<(usize, usize)> {
    let [first, ..] = slots;
    let is_half = first.is_multiple_of(4) && slots == [first, first + 1, first + 2, first + 3];
    is_half.then(|| place(first))
}

impl<const FIRST: usize, const N: usize> Part<'_, FIRST, N> {
    /// Four sites, `[number][site]`.
    #[inline(always)]
    fn four(blocks: &[[f64; NUMBERS]], slots: [u32; TOGETHER]) -> [[f64; TOGETHER]; N] {
        if let Some((block, lane)) = half_block(slots) {
            let block = &blocks[block];
            return std::array::from_fn(|k| {
                std::array::from_fn(|site| block[(FIRST + k) * LANES + lane + site])
            });
        }
        let places = slots.map(place);
        std::array::from_fn(|k| places.map(|(block, lane)| blocks[block][(FIRST + k) * LANES + lane]))
    }

    #[inline(always)]
    fn set_four(blocks: &mut [[f64; NUMBERS]], slots: [u32; TOGETHER], sites: &[[f64; TOGETHER]; N]) {
        if let Some((block, lane)) = half_block(slots) {
            let block = &mut blocks[block];
            for (k, numbers) in sites.iter().enumerate() {
                let start = (FIRST + k) * LANES + lane;
                block[start..start + TOGETHER].copy_from_slice(numbers);
            }
            return;
        }
        for (site, (block, lane)) in slots.map(place).into_iter().enumerate() {
            let block = &mut blocks[block];
            sites
                .iter()
                .enumerate()
                .for_each(|(k, numbers)| block[(FIRST + k) * LANES + lane] = numbers[site]);
        }
    }

    #[inline(always)]
    fn one(blocks: &[[f64; NUMBERS]], slot: u32) -> [f64; N] {
        let (block, lane) = place(slot);
        std::array::from_fn(|k| blocks[block][(FIRST + k) * LANES + lane])
    }

    #[inline(always)]
    fn set_one(blocks: &mut [[f64; NUMBERS]], slot: u32, site: &[f64; N]) {
        let (block, lane) = place(slot);
        site.iter().enumerate().for_each(|(k, &value)| blocks[block][(FIRST + k) * LANES + lane] = value);
    }

    fn pack_blocks(blocks: &[[f64; NUMBERS]], slots: &[u32], to: &mut [u8]) {
        let (fours, rest) = slots.as_chunks::<TOGETHER>();
        let (packed, last) = to.split_at_mut(fours.len() * TOGETHER * Self::BYTES);
        for (&slots, to) in fours.iter().zip(packed.chunks_exact_mut(TOGETHER * Self::BYTES)) {
            to.copy_from_slice(bytemuck::cast_slice(&Self::four(blocks, slots)));
        }
        for (&slot, to) in rest.iter().zip(last.chunks_exact_mut(Self::BYTES)) {
            to.copy_from_slice(bytemuck::cast_slice(&Self::one(blocks, slot)));
        }
    }
}

impl<const FIRST: usize, const N: usize> Items for Part<'_, FIRST, N> {
    const BYTES: usize = 8 * N;

    fn pack(&self, slots: &[u32], to: &mut [u8]) {
        Self::pack_blocks(self.0.numbers(), slots, to);
    }

    fn unpack(&mut self, slots: &[u32], from: &[u8]) {
        let blocks = self.0.numbers_mut();
        let (fours, rest) = slots.as_chunks::<TOGETHER>();
        let (packed, last) = from.split_at(fours.len() * TOGETHER * Self::BYTES);
        for (&slots, from) in fours.iter().zip(packed.chunks_exact(TOGETHER * Self::BYTES)) {
            let mut sites = [[0.0; TOGETHER]; N];
            bytemuck::cast_slice_mut::<_, u8>(&mut sites).copy_from_slice(from);
            Self::set_four(blocks, slots, &sites);
        }
        for (&slot, from) in rest.iter().zip(last.chunks_exact(Self::BYTES)) {
            let mut site = [0.0; N];
            bytemuck::cast_slice_mut::<_, u8>(&mut site).copy_from_slice(from);
            Self::set_one(blocks, slot, &site);
        }
    }

    fn copy(&mut self, pairs: &[(u32, u32)]) {
        let blocks = self.0.numbers_mut();
        let (fours, rest) = pairs.as_chunks::<TOGETHER>();
        for pairs in fours {
            let sites = Self::four(blocks, pairs.map(|(from, _)| from));
            Self::set_four(blocks, pairs.map(|(_, to)| to), &sites);
        }
        for &(from, to) in rest {
            let site = Self::one(blocks, from);
            Self::set_one(blocks, to, &site);
        }
    }
}

impl Items for State {
    const BYTES: usize = 32;

    fn pack(&self, slots: &[u32], to: &mut [u8]) {
        Part::<0, 4>::pack_blocks(self.numbers(), slots, to);
    }

    fn unpack(&mut self, slots: &[u32], from: &[u8]) {
        Part::<0, 4>(self).unpack(slots, from);
    }

    fn copy(&mut self, pairs: &[(u32, u32)]) {
        Part::<0, 4>(self).copy(pairs);
    }
}
