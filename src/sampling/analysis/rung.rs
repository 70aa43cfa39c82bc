//! The numbers of one rung: estimates of all columns, derived quantities, equilibration, relaxation.

use super::{LadderResults, REPORTED_BINS, RungNumbers};
use crate::foundation::series::BlockedSeries;
use crate::foundation::statistics::{
    binning, drift, independent, jackknife, jackknife_in_blocks, logarithmic_bins, mean,
};
use crate::models::Model;
use crate::sampling::measurement::Measurements;
use crate::sampling::relaxation::Relaxation;

impl<M: Model> LadderResults<'_, M> {
    /// The series of every column of a rung, averaged over ladders and samples; pairs behind singles.
    pub(super) fn rung_columns(&self, measurements: &Measurements, row: usize) -> Vec<Vec<f64>> {
        let (singles, pairs) = (&measurements.singles, &measurements.pairs);
        let blocks = singles.blocks();
        let mut columns = vec![Vec::with_capacity(blocks); singles.columns() + pairs.columns()];
        for block in 0..blocks {
            for (column, values) in columns.iter_mut().enumerate() {
                let (series, rows, column) = self.rows_of(measurements, column);
                let of_row = |k| series.block(row * rows + k, block)[column];
                values.push((0..rows).map(of_row).sum::<f64>() / rows as f64);
            }
        }
        columns
    }

    /// The series a column is in, its rows per rung, and the column there.
    fn rows_of<'m>(
        &self,
        measurements: &'m Measurements,
        column: usize,
    ) -> (&'m BlockedSeries, usize, usize) {
        match column.checked_sub(measurements.singles.columns()) {
            None => (&measurements.singles, self.ladders.count(), column),
            Some(column) => (&measurements.pairs, self.ladders.samples, column),
        }
    }

    /// The means of every column on each sample, averaged over its copies.
    fn sample_means(&self, measurements: &Measurements, row: usize) -> Vec<Vec<f64>> {
        let columns = measurements.singles.columns() + measurements.pairs.columns();
        let of_column = |column| {
            let (series, rows, column) = self.rows_of(measurements, column);
            let each = rows / self.ladders.samples;
            let of_sample = |sample: usize| {
                let rows = (0..each).map(|k| row * rows + sample * each + k);
                rows.map(|row| series.mean(row, column)).sum::<f64>() / each as f64
            };
            (0..self.ladders.samples).map(of_sample).collect()
        };
        (0..columns).map(of_column).collect()
    }

    pub(super) fn analyze(
        &self,
        measurements: &Measurements,
        relaxation: &Relaxation<M>,
        row: usize,
    ) -> RungNumbers {
        let mut numbers = RungNumbers::default();
        let series = self.rung_columns(measurements, row);
        let samples = self.sample_means(measurements, row);
        // Over several samples the error is their scatter, which holds that of each sample's own chain.
        let disordered = self.ladders.samples > 1;
        let singles = &measurements.singles;
        let block_length = singles.block_length() as f64;
        for (column, values) in series.iter().enumerate() {
            let mut estimate = binning(values);
            // The mean of all records and the variance of single ones are known exactly, also in long blocks.
            let (rows_of, rows, k) = self.rows_of(measurements, column);
            let all = || (0..rows).map(|k| row * rows + k);
            estimate.mean = if singles.records() > 0 { mean(&samples[column]) } else { f64::NAN };
            if block_length > 1.0 {
                let variance = all().map(|r| rows_of.variance(r, k)).sum::<f64>() / (rows * rows) as f64;
                estimate.autocorrelation_time =
                    0.5 * estimate.error.powi(2) * singles.records() as f64 / variance;
            }
            if disordered {
                estimate.error = independent(&samples[column]).error;
            }
            estimate.autocorrelation_time *= self.measure_every as f64;
            numbers.push(&estimate);
        }
        let beta = 1.0 / self.temperatures[measurements.owned.start + row];
        for derived in self.model.derived(self.has_pairs()) {
            let formula = |means: &[f64]| (derived.formula)(means, beta);
            let mut estimate = if disordered {
                jackknife_in_blocks(&samples, formula, 1)
            } else {
                jackknife(&series, formula)
            };
            // The variance of single records of a function is not kept: times below a block are not resolved.
            if disordered || (block_length > 1.0 && estimate.autocorrelation_time < 1.0) {
                estimate.autocorrelation_time = f64::NAN;
            }
            estimate.autocorrelation_time *= block_length * self.measure_every as f64;
            numbers.push(&if derived.root { estimate.root() } else { estimate });
        }
        self.analyze_equilibration(&series, &mut numbers);
        analyze_rows(&measurements.structure, row, &mut numbers);
        analyze_rows(&relaxation.series, row, &mut numbers);
        self.analyze_relaxation_times(relaxation, row, &mut numbers);
        numbers
    }

    pub(super) fn analyze_equilibration(&self, series: &[Vec<f64>], numbers: &mut RungNumbers) {
        for (_, column) in self.judged_columns() {
            let bins = logarithmic_bins(&series[column]);
            for k in 0..REPORTED_BINS {
                let estimate = bins.get(k).map(|bin| bin.estimate);
                numbers.0.extend(estimate.map_or([f64::NAN; 2], |e| [e.mean, e.error]));
            }
            numbers.0.push(drift(&bins).unwrap_or(f64::NAN));
        }
    }

    /// Relaxation times C(tau) = 1/e by linear interpolation in ln t; errors from the scatter over origins.
    pub(super) fn analyze_relaxation_times(
        &self,
        relaxation: &Relaxation<M>,
        row: usize,
        numbers: &mut RungNumbers,
    ) {
        let times = &relaxation.times;
        let blocks = relaxation.series.blocks();
        for correlation in 0..self.model.correlation_names().len() {
            if times.is_empty() {
                continue;
            }
            let columns: Vec<Vec<f64>> = (0..times.len())
                .map(|t| {
                    let column = correlation * times.len() + t;
                    (0..blocks).map(|block| relaxation.series.block(row, block)[column]).collect()
                })
                .collect();
            if blocks == 0 {
                numbers.0.extend([f64::NAN; 2]);
                continue;
            }
            let whole: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
            let estimate = jackknife(&columns, |c| crossing_time(times, c));
            numbers.0.extend([crossing_time(times, &whole), estimate.error]);
        }
    }
}

fn analyze_rows(series: &BlockedSeries, row: usize, numbers: &mut RungNumbers) {
    for column in 0..series.columns() {
        let values: Vec<f64> = (0..series.blocks()).map(|block| series.block(row, block)[column]).collect();
        let mut estimate = binning(&values);
        estimate.mean = if series.records() > 0 { series.mean(row, column) } else { f64::NAN };
        numbers.push(&estimate);
    }
}

/// Where an interpolated correlation first falls to 1/e; NaN if it does not within the recorded times.
fn crossing_time(times: &[u64], correlation: &[f64]) -> f64 {
    let level = (-1.0f64).exp();
    for (pair, c) in times.windows(2).zip(correlation.windows(2)) {
        if c[0] > level && c[1] <= level {
            let fraction = (c[0] - level) / (c[0] - c[1]);
            let (early, late) = (pair[0] as f64, pair[1] as f64);
            return if early == 0.0 { late * fraction } else { early * (late / early).powf(fraction) };
        }
    }
    f64::NAN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::relaxation::logarithmic_times;

    #[test]
    fn the_relaxation_time_of_an_exponential_is_found() {
        let times = logarithmic_times(1000);
        let decay: Vec<f64> = times.iter().map(|&t| (-(t as f64) / 40.0).exp()).collect();
        assert!((crossing_time(&times, &decay) / 40.0 - 1.0).abs() < 0.01);
        assert!(crossing_time(&times, &vec![0.9; times.len()]).is_nan());
    }
}
