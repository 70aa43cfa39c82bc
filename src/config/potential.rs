//! Potential files from disk.

use crate::forces::embedded_atom::{EmbeddedAtom, funcfl, read};
use crate::foundation::{Error, Result};
use std::path::{Path, PathBuf};

/// No potential file is larger (bytes).
const LARGEST: u64 = 1 << 30;

/// Reads an eam/alloy, eam/fs or funcfl file, or a funcfl file for each of several elements.
///
/// # Errors
/// `Error::Usage` if a file cannot be read, `Error::Configuration` if it is no potential.
pub fn read_potential(paths: &[PathBuf]) -> Result<EmbeddedAtom> {
    let name = |path: &Path| path.display().to_string();
    match paths {
        [] => Err(Error::Usage("no potential file is given: expected at least one.".into())),
        [path] => read::parse(&bytes(path)?, &name(path)),
        paths => {
            let names: Vec<String> = paths.iter().map(|path| name(path)).collect();
            let read = |path: &PathBuf| {
                funcfl::read(&bytes(path)?, &name(path)).map_err(|error| {
                    error.and("Several files make one potential only where each is a funcfl file.")
                })
            };
            let files = paths.iter().map(read).collect::<Result<Vec<_>>>()?;
            funcfl::mix(&files, &names.join(" + "))
        }
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    let refuse = |cause: String| {
        Error::Usage(format!(
            "cannot read the potential {}: {cause}. Expected the path of an eam/alloy, eam/fs or funcfl file.",
            path.display()
        ))
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
