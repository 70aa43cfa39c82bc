//! Eight lanes of f64: one logical vector width on every processor.
//!
//! AVX-512 runs it at once, AVX2 in two halves, anything else lane by lane with the same fused multiply-adds and the
//! same integer steps, so the bits of a result do not depend on the processor. The instruction set is chosen at run
//! time. A kernel is a generic function over [`Lanes`]; [`Kernel`] and [`dispatch`] compile it once per set.

mod avx2;
mod avx512;
pub mod math;
mod portable;
pub mod random;
pub mod rows;
pub mod sphere;
mod twice;

pub use portable::{Portable, Single};
pub use twice::Twice;

/// Number of lanes of the logical vector.
pub const LANES: usize = 8;

/// Eight numbers on one cache line.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub struct Eight<T>(pub [T; LANES]);

/// `[expression at d = 0, at d = 1, at d = 2]`. A closure in its place would be a function of its own, compiled without
/// the kernel's instruction set and called (measured: five times slower); a macro cannot be.
#[macro_export]
macro_rules! three {
    ($d:ident => $value:expr) => {
        [
            {
                let $d = 0usize;
                $value
            },
            {
                let $d = 1usize;
                $value
            },
            {
                let $d = 2usize;
                $value
            },
        ]
    };
}

/// The arithmetic kernels are written in; each operation acts lane by lane and rounds once.
///
/// # Safety of implementations
/// Implementations wrap processor intrinsics: their values may only be made inside a function compiled for that
/// instruction set, which [`dispatch`] guarantees.
pub trait Arithmetic: Copy {
    /// Several f64.
    type Float: Copy;
    /// As many u64.
    type Word: Copy;
    /// As many truth values.
    type Mask: Copy;

    /// The same number in every lane.
    fn splat(value: f64) -> Self::Float;
    /// a + b
    fn add(a: Self::Float, b: Self::Float) -> Self::Float;
    /// a - b
    fn sub(a: Self::Float, b: Self::Float) -> Self::Float;
    /// a * b
    fn mul(a: Self::Float, b: Self::Float) -> Self::Float;
    /// a / b
    fn div(a: Self::Float, b: Self::Float) -> Self::Float;
    /// a * b + c, rounded once
    fn mul_add(a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float;
    /// c - a * b, rounded once
    fn neg_mul_add(a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float;
    /// Square root.
    fn sqrt(a: Self::Float) -> Self::Float;
    /// The larger of two numbers (neither may be NaN).
    fn max(a: Self::Float, b: Self::Float) -> Self::Float;
    /// The smaller of two numbers (neither may be NaN).
    fn min(a: Self::Float, b: Self::Float) -> Self::Float;
    /// a < b
    fn less(a: Self::Float, b: Self::Float) -> Self::Mask;
    /// Where the sign bit is set, also that of zero.
    fn is_negative(a: Self::Float) -> Self::Mask;
    /// `yes` where the mask holds, `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self::Float, no: Self::Float) -> Self::Float;

    /// The bits of the numbers.
    fn to_bits(a: Self::Float) -> Self::Word;
    /// The numbers with these bits.
    fn from_bits(a: Self::Word) -> Self::Float;
    /// The same word in every lane.
    fn splat_word(value: u64) -> Self::Word;
    /// Wrapping a + b
    fn add_word(a: Self::Word, b: Self::Word) -> Self::Word;
    /// Wrapping a - b
    fn sub_word(a: Self::Word, b: Self::Word) -> Self::Word;
    /// Wrapping a * b
    fn mul_word(a: Self::Word, b: Self::Word) -> Self::Word;
    /// a XOR b
    fn xor(a: Self::Word, b: Self::Word) -> Self::Word;
    /// a AND b
    fn and(a: Self::Word, b: Self::Word) -> Self::Word;
    /// a OR b
    fn or(a: Self::Word, b: Self::Word) -> Self::Word;
    /// Shift left by K bits.
    fn shift_left<const K: u32>(a: Self::Word) -> Self::Word;
    /// Logical shift right by K bits.
    fn shift_right<const K: u32>(a: Self::Word) -> Self::Word;
    /// Shift left by `bits`, below 64.
    fn shift_left_by(a: Self::Word, bits: u32) -> Self::Word;
    /// Logical shift right by `bits`, below 64.
    fn shift_right_by(a: Self::Word, bits: u32) -> Self::Word;
    /// Whether every word is zero.
    fn is_zero(a: Self::Word) -> bool;
    /// Rotate left by K bits; INVERSE must be 64 - K.
    fn rotate_left<const K: u32, const INVERSE: u32>(a: Self::Word) -> Self::Word;

    /// |a|
    #[inline(always)]
    fn abs(a: Self::Float) -> Self::Float {
        Self::from_bits(Self::and(Self::to_bits(a), Self::splat_word(!(1 << 63))))
    }
    /// a with its sign flipped where `sign` is negative.
    #[inline(always)]
    fn flip_sign(a: Self::Float, sign: Self::Float) -> Self::Float {
        let bit = Self::and(Self::to_bits(sign), Self::splat_word(1 << 63));
        Self::from_bits(Self::xor(Self::to_bits(a), bit))
    }
    /// +1 or -1 with the sign of a (the sign bit counts, also of zero).
    #[inline(always)]
    fn sign(a: Self::Float) -> Self::Float {
        let bit = Self::and(Self::to_bits(a), Self::splat_word(1 << 63));
        Self::from_bits(Self::or(bit, Self::splat_word(1.0f64.to_bits())))
    }
    /// -a
    #[inline(always)]
    fn neg(a: Self::Float) -> Self::Float {
        Self::from_bits(Self::xor(Self::to_bits(a), Self::splat_word(1 << 63)))
    }
}

/// Eight lanes that are loaded from and stored to memory.
pub trait Lanes: rows::Rows {
    /// Loads eight numbers.
    fn load(from: &[f64; LANES]) -> Self::Float;
    /// Loads eight numbers, lane l from position l XOR `swap` (`swap` below 8).
    fn load_swapped(from: &[f64; LANES], swap: usize) -> Self::Float;
    /// Stores eight numbers.
    fn store(to: &mut [f64; LANES], value: Self::Float);
    /// Loads eight words, lane l from position l XOR `swap` (`swap` below 8).
    #[inline(always)]
    fn load_word_swapped(from: &[u64; LANES], swap: usize) -> Self::Word {
        Self::to_bits(Self::load_swapped(bytemuck::cast_ref(from), swap))
    }
    /// Loads eight words.
    fn load_word(from: &[u64; LANES]) -> Self::Word;
    /// Stores eight words.
    fn store_word(to: &mut [u64; LANES], value: Self::Word);

    /// The eight lanes as an array.
    #[inline(always)]
    fn to_array(a: Self::Float) -> [f64; LANES] {
        let mut out = [0.0; LANES];
        Self::store(&mut out, a);
        out
    }
    /// The sum of the lanes, always in the same tree order.
    #[inline(always)]
    fn sum(a: Self::Float) -> f64 {
        let x = Self::to_array(a);
        ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]))
    }
}

/// A computation that can be compiled for every instruction set.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// The computation; mark implementations `#[inline(always)]`.
    fn run<L: Lanes>(self) -> Self::Output;
}

/// An instruction set the kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstructionSet {
    /// 512-bit vectors with 64-bit integer multiplication (AVX-512 F and DQ).
    Avx512,
    /// 256-bit vectors with fused multiply-add (x86-64-v3).
    Avx2,
    /// One lane at a time.
    Portable,
}

impl InstructionSet {
    /// The best set this processor has; `VITRUM_INSTRUCTION_SET` (avx512, avx2, portable) can ask for a lesser one.
    #[must_use]
    pub fn detect() -> Self {
        static DETECTED: std::sync::OnceLock<InstructionSet> = std::sync::OnceLock::new();
        *DETECTED.get_or_init(|| {
            let wanted = std::env::var("VITRUM_INSTRUCTION_SET").unwrap_or_default();
            let available = Self::available();
            let chosen = available.iter().find(|set| set.name() == wanted.to_lowercase());
            *chosen.unwrap_or(&available[0])
        })
    }

    /// Every set this processor has, best first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut sets = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if avx512::is_available() {
                sets.push(InstructionSet::Avx512);
            }
            if avx2::is_available() {
                sets.push(InstructionSet::Avx2);
            }
        }
        sets.push(InstructionSet::Portable);
        sets
    }

    /// The name used in logs and in the environment variable.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            InstructionSet::Avx512 => "avx512",
            InstructionSet::Avx2 => "avx2",
            InstructionSet::Portable => "portable",
        }
    }
}

/// Runs a kernel with the best instruction set of this processor.
#[inline]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    dispatch_to(InstructionSet::detect(), kernel)
}

/// Runs a kernel with one instruction set, which must be among [`InstructionSet::available`].
///
/// # Panics
/// If the processor lacks the set: running it would be undefined behavior.
#[inline]
pub fn dispatch_to<K: Kernel>(set: InstructionSet, kernel: K) -> K::Output {
    match set {
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 => {
            assert!(avx512::is_available());
            // SAFETY: the processor has the features, checked on the line above (cached flags).
            unsafe { avx512::run(kernel) }
        }
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2 => {
            assert!(avx2::is_available());
            // SAFETY: as above.
            unsafe { avx2::run(kernel) }
        }
        _ => kernel.run::<Portable>(),
    }
}
