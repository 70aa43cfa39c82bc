//! Writing.

use super::comment::quoted;
use crate::formats::column::{Column, QUANTITIES, Values};
use crate::formats::frame::Frame;
use crate::formats::text::{buffered, real};
use crate::foundation::{Error, Result};
use std::io::Write;

/// Keys that say what a frame holds anyway.
const RESERVED: [&str; 7] = ["Lattice", "Origin", "Properties", "pbc", "Step", "Time", "Timestep"];

fn join(numbers: &[f64]) -> String {
    numbers.iter().map(|&x| real(x)).collect::<Vec<_>>().join(" ")
}

/// Writes one configuration: kinds, positions as they are, and the columns of the frame. Several one after the other
/// are a trajectory. Every number reads back to the same bits. `target` is the name of the file in messages.
///
/// Kinds without names are written by number, which OVITO understands and ASE does not.
///
/// # Errors
/// `Error::Configuration` or `Error::Internal` if the frame is inconsistent, `Error::Storage` if writing fails.
pub fn write(frame: &Frame, out: &mut dyn Write, target: &str) -> Result<()> {
    let atoms = &frame.atoms;
    atoms.check(target)?;
    Column::check_all(&frame.columns, atoms.len())?;
    let mut properties = "species:S:1:pos:R:3".to_string();
    for column in &frame.columns {
        let known = QUANTITIES.iter().find(|quantity| quantity.name == column.name);
        let name = known.map_or(column.name.as_str(), |quantity| quantity.extended_xyz);
        let letter = match column.values {
            Values::Real(_) => 'R',
            Values::Integer(_) => 'I',
            Values::Text(_) => 'S',
        };
        properties += &format!(":{name}:{letter}:{}", column.components);
    }
    let mut line = format!("Lattice=\"{}\"", join(atoms.periodic_box.edges().as_flattened()));
    if atoms.periodic_box.origin() != [0.0; 3] {
        line += &format!(" Origin=\"{}\"", join(&atoms.periodic_box.origin()));
    }
    line += &format!(" Properties={properties} pbc=\"T T T\" Step={}", frame.step);
    if let Some(time) = frame.time {
        line += &format!(" Time={}", real(time));
    }
    for (key, value) in &frame.remarks {
        if value.contains(['\n', '\r']) || key.contains(['\n', '\r']) {
            return Err(Error::Internal(format!("the remark {key:?} has more than one line")));
        }
        if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(key)) {
            return Err(Error::Internal(format!(
                "the remark {key:?} has the name of a key that is written anyway"
            )));
        }
        line += &format!(" {}={}", quoted(key), quoted(value));
    }
    let names: Vec<String> = (0..atoms.kinds)
        .map(|kind| atoms.elements.get(kind).cloned().unwrap_or_else(|| (kind + 1).to_string()))
        .collect();
    buffered(out, target, |out| {
        writeln!(out, "{}\n{line}", atoms.len())?;
        for at in 0..atoms.len() {
            let [x, y, z] = atoms.position[at];
            write!(out, "{} {x:?} {y:?} {z:?}", names[usize::from(atoms.kind[at])])?;
            for column in &frame.columns {
                for component in 0..column.components {
                    column.write(out, at, component)?;
                }
            }
            writeln!(out)?;
        }
        Ok(())
    })
}
