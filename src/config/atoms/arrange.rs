//! How atoms are shared out over ranks: bricks in fractional coordinates, one per rank.

use super::AtomicSystem;
use crate::config::sections::Domains;
use crate::foundation::{Error, Result, memory};
use crate::parallel::grid::{self, Grid};
use std::f64::consts::PI;

/// Bytes of an atom that a rank owns, without its neighbors.
const OWNED: f64 = 300.0;

/// Bytes per neighbor: a number in two lists, with room to grow.
const NEIGHBOR: f64 = 4.0 * 2.2;

/// Bytes of a ghost.
const GHOST: f64 = 100.0;

/// Bytes of an atom of the start, which every rank has until atoms find their owners.
const START: f64 = 70.0;

impl AtomicSystem {
    /// The grid of domains on a number of ranks, one domain each.
    ///
    /// # Errors
    /// `Error::Configuration` if the grid asked for has another number of domains, naming one that works.
    pub fn grid(&self, domains: &Domains, ranks: usize) -> Result<Grid> {
        let best = best(self.widths, self.reach, ranks);
        let Domains::Grid(wanted) = domains else { return Ok(best) };
        let wanted = wanted.map(|n| n.unsigned_abs() as usize);
        let count = wanted.iter().try_fold(1usize, |product, &n| product.checked_mul(n));
        if count == Some(ranks) {
            return Ok(wanted);
        }
        let count = count.map_or("too many".into(), |count| count.to_string());
        Err(Error::Configuration(format!(
            "[parallel] domains = {wanted:?}: {count} domains for {ranks} ranks; expected one domain per rank, such as \
             {best:?}, or \"auto\"."
        )))
    }

    /// Bytes of atoms and neighbors, and of the start, on the rank that has most.
    #[must_use]
    pub fn memory_per_rank(&self, grid: Grid) -> [f64; 2] {
        let atoms = self.atoms as f64;
        let density = atoms / self.volume;
        let neighbors = density * 4.0 / 3.0 * PI * self.reach.powi(3);
        let owned = atoms / grid::domains(grid) as f64;
        let [brick, ghosts] = volumes(self.widths, self.reach, grid);
        let bytes = owned * (OWNED + NEIGHBOR * neighbors) + GHOST * owned * ghosts / brick;
        [bytes, START * atoms]
    }

    /// Refuses what does not fit this computer.
    pub(in crate::config) fn require_memory(&self, name: &str, grid: Grid) -> Result<()> {
        let [bytes, start] = self.memory_per_rank(grid);
        let what = format!("{name}: {} atoms in domains {grid:?}", self.atoms);
        memory::require(bytes + start, &what, "fewer atoms, or more ranks on more nodes")
    }
}

/// The volumes of a brick and of the ghosts around it, as if the box were orthogonal: ghosts reach equally far.
fn volumes(widths: [f64; 3], reach: f64, grid: Grid) -> [f64; 2] {
    let edge = |d: usize| widths[d] / grid[d] as f64;
    let brick = edge(0) * edge(1) * edge(2);
    let with_ghosts = (0..3).map(|d| edge(d) + 2.0 * reach).product::<f64>();
    [brick, with_ghosts - brick]
}

/// The grid of `count` domains with the fewest ghosts, cut along x rather than y, and along y rather than z.
fn best(widths: [f64; 3], reach: f64, count: usize) -> Grid {
    let divisors = |n: usize| (1..=n).rev().filter(move |d| n.is_multiple_of(*d));
    let mut best: Option<(Grid, f64)> = None;
    for x in divisors(count) {
        for y in divisors(count / x) {
            let grid = [x, y, count / x / y];
            let [_, ghosts] = volumes(widths, reach, grid);
            // Equal volumes may differ by rounding.
            if best.is_none_or(|(_, least)| ghosts < least * (1.0 - 1e-9)) {
                best = Some((grid, ghosts));
            }
        }
    }
    best.map_or([count, 1, 1], |(grid, _)| grid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_grid_has_the_fewest_ghosts_and_uses_all_ranks() {
        let cube = [40.0; 3];
        assert_eq!(best(cube, 8.0, 1), [1, 1, 1]);
        assert_eq!(best(cube, 8.0, 2), [2, 1, 1]);
        assert_eq!(best(cube, 8.0, 8), [2, 2, 2]);
        assert_eq!(best(cube, 8.0, 12), [3, 2, 2]);
        assert_eq!(best(cube, 8.0, 7), [7, 1, 1]);
        assert_eq!(best([20.0, 30.0, 200.0], 8.0, 4), [1, 1, 4]);
        assert_eq!(best([20.0, 100.0, 100.0], 8.0, 4), [1, 2, 2]);
    }
}
