//! How many atoms are of each element, and which.

use crate::foundation::random::{Key, Purpose};
use crate::foundation::{Error, Result};

/// How far from 1 the sum of fractions may be.
const TOLERANCE: f64 = 1e-6;

/// Atoms of each kind among `total`, from fractions that add up to 1: rounded down, then the largest remainders up. One
/// kind alone needs no fraction.
///
/// # Errors
/// `Error::Configuration` if names and fractions do not belong together.
pub fn counts(elements: &[String], fractions: &[f64], total: usize) -> Result<Vec<usize>> {
    check_names(elements)?;
    if elements.len() == 1 && fractions.is_empty() {
        return Ok(vec![total]);
    }
    let refuse = |what: String| Err(Error::Configuration(what));
    if fractions.len() != elements.len() {
        return refuse(format!(
            "there are {} fractions for {} elements ({}): expected one for each",
            fractions.len(),
            elements.len(),
            elements.join(", ")
        ));
    }
    if let Some(k) = fractions.iter().position(|f| !(0.0..=1.0).contains(f)) {
        return refuse(format!(
            "the fraction of {} is {}: expected a number from 0 to 1",
            elements[k], fractions[k]
        ));
    }
    let sum: f64 = fractions.iter().sum();
    if (sum - 1.0).abs() > TOLERANCE {
        return refuse(format!("the fractions of {} add up to {sum}: expected 1", elements.join(", ")));
    }
    let ideal: Vec<f64> = fractions.iter().map(|f| f / sum * total as f64).collect();
    // A part of 1e-9 keeps 28.999999999999996 from losing an atom to another element.
    let mut counts: Vec<usize> = ideal.iter().map(|x| (x + 1e-9).floor() as usize).collect();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    let remainder = |k: usize| ideal[k] - ideal[k].floor();
    order.sort_by(|&p, &q| remainder(q).total_cmp(&remainder(p)));
    let missing = total.saturating_sub(counts.iter().sum());
    order.iter().take(missing).for_each(|&k| counts[k] += 1);
    Ok(counts)
}

/// The kinds of all atoms in random order, keyed by [`Purpose::Composition`]; Fisher and Yates.
#[must_use]
pub fn shuffled(counts: &[usize], key: Key) -> Vec<u16> {
    let of_kind = |(kind, &count): (usize, &usize)| std::iter::repeat_n(kind as u16, count);
    let mut kinds: Vec<u16> = counts.iter().enumerate().flat_map(of_kind).collect();
    let mut stream = key.purpose(Purpose::Composition).stream();
    for last in (1..kinds.len()).rev() {
        kinds.swap(last, stream.below(last + 1));
    }
    kinds
}

/// Refuses names that are missing, blank or given twice.
///
/// # Errors
/// `Error::Configuration`.
pub fn check_names(elements: &[String]) -> Result<()> {
    let refuse = |what: String| Err(Error::Configuration(what));
    if elements.is_empty() || elements.len() > usize::from(u16::MAX) {
        return refuse(format!("there are {} elements: expected 1 to 65535", elements.len()));
    }
    for (k, name) in elements.iter().enumerate() {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '#') {
            return refuse(format!("the element name {name:?} is not a word: expected one like \"Cu\""));
        }
        if elements[..k].contains(name) {
            return refuse(format!("the element {name} is named twice: expected each element once"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        ["Cu", "Zr", "Al"][..count].iter().map(ToString::to_string).collect()
    }

    #[test]
    fn counts_are_exact_and_round_by_the_largest_remainder() {
        let count = |fractions: &[f64], total| counts(&names(fractions.len()), fractions, total).unwrap();
        assert_eq!(count(&[0.29, 0.71], 100), [29, 71]);
        assert_eq!(count(&[0.645, 0.355], 5000), [3225, 1775]);
        assert_eq!(count(&[0.5, 0.5], 7), [4, 3]);
        assert_eq!(count(&[0.46, 0.46, 0.08], 10), [5, 4, 1]);
        assert_eq!(count(&[0.0, 1.0], 3), [0, 3]);
        assert_eq!(counts(&names(1), &[], 12).unwrap(), [12]);
    }

    #[test]
    fn wrong_fractions_are_refused() {
        let refusal =
            |elements, fractions: &[f64]| counts(&names(elements), fractions, 10).unwrap_err().to_string();
        assert!(refusal(2, &[0.5, 0.4]).contains("add up to 0.9: expected 1"));
        assert!(refusal(2, &[1.5, -0.5]).contains("the fraction of Cu is 1.5"));
        assert!(refusal(2, &[f64::NAN, 0.5]).contains("the fraction of Cu is NaN"));
        assert!(refusal(3, &[0.5, 0.5]).contains("2 fractions for 3 elements (Cu, Zr, Al)"));
        assert!(refusal(2, &[]).contains("0 fractions for 2 elements"));
        let twice = [names(1), names(1)].concat();
        assert!(counts(&twice, &[0.5, 0.5], 4).unwrap_err().to_string().contains("Cu is named twice"));
        assert!(counts(&[], &[], 4).is_err());
        assert!(counts(&["C u".to_string()], &[], 4).unwrap_err().to_string().contains("is not a word"));
    }

    #[test]
    fn shuffling_keeps_counts_and_depends_on_the_seed() {
        let kinds = shuffled(&[300, 500, 200], Key::new(3));
        let count = |kind| kinds.iter().filter(|&&k| k == kind).count();
        assert_eq!([count(0), count(1), count(2)], [300, 500, 200]);
        assert_eq!(kinds, shuffled(&[300, 500, 200], Key::new(3)));
        assert_ne!(kinds, shuffled(&[300, 500, 200], Key::new(4)));
    }

    #[test]
    fn every_order_is_equally_likely() {
        let mut seen = std::collections::BTreeMap::new();
        let seeds = 12_000u64;
        for seed in 0..seeds {
            *seen.entry(shuffled(&[2, 2], Key::new(seed))).or_insert(0u64) += 1;
        }
        let expected = seeds as f64 / 6.0;
        let chi_square: f64 = seen.values().map(|&count| (count as f64 - expected).powi(2) / expected).sum();
        // Five degrees of freedom: 25.7 is exceeded with probability 1e-4.
        assert!(seen.len() == 6 && chi_square < 25.7, "{chi_square}");
    }
}
