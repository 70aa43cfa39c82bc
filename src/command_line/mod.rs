//! The command line: one file per command.

mod check;
mod inspect;
mod models;
mod potential;
mod report;
mod run;
mod snapshot;

use crate::foundation::{Error, Result};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Exit code of a run that stopped at a checkpoint.
pub const STOPPED: u8 = 75;

#[derive(Debug, Parser)]
#[command(
    name = "vitrum",
    about = "Monte Carlo and molecular dynamics of glasses on supercomputers, under MPI, with exact restarts",
    disable_version_flag = true,
    after_help = "Example: mpirun -n 4 vitrum run glass.toml"
)]
struct Arguments {
    /// Print version, commit, MPI library and HDF5 library
    #[arg(long, short = 'V')]
    version: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a configuration to completion, or continue it: the same command is the first run and every restart
    Run(run::Arguments),
    /// Validate a configuration without running it and print what it would do
    Check(check::Arguments),
    /// List models, methods and observables; with NAME print a complete commented configuration
    Models(models::Arguments),
    /// Turn a run directory into tables, plots and one self-contained HTML page
    Report(report::Arguments),
    /// Show the header of a checkpoint or result file and verify its checksums
    Inspect(inspect::Arguments),
    /// Write a configuration, or a part of one, from a checkpoint as XYZ and as a picture
    Snapshot(snapshot::Arguments),
    /// Show what an embedded-atom potential holds, its crystals and what looks wrong, or write a built-in one
    Potential(potential::Arguments),
}

/// Parses the arguments, obeys, and turns the outcome into an exit code.
#[must_use]
pub fn main() -> ExitCode {
    install_panic_hook();
    ignore_file_size_signal();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(help) if !help.use_stderr() => {
            return finish(print(&help.to_string()).map(|()| 0));
        }
        Err(error) => {
            let error = usage(&error.to_string());
            let runs = std::env::args().nth(1).is_some_and(|command| command == "run");
            return if runs { run::refuse(&error) } else { finish(Err(error)) };
        }
    };
    if arguments.version {
        let version = crate::version();
        let (mpi, hdf5) = (crate::parallel::mpi::library_version(), crate::store::hdf5::library_version());
        return finish(print(&format!("{version}\n{mpi}\n{hdf5}\n")).map(|()| 0));
    }
    match arguments.command {
        Some(Command::Run(arguments)) => run::command(&arguments),
        Some(Command::Check(arguments)) => finish(check::command(&arguments).map(|()| 0)),
        Some(Command::Models(arguments)) => finish(models::command(&arguments).map(|()| 0)),
        Some(Command::Report(arguments)) => finish(report::command(&arguments).map(|()| 0)),
        Some(Command::Inspect(arguments)) => finish(inspect::command(&arguments).map(|()| 0)),
        Some(Command::Snapshot(arguments)) => finish(snapshot::command(&arguments).map(|()| 0)),
        Some(Command::Potential(arguments)) => finish(potential::command(&arguments).map(|()| 0)),
        None => finish(Err(Error::Usage(
            "no command is given: expected run, check, models, report, inspect, snapshot or potential; \
             `vitrum --help` explains them."
                .into(),
        ))),
    }
}

/// A file-size limit shall be an error of the write that meets it, with a message, not the death of the process.
fn ignore_file_size_signal() {
    // SAFETY: called before any thread exists; ignoring a signal runs no code of ours.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}

/// The parser's complaint, tips and usage as one paragraph.
fn usage(complaint: &str) -> Error {
    let paragraphs = complaint.trim_start_matches("error: ").split("\n\n");
    let joined = paragraphs.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let sentences: Vec<String> = joined.map(|text| text.trim_end_matches('.').to_string()).collect();
    Error::Usage(format!("{}.", sentences.join(". ")))
}

fn finish(result: Result<u8>) -> ExitCode {
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            complain(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Says what went wrong, in one paragraph.
fn complain(error: &Error) {
    use std::io::Write;
    // Nothing can be done if standard error is gone.
    let _ = writeln!(std::io::stderr(), "vitrum: {error}");
}

/// Prints to standard output; a closed pipe is no error, a full disk is.
fn print(text: &str) -> Result<()> {
    use std::io::Write;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(cause) if cause.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::Storage(format!("cannot write to standard output: {cause}")))
        }
        _ => Ok(()),
    }
}

/// A panic is a bug: say so in one paragraph and end all ranks, which would otherwise wait for this one for ever.
fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        use std::io::Write;
        let place = panic.location().map_or(String::new(), |at| format!(" at {}:{}", at.file(), at.line()));
        let payload = panic.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let message = text.or(payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
        let _ = writeln!(
            std::io::stderr(),
            "vitrum: an internal error in {}{place}: {message}. This is a bug, please report it with the \
             configuration. Published checkpoints are safe; the same command continues from the newest.",
            crate::version()
        );
        crate::parallel::mpi::abort_if_running(70);
        std::process::exit(70);
    }));
}
