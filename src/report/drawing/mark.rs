//! What is drawn inside the frame of a panel.

use super::axis::Axis;
use std::fmt::Write;

/// A point with an error bar; an error that is not finite or zero draws none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Horizontal value.
    pub x: f64,
    /// Vertical value.
    pub y: f64,
    /// Standard error of `y`.
    pub error: f64,
}

/// The symbol of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// No symbol.
    None,
    /// A disk.
    Circle,
    /// A square.
    Square,
    /// A triangle.
    Triangle,
    /// A diamond.
    Diamond,
}

impl Marker {
    /// The symbol of the category `index`, so that curves differ in print without color.
    #[must_use]
    pub fn of(index: usize) -> Self {
        [Marker::Circle, Marker::Square, Marker::Triangle, Marker::Diamond][index % 4]
    }
}

/// Points joined by a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Name in the legend; empty if it has no place there.
    pub label: String,
    /// The points, in the order they are joined.
    pub points: Vec<Point>,
    /// SVG color.
    pub color: String,
    /// Symbol at each point.
    pub marker: Marker,
    /// Width of the line, zero for none.
    pub width: f64,
    /// Whether the line is dashed.
    pub is_dashed: bool,
}

/// Anything drawn in a frame.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// Points joined by a line.
    Curve(Curve),
    /// A bar from zero to each value, with the width of bars in units of the axis.
    Bars {
        /// Centers and heights.
        points: Vec<[f64; 2]>,
        /// Width along the horizontal axis.
        width: f64,
        /// SVG color.
        color: String,
    },
    /// An embedded picture that covers the range from corner to corner.
    Image {
        /// Data URI of the picture, its first row at the top.
        uri: String,
        /// Left, right end of the picture.
        horizontal: [f64; 2],
        /// Lower, upper end of the picture.
        vertical: [f64; 2],
    },
}

/// A rectangle on the page and the axes that map into it.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Horizontal axis.
    pub horizontal: &'a Axis,
    /// Vertical axis.
    pub vertical: &'a Axis,
}

impl Frame<'_> {
    /// Horizontal place of a value.
    #[must_use]
    pub fn x(&self, value: f64) -> f64 {
        self.left + self.width * near(self.horizontal.position(value))
    }

    /// Vertical place of a value.
    #[must_use]
    pub fn y(&self, value: f64) -> f64 {
        self.top + self.height * (1.0 - near(self.vertical.position(value)))
    }
}

/// Far outside the frame nothing is seen, and viewers fail on coordinates with hundreds of digits.
fn near(position: f64) -> f64 {
    position.clamp(-20.0, 20.0)
}

impl Mark {
    /// Appends the mark as SVG.
    pub fn push(&self, svg: &mut String, frame: &Frame) {
        match self {
            Mark::Curve(curve) => push_curve(svg, curve, frame),
            Mark::Bars { points, width, color } => push_bars(svg, points, *width, color, frame),
            Mark::Image { uri, horizontal, vertical } => {
                let (left, right) = (frame.x(horizontal[0]), frame.x(horizontal[1]));
                let (bottom, top) = (frame.y(vertical[0]), frame.y(vertical[1]));
                let _ = writeln!(
                    svg,
                    r#"<image x="{left:.2}" y="{top:.2}" width="{:.2}" height="{:.2}" preserveAspectRatio="none" style="image-rendering:pixelated" href="{uri}"/>"#,
                    right - left,
                    bottom - top
                );
            }
        }
    }
}

fn push_bars(svg: &mut String, points: &[[f64; 2]], width: f64, color: &str, frame: &Frame) {
    for [x, y] in points {
        let (left, right) = (frame.x(x - 0.5 * width), frame.x(x + 0.5 * width));
        let (top, bottom) = (frame.y(*y), frame.y(0.0));
        if [left, right, top, bottom].iter().all(|v| v.is_finite()) && bottom > top {
            let _ = writeln!(
                svg,
                r#"<rect x="{left:.2}" y="{top:.2}" width="{:.2}" height="{:.2}" fill="{color}"/>"#,
                right - left,
                bottom - top
            );
        }
    }
}

fn push_curve(svg: &mut String, curve: &Curve, frame: &Frame) {
    let color = &curve.color;
    let mut path = String::new();
    let mut is_broken = true;
    for point in &curve.points {
        let (x, y) = (frame.x(point.x), frame.y(point.y));
        if x.is_finite() && y.is_finite() {
            let _ = write!(path, "{}{x:.1} {y:.1}", if is_broken { "M" } else { "L" });
            is_broken = false;
        } else {
            is_broken = true;
        }
    }
    if curve.width > 0.0 && !path.is_empty() {
        let dash = if curve.is_dashed { r#" stroke-dasharray="5 4""# } else { "" };
        let _ = writeln!(
            svg,
            r#"<path d="{path}" fill="none" stroke="{color}" stroke-width="{}" stroke-linejoin="round"{dash}/>"#,
            curve.width
        );
    }
    let mut bars = String::new();
    for point in &curve.points {
        let (x, y) = (frame.x(point.x), frame.y(point.y));
        if !x.is_finite() || !y.is_finite() {
            continue;
        }
        if point.error.is_finite() && point.error > 0.0 {
            let upper = frame.y(point.y + point.error);
            // On a logarithmic axis a bar may reach below zero; it then runs down to the frame.
            let lower = frame.y(point.y - point.error);
            let lower = if lower.is_finite() { lower } else { frame.top + frame.height };
            if upper.is_finite() && lower - upper > 1.0 {
                let _ = write!(bars, "M{x:.1} {upper:.1}V{lower:.1}");
                // Caps on curves without symbols would look like symbols.
                if curve.marker != Marker::None {
                    let (a, b) = (x - 2.5, x + 2.5);
                    let _ = write!(bars, "M{a:.1} {upper:.1}H{b:.1}M{a:.1} {lower:.1}H{b:.1}");
                }
            }
        }
    }
    if !bars.is_empty() {
        let _ = writeln!(svg, r#"<path d="{bars}" fill="none" stroke="{color}" stroke-width="1"/>"#);
    }
    for point in &curve.points {
        let (x, y) = (frame.x(point.x), frame.y(point.y));
        if x.is_finite() && y.is_finite() {
            push_marker(svg, curve.marker, [x, y], color);
        }
    }
}

/// Appends a symbol at a place on the page.
pub fn push_marker(svg: &mut String, marker: Marker, [x, y]: [f64; 2], color: &str) {
    let _ = match marker {
        Marker::None => Ok(()),
        Marker::Circle => writeln!(svg, r#"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="{color}"/>"#),
        Marker::Square => {
            let (left, top) = (x - 2.7, y - 2.7);
            writeln!(svg, r#"<path d="M{left:.1} {top:.1}h5.4v5.4h-5.4z" fill="{color}"/>"#)
        }
        Marker::Triangle => {
            writeln!(svg, r#"<path d="M{x:.1} {:.1}l3.6 6.2h-7.2z" fill="{color}"/>"#, y - 3.8)
        }
        Marker::Diamond => {
            writeln!(svg, r#"<path d="M{x:.1} {:.1}l3.8 3.8l-3.8 3.8l-3.8 -3.8z" fill="{color}"/>"#, y - 3.8)
        }
    };
}
