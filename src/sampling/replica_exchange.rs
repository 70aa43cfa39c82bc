//! Engine: sweeps of every replica, then even/odd swaps along the ladder; measured after thermalization.

use super::analysis::{self, LadderResults};
use super::exchange::Exchange;
use super::ladder;
use super::measurement::{Ladders, Measurements, Place, StructurePlan};
use super::relaxation::{Relaxation, RelaxationPlan};
use super::stopwatch::Stopwatch;
use super::walkers::{Persistent, Walkers};
use crate::foundation::Result;
use crate::foundation::engine::{Engine, Output};
use crate::foundation::persist::{FieldMut, Layout, Persist, Visitor};
use crate::foundation::table::{Data, Sink, Table};
use crate::models::Model;
use crate::parallel::arrangement::Arrangement;

/// What the run is asked for; everything here was validated.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Seed of all random numbers.
    pub seed: u64,
    /// Temperatures, ascending.
    pub temperatures: Vec<f64>,
    /// Independent ladders.
    pub ladders: Ladders,
    /// Sweeps before measuring.
    pub thermalization: u64,
    /// Sweeps measured.
    pub measurement: u64,
    /// Sweeps between exchanges.
    pub exchange_every: u64,
    /// Whether the ladder adapts during the first half of thermalization.
    pub adapt: bool,
    /// Sweeps between measurements.
    pub measure_every: u64,
    /// Wave vectors of structure factors, by plane.
    pub structure: StructurePlan,
    /// Sweeps between measurements of structure factors; 0 for never.
    pub structure_every: u64,
    /// Relaxation.
    pub relaxation: RelaxationPlan,
    /// Threads of this rank.
    pub threads: usize,
    /// Planes and axes for the results.
    pub planes: Vec<analysis::PlaneAxes>,
}

/// Thermalization is adapted at these fractions; the rest equilibrates on the final ladder.
const ADAPTATIONS: [u64; 4] = [16, 8, 4, 2];
/// Fewest rounds a pair must have been tried before its rejection is trusted.
const LEAST_ROUNDS: f64 = 20.0;

/// Acceptance below which the ladder is called too sparse.
const SCARCE_ACCEPTANCE: f64 = 0.05;

/// Replica exchange of one model.
pub struct ReplicaExchange<M: Model> {
    model: M,
    plan: Plan,
    walkers: Walkers<M>,
    exchange: Exchange,
    temperatures: Vec<f64>,
    inverse_temperatures: Vec<f64>,
    measurements: Measurements,
    relaxation: Relaxation<M>,
    /// Sweeps of the main chain done.
    sweep: u64,
    /// Sweeps of side branches done.
    branch_sweeps: u64,
    stopwatch: Stopwatch,
    summary: Vec<String>,
}

impl<M: Model> ReplicaExchange<M> {
    /// Random configurations at the start of the ladder.
    #[must_use]
    pub fn new(model: M, plan: Plan, arrangement: Arrangement) -> Self {
        let rungs = plan.temperatures.len();
        let (ladders, total) = (plan.ladders, rungs * plan.ladders.count());
        let measurements =
            Measurements::new("", &model, &arrangement, 0..rungs, ladders, &plan.structure, plan.threads);
        let rows = measurements.kept_rungs();
        ReplicaExchange {
            walkers: Walkers::new(
                &model,
                arrangement,
                (plan.seed, plan.threads),
                (total, rungs),
                |replica| ladders.sample(replica / rungs),
            ),
            exchange: Exchange::new(plan.seed, ladders.count(), rungs),
            temperatures: plan.temperatures.clone(),
            inverse_temperatures: plan.temperatures.iter().map(|t| 1.0 / t).collect(),
            relaxation: Relaxation::new(("", 0), &model, plan.relaxation, plan.seed, rows),
            measurements,
            sweep: 0,
            branch_sweeps: 0,
            stopwatch: Stopwatch::default(),
            summary: Vec::new(),
            model,
            plan,
        }
    }

    fn places(&self) -> Vec<Place> {
        (0..self.temperatures.len())
            .flat_map(|rung| (0..self.plan.ladders.count()).map(move |ladder| (rung, ladder)))
            .map(|(rung, ladder)| Place { rung, ladder, replica: self.exchange.replica_at(ladder, rung) })
            .collect()
    }

    /// Sweeps until something other than sweeping is due.
    fn sweeps_until_event(&self) -> u64 {
        let plan = &self.plan;
        let until = |period: u64, from: u64| period - (self.sweep - from) % period;
        let mut next = until(plan.exchange_every, 0);
        if self.sweep < plan.thermalization {
            // Adaptations are events of their own: how a run is cut into pieces must not decide about them.
            let adaptations = ADAPTATIONS.iter().map(|part| plan.thermalization / part);
            let ends = adaptations.chain([plan.thermalization]).filter(|&end| end > self.sweep);
            return next.min(ends.min().unwrap_or(plan.thermalization) - self.sweep);
        }
        next = next.min(until(plan.measure_every, plan.thermalization));
        if plan.structure_every > 0 {
            next = next.min(until(plan.structure_every, plan.thermalization));
        }
        if plan.relaxation.sweeps > 0 {
            next = next.min(until(plan.relaxation.every, plan.thermalization));
        }
        next
    }

    fn advance_main(&mut self, sweeps: u64) {
        let rung_of = self.exchange.rungs_of_replicas();
        let (walkers, model, betas, first) =
            (&mut self.walkers, &self.model, &self.inverse_temperatures, self.sweep);
        self.stopwatch.time("sweep", || walkers.sweep(model, &rung_of, betas, first, sweeps));
        self.sweep += sweeps;
        if self.sweep.is_multiple_of(self.plan.exchange_every) {
            let (walkers, exchange) = (&self.walkers, &mut self.exchange);
            self.stopwatch.time("exchange", || exchange.round(betas, &walkers.energies(model)));
        }
        if self.sweep <= self.plan.thermalization {
            self.adapt_ladder();
            if self.sweep == self.plan.thermalization {
                self.exchange.reset_statistics();
                self.walkers.reset_counts();
            }
            return;
        }
        self.measure();
    }

    fn adapt_ladder(&mut self) {
        let due = ADAPTATIONS.iter().any(|&part| self.sweep == self.plan.thermalization / part);
        let able = self.temperatures.len() > 2 && self.exchange.least_tried() >= LEAST_ROUNDS;
        if !(self.plan.adapt && due && able) {
            return;
        }
        let barriers = self.exchange.barriers(&self.inverse_temperatures);
        self.temperatures = ladder::equalize_rejection(&self.temperatures, &barriers);
        self.inverse_temperatures = self.temperatures.iter().map(|t| 1.0 / t).collect();
        self.exchange.reset_statistics();
    }

    fn measure(&mut self) {
        let measured = self.sweep - self.plan.thermalization;
        let due = |every: u64| every > 0 && measured.is_multiple_of(every);
        let places = self.places();
        let (model, walkers, measurements) = (&self.model, &self.walkers, &mut self.measurements);
        if due(self.plan.measure_every) {
            self.stopwatch.time("measurement", || measurements.measure(model, walkers, &places));
        }
        if due(self.plan.structure_every) {
            let plan = &self.plan.structure;
            self.stopwatch.time("structure factor", || {
                measurements.measure_structure(model, walkers, &places, plan);
            });
        }
        if self.relaxation.starts_at(measured) {
            self.relaxation.start(model, walkers);
        }
    }

    fn advance_branch(&mut self, sweeps: u64) -> u64 {
        let places = self.places();
        let Self { relaxation, model, walkers, inverse_temperatures, measurements, .. } = self;
        let done = self.stopwatch.time("relaxation", || {
            let done = relaxation.advance(model, walkers, inverse_temperatures, &places, sweeps);
            relaxation.close_if_finished(walkers, &places, measurements);
            done
        });
        self.branch_sweeps += done;
        done
    }

    fn exchange_tables(&self) -> Vec<Table> {
        let rungs = self.temperatures.len();
        let (rounds, history) = self.exchange.history();
        let shape = vec![rounds.len(), rungs, self.plan.ladders.count()];
        let trips = self.exchange.round_trips().to_vec();
        let table = Table::new;
        let mut tables = vec![
            table(
                "/ladder/round_trips",
                vec![trips.len()],
                Data::U64(trips),
                "1",
                "round trips of each replica (hot end to cold end and back) during measurement",
            ),
            table(
                "/ladder/upward_fraction",
                vec![rungs],
                Data::F64(self.exchange.upward_fraction()),
                "1",
                "fraction of visitors of each rung that last came from the hot end",
            ),
            table(
                "/series/round",
                vec![rounds.len()],
                Data::U64(rounds),
                "exchange rounds",
                "numbers of the rounds kept",
            ),
            table(
                "/series/replica_at_rung",
                shape,
                Data::U64(history),
                "replica",
                "replica at each rung of each copy after the rounds kept",
            ),
        ];
        if rungs > 1 {
            tables.push(table(
                "/ladder/exchange_acceptance",
                vec![rungs - 1],
                Data::F64(self.exchange.acceptance()),
                "1",
                "fraction of swaps accepted between rungs r and r + 1 during measurement",
            ));
            tables.push(table(
                "/ladder/communication_barrier",
                vec![rungs - 1],
                Data::F64(self.exchange.barriers(&self.inverse_temperatures)),
                "1",
                "communication barrier between rungs r and r + 1: mean rejection probability, or its Gaussian \
                 extrapolation above 0.9; the sum is that of the ladder",
            ));
        }
        tables
    }

    fn exchange_remarks(&self) -> Vec<String> {
        if self.temperatures.len() < 2 {
            return Vec::new();
        }
        let acceptance = self.exchange.acceptance();
        let least = acceptance.iter().copied().fold(f64::INFINITY, f64::min);
        let barrier: f64 = self.exchange.barriers(&self.inverse_temperatures).iter().sum();
        let trips = self.exchange.round_trips();
        let without = trips.iter().filter(|&&trips| trips == 0).count();
        let total: u64 = trips.iter().sum();
        let mut remarks = vec![format!(
            "exchange: acceptance at least {least:.2}, communication barrier {barrier:.2}, {total} round trips by {} \
             replicas ({without} made none)",
            trips.len()
        )];
        if total == 0 {
            remarks.push(
                "no replica made a round trip: cold rungs may be stuck where they started, whatever their averages say"
                    .to_string(),
            );
        }
        if least < SCARCE_ACCEPTANCE {
            // Rejection of one half per pair is near the optimum of the non-reversible scheme.
            let wanted = (2.0 * barrier).ceil() as usize + 1;
            remarks.push(format!(
                "some rungs hardly exchange: this range of temperatures wants about {wanted} rungs, it has {}",
                self.temperatures.len()
            ));
        }
        remarks
    }
}

impl<M: Model> Persist for ReplicaExchange<M> {
    fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()> {
        visitor.counter("sweep", &mut self.sweep)?;
        visitor.counter("branch_sweeps", &mut self.branch_sweeps)?;
        let rungs = self.temperatures.len();
        visitor.field("temperatures", &Layout::shared(&[rungs]), FieldMut::F64(&mut self.temperatures))?;
        self.inverse_temperatures = self.temperatures.iter().map(|t| 1.0 / t).collect();
        Persistent(&self.model, &mut self.walkers).visit(visitor)?;
        self.exchange.visit(visitor)?;
        self.measurements.visit(visitor)?;
        self.relaxation.visit(&self.model, &self.walkers, visitor)
    }
}

impl<M: Model> Engine for ReplicaExchange<M> {
    fn step(&self) -> u64 {
        self.sweep + self.branch_sweeps
    }

    fn target(&self) -> u64 {
        let plan = &self.plan;
        let origins = if plan.relaxation.sweeps > 0 { plan.measurement / plan.relaxation.every } else { 0 };
        plan.thermalization + plan.measurement + origins * plan.relaxation.sweeps
    }

    fn phase(&self) -> String {
        if self.relaxation.is_active() {
            "relaxation".into()
        } else if self.sweep < self.plan.thermalization {
            "thermalization".into()
        } else {
            "measurement".into()
        }
    }

    fn advance(&mut self, steps: u64) -> Result<()> {
        let until = (self.step() + steps).min(self.target());
        while self.step() < until {
            let left = until - self.step();
            if self.relaxation.is_active() {
                self.advance_branch(left);
            } else {
                self.advance_main(self.sweeps_until_event().min(left));
            }
        }
        Ok(())
    }

    fn check(&mut self) -> Result<()> {
        self.walkers.check(&self.model)
    }

    fn has_results(&self) -> bool {
        self.sweep > self.plan.thermalization
    }

    fn results(&mut self, sink: Sink<'_>) -> Result<()> {
        let counts = self.walkers.move_counts();
        let results = LadderResults {
            model: &self.model,
            arrangement: &self.walkers.arrangement,
            temperatures: &self.temperatures,
            ladders: self.plan.ladders,
            measure_every: self.plan.measure_every,
            thermalization: self.plan.thermalization,
            groups: vec![(&self.measurements, &self.relaxation)],
            planes: &self.plan.planes,
            move_counts: &counts,
        };
        let mut summary = results.tables(sink)?;
        self.exchange_tables().into_iter().try_for_each(sink)?;
        summary.extend(self.exchange_remarks());
        self.summary = summary;
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
