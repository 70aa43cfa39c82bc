//! Acceptance of the moves.

use super::super::catalog::words;
use super::super::drawing::{Figure, Mark, Panel};
use super::super::results::Results;
use super::{Content, Section, fraction_axis, rung_curve, temperature_axis};

/// Accepted fraction of every kind of move against temperature.
#[must_use]
pub fn section(results: &Results) -> Section {
    let mut marks = Vec::new();
    for name in results.children("/moves/") {
        let Some(acceptance) = results.by_rung(&format!("/moves/{name}/acceptance")) else { continue };
        let curve = rung_curve(results, marks.len(), &words(name), |rung| (acceptance.at(rung, 0), f64::NAN));
        marks.push(Mark::Curve(curve));
    }
    let mut content = Vec::new();
    if !marks.is_empty() {
        let vertical = fraction_axis("acceptance");
        let panel = Panel::new(temperature_axis(results), vertical, marks);
        let caption = "Accepted fraction of the proposals of each kind of move.";
        content.push(Content::Figure(Figure::new("moves", vec![panel], caption)));
    }
    Section::new(
        "moves",
        "Moves",
        "A single-site move whose acceptance vanishes at low temperature has frozen there; loop moves and exchange \
         must then carry the dynamics. Moves that are always accepted, such as heat bath, stay at one.",
        content,
    )
}
