//! Atoms with their forces, and the elementary motions integrators are made of.

use super::domain::Domain;
use super::forces::Forces;
use super::sums::{self, Sums};
use crate::foundation::Result;
use crate::foundation::units::MASS_VELOCITY_SQUARED;

/// The atoms of one rank, what acts on them, and the masses of their kinds (g/mol).
pub struct MovingAtoms {
    /// Atoms.
    pub domain: Domain,
    /// Forces.
    pub forces: Forces,
    /// Mass of each kind (g/mol).
    pub masses: Vec<f64>,
}

impl MovingAtoms {
    /// Forces for where the atoms are now. Collective.
    ///
    /// # Errors
    /// As [`Forces::compute`].
    pub fn compute(&mut self) -> Result<()> {
        self.forces.compute(&mut self.domain)
    }

    /// Energies and stresses. Collective.
    #[must_use]
    pub fn sums(&self) -> Sums {
        Sums::new(&self.domain, &self.forces, &self.masses)
    }

    /// Kinetic energy (eV). Collective.
    #[must_use]
    pub fn kinetic_energy(&self) -> f64 {
        sums::kinetic_energy(&self.domain, &self.masses)
    }

    /// Volume of the box (cubic Angstrom).
    #[must_use]
    pub fn volume(&self) -> f64 {
        self.domain.periodic_box().volume()
    }

    /// Forces act on velocities for a time (ps).
    pub fn kick(&mut self, time: f64) {
        let factor: Vec<f64> = self.masses.iter().map(|mass| time / (mass * MASS_VELOCITY_SQUARED)).collect();
        for (atom, force) in self.domain.atoms.iter_mut().zip(&self.forces.force) {
            let factor = factor[atom.kind as usize];
            (0..3).for_each(|d| atom.velocity[d] += factor * force[d]);
        }
    }

    /// Atoms move with their velocities for a time (ps). Each move is rounded to the grid, and so does not depend on where
    /// in space the atom is.
    pub fn drift(&mut self, time: f64) {
        let grid = self.domain.grid;
        for atom in &mut self.domain.atoms {
            (0..3).for_each(|d| atom.position[d] += grid.round(time * atom.velocity[d]));
        }
    }

    /// Multiplies velocities, along each axis by its factor.
    pub fn scale_velocities(&mut self, factor: [f64; 3]) {
        for atom in &mut self.domain.atoms {
            (0..3).for_each(|d| atom.velocity[d] *= factor[d]);
        }
    }
}
