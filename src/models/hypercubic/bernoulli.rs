//! Random bits with given probabilities, 64 sites per word.
//!
//! The binary digits of a uniform number are drawn for all sites of a word at once, most significant first, and compared
//! with those of the probability of each site, until every site is decided: two more than log2 of the number of sites on
//! average. Each random word serves two digits, because only one color of the checkerboard is asked for: a site takes
//! first its own bit and then that of its neighbor in the word, which has the other color.

use crate::foundation::simd::Lanes;
use crate::foundation::simd::random::RandomBits;

/// Digits a probability is kept to: it is rounded down to a multiple of 2^-48.
pub const DIGITS: usize = 48;

/// Classes of sites with a probability each.
pub const CLASSES: usize = 4;

/// Even bits of a word.
const EVEN: u64 = 0x5555_5555_5555_5555;

/// Probabilities as digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probabilities {
    /// `[digit][class]`: all bits set where the digit is 1.
    digits: [[u64; CLASSES]; DIGITS],
}

impl Probabilities {
    /// The digits of probabilities from 0 to below 1.
    #[must_use]
    pub fn new(probabilities: [f64; CLASSES]) -> Self {
        let mut digits = [[0; CLASSES]; DIGITS];
        for (class, probability) in probabilities.into_iter().enumerate() {
            let largest = (1u64 << DIGITS) - 1;
            let number = ((probability * (1u64 << DIGITS) as f64) as u64).min(largest);
            for (k, digit) in digits.iter_mut().enumerate() {
                digit[class] = (number >> (DIGITS - 1 - k) & 1).wrapping_neg();
            }
        }
        Probabilities { digits }
    }
}

/// Exchanges each even bit with the odd bit above it.
#[inline(always)]
fn exchanged<L: Lanes>(word: L::Word) -> L::Word {
    let up = L::shift_left_by(L::and(word, L::splat_word(EVEN)), 1);
    L::or(L::and(L::shift_right_by(word, 1), L::splat_word(EVEN)), up)
}

/// Sets each of the `open` bits with the probability of its class. No two bits 2k and 2k + 1 may both be open. How many
/// words are drawn depends on all lanes: use the stream for nothing else.
#[inline(always)]
pub fn draw<L: Lanes, const COUNT: usize>(
    probabilities: &Probabilities,
    classes: &[L::Word; COUNT],
    mut open: L::Word,
    random: &mut impl RandomBits<L>,
) -> L::Word {
    let mut set = L::splat_word(0);
    for pair in probabilities.digits.chunks_exact(2) {
        let bits = random.bits();
        for (digits, bits) in [(&pair[0], bits), (&pair[1], exchanged::<L>(bits))] {
            let mut digit = L::splat_word(0);
            for (class, of_class) in classes.iter().zip(digits) {
                digit = L::or(digit, L::and(*class, L::splat_word(*of_class)));
            }
            let differs = L::xor(digit, bits);
            set = L::or(set, L::and(open, L::and(digit, differs)));
            open = L::and(open, L::xor(differs, L::splat_word(u64::MAX)));
        }
        if L::is_zero(open) {
            break;
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::random::Key;
    use crate::foundation::simd::random::Streams;
    use crate::foundation::simd::{InstructionSet, Kernel, LANES, dispatch_to};

    /// Counts bits set per class; class c has the sites c, c + 4, ... of the even ones.
    struct Count([f64; CLASSES], usize);

    const OF_CLASS: [u64; CLASSES] = [
        EVEN & 0x0303_0303_0303_0303,
        EVEN & 0x0C0C_0C0C_0C0C_0C0C,
        EVEN & 0x3030_3030_3030_3030,
        EVEN & 0xC0C0_C0C0_C0C0_C0C0,
    ];

    impl Kernel for Count {
        type Output = ([u64; CLASSES], Vec<[u64; LANES]>);
        #[inline(always)]
        fn run<L: Lanes>(self) -> Self::Output {
            let probabilities = Probabilities::new(self.0);
            let ids = L::load_word(&[0, 1, 2, 3, 4, 5, 6, 7]);
            let classes = OF_CLASS.map(|class| L::splat_word(class));
            let mut counts = [0; CLASSES];
            let mut words = Vec::new();
            for round in 0..self.1 {
                let mut streams = Streams::<L>::open(Key::new(8).with(round as u64).word(), ids);
                let set = draw::<L, CLASSES>(&probabilities, &classes, L::splat_word(EVEN), &mut streams);
                let mut word = [0; LANES];
                L::store_word(&mut word, set);
                for (count, class) in counts.iter_mut().zip(OF_CLASS) {
                    *count += word.iter().map(|w| u64::from((w & class).count_ones())).sum::<u64>();
                }
                assert!(word.iter().all(|w| w & !EVEN == 0));
                words.push(word);
            }
            (counts, words)
        }
    }

    /// Sum of squared deviations over variances against `expected`, for bits drawn with `drawn`.
    fn chi_square(drawn: [f64; CLASSES], expected: [f64; CLASSES]) -> f64 {
        let rounds = 4000;
        let (counts, _) = dispatch_to(InstructionSet::detect(), Count(drawn, rounds));
        let n = (rounds * LANES * 8) as f64;
        let square = |(count, p): (u64, f64)| (count as f64 - n * p).powi(2) / (n * p * (1.0 - p));
        counts.into_iter().zip(expected).map(square).sum()
    }

    #[test]
    fn bits_have_their_probabilities_and_a_wrong_one_is_noticed() {
        // Four degrees of freedom; z = 4 corresponds to about 23.
        for p in [[0.5, 0.25, 0.1, 0.9], [1.0 / 3.0, 0.018, 0.99, 0.73], [0.135, 0.0183, 0.0025, 0.6]] {
            assert!(chi_square(p, p) < 23.0, "{}", chi_square(p, p));
            assert!(chi_square([p[0] * 1.03, p[1], p[2], p[3]], p) > 23.0);
        }
    }

    #[test]
    fn every_instruction_set_draws_the_same_bits() {
        let draw = |set| dispatch_to(set, Count([0.3, 0.6, 0.01, 0.5], 50)).1;
        for set in InstructionSet::available() {
            assert_eq!(draw(set), draw(InstructionSet::Portable), "{}", set.name());
        }
    }

    #[test]
    fn probabilities_of_zero_and_almost_one_are_what_they_say() {
        let (counts, _) = dispatch_to(InstructionSet::detect(), Count([0.0, 1.0, 0.0, 1.0], 10));
        assert_eq!(counts, [0, 640, 0, 640]);
    }
}
