//! One configuration of a trajectory.

use super::column::{Column, Values};
use super::text::Lines;
use crate::foundation::vector::{IDENTITY, Matrix};
use crate::foundation::{Error, Result};
use crate::system::atoms::Atoms;

/// A configuration with its step and what else is known of its atoms.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// The atoms.
    pub atoms: Atoms,
    /// Step of the run; zero if the file does not say.
    pub step: u64,
    /// Time in ps, if known.
    pub time: Option<f64>,
    /// Further columns. Readers put ids, velocities and images into `atoms` instead; writers write these columns alone,
    /// after kinds and positions: see [`Frame::with_columns`].
    pub columns: Vec<Column>,
    /// Further keys of the comment line of extended XYZ, with the texts of their values.
    pub remarks: Vec<(String, String)>,
    /// By what the reader turned the file's frame, to bring its lattice into the restricted form. Positions,
    /// velocities, forces and stresses are turned; other columns and remarks are as in the file.
    pub rotation: Matrix,
}

impl Frame {
    /// A frame of atoms alone.
    #[must_use]
    pub fn new(atoms: Atoms, step: u64) -> Self {
        let (columns, remarks) = (Vec::new(), Vec::new());
        Frame { atoms, step, time: None, columns, remarks, rotation: IDENTITY }
    }

    /// This frame with the columns of its atoms in front: ids, velocities where they are known, and images.
    #[must_use]
    pub fn with_columns(mut self) -> Self {
        let mut columns = vec![Column::id(&self.atoms)];
        if self.atoms.has_velocities {
            columns.push(Column::velocity(&self.atoms));
        }
        columns.push(Column::image(&self.atoms));
        columns.append(&mut self.columns);
        self.columns = columns;
        self
    }

    /// Moves a column with ids, velocities or images into the atoms, and keeps any other.
    ///
    /// # Errors
    /// A text if the values are not what the name says.
    pub(super) fn take(&mut self, column: Column) -> std::result::Result<(), String> {
        let whole = |values: &Values| match values {
            Values::Integer(values) => Some(values.clone()),
            Values::Real(values) => {
                values.iter().map(|&x| (x.fract() == 0.0 && x.abs() < 9e15).then_some(x as i64)).collect()
            }
            Values::Text(_) => None,
        };
        let wrong = |what: &str| format!("the column {} does not hold {what}", column.name);
        match column.name.as_str() {
            "id" => {
                let ids = whole(&column.values).ok_or_else(|| wrong("whole numbers"))?;
                self.atoms.id = ids.into_iter().map(|id| u64::try_from(id).unwrap_or(0)).collect();
            }
            "image" => {
                let flags = whole(&column.values).ok_or_else(|| wrong("whole numbers"))?;
                let flags: Option<Vec<i32>> =
                    flags.into_iter().map(|flag| i32::try_from(flag).ok()).collect();
                self.atoms.image = flags.ok_or_else(|| wrong("whole numbers"))?.as_chunks::<3>().0.to_vec();
            }
            "velocity" => {
                let velocities = column.reals().ok_or_else(|| wrong("numbers"))?;
                self.atoms.velocity = velocities.as_chunks::<3>().0.to_vec();
                self.atoms.has_velocities = true;
            }
            _ => self.columns.push(column),
        }
        Ok(())
    }
}

/// Reads one frame, or says that there is none left.
pub(super) type ReadFrame<'a> = fn(&mut Lines<'a>) -> Result<Option<Frame>>;

/// The frames of a trajectory, read one by one; ends after the first error.
#[derive(Debug, Clone)]
pub struct Frames<'a> {
    lines: Option<Lines<'a>>,
    read: ReadFrame<'a>,
}

impl<'a> Frames<'a> {
    pub(super) fn new(text: &'a str, source: &'a str, read: ReadFrame<'a>) -> Self {
        Frames { lines: Some(Lines::new(text, source)), read }
    }

    /// The last frame.
    ///
    /// # Errors
    /// `Error::Configuration` if there is none or one cannot be read.
    pub fn last_frame(self) -> Result<Frame> {
        let source = self.lines.as_ref().map_or("", |lines| lines.source);
        let mut last = Err(Error::Configuration(format!("{source}: the file is empty: expected atoms")));
        for frame in self {
            last = Ok(frame?);
        }
        last
    }
}

impl Iterator for Frames<'_> {
    type Item = Result<Frame>;

    fn next(&mut self) -> Option<Result<Frame>> {
        let result = (self.read)(self.lines.as_mut()?);
        if !matches!(result, Ok(Some(_))) {
            self.lines = None;
        }
        result.transpose()
    }
}
