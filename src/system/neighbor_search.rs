//! Who is near whom, by sorting sites into cells half as wide as the range.

use super::neighbors::{NeighborList, Site};
use crate::foundation::simd::{InstructionSet, Kernel, LANES, Lanes, dispatch_to};

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
        dispatch_to(
            InstructionSet::detect(),
            Search { cells: self, sites, owned, square: range * range, list },
        );
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
        // Eight more than there are, so that eight can be looked at anywhere.
        self.order.resize(sites.len() + LANES, 0);
        self.sorted.iter_mut().for_each(|column| column.resize(sites.len() + LANES, 0.0));
        for (site, &cell) in cell_of.iter().enumerate() {
            let at = next[cell as usize] as usize;
            next[cell as usize] += 1;
            self.order[at] = site as u32;
            (0..3).for_each(|d| self.sorted[d][at] = sites[site].position[d]);
        }
    }
}

/// The search proper, eight candidates at a time.
struct Search<'a> {
    cells: &'a NeighborSearch,
    sites: &'a [Site],
    owned: usize,
    square: f64,
    list: &'a mut NeighborList,
}

fn eight<T>(values: &[T], at: usize) -> &[T; LANES] {
    values[at..].first_chunk().expect("columns are padded")
}

impl Kernel for Search<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Search { cells: search, sites, owned, square, list } = self;
        let [xs, ys, zs] = &search.sorted;
        let far = L::splat(square);
        // Entries of the list; beyond them there is room for a row.
        let mut end = 0;
        for (atom, site) in sites[..owned].iter().enumerate() {
            let start = end;
            let [x, y, z] = std::array::from_fn(|d| search.cell_along(d, site.position[d]));
            let at = site.position.map(|x| L::splat(x));
            let around =
                |d: usize, at: usize| at.saturating_sub(REACH)..(at + REACH + 1).min(search.cells[d]);
            let column = around(2, z);
            for (x, y) in around(0, x).flat_map(|x| around(1, y).map(move |y| (x, y))) {
                let base = (x * search.cells[1] + y) * search.cells[2];
                let row =
                    search.first[base + column.start] as usize..search.first[base + column.end] as usize;
                if list.index.len() < end + row.len() + LANES {
                    list.index.resize(2 * (end + row.len() + LANES), 0);
                }
                for k in row.clone().step_by(LANES) {
                    let dx = L::sub(L::load(eight(xs, k)), at[0]);
                    let dy = L::sub(L::load(eight(ys, k)), at[1]);
                    let dz = L::sub(L::load(eight(zs, k)), at[2]);
                    let distance = L::mul_add(dz, dz, L::mul_add(dy, dy, L::mul(dx, dx)));
                    let distance = if row.end - k >= LANES {
                        distance
                    } else {
                        L::select(L::first_lanes(row.end - k), distance, far)
                    };
                    let near = L::less(distance, far);
                    let to = list.index[end..].first_chunk_mut().expect("room was made");
                    L::pack_index(near, eight(&search.order, k), to);
                    end += L::count(near);
                }
            }
            // An atom is near itself.
            if let Some(own) = list.index[start..end].iter().position(|&other| other as usize == atom) {
                list.index.copy_within(start + own + 1..end, start + own);
                end -= 1;
            }
            list.first.push(end as u32);
        }
        list.index.truncate(end);
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
