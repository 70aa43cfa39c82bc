//! How the ranks of a job share replicas and domains: groups of replicas, each on a grid of domains.

use super::grid::{self, Grid};
use super::{Comm, serial::Serial};
use std::rc::Rc;

/// The three groups a rank belongs to. Ranks are numbered group by group, so that the domains of one replica are
/// neighbors on the machine.
#[derive(Clone)]
pub struct Arrangement {
    /// All ranks of the job.
    pub world: Rc<dyn Comm>,
    /// The ranks that hold the same domain of other replicas.
    pub replicas: Rc<dyn Comm>,
    /// The ranks that hold the other domains of the same replicas.
    pub domains: Rc<dyn Comm>,
    /// The grid of domains.
    pub grid: Grid,
}

impl Arrangement {
    /// Arranges all ranks; their number must be a multiple of the number of domains. Collective.
    #[must_use]
    pub fn new(world: Rc<dyn Comm>, grid: Grid) -> Self {
        let domains = grid::domains(grid);
        if domains == 1 {
            return Arrangement { replicas: Rc::clone(&world), world, domains: Rc::new(Serial), grid };
        }
        let rank = world.rank();
        Arrangement {
            replicas: world.split(rank % domains),
            domains: world.split(rank / domains),
            world,
            grid,
        }
    }

    /// One rank without MPI.
    #[must_use]
    pub fn serial() -> Self {
        Self::new(Rc::new(Serial), [1, 1, 1])
    }

    /// Whether this rank keeps the books of its replicas (series, counts, energies), which are known to all their
    /// domains and stored once.
    #[must_use]
    pub fn keeps_books(&self) -> bool {
        self.domains.rank() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::threads;

    #[test]
    fn every_rank_has_its_place_among_replicas_and_domains() {
        let places = threads::run(6, |world| {
            let arrangement = Arrangement::new(world, [1, 3, 1]);
            (arrangement.replicas.rank(), arrangement.replicas.size(), arrangement.domains.rank())
        });
        assert_eq!(places, vec![(0, 2, 0), (0, 2, 1), (0, 2, 2), (1, 2, 0), (1, 2, 1), (1, 2, 2)]);
    }
}
