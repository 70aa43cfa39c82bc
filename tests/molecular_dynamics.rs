//! Molecular dynamics: conservation laws, invariance under the cut into domains, and the laws of thermostats.

use vitrum::dynamics::MolecularDynamics;
use vitrum::dynamics::plan::{BoxMotion, Ensemble, Plan, Ramp, Stage, Thermostat};
use vitrum::forces::embedded_atom::zhou::Zhou;
use vitrum::foundation::engine::Engine;
use vitrum::foundation::persist::{Hasher, Persist};
use vitrum::foundation::random::Key;
use vitrum::foundation::table::Table;
use vitrum::parallel::arrangement::Arrangement;
use vitrum::parallel::serial::Serial;
use vitrum::parallel::threads;
use vitrum::system::crystal::{Structure, build};
use vitrum::system::velocities::maxwell_boltzmann;

fn plan(repeat: [usize; 3], kelvin: f64, stages: Vec<Stage>) -> Plan {
    let elements = ["Cu".to_string(), "Zr".to_string()];
    let potential = Zhou::new(&["Cu", "Zr"]).unwrap().tabulated(2000).unwrap();
    let mut atoms = build(Structure::Fcc, 4.0, repeat, &elements, &[0.5, 0.5], Key::new(1)).unwrap();
    let masses: Vec<f64> = potential.elements.iter().map(|element| element.mass).collect();
    atoms.take_elements(&elements, &masses).unwrap();
    maxwell_boltzmann(&mut atoms, kelvin, Key::new(3)).unwrap();
    Plan {
        seed: 5,
        atoms,
        potential,
        time_step: 0.002,
        reproducible: true,
        skin: 1.0,
        stages,
        measure_every: 1,
        pair_distribution: true,
        mean_square_displacement: true,
        trajectory: None,
    }
}

fn stage(ensemble: Ensemble, steps: u64) -> Stage {
    Stage { name: "stage".into(), ensemble, steps }
}

fn column(engine: &mut MolecularDynamics, name: &str) -> Vec<f64> {
    let mut found: Option<Table> = None;
    engine
        .results(&mut |table| {
            if table.name == name {
                found = Some(table);
            }
            Ok(())
        })
        .unwrap();
    found.expect("a table").numbers()
}

fn run(plan: Plan) -> MolecularDynamics {
    let mut engine = MolecularDynamics::new(plan, Arrangement::serial(), 1);
    engine.advance(u64::MAX).unwrap();
    engine
}

fn spread(values: &[f64]) -> f64 {
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(l, h), &x| (l.min(x), h.max(x)));
    high - low
}

const ALL: [Ensemble; 6] = [
    Ensemble::Nve,
    Ensemble::Nvt {
        temperature: Ramp { from: 1500.0, to: 1500.0 },
        thermostat: Thermostat::VelocityRescaling,
        thermostat_time: 0.1,
    },
    Ensemble::Nvt {
        temperature: Ramp { from: 1500.0, to: 1500.0 },
        thermostat: Thermostat::NoseHoover,
        thermostat_time: 0.1,
    },
    Ensemble::Nvt {
        temperature: Ramp { from: 1500.0, to: 1500.0 },
        thermostat: Thermostat::Langevin,
        thermostat_time: 0.1,
    },
    Ensemble::Npt {
        temperature: Ramp { from: 1500.0, to: 1500.0 },
        thermostat_time: 0.1,
        pressure: 0.0,
        barostat_time: 0.5,
        motion: BoxMotion::Isotropic,
    },
    Ensemble::Npt {
        temperature: Ramp { from: 1500.0, to: 1500.0 },
        thermostat_time: 0.1,
        pressure: 0.0,
        barostat_time: 0.5,
        motion: BoxMotion::Anisotropic,
    },
];

#[test]
fn what_is_conserved_is_conserved_to_second_order_in_the_time_step() {
    for ensemble in ALL {
        if matches!(ensemble, Ensemble::Nvt { thermostat: Thermostat::Langevin, .. }) {
            continue;
        }
        let error = |time_step: f64| {
            let steps = (0.4 / time_step) as u64;
            let mut engine = run(Plan { time_step, ..plan([3; 3], 1500.0, vec![stage(ensemble, steps)]) });
            spread(&column(&mut engine, "/thermo/conserved"))
        };
        let (coarse, fine) = (error(0.008), error(0.004));
        println!("{ensemble:?}: {coarse} {fine}");
        assert!(coarse < 2.0 && coarse / fine > 3.0, "{ensemble:?}: {coarse} {fine}");
    }
}

#[test]
fn the_cut_into_domains_changes_no_bit() {
    for ensemble in ALL {
        let hash = |grid: [usize; 3]| {
            let ranks = grid.iter().product();
            let sums = threads::run(ranks, |comm| {
                let plan = plan([4, 3, 3], 3000.0, vec![stage(ensemble, 40)]);
                let arrangement = Arrangement::new(comm.clone(), grid);
                let mut engine = MolecularDynamics::new(plan, arrangement, 1);
                engine.advance(u64::MAX).unwrap();
                let mut hasher = Hasher::new(comm.rank() == 0);
                engine.visit(&mut hasher).unwrap();
                hasher.sum()
            });
            sums.into_iter().fold(0u64, u64::wrapping_add)
        };
        let one = hash([1, 1, 1]);
        for grid in [[2, 1, 1], [1, 3, 1], [2, 2, 1]] {
            assert_eq!(hash(grid), one, "{ensemble:?} {grid:?}");
        }
    }
}

#[test]
fn a_minimum_has_no_forces() {
    let minimize = stage(Ensemble::Minimize { force_tolerance: 1e-6 }, 5000);
    let mut engine = run(plan([3; 3], 0.0, vec![minimize]));
    let forces = column(&mut engine, "/thermo/largest_force");
    assert!(forces.last().unwrap() <= &1e-6);
    let energies = column(&mut engine, "/thermo/potential_energy");
    assert!(energies.last().unwrap() < &(energies[0] - 1.0));
    assert_eq!(engine.step(), engine.target());
    let _ = Serial;
}
