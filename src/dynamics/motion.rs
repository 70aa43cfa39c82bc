//! One time step of each ensemble.

use super::chain::{Bath, Chain, LINKS, exponential};
use super::moving_atoms::MovingAtoms;
use super::noise::rescaled;
use super::plan::{BoxMotion, Thermostat};
use super::sums::{Sums, freedom};
use crate::foundation::random::Key;
use crate::foundation::units::{BOLTZMANN, MASS_VELOCITY_SQUARED};
use crate::foundation::{Error, Result};
use crate::system::periodic_box::PeriodicBox;
use crate::system::velocities::normal_pair;

/// The variables of thermostats and barostats, which extend those of the atoms.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ExtendedVariables {
    /// The thermostat of the atoms.
    pub thermostat: Chain,
    /// The thermostat of the box.
    pub box_thermostat: Chain,
    /// Rates of the logarithms of the edges (1/ps).
    pub box_rate: [f64; 3],
    /// Energy a stochastic thermostat gave to the atoms so far (eV).
    pub heat: f64,
    /// Volume at the start of the stage (cubic Angstrom).
    pub first_volume: f64,
}

/// How many numbers they are.
pub const NUMBERS: usize = 4 * LINKS + 5;

impl ExtendedVariables {
    /// As plain numbers.
    #[must_use]
    pub fn numbers(&self) -> [f64; NUMBERS] {
        let mut numbers = [0.0; NUMBERS];
        let parts: [&[f64]; 7] = [
            &self.thermostat.position,
            &self.thermostat.velocity,
            &self.box_thermostat.position,
            &self.box_thermostat.velocity,
            &self.box_rate,
            &[self.heat],
            &[self.first_volume],
        ];
        numbers.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        numbers
    }

    /// From plain numbers.
    #[must_use]
    pub fn from_numbers(numbers: &[f64; NUMBERS]) -> Self {
        let three = |at: usize| [numbers[at], numbers[at + 1], numbers[at + 2]];
        ExtendedVariables {
            thermostat: Chain { position: three(0), velocity: three(3) },
            box_thermostat: Chain { position: three(6), velocity: three(9) },
            box_rate: three(12),
            heat: numbers[15],
            first_volume: numbers[16],
        }
    }
}

/// A step at constant energy (velocity Verlet).
///
/// # Errors
/// As [`MovingAtoms::compute`].
pub fn step_nve(atoms: &mut MovingAtoms, time: f64) -> Result<()> {
    atoms.kick(0.5 * time);
    atoms.drift(time);
    atoms.compute()?;
    atoms.kick(0.5 * time);
    Ok(())
}

/// The bath of all atoms at a temperature (K) with a relaxation time (ps).
#[must_use]
pub fn bath(atoms: usize, temperature: f64, time: f64) -> Bath {
    Bath { freedom: freedom(atoms), thermal_energy: BOLTZMANN * temperature, time }
}

/// A step at constant temperature. `key` is that of the step.
///
/// # Errors
/// As [`MovingAtoms::compute`].
pub fn step_nvt(
    atoms: &mut MovingAtoms,
    extended: &mut ExtendedVariables,
    (thermostat, bath): (Thermostat, Bath),
    key: Key,
    time: f64,
) -> Result<()> {
    match thermostat {
        Thermostat::NoseHoover => {
            thermostat_half(atoms, extended, &bath, time);
            step_nve(atoms, time)?;
            thermostat_half(atoms, extended, &bath, time);
        }
        Thermostat::VelocityRescaling => {
            step_nve(atoms, time)?;
            let before = atoms.kinetic_energy();
            let mean = 0.5 * bath.freedom * bath.thermal_energy;
            let decay = exponential(-time / bath.time);
            let after = rescaled(&mut key.stream(), before, mean, bath.freedom, decay);
            if before > 0.0 {
                atoms.scale_velocities([(after / before).sqrt(); 3]);
                extended.heat += after - before;
            }
        }
        Thermostat::Langevin => {
            // The splitting B A O A B of Leimkuhler and Matthews, Appl. Math. Res. Express 2013, 34.
            atoms.kick(0.5 * time);
            atoms.drift(0.5 * time);
            let before = atoms.kinetic_energy();
            let decay = exponential(-time / bath.time);
            let noise = ((1.0 - decay * decay) * bath.thermal_energy / MASS_VELOCITY_SQUARED).sqrt();
            let width: Vec<f64> = atoms.masses.iter().map(|mass| noise / mass.sqrt()).collect();
            for atom in &mut atoms.domain.atoms {
                let mut stream = key.with(atom.id).stream();
                let ([x, y], [z, _]) = (normal_pair(&mut stream), normal_pair(&mut stream));
                let width = width[atom.kind as usize];
                for (velocity, random) in atom.velocity.iter_mut().zip([x, y, z]) {
                    *velocity = decay * *velocity + width * random;
                }
            }
            extended.heat += atoms.kinetic_energy() - before;
            atoms.drift(0.5 * time);
            atoms.compute()?;
            atoms.kick(0.5 * time);
        }
    }
    Ok(())
}

fn thermostat_half(atoms: &mut MovingAtoms, extended: &mut ExtendedVariables, bath: &Bath, time: f64) {
    let twice_kinetic = 2.0 * atoms.kinetic_energy();
    let factor = extended.thermostat.half_step(bath, twice_kinetic, time);
    atoms.scale_velocities([factor; 3]);
}

/// What a barostat keeps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Barostat {
    /// Pressure (eV per cubic Angstrom).
    pub pressure: f64,
    /// Relaxation time (ps).
    pub time: f64,
    /// Which edges move.
    pub motion: BoxMotion,
}

impl Barostat {
    /// Independent motions of the box.
    fn freedom(&self) -> f64 {
        if self.motion == BoxMotion::Isotropic { 1.0 } else { 3.0 }
    }

    /// The bath of the box.
    fn bath(&self, thermal_energy: f64) -> Bath {
        Bath { freedom: self.freedom(), thermal_energy, time: self.time }
    }

    /// The inertia of one edge (eV ps^2).
    fn mass(&self, atoms: usize, thermal_energy: f64) -> f64 {
        (atoms as f64 + 1.0) * thermal_energy * self.time * self.time
    }

    /// Twice the kinetic energy of the box.
    fn twice_kinetic(&self, extended: &ExtendedVariables, mass: f64) -> f64 {
        extended.box_rate.iter().map(|rate| mass * rate * rate).sum()
    }
}

/// A step at constant temperature and pressure: the equations of Martyna, Tobias and Klein (J. Chem. Phys. 101, 4177
/// (1994)) with one rate per edge, split as by Tuckerman et al. (J. Phys. A 39, 5629 (2006)).
///
/// # Errors
/// As [`MovingAtoms::compute`], and if the box collapses or grows beyond all measure.
pub fn step_npt(
    atoms: &mut MovingAtoms,
    extended: &mut ExtendedVariables,
    bath: Bath,
    barostat: Barostat,
    time: f64,
) -> Result<()> {
    let mass = barostat.mass(atoms.domain.total, bath.thermal_energy);
    box_thermostat_half(extended, bath, barostat, mass, time);
    thermostat_half(atoms, extended, &bath, time);
    let sums = atoms.sums();
    push_box(atoms, extended, barostat, mass, &sums, 0.5 * time);
    dilate_velocities(atoms, extended, 0.5 * time);
    atoms.kick(0.5 * time);
    dilate_box(atoms, extended, 0.5 * time)?;
    atoms.drift(time);
    dilate_box(atoms, extended, 0.5 * time)?;
    atoms.compute()?;
    atoms.kick(0.5 * time);
    dilate_velocities(atoms, extended, 0.5 * time);
    let sums = atoms.sums();
    push_box(atoms, extended, barostat, mass, &sums, 0.5 * time);
    thermostat_half(atoms, extended, &bath, time);
    box_thermostat_half(extended, bath, barostat, mass, time);
    Ok(())
}

fn box_thermostat_half(
    extended: &mut ExtendedVariables,
    bath: Bath,
    barostat: Barostat,
    mass: f64,
    time: f64,
) {
    let twice_kinetic = barostat.twice_kinetic(extended, mass);
    let bath = barostat.bath(bath.thermal_energy);
    let factor = extended.box_thermostat.half_step(&bath, twice_kinetic, time);
    extended.box_rate.iter_mut().for_each(|rate| *rate *= factor);
}

fn push_box(
    atoms: &MovingAtoms,
    extended: &mut ExtendedVariables,
    barostat: Barostat,
    mass: f64,
    sums: &Sums,
    time: f64,
) {
    let volume = atoms.volume();
    let tensor = sums.pressure_tensor(volume);
    let trace_term =
        (sums.kinetic[0] + sums.kinetic[1] + sums.kinetic[2]) / (3.0 * atoms.domain.total as f64);
    for (d, rate) in extended.box_rate.iter_mut().enumerate() {
        let pressure =
            if barostat.motion == BoxMotion::Isotropic { sums.pressure(volume) } else { tensor[d] };
        *rate += time * ((pressure - barostat.pressure) * volume + trace_term) / mass;
    }
}

fn dilate_velocities(atoms: &mut MovingAtoms, extended: &ExtendedVariables, time: f64) {
    let mean = extended.box_rate.iter().sum::<f64>() / (3.0 * atoms.domain.total as f64);
    atoms.scale_velocities(extended.box_rate.map(|rate| exponential(-time * (rate + mean))));
}

fn dilate_box(atoms: &mut MovingAtoms, extended: &ExtendedVariables, time: f64) -> Result<()> {
    let factor = extended.box_rate.map(|rate| exponential(time * rate));
    let old = *atoms.domain.periodic_box();
    // Row by row of the edges: the component along each axis is stretched.
    let [lengths, [xy, xz, yz]] = [old.lengths(), old.tilts()];
    let lengths = std::array::from_fn(|d| lengths[d] * factor[d]);
    let tilts = [xy * factor[0], xz * factor[0], yz * factor[1]];
    let refuse = |what: &str| {
        Error::Internal(format!(
            "the box {what}: its edges were {:?} Angstrom; expected a longer barostat_time_ps, a shorter time step or a \
             start closer to the pressure",
            old.lengths()
        ))
    };
    let new = PeriodicBox::new(old.origin(), lengths, tilts)
        .and_then(|cell| atoms.domain.grid.round_box(&cell))
        .map_err(|_| refuse("collapsed"))?;
    if new.edges().iter().flatten().any(|x| 4.0 * x.abs() > atoms.domain.grid.largest()) {
        return Err(refuse("grew beyond all measure"));
    }
    atoms.domain.deform(new);
    Ok(())
}

/// The energy of thermostat and barostat (eV), which with that of the atoms is conserved at constant temperature and
/// pressure.
#[must_use]
pub fn extended_energy(
    atoms: &MovingAtoms,
    extended: &ExtendedVariables,
    bath: Bath,
    barostat: Option<Barostat>,
) -> f64 {
    let thermostat = extended.thermostat.energy(&bath) - extended.heat;
    let of_box = barostat.map_or(0.0, |barostat| {
        let mass = barostat.mass(atoms.domain.total, bath.thermal_energy);
        0.5 * barostat.twice_kinetic(extended, mass)
            + barostat.pressure * (atoms.volume() - extended.first_volume)
            + extended.box_thermostat.energy(&barostat.bath(bath.thermal_energy))
    });
    thermostat + of_box
}
