//! Perfect crystals: face-centered and body-centered cubic, hexagonal close-packed, and the ordered B2 and L1_2.

use super::atoms::Atoms;
use super::composition;
use super::periodic_box::PeriodicBox;
use crate::foundation::random::Key;
use crate::foundation::{Error, Result};

/// The largest number of atoms built.
const MOST_ATOMS: usize = 1 << 31;

/// A crystal structure. Cells are orthogonal; "lattice constant" is the edge a of the cell along x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Structure {
    /// Face-centered cubic: 4 atoms per cell.
    Fcc,
    /// Body-centered cubic: 2 atoms per cell.
    Bcc,
    /// Hexagonal close-packed in the orthogonal cell a, sqrt(3) a, c with 4 atoms; c along z.
    Hcp {
        /// c/a; sqrt(8/3) for touching spheres.
        axis_ratio: f64,
    },
    /// CsCl structure: the first element on the corners of the cube, the second in its center.
    B2,
    /// Cu3Au structure: the first element on the three faces of the cube, the second on its corners.
    L12,
}

/// sqrt(8/3), the axis ratio of hexagonally packed spheres.
pub const IDEAL_AXIS_RATIO: f64 = 1.632_993_161_855_452;

const SQRT_3: f64 = 1.732_050_807_568_877_2;

impl Structure {
    /// The structure of a name: "fcc", "bcc", "hcp", "b2" or "l1_2", in small or capital letters. The axis ratio is
    /// that of "hcp", the ideal one where none is given.
    ///
    /// # Errors
    /// `Error::Configuration` for other names, and for an axis ratio that is not positive or not of "hcp".
    pub fn named(name: &str, axis_ratio: Option<f64>) -> Result<Self> {
        let refuse = |what: String| Err(Error::Configuration(what));
        let structure = match name.to_ascii_lowercase().as_str() {
            "fcc" => Structure::Fcc,
            "bcc" => Structure::Bcc,
            "b2" => Structure::B2,
            "l1_2" => Structure::L12,
            "hcp" => Structure::Hcp { axis_ratio: axis_ratio.unwrap_or(IDEAL_AXIS_RATIO) },
            _ => {
                return refuse(format!(
                    "there is no crystal structure {name:?}: expected fcc, bcc, hcp, b2 or l1_2"
                ));
            }
        };
        match (structure, axis_ratio) {
            (Structure::Hcp { axis_ratio }, _) if !(axis_ratio.is_finite() && axis_ratio > 0.0) => {
                refuse(format!("the axis ratio c/a is {axis_ratio}: expected a positive number"))
            }
            (Structure::Hcp { .. }, _) | (_, None) => Ok(structure),
            (_, Some(_)) => {
                refuse(format!("an axis ratio c/a is given for {name}: expected one for hcp only"))
            }
        }
    }

    /// Edges of the cell in lattice constants.
    #[must_use]
    pub fn cell(self) -> [f64; 3] {
        match self {
            Structure::Hcp { axis_ratio } => [1.0, SQRT_3, axis_ratio],
            _ => [1.0; 3],
        }
    }

    /// Fractional coordinates of the atoms of a cell, with the sublattice of each.
    #[must_use]
    pub fn basis(self) -> &'static [([f64; 3], u16)] {
        match self {
            Structure::Fcc => {
                &[([0.0, 0.0, 0.0], 0), ([0.0, 0.5, 0.5], 0), ([0.5, 0.0, 0.5], 0), ([0.5, 0.5, 0.0], 0)]
            }
            Structure::Bcc => &[([0.0, 0.0, 0.0], 0), ([0.5, 0.5, 0.5], 0)],
            Structure::Hcp { .. } => &[
                ([0.0, 0.0, 0.0], 0),
                ([0.5, 0.5, 0.0], 0),
                ([0.5, 5.0 / 6.0, 0.5], 0),
                ([0.0, 1.0 / 3.0, 0.5], 0),
            ],
            Structure::B2 => &[([0.0, 0.0, 0.0], 0), ([0.5, 0.5, 0.5], 1)],
            Structure::L12 => {
                &[([0.0, 0.0, 0.0], 1), ([0.0, 0.5, 0.5], 0), ([0.5, 0.0, 0.5], 0), ([0.5, 0.5, 0.0], 0)]
            }
        }
    }

    /// Whether each element has its own sublattice.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        matches!(self, Structure::B2 | Structure::L12)
    }
}

/// Builds a crystal of `repeat` cells along x, y and z with lattice constant `constant` in Angstrom. B2 and L1_2 take
/// two elements, one per sublattice, and no fractions. The others take one element, or several with fractions: a random
/// alloy with exact numbers of atoms ([`composition::counts`]), shuffled by `key`.
///
/// # Errors
/// `Error::Configuration` for sizes that are not positive or too large, and for elements or fractions that do not fit.
pub fn build(
    structure: Structure,
    constant: f64,
    repeat: [usize; 3],
    elements: &[String],
    fractions: &[f64],
    key: Key,
) -> Result<Atoms> {
    let refuse = |what: String| Err(Error::Configuration(what));
    if !(constant.is_finite() && constant > 0.0) {
        return refuse(format!("the lattice constant is {constant}: expected a positive number of Angstrom"));
    }
    let basis = structure.basis();
    let count = repeat.iter().try_fold(basis.len(), |product, &n| product.checked_mul(n));
    let Some(count) = count.filter(|count| (1..=MOST_ATOMS).contains(count)) else {
        return refuse(format!(
            "the crystal repeats {repeat:?} times: expected 1 to {MOST_ATOMS} atoms in all"
        ));
    };
    composition::check_names(elements)?;
    let kinds = if !structure.is_ordered() {
        composition::shuffled(&composition::counts(elements, fractions, count)?, key)
    } else if elements.len() == 2 && fractions.is_empty() {
        basis.iter().map(|&(_, kind)| kind).cycle().take(count).collect()
    } else {
        return refuse(format!(
            "an ordered structure has {} elements and {} fractions: expected two elements, one for each of its \
             sublattices, and no fractions",
            elements.len(),
            fractions.len()
        ));
    };
    let edges = structure.cell().map(|x| x * constant);
    let lengths = std::array::from_fn(|d| repeat[d] as f64 * edges[d]);
    let mut position = Vec::with_capacity(count);
    for x in 0..repeat[0] {
        for y in 0..repeat[1] {
            for z in 0..repeat[2] {
                let cell = [x as f64, y as f64, z as f64];
                let place = |at: [f64; 3]| std::array::from_fn(|d| (cell[d] + at[d]) * edges[d]);
                position.extend(basis.iter().map(|&(at, _)| place(at)));
            }
        }
    }
    Ok(Atoms::new(PeriodicBox::orthogonal(lengths)?, elements.to_vec(), kinds, position))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn names_are_recognized_or_refused() {
        assert_eq!(Structure::named("FCC", None).unwrap(), Structure::Fcc);
        assert_eq!(Structure::named("L1_2", None).unwrap(), Structure::L12);
        let hcp = Structure::named("hcp", None).unwrap();
        assert_eq!(hcp, Structure::Hcp { axis_ratio: (8.0f64 / 3.0).sqrt() });
        let refusal = |name, ratio| Structure::named(name, ratio).unwrap_err().to_string();
        assert!(refusal("diamond", None).contains("expected fcc, bcc, hcp, b2 or l1_2"));
        assert!(refusal("hcp", Some(-1.0)).contains("the axis ratio c/a is -1"));
        assert!(refusal("bcc", Some(1.0)).contains("expected one for hcp only"));
    }

    #[test]
    fn impossible_crystals_are_refused() {
        let refusal = |constant, repeat, elements: &[&str], fractions: &[f64], structure| {
            let key = Key::new(1);
            build(structure, constant, repeat, &names(elements), fractions, key).unwrap_err().to_string()
        };
        let fcc = Structure::Fcc;
        assert!(refusal(0.0, [1; 3], &["Cu"], &[], fcc).contains("the lattice constant is 0"));
        assert!(refusal(f64::NAN, [1; 3], &["Cu"], &[], fcc).contains("the lattice constant is NaN"));
        assert!(refusal(3.6, [1, 0, 1], &["Cu"], &[], fcc).contains("repeats [1, 0, 1] times"));
        assert!(refusal(3.6, [usize::MAX; 3], &["Cu"], &[], fcc).contains("times"));
        assert!(refusal(3.6, [1; 3], &["Cu", "Zr"], &[0.5], fcc).contains("1 fractions for 2 elements"));
        assert!(refusal(3.6, [1; 3], &["Cu"], &[], Structure::B2).contains("expected two elements"));
        assert!(refusal(3.6, [1; 3], &["Cu", "Cu"], &[], Structure::B2).contains("named twice"));
        let fractions = [0.5, 0.5];
        assert!(refusal(3.6, [1; 3], &["A", "B"], &fractions, Structure::L12).contains("no fractions"));
    }
}
