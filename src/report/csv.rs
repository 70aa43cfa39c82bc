//! Tables for spreadsheets and plotting programs, with all digits; a number that is none is an empty field.

use super::number::exact;
use super::{Input, file, subject};
use crate::foundation::Result;
use std::path::{Path, PathBuf};

/// A header and rows of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Names of the columns.
    pub header: Vec<String>,
    /// The numbers, row by row.
    pub rows: Vec<Vec<f64>>,
}

impl Sheet {
    /// A sheet without rows.
    #[must_use]
    pub fn new(header: &[&str]) -> Self {
        Sheet { header: header.iter().map(ToString::to_string).collect(), rows: Vec::new() }
    }

    fn text(&self) -> String {
        let mut text = self.header.join(",");
        text.push('\n');
        for row in &self.rows {
            let fields: Vec<String> = row.iter().map(|value| exact(*value)).collect();
            text.push_str(&fields.join(","));
            text.push('\n');
        }
        text
    }
}

/// Writes the tables of the results as CSV files into `directory` (normally `DIR/report`) and returns their paths.
///
/// # Errors
/// `Error::Storage` if the results are of no known kind or a file cannot be written.
pub fn write_csv(input: &Input, directory: &Path) -> Result<Vec<PathBuf>> {
    let sheets = subject::of(input)?.sheets();
    sheets.iter().map(|(name, sheet)| file::write(directory, name, &sheet.text())).collect()
}
