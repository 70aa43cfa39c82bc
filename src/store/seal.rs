//! A checksum over the whole file, in the block at its head that HDF5 leaves to us.
//!
//! It is verified before HDF5 ever opens the file: the library is not hardened against damaged metadata. The ranks
//! share the reading, chunk by chunk.

use super::hdf5::USER_BLOCK;
use crate::foundation::{Error, Result};
use crate::parallel::Comm;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Bytes that share a hash; each rank takes every so many-th of these pieces.
const CHUNK: u64 = 8 << 20;

/// Bytes read at a time.
const BUFFER: usize = 256 << 10;

/// Version of the file layout.
pub const FORMAT: u32 = 1;

/// Hash of everything after the user block, over all ranks; the sum over chunks is exact in any order.
fn content_hash(path: &Path, length: u64, comm: &dyn Comm) -> Result<u64> {
    let hash_here = || -> std::io::Result<u64> {
        let file = File::open(path)?;
        let mut buffer = vec![0; BUFFER];
        let mut sum = 0u64;
        let chunks = length.saturating_sub(USER_BLOCK).div_ceil(CHUNK);
        for chunk in (0..chunks).filter(|chunk| chunk % comm.size() as u64 == comm.rank() as u64) {
            let mut start = USER_BLOCK + chunk * CHUNK;
            let end = length.min(start + CHUNK);
            let mut hasher = Xxh3::with_seed(chunk);
            while start < end {
                let count = BUFFER.min((end - start) as usize);
                file.read_exact_at(&mut buffer[..count], start)?;
                hasher.update(&buffer[..count]);
                start += count as u64;
            }
            sum = sum.wrapping_add(hasher.digest());
        }
        Ok(sum)
    };
    let mine = hash_here().map_err(|cause| Error::storage("read", path, &cause));
    comm.agree(mine.as_ref().map(|_| ()).map_err(Clone::clone))?;
    let mut words = [mine?];
    comm.sum(&mut words);
    Ok(words[0])
}

fn text(length: u64, hash: u64) -> String {
    let body = format!("vitrum file\nformat {FORMAT}\nbytes {length}\nxxh3 {hash:016x}\n");
    let own = xxh3_64(body.as_bytes());
    format!("{body}head {own:016x}\n")
}

/// Writes the checksum of a closed file and forces everything to the disk.
///
/// # Errors
/// `Error::Storage` if any rank fails.
pub fn seal(path: &Path, comm: &dyn Comm) -> Result<()> {
    comm.barrier();
    let mut length = [std::fs::metadata(path).map_or(0, |data| data.len())];
    comm.max(&mut length);
    let hash = content_hash(path, length[0], comm)?;
    let mut written = Ok(());
    if comm.rank() == 0 {
        written = (|| {
            let mut file = File::options().write(true).open(path)?;
            file.write_all(text(length[0], hash).as_bytes())?;
            file.sync_all()
        })()
        .map_err(|cause: std::io::Error| Error::storage("seal", path, &cause));
    }
    comm.agree(written)
}

/// Checks a file against its checksum.
///
/// # Errors
/// `Error::Storage` saying what is wrong: no vitrum file, written by a newer version, cut short, damaged.
pub fn verify(path: &Path, comm: &dyn Comm) -> Result<()> {
    let damaged = |what: &str| Error::Storage(format!("{} {what}", path.display()));
    let mut head = Vec::new();
    let mut opened = Ok(());
    if comm.rank() == 0 {
        opened = File::open(path)
            .and_then(|file| file.take(USER_BLOCK).read_to_end(&mut head))
            .map(|_| ())
            .map_err(|cause| Error::storage("read", path, &cause));
    }
    comm.agree(opened)?;
    comm.broadcast(&mut head);
    let head = String::from_utf8_lossy(&head).trim_end_matches('\0').to_string();
    let mut values = head.lines();
    if values.next() != Some("vitrum file") {
        return Err(damaged("is not a file of vitrum, or its first bytes are damaged"));
    }
    let mut value = |key: &str| -> Option<&str> { values.next()?.strip_prefix(key)?.strip_prefix(' ') };
    let format = value("format").and_then(|v| v.parse::<u32>().ok());
    if format.is_some_and(|format| format > FORMAT) {
        // No damage: falling back to an older file would throw work away.
        return Err(Error::Checkpoint(format!(
            "{} was written by a newer version of vitrum: expected file format {FORMAT} or older. Nothing was changed: \
             use the newer version.",
            path.display()
        )));
    }
    let length = value("bytes").and_then(|v| v.parse::<u64>().ok());
    let hash = value("xxh3").and_then(|v| u64::from_str_radix(v, 16).ok());
    let (Some(length), Some(hash)) = (length, hash) else { return Err(damaged("has a damaged head")) };
    if head != text(length, hash) {
        return Err(damaged("has a damaged head"));
    }
    let mut actual = [std::fs::metadata(path).map_or(0, |data| data.len())];
    comm.max(&mut actual);
    if actual[0] != length {
        return Err(damaged(&format!("is cut short or overwritten: {} bytes of {length}", actual[0])));
    }
    if content_hash(path, length, comm)? != hash {
        return Err(damaged("is damaged: its contents do not match its checksum"));
    }
    Ok(())
}
