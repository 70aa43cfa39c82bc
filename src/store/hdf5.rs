//! Tables in HDF5 files. The only file that says `hdf5::`.
//!
//! Under MPI every call is collective and every transfer is, too: the crate's own reads and writes are independent
//! and return early where a rank holds nothing, so the transfers are made here, on hyperslabs, by all ranks.

use crate::foundation::table::{Data, Part, Table};
use crate::foundation::{Error, Result};
use crate::parallel::{Comm, partition};
use hdf5::types::{FixedUnicode, TypeDescriptor};
use hdf5_sys::h5d::{H5Dget_space, H5Dread, H5Dwrite};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{H5FD_mpio_xfer_t, H5P_CLS_DATASET_XFER, H5Pclose, H5Pcreate, H5Pset_dxpl_mpio};
use hdf5_sys::h5s::{H5S_seloper_t, H5Sclose, H5Screate_simple, H5Sselect_hyperslab, H5Sselect_none};
use std::cell::RefCell;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

/// Bytes at the head of every file that HDF5 leaves to us: `store::seal` writes a checksum there.
pub const USER_BLOCK: u64 = 512;

/// How long a rank that failed waits for the others before it takes them for stuck.
const PATIENCE: Duration = Duration::from_secs(5);

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
        self.written.borrow_mut().push(Written { name: table.name.clone(), part: table.part, hash });
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
        self.transfer(&dataset, shape, table.part, None, Transfer::Write(bytes))
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
        if part.is_some_and(|part| shape.get(part.axis).is_none_or(|&n| part.start + part.count > n)) {
            return Err(Error::Storage(format!(
                "{name} in {} has shape {shape:?}, which does not fit what was expected there",
                self.path.display()
            )));
        }
        let mut held = shape.clone();
        if let Some(part) = part {
            held[part.axis] = part.count;
        }
        let count: usize = held.iter().product();
        let transfer = |bytes: &mut [u8]| {
            self.transfer(&dataset, &shape, part, None, Transfer::Read(bytes)).map_err(|cause| failed(&cause))
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

    /// Moves one hyperslab between memory and file, collectively under MPI; a rank that holds nothing takes part with
    /// an empty selection. `rows` narrows the first axis further.
    fn transfer(
        &self,
        dataset: &hdf5::Dataset,
        shape: &[usize],
        part: Option<Part>,
        rows: Option<Range<usize>>,
        transfer: Transfer<'_>,
    ) -> hdf5::Result<()> {
        if shape.contains(&0) {
            return Ok(());
        }
        let mut start: Vec<u64> = vec![0; shape.len()];
        let mut count: Vec<u64> = shape.iter().map(|&n| n as u64).collect();
        // A table every rank holds is written by rank 0 alone and read by all.
        let everyone = part.is_some() || matches!(transfer, Transfer::Read(_)) || self.comm.rank() == 0;
        if let Some(part) = part {
            start[part.axis] = part.start as u64;
            count[part.axis] = part.count as u64;
        }
        if let Some(rows) = rows {
            (start[0], count[0]) = (rows.start as u64, rows.len() as u64);
        }
        let empty = !everyone || count.contains(&0);
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
            let memory_space = if shape.is_empty() {
                H5Dget_space(dataset.id())
            } else if empty {
                H5Screate_simple(1, one.as_ptr(), null)
            } else {
                H5Screate_simple(count.len() as i32, count.as_ptr(), null)
            };
            if empty {
                H5Sselect_none(file_space);
                H5Sselect_none(memory_space);
            } else if !shape.is_empty() {
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
        let dataset =
            self.file.dataset(table.name.trim_start_matches('/')).map_err(|cause| failed(&cause))?;
        let (shape, size) = (dataset.shape(), dataset.dtype().map_err(|cause| failed(&cause))?.size());
        let mut held = shape.clone();
        if let Some(part) = table.part {
            held[part.axis] = part.count;
        }
        let first = table.part.filter(|part| part.axis == 0).map_or(0, |part| part.start);
        let row = size * held.iter().skip(1).product::<usize>();
        // All ranks read as many pieces, whatever they hold.
        let whole = size * shape.iter().product::<usize>();
        let pieces = whole.div_ceil(COMPARED_AT_ONCE * self.comm.size()).max(1);
        let mut hasher = Xxh3Default::new();
        let mut bytes = Vec::new();
        for piece in 0..pieces {
            let rows = held.first().map(|&count| {
                let share = partition::share(count, piece, pieces);
                first + share.start..first + share.end
            });
            bytes.resize(row * rows.as_ref().map_or(1, Range::len), 0);
            self.transfer(&dataset, &shape, table.part, rows, Transfer::Read(&mut bytes))
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
