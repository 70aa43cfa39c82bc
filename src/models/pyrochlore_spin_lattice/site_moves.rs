//! Moves of single sites, eight at once. Each leaves the Boltzmann distribution in its local field invariant.

use super::field::{LocalField, SpinsOnly, Surroundings, Whole, dot};
use super::state::Site;
use crate::foundation::simd::math::{exp, ln, sin_cos_octant};
use crate::foundation::simd::random::{RandomBits, Streams, uniform};
use crate::foundation::simd::{Arithmetic, LANES, Lanes, Twice};
use crate::three;

/// The outcome of a move on eight sites.
pub struct Outcome<A: Arithmetic> {
    /// The sites afterwards.
    pub site: Site<A>,
    /// Energy afterwards minus before.
    pub energy_change: A::Float,
    /// 1 where the move was accepted (or, for the joint heat bath, where the displacement turned around).
    pub accepted: A::Float,
}

impl<A: Arithmetic> Outcome<Twice<A>> {
    /// The outcomes of the two vectors.
    #[inline(always)]
    pub fn split(&self) -> [Outcome<A>; 2] {
        let [first, second] = self.site.split();
        [
            Outcome { site: first, energy_change: self.energy_change.0, accepted: self.accepted.0 },
            Outcome { site: second, energy_change: self.energy_change.1, accepted: self.accepted.1 },
        ]
    }
}

/// A move of a site in its local field.
pub trait SiteMove: Copy + Send + Sync {
    /// Whether the move draws random numbers.
    const RANDOM: bool;
    /// What it needs to know of the neighbors.
    type Surroundings: Surroundings;
    /// Makes the move.
    fn apply<A: Arithmetic>(
        self,
        site: &Site<A>,
        field: &<Self::Surroundings as Surroundings>::Field<A>,
        inverse_temperature: f64,
        random: &mut impl RandomBits<A>,
    ) -> Outcome<A>;
}

/// Below this |H| beta the spin distribution is uniform to rounding.
const WEAK_FIELD: f64 = 1e-6;
/// Added to H_z so that a field of exactly zero still has a direction; far below any rounding of a real field.
const TINY_FIELD: f64 = 1e-150;

/// |H|, beta |H| and exp(-2 beta |H|) of a spin field.
struct Strength<A: Arithmetic> {
    norm: A::Float,
    x: A::Float,
    decay: A::Float,
}

#[inline(always)]
fn strength<A: Arithmetic>(field: &[A::Float; 3], inverse_temperature: f64) -> Strength<A> {
    let norm = A::sqrt(dot::<A>(field, field));
    let x = A::mul(norm, A::splat(inverse_temperature));
    let decay = exp::<A>(A::max(A::mul(x, A::splat(-2.0)), A::splat(-690.0)));
    Strength { norm, x, decay }
}

/// Draws unit vectors with density proportional to exp(beta S.H).
///
/// The component along H is z = 1 + ln(u + (1 - u) exp(-2x))/x with x = beta |H|; the azimuth comes from an octant
/// and two random bits, so that no range reduction is needed. A Householder reflection carries the pole to H: with
/// s = sign(H_z) and v = H/|H| + s z, S = S_0 - v (v.S_0) / (1 + |H_z|/|H|). It has no special direction: the
/// denominator is never below 1.
#[inline(always)]
fn draw_spin<A: Arithmetic>(
    field: &[A::Float; 3],
    strength: &Strength<A>,
    inverse_temperature: f64,
    random: &mut impl RandomBits<A>,
) -> [A::Float; 3] {
    let one = A::splat(1.0);
    let norm = strength.norm;
    // One division serves both 1/|H| and 1/(|H| + |H_z|).
    let sum = A::add(norm, A::abs(field[2]));
    let inverse_product = A::div(one, A::mul(norm, sum));
    let inverse_norm = A::mul(inverse_product, sum);
    let inverse_sum = A::mul(inverse_product, norm);

    let u = uniform::<A>(random.bits());
    let argument = A::mul_add(A::sub(one, u), strength.decay, u);
    let inverse_x = A::mul(inverse_norm, A::splat(1.0 / inverse_temperature));
    let height = A::mul_add(ln::<A>(argument), inverse_x, one);
    let flat = A::mul_add(u, A::splat(2.0), A::splat(-1.0));
    let height = A::select(A::less(strength.x, A::splat(WEAK_FIELD)), flat, height);
    let height = A::max(A::min(height, one), A::splat(-1.0));
    let radius = A::sqrt(A::mul(A::sub(one, height), A::add(one, height)));

    let bits = random.bits();
    let octant = A::mul(A::sub(uniform::<A>(bits), A::splat(0.5)), A::splat(std::f64::consts::FRAC_PI_2));
    let (sine, cosine) = sin_cos_octant::<A>(octant);
    // The two lowest bits, unused by the uniform number, choose among the four quadrants.
    let exchange = A::less(A::sign(A::from_bits(A::shift_left::<63>(bits))), A::splat(0.0));
    let reverse = A::from_bits(A::shift_left::<62>(bits));
    let signed = A::flip_sign(radius, reverse);
    let along_x = A::mul(signed, A::select(exchange, sine, cosine));
    let along_y = A::mul(signed, A::select(exchange, cosine, sine));

    let projection = A::mul(A::mul_add(field[0], along_x, A::mul(field[1], along_y)), inverse_sum);
    let factor = A::sub(projection, height);
    let direction = three!(d => A::mul(field[d], inverse_norm));
    let sign = A::sign(field[2]);
    [
        A::neg_mul_add(direction[0], factor, along_x),
        A::neg_mul_add(direction[1], factor, along_y),
        A::neg_mul_add(A::add(direction[2], sign), factor, A::flip_sign(A::neg(height), sign)),
    ]
}

#[inline(always)]
fn regular<A: Arithmetic>(field: [A::Float; 3]) -> [A::Float; 3] {
    [field[0], field[1], A::add(field[2], A::splat(TINY_FIELD))]
}

/// Heat bath of the spin at fixed displacement.
#[derive(Debug, Clone, Copy)]
pub struct SpinHeatBath;

impl SiteMove for SpinHeatBath {
    const RANDOM: bool = true;
    type Surroundings = SpinsOnly;
    #[inline(always)]
    fn apply<A: Arithmetic>(
        self,
        site: &Site<A>,
        field: &[A::Float; 3],
        inverse_temperature: f64,
        random: &mut impl RandomBits<A>,
    ) -> Outcome<A> {
        let h = regular::<A>(*field);
        let spin = draw_spin::<A>(&h, &strength::<A>(&h, inverse_temperature), inverse_temperature, random);
        let difference = three!(d => A::sub(site.spin[d], spin[d]));
        Outcome {
            site: Site { spin, tau: site.tau },
            energy_change: dot::<A>(&difference, &h),
            accepted: A::splat(1.0),
        }
    }
}

/// Rejection-free heat bath of displacement and spin together: the displacement from its weight with the spin
/// integrated out, w = exp(-beta tau D) sinh(x)/x at x = beta |H(tau)|, then the spin in the field that results.
#[derive(Debug, Clone, Copy)]
pub struct JointHeatBath;

impl SiteMove for JointHeatBath {
    const RANDOM: bool = true;
    type Surroundings = Whole;
    #[inline(always)]
    fn apply<A: Arithmetic>(
        self,
        site: &Site<A>,
        field: &LocalField<A>,
        inverse_temperature: f64,
        random: &mut impl RandomBits<A>,
    ) -> Outcome<A> {
        let one = A::splat(1.0);
        let plus = regular::<A>(three!(d => A::sub(field.fixed[d], field.turning[d])));
        let minus = regular::<A>(three!(d => A::add(field.fixed[d], field.turning[d])));
        let strength_plus = strength::<A>(&plus, inverse_temperature);
        let strength_minus = strength::<A>(&minus, inverse_temperature);
        // The ratio w(+)/w(-), numerator and denominator kept apart so that nothing is divided. The floor on x makes
        // sinh(x)/x = 1 + x^2/6 exact to 1e-11 where 1 - exp(-2x) would lose its digits.
        let floor = A::splat(1e-5);
        let x_plus = A::max(strength_plus.x, floor);
        let x_minus = A::max(strength_minus.x, floor);
        let decay_floor = A::splat((-2e-5f64).exp());
        let exponent = A::mul_add(
            A::splat(-2.0 * inverse_temperature),
            field.displacement,
            A::sub(strength_plus.x, strength_minus.x),
        );
        let exponent = A::max(A::min(exponent, A::splat(600.0)), A::splat(-600.0));
        let gain = A::mul(A::sub(one, A::min(strength_plus.decay, decay_floor)), x_minus);
        let weight_plus = A::mul(exp::<A>(exponent), gain);
        let weight_minus = A::mul(A::sub(one, A::min(strength_minus.decay, decay_floor)), x_plus);
        let u = uniform::<A>(random.bits());
        let choose_plus = A::less(A::mul(u, A::add(weight_plus, weight_minus)), weight_plus);

        let tau = A::select(choose_plus, one, A::splat(-1.0));
        let h = three!(d => A::select(choose_plus, plus[d], minus[d]));
        let chosen = Strength {
            norm: A::select(choose_plus, strength_plus.norm, strength_minus.norm),
            x: A::select(choose_plus, strength_plus.x, strength_minus.x),
            decay: A::select(choose_plus, strength_plus.decay, strength_minus.decay),
        };
        let spin = draw_spin::<A>(&h, &chosen, inverse_temperature, random);
        let after = Site { spin, tau };
        let turned = A::mul(A::sub(one, A::mul(tau, site.tau)), A::splat(0.5));
        Outcome {
            energy_change: A::sub(field.energy(&after), field.energy(site)),
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
    type Surroundings = SpinsOnly;
    #[inline(always)]
    fn apply<A: Arithmetic>(
        self,
        site: &Site<A>,
        h: &[A::Float; 3],
        _inverse_temperature: f64,
        _random: &mut impl RandomBits<A>,
    ) -> Outcome<A> {
        let along = dot::<A>(&site.spin, h);
        let square = A::add(dot::<A>(h, h), A::splat(1e-300));
        let factor = A::div(A::add(along, along), square);
        let spin = three!(d => A::sub(A::mul(factor, h[d]), site.spin[d]));
        let length = A::neg_mul_add(dot::<A>(&spin, &spin), A::splat(0.5), A::splat(1.5));
        let spin = three!(d => A::mul(spin[d], length));
        Outcome { site: Site { spin, tau: site.tau }, energy_change: A::splat(0.0), accepted: A::splat(1.0) }
    }
}

/// Metropolis flip of the displacement at fixed spin.
#[derive(Debug, Clone, Copy)]
pub struct DisplacementMetropolis;

impl SiteMove for DisplacementMetropolis {
    const RANDOM: bool = true;
    type Surroundings = Whole;
    #[inline(always)]
    fn apply<A: Arithmetic>(
        self,
        site: &Site<A>,
        field: &LocalField<A>,
        inverse_temperature: f64,
        random: &mut impl RandomBits<A>,
    ) -> Outcome<A> {
        let change = A::mul(
            A::mul(site.tau, A::splat(-2.0)),
            A::add(dot::<A>(&site.spin, &field.turning), field.displacement),
        );
        let exponent = A::mul(change, A::splat(-inverse_temperature));
        let exponent = A::max(A::min(exponent, A::splat(1.0)), A::splat(-690.0));
        let accept = A::less(uniform::<A>(random.bits()), exp::<A>(exponent));
        let zero = A::splat(0.0);
        Outcome {
            site: Site { spin: site.spin, tau: A::select(accept, A::neg(site.tau), site.tau) },
            energy_change: A::select(accept, change, zero),
            accepted: A::select(accept, A::splat(1.0), zero),
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
