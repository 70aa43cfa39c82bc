//! What a configuration of molecular dynamics means: every key arrives in the plan, with its units.

mod program;

use program::Scratch;
use std::fs;
use vitrum::config::atoms;
use vitrum::config::build::{Configuration, Subject};
use vitrum::config::parse::Document;
use vitrum::config::sections::Domains;
use vitrum::dynamics::plan::{BoxMotion, Ensemble, Plan, Ramp, Thermostat, TrajectoryFormat};
use vitrum::foundation::units::GIGAPASCAL;
use vitrum::system::velocities::temperature;

const SYSTEM: &str = r#"
[run]
seed = 7
[system]
model = "embedded-atom"
elements = ["Cu", "Zr"]
potential = { zhou = true }
[system.initial]
"#;

const RANDOM: &str = r#"
kind = "random"
atoms = 501
fractions = [0.36, 0.64]
number_density = 0.055
"#;

const METHOD: &str = r#"
[method]
kind = "molecular-dynamics"
time_step_fs = 2.0
"#;

const HOLD: &str = "[[method.stages]]\nname = 'hold'\nensemble = 'nve'\nsteps = 10\n";

fn document(initial: &str, method: &str, rest: &str) -> Document {
    let text = format!("{SYSTEM}{initial}{METHOD}{method}{rest}");
    Document { name: "test.toml".into(), text }
}

fn plan(initial: &str, method: &str, rest: &str) -> Plan {
    atoms::plan(&document(initial, method, rest)).unwrap()
}

#[track_caller]
fn assert_close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 * b.abs(), "{a} {b}");
}

#[test]
fn every_key_of_a_stage_arrives_in_its_units() {
    let stages = r#"
reproducible = false
skin = 0.75
[[method.stages]]
name = "melt"
ensemble = "npt"
temperature = 2000
pressure_gpa = 1.5
duration_ps = 20.0
[[method.stages]]
name = "quench"
ensemble = "npt"
temperature = { from = 2000.0, to = 300.0 }
cooling_rate_k_per_s = 1e13
pressure_gpa = -0.5
thermostat_time_ps = 0.3
barostat_time_ps = 4.0
box = "anisotropic"
[[method.stages]]
name = "hold"
ensemble = "nvt"
temperature = { from = 300.0, to = 400.0 }
thermostat = "langevin"
thermostat_time_ps = 1.0
steps = 50
[[method.stages]]
name = "look"
ensemble = "nve"
duration_ps = 0.0
[[method.stages]]
name = "rest"
ensemble = "minimize"
"#;
    let measure = r#"
[measure]
every = 50
observables = ["thermo", "msd", "atomic_stress"]
trajectory = { every = 5000, format = "dump", per_atom = ["id", "von_mises"] }
"#;
    let plan = plan(RANDOM, stages, measure);
    assert_eq!((plan.seed, plan.reproducible, plan.skin), (7, false, 0.75));
    assert_close(plan.time_step, 0.002);
    let steps: Vec<u64> = plan.stages.iter().map(|stage| stage.steps).collect();
    // 1700 K at 10 K per ps take 170 ps.
    assert_eq!(steps, [10_000, 85_000, 50, 0, 100_000]);
    let names: Vec<&str> = plan.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, ["melt", "quench", "hold", "look", "rest"]);
    let constant = |value| Ramp { from: value, to: value };
    let expected = [
        Ensemble::Npt {
            temperature: constant(2000.0),
            thermostat_time: 0.2,
            pressure: 1.5 / GIGAPASCAL,
            barostat_time: 2.0,
            motion: BoxMotion::Isotropic,
        },
        Ensemble::Npt {
            temperature: Ramp { from: 2000.0, to: 300.0 },
            thermostat_time: 0.3,
            pressure: -0.5 / GIGAPASCAL,
            barostat_time: 4.0,
            motion: BoxMotion::Anisotropic,
        },
        Ensemble::Nvt {
            temperature: Ramp { from: 300.0, to: 400.0 },
            thermostat: Thermostat::Langevin,
            thermostat_time: 1.0,
        },
        Ensemble::Nve,
        Ensemble::Minimize { force_tolerance: 1e-6 },
    ];
    for (stage, expected) in plan.stages.iter().zip(expected) {
        assert_eq!(stage.ensemble, expected, "{}", stage.name);
    }
    assert_eq!(plan.measure_every, 50);
    assert!(!plan.pair_distribution && plan.mean_square_displacement);
    let trajectory = plan.trajectory.unwrap();
    assert_eq!((trajectory.every, trajectory.format), (5000, TrajectoryFormat::Dump));
    assert_eq!(trajectory.per_atom, ["id", "von_mises"]);
}

#[test]
fn short_time_steps_leave_thermostats_time() {
    let stages = "[[method.stages]]\nname = 'a'\nensemble = 'nvt'\ntemperature = 1.0\nsteps = 1\n";
    let document = document(RANDOM, stages, "").with_settings(&["method.time_step_fs=0.5".into()]).unwrap();
    let ensemble = atoms::plan(&document).unwrap().stages[0].ensemble;
    let Ensemble::Nvt { thermostat, thermostat_time, .. } = ensemble else { panic!("{ensemble:?}") };
    assert_eq!((thermostat, thermostat_time), (Thermostat::VelocityRescaling, 0.1));
}

#[test]
fn atoms_at_random_have_the_elements_and_masses_of_the_potential_and_the_first_temperature() {
    let stages = "[[method.stages]]\nname = 'rest'\nensemble = 'minimize'\n\
                  [[method.stages]]\nname = 'warm'\nensemble = 'nvt'\ntemperature = { from = 700.0, to = 1.0 }\nsteps = 5\n";
    let warm = plan(RANDOM, stages, "");
    let atoms = &warm.atoms;
    atoms.check("plan").unwrap();
    assert_eq!(atoms.id, (1..=501).collect::<Vec<u64>>());
    assert_eq!(atoms.elements, ["Cu", "Zr"]);
    let masses: Vec<f64> = warm.potential.elements.iter().map(|element| element.mass).collect();
    assert_eq!(atoms.masses.as_ref().unwrap(), &masses);
    assert!((masses[0] - 63.546).abs() < 0.01 && (masses[1] - 91.224).abs() < 0.01, "{masses:?}");
    // 0.36 * 501 = 180.36
    assert_eq!(atoms.kind.iter().filter(|&&kind| kind == 0).count(), 180);
    assert_close(atoms.periodic_box.volume(), 501.0 / 0.055);
    assert_close(temperature(atoms).unwrap(), 700.0);
    let cold = plan(&format!("{RANDOM}temperature = 20\n"), stages, "");
    assert_close(temperature(&cold.atoms).unwrap(), 20.0);
    assert_eq!(plan(RANDOM, HOLD, "").atoms.velocity, vec![[0.0; 3]; 501]);
    assert_eq!(plan(RANDOM, stages, "").atoms, warm.atoms);
    let other = document(RANDOM, stages, "").with_settings(&["run.seed=8".into()]).unwrap();
    assert_ne!(atoms::plan(&other).unwrap().atoms, warm.atoms);
}

#[test]
fn lattices_are_built_with_their_own_axis_ratio() {
    let hcp = "kind = 'lattice'\nlattice = 'hcp'\nconstant = 3.0\nrepeat = [4, 3, 2]\naxis_ratio = 1.7\nfractions = [1.0, 0.0]\n";
    let atoms = plan(hcp, &HOLD.replace("steps", "duration_ps"), "").atoms;
    assert_eq!(atoms.len(), 96);
    let lengths = atoms.periodic_box.lengths();
    let expected = [12.0, 9.0 * 3f64.sqrt(), 10.2];
    lengths.into_iter().zip(expected).for_each(|(length, expected)| assert_close(length, expected));
}

const XYZ: &str = "2\nLattice=\"20 0 0 0 20 0 0 0 20\" Properties=species:S:1:pos:R:3:id:I:1 pbc=\"T T T\"\nCu 1 1 1 5\nZr 9 9 9 4\n\
                   2\nLattice=\"30 0 0 0 20 0 0 0 20\" Properties=species:S:1:pos:R:3:id:I:1 pbc=\"T T T\"\nCu 31 1 1 5\nZr 9 9 9 4\n";

const DUMP: &str = "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 30\n0 20\n0 20\n\
                    ITEM: ATOMS id type x y z vx vy vz\n4 2 9 9 9 1 2 3\n5 1 31 1 1 0 0 0\n";

const DATA: &str = "a glass\n\n2 atoms\n2 atom types\n0 30 xlo xhi\n0 20 ylo yhi\n0 20 zlo zhi\n\nMasses\n\n1 63.5\n2 91.2\n\n\
                    Atoms # atomic\n\n4 2 9 9 9\n5 1 31 1 1\n";

#[test]
fn files_of_three_formats_hold_the_same_atoms() {
    let scratch = Scratch::new("plan-files");
    let read = |name: &str, text: &str, extra: &str| {
        let path = scratch.path(name);
        fs::write(&path, text).unwrap();
        let initial = format!("kind = 'file'\npath = '{}'\n{extra}", path.display());
        plan(&initial, HOLD, "").atoms
    };
    for (name, text) in
        [("a.xyz", XYZ), ("a.dump", DUMP), ("a.data", DATA), ("unnamed", XYZ), ("no-name", DATA)]
    {
        let atoms = read(name, text, "");
        assert_eq!(atoms.id, [4, 5], "{name}");
        assert_eq!(atoms.kind, [1, 0], "{name}");
        assert_eq!(atoms.position, [[9.0; 3], [1.0; 3]], "{name}");
        assert_eq!(atoms.image, [[0; 3], [1, 0, 0]], "{name}");
        let moves = text == DUMP;
        assert_eq!(atoms.velocity[0], if moves { [1.0, 2.0, 3.0] } else { [0.0; 3] }, "{name}");
    }
    assert_close(temperature(&read("b.xyz", XYZ, "temperature = 50.0")).unwrap(), 50.0);
    let initial =
        format!("kind = 'file'\npath = '{}'\ntemperature = 50.0\n", scratch.path("a.dump").display());
    let configuration = Configuration::new(&document(&initial, HOLD, "")).unwrap();
    assert!(
        configuration.remarks[0].contains("is not used: the atoms have velocities"),
        "{:?}",
        configuration.remarks
    );
}

#[test]
fn kinds_in_another_order_than_the_elements_are_remarked() {
    let scratch = Scratch::new("plan-masses");
    let path = scratch.path("a.data");
    fs::write(&path, DATA.replace("1 63.5\n2 91.2", "1 91.2\n2 63.5")).unwrap();
    let initial = format!("kind = 'file'\npath = '{}'\n", path.display());
    let remarks = Configuration::new(&document(&initial, HOLD, "")).unwrap().remarks;
    assert_eq!(remarks.len(), 2);
    assert!(remarks[0].contains("kind 1 has mass 91.2 in the file and is Cu"), "{remarks:?}");
}

#[test]
fn the_resolved_configuration_means_the_same_and_knows_its_files() {
    let scratch = Scratch::new("plan-resolved");
    let path = scratch.path("a.xyz");
    fs::write(&path, XYZ).unwrap();
    let initial = format!("kind = 'file'\npath = '{}'\n", path.display());
    let document = document(&initial, HOLD, "");
    let configuration = Configuration::new(&document).unwrap();
    let resolved = Document { name: "config.toml".into(), text: configuration.resolved.clone() };
    let (before, after) = (atoms::plan(&document).unwrap(), atoms::plan(&resolved).unwrap());
    assert_eq!((before.atoms, before.stages), (after.atoms, after.stages));
    assert_eq!(Configuration::new(&resolved).unwrap().resolved, configuration.resolved);
    fs::write(&path, XYZ.replace("Zr 9 9 9", "Zr 9 9 8")).unwrap();
    let changed = Configuration::new(&document).unwrap();
    let message = changed.accepts(&configuration.resolved).unwrap_err().to_string();
    assert!(message.contains("system.initial.checksum"), "{message}");
    let message = Configuration::new(&resolved).err().unwrap().to_string();
    assert!(message.contains("the checksum of what is there now"), "{message}");
}

fn accepts(before: &str, after: &str) -> Result<(), String> {
    let read = |method: &str| Configuration::new(&document(RANDOM, method, "")).unwrap();
    read(after).accepts(&read(before).resolved).map_err(|error| error.to_string())
}

#[test]
fn a_run_continues_with_a_longer_last_stage_and_with_nothing_else() {
    let first =
        "[[method.stages]]\nname = 'melt'\nensemble = 'nvt'\ntemperature = 900.0\nduration_ps = 1.0\n";
    let hot = first.replace("melt", "hold");
    let with = |last: &str| format!("{first}{last}");
    let hold = with(&hot);
    accepts(&hold, &hold).unwrap();
    accepts(&hold, &with(&hot.replace("1.0", "1.5"))).unwrap();
    accepts(&hold, &with(&hot.replace("duration_ps = 1.0", "steps = 501"))).unwrap();
    accepts(&hold, &format!("{hold}[parallel]\nthreads = 2\n")).unwrap();
}

#[test]
fn what_may_not_change_is_refused_by_name() {
    let first =
        "[[method.stages]]\nname = 'melt'\nensemble = 'nvt'\ntemperature = 900.0\nduration_ps = 1.0\n";
    let ramp = "[[method.stages]]\nname = 'cool'\nensemble = 'nvt'\ntemperature = { from = 900.0, to = 300.0 }\nsteps = 100\n";
    let rest = "[[method.stages]]\nname = 'rest'\nensemble = 'minimize'\nmax_steps = 100\n";
    let both = format!("{first}{ramp}");
    let refused = |before: &str, after: &str, key: &str| {
        let message = accepts(before, after).unwrap_err();
        assert!(message.contains(key), "{message}");
    };
    refused(first, &first.replace("1.0", "0.5"), "method.stages.1.duration_ps = 1.0");
    refused(&both, &both.replace("1.0", "1.5"), "method.stages.1.duration_ps = 1.0");
    refused(ramp, &ramp.replace("100", "200"), "method.stages.1.steps = 100");
    refused(rest, &rest.replace("100", "200"), "method.stages.1.max_steps = 100");
    refused(first, &first.replace("900", "901"), "method.stages.1.temperature = 900.0");
    refused(first, &both, "method.stages.2.ensemble = absent");
    refused(first, &format!("{first}[measure]\nevery = 7\n"), "measure.every = 100");
    refused(first, &format!("skin = 2.0\n{first}"), "method.skin = 1.0");
}

#[test]
fn any_number_of_ranks_has_a_grid_and_wrong_ones_are_refused() {
    let configuration = Configuration::new(&document(RANDOM, HOLD, "")).unwrap();
    let Subject::Atoms(atoms) = &configuration.subject else { panic!("no atoms") };
    for ranks in 1..200 {
        assert_eq!(configuration.grid(ranks).unwrap().iter().product::<usize>(), ranks);
    }
    assert_eq!(atoms.grid(&Domains::Grid([1, 2, 3]), 6), Ok([1, 2, 3]));
    let message = atoms.grid(&Domains::Grid([1, 2, 3]), 8).unwrap_err().to_string();
    assert!(message.contains("6 domains for 8 ranks") && message.contains("such as [2, 2, 2]"), "{message}");
}

#[test]
fn the_program_offers_a_configuration_that_is_valid() {
    let document = Document { name: "example.toml".into(), text: atoms::EXAMPLE.into() };
    let plan = atoms::plan(&document).unwrap();
    assert_eq!((plan.atoms.len(), plan.stages.len()), (500, 3));
    let all: Vec<&str> = atoms::measure::OF_ATOMS.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(all, vitrum::dynamics::plan::PER_ATOM);
}
