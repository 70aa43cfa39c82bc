//! Loop moves of the displacements through tetrahedra that obey the ice rule (short loops of Barkema and Newman,
//! PRE 57, 1155 (1998); on the pyrochlore lattice Melko, den Hertog and Gingras, PRL 87, 067203 (2001)).
//!
//! The walk enters a tetrahedron through a site, leaves it through one of the two sites with the opposite displacement
//! at random, and closes when it comes to a tetrahedron it has left before; the tail is dropped. Turning the closed
//! loop around keeps two in, two out everywhere. Forward and backward walks meet the same number of two-way choices,
//! so the proposal is symmetric and the Metropolis rule on the energy change is detailed balance. A walk that meets a
//! defect is given up. The walk is serial: it costs about as much per visited site as a heat bath.

use super::further::FurtherNeighbors;
use super::parameters::Couplings;
use super::state::State;
use crate::foundation::fixed_point::FixedPoint;
use crate::foundation::observable::MoveCount;
use crate::foundation::random::Stream;
use crate::foundation::simd::LANES;
use crate::foundation::simd::math::boltzmann_factor;
use crate::system::pyrochlore::{FCC, Pyrochlore, SITES_PER_CELL, Side};
use crate::system::pyrochlore_packing::PyrochlorePacking;

/// Neighbor tables by slot, of a whole lattice: walks cross it from end to end.
#[derive(Debug, Clone)]
pub struct IceLoops {
    /// `[slot][side][k]`: the other corners of the UP (0) and DOWN (1) tetrahedron.
    corners: Vec<[[u32; 3]; 2]>,
    /// `[slot][side]`: number of the tetrahedron.
    tetrahedra: Vec<[u32; 2]>,
    /// Slots that hold sites.
    sites: Vec<u32>,
    cells: usize,
}

/// The walk's memory; reused between attempts.
struct Walk {
    /// Sites left through, in order.
    path: Vec<u32>,
    /// `[tetrahedron]`: (attempt, position on the path) of the last visit.
    visits: Vec<(u32, u32)>,
}

impl IceLoops {
    /// Builds the tables.
    #[must_use]
    pub fn new(packing: &PyrochlorePacking) -> Self {
        let lattice = packing.lattice();
        let slots: Vec<u32> = (0..packing.sites()).map(|site| packing.slot(site)).collect();
        let count = packing.blocks() * LANES;
        let mut corners = vec![[[0; 3]; 2]; count];
        let mut tetrahedra = vec![[0; 2]; count];
        for (site, &slot) in slots.iter().enumerate() {
            for (index, side) in [Side::Up, Side::Down].into_iter().enumerate() {
                let others = lattice.tetrahedron_neighbors(site, side);
                corners[slot as usize][index] = others.map(|other| slots[other]);
                // A tetrahedron is named after its corner on sublattice 0.
                let zero = if Pyrochlore::sublattice(site) == 0 { site } else { others[0] };
                tetrahedra[slot as usize][index] = (2 * (zero / 4) + index) as u32;
            }
        }
        IceLoops { corners, tetrahedra, cells: slots.len() / SITES_PER_CELL, sites: slots }
    }

    /// Tries one loop per cubic cell; returns the energy change in units of the energy.
    pub fn pass(
        &self,
        state: &mut State,
        (couplings, further, unit): (&Couplings, Option<&FurtherNeighbors>, FixedPoint),
        inverse_temperature: f64,
        stream: &mut Stream,
        count: &mut MoveCount,
    ) -> i64 {
        let mut walk = Walk { path: Vec::new(), visits: vec![(0, 0); self.sites.len() / 2] };
        let mut total = 0;
        for attempt in 1..=self.cells as u32 {
            count.attempted += 1.0;
            let Some(start) = self.find_loop(state, stream, attempt, &mut walk) else { continue };
            let members = &walk.path[start..];
            // A loop may change the energy by more than the unit is made for, its members one by one do not.
            let (mut change, mut units) = (0.0, 0);
            for &slot in members {
                let of_member = self.turn_energy(state, couplings, further, slot);
                change += of_member;
                units += unit.units(of_member);
                state.flip_tau(slot);
            }
            if stream.uniform() < boltzmann_factor(-inverse_temperature * change) {
                count.accepted += 1.0;
                total += units;
            } else {
                members.iter().for_each(|&slot| state.flip_tau(slot));
            }
        }
        total
    }

    /// Walks until the path closes; returns where on the path the loop begins, `None` at a defect.
    fn find_loop(&self, state: &State, stream: &mut Stream, attempt: u32, walk: &mut Walk) -> Option<usize> {
        walk.path.clear();
        // A random corner of a random tetrahedron, taken as the site the walk came in through.
        let mut site = self.sites[stream.below(self.sites.len())];
        let mut side = stream.below(2);
        loop {
            let tetrahedron = self.tetrahedra[site as usize][side] as usize;
            if walk.visits[tetrahedron].0 == attempt {
                return Some(walk.visits[tetrahedron].1 as usize);
            }
            walk.visits[tetrahedron] = (attempt, walk.path.len() as u32);
            let tau = state.tau(site);
            let corners = self.corners[site as usize][side];
            let opposite = corners.map(|corner| state.tau(corner) != tau);
            if opposite.iter().filter(|&&yes| yes).count() != 2 {
                return None;
            }
            let skip = opposite.iter().position(|&yes| !yes).unwrap_or(0);
            let exits = [(skip + 1) % 3, (skip + 2) % 3];
            site = corners[exits[stream.below(2)]];
            walk.path.push(site);
            side = 1 - side;
        }
    }

    /// The energy change of turning one displacement, from the present configuration.
    fn turn_energy(
        &self,
        state: &State,
        couplings: &Couplings,
        further: Option<&FurtherNeighbors>,
        slot: u32,
    ) -> f64 {
        let mut turning = [0.0; 3];
        let mut tau_sum = 0.0;
        for (side, eta) in [1.0, -1.0].into_iter().enumerate() {
            for &other in &self.corners[slot as usize][side] {
                let (spin, tau) = (state.spin(other), state.tau(other));
                tau_sum += tau;
                let weight = couplings.odd * eta + couplings.product * tau;
                for (sum, component) in turning.iter_mut().zip(spin) {
                    *sum += weight * component;
                }
            }
        }
        let spin = state.spin(slot);
        let block = slot as usize / LANES;
        let region = state.blocks.len() / 4;
        let (sublattice, within) = (block / region, block % region);
        let mut displacement = couplings.ice * tau_sum - couplings.axis_field[sublattice];
        if let Some(further) = further {
            let of_block = further.field(&state.blocks, sublattice, within / FCC, within % FCC);
            displacement += of_block[slot as usize % LANES];
        }
        let along: f64 = spin.iter().zip(turning).map(|(s, q)| s * q).sum();
        -2.0 * state.tau(slot) * (along + displacement)
    }
}
