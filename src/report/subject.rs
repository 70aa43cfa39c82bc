//! What a report is about, recognized by the tables the results hold.

use super::Input;
use super::csv::Sheet;
use super::molecular_dynamics::Report;
use super::results::Results;
use super::sections::Section;
use crate::foundation::{Error, Result};
use serde_json::Value;

/// A name and what is to be shown under it at the head of the page.
pub type Fact = (&'static str, String);

/// Results of one kind, in the forms of a report.
pub trait Subject {
    /// Key numbers for the head of the page.
    fn facts(&self) -> Vec<Fact>;

    /// The sections of the page that have something to show, in order.
    fn sections(&self) -> Vec<Section>;

    /// Tables with the names of their files.
    fn sheets(&self) -> Vec<(String, Sheet)>;

    /// An object with what is particular to this kind of results.
    fn summary(&self) -> Value;

    /// The main results for the terminal.
    fn text(&self) -> String;
}

/// Recognizes the results.
///
/// # Errors
/// `Error::Storage` if they are of no known kind.
pub fn of<'a>(input: &'a Input) -> Result<Box<dyn Subject + 'a>> {
    if let Some(results) = Results::new(input.tables) {
        return Ok(Box::new(results));
    }
    if let Some(report) = Report::new(input) {
        return Ok(Box::new(report));
    }
    Err(Error::Storage(
        "the results have neither a table /ladder/temperature nor tables /thermo/time, /thermo/stage and \
         /thermo/temperature of equal length: they are neither those of a ladder of temperatures (annealing or replica \
         exchange) nor those of molecular dynamics, and there is nothing this report could show; no file was changed"
            .into(),
    ))
}
