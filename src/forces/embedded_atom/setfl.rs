//! setfl files: eam/alloy and eam/fs.

use super::table::{FEWEST_KNOTS, Table};
use super::tokens::{Lines, Parsed, Words};
use super::{Element, EmbeddedAtom, Layout, is_density_of_source};

/// Largest atomic number, and number of elements, that is believed.
const MOST_ELEMENTS: usize = 150;
/// Where the lengths of tables are given, for messages.
pub(super) const LENGTHS: &str = "in the line with the cutoff";

/// Numbers of knots, spacings and cutoff.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grid {
    pub densities: usize,
    pub density_spacing: f64,
    pub distances: usize,
    pub distance_spacing: f64,
    pub cutoff: f64,
}

impl Grid {
    /// From `Nrho drho Nr dr cutoff`, after which there may be a comment.
    pub fn read(lines: &mut Lines<'_>) -> Parsed<Self> {
        const EXPECTED: &str = "Nrho drho Nr dr cutoff: two whole numbers of at least 5 and positive numbers";
        let words = lines.expect_words(EXPECTED)?;
        let whole = |index| words.whole(index, usize::MAX).filter(|&count| count >= FEWEST_KNOTS);
        let positive = |index| words.number(index).filter(|&value| value > 0.0);
        let refuse = || words.complain(format!("expected {EXPECTED}."));
        let grid = Grid {
            densities: whole(0).ok_or_else(refuse)?,
            density_spacing: positive(1).ok_or_else(refuse)?,
            distances: whole(2).ok_or_else(refuse)?,
            distance_spacing: positive(3).ok_or_else(refuse)?,
            cutoff: positive(4).ok_or_else(refuse)?,
        };
        if words.number(5).is_some() {
            return Err(words.complain(
                "expected five numbers, Nrho drho Nr dr cutoff, found six (eam/he has six, of another meaning).",
            ));
        }
        Ok(grid)
    }
}

/// `Z mass a0 lattice`, or nothing if this is another kind of line.
pub(super) fn element(words: &Words<'_>, symbol: String) -> Option<Element> {
    // A line of data has a number where the lattice is.
    if words.number(3).is_some() {
        return None;
    }
    Some(Element {
        symbol,
        atomic_number: words.whole(0, MOST_ELEMENTS)? as u32,
        mass: words.number(1)?,
        lattice_constant: words.number(2)?,
        structure: words.text(3).unwrap_or_default(),
    })
}

/// Reads a file as eam/alloy or as eam/fs.
pub(super) fn parse(bytes: &[u8], name: &str, layout: Layout) -> Parsed<EmbeddedAtom> {
    let mut lines = Lines::new(bytes);
    let mut comments = Vec::new();
    for _ in 0..3 {
        comments.push(lines.comment("three lines of comments")?);
    }
    let symbols = symbols(&mut lines)?;
    let grid = Grid::read(&mut lines)?;
    let n = symbols.len();
    let mut elements = Vec::with_capacity(n);
    let mut embedding = Vec::with_capacity(n);
    let mut density = Vec::with_capacity(n * n);
    for (k, symbol) in symbols.iter().enumerate() {
        let what =
            format!("the line of element {} ({symbol}), number, mass, lattice constant, lattice", k + 1);
        let words = lines.expect_words(&what)?;
        let refuse = || words.complain(format!("expected {what}; are Nrho and Nr right {LENGTHS}?"));
        elements.push(element(&words, symbol.clone()).ok_or_else(refuse)?);
        embedding.push(table(&mut lines, grid.densities, grid.density_spacing, &format!("F of {symbol}"))?);
        let mut radial = |what: &str| table(&mut lines, grid.distances, grid.distance_spacing, what);
        if layout == Layout::FinnisSinclair {
            for site in &symbols {
                density.push(radial(&format!("the density of {symbol} at {site}"))?);
            }
        } else {
            let table = radial(&format!("the density of {symbol}"))?;
            density.extend(std::iter::repeat_n(table, n));
        }
    }
    let mut lower = Vec::with_capacity(n * (n + 1) / 2);
    for a in 0..n {
        for b in 0..=a {
            let what = format!("r phi of {} and {}", symbols[a], symbols[b]);
            lower.push(table(&mut lines, grid.distances, grid.distance_spacing, &what)?);
        }
    }
    lines.expect_end()?;
    let of_pair = |a: usize, b: usize| lower[a.max(b) * (a.max(b) + 1) / 2 + a.min(b)].clone();
    let pair = (0..n).flat_map(|a| (0..n).map(move |b| (a, b))).map(|(a, b)| of_pair(a, b)).collect();
    Ok(EmbeddedAtom {
        name: name.into(),
        comments,
        layout,
        elements,
        cutoff: grid.cutoff,
        embedding,
        is_density_of_source: is_density_of_source(&density, n),
        density,
        pair,
    })
}

fn table(lines: &mut Lines<'_>, count: usize, spacing: f64, what: &str) -> Parsed<Table> {
    let values = lines.numbers(count, what, LENGTHS)?;
    Table::new(spacing, &values).map_err(|error| lines.complain(format!("{what}: {error}")))
}

/// `Nel El1 El2 ...`
fn symbols(lines: &mut Lines<'_>) -> Parsed<Vec<String>> {
    const EXPECTED: &str = "the number of elements and their symbols, such as `2 Cu Zr`";
    let words = lines.expect_words(EXPECTED)?;
    let refuse = |what: String| words.complain(format!("{what}: expected {EXPECTED}."));
    let count = words
        .whole(0, MOST_ELEMENTS)
        .filter(|&count| count > 0)
        .ok_or_else(|| refuse(format!("`{}` is no number of elements", words.text(0).unwrap_or_default())))?;
    let symbols = words.rest(1);
    if symbols.len() != count {
        return Err(refuse(format!("{count} elements but {} symbols", symbols.len())));
    }
    if let Some(wrong) = symbols.iter().find(|symbol| !symbol.starts_with(|c: char| c.is_ascii_alphabetic()))
    {
        return Err(refuse(format!("`{wrong}` is no symbol")));
    }
    if let Some(k) = (1..count).find(|&k| symbols[..k].contains(&symbols[k])) {
        return Err(refuse(format!("{} is named twice", symbols[k])));
    }
    Ok(symbols)
}
