//! Periodic images: wrapping, shortest differences, equivalent boxes.

use super::PeriodicBox;
use crate::foundation::vector::{add, dot};

impl PeriodicBox {
    /// A position moved by whole edges: where an atom is if its image flags are taken at their word.
    #[must_use]
    pub fn unwrapped(&self, position: [f64; 3], image: [i32; 3]) -> [f64; 3] {
        if image == [0; 3] { position } else { self.shifted(position, image.map(f64::from)) }
    }

    /// The image inside the box and the edges that were taken off: `position` is the image plus these edges, up to
    /// rounding. Fractional coordinates of the image are in [0, 1) to the last bit, positions inside stay as they are.
    /// `None` if the position is not finite or more than a thousand million edges away.
    #[must_use]
    pub fn wrapped(&self, position: [f64; 3]) -> Option<([f64; 3], [i32; 3])> {
        let mut image = [0i32; 3];
        let mut inside = position;
        // Edge c reaches into all three coordinates, a into one: last things first.
        for axis in (0..3).rev() {
            // A second round where rounding put the image on the upper face, which is the lower one.
            for _ in 0..2 {
                let count = self.fractional(inside)[axis].floor();
                if count.is_nan() || count.abs() >= 1e9 {
                    return None;
                }
                if count != 0.0 {
                    inside = add(inside, -count, self.edges[axis]);
                    image[axis] += count as i32;
                }
            }
            // What rounding left outside is moved in, by the last place of the position or of the box.
            let step = f64::EPSILON * self.edges[axis][axis];
            while self.fractional(inside)[axis] < 0.0 {
                inside[axis] = inside[axis].next_up().max(inside[axis] + step);
            }
            while self.fractional(inside)[axis] >= 1.0 {
                inside[axis] = inside[axis].next_down().min(inside[axis] - step);
            }
        }
        Some((inside, image))
    }

    /// The shortest vector that differs from `difference` by whole edges, for boxes of any shape.
    #[must_use]
    pub fn shortest(&self, difference: [f64; 3]) -> [f64; 3] {
        let [a, b, c] = self.edges;
        let mut best = difference;
        for (axis, edge) in self.edges.iter().enumerate().rev() {
            let count = (best[axis] / edge[axis]).round();
            if count != 0.0 {
                best = add(best, -count, *edge);
            }
        }
        if self.is_orthogonal() {
            return best;
        }
        // The rounded vector bounds the length, hence the layers along c, in each the rows along b, in each row the
        // nearest point.
        let start = best;
        let mut square = dot(best, best);
        let within = |x: f64, reach: f64, length: f64| {
            (((-reach - x) / length).ceil() as i64)..=(((reach - x) / length).floor() as i64)
        };
        for k in within(start[2], square.sqrt(), c[2]) {
            let layer = add(start, k as f64, c);
            let rest = square - layer[2] * layer[2];
            for j in within(layer[1], rest.max(0.0).sqrt(), b[1]) {
                let row = add(layer, j as f64, b);
                let point = add(row, -(row[0] / a[0]).round(), a);
                if dot(point, point) < square {
                    (best, square) = (point, dot(point, point));
                }
            }
        }
        best
    }

    /// The same lattice of boxes with tilts of at most half an edge (xy, xz <= lx/2, yz <= ly/2), and the whole edges
    /// that were taken off each tilt (xy, xz, yz). An image flag (i, j, k) of this box is (i + nxy j + nxz k, j + nyz
    /// k, k) in the reduced one; wrapped positions must be wrapped again.
    #[must_use]
    pub fn reduced(&self) -> (Self, [i32; 3]) {
        let [a, mut b, mut c] = self.edges;
        let nxy = (b[0] / a[0]).round();
        b[0] -= nxy * a[0];
        let nyz = (c[1] / b[1]).round();
        c = add(c, -nyz, b);
        let nxz = (c[0] / a[0]).round();
        c[0] -= nxz * a[0];
        (PeriodicBox { origin: self.origin, edges: [a, b, c] }, [nxy as i32, nxz as i32, nyz as i32])
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{boxes, close, point};
    use super::*;
    use crate::foundation::random::Key;
    use crate::foundation::vector::norm;

    #[test]
    fn wrapping_puts_every_position_inside_and_remembers_where_it_was() {
        let mut stream = Key::new(2).stream();
        for cell in boxes() {
            let tolerance = 1e-13 * (100.0 + norm(cell.origin()));
            let mut positions: Vec<[f64; 3]> = (0..500).map(|_| point(&mut stream, 200.0)).collect();
            let corners = [-2.0, -1.0, 0.0, 1.0, 2.0, 3.0];
            for i in corners {
                for j in corners {
                    for k in corners {
                        let corner = cell.cartesian([i, j, k]);
                        positions.push(corner);
                        positions.push(corner.map(f64::next_down));
                        positions.push(add(corner, 1e-18, [-1.0, 1.0, -1.0]));
                    }
                }
            }
            for position in positions {
                let (inside, image) = cell.wrapped(position).unwrap();
                assert!(cell.fractional(inside).iter().all(|s| (0.0..1.0).contains(s)), "{position:?}");
                assert!(close(cell.unwrapped(inside, image), position, tolerance), "{position:?}");
                assert_eq!(cell.wrapped(inside), Some((inside, [0; 3])));
            }
        }
    }

    #[test]
    fn what_cannot_be_wrapped_is_refused() {
        let cell = boxes()[1];
        for bad in [f64::NAN, f64::INFINITY, -1e30, 1e11] {
            for axis in 0..3 {
                let mut position = [0.0; 3];
                position[axis] = bad;
                assert_eq!(cell.wrapped(position), None, "{position:?}");
            }
        }
    }

    #[test]
    fn the_shortest_image_is_that_of_a_search_over_many_images() {
        let mut stream = Key::new(3).stream();
        for cell in boxes() {
            let edges = cell.edges();
            for _ in 0..40 {
                let difference = point(&mut stream, 12.0);
                let mut best = f64::INFINITY;
                for k in -6..=6 {
                    for j in -20..=20 {
                        for i in -90..=90 {
                            let image = [(i, 0), (j, 1), (k, 2)]
                                .iter()
                                .fold(difference, |at, &(n, d)| add(at, f64::from(n), edges[d]));
                            best = best.min(norm(image));
                        }
                    }
                }
                let shortest = cell.shortest(difference);
                assert!((norm(shortest) - best).abs() < 1e-12, "{cell:?} {difference:?}");
                let count =
                    PeriodicBox { origin: [0.0; 3], edges }.fractional(add(shortest, -1.0, difference));
                assert!(count.iter().all(|n| (n - n.round()).abs() < 1e-10));
            }
        }
    }

    #[test]
    fn a_reduced_box_holds_the_same_atoms() {
        let mut stream = Key::new(5).stream();
        for cell in boxes() {
            let (reduced, [nxy, nxz, nyz]) = cell.reduced();
            let ([lx, ly, _], [xy, xz, yz]) = (reduced.lengths(), reduced.tilts());
            assert!(xy.abs() <= lx / 2.0 && xz.abs() <= lx / 2.0 && yz.abs() <= ly / 2.0);
            for _ in 0..50 {
                let position = point(&mut stream, 10.0);
                let [i, j, k]: [i32; 3] = std::array::from_fn(|_| stream.below(9) as i32 - 4);
                let before = cell.unwrapped(position, [i, j, k]);
                let after = reduced.unwrapped(position, [i + nxy * j + nxz * k, j + nyz * k, k]);
                assert!(close(before, after, 1e-11));
            }
        }
    }
}
