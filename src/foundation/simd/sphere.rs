//! Unit vectors in fields: their heat bath and their half turn, several at once.

use super::Arithmetic;
use super::math::{exp, ln, sin_cos_octant};
use super::random::{RandomBits, uniform};
use crate::three;

/// a . b
#[inline(always)]
#[must_use]
pub fn dot<L: Arithmetic>(a: &[L::Float; 3], b: &[L::Float; 3]) -> L::Float {
    L::mul_add(a[0], b[0], L::mul_add(a[1], b[1], L::mul(a[2], b[2])))
}

/// Below this beta |H| the distribution of spins is uniform for all purposes: <S.h> would be a third of it.
const WEAK_FIELD: f64 = 1e-6;
/// Added to H_z so that a field of exactly zero still has a direction; far below any rounding of a real field.
const TINY_FIELD: f64 = 1e-150;

/// |H|, beta |H| and exp(-2 beta |H|) of a spin field.
pub struct Strength<A: Arithmetic> {
    /// |H|
    pub norm: A::Float,
    /// beta |H|, at least [`WEAK_FIELD`]
    pub x: A::Float,
    /// exp(-2 beta |H|)
    pub decay: A::Float,
}

/// The strength of a field.
#[inline(always)]
#[must_use]
pub fn strength<A: Arithmetic>(field: &[A::Float; 3], inverse_temperature: f64) -> Strength<A> {
    let norm = A::sqrt(dot::<A>(field, field));
    let x = A::max(A::mul(norm, A::splat(inverse_temperature)), A::splat(WEAK_FIELD));
    let decay = exp::<A>(A::max(A::mul(x, A::splat(-2.0)), A::splat(-690.0)));
    Strength { norm, x, decay }
}

/// Draws unit vectors with density proportional to exp(beta S.H); returns them and S.H.
///
/// The component along H is z = 1 + ln(u + (1 - u) exp(-2x))/x with x = beta |H|; the azimuth comes from an octant
/// and two random bits, so that no range reduction is needed. A Householder reflection carries the pole to H: with
/// s = sign(H_z) and v = H/|H| + s z, S = S_0 - v (v.S_0) / (1 + |H_z|/|H|). It has no special direction: the
/// denominator is never below 1.
#[inline(always)]
pub fn draw_spin<A: Arithmetic>(
    field: &[A::Float; 3],
    strength: &Strength<A>,
    inverse_temperature: f64,
    random: &mut impl RandomBits<A>,
) -> ([A::Float; 3], A::Float) {
    let one = A::splat(1.0);
    let norm = strength.norm;
    // One division serves both 1/|H| and 1/(|H| + |H_z|).
    let sum = A::add(norm, A::abs(field[2]));
    let inverse_product = A::div(one, A::mul(norm, sum));
    let inverse_norm = A::mul(inverse_product, sum);
    let inverse_sum = A::mul(inverse_product, norm);

    let u = uniform::<A>(random.bits());
    let argument = A::mul_add(A::sub(one, u), strength.decay, u);
    let inverse_x =
        A::min(A::mul(inverse_norm, A::splat(1.0 / inverse_temperature)), A::splat(1.0 / WEAK_FIELD));
    // Rounding may carry it past the poles by a unit in the last place, where the radius must not be that of -0.
    let height = A::mul_add(ln::<A>(argument), inverse_x, one);
    let square = A::mul(A::sub(one, height), A::add(one, height));
    let radius = A::sqrt(A::max(square, A::splat(0.0)));

    let bits = random.bits();
    let octant = A::mul(A::sub(uniform::<A>(bits), A::splat(0.5)), A::splat(std::f64::consts::FRAC_PI_2));
    let (sine, cosine) = sin_cos_octant::<A>(octant);
    // The two lowest bits, unused by the uniform number, choose among the four quadrants.
    let exchange = A::is_negative(A::from_bits(A::shift_left::<63>(bits)));
    let reverse = A::from_bits(A::shift_left::<62>(bits));
    let signed = A::flip_sign(radius, reverse);
    let along_x = A::mul(signed, A::select(exchange, sine, cosine));
    let along_y = A::mul(signed, A::select(exchange, cosine, sine));

    let projection = A::mul(A::mul_add(field[0], along_x, A::mul(field[1], along_y)), inverse_sum);
    let factor = A::mul(A::sub(projection, height), inverse_norm);
    let spin = [
        A::neg_mul_add(field[0], factor, along_x),
        A::neg_mul_add(field[1], factor, along_y),
        A::neg_mul_add(field[2], factor, A::neg(A::flip_sign(projection, field[2]))),
    ];
    (spin, A::mul(height, norm))
}

/// A field that has a direction even where it vanishes.
#[inline(always)]
#[must_use]
pub fn regular<A: Arithmetic>(field: [A::Float; 3]) -> [A::Float; 3] {
    [field[0], field[1], A::add(field[2], A::splat(TINY_FIELD))]
}

/// The unit vectors turned half around their fields, which keeps S.H. One Newton step keeps |S| = 1.
#[inline(always)]
#[must_use]
pub fn half_turn<A: Arithmetic>(spin: &[A::Float; 3], field: &[A::Float; 3]) -> [A::Float; 3] {
    let along = dot::<A>(spin, field);
    let square = A::add(dot::<A>(field, field), A::splat(1e-300));
    let factor = A::div(A::add(along, along), square);
    let spin = three!(d => A::sub(A::mul(factor, field[d]), spin[d]));
    let length = A::neg_mul_add(dot::<A>(&spin, &spin), A::splat(0.5), A::splat(1.5));
    three!(d => A::mul(spin[d], length))
}
