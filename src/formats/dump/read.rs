//! Reading.

use super::write::overhang;
use crate::formats::column::{Column, QUANTITIES, Values};
use crate::formats::frame::{Frame, Frames};
use crate::formats::text::{Lines, error_at};
use crate::foundation::Result;
use crate::foundation::vector::{IDENTITY, Matrix, rotate};
use crate::system::atoms::Atoms;
use crate::system::periodic_box::PeriodicBox;

/// The configurations of a file, one by one; `source` is its name in messages.
///
/// Positions may be x y z, scaled (xs ys zs), unwrapped (xu yu zu) or both (xsu ysu zsu). Unwrapped ones stay outside
/// the box and make image flags superfluous, which are then zero. Atoms keep the order of the file. Boxes in general
/// orientation (abc origin) are rotated, with positions, velocities and forces ([`Frame::rotation`]).
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

/// What precedes the atoms.
#[derive(Default)]
struct Header {
    step: Option<u64>,
    time: Option<f64>,
    atoms: Option<usize>,
    periodic_box: Option<(PeriodicBox, Matrix)>,
}

fn read_frame(lines: &mut Lines<'_>) -> Result<Option<Frame>> {
    if !lines.skip_blank() {
        return Ok(None);
    }
    let mut header = Header::default();
    loop {
        let line = lines.expect("ITEM: ATOMS")?;
        let Some(item) = line.trim().strip_prefix("ITEM:") else {
            return Err(
                lines.error(format!("{:?} is no item of a dump: expected ITEM: TIMESTEP", short(line)))
            );
        };
        let words: Vec<&str> = item.split_whitespace().collect();
        match words.as_slice() {
            ["TIMESTEP"] => {
                header.step = Some(lines.expect("a step").and_then(|w| lines.integer(w.trim(), "the step"))?);
            }
            ["TIME"] => {
                header.time = Some(lines.expect("a time").and_then(|w| lines.real(w.trim(), "the time"))?);
            }
            ["UNITS"] => {
                let units = lines.expect("units")?.trim();
                if units != "metal" {
                    return Err(lines.error(format!("the units are {units}: expected metal")));
                }
            }
            ["NUMBER", "OF", "ATOMS"] => {
                let number = lines.expect("a number of atoms")?;
                header.atoms = Some(lines.integer(number.trim(), "the number of atoms")?);
            }
            ["BOX", "BOUNDS", rest @ ..] => header.periodic_box = Some(bounds(lines, rest)?),
            ["ATOMS", names @ ..] => return atoms(lines, &header, names).map(Some),
            _ => {
                return Err(lines.error(format!(
                    "the item {:?} is not read: expected TIMESTEP, NUMBER OF ATOMS, BOX BOUNDS or ATOMS",
                    short(item.trim())
                )));
            }
        }
    }
}

/// The start of a text, for messages.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

fn bounds(lines: &mut Lines<'_>, words: &[&str]) -> Result<(PeriodicBox, Matrix)> {
    let (form, boundary) = match words {
        ["xy", "xz", "yz", boundary @ ..] => (3, boundary),
        ["abc", "origin", boundary @ ..] => (4, boundary),
        boundary => (2, boundary),
    };
    if let Some(word) = boundary.iter().find(|word| **word != "pp") {
        return Err(
            lines.error(format!("a boundary of the box is {word}: expected a periodic box, pp pp pp"))
        );
    }
    let (mut low, mut high, mut tilts) = ([0.0; 3], [0.0; 3], [0.0; 3]);
    let (mut vectors, mut origin) = ([[0.0; 3]; 3], [0.0; 3]);
    for d in 0..3 {
        let line = lines.expect("bounds of the box")?;
        let words: Vec<&str> = line.split_whitespace().collect();
        match form {
            2 => [low[d], high[d]] = lines.reals(&words, "a bound of the box")?,
            3 => [low[d], high[d], tilts[d]] = lines.reals(&words, "a bound of the box with its tilt")?,
            _ => {
                let [x, y, z, corner] = lines.reals(&words, "an edge of the box with its corner")?;
                (vectors[d], origin[d]) = ([x, y, z], corner);
            }
        }
    }
    if form == 4 {
        return PeriodicBox::from_vectors(origin, vectors).map_err(|error| lines.locate(&error));
    }
    let (below, above) = overhang(tilts);
    for d in 0..2 {
        low[d] -= below[d];
        high[d] -= above[d];
    }
    let periodic_box = PeriodicBox::from_bounds(low, high, tilts).map_err(|error| lines.locate(&error))?;
    Ok((periodic_box, IDENTITY))
}

/// Where the positions are, and what they are.
struct Positions {
    columns: [usize; 3],
    are_scaled: bool,
    are_unwrapped: bool,
}

fn find_positions(names: &[&str]) -> Option<Positions> {
    [("", false, false), ("s", true, false), ("u", false, true), ("su", true, true)].into_iter().find_map(
        |(suffix, are_scaled, are_unwrapped)| {
            let place = |axis: &str| names.iter().position(|name| *name == format!("{axis}{suffix}"));
            let columns = [place("x")?, place("y")?, place("z")?];
            Some(Positions { columns, are_scaled, are_unwrapped })
        },
    )
}

/// Groups of columns that form one: their name and their places, component by component.
fn groups(names: &[&str], used: &[usize], is_rotated: bool) -> Vec<(String, Vec<usize>)> {
    let mut used = used.to_vec();
    let mut found = Vec::new();
    let place = |name: &str, used: &[usize]| {
        names.iter().position(|other| *other == name).filter(|place| !used.contains(place))
    };
    // In a box of general orientation LAMMPS turns vectors of its own, but not what it computed: such a stress keeps
    // the name and the order of the file.
    let known = QUANTITIES.iter().filter(|q| q.name != "id" && !(is_rotated && q.name == "stress"));
    for quantity in known {
        let places: Option<Vec<usize>> = quantity.dump.iter().map(|name| place(name, &used)).collect();
        let Some(places) = places else { continue };
        // Component c is where the order of the dump puts it.
        let component = |c: usize| quantity.order.iter().position(|&from| from == c).map(|at| places[at]);
        let sorted: Option<Vec<usize>> = (0..quantity.components).map(component).collect();
        found.extend(sorted.map(|places| (quantity.name.to_string(), places)));
        used.extend(places);
    }
    for (at, name) in names.iter().enumerate() {
        if used.contains(&at) {
            continue;
        }
        let stem = name.strip_suffix("[1]").unwrap_or_default();
        let further = (2..).map_while(|k| place(&format!("{stem}[{k}]"), &used));
        let places: Vec<usize> = std::iter::once(at).chain(further).collect();
        let grouped = !stem.is_empty() && places.len() > 1;
        let places = if grouped { places } else { vec![at] };
        used.extend(&places);
        found.push((if grouped { stem.to_string() } else { (*name).to_string() }, places));
    }
    found
}

fn atoms(lines: &mut Lines<'_>, header: &Header, names: &[&str]) -> Result<Frame> {
    let opening = lines.number;
    let missing = |what: &str| error_at(lines.source, opening, format!("{what} before ITEM: ATOMS"));
    let count = header.atoms.ok_or_else(|| missing("there is no ITEM: NUMBER OF ATOMS"))?;
    let (periodic_box, rotation) =
        header.periodic_box.ok_or_else(|| missing("there is no ITEM: BOX BOUNDS"))?;
    let step = header.step.ok_or_else(|| missing("there is no ITEM: TIMESTEP"))?;
    if let Some(name) =
        names.iter().enumerate().find_map(|(k, name)| names[..k].contains(name).then_some(name))
    {
        return Err(lines.error(format!("the column {name} occurs twice")));
    }
    let place = |name: &str| names.iter().position(|other| *other == name);
    let (id_at, type_at, element_at) = (place("id"), place("type"), place("element"));
    let Some(positions) = find_positions(names) else {
        return Err(
            lines.error("there are no positions: expected columns x y z, xs ys zs, xu yu zu or xsu ysu zsu")
        );
    };
    if type_at.or(element_at).is_none() {
        return Err(lines.error("there is no column type and no column element: expected one of them"));
    }
    let used: Vec<usize> =
        positions.columns.iter().copied().chain([id_at, type_at, element_at].into_iter().flatten()).collect();
    let groups = groups(names, &used, rotation != IDENTITY);
    let mut words: Vec<Vec<&str>> = vec![Vec::new(); groups.len()];
    let (mut id, mut number, mut element, mut position) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for atom in 0..count {
        let line = lines.expect(&format!("{count} atoms, found {atom}"))?;
        let row: Vec<&str> = line.split_whitespace().collect();
        if row.first() == Some(&"ITEM:") {
            return Err(lines
                .error(format!("there are {atom} atoms: expected {count}, as ITEM: NUMBER OF ATOMS says")));
        }
        if row.len() != names.len() {
            let message =
                format!("there are {} columns: expected the {} of ITEM: ATOMS", row.len(), names.len());
            return Err(lines.error(message));
        }
        id.push(match id_at {
            Some(at) => lines.integer::<i64>(row[at], "the id")?.max(0) as u64,
            None => atom as u64 + 1,
        });
        if let Some(at) = type_at {
            let kind: u16 = lines.integer(row[at], "the type")?;
            if kind == 0 {
                return Err(lines.error("the type is 0: expected a number from 1"));
            }
            number.push(kind - 1);
        }
        element.extend(element_at.map(|at| row[at]));
        let at = positions.columns.map(|at| row[at]);
        let place = lines.reals(&at, "the position")?;
        position.push(if positions.are_scaled {
            periodic_box.cartesian(place)
        } else if rotation == IDENTITY {
            place
        } else {
            rotate(&rotation, place)
        });
        for ((_, places), words) in groups.iter().zip(&mut words) {
            words.extend(places.iter().map(|&at| row[at]));
        }
    }
    let (kind, elements) = kinds(number, &element).map_err(|what| error_at(lines.source, opening, what))?;
    let mut frame = Frame::new(Atoms::new(periodic_box, elements, kind, position), step);
    (frame.time, frame.rotation) = (header.time, rotation);
    frame.atoms.id = id;
    for ((name, places), words) in groups.into_iter().zip(words) {
        let values = match words.iter().map(|word| word.parse().ok()).collect::<Option<Vec<f64>>>() {
            Some(reals) => Values::Real(reals),
            None => Values::Text(words.iter().map(ToString::to_string).collect()),
        };
        if !(name == "image" && positions.are_unwrapped) {
            let mut column = Column { name, components: places.len(), values };
            if rotation != IDENTITY {
                column.rotate(&rotation);
            }
            frame.take(column).map_err(|what| error_at(lines.source, opening, what))?;
        }
    }
    frame.atoms.check(&format!("{}:{opening}", lines.source))?;
    Ok(frame)
}

/// Kinds by the numbers of the file, with the names that go with them; or by name, in order of first occurrence.
fn kinds(numbers: Vec<u16>, elements: &[&str]) -> std::result::Result<(Vec<u16>, Vec<String>), String> {
    if elements.is_empty() {
        return Ok((numbers, Vec::new()));
    }
    if numbers.is_empty() {
        let mut names: Vec<String> = Vec::new();
        let mut kinds = Vec::with_capacity(elements.len());
        for element in elements {
            let known = names.iter().position(|name| name == element);
            let kind = known.unwrap_or_else(|| {
                names.push((*element).to_string());
                names.len() - 1
            });
            kinds.push(u16::try_from(kind).map_err(|_| "there are more than 65536 elements".to_string())?);
        }
        return Ok((kinds, names));
    }
    let largest = numbers.iter().max().map_or(0, |&kind| usize::from(kind));
    // Types between that have no atoms keep their number as a name.
    let mut names: Vec<String> = (1..=largest + 1).map(|number| number.to_string()).collect();
    let mut named = vec![false; largest + 1];
    for (&kind, element) in numbers.iter().zip(elements) {
        let kind = usize::from(kind);
        if named[kind] && names[kind] != *element {
            return Err(format!(
                "atoms of type {} are {} and {element}: expected one element",
                kind + 1,
                names[kind]
            ));
        }
        if !named[kind] {
            (names[kind], named[kind]) = ((*element).to_string(), true);
        }
    }
    Ok((numbers, names))
}
