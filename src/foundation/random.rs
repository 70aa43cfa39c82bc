//! Random streams keyed by what is simulated: no generator state is ever stored, no rank or thread enters a key.
//!
//! A key absorbs integers one by one through the SplitMix64 finalizer (Steele, Lea and Flood, OOPSLA 2014); four
//! further outputs fill the state of xoshiro256++ (Blackman and Vigna, 2021). The vector kernels open eight streams
//! at once with the same arithmetic, lane by lane (`foundation::simd::random`).

use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The odd constant of SplitMix64, 2^64 divided by the golden ratio.
pub const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Every use of random numbers in vitrum. The discriminants are part of the stream keys: never reuse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// The starting configuration of a replica.
    Start = 1,
    /// Joint heat bath of displacement and spin.
    JointHeatBath = 2,
    /// Heat bath of a spin in its local field.
    SpinHeatBath = 3,
    /// Metropolis flips of single displacements.
    DisplacementMetropolis = 4,
    /// Ice-loop moves.
    IceLoop = 5,
    /// Replica-exchange decisions.
    Exchange = 6,
    /// Sweeps of the main chain: the root of what happens in them.
    Sweep = 7,
    /// Sweeps of the side branches that relaxation is measured on.
    Dynamics = 8,
    /// Disorder: couplings drawn at random.
    Disorder = 9,
    /// Metropolis flips of single spins.
    SpinMetropolis = 10,
    /// Which atom is of which element.
    Composition = 20,
    /// Random packings of atoms.
    Packing = 21,
    /// Velocities at the start.
    Velocities = 22,
    /// Noise of thermostats.
    Thermostat = 23,
}

/// A key under construction: absorb ids, then open a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(u64);

/// The finalizer of SplitMix64: a bijection of 64 bits that mixes all of them.
#[inline]
#[must_use]
pub fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

impl Key {
    /// The root of all streams of a run.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Key(mix(seed.wrapping_add(GOLDEN_GAMMA)))
    }

    /// The key of one use below this one.
    #[must_use]
    pub fn purpose(self, purpose: Purpose) -> Self {
        self.with(purpose as u64)
    }

    /// Absorbs one id (replica, sweep, color, cell, ...); the order of ids matters.
    #[inline]
    #[must_use]
    pub fn with(self, id: u64) -> Self {
        Key(mix(self.0 ^ id.wrapping_add(1).wrapping_mul(GOLDEN_GAMMA)))
    }

    /// The word the vector kernels continue from.
    #[must_use]
    pub fn word(self) -> u64 {
        self.0
    }

    /// Opens the stream of this key.
    #[must_use]
    pub fn stream(self) -> Stream {
        let mut seed = [0u8; 32];
        for (k, chunk) in seed.chunks_exact_mut(8).enumerate() {
            let word = mix(self.0.wrapping_add((k as u64 + 1).wrapping_mul(GOLDEN_GAMMA)));
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        Stream(Xoshiro256PlusPlus::from_seed(seed))
    }
}

/// A stream of random numbers: xoshiro256++.
#[derive(Debug, Clone)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The next 64 bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A uniform number strictly between 0 and 1, on the lattice (k + 1/2) / 2^52.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        uniform_from_bits(self.bits())
    }

    /// A uniform index below `bound`. The bias of the multiply-shift method is below `bound` / 2^64.
    #[inline]
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// A uniform point on the unit sphere (Marsaglia, Ann. Math. Stat. 43, 645 (1972)): square roots only, so that the
    /// bits do not depend on the system's sine.
    pub fn unit_vector(&mut self) -> [f64; 3] {
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 {
                let root = 2.0 * (1.0 - square).sqrt();
                return [x * root, y * root, 1.0 - 2.0 * square];
            }
        }
    }
}

/// Maps the upper 52 bits of a word to (k + 1/2) / 2^52, so that neither 0 nor 1 ever occurs.
#[inline]
#[must_use]
pub fn uniform_from_bits(bits: u64) -> f64 {
    f64::from_bits((bits >> 12) | 0x3FF0_0000_0000_0000) - (1.0 - f64::EPSILON / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_different_keys_differ_and_of_equal_keys_agree() {
        let key = Key::new(7).purpose(Purpose::Exchange).with(3);
        assert_eq!(key.stream().bits(), key.stream().bits());
        assert_ne!(key.with(0).stream().bits(), key.with(1).stream().bits());
        assert_ne!(Key::new(7).with(1).with(2).word(), Key::new(7).with(2).with(1).word());
    }

    #[test]
    fn uniform_numbers_never_reach_the_ends_and_have_the_right_moments() {
        assert!(uniform_from_bits(0) > 0.0 && uniform_from_bits(u64::MAX) < 1.0);
        let mut stream = Key::new(1).purpose(Purpose::Start).stream();
        let count = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..count {
            let value = stream.uniform();
            sum += value;
            squares += value * value;
        }
        let n = f64::from(count);
        assert!(((sum / n - 0.5) / (1.0 / 12.0 / n).sqrt()).abs() < 4.0);
        assert!(((squares / n - 1.0 / 3.0) / (4.0 / 45.0 / n).sqrt()).abs() < 4.0);
    }

    #[test]
    fn unit_vectors_have_length_one_and_uniform_height() {
        let mut stream = Key::new(5).purpose(Purpose::Start).stream();
        let n = 50_000;
        let mut sum = [0.0; 3];
        for _ in 0..n {
            let v = stream.unit_vector();
            assert!((v.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-14);
            for (s, x) in sum.iter_mut().zip(v) {
                *s += x;
            }
        }
        let sigma = (f64::from(n) / 3.0).sqrt();
        assert!(sum.iter().all(|s| (s / sigma).abs() < 4.0));
    }
}
