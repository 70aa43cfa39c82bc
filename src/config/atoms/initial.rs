//! Where the atoms of a run come from: put at random, on a lattice, or read from a file.

use super::files;
use super::sections::{FileStart, LatticeStart, RandomStart};
use crate::formats::{dump, extended_xyz, lammps_data};
use crate::foundation::random::Key;
use crate::foundation::vector::IDENTITY;
use crate::foundation::{Error, Result, memory};
use crate::models::require;
use crate::system::atoms::Atoms;
use crate::system::crystal::{self, Structure};
use crate::system::packing;

/// The kinds of `[system] initial`.
pub const KINDS: [&str; 3] = ["random", "lattice", "file"];

const KEY: &str = "[system] initial";

/// Bytes per atom while a start is made.
const BYTES: f64 = 300.0;

/// Something atoms come from.
pub trait Start {
    /// Makes the atoms of these elements; remarks are for the user.
    ///
    /// # Errors
    /// `Error::Configuration` that names the key.
    fn atoms(&mut self, elements: &[String], key: Key, remarks: &mut Vec<String>) -> Result<Atoms>;
    /// The temperature of the velocities, if it is given.
    fn temperature(&mut self) -> &mut Option<f64>;
}

impl Start for RandomStart {
    fn atoms(&mut self, elements: &[String], key: Key, _: &mut Vec<String>) -> Result<Atoms> {
        let count = self.atoms;
        let valid = (1..i64::from(u32::MAX)).contains(&count);
        require(valid, &format!("{KEY}.atoms"), &count, "an integer from 1 to 4294967294")?;
        let density = self.number_density;
        let valid = density > 1e-9 && density <= 10.0;
        let expected = "atoms per cubic Angstrom above 1e-9, at most 10, such as 0.06";
        require(valid, &format!("{KEY}.number_density"), &density, expected)?;
        if let Some(distance) = self.minimum_distance {
            let valid = (0.0..=100.0).contains(&distance);
            require(valid, &format!("{KEY}.minimum_distance"), &distance, "Angstrom from 0 to 100")?;
        }
        let count = count.unsigned_abs() as usize;
        require_memory(count as f64, &format!("{KEY}.atoms = {count}"), "fewer atoms")?;
        let packed = packing::cube(count, density).and_then(|cube| {
            packing::pack(cube, count, elements, &self.fractions, self.minimum_distance, key)
        });
        packed.map_err(|error| files::at(KEY, &error))
    }

    fn temperature(&mut self) -> &mut Option<f64> {
        &mut self.temperature
    }
}

impl Start for LatticeStart {
    fn atoms(&mut self, elements: &[String], key: Key, _: &mut Vec<String>) -> Result<Atoms> {
        let structure = Structure::named(&self.lattice, self.axis_ratio);
        let structure = structure.map_err(|error| files::at(&format!("{KEY}.lattice"), &error))?;
        let valid = self.constant > 0.1 && self.constant <= 1000.0;
        require(valid, &format!("{KEY}.constant"), &self.constant, "Angstrom above 0.1, at most 1000")?;
        let valid = self.repeat.iter().all(|count| (1..=1_000_000).contains(count));
        require(valid, &format!("{KEY}.repeat"), &self.repeat, "three integers from 1 to 1000000")?;
        let repeat = self.repeat.map(|count| count.unsigned_abs() as usize);
        let count = repeat.iter().map(|&n| n as f64).product::<f64>() * structure.basis().len() as f64;
        require_memory(count, &format!("{KEY}.repeat = {repeat:?}"), "fewer cells")?;
        crystal::build(structure, self.constant, repeat, elements, &self.fractions, key)
            .map_err(|error| files::at(KEY, &error))
    }

    fn temperature(&mut self) -> &mut Option<f64> {
        &mut self.temperature
    }
}

impl Start for FileStart {
    fn atoms(&mut self, _: &[String], _: Key, remarks: &mut Vec<String>) -> Result<Atoms> {
        let key = format!("{KEY}.path");
        let expected = "the path of a LAMMPS data or dump file or of extended XYZ";
        let bytes = files::read(&key, "atoms", &self.path, expected)?;
        let text = String::from_utf8(bytes).map_err(|cause| {
            let valid = &cause.as_bytes()[..cause.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|&&byte| byte == b'\n').count() + 1;
            let what = format!("{}, line {line}: this is no text: expected {expected}", self.path);
            Error::Configuration(format!("{key}: {what}"))
        })?;
        let frame = match format_of(&self.path, &text) {
            Format::Data => lammps_data::parse(&text, &self.path).map(|atoms| (atoms, IDENTITY)),
            Format::Dump => dump::frames(&text, &self.path).last_frame().map(|f| (f.atoms, f.rotation)),
            Format::ExtendedXyz => {
                extended_xyz::frames(&text, &self.path).last_frame().map(|f| (f.atoms, f.rotation))
            }
        };
        let (atoms, rotation) = frame.map_err(|error| files::at(&key, &error))?;
        atoms.check(&self.path).map_err(|error| files::at(&key, &error))?;
        if rotation != IDENTITY {
            remarks.push(format!(
                "the box of {} was turned so that its first edge lies along x and its second in the plane of x and y",
                self.path
            ));
        }
        files::seal(&format!("{KEY}.checksum"), &mut self.checksum, &[text.into_bytes()])?;
        Ok(atoms)
    }

    fn temperature(&mut self) -> &mut Option<f64> {
        &mut self.temperature
    }
}

fn require_memory(atoms: f64, what: &str, instead: &str) -> Result<()> {
    memory::require(BYTES * atoms, what, instead)
}

#[derive(Debug, PartialEq, Eq)]
enum Format {
    Data,
    Dump,
    ExtendedXyz,
}

/// Dump files tell by their first words, others by their names, and by their first line where the name says nothing.
fn format_of(path: &str, text: &str) -> Format {
    let ending = path.rsplit(['.', '/']).next().unwrap_or_default().to_ascii_lowercase();
    let first = text.lines().next().unwrap_or_default().trim();
    match ending.as_str() {
        _ if first.starts_with("ITEM:") => Format::Dump,
        "xyz" | "extxyz" => Format::ExtendedXyz,
        "data" | "lmp" => Format::Data,
        "dump" | "lammpstrj" => Format::Dump,
        _ if first.parse::<u64>().is_ok() => Format::ExtendedXyz,
        _ => Format::Data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_content_and_name() {
        assert_eq!(format_of("glass.data", "ITEM: TIMESTEP\n0\n"), Format::Dump);
        assert_eq!(format_of("some.where/glass", "ITEM: TIMESTEP\n0\n"), Format::Dump);
        assert_eq!(format_of("glass.XYZ", "\n"), Format::ExtendedXyz);
        assert_eq!(format_of("glass.data", "4000\n\n4000 atoms\n"), Format::Data);
        assert_eq!(format_of("some.xyz/glass", "a glass\n\n4000 atoms\n"), Format::Data);
        assert_eq!(format_of("glass.txt", " 4000 \nLattice=...\n"), Format::ExtendedXyz);
    }
}
