//! Runs configurations in this process, on one rank, and reads their results.
#![allow(dead_code)] // each test binary uses its own part

pub mod hypercubic;

use std::collections::BTreeMap;
use vitrum::config::build::Configuration;
use vitrum::config::parse::Document;
use vitrum::foundation::random::Key;
use vitrum::foundation::table::Table;
use vitrum::models::Model;
use vitrum::models::pyrochlore_spin_lattice::PyrochloreSpinLattice;
use vitrum::parallel::arrangement::Arrangement;
use vitrum::system::brick::Brick;

pub type Tables = BTreeMap<String, Table>;

/// Moves that update spins and displacements one after the other, never jointly.
pub const SEPARATE: &str = "spin_heat_bath = 1\ndisplacement_metropolis = 1\nover_relaxation = 1";

/// Runs a configuration to its end and returns its results.
pub fn simulate(text: &str) -> Tables {
    let document = Document { name: "test".into(), text: text.into() };
    let configuration = Configuration::new(&document).unwrap();
    let mut engine = (configuration.engine)(Arrangement::serial(), 1);
    let target = engine.target();
    engine.advance(target).unwrap();
    engine.check().unwrap();
    let mut tables = Tables::new();
    let keep = &mut |table: Table| {
        tables.insert(table.name.clone(), table);
        Ok(())
    };
    engine.results(keep).unwrap();
    tables
}

/// A ladder at exactly these temperatures, measured often; moves as in `[method.moves]`, or the default.
pub fn run(system: &str, temperatures: &str, copies: usize, sweeps: usize, moves: &str) -> Tables {
    let moves = if moves.is_empty() { String::new() } else { format!("[method.moves]\n{moves}\n") };
    simulate(&format!(
        "[run]\nseed = 4\n[system]\nmodel = 'pyrochlore-spin-lattice'\n{system}\n[method]\nkind = 'replica-exchange'\n\
         temperatures = [{temperatures}]\ncopies = {copies}\nthermalization_sweeps = {}\nmeasurement_sweeps = {sweeps}\n\
         {moves}[measure]\nevery = 2\nstructure_factor = {{ planes = [] }}\nrelaxation = {{ sweeps = 0 }}\n",
        sweeps / 10
    ))
}

/// Mean and error of a component of an observable at a rung.
pub fn observable(tables: &Tables, name: &str, rung: usize, component: usize) -> (f64, f64) {
    let get = |part: &str| {
        let table = &tables[&format!("/observables/{name}/{part}")];
        let width = table.shape.get(1).copied().unwrap_or(1);
        table.numbers()[rung * width + component]
    };
    (get("mean"), get("error"))
}

/// Asserts that a measured value agrees with a reference within four combined standard errors, and that its own error
/// is at most `sharpness`.
#[track_caller]
pub fn assert_agrees(
    what: &str,
    (mean, error): (f64, f64),
    reference: f64,
    reference_error: f64,
    sharpness: f64,
) {
    assert!(error > 0.0 && error <= sharpness, "{what}: error {error} is not in (0, {sharpness}]");
    let z = (mean - reference) / error.hypot(reference_error);
    assert!(z.abs() < 4.0, "{what}: {mean} +- {error} against {reference} +- {reference_error}, z = {z:.2}");
}

/// A model from its `[system]` table, with its default moves, on the whole lattice.
pub fn model(system: &str) -> PyrochloreSpinLattice {
    let text = format!("model = 'pyrochlore-spin-lattice'\n{system}");
    let parameters = toml::from_str(&text).unwrap();
    let moves = PyrochloreSpinLattice::default_moves(&parameters);
    let mut model = PyrochloreSpinLattice::new(parameters, moves).unwrap();
    model.occupy(Brick::whole(model.cells()), Key::new(0));
    model
}

/// The energy of a configuration on the whole lattice, in J.
pub fn energy<M: Model>(model: &M, state: &M::State) -> f64 {
    model.energy_unit().number(model.energy(state))
}

/// Couplings of the development preset with ice coupling K.
pub fn mhy(size: usize, ice: f64) -> String {
    format!(
        "size = {size}\nexchange_in_in = 3.449490\nexchange_in_out = 1.0\nexchange_out_out = -1.449490\n\
         ice_coupling = {ice:?}\n"
    )
}
