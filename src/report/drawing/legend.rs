//! The legend: rows of names above the frame, where no data can be covered; that of plotters lies inside the frame.

use super::canvas::{Area, Outcome, estimated_width, line, text, units};
use super::mark::{Curve, Mark};
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

const SAMPLE: f64 = 24.0;
const GAP: f64 = 16.0;
const SIZE: f64 = 12.0;

/// Height of one row.
pub const ROW: f64 = 18.0;

/// The curves that have a name with the top left corners of their entries, in rows that end before `right`.
#[must_use]
pub fn entries(marks: &[Mark], [left, top]: [f64; 2], right: f64) -> Vec<(&Curve, [f64; 2])> {
    let mut entries = Vec::new();
    let [mut x, mut y] = [left, top];
    for mark in marks {
        let Mark::Curve(curve) = mark else { continue };
        if curve.label.is_empty() {
            continue;
        }
        let width = SAMPLE + 6.0 + estimated_width(&curve.label, SIZE) + GAP;
        if x > left && x + width > right {
            [x, y] = [left, y + ROW];
        }
        entries.push((curve, [x, y]));
        x += width;
    }
    entries
}

/// Draws all entries.
///
/// # Errors
/// Whatever plotters reports.
pub fn draw(area: &Area, entries: &[(&Curve, [f64; 2])]) -> Outcome {
    for (curve, [x, y]) in entries {
        let middle = units(y + 0.5 * ROW);
        let ends = [(units(*x), middle), (units(x + SAMPLE), middle)];
        let style = line(curve.color, curve.width.max(1.5));
        if curve.width <= 0.0 {
            // A symbol without a line.
        } else if curve.is_dashed {
            area.draw(&DashedPathElement::new(ends, units(5.0), units(4.0), style))?;
        } else {
            area.draw(&PathElement::new(ends, style))?;
        }
        curve.marker.draw(area, (units(x + 0.5 * SAMPLE), middle), curve.color)?;
        let at = (units(x + SAMPLE + 6.0), middle);
        area.draw(&Text::new(curve.label.as_str(), at, text(SIZE, HPos::Left, VPos::Center)))?;
    }
    Ok(())
}
