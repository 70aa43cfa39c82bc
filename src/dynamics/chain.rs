//! Nose-Hoover chains.

use crate::foundation::simd::{Single, math};

/// Thermostats in a chain.
pub const LINKS: usize = 3;

/// A chain of three thermostats (Martyna, Klein, Tuckerman, J. Chem. Phys. 97, 2635 (1992)); positions and velocities
/// of its links, as they are saved.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Chain {
    /// Positions of the links.
    pub position: [f64; LINKS],
    /// Their velocities (1/ps).
    pub velocity: [f64; LINKS],
}

/// What a chain keeps at a temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bath {
    /// Degrees of freedom.
    pub freedom: f64,
    /// k_B T (eV).
    pub thermal_energy: f64,
    /// Relaxation time (ps).
    pub time: f64,
}

impl Bath {
    fn mass(&self, link: usize) -> f64 {
        let freedom = if link == 0 { self.freedom } else { 1.0 };
        freedom * self.thermal_energy * self.time * self.time
    }
}

/// e^x with bits that do not depend on the processor.
#[must_use]
pub fn exponential(x: f64) -> f64 {
    math::exp::<Single>(x.clamp(-600.0, 600.0))
}

impl Chain {
    /// Half a time step; `twice_kinetic` is twice the kinetic energy of what is kept (eV). Returns the factor its
    /// velocities are multiplied by. The splitting is that of Martyna et al., Mol. Phys. 87, 1117 (1996).
    #[must_use]
    pub fn half_step(&mut self, bath: &Bath, twice_kinetic: f64, step: f64) -> f64 {
        let (half, quarter, eighth) = (0.5 * step, 0.25 * step, 0.125 * step);
        let target = bath.freedom * bath.thermal_energy;
        let drive = |velocity: &[f64; LINKS], link: usize, twice_kinetic: f64| {
            let surplus = if link == 0 {
                twice_kinetic - target
            } else {
                bath.mass(link - 1) * velocity[link - 1] * velocity[link - 1] - bath.thermal_energy
            };
            surplus / bath.mass(link)
        };
        let push = |velocity: &mut [f64; LINKS], link: usize, twice_kinetic: f64| {
            let next = if link + 1 < LINKS { velocity[link + 1] } else { 0.0 };
            let damping = exponential(-eighth * next);
            let force = drive(velocity, link, twice_kinetic);
            velocity[link] = (velocity[link] * damping + quarter * force) * damping;
        };
        (0..LINKS).rev().for_each(|link| push(&mut self.velocity, link, twice_kinetic));
        let factor = exponential(-half * self.velocity[0]);
        (0..LINKS).for_each(|link| self.position[link] += half * self.velocity[link]);
        (0..LINKS).for_each(|link| push(&mut self.velocity, link, twice_kinetic * factor * factor));
        factor
    }

    /// The energy of the chain (eV), which with that of what it keeps is conserved.
    #[must_use]
    pub fn energy(&self, bath: &Bath) -> f64 {
        let of_link = |link: usize| {
            let freedom = if link == 0 { bath.freedom } else { 1.0 };
            freedom * bath.thermal_energy * self.position[link]
                + 0.5 * bath.mass(link) * self.velocity[link] * self.velocity[link]
        };
        (0..LINKS).map(of_link).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_on_a_free_particle_conserves_its_energy_to_second_order() {
        let bath = Bath { freedom: 1.0, thermal_energy: 0.1, time: 0.2 };
        let drift = |step: f64| {
            let (mut chain, mut velocity) = (Chain::default(), 0.7f64);
            let energy = |chain: &Chain, velocity: f64| 0.5 * velocity * velocity + chain.energy(&bath);
            let start = energy(&chain, velocity);
            let mut most = 0.0f64;
            for _ in 0..(4.0 / step) as usize {
                for _ in 0..2 {
                    velocity *= chain.half_step(&bath, velocity * velocity, step);
                }
                most = most.max((energy(&chain, velocity) - start).abs());
            }
            most
        };
        let (coarse, fine) = (drift(0.01), drift(0.005));
        assert!(coarse < 1e-3 && coarse / fine > 3.5 && coarse / fine < 4.5, "{coarse} {fine}");
    }
}
