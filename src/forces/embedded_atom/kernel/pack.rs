//! Tables of one potential side by side, so that a pair touches few cache lines.

use crate::forces::embedded_atom::EmbeddedAtom;
use crate::forces::embedded_atom::table::Table;
use crate::foundation::simd::rows::Row;
use crate::foundation::simd::{Eight, LANES};

/// Rows of four coefficients, on whole cache lines.
#[derive(Debug, Clone)]
pub(super) struct Rows(Vec<Eight<f64>>);

impl Rows {
    fn new(rows: &[[f64; 4]]) -> Self {
        let line = |pair: &[[f64; 4]]| {
            let mut line = [0.0; LANES];
            line[..4].copy_from_slice(&pair[0]);
            line[4..].copy_from_slice(pair.get(1).unwrap_or(&[0.0; 4]));
            Eight(line)
        };
        Rows(rows.chunks(2).map(line).collect())
    }

    #[inline(always)]
    pub fn start(&self) -> *const Row {
        self.0.as_ptr().cast()
    }
}

/// The tables of distances, all with the same knots.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    pub square_cutoff: f64,
    pub inverse_spacing: f64,
    /// Number of the last interval.
    pub last_interval: f64,
    /// Whether both atoms of any pair make the same density at each other.
    pub is_symmetric: bool,
    /// One row per knot of each different density: its polynomial.
    pub density: Rows,
    /// At [site kind][source kind], the byte where a density begins; entries of kinds there are not are valid too.
    pub density_start: Vec<[u64; LANES]>,
    /// For each knot of each unordered pair of kinds, two or three rows: the polynomial of r phi; that of the derivative
    /// of the density which the higher kind makes at the lower one; and unless they are the same,
    /// that of the reverse.
    pub pair: Rows,
    /// At [kind][other kind], the byte where a pair begins.
    pub pair_start: Vec<[u64; LANES]>,
}

/// The polynomial of the derivative at knot k, f' = c0 + (c1 + c2 p) p.
fn derivative(table: &Table, k: usize) -> [f64; 4] {
    let [_, c1, c2, c3] = table.coefficients[k];
    let inverse_spacing = table.inverse_spacing;
    [c1 * inverse_spacing, 2.0 * c2 * inverse_spacing, 3.0 * c3 * inverse_spacing, 0.0]
}

impl Packed {
    /// None if the tables differ in their knots, or there are more than eight kinds.
    pub fn new(potential: &EmbeddedAtom) -> Option<Self> {
        let n = potential.elements.len();
        let model = potential.pair.first()?;
        let knots = model.knots();
        let is_like_model = |table: &Table| table.knots() == knots && table.spacing == model.spacing;
        let fits = |tables: &[Table]| tables.len() == n * n && tables.iter().all(is_like_model);
        if n > LANES || !fits(&potential.pair) || !fits(&potential.density) {
            return None;
        }
        // Density of a source at a site.
        let density_of = |source: usize, site: usize| &potential.density[source * n + site];
        let is_symmetric = (0..n).all(|a| (0..a).all(|b| density_of(a, b) == density_of(b, a)));
        let (mut rows, mut different) = (Vec::new(), Vec::<&Table>::new());
        let mut density_start = vec![[0; LANES]; n];
        for site in 0..n {
            for source in 0..n {
                let table = density_of(source, site);
                let known = different.iter().position(|other| *other == table).unwrap_or_else(|| {
                    rows.extend_from_slice(&table.coefficients);
                    different.push(table);
                    different.len() - 1
                });
                density_start[site][source] = (known * knots * size_of::<Row>()) as u64;
            }
        }
        let density = Rows::new(&rows);
        rows.clear();
        let mut pair_start = vec![[0; LANES]; n];
        for a in 0..n {
            for b in a..n {
                let start = (rows.len() * size_of::<Row>()) as u64;
                (pair_start[a][b], pair_start[b][a]) = (start, start);
                for k in 0..knots {
                    rows.push(potential.pair[a * n + b].coefficients[k]);
                    rows.push(derivative(density_of(b, a), k));
                    if !is_symmetric {
                        rows.push(derivative(density_of(a, b), k));
                    }
                }
            }
        }
        Some(Packed {
            square_cutoff: potential.cutoff * potential.cutoff,
            inverse_spacing: model.inverse_spacing,
            last_interval: (knots - 2) as f64,
            is_symmetric,
            density,
            density_start,
            pair: Rows::new(&rows),
            pair_start,
        })
    }
}
