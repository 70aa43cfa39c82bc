//! How spins on a hypercubic lattice are laid out for eight lanes.
//!
//! A cell is a block of sites, a vector eight cells. The words of one color of the checkerboard form one region: while
//! one color changes, the other is only read, and all neighbors of a site have the other color. Within a region a cell
//! has `words` words per lane: one whose bits are the spins of this color, or the components of each spin as f64.

use super::state::{State, Words};
use crate::foundation::simd::{LANES, Lanes};
use crate::parallel::halo::Ghost;
use crate::system::brick::Brick;
use crate::system::cell_packing::{CellNeighbors, CellPacking, Gathered, PADDING, Swapped};
use crate::system::hypercubic::{Block, Hypercubic};

/// How one spin is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// One bit: 1 for up.
    Bits,
    /// So many f64 components.
    Reals(usize),
}

impl Storage {
    /// The largest blocks of sites that make a cell in a number of dimensions.
    fn largest_block(self, dimensions: usize) -> [usize; 3] {
        match (self, dimensions) {
            (Storage::Reals(_), _) => [2; 3],
            (Storage::Bits, 1) => [64, 1, 1],
            (Storage::Bits, 2) => [8, 8, 1],
            (Storage::Bits, _) => [4; 3],
        }
    }
}

/// The correspondence between sites and lanes. A slot is block * 8 + lane; block is
/// (color * all vectors + vector) * words + word.
#[derive(Debug, Clone)]
pub struct Layout {
    lattice: Hypercubic,
    block: Block,
    storage: Storage,
    words: usize,
    cells: CellPacking,
}

impl Layout {
    /// The blocks a lattice is cut into.
    #[must_use]
    pub fn block_of(lattice: &Hypercubic, storage: Storage) -> Block {
        lattice.blocks(storage.largest_block(lattice.dimensions()))
    }

    /// Lays out a brick.
    #[must_use]
    pub fn new(lattice: Hypercubic, storage: Storage, brick: Brick) -> Self {
        let block = Self::block_of(&lattice, storage);
        let step = |axis: usize, by: i64| std::array::from_fn(|d| if d == axis { by } else { 0 });
        let offsets = (0..lattice.dimensions()).flat_map(|axis| [step(axis, 1), step(axis, -1)]).collect();
        let words = match storage {
            Storage::Bits => 1,
            Storage::Reals(components) => block.sites() / 2 * components,
        };
        Layout { lattice, block, storage, words, cells: CellPacking::new(brick, offsets, &[]) }
    }

    /// The lattice.
    #[must_use]
    pub fn lattice(&self) -> &Hypercubic {
        &self.lattice
    }

    /// The block of sites that makes a cell.
    #[must_use]
    pub fn block(&self) -> Block {
        self.block
    }

    /// How spins are stored.
    #[must_use]
    pub fn storage(&self) -> Storage {
        self.storage
    }

    /// Words of one color per cell.
    #[must_use]
    pub fn words(&self) -> usize {
        self.words
    }

    /// The layout of the cells; offsets 2 axis and 2 axis + 1 lead one cell forth and back along an axis.
    #[inline(always)]
    #[must_use]
    pub fn cells(&self) -> &CellPacking {
        &self.cells
    }

    /// Sites of the brick.
    #[must_use]
    pub fn sites(&self) -> usize {
        self.cells.brick().count() * self.block.sites()
    }

    /// Blocks of one color, ghosts included.
    #[must_use]
    pub fn region(&self) -> usize {
        self.cells.all_vectors() * self.words
    }

    /// Blocks of a state.
    #[must_use]
    pub fn blocks(&self) -> usize {
        2 * self.region() + 1
    }

    /// The words of one color.
    #[must_use]
    pub fn color<'a>(&self, state: &'a State, color: usize) -> &'a [Words] {
        &state.blocks[color * self.region()..(color + 1) * self.region()]
    }

    /// The color to change, and the other one to read.
    pub fn split<'a>(&self, state: &'a mut State, color: usize) -> (&'a mut [Words], &'a [Words]) {
        let (first, rest) = state.blocks.split_at_mut(self.region());
        let second = &mut rest[..self.region()];
        if color == 0 { (first, second) } else { (second, first) }
    }

    /// The slot of a word of the cell in a cell slot.
    fn slot(&self, cell_slot: u32, color: usize, word: usize) -> u32 {
        let (vector, lane) = (cell_slot as usize / LANES, cell_slot as usize % LANES);
        let block = (color * self.cells.all_vectors() + vector) * self.words + word;
        (block * LANES + lane) as u32
    }

    /// The spin on a site of the cell at a place in the brick, one to three components.
    #[must_use]
    pub fn spin(&self, state: &State, place: usize, site: usize) -> [f64; 3] {
        let (cell, color) = (self.cells.slot(place), self.block.color(site));
        match self.storage {
            Storage::Bits => {
                let bit = state.word(self.slot(cell, color, 0)) >> site & 1;
                [2.0 * bit as f64 - 1.0, 0.0, 0.0]
            }
            Storage::Reals(components) => std::array::from_fn(|d| {
                let word = self.block.rank(site) * components + d;
                if d < components { f64::from_bits(state.word(self.slot(cell, color, word))) } else { 0.0 }
            }),
        }
    }

    /// Sets the spin on a site.
    pub fn set_spin(&self, state: &mut State, place: usize, site: usize, spin: [f64; 3]) {
        let (cell, color) = (self.cells.slot(place), self.block.color(site));
        match self.storage {
            Storage::Bits => {
                let word = state.word_mut(self.slot(cell, color, 0));
                *word = *word & !(1 << site) | u64::from(spin[0] > 0.0) << site;
            }
            Storage::Reals(components) => {
                for (d, value) in spin.into_iter().take(components).enumerate() {
                    let word = self.block.rank(site) * components + d;
                    *state.word_mut(self.slot(cell, color, word)) = value.to_bits();
                }
            }
        }
    }

    /// A state in which every number is set, also where no cell is: all spins up, or along the last component.
    #[must_use]
    pub fn aligned(&self, sample: usize) -> State {
        let block = |index: usize| match self.storage {
            Storage::Bits => Words([0; LANES]),
            Storage::Reals(n) => Words([f64::from(u8::from(index % n == n - 1)).to_bits(); LANES]),
        };
        let mut state = State { blocks: (0..self.blocks()).map(block).collect() };
        if let Some(last) = state.blocks.last_mut() {
            *last = Words([0; LANES]);
            last.0[0] = sample as u64;
        }
        for place in 0..self.cells.brick().count() {
            for site in 0..self.block.sites() {
                if self.storage == Storage::Bits {
                    self.set_spin(&mut state, place, site, [1.0, 0.0, 0.0]);
                }
            }
        }
        state
    }

    /// The cell slot at an offset from a cell.
    #[inline]
    #[must_use]
    pub fn neighbor(&self, vector: usize, lane: usize, offset: usize) -> usize {
        let index = vector * self.cells.offsets().len() + offset;
        match self.cells.neighbors() {
            CellNeighbors::Swapped(table) => table[index] as usize ^ lane,
            CellNeighbors::Gathered(table) => table[index][lane] as usize,
        }
    }

    /// Whether a word of a color holds sites on the faces that are read at some offsets, given as bits.
    fn is_read(&self, color: usize, word: usize, offsets: u32) -> bool {
        let Storage::Reals(components) = self.storage else { return true };
        let sites = 0..self.block.sites();
        let mut mine =
            sites.filter(|&s| self.block.color(s) == color && self.block.rank(s) == word / components);
        mine.any(|site| {
            let at = self.block.coordinates(site);
            (0..self.lattice.dimensions()).any(|axis| {
                // One cell forth, the first sites are read; one cell back, the last.
                let forth = offsets & 1 << (2 * axis) != 0 && at[axis] == 0;
                let back = offsets & 2 << (2 * axis) != 0 && at[axis] + 1 == self.block.edges[axis];
                forth || back
            })
        })
    }

    /// The ghosts of each color.
    #[must_use]
    pub fn ghosts(&self) -> Vec<Vec<Ghost>> {
        let brick = self.cells.brick();
        let of_color = |color: usize| {
            let mut ghosts = Vec::new();
            for (slot, cell, offsets) in self.cells.ghosts() {
                let owner = brick.owner(brick.coordinates(cell));
                for word in (0..self.words).filter(|&word| self.is_read(color, word, offsets)) {
                    let global = (cell * 2 + color as u64) * self.words as u64 + word as u64;
                    ghosts.push(Ghost { owner, global, local: self.slot(slot, color, word) });
                }
            }
            ghosts
        };
        (0..2).map(of_color).collect()
    }

    /// The slot of a word by its global number.
    #[must_use]
    pub fn locate(&self, global: u64) -> u32 {
        let words = self.words as u64;
        let (cell, color, word) = (global / words / 2, global / words % 2, global % words);
        let brick = self.cells.brick();
        let place = brick.local(brick.coordinates(cell));
        place.map_or(0, |place| self.slot(self.cells.slot(place), color as usize, word as usize))
    }

    /// Calls `visit` with (vector, lane, coordinates) of every cell of the brick.
    pub fn for_each_cell(&self, mut visit: impl FnMut(usize, usize, [usize; 3])) {
        for vector in 0..self.cells.vectors() {
            for (lane, &cell) in self.cells.cells(vector).iter().enumerate().filter(|(_, c)| **c != PADDING) {
                visit(vector, lane, self.cells.brick().coordinates(cell));
            }
        }
    }
}

/// How words of neighboring cells are read; one implementation per kind of packing.
pub trait Neighborhood: Copy + Send + Sync {
    /// A word of the cells at an offset from a vector, out of a region with `words` words per cell.
    fn fetch<L: Lanes>(
        self,
        region: &[Words],
        words: usize,
        vector: usize,
        offset: usize,
        word: usize,
    ) -> L::Word;
}

impl Neighborhood for Swapped<'_> {
    #[inline(always)]
    fn fetch<L: Lanes>(
        self,
        region: &[Words],
        words: usize,
        vector: usize,
        offset: usize,
        word: usize,
    ) -> L::Word {
        let entry = self.table[vector * self.offsets + offset] as usize;
        L::load_word_swapped(&region[entry / LANES * words + word].0, entry % LANES)
    }
}

impl Neighborhood for Gathered<'_> {
    #[inline(always)]
    fn fetch<L: Lanes>(
        self,
        region: &[Words],
        words: usize,
        vector: usize,
        offset: usize,
        word: usize,
    ) -> L::Word {
        let mut gathered = [0; LANES];
        for (to, &slot) in gathered.iter_mut().zip(&self.table[vector * self.offsets + offset]) {
            *to = region[slot as usize / LANES * words + word].0[slot as usize % LANES];
        }
        L::load_word(&gathered)
    }
}

/// Bits of a block at one end of an axis: the first sites, or the last.
#[must_use]
pub fn face(block: Block, axis: usize, coordinate: usize) -> u64 {
    let sites = (0..block.sites()).filter(|&site| block.coordinates(site)[axis] == coordinate);
    sites.fold(0, |bits, site| bits | 1 << site)
}

/// Bits of a block that have a color.
#[must_use]
pub fn colored(block: Block, color: usize) -> u64 {
    (0..block.sites()).filter(|&site| block.color(site) == color).fold(0, |bits, site| bits | 1 << site)
}
