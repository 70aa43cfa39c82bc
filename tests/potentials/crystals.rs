//! Crystals at zero temperature against independently computed numbers.

use crate::installed;
use vitrum::forces::PairwiseEmbedded;
use vitrum::forces::cell_sum::cell_sum;
use vitrum::forces::crystal::{Crystal, Relaxed, Structure};
use vitrum::forces::embedded_atom::zhou::Zhou;

use Structure::{B2, BodyCenteredCubic, FaceCenteredCubic, HexagonalClosePacked, L12};

fn relaxed(potential: &impl PairwiseEmbedded, structure: Structure, kinds: &[usize]) -> Relaxed {
    let crystal = Crystal { structure, kinds: kinds.to_vec() };
    crystal.relaxed(potential).unwrap().unwrap()
}

fn assert_crystal(name: &str, found: &Relaxed, a: f64, energy: f64, constants: Option<[f64; 3]>) {
    assert!((found.lattice_constant - a).abs() < 1e-4, "{name}: {found:?}");
    assert!((found.energy - energy).abs() < 1e-5, "{name}: {found:?}");
    if let Some(expected) = constants {
        let close = found.elastic_constants.unwrap().iter().zip(expected).all(|(x, y)| (x - y).abs() < 0.3);
        assert!(close, "{name}: {found:?} instead of {expected:?}");
    }
}

#[test]
fn crystals_of_zhou() {
    for (symbol, structure, a, energy, constants) in [
        ("Cu", FaceCenteredCubic, 3.61496, -3.539995, None),
        ("Ni", FaceCenteredCubic, 3.51962, -4.449997, None),
        ("Pd", FaceCenteredCubic, 3.89036, -3.909996, None),
        ("Al", FaceCenteredCubic, 4.05020, -3.580002, None),
        ("Ag", FaceCenteredCubic, 4.08964, -2.850000, None),
        ("Au", FaceCenteredCubic, 4.08005, -3.930005, None),
        ("Fe", BodyCenteredCubic, 2.86595, -4.289998, Some([229.65, 135.50, 116.76])),
        ("Mo", BodyCenteredCubic, 3.15014, -6.810003, Some([456.59, 166.56, 113.12])),
        ("W", BodyCenteredCubic, 3.16485, -8.759994, Some([522.53, 204.22, 160.75])),
    ] {
        let found = relaxed(&Zhou::new(&[symbol]).unwrap(), structure, &[0]);
        assert_crystal(symbol, &found, a, energy, constants);
    }
    let found = relaxed(&Zhou::new(&["Ni", "Al"]).unwrap(), L12, &[0, 1]);
    assert_crystal("Ni3Al", &found, 3.64602, -4.199120, Some([146.37, 97.78, 64.64]));
    let found = relaxed(&Zhou::new(&["Cu", "Zr"]).unwrap(), B2, &[0, 1]);
    assert_crystal("CuZr", &found, 3.1901, -5.727594, None);
}

/// The fifth shell of Zhou's fcc metals is exactly at their cutoff, where the energy steps. With a longer cutoff, that
/// of an alloy, it is not; the elastic constants must not care.
#[test]
fn a_shell_at_the_cutoff_does_not_spoil_elastic_constants() {
    for symbol in ["Cu", "Ni", "Pd", "Al", "Ag", "Au"] {
        let alone = relaxed(&Zhou::new(&[symbol]).unwrap(), FaceCenteredCubic, &[0]);
        let long = relaxed(&Zhou::new(&[symbol, "Pb"]).unwrap(), FaceCenteredCubic, &[0]);
        assert_crystal(symbol, &alone, long.lattice_constant, alone.energy, long.elastic_constants);
    }
    // By second differences of the energy with fixed neighbors, computed independently.
    let copper = relaxed(&Zhou::new(&["Cu"]).unwrap(), FaceCenteredCubic, &[0]);
    let nickel = relaxed(&Zhou::new(&["Ni"]).unwrap(), FaceCenteredCubic, &[0]);
    assert!((copper.elastic_constants.unwrap()[0] - 169.63).abs() < 0.1, "{copper:?}");
    assert!((nickel.elastic_constants.unwrap()[0] - 246.82).abs() < 0.2, "{nickel:?}");
}

/// The numbers are those of a minimization with LAMMPS (box/relax) of tables with 2000 knots.
#[test]
fn hexagonal_crystals_are_minima() {
    for (symbol, lattice_constant, axial_ratio, lowest) in [
        ("Zr", 3.208248, 1.621521, -6.3600524),
        ("Ti", 2.940536, 1.622883, -4.8700244),
        ("Mg", 3.199308, 1.628606, -1.5499965),
        ("Co", 2.512025, 1.622298, -4.4100405),
    ] {
        let potential = Zhou::new(&[symbol]).unwrap();
        let found = relaxed(&potential, HexagonalClosePacked, &[0]);
        assert_crystal(symbol, &found, lattice_constant, lowest, None);
        assert!((found.axial_ratio.unwrap() - axial_ratio).abs() < 1e-4, "{symbol}: {found:?}");
        let energy = |a: f64, c: f64| {
            let height = a * 0.75f64.sqrt();
            let rows = [[a, 0.0, 0.0], [-0.5 * a, height, 0.0], [0.0, 0.0, c]];
            let positions = [[0.0; 3], [0.0, height * 2.0 / 3.0, 0.5 * c]];
            cell_sum(&potential, &rows, &positions, &[0, 0]).unwrap().energy / 2.0
        };
        let (a, c) = (found.lattice_constant, found.lattice_constant * found.axial_ratio.unwrap());
        assert!((energy(a, c) - found.energy).abs() < 1e-12);
        for (da, dc) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (1.0, -1.0), (-1.0, 1.0)] {
            assert!(energy(a + 1e-3 * da, c + 1e-3 * dc) > found.energy, "{symbol}: {found:?}");
        }
    }
}

#[test]
fn crystals_of_files() {
    for (file, structure, kinds, a, energy, constants) in [
        (
            "Cu_mishin1.eam.alloy",
            FaceCenteredCubic,
            &[0][..],
            3.61493,
            -3.540218,
            Some([169.90, 122.60, 76.21]),
        ),
        ("Cu_zhou.eam.alloy", FaceCenteredCubic, &[0], 3.61481, -3.539804, Some([180.42, 117.11, 70.66])),
        ("Fe_mm.eam.fs", BodyCenteredCubic, &[0], 2.85532, -4.122435, Some([243.40, 145.09, 116.11])),
        ("Al_mm.eam.fs", FaceCenteredCubic, &[0], 4.04526, -3.410657, Some([108.87, 60.69, 31.96])),
        ("CuZr_mm.eam.fs", FaceCenteredCubic, &[0], 3.63909, -3.283116, Some([175.2, 128.4, 84.9])),
        ("CuZr_mm.eam.fs", B2, &[0, 1], 3.23693, -5.015322, None),
    ] {
        if let Some(potential) = installed(file) {
            assert_crystal(file, &relaxed(&potential, structure, kinds), a, energy, constants);
        }
    }
    if let Some(potential) = installed("Zr_mm.eam.fs") {
        let found = relaxed(&potential, HexagonalClosePacked, &[0]);
        assert_crystal("Zr_mm", &found, 3.234055, -6.6347092, None);
        assert!((found.axial_ratio.unwrap() - 1.597885).abs() < 1e-4, "{found:?}");
    }
    if let Some(potential) = installed("CuZr_mm.eam.fs") {
        let found = relaxed(&potential, HexagonalClosePacked, &[1]);
        assert_crystal("CuZr_mm", &found, 3.220298, -6.4692659, None);
        // The authors wrote it into their file.
        assert!((found.lattice_constant - potential.elements[1].lattice_constant).abs() < 1e-4, "{found:?}");
    }
}

#[test]
fn funcfl_copper_has_its_published_energy() {
    if let Some(potential) = installed("Cu_u3.eam") {
        let h = 0.5 * 3.615;
        let rows = [[0.0, h, h], [h, 0.0, h], [h, h, 0.0]];
        let sums = cell_sum(&potential, &rows, &[[0.0; 3]], &[0]).unwrap();
        assert!((sums.energy + 3.540_000_002).abs() < 1e-9, "{}", sums.energy);
        // -0.028 bar
        let pressure = sums.virial[0] / (2.0 * h * h * h) * 1.602_176_5e6;
        assert!((pressure + 0.028).abs() < 1e-3, "{pressure}");
        assert!(potential.symbols() == ["Cu"] && potential.pair[0].knots() == 499);
    }
}
