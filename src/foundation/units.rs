//! Units of atomic systems, those LAMMPS calls "metal": Angstrom, picosecond, electronvolt, kelvin, gram per mole.
//!
//! Constants are those of CODATA 2018, where the Boltzmann constant, the elementary charge and the Avogadro constant
//! are exact (Tiesinga et al., Rev. Mod. Phys. 93, 025010 (2021)). LAMMPS has its own, older digits: 8.617343e-5 eV/K,
//! 1.0364269e-4 eV per (g/mol) (Angstrom/ps)^2 and 1.6021765e6 bar per eV/Angstrom^3. At equal velocities its kinetic
//! energies are lower by 6e-8 of their value, its temperatures by 1.2e-6; its pressures of equal forces are lower by
//! 8e-8.

/// Boltzmann constant in J/K, exact.
const BOLTZMANN_JOULE: f64 = 1.380649e-23;
/// Elementary charge in C, exact: one electronvolt in J.
const ELEMENTARY_CHARGE: f64 = 1.602176634e-19;
/// Avogadro constant in 1/mol, exact.
const AVOGADRO: f64 = 6.02214076e23;

/// Boltzmann constant in eV/K: 8.617333262e-5.
pub const BOLTZMANN: f64 = BOLTZMANN_JOULE / ELEMENTARY_CHARGE;

/// Energy in eV of one g/mol times (Angstrom/ps)^2: 1.036426966e-4. A mole of 1 g weighs 1e-3 kg / N_A per atom, and
/// (Angstrom/ps)^2 is 1e4 (m/s)^2.
pub const MASS_VELOCITY_SQUARED: f64 = 10.0 / (AVOGADRO * ELEMENTARY_CHARGE);

/// Pressure in GPa of one eV/Angstrom^3: 160.2176634.
pub const GIGAPASCAL: f64 = ELEMENTARY_CHARGE * 1e21;

/// Mass density in g/cm^3 of one g/mol per Angstrom^3: 1.660539067.
pub const GRAM_PER_CUBIC_CENTIMETER: f64 = 1e24 / AVOGADRO;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_have_the_published_digits() {
        let close = |value: f64, published: f64| assert!((value / published - 1.0).abs() < 5e-10, "{value}");
        close(BOLTZMANN, 8.617333262e-5);
        close(MASS_VELOCITY_SQUARED, 1.036426966e-4);
        close(GIGAPASCAL, 160.2176634);
        close(GRAM_PER_CUBIC_CENTIMETER, 1.660539067);
    }

    #[test]
    fn the_stated_differences_to_lammps_are_right() {
        let share = |lammps: f64, ours: f64| (lammps / ours - 1.0).abs();
        assert!((share(8.617343e-5, BOLTZMANN) - 1.13e-6).abs() < 1e-8);
        assert!((share(1.0364269e-4, MASS_VELOCITY_SQUARED) - 6.4e-8).abs() < 1e-9);
        assert!((share(1.6021765, GIGAPASCAL / 100.0) - 8.4e-8).abs() < 1e-9);
    }
}
