//! Crystals at zero temperature and pressure: lattice constant, energy, elastic constants.

use super::PairwiseEmbedded;
use super::cell_sum::{Cell, Sums, cell_sum, volume};
use crate::foundation::Result;

/// 1 eV/Angstrom^3 in GPa (CODATA 2018).
pub const GIGAPASCAL: f64 = 160.217_663_4;
/// Distances of nearest neighbors between which crystals are sought (Angstrom).
const NEIGHBORS: (f64, f64) = (1.2, 5.0);
/// Step of the search (Angstrom).
const SEARCH_STEP: f64 = 0.05;
/// Strain of the finite differences of the stress: small against anharmonicity, large against the knots of tables, at
/// which second derivatives jump.
const STRAIN: f64 = 5e-4;
/// Neighbors within this fraction of the cutoff count as inside.
const AT_CUTOFF: f64 = 1e-4;
const UNSTRAINED: [[f64; 3]; 3] = [[0.0; 3]; 3];
/// Square of c/a of closely packed spheres.
const IDEAL: f64 = 8.0 / 3.0;
/// Ratios c/a of a hexagonal crystal that are believed.
const AXIAL_RATIOS: (f64, f64) = (1.3, 2.0);

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

    /// Sums over a cell of the deformed crystal, x' = (1 + strain) x, and its volume.
    fn sums<P: PairwiseEmbedded + ?Sized>(
        &self,
        potential: &P,
        a: f64,
        axial_ratio: f64,
        strain: &[[f64; 3]; 3],
    ) -> Result<(Sums, f64)> {
        let (rows, positions, kinds) = self.cell(a, axial_ratio);
        let deform = |x: [f64; 3]| -> [f64; 3] {
            std::array::from_fn(|d| x[d] + (0..3).map(|e| strain[d][e] * x[e]).sum::<f64>())
        };
        let rows = rows.map(deform);
        let positions: Vec<[f64; 3]> = positions.into_iter().map(deform).collect();
        Ok((cell_sum(potential, &rows, &positions, &kinds)?, volume(&rows)))
    }

    /// The bound state of lowest energy among lattice constants with nearest neighbors between 1.2 and 5 Angstrom, within
    /// the cutoff; none if there is no minimum below the energy of isolated atoms. States whose densities the potential
    /// knows go before others. Atoms stay where symmetry keeps them.
    ///
    /// # Errors
    /// None a potential can cause.
    pub fn relaxed<P: PairwiseEmbedded + ?Sized>(&self, potential: &P) -> Result<Option<Relaxed>> {
        let Some(a) = self.search(potential)? else { return Ok(None) };
        let is_hexagonal = self.structure == Structure::HexagonalClosePacked;
        let found = if is_hexagonal {
            let sums = |a: f64, ratio: f64| Ok(self.sums(potential, a, ratio, &UNSTRAINED)?.0);
            hexagonal(a, IDEAL.sqrt(), sums)?.map(|(a, ratio)| (a, ratio, potential.cutoff()))
        } else {
            self.cubic(potential, a)?.map(|(a, shells)| (a, 1.0, shells * a))
        };
        let Some((a, ratio, cutoff)) = found else { return Ok(None) };
        let fixed = Fixed { potential, cutoff };
        let (sums, _) = self.sums(&fixed, a, ratio, &UNSTRAINED)?;
        let (_, _, kinds) = self.cell(a, ratio);
        let isolated: f64 = kinds.iter().map(|&kind| potential.embedding(kind, 0.0).0).sum();
        if !(sums.energy < isolated) {
            return Ok(None);
        }
        Ok(Some(Relaxed {
            lattice_constant: a,
            axial_ratio: is_hexagonal.then_some(ratio),
            energy: sums.energy / kinds.len() as f64,
            densities: kinds.into_iter().zip(sums.densities).collect(),
            elastic_constants: if is_hexagonal { None } else { Some(self.elastic_constants(&fixed, a)?) },
        }))
    }

    /// The lattice constant of the best local minimum on a coarse grid.
    fn search<P: PairwiseEmbedded + ?Sized>(&self, potential: &P) -> Result<Option<f64>> {
        let (shortest, longest) = (NEIGHBORS.0, NEIGHBORS.1.min(0.99 * potential.cutoff()));
        let steps = ((longest - shortest) / SEARCH_STEP).max(0.0) as usize;
        let place = |k: usize| (shortest + k as f64 * SEARCH_STEP) * self.structure.scale();
        let (_, _, kinds) = self.cell(1.0, 1.0);
        let mut states = Vec::with_capacity(steps + 1);
        for k in 0..=steps {
            let (sums, _) = self.sums(potential, place(k), IDEAL.sqrt(), &UNSTRAINED)?;
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

    /// The lattice constant without stress and the cutoff in units of it, which lies between two shells of neighbors.
    ///
    /// Shells are kept while the crystal is deformed: where a potential steps at its cutoff, the step would otherwise
    /// look like a stress. Some potentials have a shell exactly at the cutoff, such as Zhou's fcc metals their fifth.
    fn cubic<P: PairwiseEmbedded + ?Sized>(&self, potential: &P, a: f64) -> Result<Option<(f64, f64)>> {
        let mut a = a;
        let reach = 2.0 * self.structure.scale() * SEARCH_STEP;
        let mut shells = self.shells(potential.cutoff(), a)?;
        for _ in 0..10 {
            // dE/d ln a = -tr W changes sign between the neighbors of the lowest energy.
            let trace = |a: f64| {
                let fixed = Fixed { potential, cutoff: shells * a };
                let (sums, _) = self.sums(&fixed, a, 1.0, &UNSTRAINED)?;
                Ok(sums.virial[..3].iter().sum::<f64>())
            };
            let Some(next) = root(trace, a - reach, a + reach)? else { return Ok(None) };
            let settled = self.shells(potential.cutoff(), next)?;
            a = next;
            if (settled / shells - 1.0).abs() < 1e-9 {
                break;
            }
            shells = settled;
        }
        Ok(Some((a, shells)))
    }

    /// The middle between the last shell of neighbors within the cutoff and the next, in units of the lattice constant.
    fn shells(&self, cutoff: f64, a: f64) -> Result<f64> {
        let (rows, positions, _) = self.cell(a, 1.0);
        let cell = Cell::new(&rows)?;
        let limit = cutoff * (1.0 + AT_CUTOFF);
        let (mut inside, mut outside) = (0.0f64, cutoff + a);
        for (i, x_i) in positions.iter().enumerate() {
            for (j, x_j) in positions.iter().enumerate() {
                cell.for_each_image(*x_i, *x_j, i == j, cutoff + a, |_, r| {
                    if r <= limit { inside = inside.max(r) } else { outside = outside.min(r) }
                });
            }
        }
        Ok(0.5 * (inside + outside) / a)
    }

    fn elastic_constants<P: PairwiseEmbedded + ?Sized>(&self, potential: &P, a: f64) -> Result<[f64; 3]> {
        // Cauchy stress is -W/V; at zero stress its derivative by the strain is the elastic constant.
        let stress = |strain: [[f64; 3]; 3]| -> Result<[f64; 6]> {
            let (sums, volume) = self.sums(potential, a, 1.0, &strain)?;
            Ok(sums.virial.map(|w| -w / volume * GIGAPASCAL))
        };
        let mut slopes = [[0.0; 6]; 2];
        for (slope, (d, e)) in slopes.iter_mut().zip([(0, 0), (1, 2)]) {
            let of = |strain: f64| {
                let mut tensor = [[0.0; 3]; 3];
                // An engineering shear strain is the sum of two components.
                tensor[d][e] = if d == e { strain } else { 0.5 * strain };
                tensor[e][d] = tensor[d][e];
                tensor
            };
            let (plus, minus) = (stress(of(STRAIN))?, stress(of(-STRAIN))?);
            *slope = std::array::from_fn(|c| (plus[c] - minus[c]) / (2.0 * STRAIN));
        }
        Ok([slopes[0][0], 0.5 * (slopes[0][1] + slopes[0][2]), slopes[1][5]])
    }
}

/// A potential with another cutoff.
struct Fixed<'a, P: ?Sized> {
    potential: &'a P,
    cutoff: f64,
}

impl<P: PairwiseEmbedded + ?Sized> PairwiseEmbedded for Fixed<'_, P> {
    fn cutoff(&self) -> f64 {
        self.cutoff
    }

    fn density(&self, source: usize, site: usize, r: f64) -> (f64, f64) {
        self.potential.density(source, site, r)
    }

    fn pair(&self, a: usize, b: usize, r: f64) -> (f64, f64) {
        self.potential.pair(a, b, r)
    }

    fn embedding(&self, kind: usize, density: f64) -> (f64, f64) {
        self.potential.embedding(kind, density)
    }

    fn highest_density(&self, kind: usize) -> f64 {
        self.potential.highest_density(kind)
    }
}

/// Root of a function that changes sign between two places, by false position (Illinois variant).
fn root(function: impl Fn(f64) -> Result<f64>, left: f64, right: f64) -> Result<Option<f64>> {
    let (mut a, mut b) = (left, right);
    let (mut at_a, mut at_b) = (function(a)?, function(b)?);
    if !(at_a * at_b <= 0.0) {
        return Ok(None);
    }
    for _ in 0..100 {
        if (b - a).abs() < 1e-12 || at_b == 0.0 {
            break;
        }
        let next = b - at_b * (b - a) / (at_b - at_a);
        let at_next = function(next)?;
        if at_next * at_b < 0.0 {
            (a, at_a) = (b, at_b);
        } else {
            at_a *= 0.5;
        }
        (b, at_b) = (next, at_next);
    }
    Ok(Some(b))
}

/// Lattice constant and c/a without stress, by Newton's method on the logarithms of a and c; none if the way does not
/// lead to a minimum.
fn hexagonal(
    a: f64,
    axial_ratio: f64,
    sums: impl Fn(f64, f64) -> Result<Sums>,
) -> Result<Option<(f64, f64)>> {
    // -dE/d ln a at fixed c, and -dE/d ln c.
    let forces = |x: [f64; 2]| -> Result<[f64; 2]> {
        let w = sums(x[0].exp(), (x[1] - x[0]).exp())?.virial;
        Ok([w[0] + w[1], w[2]])
    };
    let mut x = [a.ln(), (a * axial_ratio).ln()];
    for _ in 0..50 {
        let h = 1e-5;
        let by = |k: usize| -> Result<[f64; 2]> {
            let shifted = |sign: f64| {
                let mut y = x;
                y[k] += sign * h;
                forces(y)
            };
            let (plus, minus) = (shifted(1.0)?, shifted(-1.0)?);
            Ok([(plus[0] - minus[0]) / (2.0 * h), (plus[1] - minus[1]) / (2.0 * h)])
        };
        let (f, by_a, by_c) = (forces(x)?, by(0)?, by(1)?);
        let determinant = by_a[0] * by_c[1] - by_a[1] * by_c[0];
        // The second derivatives of the energy are minus these.
        if !(determinant > 0.0 && by_a[0] < 0.0) {
            return Ok(None);
        }
        let step = [
            -(f[0] * by_c[1] - f[1] * by_c[0]) / determinant,
            -(by_a[0] * f[1] - by_a[1] * f[0]) / determinant,
        ];
        let largest = step[0].abs().max(step[1].abs());
        let damping = (0.02 / largest).min(1.0);
        x = [x[0] + damping * step[0], x[1] + damping * step[1]];
        let ratio = (x[1] - x[0]).exp();
        if !(AXIAL_RATIOS.0 < ratio && ratio < AXIAL_RATIOS.1) {
            return Ok(None);
        }
        if largest < 1e-10 {
            return Ok(Some((x[0].exp(), ratio)));
        }
    }
    Ok(None)
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
