//! The potential of a run.

use super::files;
use super::sections::{Files, Potential};
use crate::config::potential::{FORMATS, parse_potential};
use crate::forces::embedded_atom::EmbeddedAtom;
use crate::forces::embedded_atom::zhou::{KNOTS, Zhou};
use crate::foundation::{Error, Result};
use crate::system::composition;

const KEY: &str = "[system] potential";

/// The potential of these elements, in their order. The checksum of its files is written into the section.
///
/// # Errors
/// `Error::Configuration` that names the key.
pub fn potential(section: &mut Potential, elements: &[String]) -> Result<EmbeddedAtom> {
    composition::check_names(elements).map_err(|error| files::at("[system] elements", &error))?;
    let symbols: Vec<&str> = elements.iter().map(String::as_str).collect();
    let refuse = |what: &str| {
        let expected = "expected { file = \"...\" } or { zhou = true }";
        Err(Error::Configuration(format!("{KEY}{what}: {expected}")))
    };
    match (&section.file, section.zhou) {
        (None, Some(true)) if section.checksum.is_some() => refuse(".checksum belongs to a file"),
        (None, Some(true)) => {
            let zhou = Zhou::new(&symbols).map_err(|error| files::at("[system] elements", &error))?;
            zhou.tabulated(KNOTS).map_err(|error| files::at(KEY, &error))
        }
        (Some(paths), None | Some(false)) => {
            let key = format!("{KEY}.file");
            let names = match paths {
                Files::One(path) => vec![path.clone()],
                Files::Several(paths) => paths.clone(),
            };
            let read = |path: &String| files::read(&key, "potential", path, FORMATS);
            let contents = names.iter().map(read).collect::<Result<Vec<_>>>()?;
            let parsed = parse_potential(&contents, &names).map_err(|error| files::at(&key, &error))?;
            files::seal(&format!("{KEY}.checksum"), &mut section.checksum, &contents)?;
            parsed.select(&symbols).map_err(|error| files::at("[system] elements", &error))
        }
        (Some(_), Some(true)) => refuse(" has both file and zhou = true"),
        (None, _) => refuse(" says nothing"),
    }
}
