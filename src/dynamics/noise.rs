//! Random numbers of thermostats, keyed by what they act on and when.

use crate::foundation::random::Stream;
use crate::foundation::simd::{Single, math};
use crate::system::velocities::normal_pair;

/// The sum of the squares of `count` independent normal numbers: chi-square, by the method of Marsaglia and Tsang for
/// gamma distributions (ACM Trans. Math. Softw. 26, 363 (2000)).
pub fn sum_of_squares(stream: &mut Stream, count: f64) -> f64 {
    if count < 2.0 {
        let [x, _] = normal_pair(stream);
        return if count < 1.0 { 0.0 } else { x * x };
    }
    let d = 0.5 * count - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let [x, _] = normal_pair(stream);
        let base = 1.0 + c * x;
        let cube = base * base * base;
        if cube <= 0.0 {
            continue;
        }
        let log = |x: f64| math::ln::<Single>(x);
        if log(stream.uniform()) < 0.5 * x * x + d - d * cube + d * log(cube) {
            return 2.0 * d * cube;
        }
    }
}

/// The kinetic energy after a time in a bath by stochastic velocity rescaling (Bussi, Donadio, Parrinello, J. Chem. Phys.
/// 126, 014101 (2007), eq. A7): `kinetic` before, `mean` in equilibrium, both in eV, and e^(-time/relaxation time).
pub fn rescaled(stream: &mut Stream, kinetic: f64, mean: f64, freedom: f64, decay: f64) -> f64 {
    let [x, _] = normal_pair(stream);
    let others = sum_of_squares(stream, freedom - 1.0);
    let share = mean / freedom * (1.0 - decay);
    let cross = 2.0 * x * (decay * kinetic * share).sqrt();
    (kinetic * decay + share * (x * x + others) + cross).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::random::Key;

    /// Mean and variance of samples, and the standard error of the mean.
    fn moments(samples: &[f64]) -> [f64; 3] {
        let n = samples.len() as f64;
        let mean = samples.iter().sum::<f64>() / n;
        let variance = samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        [mean, variance, (variance / n).sqrt()]
    }

    #[test]
    fn sums_of_squares_have_the_moments_of_chi_square() {
        for count in [1.0, 2.0, 5.0, 299.0] {
            let mut stream = Key::new(7).with(count as u64).stream();
            let samples: Vec<f64> = (0..40_000).map(|_| sum_of_squares(&mut stream, count)).collect();
            let [mean, variance, error] = moments(&samples);
            assert!((mean - count).abs() < 4.0 * error, "{count}: {mean}");
            // The fourth central moment of chi-square is 12 n (n + 4); that of the variance follows.
            let fourth = (12.0 * count * (count + 4.0) - 4.0 * count * count) / samples.len() as f64;
            assert!((variance - 2.0 * count).abs() < 4.0 * fourth.sqrt(), "{count}: {variance}");
        }
    }

    #[test]
    fn rescaling_leads_any_energy_to_the_canonical_distribution() {
        let (freedom, mean) = (9.0, 0.45);
        let decay = 0.8;
        let samples: Vec<f64> = (0..20_000)
            .map(|sample| {
                let mut stream = Key::new(9).with(sample).stream();
                (0..40).fold(3.0, |kinetic, _| rescaled(&mut stream, kinetic, mean, freedom, decay))
            })
            .collect();
        let [found, variance, error] = moments(&samples);
        // Kinetic energies are gamma distributed with shape freedom / 2.
        let expected = 2.0 * mean * mean / freedom;
        assert!((found - mean - (3.0 - mean) * decay.powi(40)).abs() < 4.0 * error, "{found}");
        let spread = expected * ((2.0 + 12.0 / freedom) / samples.len() as f64).sqrt();
        assert!((variance - expected).abs() < 4.0 * spread, "{variance} {expected}");
    }
}
