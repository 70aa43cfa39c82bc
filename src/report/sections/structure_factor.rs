//! Maps of the structure factor.

use super::super::catalog::words;
use super::super::drawing::{Axis, ColorBar, ColorMap, Figure, Mark, Panel, Scale, indexed_png_uri};
use super::super::number::rounded;
use super::super::results::Results;
use super::{Content, Section};

/// Larger maps are averaged over squares, or the page would become too large to open.
const PIXELS: usize = 256;

/// The order in which kinds are shown; others follow.
const KINDS: [&str; 3] = ["spin", "displacement", "polarization"];

/// A structure factor of one kind on one plane, for all rungs.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Wave vectors along the horizontal axis.
    pub horizontal: Vec<f64>,
    /// Wave vectors along the vertical axis.
    pub vertical: Vec<f64>,
    /// Values by rung, vertical and horizontal index.
    pub mean: Vec<f64>,
}

impl Map {
    /// Finds a map; `None` if its tables are missing or do not fit together.
    #[must_use]
    pub fn read(results: &Results, plane: &str, kind: &str) -> Option<Self> {
        let horizontal = results.list(&format!("/structure_factor/{plane}/horizontal"))?;
        let vertical = results.list(&format!("/structure_factor/{plane}/vertical"))?;
        let (shape, mean) = results.array(&format!("/structure_factor/{plane}/{kind}/mean"))?;
        (shape == [results.rungs(), vertical.len(), horizontal.len()]).then_some(Map {
            horizontal,
            vertical,
            mean,
        })
    }
}

/// Maps of all planes and kinds on the coldest, a middle and the hottest rung.
#[must_use]
pub fn section(results: &Results) -> Section {
    let mut content = Vec::new();
    for plane in results.children("/structure_factor/") {
        let mut kinds = results.children(&format!("/structure_factor/{plane}/"));
        kinds
            .sort_by_key(|kind| (KINDS.iter().position(|known| known == kind).unwrap_or(KINDS.len()), *kind));
        for kind in kinds {
            content.extend(figure(results, plane, kind).map(Content::Figure));
        }
    }
    Section::new(
        "structure-factor",
        "Structure factors",
        "Averaged over measurements and copies; every map has its own color scale, which ends at the 99.5th percentile \
         so that a Bragg peak does not darken the rest. Bow ties that meet in pinch points are the mark of a local \
         conservation law such as the ice rule; sharp peaks mean long-range order. The mean over a full period in q \
         is one.",
        content,
    )
}

fn figure(results: &Results, plane: &str, kind: &str) -> Option<Figure> {
    let map = Map::read(results, plane, kind)?;
    let axes = results.text(&format!("/structure_factor/{plane}/axes")).unwrap_or("q1 | q2");
    let (first, second) = axes.split_once('|').unwrap_or((axes, "q2"));
    let (first, second) = (first.trim(), second.trim());
    if !map.horizontal.iter().chain(&map.vertical).all(|q| q.abs() < 1e100) {
        return None;
    }
    let extent = |values: &[f64]| {
        let (low, high) =
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        let half = 0.5 * (high - low) / values.len().saturating_sub(1).max(1) as f64;
        let half = if half > 0.0 { half } else { 0.5 };
        [low - half, high + half]
    };
    let (horizontal, vertical) = (extent(&map.horizontal), extent(&map.vertical));
    let size = |range: [f64; 2], direction: &str| (range[1] - range[0]) * length(direction);
    let aspect = size(horizontal, first) / size(vertical, second);
    let panel = |(rung, word): (usize, &str)| {
        let pixels = map.horizontal.len() * map.vertical.len();
        let values = map.mean.get(rung * pixels..(rung + 1) * pixels)?;
        let (uri, low, high) = picture(values, map.horizontal.len())?;
        let label = |direction: &str| format!("({direction}) in 2\u{3c0}/a");
        let mut panel = Panel::new(
            Axis::new(label(first), Scale::Linear, horizontal[0], horizontal[1]),
            Axis::new(label(second), Scale::Linear, vertical[0], vertical[1]),
            vec![Mark::Image { uri, horizontal, vertical, is_smooth: false }],
        )
        .titled(format!("{}, T = {} ({word})", words(kind), rounded(results.temperature()[rung], 3)));
        panel.color_bar = Some(ColorBar {
            axis: Axis::new("S(q)", Scale::Linear, low, high),
            end: 1.0,
            map: ColorMap::Sequential,
        });
        panel.aspect = Some(aspect);
        Some(panel)
    };
    let panels: Vec<Panel> = results.selected_rungs().into_iter().filter_map(panel).collect();
    if panels.is_empty() {
        return None;
    }
    let caption = format!("Structure factor of {} in the plane {}.", kind_words(kind), words(plane));
    let mut figure = Figure::new(&format!("structure_factor_{plane}_{kind}"), panels, caption);
    // What a frame of this aspect needs where the width is what limits it.
    figure.height = (230.0 / aspect).clamp(100.0, 320.0) + 84.0;
    Some(figure)
}

fn kind_words(kind: &str) -> String {
    match kind {
        "spin" => "the spins".into(),
        "displacement" => "the displacement signs".into(),
        "polarization" => "the displacement vectors".into(),
        other => words(other),
    }
}

/// The length of a direction such as "h h 0": the axes count h, but the map should not be distorted.
fn length(direction: &str) -> f64 {
    let square = |token: &str| {
        let token = token.trim_matches(['(', ')', ',', '-']);
        let digits = token.trim_end_matches(char::is_alphabetic);
        match (digits.len() == token.len(), digits) {
            (true, _) => 0.0,
            (false, "") => 1.0,
            (false, digits) => digits.parse::<f64>().map_or(1.0, |factor| factor * factor),
        }
    };
    let sum: f64 = direction.split_whitespace().map(square).sum();
    if sum > 0.0 { sum.sqrt() } else { 1.0 }
}

/// The picture and the values at the ends of its color scale.
fn picture(values: &[f64], width: usize) -> Option<(String, f64, f64)> {
    let height = values.len().checked_div(width)?;
    let block = width.max(height).div_ceil(PIXELS);
    let mean = |row: usize, column: usize| {
        let rows = row * block..((row + 1) * block).min(height);
        let cells = rows.flat_map(|y| {
            let columns = column * block..((column + 1) * block).min(width);
            columns.map(move |x| values[y * width + x])
        });
        let (sum, count) = cells.filter(|v| v.is_finite()).fold((0.0, 0usize), |(s, n), v| (s + v, n + 1));
        sum / count as f64
    };
    let (rows, columns) = (height.div_ceil(block), width.div_ceil(block));
    let reduced: Vec<Vec<f64>> =
        (0..rows).map(|row| (0..columns).map(|column| mean(row, column)).collect()).collect();
    let mut sorted: Vec<f64> = reduced.iter().flatten().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let low = *sorted.first()?;
    let high = sorted[((sorted.len() - 1) as f64 * 0.995) as usize];
    let high = if high > low { high } else { low + low.abs().max(1.0) * 1e-3 };
    let byte = |value: &f64| {
        if value.is_finite() {
            (254.0 * ((value - low) / (high - low)).clamp(0.0, 1.0)).round() as u8
        } else {
            255
        }
    };
    // The first row of a picture is its top, the first row of a map its bottom.
    let bytes: Vec<Vec<u8>> = reduced.iter().rev().map(|row| row.iter().map(byte).collect()).collect();
    Some((indexed_png_uri(columns, &bytes, ColorMap::Sequential)?, low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_have_their_length() {
        assert!((length("h h 0") - 2f64.sqrt()).abs() < 1e-12);
        assert!((length("0 0 l") - 1.0).abs() < 1e-12);
        assert!((length("h -h 2h") - 6f64.sqrt()).abs() < 1e-12);
        assert!((length("q1") - 1.0).abs() < 1e-12);
    }

    #[test]
    fn large_maps_are_reduced_and_holes_are_allowed() {
        let mut values: Vec<f64> = (0..600 * 300).map(|k| k as f64).collect();
        values[7] = f64::NAN;
        let (uri, low, high) = picture(&values, 600).expect("a picture");
        assert!(uri.len() < 100_000 && low < high);
        assert!(picture(&[f64::NAN; 4], 2).is_none());
        assert!(picture(&[1.0; 4], 2).is_some());
    }
}
