//! Grids of domains: which rank has which brick of a box of cells, and which grid suits a number of ranks.

use super::partition;
use std::ops::Range;

/// Domains along x, y, z.
pub type Grid = [usize; 3];

/// Domains of a grid.
#[must_use]
pub fn domains(grid: Grid) -> usize {
    grid.iter().product()
}

/// The place of a domain in the grid; z runs fastest.
#[must_use]
pub fn place(grid: Grid, domain: usize) -> [usize; 3] {
    [domain / (grid[1] * grid[2]), domain / grid[2] % grid[1], domain % grid[2]]
}

/// The cells of a domain along each axis of a box of `cells`: shares that differ by at most one.
#[must_use]
pub fn brick(cells: [usize; 3], grid: Grid, domain: usize) -> [Range<usize>; 3] {
    let place = place(grid, domain);
    std::array::from_fn(|d| partition::share(cells[d], place[d], grid[d]))
}

/// The domain that owns a cell.
#[must_use]
pub fn owner(cells: [usize; 3], grid: Grid, cell: [usize; 3]) -> usize {
    let [x, y, z] = std::array::from_fn(|d| partition::owner(cells[d], cell[d], grid[d]));
    (x * grid[1] + y) * grid[2] + z
}

/// The grid of `count` domains with the smallest surface between them, cut along x rather than y, and along y rather
/// than z, along which memory runs; `None` if some domain would hold no cell.
#[must_use]
pub fn best(cells: [usize; 3], count: usize) -> Option<Grid> {
    let divisors = |n: usize| (1..=n).filter(move |d| n.is_multiple_of(*d));
    let mut found: Option<(Grid, f64)> = None;
    for x in divisors(count) {
        for y in divisors(count / x) {
            let grid = [x, y, count / x / y];
            if (0..3).any(|d| grid[d] > cells[d]) {
                continue;
            }
            let edge = |d: usize| cells[d] as f64 / grid[d] as f64;
            // An axis that is not cut has no surface; among equal surfaces bricks of even length suit the vectors.
            let face = |d: usize| if grid[d] > 1 { edge((d + 1) % 3) * edge((d + 2) % 3) } else { 0.0 };
            let odd = (0..3).filter(|&d| !cells[d].is_multiple_of(2 * grid[d])).count();
            let surface = (face(0) + face(1) + face(2)) * (1.0 + 0.5 * odd as f64);
            if found.is_none_or(|(_, least)| surface <= least) {
                found = Some((grid, surface));
            }
        }
    }
    found.map(|(grid, _)| grid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bricks_cover_the_box_and_every_cell_has_its_owner() {
        for (cells, grid) in [([4, 4, 4], [2, 1, 1]), ([5, 5, 5], [3, 1, 2]), ([7, 2, 3], [4, 2, 1])] {
            let mut seen = 0;
            for domain in 0..domains(grid) {
                let [xs, ys, zs] = brick(cells, grid, domain);
                assert!(!xs.is_empty() && !ys.is_empty() && !zs.is_empty());
                for x in xs {
                    for y in ys.clone() {
                        for z in zs.clone() {
                            assert_eq!(owner(cells, grid, [x, y, z]), domain);
                            seen += 1;
                        }
                    }
                }
            }
            assert_eq!(seen, cells.iter().product::<usize>());
        }
    }

    #[test]
    fn the_best_grid_cuts_few_bonds_and_leaves_no_domain_empty() {
        assert_eq!(best([32; 3], 1), Some([1, 1, 1]));
        assert_eq!(best([54; 3], 27), Some([3, 3, 3]));
        assert_eq!(best([32; 3], 2), Some([2, 1, 1]));
        assert_eq!(best([2; 3], 16), None);
        assert_eq!(best([64, 4, 4], 4), Some([4, 1, 1]));
    }
}
