//! The configurations of one rank's replicas, their energies and the book on their moves.

use crate::foundation::observable::MoveCount;
use crate::foundation::persist::{FieldMut, Persist, Rows, Visitor};
use crate::foundation::random::{Key, Purpose};
use crate::foundation::{Error, Result};
use crate::models::Model;
use crate::parallel::{Comm, partition};
use rayon::prelude::*;
use std::ops::Range;

/// Relative drift of a running energy above which a run is stopped. Rounding gives about 1e-12 after 10^6 sweeps.
const ENERGY_TOLERANCE: f64 = 1e-8;

/// One replica.
pub struct Walker<M: Model> {
    /// Its number, which it keeps for the whole run.
    pub replica: usize,
    /// Its configuration.
    pub state: M::State,
    /// Its total energy, updated by every move.
    pub energy: f64,
    /// `[rung][kind of move]`: what was tried at each temperature.
    counts: Vec<MoveCount>,
}

/// The replicas of this rank.
pub struct Walkers<M: Model> {
    /// Those held here, in order of replica number.
    pub local: Vec<Walker<M>>,
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
    /// Random configurations for this rank's share of `total` replicas.
    #[must_use]
    pub fn new(model: &M, comm: &dyn Comm, seed: u64, total: usize, rungs: usize, threads: usize) -> Self {
        let moves = model.move_names().len();
        let start = Key::new(seed).purpose(Purpose::Start);
        let mut local: Vec<Walker<M>> = partition::share(total, comm.rank(), comm.size())
            .map(|replica| Walker {
                replica,
                state: model.random_state(start.with(replica as u64)),
                energy: 0.0,
                counts: vec![MoveCount::default(); rungs * moves],
            })
            .collect();
        local.iter_mut().for_each(|walker| walker.energy = model.energy(&walker.state));
        Walkers { local, total, rungs, moves, threads, root: Key::new(seed).purpose(Purpose::Sweep) }
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

    /// The rows checkpoints store for these replicas.
    #[must_use]
    pub fn rows(&self) -> Rows {
        Rows::Distributed { first: self.range().start, count: self.local.len(), total: self.total }
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
        for_each(self.threads, &mut self.local, |walker| {
            let rung = rung_of[walker.replica];
            let counts = &mut walker.counts[rung * moves..(rung + 1) * moves];
            let key = root.with(walker.replica as u64);
            for sweep in first..first + sweeps {
                let change =
                    model.sweep(&mut walker.state, inverse_temperatures[rung], key.with(sweep), counts);
                walker.energy += change;
            }
        });
    }

    /// The energies of all replicas, by replica number.
    ///
    /// # Errors
    /// `Error::Internal` if one is not a number.
    pub fn energies(&self, comm: &dyn Comm) -> Result<Vec<f64>> {
        let mine: Vec<f64> = self.local.iter().map(|walker| walker.energy).collect();
        let counts: Vec<usize> =
            (0..comm.size()).map(|rank| partition::share(self.total, rank, comm.size()).len()).collect();
        let all = comm.all_gather(&mine, &counts);
        match all.iter().position(|energy| !energy.is_finite()) {
            Some(replica) => Err(Error::Internal(format!(
                "the energy of replica {replica} is {}: expected a finite number. The checkpoints on disk are from \
                 before this happened.",
                all[replica]
            ))),
            None => Ok(all),
        }
    }

    /// Recomputes every energy and compares it with the running one.
    ///
    /// # Errors
    /// `Error::Internal` on all ranks if one drifted.
    pub fn check(&self, model: &M, comm: &dyn Comm) -> Result<()> {
        let scale = model.sites() as f64;
        let mut result = Ok(());
        for walker in &self.local {
            let exact = model.energy(&walker.state);
            let difference = (exact - walker.energy).abs();
            if difference.is_nan() || difference > ENERGY_TOLERANCE * scale.max(exact.abs()) {
                result = Err(Error::Internal(format!(
                    "the running energy {} of replica {} differs from its recomputed energy {exact}: expected \
                     agreement to {ENERGY_TOLERANCE} per site. The checkpoints on disk passed this check.",
                    walker.energy, walker.replica
                )));
            }
        }
        comm.agree(result)
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
    pub fn move_counts(&self, comm: &dyn Comm) -> Vec<MoveCount> {
        // The counts are whole numbers far below 2^53, so their sum does not depend on its order.
        let mut words = vec![0u64; 2 * self.rungs * self.moves];
        for walker in &self.local {
            for (count, words) in walker.counts.iter().zip(words.chunks_exact_mut(2)) {
                words[0] += count.attempted as u64;
                words[1] += count.accepted as u64;
            }
        }
        comm.sum(&mut words);
        let to_count = |w: &[u64]| MoveCount { attempted: w[0] as f64, accepted: w[1] as f64 };
        words.chunks_exact(2).map(to_count).collect()
    }
}

/// Shows the configurations of some replicas to a visitor, field by field.
///
/// # Errors
/// What the visitor reports.
pub fn visit_states<'a, M: Model>(
    model: &M,
    prefix: &str,
    rows: Rows,
    states: impl Iterator<Item = &'a mut M::State>,
    visitor: &mut dyn Visitor,
) -> Result<()>
where
    M::State: 'a,
{
    let mut states: Vec<&mut M::State> = states.collect();
    for (index, field) in model.state_fields().iter().enumerate() {
        let length: usize = field.shape.iter().product();
        let name = format!("{prefix}/{}", field.name);
        let mut values = vec![0.0; length];
        if field.integer {
            let mut packed = vec![0i8; states.len() * length];
            if !visitor.is_loading() {
                for (state, packed) in states.iter().zip(packed.chunks_exact_mut(length)) {
                    model.pack(state, index, &mut values);
                    packed.iter_mut().zip(&values).for_each(|(to, from)| *to = *from as i8);
                }
            }
            visitor.field(&name, rows, &field.shape, FieldMut::I8(&mut packed))?;
            if visitor.is_loading() {
                for (state, packed) in states.iter_mut().zip(packed.chunks_exact(length)) {
                    values.iter_mut().zip(packed).for_each(|(to, from)| *to = f64::from(*from));
                    model.unpack(state, index, &values);
                }
            }
        } else {
            let mut packed = vec![0.0; states.len() * length];
            if !visitor.is_loading() {
                for (state, packed) in states.iter().zip(packed.chunks_exact_mut(length)) {
                    model.pack(state, index, packed);
                }
            }
            visitor.field(&name, rows, &field.shape, FieldMut::F64(&mut packed))?;
            if visitor.is_loading() {
                for (state, packed) in states.iter_mut().zip(packed.chunks_exact(length)) {
                    model.unpack(state, index, packed);
                }
            }
        }
    }
    Ok(())
}

/// Walkers together with their model, as the visitor needs both.
pub struct Persistent<'a, M: Model>(pub &'a M, pub &'a mut Walkers<M>);

impl<M: Model> Persist for Persistent<'_, M> {
    fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()> {
        let Persistent(model, walkers) = self;
        let rows = walkers.rows();
        visit_states(*model, "replicas", rows, walkers.local.iter_mut().map(|w| &mut w.state), visitor)?;
        let mut energies: Vec<f64> = walkers.local.iter().map(|walker| walker.energy).collect();
        visitor.field("replicas/energy", rows, &[], FieldMut::F64(&mut energies))?;
        walkers.local.iter_mut().zip(energies).for_each(|(walker, energy)| walker.energy = energy);
        let shape = [walkers.rungs, walkers.moves, 2];
        let flat = |count: &MoveCount| [count.attempted, count.accepted];
        let mut counts: Vec<f64> =
            walkers.local.iter().flat_map(|walker| walker.counts.iter().flat_map(flat)).collect();
        visitor.field("replicas/moves", rows, &shape, FieldMut::F64(&mut counts))?;
        let mut pairs = counts.chunks_exact(2);
        for count in walkers.local.iter_mut().flat_map(|walker| &mut walker.counts) {
            if let Some(pair) = pairs.next() {
                *count = MoveCount { attempted: pair[0], accepted: pair[1] };
            }
        }
        Ok(())
    }
}
