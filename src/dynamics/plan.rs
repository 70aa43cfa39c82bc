//! What a run of molecular dynamics is to do: the atoms, the potential and the stages, validated.

use crate::forces::embedded_atom::EmbeddedAtom;
use crate::system::atoms::Atoms;

/// A quantity that goes linearly from one value to another during a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    /// Value at the first step.
    pub from: f64,
    /// Value at the last step.
    pub to: f64,
}

impl Ramp {
    /// The value after a fraction of the stage.
    #[must_use]
    pub fn at(self, fraction: f64) -> f64 {
        self.from + (self.to - self.from) * fraction
    }
}

/// What keeps the temperature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thermostat {
    /// Stochastic velocity rescaling (Bussi, Donadio, Parrinello, J. Chem. Phys. 126, 014101 (2007)).
    VelocityRescaling,
    /// A Nose-Hoover chain of three (Martyna, Klein, Tuckerman, J. Chem. Phys. 97, 2635 (1992)).
    NoseHoover,
    /// Friction and noise on every atom.
    Langevin,
}

/// Which edges of the box follow the pressure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxMotion {
    /// All edges in proportion.
    Isotropic,
    /// The three lengths, each by itself; tilts go with them.
    Anisotropic,
}

/// The equations of motion of a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ensemble {
    /// Newton's.
    Nve,
    /// At a temperature.
    Nvt {
        /// Temperature (K).
        temperature: Ramp,
        /// What keeps it.
        thermostat: Thermostat,
        /// Its relaxation time (ps).
        thermostat_time: f64,
    },
    /// At a temperature and a pressure, by Nose-Hoover chains.
    Npt {
        /// Temperature (K).
        temperature: Ramp,
        /// Relaxation time of the thermostat (ps).
        thermostat_time: f64,
        /// Pressure (eV per cubic Angstrom).
        pressure: f64,
        /// Relaxation time of the barostat (ps).
        barostat_time: f64,
        /// Which edges move.
        motion: BoxMotion,
    },
    /// Downhill to a minimum of the energy, at fixed box (FIRE; Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006)).
    Minimize {
        /// Largest component of a force at the end (eV/Angstrom).
        force_tolerance: f64,
    },
}

/// One stage of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Name, for the log and the report.
    pub name: String,
    /// Equations of motion.
    pub ensemble: Ensemble,
    /// Steps; for a minimization the most there may be.
    pub steps: u64,
}

/// The per-atom quantities a trajectory may hold beside element and position.
pub const PER_ATOM: [&str; 8] =
    ["id", "velocity", "image", "force", "energy", "stress", "pressure", "von_mises"];

/// The format of a trajectory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrajectoryFormat {
    /// Extended XYZ.
    ExtendedXyz,
    /// LAMMPS dump.
    Dump,
}

/// What is written of the atoms, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrajectoryPlan {
    /// Steps between frames.
    pub every: u64,
    /// Format.
    pub format: TrajectoryFormat,
    /// Names out of [`PER_ATOM`].
    pub per_atom: Vec<String>,
}

/// Everything a run needs to know.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Seed of all random numbers.
    pub seed: u64,
    /// Atoms at the start, of the elements of the potential in its order, with masses and velocities, wrapped into the box.
    pub atoms: Atoms,
    /// The potential, its elements those of the atoms.
    pub potential: EmbeddedAtom,
    /// Time step (ps).
    pub time_step: f64,
    /// Whether sums over neighbors are exact, so that bits depend on nothing but the configuration.
    pub reproducible: bool,
    /// How much further than the cutoff neighbor lists reach (Angstrom).
    pub skin: f64,
    /// Stages, at least one.
    pub stages: Vec<Stage>,
    /// Steps between rows of the thermo table.
    pub measure_every: u64,
    /// Whether the pair distribution function is measured with every row.
    pub pair_distribution: bool,
    /// Whether the mean square displacement is measured with every row.
    pub mean_square_displacement: bool,
    /// Trajectory, if one is written.
    pub trajectory: Option<TrajectoryPlan>,
}
