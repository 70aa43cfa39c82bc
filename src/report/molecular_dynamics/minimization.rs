//! How minimizations went.

use super::super::drawing::{Axis, Curve, Figure, Mark, Marker, Panel, Point, Scale, category};
use super::super::number::labeled;
use super::super::sections::{Content, Section};
use super::run::{Kind, Run};

/// Largest force and energy above the end against the steps of a minimization.
#[must_use]
pub fn section(run: &Run) -> Section {
    let energy = run.units_per_atom("eV");
    let figures = [
        ("minimization_force", labeled("largest force", "eV/Angstrom"), run.column("largest_force"), false),
        (
            "minimization_energy",
            labeled("energy above its last", &energy),
            run.column_per_atom("potential_energy"),
            true,
        ),
    ];
    let figure = |(name, label, values, is_relative): (&str, String, Option<Vec<f64>>, bool)| {
        figure(run, name, label, &values?, is_relative)
    };
    Section::new(
        "minimization",
        "Minimizations",
        "The largest component of all forces and the potential energy on the way down.",
        figures.into_iter().filter_map(figure).map(Content::Figure).collect(),
    )
}

fn figure(run: &Run, name: &str, label: String, values: &[f64], is_relative: bool) -> Option<Figure> {
    let mut curves = Vec::new();
    for (place, stage) in run.stages.iter().enumerate().filter(|(_, stage)| stage.kind == Kind::Minimization)
    {
        let rows = stage.rows.clone();
        let end = if is_relative { values[rows.end - 1] } else { 0.0 };
        let start = run.step[rows.end - 1] - stage.steps;
        let point = |row: usize| Point { x: run.step[row] - start, y: values[row] - end, error: f64::NAN };
        curves.push(Curve {
            label: stage.name.clone(),
            points: rows.map(point).filter(|point| point.y > 0.0).collect(),
            color: category(place),
            marker: Marker::None,
            width: 1.2,
            is_dashed: false,
        });
    }
    curves.retain(|curve| curve.points.len() > 1);
    if curves.is_empty() {
        return None;
    }
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let steps: Vec<f64> = points().map(|point| point.x).collect();
    let heights: Vec<f64> = points().map(|point| point.y).collect();
    let vertical = Axis::fit(label, Scale::logarithmic_beyond(10.0, &heights), &heights, 0.06);
    let horizontal = Axis::fit("steps in the stage", Scale::Linear, &steps, 0.0);
    let panel = Panel::new(horizontal, vertical, curves.into_iter().map(Mark::Curve).collect());
    let mut figure = Figure::new(name, vec![panel], "");
    figure.height = 300.0;
    Some(figure)
}
