//! Cells of sixteen atoms, smaller than twice the cutoff and triclinic, against independently computed numbers; and the
//! forces and virials against differences of the energy.

use crate::installed;
use crate::reference_cell::{Cell, cell};
use vitrum::forces::PairwiseEmbedded;
use vitrum::forces::cell_sum::{COMPONENTS, Sums, cell_sum};
use vitrum::forces::embedded_atom::{EmbeddedAtom, Layout, read, write, zhou::Zhou};

impl Cell {
    fn sums(&self, potential: &impl PairwiseEmbedded) -> Sums {
        cell_sum(potential, &self.rows, &self.positions, &self.kinds).unwrap()
    }

    fn assert_agrees(&self, potential: &impl PairwiseEmbedded) {
        let sums = self.sums(potential);
        let close = |what: &str, found: &[f64], expected: &[f64], tolerance: f64| {
            assert_eq!(found.len(), expected.len());
            for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
                let is_close = (found - expected).abs() < tolerance;
                assert!(is_close, "{}, {what} {index}: {found} instead of {expected}", self.name);
            }
        };
        close("energy", &[sums.energy], &[self.energy], 1e-9);
        close("energies", &sums.energies, &self.energies, 1e-9);
        close("densities", &sums.densities, &self.densities, 1e-9);
        close("forces", sums.forces.as_flattened(), self.forces.as_flattened(), 1e-8);
        close("virial", &sums.virial, &self.virial, 1e-8);
        close("virials", sums.virials.as_flattened(), self.virials.as_flattened(), 1e-8);
    }
}

fn zhou() -> Zhou {
    Zhou::new(&["Cu", "Zr"]).unwrap()
}

#[test]
fn the_formula_of_zhou_gives_the_reference_cell() {
    cell("Zhou, formula").assert_agrees(&zhou());
}

#[test]
fn tables_of_zhou_give_the_reference_cell() {
    cell("Zhou, 2000 knots").assert_agrees(&zhou().tabulated(2000).unwrap());
}

#[test]
fn files_of_mendelev_give_the_reference_cells() {
    for name in ["CuZr_mm.eam.fs", "Fe_mm.eam.fs"] {
        if let Some(potential) = installed(name) {
            let cell = cell(name);
            let elements: Vec<&str> = cell.elements.iter().map(String::as_str).collect();
            cell.assert_agrees(&potential.select(&elements).unwrap());
        }
    }
}

/// Zhou's densities depend on the source: as eam/fs the two of a pair differ, and a reader that takes one for the other
/// shows. Files whose densities are symmetric do not notice.
#[test]
fn the_order_of_densities_in_eam_fs_is_source_then_site() {
    const RIGHT: f64 = -67.0431016282;
    const TRANSPOSED: f64 = -63.5368277801;
    let table = zhou().tabulated(1000).unwrap();
    let cell = cell("Zhou, formula");
    for (layout, name) in [(Layout::Alloy, "x.eam.alloy"), (Layout::FinnisSinclair, "x.eam.fs")] {
        let text = write::setfl(&table, layout).unwrap();
        let mut read = read::parse(text.as_bytes(), name).unwrap();
        assert!((cell.sums(&read).energy - RIGHT).abs() < 1e-9, "{name}: {}", cell.sums(&read).energy);
        read.density.swap(1, 2);
        assert!((cell.sums(&read).energy - TRANSPOSED).abs() < 1e-9, "{name}: {}", cell.sums(&read).energy);
    }
}

#[test]
fn elements_in_another_order_give_the_same_energy() {
    let table = zhou().tabulated(2000).unwrap();
    let mut cell = cell("Zhou, 2000 knots");
    let swapped = table.select(&["Zr", "Cu"]).unwrap();
    assert!(swapped.symbols() == ["Zr", "Cu"] && swapped.is_density_of_source);
    cell.kinds.iter_mut().for_each(|kind| *kind = 1 - *kind);
    cell.assert_agrees(&swapped);
    // Twice the same element is one element.
    let copper = table.select(&["Cu", "Cu"]).unwrap();
    let alone = table.select(&["Cu"]).unwrap();
    let energy = cell.sums(&copper).energy;
    cell.kinds.fill(0);
    assert_eq!(energy, cell.sums(&alone).energy);
}

/// Densities that depend on source and site in every pair.
fn asymmetric() -> EmbeddedAtom {
    let mut potential = zhou().tabulated(2000).unwrap();
    let table = &potential.density[1];
    let values: Vec<f64> = table.values().map(|value| 0.8 * value).collect();
    potential.density[1] =
        vitrum::forces::embedded_atom::table::Table::new(table.spacing(), &values).unwrap();
    potential.is_density_of_source = false;
    potential
}

fn assert_derivatives(name: &str, potential: &impl PairwiseEmbedded, cell: &Cell, tolerance: f64) {
    let sums = cell.sums(potential);
    let slope = |energy: &dyn Fn(f64) -> f64, h: f64| {
        (8.0 * (energy(h) - energy(-h)) - (energy(2.0 * h) - energy(-2.0 * h))) / (12.0 * h)
    };
    for i in 0..cell.positions.len() {
        for d in 0..3 {
            let energy = |h: f64| {
                let mut positions = cell.positions.clone();
                positions[i][d] += h;
                cell_sum(potential, &cell.rows, &positions, &cell.kinds).unwrap().energy
            };
            let (force, expected) = (sums.forces[i][d], -slope(&energy, 2e-4));
            assert!((force - expected).abs() < tolerance, "{name}, force {d} on {i}: {force} {expected}");
        }
    }
    for (c, (a, b)) in COMPONENTS.into_iter().enumerate() {
        let energy = |h: f64| {
            let strain = |mut x: [f64; 3]| {
                x[a] += h * x[b];
                x
            };
            let positions: Vec<[f64; 3]> = cell.positions.iter().copied().map(strain).collect();
            cell_sum(potential, &cell.rows.map(strain), &positions, &cell.kinds).unwrap().energy
        };
        let (virial, expected) = (sums.virial[c], -slope(&energy, 5e-5));
        assert!((virial - expected).abs() < 10.0 * tolerance, "{name}, virial {c}: {virial} {expected}");
    }
    let total: f64 = sums.energies.iter().sum();
    assert!((total - sums.energy).abs() < 1e-11);
    for d in 0..3 {
        assert!(sums.forces.iter().map(|force| force[d]).sum::<f64>().abs() < 1e-11);
    }
}

#[test]
fn forces_and_virials_are_derivatives_of_the_energy() {
    let mut cell = cell("Zhou, formula");
    // A cell turned out of its triangular form, with an atom far outside of it.
    let turn = |[x, y, z]: [f64; 3]| [0.6 * x - 0.8 * z, y, 0.8 * x + 0.6 * z];
    cell.rows = cell.rows.map(turn);
    cell.positions.iter_mut().for_each(|x| *x = turn(*x));
    let row = cell.rows[1];
    (0..3).for_each(|d| cell.positions[3][d] -= 4.0 * row[d]);
    // The steps at the cutoff are no part of the forces; no atom crosses it here.
    assert_derivatives("formula", &zhou(), &cell, 3e-8);
    assert_derivatives("table", &zhou().tabulated(2000).unwrap(), &cell, 3e-6);
    assert_derivatives("asymmetric table", &asymmetric(), &cell, 3e-6);
}

#[test]
fn thinned_tables_change_what_they_say_they_change() {
    let fine = zhou().tabulated(20_000).unwrap();
    let (same, change) = fine.thinned(20_000).unwrap();
    assert!(
        same == fine && change == vitrum::forces::embedded_atom::thinning::Change::default(),
        "{change:?}"
    );
    let (thin, change) = fine.thinned(500).unwrap();
    assert!(thin.pair[1].knots() == 501 && thin.embedding[0].knots() == 20_000);
    assert!(1e-9 < change.pair && change.pair < 1e-4, "{change:?}");
    // Against the formula on the same points, an independent measure of nearly the same errors.
    let formula = zhou();
    let mut largest = [0.0f64; 2];
    for k in 0..20_000 {
        let r = 2.1 + f64::from(k) * 2.5e-4;
        let (thin, exact) = (PairwiseEmbedded::pair(&thin, 0, 1, r), formula.pair(0, 1, r));
        largest[0] = largest[0].max((thin.0 - exact.0).abs());
        largest[1] = largest[1].max((thin.1 - exact.1).abs());
    }
    assert!(
        largest[0] <= 1.01 * change.pair && largest[1] <= 1.01 * change.pair_slope,
        "{largest:?} {change:?}"
    );
}
