//! From series to results: means, errors, derived quantities and the equilibration test, rung by rung.
//!
//! Each rank analyzes the rungs it owns; the small results are then known to all, the long series are written by
//! their owners. Nothing here depends on who owns what.

use super::measurement::Measurements;
use super::relaxation::Relaxation;
use crate::foundation::Result;
use crate::foundation::observable::{MoveCount, Observable, columns};
use crate::foundation::statistics::{Estimate, binning, drift, jackknife, logarithmic_bins, mean};
use crate::foundation::table::{Data, Part, Table};
use crate::models::{Model, Plane};
use crate::parallel::{Comm, partition};

/// Deviation, in standard deviations, above which a rung does not count as equilibrated.
const EQUILIBRATION_THRESHOLD: f64 = 4.0;
/// Logarithmic bins reported.
const REPORTED_BINS: usize = 10;

/// A plane with the coordinates of its wave vectors, in units of 2 pi / a.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaneAxes {
    /// The plane.
    pub plane: Plane,
    /// Horizontal coordinates.
    pub horizontal: Vec<f64>,
    /// Vertical coordinates.
    pub vertical: Vec<f64>,
}

impl PlaneAxes {
    /// The grid of a plane on a lattice of `size` cells, and its wave vectors in units of 2 pi / (a size), row by row.
    #[must_use]
    pub fn new(plane: Plane, size: usize) -> (Self, Vec<[i64; 3]>) {
        let l = size as i64;
        let steps = |[from, to]: [i64; 2]| (from * l..=to * l).collect::<Vec<i64>>();
        let (across, up) = (steps(plane.horizontal_range), steps(plane.vertical_range));
        let at = |x: i64, y: i64| std::array::from_fn(|d| x * plane.horizontal[d] + y * plane.vertical[d]);
        let vectors =
            up.iter().flat_map(|&y| across.iter().map(move |&x| (x, y))).map(|(x, y)| at(x, y)).collect();
        let scale = |steps: Vec<i64>| steps.into_iter().map(|n| n as f64 / l as f64).collect();
        (PlaneAxes { plane, horizontal: scale(across), vertical: scale(up) }, vectors)
    }

    fn points(&self) -> usize {
        self.horizontal.len() * self.vertical.len()
    }

    fn axes(&self) -> String {
        let name = |v: [i64; 3], letter: &str| {
            v.map(|n| if n == 0 { "0".to_string() } else { letter.to_string() }).join(" ")
        };
        format!("{} | {}", name(self.plane.horizontal, "h"), name(self.plane.vertical, "l"))
    }
}

/// About how many bytes a checkpoint takes.
#[must_use]
pub fn checkpoint_bytes<M: Model>(model: &M, rungs: usize, copies: usize) -> u64 {
    let bytes = |field: &crate::models::StateField| {
        field.shape.iter().product::<usize>() * if field.integer { 1 } else { 8 }
    };
    let state: usize = model.state_fields().iter().map(bytes).sum();
    let (_, width) = columns(&model.observables());
    (rungs * copies * (state + width * 8 * 1024) + (1 << 16)) as u64
}

/// Everything the results of a ladder are made from. A group is a set of rungs that are measured together.
pub struct LadderResults<'a, M: Model> {
    /// The model.
    pub model: &'a M,
    /// The ranks.
    pub comm: &'a dyn Comm,
    /// Temperatures, ascending.
    pub temperatures: &'a [f64],
    /// Configurations per rung.
    pub copies: usize,
    /// Sweeps between measurements.
    pub measure_every: u64,
    /// Sweeps before the first measured one.
    pub thermalization: u64,
    /// The measurements, covering all rungs in ascending order.
    pub groups: Vec<(&'a Measurements, &'a Relaxation<M>)>,
    /// Planes of structure factors.
    pub planes: &'a [PlaneAxes],
    /// `[rung][kind of move]`
    pub move_counts: &'a [MoveCount],
}

/// What is known of one rung: numbers in a fixed order that all ranks agree on.
#[derive(Default)]
struct RungNumbers(Vec<f64>);

impl RungNumbers {
    fn push(&mut self, estimate: &Estimate) {
        self.0.extend([estimate.mean, estimate.error, estimate.autocorrelation_time]);
    }
}

/// Cursor over gathered numbers, `[rung][number]`.
struct Gathered {
    numbers: Vec<f64>,
    width: usize,
    next: usize,
}

impl Gathered {
    /// The next `count` numbers of every rung: `[rung][count]`.
    fn take(&mut self, count: usize) -> Vec<f64> {
        let next = self.next;
        self.next += count;
        self.numbers
            .chunks_exact(self.width.max(1))
            .flat_map(|row| &row[next..next + count])
            .copied()
            .collect()
    }

    /// The next `count` estimates of every rung, split into means, errors and times.
    fn take_estimates(&mut self, count: usize) -> [Vec<f64>; 3] {
        let flat = self.take(3 * count);
        [0, 1, 2].map(|k| flat.iter().skip(k).step_by(3).copied().collect())
    }
}

impl<M: Model> LadderResults<'_, M> {
    fn has_pairs(&self) -> bool {
        self.copies > 1
    }

    /// All tables, and remarks for people. Collective.
    ///
    /// # Errors
    /// Whatever the ranks agree went wrong.
    pub fn tables(&self) -> Result<(Vec<Table>, Vec<String>)> {
        let rungs = self.temperatures.len();
        let mut tables = vec![Table::new(
            "/ladder/temperature",
            vec![rungs],
            Data::F64(self.temperatures.to_vec()),
            "J",
            "temperature of each rung, k_B = 1",
        )];
        tables.extend(self.move_tables());
        let mut gathered = self.gather();
        self.observable_tables(&mut gathered, &mut tables);
        let remarks = self.equilibration_tables(&mut gathered, &mut tables);
        self.structure_tables(&mut gathered, &mut tables);
        self.relaxation_tables(&mut gathered, &mut tables);
        tables.extend(self.series_tables());
        Ok((tables, remarks))
    }

    fn move_tables(&self) -> Vec<Table> {
        let names = self.model.move_names();
        let mut tables = Vec::new();
        for (kind, name) in names.iter().enumerate() {
            let of_rung: Vec<&MoveCount> = self.move_counts.iter().skip(kind).step_by(names.len()).collect();
            if of_rung.iter().any(|count| count.attempted > 0.0) {
                let acceptance = of_rung.iter().map(|count| count.accepted / count.attempted).collect();
                tables.push(Table::new(
                    format!("/moves/{name}/acceptance"),
                    vec![of_rung.len()],
                    Data::F64(acceptance),
                    "1",
                    "accepted moves over tried moves (joint heat bath: fraction of displacements turned around)",
                ));
            }
        }
        tables
    }

    /// Analyzes the owned rungs and collects the numbers of all.
    fn gather(&self) -> Gathered {
        let mut mine = Vec::new();
        for (measurements, relaxation) in &self.groups {
            for row in 0..measurements.owned.len() {
                mine.extend(self.analyze(measurements, relaxation, row).0);
            }
        }
        // Groups are cut among ranks one by one; with several groups the ranks' shares interleave, so every rank
        // contributes whole rungs labeled by position.
        let rungs = self.temperatures.len();
        let owned: usize = self.groups.iter().map(|(measurements, _)| measurements.owned.len()).sum();
        let mut width = [(mine.len() / owned.max(1)) as u64];
        self.comm.max(&mut width);
        let width = width[0] as usize;
        let size = self.comm.size();
        let held = |rank: usize| -> Vec<usize> {
            let of_group = |measurements: &Measurements| {
                let share = partition::share(measurements.rungs.len(), rank, size);
                measurements.rungs.start + share.start..measurements.rungs.start + share.end
            };
            self.groups.iter().flat_map(|(measurements, _)| of_group(measurements)).collect()
        };
        let counts: Vec<usize> = (0..size).map(|rank| held(rank).len() * width).collect();
        let all = self.comm.all_gather(&mine, &counts);
        let mut numbers = vec![0.0; rungs * width];
        let mut rows = all.chunks_exact(width.max(1));
        for rung in (0..size).flat_map(held) {
            if let Some(row) = rows.next() {
                numbers[rung * width..(rung + 1) * width].copy_from_slice(row);
            }
        }
        Gathered { numbers, width, next: 0 }
    }

    /// The copy-averaged series of every column of a rung, pairs behind singles.
    fn rung_columns(&self, measurements: &Measurements, row: usize) -> Vec<Vec<f64>> {
        let singles = &measurements.singles;
        let blocks = singles.blocks();
        let mut series = vec![Vec::with_capacity(blocks); singles.columns() + measurements.pairs.columns()];
        for block in 0..blocks {
            for (column, series) in series.iter_mut().enumerate().take(singles.columns()) {
                let of_copy = |copy| singles.block(row * self.copies + copy, block)[column];
                series.push((0..self.copies).map(of_copy).sum::<f64>() / self.copies as f64);
            }
            if measurements.pairs.columns() > 0 {
                let pairs = measurements.pairs.block(row, block);
                series[singles.columns()..]
                    .iter_mut()
                    .zip(pairs)
                    .for_each(|(series, value)| series.push(*value));
            }
        }
        series
    }

    fn analyze(&self, measurements: &Measurements, relaxation: &Relaxation<M>, row: usize) -> RungNumbers {
        let mut numbers = RungNumbers::default();
        let series = self.rung_columns(measurements, row);
        let singles = &measurements.singles;
        let block_length = singles.block_length() as f64;
        for (column, values) in series.iter().enumerate() {
            let mut estimate = binning(values);
            if column < singles.columns() {
                // The mean of all records and the variance of single ones are known exactly, also in long blocks.
                let copies = || (0..self.copies).map(|copy| row * self.copies + copy);
                let average = copies().map(|r| singles.mean(r, column)).sum::<f64>() / self.copies as f64;
                let variance =
                    copies().map(|r| singles.variance(r, column)).sum::<f64>() / (self.copies as f64).powi(2);
                estimate.mean = if singles.records() > 0 { average } else { f64::NAN };
                if variance > 0.0 && block_length > 1.0 {
                    estimate.autocorrelation_time =
                        0.5 * estimate.error.powi(2) * singles.records() as f64 / variance;
                }
            } else {
                estimate.autocorrelation_time *= block_length;
            }
            estimate.autocorrelation_time *= self.measure_every as f64;
            numbers.push(&estimate);
        }
        let beta = 1.0 / self.temperatures[measurements.owned.start + row];
        for derived in self.model.derived(self.has_pairs()) {
            let mut estimate = jackknife(&series, |means| (derived.formula)(means, beta));
            estimate.autocorrelation_time *= block_length * self.measure_every as f64;
            numbers.push(&estimate);
        }
        self.analyze_equilibration(&series, &mut numbers);
        analyze_rows(&measurements.structure, row, &mut numbers);
        analyze_rows(&relaxation.series, row, &mut numbers);
        self.analyze_relaxation_times(relaxation, row, &mut numbers);
        numbers
    }

    /// All observables in column order: (observable, first column).
    fn observables(&self) -> Vec<(Observable, usize)> {
        let singles = self.model.observables();
        let (starts, width) = columns(&singles);
        let mut list: Vec<(Observable, usize)> = singles.into_iter().zip(starts).collect();
        if self.has_pairs() {
            let pairs = self.model.pair_observables();
            let (starts, _) = columns(&pairs);
            list.extend(pairs.into_iter().zip(starts.into_iter().map(|start| width + start)));
        }
        list
    }

    fn judged_columns(&self) -> Vec<(&'static str, usize)> {
        let observables = self.observables();
        let names = self.model.equilibration_observables(self.has_pairs());
        let find =
            |name: &str| observables.iter().find(|(o, _)| o.name == name).map(|(o, start)| (o.name, *start));
        names.into_iter().filter_map(find).collect()
    }

    fn analyze_equilibration(&self, series: &[Vec<f64>], numbers: &mut RungNumbers) {
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
    fn analyze_relaxation_times(&self, relaxation: &Relaxation<M>, row: usize, numbers: &mut RungNumbers) {
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

    fn observable_tables(&self, gathered: &mut Gathered, tables: &mut Vec<Table>) {
        let rungs = self.temperatures.len();
        let mut add = |name: &str, units: &str, description: &str, width: usize, [m, e, t]: [Vec<f64>; 3]| {
            let shape = if width == 1 { vec![rungs] } else { vec![rungs, width] };
            let mut push = |part: &str, data, units: &str, text: String| {
                let path = format!("/observables/{name}/{part}");
                tables.push(Table::new(path, shape.clone(), Data::F64(data), units, &text));
            };
            push("mean", m, units, description.to_string());
            push("error", e, units, format!("one standard deviation of the mean: {description}"));
            push(
                "autocorrelation_time",
                t,
                "sweeps",
                format!("integrated autocorrelation time: {description}"),
            );
        };
        for (observable, _) in self.observables() {
            let estimates = gathered.take_estimates(observable.width);
            add(observable.name, observable.units, observable.description, observable.width, estimates);
        }
        for derived in self.model.derived(self.has_pairs()) {
            add(derived.name, derived.units, derived.description, 1, gathered.take_estimates(1));
        }
    }

    fn equilibration_tables(&self, gathered: &mut Gathered, tables: &mut Vec<Table>) -> Vec<String> {
        let rungs = self.temperatures.len();
        let longest = self.groups.iter().map(|(measurements, _)| &measurements.singles);
        let longest = longest.max_by_key(|singles| singles.records());
        let blocks = longest.map_or(0, |singles| singles.blocks());
        let length = longest.map_or(1, |singles| singles.block_length()) * self.measure_every;
        let bins = logarithmic_bins(&vec![0.0; blocks]);
        let kept = bins.len().min(REPORTED_BINS);
        let sweeps = |of: fn(&crate::foundation::statistics::LogarithmicBin) -> usize| {
            Data::U64(bins[..kept].iter().map(|bin| of(bin) as u64 * length).collect())
        };
        let table =
            |name: String, shape, data, units: &str, text: &str| Table::new(name, shape, data, units, text);
        tables.push(table(
            "/equilibration/start".into(),
            vec![kept],
            sweeps(|bin| bin.start),
            "sweeps",
            "measured sweeps before each logarithmic bin, newest bin first",
        ));
        tables.push(table(
            "/equilibration/end".into(),
            vec![kept],
            sweeps(|bin| bin.end),
            "sweeps",
            "measured sweeps at the end of each logarithmic bin",
        ));
        let mut worst = vec![0.0f64; rungs];
        for (name, _) in self.judged_columns() {
            let averages = gathered.take(2 * REPORTED_BINS);
            let drift = gathered.take(1);
            for (part, offset) in [("mean", 0), ("error", 1)] {
                let at = |bin: usize, rung: usize| averages[(rung * REPORTED_BINS + bin) * 2 + offset];
                let data = (0..kept).flat_map(|bin| (0..rungs).map(move |rung| (bin, rung)));
                let data = data.map(|(bin, rung)| at(bin, rung)).collect();
                let path = format!("/equilibration/{name}/{part}");
                tables.push(table(
                    path,
                    vec![kept, rungs],
                    Data::F64(data),
                    "1",
                    "average in each logarithmic bin",
                ));
            }
            // NaN (too few bins) must stay NaN.
            worst.iter_mut().zip(&drift).for_each(|(worst, drift)| {
                *worst = if drift.is_nan() || worst.is_nan() { f64::NAN } else { worst.max(*drift) };
            });
            tables.push(table(
                format!("/equilibration/{name}/drift"),
                vec![rungs],
                Data::F64(drift),
                "standard deviations",
                "largest deviation of the second and third newest logarithmic bins from the newest",
            ));
        }
        let judge = |drift: &f64| match drift {
            drift if drift.is_nan() => 2,
            drift if *drift < EQUILIBRATION_THRESHOLD => 1,
            _ => 0,
        };
        let verdicts: Vec<u64> = worst.iter().map(judge).collect();
        let remarks = self.equilibration_remarks(&verdicts);
        tables.push(table(
            "/equilibration/equilibrated".into(),
            vec![rungs],
            Data::U64(verdicts),
            "1",
            "1: the last three logarithmic bins agree within 4 standard deviations; 0: they do not; 2: too short to tell",
        ));
        remarks
    }

    fn equilibration_remarks(&self, verdicts: &[u64]) -> Vec<String> {
        let at = |wanted: u64| -> Vec<String> {
            let rungs = verdicts.iter().zip(self.temperatures).filter(|(verdict, _)| **verdict == wanted);
            rungs.map(|(_, temperature)| format!("{temperature:.4}")).collect()
        };
        let (no, unknown) = (at(0), at(2));
        let mut remarks = Vec::new();
        if no.is_empty() && unknown.is_empty() {
            remarks.push(format!(
                "equilibrated at all {} temperatures (last three logarithmic bins agree)",
                verdicts.len()
            ));
        }
        if !no.is_empty() {
            remarks.push(format!("NOT equilibrated at T = {}: run longer or add rungs", no.join(", ")));
        }
        if !unknown.is_empty() {
            remarks.push(format!(
                "too short to judge equilibration at {} of {} temperatures",
                unknown.len(),
                verdicts.len()
            ));
        }
        remarks
    }

    fn structure_tables(&self, gathered: &mut Gathered, tables: &mut Vec<Table>) {
        let kinds = self.model.structure_factor_names();
        let points: usize = self.planes.iter().map(PlaneAxes::points).sum();
        if points == 0 {
            return;
        }
        let [means, errors, _] = gathered.take_estimates(kinds.len() * points);
        let rungs = self.temperatures.len();
        let row = kinds.len() * points;
        let mut offset = 0;
        for axes in self.planes {
            let base = format!("/structure_factor/{}", axes.plane.name);
            let units = "2 pi/a";
            for (part, values) in [("horizontal", &axes.horizontal), ("vertical", &axes.vertical)] {
                let data = Data::F64(values.clone());
                let path = format!("{base}/{part}");
                tables.push(Table::new(
                    path,
                    vec![values.len()],
                    data,
                    units,
                    "coordinates of the wave vectors",
                ));
            }
            tables.push(Table::text(&format!("{base}/axes"), &axes.axes(), "directions of the axes"));
            for (kind, name) in kinds.iter().enumerate() {
                let start = kind * points + offset;
                let cut = |values: &[f64]| {
                    let of_rung = |r: usize| &values[r * row + start..r * row + start + axes.points()];
                    Data::F64((0..rungs).flat_map(of_rung).copied().collect())
                };
                let shape = vec![rungs, axes.vertical.len(), axes.horizontal.len()];
                let text = format!("static structure factor S(q) = 1/N <|sum e^(iq.r)|^2>, {name}");
                tables.push(Table::new(
                    format!("{base}/{name}/mean"),
                    shape.clone(),
                    cut(&means),
                    "1",
                    &text,
                ));
                tables.push(Table::new(format!("{base}/{name}/error"), shape, cut(&errors), "1", &text));
            }
            offset += axes.points();
        }
    }

    fn relaxation_tables(&self, gathered: &mut Gathered, tables: &mut Vec<Table>) {
        let times = self.groups.first().map_or(Vec::new(), |(_, relaxation)| relaxation.times.clone());
        let names = self.model.correlation_names();
        if times.is_empty() {
            return;
        }
        let rungs = self.temperatures.len();
        let [means, errors, _] = gathered.take_estimates(names.len() * times.len());
        let text = "autocorrelation C(t) under local moves, 1 at t = 0";
        let count = times.len();
        tables.push(Table::new(
            "/relaxation/time",
            vec![count],
            Data::U64(times),
            "sweeps",
            "recorded times",
        ));
        for (index, name) in names.iter().enumerate() {
            for (part, values) in [("mean", &means), ("error", &errors)] {
                let start = index * count;
                let of_rung = |r: usize| {
                    &values[r * names.len() * count + start..r * names.len() * count + start + count]
                };
                let data = Data::F64((0..rungs).flat_map(of_rung).copied().collect());
                tables.push(Table::new(
                    format!("/relaxation/{name}/{part}"),
                    vec![rungs, count],
                    data,
                    "1",
                    text,
                ));
            }
            let pairs = gathered.take(2);
            for (part, offset) in [("relaxation_time", 0), ("relaxation_time_error", 1)] {
                let data = Data::F64(pairs.iter().skip(offset).step_by(2).copied().collect());
                let text = "time at which C(t) falls to 1/e; NaN if it does not";
                tables.push(Table::new(
                    format!("/relaxation/{name}/{part}"),
                    vec![rungs],
                    data,
                    "sweeps",
                    text,
                ));
            }
        }
    }

    /// The series, each rank holding those of its rungs. Groups that are not measured yet are filled with NaN.
    fn series_tables(&self) -> Vec<Table> {
        let rungs = self.temperatures.len();
        let blocks_of = |m: &Measurements| m.singles.blocks();
        let blocks = self.groups.iter().map(|(m, _)| blocks_of(m)).max().unwrap_or(0);
        let block_length = self.groups.iter().map(|(m, _)| m.singles.block_length()).max().unwrap_or(1);
        let step =
            |block: usize| self.thermalization + (block as u64 + 1) * block_length * self.measure_every;
        let mut tables = vec![Table::new(
            "/series/step",
            vec![blocks],
            Data::U64((0..blocks).map(step).collect()),
            "sweeps",
            &format!("sweep at the end of each entry; an entry averages {block_length} measurements"),
        )];
        // One contiguous range of rungs per rank is a hyperslab; with several groups each is its own table part, so
        // the (small) series of annealing are gathered instead.
        for (observable, start) in self.observables() {
            let single = start < self.model_columns();
            let copies = if single { self.copies } else { 1 };
            let width = observable.width;
            let value = |m: &Measurements, row: usize, copy: usize, block: usize, k: usize| {
                if block >= blocks_of(m) {
                    f64::NAN
                } else if single {
                    m.singles.block(row * self.copies + copy, block)[start + k]
                } else {
                    m.pairs.block(row, block)[start - self.model_columns() + k]
                }
            };
            let mut data = Vec::new();
            for block in 0..blocks {
                for (m, _) in &self.groups {
                    for row in 0..m.owned.len() {
                        for copy in 0..copies {
                            data.extend((0..width).map(|k| value(m, row, copy, block, k)));
                        }
                    }
                }
            }
            let mut shape = vec![blocks, rungs];
            if single {
                shape.push(self.copies);
            }
            if width > 1 {
                shape.push(width);
            }
            let path = format!("/series/{}", observable.name);
            let mut table =
                Table::new(path, shape, Data::F64(data), observable.units, observable.description);
            let owned: usize = self.groups.iter().map(|(m, _)| m.owned.len()).sum();
            let first = self.groups.first().map_or(0, |(m, _)| m.owned.start);
            table.part = Some(Part { axis: 1, start: if owned == 0 { 0 } else { first }, count: owned });
            tables.push(table);
        }
        tables
    }

    fn model_columns(&self) -> usize {
        columns(&self.model.observables()).1
    }
}

fn analyze_rows(series: &crate::foundation::series::BlockedSeries, row: usize, numbers: &mut RungNumbers) {
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

    #[test]
    fn the_relaxation_time_of_an_exponential_is_found() {
        let times = super::super::relaxation::logarithmic_times(1000);
        let decay: Vec<f64> = times.iter().map(|&t| (-(t as f64) / 40.0).exp()).collect();
        assert!((crossing_time(&times, &decay) / 40.0 - 1.0).abs() < 0.01);
        assert!(crossing_time(&times, &vec![0.9; times.len()]).is_nan());
    }

    #[test]
    fn a_plane_has_the_wave_vectors_of_its_axes() {
        let plane = Plane {
            name: "hhl".into(),
            horizontal: [1, 1, 0],
            vertical: [0, 0, 1],
            horizontal_range: [-2, 2],
            vertical_range: [0, 4],
        };
        let (axes, vectors) = PlaneAxes::new(plane, 2);
        assert_eq!((axes.horizontal.len(), axes.vertical.len(), vectors.len()), (9, 9, 81));
        assert_eq!((vectors[0], vectors[80]), ([-4, -4, 0], [4, 4, 8]));
        assert_eq!(axes.axes(), "h h 0 | 0 0 l");
    }
}
