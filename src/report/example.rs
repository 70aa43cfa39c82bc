//! Tables that look like those of a run, for tests.

use super::Input;
use crate::foundation::table::{Data, Table};
use std::collections::BTreeMap;

const RUNGS: usize = 16;
const COPIES: usize = 2;

/// Reproducible noise between -1 and 1.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

struct Tables(BTreeMap<String, Table>);

impl Tables {
    fn add(&mut self, path: &str, shape: &[usize], values: Vec<f64>, units: &str, description: &str) {
        let table = Table::new(path, shape.to_vec(), Data::F64(values), units, description);
        self.0.insert(path.to_string(), table);
    }

    fn text(&mut self, path: &str, text: &str) {
        self.0.insert(path.to_string(), Table::text(path, text, ""));
    }
}

/// The input that belongs to the tables, with characters that HTML must escape.
pub fn input(tables: &BTreeMap<String, Table>) -> Input<'_> {
    let status = r#"{"state": "complete", "step": 65536, "target": 65536, "reason": "", "version": "0.1.0"}"#;
    Input {
        tables,
        title: "pyrochlore_L4 <test> & more".into(),
        status: Some(status.into()),
        trajectory: None,
        notes: vec!["two of sixteen rungs are <not> equilibrated".into()],
    }
}

/// A ladder from hot to cold with everything a run can have.
pub fn tables() -> BTreeMap<String, Table> {
    let mut tables = Tables(BTreeMap::new());
    let mut noise = Noise(7);
    let temperature: Vec<f64> =
        (0..RUNGS).map(|r| 2.0 * (0.08f64 / 2.0).powf(r as f64 / (RUNGS - 1) as f64)).collect();
    tables.add("/ladder/temperature", &[RUNGS], temperature.clone(), "J/k_B", "temperature of the rung");
    ladder(&mut tables, &mut noise);
    observables(&mut tables, &temperature, &mut noise);
    series(&mut tables, &temperature, &mut noise);
    equilibration(&mut tables, &temperature, &mut noise);
    relaxation(&mut tables, &temperature, &mut noise);
    structure_factor(&mut tables, &temperature);
    tables.text("/run/model", "pyrochlore_spin_lattice");
    tables.text("/run/version", "0.1.0");
    tables.text("/run/configuration", "[model]\nname = \"pyrochlore_spin_lattice\" # a < b & c\nsize = 4\n");
    tables.0
}

fn ladder(tables: &mut Tables, noise: &mut Noise) {
    let acceptance: Vec<f64> = (0..RUNGS - 1)
        .map(|r| 0.55 - 0.25 * (-((r as f64 - 9.0) / 2.5).powi(2)).exp() + 0.02 * noise.next())
        .collect();
    let barrier = acceptance.iter().map(|a| 1.0 - a).collect();
    let upward = (0..RUNGS).map(|r| 1.0 / (1.0 + (0.6 * (r as f64 - 9.0)).exp())).collect();
    let trips = (0..RUNGS * COPIES).map(|_| (40.0 + 15.0 * noise.next()).round()).collect();
    tables.add("/ladder/exchange_acceptance", &[RUNGS - 1], acceptance, "1", "accepted fraction");
    tables.add("/ladder/communication_barrier", &[RUNGS - 1], barrier, "1", "local barrier");
    tables.add("/ladder/upward_fraction", &[RUNGS], upward, "1", "visitors from the hot end");
    tables.add("/ladder/round_trips", &[RUNGS * COPIES], trips, "1", "round trips of each replica");
    for (name, scale) in [("spin_heat_bath", 0.0), ("displacement_flip", 0.9), ("ice_loop", 0.2)] {
        let values = (0..RUNGS).map(|r| (-scale * r as f64 / 2.0).exp()).collect();
        tables.add(&format!("/moves/{name}/acceptance"), &[RUNGS], values, "1", "accepted fraction");
    }
}

fn observables(tables: &mut Tables, temperature: &[f64], noise: &mut Noise) {
    type Law = fn(f64) -> f64;
    let laws: [(&str, &str, Law); 16] = [
        ("energy", "J per site", |t| -1.9 + 0.8 * t / (0.4 + t)),
        ("spin_energy", "J per site", |t| -1.1 + 0.5 * t / (0.4 + t)),
        ("displacement_energy", "J per site", |t| -0.8 + 0.3 * t / (0.4 + t)),
        ("specific_heat", "k_B per site", |t| 0.9 * (-((t.ln() + 1.2) / 0.6).powi(2)).exp() + 0.3),
        ("magnetization_squared", "1", |t| t / (0.3 + t)),
        ("polarization_squared", "1", |t| 0.5 * t / (0.1 + t)),
        ("susceptibility_magnetic", "1/J", |t| 1.0 / (3.0 * (t + 0.3))),
        ("chi_3_magnetic", "1/J^3", |t| -0.02 / (t * t * t * t)),
        ("chi_3_dielectric", "1/J^3", |t| -0.05 / t.powi(3) + 0.2),
        ("overlap_spin_squared", "1", |t| 0.004 + 0.3 / (1.0 + (t / 0.15).powi(4))),
        ("overlap_displacement_squared", "1", |t| 0.004 + 0.6 / (1.0 + (t / 0.15).powi(4))),
        ("chi_spin_glass", "1", |t| 1.0 + 60.0 / (1.0 + (t / 0.15).powi(4))),
        ("correlation_length_over_size", "1", |t| 0.1 + 0.5 / (1.0 + (t / 0.2).powi(2))),
        ("binder_spin_glass", "1", |t| 0.9 / (1.0 + (t / 0.12).powi(3))),
        ("energy_squared", "J^2", |t| 2.0 + t),
        ("not_a_number", "1", |_| f64::NAN),
    ];
    for (name, units, law) in laws {
        let error: Vec<f64> = temperature.iter().map(|t| 0.01 * (law(*t).abs() + 0.1)).collect();
        let mean = temperature.iter().zip(&error).map(|(t, e)| law(*t) + e * noise.next()).collect();
        let text = format!("definition of {name} with <M^2> & more");
        tables.add(&format!("/observables/{name}/mean"), &[RUNGS], mean, units, &text);
        tables.add(&format!("/observables/{name}/error"), &[RUNGS], error, units, "standard error");
        let times = temperature.iter().map(|t| 0.5 + 1.0 / t).collect();
        let path = format!("/observables/{name}/autocorrelation_time");
        tables.add(&path, &[RUNGS], times, "measurements", "");
    }
    let fractions: Vec<f64> = temperature
        .iter()
        .flat_map(|t| {
            let weights =
                [(-4.0 / t).exp(), 4.0 * (-1.0 / t).exp(), 6.0, 4.0 * (-1.0 / t).exp(), (-4.0 / t).exp()];
            let sum: f64 = weights.iter().sum();
            weights.map(|weight| weight / sum)
        })
        .collect();
    let error = vec![0.002; fractions.len()];
    let text = "fraction of tetrahedra with n_in = 0, 1, 2, 3, 4";
    tables.add("/observables/tetrahedra/mean", &[RUNGS, 5], fractions, "1", text);
    tables.add("/observables/tetrahedra/error", &[RUNGS, 5], error, "1", "standard error");
    let components: Vec<f64> = (0..RUNGS * 3).map(|_| 0.01 * noise.next()).collect();
    tables.add("/observables/magnetization/mean", &[RUNGS, 3], components, "1", "M/N, components x, y, z");
}

fn series(tables: &mut Tables, temperature: &[f64], noise: &mut Noise) {
    let count = 1500;
    let step = (0..count).map(|k| 40.0 * k as f64).collect();
    let mut energy = Vec::new();
    for k in 0..count {
        for t in temperature {
            for _ in 0..COPIES {
                let start = 0.3 * (-(k as f64) / 40.0).exp();
                energy.push(-1.9 + 0.8 * t / (0.4 + t) + start + 0.05 * t.sqrt() * noise.next());
            }
        }
    }
    tables.add("/series/step", &[count], step, "sweeps", "sweep of the measurement");
    tables.add("/series/energy", &[count, RUNGS, COPIES], energy, "J per site", "energy");
    let rounds = 900;
    let mut replica: Vec<usize> = (0..RUNGS).collect();
    let mut replicas = Vec::new();
    for round in 0..rounds {
        for rung in (round % 2..RUNGS - 1).step_by(2) {
            if noise.next() > -0.2 {
                replica.swap(rung, rung + 1);
            }
        }
        replicas.extend(replica.iter().flat_map(|r| [*r as u64, (*r + RUNGS) as u64]));
    }
    tables.add("/series/round", &[rounds], (0..rounds).map(|r| r as f64).collect(), "1", "round");
    let path = "/series/replica_at_rung";
    let table = Table::new(path, vec![rounds, RUNGS, COPIES], Data::U64(replicas), "1", "replica");
    tables.0.insert(path.into(), table);
}

fn equilibration(tables: &mut Tables, temperature: &[f64], noise: &mut Noise) {
    let bins = 12;
    let end: Vec<f64> = (0..bins).map(|b| (65_536u64 >> b) as f64).collect();
    let start: Vec<f64> =
        (0..bins).map(|b| if b + 1 == bins { 0.0 } else { (32_768u64 >> b) as f64 }).collect();
    tables.add("/equilibration/end", &[bins], end.clone(), "sweeps", "");
    tables.add("/equilibration/start", &[bins], start, "sweeps", "");
    for (name, sign) in [("energy", 1.0), ("overlap_spin_squared", -1.0)] {
        let (mut mean, mut error) = (Vec::new(), Vec::new());
        for end in &end {
            for t in temperature {
                let sigma = 0.02 / end.sqrt().max(4.0);
                mean.push(-1.9 + 0.8 * t + sign * 0.2 * (-end * t / 60.0).exp() + sigma * noise.next());
                error.push(sigma);
            }
        }
        tables.add(&format!("/equilibration/{name}/mean"), &[bins, RUNGS], mean, "1", "");
        tables.add(&format!("/equilibration/{name}/error"), &[bins, RUNGS], error, "1", "");
        let drift = (0..RUNGS).map(|_| 2.0 * noise.next()).collect();
        tables.add(&format!("/equilibration/{name}/drift"), &[RUNGS], drift, "standard deviations", "");
    }
    let path = "/equilibration/equilibrated";
    let flags = (0..RUNGS).map(|r| if r == RUNGS - 1 { 2 } else { i8::from(r + 2 < RUNGS) }).collect();
    tables.0.insert(path.into(), Table::new(path, vec![RUNGS], Data::I8(flags), "1", ""));
}

fn relaxation(tables: &mut Tables, temperature: &[f64], noise: &mut Noise) {
    let time: Vec<f64> = (0..24).map(|k| if k == 0 { 0.0 } else { 2f64.powf(0.7 * f64::from(k)) }).collect();
    tables.add("/relaxation/time", &[time.len()], time.clone(), "sweeps", "");
    for (name, barrier) in [("displacement", 0.6), ("spin", 0.35)] {
        let scale = |t: &f64| 3.0 * (barrier / t).exp() * (0.03 / (t - 0.05)).exp();
        let mean = temperature
            .iter()
            .flat_map(|t| time.iter().map(|x| (-(x / scale(t)).powf(0.7)).exp()).collect::<Vec<f64>>())
            .map(|c| c + 0.004 * noise.next())
            .collect();
        let shape = [RUNGS, time.len()];
        tables.add(&format!("/relaxation/{name}/mean"), &shape, mean, "1", "");
        tables.add(&format!("/relaxation/{name}/error"), &shape, vec![0.004; RUNGS * time.len()], "1", "");
        let reached: Vec<f64> =
            temperature.iter().map(scale).map(|tau| if tau < 7e4 { tau } else { f64::NAN }).collect();
        let error = reached.iter().map(|tau| 0.05 * tau).collect();
        tables.add(&format!("/relaxation/{name}/relaxation_time"), &[RUNGS], reached, "sweeps", "");
        tables.add(&format!("/relaxation/{name}/relaxation_time_error"), &[RUNGS], error, "sweeps", "");
    }
}

fn structure_factor(tables: &mut Tables, temperature: &[f64]) {
    for (plane, axes, extent) in [("hhl", "h h 0 | 0 0 l", 2.0), ("hk0", "h 0 0 | 0 k 0", 4.0)] {
        let (nx, ny) = (33, 49);
        let grid =
            |n: usize, most: f64| (0..n).map(|k| most * (2.0 * k as f64 / (n - 1) as f64 - 1.0)).collect();
        let (horizontal, vertical): (Vec<f64>, Vec<f64>) = (grid(nx, extent), grid(ny, 4.0));
        tables.text(&format!("/structure_factor/{plane}/axes"), axes);
        for kind in ["spin", "displacement", "polarization"] {
            let mut mean = Vec::new();
            for t in temperature {
                for l in &vertical {
                    for h in &horizontal {
                        let (a, b) =
                            ((0.5 * std::f64::consts::PI * h).sin(), (0.25 * std::f64::consts::PI * l).sin());
                        mean.push((t + a * a) / (t + a * a + b * b + 0.01));
                    }
                }
            }
            if kind == "spin" {
                mean[100] = f64::NAN;
            }
            let error = vec![0.01; mean.len()];
            let path = format!("/structure_factor/{plane}/{kind}");
            tables.add(&format!("{path}/mean"), &[RUNGS, ny, nx], mean, "1", "");
            tables.add(&format!("{path}/error"), &[RUNGS, ny, nx], error, "1", "");
        }
        tables.add(&format!("/structure_factor/{plane}/horizontal"), &[nx], horizontal, "2 pi/a", "");
        tables.add(&format!("/structure_factor/{plane}/vertical"), &[ny], vertical, "2 pi/a", "");
    }
}
