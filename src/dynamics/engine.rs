//! The engine of molecular dynamics: stages one after another, measured on the way.

use super::atom::Atom;
use super::bricks::Bricks;
use super::domain::Domain;
use super::fire::{Fire, largest_force};
use super::forces::Forces;
use super::motion::{self, Barostat, ExtendedVariables};
use super::moving_atoms::MovingAtoms;
use super::pair_distribution::PairDistribution;
use super::plan::{Ensemble, Plan, Stage};
use super::rows;
use super::thermo::{Moment, Thermo};
use super::trajectory::Trajectory;
use crate::foundation::engine::{Engine, Output};
use crate::foundation::persist::{FieldMut, Layout, Persist, Visitor};
use crate::foundation::random::{Key, Purpose};
use crate::foundation::table::Sink;
use crate::foundation::{Error, Result};
use crate::parallel::arrangement::Arrangement;
use crate::parallel::exact_sum::exact_sums;
use crate::parallel::partition;
use crate::system::position_grid::PositionGrid;
use std::time::Instant;

/// Where a run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Clock {
    /// The stage.
    stage: u64,
    /// Whether it was entered: its start evaluated and measured.
    entered: u64,
    /// Its steps done.
    within: u64,
    /// Steps of all stages done.
    step: u64,
    /// Of these, steps that take time.
    timed: u64,
    /// What was done in all, entries of stages included.
    work: u64,
    /// What was spared in all, by minimizations that ended early.
    spared: u64,
}

/// A run of molecular dynamics.
pub struct MolecularDynamics {
    plan: Plan,
    atoms: MovingAtoms,
    clock: Clock,
    extended: ExtendedVariables,
    fire: Fire,
    thermo: Thermo,
    pairs: PairDistribution,
    trajectory: Option<Trajectory>,
    key: Key,
    mass: f64,
    /// Whether forces are those of the present positions.
    fresh: bool,
    seconds_moving: f64,
    seconds_measuring: f64,
}

impl MolecularDynamics {
    /// The run a plan describes, on the ranks that share its atoms. Collective.
    #[must_use]
    pub fn new(mut plan: Plan, arrangement: Arrangement, threads: usize) -> Self {
        let comm = arrangement.domains.clone();
        let grid = PositionGrid::new(&plan.atoms.periodic_box);
        // A valid box stays one: its edges are many steps of the grid long.
        let periodic_box = grid.round_box(&plan.atoms.periodic_box).unwrap_or(plan.atoms.periodic_box);
        let bricks = Bricks::new(arrangement.grid, comm.rank());
        let atoms = Self::share(&plan, grid, comm.rank(), comm.size());
        let masses: Vec<f64> = plan.potential.elements.iter().map(|element| element.mass).collect();
        let mass = plan.atoms.kind.iter().map(|&kind| masses[usize::from(kind)]).sum();
        let counts: Vec<usize> = (0..masses.len())
            .map(|k| plan.atoms.kind.iter().filter(|kind| usize::from(**kind) == k).count())
            .collect();
        let elements: Vec<String> = plan.potential.symbols().into_iter().map(str::to_string).collect();
        // The plan's columns have done their service; no rank keeps more than its share.
        for column in [&mut plan.atoms.position, &mut plan.atoms.velocity] {
            *column = Vec::new();
        }
        (plan.atoms.id, plan.atoms.kind, plan.atoms.image) = (Vec::new(), Vec::new(), Vec::new());
        let cutoff = plan.potential.cutoff;
        let domain = Domain::new(comm, bricks, (grid, periodic_box), (cutoff, plan.skin), atoms);
        MolecularDynamics {
            atoms: MovingAtoms {
                domain,
                forces: Forces::new(&plan.potential, plan.reproducible, threads),
                masses,
            },
            clock: Clock::default(),
            extended: ExtendedVariables::default(),
            fire: Fire::new(plan.time_step),
            thermo: Thermo::default(),
            pairs: PairDistribution::new(elements.clone(), counts, cutoff),
            trajectory: plan.trajectory.clone().map(|plan| Trajectory::new(plan, elements)),
            key: Key::new(plan.seed),
            mass,
            fresh: false,
            seconds_moving: 0.0,
            seconds_measuring: 0.0,
            plan,
        }
    }

    /// The atoms whose rows are a rank's.
    fn share(plan: &Plan, grid: PositionGrid, rank: usize, ranks: usize) -> Vec<Atom> {
        let atoms = &plan.atoms;
        partition::share(atoms.len(), rank, ranks)
            .map(|row| {
                let position = atoms.position[row].map(|x| grid.round(x));
                let image = atoms.image[row].map(i64::from);
                Atom {
                    id: atoms.id[row],
                    row: row as u64,
                    kind: u64::from(atoms.kind[row]),
                    position,
                    velocity: atoms.velocity[row],
                    image,
                    origin: atoms.periodic_box.unwrapped(position, atoms.image[row]),
                }
            })
            .collect()
    }

    fn stage(&self) -> Option<&Stage> {
        self.plan.stages.get(self.clock.stage as usize)
    }

    /// Forces for the present positions, where they are not known. Collective.
    fn refresh(&mut self) -> Result<()> {
        if !self.fresh {
            self.atoms.compute()?;
            self.fresh = true;
        }
        Ok(())
    }

    /// One unit of work: the entry of a stage, or a step.
    fn advance_once(&mut self) -> Result<()> {
        let Some(stage) = self.stage().cloned() else { return Ok(()) };
        self.refresh()?;
        if self.clock.entered == 0 {
            self.enter(&stage);
            self.clock.entered = 1;
            self.measure(true)?;
        } else {
            let start = Instant::now();
            self.step(&stage)?;
            self.seconds_moving += start.elapsed().as_secs_f64();
            self.clock.within += 1;
            self.clock.step += 1;
        }
        let ends = self.clock.within == stage.steps || self.is_minimum(&stage);
        if self.clock.within > 0 {
            self.measure(ends)?;
        }
        self.clock.work += 1;
        if ends {
            self.clock.spared += stage.steps - self.clock.within;
            self.leave(&stage);
        }
        Ok(())
    }

    fn enter(&mut self, stage: &Stage) {
        self.extended = ExtendedVariables { first_volume: self.atoms.volume(), ..Default::default() };
        self.fire = Fire::new(self.plan.time_step);
        if matches!(stage.ensemble, Ensemble::Minimize { .. }) {
            self.atoms.scale_velocities([0.0; 3]);
        }
    }

    fn leave(&mut self, stage: &Stage) {
        if let Ensemble::Minimize { force_tolerance } = stage.ensemble {
            let force = largest_force(&self.atoms);
            if force > force_tolerance {
                log::warn!(
                    "stage {}: the largest force is {force:.3e} eV/Angstrom after {} steps, above {force_tolerance:e}",
                    stage.name,
                    self.clock.within
                );
            }
            self.atoms.scale_velocities([0.0; 3]);
        }
        log::info!("stage {} is complete; {}", stage.name, self.thermo.last_line());
        self.clock = Clock { stage: self.clock.stage + 1, entered: 0, within: 0, ..self.clock };
    }

    fn is_minimum(&self, stage: &Stage) -> bool {
        match stage.ensemble {
            Ensemble::Minimize { force_tolerance } => largest_force(&self.atoms) <= force_tolerance,
            _ => false,
        }
    }

    /// How much of the stage is over after the step that comes.
    fn fraction(&self, stage: &Stage) -> f64 {
        (self.clock.within + 1) as f64 / stage.steps.max(1) as f64
    }

    fn step(&mut self, stage: &Stage) -> Result<()> {
        let (time, fraction) = (self.plan.time_step, self.fraction(stage));
        let (atoms, extended) = (&mut self.atoms, &mut self.extended);
        let total = atoms.domain.total;
        match stage.ensemble {
            Ensemble::Minimize { .. } => return self.fire.advance(atoms, time),
            Ensemble::Nve => motion::step_nve(atoms, time)?,
            Ensemble::Nvt { temperature, thermostat, thermostat_time } => {
                let bath = motion::bath(total, temperature.at(fraction), thermostat_time);
                let key = self.key.purpose(Purpose::Thermostat).with(self.clock.step);
                motion::step_nvt(atoms, extended, (thermostat, bath), key, time)?;
            }
            Ensemble::Npt { temperature, thermostat_time, pressure, barostat_time, motion: edges } => {
                let bath = motion::bath(total, temperature.at(fraction), thermostat_time);
                let barostat = Barostat { pressure, time: barostat_time, motion: edges };
                motion::step_npt(atoms, extended, bath, barostat, time)?;
            }
        }
        self.clock.timed += 1;
        Ok(())
    }

    fn extended_energy(&self) -> f64 {
        let Some(stage) = self.stage() else { return 0.0 };
        let fraction = (self.clock.within as f64 / stage.steps.max(1) as f64).min(1.0);
        let total = self.atoms.domain.total;
        let (bath, barostat) = match stage.ensemble {
            Ensemble::Nve | Ensemble::Minimize { .. } => return 0.0,
            Ensemble::Nvt { temperature, thermostat_time, .. } => {
                (motion::bath(total, temperature.at(fraction), thermostat_time), None)
            }
            Ensemble::Npt { temperature, thermostat_time, pressure, barostat_time, motion: edges } => (
                motion::bath(total, temperature.at(fraction), thermostat_time),
                Some(Barostat { pressure, time: barostat_time, motion: edges }),
            ),
        };
        motion::extended_energy(&self.atoms, &self.extended, bath, barostat)
    }

    /// Measures where it is due, and in any case at the start and the end of stages.
    fn measure(&mut self, always: bool) -> Result<()> {
        let start = Instant::now();
        if always || self.clock.step.is_multiple_of(self.plan.measure_every) {
            let moment = Moment {
                step: self.clock.step,
                stage: self.clock.stage as usize,
                time: self.clock.timed as f64 * self.plan.time_step,
                volume: self.atoms.volume(),
                mass: self.mass,
                atoms: self.atoms.domain.total,
                extended: self.extended_energy(),
                largest_force: largest_force(&self.atoms),
                displacement: if self.plan.mean_square_displacement { self.displacement() } else { 0.0 },
            };
            let sums = self.atoms.sums();
            if !(sums.potential.is_finite() && sums.kinetic_energy().is_finite()) {
                return Err(self.not_a_number());
            }
            self.thermo.push(&sums, &moment);
            if self.plan.pair_distribution {
                self.pairs.measure(&self.atoms.domain, self.clock.stage as usize);
            }
        }
        if let Some(trajectory) = &mut self.trajectory
            && (always || trajectory.is_due(self.clock.step))
        {
            trajectory.frame(&self.atoms, self.clock.step)?;
        }
        self.seconds_measuring += start.elapsed().as_secs_f64();
        Ok(())
    }

    fn not_a_number(&self) -> Error {
        let is_lost = |atom: &&Atom| !atom.velocity.iter().all(|v| v.is_finite());
        let which = self.atoms.domain.atoms.iter().find(is_lost);
        let which = which.map_or("on another rank".to_string(), |atom| format!("atom {}", atom.id));
        Error::Internal(format!("an energy is not a number ({which}): expected a shorter time step"))
    }

    /// Mean square displacement (square Angstrom), that of the center of mass taken off. Collective.
    fn displacement(&self) -> f64 {
        let (domain, masses) = (&self.atoms.domain, &self.atoms.masses);
        let edges = domain.periodic_box().edges();
        let moved = |atom: &Atom| -> [f64; 3] {
            std::array::from_fn(|d| {
                let carried = (0..3).map(|k| atom.image[k] as f64 * edges[k][d]).sum::<f64>();
                atom.position[d] + carried - atom.origin[d]
            })
        };
        let drift = exact_sums(&*domain.comm, domain.total, domain.atoms.len(), |i| {
            let atom = &domain.atoms[i];
            moved(atom).map(|x| x * masses[atom.kind as usize] / self.mass)
        });
        let square = exact_sums(&*domain.comm, domain.total, domain.atoms.len(), |i| {
            let moved = moved(&domain.atoms[i]);
            [(0..3).map(|d| (moved[d] - drift[d]) * (moved[d] - drift[d])).sum::<f64>()]
        });
        square[0] / domain.total as f64
    }
}

impl Engine for MolecularDynamics {
    fn step(&self) -> u64 {
        self.clock.work + self.clock.spared
    }

    fn target(&self) -> u64 {
        self.plan.stages.iter().map(|stage| stage.steps + 1).sum()
    }

    fn phase(&self) -> String {
        self.stage().map_or("complete".into(), |stage| format!("stage {}", stage.name))
    }

    fn advance(&mut self, steps: u64) -> Result<()> {
        for _ in 0..steps {
            if self.stage().is_none() {
                break;
            }
            let step = self.clock.step;
            self.advance_once().map_err(|error| error.and(&format!("This was after step {step}")))?;
        }
        Ok(())
    }

    fn check(&mut self) -> Result<()> {
        let domain = &self.atoms.domain;
        let mut found = [domain.atoms.len() as u64];
        domain.comm.sum(&mut found);
        if found[0] as usize == domain.total {
            return Ok(());
        }
        Err(Error::Internal(format!(
            "there are {} atoms at step {}, expected {}: some are lost",
            found[0], self.clock.step, domain.total
        )))
    }

    fn has_results(&self) -> bool {
        !self.thermo.is_empty()
    }

    fn results(&mut self, sink: Sink<'_>) -> Result<()> {
        self.thermo.tables(self.plan.mean_square_displacement, sink)?;
        if self.plan.pair_distribution {
            let names: Vec<&str> = self.plan.stages.iter().map(|stage| stage.name.as_str()).collect();
            self.pairs.tables(&names, sink)?;
        }
        Ok(())
    }

    fn output(&mut self) -> Vec<Output> {
        self.trajectory.as_mut().and_then(Trajectory::take).into_iter().collect()
    }

    fn summary(&self) -> Vec<String> {
        let forces = &self.atoms.forces;
        let mut found = vec![self.thermo.last_line()];
        if forces.beyond > 0 {
            found.push(format!(
                "{} densities on rank 0 were beyond the table of the potential (the largest {:.4}): energies there are \
                 continued along the tangent",
                forces.beyond, forces.largest_beyond
            ));
        }
        found
    }

    fn notes(&self) -> Vec<String> {
        let domain = &self.atoms.domain;
        vec![format!(
            "{} atoms and {} ghosts on rank 0, {:.1} neighbors listed per atom, {} neighbor searches in {} steps",
            domain.atoms.len(),
            domain.ghosts(),
            domain.list.index.len() as f64 / domain.atoms.len().max(1) as f64,
            domain.builds(),
            self.clock.step
        )]
    }

    fn timings(&self) -> Vec<(&'static str, f64)> {
        let (forces, domain) = (&self.atoms.forces, &self.atoms.domain);
        let lists = domain.seconds_searching();
        let rest = self.seconds_moving - forces.seconds - forces.seconds_ghosts;
        vec![
            ("forces", forces.seconds),
            ("neighbor lists", lists),
            ("ghosts", (forces.seconds_ghosts - lists).max(0.0)),
            ("integration", rest.max(0.0)),
            ("measurement", self.seconds_measuring),
        ]
    }
}

impl Persist for MolecularDynamics {
    fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()> {
        let clock = &mut self.clock;
        for (name, value) in [
            ("clock/stage", &mut clock.stage),
            ("clock/entered", &mut clock.entered),
            ("clock/within", &mut clock.within),
            ("clock/step", &mut clock.step),
            ("clock/timed", &mut clock.timed),
            ("clock/work", &mut clock.work),
            ("clock/spared", &mut clock.spared),
        ] {
            visitor.counter(name, value)?;
        }
        let mut numbers = self.extended.numbers().to_vec();
        visitor.field("extended", &Layout::shared(&[motion::NUMBERS]), FieldMut::F64(&mut numbers))?;
        if let Ok(numbers) = <&[f64; motion::NUMBERS]>::try_from(&numbers[..]) {
            self.extended = ExtendedVariables::from_numbers(numbers);
        }
        let mut numbers = vec![self.fire.step, self.fire.mixing, self.fire.downhill];
        visitor.field("fire", &Layout::shared(&[3]), FieldMut::F64(&mut numbers))?;
        if let [step, mixing, downhill] = numbers[..] {
            self.fire = Fire { step, mixing, downhill };
        }
        let mut periodic_box = *self.atoms.domain.periodic_box();
        periodic_box.visit(visitor)?;
        if visitor.is_loading() {
            self.atoms.domain.replace(Vec::new(), periodic_box);
            self.fresh = false;
        }
        rows::visit(&mut self.atoms.domain, visitor)?;
        self.thermo.visit(visitor)?;
        self.pairs.visit(visitor)?;
        if let Some(trajectory) = &mut self.trajectory {
            trajectory.visit(visitor)?;
        }
        Ok(())
    }
}
