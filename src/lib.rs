//! vitrum: the physics of glasses on supercomputers.
//!
//! One MPI program for Monte Carlo of glassy models: replica exchange and annealing, domain-decomposed, with exact
//! restarts. The output is a function of the configuration and the seed, never of the number of ranks, domains or threads.
//!
//! Words with one meaning throughout: a *sweep* is one pass of the configured moves over all degrees of freedom; a
//! *round* is what happens between exchanges; a *walker* is a configuration with its energy; a *replica* is the
//! number that follows a configuration; a *rung* is a place on the temperature ladder; a *copy* is one of several
//! independent ladders of a *sample* of the disorder; a *rank* is an MPI process and occurs on floor 1 alone; a *domain* is
//! the brick of a lattice that one rank holds, a *ghost* its copy of something another domain owns.
//!
//! The floors, lowest first; a file imports only from its own folder and from floors below:
//! [`foundation`] (0), [`parallel`] and [`store`] (1), [`system`] (2), [`models`], [`observables`] and [`forces`], the
//! potentials between atoms (3), [`sampling`] (4), [`run`] (5), [`config`], [`report`] and [`command_line`] (roof).
//! [`foundation`] (0), [`parallel`] and [`store`] (1), [`system`] (2), [`models`], [`observables`],
//! [`forces`] and [`formats`] (3),
//! [`sampling`] and [`dynamics`] (4), [`run`] (5), [`config`], [`report`] and [`command_line`] (roof).

#![warn(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro, clippy::todo)]

pub mod command_line;
pub mod config;
pub mod dynamics;
pub mod forces;
pub mod formats;
pub mod foundation;
pub mod models;
pub mod observables;
pub mod parallel;
pub mod report;
pub mod run;
pub mod sampling;
pub mod store;
pub mod system;

/// Version of the program with the commit it was built from.
#[must_use]
pub fn version() -> String {
    format!("vitrum {} ({})", env!("CARGO_PKG_VERSION"), env!("VITRUM_COMMIT"))
}
