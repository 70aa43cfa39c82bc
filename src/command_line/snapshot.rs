//! `vitrum snapshot`: a configuration out of a checkpoint, or a part of one, to look at.

use super::print;
use crate::config::build::{Configuration, Subject};
use crate::config::lattice::Lattice;
use crate::config::parse::Document;
use crate::foundation::table::{Data, Part, Table};
use crate::foundation::{Error, Result};
use crate::parallel::serial::Serial;
use crate::report::snapshot::{Site, Snapshot};
use crate::run::directory::RunDirectory;
use crate::store::hdf5::Hdf5File;
use crate::store::{checkpoint, seal};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Arguments of `vitrum snapshot`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  vitrum snapshot runs/glass --rung 0\n  \
                  vitrum snapshot runs/glass --cells 0:64,0:64,3:4 --output plane")]
pub struct Arguments {
    /// Run directory (its newest checkpoint is taken) or a checkpoint
    source: PathBuf,
    /// Rung of the ladder, 0 is the coldest (annealing has one)
    #[arg(long, default_value_t = 0)]
    rung: usize,
    /// Ladder: copy, or sample * copies + copy
    #[arg(long, default_value_t = 0)]
    ladder: usize,
    /// Cells to take, FIRST:END along x, y, z; by default all
    #[arg(long, value_name = "X:X,Y:Y,Z:Z", value_parser = cells)]
    cells: Option<Cells>,
    /// Where to write: NAME.xyz and NAME.png
    #[arg(long, value_name = "NAME", default_value = "snapshot")]
    output: PathBuf,
}

/// Ranges of cells along three axes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cells([Range<usize>; 3]);

fn cells(text: &str) -> std::result::Result<Cells, String> {
    let expected = || "expected three ranges such as 0:8,0:8,2:3".to_string();
    let range = |part: &str| -> Option<Range<usize>> {
        let (first, end) = part.split_once(':')?;
        let range = first.trim().parse().ok()?..end.trim().parse().ok()?;
        (!range.is_empty()).then_some(range)
    };
    let ranges: Option<Vec<Range<usize>>> = text.split(',').map(range).collect();
    ranges.and_then(|ranges| ranges.try_into().ok()).map(Cells).ok_or_else(expected)
}

/// Reads the cells asked for and writes them as XYZ and as a picture.
pub fn command(arguments: &Arguments) -> Result<()> {
    let path = source(&arguments.source)?;
    seal::verify(&path, &Serial)?;
    let file = Hdf5File::open(&path, &Serial)?;
    let header = checkpoint::read_header(&file)?;
    let text = header.get("configuration").cloned().unwrap_or_default();
    let configuration = Configuration::new(&Document { name: path.display().to_string(), text })?;
    let Subject::Lattice(lattice) = &configuration.subject else {
        return Err(Error::Usage(format!(
            "{} holds atoms, and snapshots are of lattices: expected a run of another model. The atoms of a run are in \
             its trajectory, see [measure] trajectory.",
            path.display()
        )));
    };
    let cells = lattice.cells;
    let taken = arguments.cells.clone().unwrap_or(Cells(cells.map(|n| 0..n))).0;
    if (0..3).any(|d| taken[d].end > cells[d]) {
        return Err(Error::Usage(format!(
            "--cells asks for {taken:?}: expected ranges within the {cells:?} cells of this lattice."
        )));
    }
    let replica = replica(&file, lattice, arguments)?;
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    let (edges, positions) = &lattice.geometry;
    for field in &lattice.state_fields {
        let width = field.shape.iter().product::<usize>() / positions.len().max(1);
        fields.push((field.name.to_string(), width));
        let axes = || taken.iter().map(ExactSizeIterator::len);
        let item = || field.shape.iter().copied();
        let start =
            [replica].into_iter().chain(taken.iter().map(|range| range.start)).chain(item().map(|_| 0));
        let part =
            Part { start: start.collect(), count: [1].into_iter().chain(axes()).chain(item()).collect() };
        columns.push((width, file.read(&format!("/state/replicas/{}", field.name), Some(part))?.numbers()));
    }
    let sites = sites(&taken, &lattice.geometry, &columns);
    let step = header.get("step").map_or("", String::as_str);
    let snapshot = Snapshot {
        bounds: std::array::from_fn(|d| [taken[d].start, taken[d].end].map(|cell| cell as f64 * edges[d])),
        periodic: std::array::from_fn(|d| taken[d].len() == cells[d]),
        fields,
        sites,
        comment: format!(
            "{} rung {} ladder {} replica {replica} step {step}",
            configuration.model, arguments.rung, arguments.ladder
        ),
    };
    let write = |ending: &str, bytes: &[u8]| -> Result<PathBuf> {
        let mut name = arguments.output.as_os_str().to_owned();
        name.push(ending);
        let path = PathBuf::from(name);
        std::fs::write(&path, bytes).map_err(|cause| Error::storage("write", &path, &cause))?;
        Ok(path)
    };
    let text = write(".xyz", snapshot.extended_xyz().as_bytes())?;
    let picture = write(".png", &snapshot.picture()?)?;
    let count = snapshot.sites.len();
    print(&format!("{count} sites\nwrote {}\nwrote {}\n", text.display(), picture.display()))
}

/// A checkpoint, or the newest of a run directory.
fn source(path: &Path) -> Result<PathBuf> {
    if path.is_file() {
        return Ok(path.into());
    }
    RunDirectory::at(path).newest().ok_or_else(|| {
        Error::Usage(format!(
            "there is no checkpoint in {}: expected a run directory that has one, or a checkpoint.",
            path.display()
        ))
    })
}

/// The replica at the rung and ladder asked for. Annealing has one per ladder and no table of who is where.
fn replica(file: &Hdf5File<'_>, lattice: &Lattice, arguments: &Arguments) -> Result<usize> {
    let exchanges = file.contains("/state/exchange/replica_at");
    let rungs = if exchanges { lattice.temperatures.len() } else { 1 };
    let ladders = lattice.replicas / rungs;
    if arguments.rung >= rungs || arguments.ladder >= ladders {
        return Err(Error::Usage(format!(
            "--rung {} --ladder {}: expected a rung below {rungs} and a ladder below {ladders}.",
            arguments.rung, arguments.ladder
        )));
    }
    if !exchanges {
        return Ok(arguments.ladder);
    }
    let table: Table = file.read("/state/exchange/replica_at", None)?;
    let Data::U64(places) = table.data else { return Ok(arguments.ladder) };
    Ok(places[arguments.ladder * rungs + arguments.rung] as usize)
}

/// The sites of a box of cells; `columns` are (width, numbers of all sites in the order of cells).
fn sites(
    cells: &[Range<usize>; 3],
    (edges, positions): &([f64; 3], Vec<[f64; 3]>),
    columns: &[(usize, Vec<f64>)],
) -> Vec<Site> {
    let mut sites = Vec::new();
    for x in cells[0].clone() {
        for y in cells[1].clone() {
            for z in cells[2].clone() {
                for within in positions {
                    let number = sites.len();
                    let corner = [x, y, z];
                    let of_field = |(width, numbers): &(usize, Vec<f64>)| {
                        numbers[number * width..(number + 1) * width].to_vec()
                    };
                    sites.push(Site {
                        position: std::array::from_fn(|d| corner[d] as f64 * edges[d] + within[d]),
                        values: columns.iter().flat_map(of_field).collect(),
                    });
                }
            }
        }
    }
    sites
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_cells_are_read_and_wrong_ones_refused() {
        assert_eq!(cells("0:8,1:2,3:5"), Ok(Cells([0..8, 1..2, 3..5])));
        for wrong in ["", "0:8", "0:8,0:8", "0:8,0:8,3:3", "0:8,0:8,a:b", "0:8,0:8,5:3", "1:2,1:2,1:2,1:2"] {
            assert!(cells(wrong).is_err(), "{wrong}");
        }
    }
}
