//! From series to results: means, errors, derived quantities and the equilibration test, rung by rung.
//!
//! Each rank analyzes the rungs it owns; the small results are then known to all, the long series are written by
//! their owners. Nothing here depends on who owns what.

mod equilibration;
mod plane;
mod rung;
mod series;
mod tables;

pub use plane::{PlaneAxes, PlanePoints};

use super::measurement::{Ladders, Measurements};
use super::relaxation::Relaxation;
use crate::foundation::Result;
use crate::foundation::observable::{MoveCount, Observable, columns};
use crate::foundation::statistics::Estimate;
use crate::foundation::table::{Data, Sink, Table};
use crate::models::Model;
use crate::parallel::arrangement::Arrangement;
use crate::parallel::partition;

/// Deviation, in standard deviations, above which a rung does not count as equilibrated.
const EQUILIBRATION_THRESHOLD: f64 = 4.0;
/// Logarithmic bins reported.
const REPORTED_BINS: usize = 10;

/// About how many bytes the configurations of a checkpoint take.
#[must_use]
pub fn stored_state_bytes<M: Model>(model: &M, replicas: usize) -> u64 {
    let bytes = |field: &crate::models::StateField| {
        field.shape.iter().product::<usize>() * if field.integer { 1 } else { 8 }
    };
    let cell: usize = model.state_fields().iter().map(bytes).sum();
    (replicas * cell * model.cells().iter().product::<usize>()) as u64
}

/// Everything the results of a ladder are made from. A group is a set of rungs that are measured together.
pub struct LadderResults<'a, M: Model> {
    /// The model.
    pub model: &'a M,
    /// The ranks.
    pub arrangement: &'a Arrangement,
    /// Temperatures, ascending.
    pub temperatures: &'a [f64],
    /// Independent ladders.
    pub ladders: Ladders,
    /// Sweeps between measurements.
    pub measure_every: u64,
    /// Sweeps before the first measured one.
    pub thermalization: u64,
    /// The measurements, covering all rungs in ascending order.
    pub groups: Vec<(&'a Measurements, &'a Relaxation<M>)>,
    /// Planes of structure factors.
    pub planes: &'a [PlaneAxes],
    /// `[rung][kind of move]`
    pub move_counts: &'a [MoveCount],
}

/// What is known of one rung: numbers in a fixed order that all ranks agree on.
#[derive(Default)]
struct RungNumbers(Vec<f64>);

impl RungNumbers {
    fn push(&mut self, estimate: &Estimate) {
        self.0.extend([estimate.mean, estimate.error, estimate.autocorrelation_time]);
    }
}

/// Cursor over gathered numbers, `[rung][number]`.
struct Gathered {
    numbers: Vec<f64>,
    width: usize,
    next: usize,
}

impl Gathered {
    /// The next `count` numbers of every rung: `[rung][count]`.
    fn take(&mut self, count: usize) -> Vec<f64> {
        let next = self.next;
        self.next += count;
        self.numbers
            .chunks_exact(self.width.max(1))
            .flat_map(|row| &row[next..next + count])
            .copied()
            .collect()
    }

    /// The next `count` estimates of every rung, split into means, errors and times.
    fn take_estimates(&mut self, count: usize) -> [Vec<f64>; 3] {
        let flat = self.take(3 * count);
        [0, 1, 2].map(|k| flat.iter().skip(k).step_by(3).copied().collect())
    }
}

impl<M: Model> LadderResults<'_, M> {
    fn has_pairs(&self) -> bool {
        self.ladders.copies > 1
    }

    /// Hands all tables to `sink` and returns remarks for people. Collective.
    ///
    /// # Errors
    /// Whatever the ranks agree went wrong, and what `sink` returns.
    pub fn tables(&self, sink: Sink<'_>) -> Result<Vec<String>> {
        let rungs = self.temperatures.len();
        sink(Table::new(
            "/ladder/temperature",
            vec![rungs],
            Data::F64(self.temperatures.to_vec()),
            "J",
            "temperature of each rung, k_B = 1",
        ))?;
        self.move_tables(sink)?;
        let mut gathered = self.gather();
        self.observable_tables(&mut gathered, sink)?;
        let remarks = self.equilibration_tables(&mut gathered, sink)?;
        self.structure_tables(&mut gathered, sink)?;
        self.relaxation_tables(&mut gathered, sink)?;
        drop(gathered);
        self.series_tables(sink)?;
        Ok(remarks)
    }

    /// Analyzes the owned rungs and collects the numbers of all.
    fn gather(&self) -> Gathered {
        let replicas = &self.arrangement.replicas;
        let keeps_books = self.arrangement.keeps_books();
        let mut mine = Vec::new();
        for (measurements, relaxation) in self.groups.iter().filter(|_| keeps_books) {
            for row in 0..measurements.owned.len() {
                mine.extend(self.analyze(measurements, relaxation, row).0);
            }
        }
        // Groups are cut among ranks one by one; with several groups the ranks' shares interleave, so every rank
        // contributes whole rungs labeled by position.
        let rungs = self.temperatures.len();
        let owned: usize = self.groups.iter().map(|(measurements, _)| measurements.owned.len()).sum();
        let mut width = [(mine.len() / owned.max(1)) as u64];
        self.arrangement.world.max(&mut width);
        let width = width[0] as usize;
        let size = replicas.size();
        let held = |rank: usize| -> Vec<usize> {
            let of_group = |measurements: &Measurements| {
                let share = partition::share(measurements.rungs.len(), rank, size);
                measurements.rungs.start + share.start..measurements.rungs.start + share.end
            };
            self.groups.iter().flat_map(|(measurements, _)| of_group(measurements)).collect()
        };
        let mut all = Vec::new();
        if keeps_books {
            let counts: Vec<usize> = (0..size).map(|rank| held(rank).len() * width).collect();
            all = replicas.all_gather(&mine, &counts);
        }
        let mut bytes: Vec<u8> = bytemuck::cast_slice(&all).to_vec();
        self.arrangement.domains.broadcast(&mut bytes);
        let all: Vec<f64> = bytes.chunks_exact(8).map(bytemuck::pod_read_unaligned).collect();
        let mut numbers = vec![0.0; rungs * width];
        let mut rows = all.chunks_exact(width.max(1));
        for rung in (0..size).flat_map(held) {
            if let Some(row) = rows.next() {
                numbers[rung * width..(rung + 1) * width].copy_from_slice(row);
            }
        }
        Gathered { numbers, width, next: 0 }
    }

    /// All observables in column order: (observable, first column).
    fn observables(&self) -> Vec<(Observable, usize)> {
        let singles = self.model.observables();
        let (starts, width) = columns(&singles);
        let mut list: Vec<(Observable, usize)> = singles.into_iter().zip(starts).collect();
        if self.has_pairs() {
            let pairs = self.model.pair_observables();
            let (starts, _) = columns(&pairs);
            list.extend(pairs.into_iter().zip(starts.into_iter().map(|start| width + start)));
        }
        list
    }

    fn judged_columns(&self) -> Vec<(&'static str, usize)> {
        let observables = self.observables();
        let names = self.model.equilibration_observables(self.has_pairs());
        let find =
            |name: &str| observables.iter().find(|(o, _)| o.name == name).map(|(o, start)| (o.name, *start));
        names.into_iter().filter_map(find).collect()
    }

    fn model_columns(&self) -> usize {
        columns(&self.model.observables()).1
    }
}
