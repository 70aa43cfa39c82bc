//! Potential files from disk.

use crate::forces::embedded_atom::{EmbeddedAtom, funcfl, read};
use crate::foundation::{Error, Result};
use std::path::{Path, PathBuf};

/// No file is larger (bytes).
const LARGEST: u64 = 1 << 36;

/// What is expected where a potential is read.
pub const FORMATS: &str = "the path of an eam/alloy, eam/fs or funcfl file";

/// Reads an eam/alloy, eam/fs or funcfl file, or a funcfl file for each of several elements.
///
/// # Errors
/// `Error::Usage` if a file cannot be read, `Error::Configuration` if it is no potential.
pub fn read_potential(paths: &[PathBuf]) -> Result<EmbeddedAtom> {
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let files = paths.iter().map(|path| bytes(path, "potential", FORMATS)).collect::<Result<Vec<_>>>()?;
    parse_potential(&files, &names)
}

/// The potential in the contents of such files; names are for messages and tell layouts.
///
/// # Errors
/// As [`read_potential`].
pub fn parse_potential(files: &[Vec<u8>], names: &[String]) -> Result<EmbeddedAtom> {
    match (files, names) {
        ([], _) => Err(Error::Usage("no potential file is given: expected at least one.".into())),
        ([file], [name]) => read::parse(file, name),
        _ => {
            let read = |(file, name): (&Vec<u8>, &String)| {
                funcfl::read(file, name).map_err(|error| {
                    error.and("Several files make one potential only where each is a funcfl file.")
                })
            };
            let read = files.iter().zip(names).map(read).collect::<Result<Vec<_>>>()?;
            funcfl::mix(&read, &names.join(" + "))
        }
    }
}

/// All bytes of a file; `what` and `expected` are for messages.
///
/// # Errors
/// `Error::Usage` if it cannot be read.
pub fn bytes(path: &Path, what: &str, expected: &str) -> Result<Vec<u8>> {
    let refuse = |cause: String| {
        Error::Usage(format!("cannot read the {what} {}: {cause}. Expected {expected}.", path.display()))
    };
    let length = std::fs::metadata(path).map_err(|cause| refuse(cause.to_string()))?;
    if !length.is_file() {
        return Err(refuse("it is no regular file".into()));
    }
    if length.len() > LARGEST {
        return Err(refuse(format!("it has {} bytes", length.len())));
    }
    std::fs::read(path).map_err(|cause| refuse(cause.to_string()))
}
