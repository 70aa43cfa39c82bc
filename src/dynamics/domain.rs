//! The atoms of one rank, the images it sees, and who is near whom.

use super::atom::Atom;
use super::bricks::Bricks;
use crate::foundation::{Error, Result};
use crate::parallel::Comm;
use crate::parallel::deliver::deliver;
use crate::parallel::exact_sum::largest;
use crate::parallel::halo::{Halo, HaloPlan, Items};
use crate::system::neighbor_search::NeighborSearch;
use crate::system::neighbors::{NeighborList, Site};
use crate::system::periodic_box::PeriodicBox;
use crate::system::position_grid::PositionGrid;
use std::rc::Rc;
use std::time::Instant;

/// Widens the reach of images against the rounding of fractional coordinates.
const MARGIN: f64 = 1.0 + 1e-9;

/// The atoms of one brick of the box with the ghosts around it.
pub struct Domain {
    /// Ranks that share the atoms.
    pub comm: Rc<dyn Comm>,
    /// Who owns what.
    pub bricks: Bricks,
    /// The grid of positions.
    pub grid: PositionGrid,
    /// Atoms owned here, in the order of space.
    pub atoms: Vec<Atom>,
    /// Atoms of all ranks.
    pub total: usize,
    /// Owned atoms and after them ghosts, as force loops see them.
    pub sites: Vec<Site>,
    /// Neighbors of the owned atoms.
    pub list: NeighborList,
    /// Moves what belongs to owned atoms to their ghosts.
    pub halo: Halo,
    periodic_box: PeriodicBox,
    /// Edges to add to the original of each ghost.
    shifts: Vec<[i8; 3]>,
    cutoff: f64,
    skin: f64,
    search: NeighborSearch,
    /// The box and the positions when neighbors were searched.
    listed_box: PeriodicBox,
    listed: Vec<[f64; 3]>,
    builds: u64,
    seconds_searching: f64,
}

/// Positions of sites, as they travel to ghosts.
struct Positions<'a>(&'a mut [Site]);

impl Items for Positions<'_> {
    const BYTES: usize = 24;
    fn pack(&self, indices: &[u32], to: &mut [u8]) {
        for (&index, to) in indices.iter().zip(to.as_chunks_mut::<24>().0) {
            *to = bytemuck::cast(self.0[index as usize].position);
        }
    }
    fn unpack(&mut self, indices: &[u32], from: &[u8]) {
        for (&index, from) in indices.iter().zip(from.as_chunks::<24>().0) {
            self.0[index as usize].position = bytemuck::cast(*from);
        }
    }
    fn copy(&mut self, pairs: &[(u32, u32)]) {
        pairs.iter().for_each(|&(from, to)| self.0[to as usize].position = self.0[from as usize].position);
    }
}

/// What a ghost is when it is made.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct NewGhost {
    kind: u32,
    shift: [i8; 3],
    padding: u8,
}

/// The image inside a box and the edges taken off, on the grid as the position ([`PeriodicBox::wrapped`] leaves it to keep
/// clear of the upper faces). Fractional coordinates of the image are in [0, 1) up to rounding below
/// zero; whichever image one begins with, the result has the same bits.
#[must_use]
pub fn wrap(cell: &PeriodicBox, position: [f64; 3]) -> ([f64; 3], [i64; 3]) {
    let (mut inside, mut image) = (position, [0; 3]);
    let edges = cell.edges();
    for axis in (0..3).rev() {
        for _ in 0..2 {
            let s = cell.fractional(inside)[axis];
            let count = s.floor();
            // A second look takes off what rounding put on the upper face, but never adds an edge again.
            if count > 0.0 || (count < 0.0 && image[axis] == 0) {
                (0..3).for_each(|d| inside[d] -= count * edges[axis][d]);
                image[axis] += count as i64;
            }
        }
    }
    (inside, image)
}

impl Domain {
    /// The share of one rank of atoms that every rank knows, for interactions that end at `cutoff`. Collective.
    #[must_use]
    pub fn new(
        comm: Rc<dyn Comm>,
        bricks: Bricks,
        (grid, periodic_box): (PositionGrid, PeriodicBox),
        (cutoff, skin): (f64, f64),
        atoms: Vec<Atom>,
    ) -> Self {
        let mut count = [atoms.len() as u64];
        comm.sum(&mut count);
        Domain {
            halo: Halo::new(comm.clone(), vec![HaloPlan::default()]),
            comm,
            bricks,
            grid,
            atoms,
            total: count[0] as usize,
            sites: Vec::new(),
            list: NeighborList::default(),
            periodic_box,
            shifts: Vec::new(),
            cutoff,
            skin,
            search: NeighborSearch::default(),
            listed_box: periodic_box,
            listed: Vec::new(),
            builds: 0,
            seconds_searching: 0.0,
        }
    }

    /// The box.
    #[must_use]
    pub fn periodic_box(&self) -> &PeriodicBox {
        &self.periodic_box
    }

    /// How often neighbors were searched.
    #[must_use]
    pub fn builds(&self) -> u64 {
        self.builds
    }

    /// Seconds spent on new lists, migration included.
    #[must_use]
    pub fn seconds_searching(&self) -> f64 {
        self.seconds_searching
    }

    /// Number of ghosts here.
    #[must_use]
    pub fn ghosts(&self) -> usize {
        self.shifts.len()
    }

    /// Replaces all atoms and the box; what was listed is void.
    pub fn replace(&mut self, atoms: Vec<Atom>, periodic_box: PeriodicBox) {
        self.atoms = atoms;
        self.periodic_box = periodic_box;
        self.listed.clear();
    }

    /// Makes sites follow the atoms: by new lists where some atom may have come close that is not listed, else by a
    /// refresh of positions. Collective.
    ///
    /// # Errors
    /// `Error::Internal` for an atom that is nowhere, which all ranks get.
    pub fn update(&mut self) -> Result<()> {
        if self.must_search() {
            let start = Instant::now();
            // An atom that is lost has moved further than any skin.
            self.comm.agree(self.check_positions())?;
            self.rebuild();
            self.seconds_searching += start.elapsed().as_secs_f64();
        } else {
            self.refresh();
        }
        Ok(())
    }

    fn check_positions(&self) -> Result<()> {
        let most = self.grid.largest();
        let is_lost = |atom: &&Atom| !atom.position.iter().all(|x| x.abs() < most);
        match self.atoms.iter().find(is_lost) {
            None => Ok(()),
            Some(atom) => Err(Error::Internal(format!(
                "atom {} is lost: it is at {:?} Angstrom with velocity {:?} Angstrom/ps",
                atom.id, atom.position, atom.velocity
            ))),
        }
    }

    /// Whether a pair closer than the cutoff may not be listed. A pair further apart than cutoff + skin when neighbors were
    /// searched is now at least s (cutoff + skin) - 2 u apart, where s is the least factor the box was stretched by and u the
    /// largest displacement relative to the box. Collective.
    fn must_search(&self) -> bool {
        if self.builds == 0 || self.listed.len() != self.atoms.len() {
            // The ranks must agree, so the question is asked all the same.
            return largest(&*self.comm, std::iter::once(f64::INFINITY)).is_infinite();
        }
        let stretch = self.listed_box.stretch_to(&self.periodic_box);
        let origin = self.periodic_box.origin();
        let displacement = |(atom, listed): (&Atom, &[f64; 3])| {
            let r: [f64; 3] = std::array::from_fn(|d| listed[d] - origin[d]);
            let square = (0..3).map(|d| {
                let carried = origin[d] + stretch[d][0] * r[0] + stretch[d][1] * r[1] + stretch[d][2] * r[2];
                (atom.position[d] - carried) * (atom.position[d] - carried)
            });
            square.sum::<f64>()
        };
        let moved = largest(&*self.comm, self.atoms.iter().zip(&self.listed).map(displacement)).sqrt();
        let strain = (0..9).map(|k| stretch[k / 3][k % 3] - f64::from(u8::from(k / 3 == k % 3)));
        let least = 1.0 - strain.map(|e| e * e).sum::<f64>().sqrt();
        // Half a percent of the skin is left to rounding. Not-a-number asks for a search, too.
        let apart = least * (self.cutoff + self.skin) - 2.0 * moved;
        apart.is_nan() || apart <= self.cutoff + 0.005 * self.skin
    }

    /// Wraps atoms into the box, gives them to their owners, finds ghosts and neighbors. Collective.
    fn rebuild(&mut self) {
        self.builds += 1;
        for atom in &mut self.atoms {
            let (inside, edges) = wrap(&self.periodic_box, atom.position);
            atom.position = inside;
            (0..3).for_each(|d| atom.image[d] += edges[d]);
        }
        self.migrate();
        self.sort();
        self.find_ghosts();
        let range = self.cutoff + self.skin;
        self.refresh();
        self.search.search(&self.sites, self.atoms.len(), range, &mut self.list);
        self.listed_box = self.periodic_box;
        self.listed = self.atoms.iter().map(|atom| atom.position).collect();
    }

    fn migrate(&mut self) {
        let mut outgoing: Vec<Vec<u8>> = vec![Vec::new(); self.bricks.count()];
        let here = self.bricks.here();
        let (periodic_box, bricks) = (&self.periodic_box, &self.bricks);
        self.atoms.retain(|atom| {
            let owner = bricks.owner(periodic_box.fractional(atom.position));
            if owner != here {
                outgoing[owner].extend_from_slice(bytemuck::bytes_of(atom));
            }
            owner == here
        });
        for bytes in deliver(&*self.comm, outgoing) {
            self.atoms
                .extend(bytes.chunks_exact(size_of::<Atom>()).map(bytemuck::pod_read_unaligned::<Atom>));
        }
    }

    /// Orders atoms by cells in space, so that neighbors are near in memory.
    fn sort(&mut self) {
        let widths = self.periodic_box.widths();
        let cells = widths.map(|width| (2.0 * width / (self.cutoff + self.skin)).ceil().clamp(1.0, 65_535.0));
        let periodic_box = &self.periodic_box;
        self.atoms.sort_by_cached_key(|atom| {
            let s = periodic_box.fractional(atom.position);
            let [x, y, z] = std::array::from_fn(|d| (s[d] * cells[d]) as u64);
            ((x << 32) | (y << 16) | z, atom.id)
        });
    }

    fn find_ghosts(&mut self) {
        let widths = self.periodic_box.widths();
        let reach = widths.map(|width| (self.cutoff + self.skin) / width * MARGIN);
        let (here, count) = (self.bricks.here(), self.bricks.count());
        let mut lists: Vec<Vec<u32>> = vec![Vec::new(); count];
        let mut outgoing: Vec<Vec<u8>> = vec![Vec::new(); count];
        for (index, atom) in self.atoms.iter().enumerate() {
            self.bricks.images(self.periodic_box.fractional(atom.position), reach, |(brick, shift)| {
                lists[brick].push(index as u32);
                let ghost = NewGhost { kind: atom.kind as u32, shift, padding: 0 };
                outgoing[brick].extend_from_slice(bytemuck::bytes_of(&ghost));
            });
        }
        self.sites.clear();
        self.sites.extend(self.atoms.iter().map(|atom| Site { position: atom.position, kind: atom.kind }));
        self.shifts.clear();
        let (mut own, mut receives) = (Vec::new(), Vec::new());
        for (rank, bytes) in deliver(&*self.comm, outgoing).into_iter().enumerate() {
            let first = self.sites.len() as u32;
            for ghost in bytes.chunks_exact(size_of::<NewGhost>()) {
                let ghost: NewGhost = bytemuck::pod_read_unaligned(ghost);
                self.sites.push(Site { position: [0.0; 3], kind: u64::from(ghost.kind) });
                self.shifts.push(ghost.shift);
            }
            let ghosts = first..self.sites.len() as u32;
            if rank == here {
                own = lists[here].iter().copied().zip(ghosts).collect();
            } else if !ghosts.is_empty() {
                receives.push((rank, ghosts.collect()));
            }
        }
        let sends = lists.into_iter().enumerate().filter(|(rank, list)| *rank != here && !list.is_empty());
        let plan = HaloPlan::of_owners(own, sends.collect(), receives);
        self.halo = Halo::new(self.comm.clone(), vec![plan]);
    }

    /// Brings positions to sites and ghosts. Collective.
    fn refresh(&mut self) {
        for (site, atom) in self.sites.iter_mut().zip(&self.atoms) {
            site.position = atom.position;
        }
        self.halo.refresh(0, &mut Positions(&mut self.sites));
        let [a, b, c] = self.periodic_box.edges();
        for (site, shift) in self.sites[self.atoms.len()..].iter_mut().zip(&self.shifts) {
            let [i, j, k] = shift.map(f64::from);
            for d in 0..3 {
                site.position[d] += i * a[d] + j * b[d] + k * c[d];
            }
        }
    }

    /// Carries the atoms along as the box changes: fractional coordinates stay, up to the grid.
    pub fn deform(&mut self, periodic_box: PeriodicBox) {
        let old = self.periodic_box;
        let matrix = old.stretch_to(&periodic_box);
        let (from, to, edges) = (old.origin(), periodic_box.origin(), periodic_box.edges());
        for atom in &mut self.atoms {
            // Seen from inside the box, so that it does not matter which image an atom is kept at.
            let (inside, image) = wrap(&old, atom.position);
            let r: [f64; 3] = std::array::from_fn(|d| inside[d] - from[d]);
            for d in 0..3 {
                let carried = to[d] + matrix[d][0] * r[0] + matrix[d][1] * r[1] + matrix[d][2] * r[2];
                let shift = (0..3).map(|k| image[k] as f64 * edges[k][d]).sum::<f64>();
                atom.position[d] = self.grid.round(carried) + shift;
            }
        }
        self.periodic_box = periodic_box;
    }
}
