//! Reading the tables of a results file: what is missing or has the wrong shape is simply not there.

use crate::foundation::table::{Data, Table};
use std::collections::{BTreeMap, BTreeSet};

/// The tables of a results file by their path.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'a>(pub &'a BTreeMap<String, Table>);

impl<'a> Tables<'a> {
    /// Shape and numbers of a table whose data fill its shape.
    #[must_use]
    pub fn array(&self, path: &str) -> Option<(&'a [usize], Vec<f64>)> {
        let table = self.0.get(path)?;
        let numbers = table.numbers();
        let size = table.shape.iter().try_fold(1usize, |product, extent| product.checked_mul(*extent))?;
        (size == numbers.len() && !numbers.is_empty()).then_some((table.shape.as_slice(), numbers))
    }

    /// The numbers of a table with one axis.
    #[must_use]
    pub fn list(&self, path: &str) -> Option<Vec<f64>> {
        self.array(path).filter(|(shape, _)| shape.len() == 1).map(|(_, numbers)| numbers)
    }

    /// The content of a text.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&'a str> {
        match &self.0.get(path)?.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The units of a table, empty if there is none.
    #[must_use]
    pub fn units(&self, path: &str) -> &'a str {
        self.0.get(path).map_or("", |table| &table.units)
    }

    /// The names directly below a folder such as "/moves/", in alphabetic order.
    #[must_use]
    pub fn children(&self, folder: &str) -> Vec<&'a str> {
        let names: BTreeSet<&str> = self
            .0
            .range(folder.to_string()..)
            .take_while(|(path, _)| path.starts_with(folder))
            .filter_map(|(path, _)| path[folder.len()..].split('/').next())
            .collect();
        names.into_iter().collect()
    }
}
