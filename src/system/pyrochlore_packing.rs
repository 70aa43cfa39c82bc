//! How the sites of a brick of the pyrochlore lattice are laid out for eight lanes.
//!
//! A block holds eight sites with the same sublattice m and fcc index f in the eight cells of a vector. The blocks of
//! a sublattice form one region, numbered vector * 4 + f within it: while one sublattice changes, the other regions
//! are only read. Neighbors through the UP tetrahedron are in the same vector; those through DOWN at one of few offsets.

use super::brick::Brick;
use super::cell_packing::{CellNeighbors, CellPacking};
use super::pyrochlore::{
    CORNERS, FCC, FCC_POSITIONS, Pyrochlore, SITES_PER_CELL, SUBLATTICES, other_sublattices,
};
use crate::foundation::simd::LANES;
use crate::parallel::halo::Ghost;

/// Where a neighbor is: at an offset of the cell packing, with an fcc index; its sublattice is known from the context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Link {
    /// Number of the offset.
    pub offset: usize,
    /// fcc index there.
    pub f: usize,
}

/// The correspondence between sites and lanes. A slot is block * 8 + lane, blocks counted through all regions.
#[derive(Debug, Clone)]
pub struct PyrochlorePacking {
    lattice: Pyrochlore,
    cells: CellPacking,
    /// `[m][f][k]`: the neighbor through DOWN on the k-th other sublattice.
    down: [[[Link; 3]; FCC]; SUBLATTICES],
    /// `[offset]`: sites of the cell that are read there, bits 4 f + m.
    read: Vec<u32>,
}

/// A site relative to a cell: its offset, fcc index and sublattice.
fn relative(position: [i64; 3]) -> Option<([i64; 3], usize, usize)> {
    let m = CORNERS.iter().position(|b| (0..3).all(|d| (position[d] - b[d]) % 2 == 0))?;
    let origin: [i64; 3] = std::array::from_fn(|d| position[d] - CORNERS[m][d]);
    let f = FCC_POSITIONS.iter().position(|v| (0..3).all(|d| origin[d].rem_euclid(4) == v[d]))?;
    Some((origin.map(|x| x.div_euclid(4)), f, m))
}

/// Offsets that occur, in order of first use, and the sites read at each.
#[derive(Default)]
struct Offsets {
    list: Vec<[i64; 3]>,
    read: Vec<u32>,
}

impl Offsets {
    fn note(&mut self, offset: [i64; 3], f: usize, m: usize) -> usize {
        let index = self.list.iter().position(|known| *known == offset).unwrap_or_else(|| {
            self.list.push(offset);
            self.read.push(0);
            self.list.len() - 1
        });
        self.read[index] |= 1 << (4 * f + m);
        index
    }
}

impl PyrochlorePacking {
    /// Lays out a brick; with `further`, second and third neighbors in other domains have ghosts, too.
    #[must_use]
    pub fn new(lattice: Pyrochlore, brick: Brick, further: bool) -> Self {
        let mut offsets = Offsets::default();
        let mut down = [[[Link::default(); 3]; FCC]; SUBLATTICES];
        for (m, of_sublattice) in down.iter_mut().enumerate() {
            for (f, links) in of_sublattice.iter_mut().enumerate() {
                for (link, other) in links.iter_mut().zip(other_sublattices(m)) {
                    let position =
                        std::array::from_fn(|d| FCC_POSITIONS[f][d] + 2 * CORNERS[m][d] - CORNERS[other][d]);
                    let (offset, f, m) = relative(position).expect("neighbors are sites");
                    *link = Link { offset: offsets.note(offset, f, m), f };
                }
            }
        }
        let mut scattered = Vec::new();
        if further {
            for (m, f) in (0..SUBLATTICES).flat_map(|m| (0..FCC).map(move |f| (m, f))) {
                for vector in Pyrochlore::shell(m, 6).into_iter().chain(Pyrochlore::shell(m, 8)) {
                    let position = std::array::from_fn(|d| FCC_POSITIONS[f][d] + CORNERS[m][d] + vector[d]);
                    let (offset, f, m) = relative(position).expect("neighbors are sites");
                    offsets.note(offset, f, m);
                }
            }
            scattered = (0..offsets.list.len()).collect();
        }
        let cells = CellPacking::new(brick, offsets.list, &scattered);
        PyrochlorePacking { lattice, cells, down, read: offsets.read }
    }

    /// The whole lattice in one brick.
    #[must_use]
    pub fn whole(lattice: Pyrochlore) -> Self {
        Self::new(lattice, Brick::whole([lattice.size(); 3]), false)
    }

    /// The lattice.
    #[must_use]
    pub fn lattice(&self) -> Pyrochlore {
        self.lattice
    }

    /// The layout of the cells.
    #[inline(always)]
    #[must_use]
    pub fn cells(&self) -> &CellPacking {
        &self.cells
    }

    /// Sites of the brick.
    #[must_use]
    pub fn sites(&self) -> usize {
        self.cells.brick().count() * SITES_PER_CELL
    }

    /// Vectors of owned cells.
    #[inline(always)]
    #[must_use]
    pub fn vectors(&self) -> usize {
        self.cells.vectors()
    }

    /// Blocks of one sublattice, ghosts included.
    #[inline(always)]
    #[must_use]
    pub fn region(&self) -> usize {
        self.cells.all_vectors() * FCC
    }

    /// Blocks of all sublattices, ghosts included.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.region() * SUBLATTICES
    }

    /// The neighbor through DOWN of (m, f) on the k-th other sublattice.
    #[inline(always)]
    #[must_use]
    pub fn down(&self, m: usize, f: usize, k: usize) -> Link {
        self.down[m][f][k]
    }

    fn slot_in(&self, cell_slot: u32, f: usize, m: usize) -> u32 {
        let (vector, lane) = (cell_slot as usize / LANES, cell_slot as usize % LANES);
        ((m * self.region() + vector * FCC + f) * LANES + lane) as u32
    }

    /// The slot of a site of the brick: sites are numbered place of the cell * 16 + 4 f + m, which on a whole lattice
    /// is their number in the lattice.
    #[inline]
    #[must_use]
    pub fn slot(&self, site: usize) -> u32 {
        let within = site % SITES_PER_CELL;
        self.slot_in(self.cells.slot(site / SITES_PER_CELL), within / SUBLATTICES, within % SUBLATTICES)
    }

    /// The slot of a site of the lattice, owned or a ghost among the further neighbors.
    #[must_use]
    pub fn slot_of_site(&self, site: usize) -> Option<u32> {
        let cell = self.cells.brick().coordinates((site / SITES_PER_CELL) as u64);
        let within = site % SITES_PER_CELL;
        let slot = self.cells.slot_of_cell(cell)?;
        Some(self.slot_in(slot, within / SUBLATTICES, within % SUBLATTICES))
    }

    /// The number in the lattice of a site of the brick.
    #[must_use]
    pub fn site_in_lattice(&self, site: usize) -> usize {
        let brick = self.cells.brick();
        let cell = brick.number(brick.cell(site / SITES_PER_CELL)) as usize;
        cell * SITES_PER_CELL + site % SITES_PER_CELL
    }

    /// Whether sites of sublattice m see ghosts of another sublattice.
    #[must_use]
    pub fn sees_ghosts_of(&self, m: usize, other: usize) -> bool {
        let Some(k) = other_sublattices(m).iter().position(|&sublattice| sublattice == other) else {
            return false;
        };
        let offsets = self.cells.offsets().len();
        let is_ghost = |slot: u32| slot as usize / LANES >= self.vectors();
        (0..self.vectors()).any(|vector| {
            (0..FCC).any(|f| {
                let index = vector * offsets + self.down[m][f][k].offset;
                match self.cells.neighbors() {
                    CellNeighbors::Swapped(table) => is_ghost(table[index]),
                    CellNeighbors::Gathered(table) => table[index].into_iter().any(is_ghost),
                }
            })
        })
    }

    /// The ghosts of each sublattice.
    #[must_use]
    pub fn ghosts(&self) -> [Vec<Ghost>; SUBLATTICES] {
        let mut ghosts: [Vec<Ghost>; SUBLATTICES] = Default::default();
        let brick = self.cells.brick();
        for (slot, cell, offsets) in self.cells.ghosts() {
            let read = (0..self.read.len()).filter(|&o| offsets & 1 << o != 0);
            let read = read.fold(0, |bits, offset| bits | self.read[offset]);
            let owner = brick.owner(brick.coordinates(cell));
            for (within, m) in (0..SITES_PER_CELL).map(|within| (within, within % SUBLATTICES)) {
                if read & 1 << within != 0 {
                    let global = cell * SITES_PER_CELL as u64 + within as u64;
                    let local = self.slot_in(slot, within / SUBLATTICES, m);
                    ghosts[m].push(Ghost { owner, global, local });
                }
            }
        }
        // In the order of their slots, so that neighboring lanes travel together.
        ghosts.iter_mut().for_each(|of_sublattice| of_sublattice.sort_unstable_by_key(|ghost| ghost.local));
        ghosts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::grid;
    use crate::parallel::halo::{Halo, HaloPlan};
    use crate::parallel::threads;
    use crate::system::pyrochlore::Side;

    fn check(packing: &PyrochlorePacking, numbers: &[u64], further: bool) {
        let lattice = packing.lattice();
        for site in 0..packing.sites() {
            let slot = packing.slot(site) as usize;
            let number = packing.site_in_lattice(site);
            assert_eq!(numbers[slot], number as u64);
            let (block, lane) = (slot / LANES, slot % LANES);
            let (m, within) = (block / packing.region(), block % packing.region());
            let (vector, f) = (within / FCC, within % FCC);
            let up = lattice.tetrahedron_neighbors(number, Side::Up);
            let down = lattice.tetrahedron_neighbors(number, Side::Down);
            for (k, other) in other_sublattices(m).into_iter().enumerate() {
                let at = |vector: usize, f: usize, lane: usize| {
                    numbers[(other * packing.region() + vector * FCC + f) * LANES + lane] as usize
                };
                assert_eq!(at(vector, f, lane), up[k]);
                let link = packing.down(m, f, k);
                let index = vector * packing.cells().offsets().len() + link.offset;
                let found = match packing.cells().neighbors() {
                    CellNeighbors::Swapped(table) => table[index] as usize ^ lane,
                    CellNeighbors::Gathered(table) => table[index][lane] as usize,
                };
                assert_eq!(at(found / LANES, link.f, found % LANES), down[k]);
            }
            if further {
                let (through, across) = lattice.third_neighbors(number);
                for other in lattice.second_neighbors(number).into_iter().chain(through).chain(across) {
                    let slot = packing.slot_of_site(other).expect("a slot for every further neighbor");
                    assert_eq!(numbers[slot as usize], other as u64);
                }
            }
        }
    }

    #[test]
    fn ghosts_show_the_numbers_of_their_owners_in_every_grid() {
        let cases = [
            (1, [1, 1, 1]),
            (2, [1, 1, 1]),
            (3, [1, 1, 1]),
            (4, [1, 1, 1]),
            (2, [2, 1, 1]),
            (3, [1, 2, 2]),
            (4, [3, 1, 1]),
            (4, [2, 2, 2]),
            (5, [2, 1, 3]),
            (8, [2, 1, 1]),
            (6, [1, 1, 6]),
        ];
        for further in [false, true] {
            for (size, grid) in cases {
                threads::run(grid::domains(grid), |comm| {
                    let brick = Brick::new([size; 3], grid, comm.rank());
                    let packing = PyrochlorePacking::new(Pyrochlore::new(size), brick, further);
                    let locate = |global| packing.slot_of_site(global as usize).expect("an owned site");
                    let plans = packing.ghosts().map(|ghosts| HaloPlan::new(&*comm, &ghosts, locate));
                    let halo = Halo::new(comm, plans.into());
                    // Every slot carries the number of its site in the lattice.
                    let mut numbers = vec![u64::MAX; packing.blocks() * LANES];
                    for site in 0..packing.sites() {
                        numbers[packing.slot(site) as usize] = packing.site_in_lattice(site) as u64;
                    }
                    (0..SUBLATTICES).for_each(|color| halo.refresh(color, &mut numbers[..]));
                    check(&packing, &numbers, further);
                });
            }
        }
    }

    #[test]
    fn pairs_of_sublattices_see_each_other_within_a_slab_and_at_the_next_row() {
        let packing = PyrochlorePacking::whole(Pyrochlore::new(2));
        for (first, second) in [(0, 1), (2, 3)] {
            let k = other_sublattices(second).iter().position(|&m| m == first).expect("another sublattice");
            for f in 0..FCC {
                let [x, y, _] = packing.cells().offsets()[packing.down(second, f, k).offset];
                assert!(x == 0 && (y == 0 || y == 1), "{first} from {second}: {x} {y}");
            }
        }
    }

    #[test]
    fn sublattices_with_the_same_x_see_no_ghosts_of_each_other_through_a_cut_across_x() {
        for (grid, tied) in [([2, 1, 1], false), ([1, 2, 1], true), ([1, 1, 2], true)] {
            let packing = PyrochlorePacking::new(Pyrochlore::new(8), Brick::new([8; 3], grid, 0), false);
            for (m, other) in [(0, 1), (1, 0), (2, 3), (3, 2)] {
                assert_eq!(packing.sees_ghosts_of(m, other), tied, "{grid:?}");
            }
            assert_eq!(packing.sees_ghosts_of(0, 2), grid[1] == 1, "{grid:?}");
        }
    }

    #[test]
    fn a_face_sends_two_sites_per_cell_and_sublattice_one_way() {
        // Through a face across x, sublattices 0 and 1 are read from one side, 2 and 3 from the other.
        threads::run(2, |comm| {
            let brick = Brick::new([8; 3], [2, 1, 1], comm.rank());
            let packing = PyrochlorePacking::new(Pyrochlore::new(8), brick, false);
            for ghosts in packing.ghosts() {
                let plan = HaloPlan::new(&*comm, &ghosts, |g| packing.slot_of_site(g as usize).unwrap_or(0));
                assert_eq!(plan.items_sent(), 2 * 64);
            }
        });
    }
}
