//! Time series of bounded length: when full, neighboring entries are averaged and the block length doubles.

use super::Result;
use super::persist::{FieldMut, Layout, Persist, Visitor};

/// Several rows (one per place that is measured), each a series of records with the same columns.
///
/// All rows are pushed together. Memory is rows x capacity x columns x 8 bytes however long the run; sums of single
/// records are kept beside the blocks so that the variance of one record stays known.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockedSeries {
    name: String,
    first: usize,
    rows: usize,
    total: usize,
    columns: usize,
    capacity: usize,
    records: u64,
    block_length: u64,
    blocks: u64,
    filled: u64,
    /// `[row][block][column]`, room for `capacity` blocks.
    values: Vec<f64>,
    /// `[row][column]`: sum of the block under construction.
    partial: Vec<f64>,
    /// `[row][column]`: sums of single records and of their squares.
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl BlockedSeries {
    /// An empty series for rows `first..first + rows` of `total`; `capacity` is rounded up to an even number.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        (first, rows, total): (usize, usize, usize),
        columns: usize,
        capacity: usize,
    ) -> Self {
        let capacity = capacity.max(2).next_multiple_of(2);
        BlockedSeries {
            name: name.into(),
            first,
            rows,
            total,
            columns,
            capacity,
            records: 0,
            block_length: 1,
            blocks: 0,
            filled: 0,
            values: vec![0.0; rows * capacity * columns],
            partial: vec![0.0; rows * columns],
            sums: vec![0.0; rows * columns],
            squares: vec![0.0; rows * columns],
        }
    }

    /// Adds one record to every row; `records[row * columns + column]`.
    pub fn push(&mut self, records: &[f64]) {
        for (i, &value) in records.iter().enumerate() {
            self.partial[i] += value;
            self.sums[i] += value;
            self.squares[i] += value * value;
        }
        self.records += 1;
        self.filled += 1;
        if self.filled < self.block_length {
            return;
        }
        let (columns, capacity, block) = (self.columns, self.capacity, self.blocks as usize);
        let scale = 1.0 / self.block_length as f64;
        for (row, partial) in self.partial.chunks_exact_mut(columns.max(1)).enumerate() {
            let at = (row * capacity + block) * columns;
            for (to, from) in self.values[at..at + columns].iter_mut().zip(partial) {
                *to = *from * scale;
                *from = 0.0;
            }
        }
        self.filled = 0;
        self.blocks += 1;
        if self.blocks as usize == capacity {
            self.halve();
        }
    }

    fn halve(&mut self) {
        let (columns, capacity) = (self.columns, self.capacity);
        for row in self.values.chunks_exact_mut((capacity * columns).max(1)) {
            for block in 0..capacity / 2 {
                for column in 0..columns {
                    let pair = row[2 * block * columns + column] + row[(2 * block + 1) * columns + column];
                    row[block * columns + column] = 0.5 * pair;
                }
            }
        }
        self.blocks /= 2;
        self.block_length *= 2;
    }

    /// Records pushed so far.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Records averaged in one block.
    #[must_use]
    pub fn block_length(&self) -> u64 {
        self.block_length
    }

    /// Complete blocks.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks as usize
    }

    /// Columns of a record.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// One block of one local row.
    #[must_use]
    pub fn block(&self, row: usize, block: usize) -> &[f64] {
        let at = (row * self.capacity + block) * self.columns;
        &self.values[at..at + self.columns]
    }

    /// Mean over all records of a column in a local row (also those of the unfinished block).
    #[must_use]
    pub fn mean(&self, row: usize, column: usize) -> f64 {
        self.sums[row * self.columns + column] / self.records as f64
    }

    /// Variance of a single record of a column in a local row.
    #[must_use]
    pub fn variance(&self, row: usize, column: usize) -> f64 {
        let mean = self.mean(row, column);
        (self.squares[row * self.columns + column] / self.records as f64 - mean * mean).max(0.0)
    }
}

impl Persist for BlockedSeries {
    fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()> {
        let name = |part: &str| format!("series/{}/{part}", self.name);
        let (counters, values, partial, sums, squares) =
            (name("counters"), name("values"), name("partial"), name("sums"), name("squares"));
        let mut numbers = vec![self.records, self.block_length, self.blocks, self.filled];
        visitor.field(&counters, &Layout::shared(&[4]), FieldMut::U64(&mut numbers))?;
        if let [records, block_length, blocks, filled] = numbers[..] {
            (self.records, self.block_length, self.blocks, self.filled) =
                (records, block_length, blocks, filled);
        }
        let rows = |item: &[usize]| Layout::rows((self.first, self.rows, self.total), item);
        let (used, room) = (self.blocks as usize * self.columns, self.capacity * self.columns);
        let mut packed: Vec<f64> =
            self.values.chunks_exact(room.max(1)).flat_map(|row| &row[..used]).copied().collect();
        let layout = rows(&[self.blocks as usize, self.columns]);
        let single = rows(&[self.columns]);
        visitor.field(&values, &layout, FieldMut::F64(&mut packed))?;
        if visitor.is_loading() && used > 0 {
            for (row, packed) in self.values.chunks_exact_mut(room).zip(packed.chunks_exact(used)) {
                row[..used].copy_from_slice(packed);
            }
        }
        visitor.field(&partial, &single, FieldMut::F64(&mut self.partial))?;
        visitor.field(&sums, &single, FieldMut::F64(&mut self.sums))?;
        visitor.field(&squares, &single, FieldMut::F64(&mut self.squares))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_series_keeps_its_mean_and_doubles_its_blocks() {
        let mut series = BlockedSeries::new("test", (0, 2, 2), 1, 8);
        for k in 0..37 {
            series.push(&[f64::from(k), -f64::from(k)]);
        }
        assert_eq!((series.records(), series.block_length()), (37, 8));
        assert_eq!(series.blocks(), 4);
        assert_eq!(series.block(0, 1), &[11.5]);
        assert_eq!(series.block(1, 3), &[-27.5]);
        assert!((series.mean(0, 0) - 18.0).abs() < 1e-12);
        assert!((series.variance(0, 0) - (37.0f64 * 37.0 - 1.0) / 12.0).abs() < 1e-9);
    }
}
