//! Rows lane by lane.

use super::super::{LANES, Portable};
use super::{Row, Rows};

impl Rows for Portable {
    #[inline(always)]
    fn truncate(a: Self::Float) -> (Self::Float, Self::Word) {
        let words = a.map(|x| x as u64);
        (words.map(|word| word as f64), words)
    }
    #[inline(always)]
    fn lookup(table: &[u64; LANES], index: Self::Word) -> Self::Word {
        index.map(|k| table[k as usize & 7])
    }
    #[inline(always)]
    fn first_lanes(count: usize) -> Self::Mask {
        std::array::from_fn(|l| l < count)
    }
    #[inline(always)]
    fn count(mask: Self::Mask) -> usize {
        mask.iter().filter(|&&holds| holds).count()
    }
    #[inline(always)]
    fn pack(mask: Self::Mask, value: Self::Float, to: &mut [f64; LANES]) {
        let mut count = 0;
        for l in 0..LANES {
            // Never beyond lane l: the mask holds in at most l lanes before it.
            to[count] = value[l];
            count += usize::from(mask[l]);
        }
    }
    #[inline(always)]
    fn pack_index(mask: Self::Mask, index: &[u32; LANES], to: &mut [u32; LANES]) {
        let mut count = 0;
        for l in 0..LANES {
            to[count] = index[l];
            count += usize::from(mask[l]);
        }
    }
    #[inline(always)]
    unsafe fn rows<const R: usize>(from: *const Row, bytes: &[u64; LANES]) -> [[Self::Float; 4]; R] {
        let mut columns = [[[0.0; LANES]; 4]; R];
        for l in 0..LANES {
            for r in 0..R {
                // SAFETY: the caller's promise.
                let row = unsafe { &(*from.byte_add(bytes[l] as usize).add(r)).0 };
                for c in 0..4 {
                    columns[r][c][l] = row[c];
                }
            }
        }
        columns
    }
    #[inline(always)]
    unsafe fn rows_at(from: *const Row, index: &[u32; LANES]) -> [Self::Float; 4] {
        // SAFETY: the caller's promise.
        let [columns] =
            unsafe { Self::rows::<1>(from, &index.map(|k| u64::from(k) * size_of::<Row>() as u64)) };
        columns
    }
    #[inline(always)]
    unsafe fn gather(from: *const f64, index: &[u32; LANES]) -> Self::Float {
        // SAFETY: the caller's promise.
        index.map(|k| unsafe { *from.add(k as usize) })
    }
}
