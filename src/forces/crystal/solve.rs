//! Where the stress of a crystal vanishes.

use super::STRAIN;

/// How far a and c of a hexagonal crystal may be from where the search begins, as logarithms.
const LARGEST_STRETCH: f64 = 0.2;

/// Root of a function that changes sign between two places, by false position (Illinois variant).
pub(super) fn root(function: impl Fn(f64) -> f64, left: f64, right: f64) -> Option<f64> {
    let (mut a, mut b) = (left, right);
    let (mut at_a, mut at_b) = (function(a), function(b));
    let is_bracketed = at_a * at_b <= 0.0;
    if !is_bracketed {
        return None;
    }
    for _ in 0..100 {
        if (b - a).abs() < 1e-12 || at_b == 0.0 {
            break;
        }
        let next = b - at_b * (b - a) / (at_b - at_a);
        let at_next = function(next);
        if at_next * at_b < 0.0 {
            (a, at_a) = (b, at_b);
        } else {
            at_a *= 0.5;
        }
        (b, at_b) = (next, at_next);
    }
    Some(b)
}

/// Stretches of a and c that remove the stress, by Newton's method on their logarithms; none if the way does not lead
/// to a minimum.
pub(super) fn hexagonal(virial: impl Fn(f64, f64) -> [f64; 6]) -> Option<(f64, f64)> {
    // -dE/d ln a and -dE/d ln c.
    let forces = |x: [f64; 2]| {
        let w = virial(x[0].exp(), x[1].exp());
        [w[0] + w[1], w[2]]
    };
    let mut x = [0.0; 2];
    for _ in 0..50 {
        let by = |k: usize| {
            let shifted = |step: f64| {
                let mut y = x;
                y[k] += step;
                forces(y)
            };
            let (plus, minus) = (shifted(STRAIN), shifted(-STRAIN));
            [(plus[0] - minus[0]) / (2.0 * STRAIN), (plus[1] - minus[1]) / (2.0 * STRAIN)]
        };
        let (f, by_a, by_c) = (forces(x), by(0), by(1));
        let determinant = by_a[0] * by_c[1] - by_a[1] * by_c[0];
        // The second derivatives of the energy are minus these.
        if !(determinant > 0.0 && by_a[0] < 0.0) {
            return None;
        }
        let step = [
            -(f[0] * by_c[1] - f[1] * by_c[0]) / determinant,
            -(by_a[0] * f[1] - by_a[1] * f[0]) / determinant,
        ];
        let largest = step[0].abs().max(step[1].abs());
        let damping = (0.02 / largest).min(1.0);
        x = [x[0] + damping * step[0], x[1] + damping * step[1]];
        if x[0].abs().max(x[1].abs()) > LARGEST_STRETCH {
            return None;
        }
        if largest < 1e-10 {
            return Some((x[0].exp(), x[1].exp()));
        }
    }
    None
}
