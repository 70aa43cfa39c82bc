//! Atoms as balls in space.

use super::super::drawing::{ColorMap, RGBColor, Scene, Sphere, category};
use crate::formats::Frame;
use crate::system::atoms::Atoms;

/// Pixels of a side.
pub const SIZE: usize = 640;

/// Radii of atoms in metals with twelve neighbors (Angstrom; Goldschmidt's, as tabulated in textbooks of metal physics).
const RADII: [(&str, f64); 24] = [
    ("Mg", 1.60),
    ("Al", 1.43),
    ("Ti", 1.47),
    ("V", 1.35),
    ("Cr", 1.28),
    ("Mn", 1.37),
    ("Fe", 1.26),
    ("Co", 1.25),
    ("Ni", 1.25),
    ("Cu", 1.28),
    ("Zn", 1.37),
    ("Y", 1.81),
    ("Zr", 1.60),
    ("Nb", 1.47),
    ("Mo", 1.40),
    ("Pd", 1.37),
    ("Ag", 1.44),
    ("La", 1.87),
    ("Hf", 1.59),
    ("Ta", 1.47),
    ("W", 1.41),
    ("Pt", 1.39),
    ("Au", 1.44),
    ("Pb", 1.75),
];
/// Balls of this part of their radius let one see between them.
const SHRUNK: f64 = 0.92;

/// The colors of all kinds of atoms, by the alphabetic place of their names: files may list the kinds in any order.
#[must_use]
pub fn kind_colors(atoms: &Atoms) -> Vec<RGBColor> {
    let names: Vec<String> = (0..atoms.kinds).map(|kind| atoms.name(kind)).collect();
    let place = |name: &String| names.iter().filter(|other| *other < name).count();
    // Copper, which comes first in most alloys, is orange.
    names.iter().map(|name| category([1, 4, 2, 3, 5, 0, 6][place(name) % 7])).collect()
}

/// Which color stands for which number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Number at the lower end.
    pub low: f64,
    /// Number at the upper end.
    pub high: f64,
    /// Colors between.
    pub map: ColorMap,
}

impl Range {
    /// A range around the mean that has nearly all numbers: 98 of 100. `None` if there are no finite numbers.
    #[must_use]
    pub fn around_mean(values: &[f64]) -> Option<Self> {
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let mean = finite().sum::<f64>() / finite().count() as f64;
        let half = percentile(finite().map(|value| (value - mean).abs()).collect(), 0.98)?;
        let half = if half > 0.0 { half } else { mean.abs().max(1.0) * 1e-3 };
        Some(Range { low: mean - half, high: mean + half, map: ColorMap::Diverging })
    }

    /// A range with nearly all numbers, from small to large.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let finite = || values.iter().copied().filter(|value| value.is_finite()).collect::<Vec<f64>>();
        let (low, high) = (percentile(finite(), 0.01)?, percentile(finite(), 0.99)?);
        let high = if high > low { high } else { low + low.abs().max(1.0) * 1e-3 };
        Some(Range { low, high, map: ColorMap::Sequential })
    }

    /// The color of a number.
    #[must_use]
    pub fn color(&self, value: f64) -> RGBColor {
        self.map.color((value - self.low) / (self.high - self.low))
    }
}

fn percentile(mut values: Vec<f64>, part: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(((values.len().saturating_sub(1)) as f64 * part).round() as usize).copied()
}

/// The atoms of a frame in its box, in the colors given.
#[must_use]
pub fn scene(frame: &Frame, color: impl Fn(usize) -> RGBColor) -> Scene {
    let atoms = &frame.atoms;
    let edges = atoms.periodic_box.edges();
    let usual = 0.5 * (atoms.periodic_box.volume() / atoms.len().max(1) as f64).cbrt() * 1.12;
    let radius = |kind: u16| {
        let name = atoms.name(kind as usize);
        SHRUNK * RADII.iter().find(|(element, _)| *element == name).map_or(usual, |(_, radius)| *radius)
    };
    let radii: Vec<f64> = (0..atoms.kinds).map(|kind| radius(kind as u16)).collect();
    let sphere = |atom: usize| {
        let RGBColor(red, green, blue) = color(atom);
        let kind = atoms.kind[atom] as usize;
        Sphere {
            center: atoms.position[atom],
            radius: radii.get(kind).copied().unwrap_or(usual),
            color: [red, green, blue],
        }
    };
    let corner = |number: usize| -> [f64; 3] {
        let origin = atoms.periodic_box.origin();
        std::array::from_fn(|d| {
            origin[d] + (0..3).filter(|edge| number >> edge & 1 == 1).map(|edge| edges[edge][d]).sum::<f64>()
        })
    };
    let line = |(number, edge): (usize, usize)| {
        (number >> edge & 1 == 0).then(|| [corner(number), corner(number | 1 << edge)])
    };
    let lines = (0..8).flat_map(|number| (0..3).map(move |edge| (number, edge))).filter_map(line);
    Scene { spheres: (0..atoms.len()).map(sphere).collect(), lines: lines.collect() }
}
