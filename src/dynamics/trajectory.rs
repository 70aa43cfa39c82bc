//! Frames of the atoms for other programs, in a file that grows.

use super::atom::Atom;
use super::domain::wrap;
use super::moving_atoms::MovingAtoms;
use super::plan::{TrajectoryFormat, TrajectoryPlan};
use super::sums::COMPONENTS;
use crate::forces::embedded_atom::kernel::Tally;
use crate::formats::{Column, Frame, Values};
use crate::formats::{dump, extended_xyz};
use crate::foundation::Result;
use crate::foundation::engine::Output;
use crate::foundation::persist::Visitor;
use crate::foundation::units::{GIGAPASCAL, MASS_VELOCITY_SQUARED};
use crate::parallel::deliver::deliver;
use crate::system::atoms::Atoms;

/// An atom with what the force loop knows of it.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Row {
    atom: Atom,
    force: [f64; 3],
    tally: Tally,
}

/// The trajectory of a run: frames that wait to be written, and where in the file they belong.
pub struct Trajectory {
    plan: TrajectoryPlan,
    elements: Vec<String>,
    /// Bytes of all frames so far.
    bytes: u64,
    /// One more than the step of the last frame.
    after: u64,
    /// Frames not yet handed over; on rank 0 alone.
    pending: Vec<u8>,
}

impl Trajectory {
    /// A trajectory without frames.
    #[must_use]
    pub fn new(plan: TrajectoryPlan, elements: Vec<String>) -> Self {
        Trajectory { plan, elements, bytes: 0, after: 0, pending: Vec::new() }
    }

    /// Whether a frame is due after a step.
    #[must_use]
    pub fn is_due(&self, step: u64) -> bool {
        step.is_multiple_of(self.plan.every)
    }

    fn file(&self) -> &'static str {
        match self.plan.format {
            TrajectoryFormat::ExtendedXyz => "trajectory.xyz",
            TrajectoryFormat::Dump => "trajectory.dump",
        }
    }

    /// Adds a frame, unless the step has one: the end of a stage is the start of the next. Rank 0 holds all atoms meanwhile. Collective.
    ///
    /// # Errors
    /// `Error::Internal` if a number is not finite, which all ranks get.
    pub fn frame(&mut self, atoms: &MovingAtoms, step: u64) -> Result<()> {
        if self.after > step {
            return Ok(());
        }
        self.after = step + 1;
        let domain = &atoms.domain;
        let rows = (domain.atoms.iter().zip(&atoms.forces.force)).zip(&atoms.forces.tally);
        let mut outgoing: Vec<Vec<u8>> = vec![Vec::new(); domain.comm.size()];
        for ((atom, force), tally) in rows {
            outgoing[0].extend_from_slice(bytemuck::bytes_of(&Row {
                atom: *atom,
                force: *force,
                tally: *tally,
            }));
        }
        let mut rows: Vec<Row> = deliver(&*domain.comm, outgoing)
            .iter()
            .flat_map(|bytes| bytes.chunks_exact(size_of::<Row>()).map(bytemuck::pod_read_unaligned::<Row>))
            .collect();
        rows.sort_unstable_by_key(|row| row.atom.row);
        let before = self.pending.len();
        let written = if domain.comm.rank() == 0 { self.write(atoms, &rows, step) } else { Ok(()) };
        domain.comm.agree(written)?;
        self.bytes += domain.comm.decide((self.pending.len() - before) as u64);
        Ok(())
    }

    fn write(&mut self, moving: &MovingAtoms, rows: &[Row], step: u64) -> Result<()> {
        let periodic_box = *moving.domain.periodic_box();
        let wrapped: Vec<_> = rows.iter().map(|row| wrap(&periodic_box, row.atom.position)).collect();
        let kind = rows.iter().map(|row| row.atom.kind as u16).collect();
        let position = wrapped.iter().map(|(position, _)| *position).collect();
        let mut atoms = Atoms::new(periodic_box, self.elements.clone(), kind, position);
        atoms.id = rows.iter().map(|row| row.atom.id).collect();
        atoms.velocity = rows.iter().map(|row| row.atom.velocity).collect();
        atoms.has_velocities = true;
        let image = |(row, (_, edges)): (&Row, &([f64; 3], [i64; 3]))| {
            std::array::from_fn(|d| (row.atom.image[d] + edges[d]) as i32)
        };
        atoms.image = rows.iter().zip(&wrapped).map(image).collect();
        // Stresses of single atoms refer to the mean volume of an atom.
        let per_volume = GIGAPASCAL * rows.len() as f64 / periodic_box.volume();
        let stress = |row: &Row| -> [f64; 6] {
            let mass = moving.masses[row.atom.kind as usize] * MASS_VELOCITY_SQUARED;
            std::array::from_fn(|k| {
                let [d, e] = COMPONENTS[k];
                -(mass * row.atom.velocity[d] * row.atom.velocity[e] + row.tally.virial[k]) * per_volume
            })
        };
        let stresses: Vec<[f64; 6]> = rows.iter().map(stress).collect();
        let scalar =
            |name: &str, of: &dyn Fn(usize) -> f64| Column::scalar(name, (0..rows.len()).map(of).collect());
        let column = |name: &String| match name.as_str() {
            "id" => Column::id(&atoms),
            "velocity" => Column::velocity(&atoms),
            "image" => Column::image(&atoms),
            "force" => Column::vector("force", &rows.iter().map(|row| row.force).collect::<Vec<_>>()),
            "energy" => scalar("energy", &|i| rows[i].tally.energy),
            "stress" => Column::vector("stress", &stresses),
            "pressure" => scalar("pressure", &|i| -(stresses[i][0] + stresses[i][1] + stresses[i][2]) / 3.0),
            _ => scalar("von_mises", &|i| von_mises(&stresses[i])),
        };
        let mut columns: Vec<Column> = self.plan.per_atom.iter().map(column).collect();
        if self.plan.format == TrajectoryFormat::Dump && !columns.iter().any(|column| column.name == "id") {
            columns.insert(0, Column::id(&atoms));
        }
        debug_assert!(columns.iter().all(|column| !matches!(column.values, Values::Text(_))));
        let frame = Frame { columns, ..Frame::new(atoms, step) };
        let file = self.file();
        match self.plan.format {
            TrajectoryFormat::ExtendedXyz => extended_xyz::write(&frame, &mut self.pending, file),
            TrajectoryFormat::Dump => dump::write(&frame, &mut self.pending, file),
        }
    }

    /// The frames that wait.
    pub fn take(&mut self) -> Option<Output> {
        let bytes = std::mem::take(&mut self.pending);
        (!bytes.is_empty()).then(|| Output {
            file: self.file().into(),
            position: self.bytes - bytes.len() as u64,
            bytes,
        })
    }

    /// Shows the length of the file and the step of the last frame to a visitor.
    ///
    /// # Errors
    /// As [`Visitor::field`].
    pub fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()> {
        visitor.counter("trajectory/bytes", &mut self.bytes)?;
        visitor.counter("trajectory/after", &mut self.after)
    }
}

/// The square root of the second invariant of the stress deviator, components xx yy zz yz xz xy; von Mises's equivalent
/// stress is sqrt(3) times as large.
#[must_use]
pub fn von_mises(s: &[f64; 6]) -> f64 {
    let squares = (s[0] - s[1]).powi(2) + (s[1] - s[2]).powi(2) + (s[2] - s[0]).powi(2);
    (squares / 6.0 + s[3] * s[3] + s[4] * s[4] + s[5] * s[5]).sqrt()
}
