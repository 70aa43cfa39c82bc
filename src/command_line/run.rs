//! `vitrum run`: the first run and every restart.

use super::{STOPPED, complain};
use crate::config::build::{Configuration, Subject};
use crate::config::lattice::Lattice;
use crate::config::parse::Document;
use crate::foundation::simd::InstructionSet;
use crate::foundation::table::Table;
use crate::foundation::{Error, Result};
use crate::parallel::Comm;
use crate::parallel::arrangement::Arrangement;
use crate::parallel::grid::{self, Grid};
use crate::parallel::mpi::Session;
use crate::run::deadline::Deadline;
use crate::run::directory::{RunDirectory, write_atomically};
use crate::run::lock::Lock;
use crate::run::{self, Orders, Outcome, logger};
use crate::store::checkpoint::{self, Header};
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

/// Arguments of `vitrum run`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  vitrum run glass.toml\n  mpirun -n 4 vitrum run glass.toml --time-limit 1h30m\n  \
                        vitrum run glass.toml --set system.size=6 --output runs/large\n\n\
                        Exit codes: 0 complete, 75 stopped at a checkpoint (run the same command again), 64 usage,\n\
                        65 bad configuration, 66 no usable checkpoint, 70 internal check failed, 74 input/output."
)]
pub struct Arguments {
    /// Configuration file
    config: PathBuf,
    /// Run directory (overrides [run] output)
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Stop at a checkpoint before this time is over, e.g. 1h30m
    #[arg(long, value_name = "TIME", value_parser = time)]
    time_limit: Option<Duration>,
    /// Stop at a checkpoint before this moment
    #[arg(long, value_name = "EPOCH_SECONDS", value_parser = epoch)]
    deadline: Option<u64>,
    /// Threads per rank (overrides [parallel] threads)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Override a value of the configuration; may be repeated
    #[arg(long = "set", value_name = "key.path=value")]
    settings: Vec<String>,
    /// Start from the beginning; earlier checkpoints are set aside, not deleted
    #[arg(long)]
    fresh: bool,
    /// Show nothing on the terminal but errors
    #[arg(long)]
    quiet: bool,
}

fn time(text: &str) -> std::result::Result<Duration, String> {
    humantime::parse_duration(text).map_err(|cause| format!("{cause}; expected a duration such as 1h30m"))
}

fn epoch(text: &str) -> std::result::Result<u64, String> {
    text.parse().map_err(|_| "expected whole seconds since 1970, as `date +%s` prints them".into())
}

/// How random numbers are drawn; any change of streams, of their use by kernels or of the kernels' arithmetic must change
/// this text.
const RANDOM_STREAMS: &str = "SplitMix64-keyed xoshiro256++, version 2";

/// Refuses a command line. Under a launcher all ranks were given the same one, and one complaint is enough.
pub fn refuse(error: &Error) -> ExitCode {
    let session = Session::start();
    if session.as_ref().is_none_or(|(_, comm)| comm.rank() == 0) {
        complain(error);
    }
    if let Some((session, comm)) = session {
        comm.barrier();
        drop(comm);
        drop(session);
    }
    ExitCode::from(error.exit_code())
}

/// Starts MPI, runs, ends MPI, and gives every rank the same exit code.
pub fn command(arguments: &Arguments) -> ExitCode {
    let Some((session, comm)) = Session::start() else {
        complain(&Error::Internal("MPI was already started".into()));
        return ExitCode::from(70);
    };
    let comm: Rc<dyn Comm> = Rc::new(comm);
    let code = match on_all_ranks(arguments, &comm) {
        Ok(Outcome::Complete) => 0,
        Ok(Outcome::Stopped(_)) => STOPPED,
        Err(error) => {
            if comm.rank() == 0 {
                complain(&error);
            }
            error.exit_code()
        }
    };
    // Every rank is here before any leaves: the launcher takes an early exit for a crash.
    comm.barrier();
    // HDF5 closes its files once more when MPI ends, and falls over one whose closing failed before (1.10.8).
    let mut unclosed = [u64::from(code == 74 && crate::store::hdf5::has_open_files())];
    comm.max(&mut unclosed);
    if unclosed != [0] {
        comm.abort(code);
    }
    drop(comm);
    drop(session);
    ExitCode::from(code)
}

fn on_all_ranks(arguments: &Arguments, comm: &Rc<dyn Comm>) -> Result<Outcome> {
    let untouched = |error: Error| error.and("Nothing on disk was changed.");
    let configuration = read_configuration(arguments, &**comm).map_err(untouched)?;
    let deadline = Deadline::new(arguments.time_limit, arguments.deadline).map_err(untouched);
    comm.agree(deadline.as_ref().map(|_| ()).map_err(Clone::clone))?;
    logger::start(comm.rank() == 0, arguments.quiet);
    let root = arguments.output.clone().unwrap_or_else(|| configuration.output.clone());
    let mut configuration = configuration;
    configuration.settle(&root, arguments.threads.map_or(configuration.threads, usize::from));
    let (directory, lock) = open_directory(&root, arguments.fresh, &**comm)?;
    let outcome = simulate(arguments, configuration, deadline?, &directory, comm);
    if let Err(error) = &outcome
        && comm.rank() == 0
    {
        logger::note_error(error);
        // A refused command says nothing about the run that is here.
        if !matches!(error, Error::Usage(_) | Error::Configuration(_)) {
            // The error itself matters more than the note about it, which may fail for the same reason.
            let _ = directory.write_failure(&error.to_string());
        }
    }
    drop(lock);
    outcome
}

/// Rank 0 reads the file; all ranks parse the same text.
fn read_configuration(arguments: &Arguments, comm: &dyn Comm) -> Result<Configuration> {
    let mut document = Ok(Document { name: String::new(), text: String::new() });
    if comm.rank() == 0 {
        document = Document::read(&arguments.config, &arguments.settings);
    }
    comm.agree(document.as_ref().map(|_| ()).map_err(Clone::clone))?;
    let mut document = document?;
    let mut text = document.text.into_bytes();
    comm.broadcast(&mut text);
    document.text = String::from_utf8_lossy(&text).to_string();
    document.name = arguments.config.display().to_string();
    let configuration = Configuration::new(&document);
    let configuration = configuration.and_then(|configuration| {
        let grid = configuration.grid(comm.size()).map_err(|error| document.locate(&error.to_string()))?;
        configuration.require_memory(&document.name, comm.size(), grid)?;
        Ok(configuration)
    });
    comm.agree(configuration.as_ref().map(|_| ()).map_err(Clone::clone))?;
    configuration
}

/// Creates and locks the run directory (rank 0), sets earlier runs aside if asked, and opens the log.
fn open_directory(
    root: &std::path::Path,
    fresh: bool,
    comm: &dyn Comm,
) -> Result<(RunDirectory, Option<Lock>)> {
    let mut lock = None;
    let mut opened = Ok(());
    if comm.rank() == 0 {
        opened = (|| {
            let directory = RunDirectory::create(root)?;
            let (held, stale) = Lock::take(root)?;
            lock = Some(held);
            logger::open_file(&root.join("log.txt"))?;
            if let Some(note) = stale {
                log::info!(
                    "the last run here ({note}) ended without releasing its lock; it is gone, going on"
                );
            }
            checkpoint::remove_leftovers(&directory.checkpoints())?;
            checkpoint::remove_leftovers(root)?;
            let _ = std::fs::remove_file(directory.stop_file());
            if fresh && let Some(aside) = directory.set_aside()? {
                log::info!("--fresh: the earlier run was set aside in {}", aside.display());
            }
            Ok(())
        })();
    }
    comm.agree(opened)?;
    Ok((RunDirectory::at(root), lock))
}

fn simulate(
    arguments: &Arguments,
    configuration: Configuration,
    deadline: Deadline,
    directory: &RunDirectory,
    comm: &Rc<dyn Comm>,
) -> Result<Outcome> {
    let threads = arguments.threads.map_or(configuration.threads, usize::from);
    let grid = configuration.grid(comm.size())?;
    announce(&configuration, (grid, threads), &**comm);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    comm.agree(pool.map_err(|cause| Error::Usage(format!("cannot start {threads} threads: {cause}"))))?;

    let mut placeholder: crate::config::build::EngineBuilder = Box::new(|_, _| unreachable!());
    let mut configuration = configuration;
    std::mem::swap(&mut placeholder, &mut configuration.engine);
    let mut engine = placeholder(Arrangement::new(Rc::clone(comm), grid), threads);
    let accepts = |header: &Header| -> Result<()> {
        let random = header.get("random").map_or("", String::as_str);
        if random != RANDOM_STREAMS {
            return Err(Error::Checkpoint(format!(
                "the checkpoint was written with random streams \"{random}\", this version draws \"{RANDOM_STREAMS}\": \
                 the run would not go on as it began. Nothing was changed: use the version that wrote it, or --fresh."
            )));
        }
        let stored = header.get("configuration").map_or("", String::as_str);
        configuration.accepts(stored)
    };
    run::resume(&mut *engine, directory, &**comm, &accepts)?;
    let mut written = Ok(());
    if comm.rank() == 0 {
        written = write_atomically(&directory.root().join("config.toml"), &configuration.resolved);
    }
    comm.agree(written)?;
    let mut orders = Orders {
        directory,
        deadline,
        checkpoint_interval: configuration.checkpoint_interval,
        checkpoint_keep: configuration.checkpoint_keep,
        header: header(&configuration, &**comm),
        texts: texts(&configuration),
        quiet: arguments.quiet,
    };
    run::run(&mut *engine, &mut orders, &**comm)
}

fn announce(configuration: &Configuration, (grid, threads): (Grid, usize), comm: &dyn Comm) {
    log::info!(
        "{}, {}, {}, kernels {}",
        crate::version(),
        comm.library(),
        crate::store::hdf5::library_version(),
        InstructionSet::detect().name()
    );
    let ranks = comm.size();
    match &configuration.subject {
        Subject::Lattice(lattice) => announce_lattice(configuration, lattice, (grid, threads), ranks),
        Subject::Atoms(atoms) => log::info!(
            "{}, {}: {} atoms on {ranks} ranks x {threads} threads in domains {grid:?}",
            configuration.model,
            configuration.method,
            atoms.atoms
        ),
    }
    for remark in &configuration.remarks {
        log::warn!("{remark}");
    }
}

fn announce_lattice(
    configuration: &Configuration,
    lattice: &Lattice,
    (grid, threads): (Grid, usize),
    ranks: usize,
) {
    let replicas = lattice.replicas;
    let domains = grid::domains(grid);
    let cut = if domains > 1 { format!(", each in domains {grid:?}") } else { String::new() };
    log::info!(
        "{}, {}: {replicas} replicas of {} sites on {ranks} ranks x {threads} threads{cut}",
        configuration.model,
        configuration.method,
        lattice.sites
    );
    if replicas * domains < ranks {
        log::warn!("{} of {ranks} ranks hold no replica and idle", ranks - replicas * domains);
    }
    if let Some(why) = lattice.why_whole(&configuration.domains, ranks, grid) {
        log::warn!("replicas are not cut into domains: {why}");
    }
}

fn header(configuration: &Configuration, comm: &dyn Comm) -> Header {
    [
        ("kind", "checkpoint".to_string()),
        ("version", crate::version()),
        ("model", configuration.model.clone()),
        ("method", configuration.method.clone()),
        ("configuration", configuration.resolved.clone()),
        ("random", RANDOM_STREAMS.into()),
        ("ranks", comm.size().to_string()),
        ("mpi", comm.library()),
        ("hdf5", crate::store::hdf5::library_version()),
    ]
    .map(|(key, value)| (key.to_string(), value))
    .into()
}

fn texts(configuration: &Configuration) -> Vec<Table> {
    vec![
        Table::text("/run/configuration", &configuration.resolved, "the configuration as resolved"),
        Table::text("/run/model", &configuration.model, "model"),
        Table::text("/run/version", &crate::version(), "program"),
    ]
}
