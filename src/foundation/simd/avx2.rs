//! The eight lanes as two 256-bit registers.
#![cfg(target_arch = "x86_64")]
// Every function wraps intrinsics. They are only reachable through `dispatch`, which has checked the processor and
// enters `run`; `inline(always)` carries them into that function, so the intrinsics meet their target features.

use super::{Arithmetic, Kernel, LANES, Lanes};
use std::arch::x86_64::{
    __m256d, __m256i, _CMP_LT_OQ, _mm256_add_epi64, _mm256_add_pd, _mm256_and_si256, _mm256_blendv_pd,
    _mm256_castpd_si256, _mm256_castsi256_pd, _mm256_cmp_pd, _mm256_div_pd, _mm256_fmadd_pd,
    _mm256_fnmadd_pd, _mm256_loadu_pd, _mm256_loadu_si256, _mm256_max_pd, _mm256_min_pd, _mm256_mul_epu32,
    _mm256_mul_pd, _mm256_or_si256, _mm256_permutevar8x32_epi32, _mm256_set1_epi64x, _mm256_set1_pd,
    _mm256_slli_epi64, _mm256_sllv_epi64, _mm256_sqrt_pd, _mm256_srli_epi64, _mm256_srlv_epi64,
    _mm256_storeu_pd, _mm256_storeu_si256, _mm256_sub_epi64, _mm256_sub_pd, _mm256_testz_si256,
    _mm256_xor_si256,
};

/// AVX2 and FMA.
#[derive(Debug, Clone, Copy)]
pub struct Avx2;

/// Whether the processor has what [`run`] needs: AVX2, FMA and the bit instructions that come with them.
pub fn is_available() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
}

/// Runs a kernel compiled for AVX2 and FMA.
///
/// # Safety
/// The processor must have AVX2, FMA, POPCNT, BMI1 and BMI2.
#[target_feature(enable = "avx2,fma,popcnt,bmi1,bmi2")]
pub unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx2>()
}

/// Two halves: lanes 0..4 and 4..8.
#[derive(Debug, Clone, Copy)]
pub struct Pair<T>(pub(super) T, pub(super) T);

/// Permutation of 32-bit pieces: 64-bit lane l takes position l XOR row, within four lanes.
static SWAPS: [[u32; 8]; 4] = {
    let mut table = [[0; 8]; 4];
    let mut swap = 0;
    while swap < 4 {
        let mut lane = 0;
        while lane < 4 {
            table[swap][2 * lane] = 2 * (lane ^ swap) as u32;
            table[swap][2 * lane + 1] = 2 * (lane ^ swap) as u32 + 1;
            lane += 1;
        }
        swap += 1;
    }
    table
};

/// The low 64 bits of a product of 64-bit numbers, from three 32-bit products.
#[inline(always)]
unsafe fn multiply(a: __m256i, b: __m256i) -> __m256i {
    unsafe {
        let cross = _mm256_add_epi64(
            _mm256_mul_epu32(_mm256_srli_epi64::<32>(a), b),
            _mm256_mul_epu32(a, _mm256_srli_epi64::<32>(b)),
        );
        _mm256_add_epi64(_mm256_mul_epu32(a, b), _mm256_slli_epi64::<32>(cross))
    }
}

macro_rules! both {
    ($f:ident, $($x:ident),+) => {
        // SAFETY: see the head of the file.
        unsafe { Pair($f($($x.0),+), $f($($x.1),+)) }
    };
}

// SAFETY of all blocks below: see the head of the file; loads and stores go through references to whole arrays.
impl Arithmetic for Avx2 {
    type Float = Pair<__m256d>;
    type Word = Pair<__m256i>;
    type Mask = Pair<__m256d>;

    #[inline(always)]
    fn splat(value: f64) -> Self::Float {
        unsafe { Pair(_mm256_set1_pd(value), _mm256_set1_pd(value)) }
    }
    #[inline(always)]
    fn add(a: Self::Float, b: Self::Float) -> Self::Float {
        both!(_mm256_add_pd, a, b)
    }
    #[inline(always)]
    fn sub(a: Self::Float, b: Self::Float) -> Self::Float {
        both!(_mm256_sub_pd, a, b)
    }
    #[inline(always)]
    fn mul(a: Self::Float, b: Self::Float) -> Self::Float {
        both!(_mm256_mul_pd, a, b)
    }
    #[inline(always)]
    fn div(a: Self::Float, b: Self::Float) -> Self::Float {
        both!(_mm256_div_pd, a, b)
    }
    #[inline(always)]
    fn mul_add(a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float {
        both!(_mm256_fmadd_pd, a, b, c)
    }
    #[inline(always)]
    fn neg_mul_add(a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float {
        both!(_mm256_fnmadd_pd, a, b, c)
    }
    #[inline(always)]
    fn sqrt(a: Self::Float) -> Self::Float {
        both!(_mm256_sqrt_pd, a)
    }
    #[inline(always)]
    fn max(a: Self::Float, b: Self::Float) -> Self::Float {
        both!(_mm256_max_pd, a, b)
    }
    #[inline(always)]
    fn min(a: Self::Float, b: Self::Float) -> Self::Float {
        both!(_mm256_min_pd, a, b)
    }
    #[inline(always)]
    fn less(a: Self::Float, b: Self::Float) -> Self::Mask {
        unsafe { Pair(_mm256_cmp_pd::<_CMP_LT_OQ>(a.0, b.0), _mm256_cmp_pd::<_CMP_LT_OQ>(a.1, b.1)) }
    }
    #[inline(always)]
    fn is_negative(a: Self::Float) -> Self::Mask {
        // Blends look at sign bits alone.
        a
    }
    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self::Float, no: Self::Float) -> Self::Float {
        both!(_mm256_blendv_pd, no, yes, mask)
    }
    #[inline(always)]
    fn to_bits(a: Self::Float) -> Self::Word {
        both!(_mm256_castpd_si256, a)
    }
    #[inline(always)]
    fn from_bits(a: Self::Word) -> Self::Float {
        both!(_mm256_castsi256_pd, a)
    }
    #[inline(always)]
    fn splat_word(value: u64) -> Self::Word {
        let value = value.cast_signed();
        unsafe { Pair(_mm256_set1_epi64x(value), _mm256_set1_epi64x(value)) }
    }
    #[inline(always)]
    fn add_word(a: Self::Word, b: Self::Word) -> Self::Word {
        both!(_mm256_add_epi64, a, b)
    }
    #[inline(always)]
    fn sub_word(a: Self::Word, b: Self::Word) -> Self::Word {
        both!(_mm256_sub_epi64, a, b)
    }
    #[inline(always)]
    fn mul_word(a: Self::Word, b: Self::Word) -> Self::Word {
        both!(multiply, a, b)
    }
    #[inline(always)]
    fn xor(a: Self::Word, b: Self::Word) -> Self::Word {
        both!(_mm256_xor_si256, a, b)
    }
    #[inline(always)]
    fn and(a: Self::Word, b: Self::Word) -> Self::Word {
        both!(_mm256_and_si256, a, b)
    }
    #[inline(always)]
    fn or(a: Self::Word, b: Self::Word) -> Self::Word {
        both!(_mm256_or_si256, a, b)
    }
    #[inline(always)]
    fn shift_left<const K: u32>(a: Self::Word) -> Self::Word {
        // The intrinsics of this width want a signed constant; each call uses one of these few.
        macro_rules! shift {
            ($($k:literal),*) => { match K { $($k => unsafe {
                Pair(_mm256_slli_epi64::<$k>(a.0), _mm256_slli_epi64::<$k>(a.1)) },)* _ => unreachable!() } };
        }
        shift!(5, 6, 17, 23, 45, 52, 62, 63)
    }
    #[inline(always)]
    fn shift_right<const K: u32>(a: Self::Word) -> Self::Word {
        macro_rules! shift {
            ($($k:literal),*) => { match K { $($k => unsafe {
                Pair(_mm256_srli_epi64::<$k>(a.0), _mm256_srli_epi64::<$k>(a.1)) },)* _ => unreachable!() } };
        }
        shift!(12, 19, 27, 30, 31, 41, 52)
    }
    #[inline(always)]
    fn shift_left_by(a: Self::Word, bits: u32) -> Self::Word {
        let count = unsafe { _mm256_set1_epi64x(i64::from(bits)) };
        unsafe { Pair(_mm256_sllv_epi64(a.0, count), _mm256_sllv_epi64(a.1, count)) }
    }
    #[inline(always)]
    fn shift_right_by(a: Self::Word, bits: u32) -> Self::Word {
        let count = unsafe { _mm256_set1_epi64x(i64::from(bits)) };
        unsafe { Pair(_mm256_srlv_epi64(a.0, count), _mm256_srlv_epi64(a.1, count)) }
    }
    #[inline(always)]
    fn is_zero(a: Self::Word) -> bool {
        let any = unsafe { _mm256_or_si256(a.0, a.1) };
        unsafe { _mm256_testz_si256(any, any) == 1 }
    }
    #[inline(always)]
    fn rotate_left<const K: u32, const INVERSE: u32>(a: Self::Word) -> Self::Word {
        Self::or(Self::shift_left::<K>(a), Self::shift_right::<INVERSE>(a))
    }
}

impl Lanes for Avx2 {
    #[inline(always)]
    fn load(from: &[f64; LANES]) -> Self::Float {
        unsafe { Pair(_mm256_loadu_pd(from.as_ptr()), _mm256_loadu_pd(from.as_ptr().add(4))) }
    }
    #[inline(always)]
    fn load_swapped(from: &[f64; LANES], swap: usize) -> Self::Float {
        unsafe {
            let index = _mm256_loadu_si256(SWAPS[swap & 3].as_ptr().cast());
            let half = swap & 4;
            let low = _mm256_loadu_si256(from.as_ptr().add(half).cast());
            let high = _mm256_loadu_si256(from.as_ptr().add(4 - half).cast());
            Pair(
                _mm256_castsi256_pd(_mm256_permutevar8x32_epi32(low, index)),
                _mm256_castsi256_pd(_mm256_permutevar8x32_epi32(high, index)),
            )
        }
    }
    #[inline(always)]
    fn store(to: &mut [f64; LANES], value: Self::Float) {
        unsafe {
            _mm256_storeu_pd(to.as_mut_ptr(), value.0);
            _mm256_storeu_pd(to.as_mut_ptr().add(4), value.1);
        }
    }
    #[inline(always)]
    fn load_word(from: &[u64; LANES]) -> Self::Word {
        let from = from.as_ptr().cast::<__m256i>();
        unsafe { Pair(_mm256_loadu_si256(from), _mm256_loadu_si256(from.add(1))) }
    }
    #[inline(always)]
    fn store_word(to: &mut [u64; LANES], value: Self::Word) {
        let to = to.as_mut_ptr().cast::<__m256i>();
        unsafe {
            _mm256_storeu_si256(to, value.0);
            _mm256_storeu_si256(to.add(1), value.1);
        }
    }
}
