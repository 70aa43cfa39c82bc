//! The thermo table: one row per measurement.

use super::sums::{Sums, temperature};
use crate::foundation::Result;
use crate::foundation::persist::{FieldMut, Layout, Visitor};
use crate::foundation::table::{Data, Sink, Table};
use crate::foundation::units::{GIGAPASCAL, GRAM_PER_CUBIC_CENTIMETER};

/// Numbers of a row.
const COLUMNS: usize = 20;

/// A scalar column: name, place in the row, units, description.
const SCALARS: [(&str, usize, &str, &str); 10] = [
    ("time", 0, "ps", "simulated time, minimizations not counted"),
    ("temperature", 1, "K", "2 E_kin / ((3N - 3) k_B)"),
    ("pressure", 2, "GPa", "(2 E_kin + trace of the virial) / (3 V)"),
    ("potential_energy", 3, "eV", "potential energy of all atoms"),
    ("kinetic_energy", 4, "eV", "kinetic energy of all atoms"),
    ("total_energy", 5, "eV", "potential and kinetic energy"),
    ("volume", 6, "Angstrom^3", "volume of the box"),
    (
        "conserved",
        7,
        "eV",
        "total energy with that of thermostat and barostat; constant at constant temperature",
    ),
    ("density", 8, "g/cm^3", "mass density"),
    ("largest_force", 9, "eV/Angstrom", "largest component of a force"),
];
const STRESS: usize = 10;
const STEP: usize = 16;
const STAGE: usize = 17;
const DISPLACEMENT: usize = 18;

/// What is measured beside the sums.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Step of molecular dynamics.
    pub step: u64,
    /// Stage, from 0.
    pub stage: usize,
    /// Simulated time (ps).
    pub time: f64,
    /// Volume (cubic Angstrom).
    pub volume: f64,
    /// Total mass (g/mol).
    pub mass: f64,
    /// Number of atoms.
    pub atoms: usize,
    /// Energy of thermostat and barostat (eV).
    pub extended: f64,
    /// Largest component of a force (eV/Angstrom).
    pub largest_force: f64,
    /// Mean square displacement (square Angstrom).
    pub displacement: f64,
}

/// All rows so far; every rank has them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Thermo {
    rows: Vec<f64>,
}

impl Thermo {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len() / COLUMNS
    }

    /// Whether nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a row.
    pub fn push(&mut self, sums: &Sums, moment: &Moment) {
        let kinetic = sums.kinetic_energy();
        let total = sums.potential + kinetic;
        let mut row = [0.0; COLUMNS];
        row[..10].copy_from_slice(&[
            moment.time,
            temperature(kinetic, moment.atoms),
            sums.pressure(moment.volume) * GIGAPASCAL,
            sums.potential,
            kinetic,
            total,
            moment.volume,
            total + moment.extended,
            moment.mass / moment.volume * GRAM_PER_CUBIC_CENTIMETER,
            moment.largest_force,
        ]);
        let tensor = sums.pressure_tensor(moment.volume);
        row[STRESS..STRESS + 6].copy_from_slice(&tensor.map(|p| -p * GIGAPASCAL));
        (row[STEP], row[STAGE], row[DISPLACEMENT]) =
            (moment.step as f64, moment.stage as f64, moment.displacement);
        self.rows.extend_from_slice(&row);
    }

    fn column(&self, column: usize) -> Vec<f64> {
        self.rows.iter().skip(column).step_by(COLUMNS).copied().collect()
    }

    /// A line for the log: step, temperature, pressure, energies.
    #[must_use]
    pub fn last_line(&self) -> String {
        let Some(row) = self.rows.chunks_exact(COLUMNS).next_back() else { return String::new() };
        format!(
            "step {} time {:.3} ps: T {:.2} K, P {:.5} GPa, E_pot {:.6} eV, E_total {:.6} eV, V {:.3} Angstrom^3",
            row[STEP], row[0], row[1], row[2], row[3], row[5], row[6]
        )
    }

    /// The tables of results.
    ///
    /// # Errors
    /// Whatever `sink` returns.
    pub fn tables(&self, displacement: bool, sink: Sink<'_>) -> Result<()> {
        let shape = vec![self.len()];
        let whole = |column: usize| Data::U64(self.column(column).into_iter().map(|x| x as u64).collect());
        sink(Table::new("/thermo/step", shape.clone(), whole(STEP), "steps", "step of molecular dynamics"))?;
        sink(Table::new("/thermo/stage", shape.clone(), whole(STAGE), "1", "stage, from 0"))?;
        for (name, column, units, description) in SCALARS {
            let data = Data::F64(self.column(column));
            sink(Table::new(format!("/thermo/{name}"), shape.clone(), data, units, description))?;
        }
        let stress = self.rows.chunks_exact(COLUMNS).flat_map(|row| &row[STRESS..STRESS + 6]).copied();
        let text = "stress tensor, minus the pressure tensor: xx yy zz yz xz xy";
        sink(Table::new("/thermo/stress", vec![self.len(), 6], Data::F64(stress.collect()), "GPa", text))?;
        if displacement {
            let text = "mean square displacement of the atoms from where they started, motion of all together taken off";
            let data = Data::F64(self.column(DISPLACEMENT));
            sink(Table::new("/thermo/mean_square_displacement", shape, data, "Angstrom^2", text))?;
        }
        Ok(())
    }

    /// Shows all rows to a visitor; their number is a counter before.
    ///
    /// # Errors
    /// As [`Visitor::field`].
    pub fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()> {
        let mut count = self.len() as u64;
        visitor.counter("thermo/count", &mut count)?;
        let layout = Layout::shared(&[count as usize, COLUMNS]);
        visitor.field("thermo/rows", &layout, FieldMut::F64(&mut self.rows))
    }
}
