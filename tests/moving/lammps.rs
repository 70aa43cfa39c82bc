//! Runs LAMMPS on the atoms and the potential of a test.

use super::{Frame, frames};
use crate::common::Workspace;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use vitrum::forces::embedded_atom::read;
use vitrum::formats::{dump, lammps_data};
use vitrum::foundation::units::MASS_VELOCITY_SQUARED;
use vitrum::system::atoms::Atoms;

/// LAMMPS's energy of one g/mol (Angstrom/ps)^2 in eV, and its pressure of one eV/Angstrom^3 in bar.
const LAMMPS_MASS_VELOCITY_SQUARED: f64 = 1.0364269e-4;
const LAMMPS_BAR: f64 = 1.6021765e6;

/// A potential as both programs are told of it.
#[derive(Debug, Clone)]
pub struct Potential {
    pub path: PathBuf,
    pub style: &'static str,
    pub elements: Vec<&'static str>,
}

impl Potential {
    /// A potential that comes with LAMMPS; a printed line where it is not installed.
    pub fn installed(name: &str, style: &'static str, elements: &[&'static str]) -> Option<Self> {
        let path = Path::new("/usr/share/lammps/potentials").join(name);
        if !path.exists() {
            println!("skipped: {} is not installed (Debian: lammps-data)", path.display());
            return None;
        }
        Some(Potential { path, style, elements: elements.to_vec() })
    }

    /// Elements and potential as TOML.
    pub fn toml(&self) -> (String, String) {
        let elements =
            self.elements.iter().map(|element| format!("'{element}'")).collect::<Vec<_>>().join(", ");
        (elements, format!("file = '{}'", self.path.display()))
    }
}

/// Whether LAMMPS can be started; a printed line where not.
pub fn is_there() -> bool {
    let found = Command::new("lmp").arg("-help").stdin(Stdio::null()).output().is_ok();
    if !found {
        println!("skipped: lmp is not installed (Debian: lammps)");
    }
    found
}

/// The atoms of the last frame of a dump file, as a LAMMPS data file.
pub fn data_of_dump(from: &Path, to: &Path) {
    let text = fs::read_to_string(from).unwrap();
    write_data(&dump::frames(&text, "dump").last_frame().unwrap().atoms, to);
}

/// Atoms as a LAMMPS data file.
pub fn write_data(atoms: &Atoms, to: &Path) {
    let mut bytes = Vec::new();
    lammps_data::write(atoms, &mut bytes, "data").unwrap();
    fs::write(to, bytes).unwrap();
}

/// What LAMMPS finds, in eV and Angstrom.
pub struct Outcome {
    pub frames: Vec<Frame>,
    /// Of each row: step, potential energy, kinetic energy.
    pub energies: Vec<[f64; 3]>,
    /// Of each row: the virial part of the pressure tensor in eV/Angstrom^3, components xx yy zz yz xz xy.
    pub pressure: Vec<[f64; 6]>,
    /// Of the first frame: the virials of the atoms in eV, as components xx of all atoms, then yy, zz, xy, xz, yz.
    pub virial: Vec<f64>,
}

/// Runs LAMMPS at constant energy from a data file, with rows and frames every so many steps. Masses are such that
/// velocities mean the energies they mean to vitrum, whose constants have more digits.
pub fn run(
    workspace: &Workspace,
    potential: &Potential,
    data: &Path,
    time_step: f64,
    [steps, every]: [u64; 2],
) -> Outcome {
    let files = ["in", "log", "dump"].map(|kind| workspace.path(&format!("lammps.{kind}")));
    let bytes = fs::read(&potential.path).unwrap();
    let table = read::parse(&bytes, &potential.path.to_string_lossy()).unwrap();
    let masses: String = table
        .select(&potential.elements)
        .unwrap()
        .elements
        .iter()
        .enumerate()
        .map(|(k, element)| {
            let mass = element.mass * (MASS_VELOCITY_SQUARED / LAMMPS_MASS_VELOCITY_SQUARED);
            format!("mass {} {mass:?}\n", k + 1)
        })
        .collect();
    let elements = if potential.style == "eam" { String::new() } else { potential.elements.join(" ") };
    let (path, style) = (potential.path.display(), potential.style);
    let input = format!(
        "units metal\natom_style atomic\nbox tilt large\nread_data {}\npair_style {style}\npair_coeff * * {path} \
         {elements}\n{masses}neighbor 1.0 bin\nneigh_modify every 1 delay 0 check yes\ncompute p all pressure NULL \
         virial\ncompute e all pe/atom\ncompute s all stress/atom NULL virial\nfix 1 all nve\ntimestep {time_step:?}\n\
         thermo {every}\nthermo_style custom step pe ke c_p[1] c_p[2] c_p[3] c_p[6] c_p[5] c_p[4]\nthermo_modify \
         format float %.17g norm no\ndump 1 all custom {every} {} id type xu yu zu vx vy vz fx fy fz c_e c_s[1] c_s[2] \
         c_s[3] c_s[4] c_s[5] c_s[6]\ndump_modify 1 sort id format float %.17g\nrun {steps}\n",
        data.display(),
        files[2].display(),
    );
    fs::write(&files[0], &input).unwrap();
    let output = Command::new("timeout")
        .args(["120", "lmp", "-screen", "none", "-in"])
        .arg(&files[0])
        .arg("-log")
        .arg(&files[1])
        .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
        .env("OMP_NUM_THREADS", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let log = fs::read_to_string(&files[1]).unwrap_or_default();
    assert!(output.status.success(), "LAMMPS failed: {output:?}\n{log}");
    let rows = log.lines().skip_while(|line| !line.trim_start().starts_with("Step ")).skip(1);
    let rows: Vec<Vec<f64>> = rows
        .take_while(|line| !line.starts_with("Loop time"))
        .filter_map(|line| line.split_whitespace().map(|word| word.parse().ok()).collect())
        .collect();
    assert_eq!(rows.len() as u64, steps.div_ceil(every.max(1)) + 1, "{log}");
    let frames = frames(&files[2]);
    let stress = frames[0].columns(&["c_s[1]", "c_s[2]", "c_s[3]", "c_s[4]", "c_s[5]", "c_s[6]"]);
    Outcome {
        virial: stress.iter().map(|s| -s / LAMMPS_BAR).collect(),
        energies: rows.iter().map(|row| [row[0], row[1], row[2]]).collect(),
        pressure: rows.iter().map(|row| std::array::from_fn(|k| row[3 + k] / LAMMPS_BAR)).collect(),
        frames,
    }
}
