//! Pair distribution functions.

use super::super::drawing::{Axis, Curve, Figure, Mark, Marker, Panel, Point, Scale, category};
use super::super::number::rounded;
use super::super::sections::{Content, Section, level};
use super::peak::{Shell, first_shell};
use super::run::Run;

/// The functions of one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Shells {
    /// Name of the stage in the results: INDEX-NAME.
    pub folder: String,
    /// Name of the stage.
    pub stage: String,
    /// The functions: name of the pair, g, coordination number, first shell.
    pub pairs: Vec<Function>,
}

/// A pair distribution function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// "all", or the elements of center and neighbor.
    pub name: String,
    /// Values in the bins.
    pub g: Vec<f64>,
    /// Neighbors up to the end of the bins.
    pub coordination: Option<Vec<f64>>,
    /// The first shell of neighbors.
    pub shell: Option<Shell>,
}

/// The functions of all stages, in the order of the stages.
#[must_use]
pub fn all(run: &Run) -> Vec<Shells> {
    let Some(distance) = run.list("/rdf/distance") else { return Vec::new() };
    let mut folders = run.children("/rdf/");
    folders.retain(|folder| *folder != "distance");
    let split = |folder: &str| -> (usize, String) {
        let (index, name) = folder.split_once('-').unwrap_or(("", folder));
        (index.parse().unwrap_or(usize::MAX), name.to_string())
    };
    folders.sort_by_key(|folder| split(folder));
    let functions = |folder: &str| {
        let mut names = run.children(&format!("/rdf/{folder}/"));
        names.sort_by_key(|name| (*name != "all", *name));
        let function = |name: &str| {
            let read = |leaf: &str| {
                run.list(&format!("/rdf/{folder}/{name}/{leaf}")).filter(|list| list.len() == distance.len())
            };
            let (g, coordination) = (read("g")?, read("coordination"));
            let shell = first_shell(&distance, &g, coordination.as_deref());
            Some(Function { name: name.to_string(), g, coordination, shell })
        };
        names.into_iter().filter_map(function).collect::<Vec<_>>()
    };
    folders
        .into_iter()
        .map(|folder| Shells { folder: folder.into(), stage: split(folder).1, pairs: functions(folder) })
        .filter(|shells| !shells.pairs.is_empty())
        .collect()
}

/// Functions of all stages, partial functions of the last, and the first shells of all.
#[must_use]
pub fn section(run: &Run, shells: &[Shells]) -> Section {
    let mut content = Vec::new();
    if let Some((last, distance)) = shells.last().zip(run.list("/rdf/distance")) {
        let curve = |label: String, g: &[f64], index: usize, width: f64| Curve {
            label,
            points: distance.iter().zip(g).map(|(&x, &y)| Point { x, y, error: f64::NAN }).collect(),
            color: category(index),
            marker: Marker::None,
            width,
            is_dashed: false,
        };
        let total = |(place, shells): (usize, &Shells)| {
            let function = shells.pairs.iter().find(|function| function.name == "all")?;
            let width = if shells.folder == last.folder { 2.2 } else { 1.0 };
            let label = if width > 2.0 || place < 7 { shells.stage.clone() } else { String::new() };
            Some(curve(label, &function.g, place, width))
        };
        let totals: Vec<Curve> = shells.iter().enumerate().filter_map(total).collect();
        if !totals.is_empty() {
            content.push(Content::Figure(figure(
                "rdf_all",
                totals,
                "All pairs; the last stage is drawn thick.".into(),
            )));
        }
        let partial: Vec<&Function> = last.pairs.iter().filter(|function| is_first(&function.name)).collect();
        let curves: Vec<Curve> = partial
            .iter()
            .enumerate()
            .map(|(index, function)| curve(function.name.clone(), &function.g, index, 1.6))
            .collect();
        if !curves.is_empty() {
            content.push(Content::Figure(figure(
                "rdf_partial",
                curves,
                format!("Pairs of elements in stage {}.", last.stage),
            )));
        }
        content.push(Content::Table(rows(shells)));
    }
    Section::new(
        "structure",
        "Pair distribution functions",
        "The density of neighbors at a distance, relative to the mean. The position of the first peak is that of a \
         parabola fitted to its upper fifth; the coordination number counts the neighbors of an atom of the first \
         element up to the first minimum.",
        content,
    )
}

/// Whether a function A-B is not the same as an earlier B-A.
fn is_first(name: &str) -> bool {
    name.split_once('-').is_some_and(|(first, second)| first <= second)
}

/// The table of first shells, the last stage first.
#[must_use]
pub fn rows(shells: &[Shells]) -> Vec<Vec<String>> {
    let head =
        ["stage", "pair", "first peak (\u{c5})", "height", "first minimum (\u{c5})", "coordination number"];
    let mut rows = vec![head.map(String::from).to_vec()];
    for shells in shells.iter().rev() {
        for function in &shells.pairs {
            let Some(shell) = function.shell else { continue };
            let [edge, neighbors] = shell.edge.unwrap_or([f64::NAN; 2]);
            let mut row = vec![shells.stage.clone(), function.name.clone()];
            row.extend([
                rounded(shell.distance, 4),
                rounded(shell.height, 3),
                rounded(edge, 3),
                rounded(neighbors, 4),
            ]);
            rows.push(row);
        }
    }
    rows
}

fn figure(name: &str, curves: Vec<Curve>, caption: String) -> Figure {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let distances: Vec<f64> = points().map(|point| point.x).collect();
    let highest = points().map(|point| point.y).filter(|y| y.is_finite()).fold(1.0, f64::max);
    let horizontal = Axis::new(
        "distance r (\u{c5})",
        Scale::Linear,
        0.0,
        distances.iter().copied().filter(|r| r.is_finite()).fold(0.0, f64::max).max(1e-3),
    );
    let vertical = Axis::new("g(r)", Scale::Linear, 0.0, 1.06 * highest.min(1e100));
    let mut marks = vec![Mark::Curve(level("", &horizontal, 1.0))];
    marks.extend(curves.into_iter().map(Mark::Curve));
    Figure::new(name, vec![Panel::new(horizontal, vertical, marks)], caption)
}
