//! Who is near whom, by sorting sites into cells half as wide as the range.

use super::neighbors::{NeighborList, Site};

/// Cells per site at most: in thin gases wider cells do as well.
const CELLS_PER_SITE: usize = 4;

/// Cells in each direction that a range covers.
const REACH: usize = 2;

/// Sites sorted into cells, and memory that is kept from one search to the next.
#[derive(Debug, Default)]
pub struct NeighborSearch {
    low: [f64; 3],
    cells_per_length: [f64; 3],
    cells: [usize; 3],
    /// Where each cell begins among the sorted sites.
    first: Vec<u32>,
    order: Vec<u32>,
    sorted: [Vec<f64>; 3],
}

impl NeighborSearch {
    /// Lists, for the first `owned` sites, all others closer than `range`.
    pub fn search(&mut self, sites: &[Site], owned: usize, range: f64, list: &mut NeighborList) {
        self.sort(sites, range);
        list.first.clear();
        list.first.push(0);
        list.index.clear();
        let square = range * range;
        for (atom, site) in sites[..owned].iter().enumerate() {
            self.append(atom as u32, site.position, square, &mut list.index);
            list.first.push(list.index.len() as u32);
        }
    }

    fn cell_along(&self, d: usize, x: f64) -> usize {
        (((x - self.low[d]) * self.cells_per_length[d]) as usize).min(self.cells[d] - 1)
    }

    fn sort(&mut self, sites: &[Site], range: f64) {
        let mut high = [f64::NEG_INFINITY; 3];
        self.low = [f64::INFINITY; 3];
        for site in sites {
            for d in 0..3 {
                self.low[d] = self.low[d].min(site.position[d]);
                high[d] = high[d].max(site.position[d]);
            }
        }
        let extent: [f64; 3] = std::array::from_fn(|d| (high[d] - self.low[d]).max(0.0));
        let mut width = range / REACH as f64;
        loop {
            self.cells = extent.map(|length| ((length / width) as usize).max(1));
            let product = self.cells.iter().map(|&n| n as f64).product::<f64>();
            if product <= (CELLS_PER_SITE * sites.len() + 64) as f64 {
                break;
            }
            width *= 1.26;
        }
        // Never more cells than fit at full width, so REACH of them always cover the range.
        self.cells_per_length =
            std::array::from_fn(|d| if extent[d] > 0.0 { self.cells[d] as f64 / extent[d] } else { 0.0 });
        let count = self.cells.iter().product::<usize>();
        let cell_of: Vec<u32> = sites
            .iter()
            .map(|site| {
                let [x, y, z] = std::array::from_fn(|d| self.cell_along(d, site.position[d]));
                ((x * self.cells[1] + y) * self.cells[2] + z) as u32
            })
            .collect();
        self.first.clear();
        self.first.resize(count + 1, 0);
        cell_of.iter().for_each(|&cell| self.first[cell as usize + 1] += 1);
        (0..count).for_each(|cell| self.first[cell + 1] += self.first[cell]);
        let mut next = self.first.clone();
        self.order.resize(sites.len(), 0);
        self.sorted.iter_mut().for_each(|column| column.resize(sites.len(), 0.0));
        for (site, &cell) in cell_of.iter().enumerate() {
            let at = next[cell as usize] as usize;
            next[cell as usize] += 1;
            self.order[at] = site as u32;
            (0..3).for_each(|d| self.sorted[d][at] = sites[site].position[d]);
        }
    }

    fn append(&self, atom: u32, position: [f64; 3], square: f64, index: &mut Vec<u32>) {
        let [x, y, z] = std::array::from_fn(|d| self.cell_along(d, position[d]));
        let around = |d: usize, at: usize| at.saturating_sub(REACH)..(at + REACH + 1).min(self.cells[d]);
        let column = around(2, z);
        for row in around(0, x).flat_map(|x| around(1, y).map(move |y| (x, y))) {
            let base = (row.0 * self.cells[1] + row.1) * self.cells[2];
            let range = self.first[base + column.start] as usize..self.first[base + column.end] as usize;
            let mut end = index.len();
            // Room for all of the row; entries too far away are overwritten by the next one, which saves a branch that
            // no processor predicts.
            index.resize(end + range.len(), 0);
            let [xs, ys, zs] = self.sorted.each_ref().map(|column| &column[range.clone()]);
            let sites = &self.order[range.clone()];
            for k in 0..range.len() {
                let (dx, dy, dz) = (xs[k] - position[0], ys[k] - position[1], zs[k] - position[2]);
                let near = dx * dx + dy * dy + dz * dz < square && sites[k] != atom;
                index[end] = sites[k];
                end += usize::from(near);
            }
            index.truncate(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::random::Key;

    #[test]
    fn every_near_pair_is_listed_once_from_either_side_and_no_other() {
        let mut stream = Key::new(11).stream();
        for (count, extent, range) in [
            (300, [10.0, 12.0, 9.0], 2.5),
            (300, [40.0, 1.0, 3.0], 4.0),
            (5, [900.0, 900.0, 900.0], 1.5),
            (2, [0.0; 3], 1.0),
        ] {
            let sites: Vec<Site> = (0..count)
                .map(|_| Site {
                    position: extent.map(|length: f64| length * stream.uniform() - 3.0),
                    kind: 0,
                })
                .collect();
            let owned = count * 2 / 3 + 1;
            let (mut search, mut list) = (NeighborSearch::default(), NeighborList::default());
            for _ in 0..2 {
                search.search(&sites, owned, range, &mut list);
                assert_eq!(list.atoms(), owned);
                for atom in 0..owned {
                    let mut found = list.of(atom).to_vec();
                    found.sort_unstable();
                    let near = |&other: &usize| {
                        let d: [f64; 3] =
                            std::array::from_fn(|d| sites[atom].position[d] - sites[other].position[d]);
                        other != atom && d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < range * range
                    };
                    let expected: Vec<u32> = (0..count).filter(near).map(|other| other as u32).collect();
                    assert_eq!(found, expected);
                }
            }
        }
    }
}
