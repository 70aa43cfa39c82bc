//! How the cells of a brick are laid out for eight lanes, and where the neighbors of a vector of cells are.
//!
//! Lane l walks one of eight equal parts of the brick (on even sizes, its octants), so that the cells at an offset from
//! a whole vector are again a whole vector: read straight or, across a border between two parts, with lanes exchanged
//! by an XOR. (The idea is that of the lattice-QCD library Grid.) Where an exchange will not do, because a lane would
//! leave the brick or because an axis is cut into more than two parts, the offset leads to a ghost vector whose lanes
//! are copies kept fresh by a halo plan. Bricks no eight equal parts fit in pack their cells in order, padded to full
//! vectors, and gather neighbors lane by lane: about 5 ns per site slower, but the same kernels and the same bits.

use super::brick::Brick;
use super::parts::Parts;
use crate::foundation::simd::{Eight, LANES};
use std::collections::HashMap;
use std::ops::Range;

/// A lane that holds no cell.
pub const PADDING: u64 = u64::MAX;

/// Where the cells at each offset are. A cell slot is vector * 8 + lane.
#[derive(Debug, Clone)]
pub enum CellNeighbors {
    /// Whole vectors, lanes exchanged by XOR: `[vector][offset] = vector * 8 + swap`.
    Swapped(Vec<u32>),
    /// Lane by lane: `[vector][offset][lane]` is a cell slot.
    Gathered(Vec<[u32; LANES]>),
}

/// Whole vectors with exchanged lanes, as kernels read them; one type per kind of packing, so that the choice is made once
/// per sweep.
#[derive(Clone, Copy)]
pub struct Swapped<'a> {
    /// `[vector][offset] = vector * 8 + swap`
    pub table: &'a [u32],
    /// Number of offsets.
    pub offsets: usize,
}

/// Lane by lane.
#[derive(Clone, Copy)]
pub struct Gathered<'a> {
    /// `[vector][offset][lane]`: a cell slot.
    pub table: &'a [[u32; LANES]],
    /// Number of offsets.
    pub offsets: usize,
}

/// Calls `$call` with the neighbors of a packing of cells bound to `$name`.
macro_rules! with_neighbors {
    ($cells:expr, $name:ident => $call:expr) => {{
        let offsets = $cells.offsets().len();
        match $cells.neighbors() {
            $crate::system::cell_packing::CellNeighbors::Swapped(table) => {
                let $name = $crate::system::cell_packing::Swapped { table, offsets };
                $call
            }
            $crate::system::cell_packing::CellNeighbors::Gathered(table) => {
                let $name = $crate::system::cell_packing::Gathered { table, offsets };
                $call
            }
        }
    }};
}
pub(crate) use with_neighbors;

/// The correspondence between cells and lanes. Vectors of owned cells come first: those without ghosts among their
/// neighbors before the others, and of these those whose neighbors have none either (deep ones) before the rest; ghost
/// vectors follow.
#[derive(Debug, Clone)]
pub struct CellPacking {
    brick: Brick,
    offsets: Vec<[i64; 3]>,
    vectors: usize,
    interior: usize,
    slabs: Slabs,
    /// `[vector][lane]`: number of the cell, or [`PADDING`]; ghost vectors included.
    cells: Vec<Eight<u64>>,
    /// `[owned vector][lane]`: 1 where a cell is, 0 in padding.
    weights: Vec<Eight<f64>>,
    /// `[place in the brick]`: the cell slot.
    slots: Vec<u32>,
    neighbors: CellNeighbors,
    /// `[ghost vector][lane]`: the offsets that lead there, as bits.
    reached: Vec<[u32; LANES]>,
    /// Slots of remote cells that are found one by one.
    remote: HashMap<u64, u32>,
}

/// Owned vectors in slabs across x and these in pieces of rows along y: for sweeps that update two colors which do not see
/// each other along x. Within a slab, a piece of the second color may follow the next piece of the first; then both find
/// their neighbors in the cache. Each list covers its vectors in order; none does where neighbors are gathered.
#[derive(Debug, Clone, Default)]
pub struct Slabs {
    /// Deep vectors.
    pub deep: Vec<Vec<Range<usize>>>,
    /// The rest of the interior.
    pub shell: Vec<Vec<Range<usize>>>,
    /// Deep vectors and the shell in the order of x: each slab finds the one before it in the cache.
    pub interior: Vec<Vec<Range<usize>>>,
    /// Vectors with ghosts among their neighbors, against the order of x: the last slab is close to the first of the
    /// interior and the first to the last.
    pub boundary: Vec<Vec<Range<usize>>>,
}

/// Ghost vectors under construction.
#[derive(Default)]
struct Ghosts {
    first: usize,
    cells: Vec<[u64; LANES]>,
    reached: Vec<[u32; LANES]>,
    known: HashMap<[u64; LANES], u32>,
    remote: HashMap<u64, u32>,
}

impl Ghosts {
    /// The ghost vector with these cells.
    fn vector(&mut self, cells: [u64; LANES], offset: usize) -> u32 {
        let index = *self.known.entry(cells).or_insert_with(|| {
            self.cells.push(cells);
            self.reached.push([0; LANES]);
            self.cells.len() as u32 - 1
        });
        self.reached[index as usize].iter_mut().for_each(|bits| *bits |= 1 << offset);
        self.first as u32 + index
    }

    /// The slot of one remote cell, in ghost vectors that are filled one after another.
    fn slot(&mut self, cell: u64, offset: usize) -> u32 {
        let next = self.remote.len();
        let (first, cells, reached) = (self.first, &mut self.cells, &mut self.reached);
        let slot = *self.remote.entry(cell).or_insert_with(|| {
            if next.is_multiple_of(LANES) {
                cells.push([PADDING; LANES]);
                reached.push([0; LANES]);
            }
            // Remote cells are entered after all whole vectors, so the last vector is theirs.
            let vector = cells.len() - 1;
            cells[vector][next % LANES] = cell;
            ((first + vector) * LANES + next % LANES) as u32
        });
        let vector = slot as usize / LANES - first;
        reached[vector][slot as usize % LANES] |= 1 << offset;
        slot
    }
}

impl CellPacking {
    /// Lays out a brick for neighbors at `offsets`; cells at the `scattered` of them are (also) found one by one.
    #[must_use]
    pub fn new(brick: Brick, offsets: Vec<[i64; 3]>, scattered: &[usize]) -> Self {
        match Parts::new(&brick) {
            Some(parts) => Self::in_parts(brick, offsets, scattered, parts),
            None => Self::in_order(brick, offsets),
        }
    }

    fn in_parts(brick: Brick, offsets: Vec<[i64; 3]>, scattered: &[usize], parts: Parts) -> Self {
        let vectors = parts.vectors();
        let origin = brick.origin();
        let cell = |vector: usize, lane: usize| -> [usize; 3] {
            let place = parts.place(vector, lane);
            std::array::from_fn(|d| origin[d] + place[d])
        };
        let is_boundary =
            |vector: &usize| offsets.iter().any(|&offset| parts.neighbor(&brick, *vector, offset).is_none());
        let (boundary, inside): (Vec<usize>, Vec<usize>) = (0..vectors).partition(is_boundary);
        let interior = inside.len();
        let mut is_inside = vec![true; vectors];
        boundary.iter().for_each(|&vector| is_inside[vector] = false);
        let is_deep = |vector: &usize| {
            let neighbor = |&offset: &[i64; 3]| parts.neighbor(&brick, *vector, offset);
            offsets.iter().filter_map(neighbor).all(|(target, _)| is_inside[target])
        };
        let (deep, shell): (Vec<usize>, Vec<usize>) = inside.into_iter().partition(is_deep);
        let mut slabs = Slabs {
            shell: parts.slabs(&shell, deep.len()),
            boundary: parts.slabs(&boundary, interior),
            deep: parts.slabs(&deep, 0),
            interior: Vec::new(),
        };
        let order: Vec<usize> = deep.into_iter().chain(shell).chain(boundary).collect();
        slabs.interior = slabs.deep.iter().chain(&slabs.shell).cloned().collect();
        slabs.interior.sort_by_key(|pieces| order[pieces[0].start]);
        slabs.boundary.reverse();
        let mut number_of = vec![0u32; vectors];
        order.iter().enumerate().for_each(|(number, &vector)| number_of[vector] = number as u32);

        let mut ghosts = Ghosts { first: vectors, ..Ghosts::default() };
        let mut table = Vec::with_capacity(vectors * offsets.len());
        for &vector in &order {
            for (index, &offset) in offsets.iter().enumerate() {
                table.push(match parts.neighbor(&brick, vector, offset) {
                    Some((target, swap)) => number_of[target] * LANES as u32 + swap as u32,
                    None => {
                        let there = |lane| brick.number(brick.shifted(cell(vector, lane), offset));
                        LANES as u32 * ghosts.vector(std::array::from_fn(there), index)
                    }
                });
            }
        }
        let cells: Vec<Eight<u64>> =
            order.iter().map(|&v| Eight(std::array::from_fn(|lane| brick.number(cell(v, lane))))).collect();
        let mut packing = Self::assemble(brick, offsets, cells, interior);
        packing.slabs = slabs;
        packing.neighbors = CellNeighbors::Swapped(table);
        packing.find_remote(scattered, &mut ghosts);
        packing.take(ghosts)
    }

    fn in_order(brick: Brick, offsets: Vec<[i64; 3]>) -> Self {
        let is_inside = |place: &usize| {
            let cell = brick.cell(*place);
            offsets.iter().all(|&offset| brick.local(brick.shifted(cell, offset)).is_some())
        };
        let (inside, boundary): (Vec<usize>, Vec<usize>) = (0..brick.count()).partition(is_inside);
        let whole = boundary.is_empty();
        let interior = if whole { inside.len().div_ceil(LANES) } else { inside.len() / LANES };
        let order: Vec<usize> = inside.into_iter().chain(boundary).collect();
        let of_vector = |places: &[usize]| {
            Eight(std::array::from_fn(|l| places.get(l).map_or(PADDING, |&p| brick.number(brick.cell(p)))))
        };
        let cells: Vec<Eight<u64>> = order.chunks(LANES).map(of_vector).collect();
        let vectors = cells.len();
        let mut packing = Self::assemble(brick, offsets, cells, interior);
        let mut ghosts = Ghosts { first: vectors, ..Ghosts::default() };
        let all: Vec<usize> = (0..packing.offsets.len()).collect();
        packing.find_remote(&all, &mut ghosts);
        let mut table = Vec::with_capacity(vectors * packing.offsets.len());
        for vector in 0..vectors {
            for &offset in &packing.offsets {
                table.push(std::array::from_fn(|lane| {
                    let own = (vector * LANES + lane) as u32;
                    let number = packing.cells[vector].0[lane];
                    if number == PADDING {
                        return own;
                    }
                    let there = packing.brick.shifted(packing.brick.coordinates(number), offset);
                    match packing.brick.local(there) {
                        Some(place) => packing.slots[place],
                        None => ghosts.remote[&packing.brick.number(there)],
                    }
                }));
            }
        }
        packing.neighbors = CellNeighbors::Gathered(table);
        packing.take(ghosts)
    }

    /// Everything but neighbors and ghosts.
    fn assemble(brick: Brick, offsets: Vec<[i64; 3]>, cells: Vec<Eight<u64>>, interior: usize) -> Self {
        let mut slots = vec![u32::MAX; brick.count()];
        let mut weights = Vec::with_capacity(cells.len());
        for (vector, cells) in cells.iter().enumerate() {
            weights.push(Eight(cells.0.map(|cell| f64::from(u8::from(cell != PADDING)))));
            for (lane, &cell) in cells.0.iter().enumerate().filter(|(_, cell)| **cell != PADDING) {
                if let Some(place) = brick.local(brick.coordinates(cell)) {
                    slots[place] = (vector * LANES + lane) as u32;
                }
            }
        }
        CellPacking {
            offsets,
            vectors: cells.len(),
            interior,
            slabs: Slabs::default(),
            cells,
            weights,
            slots,
            neighbors: CellNeighbors::Gathered(Vec::new()),
            reached: Vec::new(),
            remote: HashMap::new(),
            brick,
        }
    }

    /// Gives every cell of another domain at some offsets from the brick a slot.
    fn find_remote(&self, offsets: &[usize], ghosts: &mut Ghosts) {
        if self.brick.is_whole() {
            return;
        }
        for place in 0..self.brick.count() {
            let cell = self.brick.cell(place);
            for &index in offsets {
                let there = self.brick.shifted(cell, self.offsets[index]);
                if self.brick.local(there).is_none() {
                    ghosts.slot(self.brick.number(there), index);
                }
            }
        }
    }

    fn take(mut self, ghosts: Ghosts) -> Self {
        self.cells.extend(ghosts.cells.into_iter().map(Eight));
        self.reached = ghosts.reached;
        self.remote = ghosts.remote;
        self
    }

    /// The brick that is laid out.
    #[must_use]
    pub fn brick(&self) -> &Brick {
        &self.brick
    }

    /// Vectors of owned cells.
    #[must_use]
    pub fn vectors(&self) -> usize {
        self.vectors
    }

    /// Vectors, from the first, whose neighbors are all owned.
    #[must_use]
    pub fn interior(&self) -> usize {
        self.interior
    }

    /// The owned vectors in slabs and pieces.
    #[must_use]
    pub fn slabs(&self) -> &Slabs {
        &self.slabs
    }

    /// Vectors with ghosts: what arrays over cells have room for.
    #[must_use]
    pub fn all_vectors(&self) -> usize {
        self.cells.len()
    }

    /// The cells of a vector, by number.
    #[inline(always)]
    #[must_use]
    pub fn cells(&self, vector: usize) -> &[u64; LANES] {
        &self.cells[vector].0
    }

    /// 1 for each lane that holds an owned cell, 0 for padding.
    #[inline(always)]
    #[must_use]
    pub fn weights(&self, vector: usize) -> &[f64; LANES] {
        &self.weights[vector].0
    }

    /// The cell slot of the cell at a place in the brick.
    #[inline]
    #[must_use]
    pub fn slot(&self, place: usize) -> u32 {
        self.slots[place]
    }

    /// The cell slot of a cell of the box, owned or a ghost at a scattered offset.
    #[must_use]
    pub fn slot_of_cell(&self, cell: [usize; 3]) -> Option<u32> {
        match self.brick.local(cell) {
            Some(place) => Some(self.slots[place]),
            None => self.remote.get(&self.brick.number(cell)).copied(),
        }
    }

    /// The offsets neighbors are looked up at.
    #[must_use]
    pub fn offsets(&self) -> &[[i64; 3]] {
        &self.offsets
    }

    /// Where neighbors are.
    #[inline(always)]
    #[must_use]
    pub fn neighbors(&self) -> &CellNeighbors {
        &self.neighbors
    }

    /// Every ghost cell: (slot, number of the cell, offsets that lead there as bits).
    pub fn ghosts(&self) -> impl Iterator<Item = (u32, u64, u32)> + '_ {
        self.reached.iter().enumerate().flat_map(move |(ghost, reached)| {
            let vector = self.vectors + ghost;
            (0..LANES).filter_map(move |lane| {
                let cell = self.cells[vector].0[lane];
                (cell != PADDING).then_some(((vector * LANES + lane) as u32, cell, reached[lane]))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::parts::PIECE;
    use super::*;
    use crate::parallel::grid;

    fn all_offsets() -> Vec<[i64; 3]> {
        (0..27).map(|n| [n / 9 - 1, n / 3 % 3 - 1, n % 3 - 1]).collect()
    }

    /// The cell in a slot and the offsets it may be read at.
    fn check(brick: &Brick, scattered: &[usize]) {
        let packing = CellPacking::new(brick.clone(), all_offsets(), scattered);
        let reached: HashMap<u32, u32> = packing.ghosts().map(|(slot, _, bits)| (slot, bits)).collect();
        let is_owned = |slot: u32| (slot as usize) < packing.vectors() * LANES;
        for place in 0..brick.count() {
            let slot = packing.slot(place) as usize;
            let (vector, lane) = (slot / LANES, slot % LANES);
            assert_eq!(packing.cells(vector)[lane], brick.number(brick.cell(place)));
            assert_eq!(packing.weights(vector)[lane], 1.0);
            for (index, &offset) in packing.offsets().iter().enumerate() {
                let there = brick.shifted(brick.cell(place), offset);
                let found = match packing.neighbors() {
                    CellNeighbors::Swapped(table) => table[vector * 27 + index] ^ lane as u32,
                    CellNeighbors::Gathered(table) => table[vector * 27 + index][lane],
                };
                let (target, at) = (found as usize / LANES, found as usize % LANES);
                assert_eq!(packing.cells(target)[at], brick.number(there), "{brick:?} {offset:?}");
                assert!(is_owned(found) || reached[&found] & 1 << index != 0);
                assert!(is_owned(found) || vector >= packing.interior(), "an interior vector sees a ghost");
                if scattered.contains(&index) {
                    let slot = packing.slot_of_cell(there).expect("a slot for every scattered neighbor");
                    assert!(is_owned(slot) || reached[&slot] & 1 << index != 0);
                }
            }
        }
    }

    #[test]
    fn neighbors_of_vectors_are_the_neighbors_of_their_cells() {
        for size in 1..=6 {
            check(&Brick::whole([size; 3]), &[]);
        }
        for (cells, grid) in [
            ([4, 4, 4], [2, 1, 1]),
            ([4, 4, 4], [2, 2, 2]),
            ([4, 4, 4], [3, 1, 1]),
            ([8, 4, 4], [2, 1, 1]),
            ([3, 3, 3], [1, 2, 2]),
            ([2, 2, 2], [2, 1, 1]),
            ([2, 8, 8], [2, 2, 1]),
            ([5, 6, 4], [1, 3, 4]),
            ([1, 8, 8], [1, 1, 2]),
        ] {
            for domain in 0..grid::domains(grid) {
                check(&Brick::new(cells, grid, domain), &[]);
                check(&Brick::new(cells, grid, domain), &(0..27).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn slabs_cover_the_vectors_in_order_and_deep_ones_see_nothing_of_the_boundary() {
        for (cells, grid) in [([8, 8, 8], [1, 1, 1]), ([32, 32, 32], [1, 1, 1]), ([32, 16, 16], [2, 1, 1])] {
            let packing = CellPacking::new(Brick::new(cells, grid, 0), all_offsets(), &[]);
            let CellNeighbors::Swapped(table) = packing.neighbors() else { panic!("parts fit") };
            let Slabs { deep, shell, interior, boundary } = packing.slabs();
            assert_eq!(interior.len(), deep.len() + shell.len());
            assert!(deep.iter().chain(shell).all(|slab| interior.contains(slab)));
            let x = |slab: &Vec<Range<usize>>| {
                let cell = packing.brick().coordinates(packing.cells(slab[0].start)[0]);
                packing.brick().local(cell).expect("an owned cell")
            };
            assert!(interior.is_sorted_by_key(x) && boundary.iter().rev().is_sorted_by_key(x));
            let mut next = 0;
            let ascending: Vec<_> = boundary.iter().rev().cloned().collect();
            for (slabs, see) in
                [(deep, packing.interior()), (shell, packing.vectors()), (&ascending, packing.all_vectors())]
            {
                let start = next;
                for piece in slabs.iter().flatten() {
                    assert_eq!(piece.start, next);
                    assert!(!piece.is_empty() && piece.len() <= PIECE);
                    next = piece.end;
                }
                for entry in &table[start * 27..next * 27] {
                    assert!((*entry as usize) < see * LANES);
                }
                assert!(next > start || grid == [1, 1, 1]);
            }
            assert_eq!(next, packing.vectors());
        }
    }

    #[test]
    fn whole_boxes_of_even_size_need_no_ghosts() {
        for size in [2, 4, 6, 8] {
            let packing = CellPacking::new(Brick::whole([size; 3]), all_offsets(), &[]);
            assert_eq!(packing.all_vectors(), size * size * size / 8);
            assert_eq!(packing.interior(), packing.vectors());
        }
    }
}
