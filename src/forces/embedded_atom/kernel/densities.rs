//! Pass 1: who is within the cutoff, and the densities they make.

use super::near::NearList;
use super::pack::Packed;
use super::sum::Sum;
use crate::foundation::simd::rows::Row;
use crate::foundation::simd::{Kernel, LANES, Lanes};
use crate::system::neighbors::{NeighborList, Site};
use crate::three;
use std::ops::Range;

/// Densities at the atoms of a range; returns the shortest distance.
pub(super) struct Densities<'a, const EXACT: bool> {
    pub packed: &'a Packed,
    pub sites: &'a [Site],
    pub list: &'a NeighborList,
    pub range: Range<usize>,
    pub near: &'a mut NearList,
    pub density: &'a mut [f64],
    pub unit: f64,
}

/// The largest index, or 0.
#[inline(always)]
fn farthest(index: &[u32]) -> u32 {
    const WIDTH: usize = 2 * LANES;
    let (whole, rest) = index.as_chunks::<WIDTH>();
    let mut most = [0; WIDTH];
    for chunk in whole {
        for l in 0..WIDTH {
            most[l] = most[l].max(chunk[l]);
        }
    }
    // The end once more, with some of what came before, is faster than the rest one by one.
    if let Some(chunk) = index.last_chunk::<WIDTH>() {
        for l in 0..WIDTH {
            most[l] = most[l].max(chunk[l]);
        }
    } else {
        for &site in rest {
            most[0] = most[0].max(site);
        }
    }
    let mut farthest = 0;
    for l in 0..WIDTH {
        farthest = most[l].max(farthest);
    }
    farthest
}

impl<const EXACT: bool> Kernel for Densities<'_, EXACT> {
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(self) -> f64 {
        let packed = self.packed;
        let first_row = self.sites.as_ptr().cast::<Row>();
        let square_cutoff = L::splat(packed.square_cutoff);
        let inverse_spacing = L::splat(packed.inverse_spacing);
        let last_interval = L::splat(packed.last_interval);
        let unit = L::splat(if EXACT { self.unit } else { 1.0 });
        let (one, zero) = (L::splat(1.0), L::splat(0.0));
        let near = self.near;
        let mut shortest = L::splat(f64::INFINITY);
        let mut cursor = 0;
        for (k, i) in self.range.clone().enumerate() {
            let neighbors = self.list.of(i);
            near.make_room(cursor, neighbors.len());
            assert!((farthest(neighbors) as usize) < self.sites.len());
            // SAFETY of all uses: there is room for all neighbors from the cursor on, and for one vector more.
            let to_index = unsafe { near.index.as_mut_ptr().add(cursor) };
            let (squares, kinds) = (near.square.as_mut_ptr(), near.kind.as_mut_ptr());
            let atom = self.sites[i];
            let [x, y, z] = three!(d => L::splat(atom.position[d]));
            let mut count = 0;
            macro_rules! collect {
                // Lanes before `from` or not before `to` do not count.
                ($index:expr, $from:expr, $to:expr) => {{
                    let index: &[u32; LANES] = $index;
                    // SAFETY: all indices are below the number of sites, each of which is laid out as a row.
                    let [other_x, other_y, other_z, kind] = unsafe { L::rows_at(first_row, index) };
                    let (dx, dy, dz) = (L::sub(x, other_x), L::sub(y, other_y), L::sub(z, other_z));
                    let mut square = L::mul_add(dz, dz, L::mul_add(dy, dy, L::mul(dx, dx)));
                    if $from > 0 {
                        square = L::select(L::first_lanes($from), square_cutoff, square);
                    }
                    if $to < LANES {
                        square = L::select(L::first_lanes($to), square, square_cutoff);
                    }
                    let is_near = L::less(square, square_cutoff);
                    unsafe {
                        L::pack_index(is_near, index, &mut *to_index.add(count).cast());
                        L::pack(is_near, square, &mut *squares.add(count).cast());
                        L::pack(is_near, kind, &mut *kinds.add(count).cast());
                    }
                    count += L::count(is_near);
                }};
            }
            let (whole, rest) = neighbors.as_chunks::<LANES>();
            for index in whole {
                collect!(index, 0, LANES);
            }
            if !rest.is_empty() {
                if let Some(last) = neighbors.last_chunk::<LANES>() {
                    collect!(last, LANES - rest.len(), LANES);
                } else {
                    let mut index = [rest[0]; LANES];
                    index[..rest.len()].copy_from_slice(rest);
                    collect!(&index, 0, rest.len());
                }
            }
            near.count[k] = count as u32;
            if count > 0 {
                // What fills up the last vector repeats the first neighbor.
                unsafe {
                    *to_index.add(count).cast() = [*to_index; LANES];
                    *squares.add(count).cast() = [*squares; LANES];
                    *kinds.add(count).cast() = [*kinds; LANES];
                }
            }
            let start = &packed.density_start[atom.kind as usize];
            let vectors = count.div_ceil(LANES);
            let squares = near.square[..vectors * LANES].as_chunks::<LANES>().0;
            let kinds = near.kind[..vectors * LANES].as_chunks::<LANES>().0;
            let mut sum = Sum::<L, EXACT>::zero();
            let mut left = count;
            for (square, kind) in squares.iter().zip(kinds) {
                let (square, kind) = (L::load(square), L::to_bits(L::load(kind)));
                shortest = L::min(shortest, square);
                let place = L::mul(L::sqrt(square), inverse_spacing);
                let (whole, knot) = L::truncate(L::min(place, last_interval));
                let p = L::min(L::sub(place, whole), one);
                let mut bytes = [0; LANES];
                L::store_word(&mut bytes, L::add_word(L::shift_left::<5>(knot), L::lookup(start, kind)));
                // SAFETY: knots are at most the last interval, and starts those of tables with all their knots.
                let [[c0, c1, c2, c3]] = unsafe { L::rows::<1>(packed.density.start(), &bytes) };
                let value = L::mul_add(L::mul_add(L::mul_add(c3, p, c2), p, c1), p, c0);
                sum.add_product(L::select(L::first_lanes(left), value, zero), unit);
                left = left.saturating_sub(LANES);
            }
            self.density[k] = sum.total(self.unit);
            cursor += vectors * LANES;
        }
        let squares = L::to_array(shortest);
        let mut least = squares[0];
        for l in 1..LANES {
            least = if squares[l] < least { squares[l] } else { least };
        }
        least.sqrt()
    }
}
