//! Visitors that write the fields of something persistent to a file and read them back.

use super::hdf5::Hdf5File;
use crate::foundation::persist::{FieldMut, Hasher, Rows, Visitor};
use crate::foundation::table::{Data, Part, Table};
use crate::foundation::{Error, Result};
use crate::parallel::Comm;

/// The group all fields live in.
const GROUP: &str = "/state";

fn part_of(rows: Rows) -> Option<Part> {
    match rows {
        Rows::Shared(_) => None,
        Rows::Distributed { first, count, .. } => Some(Part { axis: 0, start: first, count }),
    }
}

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
    fn field(&mut self, name: &str, rows: Rows, shape: &[usize], mut data: FieldMut<'_>) -> Result<()> {
        self.hasher.add(name, rows, data.bytes());
        // The data moves into the table and back: no second copy of the configurations.
        let taken = match &mut data {
            FieldMut::F64(data) => Data::F64(std::mem::take(*data)),
            FieldMut::U64(data) => Data::U64(std::mem::take(*data)),
            FieldMut::I8(data) => Data::I8(std::mem::take(*data)),
        };
        let mut whole = vec![rows.total()];
        whole.extend(shape);
        let mut table = Table::new(format!("{GROUP}/{name}"), whole, taken, "1", "state of the simulation");
        table.part = part_of(rows);
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
    fn field(&mut self, name: &str, rows: Rows, shape: &[usize], data: FieldMut<'_>) -> Result<()> {
        let table = self.file.read(&format!("{GROUP}/{name}"), part_of(rows))?;
        let mut expected = vec![rows.total()];
        expected.extend(shape);
        if table.shape != expected {
            return Err(Error::Storage(format!(
                "the checkpoint's field {name} has shape {:?}, this run expects {expected:?}",
                table.shape
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
        let total = table.shape.first().copied().unwrap_or(1);
        // Shared and distributed rows hash alike on one process.
        let rows = Rows::Distributed { first: 0, count: total, total };
        let name = &path[GROUP.len() + 1..];
        let bytes = match &mut table.data {
            Data::F64(data) => FieldMut::F64(data),
            Data::U64(data) => FieldMut::U64(data),
            Data::I8(data) => FieldMut::I8(data),
            Data::Text(_) => continue,
        };
        hasher.add(name, rows, bytes.bytes());
    }
    Ok(hasher.sum())
}
