//! Velocities at the start: Maxwell and Boltzmann's distribution, at rest as a whole, at an exact temperature.

use super::atoms::Atoms;
use crate::foundation::random::{Key, Purpose, Stream};
use crate::foundation::simd::{Single, math};
use crate::foundation::units::{BOLTZMANN, MASS_VELOCITY_SQUARED};
use crate::foundation::{Error, Result};

/// Two independent normal numbers by the polar method (Marsaglia and Bray, SIAM Rev. 6, 260 (1964)), with the logarithm
/// of the vector kernels: bits do not depend on the system's.
pub fn normal_pair(stream: &mut Stream) -> [f64; 2] {
    loop {
        let (x, y) = (2.0 * stream.uniform() - 1.0, 2.0 * stream.uniform() - 1.0);
        let square = x * x + y * y;
        if square < 1.0 && square > 0.0 {
            let factor = (-2.0 * math::ln::<Single>(square) / square).sqrt();
            return [x * factor, y * factor];
        }
    }
}

/// A sum whose bits do not depend on the order of its terms: they are rounded to a common unit, at least 2^-90 of the
/// largest, and added as integers; there may be up to 2^35.
fn sum(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = terms.clone().fold(0.0f64, |largest, term| largest.max(term.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    // A power of two between 2^90 and 2^91 over the largest, in two factors, for one alone may overflow.
    let exponent = ((largest.to_bits() >> 52) as i32 - 1023).max(-1022);
    let power = 90 - exponent;
    let (one, other) = (2f64.powi(power / 2), 2f64.powi(power - power / 2));
    let total: i128 = terms.map(|term| (term * one * other) as i128).sum();
    total as f64 / one / other
}

fn masses_of(atoms: &Atoms) -> Result<&[f64]> {
    match &atoms.masses {
        Some(masses) if masses.len() == atoms.kinds => Ok(masses),
        _ => Err(Error::Configuration(
            "the masses of the atoms are not known: expected them in the configuration or from the potential"
                .into(),
        )),
    }
}

/// The kinetic energy in eV.
///
/// # Errors
/// `Error::Configuration` if masses are not known.
pub fn kinetic_energy(atoms: &Atoms) -> Result<f64> {
    let masses = masses_of(atoms)?;
    let each = atoms.kind.iter().zip(&atoms.velocity);
    let twice = each.map(|(&kind, v)| masses[usize::from(kind)] * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]));
    Ok(0.5 * MASS_VELOCITY_SQUARED * sum(twice))
}

/// The temperature in kelvin: the kinetic energy is (3N - 3) k_B T / 2, for momentum is conserved. Zero for one atom.
///
/// # Errors
/// `Error::Configuration` if masses are not known.
pub fn temperature(atoms: &Atoms) -> Result<f64> {
    let freedom = 3.0 * atoms.len() as f64 - 3.0;
    let energy = kinetic_energy(atoms)?;
    Ok(if freedom > 0.0 { 2.0 * energy / (freedom * BOLTZMANN) } else { 0.0 })
}

/// The total momentum in g/mol Angstrom/ps.
///
/// # Errors
/// `Error::Configuration` if masses are not known.
pub fn momentum(atoms: &Atoms) -> Result<[f64; 3]> {
    let masses = masses_of(atoms)?;
    let along = |d: usize| {
        let each = atoms.kind.iter().zip(&atoms.velocity);
        sum(each.map(move |(&kind, v)| masses[usize::from(kind)] * v[d]))
    };
    Ok([along(0), along(1), along(2)])
}

/// Gives every atom a velocity from the distribution of Maxwell and Boltzmann at `kelvin`, keyed by its id; then the
/// total momentum is removed and all are scaled so that [`temperature`] is exact. Velocities do not depend on the order
/// of the atoms.
///
/// # Errors
/// `Error::Configuration` if masses are not known, the temperature is negative, or there is a single atom to heat.
pub fn maxwell_boltzmann(atoms: &mut Atoms, kelvin: f64, key: Key) -> Result<()> {
    let refuse = |what: String| Err(Error::Configuration(what));
    if !(kelvin.is_finite() && kelvin >= 0.0) {
        return refuse(format!("the temperature is {kelvin}: expected zero or a positive number of kelvin"));
    }
    let masses = masses_of(atoms)?.to_vec();
    if kelvin > 0.0 && atoms.len() < 2 {
        return refuse(
            "a single atom has no temperature: its momentum is that of the whole, which is zero".into(),
        );
    }
    atoms.has_velocities = true;
    if kelvin == 0.0 {
        atoms.velocity.fill([0.0; 3]);
        return Ok(());
    }
    for at in 0..atoms.len() {
        let mut stream = key.purpose(Purpose::Velocities).with(atoms.id[at]).stream();
        let mass = masses[usize::from(atoms.kind[at])];
        let width = (BOLTZMANN * kelvin / (mass * MASS_VELOCITY_SQUARED)).sqrt();
        let ([x, y], [z, _]) = (normal_pair(&mut stream), normal_pair(&mut stream));
        atoms.velocity[at] = [x * width, y * width, z * width];
    }
    let total_mass = sum(atoms.kind.iter().map(|&kind| masses[usize::from(kind)]));
    // What the first pass leaves by rounding, the second takes away.
    for _ in 0..2 {
        let drift = momentum(atoms)?.map(|p| p / total_mass);
        for velocity in &mut atoms.velocity {
            (0..3).for_each(|d| velocity[d] -= drift[d]);
        }
    }
    let factor = (kelvin / temperature(atoms)?).sqrt();
    atoms.velocity.iter_mut().flatten().for_each(|v| *v *= factor);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::crystal::{Structure, build};

    fn alloy(repeat: usize) -> Atoms {
        let elements = ["Cu".to_string(), "Zr".to_string()];
        let mut atoms = build(Structure::Fcc, 4.0, [repeat; 3], &elements, &[0.5, 0.5], Key::new(1)).unwrap();
        atoms.masses = Some(vec![63.546, 91.224]);
        atoms
    }

    #[test]
    fn temperature_is_exact_and_momentum_zero() {
        for (repeat, kelvin) in [(1, 300.0), (5, 1600.0), (8, 1e-3)] {
            let mut atoms = alloy(repeat);
            maxwell_boltzmann(&mut atoms, kelvin, Key::new(7)).unwrap();
            assert!((temperature(&atoms).unwrap() / kelvin - 1.0).abs() < 4.0 * f64::EPSILON);
            let speeds: f64 = atoms.velocity.iter().flatten().map(|v| v.abs()).sum();
            assert!(momentum(&atoms).unwrap().iter().all(|p| p.abs() < 1e-15 * 80.0 * speeds));
        }
    }

    #[test]
    fn the_order_of_atoms_does_not_change_a_bit() {
        let mut atoms = alloy(4);
        let mut turned = atoms.clone();
        turned.id.reverse();
        turned.kind.reverse();
        turned.position.reverse();
        maxwell_boltzmann(&mut atoms, 900.0, Key::new(3)).unwrap();
        maxwell_boltzmann(&mut turned, 900.0, Key::new(3)).unwrap();
        assert_ne!(turned, atoms);
        turned.sort_by_id();
        assert_eq!(turned, atoms);
        maxwell_boltzmann(&mut turned, 900.0, Key::new(4)).unwrap();
        assert_ne!(turned, atoms);
    }

    #[test]
    fn velocities_have_the_moments_of_a_normal_distribution() {
        let mut atoms = alloy(20);
        maxwell_boltzmann(&mut atoms, 500.0, Key::new(11)).unwrap();
        for (kind, mass) in [(0, 63.546), (1, 91.224)] {
            let width = (BOLTZMANN * 500.0 / (mass * MASS_VELOCITY_SQUARED)).sqrt();
            let of_kind = atoms.velocity.iter().zip(&atoms.kind).filter(|(_, k)| **k == kind);
            let scaled: Vec<f64> = of_kind.flat_map(|(v, _)| v.map(|x| x / width)).collect();
            let moment = |power: i32| scaled.iter().map(|x| x.powi(power)).sum::<f64>() / scaled.len() as f64;
            let sigma = (scaled.len() as f64).sqrt();
            // The powers 1 to 4 of a normal number have means 0, 1, 0, 3 and variances 1, 2, 15, 96.
            assert!((moment(1) * sigma).abs() < 4.0);
            assert!(((moment(2) - 1.0) / 2f64.sqrt() * sigma).abs() < 4.0);
            assert!((moment(3) / 15f64.sqrt() * sigma).abs() < 4.0);
            assert!(((moment(4) - 3.0) / 96f64.sqrt() * sigma).abs() < 4.0);
        }
    }

    #[test]
    fn the_temperature_is_that_of_known_velocities() {
        // Two of four atoms of 1 g/mol have 1 Angstrom/ps: 2 (1/2) m v^2 = 9 k_B T / 2.
        let mut atoms = alloy(1);
        atoms.masses = Some(vec![1.0, 1.0]);
        atoms.velocity[0] = [0.0, 1.0, 0.0];
        atoms.velocity[1] = [0.0, -1.0, 0.0];
        let expected = 2.0 * 1.036426966e-4 / (9.0 * 8.617333262e-5);
        assert!((temperature(&atoms).unwrap() / expected - 1.0).abs() < 1e-9);
        assert_eq!(momentum(&atoms).unwrap(), [0.0; 3]);
    }

    #[test]
    fn what_cannot_be_heated_is_refused() {
        let mut atoms = alloy(1);
        let key = Key::new(1);
        let message = maxwell_boltzmann(&mut atoms, -1.0, key).unwrap_err().to_string();
        assert!(message.contains("the temperature is -1"));
        assert!(maxwell_boltzmann(&mut atoms, f64::NAN, key).is_err());
        atoms.masses = None;
        assert!(maxwell_boltzmann(&mut atoms, 1.0, key).unwrap_err().to_string().contains("masses"));
        let mut one = Atoms::new(atoms.periodic_box, vec!["Cu".into()], vec![0], vec![[0.0; 3]]);
        one.masses = Some(vec![63.546]);
        assert!(maxwell_boltzmann(&mut one, 1.0, key).unwrap_err().to_string().contains("single atom"));
        maxwell_boltzmann(&mut one, 0.0, key).unwrap();
        assert!(one.has_velocities);
    }

    #[test]
    fn sums_are_exact_over_many_magnitudes() {
        assert_eq!(sum([1e16, 1.0, -1e16, 2f64.powi(-30)].into_iter()), 1.0 + 2f64.powi(-30));
        assert_eq!(sum([5e-324, 5e-324].into_iter()), 1e-323);
        assert_eq!(sum([1e308, -1e308, 1e300].into_iter()), 1e300);
        assert_eq!(sum(std::iter::empty()), 0.0);
    }
}
