//! Elementary functions on eight lanes, accurate to a few units in the last place over the ranges kernels use.
//!
//! Only additions, fused multiply-adds, divisions and integer steps appear, so every instruction set gives the same
//! bits. The series are Taylor's on reduced arguments; the truncation error stands beside each.

use super::{Arithmetic, Single};

/// 1.5 x 2^52: adding it rounds a number below 2^51 to an integer, which then sits in the low mantissa bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;

/// Sum of c_k x^k in four interleaved Horner chains in x^4. A single chain has the latency of N multiply-adds, and the
/// kernels wait on it: measured 11.7 ns per spin heat bath with one chain, see the benchmark for four.
#[inline(always)]
fn polynomial<L: Arithmetic, const N: usize>(x: L::Float, coefficients: &[f64; N]) -> L::Float {
    let square = L::mul(x, x);
    let fourth = L::mul(square, square);
    let mut chains = [L::splat(0.0); 4];
    let mut k = N;
    while k > 0 {
        k -= 1;
        let chain = k % 4;
        let value = L::splat(coefficients[k]);
        chains[chain] = if k + 4 < N { L::mul_add(chains[chain], fourth, value) } else { value };
    }
    let low = L::mul_add(chains[1], x, chains[0]);
    let high = L::mul_add(chains[3], x, chains[2]);
    L::mul_add(high, square, low)
}

/// e^x for |x| below 700; the caller clamps. Reduced argument below ln(2)/2, truncation 6e-15 relative.
#[inline(always)]
pub fn exp<L: Arithmetic>(x: L::Float) -> L::Float {
    const SERIES: [f64; 12] = [
        1.0,
        1.0,
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5_040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
    ];
    // ln 2 in two parts, so that the reduced argument keeps its low bits.
    const LN_2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
    const LN_2_LOW: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);
    let shifted = L::mul_add(x, L::splat(std::f64::consts::LOG2_E), L::splat(ROUNDING));
    let power = L::sub(shifted, L::splat(ROUNDING));
    let reduced = L::neg_mul_add(power, L::splat(LN_2_HIGH), x);
    let reduced = L::neg_mul_add(power, L::splat(LN_2_LOW), reduced);
    let exponent = L::shift_left::<52>(L::to_bits(shifted));
    let scale = L::add_word(exponent, L::splat_word(1.0f64.to_bits()));
    L::mul(polynomial::<L, 12>(reduced, &SERIES), L::from_bits(scale))
}

/// min(1, e^x) of one number, for decisions outside kernels: the system's exp differs between processors.
#[must_use]
pub fn boltzmann_factor(exponent: f64) -> f64 {
    exp::<Single>(exponent.clamp(-690.0, 0.0))
}

/// ln(x) for normal positive x. With s = (m - 1)/(m + 1), |s| below 0.172: truncation 1e-15 relative.
#[inline(always)]
pub fn ln<L: Arithmetic>(x: L::Float) -> L::Float {
    const SERIES: [f64; 9] =
        [2.0, 2.0 / 3.0, 2.0 / 5.0, 2.0 / 7.0, 2.0 / 9.0, 2.0 / 11.0, 2.0 / 13.0, 2.0 / 15.0, 2.0 / 17.0];
    const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    // The exponent is biased by 2048 so that unsigned shifts serve for negative ones too.
    let bits = L::to_bits(x);
    let shifted = L::sub_word(bits, L::splat_word(SQRT_HALF.wrapping_sub(2048 << 52)));
    let biased = L::shift_right::<52>(shifted);
    let exponent = L::sub(
        L::from_bits(L::or(biased, L::splat_word(4_503_599_627_370_496.0f64.to_bits()))),
        L::splat(4_503_599_627_370_496.0 + 2048.0),
    );
    let mantissa = L::sub_word(bits, L::shift_left::<52>(L::sub_word(biased, L::splat_word(2048))));
    let m = L::from_bits(mantissa);
    let s = L::div(L::sub(m, L::splat(1.0)), L::add(m, L::splat(1.0)));
    let series = L::mul(polynomial::<L, 9>(L::mul(s, s), &SERIES), s);
    L::mul_add(exponent, L::splat(std::f64::consts::LN_2), series)
}

/// (sin x, cos x) for |x| at most pi/4: truncation 5e-17.
#[inline(always)]
pub fn sin_cos_octant<L: Arithmetic>(x: L::Float) -> (L::Float, L::Float) {
    const SINE: [f64; 8] = [
        1.0,
        -1.0 / 6.0,
        1.0 / 120.0,
        -1.0 / 5_040.0,
        1.0 / 362_880.0,
        -1.0 / 39_916_800.0,
        1.0 / 6_227_020_800.0,
        -1.0 / 1_307_674_368_000.0,
    ];
    const COSINE: [f64; 9] = [
        1.0,
        -1.0 / 2.0,
        1.0 / 24.0,
        -1.0 / 720.0,
        1.0 / 40_320.0,
        -1.0 / 3_628_800.0,
        1.0 / 479_001_600.0,
        -1.0 / 87_178_291_200.0,
        1.0 / 20_922_789_888_000.0,
    ];
    let square = L::mul(x, x);
    (L::mul(polynomial::<L, 8>(square, &SINE), x), polynomial::<L, 9>(square, &COSINE))
}

#[cfg(test)]
mod tests {
    use super::super::{InstructionSet, Kernel, LANES, Lanes, dispatch_to};
    use super::*;

    struct Evaluate<'a>(&'a [f64; LANES]);

    impl Kernel for Evaluate<'_> {
        type Output = [[f64; LANES]; 4];
        #[inline(always)]
        fn run<L: Lanes>(self) -> Self::Output {
            let x = L::load(self.0);
            let angle = L::max(L::min(x, L::splat(0.78)), L::splat(-0.78));
            let (sine, cosine) = sin_cos_octant::<L>(angle);
            let out = [exp::<L>(x), ln::<L>(L::add(L::abs(x), L::splat(1e-9))), sine, cosine];
            out.map(|value| L::to_array(value))
        }
    }

    fn samples() -> Vec<[f64; LANES]> {
        let mut stream = crate::foundation::random::Key::new(3).stream();
        (0..4000)
            .map(|k| {
                let scale = [0.01, 0.5, 1.0, 10.0, 690.0][k % 5];
                std::array::from_fn(|_| (2.0 * stream.uniform() - 1.0) * scale)
            })
            .collect()
    }

    #[test]
    fn functions_agree_with_the_standard_library() {
        for x in samples() {
            let [e, l, s, c] = dispatch_to(InstructionSet::Portable, Evaluate(&x));
            for k in 0..LANES {
                let angle = x[k].clamp(-0.78, 0.78);
                assert!((e[k] / x[k].exp() - 1.0).abs() < 2e-14, "exp({})", x[k]);
                let y = x[k].abs() + 1e-9;
                assert!((l[k] - y.ln()).abs() < 4e-15 * (1.0 + y.ln().abs()), "ln({y})");
                assert!((s[k] - angle.sin()).abs() < 3e-16 && (c[k] - angle.cos()).abs() < 3e-16);
            }
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        for set in InstructionSet::available() {
            for x in samples() {
                let bits = |set| dispatch_to(set, Evaluate(&x)).map(|row| row.map(f64::to_bits));
                assert_eq!(bits(set), bits(InstructionSet::Portable), "{}", set.name());
            }
        }
    }
}
