//! `vitrum inspect`: what a file of vitrum holds, and whether it is whole.

use super::print;
use crate::foundation::table::Data;
use crate::foundation::{Error, Result};
use crate::parallel::serial::Serial;
use crate::store::hdf5::Hdf5File;
use crate::store::{checkpoint, fields, seal};
use std::fmt::Write;
use std::path::PathBuf;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Arguments of `vitrum inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vitrum inspect runs/glass/checkpoints/checkpoint.000003.h5")]
pub struct Arguments {
    /// A checkpoint or a results.h5
    file: PathBuf,
    /// Print only the hash of the contents
    #[arg(long)]
    hash: bool,
}

/// Verifies the file and prints its header and hash.
pub fn command(arguments: &Arguments) -> Result<()> {
    let path = &arguments.file;
    seal::verify(path, &Serial)
        .map_err(|error| error.and("Expected a checkpoint or results.h5 of vitrum; nothing was changed."))?;
    let file = Hdf5File::open(path, &Serial)?;
    let header = checkpoint::read_header(&file)?;
    let is_checkpoint = header.contains_key("state_hash");
    let hash = if is_checkpoint { fields::hash_of_file(&file)? } else { content_hash(&file)? };
    let hash = format!("{hash:016x}");
    if is_checkpoint && header.get("state_hash") != Some(&hash) {
        return Err(Error::Storage(format!(
            "{}: the state hash in its header is not that of its fields",
            path.display()
        )));
    }
    if arguments.hash {
        return print(&format!("{hash}\n"));
    }
    let mut text = format!("{}: checksum verified\n", path.display());
    for (key, value) in header.iter().filter(|(key, _)| *key != "configuration" && *key != "state_hash") {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{key:<12} {value}");
    }
    for name in file.names()?.iter().filter(|name| !name.starts_with("/header/")) {
        let table = file.read(name, None)?;
        let shape: Vec<String> = table.shape.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "{name:<48} [{}] {}", shape.join(", "), table.units);
    }
    if let Some(configuration) = header.get("configuration") {
        let _ = write!(text, "\n{configuration}\n");
    }
    let kind = if is_checkpoint { "state hash" } else { "content hash" };
    let _ = writeln!(text, "{kind} {hash}");
    print(&text)
}

/// Hash of all numbers of a results file. Texts are left out: the program's version and the settings of the machine
/// (threads, intervals of checkpoints) are no results, and what is simulated shows in the numbers.
fn content_hash(file: &Hdf5File<'_>) -> Result<u64> {
    let mut sum = 0u64;
    for name in &file.names()? {
        let table = file.read(name, None)?;
        let bytes: &[u8] = match &table.data {
            Data::F64(data) => bytemuck::cast_slice(data),
            Data::U64(data) => bytemuck::cast_slice(data),
            Data::I8(data) => bytemuck::cast_slice(data),
            Data::Text(_) => continue,
        };
        sum = sum.wrapping_add(xxh3_64_with_seed(bytes, xxh3_64_with_seed(name.as_bytes(), 0)));
    }
    Ok(sum)
}
