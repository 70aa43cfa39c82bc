//! The periodic box of an atomic system, orthogonal or triclinic, in the restricted form of LAMMPS.
//!
//! Its edges are a = (lx, 0, 0), b = (xy, ly, 0), c = (xz, yz, lz) with positive lengths lx, ly, lz and any tilts xy,
//! xz, yz. Every right-handed set of three vectors can be rotated into this form ([`PeriodicBox::from_vectors`]). Tilts
//! beyond half an edge are allowed and kept; [`PeriodicBox::reduced`] takes whole edges off them.

use crate::foundation::persist::{FieldMut, Layout, Persist, Visitor};
use crate::foundation::vector::{IDENTITY, Matrix, cross, dot, norm, rotate};
use crate::foundation::{Error, Result};

mod images;

/// Edges that span less than this part of the volume of a brick with the same edge lengths are refused as flat.
const FLAT: f64 = 1e-10;

/// Tilts beyond this many of the shortest length are refused: the box is flat for any purpose.
const MOST_TILT: f64 = 1e6;

/// A periodic box; lengths in Angstrom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeriodicBox {
    origin: [f64; 3],
    edges: Matrix,
}

impl PeriodicBox {
    /// The box with this corner, lengths (lx, ly, lz) and tilts (xy, xz, yz).
    ///
    /// # Errors
    /// `Error::Configuration` if a number is not finite, a length not positive or the box flat.
    pub fn new(origin: [f64; 3], lengths: [f64; 3], tilts: [f64; 3]) -> Result<Self> {
        let refuse = |what: String| Err(Error::Configuration(format!("the box {what}")));
        if origin.iter().chain(&lengths).chain(&tilts).any(|x| !x.is_finite()) {
            return refuse(format!(
                "has corner {origin:?}, lengths {lengths:?} and tilts {tilts:?}: expected finite numbers"
            ));
        }
        if let Some(axis) = (0..3).find(|&d| lengths[d] <= 0.0) {
            let name = ["x", "y", "z"][axis];
            return refuse(format!("has length {} along {name}: expected a positive length", lengths[axis]));
        }
        let [xy, xz, yz] = tilts;
        let edges = [[lengths[0], 0.0, 0.0], [xy, lengths[1], 0.0], [xz, yz, lengths[2]]];
        let shortest = lengths[0].min(lengths[1]).min(lengths[2]);
        if tilts.iter().any(|tilt| tilt.abs() > MOST_TILT * shortest) {
            return refuse(format!("is flat: it has lengths {lengths:?} and tilts {tilts:?}"));
        }
        Ok(PeriodicBox { origin, edges })
    }

    /// The box between two corners, with tilts (xy, xz, yz).
    ///
    /// # Errors
    /// As [`PeriodicBox::new`].
    pub fn from_bounds(low: [f64; 3], high: [f64; 3], tilts: [f64; 3]) -> Result<Self> {
        Self::new(low, std::array::from_fn(|d| high[d] - low[d]), tilts)
    }

    /// The box of three edge vectors (rows), rotated into the restricted form, and the rotation: positions and vectors
    /// of the old frame must be turned by it. Vectors in the restricted form come back bit by bit, with [`IDENTITY`]; a
    /// rotated box has origin R origin.
    ///
    /// # Errors
    /// `Error::Configuration` if a number is not finite, or the vectors are flat or left-handed.
    pub fn from_vectors(origin: [f64; 3], vectors: Matrix) -> Result<(Self, Matrix)> {
        let [a, b, c] = vectors;
        if [a[1], a[2], b[2]] == [0.0; 3] && a[0] > 0.0 && b[1] > 0.0 && c[2] > 0.0 {
            let tilts = [b[0], c[0], c[1]];
            return Ok((Self::new(origin, [a[0], b[1], c[2]], tilts)?, IDENTITY));
        }
        let refuse = |what: &str| {
            let message = format!("the box has edges {a:?}, {b:?}, {c:?}: {what}");
            Err(Error::Configuration(message))
        };
        if origin.iter().chain(vectors.iter().flatten()).any(|x| !x.is_finite()) {
            return refuse("expected finite numbers");
        }
        let unit = |v: [f64; 3]| v.map(|x| x / norm(v));
        let share = dot(unit(a), cross(unit(b), unit(c)));
        if share.is_nan() || share.abs() <= FLAT {
            return refuse("they lie in a plane; expected three edges that span a volume");
        }
        if share < 0.0 {
            return refuse("they are left-handed; expected right-handed edges, so exchange two of them");
        }
        let x = unit(a);
        let z = unit(cross(x, unit(b)));
        let y = cross(z, x);
        let lengths = [norm(a), dot(b, y), dot(c, z)];
        let rotation = [x, y, z];
        let rotated = Self::new(rotate(&rotation, origin), lengths, [dot(b, x), dot(c, x), dot(c, y)])?;
        Ok((rotated, rotation))
    }

    /// The orthogonal box with one corner at zero.
    ///
    /// # Errors
    /// As [`PeriodicBox::new`].
    pub fn orthogonal(lengths: [f64; 3]) -> Result<Self> {
        Self::new([0.0; 3], lengths, [0.0; 3])
    }

    /// The corner with fractional coordinates zero.
    #[must_use]
    pub fn origin(&self) -> [f64; 3] {
        self.origin
    }

    /// The edges a, b, c as rows.
    #[must_use]
    pub fn edges(&self) -> Matrix {
        self.edges
    }

    /// (lx, ly, lz).
    #[must_use]
    pub fn lengths(&self) -> [f64; 3] {
        std::array::from_fn(|d| self.edges[d][d])
    }

    /// (xy, xz, yz).
    #[must_use]
    pub fn tilts(&self) -> [f64; 3] {
        [self.edges[1][0], self.edges[2][0], self.edges[2][1]]
    }

    /// Lower and upper bounds of the box without its tilts. Upper bounds are chosen so that upper minus lower is the
    /// length to the last bit, wherever such a number exists: boxes survive files that store bounds.
    #[must_use]
    pub fn bounds(&self) -> ([f64; 3], [f64; 3]) {
        let high = std::array::from_fn(|d| {
            let (low, length) = (self.origin[d], self.edges[d][d]);
            nearest_solution(low + length, |high| high - low, length)
        });
        (self.origin, high)
    }

    /// Whether all tilts are zero.
    #[must_use]
    pub fn is_orthogonal(&self) -> bool {
        self.tilts() == [0.0; 3]
    }

    /// The volume in cubic Angstrom.
    #[must_use]
    pub fn volume(&self) -> f64 {
        self.lengths().iter().product()
    }

    /// Distances between opposite faces: those spanned by b and c, by c and a, by a and b. A layer of atoms that
    /// reaches r from a face is r / width thick in fractional coordinates.
    #[must_use]
    pub fn widths(&self) -> [f64; 3] {
        let [a, b, c] = self.edges;
        let [x, y, z] = self.lengths();
        // Volume over area; the products of the diagonal are divided out, so that nothing overflows.
        let first = x / norm([1.0, b[0] / y, cross(b, c)[2] / y / z]);
        let second = y / norm([1.0, c[1] / z, 0.0]);
        debug_assert!(a[1] == 0.0 && a[2] == 0.0);
        [first, second, z]
    }

    /// Refuses a box that is narrower than `least` between any two faces; `reason` says what needs it.
    ///
    /// # Errors
    /// `Error::Configuration`.
    pub fn require_widths(&self, least: f64, reason: &str) -> Result<()> {
        let widths = self.widths();
        match (0..3).find(|&d| widths[d] < least) {
            None => Ok(()),
            Some(axis) => Err(Error::Configuration(format!(
                "the box is too small: its faces across edge {} are {:.4} Angstrom apart, expected at least {least:.4} \
                 Angstrom ({reason})",
                ["a", "b", "c"][axis],
                widths[axis]
            ))),
        }
    }

    /// Fractional coordinates of a position: in [0, 1) inside the box.
    #[must_use]
    pub fn fractional(&self, position: [f64; 3]) -> [f64; 3] {
        let [x, y, z]: [f64; 3] = std::array::from_fn(|d| position[d] - self.origin[d]);
        let [_, b, c] = self.edges;
        let s_c = z / c[2];
        let s_b = (y - c[1] * s_c) / b[1];
        [(x - b[0] * s_b - c[0] * s_c) / self.edges[0][0], s_b, s_c]
    }

    /// The matrix that takes vectors of this box to those with the same fractional coordinates in another; rows as those
    /// of a rotation. Between equal boxes it is [`IDENTITY`] to the last bit.
    #[must_use]
    pub fn stretch_to(&self, other: &PeriodicBox) -> Matrix {
        if self == other {
            return IDENTITY;
        }
        let [[ax, _, _], [bx, by, _], [cx, cy, cz]] = self.edges;
        // Columns are the fractional coordinates of the unit vectors.
        let inverse = [
            [1.0 / ax, -bx / (ax * by), (bx * cy - cx * by) / (ax * by * cz)],
            [0.0, 1.0 / by, -cy / (by * cz)],
            [0.0, 0.0, 1.0 / cz],
        ];
        let edges = other.edges;
        std::array::from_fn(|d| std::array::from_fn(|e| (0..3).map(|k| edges[k][d] * inverse[k][e]).sum()))
    }

    /// The position with these fractional coordinates.
    #[must_use]
    pub fn cartesian(&self, fractional: [f64; 3]) -> [f64; 3] {
        self.shifted(self.origin, fractional)
    }

    fn shifted(&self, position: [f64; 3], count: [f64; 3]) -> [f64; 3] {
        let [a, b, c] = self.edges;
        let [x, y, z] = position;
        let [i, j, k] = count;
        [x + (i * a[0] + j * b[0] + k * c[0]), y + (j * b[1] + k * c[1]), z + k * c[2]]
    }

    /// Origin, lengths and tilts as nine numbers; the inverse is [`PeriodicBox::from_numbers`].
    #[must_use]
    pub fn numbers(&self) -> [f64; 9] {
        let ([x, y, z], [lx, ly, lz], [xy, xz, yz]) = (self.origin, self.lengths(), self.tilts());
        [x, y, z, lx, ly, lz, xy, xz, yz]
    }

    /// The box of nine numbers: origin, lengths, tilts.
    ///
    /// # Errors
    /// As [`PeriodicBox::new`], or if there are not nine.
    pub fn from_numbers(numbers: &[f64]) -> Result<Self> {
        let &[x, y, z, lx, ly, lz, xy, xz, yz] = numbers else {
            let message =
                format!("a box has nine numbers, origin, lengths and tilts: found {}", numbers.len());
            return Err(Error::Configuration(message));
        };
        Self::new([x, y, z], [lx, ly, lz], [xy, xz, yz])
    }
}

impl Persist for PeriodicBox {
    fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()> {
        let mut numbers = self.numbers().to_vec();
        visitor.field("box", &Layout::shared(&[9]), FieldMut::F64(&mut numbers))?;
        if visitor.is_loading() {
            *self = Self::from_numbers(&numbers)?;
        }
        Ok(())
    }
}

/// The number nearest to `guess`, within four units of its last place, whose `function` is exactly `value`; `guess` if
/// there is none.
pub fn nearest_solution(guess: f64, function: impl Fn(f64) -> f64, value: f64) -> f64 {
    let (mut up, mut down) = (guess, guess);
    for _ in 0..5 {
        for candidate in [up, down] {
            if function(candidate) == value {
                return candidate;
            }
        }
        (up, down) = (up.next_up(), down.next_down());
    }
    guess
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::random::{Key, Stream};
    use crate::foundation::vector::add;

    pub fn boxes() -> Vec<PeriodicBox> {
        let make = |origin, lengths, tilts| PeriodicBox::new(origin, lengths, tilts).unwrap();
        vec![
            make([0.0; 3], [3.0, 4.0, 5.0], [0.0; 3]),
            make([-1.3, 2.7, -7.1], [7.2, 7.0, 6.8], [0.9, -0.6, 0.5]),
            make([0.1, 0.2, 0.3], [5.0, 3.0, 2.0], [2.5, -2.4, 1.5]),
            make([10.0, 0.0, -10.0], [2.0, 3.0, 9.0], [17.3, -41.9, 8.2]),
            make([1e6, -1e6, 0.0], [10.0, 10.0, 10.0], [3.0, 3.0, -3.0]),
        ]
    }

    pub fn point(stream: &mut Stream, size: f64) -> [f64; 3] {
        std::array::from_fn(|_| size * (stream.uniform() - 0.5))
    }

    pub fn close(a: [f64; 3], b: [f64; 3], tolerance: f64) -> bool {
        norm(add(a, -1.0, b)) <= tolerance
    }

    #[test]
    fn stretching_keeps_fractional_coordinates() {
        let from = PeriodicBox::new([-1.0, 2.0, 0.5], [9.0, 8.0, 10.0], [4.0, -3.9, 3.5]).unwrap();
        let to = PeriodicBox::new([0.3, 0.1, -0.5], [9.5, 7.0, 12.0], [3.0, -1.9, 4.5]).unwrap();
        let matrix = from.stretch_to(&to);
        for s in [[0.1, 0.9, 0.4], [1.3, -0.2, 0.0]] {
            let r = from.cartesian(s);
            let from_corner = std::array::from_fn(|d| r[d] - from.origin()[d]);
            let found = rotate(&matrix, from_corner);
            let expected = to.cartesian(s);
            assert!((0..3).all(|d| (found[d] + to.origin()[d] - expected[d]).abs() < 1e-13));
        }
        assert_eq!(from.stretch_to(&from), IDENTITY);
    }

    #[test]
    fn fractional_and_cartesian_coordinates_are_inverse_and_add_edges() {
        let mut stream = Key::new(1).stream();
        for cell in boxes() {
            let scale = 1e-14 * (100.0 + norm(cell.origin()));
            for _ in 0..200 {
                let x = point(&mut stream, 30.0);
                assert!(close(cell.cartesian(cell.fractional(x)), x, 10.0 * scale));
                let s = point(&mut stream, 3.0);
                let by_hand = (0..3).fold(cell.origin(), |at, d| add(at, s[d], cell.edges()[d]));
                assert!(close(cell.cartesian(s), by_hand, scale));
            }
        }
    }

    #[test]
    fn widths_are_the_distances_of_faces() {
        for cell in boxes() {
            let [a, b, c] = cell.edges();
            for (width, (edge, (u, v))) in
                cell.widths().into_iter().zip([(a, (b, c)), (b, (c, a)), (c, (a, b))])
            {
                let normal = cross(u, v).map(|x| x / norm(cross(u, v)));
                assert!((width - dot(edge, normal).abs()).abs() < 1e-12 * norm(edge));
            }
            let volume = dot(a, cross(b, c));
            assert!((cell.volume() - volume).abs() < 1e-12 * volume);
        }
    }

    #[test]
    fn vectors_are_rotated_with_their_lengths_and_angles() {
        let mut stream = Key::new(4).stream();
        let mut made = 0;
        while made < 50 {
            let vectors: Matrix = std::array::from_fn(|_| point(&mut stream, 10.0));
            let origin = point(&mut stream, 5.0);
            let volume = dot(vectors[0], cross(vectors[1], vectors[2]));
            let result = PeriodicBox::from_vectors(origin, vectors);
            if volume < 0.0 {
                assert!(result.unwrap_err().to_string().contains("left-handed"));
                continue;
            }
            made += 1;
            let (cell, rotation) = result.unwrap();
            assert!((cell.volume() - volume).abs() < 1e-10);
            assert!(close(cell.origin(), rotate(&rotation, origin), 1e-13));
            for (edge, vector) in cell.edges().into_iter().zip(vectors) {
                assert!(close(edge, rotate(&rotation, vector), 1e-12));
            }
            for (r, row) in rotation.iter().enumerate() {
                for (q, other) in rotation.iter().enumerate() {
                    assert!((dot(*row, *other) - f64::from(u8::from(r == q))).abs() < 1e-14);
                }
            }
        }
        let cell = boxes()[3];
        assert_eq!(PeriodicBox::from_vectors(cell.origin(), cell.edges()).unwrap(), (cell, IDENTITY));
    }

    #[test]
    fn bounds_give_back_the_lengths_they_came_from() {
        let mut stream = Key::new(6).stream();
        for _ in 0..1000 {
            let low = point(&mut stream, 20.0);
            let high = low.map(|x| x + 1.0 + 30.0 * stream.uniform());
            let cell = PeriodicBox::from_bounds(low, high, [0.0; 3]).unwrap();
            let (again_low, again_high) = cell.bounds();
            assert_eq!(PeriodicBox::from_bounds(again_low, again_high, [0.0; 3]).unwrap(), cell);
        }
    }

    #[test]
    fn impossible_boxes_are_refused_in_one_sentence() {
        let refusal = |lengths, tilts| PeriodicBox::new([0.0; 3], lengths, tilts).unwrap_err().to_string();
        assert!(
            refusal([1.0, -2.0, 3.0], [0.0; 3]).contains("length -2 along y: expected a positive length")
        );
        assert!(refusal([1.0, 2.0, 0.0], [0.0; 3]).contains("along z"));
        assert!(refusal([f64::NAN, 2.0, 1.0], [0.0; 3]).contains("expected finite numbers"));
        assert!(refusal([1.0, 2.0, 1.0], [0.0, 3e7, 0.0]).contains("is flat"));
        let plane = [[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 2.0, 1.0]];
        assert!(PeriodicBox::from_vectors([0.0; 3], plane).unwrap_err().to_string().contains("in a plane"));
        let small = PeriodicBox::new([0.0; 3], [9.0, 8.0, 9.0], [0.0; 3]).unwrap();
        small.require_widths(8.0, "cutoff").unwrap();
        let message = small.require_widths(8.5, "cutoff 7.5 and skin 1").unwrap_err().to_string();
        assert!(
            message.contains("across edge b are 8.0000 Angstrom apart") && message.contains("cutoff 7.5")
        );
    }

    #[test]
    fn a_box_survives_its_nine_numbers() {
        for cell in boxes() {
            assert_eq!(PeriodicBox::from_numbers(&cell.numbers()).unwrap(), cell);
        }
        assert!(PeriodicBox::from_numbers(&[1.0; 8]).is_err());
    }
}
