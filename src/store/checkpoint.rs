//! Checkpoints: one file each, written by all ranks, sealed, and published by one rename.
//!
//! A file named `checkpoint.N.h5` is complete by construction. Until the rename it carries a temporary name, which the
//! next start removes; nothing published is touched before the next one is published.

use super::fields::{Reader, Writer};
use super::hdf5::Hdf5File;
use super::seal;
use crate::foundation::persist::{Hasher, Persist};
use crate::foundation::table::{Data, Table};
use crate::foundation::{Error, Result};
use crate::parallel::Comm;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// What a checkpoint says about itself: name and text, in order.
pub type Header = BTreeMap<String, String>;

/// A published checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation {
    /// Its number; the highest is the newest.
    pub number: u64,
    /// Where it is.
    pub path: PathBuf,
}

/// The state hash of something persistent, the same on every distribution over ranks. Collective.
///
/// # Errors
/// What `visit` reports.
pub fn state_hash(state: &mut (impl Persist + ?Sized), comm: &dyn Comm) -> Result<u64> {
    let mut hasher = Hasher::new(comm.rank() == 0);
    state.visit(&mut hasher)?;
    let mut words = [hasher.sum()];
    comm.sum(&mut words);
    Ok(words[0])
}

/// The published checkpoints of a directory, newest first.
///
/// # Errors
/// `Error::Storage` if the directory cannot be read (one that does not exist holds none).
pub fn generations(directory: &Path) -> Result<Vec<Generation>> {
    let mut found = Vec::new();
    if !directory.exists() {
        return Ok(found);
    }
    let failed = |cause: std::io::Error| Error::storage("list", directory, &cause);
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let number = name.strip_prefix("checkpoint.").and_then(|rest| rest.strip_suffix(".h5"));
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            found.push(Generation { number, path });
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    Ok(found)
}

/// Renames a damaged checkpoint so that it no longer counts as a generation; it stays for inspection.
///
/// # Errors
/// `Error::Storage` if it cannot be renamed.
pub fn set_damaged_aside(path: &Path) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".damaged");
    fs::rename(path, &name).map_err(|cause| Error::storage("set aside", path, &cause))
}

/// Removes what killed runs left half-written. Call on one rank, with the directory locked.
///
/// # Errors
/// `Error::Storage` if a leftover cannot be removed.
pub fn remove_leftovers(directory: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(directory) else { return Ok(()) };
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.ends_with(".tmp.writing") && path.is_file() {
            fs::remove_file(&path).map_err(|cause| Error::storage("remove", &path, &cause))?;
        }
    }
    Ok(())
}

/// A point at which tests kill the process; see `publish`.
fn fault_point(name: &str) {
    if std::env::var("VITRUM_FAULT").is_ok_and(|wanted| wanted == name) {
        // SAFETY: kill has no memory effects; the process dies here, as it would at a node failure.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    }
}

/// Writes through `fill` into a temporary file beside `path`, seals it and renames it into place. Collective.
///
/// # Errors
/// `Error::Storage` if any rank fails; then the temporary file is removed and `path` is what it was before.
pub fn publish(path: &Path, comm: &dyn Comm, fill: impl FnOnce(&Hdf5File<'_>) -> Result<()>) -> Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp.writing");
    let temporary = PathBuf::from(temporary);
    let error = match write_and_rename(&temporary, path, comm, fill) {
        Ok(()) => return Ok(()),
        Err(Error::Storage(cause)) => Error::Storage(format!(
            "{cause}. {}What was published before is untouched: mend the cause and run the same command again.",
            free_space(path)
        )),
        Err(other) => other,
    };
    if comm.rank() == 0 {
        // The error is reported by the caller; a leftover is harmless and removed at the next start.
        let _ = fs::remove_file(&temporary);
    }
    Err(error)
}

/// A sentence on the room left, as HDF5 does not say why a write failed.
fn free_space(path: &Path) -> String {
    let directory = path.parent().unwrap_or(Path::new("."));
    let Ok(name) = std::ffi::CString::new(directory.as_os_str().as_encoded_bytes()) else {
        return String::new();
    };
    let mut space = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the name ends in a zero; `space` is read only where the call says that it filled it.
    let bytes = unsafe {
        if libc::statvfs(name.as_ptr(), space.as_mut_ptr()) != 0 {
            return String::new();
        }
        let space = space.assume_init();
        space.f_bavail as f64 * space.f_frsize as f64
    };
    format!("Its file system has {:.1} MB free. ", bytes / 1e6)
}

fn write_and_rename(
    temporary: &Path,
    path: &Path,
    comm: &dyn Comm,
    fill: impl FnOnce(&Hdf5File<'_>) -> Result<()>,
) -> Result<()> {
    let file = Hdf5File::create(temporary, comm)?;
    fault_point("after_create");
    if let Err(error) = fill(&file) {
        file.abandon();
        return Err(error);
    }
    fault_point("before_close");
    let written = file.close()?;
    fault_point("before_seal");
    // Open MPI's own file layer reports success where the disk was full (4.1.4, collective writes of several ranks):
    // only what can be read back has been written.
    let file = Hdf5File::open(temporary, comm)?;
    file.compare(&written)?;
    file.close()?;
    seal::seal(temporary, comm)?;
    fault_point("before_rename");
    let mut renamed = Ok(());
    if comm.rank() == 0 {
        renamed = fs::rename(temporary, path)
            .and_then(|()| File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all())
            .map_err(|cause| Error::storage("publish", path, &cause));
    }
    fault_point("after_rename");
    comm.agree(renamed)
}

/// Writes the next checkpoint of a directory, keeps the `keep` newest and returns its path and state hash. Collective.
///
/// # Errors
/// `Error::Storage` if any rank fails; every earlier checkpoint is then still there.
pub fn write(
    directory: &Path,
    header: &Header,
    state: &mut (impl Persist + ?Sized),
    keep: usize,
    comm: &dyn Comm,
) -> Result<(PathBuf, u64)> {
    let listed = generations(directory);
    comm.agree(listed.as_ref().map(|_| ()).map_err(Clone::clone))?;
    let newest = listed?.first().map_or(0, |newest| newest.number);
    let number = comm.decide(newest) + 1;
    let path = directory.join(format!("checkpoint.{number:06}.h5"));
    let mut hash = 0;
    publish(&path, comm, |file| {
        let mut writer = Writer::new(file, comm);
        state.visit(&mut writer)?;
        let mut words = [writer.hash()];
        comm.sum(&mut words);
        hash = words[0];
        for (key, value) in header {
            file.write(&Table::text(&format!("/header/{key}"), value, "header of the checkpoint"))?;
        }
        file.write(&Table::text(
            "/header/state_hash",
            &format!("{hash:016x}"),
            "hash of all fields under /state",
        ))
    })?;
    let mut removed = Ok(());
    if comm.rank() == 0 {
        removed = remove_old(directory, keep.max(2));
    }
    comm.agree(removed)?;
    Ok((path, hash))
}

fn remove_old(directory: &Path, keep: usize) -> Result<()> {
    for old in generations(directory)?.into_iter().skip(keep) {
        fs::remove_file(&old.path).map_err(|cause| Error::storage("remove", &old.path, &cause))?;
    }
    Ok(())
}

/// Reads the header of a checkpoint whose checksum was verified. Collective.
///
/// # Errors
/// `Error::Storage` if it cannot be read.
pub fn read_header(file: &Hdf5File<'_>) -> Result<Header> {
    let mut header = Header::new();
    for name in file.names()? {
        if let Some(key) = name.strip_prefix("/header/")
            && let Data::Text(text) = file.read(&name, None)?.data
        {
            header.insert(key.to_string(), text);
        }
    }
    Ok(header)
}

/// Verifies a checkpoint, hands its header to `accept`, fills the state and checks its hash. Collective.
///
/// # Errors
/// `Error::Storage` if the file is damaged; whatever `accept` returns if it does not belong to this run.
pub fn read(
    path: &Path,
    state: &mut (impl Persist + ?Sized),
    comm: &dyn Comm,
    accept: impl FnOnce(&Header) -> Result<()>,
) -> Result<Header> {
    seal::verify(path, comm)?;
    let file = Hdf5File::open(path, comm)?;
    let header = read_header(&file)?;
    if !header.contains_key("state_hash") {
        return Err(Error::Storage(format!("{} is a file of vitrum, but not a checkpoint", path.display())));
    }
    accept(&header)?;
    state.visit(&mut Reader::new(&file))?;
    file.close()?;
    let hash = format!("{:016x}", state_hash(state, comm)?);
    if header.get("state_hash") != Some(&hash) {
        return Err(Error::Storage(format!("{}: the state read back has another hash", path.display())));
    }
    Ok(header)
}
