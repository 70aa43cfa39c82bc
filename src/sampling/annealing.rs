//! Engine: independent walkers cooled together through a schedule of temperatures, measured at each.

use super::analysis::LadderResults;
use super::measurement::{Measurements, Place};
use super::relaxation::Relaxation;
use super::replica_exchange::Plan;
use super::stopwatch::Stopwatch;
use super::walkers::{Persistent, Walkers};
use crate::foundation::Result;
use crate::foundation::engine::{Engine, Output};
use crate::foundation::persist::{Persist, Visitor};
use crate::foundation::table::Sink;
use crate::models::Model;
use crate::parallel::arrangement::Arrangement;

/// Annealing of one model: a walker per ladder; at each temperature `plan.thermalization` sweeps, then
/// `plan.measurement` measured ones. Rungs are ascending in temperature; cooling goes from the last to the first.
pub struct Annealing<M: Model> {
    model: M,
    plan: Plan,
    walkers: Walkers<M>,
    inverse_temperatures: Vec<f64>,
    /// One per rung.
    measurements: Vec<Measurements>,
    relaxations: Vec<Relaxation<M>>,
    sweep: u64,
    branch_sweeps: u64,
    stopwatch: Stopwatch,
    summary: Vec<String>,
}

impl<M: Model> Annealing<M> {
    /// Random configurations at the hottest temperature.
    #[must_use]
    pub fn new(model: M, plan: Plan, arrangement: Arrangement) -> Self {
        let rungs = plan.temperatures.len();
        let measurements: Vec<Measurements> = (0..rungs)
            .map(|rung| {
                let name = format!("rung{rung}/");
                Measurements::new(
                    &name,
                    &model,
                    &arrangement,
                    rung..rung + 1,
                    plan.ladders,
                    &plan.structure,
                    plan.threads,
                )
            })
            .collect();
        let relaxations = measurements
            .iter()
            .enumerate()
            .map(|(rung, m)| {
                let rows = m.kept_rungs();
                Relaxation::new((&format!("rung{rung}/"), rung), &model, plan.relaxation, plan.seed, rows)
            })
            .collect();
        Annealing {
            walkers: Walkers::new(
                &model,
                arrangement,
                (plan.seed, plan.threads),
                (plan.ladders.count(), rungs),
                |replica| plan.ladders.sample(replica),
            ),
            inverse_temperatures: plan.temperatures.iter().map(|t| 1.0 / t).collect(),
            measurements,
            relaxations,
            sweep: 0,
            branch_sweeps: 0,
            stopwatch: Stopwatch::default(),
            summary: Vec::new(),
            model,
            plan,
        }
    }

    fn sweeps_per_temperature(&self) -> u64 {
        self.plan.thermalization + self.plan.measurement
    }

    /// The rung the next sweep belongs to, counted from the hot end.
    fn rung_at(&self, sweep: u64) -> usize {
        let stage = (sweep / self.sweeps_per_temperature()) as usize;
        self.plan.temperatures.len() - 1 - stage.min(self.plan.temperatures.len() - 1)
    }

    fn places(&self, rung: usize) -> Vec<Place> {
        let place = |ladder| Place { rung, ladder, replica: ladder };
        (0..self.plan.ladders.count()).map(place).collect()
    }

    fn advance_main(&mut self, limit: u64) {
        let rung = self.rung_at(self.sweep);
        let within = self.sweep % self.sweeps_per_temperature();
        let plan = &self.plan;
        let mut sweeps = limit.min(self.sweeps_per_temperature() - within);
        if within < plan.thermalization {
            sweeps = sweeps.min(plan.thermalization - within);
        } else {
            for period in [plan.measure_every, plan.structure_every, plan.relaxation.every] {
                if period > 0 {
                    sweeps = sweeps.min(period - (within - plan.thermalization) % period);
                }
            }
        }
        let rung_of = vec![rung; plan.ladders.count()];
        let (walkers, model, betas, first) =
            (&mut self.walkers, &self.model, &self.inverse_temperatures, self.sweep);
        self.stopwatch.time("sweep", || walkers.sweep(model, &rung_of, betas, first, sweeps));
        self.sweep += sweeps;
        let measured = (within + sweeps).saturating_sub(self.plan.thermalization);
        if measured == 0 {
            if within + sweeps == self.plan.thermalization {
                self.walkers.reset_counts_at(rung);
            }
            return;
        }
        let due = |every: u64| every > 0 && measured.is_multiple_of(every);
        let places = self.places(rung);
        let (walkers, measurements) = (&self.walkers, &mut self.measurements[rung]);
        if due(self.plan.measure_every) {
            let model = &self.model;
            self.stopwatch.time("measurement", || measurements.measure(model, walkers, &places));
        }
        if due(self.plan.structure_every) {
            let (model, plan) = (&self.model, &self.plan.structure);
            self.stopwatch.time("structure factor", || {
                measurements.measure_structure(model, walkers, &places, plan);
            });
        }
        if self.relaxations[rung].starts_at(measured) {
            self.relaxations[rung].start(&self.model, walkers);
        }
    }

    /// The rung whose side branch the main chain waits for. A branch begins after a sweep, so it belongs to the rung
    /// of the last one done.
    fn branching_rung(&self) -> Option<usize> {
        let rung = self.rung_at(self.sweep.checked_sub(1)?);
        self.relaxations[rung].is_active().then_some(rung)
    }

    fn advance_branch(&mut self, rung: usize, sweeps: u64) {
        let places = self.places(rung);
        let Self { relaxations, model, walkers, inverse_temperatures, measurements, .. } = self;
        let done = self.stopwatch.time("relaxation", || {
            let relaxation = &mut relaxations[rung];
            let done = relaxation.advance(model, walkers, inverse_temperatures, &places, sweeps);
            relaxation.close_if_finished(walkers, &places, &measurements[rung]);
            done
        });
        self.branch_sweeps += done;
    }
}

impl<M: Model> Persist for Annealing<M> {
    fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()> {
        visitor.counter("sweep", &mut self.sweep)?;
        visitor.counter("branch_sweeps", &mut self.branch_sweeps)?;
        Persistent(&self.model, &mut self.walkers).visit(visitor)?;
        for measurements in &mut self.measurements {
            measurements.visit(visitor)?;
        }
        for relaxation in &mut self.relaxations {
            relaxation.visit(&self.model, &self.walkers, visitor)?;
        }
        Ok(())
    }
}

impl<M: Model> Engine for Annealing<M> {
    fn step(&self) -> u64 {
        self.sweep + self.branch_sweeps
    }

    fn target(&self) -> u64 {
        let plan = &self.plan;
        let origins = if plan.relaxation.sweeps > 0 { plan.measurement / plan.relaxation.every } else { 0 };
        plan.temperatures.len() as u64 * (self.sweeps_per_temperature() + origins * plan.relaxation.sweeps)
    }

    fn phase(&self) -> String {
        format!("T = {:.4}", self.plan.temperatures[self.rung_at(self.sweep)])
    }

    fn advance(&mut self, steps: u64) -> Result<()> {
        let until = (self.step() + steps).min(self.target());
        while self.step() < until {
            let left = until - self.step();
            match self.branching_rung() {
                Some(rung) => self.advance_branch(rung, left),
                None => self.advance_main(left),
            }
        }
        Ok(())
    }

    fn check(&mut self) -> Result<()> {
        self.walkers.check(&self.model)
    }

    fn has_results(&self) -> bool {
        self.measurements.iter().any(|measurements| measurements.singles.records() > 0)
    }

    fn results(&mut self, sink: Sink<'_>) -> Result<()> {
        let counts = self.walkers.move_counts();
        let results = LadderResults {
            model: &self.model,
            arrangement: &self.walkers.arrangement,
            temperatures: &self.plan.temperatures,
            ladders: self.plan.ladders,
            measure_every: self.plan.measure_every,
            thermalization: self.plan.thermalization,
            groups: self.measurements.iter().zip(&self.relaxations).collect(),
            planes: &self.plan.planes,
            move_counts: &counts,
        };
        self.summary = results.tables(sink)?;
        Ok(())
    }

    fn output(&mut self) -> Vec<Output> {
        Vec::new()
    }

    fn summary(&self) -> Vec<String> {
        self.summary.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.walkers.notes()
    }

    fn timings(&self) -> Vec<(&'static str, f64)> {
        self.walkers.split_timings(&self.stopwatch)
    }
}
