//! Relaxation of configurations under local moves: C(t) from copies of the replicas that leave the main chain alone.
//!
//! At fixed intervals the main chain pauses; a copy of every replica is swept by the model's local dynamics at the
//! temperature of its rung, without exchange, and compared with where it started. The main chain then goes on as if
//! nothing had happened, so longer runs extend shorter ones exactly.

use super::measurement::{Measurements, Place, rows_over_domains};
use super::walkers::Walkers;
use crate::foundation::Result;
use crate::foundation::persist::{FieldMut, Persist, Visitor};
use crate::foundation::random::{Key, Purpose};
use crate::foundation::series::BlockedSeries;
use crate::models::Model;

/// Blocks kept of C(t): one per origin until this many.
const CAPACITY: usize = 64;

/// When and how long relaxation is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelaxationPlan {
    /// Sweeps of the local dynamics per origin; 0 switches relaxation off.
    pub sweeps: u64,
    /// Measured sweeps between origins.
    pub every: u64,
}

/// Times at which C(t) is recorded: whole sweeps, four per factor of two; 0 first, `sweeps` last.
#[must_use]
pub fn logarithmic_times(sweeps: u64) -> Vec<u64> {
    let mut times = vec![0];
    let mut next = 1.0f64;
    while (next.round() as u64) < sweeps {
        let time = next.round() as u64;
        if times.last() != Some(&time) {
            times.push(time);
        }
        next *= 2f64.powf(0.25);
    }
    if sweeps > 0 {
        times.push(sweeps);
    }
    times
}

/// A side branch in progress, and the series of finished ones.
pub struct Relaxation<M: Model> {
    name: String,
    /// The plan.
    pub plan: RelaxationPlan,
    /// Recorded times.
    pub times: Vec<u64>,
    /// Rows (rung), columns (correlation, time), one record per origin.
    pub series: BlockedSeries,
    root: Key,
    /// Branches begun.
    origins: u64,
    /// Sweeps done in the present branch, `None` outside one.
    sweep: Option<u64>,
    /// `[local replica]`
    states: Vec<M::State>,
    /// `[local replica][correlation * times]`
    rows: Vec<Vec<f64>>,
}

impl<M: Model> Relaxation<M> {
    /// No branch yet. Name and number tell several groups of rungs apart, in checkpoints and in random numbers.
    #[must_use]
    pub fn new(
        (name, group): (&str, usize),
        model: &M,
        plan: RelaxationPlan,
        seed: u64,
        rows: (usize, usize, usize),
    ) -> Self {
        let times = if plan.sweeps > 0 { logarithmic_times(plan.sweeps) } else { Vec::new() };
        let columns = model.correlation_names().len() * times.len();
        Relaxation {
            name: name.into(),
            plan,
            series: BlockedSeries::new(format!("{name}relaxation"), rows, columns, CAPACITY),
            times,
            root: Key::new(seed).purpose(Purpose::Dynamics).with(group as u64),
            origins: 0,
            sweep: None,
            states: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Whether the main chain waits for a branch.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.sweep.is_some()
    }

    /// Sweeps the present branch still needs.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.sweep.map_or(0, |sweep| self.plan.sweeps - sweep)
    }

    /// Whether a branch starts after this many measured sweeps.
    #[must_use]
    pub fn starts_at(&self, measured: u64) -> bool {
        self.plan.sweeps > 0 && measured > 0 && measured.is_multiple_of(self.plan.every)
    }

    /// Starts a branch from the present configurations.
    pub fn start(&mut self, model: &M, walkers: &Walkers<M>) {
        self.origins += 1;
        self.sweep = Some(0);
        self.states = walkers.local.iter().map(|walker| walker.state.clone()).collect();
        self.rows = vec![vec![0.0; self.series.columns()]; self.states.len()];
        self.record(model, walkers, 0);
    }

    fn record(&mut self, model: &M, walkers: &Walkers<M>, sweep: u64) {
        let Some(index) = self.times.iter().position(|&time| time == sweep) else { return };
        let pairs = walkers.local.iter().zip(&self.states);
        let sums = pairs.map(|(walker, state)| model.correlation_sums(&walker.state, state)).collect();
        let width = model.correlation_names().len();
        let values = rows_over_domains(walkers, sums, width, |sums, row| model.correlations(sums, row));
        for (row, values) in self.rows.iter_mut().zip(values) {
            for (correlation, value) in values.into_iter().enumerate() {
                row[correlation * self.times.len() + index] = value;
            }
        }
    }

    /// Advances the branch by up to `sweeps` and returns the sweeps done.
    pub fn advance(
        &mut self,
        model: &M,
        walkers: &Walkers<M>,
        inverse_temperatures: &[f64],
        places: &[Place],
        sweeps: u64,
    ) -> u64 {
        let Some(begin) = self.sweep else { return 0 };
        let end = (begin + sweeps).min(self.plan.sweeps);
        let root = self.root.with(self.origins);
        let range = walkers.range();
        let mut rung_of = vec![0; range.len()];
        for place in places.iter().filter(|place| range.contains(&place.replica)) {
            rung_of[place.replica - range.start] = place.rung;
        }
        let mut sweep = begin;
        while sweep < end {
            // Straight to the next recorded time, so that threads are asked for long pieces of work.
            let stop = self.times.iter().copied().find(|&time| time > sweep).unwrap_or(end).min(end);
            let mut work: Vec<(usize, &mut M::State)> = self.states.iter_mut().enumerate().collect();
            walkers.for_each_replica(&mut work, |(index, state), workforce| {
                let key = root.with((range.start + *index) as u64);
                let beta = inverse_temperatures[rung_of[*index]];
                for sweep in sweep..stop {
                    model.dynamics_sweep(state, beta, key.with(sweep), workforce);
                }
            });
            sweep = stop;
            self.record(model, walkers, sweep);
        }
        self.sweep = Some(end);
        end - begin
    }

    /// When the branch has come to its end: sends its record to the owners of the rungs, as `measurements` and
    /// `places` say, and lets the main chain go on. Collective.
    pub fn close_if_finished(&mut self, walkers: &Walkers<M>, places: &[Place], measurements: &Measurements) {
        if self.sweep != Some(self.plan.sweeps) {
            return;
        }
        let replicas = &*walkers.arrangement.replicas;
        let averaged = measurements.gather_averages(&self.rows, walkers.range(), places, replicas);
        self.series.push(if walkers.arrangement.keeps_books() { &averaged } else { &[] });
        self.sweep = None;
        self.states.clear();
        self.rows.clear();
    }

    /// Shows the state to a visitor.
    ///
    /// # Errors
    /// What the visitor reports.
    pub fn visit(&mut self, model: &M, walkers: &Walkers<M>, visitor: &mut dyn Visitor) -> Result<()> {
        self.series.visit(visitor)?;
        let name = |field: &str| format!("{}relaxation/{field}", self.name);
        let (origins, progress, states, partial) =
            (name("origins"), name("sweep"), name("states"), name("rows"));
        visitor.counter(&origins, &mut self.origins)?;
        // 0: no branch; otherwise one more than the sweeps done.
        let mut sweep = self.sweep.map_or(0, |sweep| sweep + 1);
        visitor.counter(&progress, &mut sweep)?;
        self.sweep = sweep.checked_sub(1);
        if self.sweep.is_none() {
            self.states.clear();
            self.rows.clear();
            return Ok(());
        }
        if visitor.is_loading() {
            self.states = walkers.local.iter().map(|walker| walker.state.clone()).collect();
        }
        let mut kept: Vec<&mut M::State> = self.states.iter_mut().collect();
        walkers.visit_states(model, &states, &mut kept, visitor)?;
        let width = self.series.columns();
        let keeps = walkers.arrangement.keeps_books();
        let rows = if keeps { &self.rows[..] } else { &[] };
        let mut flat: Vec<f64> = rows.iter().flatten().copied().collect();
        visitor.field(&partial, &walkers.rows(&[width]), FieldMut::F64(&mut flat))?;
        if keeps {
            self.rows = flat.chunks_exact(width.max(1)).map(<[f64]>::to_vec).collect();
        } else if visitor.is_loading() {
            self.rows = vec![vec![0.0; width]; self.states.len()];
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_start_at_zero_rise_and_end_with_the_last_sweep() {
        for sweeps in [1, 2, 7, 100, 1000] {
            let times = logarithmic_times(sweeps);
            assert_eq!((times[0], times.last()), (0, Some(&sweeps)));
            assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
        }
    }
}
