//! Tables of moves, observables, structure factors and relaxation.

use super::{Gathered, LadderResults, PlaneAxes};
use crate::foundation::Result;
use crate::foundation::observable::MoveCount;
use crate::foundation::table::{Data, Sink, Table};
use crate::models::Model;

impl<M: Model> LadderResults<'_, M> {
    pub(super) fn move_tables(&self, sink: Sink<'_>) -> Result<()> {
        let names = self.model.move_names();
        for (kind, name) in names.iter().enumerate() {
            let of_rung: Vec<&MoveCount> = self.move_counts.iter().skip(kind).step_by(names.len()).collect();
            if of_rung.iter().any(|count| count.attempted > 0.0) {
                let acceptance = of_rung.iter().map(|count| count.accepted / count.attempted).collect();
                sink(Table::new(
                    format!("/moves/{name}/acceptance"),
                    vec![of_rung.len()],
                    Data::F64(acceptance),
                    "1",
                    "accepted moves over tried moves (joint heat bath: fraction of displacements turned around)",
                ))?;
            }
        }
        Ok(())
    }

    pub(super) fn observable_tables(&self, gathered: &mut Gathered, sink: Sink<'_>) -> Result<()> {
        let rungs = self.temperatures.len();
        let mut add = |name: &str, units: &str, description: &str, width: usize, [m, e, t]: [Vec<f64>; 3]| {
            let shape = if width == 1 { vec![rungs] } else { vec![rungs, width] };
            let mut push = |part: &str, data, units: &str, text: String| {
                let path = format!("/observables/{name}/{part}");
                sink(Table::new(path, shape.clone(), Data::F64(data), units, &text))
            };
            push("mean", m, units, description.to_string())?;
            push("error", e, units, format!("one standard deviation of the mean: {description}"))?;
            push(
                "autocorrelation_time",
                t,
                "sweeps",
                format!("integrated autocorrelation time: {description}"),
            )
        };
        for (observable, _) in self.observables() {
            let estimates = gathered.take_estimates(observable.width);
            add(observable.name, observable.units, observable.description, observable.width, estimates)?;
        }
        for derived in self.model.derived(self.has_pairs()) {
            add(derived.name, derived.units, derived.description, 1, gathered.take_estimates(1))?;
        }
        Ok(())
    }

    pub(super) fn structure_tables(&self, gathered: &mut Gathered, sink: Sink<'_>) -> Result<()> {
        let kinds = self.model.structure_factor_names();
        let points: usize = self.planes.iter().map(PlaneAxes::points).sum();
        if points == 0 {
            return Ok(());
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
                sink(Table::new(path, vec![values.len()], data, units, "coordinates of the wave vectors"))?;
            }
            sink(Table::text(&format!("{base}/axes"), &axes.axes(), "directions of the axes"))?;
            for (kind, name) in kinds.iter().enumerate() {
                let start = kind * points + offset;
                let cut = |values: &[f64]| {
                    let of_rung = |r: usize| axes.places().map(move |place| values[r * row + start + place]);
                    Data::F64((0..rungs).flat_map(of_rung).collect())
                };
                let shape = vec![rungs, axes.vertical.len(), axes.horizontal.len()];
                let text = format!("static structure factor S(q) = 1/N <|sum e^(iq.r)|^2>, {name}");
                sink(Table::new(format!("{base}/{name}/mean"), shape.clone(), cut(&means), "1", &text))?;
                sink(Table::new(format!("{base}/{name}/error"), shape, cut(&errors), "1", &text))?;
            }
            offset += axes.points();
        }
        Ok(())
    }

    pub(super) fn relaxation_tables(&self, gathered: &mut Gathered, sink: Sink<'_>) -> Result<()> {
        let times = self.groups.first().map_or(Vec::new(), |(_, relaxation)| relaxation.times.clone());
        let names = self.model.correlation_names();
        if times.is_empty() {
            return Ok(());
        }
        let rungs = self.temperatures.len();
        let [means, errors, _] = gathered.take_estimates(names.len() * times.len());
        let text = "autocorrelation C(t) under local moves, 1 at t = 0";
        let count = times.len();
        sink(Table::new("/relaxation/time", vec![count], Data::U64(times), "sweeps", "recorded times"))?;
        for (index, name) in names.iter().enumerate() {
            for (part, values) in [("mean", &means), ("error", &errors)] {
                let start = index * count;
                let of_rung = |r: usize| {
                    &values[r * names.len() * count + start..r * names.len() * count + start + count]
                };
                let data = Data::F64((0..rungs).flat_map(of_rung).copied().collect());
                sink(Table::new(format!("/relaxation/{name}/{part}"), vec![rungs, count], data, "1", text))?;
            }
            let pairs = gathered.take(2);
            for (part, offset) in [("relaxation_time", 0), ("relaxation_time_error", 1)] {
                let data = Data::F64(pairs.iter().skip(offset).step_by(2).copied().collect());
                let text = "time at which C(t) falls to 1/e; NaN if it does not";
                sink(Table::new(format!("/relaxation/{name}/{part}"), vec![rungs], data, "sweeps", text))?;
            }
        }
        Ok(())
    }
}
