//! Reading.

use super::comment::{numbers, pairs};
use crate::formats::column::{Column, QUANTITIES, Values};
use crate::formats::frame::{Frame, Frames};
use crate::formats::text::Lines;
use crate::foundation::Result;
use crate::foundation::vector::{IDENTITY, Matrix, rotate};
use crate::system::atoms::Atoms;
use crate::system::periodic_box::PeriodicBox;
use std::collections::HashMap;

/// Columns of a file without `Properties`: plain XYZ.
const PLAIN: &str = "species:S:1:pos:R:3";

/// The most columns of one property.
const MOST_COMPONENTS: usize = 1000;

/// The configurations of a file, one by one; `source` is its name in messages.
///
/// Elements are in the order in which they occur first; where all species are numbers, kinds are known by number only.
/// Lattices in any orientation are rotated, with positions, velocities, forces and stresses ([`Frame::rotation`]).
#[must_use]
pub fn frames<'a>(text: &'a str, source: &'a str) -> Frames<'a> {
    Frames::new(text, source, read_frame)
}

/// The only configuration of a file, or the last of several.
///
/// # Errors
/// `Error::Configuration` with the line of whatever is missing, malformed or not supported.
pub fn parse(text: &str, source: &str) -> Result<Frame> {
    frames(text, source).last_frame()
}

/// One property of the atoms: a name, a letter for the type, a number of columns.
struct Property {
    name: String,
    kind: char,
    components: usize,
    /// All its words, atom by atom.
    words: Vec<String>,
    reals: Vec<f64>,
}

fn properties(lines: &Lines, text: &str) -> Result<Vec<Property>> {
    let parts: Vec<&str> = text.split(':').collect();
    if !parts.len().is_multiple_of(3) {
        return Err(lines.error(format!("Properties={text}: expected triples of name:type:columns")));
    }
    let mut found: Vec<Property> = Vec::new();
    for part in parts.chunks_exact(3) {
        let (name, kind) = (part[0], part[1]);
        let components: usize = lines.integer(part[2], "the number of columns in Properties")?;
        if !(1..=MOST_COMPONENTS).contains(&components) || name.is_empty() {
            let message =
                format!("Properties has {name}:{kind}:{components}: expected a name and 1 to 1000 columns");
            return Err(lines.error(message));
        }
        let kind = match kind {
            "R" => 'R',
            "I" => 'I',
            "S" | "L" => 'S',
            _ => {
                return Err(lines.error(format!(
                    "the column {name} has the unknown type {kind:?}: expected R (real), I (integer), S (text) or L \
                     (logical)"
                )));
            }
        };
        if found.iter().any(|property| property.name == name) {
            return Err(lines.error(format!("the column {name} occurs twice in Properties")));
        }
        found.push(Property { name: name.into(), kind, components, words: Vec::new(), reals: Vec::new() });
    }
    Ok(found)
}

/// Takes the value of a key out of the pairs.
fn take(pairs: &mut Vec<(String, String)>, names: &[&str]) -> Option<String> {
    let at = pairs.iter().position(|(key, _)| names.contains(&key.as_str()))?;
    Some(pairs.remove(at).1)
}

/// What the second line says of the frame.
struct Header {
    periodic_box: PeriodicBox,
    rotation: Matrix,
    step: u64,
    time: Option<f64>,
    properties: Vec<Property>,
    remarks: Vec<(String, String)>,
}

fn header(lines: &Lines, line: &str) -> Result<Header> {
    let mut pairs = pairs(line).map_err(|what| lines.error(what))?;
    let Some(lattice) = take(&mut pairs, &["Lattice", "lattice"]) else {
        return Err(
            lines.error("there is no Lattice=\"ax ay az bx by bz cx cy cz\": expected a periodic box")
        );
    };
    if let Some(pbc) = take(&mut pairs, &["pbc"])
        && let Some(word) = numbers(&pbc).find(|word| !matches!(*word, "T" | "True" | "true" | "1"))
    {
        return Err(
            lines.error(format!("pbc=\"{pbc}\" has {word}: expected a box that is periodic along all edges"))
        );
    }
    let words: Vec<&str> = numbers(&lattice).collect();
    let [ax, ay, az, bx, by, bz, cx, cy, cz] = lines.reals(&words, "Lattice")?;
    let origin = match take(&mut pairs, &["Origin", "origin"]) {
        Some(origin) => lines.reals(&numbers(&origin).collect::<Vec<_>>(), "Origin")?,
        None => [0.0; 3],
    };
    let vectors = [[ax, ay, az], [bx, by, bz], [cx, cy, cz]];
    let (periodic_box, rotation) =
        PeriodicBox::from_vectors(origin, vectors).map_err(|error| lines.locate(&error))?;
    let step = match take(&mut pairs, &["Step", "step", "Timestep"]) {
        Some(step) => lines.integer(&step, "Step")?,
        None => 0,
    };
    let time = match take(&mut pairs, &["Time", "time"]) {
        Some(time) => Some(lines.real(&time, "Time")?),
        None => None,
    };
    let properties_text = take(&mut pairs, &["Properties", "properties"]).unwrap_or_else(|| PLAIN.into());
    let properties = properties(lines, &properties_text)?;
    Ok(Header { periodic_box, rotation, step, time, properties, remarks: pairs })
}

fn read_frame(lines: &mut Lines<'_>) -> Result<Option<Frame>> {
    if !lines.skip_blank() {
        return Ok(None);
    }
    let first = lines.expect("a number of atoms")?;
    let count: usize = lines.integer(first.trim(), "the number of atoms")?;
    if count == 0 {
        return Err(lines.error("there are 0 atoms: expected at least one"));
    }
    let line = lines.expect("a line with Lattice and Properties")?;
    let mut header = header(lines, line)?;
    let opening = lines.number;
    let columns: usize = header.properties.iter().map(|property| property.components).sum();
    let mut row: Vec<&str> = Vec::new();
    for atom in 0..count {
        let line = lines.expect(&format!("{count} atoms, found {atom}"))?;
        row.clear();
        row.extend(line.split_whitespace());
        if row.len() != columns {
            let message = format!("there are {} columns: expected the {columns} of Properties", row.len());
            return Err(lines.error(message));
        }
        let mut words = row.iter();
        for property in &mut header.properties {
            for &word in words.by_ref().take(property.components) {
                match property.kind {
                    // What is not a number has its place among results; positions and velocities are checked below.
                    'R' => property.reals.push(match word.parse() {
                        Ok(value) => value,
                        Err(_) => lines.real(word, &format!("the column {}", property.name))?,
                    }),
                    'I' => {
                        lines.integer::<i64>(word, &format!("the column {}", property.name))?;
                        property.words.push(word.into());
                    }
                    _ => property.words.push(word.into()),
                }
            }
        }
    }
    assemble(lines, opening, header).map(Some)
}

/// The kinds of species: by name in the order of their first occurrence, or by number where all are numbers.
fn kinds(species: &[String]) -> Option<(Vec<u16>, Vec<String>)> {
    let number = |word: &String| word.parse::<u16>().ok().filter(|&number| number > 0);
    if let Some(numbers) = species.iter().map(number).collect::<Option<Vec<u16>>>() {
        return Some((numbers.into_iter().map(|number| number - 1).collect(), Vec::new()));
    }
    let mut elements: Vec<String> = Vec::new();
    let mut places: HashMap<&str, u16> = HashMap::new();
    let mut kinds = Vec::with_capacity(species.len());
    for name in species {
        let next = u16::try_from(elements.len()).ok()?;
        let kind = *places.entry(name).or_insert(next);
        if kind == next {
            elements.push(name.clone());
        }
        kinds.push(kind);
    }
    Some((kinds, elements))
}

fn assemble(lines: &Lines, opening: usize, mut header: Header) -> Result<Frame> {
    let refuse = |what: String| crate::formats::text::error_at(lines.source, opening, what);
    let mut out = |names: &[&str], kinds: &[char], components: usize| {
        let fits = |p: &Property| {
            names.contains(&p.name.as_str()) && kinds.contains(&p.kind) && p.components == components
        };
        header.properties.iter().position(fits).map(|at| header.properties.remove(at))
    };
    let Some(species) = out(&["species", "element", "symbols"], &['S', 'I'], 1) else {
        return Err(refuse("Properties has no kinds of atoms: expected species:S:1".into()));
    };
    let Some(position) = out(&["pos", "positions"], &['R'], 3) else {
        return Err(refuse("Properties has no positions: expected pos:R:3".into()));
    };
    let Some((kind, elements)) = kinds(&species.words) else {
        return Err(refuse("there are more than 65535 species".into()));
    };
    let turn = |vector: [f64; 3]| {
        if header.rotation == IDENTITY { vector } else { rotate(&header.rotation, vector) }
    };
    let position: Vec<[f64; 3]> = position.reals.as_chunks::<3>().0.iter().map(|&p| turn(p)).collect();
    let mut frame = Frame::new(Atoms::new(header.periodic_box, elements, kind, position), header.step);
    (frame.time, frame.remarks, frame.rotation) = (header.time, header.remarks, header.rotation);
    for property in header.properties {
        let known = QUANTITIES.iter().find(|quantity| {
            let names = [&[quantity.extended_xyz, quantity.name], quantity.aliases].concat();
            names.contains(&property.name.as_str()) && property.components == quantity.components
        });
        let name = known.map_or(property.name, |quantity| quantity.name.into());
        let values = match property.kind {
            'R' => Values::Real(property.reals),
            'I' => Values::Integer(property.words.iter().filter_map(|word| word.parse().ok()).collect()),
            _ => Values::Text(property.words),
        };
        let mut column = Column { name, components: property.components, values };
        if header.rotation != IDENTITY {
            column.rotate(&header.rotation);
        }
        frame.take(column).map_err(refuse)?;
    }
    frame.atoms.check(&format!("{}:{opening}", lines.source))?;
    Ok(frame)
}
