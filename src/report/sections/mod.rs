//! The topics of the report, one file each.

mod equilibration;
mod exchange;
mod moves;
mod observables;
mod relaxation;
mod series;
pub mod structure_factor;
mod table;
mod tetrahedra;

use super::drawing::{Axis, ColorBar, ColorMap, Curve, Figure, Marker, Point, RGBColor, Scale, category};
use super::results::Results;

/// Something inside a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A plot.
    Figure(Figure),
    /// A table, the first row its header.
    Table(Vec<Vec<String>>),
}

/// A topic with a text that says what is shown and how to read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Name for links within the page.
    pub anchor: &'static str,
    /// Heading.
    pub title: &'static str,
    /// One or two sentences.
    pub text: String,
    /// Plots and tables.
    pub content: Vec<Content>,
    /// Whether it is closed until the reader opens it.
    pub is_folded: bool,
}

impl Section {
    /// A section that is open.
    #[must_use]
    pub fn new(anchor: &'static str, title: &'static str, text: &str, content: Vec<Content>) -> Self {
        Section { anchor, title, text: text.to_string(), content, is_folded: false }
    }

    /// The plots of the section.
    pub fn figures(&self) -> impl Iterator<Item = &Figure> {
        self.content.iter().filter_map(|content| match content {
            Content::Figure(figure) => Some(figure),
            Content::Table(_) => None,
        })
    }
}

/// All sections that have something to show, in the order of the page.
#[must_use]
pub fn all(results: &Results) -> Vec<Section> {
    let mut sections = vec![equilibration::section(results)];
    sections.extend(observables::known(results));
    sections.push(tetrahedra::section(results));
    sections.push(structure_factor::section(results));
    sections.push(relaxation::section(results));
    sections.push(exchange::section(results));
    sections.push(moves::section(results));
    sections.push(series::section(results));
    sections.push(table::section(results));
    sections.push(observables::other(results));
    sections.retain(|section| !section.content.is_empty());
    sections
}

/// The temperature axis of all plots against temperature.
fn temperature_axis(results: &Results) -> Axis {
    let scale = Scale::logarithmic_beyond(5.0, results.temperature());
    Axis::fit(results.temperature_label(), scale, results.temperature(), 0.03)
}

/// The color bar of all plots with a curve for each temperature.
fn temperature_bar(results: &Results) -> ColorBar {
    let scale = Scale::logarithmic_beyond(5.0, results.temperature());
    ColorBar {
        axis: Axis::fit(results.temperature_label(), scale, results.temperature(), 0.0),
        end: 0.9,
        map: ColorMap::Sequential,
    }
}

/// The color of a rung on `temperature_bar`.
fn temperature_color(results: &Results, rung: usize) -> RGBColor {
    temperature_bar(results).color(results.temperature()[rung])
}

/// The axis of a fraction, with room for symbols at zero and one.
fn fraction_axis(label: &str) -> Axis {
    Axis::new(label, Scale::Linear, -0.03, 1.03)
}

/// A curve over the rungs, from cold to hot, with symbol and color of the category `index`.
fn rung_curve(results: &Results, index: usize, label: &str, value: impl Fn(usize) -> (f64, f64)) -> Curve {
    let point = |&rung: &usize| {
        let (y, error) = value(rung);
        Point { x: results.temperature()[rung], y, error }
    };
    Curve {
        label: label.to_string(),
        points: results.cold_to_hot().iter().map(point).collect(),
        color: category(index),
        marker: Marker::of(index),
        width: 1.2,
        is_dashed: false,
    }
}

/// A horizontal dashed line.
#[must_use]
pub fn level(label: &str, axis: &Axis, y: f64) -> Curve {
    let end = |x: f64| Point { x, y, error: f64::NAN };
    Curve {
        label: label.to_string(),
        points: vec![end(axis.low), end(axis.high)],
        color: RGBColor(119, 119, 119),
        marker: Marker::None,
        width: 1.0,
        is_dashed: true,
    }
}

/// Everything the curves span vertically; an error bar counts unless it would dwarf the values.
#[must_use]
pub fn vertical_values(curves: &[Curve], scale: Scale) -> Vec<f64> {
    let points = || curves.iter().flat_map(|curve| &curve.points).filter(|point| point.y.is_finite());
    let mut values: Vec<f64> = points().map(|point| point.y).collect();
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let spread = if high > low { high - low } else { f64::INFINITY };
    let counts = |point: &&Point| match scale {
        Scale::Logarithmic => point.error <= 0.8 * point.y,
        _ => point.error <= spread,
    };
    values.extend(points().filter(counts).flat_map(|point| [point.y - point.error, point.y + point.error]));
    values
}

/// A vertical axis that shows all curves, on the scale that suits them.
fn vertical_axis(label: impl Into<String>, curves: &[Curve]) -> Axis {
    let values: Vec<f64> = curves.iter().flat_map(|curve| &curve.points).map(|point| point.y).collect();
    let scale = Scale::fitting(&values);
    Axis::fit(label, scale, &vertical_values(curves, scale), 0.06)
}
