//! How far the atoms went.

use super::super::drawing::{Axis, Figure, Mark, Panel, Scale};
use super::super::number::labeled;
use super::super::sections::{Content, Section};
use super::run::Run;
use super::thermo::by_stage;

/// The mean square displacement against time.
#[must_use]
pub fn section(run: &Run) -> Section {
    Section::new(
        "displacement",
        "Mean square displacement",
        "From where the atoms started at the beginning of the run, the motion of all together taken off. A slope of one \
         is diffusion, a plateau a cage.",
        figure(run).map(Content::Figure).into_iter().collect(),
    )
}

fn figure(run: &Run) -> Option<Figure> {
    let displacement = run.column("mean_square_displacement")?;
    let mut curves = by_stage(run, &displacement, |_| true);
    for curve in &mut curves {
        curve.points.retain(|point| point.x > 0.0 && point.y > 0.0);
    }
    curves.retain(|curve| curve.points.len() > 1);
    if curves.is_empty() {
        return None;
    }
    let all = |get: fn(&super::super::drawing::Point) -> f64| -> Vec<f64> {
        curves.iter().flat_map(|curve| &curve.points).map(get).collect()
    };
    let axis = |label: &str, values: &[f64], margin: f64| {
        Axis::fit(label, Scale::logarithmic_beyond(3.0, values), values, margin)
    };
    let horizontal = axis("time t (ps)", &all(|point| point.x), 0.0);
    let vertical = axis(&labeled("mean square displacement", "Angstrom^2"), &all(|point| point.y), 0.06);
    let panel = Panel::new(horizontal, vertical, curves.into_iter().map(Mark::Curve).collect());
    Some(Figure::new("mean_square_displacement", vec![panel], "Mean square displacement; colors are stages."))
}
