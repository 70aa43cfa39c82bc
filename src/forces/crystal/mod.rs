//! Crystals at zero temperature and pressure: lattice constant, energy, elastic constants.

mod bonds;
mod solve;

use super::PairwiseEmbedded;
use super::cell_sum::{Cell, cell_sum, volume};
use crate::foundation::Result;
use bonds::Bonds;
pub use bonds::GIGAPASCAL;
use solve::{hexagonal, root};

/// Strain of the finite differences of the stress: small against anharmonicity, large against the knots of tables, at
/// which second derivatives jump.
const STRAIN: f64 = 5e-4;

/// Distances of nearest neighbors between which crystals are sought (Angstrom).
const NEIGHBORS: (f64, f64) = (1.2, 5.0);
/// Step of the search (Angstrom).
const SEARCH_STEP: f64 = 0.05;
/// Neighbors within this fraction of the cutoff count as inside.
const AT_CUTOFF: f64 = 1e-4;
/// Square of c/a of closely packed spheres.
const IDEAL: f64 = 8.0 / 3.0;
/// How often neighbors are sought again.
const ROUNDS: usize = 10;

/// Crystal structures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// Face-centered cubic, one kind.
    FaceCenteredCubic,
    /// Body-centered cubic, one kind.
    BodyCenteredCubic,
    /// Hexagonal close-packed, one kind.
    HexagonalClosePacked,
    /// B2, cesium chloride: first kind at corners, second in the center.
    B2,
    /// L1_2, Cu3Au: first kind in the faces, second at corners.
    L12,
}

impl Structure {
    /// Short name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Structure::FaceCenteredCubic => "fcc",
            Structure::BodyCenteredCubic => "bcc",
            Structure::HexagonalClosePacked => "hcp",
            Structure::B2 => "B2",
            Structure::L12 => "L1_2",
        }
    }

    /// Lattice constant at a distance of nearest neighbors of one (c/a ideal).
    fn scale(self) -> f64 {
        match self {
            Structure::FaceCenteredCubic | Structure::L12 => 2f64.sqrt(),
            Structure::BodyCenteredCubic | Structure::B2 => 2.0 / 3f64.sqrt(),
            Structure::HexagonalClosePacked => 1.0,
        }
    }
}

/// A structure and the kinds of atoms in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crystal {
    /// Structure.
    pub structure: Structure,
    /// Kinds: one for elements, two for compounds.
    pub kinds: Vec<usize>,
}

/// A crystal where its energy is least.
#[derive(Debug, Clone, PartialEq)]
pub struct Relaxed {
    /// Lattice constant a (Angstrom).
    pub lattice_constant: f64,
    /// c/a of a hexagonal crystal.
    pub axial_ratio: Option<f64>,
    /// Energy per atom (eV).
    pub energy: f64,
    /// Kind and density of each atom of the cell.
    pub densities: Vec<(usize, f64)>,
    /// C11, C12, C44 of a cubic crystal (GPa), from finite differences of the stress.
    pub elastic_constants: Option<[f64; 3]>,
}

impl Crystal {
    /// Rows, positions and kinds of a primitive cell.
    fn cell(&self, a: f64, axial_ratio: f64) -> ([[f64; 3]; 3], Vec<[f64; 3]>, Vec<usize>) {
        let cube = [[a, 0.0, 0.0], [0.0, a, 0.0], [0.0, 0.0, a]];
        let (h, c) = (0.5 * a, axial_ratio * a);
        let first = self.kinds[0];
        let last = self.kinds[self.kinds.len() - 1];
        let origin = [0.0; 3];
        match self.structure {
            Structure::FaceCenteredCubic => {
                ([[0.0, h, h], [h, 0.0, h], [h, h, 0.0]], vec![origin], vec![first])
            }
            Structure::BodyCenteredCubic => ([[-h, h, h], [h, -h, h], [h, h, -h]], vec![origin], vec![first]),
            Structure::HexagonalClosePacked => {
                let height = a * 0.75f64.sqrt();
                let rows = [[a, 0.0, 0.0], [-h, height, 0.0], [0.0, 0.0, c]];
                (rows, vec![origin, [0.0, height * 2.0 / 3.0, 0.5 * c]], vec![first; 2])
            }
            Structure::B2 => (cube, vec![origin, [h, h, h]], vec![first, last]),
            Structure::L12 => {
                let faces = [[0.0, h, h], [h, 0.0, h], [h, h, 0.0]];
                (cube, [origin].into_iter().chain(faces).collect(), vec![last, first, first, first])
            }
        }
    }

    /// The bound state of lowest energy among lattice constants with nearest neighbors between 1.2 and 5 Angstrom,
    /// within the cutoff; none if there is no minimum below the energy of isolated atoms. States whose densities the
    /// potential knows go before others. Atoms stay where symmetry keeps them.
    ///
    /// # Errors
    /// None a potential can cause.
    pub fn relaxed<P: PairwiseEmbedded + ?Sized>(&self, potential: &P) -> Result<Option<Relaxed>> {
        let Some(mut a) = self.search(potential)? else { return Ok(None) };
        let is_hexagonal = self.structure == Structure::HexagonalClosePacked;
        let mut ratio = IDEAL.sqrt();
        let mut bonds = self.bonds(potential.cutoff(), a, ratio)?;
        for _ in 0..ROUNDS {
            let reach = 2.0 * self.structure.scale() * SEARCH_STEP;
            let found = if is_hexagonal {
                hexagonal(|by_a, by_c| {
                    bonds.virial(potential, [[by_a, 0.0, 0.0], [0.0, by_a, 0.0], [0.0, 0.0, by_c]])
                })
            } else {
                // dE/d ln a = -tr W changes sign between the neighbors of the lowest energy.
                let trace = |x: f64| {
                    let scale = x / a;
                    let virial =
                        bonds.virial(potential, [[scale, 0.0, 0.0], [0.0, scale, 0.0], [0.0, 0.0, scale]]);
                    virial[..3].iter().sum::<f64>()
                };
                root(trace, a - reach, a + reach).map(|x| (x / a, x / a))
            };
            let Some((by_a, by_c)) = found else { return Ok(None) };
            a *= by_a;
            ratio *= by_c / by_a;
            let count = bonds.list.len();
            bonds = self.bonds(potential.cutoff(), a, ratio)?;
            if bonds.list.len() == count {
                break;
            }
        }
        let (energy, densities) = bonds.energy(potential);
        let isolated: f64 = bonds.kinds.iter().map(|&kind| potential.embedding(kind, 0.0).0).sum();
        let is_bound = energy < isolated;
        if !is_bound {
            return Ok(None);
        }
        Ok(Some(Relaxed {
            lattice_constant: a,
            axial_ratio: is_hexagonal.then_some(ratio),
            energy: energy / bonds.kinds.len() as f64,
            elastic_constants: (!is_hexagonal).then(|| bonds.elastic_constants(potential)),
            densities: bonds.kinds.into_iter().zip(densities).collect(),
        }))
    }

    /// The pairs of neighbors of a crystal.
    fn bonds(&self, cutoff: f64, a: f64, axial_ratio: f64) -> Result<Bonds> {
        let (rows, positions, kinds) = self.cell(a, axial_ratio);
        let cell = Cell::new(&rows)?;
        let mut list = Vec::new();
        for (i, x_i) in positions.iter().enumerate() {
            for (j, x_j) in positions.iter().enumerate() {
                cell.for_each_image(*x_i, *x_j, i == j, cutoff * (1.0 + AT_CUTOFF), |separation, _| {
                    list.push((i, j, separation));
                });
            }
        }
        Ok(Bonds { kinds, volume: volume(&rows), list })
    }

    /// The lattice constant of the best local minimum on a coarse grid.
    fn search<P: PairwiseEmbedded + ?Sized>(&self, potential: &P) -> Result<Option<f64>> {
        let (shortest, longest) = (NEIGHBORS.0, NEIGHBORS.1.min(0.99 * potential.cutoff()));
        let steps = ((longest - shortest) / SEARCH_STEP).max(0.0) as usize;
        let place = |k: usize| (shortest + k as f64 * SEARCH_STEP) * self.structure.scale();
        let mut states = Vec::with_capacity(steps + 1);
        for k in 0..=steps {
            let (rows, positions, kinds) = self.cell(place(k), IDEAL.sqrt());
            let sums = cell_sum(potential, &rows, &positions, &kinds)?;
            let is_beyond = kinds
                .iter()
                .zip(&sums.densities)
                .any(|(&kind, &density)| density > potential.highest_density(kind));
            states.push((is_beyond, sums.energy));
        }
        let is_minimum = |&k: &usize| states[k].1 < states[k - 1].1 && states[k].1 <= states[k + 1].1;
        let order = |a: &usize, b: &usize| {
            let ((beyond_a, energy_a), (beyond_b, energy_b)) = (states[*a], states[*b]);
            beyond_a.cmp(&beyond_b).then(energy_a.total_cmp(&energy_b))
        };
        Ok((1..steps).filter(is_minimum).min_by(order).map(place))
    }
}

/// The crystals of n kinds: fcc, bcc and hcp of each; B2 and both L1_2 of each pair.
#[must_use]
pub fn crystals(kinds: usize) -> Vec<Crystal> {
    let mut found = Vec::new();
    for kind in 0..kinds {
        for structure in
            [Structure::FaceCenteredCubic, Structure::BodyCenteredCubic, Structure::HexagonalClosePacked]
        {
            found.push(Crystal { structure, kinds: vec![kind] });
        }
    }
    for a in 0..kinds {
        for b in a + 1..kinds {
            found.push(Crystal { structure: Structure::B2, kinds: vec![a, b] });
            found.push(Crystal { structure: Structure::L12, kinds: vec![a, b] });
            found.push(Crystal { structure: Structure::L12, kinds: vec![b, a] });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forces::lennard_jones::LennardJones;

    #[test]
    fn lennard_jones_crystals_have_their_lattice_sums() {
        // Energies in units of epsilon follow from the lattice sums of Jones and Ingham (1925):
        // E = -A6^2/(2 A12), d = (2 A12/A6)^(1/6), with A6 = 14.45392, A12 = 12.13188 (fcc).
        let (six, twelve) = (14.453_92_f64, 12.131_88_f64);
        let pair = LennardJones::new(1.0, 2.5, 50.0, false).unwrap();
        let crystal = Crystal { structure: Structure::FaceCenteredCubic, kinds: vec![0] };
        let relaxed = crystal.relaxed(&pair).unwrap().unwrap();
        assert!((relaxed.energy + six * six / (2.0 * twelve)).abs() < 2e-3, "{relaxed:?}");
        let neighbor = 2.5 * (2.0 * twelve / six).powf(1.0 / 6.0);
        assert!((relaxed.lattice_constant - 2f64.sqrt() * neighbor).abs() < 1e-3, "{relaxed:?}");
        // Central forces and inversion at every atom: Cauchy's relation.
        let [_, c12, c44] = relaxed.elastic_constants.unwrap();
        assert!((c12 - c44).abs() < 1e-3 * c12, "{relaxed:?}");
    }

    #[test]
    fn what_does_not_bind_has_no_crystal() {
        struct Repulsion;
        impl PairwiseEmbedded for Repulsion {
            fn cutoff(&self) -> f64 {
                5.0
            }
            fn density(&self, _: usize, _: usize, _: f64) -> (f64, f64) {
                (0.0, 0.0)
            }
            fn pair(&self, _: usize, _: usize, r: f64) -> (f64, f64) {
                ((-r).exp(), -(-r).exp())
            }
            fn embedding(&self, _: usize, _: f64) -> (f64, f64) {
                (0.0, 0.0)
            }
            fn highest_density(&self, _: usize) -> f64 {
                f64::INFINITY
            }
        }
        for crystal in crystals(1) {
            assert_eq!(crystal.relaxed(&Repulsion).unwrap(), None, "{crystal:?}");
        }
    }
}
