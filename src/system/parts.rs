//! How a brick is cut into eight equal parts, one per lane, and where a vector of cells has its neighbors then.

use super::brick::Brick;
use crate::foundation::simd::LANES;
use std::ops::Range;

/// Vectors in a piece of a slab: with 4 kB each, two pieces fit the second-level cache of any server.
pub(super) const PIECE: usize = 128;

/// How a brick is cut into eight equal parts.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    parts: [usize; 3],
    inner: [usize; 3],
}

impl Parts {
    /// The cut with the fewest ghost vectors; `None` if eight equal parts do not fit.
    pub(super) fn new(brick: &Brick) -> Option<Self> {
        let extent = brick.extent();
        let powers = [1usize, 2, 4, 8];
        let mut best: Option<(Parts, usize)> = None;
        for x in powers {
            for y in powers {
                let parts = [x, y, (LANES / (x * y)).max(1)];
                if x * y > LANES || (0..3).any(|d| !extent[d].is_multiple_of(parts[d])) {
                    continue;
                }
                let inner: [usize; 3] = std::array::from_fn(|d| extent[d] / parts[d]);
                let vectors: usize = inner.iter().product();
                let faces = |d: usize| {
                    if brick.is_cut(d) || parts[d] > 2 { 2 * vectors / inner[d] } else { 0 }
                };
                let ghosts = faces(0) + faces(1) + faces(2);
                let even = parts == [2, 2, 2];
                if best.is_none_or(|(_, least)| ghosts < least || (ghosts == least && even)) {
                    best = Some((Parts { parts, inner }, ghosts));
                }
            }
        }
        best.map(|(parts, _)| parts)
    }

    pub(super) fn vectors(self) -> usize {
        self.inner.iter().product()
    }

    /// Cuts a list of vectors into slabs across x, thin ones joined, and these into pieces of whole rows along z; they are
    /// numbered from `first` on.
    pub(super) fn slabs(self, vectors: &[usize], first: usize) -> Vec<Vec<Range<usize>>> {
        let row = |vector: usize| vector / self.inner[2];
        let slab = |vector: usize| row(vector) / self.inner[1];
        let mut slabs: Vec<Vec<Range<usize>>> = Vec::new();
        let mut next = 0;
        while next < vectors.len() {
            let within = |number: &usize| slab(vectors[*number]) == slab(vectors[next]);
            let end = (next..vectors.len()).take_while(within).last().map_or(next, |last| last + 1);
            // Slabs do not see each other, so joined ones are one piece.
            match slabs.last_mut().map(|pieces| &mut pieces[..]) {
                Some([piece]) if piece.len() + end - next <= PIECE => piece.end = end,
                _ => slabs.push(self.rows(vectors, next..end)),
            }
            next = end;
        }
        for piece in slabs.iter_mut().flatten() {
            *piece = first + piece.start..first + piece.end;
        }
        slabs
    }

    /// Cuts a slab into pieces of whole rows.
    fn rows(self, vectors: &[usize], slab: Range<usize>) -> Vec<Range<usize>> {
        let mut pieces: Vec<Range<usize>> = Vec::new();
        for number in slab {
            let starts_row =
                number > 0 && vectors[number] / self.inner[2] != vectors[number - 1] / self.inner[2];
            match pieces.last_mut() {
                Some(piece) if !(starts_row && piece.len() + self.inner[2] > PIECE) => piece.end = number + 1,
                _ => pieces.push(number..number + 1),
            }
        }
        pieces
    }

    fn vector(self, [x, y, z]: [usize; 3]) -> usize {
        (x * self.inner[1] + y) * self.inner[2] + z
    }

    fn inner_coordinates(self, vector: usize) -> [usize; 3] {
        let [_, y, z] = self.inner;
        [vector / (y * z), vector / z % y, vector % z]
    }

    /// The place of the cell in a lane, relative to the origin of the brick.
    pub(super) fn place(self, vector: usize, lane: usize) -> [usize; 3] {
        let [_, y, z] = self.parts;
        let part = [lane / (y * z), lane / z % y, lane % z];
        let within = self.inner_coordinates(vector);
        std::array::from_fn(|d| self.inner[d] * part[d] + within[d])
    }

    /// The vector at an offset and the XOR of its lanes; `None` where a ghost vector is needed.
    pub(super) fn neighbor(self, brick: &Brick, vector: usize, offset: [i64; 3]) -> Option<(usize, usize)> {
        let within = self.inner_coordinates(vector);
        let strides = [self.parts[1] * self.parts[2], self.parts[2], 1];
        let mut target = [0; 3];
        let mut swap = 0;
        for d in 0..3 {
            let at = within[d] as i64 + offset[d];
            let crossed = at.div_euclid(self.inner[d] as i64);
            target[d] = at.rem_euclid(self.inner[d] as i64) as usize;
            if crossed == 0 {
                continue;
            }
            if brick.is_cut(d) || self.parts[d] > 2 {
                return None;
            }
            // An even number of crossings of two parts comes back to the same lane.
            if self.parts[d] == 2 && crossed.rem_euclid(2) == 1 {
                swap |= strides[d];
            }
        }
        Some((self.vector(target), swap))
    }
}
