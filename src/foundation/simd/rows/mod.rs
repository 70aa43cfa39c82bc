//! What loops over neighbors need beyond arithmetic: rows of memory, one per lane, turned into columns; lanes packed
//! together; whole parts of numbers.
//!
//! A row is four f64, half a cache line. Loading eight rows whole and transposing them in registers takes a third of
//! the time of gathering the four columns one by one.

mod avx2;
mod avx512;
mod portable;

use super::{Arithmetic, LANES};

/// Four numbers in one half of a cache line.
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(32))]
pub struct Row(pub [f64; 4]);

/// Access to memory by index, and masks; every instruction set gives the same bits.
pub trait Rows: Arithmetic {
    /// The whole part of 0 <= a < 2^51, as a number and as a word.
    fn truncate(a: Self::Float) -> (Self::Float, Self::Word);
    /// The entry that the lowest three bits of each word name.
    fn lookup(table: &[u64; LANES], index: Self::Word) -> Self::Word;
    /// True in the first `count` lanes.
    fn first_lanes(count: usize) -> Self::Mask;
    /// Number of lanes where the mask holds.
    fn count(mask: Self::Mask) -> usize;
    /// Whether the mask holds in any lane.
    #[inline(always)]
    fn any(mask: Self::Mask) -> bool {
        Self::count(mask) > 0
    }
    /// Writes the lanes where the mask holds to the front of `to`, in order; what follows them there is unspecified.
    fn pack(mask: Self::Mask, value: Self::Float, to: &mut [f64; LANES]);
    /// Writes the indices where the mask holds to the front of `to`, in order; what follows them there is unspecified.
    fn pack_index(mask: Self::Mask, index: &[u32; LANES], to: &mut [u32; LANES]);

    /// R rows in sequence for lane l, the first of them `bytes[l]` bytes behind `from`, a multiple of the 32 of a row:
    /// element c of row r in all lanes at `[r][c]`.
    ///
    /// # Safety
    /// Every such row must lie inside the allocation of `from`.
    unsafe fn rows<const R: usize>(from: *const Row, bytes: &[u64; LANES]) -> [[Self::Float; 4]; R];
    /// Row `index[l]` of lane l: element c in all lanes at `[c]`.
    ///
    /// # Safety
    /// Every such row must lie inside the allocation of `from`.
    unsafe fn rows_at(from: *const Row, index: &[u32; LANES]) -> [Self::Float; 4];
    /// Number `index[l]` in lane l; indices must be below 2^31.
    ///
    /// # Safety
    /// Every such number must lie inside the allocation of `from`.
    unsafe fn gather(from: *const f64, index: &[u32; LANES]) -> Self::Float;
}

#[cfg(test)]
mod tests {
    use super::super::{InstructionSet, Kernel, Lanes, dispatch_to};
    use super::*;
    use crate::foundation::random::Key;

    struct Everything<'a> {
        table: &'a [Row],
        index: [u32; LANES],
        numbers: [f64; LANES],
        below: f64,
    }

    #[derive(Debug, PartialEq)]
    struct Found {
        whole: [f64; LANES],
        whole_words: [u64; LANES],
        looked_up: [u64; LANES],
        first: [[f64; LANES]; 9],
        packed: Vec<f64>,
        packed_index: Vec<u32>,
        records: [[[f64; LANES]; 4]; 3],
        rows: [[f64; LANES]; 4],
        gathered: [f64; LANES],
    }

    impl Kernel for Everything<'_> {
        type Output = Found;
        #[inline(always)]
        fn run<L: Lanes>(self) -> Found {
            let numbers = L::load(&self.numbers);
            let (whole, words) = L::truncate(numbers);
            let mut whole_words = [0; LANES];
            L::store_word(&mut whole_words, words);
            let indices: [u64; LANES] = self.index.map(u64::from);
            let mut looked_up = [0; LANES];
            let table = std::array::from_fn(|l| 1000 + l as u64);
            L::store_word(&mut looked_up, L::lookup(&table, L::load_word(&indices)));
            let mut first = [[0.0; LANES]; 9];
            for (count, to) in first.iter_mut().enumerate() {
                L::store(to, L::select(L::first_lanes(count), L::splat(1.0), L::splat(0.0)));
            }
            let mask = L::less(numbers, L::splat(self.below));
            let mut packed = [0.0; LANES];
            L::pack(mask, numbers, &mut packed);
            let mut packed_index = [0; LANES];
            L::pack_index(mask, &self.index, &mut packed_index);
            let from = self.table.as_ptr();
            assert!(self.index.iter().all(|&k| (k as usize) + 3 <= self.table.len()));
            // SAFETY: the line above.
            let (records, rows, gathered) = unsafe {
                let records = L::rows::<3>(from, &self.index.map(|k| 32 * u64::from(k)));
                (records, L::rows_at(from, &self.index), L::gather(from.cast(), &self.index))
            };
            Found {
                whole: L::to_array(whole),
                whole_words,
                looked_up,
                first,
                packed: packed[..L::count(mask)].to_vec(),
                packed_index: packed_index[..L::count(mask)].to_vec(),
                records: records.map(|row| row.map(|column| L::to_array(column))),
                rows: rows.map(|column| L::to_array(column)),
                gathered: L::to_array(gathered),
            }
        }
    }

    #[test]
    fn every_instruction_set_does_what_the_words_say() {
        let mut stream = Key::new(3).stream();
        let table: Vec<Row> =
            (0..40).map(|k| Row(std::array::from_fn(|c| f64::from(4 * k + c as i32)))).collect();
        for _ in 0..300 {
            let index: [u32; LANES] = std::array::from_fn(|_| (stream.uniform() * 38.0) as u32);
            let numbers: [f64; LANES] = std::array::from_fn(|_| stream.uniform() * 20.0);
            let kept: Vec<usize> = (0..LANES).filter(|&l| numbers[l] < 9.0).collect();
            let expected = Found {
                whole: numbers.map(f64::trunc),
                whole_words: numbers.map(|x| x as u64),
                looked_up: index.map(|k| 1000 + u64::from(k % 8)),
                first: std::array::from_fn(|n| std::array::from_fn(|l| f64::from(u8::from(l < n)))),
                packed: kept.iter().map(|&l| numbers[l]).collect(),
                packed_index: kept.iter().map(|&l| index[l]).collect(),
                records: std::array::from_fn(|r| {
                    std::array::from_fn(|c| index.map(|k| table[k as usize + r].0[c]))
                }),
                rows: std::array::from_fn(|c| index.map(|k| table[k as usize].0[c])),
                gathered: index.map(f64::from),
            };
            for set in InstructionSet::available() {
                let found = dispatch_to(set, Everything { table: &table, index, numbers, below: 9.0 });
                assert_eq!(found, expected, "{}", set.name());
            }
        }
    }
}
