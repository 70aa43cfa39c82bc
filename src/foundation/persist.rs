//! One list of fields for saving, loading, hashing and comparing: whatever has state walks it once.

use super::Result;
use super::random::mix;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// How the rows of a field are spread over ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Every rank holds the same rows.
    Shared(usize),
    /// This rank holds `count` of `total` rows, from `first`.
    Distributed {
        /// First global row held here.
        first: usize,
        /// Rows held here.
        count: usize,
        /// Rows on all ranks.
        total: usize,
    },
}

impl Rows {
    /// Rows held here.
    #[must_use]
    pub fn held(self) -> usize {
        match self {
            Rows::Shared(count) | Rows::Distributed { count, .. } => count,
        }
    }

    /// Rows on all ranks.
    #[must_use]
    pub fn total(self) -> usize {
        match self {
            Rows::Shared(total) | Rows::Distributed { total, .. } => total,
        }
    }

    /// First row held here.
    #[must_use]
    pub fn first(self) -> usize {
        match self {
            Rows::Shared(_) => 0,
            Rows::Distributed { first, .. } => first,
        }
    }
}

/// The data of a field.
#[derive(Debug)]
pub enum FieldMut<'a> {
    /// Floating-point numbers.
    F64(&'a mut Vec<f64>),
    /// Counters and indices.
    U64(&'a mut Vec<u64>),
    /// Small integers.
    I8(&'a mut Vec<i8>),
}

impl FieldMut<'_> {
    /// The bytes of the data, little-endian as in memory.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            FieldMut::F64(data) => bytemuck::cast_slice(data),
            FieldMut::U64(data) => bytemuck::cast_slice(data),
            FieldMut::I8(data) => bytemuck::cast_slice(data),
        }
    }
}

/// Something with state. `visit` names every field; whatever is not visited is lost at a restart.
pub trait Persist {
    /// Shows every field to the visitor, counters before the arrays whose length they give.
    ///
    /// # Errors
    /// Whatever the visitor reports: input or output that failed, fields that do not fit.
    fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()>;
}

/// What can be done with all fields: write, read, hash.
pub trait Visitor {
    /// Treats one field; `shape` is that of one row. A loading visitor fills `data` with the rows held here.
    ///
    /// # Errors
    /// Input or output that failed, or a stored field that does not fit.
    fn field(&mut self, name: &str, rows: Rows, shape: &[usize], data: FieldMut<'_>) -> Result<()>;

    /// Whether fields are filled (rather than looked at).
    fn is_loading(&self) -> bool;

    /// Treats one counter.
    ///
    /// # Errors
    /// As [`Visitor::field`].
    fn counter(&mut self, name: &str, value: &mut u64) -> Result<()> {
        let mut data = vec![*value];
        self.field(name, Rows::Shared(1), &[], FieldMut::U64(&mut data))?;
        *value = data.first().copied().unwrap_or_default();
        Ok(())
    }
}

/// The hash of everything visited: a wrapping sum over rows, so that each rank adds the rows it holds in any order.
#[derive(Debug, Default)]
pub struct Hasher {
    sum: u64,
    counts_shared: bool,
}

impl Hasher {
    /// A hasher; exactly one rank must count the fields all ranks share.
    #[must_use]
    pub fn new(counts_shared: bool) -> Self {
        Hasher { sum: 0, counts_shared }
    }

    /// The sum of this rank; the state hash is the wrapping sum over ranks.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum
    }

    /// Adds the rows of one field.
    pub fn add(&mut self, name: &str, rows: Rows, bytes: &[u8]) {
        if matches!(rows, Rows::Shared(_)) && !self.counts_shared {
            return;
        }
        let length = bytes.len() / rows.held().max(1);
        let name = xxh3_64_with_seed(name.as_bytes(), rows.total() as u64);
        self.sum = self.sum.wrapping_add(if self.counts_shared { mix(name) } else { 0 });
        if length == 0 {
            return;
        }
        for (row, bytes) in bytes.chunks_exact(length).enumerate() {
            let seed = mix(name ^ mix((rows.first() + row) as u64));
            self.sum = self.sum.wrapping_add(mix(xxh3_64_with_seed(bytes, seed)));
        }
    }
}

impl Visitor for Hasher {
    fn field(&mut self, name: &str, rows: Rows, _shape: &[usize], data: FieldMut<'_>) -> Result<()> {
        self.add(name, rows, data.bytes());
        Ok(())
    }

    fn is_loading(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(parts: &[(usize, Vec<f64>)], total: usize) -> u64 {
        let mut sum = 0u64;
        for (rank, (first, data)) in parts.iter().enumerate() {
            let mut hasher = Hasher::new(rank == 0);
            let rows = Rows::Distributed { first: *first, count: data.len(), total };
            hasher.field("a", rows, &[], FieldMut::F64(&mut data.clone())).unwrap();
            sum = sum.wrapping_add(hasher.sum());
        }
        sum
    }

    #[test]
    fn the_hash_sees_values_and_places_but_not_the_distribution() {
        let whole = hash(&[(0, vec![1.0, 2.0, 3.0])], 3);
        assert_eq!(whole, hash(&[(0, vec![1.0]), (1, vec![2.0, 3.0])], 3));
        assert_eq!(whole, hash(&[(1, vec![2.0, 3.0]), (0, vec![1.0])], 3));
        assert_ne!(whole, hash(&[(0, vec![2.0, 1.0, 3.0])], 3));
        assert_ne!(whole, hash(&[(0, vec![1.0, 2.0, 3.0 + 1e-15])], 3));
    }
}
