//! funcfl files: one element each, pair energies as products of effective charges.

use super::setfl::{Grid, LENGTHS, element};
use super::table::Table;
use super::tokens::{Lines, Parsed};
use super::{Element, EmbeddedAtom, Layout, periodic_table};
use crate::foundation::{Error, Result};

/// e^2 in eV Angstrom as Hartree times Bohr radius, rounded as in every code that reads these files.
const CHARGE_SQUARED: f64 = 27.2 * 0.529;

/// One file as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Funcfl {
    comment: String,
    element: Element,
    grid: Grid,
    embedding: Vec<f64>,
    charge: Vec<f64>,
    density: Vec<f64>,
}

/// Reads one file.
///
/// # Errors
/// `Error::Configuration` with the line and what was expected there.
pub fn read(bytes: &[u8], name: &str) -> Result<Funcfl> {
    parse(bytes).map_err(|complaint| complaint.into_error(name))
}

fn parse(bytes: &[u8]) -> Parsed<Funcfl> {
    const EXPECTED: &str = "atomic number, mass, lattice constant and lattice";
    let mut lines = Lines::new(bytes);
    let comment = lines.comment("a comment")?;
    let words = lines.expect_words(EXPECTED)?;
    let refuse = || words.complain(format!("expected {EXPECTED}."));
    let mut element = element(&words, String::new()).ok_or_else(refuse)?;
    let Some(symbol) = periodic_table::symbol(element.atomic_number) else {
        return Err(words.complain(format!(
            "{} is no atomic number, and a funcfl file names its element by it alone: expected 1 to {}.",
            element.atomic_number,
            periodic_table::COUNT
        )));
    };
    element.symbol = symbol.into();
    let grid = Grid::read(&mut lines)?;
    let embedding = lines.numbers(grid.densities, "F", LENGTHS)?;
    let charge = lines.numbers(grid.distances, "the effective charge", LENGTHS)?;
    let density = lines.numbers(grid.distances, "the density", LENGTHS)?;
    lines.expect_end()?;
    Ok(Funcfl { comment, element, grid, embedding, charge, density })
}

/// The potential of several elements from a file each, with r phi_ab = 27.2 0.529 Z_a(r) Z_b(r).
///
/// All tables are brought to the coarsest spacing and the longest range, with one knot less than the longest has, by
/// interpolation of third order, as LAMMPS does. With one file this only drops the last knot.
///
/// # Errors
/// `Error::Configuration` if there is no file, an element occurs twice, or the common tables are too short.
pub fn mix(files: &[Funcfl], name: &str) -> Result<EmbeddedAtom> {
    for (k, file) in files.iter().enumerate() {
        let symbol = &file.element.symbol;
        if files[..k].iter().any(|other| other.element.symbol == *symbol) {
            return Err(Error::Configuration(format!(
                "{name}: two funcfl files are of element {symbol}: expected one file per element."
            )));
        }
    }
    let grids = || files.iter().map(|file| file.grid);
    let (drho, densities) = common(grids().map(|grid| (grid.density_spacing, grid.densities)));
    let (dr, distances) = common(grids().map(|grid| (grid.distance_spacing, grid.distances)));
    let on = |values: &[f64], from: f64, to: f64, count: usize| -> Vec<f64> {
        (0..count).map(|k| lagrange(values, k as f64 * (to / from))).collect()
    };
    let table = |spacing: f64, values: &[f64]| {
        Table::new(spacing, values).map_err(|error| Error::Configuration(format!("{name}: {error}")))
    };
    let mut embedding = Vec::new();
    let mut density = Vec::new();
    let mut charges = Vec::new();
    for Funcfl { grid, embedding: f, charge: z, density: rho, .. } in files {
        embedding.push(table(drho, &on(f, grid.density_spacing, drho, densities))?);
        let radial = table(dr, &on(rho, grid.distance_spacing, dr, distances))?;
        density.extend(std::iter::repeat_n(radial, files.len()));
        charges.push(on(z, grid.distance_spacing, dr, distances));
    }
    let mut pair = Vec::new();
    for a in &charges {
        for b in &charges {
            let values: Vec<f64> = a.iter().zip(b).map(|(za, zb)| CHARGE_SQUARED * (za * zb)).collect();
            pair.push(table(dr, &values)?);
        }
    }
    if files.is_empty() {
        return Err(Error::Configuration(format!("{name}: expected at least one funcfl file.")));
    }
    Ok(EmbeddedAtom {
        name: name.into(),
        comments: files.iter().map(|file| file.comment.clone()).collect(),
        layout: Layout::Funcfl,
        elements: files.iter().map(|file| file.element.clone()).collect(),
        cutoff: grids().map(|grid| grid.cutoff).fold(0.0, f64::max),
        embedding,
        density,
        pair,
        is_density_of_source: true,
    })
}

/// Spacing and number of knots of the tables all files share.
fn common(tables: impl Iterator<Item = (f64, usize)> + Clone) -> (f64, usize) {
    let spacing = tables.clone().map(|(spacing, _)| spacing).fold(0.0, f64::max);
    let range = tables.map(|(spacing, count)| (count - 1) as f64 * spacing).fold(0.0, f64::max);
    (spacing, (range / spacing + 0.5) as usize)
}

/// Interpolation of third order through the four values around `place`, in units of their spacing; held at the end.
fn lagrange(values: &[f64], place: f64) -> f64 {
    let k = (place as usize).clamp(1, values.len() - 3);
    let p = (place - k as f64).min(2.0);
    let weights = [
        -p * (p - 1.0) * (p - 2.0) / 6.0,
        (p * p - 1.0) * (p - 2.0) / 2.0,
        -p * (p + 1.0) * (p - 2.0) / 2.0,
        p * (p * p - 1.0) / 6.0,
    ];
    (0..4).map(|m| weights[m] * values[k - 1 + m]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolation_passes_through_the_knots_and_through_cubics() {
        let cubic = |x: f64| 0.3 + x - 0.2 * x * x + 0.01 * x * x * x;
        let values: Vec<f64> = (0..9).map(|k| cubic(f64::from(k))).collect();
        for k in 0..9u8 {
            assert_eq!(lagrange(&values, f64::from(k)), values[usize::from(k)]);
        }
        for x in [0.2, 1.7, 3.5, 7.9] {
            assert!((lagrange(&values, x) - cubic(x)).abs() < 1e-13);
        }
        assert_eq!(lagrange(&values, 30.0), values[8]);
    }
}
