//! The grid positions are rounded to, so coarse that all their differences are exact.

use super::periodic_box::PeriodicBox;
use crate::foundation::Result;

/// How often a box may double its size before positions no longer fit the grid it began with.
const DOUBLINGS: i32 = 3;

/// Multiples of a power of two. Positions on it, shifted by edges on it, stay on it; differences of any two have no
/// rounding, and so a pair of atoms has one distance, whichever side and image it is seen from. For a box of 60 Angstrom
/// the step is 1.1e-13 Angstrom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionGrid {
    step: f64,
}

impl PositionGrid {
    /// The grid for a box, which may grow to eight times its size.
    #[must_use]
    pub fn new(cell: &PeriodicBox) -> Self {
        let longest = cell.edges().iter().flatten().chain(&cell.origin()).fold(1.0f64, |a, x| a.max(x.abs()));
        // Ghosts lie up to two edges away: numbers to four times the longest, and a sign.
        let bits = longest.log2().ceil() as i32 + 2 + DOUBLINGS;
        PositionGrid { step: 2f64.powi(bits - 52) }
    }

    /// The largest number that is on the grid with room for shifts.
    #[must_use]
    pub fn largest(self) -> f64 {
        self.step * (1u64 << 50) as f64
    }

    /// Distance of neighboring numbers.
    #[must_use]
    pub fn step(self) -> f64 {
        self.step
    }

    /// The nearest number on the grid.
    #[inline]
    #[must_use]
    pub fn round(self, x: f64) -> f64 {
        (x / self.step).round_ties_even() * self.step
    }

    /// The box with its corner and edges on the grid.
    ///
    /// # Errors
    /// As [`PeriodicBox::new`], if numbers are not finite or an edge vanished.
    pub fn round_box(self, cell: &PeriodicBox) -> Result<PeriodicBox> {
        let round = |values: [f64; 3]| values.map(|x| self.round(x));
        PeriodicBox::new(round(cell.origin()), round(cell.lengths()), round(cell.tilts()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::random::Key;

    #[test]
    fn shifts_and_differences_are_exact() {
        let cell = PeriodicBox::new([-3.1, 7.0, 0.3], [59.3, 41.7, 77.1], [11.3, -7.9, 20.1]).unwrap();
        let grid = PositionGrid::new(&cell);
        let cell = grid.round_box(&cell).unwrap();
        let mut stream = Key::new(5).stream();
        for _ in 0..1000 {
            let [x, y] = [0, 1].map(|_| grid.round(200.0 * stream.uniform() - 100.0));
            let edge = cell.edges()[2][0] + cell.edges()[1][0];
            assert_eq!((x + edge) - edge, x);
            assert_eq!((x + edge) - (y + edge), x - y);
            assert_eq!(x - y, -(y - x));
            assert_eq!(grid.round(x), x);
        }
        assert!(grid.step() < 1e-12 && grid.largest() > 8.0 * 77.1);
    }
}
