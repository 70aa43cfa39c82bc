//! Sums over all atoms that thermodynamics is made of.

use super::atom::Atom;
use super::domain::Domain;
use super::forces::Forces;
use crate::foundation::units::{BOLTZMANN, MASS_VELOCITY_SQUARED};
use crate::parallel::exact_sum::exact_sums;

/// The pairs of axes of the six components xx yy zz yz xz xy.
pub const COMPONENTS: [[usize; 2]; 6] = [[0, 0], [1, 1], [2, 2], [1, 2], [0, 2], [0, 1]];

/// Energies and stresses of all atoms.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sums {
    /// Potential energy (eV).
    pub potential: f64,
    /// Sum of m v v (eV), components xx yy zz yz xz xy.
    pub kinetic: [f64; 6],
    /// Virial, the sum of r f over pairs (eV), same components.
    pub virial: [f64; 6],
}

impl Sums {
    /// Adds up all atoms. Collective.
    #[must_use]
    pub fn new(domain: &Domain, forces: &Forces, masses: &[f64]) -> Self {
        let term = |i: usize| -> [f64; 13] {
            let (atom, tally) = (&domain.atoms[i], &forces.tally[i]);
            let mass = masses[atom.kind as usize] * MASS_VELOCITY_SQUARED;
            let mut term = [tally.energy; 13];
            for (k, [d, e]) in COMPONENTS.into_iter().enumerate() {
                term[1 + k] = mass * atom.velocity[d] * atom.velocity[e];
                term[7 + k] = tally.virial[k];
            }
            term
        };
        let sums = exact_sums(&*domain.comm, domain.total, domain.atoms.len(), term);
        Sums {
            potential: sums[0],
            kinetic: std::array::from_fn(|k| sums[1 + k]),
            virial: std::array::from_fn(|k| sums[7 + k]),
        }
    }

    /// Kinetic energy (eV).
    #[must_use]
    pub fn kinetic_energy(&self) -> f64 {
        0.5 * (self.kinetic[0] + self.kinetic[1] + self.kinetic[2])
    }

    /// Pressure tensor (eV per cubic Angstrom) in a volume.
    #[must_use]
    pub fn pressure_tensor(&self, volume: f64) -> [f64; 6] {
        std::array::from_fn(|k| (self.kinetic[k] + self.virial[k]) / volume)
    }

    /// Pressure (eV per cubic Angstrom).
    #[must_use]
    pub fn pressure(&self, volume: f64) -> f64 {
        let [x, y, z, ..] = self.pressure_tensor(volume);
        (x + y + z) / 3.0
    }
}

/// Degrees of freedom of atoms whose total momentum is fixed.
#[must_use]
pub fn freedom(atoms: usize) -> f64 {
    (3.0 * atoms as f64 - 3.0).max(0.0)
}

/// Temperature (K) of a kinetic energy (eV).
#[must_use]
pub fn temperature(kinetic: f64, atoms: usize) -> f64 {
    let freedom = freedom(atoms);
    if freedom > 0.0 { 2.0 * kinetic / (freedom * BOLTZMANN) } else { 0.0 }
}

/// The kinetic energy of all atoms (eV). Collective.
#[must_use]
pub fn kinetic_energy(domain: &Domain, masses: &[f64]) -> f64 {
    let term = |i: usize| {
        let Atom { kind, velocity: [x, y, z], .. } = domain.atoms[i];
        [0.5 * masses[kind as usize] * MASS_VELOCITY_SQUARED * (x * x + y * y + z * z)]
    };
    exact_sums(&*domain.comm, domain.total, domain.atoms.len(), term)[0]
}
