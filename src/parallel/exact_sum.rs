//! Sums over items that are spread over ranks, whose bits depend neither on the order of the items nor on the ranks.

use super::Comm;
use crate::foundation::fixed_point::FixedPoint;

/// Sums of K quantities over the items of all ranks, `total` of them: each is rounded to whole multiples of a power of two
/// that suits its largest term. A term that is not finite makes its sum not-a-number. Collective.
#[must_use]
pub fn exact_sums<const K: usize>(
    comm: &dyn Comm,
    total: usize,
    count: usize,
    term: impl Fn(usize) -> [f64; K],
) -> [f64; K] {
    let mut largest = [0.0f64; K];
    for item in 0..count {
        for (largest, value) in largest.iter_mut().zip(term(item)) {
            // The bits of magnitudes are ordered like these, not-a-number above all.
            *largest = f64::from_bits(largest.to_bits().max(value.abs().to_bits()));
        }
    }
    let mut words = largest.map(f64::to_bits);
    comm.max(&mut words);
    let bounds = words.map(f64::from_bits);
    let units =
        bounds.map(|bound| FixedPoint::new(if bound.is_finite() { bound } else { 0.0 }, total.max(1)));
    let mut sums = [0u64; K];
    for item in 0..count {
        let terms = term(item);
        for k in 0..K {
            if bounds[k].is_finite() {
                sums[k] = sums[k].wrapping_add(units[k].units(terms[k]) as u64);
            }
        }
    }
    comm.sum(&mut sums);
    std::array::from_fn(|k| if bounds[k].is_finite() { units[k].number(sums[k] as i64) } else { f64::NAN })
}

/// The largest of a quantity over the items of all ranks; not-a-number if one is. Collective.
#[must_use]
pub fn largest(comm: &dyn Comm, magnitudes: impl Iterator<Item = f64>) -> f64 {
    let mut word = [magnitudes.map(|value| value.abs().to_bits()).max().unwrap_or(0)];
    comm.max(&mut word);
    f64::from_bits(word[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::random::Key;
    use crate::parallel::threads;

    #[test]
    fn sums_are_right_and_do_not_depend_on_who_holds_what() {
        let mut stream = Key::new(3).stream();
        let values: Vec<[f64; 2]> =
            (0..1000).map(|_| [stream.uniform() - 0.5, 1e-9 * stream.uniform()]).collect();
        let direct: [f64; 2] = std::array::from_fn(|k| values.iter().map(|v| v[k]).sum());
        let on = |ranks: usize| {
            let found = threads::run(ranks, |comm| {
                let mine: Vec<_> = values.iter().skip(comm.rank()).step_by(ranks).copied().collect();
                exact_sums(&*comm, values.len(), mine.len(), |i| mine[i])
            });
            found[0]
        };
        let one = on(1);
        assert!((one[0] - direct[0]).abs() < 1e-12 && (one[1] - direct[1]).abs() < 1e-18);
        assert_eq!(one.map(f64::to_bits), on(3).map(f64::to_bits));
    }

    #[test]
    fn what_is_not_finite_is_noticed() {
        threads::run(2, |comm| {
            let rank = comm.rank() as f64;
            let [bad, good] = exact_sums(&*comm, 2, 1, |_| [if rank > 0.0 { f64::NAN } else { 1.0 }, 2.0]);
            assert!(bad.is_nan() && good == 4.0);
            assert!(largest(&*comm, std::iter::once(if rank > 0.0 { f64::NAN } else { 1.0 })).is_nan());
            assert_eq!(largest(&*comm, std::iter::once(-rank)), 1.0);
        });
    }
}
