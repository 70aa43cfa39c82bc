//! Who owns which part of the box: bricks in fractional coordinates, so that they follow a box that changes.

use crate::parallel::grid::{Grid, place};

/// The bricks of a grid of domains and which of them is here.
#[derive(Debug, Clone, Copy)]
pub struct Bricks {
    grid: Grid,
    here: usize,
}

/// A copy of an atom that another brick, or this one, needs: the brick and the edges to add.
pub type Image = (usize, [i8; 3]);

impl Bricks {
    /// The bricks of a grid, seen from domain `here`.
    #[must_use]
    pub fn new(grid: Grid, here: usize) -> Self {
        Bricks { grid, here }
    }

    /// The domain of this rank.
    #[must_use]
    pub fn here(&self) -> usize {
        self.here
    }

    /// Number of domains.
    #[must_use]
    pub fn count(&self) -> usize {
        self.grid.iter().product()
    }

    fn number(&self, place: [usize; 3]) -> usize {
        (place[0] * self.grid[1] + place[1]) * self.grid[2] + place[2]
    }

    fn cell(&self, d: usize, s: f64) -> usize {
        ((s * self.grid[d] as f64) as usize).min(self.grid[d] - 1)
    }

    /// The domain that owns the place with these fractional coordinates, in [0, 1).
    #[must_use]
    pub fn owner(&self, fractional: [f64; 3]) -> usize {
        self.number(std::array::from_fn(|d| self.cell(d, fractional[d])))
    }

    /// Low and high fractional coordinates of the brick here.
    #[must_use]
    pub fn bounds(&self) -> [[f64; 2]; 3] {
        let at = place(self.grid, self.here);
        std::array::from_fn(|d| [at[d], at[d] + 1].map(|k| k as f64 / self.grid[d] as f64))
    }

    /// Calls `each` for every image of an atom that lies in a brick or within `reach` of it (in fractional coordinates), the
    /// atom itself in its own brick left out.
    pub fn images(&self, fractional: [f64; 3], reach: [f64; 3], mut each: impl FnMut(Image)) {
        let owner = self.owner(fractional);
        let along = |d: usize| {
            let most = reach[d].ceil() as i8;
            (-most..=most).flat_map(move |edges| {
                let s = fractional[d] + f64::from(edges);
                let (low, high) = (s - reach[d], s + reach[d]);
                let cells = if high < 0.0 || low > 1.0 {
                    0..0
                } else {
                    self.cell(d, low.max(0.0))..self.cell(d, high.min(1.0)) + 1
                };
                cells.map(move |cell| (cell, edges))
            })
        };
        for (x, a) in along(0) {
            for (y, b) in along(1) {
                for (z, c) in along(2) {
                    let brick = self.number([x, y, z]);
                    if brick != owner || [a, b, c] != [0; 3] {
                        each((brick, [a, b, c]));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::random::Key;

    #[test]
    fn images_are_those_within_reach_of_each_brick() {
        let mut stream = Key::new(8).stream();
        for grid in [[1, 1, 1], [2, 1, 1], [3, 2, 1], [1, 1, 5]] {
            let bricks: Vec<Bricks> =
                (0..grid.iter().product()).map(|here| Bricks::new(grid, here)).collect();
            for reach in [[0.1, 0.2, 0.05], [0.6, 0.3, 1.3]] {
                for _ in 0..50 {
                    let s: [f64; 3] = std::array::from_fn(|_| stream.uniform());
                    let mut found = Vec::new();
                    bricks[0].images(s, reach, |image| found.push(image));
                    let owner = bricks[0].owner(s);
                    for (number, brick) in bricks.iter().enumerate() {
                        let bounds = brick.bounds();
                        for edges in (0..343).map(|n: i32| [n / 49 - 3, n / 7 % 7 - 3, n % 7 - 3]) {
                            let within = (0..3).all(|d| {
                                let x = s[d] + f64::from(edges[d]);
                                x > bounds[d][0] - reach[d] && x < bounds[d][1] + reach[d]
                            });
                            let itself = number == owner && edges == [0; 3];
                            let image = (number, edges.map(|n| n as i8));
                            assert!(!within || itself || found.contains(&image), "{grid:?} {s:?} {image:?}");
                            assert!(!itself || (within && !found.contains(&image)));
                        }
                    }
                    let mut unique = found.clone();
                    unique.sort_unstable();
                    unique.dedup();
                    assert_eq!(unique.len(), found.len());
                }
            }
        }
    }
}
