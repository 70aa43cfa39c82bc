//! Temperature ladders: spacing them at the start and adapting them to equal rejection.

/// Temperatures from `minimum` to `maximum` in equal ratios.
#[must_use]
pub fn geometric(minimum: f64, maximum: f64, count: usize) -> Vec<f64> {
    spaced(count, |x| (minimum.ln() + x * (maximum / minimum).ln()).exp(), minimum, maximum)
}

/// Temperatures in equal steps.
#[must_use]
pub fn linear(minimum: f64, maximum: f64, count: usize) -> Vec<f64> {
    spaced(count, |x| minimum + x * (maximum - minimum), minimum, maximum)
}

/// Temperatures in equal steps of their inverse.
#[must_use]
pub fn inverse_linear(minimum: f64, maximum: f64, count: usize) -> Vec<f64> {
    spaced(count, |x| 1.0 / (1.0 / minimum + x * (1.0 / maximum - 1.0 / minimum)), minimum, maximum)
}

fn spaced(count: usize, at: impl Fn(f64) -> f64, minimum: f64, maximum: f64) -> Vec<f64> {
    let mut temperatures: Vec<f64> = (0..count).map(|k| at(k as f64 / (count - 1).max(1) as f64)).collect();
    // The ends are what was asked for, to the last bit.
    if let Some(first) = temperatures.first_mut() {
        *first = minimum;
    }
    if count > 1
        && let Some(last) = temperatures.last_mut()
    {
        *last = maximum;
    }
    temperatures
}

/// New temperatures between the same ends such that every pair has the same share of the communication barrier
/// (Syed, Bouchard-Cote, Deligiannidis and Doucet, J. R. Stat. Soc. B 84, 321 (2022), section 5).
///
/// `rejection[r]` is the mean rejection between rungs r and r + 1; the barrier is interpolated linearly in 1/T.
#[must_use]
pub fn equalize_rejection(temperatures: &[f64], rejection: &[f64]) -> Vec<f64> {
    // A floor keeps pairs that never rejected from collapsing onto one temperature.
    let steps: Vec<f64> = rejection.iter().map(|r| r.max(1e-3)).collect();
    let barrier: f64 = steps.iter().sum();
    let mut adapted = temperatures.to_vec();
    let (mut pair, mut below) = (0, 0.0);
    let inner = 1..temperatures.len() - 1;
    for (rung, temperature) in adapted.iter_mut().enumerate().filter(|(rung, _)| inner.contains(rung)) {
        let wanted = barrier * rung as f64 / steps.len() as f64;
        while pair + 1 < steps.len() && below + steps[pair] < wanted {
            below += steps[pair];
            pair += 1;
        }
        let fraction = (wanted - below) / steps[pair];
        let (cold, hot) = (1.0 / temperatures[pair], 1.0 / temperatures[pair + 1]);
        *temperature = 1.0 / (cold + fraction * (hot - cold));
    }
    adapted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ladders_have_the_ends_that_were_asked_for() {
        for ladder in [geometric(0.2, 2.0, 16), linear(0.2, 2.0, 16), inverse_linear(0.2, 2.0, 16)] {
            assert_eq!((ladder[0], ladder[15]), (0.2, 2.0));
            assert!(ladder.windows(2).all(|pair| pair[0] < pair[1]));
        }
        assert_eq!(geometric(0.5, 0.5, 1), vec![0.5]);
    }

    #[test]
    fn equal_rejection_leaves_a_ladder_alone_and_unequal_moves_rungs_to_the_bottleneck() {
        let ladder = inverse_linear(0.5, 2.0, 5);
        for (old, new) in ladder.iter().zip(equalize_rejection(&ladder, &[0.3; 4])) {
            assert!((old - new).abs() < 1e-12);
        }
        let adapted = equalize_rejection(&ladder, &[0.7, 0.1, 0.1, 0.1]);
        assert!(adapted[1] < ladder[1] && adapted[2] < ladder[2]);
        assert!(adapted.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
