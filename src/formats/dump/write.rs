//! Writing.

use crate::formats::column::{Column, QUANTITIES};
use crate::formats::frame::Frame;
use crate::formats::text::buffered;
use crate::foundation::{Error, Result};
use crate::system::periodic_box::{PeriodicBox, nearest_solution};
use std::io::Write;

/// By how much the bounding box of a triclinic box reaches beyond its bounds: below and above, along x and y.
#[must_use]
pub(super) fn overhang([xy, xz, yz]: [f64; 3]) -> ([f64; 2], [f64; 2]) {
    let corners = [0.0, xy, xz, xy + xz];
    let least = corners.iter().fold(0.0f64, |a, &b| a.min(b));
    let most = corners.iter().fold(0.0f64, |a, &b| a.max(b));
    ([least, yz.min(0.0)], [most, yz.max(0.0)])
}

/// Bounds of the box, or of its bounding box where it is triclinic. They are chosen so that reading takes off the
/// overhang and finds the same box to the last bit, where such numbers exist.
fn bounds(periodic_box: &PeriodicBox) -> [[f64; 2]; 3] {
    let (low, high) = periodic_box.bounds();
    let mut bounds = [0, 1, 2].map(|d| [low[d], high[d]]);
    let (below, above) = overhang(periodic_box.tilts());
    for d in 0..2 {
        let least = nearest_solution(low[d] + below[d], |bound| bound - below[d], low[d]);
        let start = least - below[d];
        let length = periodic_box.lengths()[d];
        let most = nearest_solution(high[d] + above[d], |bound| (bound - above[d]) - start, length);
        bounds[d] = [least, most];
    }
    bounds
}

/// Writes one configuration: ids, types, elements where they are known, positions as they are, and the columns of the
/// frame. Several one after the other are a trajectory. `target` is the name of the file in messages. A column of
/// several components that is no quantity of LAMMPS gets the names `name[1]`, `name[2]`, ...
///
/// # Errors
/// `Error::Configuration` or `Error::Internal` if the frame is inconsistent, `Error::Storage` if writing fails.
pub fn write(frame: &Frame, out: &mut dyn Write, target: &str) -> Result<()> {
    let atoms = &frame.atoms;
    atoms.check(target)?;
    Column::check_all(&frame.columns, atoms.len())?;
    let has_elements = !atoms.elements.is_empty();
    let mut names: Vec<String> = ["id", "type"].map(String::from).to_vec();
    names.extend(has_elements.then(|| "element".to_string()));
    names.extend(["x", "y", "z"].map(String::from));
    let mut written: Vec<(&Column, usize)> = Vec::new();
    // Ids are there in any case.
    for column in frame.columns.iter().filter(|column| column.name != "id") {
        let known = QUANTITIES.iter().find(|q| q.name == column.name && q.components == column.components);
        for component in 0..column.components {
            let (name, from) = match known {
                Some(quantity) => (quantity.dump[component].to_string(), quantity.order[component]),
                None if column.components == 1 => (column.name.clone(), 0),
                None => (format!("{}[{}]", column.name, component + 1), component),
            };
            if names.contains(&name) {
                return Err(Error::Internal(format!("the dump column {name} occurs twice")));
            }
            names.push(name);
            written.push((column, from));
        }
    }
    let is_triclinic = !atoms.periodic_box.is_orthogonal();
    let tilts = atoms.periodic_box.tilts();
    let bounds = bounds(&atoms.periodic_box);
    buffered(out, target, |out| {
        writeln!(out, "ITEM: TIMESTEP\n{}\nITEM: NUMBER OF ATOMS\n{}", frame.step, atoms.len())?;
        writeln!(out, "ITEM: BOX BOUNDS {}pp pp pp", if is_triclinic { "xy xz yz " } else { "" })?;
        for ([low, high], tilt) in bounds.iter().zip(tilts) {
            let tilt = if is_triclinic { format!(" {tilt:?}") } else { String::new() };
            writeln!(out, "{low:?} {high:?}{tilt}")?;
        }
        writeln!(out, "ITEM: ATOMS {}", names.join(" "))?;
        for at in 0..atoms.len() {
            let kind = usize::from(atoms.kind[at]);
            write!(out, "{} {}", atoms.id[at], kind + 1)?;
            if has_elements {
                write!(out, " {}", atoms.elements[kind])?;
            }
            let [x, y, z] = atoms.position[at];
            write!(out, " {x:?} {y:?} {z:?}")?;
            for &(column, component) in &written {
                column.write(out, at, component)?;
            }
            writeln!(out)?;
        }
        Ok(())
    })
}
