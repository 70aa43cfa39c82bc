//! Moves of single sites, eight at once. Each leaves the Boltzmann distribution in its local field invariant.

use super::field::{LocalField, dot};
use super::state::Site;
use crate::foundation::simd::math::{exp, ln, sin_cos_octant};
use crate::foundation::simd::random::{Streams, uniform};
use crate::foundation::simd::{LANES, Lanes};
use crate::three;

/// The outcome of a move on eight sites.
pub struct Outcome<L: Lanes> {
    /// The sites afterwards.
    pub site: Site<L>,
    /// Energy afterwards minus before.
    pub energy_change: L::Float,
    /// 1 where the move was accepted (or, for the joint heat bath, where the displacement turned around).
    pub accepted: L::Float,
}

/// A move of a site in its local field.
pub trait SiteMove: Copy {
    /// Whether the move draws random numbers.
    const RANDOM: bool;
    /// Makes the move.
    fn apply<L: Lanes>(
        self,
        site: &Site<L>,
        field: &LocalField<L>,
        inverse_temperature: f64,
        streams: &mut Streams<L>,
    ) -> Outcome<L>;
}

/// Below this |H| beta the spin distribution is uniform to rounding.
const WEAK_FIELD: f64 = 1e-6;
/// Added to H_z so that a field of exactly zero still has a direction; far below any rounding of a real field.
const TINY_FIELD: f64 = 1e-150;

/// |H|, beta |H| and exp(-2 beta |H|) of a spin field.
struct Strength<L: Lanes> {
    norm: L::Float,
    x: L::Float,
    decay: L::Float,
}

#[inline(always)]
fn strength<L: Lanes>(field: &[L::Float; 3], inverse_temperature: f64) -> Strength<L> {
    let norm = L::sqrt(dot::<L>(field, field));
    let x = L::mul(norm, L::splat(inverse_temperature));
    let decay = exp::<L>(L::max(L::mul(x, L::splat(-2.0)), L::splat(-690.0)));
    Strength { norm, x, decay }
}

/// Draws unit vectors with density proportional to exp(beta S.H).
///
/// The component along H is z = 1 + ln(u + (1 - u) exp(-2x))/x with x = beta |H|; the azimuth comes from an octant
/// and two random bits, so that no range reduction is needed. A Householder reflection carries the pole to H: with
/// s = sign(H_z) and v = H/|H| + s z, S = S_0 - v (v.S_0) / (1 + |H_z|/|H|). It has no special direction: the
/// denominator is never below 1.
#[inline(always)]
fn draw_spin<L: Lanes>(
    field: &[L::Float; 3],
    strength: &Strength<L>,
    inverse_temperature: f64,
    streams: &mut Streams<L>,
) -> [L::Float; 3] {
    let one = L::splat(1.0);
    let norm = strength.norm;
    // One division serves both 1/|H| and 1/(|H| + |H_z|).
    let sum = L::add(norm, L::abs(field[2]));
    let inverse_product = L::div(one, L::mul(norm, sum));
    let inverse_norm = L::mul(inverse_product, sum);
    let inverse_sum = L::mul(inverse_product, norm);

    let u = uniform::<L>(streams.bits());
    let argument = L::mul_add(L::sub(one, u), strength.decay, u);
    let inverse_x = L::mul(inverse_norm, L::splat(1.0 / inverse_temperature));
    let height = L::mul_add(ln::<L>(argument), inverse_x, one);
    let flat = L::mul_add(u, L::splat(2.0), L::splat(-1.0));
    let height = L::select(L::less(strength.x, L::splat(WEAK_FIELD)), flat, height);
    let height = L::max(L::min(height, one), L::splat(-1.0));
    let radius = L::sqrt(L::mul(L::sub(one, height), L::add(one, height)));

    let bits = streams.bits();
    let octant = L::mul(L::sub(uniform::<L>(bits), L::splat(0.5)), L::splat(std::f64::consts::FRAC_PI_2));
    let (sine, cosine) = sin_cos_octant::<L>(octant);
    // The two lowest bits, unused by the uniform number, choose among the four quadrants.
    let exchange = L::less(L::sign(L::from_bits(L::shift_left::<63>(bits))), L::splat(0.0));
    let reverse = L::from_bits(L::shift_left::<62>(bits));
    let signed = L::flip_sign(radius, reverse);
    let along_x = L::mul(signed, L::select(exchange, sine, cosine));
    let along_y = L::mul(signed, L::select(exchange, cosine, sine));

    let projection = L::mul(L::mul_add(field[0], along_x, L::mul(field[1], along_y)), inverse_sum);
    let factor = L::sub(projection, height);
    let direction = three!(d => L::mul(field[d], inverse_norm));
    let sign = L::sign(field[2]);
    [
        L::neg_mul_add(direction[0], factor, along_x),
        L::neg_mul_add(direction[1], factor, along_y),
        L::neg_mul_add(L::add(direction[2], sign), factor, L::flip_sign(L::neg(height), sign)),
    ]
}

#[inline(always)]
fn regular<L: Lanes>(field: [L::Float; 3]) -> [L::Float; 3] {
    [field[0], field[1], L::add(field[2], L::splat(TINY_FIELD))]
}

/// Heat bath of the spin at fixed displacement.
#[derive(Debug, Clone, Copy)]
pub struct SpinHeatBath;

impl SiteMove for SpinHeatBath {
    const RANDOM: bool = true;
    #[inline(always)]
    fn apply<L: Lanes>(
        self,
        site: &Site<L>,
        field: &LocalField<L>,
        inverse_temperature: f64,
        streams: &mut Streams<L>,
    ) -> Outcome<L> {
        let h = regular::<L>(field.spin_field(site.tau));
        let spin = draw_spin::<L>(&h, &strength::<L>(&h, inverse_temperature), inverse_temperature, streams);
        let difference = three!(d => L::sub(site.spin[d], spin[d]));
        Outcome {
            site: Site { spin, tau: site.tau },
            energy_change: dot::<L>(&difference, &h),
            accepted: L::splat(1.0),
        }
    }
}

/// Rejection-free heat bath of displacement and spin together: the displacement from its weight with the spin
/// integrated out, w = exp(-beta tau D) sinh(x)/x at x = beta |H(tau)|, then the spin in the field that results.
#[derive(Debug, Clone, Copy)]
pub struct JointHeatBath;

impl SiteMove for JointHeatBath {
    const RANDOM: bool = true;
    #[inline(always)]
    fn apply<L: Lanes>(
        self,
        site: &Site<L>,
        field: &LocalField<L>,
        inverse_temperature: f64,
        streams: &mut Streams<L>,
    ) -> Outcome<L> {
        let one = L::splat(1.0);
        let plus = regular::<L>(three!(d => L::sub(field.fixed[d], field.turning[d])));
        let minus = regular::<L>(three!(d => L::add(field.fixed[d], field.turning[d])));
        let strength_plus = strength::<L>(&plus, inverse_temperature);
        let strength_minus = strength::<L>(&minus, inverse_temperature);
        // The ratio w(+)/w(-), numerator and denominator kept apart so that nothing is divided. The floor on x makes
        // sinh(x)/x = 1 + x^2/6 exact to 1e-11 where 1 - exp(-2x) would lose its digits.
        let floor = L::splat(1e-5);
        let x_plus = L::max(strength_plus.x, floor);
        let x_minus = L::max(strength_minus.x, floor);
        let decay_floor = L::splat((-2e-5f64).exp());
        let exponent = L::mul_add(
            L::splat(-2.0 * inverse_temperature),
            field.displacement,
            L::sub(strength_plus.x, strength_minus.x),
        );
        let exponent = L::max(L::min(exponent, L::splat(600.0)), L::splat(-600.0));
        let gain = L::mul(L::sub(one, L::min(strength_plus.decay, decay_floor)), x_minus);
        let weight_plus = L::mul(exp::<L>(exponent), gain);
        let weight_minus = L::mul(L::sub(one, L::min(strength_minus.decay, decay_floor)), x_plus);
        let u = uniform::<L>(streams.bits());
        let choose_plus = L::less(L::mul(u, L::add(weight_plus, weight_minus)), weight_plus);

        let tau = L::select(choose_plus, one, L::splat(-1.0));
        let h = three!(d => L::select(choose_plus, plus[d], minus[d]));
        let chosen = Strength {
            norm: L::select(choose_plus, strength_plus.norm, strength_minus.norm),
            x: L::select(choose_plus, strength_plus.x, strength_minus.x),
            decay: L::select(choose_plus, strength_plus.decay, strength_minus.decay),
        };
        let spin = draw_spin::<L>(&h, &chosen, inverse_temperature, streams);
        let after = Site { spin, tau };
        let turned = L::mul(L::sub(one, L::mul(tau, site.tau)), L::splat(0.5));
        Outcome {
            energy_change: L::sub(field.energy(&after), field.energy(site)),
            site: after,
            accepted: turned,
        }
    }
}

/// Over-relaxation: the spin turns half around its field; the energy stays. One Newton step keeps |S| = 1.
#[derive(Debug, Clone, Copy)]
pub struct OverRelaxation;

impl SiteMove for OverRelaxation {
    const RANDOM: bool = false;
    #[inline(always)]
    fn apply<L: Lanes>(
        self,
        site: &Site<L>,
        field: &LocalField<L>,
        _inverse_temperature: f64,
        _streams: &mut Streams<L>,
    ) -> Outcome<L> {
        let h = field.spin_field(site.tau);
        let along = dot::<L>(&site.spin, &h);
        let square = L::add(dot::<L>(&h, &h), L::splat(1e-300));
        let factor = L::div(L::add(along, along), square);
        let spin = three!(d => L::sub(L::mul(factor, h[d]), site.spin[d]));
        let length = L::neg_mul_add(dot::<L>(&spin, &spin), L::splat(0.5), L::splat(1.5));
        let spin = three!(d => L::mul(spin[d], length));
        Outcome { site: Site { spin, tau: site.tau }, energy_change: L::splat(0.0), accepted: L::splat(1.0) }
    }
}

/// Metropolis flip of the displacement at fixed spin.
#[derive(Debug, Clone, Copy)]
pub struct DisplacementMetropolis;

impl SiteMove for DisplacementMetropolis {
    const RANDOM: bool = true;
    #[inline(always)]
    fn apply<L: Lanes>(
        self,
        site: &Site<L>,
        field: &LocalField<L>,
        inverse_temperature: f64,
        streams: &mut Streams<L>,
    ) -> Outcome<L> {
        let change = L::mul(
            L::mul(site.tau, L::splat(-2.0)),
            L::add(dot::<L>(&site.spin, &field.turning), field.displacement),
        );
        let exponent = L::mul(change, L::splat(-inverse_temperature));
        let exponent = L::max(L::min(exponent, L::splat(1.0)), L::splat(-690.0));
        let accept = L::less(uniform::<L>(streams.bits()), exp::<L>(exponent));
        let zero = L::splat(0.0);
        Outcome {
            site: Site { spin: site.spin, tau: L::select(accept, L::neg(site.tau), site.tau) },
            energy_change: L::select(accept, change, zero),
            accepted: L::select(accept, L::splat(1.0), zero),
        }
    }
}

/// Draws from the spin heat bath in eight given fields: for tests of the law against its closed form.
pub struct DrawInFields<'a> {
    /// Field components, `[component][lane]`.
    pub fields: &'a [[f64; LANES]; 3],
    /// 1/T
    pub inverse_temperature: f64,
    /// Stream key.
    pub key: u64,
    /// Number of draws per lane.
    pub draws: usize,
}

impl crate::foundation::simd::Kernel for DrawInFields<'_> {
    type Output = Vec<[[f64; LANES]; 3]>;
    #[inline(always)]
    fn run<L: Lanes>(self) -> Self::Output {
        let mut streams = Streams::<L>::open(self.key, L::load_word(&[0, 1, 2, 3, 4, 5, 6, 7]));
        let field = regular::<L>(three!(d => L::load(&self.fields[d])));
        let strength = strength::<L>(&field, self.inverse_temperature);
        (0..self.draws)
            .map(|_| {
                let spin = draw_spin::<L>(&field, &strength, self.inverse_temperature, &mut streams);
                spin.map(|component| L::to_array(component))
            })
            .collect()
    }
}
