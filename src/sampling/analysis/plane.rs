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
    /// For each horizontal coordinate the column of measured points it is drawn from.
    columns: Vec<usize>,
    /// Columns of measured points.
    measured: usize,
}

/// The wave vectors of the measured points of a plane, in units of 2 pi / (a size), row by row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanePoints {
    /// The points.
    pub wave_vectors: Vec<[i64; 3]>,
    /// Where the same structure factor is found once more; the point itself where a plane is not folded.
    pub images: Vec<[i64; 3]>,
}

impl PlaneAxes {
    /// The grid of a plane on a lattice of `size` cells, and the points that are measured. Where left and right are
    /// equal on average, one half is measured and the other is its image, so that both halve the noise.
    #[must_use]
    pub fn new(plane: Plane, size: usize) -> (Self, PlanePoints) {
        let l = size as i64;
        let steps = |[from, to]: [i64; 2]| (from * l..=to * l).collect::<Vec<i64>>();
        let (across, up) = (steps(plane.horizontal_range), steps(plane.vertical_range));
        let is_folded = plane.is_symmetric && plane.horizontal_range[0] == -plane.horizontal_range[1];
        let measured: Vec<i64> = across.iter().copied().filter(|&x| !is_folded || x >= 0).collect();
        let at = |x: i64, y: i64| std::array::from_fn(|d| x * plane.horizontal[d] + y * plane.vertical[d]);
        let grid = |sign: i64| {
            let row = |&y: &i64| measured.iter().map(move |&x| at(sign * x, y)).collect::<Vec<_>>();
            up.iter().flat_map(row).collect()
        };
        let points = PlanePoints { wave_vectors: grid(1), images: grid(if is_folded { -1 } else { 1 }) };
        let column = |&x: &i64| if is_folded { x.unsigned_abs() as usize } else { (x - across[0]) as usize };
        let columns = across.iter().map(column).collect();
        let scale = |steps: &[i64]| steps.iter().map(|&n| n as f64 / l as f64).collect();
        let (horizontal, vertical) = (scale(&across), scale(&up));
        (PlaneAxes { horizontal, vertical, columns, measured: measured.len(), plane }, points)
    }

    /// Places of the points of the whole plane among the measured ones, row by row.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> + '_ {
        let row = move |y: usize| self.columns.iter().map(move |column| y * self.measured + column);
        (0..self.vertical.len()).flat_map(row)
    }

    pub(super) fn points(&self) -> usize {
        self.measured * self.vertical.len()
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

    fn hhl(is_symmetric: bool) -> Plane {
        Plane {
            name: "hhl".into(),
            horizontal: [1, 1, 0],
            vertical: [0, 0, 1],
            horizontal_range: [-2, 2],
            vertical_range: [0, 4],
            is_symmetric,
        }
    }

    #[test]
    fn a_plane_has_the_wave_vectors_of_its_axes() {
        let (axes, points) = PlaneAxes::new(hhl(false), 2);
        let vectors = &points.wave_vectors;
        assert_eq!((axes.horizontal.len(), axes.vertical.len(), vectors.len()), (9, 9, 81));
        assert_eq!((vectors[0], vectors[80]), ([-4, -4, 0], [4, 4, 8]));
        assert_eq!(points.images, points.wave_vectors);
        assert_eq!(axes.axes(), "h h 0 | 0 0 l");
        assert!(axes.places().eq(0..81));
    }

    #[test]
    fn every_point_of_a_folded_plane_is_drawn_from_itself_or_its_image() {
        let (axes, points) = PlaneAxes::new(hhl(true), 2);
        let (_, whole) = PlaneAxes::new(hhl(false), 2);
        assert_eq!(axes.points(), 45);
        assert_eq!(points.wave_vectors.len(), 45);
        for (place, vector) in axes.places().zip(&whole.wave_vectors) {
            assert!(points.wave_vectors[place] == *vector || points.images[place] == *vector);
        }
    }
}
