//! Sums whose bits do not depend on their order: every term is rounded to a whole multiple of a power of two.
//!
//! However a lattice is cut into domains, vectors or threads, the sum of its sites is the same integer. One term costs
//! a multiply-add and an integer addition, no more than a floating-point sum. The price is the rounding of each term
//! to the unit: 2^-50 for sums of up to 2048 numbers of magnitude up to 1, 2^-33 for 268 million.

use super::simd::{Arithmetic, LANES, Lanes, Single};

/// 1.5 x 2^52: a number below 2^51 added to it is rounded to an integer, which then sits in the low mantissa bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;

/// The unit of a fixed-point sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedPoint {
    /// Units per one: a power of two.
    scale: f64,
}

impl FixedPoint {
    /// A unit in which `terms` numbers of magnitude at most `bound` can be added without overflow, with two bits to spare.
    #[must_use]
    pub fn new(bound: f64, terms: usize) -> Self {
        let bits = |x: f64| x.max(f64::MIN_POSITIVE).log2().ceil() as i32;
        let of_one = 50 - bits(bound);
        let of_sum = 61 - bits(bound) - bits(terms as f64);
        FixedPoint { scale: 2f64.powi(of_one.min(of_sum).clamp(-1000, 1000)) }
    }

    /// Units per one.
    #[must_use]
    pub fn scale(self) -> f64 {
        self.scale
    }

    /// A sum of units as a number.
    #[must_use]
    pub fn number(self, units: i64) -> f64 {
        units as f64 / self.scale
    }

    /// A number within the bound in units, rounded like the terms of vector sums.
    #[must_use]
    pub fn units(self, number: f64) -> i64 {
        debug_assert!((number * self.scale).abs() < (1u64 << 51) as f64, "{number} is beyond the bound");
        let mut sum = UnitSum::<Single>::default();
        sum.add(number, self.scale);
        sum.lanes() as i64
    }
}

/// A sum under construction, lane by lane.
#[derive(Clone, Copy)]
pub struct UnitSum<A: Arithmetic> {
    words: A::Word,
    /// The bits of [`ROUNDING`] come along with every term and are taken off at the end.
    terms: u64,
}

impl<A: Arithmetic> Default for UnitSum<A> {
    #[inline(always)]
    fn default() -> Self {
        UnitSum { words: A::splat_word(0), terms: 0 }
    }
}

impl<A: Arithmetic> UnitSum<A> {
    /// Adds one term; `scale` is that of the unit, or zero in lanes that do not count.
    #[inline(always)]
    pub fn add(&mut self, term: A::Float, scale: A::Float) {
        let rounded = A::mul_add(term, scale, A::splat(ROUNDING));
        self.words = A::add_word(self.words, A::to_bits(rounded));
        self.terms += 1;
    }

    /// The sums of the lanes, in units, as two's complement words.
    #[inline(always)]
    pub fn lanes(self) -> A::Word {
        A::sub_word(self.words, A::splat_word(ROUNDING.to_bits().wrapping_mul(self.terms)))
    }
}

impl<L: Lanes> UnitSum<L> {
    /// The sum over all lanes, in units.
    #[inline(always)]
    pub fn total(self) -> i64 {
        let mut words = [0u64; LANES];
        L::store_word(&mut words, self.lanes());
        words.into_iter().fold(0u64, u64::wrapping_add) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Key;
    use super::super::simd::{InstructionSet, Kernel, dispatch_to};
    use super::*;

    struct Add<'a>(&'a [[f64; LANES]], FixedPoint);

    impl Kernel for Add<'_> {
        type Output = i64;
        #[inline(always)]
        fn run<L: Lanes>(self) -> i64 {
            let mut sum = UnitSum::<L>::default();
            for row in self.0 {
                sum.add(L::load(row), L::splat(self.1.scale()));
            }
            sum.total()
        }
    }

    #[test]
    fn the_order_of_terms_does_not_change_a_bit() {
        let mut stream = Key::new(5).stream();
        let mut rows: Vec<[f64; LANES]> =
            (0..500).map(|_| std::array::from_fn(|_| 40.0 * (stream.uniform() - 0.5))).collect();
        let unit = FixedPoint::new(20.0, 4000);
        let exact: f64 = rows.iter().flatten().sum();
        let first = dispatch_to(InstructionSet::Portable, Add(&rows, unit));
        assert!((unit.number(first) - exact).abs() < 4000.0 / unit.scale());
        rows.reverse();
        rows.iter_mut().for_each(|row| row.rotate_left(3));
        for set in InstructionSet::available() {
            assert_eq!(dispatch_to(set, Add(&rows, unit)), first, "{}", set.name());
        }
        let one_by_one: i64 = rows.iter().flatten().map(|&x| unit.units(x)).sum();
        assert_eq!(one_by_one, first);
    }

    #[test]
    fn the_largest_sum_fits() {
        for (bound, terms) in [(1.0, 16), (1e6, 1 << 31), (3e-7, 1000), (0.0, 5)] {
            let unit = FixedPoint::new(bound, terms);
            let total = i128::from(unit.units(bound)) * terms as i128;
            assert!(total < i128::from(i64::MAX), "{bound} {terms}");
            assert!((unit.number(unit.units(bound)) - bound).abs() <= 1.0 / unit.scale());
        }
    }
}
