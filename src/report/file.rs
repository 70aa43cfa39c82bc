//! Writing a file so that a reader sees the old one or the new one, never a half.

use crate::foundation::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Writes `text` into `directory/name` through a temporary file; creates the directory if it is missing.
///
/// # Errors
/// `Error::Storage` if the file cannot be written; an older file of that name is then untouched.
pub fn write(directory: &Path, name: &str, text: &str) -> Result<PathBuf> {
    fs::create_dir_all(directory).map_err(|cause| Error::storage("create", directory, &cause))?;
    let path = directory.join(name);
    let temporary = directory.join(format!(".{name}.partial"));
    let written = fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, &path));
    written.map_err(|cause| {
        // Whatever is left is of no use; failing to remove it must not hide the first cause.
        let _ = fs::remove_file(&temporary);
        Error::storage("write", &path, &cause)
    })?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_cannot_be_made_is_a_storage_error() {
        let base = std::env::temp_dir().join(format!("vitrum-report-file-{}", std::process::id()));
        let blocked = write(&base, "plain", "x").expect("first file");
        let error = write(&blocked, "below", "x").expect_err("a file is not a directory");
        assert_eq!(error.exit_code(), 74);
        fs::remove_dir_all(&base).expect("clean up");
    }
}
