//! Tables of the time series, each rank holding those of its rungs.

use super::LadderResults;
use crate::foundation::Result;
use crate::foundation::table::{Data, Part, Sink, Table};
use crate::models::Model;
use crate::sampling::measurement::Measurements;

impl<M: Model> LadderResults<'_, M> {
    /// The series, each rank holding those of its rungs. Groups that are not measured yet are filled with NaN.
    pub(super) fn series_tables(&self, sink: Sink<'_>) -> Result<()> {
        let rungs = self.temperatures.len();
        let blocks_of = |m: &Measurements| m.singles.blocks();
        let blocks = self.groups.iter().map(|(m, _)| blocks_of(m)).max().unwrap_or(0);
        let block_length = self.groups.iter().map(|(m, _)| m.singles.block_length()).max().unwrap_or(1);
        let step =
            |block: usize| self.thermalization + (block as u64 + 1) * block_length * self.measure_every;
        sink(Table::new(
            "/series/step",
            vec![blocks],
            Data::U64((0..blocks).map(step).collect()),
            "sweeps",
            &format!("sweep at the end of each entry; an entry averages {block_length} measurements"),
        ))?;
        // The rungs of a rank are one contiguous range: with several groups (annealing) each has a single rung, which its
        // first rank owns.
        for (observable, start) in self.observables() {
            let single = start < self.model_columns();
            let copies = if single { self.ladders.count() } else { self.ladders.samples };
            let width = observable.width;
            let value = |m: &Measurements, row: usize, copy: usize, block: usize, k: usize| {
                if block >= blocks_of(m) {
                    f64::NAN
                } else if single {
                    m.singles.block(row * copies + copy, block)[start + k]
                } else {
                    m.pairs.block(row * copies + copy, block)[start - self.model_columns() + k]
                }
            };
            let owned: usize = self.groups.iter().map(|(m, _)| m.kept_rungs().1).sum();
            let mut data = Vec::with_capacity(blocks * owned * copies * width);
            for block in 0..blocks {
                for (m, _) in &self.groups {
                    for row in 0..m.kept_rungs().1 {
                        for copy in 0..copies {
                            data.extend((0..width).map(|k| value(m, row, copy, block, k)));
                        }
                    }
                }
            }
            let mut shape = vec![blocks, rungs];
            // One row per ladder; of pairs, one per sample where there are several.
            if single || copies > 1 {
                shape.push(copies);
            }
            if width > 1 {
                shape.push(width);
            }
            let path = format!("/series/{}", observable.name);
            let first = self.groups.first().map_or(0, |(m, _)| m.owned.start);
            let part = if owned == 0 { Part::nothing(&shape) } else { Part::along(1, first, owned, &shape) };
            let mut table =
                Table::new(path, shape, Data::F64(data), observable.units, observable.description);
            table.part = Some(part);
            sink(table)?;
        }
        Ok(())
    }
}
