//! Displacement couplings beyond nearest neighbors: a table of neighbors, read site by site.
//!
//! Third neighbors sit on the same sublattice, so these couplings need sixteen colors (m, f) instead of four: sites
//! with the same place in the cubic cell are at least a cell apart and never interact.

use super::parameters::Couplings;
use super::state::SiteBlock;
use crate::foundation::simd::LANES;
use crate::system::pyrochlore::{FCC, Pyrochlore, SUBLATTICES};
use crate::system::pyrochlore_packing::PyrochlorePacking;
use std::ops::Range;

/// One shell of neighbors with its coupling.
#[derive(Debug, Clone)]
struct Shell {
    coupling: f64,
    /// Neighbors per site.
    members: usize,
    /// `[owned block][lane][member]`: slots.
    slots: Vec<u32>,
}

/// All shells whose coupling is not zero.
#[derive(Debug, Clone)]
pub struct FurtherNeighbors {
    shells: Vec<Shell>,
    vectors: usize,
}

impl FurtherNeighbors {
    /// The tables of a brick; `None` if no such coupling is there.
    #[must_use]
    pub fn new(packing: &PyrochlorePacking, couplings: &Couplings) -> Option<Self> {
        let lattice = packing.lattice();
        let vectors = packing.vectors();
        let table = |coupling: f64, of_sublattice: &dyn Fn(usize) -> Vec<[i64; 3]>| {
            let displacements: [_; SUBLATTICES] = std::array::from_fn(of_sublattice);
            let members = displacements[0].len();
            let mut slots = vec![0u32; SUBLATTICES * vectors * FCC * LANES * members];
            for site in 0..packing.sites() {
                let slot = packing.slot(site) as usize;
                let (block, lane) = (slot / LANES, slot % LANES);
                let (m, within) = (block / packing.region(), block % packing.region());
                let at = ((m * vectors * FCC + within) * LANES + lane) * members;
                let others = lattice.at_displacements(packing.site_in_lattice(site), &displacements[m]);
                for (to, other) in slots[at..at + members].iter_mut().zip(others) {
                    *to = packing.slot_of_site(other).expect("further neighbors are owned or have ghosts");
                }
            }
            Shell { coupling, members, slots }
        };
        let mut shells = Vec::new();
        if couplings.second != 0.0 {
            shells.push(table(couplings.second, &|m| Pyrochlore::shell(m, 6)));
        }
        if couplings.third_through != 0.0 {
            shells.push(table(couplings.third_through, &|m| Pyrochlore::third_shells(m).0));
        }
        if couplings.third_across != 0.0 {
            shells.push(table(couplings.third_across, &|m| Pyrochlore::third_shells(m).1));
        }
        (!shells.is_empty()).then_some(FurtherNeighbors { shells, vectors })
    }

    /// Whether any coupling of this kind is there.
    #[must_use]
    pub fn are_coupled(couplings: &Couplings) -> bool {
        couplings.second != 0.0 || couplings.third_through != 0.0 || couplings.third_across != 0.0
    }

    /// sum_shells coupling sum_neighbors tau, for the eight sites (m, f) of a vector.
    #[must_use]
    pub fn field(&self, blocks: &[SiteBlock], m: usize, vector: usize, f: usize) -> [f64; LANES] {
        let block = (m * self.vectors + vector) * FCC + f;
        std::array::from_fn(|lane| {
            let of_shell = |shell: &Shell| {
                let at = (block * LANES + lane) * shell.members;
                let tau = |slot: &u32| blocks[*slot as usize / LANES].tau[*slot as usize % LANES];
                shell.coupling * shell.slots[at..at + shell.members].iter().map(tau).sum::<f64>()
            };
            self.shells.iter().map(of_shell).sum()
        })
    }

    /// The fields on the sites (m, f) of several vectors.
    #[must_use]
    pub fn fields(
        &self,
        blocks: &[SiteBlock],
        m: usize,
        vectors: Range<usize>,
        f: usize,
    ) -> Vec<[f64; LANES]> {
        vectors.map(|vector| self.field(blocks, m, vector, f)).collect()
    }
}

/// The number of neighbors up to the third shell, for estimates of memory.
#[must_use]
pub fn members(couplings: &Couplings) -> usize {
    let shell = |coupling: f64, square: i64, share: usize| {
        if coupling == 0.0 { 0 } else { Pyrochlore::shell(0, square).len() / share }
    };
    shell(couplings.second, 6, 1) + shell(couplings.third_through, 8, 2) + shell(couplings.third_across, 8, 2)
}
