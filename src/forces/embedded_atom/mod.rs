//! Embedded-atom potentials: files as LAMMPS reads them, and the analytic ones of Zhou.

pub mod checks;
pub mod funcfl;
pub mod kernel;
pub mod periodic_table;
pub mod read;
mod setfl;
pub mod table;
pub mod thinning;
mod tokens;
pub mod write;
pub mod zhou;
mod zhou_parameters;

use super::PairwiseEmbedded;
use crate::foundation::{Error, Result};
use table::Table;

/// How a file lays out its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// setfl with one density per element (eam/alloy).
    Alloy,
    /// setfl with a density per pair of source and site (eam/fs, Finnis and Sinclair).
    FinnisSinclair,
    /// One element with an effective charge (funcfl).
    Funcfl,
}

impl Layout {
    /// The name users know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Layout::Alloy => "eam/alloy",
            Layout::FinnisSinclair => "eam/fs",
            Layout::Funcfl => "funcfl",
        }
    }
}

/// A chemical element as a file describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// Chemical symbol.
    pub symbol: String,
    /// Atomic number.
    pub atomic_number: u32,
    /// Mass (g/mol).
    pub mass: f64,
    /// Lattice constant (Angstrom), as the file gives it; often 0.
    pub lattice_constant: f64,
    /// Crystal structure, as the file gives it; may be anything, such as "dummy".
    pub structure: String,
}

/// A tabulated embedded-atom potential of n elements.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddedAtom {
    /// Where it is from, for messages.
    pub name: String,
    /// Comment lines of the file.
    pub comments: Vec<String>,
    /// Layout of the file.
    pub layout: Layout,
    /// The elements, in the order of all that follows.
    pub elements: Vec<Element>,
    /// Atoms see each other at distances below this one (Angstrom).
    pub cutoff: f64,
    /// F(rho) in eV, one per element.
    pub embedding: Vec<Table>,
    /// Density made BY an atom of kind `source` AT an atom of kind `site`, at [source * n + site].
    pub density: Vec<Table>,
    /// r phi(r) in eV Angstrom, at [a * n + b], symmetric.
    pub pair: Vec<Table>,
    /// Whether the density depends on the source only, as it does in every eam/alloy file.
    pub is_density_of_source: bool,
}

impl EmbeddedAtom {
    /// The sub-potential of some elements, in the order given: kind k of atoms is `elements[k]`. An element may be
    /// named twice.
    ///
    /// # Errors
    /// `Error::Configuration` that lists what the file has, if it lacks one or none is named.
    pub fn select(&self, elements: &[&str]) -> Result<EmbeddedAtom> {
        let offered = self.symbols().join(", ");
        let find = |symbol: &&str| {
            let found = self.elements.iter().position(|element| element.symbol == *symbol);
            found.ok_or_else(|| {
                Error::Configuration(format!(
                    "{}: there is no element {symbol} in this potential: expected one of {offered}.",
                    self.name
                ))
            })
        };
        let chosen = elements.iter().map(find).collect::<Result<Vec<usize>>>()?;
        if chosen.is_empty() {
            return Err(Error::Configuration(format!(
                "{}: no element is chosen: expected some of {offered}.",
                self.name
            )));
        }
        let n = self.elements.len();
        let of_pairs = |tables: &[Table]| -> Vec<Table> {
            chosen.iter().flat_map(|&a| chosen.iter().map(move |&b| tables[a * n + b].clone())).collect()
        };
        let density = of_pairs(&self.density);
        Ok(EmbeddedAtom {
            name: self.name.clone(),
            comments: self.comments.clone(),
            layout: self.layout,
            elements: chosen.iter().map(|&k| self.elements[k].clone()).collect(),
            cutoff: self.cutoff,
            embedding: chosen.iter().map(|&k| self.embedding[k].clone()).collect(),
            is_density_of_source: is_density_of_source(&density, chosen.len()),
            density,
            pair: of_pairs(&self.pair),
        })
    }

    /// Symbols of the elements.
    #[must_use]
    pub fn symbols(&self) -> Vec<&str> {
        self.elements.iter().map(|element| element.symbol.as_str()).collect()
    }
}

/// Whether all densities of one source are the same table.
fn is_density_of_source(density: &[Table], n: usize) -> bool {
    density.chunks(n).all(|row| row.iter().all(|table| *table == row[0]))
}

impl PairwiseEmbedded for EmbeddedAtom {
    fn cutoff(&self) -> f64 {
        self.cutoff
    }

    fn density(&self, source: usize, site: usize, r: f64) -> (f64, f64) {
        self.density[source * self.elements.len() + site].value_and_derivative(r)
    }

    fn pair(&self, a: usize, b: usize, r: f64) -> (f64, f64) {
        let (value, slope) = self.pair[a * self.elements.len() + b].value_and_derivative(r);
        let energy = value / r;
        (energy, (slope - energy) / r)
    }

    fn embedding(&self, kind: usize, density: f64) -> (f64, f64) {
        let (value, slope, _) = self.embedding[kind].extrapolated(density);
        (value, slope)
    }

    fn highest_density(&self, kind: usize) -> f64 {
        self.embedding[kind].end()
    }
}
