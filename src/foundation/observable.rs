//! What a model can measure: names, meanings and units travel with the numbers into every file.

/// A quantity measured on a configuration (or on a pair of copies), possibly with several components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observable {
    /// Name in results files.
    pub name: &'static str,
    /// Definition.
    pub description: &'static str,
    /// Units, "1" if none.
    pub units: &'static str,
    /// Number of components.
    pub width: usize,
}

impl Observable {
    /// A scalar quantity.
    #[must_use]
    pub fn scalar(name: &'static str, units: &'static str, description: &'static str) -> Self {
        Observable { name, description, units, width: 1 }
    }

    /// A quantity with `width` components.
    #[must_use]
    pub fn vector(name: &'static str, width: usize, units: &'static str, description: &'static str) -> Self {
        Observable { name, description, units, width }
    }
}

/// The formula of a derived quantity: (means of all columns, inverse temperature) to value.
pub type Formula = Box<dyn Fn(&[f64], f64) -> f64 + Send + Sync>;

/// A function of mean values, such as a specific heat or a Binder ratio; its error comes from the jackknife.
pub struct Derived {
    /// Name in results files.
    pub name: &'static str,
    /// Definition.
    pub description: &'static str,
    /// Units, "1" if none.
    pub units: &'static str,
    /// The formula.
    pub formula: Formula,
    /// Whether the quantity is the square root of what the formula gives. The formula itself, smooth through zero, is
    /// what the jackknife sees.
    pub root: bool,
}

/// Attempts and acceptances of one kind of move.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MoveCount {
    /// Moves tried.
    pub attempted: f64,
    /// Moves accepted.
    pub accepted: f64,
}

/// The first column of each observable in a row that holds them one after another, and the total width.
#[must_use]
pub fn columns(observables: &[Observable]) -> (Vec<usize>, usize) {
    let mut next = 0;
    let starts = observables
        .iter()
        .map(|observable| {
            let start = next;
            next += observable.width;
            start
        })
        .collect();
    (starts, next)
}
