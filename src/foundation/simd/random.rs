//! Eight xoshiro256++ streams in step, one per lane, opened with the arithmetic of `foundation::random`.

use super::{Arithmetic, Twice};
use crate::foundation::random::GOLDEN_GAMMA;

/// Eight streams; lane l is exactly `key.with(id_l).stream()`.
#[derive(Clone, Copy)]
pub struct Streams<L: Arithmetic> {
    state: [L::Word; 4],
}

#[inline(always)]
fn mix<L: Arithmetic>(word: L::Word) -> L::Word {
    let word = L::xor(word, L::shift_right::<30>(word));
    let word = L::mul_word(word, L::splat_word(0xBF58_476D_1CE4_E5B9));
    let word = L::xor(word, L::shift_right::<27>(word));
    let word = L::mul_word(word, L::splat_word(0x94D0_49BB_1331_11EB));
    L::xor(word, L::shift_right::<31>(word))
}

impl<L: Arithmetic> Streams<L> {
    /// Opens the streams of `key` (see [`crate::foundation::random::Key::word`]) with one id per lane.
    #[inline(always)]
    pub fn open(key: u64, ids: L::Word) -> Self {
        let id = L::mul_word(L::add_word(ids, L::splat_word(1)), L::splat_word(GOLDEN_GAMMA));
        let word = mix::<L>(L::xor(L::splat_word(key), id));
        let state = [
            mix::<L>(L::add_word(word, L::splat_word(GOLDEN_GAMMA))),
            mix::<L>(L::add_word(word, L::splat_word(GOLDEN_GAMMA.wrapping_mul(2)))),
            mix::<L>(L::add_word(word, L::splat_word(GOLDEN_GAMMA.wrapping_mul(3)))),
            mix::<L>(L::add_word(word, L::splat_word(GOLDEN_GAMMA.wrapping_mul(4)))),
        ];
        Streams { state }
    }
}

/// Where a kernel takes its random bits from.
pub trait RandomBits<A: Arithmetic> {
    /// The next 64 bits for every lane.
    fn bits(&mut self) -> A::Word;
}

/// Serves two vectors of sites from the streams of one vector of cells, in turn.
pub struct InTurn<'a, L: Arithmetic>(pub &'a mut Streams<L>);

impl<L: Arithmetic> RandomBits<Twice<L>> for InTurn<'_, L> {
    #[inline(always)]
    fn bits(&mut self) -> (L::Word, L::Word) {
        (self.0.bits(), self.0.bits())
    }
}

impl<L: Arithmetic> RandomBits<L> for Streams<L> {
    #[inline(always)]
    fn bits(&mut self) -> L::Word {
        let [a, b, c, d] = self.state;
        let result = L::add_word(L::rotate_left::<23, 41>(L::add_word(a, d)), a);
        let t = L::shift_left::<17>(b);
        let c = L::xor(c, a);
        let d = L::xor(d, b);
        self.state = [L::xor(a, d), L::xor(b, c), L::xor(c, t), L::rotate_left::<45, 19>(d)];
        result
    }
}

/// Uniform numbers strictly between 0 and 1 from the upper 52 bits of each word.
#[inline(always)]
pub fn uniform<L: Arithmetic>(bits: L::Word) -> L::Float {
    let one_to_two = L::or(L::shift_right::<12>(bits), L::splat_word(1.0f64.to_bits()));
    L::sub(L::from_bits(one_to_two), L::splat(1.0 - f64::EPSILON / 2.0))
}

#[cfg(test)]
mod tests {
    use super::super::{InstructionSet, Kernel, LANES, Lanes, dispatch_to};
    use super::*;
    use crate::foundation::random::Key;

    struct Draw(u64, [u64; LANES]);

    impl Kernel for Draw {
        type Output = Vec<[f64; LANES]>;
        #[inline(always)]
        fn run<L: Lanes>(self) -> Self::Output {
            let mut streams = Streams::<L>::open(self.0, L::load_word(&self.1));
            (0..50).map(|_| L::to_array(uniform::<L>(streams.bits()))).collect()
        }
    }

    #[test]
    fn every_lane_is_the_scalar_stream_of_its_key() {
        let key = Key::new(20_200_304).with(17);
        let ids = [0, 1, 2, 1 << 40, 4, 5, u64::MAX, 7];
        for set in InstructionSet::available() {
            let drawn = dispatch_to(set, Draw(key.word(), ids));
            for (lane, id) in ids.into_iter().enumerate() {
                let mut stream = key.with(id).stream();
                for row in &drawn {
                    assert_eq!(row[lane].to_bits(), stream.uniform().to_bits(), "{}", set.name());
                }
            }
        }
    }
}
