//! Rows with two 256-bit registers.
#![cfg(target_arch = "x86_64")]
// SAFETY of all blocks below: as in the arithmetic of this set. Loads and stores go through references to whole arrays
// or to rows the caller promises.

use super::super::avx2::{Avx2, Pair};
use super::super::{Arithmetic, LANES};
use super::{Row, Rows};
use std::arch::x86_64::{
    __m256d, __m256i, _CMP_LT_OQ, _mm_loadl_epi64, _mm_loadu_si128, _mm256_add_pd, _mm256_castpd_si256,
    _mm256_castsi256_pd, _mm256_cmp_pd, _mm256_cvtepu8_epi32, _mm256_i32gather_pd, _mm256_loadu_pd,
    _mm256_loadu_si256, _mm256_movemask_pd, _mm256_permute2f128_pd, _mm256_permutevar8x32_epi32,
    _mm256_round_pd, _mm256_set1_epi64x, _mm256_set1_pd, _mm256_storeu_pd, _mm256_storeu_si256,
    _mm256_sub_epi64, _mm256_unpackhi_pd, _mm256_unpacklo_pd,
};

/// 2^52: a whole number below it added sits in the low mantissa bits.
const WHOLE: f64 = 4_503_599_627_370_496.0;
/// Lane numbers as floats, to compare counts with.
static LANE_NUMBERS: [f64; LANES] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];

/// For every mask of eight lanes, the lanes where it holds, in order.
static KEPT: [[u8; LANES]; 256] = {
    let mut table = [[0; LANES]; 256];
    let mut mask = 0;
    while mask < 256 {
        let (mut lane, mut count) = (0, 0);
        while lane < 8 {
            if mask >> lane & 1 == 1 {
                table[mask][count] = lane as u8;
                count += 1;
            }
            lane += 1;
        }
        mask += 1;
    }
    table
};

/// The same for four lanes of two 32-bit pieces each.
static KEPT_PAIRS: [[u8; LANES]; 16] = {
    let mut table = [[0; LANES]; 16];
    let mut mask = 0;
    while mask < 16 {
        let mut place = 0;
        while place < 8 {
            table[mask][place] = 2 * KEPT_FOUR[mask][place / 2] + (place % 2) as u8;
            place += 1;
        }
        mask += 1;
    }
    table
};
const KEPT_FOUR: [[u8; 4]; 16] = {
    let mut table = [[0; 4]; 16];
    let mut mask = 0;
    while mask < 16 {
        let (mut lane, mut count) = (0, 0);
        while lane < 4 {
            if mask >> lane & 1 == 1 {
                table[mask][count] = lane as u8;
                count += 1;
            }
            lane += 1;
        }
        mask += 1;
    }
    table
};

/// Four rows as columns.
#[inline(always)]
unsafe fn transpose(rows: [*const f64; 4]) -> [__m256d; 4] {
    unsafe {
        let a = _mm256_loadu_pd(rows[0]);
        let b = _mm256_loadu_pd(rows[1]);
        let c = _mm256_loadu_pd(rows[2]);
        let d = _mm256_loadu_pd(rows[3]);
        let (even_low, odd_low) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
        let (even_high, odd_high) = (_mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d));
        [
            _mm256_permute2f128_pd::<0x20>(even_low, even_high),
            _mm256_permute2f128_pd::<0x20>(odd_low, odd_high),
            _mm256_permute2f128_pd::<0x31>(even_low, even_high),
            _mm256_permute2f128_pd::<0x31>(odd_low, odd_high),
        ]
    }
}

/// Eight rows as columns.
#[inline(always)]
unsafe fn transpose_both(low: [*const f64; 4], high: [*const f64; 4]) -> [Pair<__m256d>; 4] {
    let (low, high) = unsafe { (transpose(low), transpose(high)) };
    [Pair(low[0], high[0]), Pair(low[1], high[1]), Pair(low[2], high[2]), Pair(low[3], high[3])]
}

/// Bytes that name 32-bit pieces as a permutation.
#[inline(always)]
unsafe fn permutation(pieces: &[u8; LANES]) -> __m256i {
    unsafe { _mm256_cvtepu8_epi32(_mm_loadl_epi64(pieces.as_ptr().cast())) }
}

#[inline(always)]
unsafe fn compress_half(value: __m256d, mask: usize) -> __m256d {
    unsafe {
        let order = permutation(&KEPT_PAIRS[mask & 15]);
        _mm256_castsi256_pd(_mm256_permutevar8x32_epi32(_mm256_castpd_si256(value), order))
    }
}

#[inline(always)]
fn bits(mask: Pair<__m256d>) -> (usize, usize) {
    unsafe { (_mm256_movemask_pd(mask.0) as usize, _mm256_movemask_pd(mask.1) as usize) }
}

#[inline(always)]
unsafe fn truncate_half(a: __m256d) -> (__m256d, __m256i) {
    unsafe {
        let whole = _mm256_round_pd::<
            { std::arch::x86_64::_MM_FROUND_TO_ZERO | std::arch::x86_64::_MM_FROUND_NO_EXC },
        >(a);
        let raised = _mm256_castpd_si256(_mm256_add_pd(whole, _mm256_set1_pd(WHOLE)));
        (whole, _mm256_sub_epi64(raised, _mm256_set1_epi64x(WHOLE.to_bits().cast_signed())))
    }
}

impl Rows for Avx2 {
    #[inline(always)]
    fn truncate(a: Self::Float) -> (Self::Float, Self::Word) {
        let (low, high) = unsafe { (truncate_half(a.0), truncate_half(a.1)) };
        (Pair(low.0, high.0), Pair(low.1, high.1))
    }
    #[inline(always)]
    fn lookup(table: &[u64; LANES], index: Self::Word) -> Self::Word {
        let mut words = [0u64; LANES];
        unsafe {
            _mm256_storeu_si256(words.as_mut_ptr().cast(), index.0);
            _mm256_storeu_si256(words.as_mut_ptr().add(4).cast(), index.1);
            let mut l = 0;
            while l < LANES {
                words[l] = table[words[l] as usize & 7];
                l += 1;
            }
            Pair(_mm256_loadu_si256(words.as_ptr().cast()), _mm256_loadu_si256(words.as_ptr().add(4).cast()))
        }
    }
    #[inline(always)]
    fn first_lanes(count: usize) -> Self::Mask {
        unsafe {
            let count = _mm256_set1_pd(count as f64);
            Pair(
                _mm256_cmp_pd::<_CMP_LT_OQ>(_mm256_loadu_pd(LANE_NUMBERS.as_ptr()), count),
                _mm256_cmp_pd::<_CMP_LT_OQ>(_mm256_loadu_pd(LANE_NUMBERS.as_ptr().add(4)), count),
            )
        }
    }
    #[inline(always)]
    fn count(mask: Self::Mask) -> usize {
        let (low, high) = bits(mask);
        (low | high << 4).count_ones() as usize
    }
    #[inline(always)]
    fn pack(mask: Self::Mask, value: Self::Float, to: &mut [f64; LANES]) {
        let (low, high) = bits(mask);
        // The high half begins at lane 4 at the latest, so both stores end within the eight lanes.
        let begin = (low & 15).count_ones() as usize;
        unsafe {
            _mm256_storeu_pd(to.as_mut_ptr(), compress_half(value.0, low));
            _mm256_storeu_pd(to.as_mut_ptr().add(begin), compress_half(value.1, high));
        }
    }
    #[inline(always)]
    fn pack_index(mask: Self::Mask, index: &[u32; LANES], to: &mut [u32; LANES]) {
        let (low, high) = bits(mask);
        unsafe {
            let order = permutation(&KEPT[(low | high << 4) & 255]);
            let packed = _mm256_permutevar8x32_epi32(_mm256_loadu_si256(index.as_ptr().cast()), order);
            _mm256_storeu_si256(to.as_mut_ptr().cast(), packed);
        }
    }
    #[inline(always)]
    unsafe fn rows<const R: usize>(from: *const Row, bytes: &[u64; LANES]) -> [[Self::Float; 4]; R] {
        unsafe {
            let mut columns = [[Self::splat(0.0); 4]; R];
            let mut r = 0;
            while r < R {
                let start = from.add(r);
                macro_rules! at {
                    ($($l:literal),*) => { [$(start.byte_add(bytes[$l] as usize).cast::<f64>()),*] };
                }
                columns[r] = transpose_both(at!(0, 1, 2, 3), at!(4, 5, 6, 7));
                r += 1;
            }
            columns
        }
    }
    #[inline(always)]
    unsafe fn rows_at(from: *const Row, index: &[u32; LANES]) -> [Self::Float; 4] {
        macro_rules! at {
            ($($l:literal),*) => { [$(from.add(index[$l] as usize).cast::<f64>()),*] };
        }
        unsafe { transpose_both(at!(0, 1, 2, 3), at!(4, 5, 6, 7)) }
    }
    #[inline(always)]
    unsafe fn gather(from: *const f64, index: &[u32; LANES]) -> Self::Float {
        let index = index.as_ptr();
        unsafe {
            Pair(
                _mm256_i32gather_pd::<8>(from, _mm_loadu_si128(index.cast())),
                _mm256_i32gather_pd::<8>(from, _mm_loadu_si128(index.add(4).cast())),
            )
        }
    }
}
