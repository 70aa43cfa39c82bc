//! Tables of the logarithmic bins, and the verdict on each rung.

use super::{EQUILIBRATION_THRESHOLD, Gathered, LadderResults, REPORTED_BINS};
use crate::foundation::Result;
use crate::foundation::statistics::{LogarithmicBin, logarithmic_bins};
use crate::foundation::table::{Data, Sink, Table};
use crate::models::Model;

impl<M: Model> LadderResults<'_, M> {
    pub(super) fn equilibration_tables(
        &self,
        gathered: &mut Gathered,
        sink: Sink<'_>,
    ) -> Result<Vec<String>> {
        let rungs = self.temperatures.len();
        let longest = self.groups.iter().map(|(measurements, _)| &measurements.singles);
        let longest = longest.max_by_key(|singles| singles.records());
        let blocks = longest.map_or(0, |singles| singles.blocks());
        let length = longest.map_or(1, |singles| singles.block_length()) * self.measure_every;
        let bins = logarithmic_bins(&vec![0.0; blocks]);
        let kept = bins.len().min(REPORTED_BINS);
        let sweeps = |of: fn(&LogarithmicBin) -> usize| {
            Data::U64(bins[..kept].iter().map(|bin| of(bin) as u64 * length).collect())
        };
        let table =
            |name: String, shape, data, units: &str, text: &str| Table::new(name, shape, data, units, text);
        sink(table(
            "/equilibration/start".into(),
            vec![kept],
            sweeps(|bin| bin.start),
            "sweeps",
            "measured sweeps before each logarithmic bin, newest bin first",
        ))?;
        sink(table(
            "/equilibration/end".into(),
            vec![kept],
            sweeps(|bin| bin.end),
            "sweeps",
            "measured sweeps at the end of each logarithmic bin",
        ))?;
        let mut worst = vec![0.0f64; rungs];
        for (name, _) in self.judged_columns() {
            let averages = gathered.take(2 * REPORTED_BINS);
            let drift = gathered.take(1);
            for (part, offset) in [("mean", 0), ("error", 1)] {
                let at = |bin: usize, rung: usize| averages[(rung * REPORTED_BINS + bin) * 2 + offset];
                let data = (0..kept).flat_map(|bin| (0..rungs).map(move |rung| (bin, rung)));
                let data = data.map(|(bin, rung)| at(bin, rung)).collect();
                let path = format!("/equilibration/{name}/{part}");
                sink(table(
                    path,
                    vec![kept, rungs],
                    Data::F64(data),
                    "1",
                    "average in each logarithmic bin",
                ))?;
            }
            // NaN (too few bins) must stay NaN.
            worst.iter_mut().zip(&drift).for_each(|(worst, drift)| {
                *worst = if drift.is_nan() || worst.is_nan() { f64::NAN } else { worst.max(*drift) };
            });
            sink(table(
                format!("/equilibration/{name}/drift"),
                vec![rungs],
                Data::F64(drift),
                "standard deviations",
                "largest deviation of the second and third newest logarithmic bins from the newest",
            ))?;
        }
        let judge = |drift: &f64| match drift {
            drift if drift.is_nan() => 2,
            drift if *drift < EQUILIBRATION_THRESHOLD => 1,
            _ => 0,
        };
        let verdicts: Vec<u64> = worst.iter().map(judge).collect();
        let remarks = self.equilibration_remarks(&verdicts);
        sink(table(
            "/equilibration/equilibrated".into(),
            vec![rungs],
            Data::U64(verdicts),
            "1",
            "1: the last three logarithmic bins agree within 4 standard deviations; 0: they do not; 2: too short to tell",
        ))?;
        Ok(remarks)
    }

    pub(super) fn equilibration_remarks(&self, verdicts: &[u64]) -> Vec<String> {
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
}
