//! How the ranks share what is simulated, and what that takes of each; here for lattices.

use super::build::{Configuration, Subject};
use super::lattice::Lattice;
use super::sections::Domains;
use crate::foundation::{Error, Result, memory};
use crate::parallel::grid::{self, Grid};

/// Configurations in memory per replica: its state, and a copy for relaxation.
const LIVE_COPIES: f64 = 2.0;

/// Ghost cells per cell of a face between domains, about (counted on bricks of 16 to 64 cells along an edge).
const GHOSTS_PER_FACE_CELL: f64 = 2.4;

/// Cells a domain has at least where the program chooses: below this, messages take longer than sweeps.
const LEAST_CELLS: usize = 512;

impl Configuration {
    /// The grid of domains on a number of ranks.
    ///
    /// # Errors
    /// `Error::Configuration` if the grid asked for cannot work, naming one that would.
    pub fn grid(&self, ranks: usize) -> Result<Grid> {
        match &self.subject {
            Subject::Lattice(lattice) => lattice.grid(&self.domains, ranks),
            Subject::Atoms(atoms) => atoms.grid(&self.domains, ranks),
        }
    }

    /// Refuses what does not fit this computer.
    ///
    /// # Errors
    /// `Error::Configuration`.
    pub fn require_memory(&self, name: &str, ranks: usize, grid: Grid) -> Result<()> {
        match &self.subject {
            Subject::Lattice(lattice) => lattice.require_memory(name, ranks, grid),
            Subject::Atoms(atoms) => atoms.require_memory(name, grid),
        }
    }
}

impl Lattice {
    /// The grid of domains of each replica.
    fn grid(&self, domains: &Domains, ranks: usize) -> Result<Grid> {
        match domains {
            Domains::Auto(_) => Ok(self.chosen_grid(ranks)),
            Domains::Grid(wanted) => self.wanted_grid(wanted.map(|n| n.unsigned_abs() as usize), ranks),
        }
    }

    /// The number of domains with which the busiest rank has least to do; the smallest of equals.
    fn chosen_grid(&self, ranks: usize) -> Grid {
        let mut best = ([1, 1, 1], self.replicas.div_ceil(ranks) as f64);
        let cells: usize = self.cells.iter().product();
        if self.can_be_cut.is_err() {
            return best.0;
        }
        for count in (2..=ranks).filter(|count| ranks.is_multiple_of(*count) && cells / count >= LEAST_CELLS)
        {
            let work = self.replicas.div_ceil(ranks / count) as f64 / count as f64;
            if let Some(grid) = grid::best(self.cells, count)
                && work < best.1
            {
                best = (grid, work);
            }
        }
        best.0
    }

    fn wanted_grid(&self, wanted: Grid, ranks: usize) -> Result<Grid> {
        let count = grid::domains(wanted);
        if count == 1 {
            return Ok(wanted);
        }
        let refuse = |why: String, instead: String| {
            Err(Error::Configuration(format!("[parallel] domains = {wanted:?}: {why}; expected {instead}.")))
        };
        if let Err(error) = &self.can_be_cut {
            return Err(Error::Configuration(format!("[parallel] domains = {wanted:?} with {error}")));
        }
        if (0..3).any(|d| wanted[d] > self.cells[d]) {
            let most: Grid = std::array::from_fn(|d| wanted[d].min(self.cells[d]));
            let works = (1..=ranks)
                .rev()
                .filter(|count| ranks.is_multiple_of(*count) && *count <= grid::domains(most))
                .find_map(|count| grid::best(self.cells, count))
                .unwrap_or([1, 1, 1]);
            return refuse(
                format!("a domain is at least one cell thick, and there are {:?} cells", self.cells),
                format!("at most {:?}, such as {works:?} on {ranks} ranks", self.cells),
            );
        }
        if !ranks.is_multiple_of(count) {
            let works = (1..=ranks.min(count))
                .rev()
                .filter(|count| ranks.is_multiple_of(*count))
                .find_map(|count| grid::best(self.cells, count))
                .unwrap_or([1, 1, 1]);
            return refuse(
                format!("{count} domains per replica do not share out {ranks} ranks"),
                format!("a multiple of {count} ranks, or a grid such as {works:?}"),
            );
        }
        Ok(wanted)
    }

    /// Most replicas a rank holds a domain of.
    #[must_use]
    pub fn replicas_per_rank(&self, ranks: usize, grid: Grid) -> usize {
        self.replicas.div_ceil((ranks / grid::domains(grid)).max(1))
    }

    /// Bytes of configurations and tables, and of series, on the rank that has most.
    #[must_use]
    pub fn memory_per_rank(&self, ranks: usize, grid: Grid) -> [f64; 2] {
        let groups = (ranks / grid::domains(grid)).max(1);
        let edge = |d: usize| self.cells[d].div_ceil(grid[d]) as f64;
        let face = |d: usize| if grid[d] > 1 { 2.0 * edge((d + 1) % 3) * edge((d + 2) % 3) } else { 0.0 };
        let owned = edge(0) * edge(1) * edge(2);
        let sites_of_cell = self.sites as f64 / self.cells.iter().product::<usize>() as f64;
        let sites = sites_of_cell * (owned + GHOSTS_PER_FACE_CELL * (face(0) + face(1) + face(2)));
        let replicas = self.replicas_per_rank(ranks, grid) as f64;
        let [state, tables] = self.bytes_per_site;
        // Overlaps are measured where a rung's series are: its configurations come there. Annealing has one rung at a time.
        let rungs = self.temperatures.len();
        let (owners, rungs_at_once) = if self.is_annealed { (1, 1) } else { (groups.min(rungs), rungs) };
        let received = if groups > 1 { rungs_at_once.div_ceil(groups) * self.ladders } else { 0 } as f64;
        let configurations = (LIVE_COPIES * replicas + received) * state;
        [sites * (configurations + tables), self.series_bytes as f64 / owners as f64]
    }

    /// Why ranks idle rather than share a replica, if they do and the program chose so.
    #[must_use]
    pub fn why_whole(&self, domains: &Domains, ranks: usize, grid: Grid) -> Option<String> {
        let chosen = matches!(domains, Domains::Auto(_)) && grid == [1, 1, 1];
        if !chosen || ranks <= self.replicas {
            return None;
        }
        Some(match &self.can_be_cut {
            Err(error) => error.to_string(),
            Ok(()) => format!(
                "domains of fewer than {LEAST_CELLS} cells spend their time on messages; [parallel] domains = [x, y, z] \
                 cuts all the same"
            ),
        })
    }

    fn require_memory(&self, name: &str, ranks: usize, grid: Grid) -> Result<()> {
        let [states, series] = self.memory_per_rank(ranks, grid);
        let replicas = self.replicas_per_rank(ranks, grid);
        let what = format!("{name}: {replicas} replicas of {} sites in domains {grid:?}", self.sites);
        memory::require(
            states + series,
            &what,
            "fewer temperatures or copies, a smaller [system] size, or more ranks on more nodes ([parallel] domains cuts \
             replicas)",
        )
    }
}
