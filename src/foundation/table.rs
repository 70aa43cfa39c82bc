//! A named array in memory on its way to or from a file.

use super::Result;

/// The numbers (or the text) of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Floating-point numbers.
    F64(Vec<f64>),
    /// Counters and indices.
    U64(Vec<u64>),
    /// Small integers.
    I8(Vec<i8>),
    /// A text; its shape is empty.
    Text(String),
}

/// The part of a table one rank holds: `count` entries from `start` along `axis`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The axis that is cut.
    pub axis: usize,
    /// First index held here.
    pub start: usize,
    /// Number of indices held here.
    pub count: usize,
}

/// Takes tables one by one: long ones are not held beside each other.
pub type Sink<'a> = &'a mut dyn FnMut(Table) -> Result<()>;

/// A named array with its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Path in the file, such as "/observables/energy/mean".
    pub name: String,
    /// Shape of the whole array over all ranks.
    pub shape: Vec<usize>,
    /// What this rank holds; `None` if every rank holds all of it.
    pub part: Option<Part>,
    /// The data held here.
    pub data: Data,
    /// Attribute `description`.
    pub description: String,
    /// Attribute `units`.
    pub units: String,
}

impl Table {
    /// A table of numbers that every rank holds.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        shape: Vec<usize>,
        data: Data,
        units: &str,
        description: &str,
    ) -> Self {
        Table {
            name: name.into(),
            shape,
            part: None,
            data,
            description: description.into(),
            units: units.into(),
        }
    }

    /// A text.
    #[must_use]
    pub fn text(name: &str, text: &str, description: &str) -> Self {
        Table::new(name, Vec::new(), Data::Text(text.into()), "text", description)
    }

    /// The numbers as f64 (empty for a text).
    #[must_use]
    pub fn numbers(&self) -> Vec<f64> {
        match &self.data {
            Data::F64(data) => data.clone(),
            Data::U64(data) => data.iter().map(|&x| x as f64).collect(),
            Data::I8(data) => data.iter().map(|&x| f64::from(x)).collect(),
            Data::Text(_) => Vec::new(),
        }
    }
}
