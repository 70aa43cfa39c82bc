//! Pass 2: forces, and energies and virials if asked.

use super::near::NearList;
use super::pack::Packed;
use super::report::Tally;
use super::sum::{PER_ONE, Sum};
use crate::foundation::simd::rows::Row;
use crate::foundation::simd::{Kernel, LANES, Lanes};
use crate::system::neighbors::Site;

/// Vectors of pairs that go through each half of the loop in turn.
const BLOCK: usize = 8;

/// What the first half of the loop knows of eight pairs. Between the halves it lies in memory: a pair takes so many
/// steps, one waiting for the other, that a processor looking a few hundred instructions ahead sees no more than three
/// vectors of pairs of the undivided loop.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Pairs {
    /// Where the tables of this pair and knot are.
    bytes: [u64; LANES],
    /// Place between two knots.
    place: [f64; LANES],
    distance: [f64; LANES],
    /// Inverse of the distance.
    inverse: [f64; LANES],
    x: [f64; LANES],
    y: [f64; LANES],
    z: [f64; LANES],
    /// Sum of the derivatives of both embedding energies; or where densities are not symmetric, that of the atom of the
    /// lower kind.
    slope: [f64; LANES],
    higher_slope: [f64; LANES],
}

impl Pairs {
    const ZERO: Pairs = Pairs {
        bytes: [0; LANES],
        place: [0.0; LANES],
        distance: [0.0; LANES],
        inverse: [0.0; LANES],
        x: [0.0; LANES],
        y: [0.0; LANES],
        z: [0.0; LANES],
        slope: [0.0; LANES],
        higher_slope: [0.0; LANES],
    };
}

/// Forces on the atoms of a near list; returns the largest term of exact sums. Energies lack those of embedding.
pub(super) struct Forces<'a, const EXACT: bool, const SYMMETRIC: bool, const TALLIED: bool> {
    pub packed: &'a Packed,
    pub sites: &'a [Site],
    pub near: &'a NearList,
    pub derivative: &'a [f64],
    pub force: &'a mut [[f64; 3]],
    pub tally: &'a mut [Tally],
}

impl<const EXACT: bool, const SYMMETRIC: bool, const TALLIED: bool> Kernel
    for Forces<'_, EXACT, SYMMETRIC, TALLIED>
{
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(self) -> f64 {
        let packed = self.packed;
        let near = self.near;
        let first_row = self.sites.as_ptr().cast::<Row>();
        let inverse_spacing = L::splat(packed.inverse_spacing);
        let last_interval = L::splat(packed.last_interval);
        let (one, zero) = (L::splat(1.0), L::splat(0.0));
        let per_one = L::splat(if EXACT { PER_ONE } else { 1.0 });
        let mut largest = zero;
        let mut scratch = [Pairs::ZERO; BLOCK];
        let mut cursor = 0;
        for (k, i) in near.range.clone().enumerate() {
            let atom = self.sites[i];
            let (x, y, z) =
                (L::splat(atom.position[0]), L::splat(atom.position[1]), L::splat(atom.position[2]));
            let own_slope = L::splat(self.derivative[i]);
            let own_kind = L::splat_word(atom.kind);
            let start = &packed.pair_start[atom.kind as usize];
            let count = near.count[k] as usize;
            let vectors = count.div_ceil(LANES);
            let indices = near.index[cursor..cursor + vectors * LANES].as_chunks::<LANES>().0;
            let mut force = [Sum::<L, EXACT>::zero(); 3];
            let mut energy = Sum::<L, EXACT>::zero();
            let mut virial = [Sum::<L, EXACT>::zero(); 6];
            let mut left = count;
            for block in indices.chunks(BLOCK) {
                for (index, pairs) in block.iter().zip(&mut scratch) {
                    // SAFETY: the near list holds indices of sites alone, checked when it was made, and there are no
                    // fewer sites and derivatives now.
                    let [other_x, other_y, other_z, kind] = unsafe { L::rows_at(first_row, index) };
                    let other_slope = unsafe { L::gather(self.derivative.as_ptr(), index) };
                    let (dx, dy, dz) = (L::sub(x, other_x), L::sub(y, other_y), L::sub(z, other_z));
                    let square = L::mul_add(dz, dz, L::mul_add(dy, dy, L::mul(dx, dx)));
                    let r = L::sqrt(square);
                    let place = L::mul(r, inverse_spacing);
                    let (whole, knot) = L::truncate(L::min(place, last_interval));
                    let kind = L::to_bits(kind);
                    let bytes = L::add_word(L::shift_left::<6>(knot), L::lookup(start, kind));
                    let bytes = if SYMMETRIC { bytes } else { L::add_word(bytes, L::shift_left::<5>(knot)) };
                    L::store_word(&mut pairs.bytes, bytes);
                    L::store(&mut pairs.place, L::min(L::sub(place, whole), one));
                    L::store(&mut pairs.distance, r);
                    L::store(&mut pairs.inverse, L::div(one, r));
                    L::store(&mut pairs.x, dx);
                    L::store(&mut pairs.y, dy);
                    L::store(&mut pairs.z, dz);
                    if SYMMETRIC {
                        L::store(&mut pairs.slope, L::add(own_slope, other_slope));
                    } else {
                        // The sign bit of the difference of kinds.
                        let is_other_lower = L::is_negative(L::from_bits(L::sub_word(kind, own_kind)));
                        L::store(&mut pairs.slope, L::select(is_other_lower, other_slope, own_slope));
                        L::store(&mut pairs.higher_slope, L::select(is_other_lower, own_slope, other_slope));
                    }
                }
                for (_, pairs) in block.iter().zip(&scratch) {
                    let p = L::load(&pairs.place);
                    let (inverse, slope) = (L::load(&pairs.inverse), L::load(&pairs.slope));
                    let (dx, dy, dz) = (L::load(&pairs.x), L::load(&pairs.y), L::load(&pairs.z));
                    let (pair, embedding) = if SYMMETRIC {
                        // SAFETY: knots are at most the last interval, and starts those of whole tables.
                        let [pair, [d0, d1, d2, _]] =
                            unsafe { L::rows::<2>(packed.pair.start(), &pairs.bytes) };
                        let density = L::mul_add(L::mul_add(d2, p, d1), p, d0);
                        (pair, L::mul(slope, density))
                    } else {
                        // SAFETY: see above.
                        let [pair, [d0, d1, d2, _], [e0, e1, e2, _]] =
                            unsafe { L::rows::<3>(packed.pair.start(), &pairs.bytes) };
                        let at_lower = L::mul_add(L::mul_add(d2, p, d1), p, d0);
                        let at_higher = L::mul_add(L::mul_add(e2, p, e1), p, e0);
                        // No fused multiply-add: from the other side it would round the other product.
                        let higher_slope = L::load(&pairs.higher_slope);
                        (pair, L::add(L::mul(slope, at_lower), L::mul(higher_slope, at_higher)))
                    };
                    // Horner's rule for the value and, alongside, the derivative.
                    let [c0, c1, c2, c3] = pair;
                    let b2 = L::mul_add(c3, p, c2);
                    let b1 = L::mul_add(b2, p, c1);
                    let product = L::mul_add(b1, p, c0);
                    let product_slope = L::mul(L::mul_add(L::mul_add(c3, p, b2), p, b1), inverse_spacing);
                    let pair_energy = L::mul(product, inverse);
                    let pair_slope = L::mul(L::sub(product_slope, pair_energy), inverse);
                    let slope = L::add(embedding, pair_slope);
                    if EXACT {
                        largest = L::max(largest, L::abs(slope));
                        if TALLIED {
                            let virial = L::mul(slope, L::load(&pairs.distance));
                            largest = L::max(largest, L::max(L::abs(pair_energy), L::abs(virial)));
                        }
                    }
                    let lanes = L::first_lanes(left);
                    left = left.saturating_sub(LANES);
                    let strength = L::mul(slope, inverse);
                    let strength = if EXACT { L::mul(strength, per_one) } else { strength };
                    let strength = L::select(lanes, strength, zero);
                    force[0].add_product(strength, dx);
                    force[1].add_product(strength, dy);
                    force[2].add_product(strength, dz);
                    if TALLIED {
                        energy.add_product(L::select(lanes, pair_energy, zero), per_one);
                        let (fx, fy, fz) = (L::mul(strength, dx), L::mul(strength, dy), L::mul(strength, dz));
                        virial[0].add_product(fx, dx);
                        virial[1].add_product(fy, dy);
                        virial[2].add_product(fz, dz);
                        virial[3].add_product(fy, dz);
                        virial[4].add_product(fx, dz);
                        virial[5].add_product(fx, dy);
                    }
                }
            }
            // The strength is the slope of the energy by the distance: forces go down.
            self.force[k] = [-force[0].total(PER_ONE), -force[1].total(PER_ONE), -force[2].total(PER_ONE)];
            if TALLIED {
                let tally = &mut self.tally[k];
                tally.energy = 0.5 * energy.total(PER_ONE);
                for c in 0..6 {
                    tally.virial[c] = -0.5 * virial[c].total(PER_ONE);
                }
            }
            cursor += vectors * LANES;
        }
        let terms = L::to_array(largest);
        let mut most = terms[0];
        for l in 1..LANES {
            // Also if it is not a number.
            most = if terms[l] <= most { most } else { terms[l] };
        }
        most
    }
}
