//! Reading.

use crate::formats::text::{Lines, error_at};
use crate::foundation::vector::{IDENTITY, Matrix, rotate};
use crate::foundation::{Error, Result};
use crate::system::atoms::Atoms;
use crate::system::periodic_box::PeriodicBox;
use std::collections::HashMap;

/// Words that a comment behind `Atoms` means as a style of atoms other than "atomic".
const OTHER_STYLES: [&str; 30] = [
    "amoeba",
    "angle",
    "body",
    "bond",
    "bpm/sphere",
    "charge",
    "dielectric",
    "dipole",
    "dpd",
    "edpd",
    "electron",
    "ellipsoid",
    "full",
    "hybrid",
    "line",
    "mdpd",
    "mesont",
    "molecular",
    "oxdna",
    "peri",
    "rheo",
    "smd",
    "sph",
    "sphere",
    "spin",
    "tdpd",
    "template",
    "tri",
    "wavepacket",
    "sph/atomic",
];

/// Counts of a header that are accepted where they are zero.
const ABSENT: [&str; 8] =
    ["angles", "bodies", "bonds", "dihedrals", "ellipsoids", "impropers", "lines", "triangles"];

/// A section of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Masses,
    Labels,
    Atoms,
    Velocities,
    /// Passed over.
    Coefficients,
}

impl Section {
    fn named(title: &str) -> Option<Self> {
        match title {
            "Masses" => Some(Section::Masses),
            "Atom Type Labels" => Some(Section::Labels),
            "Atoms" => Some(Section::Atoms),
            "Velocities" => Some(Section::Velocities),
            "Pair Coeffs" | "PairIJ Coeffs" | "Bond Coeffs" | "Angle Coeffs" | "Dihedral Coeffs"
            | "Improper Coeffs" => Some(Section::Coefficients),
            _ => None,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Section::Masses => "Masses",
            Section::Labels => "Atom Type Labels",
            Section::Atoms => "Atoms",
            Section::Velocities => "Velocities",
            Section::Coefficients => "Coeffs",
        }
    }
}

/// What the header says.
#[derive(Debug, Default)]
struct Header {
    atoms: Option<usize>,
    kinds: Option<usize>,
    bounds: [Option<[f64; 2]>; 3],
    tilts: Option<[f64; 3]>,
    /// Edges in general orientation instead of bounds, and their corner.
    vectors: [Option<[f64; 3]>; 3],
    origin: Option<[f64; 3]>,
}

impl Header {
    fn is_general(&self) -> bool {
        self.vectors.iter().any(Option::is_some)
    }

    /// The box, and how atoms must be turned to fit it.
    fn periodic_box(&self) -> Result<(PeriodicBox, Matrix)> {
        if self.is_general() {
            let vectors = self.vectors.map(Option::unwrap_or_default);
            return PeriodicBox::from_vectors(self.origin.unwrap_or_default(), vectors);
        }
        let bound = |side: usize| self.bounds.map(|bounds| bounds.map_or(0.0, |bounds| bounds[side]));
        let periodic_box = PeriodicBox::from_bounds(bound(0), bound(1), self.tilts.unwrap_or_default())?;
        Ok((periodic_box, IDENTITY))
    }
}

/// What has been read so far.
struct Reader<'a> {
    lines: Lines<'a>,
    header: Header,
    labels: Vec<Option<String>>,
    masses: Vec<Option<f64>>,
    comments: Vec<Option<String>>,
    id: Vec<u64>,
    place: HashMap<u64, usize>,
    kind: Vec<u16>,
    position: Vec<[f64; 3]>,
    image: Vec<[i32; 3]>,
    columns: usize,
    /// Line, id and values: the section may stand before that of the atoms.
    velocities: Vec<(usize, u64, [f64; 3])>,
}

/// The text of a line without its comment, and the comment.
fn split_comment(line: &str) -> (&str, &str) {
    let (text, comment) = line.split_once('#').unwrap_or((line, ""));
    (text.trim(), comment.trim())
}

/// Whether a comment is nothing but the symbol of an element, such as "Cu" or "A".
fn is_symbol(comment: &str) -> bool {
    let mut letters = comment.chars();
    letters.next().is_some_and(|c| c.is_ascii_uppercase())
        && letters.next().is_none_or(|c| c.is_ascii_lowercase())
        && letters.next().is_none()
}

/// Reads a data file; `source` is its name in messages.
///
/// Kinds get the names of `Atom Type Labels`, or of comments behind all masses that are one symbol, `1 63.546 # Cu`;
/// otherwise they have none. Positions stay as they are in the file, outside the box or not; edges in general
/// orientation (`avec`, `bvec`, `cvec`) are rotated, with positions and velocities.
///
/// # Errors
/// `Error::Configuration` with the line of whatever is missing, malformed or not supported.
pub fn parse(text: &str, source: &str) -> Result<Atoms> {
    let mut reader = Reader {
        lines: Lines::new(text, source),
        header: Header::default(),
        labels: Vec::new(),
        masses: Vec::new(),
        comments: Vec::new(),
        id: Vec::new(),
        place: HashMap::new(),
        kind: Vec::new(),
        position: Vec::new(),
        image: Vec::new(),
        columns: 0,
        velocities: Vec::new(),
    };
    reader.lines.expect("a title line, then a header with atoms, atom types and bounds")?;
    let mut section = None;
    let mut seen: Vec<Section> = Vec::new();
    while let Some(line) = reader.lines.next() {
        let (text, comment) = split_comment(line);
        if text.is_empty() {
            continue;
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        if words[0].starts_with(|c: char| c.is_ascii_alphabetic()) {
            if let Some(next) = Section::named(&words.join(" ")) {
                reader.open(next, comment, &seen)?;
                section = Some(next);
                seen.push(next);
                continue;
            }
            // Rows of masses and of coefficients may open with a label.
            let takes_labels = matches!(section, Some(Section::Masses | Section::Coefficients));
            if !(takes_labels && reader.labels.iter().flatten().any(|label| label == words[0])) {
                return Err(reader.lines.error(format!(
                    "{text:?} is not read: expected a header line or one of the sections Masses, Atom Type Labels, \
                     Atoms and Velocities"
                )));
            }
        }
        match section {
            None => reader.header_line(&words, text)?,
            Some(Section::Masses) => reader.mass(&words, comment)?,
            Some(Section::Labels) => reader.label(&words)?,
            Some(Section::Atoms) => reader.atom(&words)?,
            Some(Section::Velocities) => reader.velocity(&words)?,
            Some(Section::Coefficients) => {}
        }
    }
    reader.finish(&seen)
}

impl Reader<'_> {
    fn header_line(&mut self, words: &[&str], text: &str) -> Result<()> {
        let lines = &self.lines;
        match words {
            [count, "atoms"] => self.header.atoms = Some(lines.integer(count, "the number of atoms")?),
            [count, "atom", "types"] => {
                let count = lines.integer(count, "the number of atom types")?;
                if !(1..=usize::from(u16::MAX)).contains(&count) {
                    return Err(lines.error(format!("there are {count} atom types: expected 1 to 65535")));
                }
                self.header.kinds = Some(count);
            }
            [low, high, "xlo", "xhi"] => self.header.bounds[0] = Some(lines.reals(&[low, high], "x")?),
            [low, high, "ylo", "yhi"] => self.header.bounds[1] = Some(lines.reals(&[low, high], "y")?),
            [low, high, "zlo", "zhi"] => self.header.bounds[2] = Some(lines.reals(&[low, high], "z")?),
            [xy, xz, yz, "xy", "xz", "yz"] => {
                self.header.tilts = Some(lines.reals(&[xy, xz, yz], "the tilt")?);
            }
            [x, y, z, name @ ("avec" | "bvec" | "cvec")] => {
                let edge = ["avec", "bvec", "cvec"].iter().position(|known| known == name).unwrap_or(0);
                self.header.vectors[edge] = Some(lines.reals(&[x, y, z], name)?);
            }
            [x, y, z, "abc", "origin"] => self.header.origin = Some(lines.reals(&[x, y, z], "abc origin")?),
            [count, what] if ABSENT.contains(what) => {
                if lines.integer::<u64>(count, what)? > 0 {
                    let message = format!("the file has {what}: expected atoms alone (atom style atomic)");
                    return Err(lines.error(message));
                }
            }
            // Kinds of bonds that do not occur, and room for more of them.
            [_, "bond" | "angle" | "dihedral" | "improper", "types"] | [_, "extra", ..] => {}
            _ => {
                return Err(lines.error(format!(
                    "{text:?} is not a header line: expected counts of atoms and atom types, bounds (xlo xhi, ylo yhi, \
                     zlo zhi), tilts (xy xz yz), or a section"
                )));
            }
        }
        Ok(())
    }

    /// Starts a section: the header must be complete.
    fn open(&mut self, section: Section, comment: &str, seen: &[Section]) -> Result<()> {
        let title = section.title();
        if section != Section::Coefficients && seen.contains(&section) {
            return Err(self.lines.error(format!("the section {title} occurs twice")));
        }
        let style = comment.split_whitespace().next().unwrap_or_default();
        if section == Section::Atoms && OTHER_STYLES.contains(&style) {
            let message = format!("the atoms are of style {style}: expected atomic (id type x y z)");
            return Err(self.lines.error(message));
        }
        let missing = |what: &str| self.lines.error(format!("{what} is missing before the section {title}"));
        if self.header.atoms.is_none() {
            return Err(missing("the number of atoms"));
        }
        let Some(kinds) = self.header.kinds else { return Err(missing("the number of atom types")) };
        if self.header.is_general() {
            if let Some(edge) = self.header.vectors.iter().position(Option::is_none) {
                return Err(missing(["the line avec", "the line bvec", "the line cvec"][edge]));
            }
            if self.header.bounds.iter().any(Option::is_some) || self.header.tilts.is_some() {
                return Err(self.lines.error("the header has bounds and edges (avec): expected one of them"));
            }
        } else if let Some(axis) = self.header.bounds.iter().position(Option::is_none) {
            return Err(missing(["the line xlo xhi", "the line ylo yhi", "the line zlo zhi"][axis]));
        }
        if self.labels.is_empty() {
            (self.labels, self.masses, self.comments) =
                (vec![None; kinds], vec![None; kinds], vec![None; kinds]);
        }
        Ok(())
    }

    /// The kind that a number or a label means, from 0.
    fn kind(&self, word: &str) -> Result<usize> {
        if let Some(kind) = self.labels.iter().position(|label| label.as_deref() == Some(word)) {
            return Ok(kind);
        }
        let kinds = self.labels.len();
        let number = word.parse::<usize>().ok().filter(|number| (1..=kinds).contains(number));
        number.map(|number| number - 1).ok_or_else(|| {
            self.lines
                .error(format!("the atom type is {word:?}: expected a number from 1 to {kinds}, or a label"))
        })
    }

    fn mass(&mut self, words: &[&str], comment: &str) -> Result<()> {
        let [kind, mass] = words else {
            return Err(self
                .lines
                .error(format!("a mass has {} words: expected type and mass", words.len())));
        };
        let kind = self.kind(kind)?;
        let mass = self.lines.real(mass, "the mass")?;
        if mass <= 0.0 {
            return Err(self.lines.error(format!("the mass is {mass}: expected a positive number")));
        }
        if self.masses[kind].replace(mass).is_some() {
            return Err(self.lines.error(format!("the mass of type {} is given twice", kind + 1)));
        }
        self.comments[kind] = is_symbol(comment).then(|| comment.to_string());
        Ok(())
    }

    fn label(&mut self, words: &[&str]) -> Result<()> {
        let [number, label] = words else {
            return Err(self
                .lines
                .error(format!("a label has {} words: expected type and label", words.len())));
        };
        let kinds = self.labels.len();
        let number: usize = self.lines.integer(number, "the atom type")?;
        if !(1..=kinds).contains(&number) {
            return Err(self.lines.error(format!("the atom type is {number}: expected 1 to {kinds}")));
        }
        if label.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self
                .lines
                .error(format!("the label {label:?} starts with a digit: expected a letter")));
        }
        if self.labels.iter().flatten().any(|known| known == label) || self.labels[number - 1].is_some() {
            return Err(self.lines.error(format!("type {number} or the label {label} is given twice")));
        }
        self.labels[number - 1] = Some((*label).to_string());
        Ok(())
    }

    fn atom(&mut self, words: &[&str]) -> Result<()> {
        let expected = self.header.atoms.unwrap_or(0);
        if self.id.len() >= expected {
            return Err(self.lines.error(format!("there are more atoms than the {expected} of the header")));
        }
        if self.columns == 0 {
            self.columns = words.len();
        }
        if !matches!(words.len(), 5 | 8) || words.len() != self.columns {
            let other = if matches!(self.columns, 5 | 8) {
                format!(", {} as in the lines before", self.columns)
            } else {
                String::new()
            };
            return Err(self.lines.error(format!(
                "an atom has {} columns: expected 5 or 8 (id type x y z, and image flags){other}",
                words.len()
            )));
        }
        let id: u64 = self.lines.integer(words[0], "the id")?;
        if id == 0 || i64::try_from(id).is_err() {
            return Err(self.lines.error(format!("the id is {id}: expected a number from 1 to 2^63 - 1")));
        }
        let kind = self.kind(words[1])?;
        let position = self.lines.reals(&words[2..5], "the position")?;
        let image = self.lines.image(&words[5..])?;
        if self.place.insert(id, self.id.len()).is_some() {
            return Err(self.lines.error(format!("two atoms have the id {id}: expected unique ids")));
        }
        self.id.push(id);
        self.kind.push(kind as u16);
        self.position.push(position);
        self.image.push(image);
        Ok(())
    }

    fn velocity(&mut self, words: &[&str]) -> Result<()> {
        if words.len() != 4 {
            let message = format!("a velocity has {} columns: expected 4 (id vx vy vz)", words.len());
            return Err(self.lines.error(message));
        }
        let id = self.lines.integer(words[0], "the id")?;
        let velocity = self.lines.reals(&words[1..], "the velocity")?;
        self.velocities.push((self.lines.number, id, velocity));
        Ok(())
    }

    /// Puts everything together and looks for what is missing.
    fn finish(self, seen: &[Section]) -> Result<Atoms> {
        let (source, last) = (self.lines.source, self.lines.number);
        let incomplete = |what: String| {
            Err(Error::Configuration(format!("{source}: the file ends after line {last}: {what}")))
        };
        if !seen.contains(&Section::Atoms) {
            return incomplete("expected a section Atoms".into());
        }
        let count = self.header.atoms.unwrap_or(0);
        if self.id.len() != count {
            return incomplete(format!("it has {} atoms, expected the {count} of its header", self.id.len()));
        }
        if let Some(kind) = self.masses.iter().position(Option::is_none)
            && seen.contains(&Section::Masses)
        {
            return incomplete(format!("the section Masses lacks type {}", kind + 1));
        }
        if let Some(kind) = self.labels.iter().position(Option::is_none)
            && seen.contains(&Section::Labels)
        {
            return incomplete(format!("the section Atom Type Labels lacks type {}", kind + 1));
        }
        let has_velocities = seen.contains(&Section::Velocities);
        if has_velocities && self.velocities.len() != count {
            let found = self.velocities.len();
            return incomplete(format!("the section Velocities has {found} atoms, expected {count}"));
        }
        let mut velocity: Vec<Option<[f64; 3]>> = vec![None; count];
        for &(line, id, value) in &self.velocities {
            let Some(&at) = self.place.get(&id) else {
                return Err(error_at(
                    source,
                    line,
                    format!("a velocity is given for atom {id}, which is not there"),
                ));
            };
            if velocity[at].replace(value).is_some() {
                return Err(error_at(source, line, format!("the velocity of atom {id} is given twice")));
            }
        }
        let (periodic_box, rotation) =
            self.header.periodic_box().map_err(|error| Error::Configuration(format!("{source}: {error}")))?;
        let turn = |v: [f64; 3]| if rotation == IDENTITY { v } else { rotate(&rotation, v) };
        let names: Option<Vec<String>> = self.labels.iter().cloned().collect();
        let names = names.or_else(|| self.comments.iter().cloned().collect());
        let atoms = Atoms {
            periodic_box,
            id: self.id,
            kind: self.kind,
            position: self.position.into_iter().map(turn).collect(),
            velocity: velocity.into_iter().map(|v| turn(v.unwrap_or_default())).collect(),
            has_velocities,
            image: self.image,
            kinds: self.labels.len(),
            elements: names.unwrap_or_default(),
            masses: self.masses.into_iter().collect(),
        };
        atoms.check(source)?;
        Ok(atoms)
    }
}
