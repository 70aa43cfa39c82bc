//! The run directory: where everything is, and the status file.

use crate::foundation::engine::{Engine, Output};
use crate::foundation::{Error, Result};
use crate::store::checkpoint;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A run directory.
#[derive(Debug, Clone)]
pub struct RunDirectory {
    root: PathBuf,
}

/// Writes a small file whole or not at all.
///
/// # Errors
/// `Error::Storage`.
pub fn write_atomically(path: &Path, text: &str) -> Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp.writing");
    let temporary = PathBuf::from(temporary);
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|cause| {
        let _ = fs::remove_file(&temporary);
        Error::storage("write", path, &cause)
    })
}

impl RunDirectory {
    /// Creates the directory where it is missing.
    ///
    /// # Errors
    /// `Error::Storage` if it cannot be made.
    pub fn create(root: &Path) -> Result<Self> {
        if root.exists() && !root.is_dir() {
            return Err(Error::Storage(format!(
                "{} is a file: expected the name of a run directory, which is made if it is missing. Nothing on \
                 disk was changed.",
                root.display()
            )));
        }
        let directory = RunDirectory { root: root.into() };
        let checkpoints = directory.checkpoints();
        fs::create_dir_all(&checkpoints).map_err(|cause| Error::storage("create", &checkpoints, &cause))?;
        Ok(directory)
    }

    /// A directory that is there already.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        RunDirectory { root: root.into() }
    }

    /// The directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where checkpoints are.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.root.join("checkpoints")
    }

    /// results.h5
    #[must_use]
    pub fn results(&self) -> PathBuf {
        self.root.join("results.h5")
    }

    /// The file whose presence asks a run to stop.
    #[must_use]
    pub fn stop_file(&self) -> PathBuf {
        self.root.join("STOP")
    }

    /// The newest published checkpoint.
    #[must_use]
    pub fn newest(&self) -> Option<PathBuf> {
        checkpoint::generations(&self.checkpoints()).ok()?.into_iter().next().map(|newest| newest.path)
    }

    /// Sets checkpoints and results of an earlier run aside under a name not used before; returns it if there was
    /// anything.
    ///
    /// # Errors
    /// `Error::Storage` if they cannot be moved.
    pub fn set_aside(&self) -> Result<Option<PathBuf>> {
        let used = !checkpoint::generations(&self.checkpoints())?.is_empty() || self.results().exists();
        if !used {
            return Ok(None);
        }
        let name = |k: u32| self.root.join(format!("before-fresh-{k}"));
        let aside = (1..).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(0));
        let failed = |cause: std::io::Error| Error::storage("set aside to", &aside, &cause);
        fs::create_dir(&aside).map_err(failed)?;
        for part in ["checkpoints", "results.h5"] {
            if self.root.join(part).exists() {
                fs::rename(self.root.join(part), aside.join(part)).map_err(failed)?;
            }
        }
        fs::create_dir_all(self.checkpoints()).map_err(failed)?;
        Ok(Some(aside))
    }

    /// Writes status.json.
    ///
    /// # Errors
    /// `Error::Storage`.
    pub fn write_status(
        &self,
        state: &str,
        engine: &dyn Engine,
        checkpoint: Option<PathBuf>,
        reason: &str,
    ) -> Result<()> {
        self.write_status_numbers(state, engine.step(), engine.target(), checkpoint, reason)
    }

    /// Writes bytes at their place in a file and cuts off what was there from that place on.
    ///
    /// # Errors
    /// `Error::Storage` if the file cannot be written, or is shorter than the place.
    pub fn extend(&self, output: &Output) -> Result<()> {
        let path = self.root.join(&output.file);
        let failed = |cause: std::io::Error| Error::storage("write", &path, &cause);
        let mut file =
            OpenOptions::new().create(true).write(true).truncate(false).open(&path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        if length < output.position {
            return Err(Error::Storage(format!(
                "{} has {length} bytes: expected the {} this run wrote before. Frames were lost outside of this program; \
                 the checkpoints are safe.",
                path.display(),
                output.position
            )));
        }
        file.set_len(output.position).map_err(failed)?;
        file.seek(SeekFrom::Start(output.position)).map_err(failed)?;
        file.write_all(&output.bytes).map_err(failed)
    }

    /// Notes a failure in status.json, with the step and target last noted there.
    ///
    /// # Errors
    /// `Error::Storage`.
    pub fn write_failure(&self, reason: &str) -> Result<()> {
        let text = fs::read_to_string(self.root.join("status.json")).unwrap_or_default();
        let last: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let number = |key: &str| last.get(key).and_then(serde_json::Value::as_u64).unwrap_or_default();
        self.write_status_numbers("failed", number("step"), number("target"), self.newest(), reason)
    }

    fn write_status_numbers(
        &self,
        state: &str,
        step: u64,
        target: u64,
        checkpoint: Option<PathBuf>,
        reason: &str,
    ) -> Result<()> {
        let checkpoint = checkpoint.map(|path| path.display().to_string());
        let status = serde_json::json!({
            "state": state,
            "step": step,
            "target": target,
            "checkpoint": checkpoint.unwrap_or_default(),
            "reason": reason,
            "version": crate::version(),
        });
        write_atomically(&self.root.join("status.json"), &format!("{status:#}\n"))
    }
}
