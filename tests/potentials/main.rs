//! Embedded-atom potentials: independent reference cells, crystals, derivatives, files as users have them, and files
//! that are refused.

mod cells;
mod crystals;
mod files;
#[path = "../program/mod.rs"]
mod program;
#[path = "../common/reference_cell.rs"]
mod reference_cell;
mod refusals;

use std::path::Path;
use vitrum::forces::embedded_atom::{EmbeddedAtom, read};

/// A potential that comes with LAMMPS, or a printed line where it is not installed.
fn installed(name: &str) -> Option<EmbeddedAtom> {
    let path = Path::new("/usr/share/lammps/potentials").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: {} is not installed (Debian: lammps-data)", path.display());
        return None;
    };
    Some(read::parse(&bytes, name).unwrap())
}
