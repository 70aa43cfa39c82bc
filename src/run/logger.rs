//! The log: to log.txt and, unless quiet, to the terminal. Only rank 0 speaks.

use crate::foundation::{Error, Result};
use indicatif::MultiProgress;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

/// Everything that draws on the terminal goes through here, so that lines and bars do not mix.
pub fn terminal() -> &'static MultiProgress {
    static TERMINAL: OnceLock<MultiProgress> = OnceLock::new();
    TERMINAL.get_or_init(MultiProgress::new)
}

static FILE: Mutex<Option<File>> = Mutex::new(None);

/// Writes lines to the file and the terminal.
struct Tee {
    quiet: bool,
}

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Ok(mut file) = FILE.lock()
            && let Some(file) = file.as_mut()
        {
            // A full disk must not stop the log on the terminal; checkpoints report it with an error of their own.
            let _ = file.write_all(bytes);
        }
        if !self.quiet {
            terminal().suspend(|| std::io::stderr().write_all(bytes))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Starts logging on this rank; `speaks` is true on rank 0 alone. `VITRUM_LOG` sets the level (default info).
pub fn start(speaks: bool, quiet: bool) {
    let level = std::env::var("VITRUM_LOG").unwrap_or_else(|_| "info".into());
    let filter = if speaks { level.as_str() } else { "off" };
    let mut builder = env_logger::Builder::new();
    builder.parse_filters(filter);
    builder.target(env_logger::Target::Pipe(Box::new(Tee { quiet })));
    builder.format(|out, record| {
        let seconds = std::time::SystemTime::now();
        let time = humantime::format_rfc3339_seconds(seconds);
        match record.level() {
            log::Level::Info => writeln!(out, "{time} {}", record.args()),
            level => writeln!(out, "{time} {}: {}", level.as_str().to_lowercase(), record.args()),
        }
    });
    // A second start (tests in one process) keeps the first logger.
    let _ = builder.try_init();
}

/// Writes an error to log.txt alone: the terminal gets it when the program ends.
pub fn note_error(error: &Error) {
    if let Ok(mut file) = FILE.lock()
        && let Some(file) = file.as_mut()
    {
        let time = humantime::format_rfc3339_seconds(std::time::SystemTime::now());
        // The error itself matters more than this note, which may fail for the same reason.
        let _ = writeln!(file, "{time} error: {error}");
    }
}

/// Opens log.txt for appending.
///
/// # Errors
/// `Error::Storage` if it cannot be opened.
pub fn open_file(path: &Path) -> Result<()> {
    let file = File::options().create(true).append(true).open(path);
    let file = file.map_err(|cause| Error::storage("open", path, &cause))?;
    if let Ok(mut slot) = FILE.lock() {
        *slot = Some(file);
    }
    Ok(())
}
