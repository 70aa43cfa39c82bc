//! Molecular dynamics through the program: known numbers, and what must not change a bit of it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod moving;
#[path = "common/reference_cell.rs"]
mod reference_cell;

use common::{COMPLETE, Workspace};
use moving::{EVERYTHING, complete, difference, frames, thermo, write_configuration};
use reference_cell::{Cell, cell};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use vitrum::foundation::units::{BOLTZMANN, GIGAPASCAL};

const ONCE: &str =
    "time_step_fs = 1.0\n[[method.stages]]\nname = 'once'\nensemble = 'nve'\nduration_ps = 0.0";

impl Cell {
    /// Twenty-seven cells as a LAMMPS data file, all images of the first atom first.
    fn data(&self) -> String {
        let mut text = format!("cells\n\n{} atoms\n{} atom types\n\n", 27 * 16, self.elements.len());
        for (d, axis) in ["x", "y", "z"].into_iter().enumerate() {
            writeln!(text, "0.0 {:?} {axis}lo {axis}hi", 3.0 * self.rows[d][d]).unwrap();
        }
        let [_, [xy, ..], [xz, yz, _]] = self.rows.map(|row| row.map(|x| 3.0 * x));
        writeln!(text, "{xy:?} {xz:?} {yz:?} xy xz yz\n\nAtoms # atomic\n").unwrap();
        for (atom, (kind, position)) in self.kinds.iter().zip(&self.positions).enumerate() {
            for image in 0..27usize {
                let shift = [image % 3, image / 3 % 3, image / 9].map(|n| n as f64);
                let [x, y, z]: [f64; 3] = std::array::from_fn(|d| {
                    position[d] + (0..3).map(|k| shift[k] * self.rows[k][d]).sum::<f64>()
                });
                writeln!(text, "{} {} {x:?} {y:?} {z:?}", 27 * atom + image + 1, kind + 1).unwrap();
            }
        }
        text
    }
}

/// Atoms of a file and of images of a cell differ by rounding of coordinates alone.
fn assert_cell(name: &str, potential: &str) {
    let cell = cell(name);
    let workspace = Workspace::new("cell", &[]);
    fs::write(workspace.path("cell.data"), cell.data()).unwrap();
    let elements = cell.elements.iter().map(|element| format!("'{element}'")).collect::<Vec<_>>().join(", ");
    let initial = format!("kind = 'file'\npath = '{}'", workspace.path("cell.data").display());
    let measure = format!("trajectory = {{ every = 1, format = 'dump', per_atom = [{EVERYTHING}] }}");
    write_configuration(&workspace, (&elements, potential), &initial, ONCE, &measure);
    complete(&workspace, "cell", 2);
    let frame = &frames(&workspace.path("cell").join("trajectory.dump"))[0];
    let volume = thermo(&workspace, "cell", "volume")[0];
    let each =
        |values: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..27 * 16).map(|row| values(row / 27)).collect() };
    let energy = thermo(&workspace, "cell", "potential_energy")[0];
    assert!((energy - 27.0 * cell.energy).abs() < 27e-9, "{name}: {energy}");
    let close = |what: &str, found: &[f64], expected: &[f64]| {
        let difference = difference(found, expected);
        println!("{name}, {what}: {difference:.1e}");
        assert!(difference < 1e-8, "{name}, {what}: {difference:e}");
    };
    close("energies", frame.column("c_epot"), &each(&|atom| cell.energies[atom]));
    for (d, axis) in ["fx", "fy", "fz"].into_iter().enumerate() {
        close(axis, frame.column(axis), &each(&|atom| cell.forces[atom][d]));
    }
    // The table has yz xz xy, the cells have xy xz yz.
    let stress = thermo(&workspace, "cell", "stress");
    let total: Vec<f64> =
        [0, 1, 2, 5, 4, 3].into_iter().map(|k| -stress[k] / GIGAPASCAL * volume / 27.0).collect();
    close("virial", &total, &cell.virial);
    let per_atom = volume / (27.0 * 16.0) / GIGAPASCAL;
    // The file has xy before xz and yz, as LAMMPS and the cells do.
    for k in 0..6 {
        let found: Vec<f64> =
            frame.column(&format!("c_stress[{}]", k + 1)).iter().map(|s| -s * per_atom).collect();
        close("virials", &found, &each(&|atom| cell.virials[atom][k]));
    }
}

#[test]
fn reference_cells_have_their_energies_forces_and_stresses() {
    assert_cell("Zhou, 2000 knots", "zhou = true");
    for file in ["CuZr_mm.eam.fs", "Fe_mm.eam.fs"] {
        let path = Path::new("/usr/share/lammps/potentials").join(file);
        if path.exists() {
            assert_cell(file, &format!("file = '{}'", path.display()));
        } else {
            println!("skipped: {} is not installed (Debian: lammps-data)", path.display());
        }
    }
}

/// Elements, file, lattice, energy per atom (eV): independently computed at these lattice constants.
const CRYSTALS: [(&str, &str, &str, f64, f64); 6] = [
    ("'Cu'", "Cu_u3.eam", "'fcc'\nconstant = 3.615", -3.540_000_002, 2e-9),
    ("'Cu'", "Cu_mishin1.eam.alloy", "'fcc'\nconstant = 3.61493", -3.540_218, 1e-6),
    ("'Fe'", "Fe_mm.eam.fs", "'bcc'\nconstant = 2.85532", -4.122_435, 1e-6),
    ("'Zr'", "Zr_mm.eam.fs", "'hcp'\nconstant = 3.23361\naxis_ratio = 1.59830", -6.634_709, 1e-6),
    ("'Cu', 'Zr'", "CuZr_mm.eam.fs", "'b2'\nconstant = 3.23693", -5.015_322, 1e-6),
    // The fifth shell lies at the cutoff, where the potential ends with a step.
    ("'Cu'", "", "'fcc'\nconstant = 3.61496", -3.539_995, 2e-5),
];

#[test]
fn crystals_have_their_energies_and_no_forces() {
    let workspace = Workspace::new("crystals", &[]);
    for (elements, file, lattice, energy, tolerance) in CRYSTALS {
        let path = Path::new("/usr/share/lammps/potentials").join(file);
        if !path.exists() {
            println!("skipped: {} is not installed (Debian: lammps-data)", path.display());
            continue;
        }
        let potential =
            if file.is_empty() { "zhou = true".into() } else { format!("file = '{}'", path.display()) };
        let initial =
            format!("kind = 'lattice'\nlattice = {lattice}\nrepeat = [6, 5, 4]\ntemperature = 900.0");
        write_configuration(&workspace, (elements, &potential), &initial, ONCE, "");
        let name = format!("crystal-{file}");
        complete(&workspace, &name, 1);
        let of = |column: &str| thermo(&workspace, &name, column)[0];
        let atoms = 120.0 * if lattice.starts_with("'b") { 2.0 } else { 4.0 };
        let found = of("potential_energy") / atoms;
        println!("{elements} {file}: {found} eV per atom, pressure {} GPa", of("pressure"));
        assert!((found - energy).abs() < tolerance, "{file}: {found}");
        assert!(of("largest_force") < 1e-9, "{file}: {}", of("largest_force"));
        // Velocities have exactly the temperature asked for, at no total momentum.
        let kinetic = 1.5 * (atoms - 1.0) * BOLTZMANN * 900.0;
        assert!((of("kinetic_energy") - kinetic).abs() < 1e-9 * kinetic, "{}", of("kinetic_energy"));
        let virial = of("pressure") / GIGAPASCAL - 2.0 * of("kinetic_energy") / (3.0 * of("volume"));
        if file == "Cu_u3.eam" {
            let bar = virial * GIGAPASCAL * 1e4;
            assert!((bar + 0.028).abs() < 1e-3, "{bar} bar");
            // LAMMPS prints 18703.573 bar at 1600 K, with its constants and 3N - 3 degrees of freedom.
            let cell = 3.615f64.powi(3);
            let kinetic = (4.0 * 8000.0 - 1.0) * 8.617343e-5 * 1600.0 / (8000.0 * cell) * 1.6021765e6;
            assert!((kinetic + bar - 18_703.573).abs() < 2e-3, "{}", kinetic + bar);
        }
    }
}

/// Every ensemble, on atoms that cross boundaries.
const ALL: &str = "time_step_fs = 2.0
[[method.stages]]
name = 'downhill'
ensemble = 'minimize'
max_steps = 20
[[method.stages]]
name = 'langevin'
ensemble = 'nvt'
thermostat = 'langevin'
temperature = { from = 3000.0, to = 2000.0 }
steps = 30
[[method.stages]]
name = 'rescaling'
ensemble = 'nvt'
thermostat = 'velocity-rescaling'
temperature = 2000.0
steps = 30
[[method.stages]]
name = 'chains'
ensemble = 'nvt'
thermostat = 'nose-hoover'
temperature = 2000.0
steps = 30
[[method.stages]]
name = 'isotropic'
ensemble = 'npt'
temperature = 2000.0
pressure_gpa = 5.0
box = 'isotropic'
steps = 30
[[method.stages]]
name = 'anisotropic'
ensemble = 'npt'
temperature = 2000.0
pressure_gpa = 0.0
box = 'anisotropic'
steps = 30
[[method.stages]]
name = 'free'
ensemble = 'nve'
steps = 30";

fn invariant(name: &str) -> Workspace {
    let workspace = Workspace::new(name, &[]);
    let initial = "kind = 'random'\natoms = 201\nfractions = [0.5, 0.5]\nnumber_density = 0.055";
    let measure = format!(
        "every = 7\nobservables = ['thermo', 'rdf', 'msd']\ntrajectory = {{ every = 40, per_atom = [{EVERYTHING}] }}"
    );
    write_configuration(&workspace, ("'Cu', 'Zr'", "zhou = true"), initial, ALL, &measure);
    workspace
}

fn trajectory(workspace: &Workspace, directory: &str) -> Vec<u8> {
    fs::read(workspace.path(directory).join("trajectory.xyz")).unwrap()
}

#[test]
fn domains_and_threads_change_no_bit() {
    let workspace = invariant("md-domains");
    let expected = workspace.uninterrupted();
    let frames = trajectory(&workspace, "uninterrupted");
    for grid in [[1, 1, 1], [2, 1, 1], [1, 2, 2], [3, 1, 1]] {
        for threads in [1, 2] {
            let name = format!("{grid:?}x{threads}");
            let launch = workspace.run(&name).ranks(grid.iter().product()).threads(threads);
            launch.set(format!("parallel.domains={grid:?}")).expect(COMPLETE);
            assert_eq!(workspace.hashes(&name), expected, "{name}");
            assert!(trajectory(&workspace, &name) == frames, "{name}: the trajectories differ");
        }
    }
    workspace.run("other").set("run.seed=12").expect(COMPLETE);
    assert_ne!(workspace.hashes("other"), expected);
}

#[test]
fn the_skin_of_neighbor_lists_changes_no_bit() {
    let workspace = invariant("md-skin");
    let expected = workspace.uninterrupted();
    let searches = |log: &str| -> u64 {
        let before = log.split(" neighbor searches").next().unwrap();
        before.rsplit(' ').next().unwrap().parse().unwrap()
    };
    let mut counts = Vec::new();
    for (skin, ranks) in [("0.3", 1), ("1.0", 2), ("2.0", 3)] {
        let finished = workspace.run(skin).ranks(ranks).set(format!("method.skin={skin}")).expect(COMPLETE);
        counts.push(searches(&finished.log));
        let found = workspace.hashes(skin);
        assert_eq!(
            (found.state, found.results),
            (expected.state.clone(), expected.results.clone()),
            "skin {skin}"
        );
        assert!(trajectory(&workspace, skin) == trajectory(&workspace, "uninterrupted"), "skin {skin}");
    }
    println!("{counts:?} searches");
    assert!(counts[0] > counts[1] && counts[1] > counts[2], "{counts:?}");
}

#[test]
fn fast_sums_differ_by_rounding_alone() {
    let workspace = invariant("md-fast");
    let energies = |directory: &str, reproducible: bool| {
        let launch = workspace.run(directory).ranks(2).set(format!("method.reproducible={reproducible}"));
        launch.expect(COMPLETE);
        thermo(&workspace, directory, "potential_energy")
    };
    let (exact, fast) = (energies("exact", true), energies("fast", false));
    let difference = difference(&fast[..1], &exact[..1]);
    println!("fast sums differ by {difference:.1e}");
    assert!(difference < 1e-12, "{difference:e}");
    // Until chaos takes over.
    assert!((fast[8] - exact[8]).abs() < 1e-6, "{} {}", fast[8], exact[8]);
}
