//! Errors of correlated time series: binning in powers of two, jackknife, and the logarithmic-bin test.

/// A mean with its one-sigma error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean, or the value of a function of means.
    pub mean: f64,
    /// One standard deviation of the mean.
    pub error: f64,
    /// Integrated autocorrelation time in entries of the series, 1/2 if entries are independent.
    pub autocorrelation_time: f64,
    /// Entries per bin at which the error was read off.
    pub bin_length: usize,
}

/// Fewest bins an error is estimated from: with 16 the one-sigma interval still covers 66.7 % (Student's t).
const FEWEST_BINS: usize = 16;
/// Bins must be this many autocorrelation times long; the error is then low by at most 3 %.
const BIN_OVER_TIME: f64 = 16.0;

/// Mean of a series.
#[must_use]
pub fn mean(series: &[f64]) -> f64 {
    series.iter().sum::<f64>() / series.len() as f64
}

/// Squared error of the mean if entries were independent.
fn naive_error_squared(series: &[f64]) -> f64 {
    let n = series.len() as f64;
    let average = mean(series);
    series.iter().map(|x| (x - average) * (x - average)).sum::<f64>() / (n * (n - 1.0))
}

/// Mean and error of entries that are independent, such as means over samples of disorder.
#[must_use]
pub fn independent(series: &[f64]) -> Estimate {
    let error = if series.len() < 2 { f64::NAN } else { naive_error_squared(series).sqrt() };
    Estimate { mean: mean(series), error, autocorrelation_time: 0.5, bin_length: 1 }
}

/// Mean and error by binning in powers of two (Flyvbjerg and Petersen, J. Chem. Phys. 91, 461 (1989)).
///
/// The error is read at the first bin length that exceeds 16 autocorrelation times as seen at that length, or at the
/// longest that leaves 16 bins. `nan` errors mean fewer than two entries.
#[must_use]
pub fn binning(series: &[f64]) -> Estimate {
    let whole = mean(series);
    if series.len() < 2 {
        return Estimate { mean: whole, error: f64::NAN, autocorrelation_time: f64::NAN, bin_length: 1 };
    }
    let naive = naive_error_squared(series);
    let mut bins = series.to_vec();
    let mut bin_length = 1;
    let mut error_squared = naive;
    loop {
        let time = if naive > 0.0 { 0.5 * error_squared / naive } else { 0.5 };
        if bin_length as f64 >= BIN_OVER_TIME * time || bins.len() / 2 < FEWEST_BINS {
            return Estimate {
                mean: whole,
                error: error_squared.sqrt(),
                autocorrelation_time: time,
                bin_length,
            };
        }
        // The oldest entry is left out where the number is odd.
        bins = bins[bins.len() % 2..].chunks_exact(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect();
        bin_length *= 2;
        error_squared = naive_error_squared(&bins);
    }
}

/// A function of several means and its error by leaving out one block at a time.
///
/// `columns[c]` are the series of equal length; the value is corrected for its bias of order 1/n. The block length
/// comes from binning the linearized function, so that blocks are long against its own autocorrelation time.
pub fn jackknife(columns: &[Vec<f64>], function: impl Fn(&[f64]) -> f64) -> Estimate {
    let length = columns.first().map_or(0, Vec::len);
    let means: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
    if length < 2 {
        return jackknife_in_blocks(columns, function, 1);
    }
    let linear = binning(&linearize(columns, &means, &function));
    let block_length = linear.bin_length.max(length.div_ceil(64)).min(length / 2).max(1);
    let estimate = jackknife_in_blocks(columns, function, block_length);
    Estimate { autocorrelation_time: linear.autocorrelation_time, ..estimate }
}

/// The same with blocks of a given length: 1 for independent entries.
pub fn jackknife_in_blocks(
    columns: &[Vec<f64>],
    function: impl Fn(&[f64]) -> f64,
    block_length: usize,
) -> Estimate {
    let length = columns.first().map_or(0, Vec::len);
    let means: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
    let value = function(&means);
    if length < 2 {
        return Estimate { mean: value, error: f64::NAN, autocorrelation_time: f64::NAN, bin_length: 1 };
    }
    let blocks = length / block_length;
    let skipped = length - blocks * block_length;
    let used = (length - skipped) as f64;
    let sums: Vec<f64> = columns.iter().map(|column| column[skipped..].iter().sum()).collect();
    let all = function(&sums.iter().map(|sum| sum / used).collect::<Vec<_>>());
    let mut left_out = Vec::with_capacity(blocks);
    let mut rest = vec![0.0; columns.len()];
    for block in 0..blocks {
        let start = skipped + block * block_length;
        for ((rest, column), sum) in rest.iter_mut().zip(columns).zip(&sums) {
            let inside: f64 = column[start..start + block_length].iter().sum();
            *rest = (sum - inside) / (used - block_length as f64);
        }
        left_out.push(function(&rest));
    }
    let n = blocks as f64;
    let average = mean(&left_out);
    let variance = left_out.iter().map(|x| (x - average) * (x - average)).sum::<f64>() * (n - 1.0) / n;
    let bias = (n - 1.0) * (average - all);
    let error = variance.sqrt();
    // A bias beyond the error means that the expansion in 1/n fails, as for a square root near zero.
    let corrected = if bias.abs() <= error { value - bias } else { value };
    Estimate { mean: corrected, error, autocorrelation_time: 0.5, bin_length: block_length }
}

impl Estimate {
    /// The square root of an estimated square that noise may have made negative. The error covers the image of the
    /// one-sigma interval; it is never zero where the square's is not.
    #[must_use]
    pub fn root(self) -> Self {
        let (square, spread) = (self.mean, self.error);
        let value = square.max(0.0).sqrt();
        let above = (square + spread).max(0.0).sqrt() - value;
        let below = value - (square - spread).max(0.0).sqrt();
        let error = if square + spread > 0.0 { above.max(below) } else { spread.sqrt() };
        let mean = if square.is_nan() { f64::NAN } else { value };
        Estimate { mean, error, ..self }
    }
}

/// The series of sum_c (df/dx_c) x_c(t), with derivatives by central differences.
fn linearize(columns: &[Vec<f64>], means: &[f64], function: &impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let length = columns.first().map_or(0, Vec::len);
    let mut series = vec![0.0; length];
    let mut shifted = means.to_vec();
    for (c, column) in columns.iter().enumerate() {
        let spread = (naive_error_squared(column) * length as f64).sqrt();
        let step = (1e-4 * spread).max(1e-9 * means[c].abs());
        if step == 0.0 {
            continue;
        }
        shifted[c] = means[c] + step;
        let above = function(&shifted);
        shifted[c] = means[c] - step;
        let slope = (above - function(&shifted)) / (2.0 * step);
        shifted[c] = means[c];
        if slope.is_finite() && slope != 0.0 {
            series.iter_mut().zip(column).for_each(|(sum, x)| *sum += slope * x);
        }
    }
    series
}

/// One logarithmic bin: the entries between the fractions 2^-(k+1) and 2^-k of a series, the last half first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogarithmicBin {
    /// First entry of the bin.
    pub start: usize,
    /// Entry after the last.
    pub end: usize,
    /// Average and error within the bin.
    pub estimate: Estimate,
}

/// Cuts a series into halves, quarters, eighths, ... from its end, as long as a bin has 16 entries; newest first.
#[must_use]
pub fn logarithmic_bins(series: &[f64]) -> Vec<LogarithmicBin> {
    let mut bins = Vec::new();
    let mut end = series.len();
    while end - end / 2 >= FEWEST_BINS {
        let start = end / 2;
        bins.push(LogarithmicBin { start, end, estimate: binning(&series[start..end]) });
        end = start;
    }
    bins
}

/// The largest deviation, in standard deviations, of the second and third newest logarithmic bins from the newest;
/// `None` with fewer than three bins.
#[must_use]
pub fn drift(bins: &[LogarithmicBin]) -> Option<f64> {
    let [newest, second, third, ..] = bins else { return None };
    let deviation = |bin: &LogarithmicBin| {
        let variance = newest.estimate.error.powi(2) + bin.estimate.error.powi(2);
        let difference = (newest.estimate.mean - bin.estimate.mean).abs();
        if variance > 0.0 {
            difference / variance.sqrt()
        } else if difference > 0.0 {
            f64::INFINITY
        } else {
            0.0
        }
    };
    Some(deviation(second).max(deviation(third)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::random::{Key, Stream};

    /// x_t = a x_{t-1} + noise: autocorrelation time (1 + a) / (2 (1 - a)), mean zero.
    fn autoregressive(stream: &mut Stream, a: f64, length: usize) -> Vec<f64> {
        let mut x = 0.0;
        let noise = |stream: &mut Stream| (0..12).map(|_| stream.uniform()).sum::<f64>() - 6.0;
        (0..length + 200)
            .map(|_| {
                x = a * x + noise(stream);
                x
            })
            .skip(200)
            .collect()
    }

    #[test]
    fn quoted_errors_cover_the_truth_as_often_as_one_sigma_should() {
        let mut stream = Key::new(11).stream();
        for (a, length) in [(0.0, 300), (0.5, 1000), (0.8, 2000)] {
            let runs = 2000;
            let covered = (0..runs)
                .filter(|_| {
                    let estimate = binning(&autoregressive(&mut stream, a, length));
                    estimate.mean.abs() < estimate.error
                })
                .count();
            let fraction = covered as f64 / f64::from(runs);
            assert!((0.64..0.71).contains(&fraction), "a = {a}: covered {fraction}");
        }
    }

    #[test]
    fn the_jackknife_of_a_variance_is_unbiased_and_honest() {
        let mut stream = Key::new(12).stream();
        let (a, runs) = (0.5, 1000);
        let truth = 1.0 / (1.0 - a * a);
        let (mut covered, mut sum, mut weight) = (0, 0.0, 0.0);
        for _ in 0..runs {
            let x = autoregressive(&mut stream, a, 600);
            let squares = x.iter().map(|x| x * x).collect();
            let estimate = jackknife(&[x, squares], |m| m[1] - m[0] * m[0]);
            covered += i32::from((estimate.mean - truth).abs() < estimate.error);
            sum += estimate.mean - truth;
            weight += estimate.error * estimate.error;
        }
        let fraction = f64::from(covered) / f64::from(runs);
        assert!((0.63..0.72).contains(&fraction), "covered {fraction}");
        assert!((sum / weight.sqrt()).abs() < 4.0, "bias {}", sum / f64::from(runs));
    }

    #[test]
    fn the_autocorrelation_time_is_that_of_the_process() {
        let mut stream = Key::new(13).stream();
        let estimate = binning(&autoregressive(&mut stream, 0.8, 200_000));
        assert!((estimate.autocorrelation_time / 4.5 - 1.0).abs() < 0.1);
    }

    #[test]
    fn a_drifting_series_is_noticed_and_a_stationary_one_is_not() {
        let mut stream = Key::new(14).stream();
        let still = autoregressive(&mut stream, 0.5, 4096);
        assert!(drift(&logarithmic_bins(&still)).unwrap() < 4.0);
        let falling: Vec<f64> =
            still.iter().enumerate().map(|(t, x)| x + 3.0 * (-(t as f64) / 600.0).exp()).collect();
        assert!(drift(&logarithmic_bins(&falling)).unwrap() > 4.0);
        assert!(drift(&logarithmic_bins(&still[..60])).is_none());
    }
}
