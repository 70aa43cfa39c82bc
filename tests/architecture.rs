//! Is the building still standing: floors, the one file that speaks MPI, the one that speaks HDF5, file lengths.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders by floor. A file may use its own folder and lower floors.
const FLOORS: [(&str, u32); 13] = [
    ("foundation", 0),
    ("parallel", 1),
    ("store", 1),
    ("system", 2),
    ("models", 3),
    ("observables", 3),
    ("forces", 3),
    ("formats", 3),
    ("sampling", 4),
    ("dynamics", 4),
    ("run", 5),
    ("report", 5),
    ("config", 6),
];
/// Same-floor uses that are meant: files are opened by all ranks; models measure structure factors; the run loop
/// stores what it drives.
const ALLOWED: [(&str, &str); 2] = [("store", "parallel"), ("models", "observables")];
/// Physics sees neither ranks nor files.
const FORBIDDEN: [(&str, &str); 9] = [
    ("models", "parallel"),
    ("models", "store"),
    ("system", "parallel"),
    ("system", "store"),
    ("observables", "parallel"),
    ("forces", "parallel"),
    ("forces", "store"),
    ("formats", "parallel"),
    ("formats", "store"),
];
/// But it may say what has ghosts (halos) and where things are (grids), which know of no messages; tests of ghosts run
/// on ranks that are threads.
const GEOMETRY: [&str; 4] = [
    "crate::parallel::halo",
    "crate::parallel::grid",
    "crate::parallel::partition",
    "crate::parallel::threads",
];
const LONGEST_FILE: usize = 500;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    let relative = |path: &PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
    paths.iter().map(|path| (relative(path), fs::read_to_string(path).unwrap())).collect()
}

fn floor(folder: &str) -> Option<u32> {
    FLOORS.iter().find(|(name, _)| *name == folder).map(|(_, floor)| *floor)
}

/// What is wrong with the uses of one file.
fn violations(file: &str, text: &str) -> Vec<String> {
    let own = file.split('/').next().unwrap_or_default();
    let Some(own_floor) = floor(own) else { return Vec::new() };
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for part in line.split("crate::").skip(1) {
            let used: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let Some(used_floor) = floor(&used) else { continue };
            let allowed = used == own || used_floor < own_floor || ALLOWED.contains(&(own, used.as_str()));
            if GEOMETRY.iter().any(|module| line.contains(module)) {
                continue;
            }
            if !allowed || FORBIDDEN.contains(&(own, used.as_str())) {
                found.push(format!("{file} uses crate::{used}: {}", line.trim()));
            }
        }
    }
    found
}

#[test]
fn files_use_only_lower_floors() {
    let found: Vec<String> = all_sources().iter().flat_map(|(file, text)| violations(file, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_upward_use_would_be_noticed() {
    assert_eq!(violations("models/x.rs", "use crate::sampling::ladder;").len(), 1);
    assert_eq!(violations("models/x.rs", "use crate::parallel::Comm;").len(), 1);
    assert!(violations("models/x.rs", "use crate::foundation::Result;").is_empty());
}

#[test]
fn one_file_speaks_mpi_and_one_speaks_hdf5() {
    for (file, text) in all_sources() {
        let speaks = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if file != "parallel/mpi.rs" {
            assert!(!speaks(&["use mpi::", " mpi::topology", "mpi::ffi", "MPI_Comm"]), "{file} speaks MPI");
        }
        if file != "store/hdf5.rs" {
            assert!(!speaks(&["hdf5_sys", "use hdf5::", " hdf5::File", "H5D"]), "{file} speaks HDF5");
        }
    }
}

#[test]
fn files_can_be_held_in_the_head() {
    for (file, text) in all_sources() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST_FILE, "{file} has {lines} lines");
    }
}
