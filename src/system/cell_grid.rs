//! A grid of cells over a whole periodic box, for looking around a position once: atoms are put in one by one. The
//! neighbor lists of the dynamics are another thing; this grid serves to build and to check configurations.

use super::periodic_box::PeriodicBox;
use crate::foundation::vector::dot;

const NONE: u32 = u32::MAX;

/// A grid of cells, each with a chain of the positions in it.
#[derive(Debug)]
pub struct CellGrid {
    periodic_box: PeriodicBox,
    count: [usize; 3],
    /// Distance of opposite faces of a cell.
    width: [f64; 3],
    first: Vec<u32>,
    next: Vec<u32>,
    position: Vec<[f64; 3]>,
}

impl CellGrid {
    /// An empty grid with cells at least `width` wide where the box allows it, and not many more cells than `expected`
    /// positions.
    #[must_use]
    pub fn new(periodic_box: PeriodicBox, width: f64, expected: usize) -> Self {
        let widths = periodic_box.widths();
        let most = (2 * expected).max(27) as f64;
        let mut count = widths.map(|w| (w / width).floor().clamp(1.0, most));
        while count.iter().product::<f64>() > most {
            let largest = count.iter().fold(0.0f64, |a, &b| a.max(b));
            count.iter_mut().filter(|n| **n == largest).for_each(|n| *n = (*n * 0.75).floor().max(1.0));
        }
        let width = std::array::from_fn(|d| widths[d] / count[d]);
        let count = count.map(|n| n as usize);
        let first = vec![NONE; count.iter().product()];
        CellGrid { periodic_box, count, width, first, next: Vec::new(), position: Vec::new() }
    }

    fn cell(&self, position: [f64; 3]) -> [i64; 3] {
        let s = self.periodic_box.fractional(position);
        std::array::from_fn(|d| {
            let n = self.count[d] as i64;
            ((s[d] * n as f64) as i64).clamp(0, n - 1)
        })
    }

    /// Adds a position inside the box; the first gets number 0, the next 1, ...
    pub fn insert(&mut self, position: [f64; 3]) {
        let [x, y, z] = self.cell(position).map(|c| c as usize);
        let cell = (x * self.count[1] + y) * self.count[2] + z;
        self.next.push(self.first[cell]);
        self.first[cell] = self.position.len() as u32;
        self.position.push(position);
    }

    /// Cells to each side that hold what is closer than `range`. Rounding of fractional coordinates must not hide a
    /// cell that is only just in reach.
    fn reach(&self, range: f64) -> [i64; 3] {
        self.width.map(|w| (range / w * (1.0 + 1e-9)).ceil() as i64)
    }

    /// How many cells [`CellGrid::nearest`] looks into.
    #[must_use]
    pub fn cells_within(&self, range: f64) -> f64 {
        self.reach(range).iter().map(|&n| 2.0 * n as f64 + 1.0).product()
    }

    /// The nearest position in the grid that is closer to `position` (inside the box) than `range`, images included:
    /// its number and the distance. Of two at one distance the first found counts.
    #[must_use]
    pub fn nearest(&self, position: [f64; 3], range: f64) -> Option<(usize, f64)> {
        let home = self.cell(position);
        let edges = self.periodic_box.edges();
        let reach = self.reach(range);
        let mut square = range * range;
        let mut found = None;
        for x in -reach[0]..=reach[0] {
            for y in -reach[1]..=reach[1] {
                for z in -reach[2]..=reach[2] {
                    let cell = [home[0] + x, home[1] + y, home[2] + z];
                    let n = self.count.map(|n| n as i64);
                    let turn: [f64; 3] = std::array::from_fn(|d| cell[d].div_euclid(n[d]) as f64);
                    let within: [usize; 3] = std::array::from_fn(|d| cell[d].rem_euclid(n[d]) as usize);
                    let shift: [f64; 3] =
                        std::array::from_fn(|k| (0..3).map(|d| turn[d] * edges[d][k]).sum());
                    let mut at =
                        self.first[(within[0] * self.count[1] + within[1]) * self.count[2] + within[2]];
                    while at != NONE {
                        let other = self.position[at as usize];
                        let d: [f64; 3] = std::array::from_fn(|k| other[k] + shift[k] - position[k]);
                        if dot(d, d) < square {
                            square = dot(d, d);
                            found = Some(at as usize);
                        }
                        at = self.next[at as usize];
                    }
                }
            }
        }
        found.map(|at| (at, square.sqrt()))
    }
}
