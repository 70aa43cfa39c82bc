//! Planes of reciprocal space with the coordinates of their wave vectors.

use crate::models::Plane;

/// A plane with the coordinates of its wave vectors, in units of 2 pi / a.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaneAxes {
    /// The plane.
    pub plane: Plane,
    /// Horizontal coordinates.
    pub horizontal: Vec<f64>,
    /// Vertical coordinates.
    pub vertical: Vec<f64>,
}

impl PlaneAxes {
    /// The grid of a plane on a lattice of `size` cells, and its wave vectors in units of 2 pi / (a size), row by row.
    #[must_use]
    pub fn new(plane: Plane, size: usize) -> (Self, Vec<[i64; 3]>) {
        let l = size as i64;
        let steps = |[from, to]: [i64; 2]| (from * l..=to * l).collect::<Vec<i64>>();
        let (across, up) = (steps(plane.horizontal_range), steps(plane.vertical_range));
        let at = |x: i64, y: i64| std::array::from_fn(|d| x * plane.horizontal[d] + y * plane.vertical[d]);
        let vectors =
            up.iter().flat_map(|&y| across.iter().map(move |&x| (x, y))).map(|(x, y)| at(x, y)).collect();
        let scale = |steps: Vec<i64>| steps.into_iter().map(|n| n as f64 / l as f64).collect();
        (PlaneAxes { plane, horizontal: scale(across), vertical: scale(up) }, vectors)
    }

    pub(super) fn points(&self) -> usize {
        self.horizontal.len() * self.vertical.len()
    }

    pub(super) fn axes(&self) -> String {
        // The letters are those of the plane's name: h, and the first other one.
        let second = self.plane.name.chars().find(|c| c.is_alphabetic() && *c != 'h').unwrap_or('l');
        let name = |v: [i64; 3], letter: char| {
            v.map(|n| if n == 0 { "0".to_string() } else { letter.to_string() }).join(" ")
        };
        format!("{} | {}", name(self.plane.horizontal, 'h'), name(self.plane.vertical, second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_has_the_wave_vectors_of_its_axes() {
        let plane = Plane {
            name: "hhl".into(),
            horizontal: [1, 1, 0],
            vertical: [0, 0, 1],
            horizontal_range: [-2, 2],
            vertical_range: [0, 4],
        };
        let (axes, vectors) = PlaneAxes::new(plane, 2);
        assert_eq!((axes.horizontal.len(), axes.vertical.len(), vectors.len()), (9, 9, 81));
        assert_eq!((vectors[0], vectors[80]), ([-4, -4, 0], [4, 4, 8]));
        assert_eq!(axes.axes(), "h h 0 | 0 0 l");
    }
}
