//! Stages: which keys belong to which ensemble, and how long each takes.

use super::sections::{MolecularDynamics, Stage as Section, Temperature};
use crate::dynamics::plan::{BoxMotion, Ensemble, Ramp, Stage, Thermostat};
use crate::foundation::units::GIGAPASCAL;
use crate::foundation::{Error, Result};
use crate::models::{require, unknown};

const ENSEMBLES: [&str; 4] = ["nve", "nvt", "npt", "minimize"];

const THERMOSTATS: [(&str, Thermostat); 3] = [
    ("velocity-rescaling", Thermostat::VelocityRescaling),
    ("nose-hoover", Thermostat::NoseHoover),
    ("langevin", Thermostat::Langevin),
];

const BOX_MOTIONS: [(&str, BoxMotion); 2] =
    [("isotropic", BoxMotion::Isotropic), ("anisotropic", BoxMotion::Anisotropic)];

/// Most steps of a stage.
const MOST_STEPS: i64 = 1_000_000_000_000;

/// Steps of a minimization where none are given.
const MINIMIZATION_STEPS: i64 = 100_000;

/// Largest component of a force at the end of a minimization where none is given (eV/Angstrom).
const FORCE_TOLERANCE: f64 = 1e-6;

/// Most stages of a run.
const MOST_STAGES: usize = 1000;

/// Relaxation time of a thermostat where none is given: 100 steps, but not less than this (ps); barostats are ten
/// times slower.
const LEAST_RELAXATION: f64 = 0.1;

/// Validates all stages and writes their defaults into the section.
///
/// # Errors
/// `Error::Configuration` that names stage and key.
pub fn stages(section: &mut MolecularDynamics) -> Result<Vec<Stage>> {
    let refuse = |what: String| Err(Error::Configuration(format!("[method] {what}")));
    let count = section.stages.len();
    if !(1..=MOST_STAGES).contains(&count) {
        return refuse(format!(
            "stages: there are {count}: expected 1 to {MOST_STAGES} tables [[method.stages]]"
        ));
    }
    for number in 0..count {
        let name = &section.stages[number].name;
        if !is_name(name) {
            return refuse(format!(
                "stages.{}.name = {name:?}: expected a letter, and then letters, digits, \"-\" or \"_\"",
                number + 1
            ));
        }
        if section.stages[..number].iter().any(|other| other.name == *name) {
            return refuse(format!(
                "stages.{}.name = {name:?}: an earlier stage has this name: expected different names",
                number + 1
            ));
        }
    }
    let time_step = section.time_step_fs / 1000.0;
    section.stages.iter_mut().map(|stage| Reader { stage, time_step }.read()).collect()
}

fn is_name(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(inside) && text.len() <= 100
}

/// A number of kelvin a run may have.
pub fn is_temperature(kelvin: f64) -> bool {
    kelvin > 0.0 && kelvin <= 1e6
}

struct Reader<'a> {
    stage: &'a mut Section,
    /// In ps.
    time_step: f64,
}

impl Reader<'_> {
    fn read(mut self) -> Result<Stage> {
        let ensemble = self.stage.ensemble.clone();
        if !ENSEMBLES.contains(&ensemble.as_str()) {
            return self
                .refuse("ensemble", &format!(": {}", unknown("ensemble", &ensemble, &ensemble, &ENSEMBLES)));
        }
        self.require_keys_of(&ensemble)?;
        let (ensemble, steps) = match ensemble.as_str() {
            "nve" => (Ensemble::Nve, self.steps(None)?),
            "nvt" => {
                let temperature = self.temperature()?;
                let thermostat = choose(&mut self.stage.thermostat, &THERMOSTATS, "thermostat");
                let thermostat =
                    thermostat.or_else(|what| self.refuse("thermostat", &format!(": {what}")))?;
                let least = if thermostat == Thermostat::NoseHoover { 10.0 } else { 1.0 };
                let thermostat_time = self.thermostat_time(least)?;
                (Ensemble::Nvt { temperature, thermostat, thermostat_time }, self.steps(Some(temperature))?)
            }
            "npt" => {
                let temperature = self.temperature()?;
                let pressure = self.pressure()?;
                let motion = choose(&mut self.stage.box_motion, &BOX_MOTIONS, "box motion");
                let motion = motion.or_else(|what| self.refuse("box", &format!(": {what}")))?;
                let thermostat_time = self.thermostat_time(10.0)?;
                let barostat_time = self.barostat_time()?;
                let npt = Ensemble::Npt { temperature, thermostat_time, pressure, barostat_time, motion };
                (npt, self.steps(Some(temperature))?)
            }
            _ => {
                let force_tolerance = *self.stage.force_tolerance.get_or_insert(FORCE_TOLERANCE);
                let valid = force_tolerance > 0.0 && force_tolerance <= 10.0;
                let expected = "a number of eV/Angstrom above 0, at most 10";
                require(valid, &self.key("force_tolerance"), &force_tolerance, expected)?;
                let steps = *self.stage.max_steps.get_or_insert(MINIMIZATION_STEPS);
                let valid = (1..=MOST_STEPS).contains(&steps);
                require(valid, &self.key("max_steps"), &steps, "an integer from 1 to 10^12")?;
                (Ensemble::Minimize { force_tolerance }, steps.unsigned_abs())
            }
        };
        Ok(Stage { name: self.stage.name.clone(), ensemble, steps })
    }

    /// The name of a key of this stage in messages.
    fn key(&self, key: &str) -> String {
        format!("[method] stages.{}.{key}", self.stage.name)
    }

    fn refuse<T>(&self, key: &str, what: &str) -> Result<T> {
        Err(Error::Configuration(format!("{}{what}", self.key(key))))
    }

    /// Refuses keys that say nothing in this ensemble.
    fn require_keys_of(&self, ensemble: &str) -> Result<()> {
        let stage = &*self.stage;
        let keys: [(&str, bool, &[&str]); 11] = [
            ("temperature", stage.temperature.is_some(), &["nvt", "npt"]),
            ("thermostat", stage.thermostat.is_some(), &["nvt"]),
            ("thermostat_time_ps", stage.thermostat_time_ps.is_some(), &["nvt", "npt"]),
            ("pressure_gpa", stage.pressure_gpa.is_some(), &["npt"]),
            ("barostat_time_ps", stage.barostat_time_ps.is_some(), &["npt"]),
            ("box", stage.box_motion.is_some(), &["npt"]),
            ("duration_ps", stage.duration_ps.is_some(), &["nve", "nvt", "npt"]),
            ("steps", stage.steps.is_some(), &["nve", "nvt", "npt"]),
            ("cooling_rate_k_per_s", stage.cooling_rate_k_per_s.is_some(), &["nvt", "npt"]),
            ("force_tolerance", stage.force_tolerance.is_some(), &["minimize"]),
            ("max_steps", stage.max_steps.is_some(), &["minimize"]),
        ];
        for (key, is_there, ensembles) in keys {
            if is_there && !ensembles.contains(&ensemble) {
                let instead = match (key, ensemble) {
                    ("duration_ps" | "steps", "minimize") => {
                        ", where max_steps limits a stage that ends at force_tolerance"
                    }
                    ("thermostat", "npt") => ", whose thermostat is a Nose-Hoover chain",
                    _ => "",
                };
                return self.refuse(
                    key,
                    &format!(
                        " belongs to ensemble {}: expected it absent with ensemble = \"{ensemble}\"{instead}",
                        ensembles.join(", ")
                    ),
                );
            }
        }
        Ok(())
    }

    fn temperature(&self) -> Result<Ramp> {
        let expected = "a number of kelvin above 0, at most 10^6";
        let ends = match self.stage.temperature {
            None => {
                let ensemble = &self.stage.ensemble;
                let what =
                    format!(" is missing: expected kelvin or {{ from, to }} with ensemble = \"{ensemble}\"");
                return self.refuse("temperature", &what);
            }
            Some(Temperature::Constant(kelvin)) => {
                require(is_temperature(kelvin), &self.key("temperature"), &kelvin, expected)?;
                Ramp { from: kelvin, to: kelvin }
            }
            Some(Temperature::Ramp(ends)) => {
                require(is_temperature(ends.from), &self.key("temperature.from"), &ends.from, expected)?;
                require(is_temperature(ends.to), &self.key("temperature.to"), &ends.to, expected)?;
                Ramp { from: ends.from, to: ends.to }
            }
        };
        Ok(ends)
    }

    fn pressure(&self) -> Result<f64> {
        let Some(pressure) = self.stage.pressure_gpa else {
            return self.refuse("pressure_gpa", " is missing: expected it with ensemble = \"npt\"");
        };
        let valid = pressure.is_finite() && pressure.abs() <= 1e4;
        require(valid, &self.key("pressure_gpa"), &pressure, "a number from -10000 to 10000")?;
        Ok(pressure / GIGAPASCAL)
    }

    fn thermostat_time(&mut self, least_steps: f64) -> Result<f64> {
        let default = (100.0 * self.time_step).max(LEAST_RELAXATION);
        let time = *self.stage.thermostat_time_ps.get_or_insert(default);
        self.require_relaxation("thermostat_time_ps", time, least_steps)
    }

    fn barostat_time(&mut self) -> Result<f64> {
        let default = 10.0 * (100.0 * self.time_step).max(LEAST_RELAXATION);
        let time = *self.stage.barostat_time_ps.get_or_insert(default);
        self.require_relaxation("barostat_time_ps", time, 10.0)
    }

    fn require_relaxation(&self, key: &str, time: f64, least_steps: f64) -> Result<f64> {
        let steps = if least_steps == 1.0 { "time step" } else { "time steps" };
        let expected = format!("a number of ps, at least {least_steps} {steps}, at most 10^6");
        // A number typed as ten steps may be one unit of its last place short of them.
        let valid = time >= least_steps * self.time_step * (1.0 - 1e-9) && time <= 1e6;
        require(valid, &self.key(key), &time, &expected)?;
        Ok(time)
    }

    /// The steps of the stage, from the one key that gives them.
    fn steps(&self, temperature: Option<Ramp>) -> Result<u64> {
        let stage = &*self.stage;
        let given = [
            ("duration_ps", stage.duration_ps.is_some()),
            ("steps", stage.steps.is_some()),
            ("cooling_rate_k_per_s", stage.cooling_rate_k_per_s.is_some()),
        ];
        let given: Vec<&str> = given.iter().filter(|(_, is_there)| *is_there).map(|(key, _)| *key).collect();
        let choices = if temperature.is_some_and(|ramp| ramp.from != ramp.to) {
            "duration_ps, steps or cooling_rate_k_per_s"
        } else {
            "duration_ps or steps"
        };
        let is_ramp = matches!(stage.temperature, Some(Temperature::Ramp(_)));
        let steps = match (given.as_slice(), temperature) {
            ([], _) => {
                return self.refuse("duration_ps", &format!(" is missing: expected one of {choices}"));
            }
            ([_, second, ..], _) => {
                let what = format!(" contradicts {}: expected exactly one of {choices}", given[0]);
                return self.refuse(second, &what);
            }
            (["duration_ps"], _) => self.steps_of_duration(stage.duration_ps.unwrap_or_default())?,
            (["steps"], _) => {
                let steps = stage.steps.unwrap_or_default();
                let valid = (0..=MOST_STEPS).contains(&steps);
                require(valid, &self.key("steps"), &steps, "an integer from 0 to 10^12")?;
                steps.unsigned_abs()
            }
            (_, temperature) => self.steps_of_cooling(temperature.filter(|_| is_ramp))?,
        };
        if steps == 0 && is_ramp {
            return self.refuse(
                given[0],
                " leaves a ramp of the temperature no step: expected at least one step, or one temperature",
            );
        }
        Ok(steps)
    }

    fn steps_of_duration(&self, duration: f64) -> Result<u64> {
        let steps = (duration / self.time_step).round();
        let valid = duration == 0.0 || (duration > 0.0 && steps >= 1.0 && steps <= MOST_STEPS as f64);
        let expected = "0 (the state is evaluated once), or 1 to 10^12 time steps in ps";
        require(valid, &self.key("duration_ps"), &duration, expected)?;
        Ok(steps as u64)
    }

    fn steps_of_cooling(&self, ramp: Option<Ramp>) -> Result<u64> {
        let key = "cooling_rate_k_per_s";
        let rate = self.stage.cooling_rate_k_per_s.unwrap_or_default();
        let Some(ramp) = ramp else {
            let what =
                " belongs to temperature = { from, to }: expected duration_ps or steps with one temperature";
            return self.refuse(key, what);
        };
        if ramp.to >= ramp.from {
            let what = format!(
                " with temperature from {:?} to {:?}: expected a falling temperature, or duration_ps or steps",
                ramp.from, ramp.to
            );
            return self.refuse(key, &what);
        }
        require(
            rate.is_finite() && rate > 0.0,
            &self.key(key),
            &rate,
            "a positive number of K/s, such as 1e13",
        )?;
        let steps = ((ramp.from - ramp.to) / rate * 1e12 / self.time_step).round();
        let valid = (1.0..=MOST_STEPS as f64).contains(&steps);
        let expected = "a rate that takes 1 to 10^12 time steps";
        require(valid, &self.key(key), &rate, expected)?;
        Ok(steps as u64)
    }
}

/// The meaning of a word, the first one where none is typed.
fn choose<T: Copy>(
    word: &mut Option<String>,
    known: &[(&str, T)],
    what: &str,
) -> std::result::Result<T, String> {
    let word = word.get_or_insert_with(|| known[0].0.to_string());
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let found = known.iter().find(|(name, _)| name == word);
    found.map(|(_, value)| *value).ok_or_else(|| unknown(what, word, word, &names))
}
