//! Minimization by the fast inertial relaxation engine, FIRE (Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006)).

use super::moving_atoms::MovingAtoms;
use crate::foundation::Result;
use crate::parallel::exact_sum::{exact_sums, largest};

const MIXING: f64 = 0.1;
const MIXING_DECAY: f64 = 0.99;
const STEP_GROWTH: f64 = 1.1;
const STEP_SHRINKAGE: f64 = 0.5;
const STEPS_BEFORE_GROWTH: f64 = 5.0;
/// Longest time step, in units of that of molecular dynamics.
const LONGEST: f64 = 10.0;
/// No atom moves further in one step (Angstrom).
const LONGEST_MOVE: f64 = 0.1;

/// What FIRE remembers from step to step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fire {
    /// Time step (ps).
    pub step: f64,
    /// How much velocities are turned towards forces.
    pub mixing: f64,
    /// Steps downhill since the last step uphill.
    pub downhill: f64,
}

impl Fire {
    /// At rest, with the time step of molecular dynamics.
    #[must_use]
    pub fn new(step: f64) -> Self {
        Fire { step, mixing: MIXING, downhill: 0.0 }
    }

    /// One step; forces are those of the present positions before and after. Collective.
    ///
    /// # Errors
    /// As [`MovingAtoms::compute`].
    pub fn advance(&mut self, atoms: &mut MovingAtoms, normal_step: f64) -> Result<()> {
        let dot = |a: &[f64; 3], b: &[f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        let (domain, forces) = (&atoms.domain, &atoms.forces.force);
        let [power, speed, force] = exact_sums(&*domain.comm, domain.total, domain.atoms.len(), |i| {
            let velocity = &domain.atoms[i].velocity;
            [dot(velocity, &forces[i]), dot(velocity, velocity), dot(&forces[i], &forces[i])]
        });
        if power > 0.0 {
            let turn = if force > 0.0 { self.mixing * (speed / force).sqrt() } else { 0.0 };
            for (atom, force) in atoms.domain.atoms.iter_mut().zip(forces) {
                (0..3).for_each(|d| {
                    atom.velocity[d] = (1.0 - self.mixing) * atom.velocity[d] + turn * force[d];
                });
            }
            self.downhill += 1.0;
            if self.downhill > STEPS_BEFORE_GROWTH {
                self.step = (self.step * STEP_GROWTH).min(LONGEST * normal_step);
                self.mixing *= MIXING_DECAY;
            }
        } else {
            atoms.scale_velocities([0.0; 3]);
            self.downhill = 0.0;
            // At rest there is nothing to learn from.
            if power < 0.0 {
                self.step *= STEP_SHRINKAGE;
            }
            self.mixing = MIXING;
        }
        atoms.kick(self.step);
        let fastest = largest(
            &*atoms.domain.comm,
            atoms.domain.atoms.iter().map(|atom| dot(&atom.velocity, &atom.velocity)),
        );
        let time = self.step.min(LONGEST_MOVE / fastest.sqrt().max(f64::MIN_POSITIVE));
        atoms.drift(time);
        atoms.compute()
    }
}

/// The largest component of a force (eV/Angstrom). Collective.
#[must_use]
pub fn largest_force(atoms: &MovingAtoms) -> f64 {
    largest(&*atoms.domain.comm, atoms.forces.force.iter().flatten().copied())
}
