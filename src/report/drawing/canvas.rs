//! Units, colors and fonts of the page.

use super::coordinate::Coordinate;
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Drawn units in a pixel: plotters has integer coordinates and line widths, which a whole pixel is too coarse for.
const SCALE: f64 = 4.0;

/// Frames, ticks and text.
pub const INK: RGBColor = RGBColor(34, 34, 34);

/// Mean width of a character in units of the font size, on the wide side.
const EM: f64 = 0.58;

/// A rectangle of the page.
pub type Area<'s> = DrawingArea<SVGBackend<'s>, Shift>;

/// A frame with its axes.
pub type Chart<'c, 's> = ChartContext<'c, SVGBackend<'s>, Cartesian2d<Coordinate, Coordinate>>;

/// What every drawing operation returns.
pub type Outcome = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Drawn units of a length in pixels.
#[must_use]
pub fn units(pixels: f64) -> i32 {
    (pixels * SCALE).round() as i32
}

/// Width and height of an area in pixels.
#[must_use]
pub fn size(area: &Area) -> [f64; 2] {
    let (width, height) = area.dim_in_pixel();
    [f64::from(width) / SCALE, f64::from(height) / SCALE]
}

/// A line with a width in pixels.
#[must_use]
pub fn line(color: RGBColor, width: f64) -> ShapeStyle {
    ShapeStyle { color: color.to_rgba(), filled: true, stroke_width: units(width).unsigned_abs() }
}

/// Text with a font size in pixels.
#[must_use]
pub fn text(pixels: f64, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    // plotters divides font sizes by 1.24 on the way to SVG.
    let font = ("Helvetica, Arial, sans-serif", pixels * SCALE * 1.24).into_font();
    TextStyle::from(font).color(&INK).pos(Pos::new(horizontal, vertical))
}

/// Width in pixels that a text will have in about any sans-serif font; no font is read.
#[must_use]
pub fn estimated_width(text: &str, pixels: f64) -> f64 {
    text.chars().count() as f64 * EM * pixels
}
