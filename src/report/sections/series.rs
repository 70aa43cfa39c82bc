//! The energy as it came.

use super::super::drawing::{Axis, Curve, Figure, Mark, Marker, Panel, Point, Scale};
use super::super::number::{labeled, rounded};
use super::super::results::Results;
use super::{Content, Section, temperature_color, vertical_values};

/// More points than this are not seen on a plot, only paid for.
const POINTS: usize = 800;

/// Energy against time on the coldest, a middle and the hottest rung.
#[must_use]
pub fn section(results: &Results) -> Section {
    Section::new(
        "series",
        "Energy over time",
        "Single measurements of the first copy on three rungs. Neighboring measurements on a rung may come from \
         different replicas; what should be seen is noise around a constant.",
        energy(results).map(Content::Figure).into_iter().collect(),
    )
}

fn energy(results: &Results) -> Option<Figure> {
    let (shape, energy) = results.array("/series/energy")?;
    let (count, rungs) = (*shape.first()?, *shape.get(1)?);
    let copies = shape.get(2).copied().unwrap_or(1);
    if rungs != results.rungs() || shape.len() > 3 {
        return None;
    }
    let steps = results
        .list("/series/step")
        .filter(|list| list.len() == count)
        .unwrap_or_else(|| (0..count).map(|step| step as f64).collect());
    let stride = count.div_ceil(POINTS);
    let panel = |(rung, word): (usize, &str)| {
        let point = |index: usize| Point {
            x: steps[index],
            y: energy[(index * rungs + rung) * copies],
            error: f64::NAN,
        };
        let curve = Curve {
            label: String::new(),
            points: (0..count).step_by(stride).map(point).collect(),
            color: temperature_color(results, rung),
            marker: Marker::None,
            width: 0.8,
            is_dashed: false,
        };
        let values = vertical_values(std::slice::from_ref(&curve), Scale::Linear);
        let horizontal = Axis::fit("sweep", Scale::Linear, &steps, 0.0);
        let label = labeled("energy", results.units("/series/energy"));
        Panel::new(horizontal, Axis::fit(label, Scale::Linear, &values, 0.06), vec![Mark::Curve(curve)])
            .titled(format!("{word}, T = {}", rounded(results.temperature()[rung], 3)))
    };
    let panels = results.selected_rungs().into_iter().map(panel).collect();
    let mut caption = String::from("Energy of single configurations.");
    if stride > 1 {
        caption.push_str(&format!(" One measurement in {stride} is shown."));
    }
    let mut figure = Figure::new("energy_series", panels, caption);
    figure.height = 300.0;
    Some(figure)
}
