//! Chains, square lattices and cubic lattices of sites, periodic, cut into blocks of a few sites that serve as cells.

/// A periodic hypercubic lattice in one to three dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hypercubic {
    lengths: [usize; 3],
    dimensions: usize,
}

impl Hypercubic {
    /// The lattice with these one to three lengths.
    #[must_use]
    pub fn new(lengths: &[usize]) -> Self {
        let at = |d: usize| lengths.get(d).copied().unwrap_or(1);
        Hypercubic { lengths: [at(0), at(1), at(2)], dimensions: lengths.len().min(3) }
    }

    /// Sites along x, y, z; 1 along axes the lattice does not have.
    #[must_use]
    pub fn lengths(&self) -> [usize; 3] {
        self.lengths
    }

    /// Number of axes.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Sites.
    #[must_use]
    pub fn sites(&self) -> usize {
        self.lengths.iter().product()
    }

    /// Bonds: one per site and axis. On an axis of length 2 two bonds join the same sites.
    #[must_use]
    pub fn bonds(&self) -> usize {
        self.sites() * self.dimensions
    }

    /// The number of a site, z fastest.
    #[must_use]
    pub fn number(&self, [x, y, z]: [usize; 3]) -> u64 {
        ((x * self.lengths[1] + y) * self.lengths[2] + z) as u64
    }

    /// The site one step back along an axis.
    #[must_use]
    pub fn before(&self, mut site: [usize; 3], axis: usize) -> [usize; 3] {
        site[axis] = (site[axis] + self.lengths[axis] - 1) % self.lengths[axis];
        site
    }

    /// The largest blocks with edges that divide the lengths, are powers of two and at most `most`.
    #[must_use]
    pub fn blocks(&self, most: [usize; 3]) -> Block {
        let edge = |d: usize| {
            let powers = (0..).map(|k| 1 << k).take_while(|&e| e <= most[d]);
            powers.filter(|&e| self.lengths[d].is_multiple_of(e)).max().unwrap_or(1)
        };
        Block { edges: [edge(0), edge(1), edge(2)] }
    }
}

/// A block of sites; its sites are numbered like those of the lattice, z fastest. The corner of every block of a lattice
/// has even coordinates, so that all blocks are colored alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Sites along x, y, z.
    pub edges: [usize; 3],
}

impl Block {
    /// Sites.
    #[must_use]
    pub fn sites(&self) -> usize {
        self.edges.iter().product()
    }

    /// Blocks of a lattice along each axis.
    #[must_use]
    pub fn count(&self, lattice: &Hypercubic) -> [usize; 3] {
        std::array::from_fn(|d| lattice.lengths[d] / self.edges[d])
    }

    /// By how much the number of a site grows along an axis.
    #[must_use]
    pub fn stride(&self, axis: usize) -> usize {
        self.edges[axis + 1..].iter().product()
    }

    /// The coordinates of a site in the block.
    #[must_use]
    pub fn coordinates(&self, site: usize) -> [usize; 3] {
        std::array::from_fn(|d| site / self.stride(d) % self.edges[d])
    }

    /// The coordinates in the lattice of a site of the block at `cell`.
    #[must_use]
    pub fn site(&self, cell: [usize; 3], site: usize) -> [usize; 3] {
        let within = self.coordinates(site);
        std::array::from_fn(|d| cell[d] * self.edges[d] + within[d])
    }

    /// The sublattice of the checkerboard a site belongs to: 0 if the sum of its coordinates is even, or 1.
    #[must_use]
    pub fn color(&self, site: usize) -> usize {
        self.coordinates(site).iter().sum::<usize>() % 2
    }

    /// The place of a site among those of its color.
    #[must_use]
    pub fn rank(&self, site: usize) -> usize {
        (0..site).filter(|&other| self.color(other) == self.color(site)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_tile_the_lattice_and_neighbors_differ_in_color() {
        for lengths in [&[6][..], &[16, 4], &[8, 6, 2]] {
            let lattice = Hypercubic::new(lengths);
            let block = lattice.blocks([4; 3]);
            let [x, y, z] = block.count(&lattice);
            let mut seen = vec![None; lattice.sites()];
            for cell in 0..x * y * z {
                for site in 0..block.sites() {
                    let at = block.site([cell / y / z, cell / z % y, cell % z], site);
                    assert_eq!(block.color(site), at.iter().sum::<usize>() % 2);
                    assert_eq!(seen[lattice.number(at) as usize].replace((at, block.color(site))), None);
                }
            }
            for (at, color) in seen.iter().flatten() {
                for axis in 0..lengths.len() {
                    let before = lattice.number(lattice.before(*at, axis)) as usize;
                    assert_ne!(seen[before].unwrap().1, *color);
                }
            }
        }
    }

    #[test]
    fn neighboring_numbers_of_a_block_differ_in_color() {
        for lengths in [&[64][..], &[16, 8], &[4, 4, 8], &[4, 2, 6]] {
            let lattice = Hypercubic::new(lengths);
            let block = lattice.blocks([4; 3]);
            for pair in 0..block.sites() / 2 {
                assert_ne!(block.color(2 * pair), block.color(2 * pair + 1));
                assert_eq!(block.rank(2 * pair), pair);
                assert_eq!(block.rank(2 * pair + 1), pair);
            }
        }
    }
}
