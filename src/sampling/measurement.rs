//! Measurements belong to rungs: rows travel from whoever holds the replica to the owner of its rung.

use super::analysis::PlanePoints;
use super::structure::structure_factors;
use super::walkers::{Walkers, for_each};
use crate::foundation::Result;
use crate::foundation::observable::{Observable, columns};
use crate::foundation::persist::{Persist, Visitor};
use crate::foundation::series::BlockedSeries;
use crate::models::Model;
use crate::parallel::arrangement::Arrangement;
use crate::parallel::grid::Grid;
use crate::parallel::serial::Serial;
use crate::parallel::{Comm, partition};
use crate::system::brick::Brick;
use std::ops::Range;

/// Blocks a series of measurements keeps per rung and copy: at most, and at least however small the lattice is.
const SERIES_CAPACITY: usize = 8192;
const LEAST_CAPACITY: usize = 2048;
/// Bytes of series per site, where the capacity lies between these.
const SERIES_BYTES_PER_SITE: usize = 64;
/// Blocks a series of structure factors keeps per rung.
const STRUCTURE_CAPACITY: usize = 24;

/// Blocks the series of a model keep: large lattices may afford long ones.
#[must_use]
pub fn series_capacity<M: Model>(model: &M) -> usize {
    let (_, width) = columns(&model.observables());
    (SERIES_BYTES_PER_SITE * model.sites() / (8 * width))
        .clamp(LEAST_CAPACITY, SERIES_CAPACITY)
        .next_multiple_of(2)
}

/// Independent ladders: several copies of every sample of the disorder (a model without disorder has one sample).
/// Ladder sample * copies + copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ladders {
    /// Samples of the disorder.
    pub samples: usize,
    /// Independent copies of each, which overlaps are measured between.
    pub copies: usize,
}

impl Ladders {
    /// All ladders.
    #[must_use]
    pub fn count(self) -> usize {
        self.samples * self.copies
    }

    /// The sample of a ladder.
    #[must_use]
    pub fn sample(self, ladder: usize) -> usize {
        ladder / self.copies
    }
}

/// Bytes of the series of a number of rungs after a number of records.
#[must_use]
pub fn series_bytes<M: Model>(
    model: &M,
    rungs: usize,
    ladders: Ladders,
    records: u64,
    wave_vectors: usize,
) -> u64 {
    let blocks = (series_capacity(model) as u64).min(records);
    let width = |observables: &[Observable]| columns(observables).1 as u64;
    let pairs = if ladders.copies > 1 { width(&model.pair_observables()) } else { 0 };
    let (singles, pairs) =
        (ladders.count() as u64 * width(&model.observables()), ladders.samples as u64 * pairs);
    let structure = (model.structure_factor_names().len() * wave_vectors * STRUCTURE_CAPACITY) as u64;
    rungs as u64 * 8 * (blocks * (singles + pairs) + structure)
}

/// What is measured, beyond the observables of the model.
#[derive(Debug, Clone, Default)]
pub struct StructurePlan {
    /// Points of all planes one after another; empty if none are measured.
    pub points: PlanePoints,
}

impl StructurePlan {
    /// The structure factors of one replica, `[kind][point]`, averaged over points and their images. Collective among
    /// the domains of the replica.
    fn measure<M: Model>(
        &self,
        model: &M,
        state: &M::State,
        brick: &Brick,
        ranks: (Grid, &dyn Comm),
    ) -> Vec<f64> {
        let PlanePoints { wave_vectors, images } = &self.points;
        let both: Vec<[i64; 3]> = wave_vectors.iter().chain(images).copied().collect();
        let rows = structure_factors(model, state, &both, brick, ranks);
        let average = |kind: &[f64]| {
            let (points, images) = kind.split_at(wave_vectors.len());
            points.iter().zip(images).map(|(a, b)| 0.5 * (a + b)).collect::<Vec<f64>>()
        };
        rows.chunks_exact(both.len().max(1)).flat_map(average).collect()
    }
}

/// The rungs that are measured together, and the series of those this rank owns. All domains of a replica measure;
/// one of them keeps the series.
pub struct Measurements {
    /// Rungs measured together, in the numbering of the ladder.
    pub rungs: Range<usize>,
    /// Of these, the ones whose series are here.
    pub owned: Range<usize>,
    ladders: Ladders,
    threads: usize,
    keeps_books: bool,
    /// Rows (rung, ladder): observables of one configuration.
    pub singles: BlockedSeries,
    /// Rows (rung, sample): observables of pairs, averaged over all pairs of copies.
    pub pairs: BlockedSeries,
    /// Rows (rung): structure factors, averaged over ladders.
    pub structure: BlockedSeries,
}

/// The configurations at the rungs a rank owns: its own, or received.
enum Held<'a, S> {
    Here(&'a S),
    Received(S),
}

impl<S> Held<'_, S> {
    fn get(&self) -> &S {
        match self {
            Held::Here(state) => state,
            Held::Received(state) => state,
        }
    }
}

/// Where a replica is measured: the (rung, ladder) it sits at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Rung of the ladder.
    pub rung: usize,
    /// Ladder.
    pub ladder: usize,
    /// The replica that sits there.
    pub replica: usize,
}

impl Measurements {
    /// Empty series for rungs measured together; `name` distinguishes several of them in a checkpoint.
    #[must_use]
    pub fn new<M: Model>(
        name: &str,
        model: &M,
        arrangement: &Arrangement,
        rungs: Range<usize>,
        ladders: Ladders,
        structure: &StructurePlan,
        threads: usize,
    ) -> Self {
        let replicas = &arrangement.replicas;
        let share = partition::share(rungs.len(), replicas.rank(), replicas.size());
        let owned = rungs.start + share.start..rungs.start + share.end;
        let keeps_books = arrangement.keeps_books();
        let kept = if keeps_books { share.len() } else { 0 };
        let rows = |per_rung: usize| (share.start * per_rung, kept * per_rung, rungs.len() * per_rung);
        let (_, single_columns) = columns(&model.observables());
        let (_, pair_columns) = columns(&model.pair_observables());
        let pair_columns = if ladders.copies > 1 { pair_columns } else { 0 };
        let structure_columns = model.structure_factor_names().len() * structure.points.wave_vectors.len();
        let capacity = series_capacity(model);
        Measurements {
            singles: BlockedSeries::new(
                format!("{name}singles"),
                rows(ladders.count()),
                single_columns,
                capacity,
            ),
            pairs: BlockedSeries::new(format!("{name}pairs"), rows(ladders.samples), pair_columns, capacity),
            structure: BlockedSeries::new(
                format!("{name}structure"),
                rows(1),
                structure_columns,
                STRUCTURE_CAPACITY,
            ),
            rungs,
            owned,
            ladders,
            threads,
            keeps_books,
        }
    }

    /// The rows of series of these rungs that are kept here: (first, count, total).
    #[must_use]
    pub fn kept_rungs(&self) -> (usize, usize, usize) {
        let count = if self.keeps_books { self.owned.len() } else { 0 };
        (self.owned.start - self.rungs.start, count, self.rungs.len())
    }

    /// A record, or nothing where the books are kept elsewhere.
    fn kept<'a>(&self, record: &'a [f64]) -> &'a [f64] {
        if self.keeps_books { record } else { &[] }
    }

    /// The rank that owns a rung.
    fn owner(&self, rung: usize, size: usize) -> usize {
        partition::owner(self.rungs.len(), rung - self.rungs.start, size)
    }

    /// Measures the observables of all places; `places` lists every (rung, ladder) of these rungs once, sorted.
    pub fn measure<M: Model>(&mut self, model: &M, walkers: &Walkers<M>, places: &[Place]) {
        let mut sums: Vec<Vec<i64>> = vec![Vec::new(); walkers.local.len()];
        let mut work: Vec<(&M::State, &mut Vec<i64>)> =
            walkers.local.iter().map(|walker| &walker.state).zip(&mut sums).collect();
        for_each(self.threads, &mut work, |(state, sums)| **sums = model.sums(state));
        let rows = rows_over_domains(walkers, sums, self.singles.columns(), |sums, row| {
            model.observe(sums, row);
        });
        let gathered = self.gather_rows(&rows, walkers.range(), places, &*walkers.arrangement.replicas);
        self.singles.push(self.kept(&gathered));
        if self.ladders.copies > 1 {
            let records = self.measure_pairs(model, walkers, places);
            self.pairs.push(self.kept(&records));
        }
    }

    fn measure_pairs<M: Model>(&self, model: &M, walkers: &Walkers<M>, places: &[Place]) -> Vec<f64> {
        let comm = &*walkers.arrangement.replicas;
        let range = walkers.range();
        let (me, size) = (comm.rank(), comm.size());
        let state_of = |replica: usize| &walkers.local[replica - range.start].state;
        let holder = |replica: usize| partition::owner(walkers.total(), replica, size);
        let send: Vec<(usize, &[u8])> = places
            .iter()
            .filter(|place| range.contains(&place.replica) && self.owner(place.rung, size) != me)
            .map(|place| (self.owner(place.rung, size), model.as_bytes(state_of(place.replica))))
            .collect();
        let mine = places.iter().filter(|place| self.owned.contains(&place.rung));
        let mut receive: Vec<(usize, Vec<u8>)> = mine
            .clone()
            .filter(|place| !range.contains(&place.replica))
            .map(|place| (holder(place.replica), vec![0; model.state_bytes()]))
            .collect();
        comm.exchange(&send, &mut receive);
        let mut received = receive.into_iter();
        let mut held: Vec<Held<'_, M::State>> = Vec::new();
        for place in mine {
            if range.contains(&place.replica) {
                held.push(Held::Here(state_of(place.replica)));
            } else if let Some((_, bytes)) = received.next() {
                held.push(Held::Received(model.state_from_bytes(&bytes)));
            }
        }
        // Of each rung and sample, every pair of its copies in turn.
        let copies = self.ladders.copies;
        let pairs: Vec<(usize, usize)> =
            (0..copies).flat_map(|a| (a + 1..copies).map(move |b| (a, b))).collect();
        let groups = self.owned.len() * self.ladders.samples;
        let mut sums: Vec<Vec<i64>> = vec![Vec::new(); groups * pairs.len()];
        let mut work: Vec<(usize, &mut Vec<i64>)> = sums.iter_mut().enumerate().collect();
        for_each(self.threads, &mut work, |(index, sums)| {
            let (a, b) = pairs[*index % pairs.len()];
            let group = &held[*index / pairs.len() * copies..][..copies];
            **sums = model.pair_sums(group[a].get(), group[b].get());
        });
        let width = self.pairs.columns();
        let rows = rows_over_domains(walkers, sums, width, |sums, row| model.observe_pair(sums, row));
        let mut records = vec![0.0; groups * width];
        for (record, rows) in records.chunks_exact_mut(width).zip(rows.chunks_exact(pairs.len())) {
            for row in rows {
                record.iter_mut().zip(row).for_each(|(sum, value)| *sum += value / pairs.len() as f64);
            }
        }
        records
    }

    /// Measures structure factors.
    pub fn measure_structure<M: Model>(
        &mut self,
        model: &M,
        walkers: &Walkers<M>,
        places: &[Place],
        plan: &StructurePlan,
    ) {
        let brick = walkers.brick();
        let arrangement = &walkers.arrangement;
        let mut rows = vec![Vec::new(); walkers.local.len()];
        let mut work: Vec<(&M::State, &mut Vec<f64>)> =
            walkers.local.iter().map(|walker| &walker.state).zip(&mut rows).collect();
        if arrangement.domains.size() == 1 {
            for_each(self.threads, &mut work, |(state, row)| {
                let alone: (_, &dyn Comm) = ([1, 1, 1], &Serial);
                **row = plan.measure(model, state, brick, alone);
            });
        } else {
            let ranks = (arrangement.grid, &*arrangement.domains);
            for (state, row) in work {
                *row = plan.measure(model, state, brick, ranks);
            }
        }
        let averaged = self.gather_averages(&rows, walkers.range(), places, &*arrangement.replicas);
        self.structure.push(self.kept(&averaged));
    }

    /// Brings one row per replica to the owners of their rungs and averages over ladders: `[owned rung][column]`.
    #[must_use]
    pub fn gather_averages(
        &self,
        rows: &[Vec<f64>],
        range: Range<usize>,
        places: &[Place],
        comm: &dyn Comm,
    ) -> Vec<f64> {
        let gathered = self.gather_rows(rows, range, places, comm);
        let ladders = self.ladders.count();
        let width = gathered.len() / (self.owned.len() * ladders).max(1);
        let mut averaged = vec![0.0; self.owned.len() * width];
        if width == 0 {
            return averaged;
        }
        for (record, rows) in averaged.chunks_exact_mut(width).zip(gathered.chunks_exact(width * ladders)) {
            for row in rows.chunks_exact(width) {
                record.iter_mut().zip(row).for_each(|(sum, value)| *sum += value / ladders as f64);
            }
        }
        averaged
    }

    /// Brings one row per replica to the owners of their rungs: `[owned rung][ladder][column]`.
    fn gather_rows(
        &self,
        rows: &[Vec<f64>],
        range: Range<usize>,
        places: &[Place],
        comm: &dyn Comm,
    ) -> Vec<f64> {
        let (me, size) = (comm.rank(), comm.size());
        let total = places.len();
        // Rows all have one length; a rank without replicas learns it from the others.
        let mut length = [rows.first().map_or(0, Vec::len) as u64];
        if size > 1 {
            comm.max(&mut length);
        }
        let length = length[0] as usize;
        let row_of = |replica: usize| &rows[replica - range.start];
        let send: Vec<(usize, &[u8])> = places
            .iter()
            .filter(|place| range.contains(&place.replica) && self.owner(place.rung, size) != me)
            .map(|place| (self.owner(place.rung, size), bytemuck::cast_slice(row_of(place.replica))))
            .collect();
        let mine: Vec<&Place> = places.iter().filter(|place| self.owned.contains(&place.rung)).collect();
        let mut receive: Vec<(usize, Vec<u8>)> = mine
            .iter()
            .filter(|place| !range.contains(&place.replica))
            .map(|place| (partition::owner(total, place.replica, size), vec![0; 8 * length]))
            .collect();
        comm.exchange(&send, &mut receive);
        let mut received = receive.into_iter();
        let mut gathered = Vec::with_capacity(mine.len() * length);
        for place in mine {
            if range.contains(&place.replica) {
                gathered.extend_from_slice(row_of(place.replica));
            } else if let Some((_, bytes)) = received.next() {
                gathered.extend(bytes.chunks_exact(8).map(bytemuck::pod_read_unaligned::<f64>));
            }
        }
        gathered
    }
}

/// Adds up sums over domains and turns each into a row.
pub fn rows_over_domains<M: Model>(
    walkers: &Walkers<M>,
    sums: Vec<Vec<i64>>,
    width: usize,
    fill: impl Fn(&[i64], &mut [f64]),
) -> Vec<Vec<f64>> {
    let length = sums.first().map_or(1, Vec::len).max(1);
    let totals = walkers.over_domains(sums.concat());
    let row = |sums: &[i64]| {
        let mut row = vec![0.0; width];
        fill(sums, &mut row);
        row
    };
    totals.chunks_exact(length).map(row).collect()
}

impl Persist for Measurements {
    fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()> {
        self.singles.visit(visitor)?;
        self.pairs.visit(visitor)?;
        self.structure.visit(visitor)
    }
}
