//! Whether averages still drift.

use super::super::catalog::words;
use super::super::drawing::{Axis, Curve, Figure, Mark, Marker, Panel, Point, Scale};
use super::super::number::{labeled, rounded, short};
use super::super::results::Results;
use super::{Content, Section, level, temperature_color, vertical_values};

/// Averages over logarithmic bins, and the verdict for each rung.
#[must_use]
pub fn section(results: &Results) -> Section {
    let mut content: Vec<Content> = Vec::new();
    for name in names(results) {
        content.extend(bins(results, name).map(Content::Figure));
    }
    content.extend(verdicts(results).map(Content::Table));
    Section::new(
        "equilibration",
        "Equilibration",
        "Averages over bins of measured sweeps, each bin about twice as long as the one before it. In equilibrium the \
         last bins agree within their errors with the newest one (dashed line); a slope that reaches the right edge \
         means that the run is too short. Drifts are in standard deviations.",
        content,
    )
}

/// Energy first, then whatever else was binned.
fn names<'a>(results: &Results<'a>) -> Vec<&'a str> {
    let mut names = results.children("/equilibration/");
    names.sort_by_key(|name| super::super::catalog::place(name));
    names
}

fn bins(results: &Results, name: &str) -> Option<Figure> {
    let (start, end) = (results.list("/equilibration/start")?, results.list("/equilibration/end")?);
    let (bins, rungs) = (start.len().min(end.len()), results.rungs());
    let read = |leaf: &str| {
        let (shape, values) = results.array(&format!("/equilibration/{name}/{leaf}"))?;
        (shape == [bins, rungs]).then_some(values)
    };
    let mean = read("mean")?;
    let error = read("error").unwrap_or_else(|| vec![f64::NAN; mean.len()]);
    // The oldest bin starts at zero, which has no place on a logarithmic axis.
    let time: Vec<f64> = (0..bins).map(|bin| (start[bin].max(1.0) * end[bin].max(1.0)).sqrt()).collect();
    let unit = results.units(&format!("/equilibration/{name}/mean"));
    let panel = |(rung, word): (usize, &str)| {
        let point = |bin: usize| Point {
            x: time[bin],
            y: mean[bin * rungs + rung],
            error: error[bin * rungs + rung],
        };
        let curve = Curve {
            label: String::new(),
            points: (0..bins).map(point).collect(),
            color: temperature_color(results, rung),
            marker: Marker::Circle,
            width: 1.2,
            is_dashed: false,
        };
        let scale = Scale::logarithmic_beyond(5.0, &time);
        let horizontal = Axis::fit("measured sweeps", scale, &time, 0.05);
        let newest = level("", &horizontal, mean[rung]);
        let values = vertical_values(std::slice::from_ref(&curve), Scale::Linear);
        let vertical = Axis::fit(labeled(&words(name), unit), Scale::Linear, &values, 0.08);
        Panel::new(horizontal, vertical, vec![Mark::Curve(newest), Mark::Curve(curve)])
            .titled(format!("{word}, T = {}", rounded(results.temperature()[rung], 3)))
    };
    let panels = results.selected_rungs().into_iter().map(panel).collect();
    let caption = format!(
        "Mean of {} in logarithmic bins against the (geometric) middle of the bin, with standard errors.",
        words(name)
    );
    let mut figure = Figure::new(&format!("equilibration_{name}"), panels, caption);
    figure.height = 300.0;
    Some(figure)
}

fn verdicts(results: &Results) -> Option<Vec<Vec<String>>> {
    let flags = results.equilibrated()?;
    let drifts: Vec<_> = names(results)
        .into_iter()
        .filter_map(|name| Some((name, results.by_rung(&format!("/equilibration/{name}/drift"))?)))
        .filter(|(_, drift)| drift.width == 1)
        .collect();
    let mut header = vec!["rung".to_string(), results.temperature_label(), "equilibrated".to_string()];
    header.extend(drifts.iter().map(|(name, _)| format!("drift of {}", words(name))));
    let mut rows = vec![header];
    for (rung, temperature) in results.temperature().iter().enumerate() {
        let mut row = vec![rung.to_string(), short(*temperature), flags[rung].unwrap_or("-").to_string()];
        row.extend(drifts.iter().map(|(_, drift)| match drift.at(rung, 0) {
            value if value.is_finite() => format!("{value:+.1}"),
            _ => "-".into(),
        }));
        rows.push(row);
    }
    Some(rows)
}
