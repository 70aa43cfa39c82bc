//! Moves of single sites, eight at once. Each leaves the Boltzmann distribution in its local field invariant.

use super::field::{LocalField, SpinsOnly, Surroundings, Whole};
use super::state::Site;
use crate::foundation::simd::math::exp;
use crate::foundation::simd::random::{RandomBits, Streams, uniform};
use crate::foundation::simd::sphere::{Strength, dot, draw_spin, half_turn, regular, strength};
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

/// What a move changes, and so what its ghosts need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changes {
    /// Spins alone.
    Spins,
    /// Displacements alone.
    Displacements,
    /// Both.
    Sites,
}

/// A move of a site in its local field.
pub trait SiteMove: Copy + Send + Sync {
    /// Whether the move draws random numbers.
    const RANDOM: bool;
    /// What it changes.
    const CHANGES: Changes;
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

/// Heat bath of the spin at fixed displacement.
#[derive(Debug, Clone, Copy)]
pub struct SpinHeatBath;

impl SiteMove for SpinHeatBath {
    const RANDOM: bool = true;
    const CHANGES: Changes = Changes::Spins;
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
        let strength = strength::<A>(&h, inverse_temperature);
        let (spin, along) = draw_spin::<A>(&h, &strength, inverse_temperature, random);
        Outcome {
            site: Site { spin, tau: site.tau },
            energy_change: A::sub(dot::<A>(&site.spin, &h), along),
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
    const CHANGES: Changes = Changes::Sites;
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
        let (spin, along) = draw_spin::<A>(&h, &chosen, inverse_temperature, random);
        let energy_after = A::sub(A::mul(tau, field.displacement), along);
        let turned = A::mul(A::sub(one, A::mul(tau, site.tau)), A::splat(0.5));
        Outcome {
            energy_change: A::sub(energy_after, field.energy(site)),
            site: Site { spin, tau },
            accepted: turned,
        }
    }
}

/// Over-relaxation: the spin turns half around its field; the energy stays.
#[derive(Debug, Clone, Copy)]
pub struct OverRelaxation;

impl SiteMove for OverRelaxation {
    const RANDOM: bool = false;
    const CHANGES: Changes = Changes::Spins;
    type Surroundings = SpinsOnly;
    #[inline(always)]
    fn apply<A: Arithmetic>(
        self,
        site: &Site<A>,
        h: &[A::Float; 3],
        _inverse_temperature: f64,
        _random: &mut impl RandomBits<A>,
    ) -> Outcome<A> {
        let spin = half_turn::<A>(&site.spin, h);
        Outcome { site: Site { spin, tau: site.tau }, energy_change: A::splat(0.0), accepted: A::splat(1.0) }
    }
}

/// Metropolis flip of the displacement at fixed spin.
#[derive(Debug, Clone, Copy)]
pub struct DisplacementMetropolis;

impl SiteMove for DisplacementMetropolis {
    const RANDOM: bool = true;
    const CHANGES: Changes = Changes::Displacements;
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
                let (spin, _) = draw_spin::<L>(&field, &strength, self.inverse_temperature, &mut streams);
                spin.map(|component| L::to_array(component))
            })
            .collect()
    }
}
