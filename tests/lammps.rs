//! Molecular dynamics through the program against LAMMPS on identical coordinates: single points and trajectories.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod moving;

use common::{COMPLETE, Workspace};
use moving::lammps::{self, Potential};
use moving::{EVERYTHING, complete, difference, frames, thermo, write_configuration};
use std::fs;
use std::path::Path;
use std::process::Command;
use vitrum::forces::embedded_atom::{Layout, table::Table, write, zhou::Zhou};
use vitrum::foundation::random::Key;
use vitrum::foundation::units::GIGAPASCAL;
use vitrum::system::atoms::Atoms;
use vitrum::system::crystal::{self, Structure};
use vitrum::system::periodic_box::PeriodicBox;

/// Largest difference, relative to the largest component.
const TOLERANCE: f64 = 1e-8;

/// A crystal whose atoms are moved at random.
struct Crystal {
    lattice: &'static str,
    constant: f64,
    axis_ratio: Option<f64>,
    repeat: [usize; 3],
}

impl Crystal {
    fn atoms(&self, elements: &[&str]) -> Atoms {
        let elements: Vec<String> = elements.iter().map(ToString::to_string).collect();
        let structure = Structure::named(self.lattice, self.axis_ratio).unwrap();
        let mut atoms =
            crystal::build(structure, self.constant, self.repeat, &elements, &[], Key::new(1)).unwrap();
        let mut stream = Key::new(2).stream();
        for x in atoms.position.as_flattened_mut() {
            *x += 0.3 * (stream.uniform() - 0.5);
        }
        atoms
    }

    /// The same, sheared and stretched into a triclinic box away from the origin.
    fn strained(&self, elements: &[&str]) -> Atoms {
        let mut atoms = self.atoms(elements);
        let old = atoms.periodic_box;
        let [x, y, z] = old.lengths();
        let cell = PeriodicBox::new(
            [-3.1, 2.7, 0.4],
            [1.03 * x, 0.98 * y, 1.01 * z],
            [0.2 * x, -0.15 * x, 0.11 * y],
        );
        let cell = cell.unwrap();
        for position in &mut atoms.position {
            let s = old.fractional(*position);
            *position = std::array::from_fn(|d| {
                cell.origin()[d] + (0..3).map(|k| s[k] * cell.edges()[k][d]).sum::<f64>()
            });
        }
        atoms.periodic_box = cell;
        atoms
    }
}

/// Evaluates a data file once, on some ranks.
fn evaluate(workspace: &Workspace, directory: &str, potential: &Potential, data: &Path, ranks: usize) {
    let (elements, toml) = potential.toml();
    let initial = format!("kind = 'file'\npath = '{}'", data.display());
    let method = "time_step_fs = 1.0\n[[method.stages]]\nname = 'once'\nensemble = 'nve'\nduration_ps = 0.0";
    let measure = format!("trajectory = {{ every = 1, format = 'dump', per_atom = [{EVERYTHING}] }}");
    write_configuration(workspace, (&elements, &toml), &initial, method, &measure);
    complete(workspace, directory, ranks);
}

/// Compares one configuration, at rest, in everything; returns the largest difference.
fn compare(workspace: &Workspace, name: &str, potential: &Potential, data: &Path, ranks: usize) -> f64 {
    evaluate(workspace, name, potential, data, ranks);
    let theirs = lammps::run(workspace, potential, data, 0.001, [0, 1]);
    let ours = frames(&workspace.path(name).join("trajectory.dump"));
    assert_eq!((ours.len(), theirs.frames.len()), (1, 1), "{name}: one frame each");
    let (ours, their) = (&ours[0], &theirs.frames[0]);
    assert_eq!(ours.column("type"), their.column("type"));
    let energy = thermo(workspace, name, "potential_energy");
    assert_eq!(energy.len(), 1, "{name}: one row");
    let stress: Vec<f64> = thermo(workspace, name, "stress").iter().map(|s| -s / GIGAPASCAL).collect();
    // The trace is the scalar pressure.
    let pressure = thermo(workspace, name, "pressure")[0] / GIGAPASCAL;
    let trace = theirs.pressure[0][..3].iter().sum::<f64>() / 3.0;
    let volume = thermo(workspace, name, "volume")[0] / ours.len() as f64;
    let stresses = ours.columns(&[
        "c_stress[1]",
        "c_stress[2]",
        "c_stress[3]",
        "c_stress[4]",
        "c_stress[5]",
        "c_stress[6]",
    ]);
    let virial: Vec<f64> = stresses.iter().map(|s| -s * volume / GIGAPASCAL).collect();
    let forces = ["fx", "fy", "fz"];
    let differences = [
        ("energy", difference(&energy, &[theirs.energies[0][1]])),
        ("pressure tensor", difference(&stress, &theirs.pressure[0])),
        (
            "pressure",
            (pressure - trace).abs() / theirs.pressure[0].iter().fold(0.0, |a: f64, x| a.max(x.abs())),
        ),
        ("forces", difference(&ours.columns(&forces), &their.columns(&forces))),
        ("energies of atoms", difference(ours.column("c_epot"), their.column("c_e"))),
        ("stresses of atoms", difference(&virial, &theirs.virial)),
    ];
    println!("{name}: {} atoms", ours.len());
    for (what, difference) in differences {
        println!("    {what}: {difference:.1e}");
        assert!(difference < TOLERANCE, "{name}: {what} differ by {difference:e}");
    }
    differences.iter().fold(0.0, |a, (_, x)| a.max(*x))
}

/// A dense random packing that was brought some way downhill, as a melt is.
fn melt(workspace: &Workspace, potential: &Potential, atoms: usize, density: f64, to: &Path) {
    let (elements, toml) = potential.toml();
    let fractions = if potential.elements.len() > 1 { "fractions = [0.6, 0.4]\n" } else { "" };
    let initial = format!("kind = 'random'\natoms = {atoms}\n{fractions}number_density = {density}");
    let method =
        "time_step_fs = 1.0\n[[method.stages]]\nname = 'downhill'\nensemble = 'minimize'\nmax_steps = 25";
    let measure = "trajectory = { every = 1000, format = 'dump' }";
    write_configuration(workspace, (&elements, &toml), &initial, method, measure);
    complete(workspace, "melt", 2);
    lammps::data_of_dump(&workspace.path("melt").join("trajectory.dump"), to);
}

fn compare_all(name: &str, potential: &Potential, crystal: &Crystal, density: f64) {
    let workspace = Workspace::new("lammps", &[]);
    let data = workspace.path("atoms.data");
    lammps::write_data(&crystal.atoms(&potential.elements), &data);
    compare(&workspace, &format!("{name}-crystal"), potential, &data, 1);
    lammps::write_data(&crystal.strained(&potential.elements), &data);
    compare(&workspace, &format!("{name}-strained"), potential, &data, 2);
    melt(&workspace, potential, 600, density, &data);
    compare(&workspace, &format!("{name}-melt"), potential, &data, 3);
}

fn crystal(lattice: &'static str, constant: f64, repeat: [usize; 3]) -> Crystal {
    Crystal { lattice, constant, axis_ratio: None, repeat }
}

#[test]
fn copper_of_foiles_agrees_with_lammps() {
    let Some(potential) = Potential::installed("Cu_u3.eam", "eam", &["Cu"]) else { return };
    if lammps::is_there() {
        compare_all("Cu_u3", &potential, &crystal("fcc", 3.615, [4, 5, 6]), 0.075);
    }
}

#[test]
fn copper_of_mishin_agrees_with_lammps() {
    let Some(potential) = Potential::installed("Cu_mishin1.eam.alloy", "eam/alloy", &["Cu"]) else { return };
    if lammps::is_there() {
        compare_all("Cu_mishin1", &potential, &crystal("fcc", 3.615, [4, 5, 6]), 0.075);
    }
}

#[test]
fn iron_of_mendelev_agrees_with_lammps() {
    let Some(potential) = Potential::installed("Fe_mm.eam.fs", "eam/fs", &["Fe"]) else { return };
    if lammps::is_there() {
        compare_all("Fe_mm", &potential, &crystal("bcc", 2.855, [5, 6, 7]), 0.075);
    }
}

#[test]
fn zirconium_of_mendelev_agrees_with_lammps() {
    let Some(potential) = Potential::installed("Zr_mm.eam.fs", "eam/fs", &["Zr"]) else { return };
    if lammps::is_there() {
        let hcp = Crystal { axis_ratio: Some(1.598), ..crystal("hcp", 3.234, [5, 3, 4]) };
        compare_all("Zr_mm", &potential, &hcp, 0.04);
    }
}

#[test]
fn copper_zirconium_of_mendelev_agrees_with_lammps() {
    let Some(potential) = Potential::installed("CuZr_mm.eam.fs", "eam/fs", &["Cu", "Zr"]) else { return };
    if lammps::is_there() {
        compare_all("CuZr_mm", &potential, &crystal("b2", 3.24, [5, 5, 6]), 0.058);
        // Kinds in the other order than the file.
        let other = Potential { elements: vec!["Zr", "Cu"], ..potential };
        compare_all("ZrCu_mm", &other, &crystal("b2", 3.24, [5, 5, 6]), 0.055);
    }
}

#[test]
fn a_written_potential_of_zhou_agrees_with_lammps() {
    if !lammps::is_there() {
        return;
    }
    let workspace = Workspace::new("lammps-zhou", &[]);
    let path = workspace.path("CuZr.eam.alloy");
    let mut program = Command::new(env!("CARGO_BIN_EXE_vitrum"));
    let status = program.args(["potential", "zhou", "Cu", "Zr", "-o"]).arg(&path).output().unwrap().status;
    assert!(status.success());
    let potential = Potential { path, style: "eam/alloy", elements: vec!["Cu", "Zr"] };
    let data = workspace.path("atoms.data");
    lammps::write_data(&crystal("b2", 3.19, [5, 5, 5]).strained(&potential.elements), &data);
    compare(&workspace, "zhou-strained", &potential, &data, 1);
    // The file is the built-in potential.
    let energy = thermo(&workspace, "zhou-strained", "potential_energy");
    let launch = workspace.run("built-in").ranks(1);
    let text = fs::read_to_string(workspace.path("glass.toml")).unwrap();
    let file = text.lines().find(|line| line.starts_with("potential")).unwrap();
    fs::write(workspace.path("glass.toml"), text.replace(file, "potential = { zhou = true }")).unwrap();
    launch.expect(COMPLETE);
    assert_eq!(thermo(&workspace, "built-in", "potential_energy"), energy);
    melt(&workspace, &potential, 600, 0.055, &data);
    compare(&workspace, "zhou-melt", &potential, &data, 2);
}

/// Files whose densities are the same in both directions do not show whether a reader takes one for the other.
#[test]
fn densities_that_depend_on_source_and_site_agree_with_lammps() {
    if !lammps::is_there() {
        return;
    }
    let workspace = Workspace::new("lammps-asymmetric", &[]);
    let mut table = Zhou::new(&["Cu", "Zr"]).unwrap().tabulated(2000).unwrap();
    let smaller: Vec<f64> = table.density[1].values().map(|value| 0.8 * value).collect();
    table.density[1] = Table::new(table.density[1].spacing(), &smaller).unwrap();
    table.is_density_of_source = false;
    let mut file = |name: &str| {
        let path = workspace.path(name);
        fs::write(&path, write::setfl(&table, Layout::FinnisSinclair).unwrap()).unwrap();
        table.density.swap(1, 2);
        Potential { path, style: "eam/fs", elements: vec!["Cu", "Zr"] }
    };
    let (potential, transposed) = (file("right.eam.fs"), file("transposed.eam.fs"));
    let data = workspace.path("atoms.data");
    melt(&workspace, &potential, 600, 0.055, &data);
    compare(&workspace, "asymmetric", &potential, &data, 2);
    let energy = thermo(&workspace, "asymmetric", "potential_energy")[0];
    let other = lammps::run(&workspace, &transposed, &data, 0.001, [0, 1]).energies[0][1];
    println!("asymmetric {energy} eV, transposed {other} eV");
    assert!((energy - other).abs() > 10.0);
}

/// Runs both at constant energy from one file with velocities.
struct Course {
    energies: Vec<[f64; 2]>,
    their_energies: Vec<[f64; 2]>,
    /// Largest difference of a coordinate (Angstrom) in each frame.
    positions: Vec<f64>,
    /// Of the virial part of the pressure (eV/Angstrom^3), relative.
    pressure: f64,
}

fn follow(
    workspace: &Workspace,
    potential: &Potential,
    initial: &str,
    time_step: f64,
    [steps, every]: [u64; 2],
) -> Course {
    let (elements, toml) = potential.toml();
    let stages = |steps: u64| {
        let fs = time_step * 1000.0;
        format!("time_step_fs = {fs:?}\n[[method.stages]]\nname = 'free'\nensemble = 'nve'\nsteps = {steps}")
    };
    let measure = format!(
        "every = {every}\ntrajectory = {{ every = {every}, format = 'dump', per_atom = [{EVERYTHING}] }}"
    );
    write_configuration(workspace, (&elements, &toml), initial, &stages(0), &measure);
    complete(workspace, "start", 2);
    let data = workspace.path("start.data");
    lammps::data_of_dump(&workspace.path("start").join("trajectory.dump"), &data);
    let initial = format!("kind = 'file'\npath = '{}'", data.display());
    write_configuration(workspace, (&elements, &toml), &initial, &stages(steps), &measure);
    complete(workspace, "course", 2);
    let theirs = lammps::run(workspace, potential, &data, time_step, [steps, every]);
    let ours = frames(&workspace.path("course").join("trajectory.dump"));
    let steps: Vec<u64> = ours.iter().map(|frame| frame.step).collect();
    assert_eq!(steps, theirs.frames.iter().map(|frame| frame.step).collect::<Vec<_>>());
    let edges = |frame: &moving::Frame, d: usize| frame.bounds[2 * d + 1] - frame.bounds[2 * d];
    let positions = ours.iter().zip(&theirs.frames).map(|(ours, theirs)| {
        let axis = |d: usize| {
            let [x, n, u] = [["x", "ix", "xu"], ["y", "iy", "yu"], ["z", "iz", "zu"]][d];
            let pairs = ours.column(x).iter().zip(ours.column(n)).zip(theirs.column(u));
            pairs.map(|((x, n), u)| (x + n * edges(ours, d) - u).abs()).fold(0.0, f64::max)
        };
        axis(0).max(axis(1)).max(axis(2))
    });
    let [potential, kinetic] =
        ["potential_energy", "kinetic_energy"].map(|name| thermo(workspace, "course", name));
    let volume = thermo(workspace, "course", "volume")[0];
    let pressure: Vec<f64> = (thermo(workspace, "course", "pressure").iter().zip(&kinetic))
        .map(|(p, k)| p / GIGAPASCAL - 2.0 * k / (3.0 * volume))
        .collect();
    let trace: Vec<f64> = theirs.pressure.iter().map(|p| (p[0] + p[1] + p[2]) / 3.0).collect();
    Course {
        energies: potential.into_iter().zip(kinetic).map(|(p, k)| [p, k]).collect(),
        their_energies: theirs.energies.iter().map(|row| [row[1], row[2]]).collect(),
        positions: positions.collect(),
        pressure: difference(&pressure, &trace),
    }
}

#[test]
fn a_melt_follows_the_trajectory_of_lammps() {
    let Some(potential) = Potential::installed("CuZr_mm.eam.fs", "eam/fs", &["Cu", "Zr"]) else { return };
    if !lammps::is_there() {
        return;
    }
    let workspace = Workspace::new("lammps-course", &[]);
    let data = workspace.path("melt.data");
    melt(&workspace, &potential, 600, 0.058, &data);
    let initial = format!("kind = 'file'\npath = '{}'\ntemperature = 1500.0", data.display());
    let course = follow(&workspace, &potential, &initial, 0.001, [200, 50]);
    let energies = difference(course.energies.as_flattened(), course.their_energies.as_flattened());
    println!("200 steps: positions {:?} Angstrom, energies {energies:.1e}", course.positions);
    assert!(course.positions.iter().all(|&x| x < 1e-8), "{:?}", course.positions);
    assert!(energies < 1e-9 && course.pressure < 1e-8, "{energies} {}", course.pressure);
    // Atoms did move.
    let kinetic: Vec<f64> = course.energies.iter().map(|row| row[1]).collect();
    assert!((kinetic[0] - kinetic[4]).abs() > 1.0, "{kinetic:?}");
}

/// The benchmark of LAMMPS with an embedded-atom potential: 32,000 atoms of copper at 1600 K in steps of 5 fs. Its log
/// has a potential energy of -113280 eV and a total energy of -106662.09 eV at the start, and loses 21.3 eV in 100 such
/// long steps.
#[test]
fn the_benchmark_of_lammps_goes_as_there() {
    let Some(potential) = Potential::installed("Cu_u3.eam", "eam", &["Cu"]) else { return };
    if !lammps::is_there() {
        return;
    }
    let workspace = Workspace::new("lammps-benchmark", &[]);
    let initial =
        "kind = 'lattice'\nlattice = 'fcc'\nconstant = 3.615\nrepeat = [20, 20, 20]\ntemperature = 1600.0";
    let course = follow(&workspace, &potential, initial, 0.005, [100, 50]);
    let total: Vec<f64> = course.energies.iter().map(|[p, k]| p + k).collect();
    let energies = difference(course.energies.as_flattened(), course.their_energies.as_flattened());
    println!("benchmark: {:?}, total {total:?} eV", course.energies);
    println!(
        "positions {:?} Angstrom, energies {energies:.1e}, pressure {:.1e}",
        course.positions, course.pressure
    );
    assert!((course.energies[0][0] + 113_280.0).abs() < 0.001, "{}", course.energies[0][0]);
    // With LAMMPS's Boltzmann constant the kinetic energy of 1600 K is larger by 0.0075 eV.
    assert!((total[0] + 106_662.095_0).abs() < 0.001, "{}", total[0]);
    assert!((total[2] + 106_640.8).abs() < 0.3, "{}", total[2]);
    assert!(course.positions.iter().all(|&x| x < 1e-7), "{:?}", course.positions);
    assert!(energies < 1e-9 && course.pressure < 1e-7);
}
