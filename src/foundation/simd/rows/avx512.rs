//! Rows with 512-bit registers.
#![cfg(target_arch = "x86_64")]
// SAFETY of all blocks below: as in the arithmetic of this set. Loads and stores go through references to whole arrays
// or to rows the caller promises.

use super::super::Arithmetic;
use super::super::LANES;
use super::super::avx512::Avx512;
use super::{Row, Rows};
use std::arch::x86_64::{
    _mm256_loadu_pd, _mm256_loadu_si256, _mm256_storeu_si256, _mm512_castpd256_pd512, _mm512_castsi256_si512,
    _mm512_castsi512_si256, _mm512_cvtepi64_pd, _mm512_cvttpd_epi64, _mm512_i32gather_pd, _mm512_insertf64x4,
    _mm512_loadu_si512, _mm512_maskz_compress_epi32, _mm512_maskz_compress_pd, _mm512_permutexvar_epi64,
    _mm512_shuffle_f64x2, _mm512_storeu_pd, _mm512_unpackhi_pd, _mm512_unpacklo_pd,
};

/// The rows at eight addresses as columns.
#[inline(always)]
unsafe fn transpose(rows: [*const f64; LANES]) -> [<Avx512 as Arithmetic>::Float; 4] {
    macro_rules! two {
        ($low:literal, $high:literal) => {
            _mm512_insertf64x4::<1>(
                _mm512_castpd256_pd512(_mm256_loadu_pd(rows[$low])),
                _mm256_loadu_pd(rows[$high]),
            )
        };
    }
    unsafe {
        // Paired so that the lanes come out in order.
        let (a, b, c, d) = (two!(0, 2), two!(1, 3), two!(4, 6), two!(5, 7));
        let (even_low, odd_low) = (_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b));
        let (even_high, odd_high) = (_mm512_unpacklo_pd(c, d), _mm512_unpackhi_pd(c, d));
        [
            _mm512_shuffle_f64x2::<0b10_00_10_00>(even_low, even_high),
            _mm512_shuffle_f64x2::<0b10_00_10_00>(odd_low, odd_high),
            _mm512_shuffle_f64x2::<0b11_01_11_01>(even_low, even_high),
            _mm512_shuffle_f64x2::<0b11_01_11_01>(odd_low, odd_high),
        ]
    }
}

impl Rows for Avx512 {
    #[inline(always)]
    fn truncate(a: Self::Float) -> (Self::Float, Self::Word) {
        unsafe {
            let words = _mm512_cvttpd_epi64(a);
            (_mm512_cvtepi64_pd(words), words)
        }
    }
    #[inline(always)]
    fn lookup(table: &[u64; LANES], index: Self::Word) -> Self::Word {
        unsafe { _mm512_permutexvar_epi64(index, _mm512_loadu_si512(table.as_ptr().cast())) }
    }
    #[inline(always)]
    fn first_lanes(count: usize) -> Self::Mask {
        ((1u32 << count.min(LANES)) - 1) as u8
    }
    #[inline(always)]
    fn count(mask: Self::Mask) -> usize {
        mask.count_ones() as usize
    }
    #[inline(always)]
    fn pack(mask: Self::Mask, value: Self::Float, to: &mut [f64; LANES]) {
        // Compressing straight to memory is microcode on some processors.
        unsafe { _mm512_storeu_pd(to.as_mut_ptr(), _mm512_maskz_compress_pd(mask, value)) }
    }
    #[inline(always)]
    fn pack_index(mask: Self::Mask, index: &[u32; LANES], to: &mut [u32; LANES]) {
        unsafe {
            let wide = _mm512_castsi256_si512(_mm256_loadu_si256(index.as_ptr().cast()));
            let packed = _mm512_maskz_compress_epi32(u16::from(mask), wide);
            _mm256_storeu_si256(to.as_mut_ptr().cast(), _mm512_castsi512_si256(packed));
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
                columns[r] = transpose(at!(0, 1, 2, 3, 4, 5, 6, 7));
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
        unsafe { transpose(at!(0, 1, 2, 3, 4, 5, 6, 7)) }
    }
    #[inline(always)]
    unsafe fn gather(from: *const f64, index: &[u32; LANES]) -> Self::Float {
        unsafe { _mm512_i32gather_pd::<8>(_mm256_loadu_si256(index.as_ptr().cast()), from) }
    }
}
