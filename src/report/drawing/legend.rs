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

/// The curves that have a name, in rows no wider than `width`.
#[must_use]
pub fn rows(marks: &[Mark], width: f64) -> Vec<Vec<&Curve>> {
    let mut rows: Vec<Vec<&Curve>> = Vec::new();
    let mut used = f64::INFINITY;
    for mark in marks {
        let Mark::Curve(curve) = mark else { continue };
        if curve.label.is_empty() {
            continue;
        }
        if used + entry_width(curve) > width {
            rows.push(Vec::new());
            used = 0.0;
        }
        used += entry_width(curve);
        if let Some(row) = rows.last_mut() {
            row.push(curve);
        }
    }
    rows
}

fn entry_width(curve: &Curve) -> f64 {
    SAMPLE + 6.0 + estimated_width(&curve.label, SIZE) + GAP
}

/// Draws the rows with the top left corner given.
///
/// # Errors
/// Whatever plotters reports.
pub fn draw(area: &Area, rows: &[Vec<&Curve>], [left, top]: [f64; 2]) -> Outcome {
    for (index, row) in rows.iter().enumerate() {
        let middle = units(top + (index as f64 + 0.5) * ROW);
        let mut x = left;
        for curve in row {
            let ends = [(units(x), middle), (units(x + SAMPLE), middle)];
            let style = line(curve.color, curve.width.max(1.5));
            if curve.is_dashed {
                area.draw(&DashedPathElement::new(ends, units(5.0), units(4.0), style))?;
            } else if curve.width > 0.0 {
                area.draw(&PathElement::new(ends, style))?;
            }
            curve.marker.draw(area, (units(x + 0.5 * SAMPLE), middle), curve.color)?;
            let at = (units(x + SAMPLE + 6.0), middle);
            area.draw(&Text::new(curve.label.as_str(), at, text(SIZE, HPos::Left, VPos::Center)))?;
            x += entry_width(curve);
        }
    }
    Ok(())
}
