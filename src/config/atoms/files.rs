//! Files that a configuration names: read once, with a checksum that tells whether they are still the same.

use crate::config::potential;
use crate::foundation::{Error, Result};
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The error of a part in the words of a configuration: `key` opens the message.
#[must_use]
pub fn at(key: &str, error: &Error) -> Error {
    Error::Configuration(format!("{key}: {error}"))
}

/// The bytes of a file.
///
/// # Errors
/// `Error::Configuration` that opens with the key.
pub fn read(key: &str, what: &str, path: &str, expected: &str) -> Result<Vec<u8>> {
    potential::bytes(Path::new(path), what, expected).map_err(|error| at(key, &error))
}

/// The checksum of files, 16 hexadecimal digits.
#[must_use]
pub fn checksum(files: &[Vec<u8>]) -> String {
    format!("{:016x}", files.iter().fold(0, |seed, bytes| xxh3_64_with_seed(bytes, seed)))
}

/// Compares a checksum of the configuration with that of the files, and writes it where there is none: a run that
/// continues is then refused if its files changed.
///
/// # Errors
/// `Error::Configuration` if they differ.
pub fn seal(key: &str, known: &mut Option<String>, files: &[Vec<u8>]) -> Result<()> {
    let found = checksum(files);
    match known {
        Some(known) if *known != found => Err(Error::Configuration(format!(
            "{key} = \"{known}\", but the checksum of what is there now is {found}: expected the same file, or no key \
             checksum to take the file as it is"
        ))),
        _ => {
            *known = Some(found);
            Ok(())
        }
    }
}
