//! Autocorrelation functions and relaxation times.

use super::super::catalog::words;
use super::super::drawing::{Axis, Curve, Figure, Mark, Marker, Panel, Point, Scale, category};
use super::super::results::Results;
use super::{Content, Section, level, temperature_axis, temperature_bar, temperature_color, vertical_values};

/// C(t) for all temperatures, and relaxation times against temperature and its inverse.
#[must_use]
pub fn section(results: &Results) -> Section {
    let names = results.children("/relaxation/");
    let mut content: Vec<Content> =
        names.iter().filter_map(|name| correlation(results, name)).map(Content::Figure).collect();
    content.extend(times(results, &names).map(Content::Figure));
    Section::new(
        "relaxation",
        "Relaxation",
        "Autocorrelation functions on a logarithmic time axis and the times at which they fall to 1/e (dashed). A \
         straight line of the relaxation time against 1/T is an Arrhenius law; upward curvature is the \
         super-Arrhenius slowing down of a glass or of a transition at a finite temperature. Rungs that do not reach \
         1/e have no relaxation time.",
        content,
    )
}

fn correlation(results: &Results, name: &str) -> Option<Figure> {
    let times = results.list("/relaxation/time")?;
    let read = |leaf: &str| {
        let column = results.by_rung(&format!("/relaxation/{name}/{leaf}"));
        column.filter(|column| column.width == times.len())
    };
    let mean = read("mean")?;
    let error = read("error");
    let curve = |&rung: &usize| {
        let point = |(index, time): (usize, &f64)| Point {
            x: *time,
            y: mean.at(rung, index),
            error: error.as_ref().map_or(f64::NAN, |error| error.at(rung, index)),
        };
        // Time zero, where C is one by definition, has no place on a logarithmic axis.
        let points = times.iter().enumerate().filter(|(_, time)| **time > 0.0).map(point);
        Curve {
            label: String::new(),
            points: points.collect(),
            color: temperature_color(results, rung),
            marker: Marker::None,
            width: 1.3,
            is_dashed: false,
        }
    };
    // Hot curves first: the slow ones, which matter most, are then in front.
    let curves: Vec<Curve> = results.cold_to_hot().iter().rev().map(curve).collect();
    let horizontal = Axis::fit("time t (sweeps)", Scale::Logarithmic, &times, 0.0);
    let mut values = vertical_values(&curves, Scale::Linear);
    values.extend([0.0, 1.0]);
    let vertical = Axis::fit(format!("C(t), {}", words(name)), Scale::Linear, &values, 0.03);
    let mut marks = vec![Mark::Curve(level("", &horizontal, (-1.0f64).exp()))];
    marks.extend(curves.into_iter().map(Mark::Curve));
    let mut panel = Panel::new(horizontal, vertical, marks);
    panel.color_bar = Some(temperature_bar(results));
    let caption = format!("Autocorrelation function of {} for every rung.", words(name));
    Some(Figure::new(&format!("relaxation_{name}"), vec![panel], caption))
}

fn times(results: &Results, names: &[&str]) -> Option<Figure> {
    let curve = |is_inverse: bool| {
        let mut curves = Vec::new();
        for name in names {
            let read = |leaf: &str| {
                results.by_rung(&format!("/relaxation/{name}/{leaf}")).filter(|column| column.width == 1)
            };
            let Some(time) = read("relaxation_time") else { continue };
            let error = read("relaxation_time_error");
            let point = |&rung: &usize| {
                let temperature = results.temperature()[rung];
                Point {
                    x: if is_inverse { temperature.recip() } else { temperature },
                    y: time.at(rung, 0),
                    error: error.as_ref().map_or(f64::NAN, |error| error.at(rung, 0)),
                }
            };
            curves.push(Curve {
                label: words(name),
                points: results.cold_to_hot().iter().map(point).collect(),
                color: category(curves.len()),
                marker: Marker::of(curves.len()),
                width: 1.2,
                is_dashed: false,
            });
        }
        curves
    };
    let (plain, inverse) = (curve(false), curve(true));
    let values: Vec<f64> = plain.iter().flat_map(|curve| &curve.points).map(|point| point.y).collect();
    if !values.iter().any(|value| *value > 0.0 && value.is_finite()) {
        return None;
    }
    let vertical = Axis::fit("relaxation time (sweeps)", Scale::Logarithmic, &values, 0.06);
    let inverse_temperature: Vec<f64> = results.temperature().iter().map(|t| t.recip()).collect();
    let label = format!("1/T ({})", inverse_units(results.temperature_units()));
    let inverse_axis = Axis::fit(label, Scale::Linear, &inverse_temperature, 0.03);
    let marks = |curves: Vec<Curve>| curves.into_iter().map(Mark::Curve).collect();
    let panels = vec![
        Panel::new(temperature_axis(results), vertical.clone(), marks(plain)),
        Panel::new(inverse_axis, vertical, marks(inverse)),
    ];
    let caption = "Relaxation times against temperature and against inverse temperature.";
    Some(Figure::new("relaxation_time", panels, caption))
}

/// J/k_B becomes k_B/J; anything else one over it.
fn inverse_units(units: &str) -> String {
    match units.split_once('/') {
        Some((above, below)) => format!("{below}/{above}"),
        None => format!("1/{units}"),
    }
}
