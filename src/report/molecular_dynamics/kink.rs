//! Where two straight lines meet: the fictive glass temperature of a quench.

/// A straight line fitted by least squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Mean abscissa, where value and slope are not correlated.
    pub center: f64,
    /// Value at the center.
    pub value: f64,
    /// Slope.
    pub slope: f64,
    /// Standard error of the value at the center.
    pub value_error: f64,
    /// Standard error of the slope.
    pub slope_error: f64,
    /// Range of the points it was fitted to.
    pub range: [f64; 2],
}

/// Two lines that meet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kink {
    /// Where they meet.
    pub temperature: f64,
    /// Standard error, from the fits.
    pub error: f64,
    /// The line of the glass.
    pub low: Line,
    /// The line of the liquid.
    pub high: Line,
}

/// Slopes that differ by less than so many standard errors are called equal.
const SIGNIFICANT: f64 = 3.0;
/// Fewest points of a line.
const FEWEST: usize = 6;
/// Part of the range on both sides of the bend that belongs to neither line: the transition is smeared.
const SMEARED: f64 = 0.06;
/// Part of the range at both ends where no bend is looked for.
const END: f64 = 0.2;

impl Line {
    /// The line through points (abscissa, value), in the order of the abscissa. Errors come from the scatter around the
    /// line, widened where neighboring residuals are correlated.
    #[must_use]
    pub fn fit(points: &[[f64; 2]]) -> Option<Self> {
        let count = points.len() as f64;
        if points.len() < FEWEST {
            return None;
        }
        let center = points.iter().map(|[x, _]| x).sum::<f64>() / count;
        let value = points.iter().map(|[_, y]| y).sum::<f64>() / count;
        let squares: f64 = points.iter().map(|[x, _]| (x - center).powi(2)).sum();
        let slope = points.iter().map(|[x, y]| (x - center) * (y - value)).sum::<f64>() / squares;
        let residuals: Vec<f64> = points.iter().map(|[x, y]| y - value - slope * (x - center)).collect();
        let sum: f64 = residuals.iter().map(|r| r * r).sum();
        let neighbors: f64 = residuals.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let correlation = if sum > 0.0 { (neighbors / sum).clamp(0.0, 0.9) } else { 0.0 };
        let variance = sum / (count - 2.0) * (1.0 + correlation) / (1.0 - correlation);
        let line = Line {
            center,
            value,
            slope,
            value_error: (variance / count).sqrt(),
            slope_error: (variance / squares).sqrt(),
            range: [points[0][0], points[points.len() - 1][0]],
        };
        line.slope.is_finite().then_some(line)
    }

    /// The line at `x`.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        self.value + self.slope * (x - self.center)
    }

    fn variance_at(&self, x: f64) -> f64 {
        self.value_error.powi(2) + (self.slope_error * (x - self.center)).powi(2)
    }
}

/// Looks for the glass temperature in points (temperature, energy or volume).
///
/// The bend of the broken line that fits best separates glass and liquid; a straight line is then fitted to what lies
/// well below and one to what lies well above, and they are brought to meet.
///
/// # Errors
/// The reason, if there is no kink.
pub fn find(points: &[[f64; 2]]) -> Result<Kink, String> {
    let mut points: Vec<[f64; 2]> =
        points.iter().copied().filter(|point| point.iter().all(|x| x.is_finite())).collect();
    points.sort_by(|a, b| a[0].total_cmp(&b[0]));
    if points.len() < 2 * FEWEST + 4 {
        return Err(format!("{} points are too few for two lines", points.len()));
    }
    let (first, last) = (points[0][0], points[points.len() - 1][0]);
    let range = last - first;
    let candidates = (0..=70).map(|k| first + range * (END + (1.0 - 2.0 * END) * f64::from(k) / 70.0));
    let bend = candidates
        .filter_map(|bend| Some((bend, misfit(&points, bend)?)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(bend, _)| bend)
        .ok_or("no broken line can be fitted")?;
    let below = points.partition_point(|[x, _]| *x < bend - SMEARED * range);
    let above = points.partition_point(|[x, _]| *x <= bend + SMEARED * range);
    let (low, high) = (Line::fit(&points[..below]), Line::fit(&points[above..]));
    let (Some(low), Some(high)) = (low, high) else {
        return Err("the bend is too near an end for two lines".into());
    };
    let difference = high.slope - low.slope;
    let error = low.slope_error.hypot(high.slope_error);
    if difference.abs() <= SIGNIFICANT * error {
        return Err(format!(
            "the slopes at low and high temperature differ by less than {SIGNIFICANT} standard errors"
        ));
    }
    if difference < 0.0 {
        return Err(
            "the slope is larger at low temperature than at high temperature, which is not that of a glass"
                .into(),
        );
    }
    let temperature = (low.at(bend) - high.at(bend)) / difference + bend;
    if !(low.range[1] - SMEARED * range..=high.range[0] + SMEARED * range).contains(&temperature) {
        return Err(
            "the lines of low and high temperature do not meet between their points, as with a jump".into()
        );
    }
    let error = (low.variance_at(temperature) + high.variance_at(temperature)).sqrt() / difference;
    Ok(Kink { temperature, error, low, high })
}

/// Sum of squares around the broken line that bends at `bend`, fitted by least squares.
fn misfit(points: &[[f64; 2]], bend: f64) -> Option<f64> {
    // A straight line is taken off from everything; what is left of the values is then fitted with what is left of
    // max(0, x - bend).
    let center = points.iter().map(|[x, _]| x).sum::<f64>() / points.len() as f64;
    let squares: f64 = points.iter().map(|[x, _]| (x - center).powi(2)).sum();
    let rest = |values: Vec<f64>| -> Vec<f64> {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let slope =
            points.iter().zip(&values).map(|([x, _], y)| (x - center) * (y - mean)).sum::<f64>() / squares;
        points.iter().zip(&values).map(|([x, _], y)| y - mean - slope * (x - center)).collect()
    };
    let values = rest(points.iter().map(|[_, y]| *y).collect());
    let hinge = rest(points.iter().map(|[x, _]| (x - bend).max(0.0)).collect());
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let norm = product(&hinge, &hinge);
    let misfit = product(&values, &values) - product(&values, &hinge).powi(2) / norm;
    (norm > 0.0 && misfit.is_finite()).then_some(misfit)
}

#[cfg(test)]
mod tests {
    use super::super::example::Noise;
    use super::*;

    /// A broken line of 50 points with Gaussian noise: slope `glass` below 812 K, `liquid` above.
    fn curve([glass, liquid]: [f64; 2], noise: f64, seed: u64) -> Vec<[f64; 2]> {
        let mut stream = Noise(seed);
        let point = |k: usize| {
            let kelvin = 2000.0 - 1700.0 * k as f64 / 49.0;
            let slope = if kelvin < 812.0 { glass } else { liquid };
            [kelvin, -5.0 + slope * (kelvin - 812.0) + noise * stream.gaussian()]
        };
        (0..50).map(point).collect()
    }

    #[test]
    fn a_kink_is_found_without_noise_exactly() {
        let kink = find(&curve([1.3e-4, 2.2e-4], 0.0, 1)).expect("a kink");
        assert!((kink.temperature - 812.0).abs() < 1e-6, "{kink:?}");
        assert!((kink.low.slope - 1.3e-4).abs() < 1e-12 && (kink.high.slope - 2.2e-4).abs() < 1e-12);
    }

    #[test]
    fn a_kink_is_found_within_its_error() {
        let (mut squares, mut count) = (0.0, 0.0);
        for seed in 1..=100 {
            let kink = find(&curve([1.3e-4, 2.2e-4], 0.002, seed)).expect("a kink");
            let deviation = (kink.temperature - 812.0) / kink.error;
            assert!(deviation.abs() < 5.0, "seed {seed}: {kink:?}");
            squares += deviation * deviation;
            count += 1.0;
        }
        // The mean square of a hundred standard deviates; correlations of residuals only widen the errors.
        let mean_square: f64 = squares / count;
        assert!((0.4..1.5).contains(&mean_square), "{mean_square}");
    }

    #[test]
    fn a_straight_line_has_no_kink() {
        let outcomes: Vec<_> = (1..=200).map(|seed| find(&curve([2e-4, 2e-4], 0.002, seed))).collect();
        let found: Vec<&Kink> = outcomes.iter().flatten().collect();
        let said = |words: &str| {
            outcomes.iter().filter(|o| o.as_ref().is_err_and(|reason| reason.contains(words))).count()
        };
        // Three standard errors, looked for in the place that suits best, and on one side.
        assert!(found.len() <= 4, "{found:?}");
        assert!(said("standard errors") > 150, "{outcomes:?}");
    }

    #[test]
    fn what_is_no_glass_is_said() {
        let reason = find(&curve([2.2e-4, 1.3e-4], 0.001, 1)).expect_err("the wrong way round");
        assert!(reason.contains("larger at low temperature"), "{reason}");
        for slopes in [[1.3e-4, 1.6e-4], [1.3e-4, 2.2e-4], [2e-4, 2e-4]] {
            for height in [0.05, 0.1, 0.2] {
                let fallen = |[x, y]: [f64; 2]| [x, if x < 812.0 { y - height } else { y }];
                let jump: Vec<[f64; 2]> = curve(slopes, 0.0005, 1).into_iter().map(fallen).collect();
                let reason = find(&jump).expect_err("a jump");
                let meets_elsewhere = slopes[1] > 2.1e-4 && height < 0.1;
                assert_eq!(reason.contains("jump"), meets_elsewhere, "{slopes:?} {height}: {reason}");
            }
        }
        assert!(find(&curve([1.0, 2.0], 0.0, 1)[..12]).expect_err("few").contains("too few"));
    }
}
