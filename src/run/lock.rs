//! One process per run directory: an advisory lock that dies with its holder, and a note on who holds it.

use crate::foundation::{Error, Result};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// Holds the lock until dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of a run directory. Returns also the note of a holder that died without releasing it.
    ///
    /// # Errors
    /// `Error::Usage` if another living process holds it; `Error::Storage` if the file cannot be made.
    pub fn take(directory: &Path) -> Result<(Self, Option<String>)> {
        let path = directory.join("lock");
        let failed = |cause: std::io::Error| Error::storage("lock", &path, &cause);
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        let mut note = String::new();
        file.read_to_string(&mut note).map_err(failed)?;
        let note = note.trim().to_string();
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(directory, &note)),
            // File systems without locks: judge by the note alone.
            Err(TryLockError::Error(_)) if is_alive(&note) => return Err(held(directory, &note)),
            Err(TryLockError::Error(cause)) => {
                log::warn!("{} does not support locks ({cause}); relying on its note", path.display());
            }
        }
        let own = format!("process {} on {}\n", std::process::id(), host());
        let write = |file: &mut File| -> std::io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(own.as_bytes())?;
            file.sync_all()
        };
        write(&mut file).map_err(failed)?;
        Ok((Lock { file }, (!note.is_empty()).then_some(note)))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // An emptied note tells the next run that this one ended in order; failing to write it is harmless.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

fn held(directory: &Path, note: &str) -> Error {
    Error::Usage(format!(
        "{} is in use by another run ({note}). Expected a directory of its own for each run: wait for that run, stop \
         it with a file named STOP in the directory, or choose another --output. Nothing was changed.",
        directory.display()
    ))
}

/// Whether the process of a note runs on this host.
fn is_alive(note: &str) -> bool {
    let mut words = note.split_whitespace();
    let (process, holder) = (words.nth(1), words.nth(1));
    match (process, holder) {
        (Some(process), Some(holder)) if holder == host() => Path::new("/proc").join(process).exists(),
        (Some(_), Some(_)) => true,
        _ => false,
    }
}

fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or("unknown".into(), |name| name.trim().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_lock_is_refused_a_released_one_taken_and_a_stale_one_recognized() {
        let directory = std::env::temp_dir().join(format!("vitrum-lock-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let (first, note) = Lock::take(&directory).unwrap();
        assert_eq!(note, None);
        let refused = Lock::take(&directory).unwrap_err();
        assert_eq!(refused.exit_code(), 64);
        drop(first);
        let (_again, note) = Lock::take(&directory).unwrap();
        assert_eq!(note, None);
        drop(_again);
        std::fs::write(directory.join("lock"), "process 1 on elsewhere\n").unwrap();
        let (_third, note) = Lock::take(&directory).unwrap();
        assert_eq!(note.as_deref(), Some("process 1 on elsewhere"));
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
