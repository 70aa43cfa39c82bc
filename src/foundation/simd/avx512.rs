//! The eight lanes as one 512-bit register.
#![cfg(target_arch = "x86_64")]
// Every function wraps one intrinsic. They are only reachable through `dispatch`, which has checked the processor and
// enters `run`; `inline(always)` carries them into that function, so the intrinsics meet their target features.

use super::{Arithmetic, Kernel, LANES, Lanes};
use std::arch::x86_64::{
    __m512d, __m512i, __mmask8, _CMP_LT_OQ, _mm512_add_epi64, _mm512_add_pd, _mm512_and_si512,
    _mm512_castpd_si512, _mm512_castsi512_pd, _mm512_cmp_pd_mask, _mm512_div_pd, _mm512_fmadd_pd,
    _mm512_fnmadd_pd, _mm512_loadu_pd, _mm512_loadu_si512, _mm512_mask_blend_pd, _mm512_max_pd,
    _mm512_min_pd, _mm512_movepi64_mask, _mm512_mul_pd, _mm512_mullo_epi64, _mm512_or_si512,
    _mm512_permutexvar_pd, _mm512_rol_epi64, _mm512_set1_epi64, _mm512_set1_pd, _mm512_slli_epi64,
    _mm512_sllv_epi64, _mm512_sqrt_pd, _mm512_srli_epi64, _mm512_srlv_epi64, _mm512_storeu_pd,
    _mm512_storeu_si512, _mm512_sub_epi64, _mm512_sub_pd, _mm512_test_epi64_mask, _mm512_xor_si512,
};

/// AVX-512 F and DQ.
#[derive(Debug, Clone, Copy)]
pub struct Avx512;

/// Whether the processor has what [`run`] needs.
pub fn is_available() -> bool {
    super::avx2::is_available() && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq")
}

/// Runs a kernel compiled for AVX-512.
///
/// # Safety
/// The processor must have AVX-512 F and DQ, and what AVX2 kernels need.
#[target_feature(enable = "avx512f,avx512dq,avx2,fma,popcnt,bmi1,bmi2")]
pub unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx512>()
}

/// Permutation indices: lane l takes position l XOR row.
static SWAPS: [[u64; LANES]; 8] = {
    let mut table = [[0; LANES]; 8];
    let mut swap = 0;
    while swap < 8 {
        let mut lane = 0;
        while lane < 8 {
            table[swap][lane] = (lane ^ swap) as u64;
            lane += 1;
        }
        swap += 1;
    }
    table
};

// SAFETY of all blocks below: see the head of the file; loads and stores go through references to whole arrays.
impl Arithmetic for Avx512 {
    type Float = __m512d;
    type Word = __m512i;
    type Mask = __mmask8;

    #[inline(always)]
    fn splat(value: f64) -> Self::Float {
        unsafe { _mm512_set1_pd(value) }
    }
    #[inline(always)]
    fn add(a: Self::Float, b: Self::Float) -> Self::Float {
        unsafe { _mm512_add_pd(a, b) }
    }
    #[inline(always)]
    fn sub(a: Self::Float, b: Self::Float) -> Self::Float {
        unsafe { _mm512_sub_pd(a, b) }
    }
    #[inline(always)]
    fn mul(a: Self::Float, b: Self::Float) -> Self::Float {
        unsafe { _mm512_mul_pd(a, b) }
    }
    #[inline(always)]
    fn div(a: Self::Float, b: Self::Float) -> Self::Float {
        unsafe { _mm512_div_pd(a, b) }
    }
    #[inline(always)]
    fn mul_add(a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float {
        unsafe { _mm512_fmadd_pd(a, b, c) }
    }
    #[inline(always)]
    fn neg_mul_add(a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float {
        unsafe { _mm512_fnmadd_pd(a, b, c) }
    }
    #[inline(always)]
    fn sqrt(a: Self::Float) -> Self::Float {
        unsafe { _mm512_sqrt_pd(a) }
    }
    #[inline(always)]
    fn max(a: Self::Float, b: Self::Float) -> Self::Float {
        unsafe { _mm512_max_pd(a, b) }
    }
    #[inline(always)]
    fn min(a: Self::Float, b: Self::Float) -> Self::Float {
        unsafe { _mm512_min_pd(a, b) }
    }
    #[inline(always)]
    fn less(a: Self::Float, b: Self::Float) -> Self::Mask {
        unsafe { _mm512_cmp_pd_mask::<_CMP_LT_OQ>(a, b) }
    }
    #[inline(always)]
    fn is_negative(a: Self::Float) -> Self::Mask {
        unsafe { _mm512_movepi64_mask(_mm512_castpd_si512(a)) }
    }
    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self::Float, no: Self::Float) -> Self::Float {
        unsafe { _mm512_mask_blend_pd(mask, no, yes) }
    }
    #[inline(always)]
    fn to_bits(a: Self::Float) -> Self::Word {
        unsafe { _mm512_castpd_si512(a) }
    }
    #[inline(always)]
    fn from_bits(a: Self::Word) -> Self::Float {
        unsafe { _mm512_castsi512_pd(a) }
    }
    #[inline(always)]
    fn splat_word(value: u64) -> Self::Word {
        unsafe { _mm512_set1_epi64(value.cast_signed()) }
    }
    #[inline(always)]
    fn add_word(a: Self::Word, b: Self::Word) -> Self::Word {
        unsafe { _mm512_add_epi64(a, b) }
    }
    #[inline(always)]
    fn sub_word(a: Self::Word, b: Self::Word) -> Self::Word {
        unsafe { _mm512_sub_epi64(a, b) }
    }
    #[inline(always)]
    fn mul_word(a: Self::Word, b: Self::Word) -> Self::Word {
        unsafe { _mm512_mullo_epi64(a, b) }
    }
    #[inline(always)]
    fn xor(a: Self::Word, b: Self::Word) -> Self::Word {
        unsafe { _mm512_xor_si512(a, b) }
    }
    #[inline(always)]
    fn and(a: Self::Word, b: Self::Word) -> Self::Word {
        unsafe { _mm512_and_si512(a, b) }
    }
    #[inline(always)]
    fn or(a: Self::Word, b: Self::Word) -> Self::Word {
        unsafe { _mm512_or_si512(a, b) }
    }
    #[inline(always)]
    fn shift_left<const K: u32>(a: Self::Word) -> Self::Word {
        unsafe { _mm512_slli_epi64::<K>(a) }
    }
    #[inline(always)]
    fn shift_right<const K: u32>(a: Self::Word) -> Self::Word {
        unsafe { _mm512_srli_epi64::<K>(a) }
    }
    #[inline(always)]
    fn shift_left_by(a: Self::Word, bits: u32) -> Self::Word {
        unsafe { _mm512_sllv_epi64(a, _mm512_set1_epi64(i64::from(bits))) }
    }
    #[inline(always)]
    fn shift_right_by(a: Self::Word, bits: u32) -> Self::Word {
        unsafe { _mm512_srlv_epi64(a, _mm512_set1_epi64(i64::from(bits))) }
    }
    #[inline(always)]
    fn is_zero(a: Self::Word) -> bool {
        unsafe { _mm512_test_epi64_mask(a, a) == 0 }
    }
    #[inline(always)]
    fn rotate_left<const K: u32, const INVERSE: u32>(a: Self::Word) -> Self::Word {
        // The intrinsic wants a signed constant; K is below 64, and the compiler folds the match away.
        unsafe {
            match K {
                23 => _mm512_rol_epi64::<23>(a),
                45 => _mm512_rol_epi64::<45>(a),
                _ => _mm512_or_si512(_mm512_slli_epi64::<K>(a), _mm512_srli_epi64::<INVERSE>(a)),
            }
        }
    }
}

impl Lanes for Avx512 {
    #[inline(always)]
    fn load(from: &[f64; LANES]) -> Self::Float {
        unsafe { _mm512_loadu_pd(from.as_ptr()) }
    }
    #[inline(always)]
    fn load_swapped(from: &[f64; LANES], swap: usize) -> Self::Float {
        unsafe {
            let index = _mm512_loadu_si512(SWAPS[swap & 7].as_ptr().cast());
            _mm512_permutexvar_pd(index, _mm512_loadu_pd(from.as_ptr()))
        }
    }
    #[inline(always)]
    fn store(to: &mut [f64; LANES], value: Self::Float) {
        unsafe { _mm512_storeu_pd(to.as_mut_ptr(), value) }
    }
    #[inline(always)]
    fn load_word(from: &[u64; LANES]) -> Self::Word {
        unsafe { _mm512_loadu_si512(from.as_ptr().cast()) }
    }
    #[inline(always)]
    fn store_word(to: &mut [u64; LANES], value: Self::Word) {
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), value) }
    }
}
