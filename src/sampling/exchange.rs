//! Replica exchange: who is at which rung, the deterministic even/odd swaps, and the book on them.
//!
//! Temperatures travel, configurations stay. Every rank keeps the whole (small) table and makes every decision from
//! the same energies and the same random numbers, so nothing has to be agreed on. Alternating even and odd pairs
//! deterministically is the non-reversible scheme of Syed et al. (J. R. Stat. Soc. B 84, 321 (2022)).

use crate::foundation::Result;
use crate::foundation::persist::{FieldMut, Layout, Persist, Visitor};
use crate::foundation::random::{Key, Purpose};
use crate::foundation::simd::math::boltzmann_factor;

/// Rounds of the replica-at-rung history kept at most; when full, every second one is dropped.
const HISTORY: usize = 4096;
/// Entries kept at least, however many replicas there are, and the entries this may amount to.
const LEAST_HISTORY: usize = 256;
const HISTORY_ENTRIES: usize = 1 << 21;

/// Rounds kept for a number of replicas: an even number.
fn history_capacity(replicas: usize) -> usize {
    (HISTORY_ENTRIES / replicas.max(1)).clamp(LEAST_HISTORY, HISTORY) / 2 * 2
}

/// Rejection above which it says little about the distance of two rungs.
const SATURATED: f64 = 0.9;

/// Where a replica last touched an end of the ladder.
const NOWHERE: u64 = 0;
const FROM_HOT: u64 = 1;
const FROM_COLD: u64 = 2;
const FROM_COLD_AFTER_HOT: u64 = 3;

/// The state of the exchange. Replica numbers are copy * rungs + k; rung 0 is the coldest.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    key: Key,
    copies: usize,
    rungs: usize,
    /// Rounds done since the start of the run.
    rounds: u64,
    /// `[copy][rung]`: the replica there.
    replica_at: Vec<u64>,
    /// `[pair]`: rounds tried, sum of acceptance probabilities, swaps made; over all copies.
    tried: Vec<f64>,
    probability: Vec<f64>,
    swapped: Vec<f64>,
    /// `[rung]`: sums of energies and of their squares over rounds and copies.
    energy_sums: Vec<f64>,
    energy_squares: Vec<f64>,
    samples: f64,
    /// `[replica]`
    came_from: Vec<u64>,
    round_trips: Vec<u64>,
    /// `[rung]`: visits by replicas that last came from the hot and from the cold end.
    from_hot: Vec<f64>,
    from_cold: Vec<f64>,
    /// Every `history_stride`-th round: the table `replica_at`.
    history: Vec<u64>,
    history_stride: u64,
}

impl Exchange {
    /// Replica k of each copy at rung k.
    #[must_use]
    pub fn new(seed: u64, copies: usize, rungs: usize) -> Self {
        let pairs = rungs.saturating_sub(1);
        Exchange {
            key: Key::new(seed).purpose(Purpose::Exchange),
            copies,
            rungs,
            rounds: 0,
            replica_at: (0..(copies * rungs) as u64).collect(),
            tried: vec![0.0; pairs],
            probability: vec![0.0; pairs],
            swapped: vec![0.0; pairs],
            energy_sums: vec![0.0; rungs],
            energy_squares: vec![0.0; rungs],
            samples: 0.0,
            came_from: vec![NOWHERE; copies * rungs],
            round_trips: vec![0; copies * rungs],
            from_hot: vec![0.0; rungs],
            from_cold: vec![0.0; rungs],
            history: Vec::new(),
            history_stride: 1,
        }
    }

    /// The replica at a rung of a copy.
    #[must_use]
    pub fn replica_at(&self, copy: usize, rung: usize) -> usize {
        self.replica_at[copy * self.rungs + rung] as usize
    }

    /// The rung of every replica.
    #[must_use]
    pub fn rungs_of_replicas(&self) -> Vec<usize> {
        let mut rungs = vec![0; self.replica_at.len()];
        for (place, &replica) in self.replica_at.iter().enumerate() {
            rungs[replica as usize] = place % self.rungs;
        }
        rungs
    }

    /// One round: tries to swap the even or the odd pairs of every copy. `energies[replica]` are total energies.
    pub fn round(&mut self, inverse_temperatures: &[f64], energies: &[f64]) {
        for (place, &replica) in self.replica_at.iter().enumerate() {
            let energy = energies[replica as usize];
            self.energy_sums[place % self.rungs] += energy;
            self.energy_squares[place % self.rungs] += energy * energy;
        }
        self.samples += self.copies as f64;
        for copy in 0..self.copies {
            let key = self.key.with(copy as u64).with(self.rounds);
            for rung in ((self.rounds % 2) as usize..self.rungs.saturating_sub(1)).step_by(2) {
                let place = copy * self.rungs + rung;
                let (a, b) = (self.replica_at[place] as usize, self.replica_at[place + 1] as usize);
                let log_ratio = (inverse_temperatures[rung] - inverse_temperatures[rung + 1])
                    * (energies[a] - energies[b]);
                let probability = boltzmann_factor(log_ratio);
                self.tried[rung] += 1.0;
                self.probability[rung] += probability;
                if key.with(rung as u64).stream().uniform() < probability {
                    self.swapped[rung] += 1.0;
                    self.replica_at.swap(place, place + 1);
                }
            }
        }
        self.rounds += 1;
        self.note_ends();
        self.note_history();
    }

    fn note_ends(&mut self) {
        for copy in 0..self.copies {
            for rung in 0..self.rungs {
                let replica = self.replica_at(copy, rung);
                let from = &mut self.came_from[replica];
                if rung + 1 == self.rungs {
                    self.round_trips[replica] += u64::from(*from == FROM_COLD_AFTER_HOT);
                    *from = FROM_HOT;
                } else if rung == 0 {
                    *from =
                        if *from == NOWHERE || *from == FROM_COLD { FROM_COLD } else { FROM_COLD_AFTER_HOT };
                }
                match *from {
                    NOWHERE => {}
                    FROM_HOT => self.from_hot[rung] += 1.0,
                    _ => self.from_cold[rung] += 1.0,
                }
            }
        }
    }

    fn note_history(&mut self) {
        if !self.rounds.is_multiple_of(self.history_stride) {
            return;
        }
        self.history.extend(&self.replica_at);
        let width = self.replica_at.len();
        if self.history.len() == history_capacity(width) * width {
            // Entry k is round (k + 1) * stride: every second one is a multiple of the doubled stride.
            self.history = self.history.chunks_exact(width).skip(1).step_by(2).flatten().copied().collect();
            self.history_stride *= 2;
        }
    }

    /// Forgets acceptances and round trips; the placement and the history stay.
    pub fn reset_statistics(&mut self) {
        for book in [
            &mut self.tried,
            &mut self.probability,
            &mut self.swapped,
            &mut self.from_hot,
            &mut self.from_cold,
            &mut self.energy_sums,
            &mut self.energy_squares,
        ] {
            book.fill(0.0);
        }
        self.samples = 0.0;
        self.round_trips.fill(0);
        self.came_from.fill(NOWHERE);
    }

    /// Mean rejection of each pair, from acceptance probabilities (which have less noise than decisions).
    #[must_use]
    pub fn rejection(&self) -> Vec<f64> {
        self.probability.iter().zip(&self.tried).map(|(sum, tried)| 1.0 - sum / tried.max(1.0)).collect()
    }

    /// The communication barrier of each pair: its rejection where swaps happen, and where hardly any does the
    /// integral of the local barrier, mean |E - E'|/2 = sigma_E / sqrt(pi) per unit of 1/T for Gaussian energies.
    /// Their sum tells how many rungs a ladder needs even if it has far too few.
    #[must_use]
    pub fn barriers(&self, inverse_temperatures: &[f64]) -> Vec<f64> {
        let spread = |rung: usize| {
            let mean = self.energy_sums[rung] / self.samples;
            (self.energy_squares[rung] / self.samples - mean * mean).max(0.0).sqrt()
        };
        self.rejection()
            .into_iter()
            .enumerate()
            .map(|(pair, rejection)| {
                let gap = inverse_temperatures[pair] - inverse_temperatures[pair + 1];
                let gaussian = 0.5 * (spread(pair) + spread(pair + 1)) / std::f64::consts::PI.sqrt() * gap;
                if rejection < SATURATED || !gaussian.is_finite() {
                    rejection
                } else {
                    gaussian.max(rejection)
                }
            })
            .collect()
    }

    /// Fraction of swaps made of each pair; NaN where none was tried.
    #[must_use]
    pub fn acceptance(&self) -> Vec<f64> {
        self.swapped.iter().zip(&self.tried).map(|(swapped, tried)| swapped / tried).collect()
    }

    /// Rounds tried since the statistics were reset, for the least tried pair.
    #[must_use]
    pub fn least_tried(&self) -> f64 {
        self.tried.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Round trips of each replica: hot end to cold end and back.
    #[must_use]
    pub fn round_trips(&self) -> &[u64] {
        &self.round_trips
    }

    /// Fraction of visitors of each rung that last came from the hot end; NaN where none is labeled.
    #[must_use]
    pub fn upward_fraction(&self) -> Vec<f64> {
        self.from_hot.iter().zip(&self.from_cold).map(|(hot, cold)| hot / (hot + cold)).collect()
    }

    /// The kept history: numbers of the rounds, and `[round][rung][copy]` replicas.
    #[must_use]
    pub fn history(&self) -> (Vec<u64>, Vec<u64>) {
        let width = self.replica_at.len();
        let rounds = (1..=(self.history.len() / width) as u64).map(|k| k * self.history_stride).collect();
        let mut table = Vec::with_capacity(self.history.len());
        for row in self.history.chunks_exact(width) {
            for rung in 0..self.rungs {
                table.extend((0..self.copies).map(|copy| row[copy * self.rungs + rung]));
            }
        }
        (rounds, table)
    }
}

impl Persist for Exchange {
    fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()> {
        visitor.counter("exchange/rounds", &mut self.rounds)?;
        visitor.counter("exchange/history_stride", &mut self.history_stride)?;
        let (pairs, places) = (self.tried.len(), self.replica_at.len());
        for (name, rows, data) in [
            ("exchange/replica_at", places, &mut self.replica_at),
            ("exchange/came_from", places, &mut self.came_from),
            ("exchange/round_trips", places, &mut self.round_trips),
            ("exchange/history", (self.history.len() / places.max(1)) * places, &mut self.history),
        ] {
            let rows = if visitor.is_loading() && name == "exchange/history" {
                kept_history(self.rounds, self.history_stride) * places
            } else {
                rows
            };
            visitor.field(name, &Layout::shared(&[rows]), FieldMut::U64(data))?;
        }
        for (name, rows, data) in [
            ("exchange/tried", pairs, &mut self.tried),
            ("exchange/probability", pairs, &mut self.probability),
            ("exchange/swapped", pairs, &mut self.swapped),
            ("exchange/energy_sums", self.rungs, &mut self.energy_sums),
            ("exchange/energy_squares", self.rungs, &mut self.energy_squares),
            ("exchange/from_hot", self.rungs, &mut self.from_hot),
            ("exchange/from_cold", self.rungs, &mut self.from_cold),
        ] {
            visitor.field(name, &Layout::shared(&[rows]), FieldMut::F64(data))?;
        }
        let mut samples = self.samples as u64;
        visitor.counter("exchange/samples", &mut samples)?;
        self.samples = samples as f64;
        Ok(())
    }
}

/// Entries the history holds after a number of rounds.
fn kept_history(rounds: u64, stride: u64) -> usize {
    (rounds / stride) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swaps_at_infinite_difference_are_certain_and_keep_a_permutation() {
        let mut exchange = Exchange::new(1, 2, 4);
        // The colder rung holds the higher energy: every swap is accepted.
        let energies: Vec<f64> = (0..8).map(|replica| 100.0 - f64::from(replica)).collect();
        exchange.round(&[4.0, 3.0, 2.0, 1.0], &energies);
        assert_eq!(exchange.replica_at, vec![1, 0, 3, 2, 5, 4, 7, 6]);
        assert_eq!(exchange.rejection()[0], 0.0);
        for _ in 0..50 {
            exchange.round(&[1.0; 4], &energies);
            let mut places = exchange.replica_at.clone();
            places.sort_unstable();
            assert_eq!(places, (0..8).collect::<Vec<_>>());
        }
    }

    #[test]
    fn at_equal_temperatures_replicas_travel_like_a_conveyor_and_make_round_trips() {
        let mut exchange = Exchange::new(1, 1, 4);
        for _ in 0..800 {
            exchange.round(&[1.0; 4], &[0.0; 4]);
        }
        assert!(exchange.round_trips().iter().all(|&trips| trips >= 98), "{:?}", exchange.round_trips());
        assert_eq!(exchange.acceptance(), vec![1.0; 3]);
    }

    #[test]
    fn a_sparse_ladder_reports_the_barrier_of_gaussian_energies_since_the_last_reset() {
        let mut exchange = Exchange::new(1, 1, 2);
        let mut stream = Key::new(2).stream();
        let mut gaussian =
            |mean: f64, spread: f64| mean + spread * ((0..12).map(|_| stream.uniform()).sum::<f64>() - 6.0);
        // A far start that must be forgotten, then energies of spread 20 around -1000 and -500.
        exchange.round(&[1.0, 0.5], &[0.0, 0.0]);
        exchange.reset_statistics();
        for _ in 0..20_000 {
            exchange.round(&[1.0, 0.5], &[gaussian(-1000.0, 20.0), gaussian(-500.0, 20.0)]);
        }
        let expected = 20.0 * 0.5 / std::f64::consts::PI.sqrt();
        assert!((exchange.barriers(&[1.0, 0.5])[0] / expected - 1.0).abs() < 0.03);
    }

    #[test]
    fn the_history_stays_bounded_and_keeps_even_spacing() {
        let mut exchange = Exchange::new(1, 1, 2);
        for _ in 0..10_000 {
            exchange.round(&[1.0; 2], &[0.0; 2]);
        }
        let (rounds, table) = exchange.history();
        assert_eq!(rounds.len(), 10_000 / 4);
        assert_eq!((rounds[0], rounds[1]), (4, 8));
        assert_eq!(table.len(), 2 * rounds.len());
        assert_eq!(rounds.len(), kept_history(10_000, 4));
    }
}
