//! The pyrochlore lattice: corner-sharing tetrahedra, 16 sites in the cubic cell.
//!
//! Integer coordinates in units of a quarter of the cubic cell edge. A site is (cell, fcc index f, sublattice m) at
//! r = 4 cell + F_f + B_m, numbered (cell * 4 + f) * 4 + m. The UP tetrahedron of (cell, f) holds o + B_m, the DOWN
//! tetrahedron of the same origin o - B_m; every site belongs to one of each.

/// Sublattices (corners of a tetrahedron).
pub const SUBLATTICES: usize = 4;
/// Tetrahedra of either kind in the cubic cell.
pub const FCC: usize = 4;
/// Sites in the cubic cell.
pub const SITES_PER_CELL: usize = SUBLATTICES * FCC;

/// Positions of the tetrahedra in the cubic cell.
pub const FCC_POSITIONS: [[i64; 3]; FCC] = [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0]];
/// Positions of the corners relative to the origin of an UP tetrahedron.
pub const CORNERS: [[i64; 3]; SUBLATTICES] = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]];

const INVERSE_SQRT_3: f64 = 0.577_350_269_189_625_8;
/// Local axes: unit vectors from each sublattice towards the center of its UP tetrahedron.
pub const LOCAL_AXES: [[f64; 3]; SUBLATTICES] = [
    [INVERSE_SQRT_3, INVERSE_SQRT_3, INVERSE_SQRT_3],
    [INVERSE_SQRT_3, -INVERSE_SQRT_3, -INVERSE_SQRT_3],
    [-INVERSE_SQRT_3, INVERSE_SQRT_3, -INVERSE_SQRT_3],
    [-INVERSE_SQRT_3, -INVERSE_SQRT_3, INVERSE_SQRT_3],
];

/// The two tetrahedra a site belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The tetrahedron whose center lies along the local axis.
    Up,
    /// The other one.
    Down,
}

/// The lattice of `size`^3 cubic cells with periodic boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pyrochlore {
    size: usize,
}

impl Pyrochlore {
    /// A lattice of `size`^3 cubic cells, `size` at least 1.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Pyrochlore { size }
    }

    /// Cubic cells along an edge.
    #[must_use]
    pub fn size(self) -> usize {
        self.size
    }

    /// Number of cubic cells.
    #[must_use]
    pub fn cells(self) -> usize {
        self.size.pow(3)
    }

    /// Number of sites, 16 size^3.
    #[must_use]
    pub fn sites(self) -> usize {
        SITES_PER_CELL * self.cells()
    }

    /// Coordinates of a cell, each below `size`.
    #[must_use]
    pub fn cell_coordinates(self, cell: usize) -> [usize; 3] {
        let l = self.size;
        [cell / (l * l), cell / l % l, cell % l]
    }

    /// The cell at these coordinates.
    #[must_use]
    pub fn cell_at(self, [x, y, z]: [usize; 3]) -> usize {
        (x * self.size + y) * self.size + z
    }

    /// The sublattice of a site.
    #[must_use]
    pub fn sublattice(site: usize) -> usize {
        site % SUBLATTICES
    }

    /// Position of a site in units of a/4, each coordinate in 0..4 size.
    #[must_use]
    pub fn position(self, site: usize) -> [i64; 3] {
        let (cell, f, m) = (site / SITES_PER_CELL, site / SUBLATTICES % FCC, site % SUBLATTICES);
        let corner = self.cell_coordinates(cell);
        std::array::from_fn(|d| 4 * corner[d] as i64 + FCC_POSITIONS[f][d] + CORNERS[m][d])
    }

    /// The site at a position (taken modulo the box), or `None` where the lattice has none.
    #[must_use]
    pub fn site_at(self, position: [i64; 3]) -> Option<usize> {
        let edge = 4 * self.size as i64;
        let m = CORNERS.iter().position(|b| (0..3).all(|d| (position[d] - b[d]) % 2 == 0))?;
        let origin: [i64; 3] = std::array::from_fn(|d| (position[d] - CORNERS[m][d]).rem_euclid(edge));
        let f = FCC_POSITIONS.iter().position(|v| (0..3).all(|d| origin[d] % 4 == v[d]))?;
        let cell = self.cell_at(std::array::from_fn(|d| (origin[d] / 4) as usize));
        Some((cell * FCC + f) * SUBLATTICES + m)
    }

    /// The three other corners of a site's tetrahedron, in order of sublattice.
    #[must_use]
    pub fn tetrahedron_neighbors(self, site: usize, side: Side) -> [usize; 3] {
        let m = Self::sublattice(site);
        let sign = if side == Side::Up { 1 } else { -1 };
        let others = other_sublattices(m);
        let position = self.position(site);
        others.map(|other| {
            let target = std::array::from_fn(|d| position[d] + sign * (CORNERS[other][d] - CORNERS[m][d]));
            self.site_at(target).expect("every tetrahedron has four corners")
        })
    }

    /// The displacement vectors (units of a/4) from a sublattice to all sites at squared distance `square`.
    #[must_use]
    pub fn shell(m: usize, square: i64) -> Vec<[i64; 3]> {
        // A box of three cells holds every site within the range, each once.
        let probe = Pyrochlore::new(3);
        let reach = (0..).find(|r| r * r > square).unwrap_or(0);
        let mut vectors = Vec::new();
        for x in -reach..=reach {
            for y in -reach..=reach {
                for z in -reach..=reach {
                    let target = std::array::from_fn(|d| CORNERS[m][d] + [x, y, z][d]);
                    if x * x + y * y + z * z == square && probe.site_at(target).is_some() {
                        vectors.push([x, y, z]);
                    }
                }
            }
        }
        vectors
    }

    /// The 12 second neighbors (squared distance 6), all on other sublattices.
    #[must_use]
    pub fn second_neighbors(self, site: usize) -> Vec<usize> {
        self.at_displacements(site, &Self::shell(Self::sublattice(site), 6))
    }

    /// The third neighbors (squared distance 8, same sublattice): six through a site (3a), six across a hexagon (3b).
    #[must_use]
    pub fn third_neighbors(self, site: usize) -> (Vec<usize>, Vec<usize>) {
        let (through, across) = Self::third_shells(Self::sublattice(site));
        (self.at_displacements(site, &through), self.at_displacements(site, &across))
    }

    /// The displacement vectors to third neighbors through a site and across a hexagon.
    #[must_use]
    pub fn third_shells(m: usize) -> (Vec<[i64; 3]>, Vec<[i64; 3]>) {
        let nearest = Self::shell(m, 2);
        Self::shell(m, 8).into_iter().partition(|v| nearest.contains(&v.map(|x| x / 2)))
    }

    /// The sites at some displacement vectors from a site.
    #[must_use]
    pub fn at_displacements(self, site: usize, vectors: &[[i64; 3]]) -> Vec<usize> {
        let position = self.position(site);
        let target = |v: &[i64; 3]| std::array::from_fn(|d| position[d] + v[d]);
        vectors.iter().filter_map(|v| self.site_at(target(v))).collect()
    }
}

/// The three sublattices other than `m`, ascending.
#[must_use]
pub const fn other_sublattices(m: usize) -> [usize; 3] {
    match m {
        0 => [1, 2, 3],
        1 => [0, 2, 3],
        2 => [0, 1, 3],
        _ => [0, 1, 2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_site_is_found_at_its_position() {
        for size in [1, 2, 3, 5] {
            let lattice = Pyrochlore::new(size);
            for site in 0..lattice.sites() {
                assert_eq!(lattice.site_at(lattice.position(site)), Some(site));
            }
            let found = (0..4 * size as i64)
                .flat_map(|x| (0..4).flat_map(move |y| (0..4).map(move |z| [x, y, z])))
                .filter(|&p| lattice.site_at(p).is_some())
                .count();
            assert_eq!(found, 16 * size);
        }
    }

    #[test]
    fn the_cell_of_one_has_48_distinct_bonds() {
        for size in [1, 2, 3] {
            let lattice = Pyrochlore::new(size);
            let mut bonds = BTreeSet::new();
            for site in 0..lattice.sites() {
                for side in [Side::Up, Side::Down] {
                    for other in lattice.tetrahedron_neighbors(site, side) {
                        assert!(lattice.tetrahedron_neighbors(other, side).contains(&site));
                        bonds.insert((site.min(other), site.max(other)));
                    }
                }
            }
            assert_eq!(bonds.len(), 48 * size.pow(3));
        }
    }

    #[test]
    fn shells_have_6_12_and_6_plus_6_members_on_the_right_sublattices() {
        let lattice = Pyrochlore::new(2);
        for site in 0..16 {
            let m = Pyrochlore::sublattice(site);
            assert_eq!(Pyrochlore::shell(m, 2).len(), 6);
            let second = lattice.second_neighbors(site);
            assert_eq!(second.len(), 12);
            assert!(second.iter().all(|&s| Pyrochlore::sublattice(s) != m));
            let (through, across) = lattice.third_neighbors(site);
            assert_eq!((through.len(), across.len()), (6, 6));
            assert!(through.iter().chain(&across).all(|&s| Pyrochlore::sublattice(s) == m));
        }
        let (through, across) = {
            let nearest = Pyrochlore::shell(0, 2);
            Pyrochlore::shell(0, 8)
                .into_iter()
                .partition::<Vec<_>, _>(|v| nearest.contains(&v.map(|x| x / 2)))
        };
        assert!(through.contains(&[0, 2, 2]) && across.contains(&[0, 2, -2]));
    }

    #[test]
    fn axes_point_to_the_center_of_the_up_tetrahedron() {
        for m in 0..4 {
            for other in other_sublattices(m) {
                let dot: f64 = (0..3).map(|d| LOCAL_AXES[m][d] * LOCAL_AXES[other][d]).sum();
                assert!((dot + 1.0 / 3.0).abs() < 1e-15);
                let bond: [f64; 3] = std::array::from_fn(|d| (CORNERS[other][d] - CORNERS[m][d]) as f64);
                let along: f64 = (0..3).map(|d| bond[d] * LOCAL_AXES[m][d]).sum::<f64>() / 2f64.sqrt();
                assert!((along - (2.0f64 / 3.0).sqrt()).abs() < 1e-15);
            }
        }
    }
}
