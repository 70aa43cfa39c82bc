//! The first shell of neighbors in a pair distribution function.

/// The first peak and what lies below it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shell {
    /// Position of the first peak.
    pub distance: f64,
    /// Its height.
    pub height: f64,
    /// Position of the minimum behind it with the coordination number up to there; `None` if g(r) does not rise again.
    pub edge: Option<[f64; 2]>,
}

/// Bins to both sides over which g(r) is smoothed before peaks are looked for; needles of crystals at rest are not.
const SMOOTHED: usize = 3;

/// Looks for the first peak, by a parabola through all points above eight tenths of it, and the first minimum behind it.
/// `None` if there is no peak above one.
#[must_use]
pub fn first_shell(distance: &[f64], g: &[f64], coordination: Option<&[f64]>) -> Option<Shell> {
    if distance.len() != g.len() {
        return None;
    }
    let (highest, largest) =
        g.iter().copied().enumerate().filter(|(_, g)| g.is_finite()).max_by(|a, b| a.1.total_cmp(&b.1))?;
    if largest <= 1.0 {
        return None;
    }
    let is_needle =
        [highest.wrapping_sub(1), highest + 1].iter().all(|&k| g.get(k).is_none_or(|g| *g < 0.5 * largest));
    let smooth = smoothed(g, if is_needle { 0 } else { SMOOTHED });
    let largest = smooth.iter().copied().fold(0.0, f64::max);
    // The first peak is not always the highest, but it is not a wiggle either.
    let start = smooth.iter().position(|g| *g > 0.5 * largest)?;
    let (mut top, mut end) = (start, start);
    while end < g.len() && smooth[end] > 0.6 * smooth[top] {
        if smooth[end] > smooth[top] {
            top = end;
        }
        end += 1;
    }
    let is_high = |k: &usize| smooth[*k] > 0.8 * smooth[top];
    let first = (0..top).rev().take_while(is_high).last().unwrap_or(top).min(top.saturating_sub(1));
    let last = (top + 1..g.len()).take_while(is_high).last().unwrap_or(top).max((top + 1).min(g.len() - 1));
    let [position, height] = parabola(&distance[first..=last], &g[first..=last], distance[top])
        .filter(|[position, _]| (distance[first]..=distance[last]).contains(position))
        .unwrap_or([distance[top], g[top]]);
    let edge =
        minimum(&smooth, top).map(|bin| [distance[bin], coordination.map_or(f64::NAN, |list| list[bin])]);
    Some(Shell { distance: position, height, edge })
}

/// Each value averaged with as many on both sides.
fn smoothed(values: &[f64], half: usize) -> Vec<f64> {
    let average = |bin: usize| {
        let part = &values[bin.saturating_sub(half)..(bin + half + 1).min(values.len())];
        part.iter().sum::<f64>() / part.len() as f64
    };
    (0..values.len()).map(average).collect()
}

/// The bin of the first minimum behind bin `top`, which lies well below it; where g(r) is flat, its middle.
fn minimum(g: &[f64], top: usize) -> Option<usize> {
    let (mut low, mut until) = (top, top);
    for bin in top + 1..g.len() {
        if g[bin] < g[low] {
            (low, until) = (bin, bin);
        } else if g[bin] == g[low] && bin == until + 1 {
            until = bin;
        } else if g[low] < 0.7 * g[top] && g[bin] > g[low] + 0.1 * (g[top] - g[low]) {
            return Some(usize::midpoint(low, until));
        }
    }
    None
}

/// Position and height of the maximum of the parabola fitted by least squares; `None` if it opens upwards.
fn parabola(x: &[f64], y: &[f64], origin: f64) -> Option<[f64; 2]> {
    let count = x.len() as f64;
    let width = x[x.len() - 1] - x[0];
    let u: Vec<f64> = x.iter().map(|x| (x - origin) / width).collect();
    let moment = |power: i32| u.iter().map(|u| u.powi(power)).sum::<f64>();
    let weighted = |power: i32| u.iter().zip(y).map(|(u, y)| u.powi(power) * y).sum::<f64>();
    let m =
        [[count, moment(1), moment(2)], [moment(1), moment(2), moment(3)], [moment(2), moment(3), moment(4)]];
    let right = [weighted(0), weighted(1), weighted(2)];
    let determinant = |m: [[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let solved = |column: usize| {
        let mut with = m;
        (0..3).for_each(|row| with[row][column] = right[row]);
        determinant(with) / determinant(m)
    };
    let [a, b, c] = [solved(0), solved(1), solved(2)];
    let top = -b / (2.0 * c);
    (c < 0.0 && top.is_finite()).then_some([origin + width * top, a + top * (b + c * top)])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bins of 0.0165 with Gaussian shells at 2.7312 and 4.6, and nothing below the first.
    fn function(noise: f64) -> [Vec<f64>; 2] {
        let r: Vec<f64> = (0..400).map(|bin| (f64::from(bin) + 0.5) * 0.0165).collect();
        let mut stream = super::super::example::Noise(3);
        let bump = |r: f64, center: f64, width: f64| (-0.5 * ((r - center) / width).powi(2)).exp();
        let g = r.iter().map(|&r| {
            let base = 1.0 / (1.0 + (-(r - 4.0) / 0.15).exp());
            (3.4 * bump(r, 2.7312, 0.15) + base + 0.4 * bump(r, 4.6, 0.3)) * (1.0 + noise * stream.gaussian())
        });
        let g = g.collect();
        [r, g]
    }

    #[test]
    fn the_first_peak_is_found_between_the_bins() {
        let [r, g] = function(0.0);
        let coordination: Vec<f64> = (0..400).map(f64::from).collect();
        let shell = first_shell(&r, &g, Some(&coordination)).expect("a shell");
        assert!((shell.distance - 2.7312).abs() < 5e-4, "{shell:?}");
        assert!((shell.height - 3.4).abs() < 0.02, "{shell:?}");
        let [edge, neighbors] = shell.edge.expect("a minimum");
        let lowest = (180..280).min_by(|&a, &b| g[a].total_cmp(&g[b])).expect("a bin");
        assert!((edge - r[lowest]).abs() <= 2.0 * 0.0165, "{edge} {}", r[lowest]);
        assert!((neighbors - (edge / 0.0165 - 0.5)).abs() < 1e-6);
    }

    #[test]
    fn noise_moves_it_little() {
        let [r, g] = function(0.03);
        let shell = first_shell(&r, &g, None).expect("a shell");
        assert!((shell.distance - 2.7312).abs() < 0.01, "{shell:?}");
        assert!(shell.edge.is_some_and(|[edge, _]| (3.1..3.7).contains(&edge)), "{shell:?}");
    }

    #[test]
    fn a_single_frame_is_enough() {
        // Noise of a tenth, as in one frame of a few hundred atoms.
        let [r, g] = function(0.12);
        let shell = first_shell(&r, &g, None).expect("a shell");
        assert!((shell.distance - 2.7312).abs() < 0.03, "{shell:?}");
        assert!(shell.edge.is_some_and(|[edge, _]| (3.1..3.8).contains(&edge)), "{shell:?}");
    }

    #[test]
    fn a_crystal_at_rest_has_needles() {
        let r: Vec<f64> = (0..400).map(|bin| (f64::from(bin) + 0.5) * 0.0165).collect();
        let mut g = vec![0.0; 400];
        (g[154], g[218]) = (60.0, 15.0);
        let coordination: Vec<f64> = (0..400).map(|bin| if bin < 154 { 0.0 } else { 12.0 }).collect();
        let shell = first_shell(&r, &g, Some(&coordination)).expect("a shell");
        assert!((shell.distance - r[154]).abs() < 1e-9);
        assert!(shell.edge.is_some_and(|[edge, n]| edge > r[155] && edge < r[218] && n == 12.0), "{shell:?}");
    }

    #[test]
    fn a_gas_has_no_shell() {
        let r: Vec<f64> = (0..400).map(|bin| (f64::from(bin) + 0.5) * 0.0165).collect();
        assert!(first_shell(&r, &[1.0; 400], None).is_none());
        assert!(first_shell(&r, &[0.0; 400], None).is_none());
        assert!(first_shell(&r, &[f64::NAN; 400], None).is_none());
        let edge = first_shell(&r, &r, None).expect("a rise to the end").edge;
        assert!(edge.is_none());
    }
}
