//! Writing.

use crate::formats::text::{buffered, real};
use crate::foundation::Result;
use crate::system::atoms::Atoms;
use std::io::Write;

/// Writes a data file; `target` is its name in messages. Velocities are written where they are known, masses too, with
/// the names of elements in comments behind them. Every number reads back to the same bits. Tilts beyond half an edge
/// are written as they are; LAMMPS takes them with `box tilt large`, or after [`Atoms::reduce_box`].
///
/// # Errors
/// `Error::Configuration` if the atoms are inconsistent, `Error::Storage` if writing fails.
pub fn write(atoms: &Atoms, out: &mut dyn Write, target: &str) -> Result<()> {
    atoms.check(target)?;
    let (low, high) = atoms.periodic_box.bounds();
    let [xy, xz, yz] = atoms.periodic_box.tilts().map(real);
    buffered(out, target, |out| {
        writeln!(out, "LAMMPS data file of vitrum, units metal\n")?;
        writeln!(out, "{} atoms\n{} atom types\n", atoms.len(), atoms.kinds)?;
        for (axis, name) in ["x", "y", "z"].iter().enumerate() {
            writeln!(out, "{} {} {name}lo {name}hi", real(low[axis]), real(high[axis]))?;
        }
        if !atoms.periodic_box.is_orthogonal() {
            writeln!(out, "{xy} {xz} {yz} xy xz yz")?;
        }
        if let Some(masses) = &atoms.masses {
            writeln!(out, "\nMasses\n")?;
            for (kind, &mass) in masses.iter().enumerate() {
                let comment = atoms.elements.get(kind).map(|name| format!(" # {name}")).unwrap_or_default();
                writeln!(out, "{} {}{comment}", kind + 1, real(mass))?;
            }
        }
        writeln!(out, "\nAtoms # atomic\n")?;
        for at in 0..atoms.len() {
            let [x, y, z] = atoms.position[at];
            let [i, j, k] = atoms.image[at];
            writeln!(out, "{} {} {x:?} {y:?} {z:?} {i} {j} {k}", atoms.id[at], atoms.kind[at] + 1)?;
        }
        if atoms.has_velocities {
            writeln!(out, "\nVelocities\n")?;
            for (id, [x, y, z]) in atoms.id.iter().zip(&atoms.velocity) {
                writeln!(out, "{id} {x:?} {y:?} {z:?}")?;
            }
        }
        Ok(())
    })
}
