//! One list of fields for saving, loading, hashing and comparing: whatever has state walks it once.

use super::Result;
use super::random::{GOLDEN_GAMMA, mix};
use super::table::Part;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The shape of a field over all ranks, and what of it is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Shape of the whole field.
    pub shape: Vec<usize>,
    /// The part this rank holds; `None` if every rank holds all of it.
    pub part: Option<Part>,
}

impl Layout {
    /// A field every rank holds.
    #[must_use]
    pub fn shared(shape: &[usize]) -> Self {
        Layout { shape: shape.to_vec(), part: None }
    }

    /// `count` of `total` rows from `first`, each of the shape `item`.
    #[must_use]
    pub fn rows((first, count, total): (usize, usize, usize), item: &[usize]) -> Self {
        let mut shape = vec![total];
        shape.extend(item);
        let part = Some(Part::along(0, first, count, &shape));
        Layout { shape, part }
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
    /// Bytes of one entry.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            FieldMut::F64(_) | FieldMut::U64(_) => 8,
            FieldMut::I8(_) => 1,
        }
    }

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
    /// Treats one field. A loading visitor fills `data` with the part held here.
    ///
    /// # Errors
    /// Input or output that failed, or a stored field that does not fit.
    fn field(&mut self, name: &str, layout: &Layout, data: FieldMut<'_>) -> Result<()>;

    /// Whether fields are filled (rather than looked at).
    fn is_loading(&self) -> bool;

    /// Treats one counter.
    ///
    /// # Errors
    /// As [`Visitor::field`].
    fn counter(&mut self, name: &str, value: &mut u64) -> Result<()> {
        let mut data = vec![*value];
        self.field(name, &Layout::shared(&[1]), FieldMut::U64(&mut data))?;
        *value = data.first().copied().unwrap_or_default();
        Ok(())
    }
}

/// The hash of everything visited: a wrapping sum over entries, so that each rank adds what it holds in any order.
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

    /// Adds what is here of one field, entries of `width` bytes.
    pub fn add(&mut self, name: &str, layout: &Layout, bytes: &[u8], width: usize) {
        if layout.part.is_none() && !self.counts_shared {
            return;
        }
        let seed =
            layout.shape.iter().fold(xxh3_64_with_seed(name.as_bytes(), width as u64), |seed, &length| {
                mix(seed ^ length as u64)
            });
        self.sum = self.sum.wrapping_add(if self.counts_shared { mix(seed) } else { 0 });
        let whole = || Part { start: vec![0; layout.shape.len()], count: layout.shape.clone() };
        let part = layout.part.clone().unwrap_or_else(whole);
        let sum = &mut self.sum;
        part.stretches(&layout.shape, |first, entries| {
            let bytes = &bytes[entries.start * width..entries.end * width];
            let mut place = seed.wrapping_add((first as u64).wrapping_mul(GOLDEN_GAMMA));
            let mut add = |word: u64| {
                *sum = sum.wrapping_add(mix(word ^ place));
                place = place.wrapping_add(GOLDEN_GAMMA);
            };
            if width == 8 {
                bytes.chunks_exact(8).for_each(|word| add(bytemuck::pod_read_unaligned(word)));
            } else {
                bytes.iter().for_each(|&byte| add(u64::from(byte)));
            }
        });
    }
}

impl Visitor for Hasher {
    fn field(&mut self, name: &str, layout: &Layout, data: FieldMut<'_>) -> Result<()> {
        self.add(name, layout, data.bytes(), data.width());
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
            let layout = Layout::rows((*first, data.len(), total), &[]);
            hasher.field("a", &layout, FieldMut::F64(&mut data.clone())).unwrap();
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

    #[test]
    fn the_hash_does_not_see_how_a_box_is_cut() {
        let shape = vec![2, 3, 4];
        let add = |hasher: &mut Hasher, part: Option<Part>, data: &[i8]| {
            hasher.add("b", &Layout { shape: shape.clone(), part }, bytemuck::cast_slice(data), 1);
        };
        let all: Vec<i8> = (0..24).collect();
        let mut whole = Hasher::new(true);
        add(&mut whole, None, &all);
        let mut cut = Hasher::new(true);
        let left = Part { start: vec![0, 0, 0], count: vec![2, 3, 1] };
        let right = Part { start: vec![0, 0, 1], count: vec![2, 3, 3] };
        add(&mut cut, Some(left), &(0..6).map(|k| 4 * k).collect::<Vec<i8>>());
        let mut other = Hasher::new(false);
        add(&mut other, Some(right), &(0..24).filter(|k| k % 4 > 0).collect::<Vec<i8>>());
        assert_eq!(whole.sum(), cut.sum().wrapping_add(other.sum()));
    }
}
