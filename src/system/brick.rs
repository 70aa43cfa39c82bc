//! The part of a periodic box of cells that one domain owns.

use crate::parallel::grid::{self, Grid};
use std::ops::Range;

/// A brick of cells in a box of cells with periodic boundaries. Cells are numbered (x Ly + y) Lz + z in the box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brick {
    cells: [usize; 3],
    grid: Grid,
    domain: usize,
    ranges: [Range<usize>; 3],
}

impl Brick {
    /// The brick of a domain in a grid over a box of `cells`; every domain must hold at least one cell.
    #[must_use]
    pub fn new(cells: [usize; 3], grid: Grid, domain: usize) -> Self {
        Brick { cells, grid, domain, ranges: grid::brick(cells, grid, domain) }
    }

    /// The whole box as one brick.
    #[must_use]
    pub fn whole(cells: [usize; 3]) -> Self {
        Self::new(cells, [1, 1, 1], 0)
    }

    /// Cells of the box along each axis.
    #[must_use]
    pub fn cells(&self) -> [usize; 3] {
        self.cells
    }

    /// Cells of the brick along each axis.
    #[must_use]
    pub fn extent(&self) -> [usize; 3] {
        self.ranges.each_ref().map(ExactSizeIterator::len)
    }

    /// The first cell of the brick along each axis.
    #[must_use]
    pub fn origin(&self) -> [usize; 3] {
        self.ranges.each_ref().map(|range| range.start)
    }

    /// Cells of the brick.
    #[must_use]
    pub fn count(&self) -> usize {
        self.extent().iter().product()
    }

    /// Whether the box is cut along an axis.
    #[must_use]
    pub fn is_cut(&self, axis: usize) -> bool {
        self.grid[axis] > 1
    }

    /// Whether the brick is the whole box.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.grid == [1, 1, 1]
    }

    /// The number of a cell of the box.
    #[must_use]
    pub fn number(&self, [x, y, z]: [usize; 3]) -> u64 {
        ((x * self.cells[1] + y) * self.cells[2] + z) as u64
    }

    /// The coordinates of a cell of the box.
    #[must_use]
    pub fn coordinates(&self, number: u64) -> [usize; 3] {
        let (number, [_, y, z]) = (number as usize, self.cells);
        [number / (y * z), number / z % y, number % z]
    }

    /// The cell at an offset from another, across the periodic boundaries.
    #[must_use]
    pub fn shifted(&self, cell: [usize; 3], offset: [i64; 3]) -> [usize; 3] {
        std::array::from_fn(|d| (cell[d] as i64 + offset[d]).rem_euclid(self.cells[d] as i64) as usize)
    }

    /// The place of a cell of the box in the brick, row by row; `None` if another domain owns it.
    #[must_use]
    pub fn local(&self, cell: [usize; 3]) -> Option<usize> {
        let inside = (0..3).all(|d| self.ranges[d].contains(&cell[d]));
        let [_, y, z] = self.extent();
        let at = |d: usize| cell[d] - self.ranges[d].start;
        inside.then(|| (at(0) * y + at(1)) * z + at(2))
    }

    /// The coordinates in the box of the cell at a place in the brick.
    #[must_use]
    pub fn cell(&self, local: usize) -> [usize; 3] {
        let [_, y, z] = self.extent();
        let origin = self.origin();
        [origin[0] + local / (y * z), origin[1] + local / z % y, origin[2] + local % z]
    }

    /// The domain that owns a cell of the box.
    #[must_use]
    pub fn owner(&self, cell: [usize; 3]) -> usize {
        grid::owner(self.cells, self.grid, cell)
    }

    /// The domain this brick belongs to.
    #[must_use]
    pub fn domain(&self) -> usize {
        self.domain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_numbers_and_coordinates_are_inverse_to_each_other() {
        for domain in 0..6 {
            let brick = Brick::new([5, 4, 7], [1, 2, 3], domain);
            for local in 0..brick.count() {
                let cell = brick.cell(local);
                assert_eq!(brick.local(cell), Some(local));
                assert_eq!(brick.owner(cell), domain);
                assert_eq!(brick.coordinates(brick.number(cell)), cell);
            }
            assert_eq!(brick.shifted([4, 0, 6], [1, -1, 1]), [0, 3, 0]);
        }
    }
}
