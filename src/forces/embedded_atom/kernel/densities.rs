//! Pass 1: who is within the cutoff, and the densities they make.

use super::near::{NearList, padded};
use super::pack::Packed;
use super::sum::Sum;
use crate::foundation::simd::rows::Row;
use crate::foundation::simd::{Kernel, LANES, Lanes};
use crate::system::neighbors::{NeighborList, Site};
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

/// The eight elements from `at` on.
macro_rules! eight {
    ($slice:expr, $at:expr) => {
        // Compilers see that the length is eight.
        <&[_; LANES]>::try_from(&$slice[$at..$at + LANES]).expect("eight elements")
    };
}
/// The eight elements from `at` on.
macro_rules! eight_mut {
    ($slice:expr, $at:expr) => {
        <&mut [_; LANES]>::try_from(&mut $slice[$at..$at + LANES]).expect("eight elements")
    };
}
pub(super) use eight;

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
            let farthest = neighbors.iter().fold(0, |most: u32, &site| most.max(site));
            assert!((farthest as usize) < self.sites.len());
            let atom = self.sites[i];
            let (x, y, z) =
                (L::splat(atom.position[0]), L::splat(atom.position[1]), L::splat(atom.position[2]));
            let mut count = 0;
            macro_rules! collect {
                ($index:expr, $lanes:expr) => {{
                    let index: &[u32; LANES] = $index;
                    // SAFETY: all indices are below the number of sites, each of which is laid out as a row.
                    let [other_x, other_y, other_z, kind] = unsafe { L::rows_at(first_row, index) };
                    let (dx, dy, dz) = (L::sub(x, other_x), L::sub(y, other_y), L::sub(z, other_z));
                    let square = L::mul_add(dz, dz, L::mul_add(dy, dy, L::mul(dx, dx)));
                    let square = match $lanes {
                        None => square,
                        Some(lanes) => L::select(L::first_lanes(lanes), square, square_cutoff),
                    };
                    let is_near = L::less(square, square_cutoff);
                    L::pack_index(is_near, index, eight_mut!(near.index, cursor + count));
                    L::pack(is_near, square, eight_mut!(near.square, count));
                    L::pack(is_near, kind, eight_mut!(near.kind, count));
                    count += L::count(is_near);
                }};
            }
            let (whole, rest) = neighbors.as_chunks::<LANES>();
            for index in whole {
                collect!(index, None::<usize>);
            }
            if !rest.is_empty() {
                let mut index = [rest[0]; LANES];
                index[..rest.len()].copy_from_slice(rest);
                collect!(&index, Some(rest.len()));
            }
            near.count[k] = count as u32;
            if count > 0 {
                // What fills up the last vector repeats the first neighbor.
                let (index, square, kind) = (near.index[cursor], near.square[0], near.kind[0]);
                *eight_mut!(near.index, cursor + count) = [index; LANES];
                *eight_mut!(near.square, count) = [square; LANES];
                *eight_mut!(near.kind, count) = [kind; LANES];
            }
            let start = &packed.density_start[atom.kind as usize];
            let vectors = count.div_ceil(LANES);
            let mut sum = Sum::<L, EXACT>::zero();
            for v in 0..vectors {
                let square = L::load(eight!(near.square, v * LANES));
                let kind = L::to_bits(L::load(eight!(near.kind, v * LANES)));
                shortest = L::min(shortest, square);
                let place = L::mul(L::sqrt(square), inverse_spacing);
                let (whole, knot) = L::truncate(L::min(place, last_interval));
                let p = L::min(L::sub(place, whole), one);
                // SAFETY: knots are at most the last interval, and starts those of tables with all their knots.
                let [[c0, c1, c2, c3]] = unsafe {
                    L::rows::<1>(packed.density.start(), L::add_word(knot, L::lookup(start, kind)))
                };
                let value = L::mul_add(L::mul_add(L::mul_add(c3, p, c2), p, c1), p, c0);
                let value = L::select(L::first_lanes(count - v * LANES), value, zero);
                sum.add_product(value, unit);
            }
            self.density[k] = sum.total(vectors, self.unit);
            cursor += padded(count);
        }
        let squares = L::to_array(shortest);
        let mut least = squares[0];
        for l in 1..LANES {
            least = if squares[l] < least { squares[l] } else { least };
        }
        least.sqrt()
    }
}
