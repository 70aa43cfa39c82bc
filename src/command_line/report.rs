//! `vitrum report`: from a run directory to tables, plots and a page.

use super::print;
use crate::foundation::{Error, Result};
use crate::parallel::serial::Serial;
use crate::report::{self, Input};
use crate::run::directory::RunDirectory;
use crate::store::hdf5::Hdf5File;
use crate::store::seal;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Arguments of `vitrum report`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vitrum report runs/glass")]
pub struct Arguments {
    /// Run directory
    directory: PathBuf,
    /// What to write into DIR/report; by default all of it
    #[arg(long, value_enum)]
    format: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One self-contained page, and the plots as SVG
    Html,
    /// Tables
    Csv,
    /// summary.json
    Json,
}

/// Reads results.h5 and writes the report.
pub fn command(arguments: &Arguments) -> Result<()> {
    let directory = RunDirectory::at(&arguments.directory);
    let path = directory.results();
    if !path.exists() {
        return Err(Error::Usage(format!(
            "there is no results.h5 in {}: expected the directory of a run that has measured something and then \
             stopped or completed.",
            arguments.directory.display()
        )));
    }
    seal::verify(&path, &Serial)?;
    let file = Hdf5File::open(&path, &Serial)?;
    let mut tables = BTreeMap::new();
    for name in file.names()? {
        let table = file.read(&name, None)?;
        tables.insert(name, table);
    }
    let status = std::fs::read_to_string(arguments.directory.join("status.json")).ok();
    let mut notes = Vec::new();
    // The numbers are worth a report even where there is nothing to draw.
    let trajectory = report::trajectory::last_frame(&arguments.directory).unwrap_or_else(|error| {
        notes.push(format!("there are no pictures of the atoms: {error}"));
        None
    });
    let input = Input {
        tables: &tables,
        title: arguments.directory.display().to_string(),
        status,
        trajectory,
        notes,
    };
    let target = arguments.directory.join("report");
    std::fs::create_dir_all(&target).map_err(|cause| Error::storage("create", &target, &cause))?;
    let mut written = Vec::new();
    if arguments.format.is_none_or(|format| format == Format::Html) {
        written.push(report::write_html(&input, &target)?);
    }
    if arguments.format == Some(Format::Csv) {
        written.extend(report::write_csv(&input, &target)?);
    }
    if arguments.format.is_none_or(|format| format == Format::Json) {
        written.push(report::write_json(&input, &target)?);
    }
    let mut text = report::text_tables(&input);
    for path in written {
        text.push_str(&format!("wrote {}\n", path.display()));
    }
    print(&text)
}
