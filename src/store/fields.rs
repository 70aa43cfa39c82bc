//! Visitors that write the fields of something persistent to a file and read them back.

use super::hdf5::Hdf5File;
use crate::foundation::persist::{FieldMut, Hasher, Layout, Visitor};
use crate::foundation::table::{Data, Table};
use crate::foundation::{Error, Result};
use crate::parallel::Comm;

/// The group all fields live in.
const GROUP: &str = "/state";

/// Writes every field and hashes it on the way.
pub struct Writer<'a> {
    file: &'a Hdf5File<'a>,
    hasher: Hasher,
}

impl<'a> Writer<'a> {
    /// A writer into an open file.
    #[must_use]
    pub fn new(file: &'a Hdf5File<'a>, comm: &dyn Comm) -> Self {
        Writer { file, hasher: Hasher::new(comm.rank() == 0) }
    }

    /// This rank's share of the state hash.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hasher.sum()
    }
}

impl Visitor for Writer<'_> {
    fn field(&mut self, name: &str, layout: &Layout, mut data: FieldMut<'_>) -> Result<()> {
        self.hasher.add(name, layout, data.bytes(), data.width());
        // The data moves into the table and back: no second copy of the configurations.
        let taken = match &mut data {
            FieldMut::F64(data) => Data::F64(std::mem::take(*data)),
            FieldMut::U64(data) => Data::U64(std::mem::take(*data)),
            FieldMut::I8(data) => Data::I8(std::mem::take(*data)),
        };
        let (path, shape) = (format!("{GROUP}/{name}"), layout.shape.clone());
        let mut table = Table::new(path, shape, taken, "1", "state of the simulation");
        table.part = layout.part.clone();
        let written = self.file.write(&table);
        match (data, table.data) {
            (FieldMut::F64(data), Data::F64(taken)) => *data = taken,
            (FieldMut::U64(data), Data::U64(taken)) => *data = taken,
            (FieldMut::I8(data), Data::I8(taken)) => *data = taken,
            _ => {}
        }
        written
    }

    fn is_loading(&self) -> bool {
        false
    }
}

/// Fills every field from a file.
pub struct Reader<'a> {
    file: &'a Hdf5File<'a>,
}

impl<'a> Reader<'a> {
    /// A reader of an open file.
    #[must_use]
    pub fn new(file: &'a Hdf5File<'a>) -> Self {
        Reader { file }
    }
}

impl Visitor for Reader<'_> {
    fn field(&mut self, name: &str, layout: &Layout, data: FieldMut<'_>) -> Result<()> {
        let table = self.file.read(&format!("{GROUP}/{name}"), layout.part.clone())?;
        if table.shape != layout.shape {
            return Err(Error::Storage(format!(
                "the checkpoint's field {name} has shape {:?}, this run expects {:?}",
                table.shape, layout.shape
            )));
        }
        match (data, table.data) {
            (FieldMut::F64(to), Data::F64(from)) => *to = from,
            (FieldMut::U64(to), Data::U64(from)) => *to = from,
            (FieldMut::I8(to), Data::I8(from)) => *to = from,
            _ => return Err(Error::Storage(format!("the checkpoint's field {name} has another type"))),
        }
        Ok(())
    }

    fn is_loading(&self) -> bool {
        true
    }
}

/// The state hash of a stored checkpoint, recomputed from its fields.
///
/// # Errors
/// `Error::Storage` if a field cannot be read.
pub fn hash_of_file(file: &Hdf5File<'_>) -> Result<u64> {
    let mut hasher = Hasher::new(true);
    for path in file.names()?.iter().filter(|path| path.starts_with(GROUP)) {
        let mut table = file.read(path, None)?;
        // Shared and distributed fields hash alike on one process.
        let layout = Layout::shared(&table.shape);
        let name = &path[GROUP.len() + 1..];
        let data = match &mut table.data {
            Data::F64(data) => FieldMut::F64(data),
            Data::U64(data) => FieldMut::U64(data),
            Data::I8(data) => FieldMut::I8(data),
            Data::Text(_) => continue,
        };
        hasher.add(name, &layout, data.bytes(), data.width());
    }
    Ok(hasher.sum())
}
