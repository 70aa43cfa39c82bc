//! The legend: rows of names above the frame, where no data can be covered.

use super::mark::{Curve, Mark, push_marker};
use super::text::{Anchor, escape, estimated_width, push_text};
use std::fmt::Write;

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
        let needed = entry_width(curve);
        if used + needed > width {
            rows.push(Vec::new());
            used = 0.0;
        }
        used += needed;
        if let Some(row) = rows.last_mut() {
            row.push(curve);
        }
    }
    rows
}

fn entry_width(curve: &Curve) -> f64 {
    SAMPLE + 6.0 + estimated_width(&curve.label, SIZE) + GAP
}

/// Appends the rows with the top left corner given.
pub fn push(svg: &mut String, rows: &[Vec<&Curve>], left: f64, top: f64) {
    for (index, row) in rows.iter().enumerate() {
        let middle = top + (index as f64 + 0.5) * ROW;
        let mut x = left;
        for curve in row {
            if curve.width > 0.0 {
                let dash = if curve.is_dashed { r#" stroke-dasharray="5 4""# } else { "" };
                let _ = writeln!(
                    svg,
                    r#"<path d="M{x:.1} {middle:.1}h{SAMPLE}" stroke="{}" stroke-width="{}"{dash}/>"#,
                    curve.color,
                    curve.width.max(1.5)
                );
            }
            push_marker(svg, curve.marker, [x + 0.5 * SAMPLE, middle], &curve.color);
            let at = [x + SAMPLE + 6.0, middle + 4.2];
            push_text(svg, at, SIZE, Anchor::Start, &escape(&curve.label), "");
            x += entry_width(curve);
        }
    }
}
