//! One pass of a site move over the lattice, sublattice by sublattice.

use super::field::{FieldContext, LocalField, Neighborhood};
use super::site_moves::{Outcome, SiteMove};
use super::state::{Site, SiteBlock};
use crate::foundation::random::Key;
use crate::foundation::simd::random::{InTurn, Streams};
use crate::foundation::simd::{Kernel, Lanes};
use crate::system::pyrochlore::{FCC, SUBLATTICES};

/// A pass over all sites of one replica.
///
/// Sites of one sublattice do not interact through nearest or second neighbors; third neighbors have another fcc
/// index, so the eight lanes of a block never interact and the pass is a sequence of lawful updates in a fixed order.
/// Random numbers are keyed by (pass, sublattice, cell): nothing about lanes, ranks or threads enters.
pub struct Pass<'a, N, M> {
    /// Layout and couplings.
    pub context: FieldContext<'a, N>,
    /// The configuration.
    pub blocks: &'a mut [SiteBlock],
    /// The move.
    pub site_move: M,
    /// 1/T
    pub inverse_temperature: f64,
    /// The key of this pass.
    pub key: Key,
}

/// What a pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PassOutcome {
    /// Energy afterwards minus before.
    pub energy_change: f64,
    /// Accepted moves.
    pub accepted: f64,
}

impl<N: Neighborhood, M: SiteMove> Kernel for Pass<'_, N, M> {
    type Output = PassOutcome;

    #[inline(always)]
    fn run<L: Lanes>(self) -> PassOutcome {
        let packing = self.context.packing;
        let (mut energy_change, mut accepted) = (L::splat(0.0), L::splat(0.0));
        for m in 0..SUBLATTICES {
            let key = self.key.with(m as u64).word();
            for vector in 0..packing.vectors() {
                // A move without random numbers never looks at the streams; the compiler drops their opening.
                let mut streams =
                    Streams::<L>::open(if M::RANDOM { key } else { 0 }, L::load_word(packing.cells(vector)));
                let weight = L::load(packing.weights(vector));
                let mut note = |outcome: &Outcome<L>| {
                    energy_change = L::mul_add(outcome.energy_change, weight, energy_change);
                    accepted = L::mul_add(outcome.accepted, weight, accepted);
                };
                if self.context.further.is_some() {
                    // Third neighbors couple different fcc indices: each block must see the one before it.
                    for f in 0..FCC {
                        let block = packing.block(m, vector, f);
                        let field = self.context.local_field::<L>(self.blocks, m, vector, f);
                        let site = self.blocks[block].load::<L>();
                        let beta = self.inverse_temperature;
                        let outcome = self.site_move.apply::<L>(&site, &field, beta, &mut streams);
                        self.blocks[block].store::<L>(&outcome.site);
                        note(&outcome);
                    }
                } else {
                    for f in [0, 2] {
                        let block = packing.block(m, vector, f);
                        let field = LocalField::pair(
                            &self.context.local_field::<L>(self.blocks, m, vector, f),
                            &self.context.local_field::<L>(self.blocks, m, vector, f + 1),
                        );
                        let site =
                            Site::pair(&self.blocks[block].load::<L>(), &self.blocks[block + 1].load::<L>());
                        let beta = self.inverse_temperature;
                        let outcome = self.site_move.apply(&site, &field, beta, &mut InTurn(&mut streams));
                        let [first, second] = outcome.split();
                        self.blocks[block].store::<L>(&first.site);
                        self.blocks[block + 1].store::<L>(&second.site);
                        note(&first);
                        note(&second);
                    }
                }
            }
        }
        PassOutcome { energy_change: L::sum(energy_change), accepted: L::sum(accepted) }
    }
}
