//! A run that looks like a quench, for tests.

use super::super::Input;
use crate::foundation::table::{Data, Table};
use crate::foundation::units::BOLTZMANN;
use std::collections::BTreeMap;

/// Reproducible noise.
pub struct Noise(pub u64);

impl Noise {
    /// Between 0 and 1, neither included.
    fn uniform(&mut self) -> f64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Normally distributed (Box and Muller).
    pub fn gaussian(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Atoms.
pub const ATOMS: usize = 200;
/// Rows of each stage: melt, quench, hold, rest.
pub const ROWS: [usize; 4] = [100, 400, 120, 30];
/// The glass temperature that was put in (K).
pub const GLASS: f64 = 750.0;

const CONFIGURATION: &str = r#"
[method]
kind = "molecular-dynamics"
[[method.stages]]
name = "melt <hot>"
ensemble = "npt"
temperature = 2000.0
pressure_gpa = 0.0
[[method.stages]]
name = "quench"
ensemble = "npt"
pressure_gpa = 0.0
[method.stages.temperature]
from = 2000.0
to = 300.0
[[method.stages]]
name = "hold"
ensemble = "nvt"
temperature = 300
[[method.stages]]
name = "rest"
ensemble = "minimize"
"#;

/// The input that belongs to the tables.
pub fn input(tables: &BTreeMap<String, Table>) -> Input<'_> {
    Input { tables, title: "quench".into(), status: None, trajectory: None, notes: Vec::new() }
}

/// The tables of a run in four stages.
pub fn tables() -> BTreeMap<String, Table> {
    let mut noise = Noise(5);
    let total: usize = ROWS.iter().sum();
    let mut columns: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let (mut row, mut time) = (0, 0.0);
    for (stage, rows) in ROWS.into_iter().enumerate() {
        for k in 0..rows {
            let aim = match stage {
                0 => 2000.0,
                1 => 2000.0 - 1700.0 * (k + 1) as f64 / rows as f64,
                2 => 300.0,
                _ => 0.0,
            };
            let is_rest = stage == 3;
            time += if is_rest { 0.0 } else { 0.02 };
            let temperature = aim * (1.0 + 0.02 * noise.gaussian());
            let kinetic = 1.5 * (ATOMS - 1) as f64 * BOLTZMANN * temperature;
            let slope = if aim > GLASS { 2.2e-4 } else { 1.3e-4 };
            let fall = if is_rest { (-(k as f64) / 5.0).exp() } else { 0.0 };
            let potential =
                ATOMS as f64 * (-5.0 + slope * (aim - GLASS) + 0.001 * noise.gaussian() + 0.1 * fall);
            let expansion = if aim > GLASS { 9e-4 } else { 4e-4 };
            let volume = ATOMS as f64 * (17.0 + expansion * (aim - GLASS) + 0.002 * noise.gaussian());
            let mut add = |name, value| columns.entry(name).or_default().push(value);
            add("time", time);
            add("step", 10.0 * (row + 1) as f64);
            add("stage", stage as f64);
            add("temperature", temperature);
            add("kinetic_energy", kinetic);
            add("potential_energy", potential);
            add("total_energy", potential + kinetic);
            add("conserved", potential + kinetic);
            add("volume", volume);
            add("pressure", 0.5 * noise.gaussian());
            add("largest_force", if is_rest { fall } else { 2.0 });
            add("mean_square_displacement", 0.1 * time);
            row += 1;
        }
    }
    let mut tables = BTreeMap::new();
    let mut add = |path: String, shape: Vec<usize>, data: Vec<f64>, units: &str| {
        tables.insert(path.clone(), Table::new(path, shape, Data::F64(data), units, ""));
    };
    for (name, values) in columns {
        add(format!("/thermo/{name}"), vec![total], values, "1");
    }
    add("/thermo/stress".into(), vec![total, 6], vec![0.1; 6 * total], "GPa");
    let distance: Vec<f64> = (0..400).map(|bin| (f64::from(bin) + 0.5) * 0.0165).collect();
    for stage in ["0-melt <hot>", "1-quench", "2-hold", "3-rest"] {
        for (pair, center) in [("all", 2.75), ("Cu-Cu", 2.6), ("Cu-Zr", 2.8), ("Zr-Cu", 2.8), ("Zr-Zr", 3.2)]
        {
            let g = distance.iter().map(|r| {
                let bump = |center: f64, width: f64| (-0.5 * ((r - center) / width).powi(2)).exp();
                2.8 * bump(center, 0.2) + 1.0 / (1.0 + (-(r - center - 1.3) / 0.15).exp())
            });
            add(format!("/rdf/{stage}/{pair}/g"), vec![400], g.collect(), "1");
            let neighbors = distance.iter().map(|r| r.powi(3) / 3.0).collect();
            add(format!("/rdf/{stage}/{pair}/coordination"), vec![400], neighbors, "1");
        }
    }
    add("/rdf/distance".into(), vec![400], distance, "Angstrom");
    for (path, text) in [("/run/model", "embedded-atom"), ("/run/configuration", CONFIGURATION)] {
        tables.insert(path.into(), Table::text(path, text, ""));
    }
    tables
}
