//! Forces on the atoms of a domain: two loops over neighbors with a refresh of ghosts between them.

use super::domain::Domain;
use crate::forces::embedded_atom::EmbeddedAtom;
use crate::forces::embedded_atom::kernel::{Accumulation, EmbeddedAtomKernel, NearList, Tally};
use crate::foundation::simd::InstructionSet;
use crate::foundation::{Error, Result};
use rayon::prelude::*;
use std::time::Instant;

/// Atoms a thread takes at a time. Fixed, so that nothing depends on the number of threads.
const ATOMS_PER_TASK: usize = 512;

/// The interaction and what it last computed, for the owned atoms in the order of the domain.
pub struct Forces {
    kernel: EmbeddedAtomKernel,
    set: InstructionSet,
    accumulation: Accumulation,
    threads: usize,
    near: Vec<NearList>,
    density: Vec<f64>,
    derivative: Vec<f64>,
    /// Forces (eV/Angstrom).
    pub force: Vec<[f64; 3]>,
    /// Energies and virials (eV).
    pub tally: Vec<Tally>,
    /// Densities met beyond the end of their table, so far on this rank.
    pub beyond: u64,
    /// The largest of them.
    pub largest_beyond: f64,
    /// Seconds spent in the loops over neighbors.
    pub seconds: f64,
    /// Seconds spent on ghosts between them.
    pub seconds_ghosts: f64,
}

/// Neighbors and densities of the atoms of a task.
type DensityTask<'a> = (&'a mut NearList, &'a mut [f64]);
/// Neighbors, forces and tallies of the atoms of a task.
type ForceTask<'a> = ((&'a NearList, &'a mut [[f64; 3]]), &'a mut [Tally]);

/// Does all tasks, numbered, on some threads; whether all succeeded.
fn complete_all<T: Send>(
    threads: usize,
    tasks: impl Iterator<Item = T>,
    work: impl Fn((usize, T)) -> bool + Sync + Send,
) -> bool {
    if threads == 1 {
        return tasks.enumerate().all(work);
    }
    let tasks: Vec<(usize, T)> = tasks.enumerate().collect();
    tasks.into_par_iter().map(work).reduce(|| true, |a, b| a && b)
}

impl Forces {
    /// The forces of a potential, with sums over neighbors that are exact or fast.
    #[must_use]
    pub fn new(potential: &EmbeddedAtom, is_exact: bool, threads: usize) -> Self {
        Forces {
            kernel: EmbeddedAtomKernel::new(potential),
            set: InstructionSet::detect(),
            accumulation: if is_exact { Accumulation::Exact } else { Accumulation::Fast },
            threads,
            near: Vec::new(),
            density: Vec::new(),
            derivative: Vec::new(),
            force: Vec::new(),
            tally: Vec::new(),
            beyond: 0,
            largest_beyond: 0.0,
            seconds: 0.0,
            seconds_ghosts: 0.0,
        }
    }

    /// Forces, energies and virials of all atoms where they are now. Collective.
    ///
    /// # Errors
    /// `Error::Internal` for a lost atom or forces beyond all measure, which all ranks get.
    pub fn compute(&mut self, domain: &mut Domain) -> Result<()> {
        let start = Instant::now();
        domain.update()?;
        self.seconds_ghosts += start.elapsed().as_secs_f64();
        let start = Instant::now();
        let (owned, all) = (domain.atoms.len(), domain.sites.len());
        self.near.resize_with(owned.div_ceil(ATOMS_PER_TASK), NearList::default);
        self.density.resize(owned, 0.0);
        self.derivative.resize(all, 0.0);
        self.force.resize(owned, [0.0; 3]);
        self.tally.resize(owned, Tally::default());
        let (kernel, set, accumulation) = (&self.kernel, self.set, self.accumulation);
        let (sites, list) = (&domain.sites[..], &domain.list);
        let range = |task: usize| task * ATOMS_PER_TASK..((task + 1) * ATOMS_PER_TASK).min(owned);
        let dense = |(task, (near, density)): (usize, DensityTask<'_>)| {
            !kernel.densities(set, accumulation, sites, list, range(task), near, density).is_overflow
        };
        let tasks = self.near.iter_mut().zip(self.density.chunks_mut(ATOMS_PER_TASK));
        let fine = complete_all(self.threads, tasks, dense);
        let beyond = kernel.embed(&sites[..owned], &self.density, &mut self.derivative[..owned]);
        self.beyond += beyond.count as u64;
        self.largest_beyond = self.largest_beyond.max(beyond.largest);
        self.seconds += start.elapsed().as_secs_f64();
        let start = Instant::now();
        domain.halo.refresh(0, &mut self.derivative[..]);
        self.seconds_ghosts += start.elapsed().as_secs_f64();
        let start = Instant::now();
        let derivative = &self.derivative[..];
        let push = |(task, ((near, force), tally)): (usize, ForceTask<'_>)| {
            !kernel
                .forces(set, accumulation, sites, near, derivative, range(task), force, Some(tally))
                .is_overflow
        };
        let tasks = self
            .near
            .iter()
            .zip(self.force.chunks_mut(ATOMS_PER_TASK))
            .zip(self.tally.chunks_mut(ATOMS_PER_TASK));
        let fine = fine && complete_all(self.threads, tasks, push);
        self.seconds += start.elapsed().as_secs_f64();
        domain.comm.agree(if fine { Ok(()) } else { Err(self.overflow(domain)) })
    }

    /// What to say of forces no fixed-point number holds: the atom it is worst for.
    fn overflow(&self, domain: &Domain) -> Error {
        let closest = (0..domain.atoms.len())
            .flat_map(|atom| domain.list.of(atom).iter().map(move |&site| (atom, site as usize)))
            .map(|(atom, site)| {
                let (a, b) = (domain.sites[atom].position, domain.sites[site].position);
                let square = (0..3).map(|d| (a[d] - b[d]) * (a[d] - b[d])).sum::<f64>();
                (square.sqrt(), atom)
            })
            .min_by(|a, b| a.0.total_cmp(&b.0));
        Error::Internal(match closest {
            Some((distance, atom)) => format!(
                "forces grew beyond all measure: atom {} at {:?} Angstrom has a neighbor {distance:.4} Angstrom away; \
                 expected a shorter time step or a start without overlaps",
                domain.atoms[atom].id, domain.atoms[atom].position
            ),
            None => "forces grew beyond all measure".into(),
        })
    }
}
