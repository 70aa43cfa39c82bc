//! The configurations of one rank's replicas, their energies and the book on their moves.
//!
//! Energies and counts are whole numbers. Each domain keeps its own part of them and they are added up where the total
//! is needed, so that no result depends on when that happens or on how many domains there are.

use super::stopwatch::Stopwatch;
use crate::foundation::observable::MoveCount;
use crate::foundation::persist::{FieldMut, Layout, Persist, Visitor};
use crate::foundation::random::{Key, Purpose};
use crate::foundation::table::Part;
use crate::foundation::{Error, Result};
use crate::models::{Model, Workforce};
use crate::parallel::arrangement::Arrangement;
use crate::parallel::halo::{Halo, HaloPlan};
use crate::parallel::partition;
use crate::system::brick::Brick;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Drift of a running energy, relative to the largest energies of all sites, above which a run is stopped. Rounding gives
/// about 1e-12 after 10^6 sweeps.
const ENERGY_TOLERANCE: f64 = 1e-8;

/// One replica.
pub struct Walker<M: Model> {
    /// Its number, which it keeps for the whole run.
    pub replica: usize,
    /// This rank's part of its configuration.
    pub state: M::State,
    /// This rank's part of its total energy, in units of the model's energy, updated by every move.
    energy: i64,
    /// `[rung][kind of move]`: what was tried on this rank at each temperature.
    counts: Vec<MoveCount>,
}

/// The replicas of this rank.
pub struct Walkers<M: Model> {
    /// Those held here, in order of replica number.
    pub local: Vec<Walker<M>>,
    /// The ranks.
    pub arrangement: Arrangement,
    /// Keeps the ghosts of configurations fresh.
    halo: Halo,
    brick: Brick,
    total: usize,
    rungs: usize,
    moves: usize,
    threads: usize,
    root: Key,
}

/// Runs `work` on every item: on the thread pool if there is one, in place otherwise.
pub fn for_each<T: Send>(threads: usize, items: &mut [T], work: impl Fn(&mut T) + Sync + Send) {
    if threads > 1 {
        items.par_iter_mut().for_each(work);
    } else {
        items.iter_mut().for_each(work);
    }
}

impl<M: Model> Walkers<M> {
    /// Random configurations for this rank's share of `total` replicas of the samples `sample_of` says; the model
    /// occupies this rank's brick.
    #[must_use]
    pub fn new(
        model: &M,
        arrangement: Arrangement,
        (seed, threads): (u64, usize),
        (total, rungs): (usize, usize),
        sample_of: impl Fn(usize) -> usize,
    ) -> Self {
        let domains = &arrangement.domains;
        let plan = |ghosts: &Vec<_>| HaloPlan::new(&**domains, ghosts, |global| model.locate(global));
        let halo = Halo::new(domains.clone(), model.ghosts().iter().map(plan).collect());
        let moves = model.move_names().len();
        let start = Key::new(seed).purpose(Purpose::Start);
        let share = partition::share(total, arrangement.replicas.rank(), arrangement.replicas.size());
        let walker = |replica: usize| Walker {
            replica,
            state: model.random_state(start.with(replica as u64), sample_of(replica)),
            energy: 0,
            counts: vec![MoveCount::default(); rungs * moves],
        };
        let mut local: Vec<Walker<M>> = share.map(walker).collect();
        for walker in &mut local {
            halo.refresh_all(&mut walker.state);
            walker.energy = model.energy(&walker.state);
        }
        let brick = Brick::new(model.cells(), arrangement.grid, arrangement.domains.rank());
        let root = Key::new(seed).purpose(Purpose::Sweep);
        Walkers { local, halo, brick, total, rungs, moves, threads, root, arrangement }
    }

    /// The replicas held here.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        let first = self.local.first().map_or(0, |walker| walker.replica);
        first..first + self.local.len()
    }

    /// Replicas on all ranks.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// The layout of a field with one item per replica, kept once per replica.
    #[must_use]
    pub fn rows(&self, item: &[usize]) -> Layout {
        let held = if self.arrangement.keeps_books() { self.local.len() } else { 0 };
        Layout::rows((self.range().start, held, self.total), item)
    }

    /// The brick of the lattice held here.
    #[must_use]
    pub fn brick(&self) -> &Brick {
        &self.brick
    }

    /// What went between domains.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let (bytes, refreshes) = (self.halo.bytes_sent(), self.halo.refreshes());
        let note = || format!("halo: {bytes} bytes sent by rank 0 in {refreshes} refreshes");
        (!self.halo.is_alone()).then(note).into_iter().collect()
    }

    /// Times by kind of work, with what sweeps spend on ghosts apart (that of relaxation branches included).
    #[must_use]
    pub fn split_timings(&self, stopwatch: &Stopwatch) -> Vec<(&'static str, f64)> {
        let mut totals = stopwatch.totals();
        let halo = self.halo.seconds();
        if let Some((_, sweep)) = totals.iter_mut().find(|(name, _)| *name == "sweep") {
            *sweep = (*sweep - halo).max(0.0);
        }
        if !self.halo.is_alone() {
            totals.push(("halo", halo));
        }
        totals
    }

    /// Runs `work` on one item per replica: replicas side by side on threads, or, where there are too few of them or
    /// where they have ghosts, one after another with all threads on each.
    pub fn for_each_replica<T: Send>(
        &self,
        items: &mut [T],
        work: impl Fn(&mut T, &Workforce<'_>) + Sync + Send,
    ) {
        work_on(&self.halo, self.threads, items, work);
    }

    /// Sweeps every replica `sweeps` times at the temperature of its rung. `first` is the number of the first sweep.
    pub fn sweep(
        &mut self,
        model: &M,
        rung_of: &[usize],
        inverse_temperatures: &[f64],
        first: u64,
        sweeps: u64,
    ) {
        let (root, moves) = (self.root, self.moves);
        work_on(&self.halo, self.threads, &mut self.local, |walker, workforce| {
            let rung = rung_of[walker.replica];
            let counts = &mut walker.counts[rung * moves..(rung + 1) * moves];
            let key = root.with(walker.replica as u64);
            for sweep in first..first + sweeps {
                let (state, key) = (&mut walker.state, key.with(sweep));
                walker.energy += model.sweep(state, inverse_temperatures[rung], key, counts, workforce);
            }
        });
    }

    /// Adds up whole numbers over the domains of each replica.
    #[must_use]
    pub fn over_domains(&self, mut numbers: Vec<i64>) -> Vec<i64> {
        self.arrangement.domains.sum(bytemuck::cast_slice_mut(&mut numbers));
        numbers
    }

    /// The energies of all replicas, by replica number.
    #[must_use]
    pub fn energies(&self, model: &M) -> Vec<f64> {
        let replicas = &self.arrangement.replicas;
        let unit = model.energy_unit();
        let mine = self.over_domains(self.local.iter().map(|walker| walker.energy).collect());
        let mine: Vec<f64> = mine.into_iter().map(|energy| unit.number(energy)).collect();
        let counts: Vec<usize> = (0..replicas.size())
            .map(|rank| partition::share(self.total, rank, replicas.size()).len())
            .collect();
        replicas.all_gather(&mine, &counts)
    }

    /// Recomputes every energy and compares it with the running one; afterwards the books are in one hand.
    ///
    /// # Errors
    /// `Error::Internal` on all ranks if one drifted.
    pub fn check(&mut self, model: &M) -> Result<()> {
        let (scale, unit) = (model.sites() as f64 * model.largest_site_energy(), model.energy_unit());
        let both = self.local.iter().flat_map(|walker| [model.energy(&walker.state), walker.energy]);
        let both = self.over_domains(both.collect());
        let mut result = Ok(());
        for (walker, energies) in self.local.iter().zip(both.chunks_exact(2)) {
            let (exact, running) = (unit.number(energies[0]), unit.number(energies[1]));
            if (exact - running).abs() > ENERGY_TOLERANCE * scale {
                result = Err(Error::Internal(format!(
                    "the running energy {running} of replica {} differs from its recomputed energy {exact}: expected \
                     agreement to {ENERGY_TOLERANCE} of the largest energies of its sites. The checkpoints on disk passed this check.",
                    walker.replica
                )));
            }
        }
        let keeps = self.arrangement.keeps_books();
        for (walker, energies) in self.local.iter_mut().zip(both.chunks_exact(2)) {
            walker.energy = if keeps { energies[1] } else { 0 };
        }
        self.gather_counts();
        self.arrangement.world.agree(result)
    }

    /// Hands the move counts of all domains of a replica to the one that keeps the books.
    fn gather_counts(&mut self) {
        let flat = self.local.iter().flat_map(|walker| &walker.counts);
        let sums = self.over_domains(flat.flat_map(|c| [c.attempted as i64, c.accepted as i64]).collect());
        let keeps = self.arrangement.keeps_books();
        let counts = self.local.iter_mut().flat_map(|walker| &mut walker.counts);
        for (count, sum) in counts.zip(sums.chunks_exact(2)) {
            let total = MoveCount { attempted: sum[0] as f64, accepted: sum[1] as f64 };
            *count = if keeps { total } else { MoveCount::default() };
        }
    }

    /// Forgets the move counts, at the start of the measurement.
    pub fn reset_counts(&mut self) {
        for walker in &mut self.local {
            walker.counts.fill(MoveCount::default());
        }
    }

    /// Forgets the move counts of one rung.
    pub fn reset_counts_at(&mut self, rung: usize) {
        let moves = self.moves;
        for walker in &mut self.local {
            walker.counts[rung * moves..(rung + 1) * moves].fill(MoveCount::default());
        }
    }

    /// Attempts and acceptances by rung and kind of move, over all replicas.
    #[must_use]
    pub fn move_counts(&self) -> Vec<MoveCount> {
        // The counts are whole numbers far below 2^53, so their sum does not depend on its order.
        let mut words = vec![0u64; 2 * self.rungs * self.moves];
        for walker in &self.local {
            for (count, words) in walker.counts.iter().zip(words.chunks_exact_mut(2)) {
                words[0] += count.attempted as u64;
                words[1] += count.accepted as u64;
            }
        }
        self.arrangement.world.sum(&mut words);
        let to_count = |w: &[u64]| MoveCount { attempted: w[0] as f64, accepted: w[1] as f64 };
        words.chunks_exact(2).map(to_count).collect()
    }

    /// Shows one configuration per replica to a visitor, field by field; ghosts are fresh afterwards.
    ///
    /// # Errors
    /// What the visitor reports.
    pub fn visit_states(
        &self,
        model: &M,
        prefix: &str,
        states: &mut [&mut M::State],
        visitor: &mut dyn Visitor,
    ) -> Result<()> {
        let replicas = (self.range().start, self.total);
        visit_states(model, (&self.brick, &self.halo), replicas, prefix, states, visitor)
    }
}

/// Shows configurations to a visitor: each rank the bricks of its replicas, as arrays over replicas and cells.
fn visit_states<M: Model>(
    model: &M,
    (brick, halo): (&Brick, &Halo),
    (first, total): (usize, usize),
    prefix: &str,
    states: &mut [&mut M::State],
    visitor: &mut dyn Visitor,
) -> Result<()> {
    let axes = |replicas: usize, cells: [usize; 3], item: &mut dyn Iterator<Item = usize>| {
        [replicas].into_iter().chain(cells).chain(item).collect::<Vec<usize>>()
    };
    for (index, field) in model.state_fields().iter().enumerate() {
        let item = || field.shape.iter().copied();
        let layout = Layout {
            shape: axes(total, brick.cells(), &mut item()),
            part: Some(Part {
                start: axes(first, brick.origin(), &mut item().map(|_| 0)),
                count: axes(states.len(), brick.extent(), &mut item()),
            }),
        };
        let name = format!("{prefix}/{}", field.name);
        let length = brick.count() * item().product::<usize>();
        let mut values = vec![0.0; if field.integer { length } else { states.len() * length }];
        if field.integer {
            let mut packed = vec![0i8; states.len() * length];
            if !visitor.is_loading() {
                for (state, packed) in states.iter().zip(packed.chunks_exact_mut(length)) {
                    model.unload(state, index, &mut values);
                    packed.iter_mut().zip(&values).for_each(|(to, from)| *to = *from as i8);
                }
            }
            visitor.field(&name, &layout, FieldMut::I8(&mut packed))?;
            if visitor.is_loading() {
                for (state, packed) in states.iter_mut().zip(packed.chunks_exact(length)) {
                    values.iter_mut().zip(packed).for_each(|(to, from)| *to = f64::from(*from));
                    model.load(state, index, &values);
                }
            }
        } else {
            if !visitor.is_loading() {
                for (state, packed) in states.iter().zip(values.chunks_exact_mut(length)) {
                    model.unload(state, index, packed);
                }
            }
            visitor.field(&name, &layout, FieldMut::F64(&mut values))?;
            if visitor.is_loading() {
                for (state, packed) in states.iter_mut().zip(values.chunks_exact(length)) {
                    model.load(state, index, packed);
                }
            }
        }
    }
    if visitor.is_loading() {
        states.iter_mut().for_each(|state| halo.refresh_all(*state));
    }
    Ok(())
}

fn work_on<T: Send>(
    halo: &Halo,
    threads: usize,
    items: &mut [T],
    work: impl Fn(&mut T, &Workforce<'_>) + Sync + Send,
) {
    if halo.is_alone() && (items.len() >= threads || threads == 1) {
        // A halo keeps buffers and counters, so every piece of work gets one of its own.
        let plans = halo.plans();
        for_each(threads, items, |item| {
            work(item, &Workforce { halo: &Halo::alone(Arc::clone(plans)), threads: 1 });
        });
    } else {
        items.iter_mut().for_each(|item| work(item, &Workforce { halo, threads }));
    }
}

/// Walkers together with their model, as the visitor needs both.
pub struct Persistent<'a, M: Model>(pub &'a M, pub &'a mut Walkers<M>);

impl<M: Model> Persist for Persistent<'_, M> {
    fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()> {
        let Persistent(model, walkers) = self;
        let replicas = (walkers.range().start, walkers.total);
        let Walkers { local, brick, halo, .. } = &mut **walkers;
        let mut states: Vec<&mut M::State> = local.iter_mut().map(|walker| &mut walker.state).collect();
        visit_states(*model, (brick, halo), replicas, "replicas", &mut states, visitor)?;
        let keeps = walkers.arrangement.keeps_books();
        let shape = [walkers.rungs, walkers.moves, 2];
        let (rows, rows_of_moves) = (walkers.rows(&[]), walkers.rows(&shape));
        if visitor.is_loading() && !keeps {
            for walker in &mut walkers.local {
                walker.energy = 0;
                walker.counts.fill(MoveCount::default());
            }
        }
        let kept = || if keeps { &walkers.local[..] } else { &[] };
        let mut energies: Vec<u64> = kept().iter().map(|walker| walker.energy as u64).collect();
        let flat = |count: &MoveCount| [count.attempted, count.accepted];
        let mut counts: Vec<f64> =
            kept().iter().flat_map(|walker| walker.counts.iter().flat_map(flat)).collect();
        visitor.field("replicas/energy", &rows, FieldMut::U64(&mut energies))?;
        visitor.field("replicas/moves", &rows_of_moves, FieldMut::F64(&mut counts))?;
        walkers.local.iter_mut().zip(energies).for_each(|(walker, energy)| walker.energy = energy as i64);
        let mut pairs = counts.chunks_exact(2);
        for count in walkers.local.iter_mut().flat_map(|walker| &mut walker.counts) {
            if let Some(pair) = pairs.next() {
                *count = MoveCount { attempted: pair[0], accepted: pair[1] };
            }
        }
        Ok(())
    }
}
