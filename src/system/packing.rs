//! How a pyrochlore lattice is laid out for eight lanes.
//!
//! A block holds eight sites with the same sublattice m and fcc index f in eight different cells; blocks are numbered
//! (m * vectors + v) * 4 + f. On even sizes the lattice is cut into 2 x 2 x 2 octants and lane l walks octant l: the
//! neighbor of a whole block is then a whole block, read straight or, across an octant border, with its lanes
//! exchanged by an XOR. Odd sizes pack cells in order, padded to full blocks, and gather neighbors lane by lane:
//! about 5 ns per site slower, but the same kernels. (The octant idea is that of the lattice-QCD library Grid.)

use super::pyrochlore::{FCC, Pyrochlore, SITES_PER_CELL, SUBLATTICES, Side};
use crate::foundation::simd::{Eight, LANES};

/// A lane that holds no site.
pub const PADDING: u32 = u32::MAX;

/// Where a block's neighbors through the DOWN tetrahedra are. (Through UP they are in the same lanes.)
#[derive(Debug, Clone)]
pub enum DownNeighbors {
    /// Whole blocks, lanes exchanged by XOR: `[block][k] = (block, swap)`.
    Swapped(Vec<[(u32, u32); 3]>),
    /// Lane by lane: `[block][k][lane] = slot`.
    Gathered(Vec<[[u32; LANES]; 3]>),
}

/// The correspondence between sites and lanes. A slot is block * 8 + lane.
#[derive(Debug, Clone)]
pub struct Packing {
    lattice: Pyrochlore,
    vectors: usize,
    /// `[vector][lane]`: the cell, or [`PADDING`].
    cells: Vec<Eight<u64>>,
    /// `[vector][lane]`: 1 where a site is, 0 in padding.
    weights: Vec<Eight<f64>>,
    /// `[slot]`: the site, or [`PADDING`].
    sites: Vec<u32>,
    /// `[site]`: the slot.
    slots: Vec<u32>,
    down: DownNeighbors,
}

impl Packing {
    /// Lays out a lattice.
    #[must_use]
    pub fn new(lattice: Pyrochlore) -> Self {
        let vectors = lattice.cells().div_ceil(LANES);
        let cell_at = |vector: usize, lane: usize| -> Option<usize> {
            if lattice.size().is_multiple_of(2) {
                let half = lattice.size() / 2;
                let inner = [vector / (half * half), vector / half % half, vector % half];
                let octant = [lane >> 2, lane >> 1 & 1, lane & 1];
                Some(lattice.cell_at(std::array::from_fn(|d| inner[d] + half * octant[d])))
            } else {
                Some(vector * LANES + lane).filter(|&cell| cell < lattice.cells())
            }
        };
        let mut cells = Vec::with_capacity(vectors);
        let mut weights = Vec::with_capacity(vectors);
        let mut sites = vec![PADDING; vectors * SITES_PER_CELL * LANES];
        let mut slots = vec![PADDING; lattice.sites()];
        for vector in 0..vectors {
            let found: [Option<usize>; LANES] = std::array::from_fn(|lane| cell_at(vector, lane));
            cells.push(Eight(found.map(|cell| cell.map_or(u64::from(PADDING), |c| c as u64))));
            weights.push(Eight(found.map(|cell| f64::from(u8::from(cell.is_some())))));
            for (lane, cell) in found.into_iter().enumerate() {
                let Some(cell) = cell else { continue };
                for f in 0..FCC {
                    for m in 0..SUBLATTICES {
                        let site = (cell * FCC + f) * SUBLATTICES + m;
                        let slot = ((m * vectors + vector) * FCC + f) * LANES + lane;
                        sites[slot] = site as u32;
                        slots[site] = slot as u32;
                    }
                }
            }
        }
        let mut packing = Packing {
            lattice,
            vectors,
            cells,
            weights,
            sites,
            slots,
            down: DownNeighbors::Gathered(Vec::new()),
        };
        packing.down = packing.find_down_neighbors();
        packing
    }

    fn find_down_neighbors(&self) -> DownNeighbors {
        let gathered: Vec<[[u32; LANES]; 3]> = (0..self.blocks())
            .map(|block| {
                let of_lane: [[u32; 3]; LANES] = std::array::from_fn(|lane| {
                    let slot = (block * LANES + lane) as u32;
                    match self.site(slot) {
                        Some(site) => self.neighbor_slots(site, Side::Down),
                        None => [slot; 3],
                    }
                });
                std::array::from_fn(|k| std::array::from_fn(|lane| of_lane[lane][k]))
            })
            .collect();
        if self.lattice.size() % 2 == 1 {
            return DownNeighbors::Gathered(gathered);
        }
        let lanes = LANES as u32;
        let whole = |slots: &[u32; LANES]| (slots[0] / lanes, slots[0] % lanes);
        DownNeighbors::Swapped(gathered.iter().map(|row| row.each_ref().map(whole)).collect())
    }

    fn neighbor_slots(&self, site: usize, side: Side) -> [u32; 3] {
        self.lattice.tetrahedron_neighbors(site, side).map(|other| self.slots[other])
    }

    /// The lattice that is laid out.
    #[must_use]
    pub fn lattice(&self) -> Pyrochlore {
        self.lattice
    }

    /// Vectors of eight cells.
    #[must_use]
    pub fn vectors(&self) -> usize {
        self.vectors
    }

    /// Blocks of eight sites, 16 per vector.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.vectors * SITES_PER_CELL
    }

    /// The block of sublattice `m` and fcc index `f` in a vector of cells.
    #[inline(always)]
    #[must_use]
    pub fn block(&self, m: usize, vector: usize, f: usize) -> usize {
        (m * self.vectors + vector) * FCC + f
    }

    /// The eight cells of a vector.
    #[inline(always)]
    #[must_use]
    pub fn cells(&self, vector: usize) -> &[u64; LANES] {
        &self.cells[vector].0
    }

    /// 1 for each lane that holds a site, 0 for padding.
    #[inline(always)]
    #[must_use]
    pub fn weights(&self, vector: usize) -> &[f64; LANES] {
        &self.weights[vector].0
    }

    /// The site in a slot, `None` in padding.
    #[must_use]
    pub fn site(&self, slot: u32) -> Option<usize> {
        let site = self.sites[slot as usize];
        (site != PADDING).then_some(site as usize)
    }

    /// The slot of every site.
    #[must_use]
    pub fn slots(&self) -> &[u32] {
        &self.slots
    }

    /// Where the neighbors through the DOWN tetrahedra are.
    #[inline(always)]
    #[must_use]
    pub fn down(&self) -> &DownNeighbors {
        &self.down
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::pyrochlore::other_sublattices;

    #[test]
    fn slots_and_sites_are_inverse_to_each_other() {
        for size in 1..=6 {
            let packing = Packing::new(Pyrochlore::new(size));
            for (site, &slot) in packing.slots().iter().enumerate() {
                assert_eq!(packing.site(slot), Some(site));
            }
        }
    }

    #[test]
    fn neighbors_of_blocks_are_the_neighbors_of_their_sites() {
        for size in 1..=6 {
            let lattice = Pyrochlore::new(size);
            let packing = Packing::new(lattice);
            for (site, &slot) in packing.slots().iter().enumerate() {
                let (block, lane) = (slot as usize / LANES, slot as usize % LANES);
                let m = Pyrochlore::sublattice(site);
                let up = lattice.tetrahedron_neighbors(site, Side::Up).map(|s| packing.slots()[s] as usize);
                for (k, other) in other_sublattices(m).into_iter().enumerate() {
                    let within = block - m * packing.vectors() * FCC + other * packing.vectors() * FCC;
                    assert_eq!(up[k], within * LANES + lane);
                }
                for (k, other) in lattice.tetrahedron_neighbors(site, Side::Down).into_iter().enumerate() {
                    let expected = packing.slots()[other];
                    let found = match packing.down() {
                        DownNeighbors::Swapped(table) => {
                            let (target, swap) = table[block][k];
                            target * LANES as u32 + (lane as u32 ^ swap)
                        }
                        DownNeighbors::Gathered(table) => table[block][k][lane],
                    };
                    assert_eq!(found, expected, "size {size}, site {site}");
                }
            }
        }
    }
}
