//! Tables in HDF5 files. The only file that says `hdf5::`.
//!
//! Under MPI every call is collective and every transfer is, too: the crate's own reads and writes are independent
//! and return early where a rank holds nothing, so the transfers are made here, on hyperslabs, by all ranks.

use crate::foundation::table::{Data, Part, Table};
use crate::foundation::{Error, Result};
use crate::parallel::Comm;
use hdf5::types::{FixedUnicode, TypeDescriptor};
use hdf5_sys::h5d::{H5Dget_space, H5Dread, H5Dwrite};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{H5FD_mpio_xfer_t, H5P_CLS_DATASET_XFER, H5Pclose, H5Pcreate, H5Pset_dxpl_mpio};
use hdf5_sys::h5s::{H5S_seloper_t, H5Sclose, H5Screate_simple, H5Sselect_hyperslab, H5Sselect_none};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

/// Bytes at the head of every file that HDF5 leaves to us: `store::seal` writes a checksum there.
pub const USER_BLOCK: u64 = 512;

/// How long a rank that failed waits for the others before it takes them for stuck.
const PATIENCE: Duration = Duration::from_secs(5);

/// Most bytes in one transfer of one rank: MPI libraries of the last decade count in 32 bits here and there.
const PIECE: usize = 1 << 29;

/// Cuts a part into boxes of at most about `limit` bytes, contiguous in memory and in order; none if it is empty.
fn pieces(part: &Part, width: usize, limit: usize) -> Vec<Part> {
    if part.count.contains(&0) {
        return Vec::new();
    }
    let bytes = width * part.count.iter().product::<usize>();
    let Some(axis) = part.count.iter().position(|&count| count > 1).filter(|_| bytes > limit) else {
        return vec![part.clone()];
    };
    let length = part.count[axis];
    let step = (length / bytes.div_ceil(limit)).max(1);
    let cut = |first: usize| {
        let mut piece = part.clone();
        piece.start[axis] += first;
        piece.count[axis] = step.min(length - first);
        pieces(&piece, width, limit)
    };
    (0..length).step_by(step).flat_map(cut).collect()
}

/// Bytes each rank reads back at a time, about, to compare them with what it wrote.
const COMPARED_AT_ONCE: usize = 1 << 20;

/// An open file, on all ranks of a communicator.
pub struct Hdf5File<'a> {
    file: hdf5::File,
    path: PathBuf,
    comm: &'a dyn Comm,
    written: RefCell<Vec<Written>>,
}

/// What this rank wrote into one table, for comparison with what the file then holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    name: String,
    part: Option<Part>,
    hash: u64,
}

fn bytes_of(data: &Data) -> &[u8] {
    match data {
        Data::F64(data) => bytemuck::cast_slice(data),
        Data::U64(data) => bytemuck::cast_slice(data),
        Data::I8(data) => bytemuck::cast_slice(data),
        // HDF5 has no strings of length zero.
        Data::Text(text) if text.is_empty() => &[0],
        Data::Text(text) => text.as_bytes(),
    }
}

/// The HDF5 library this program runs with.
#[must_use]
pub fn library_version() -> String {
    let (major, minor, release) = hdf5::library_version();
    format!("HDF5 {major}.{minor}.{release}")
}

/// Whether a file is open on this process, such as one that could not be closed for want of room.
#[must_use]
pub fn has_open_files() -> bool {
    // SAFETY: asks for a number; no id and no buffer is passed.
    let count = hdf5::sync::sync(|| unsafe {
        hdf5_sys::h5f::H5Fget_obj_count(hdf5_sys::h5f::H5F_OBJ_ALL as hid_t, hdf5_sys::h5f::H5F_OBJ_FILE)
    });
    count > 0
}

/// Makes the failure of one rank that of all. HDF5 may return from a collective call with an error on one rank and
/// never return on the others; then this rank ends them.
fn agree(comm: &dyn Comm, mine: Result<()>) -> Result<()> {
    let patience = mine.is_err().then_some(PATIENCE);
    if let (false, Err(error)) = (comm.meet(patience), &mine) {
        use std::io::Write;
        // Nothing can be done if standard error is gone.
        let _ = writeln!(
            std::io::stderr(),
            "vitrum: {error}. Other ranks wait inside the library for this one, so all are ended. What was published \
             before is untouched: mend the cause and run the same command again."
        );
        comm.abort(error.exit_code());
    }
    comm.agree(mine)
}

fn describe(action: &str, path: &Path, cause: &hdf5::Error) -> Error {
    let text = cause.to_string();
    Error::Storage(format!("cannot {action} {}: {}", path.display(), text.lines().next().unwrap_or_default()))
}

fn builder(comm: &dyn Comm) -> hdf5::FileBuilder {
    let mut builder = hdf5::File::with_options();
    builder.with_fcpl(|plist| plist.userblock(USER_BLOCK));
    if let Some(handle) = comm.file_handle() {
        builder.with_fapl(|plist| {
            plist.mpio(handle, None).all_coll_metadata_ops(true).coll_metadata_write(true)
        });
    }
    builder
}

/// Which way a transfer goes.
enum Transfer<'a> {
    Write(&'a [u8]),
    Read(&'a mut [u8]),
}

impl<'a> Hdf5File<'a> {
    /// Creates a file, replacing one of the same name.
    ///
    /// # Errors
    /// `Error::Storage` if any rank cannot.
    pub fn create(path: &Path, comm: &'a dyn Comm) -> Result<Self> {
        let file = builder(comm).create(path).map_err(|cause| describe("create", path, &cause));
        Self::agreed(file, path, comm)
    }

    /// Opens a file for reading.
    ///
    /// # Errors
    /// `Error::Storage` if any rank cannot.
    pub fn open(path: &Path, comm: &'a dyn Comm) -> Result<Self> {
        let file = builder(comm).open(path).map_err(|cause| describe("open", path, &cause));
        Self::agreed(file, path, comm)
    }

    fn agreed(file: Result<hdf5::File>, path: &Path, comm: &'a dyn Comm) -> Result<Self> {
        agree(comm, file.as_ref().map(|_| ()).map_err(Clone::clone))?;
        Ok(Hdf5File { file: file?, path: path.into(), comm, written: RefCell::default() })
    }

    /// Writes one table. All ranks call this with tables of the same name and shape.
    ///
    /// # Errors
    /// `Error::Storage` if any rank fails.
    pub fn write(&self, table: &Table) -> Result<()> {
        let written = self.write_here(table);
        agree(self.comm, written)?;
        let hash = xxh3_64(bytes_of(&table.data));
        let part = table.part.clone();
        self.written.borrow_mut().push(Written { name: table.name.clone(), part, hash });
        Ok(())
    }

    fn write_here(&self, table: &Table) -> Result<()> {
        let failed = |cause: &hdf5::Error| describe(&format!("write {} to", table.name), &self.path, cause);
        let (shape, bytes) = (&table.shape, bytes_of(&table.data));
        let kind = match &table.data {
            Data::F64(_) => TypeDescriptor::Float(hdf5::types::FloatSize::U8),
            Data::U64(_) => TypeDescriptor::Unsigned(hdf5::types::IntSize::U8),
            Data::I8(_) => TypeDescriptor::Integer(hdf5::types::IntSize::U1),
            Data::Text(_) => TypeDescriptor::FixedUnicode(bytes.len()),
        };
        let dataset = self
            .file
            .new_dataset_builder()
            .with_dcpl(|plist| plist.fill_time(hdf5::dataset::FillTime::Never))
            .empty_as(&kind)
            .shape(shape.as_slice())
            .create(table.name.trim_start_matches('/'))
            .map_err(|cause| failed(&cause))?;
        for (name, text) in [("description", &table.description), ("units", &table.units)] {
            self.write_attribute(&dataset, name, text).map_err(|cause| failed(&cause))?;
        }
        let nothing = [0];
        let is_empty_text = matches!(&table.data, Data::Text(text) if text.is_empty());
        let bytes = if is_empty_text { &nothing } else { bytes };
        self.transfer(&dataset, shape, table.part.as_ref(), Transfer::Write(bytes))
            .map_err(|cause| failed(&cause))
    }

    fn write_attribute(&self, dataset: &hdf5::Dataset, name: &str, text: &str) -> hdf5::Result<()> {
        let kind = TypeDescriptor::FixedUnicode(text.len().max(1));
        let attribute = dataset.new_attr_builder().empty_as(&kind).create(name)?;
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(bytes.len().max(1), 0);
        let memory_type = attribute.dtype()?;
        // SAFETY: the buffer holds exactly one element of the attribute's own fixed-length string type.
        let code = hdf5::sync::sync(|| unsafe {
            hdf5_sys::h5a::H5Awrite(attribute.id(), memory_type.id(), bytes.as_ptr().cast())
        });
        hdf5::h5check(code).map(|_| ())
    }

    /// Reads one table, or this rank's part of it.
    ///
    /// # Errors
    /// `Error::Storage` if the table is missing, has an unknown type, or any rank fails to read it.
    pub fn read(&self, name: &str, part: Option<Part>) -> Result<Table> {
        let table = self.read_here(name, part);
        agree(self.comm, table.as_ref().map(|_| ()).map_err(Clone::clone))?;
        table
    }

    fn read_here(&self, name: &str, part: Option<Part>) -> Result<Table> {
        let failed = |cause: &hdf5::Error| describe(&format!("read {name} from"), &self.path, cause);
        let dataset = self.file.dataset(name.trim_start_matches('/')).map_err(|cause| failed(&cause))?;
        let shape = dataset.shape();
        let kind = dataset.dtype().and_then(|kind| kind.to_descriptor()).map_err(|cause| failed(&cause))?;
        if part.as_ref().is_some_and(|part| !part.fits(&shape)) {
            return Err(Error::Storage(format!(
                "{name} in {} has shape {shape:?}, which does not fit what was expected there",
                self.path.display()
            )));
        }
        let count: usize = part.as_ref().map_or(&shape, |part| &part.count).iter().product();
        let transfer = |bytes: &mut [u8]| {
            self.transfer(&dataset, &shape, part.as_ref(), Transfer::Read(bytes))
                .map_err(|cause| failed(&cause))
        };
        let data = match kind {
            TypeDescriptor::Float(hdf5::types::FloatSize::U8) => {
                let mut data = vec![0.0f64; count];
                transfer(bytemuck::cast_slice_mut(&mut data))?;
                Data::F64(data)
            }
            TypeDescriptor::Unsigned(hdf5::types::IntSize::U8) => {
                let mut data = vec![0u64; count];
                transfer(bytemuck::cast_slice_mut(&mut data))?;
                Data::U64(data)
            }
            TypeDescriptor::Integer(hdf5::types::IntSize::U1) => {
                let mut data = vec![0i8; count];
                transfer(bytemuck::cast_slice_mut(&mut data))?;
                Data::I8(data)
            }
            TypeDescriptor::FixedUnicode(length) | TypeDescriptor::FixedAscii(length) if shape.is_empty() => {
                let mut bytes = vec![0u8; length];
                transfer(&mut bytes)?;
                let text = String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_string();
                Data::Text(text)
            }
            other => {
                return Err(Error::Storage(format!(
                    "{name} in {} has type {other}, which vitrum never writes",
                    self.path.display()
                )));
            }
        };
        let attribute = |key: &str| -> String {
            let text = dataset.attr(key).and_then(|attribute| attribute.read_scalar::<FixedUnicode<1024>>());
            text.map(|text| text.as_str().to_string()).unwrap_or_default()
        };
        Ok(Table {
            name: name.into(),
            shape,
            part,
            data,
            description: attribute("description"),
            units: attribute("units"),
        })
    }

    /// Moves this rank's part between memory and file, collectively under MPI, in pieces MPI can count.
    fn transfer(
        &self,
        dataset: &hdf5::Dataset,
        shape: &[usize],
        part: Option<&Part>,
        mut transfer: Transfer<'_>,
    ) -> hdf5::Result<()> {
        if shape.contains(&0) {
            return Ok(());
        }
        let whole = Part { start: vec![0; shape.len()], count: shape.to_vec() };
        // A table every rank holds is written by rank 0 alone and read by all.
        let takes_part = part.is_some() || matches!(transfer, Transfer::Read(_)) || self.comm.rank() == 0;
        let width = dataset.dtype()?.size();
        let mine = if takes_part { pieces(part.unwrap_or(&whole), width, PIECE) } else { Vec::new() };
        let mut rounds = [mine.len() as u64];
        self.comm.max(&mut rounds);
        let mut next = 0;
        for round in 0..rounds[0] as usize {
            let piece = mine.get(round);
            let bytes = piece.map_or(0, |piece| piece.count.iter().product::<usize>() * width);
            match &mut transfer {
                Transfer::Write(data) => {
                    self.transfer_piece(dataset, piece, Transfer::Write(&data[next..next + bytes]))?;
                }
                Transfer::Read(data) => {
                    self.transfer_piece(dataset, piece, Transfer::Read(&mut data[next..next + bytes]))?;
                }
            }
            next += bytes;
        }
        Ok(())
    }

    /// Moves one hyperslab; a rank that holds nothing takes part with an empty selection.
    fn transfer_piece(
        &self,
        dataset: &hdf5::Dataset,
        piece: Option<&Part>,
        transfer: Transfer<'_>,
    ) -> hdf5::Result<()> {
        let long = |numbers: &[usize]| -> Vec<u64> { numbers.iter().map(|&n| n as u64).collect() };
        let (start, count) = piece.map_or((Vec::new(), Vec::new()), |p| (long(&p.start), long(&p.count)));
        let memory_type = dataset.dtype()?;
        let collective = self.comm.file_handle().is_some();
        // SAFETY: the ids are live for the duration of the block and closed at its end; the buffer holds exactly the
        // selected elements in the dataset's own type (checked by the callers), so HDF5 stays inside it.
        let code = hdf5::sync::sync(|| unsafe {
            let plist = H5Pcreate(*H5P_CLS_DATASET_XFER);
            if collective {
                H5Pset_dxpl_mpio(plist, H5FD_mpio_xfer_t::H5FD_MPIO_COLLECTIVE);
            }
            let null = std::ptr::null();
            let file_space = H5Dget_space(dataset.id());
            let one = [1u64];
            let memory_space = if piece.is_none() {
                H5Screate_simple(1, one.as_ptr(), null)
            } else if count.is_empty() {
                H5Dget_space(dataset.id())
            } else {
                H5Screate_simple(count.len() as i32, count.as_ptr(), null)
            };
            if piece.is_none() {
                H5Sselect_none(file_space);
                H5Sselect_none(memory_space);
            } else if !count.is_empty() {
                let set = H5S_seloper_t::H5S_SELECT_SET;
                H5Sselect_hyperslab(file_space, set, start.as_ptr(), null, count.as_ptr(), null);
            }
            let ids: [hid_t; 5] = [dataset.id(), memory_type.id(), memory_space, file_space, plist];
            let code = match transfer {
                Transfer::Write(bytes) => {
                    H5Dwrite(ids[0], ids[1], ids[2], ids[3], ids[4], bytes.as_ptr().cast())
                }
                Transfer::Read(bytes) => {
                    H5Dread(ids[0], ids[1], ids[2], ids[3], ids[4], bytes.as_mut_ptr().cast())
                }
            };
            H5Sclose(memory_space);
            H5Sclose(file_space);
            H5Pclose(plist);
            code
        });
        hdf5::h5check(code).map(|_| ())
    }

    /// The names of all tables, sorted.
    ///
    /// # Errors
    /// `Error::Storage` if the file cannot be walked.
    pub fn names(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let walked = collect_names(&self.file, "", &mut names);
        walked.map_err(|cause| describe("list", &self.path, &cause))?;
        names.sort();
        Ok(names)
    }

    /// Whether a table of this name exists.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.file.link_exists(name.trim_start_matches('/'))
    }

    /// Compares the file with what every rank wrote into it before it was closed.
    ///
    /// # Errors
    /// `Error::Storage` if a table cannot be read or holds something else.
    pub fn compare(&self, written: &[Written]) -> Result<()> {
        let mut compared = Ok(());
        for expected in written {
            let hash = self.hash_here(expected);
            agree(self.comm, hash.as_ref().map(|_| ()).map_err(Clone::clone))?;
            // Tables without parts are written by rank 0.
            let is_mine = expected.part.is_some() || self.comm.rank() == 0;
            if is_mine && hash? != expected.hash {
                compared = Err(Error::Storage(format!(
                    "{} in {} is not what was written there",
                    expected.name,
                    self.path.display()
                )));
            }
        }
        self.comm.agree(compared)
    }

    /// The hash of this rank's part of a table, read in pieces: memory holds no second copy of the state.
    fn hash_here(&self, table: &Written) -> Result<u64> {
        let failed = |cause: &hdf5::Error| describe(&format!("read {} from", table.name), &self.path, cause);
        let name = table.name.trim_start_matches('/');
        let dataset = self.file.dataset(name).map_err(|cause| failed(&cause))?;
        let (shape, width) = (dataset.shape(), dataset.dtype().map_err(|cause| failed(&cause))?.size());
        let whole = Part { start: vec![0; shape.len()], count: shape };
        let mine = pieces(table.part.as_ref().unwrap_or(&whole), width, COMPARED_AT_ONCE);
        // All ranks take part in as many transfers, whatever they hold.
        let mut rounds = [mine.len() as u64];
        self.comm.max(&mut rounds);
        let mut hasher = Xxh3Default::new();
        let mut bytes = Vec::new();
        for round in 0..rounds[0] as usize {
            let piece = mine.get(round);
            bytes.resize(piece.map_or(0, |piece| width * piece.count.iter().product::<usize>()), 0);
            self.transfer_piece(&dataset, piece, Transfer::Read(&mut bytes))
                .map_err(|cause| failed(&cause))?;
            hasher.update(&bytes);
        }
        Ok(hasher.digest())
    }

    /// Closes the file and returns what was written; an error here means that data did not reach the disk.
    ///
    /// # Errors
    /// `Error::Storage` if any rank fails.
    pub fn close(self) -> Result<Vec<Written>> {
        let closed = self.file.close().map_err(|cause| describe("close", &self.path, &cause));
        agree(self.comm, closed)?;
        Ok(self.written.into_inner())
    }

    /// Leaves a file alone that could not be written: closing it is collective, fails on some ranks and lets the others
    /// wait for them. The process ends soon.
    pub fn abandon(self) {
        std::mem::forget(self.file);
    }
}

fn collect_names(group: &hdf5::Group, prefix: &str, names: &mut Vec<String>) -> hdf5::Result<()> {
    for member in group.member_names()? {
        let path = format!("{prefix}/{member}");
        match group.group(&member) {
            Ok(inner) => collect_names(&inner, &path, names)?,
            Err(_) => names.push(path),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_parts_are_moved_in_pieces_that_cover_them_in_order() {
        let part = Part { start: vec![5, 0, 7], count: vec![1, 3000, 70_000] };
        let cut = pieces(&part, 8, PIECE);
        assert!(cut.len() >= 4);
        let mut next = 0;
        for piece in &cut {
            assert!(8 * piece.count.iter().product::<usize>() <= PIECE);
            assert_eq!((piece.start[0], piece.start[1], piece.start[2]), (5, next, 7));
            next += piece.count[1];
        }
        assert_eq!(next, 3000);
        assert_eq!(pieces(&Part { start: vec![0], count: vec![9] }, 8, PIECE).len(), 1);
        assert!(pieces(&Part::nothing(&[3, 4]), 8, PIECE).is_empty());
    }
}
