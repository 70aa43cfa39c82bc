//! Passes over a brick of a hypercubic lattice, color by color of its checkerboard.
//!
//! Sites of one color do not interact, so lanes, threads and domains share them in any way. Random numbers are keyed by
//! (pass, color, cell), energies are whole numbers: nothing about lanes, ranks or threads enters a result.

use super::bernoulli::Probabilities;
use super::bits::{BitPass, Rule};
use super::layout::Storage;
use super::reals::RealPass;
use super::state::{State, Words};
use super::{Engine, couplings::Distribution};
use crate::foundation::random::Key;
use crate::foundation::simd::{InstructionSet, dispatch_to};
use crate::models::{PassOutcome, Workforce};
use crate::system::cell_packing::with_neighbors;
use rayon::prelude::*;
use std::ops::Range;

/// Blocks of words a thread takes at a time: large against the cost of handing them out, small against a domain.
const BLOCKS_PER_TASK: usize = 128;

/// Blocks of words between two looks at the messages on their way: some tens of microseconds of work.
const BLOCKS_PER_POKE: usize = 256;

/// A kind of pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Every spin from its distribution in its field.
    HeatBath,
    /// Metropolis flips of spins stored as bits.
    Metropolis,
    /// Half turns around the fields of Heisenberg spins.
    OverRelaxation,
}

/// A sequence of passes over one configuration, with ghosts refreshed while sites that do not see them change.
pub struct Sweeper<'a> {
    engine: &'a Engine,
    workforce: &'a Workforce<'a>,
    set: InstructionSet,
    /// The color whose ghosts are older than their originals.
    stale: Option<usize>,
}

impl<'a> Sweeper<'a> {
    /// A sequence that starts with fresh ghosts.
    #[must_use]
    pub fn new(engine: &'a Engine, workforce: &'a Workforce<'a>, set: InstructionSet) -> Self {
        Sweeper { engine, workforce, set, stale: None }
    }

    /// One pass over all sites.
    pub fn pass(&mut self, state: &mut State, kind: Move, inverse_temperature: f64, key: Key) -> PassOutcome {
        let mut outcome = PassOutcome::default();
        let rule = if kind == Move::Metropolis { Rule::Metropolis } else { Rule::HeatBath };
        let is_bits = self.engine.layout.storage() == Storage::Bits;
        let probabilities = is_bits.then(|| rule.probabilities(inverse_temperature));
        for color in 0..2 {
            let key = key.with(color as u64);
            let probabilities = probabilities.as_ref().map(|table| (rule, table));
            let update = Update { kind, probabilities, inverse_temperature, key, color };
            outcome = outcome + self.update(state, update);
        }
        outcome
    }

    /// Refreshes what is still stale; call after the last pass.
    pub fn finish(&mut self, state: &mut State) {
        if let Some(color) = self.stale.take() {
            self.workforce.halo.refresh(color, state);
        }
    }

    fn update(&mut self, state: &mut State, update: Update<'_>) -> PassOutcome {
        let cells = self.engine.layout.cells();
        let (interior, all) = (cells.interior(), cells.vectors());
        let outcome = match self.stale.take() {
            None => self.run(state, update, 0..all),
            Some(color) => {
                let mut inside = PassOutcome::default();
                let this = &*self;
                let step = (BLOCKS_PER_POKE / self.engine.layout.words()).max(1);
                this.workforce.halo.refresh_while(color, state, |state, poke| {
                    for start in (0..interior).step_by(step) {
                        let vectors = start..(start + step).min(interior);
                        inside = inside + this.run(state, update, vectors);
                        poke();
                    }
                });
                inside + self.run(state, update, interior..all)
            }
        };
        if !self.workforce.halo.is_empty() {
            self.stale = Some(update.color);
        }
        outcome
    }

    /// Moves the sites of some vectors, shared out over threads.
    fn run(&self, state: &mut State, update: Update<'_>, vectors: Range<usize>) -> PassOutcome {
        let (engine, set) = (self.engine, self.set);
        let sample = state.sample();
        let words = engine.layout.words();
        let (mine, others) = engine.layout.split(state, update.color);
        let mine = &mut mine[vectors.start * words..vectors.end * words];
        let outcome = match update.probabilities {
            Some((rule, probabilities)) => {
                with_neighbors!(engine.layout.cells(), neighborhood => {
                    macro_rules! pass {
                        ($d:literal, $disorder:literal) => {
                            self.share(mine, vectors.clone(), |mine, vectors| {
                                dispatch_to(set, BitPass::<'_, _, $d, $disorder> {
                                    layout: &engine.layout,
                                    neighborhood,
                                    tables: &engine.bits,
                                    couplings: (&engine.couplings, sample),
                                    others,
                                    mine,
                                    color: update.color,
                                    vectors,
                                    rule,
                                    probabilities,
                                    key: update.key,
                                })
                            })
                        };
                    }
                    let disorder = engine.specification.couplings != Distribution::Uniform;
                    match (engine.layout.lattice().dimensions(), disorder) {
                        (1, false) => pass!(1, false),
                        (2, false) => pass!(2, false),
                        (_, false) => pass!(3, false),
                        (1, true) => pass!(1, true),
                        (2, true) => pass!(2, true),
                        (_, true) => pass!(3, true),
                    }
                })
            }
            None => with_neighbors!(engine.layout.cells(), neighborhood => {
                macro_rules! pass {
                    ($c:literal, $relax:literal) => {
                        self.share(mine, vectors.clone(), |mine, vectors| {
                            dispatch_to(set, RealPass::<'_, _, $c, $relax> {
                                layout: &engine.layout,
                                neighborhood,
                                links: &engine.links[update.color],
                                couplings: (&engine.couplings, sample),
                                others,
                                mine,
                                color: update.color,
                                vectors,
                                inverse_temperature: update.inverse_temperature,
                                key: update.key,
                                scale: engine.energy_unit.scale(),
                            })
                        })
                    };
                }
                match (engine.specification.components, update.kind) {
                    (1, _) => pass!(1, false),
                    (_, Move::OverRelaxation) => pass!(3, true),
                    (_, _) => pass!(3, false),
                }
            }),
        };
        let unit = if update.probabilities.is_some() { engine.units_per_coupling() } else { 1 };
        PassOutcome { energy_change: outcome.energy_change * unit, ..outcome }
    }

    /// Hands chunks of vectors to threads, if there are several and enough to do.
    fn share(
        &self,
        mine: &mut [Words],
        vectors: Range<usize>,
        work: impl Fn(&mut [Words], Range<usize>) -> PassOutcome + Sync,
    ) -> PassOutcome {
        let words = self.engine.layout.words();
        let task = (BLOCKS_PER_TASK / words).max(1);
        if self.workforce.threads == 1 || vectors.len() <= task {
            return work(mine, vectors);
        }
        mine.par_chunks_mut(task * words)
            .enumerate()
            .map(|(index, mine)| {
                let start = vectors.start + index * task;
                let count = mine.len() / words;
                work(mine, start..start + count)
            })
            .reduce(PassOutcome::default, |a, b| a + b)
    }
}

/// One color of one pass.
#[derive(Clone, Copy)]
struct Update<'a> {
    kind: Move,
    /// Of spins stored as bits.
    probabilities: Option<(Rule, &'a Probabilities)>,
    inverse_temperature: f64,
    key: Key,
    color: usize,
}
