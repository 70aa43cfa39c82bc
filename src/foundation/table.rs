//! A named array in memory on its way to or from a file.

use super::Result;

/// The numbers (or the text) of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Floating-point numbers.
    F64(Vec<f64>),
    /// Counters and indices.
    U64(Vec<u64>),
    /// Small integers.
    I8(Vec<i8>),
    /// A text; its shape is empty.
    Text(String),
}

/// The part of an array one rank holds: a box, `count` entries from `start` along each axis. The parts of all ranks
/// cover the array without overlap; a rank may hold nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// First index held here, along each axis.
    pub start: Vec<usize>,
    /// Number of indices held here, along each axis.
    pub count: Vec<usize>,
}

impl Part {
    /// `count` entries from `start` along one axis of an array, and everything along the others.
    #[must_use]
    pub fn along(axis: usize, start: usize, count: usize, shape: &[usize]) -> Self {
        let mut part = Part { start: vec![0; shape.len()], count: shape.to_vec() };
        (part.start[axis], part.count[axis]) = (start, count);
        part
    }

    /// Nothing of an array.
    #[must_use]
    pub fn nothing(shape: &[usize]) -> Self {
        Part { start: vec![0; shape.len()], count: vec![0; shape.len()] }
    }

    /// Whether it lies inside an array of this shape.
    #[must_use]
    pub fn fits(&self, shape: &[usize]) -> bool {
        let ends = self.start.iter().zip(&self.count).map(|(start, count)| start + count);
        self.start.len() == shape.len() && ends.zip(shape).all(|(end, &length)| end <= length)
    }

    /// Calls `run` for every stretch that is contiguous in the array: the index of its first entry there, and its
    /// entries in the order of the part.
    pub fn stretches(&self, shape: &[usize], mut run: impl FnMut(usize, std::ops::Range<usize>)) {
        if self.count.contains(&0) {
            return;
        }
        let length = self.count.last().copied().unwrap_or(1);
        let axes = shape.len().saturating_sub(1);
        for stretch in 0..self.count[..axes].iter().product() {
            let (mut rest, mut first, mut stride) = (stretch, 0, 1);
            for axis in (0..shape.len()).rev() {
                let within = if axis == axes { 0 } else { rest % self.count[axis] };
                first += (self.start[axis] + within) * stride;
                stride *= shape[axis];
                rest = if axis == axes { rest } else { rest / self.count[axis] };
            }
            run(first, stretch * length..(stretch + 1) * length);
        }
    }
}

/// Takes tables one by one: long ones are not held beside each other.
pub type Sink<'a> = &'a mut dyn FnMut(Table) -> Result<()>;

/// A named array with its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Path in the file, such as "/observables/energy/mean".
    pub name: String,
    /// Shape of the whole array over all ranks.
    pub shape: Vec<usize>,
    /// What this rank holds; `None` if every rank holds all of it.
    pub part: Option<Part>,
    /// The data held here.
    pub data: Data,
    /// Attribute `description`.
    pub description: String,
    /// Attribute `units`.
    pub units: String,
}

impl Table {
    /// A table of numbers that every rank holds.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        shape: Vec<usize>,
        data: Data,
        units: &str,
        description: &str,
    ) -> Self {
        Table {
            name: name.into(),
            shape,
            part: None,
            data,
            description: description.into(),
            units: units.into(),
        }
    }

    /// A text.
    #[must_use]
    pub fn text(name: &str, text: &str, description: &str) -> Self {
        Table::new(name, Vec::new(), Data::Text(text.into()), "text", description)
    }

    /// The numbers as f64 (empty for a text).
    #[must_use]
    pub fn numbers(&self) -> Vec<f64> {
        match &self.data {
            Data::F64(data) => data.clone(),
            Data::U64(data) => data.iter().map(|&x| x as f64).collect(),
            Data::I8(data) => data.iter().map(|&x| f64::from(x)).collect(),
            Data::Text(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_name_every_entry_of_a_part_by_its_place_in_the_array() {
        let shape = [3, 4, 5];
        let part = Part { start: vec![1, 2, 1], count: vec![2, 2, 3] };
        let mut expected = Vec::new();
        for x in 1..3 {
            for y in 2..4 {
                expected.extend((1..4).map(|z| (x * 4 + y) * 5 + z));
            }
        }
        let mut found = vec![0; expected.len()];
        part.stretches(&shape, |first, entries| {
            entries.enumerate().for_each(|(k, entry)| found[entry] = first + k);
        });
        assert_eq!(found, expected);
        assert!(part.fits(&shape) && !part.fits(&[3, 3, 5]) && !part.fits(&[3, 4]));
        let scalar = Part { start: vec![], count: vec![] };
        scalar.stretches(&[], |first, entries| assert_eq!((first, entries), (0, 0..1)));
        Part::nothing(&shape).stretches(&shape, |_, _| panic!("nothing has no stretches"));
    }
}
