//! Elementary functions on eight lanes, accurate to a few units in the last place over the ranges kernels use.
//!
//! Only additions, fused multiply-adds, divisions and integer steps appear, so every instruction set gives the same
//! bits. The polynomials are minimax on reduced arguments; their error stands beside each. Those of the logarithm, sine
//! and cosine have the coefficients of FreeBSD's msun (Sun Microsystems, 1993).

use super::{Arithmetic, Single};

/// 1.5 x 2^52: adding it rounds a number below 2^51 to an integer, which then sits in the low mantissa bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;

/// Sum of c_k x^k in two interleaved Horner chains in x^2: a single chain has the latency of N multiply-adds, which the
/// kernels wait for, and four take two operations more.
#[inline(always)]
fn polynomial<L: Arithmetic, const N: usize>(x: L::Float, coefficients: &[f64; N]) -> L::Float {
    let square = L::mul(x, x);
    let mut chains = [L::splat(0.0); 2];
    let mut k = N;
    while k > 0 {
        k -= 1;
        let value = L::splat(coefficients[k]);
        chains[k % 2] = if k + 2 < N { L::mul_add(chains[k % 2], square, value) } else { value };
    }
    L::mul_add(chains[1], x, chains[0])
}

/// e^x for |x| below 700; the caller clamps. Reduced argument below ln(2)/2, error 2e-16 relative (Remez, in 40 digits).
#[inline(always)]
pub fn exp<L: Arithmetic>(x: L::Float) -> L::Float {
    const SERIES: [f64; 11] = [
        1.0,
        1.0000000000000064,
        0.49999999999997286,
        0.16666666666557656,
        0.04166666666842742,
        0.008333333384696422,
        0.001388888849890477,
        0.00019841171345023935,
        2.4801917819867798e-05,
        2.763978468182758e-06,
        2.748842976426718e-07,
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
    L::mul(polynomial::<L, 11>(reduced, &SERIES), L::from_bits(scale))
}

/// min(1, e^x) of one number, for decisions outside kernels: the system's exp differs between processors.
#[must_use]
pub fn boltzmann_factor(exponent: f64) -> f64 {
    exp::<Single>(exponent.clamp(-690.0, 0.0))
}

/// ln(x) for normal positive x. With s = (m - 1)/(m + 1), |s| below 0.172: error 2^-58.
#[inline(always)]
pub fn ln<L: Arithmetic>(x: L::Float) -> L::Float {
    const SERIES: [f64; 8] = [
        2.0,
        0.6666666666666735,
        0.3999999999940942,
        0.2857142874366239,
        0.22222198432149784,
        0.1818357216161805,
        0.15313837699209373,
        0.14798198605116586,
    ];
    const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    // The exponent is biased by 2048 so that unsigned shifts serve for negative ones too.
    let bits = L::to_bits(x);
    let shifted = L::sub_word(bits, L::splat_word(SQRT_HALF.wrapping_sub(2048 << 52)));
    let biased = L::shift_right::<52>(shifted);
    let exponent = L::sub(
        L::from_bits(L::or(biased, L::splat_word(4_503_599_627_370_496.0f64.to_bits()))),
        L::splat(4503599627370496.0 + 2048.0),
    );
    let mantissa = L::sub_word(bits, L::shift_left::<52>(L::sub_word(biased, L::splat_word(2048))));
    let m = L::from_bits(mantissa);
    let s = L::div(L::sub(m, L::splat(1.0)), L::add(m, L::splat(1.0)));
    let series = L::mul(polynomial::<L, 8>(L::mul(s, s), &SERIES), s);
    L::mul_add(exponent, L::splat(std::f64::consts::LN_2), series)
}

/// (sin x, cos x) for |x| at most pi/4: error 2^-58.
#[inline(always)]
pub fn sin_cos_octant<L: Arithmetic>(x: L::Float) -> (L::Float, L::Float) {
    const SINE: [f64; 7] = [
        1.0,
        -0.16666666666666632,
        0.00833333333332249,
        -0.0001984126982985795,
        2.7557313707070068e-06,
        -2.5050760253406863e-08,
        1.58969099521155e-10,
    ];
    const COSINE: [f64; 8] = [
        1.0,
        -0.5,
        0.0416666666666666,
        -0.001388888888887411,
        2.480158728947673e-05,
        -2.7557314351390663e-07,
        2.087572321298175e-09,
        -1.1359647557788195e-11,
    ];
    let square = L::mul(x, x);
    (L::mul(polynomial::<L, 7>(square, &SINE), x), polynomial::<L, 8>(square, &COSINE))
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
