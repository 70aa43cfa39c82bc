//! Passes of site moves over a brick of the lattice, sublattice by sublattice.
//!
//! Sites of one sublattice do not interact through nearest or second neighbors, so the order within a sublattice does
//! not matter: lanes, threads and domains share its sites in any way. Random numbers are keyed by (pass, sublattice,
//! cell), energies are summed in fixed point: nothing about lanes, ranks or threads enters a result.

use super::PyrochloreSpinLattice;
use super::field::{FieldContext, Neighborhood, Regions, Surroundings};
use super::site_moves::{Changes, Outcome, SiteMove};
use super::state::{Site, SiteBlock, State};
use crate::foundation::fixed_point::UnitSum;
use crate::foundation::random::Key;
use crate::foundation::simd::random::{InTurn, Streams};
use crate::foundation::simd::{InstructionSet, Kernel, LANES, Lanes, dispatch_to};
use crate::models::{PassOutcome, Workforce};
use crate::parallel::halo::Halo;
use crate::system::cell_packing::{Slabs, with_neighbors};
use crate::system::pyrochlore::{FCC, SUBLATTICES};
use rayon::prelude::*;
use std::ops::Range;

/// Vectors a thread takes at a time: large against the cost of handing them out, small against a domain.
const VECTORS_PER_TASK: usize = 32;

/// Vectors between two looks at the messages on their way: about 30 microseconds of work.
const VECTORS_PER_POKE: usize = 128;

/// Sublattices that tetrahedra tie within a slab across x: their corners have the same x. The second sees the first at
/// its own and at the next row along y (a test of the packing holds both).
pub const PAIRS: [[usize; 2]; 2] = [[0, 1], [2, 3]];

/// One move on all sites of one color in some vectors.
pub struct ColorPass<'a, N, M> {
    /// Layout and couplings.
    pub context: FieldContext<'a, N>,
    /// The other sublattices (the region of this one is empty).
    pub regions: Regions<'a>,
    /// The blocks that change: those of `vectors` on sublattice `m`.
    pub mine: &'a mut [SiteBlock],
    /// The sublattice.
    pub m: usize,
    /// The vectors.
    pub vectors: Range<usize>,
    /// The move.
    pub site_move: M,
    /// 1/T
    pub inverse_temperature: f64,
    /// The key of this pass and color.
    pub key: Key,
    /// Units of energy per J.
    pub scale: f64,
    /// An fcc index and the further field on its sites, `[vector][lane]`: then only these sites are moved.
    pub further: Option<(usize, &'a [[f64; LANES]])>,
}

impl<N: Neighborhood, M: SiteMove> Kernel for ColorPass<'_, N, M> {
    type Output = PassOutcome;

    #[inline(always)]
    fn run<L: Lanes>(self) -> PassOutcome {
        let cells = self.context.packing.cells();
        let (mut energy_change, mut accepted) = (UnitSum::<L>::default(), L::splat(0.0));
        // A move without random numbers never looks at the streams; the compiler drops their opening.
        let key = if M::RANDOM { self.key.word() } else { 0 };
        let (m, beta) = (self.m, self.inverse_temperature);
        for (index, vector) in self.vectors.enumerate() {
            let mut streams = Streams::<L>::open(key, L::load_word(cells.cells(vector)));
            let weight = L::load(cells.weights(vector));
            let scale = L::mul(weight, L::splat(self.scale));
            let mut note = |outcome: &Outcome<L>| {
                energy_change.add(outcome.energy_change, scale);
                accepted = L::mul_add(outcome.accepted, weight, accepted);
            };
            let blocks = &mut self.mine[index * FCC..(index + 1) * FCC];
            if let Some((f, further)) = self.further {
                let site = blocks[f].load::<L>();
                let mut field =
                    M::Surroundings::read::<L, N>(&self.context, &self.regions, (m, vector, f), &site);
                M::Surroundings::add_to_displacement::<L>(&mut field, L::load(&further[index]));
                let outcome = self.site_move.apply::<L>(&site, &field, beta, &mut streams);
                blocks[f].store::<L>(&outcome.site);
                note(&outcome);
                continue;
            }
            for f in [0, 2] {
                let sites = [blocks[f].load::<L>(), blocks[f + 1].load::<L>()];
                let places = [(m, vector, f), (m, vector, f + 1)];
                let first = M::Surroundings::read::<L, N>(&self.context, &self.regions, places[0], &sites[0]);
                let second =
                    M::Surroundings::read::<L, N>(&self.context, &self.regions, places[1], &sites[1]);
                let pair = M::Surroundings::pair::<L>(&first, &second);
                let site = Site::pair(&sites[0], &sites[1]);
                let outcome = self.site_move.apply(&site, &pair, beta, &mut InTurn(&mut streams));
                let [first, second] = outcome.split();
                blocks[f].store::<L>(&first.site);
                blocks[f + 1].store::<L>(&second.site);
                note(&first);
                note(&second);
            }
        }
        PassOutcome { energy_change: energy_change.total(), accepted: L::sum(accepted) as u64 }
    }
}

/// A sequence of passes over one configuration, with ghosts refreshed while sites that do not see them change.
pub struct Sweeper<'a> {
    model: &'a PyrochloreSpinLattice,
    workforce: &'a Workforce<'a>,
    set: InstructionSet,
    stale: Option<Stale>,
}

/// Ghosts that are older than their originals.
#[derive(Clone, Copy)]
struct Stale {
    /// A number of a halo plan: the sublattice, or four plus the pair of them.
    plan: usize,
    /// What changed.
    changes: Changes,
}

impl Stale {
    /// Refreshes them and does `work` while messages travel.
    fn refresh_while(self, halo: &Halo, state: &mut State, work: impl FnOnce(&mut State, &mut dyn FnMut())) {
        match self.changes {
            Changes::Spins => {
                halo.refresh_while(self.plan, &mut state.spins(), |spins, poke| work(spins.0, poke));
            }
            Changes::Displacements => {
                halo.refresh_while(self.plan, &mut state.displacements(), |part, poke| work(part.0, poke));
            }
            Changes::Sites => halo.refresh_while(self.plan, state, work),
        }
    }
}

impl<'a> Sweeper<'a> {
    /// A sequence that starts with fresh ghosts.
    #[must_use]
    pub fn new(model: &'a PyrochloreSpinLattice, workforce: &'a Workforce<'a>, set: InstructionSet) -> Self {
        Sweeper { model, workforce, set, stale: None }
    }

    /// One pass over all sites.
    pub fn pass<M: SiteMove>(
        &mut self,
        state: &mut State,
        site_move: M,
        inverse_temperature: f64,
        key: Key,
    ) -> PassOutcome {
        let update = |m: usize| Update { site_move, inverse_temperature, key: key.with(m as u64), m };
        let with_further = M::Surroundings::TURNS && self.model.further.is_some();
        let in_pairs = self.workforce.threads == 1 && !self.model.packing.cells().slabs().deep.is_empty();
        if in_pairs && !with_further {
            return PAIRS
                .into_iter()
                .fold(PassOutcome::default(), |sum, pair| sum + self.update_pair(state, pair.map(update)));
        }
        (0..SUBLATTICES).map(update).fold(PassOutcome::default(), |sum, update| {
            sum + if with_further {
                self.update_with_further(state, update)
            } else {
                self.update(state, update)
            }
        })
    }

    /// Refreshes what is still stale; call after the last pass.
    pub fn finish(&mut self, state: &mut State) {
        if let Some(stale) = self.stale.take() {
            stale.refresh_while(self.workforce.halo, state, |_, _| ());
        }
    }

    fn update<M: SiteMove>(&mut self, state: &mut State, update: Update<M>) -> PassOutcome {
        let cells = self.model.packing.cells();
        let (interior, all) = (cells.interior(), cells.vectors());
        let outcome = match self.stale.take() {
            None => self.run(state, update, 0..all, None),
            Some(stale) => {
                let mut inside = PassOutcome::default();
                let this = &*self;
                stale.refresh_while(this.workforce.halo, state, |state, poke| {
                    // Every thread has as much to do between two looks as one alone.
                    let step = VECTORS_PER_POKE * this.workforce.threads;
                    for start in (0..interior).step_by(step) {
                        let vectors = start..(start + step).min(interior);
                        inside = inside + this.run(state, update, vectors, None);
                        poke();
                    }
                });
                inside + self.run(state, update, interior..all, None)
            }
        };
        if !self.workforce.halo.is_empty() {
            self.stale = Some(Stale { plan: update.m, changes: M::CHANGES });
        }
        outcome
    }

    /// Two sublattices at once where no ghosts are near: large lattices do not fit the cache, and so each piece is
    /// fetched once for both (measured at L = 32, see docs/speed.md).
    fn update_pair<M: SiteMove>(
        &mut self,
        state: &mut State,
        [first, second]: [Update<M>; 2],
    ) -> PassOutcome {
        let cells = self.model.packing.cells();
        let Slabs { deep, shell, interior, boundary } = cells.slabs();
        let boundary_vectors = cells.interior()..cells.vectors();
        let shell_vectors = shell.first().map_or(0..0, |pieces| pieces[0].start..cells.interior());
        let halo = self.workforce.halo;
        let pair = usize::from(first.m > 0);
        let tied = self.model.tied[pair];
        let mut outcome = PassOutcome::default();
        let this = &*self;
        let mut inside = |state: &mut State, poke: &mut dyn FnMut()| {
            outcome = outcome
                + if tied {
                    this.run(state, first, shell_vectors.clone(), None)
                        + this.run_pair(state, [first, second], deep, poke)
                } else {
                    this.run_pair(state, [first, second], interior, poke)
                };
        };
        match this.stale {
            None => inside(state, &mut || ()),
            Some(stale) => stale.refresh_while(halo, state, inside),
        }
        if !tied {
            // Both sublattices travel together: half as many messages, each with more work to hide behind.
            outcome = outcome + this.run_pair(state, [first, second], boundary, &mut || ());
            let stale = Stale { plan: SUBLATTICES + pair, changes: M::CHANGES };
            self.stale = (!halo.is_empty()).then_some(stale);
            return outcome;
        }
        outcome = outcome + this.run(state, first, boundary_vectors.clone(), None);
        let stale = |m| Stale { plan: m, changes: M::CHANGES };
        stale(first.m).refresh_while(halo, state, |state, _| {
            outcome = outcome + this.run(state, second, shell_vectors, None);
        });
        outcome = outcome + this.run(state, second, boundary_vectors, None);
        self.stale = Some(stale(second.m));
        outcome
    }

    /// Two sublattices in slabs that need no ghosts of either.
    fn run_pair<M: SiteMove>(
        &self,
        state: &mut State,
        [first, second]: [Update<M>; 2],
        slabs: &[Vec<Range<usize>>],
        poke: &mut dyn FnMut(),
    ) -> PassOutcome {
        let mut outcome = PassOutcome::default();
        for pieces in slabs {
            for index in 0..=pieces.len() {
                if let Some(piece) = pieces.get(index) {
                    outcome = outcome + self.run(state, first, piece.clone(), None);
                }
                // A piece of the second color sees the first color of its own and of the next piece, and the last piece
                // that of the first.
                if let Some(piece) = index.checked_sub(1).and_then(|before| pieces.get(before)) {
                    outcome = outcome + self.run(state, second, piece.clone(), None);
                }
                poke();
            }
        }
        outcome
    }

    /// The sixteen-color update: sites of one fcc index after another, each seeing those before it.
    fn update_with_further<M: SiteMove>(&mut self, state: &mut State, update: Update<M>) -> PassOutcome {
        self.finish(state);
        let all = self.model.packing.vectors();
        let mut outcome = PassOutcome::default();
        for f in 0..FCC {
            let Some(further) = &self.model.further else { break };
            let fields = further.fields(&state.blocks, update.m, 0..all, f);
            let update = Update { key: update.key.with(f as u64), ..update };
            outcome = outcome + self.run(state, update, 0..all, Some((f, &fields)));
            Stale { plan: update.m, changes: M::CHANGES }.refresh_while(
                self.workforce.halo,
                state,
                |_, _| (),
            );
        }
        outcome
    }

    /// Moves the sites of some vectors, shared out over threads.
    fn run<M: SiteMove>(
        &self,
        state: &mut State,
        update: Update<M>,
        vectors: Range<usize>,
        further: Option<(usize, &[[f64; LANES]])>,
    ) -> PassOutcome {
        let (model, set) = (self.model, self.set);
        let Update { site_move, inverse_temperature, key, m } = update;
        let (regions, mine) = split(&mut state.blocks, model.packing.region(), m);
        let mine = &mut mine[vectors.start * FCC..vectors.end * FCC];
        let scale = model.energy_unit.scale();
        with_neighbors!(model.packing.cells(), neighborhood => {
            let context =
                FieldContext { packing: &model.packing, neighborhood, couplings: &model.couplings };
            let work = |mine: &mut [SiteBlock], within: Range<usize>| {
                let further = further.map(|(f, fields)| (f, &fields[within.clone()]));
                let vectors = vectors.start + within.start..vectors.start + within.end;
                dispatch_to(set, ColorPass {
                    context, regions, mine, m, vectors, site_move, inverse_temperature, key, scale, further,
                })
            };
            if self.workforce.threads > 1 && vectors.len() > VECTORS_PER_TASK {
                mine.par_chunks_mut(VECTORS_PER_TASK * FCC)
                    .enumerate()
                    .map(|(task, mine)| {
                        let start = task * VECTORS_PER_TASK;
                        let count = mine.len() / FCC;
                        work(mine, start..start + count)
                    })
                    .reduce(PassOutcome::default, |a, b| a + b)
            } else {
                work(mine, 0..vectors.len())
            }
        })
    }
}

/// One color of one pass.
#[derive(Clone, Copy)]
struct Update<M> {
    site_move: M,
    inverse_temperature: f64,
    key: Key,
    m: usize,
}

/// The region of sublattice m to change, and the others to read.
pub fn split(blocks: &mut [SiteBlock], region: usize, m: usize) -> (Regions<'_>, &mut [SiteBlock]) {
    let (before, rest) = blocks.split_at_mut(m * region);
    let (mine, after) = rest.split_at_mut(region);
    let (before, after): (&[SiteBlock], &[SiteBlock]) = (before, after);
    let regions = std::array::from_fn(|other| -> &[SiteBlock] {
        match other.cmp(&m) {
            std::cmp::Ordering::Less => &before[other * region..(other + 1) * region],
            std::cmp::Ordering::Equal => &[],
            std::cmp::Ordering::Greater => &after[(other - m - 1) * region..(other - m) * region],
        }
    });
    (regions, mine)
}
