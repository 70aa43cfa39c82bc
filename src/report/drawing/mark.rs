//! What is drawn inside the frame of a panel.

use super::axis::Axis;
use super::canvas::{Chart, Outcome, line, units};
use plotters::coord::CoordTranslate;
use plotters::prelude::*;
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

    /// Draws the symbol at a place in the coordinates of the area.
    ///
    /// # Errors
    /// Whatever plotters reports.
    pub fn draw<C>(self, area: &DrawingArea<SVGBackend, C>, at: C::From, color: RGBColor) -> Outcome
    where
        C: CoordTranslate,
        C::From: 'static,
    {
        let style = color.filled();
        match self {
            Marker::None => Ok(()),
            Marker::Circle => area.draw(&Circle::new(at, units(3.0), style)),
            Marker::Square => {
                let half = units(2.75);
                area.draw(&(EmptyElement::at(at) + Rectangle::new([(-half, -half), (half, half)], style)))
            }
            Marker::Triangle => area.draw(&TriangleMarker::new(at, units(4.25), style)),
            Marker::Diamond => {
                let half = units(3.75);
                let corners = [(0, -half), (half, 0), (0, half), (-half, 0)];
                area.draw(&(EmptyElement::at(at) + Polygon::new(corners, style)))
            }
        }
    }
}

/// Points joined by a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Name in the legend; empty if it has no place there.
    pub label: String,
    /// The points, in the order they are joined; the line is broken where one has no place on the axes.
    pub points: Vec<Point>,
    /// Color of everything.
    pub color: RGBColor,
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
        /// Color of the bars.
        color: RGBColor,
    },
    /// An embedded picture that covers the range from corner to corner.
    Image {
        /// Data URI of the picture, its first row at the top.
        uri: String,
        /// Left, right end of the picture.
        horizontal: [f64; 2],
        /// Lower, upper end of the picture.
        vertical: [f64; 2],
        /// Whether viewers may blur it when they enlarge it.
        is_smooth: bool,
    },
}

impl Mark {
    /// Draws the mark; `images` takes what plotters cannot draw, as SVG.
    ///
    /// # Errors
    /// Whatever plotters reports.
    pub fn draw(&self, chart: &mut Chart, [x_axis, y_axis]: [&Axis; 2], images: &mut String) -> Outcome {
        match self {
            Mark::Curve(curve) => curve.draw(chart, [x_axis, y_axis])?,
            Mark::Bars { points, width, color } => {
                let seen = points.iter().filter(|[x, y]| x_axis.has(*x) && y_axis.has(*y));
                let bar = |[x, y]: &[f64; 2]| {
                    Rectangle::new([(x - 0.5 * width, *y), (x + 0.5 * width, 0.0)], color.filled())
                };
                chart.draw_series(seen.map(bar))?;
            }
            Mark::Image { uri, horizontal, vertical, is_smooth } => {
                let (left, top) = chart.backend_coord(&(horizontal[0], vertical[1]));
                let (right, bottom) = chart.backend_coord(&(horizontal[1], vertical[0]));
                // Writing to a String cannot fail.
                let _ = writeln!(
                    images,
                    r#"<image x="{left}" y="{top}" width="{}" height="{}" preserveAspectRatio="none" style="image-rendering:{}" href="{uri}"/>"#,
                    right - left,
                    bottom - top,
                    if *is_smooth { "auto" } else { "pixelated" }
                );
            }
        }
        Ok(())
    }
}

impl Curve {
    fn draw(&self, chart: &mut Chart, [x_axis, y_axis]: [&Axis; 2]) -> Outcome {
        let has_place = |point: &&Point| x_axis.has(point.x) && y_axis.has(point.y);
        let style = line(self.color, self.width);
        for run in
            self.points.split(|point| !has_place(&point)).filter(|run| run.len() > 1 && self.width > 0.0)
        {
            let path = run.iter().map(|point| (point.x, point.y));
            if self.is_dashed {
                chart.draw_series(DashedLineSeries::new(path, units(5.0), units(4.0), style))?;
            } else {
                chart.draw_series(LineSeries::new(path, style))?;
            }
        }
        let places = || self.points.iter().filter(has_place);
        // Caps on curves without symbols would look like symbols.
        let cap = if self.marker == Marker::None { 0 } else { units(4.5).unsigned_abs() };
        chart.draw_series(places().filter(|point| point.error.is_finite() && point.error > 0.0).map(
            |point| {
                // On a logarithmic axis a bar may reach below zero; it then runs down to the frame.
                let (low, high) =
                    ((point.y - point.error).max(y_axis.low), (point.y + point.error).min(y_axis.high));
                ErrorBar::new_vertical(point.x, low, point.y, high, line(self.color, 1.0), cap)
            },
        ))?;
        for point in places() {
            self.marker.draw(chart.plotting_area(), (point.x, point.y), self.color)?;
        }
        Ok(())
    }
}
