//! One frame with its axes, its marks, its legend and its color bar.

use super::axis::{Axis, Scale};
use super::canvas::{Area, Chart, INK, Outcome, line, size, text, units};
use super::coordinate::Coordinate;
use super::legend;
use super::mark::Mark;
use super::palette::ColorMap;
use super::png::indexed_png_uri;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

const TICK_SIZE: f64 = 12.0;
const LABEL_SIZE: f64 = 13.0;
const BAR_WIDTH: f64 = 13.0;
/// Between frame and color bar.
const GAP: f64 = 10.0;
/// Free space at the edges.
const MARGIN: f64 = 8.0;
/// Length of a tick mark; the label is as far from its end.
const TICK: f64 = 4.0;
const GRID: RGBColor = RGBColor(222, 222, 222);
const FINE_GRID: RGBColor = RGBColor(240, 240, 240);

/// A strip that shows which color stands for which value.
#[derive(Debug, Clone, PartialEq)]
pub struct ColorBar {
    /// Range, scale and label.
    pub axis: Axis,
    /// The part of the color map that is used; thin lines cannot be seen in its bright end.
    pub end: f64,
    /// The color map.
    pub map: ColorMap,
}

impl ColorBar {
    /// The color of a value.
    #[must_use]
    pub fn color(&self, value: f64) -> RGBColor {
        self.map.color(self.end * self.axis.position(value).clamp(0.0, 1.0))
    }
}

/// A frame with everything that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Text above the frame, may be empty.
    pub title: String,
    /// Horizontal axis.
    pub horizontal: Axis,
    /// Vertical axis.
    pub vertical: Axis,
    /// What is drawn, the first at the back.
    pub marks: Vec<Mark>,
    /// The color bar right of the frame.
    pub color_bar: Option<ColorBar>,
    /// Width over height of the frame; the frame fills its place if `None`.
    pub aspect: Option<f64>,
    /// Whether frame, axes and grid are left out, as around a photograph.
    pub is_bare: bool,
}

impl Panel {
    /// A panel without title and color bar that fills its place.
    #[must_use]
    pub fn new(horizontal: Axis, vertical: Axis, marks: Vec<Mark>) -> Self {
        Panel {
            title: String::new(),
            horizontal,
            vertical,
            marks,
            color_bar: None,
            aspect: None,
            is_bare: false,
        }
    }

    /// The same panel with a title.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Draws the panel; `images` takes what plotters cannot draw, as SVG.
    ///
    /// # Errors
    /// Whatever plotters reports.
    pub fn draw(&self, area: &Area, images: &mut String) -> Outcome {
        let [width, height] = size(area);
        let vertical = Coordinate::new(&self.vertical, (height / 50.0) as usize);
        let left = if self.is_bare { 0.0 } else { label_area(&vertical) };
        let bar_area = self.color_bar.as_ref().map_or(0.0, |bar| label_area(&Coordinate::new(&bar.axis, 6)));
        let right = if bar_area > 0.0 { GAP + BAR_WIDTH + bar_area + 6.0 } else { 18.0 };
        let legend_top = if self.title.is_empty() { 6.0 } else { 26.0 };
        let legend = legend::entries(&self.marks, [MARGIN + left, legend_top], width - 8.0);
        let top = 6.0 + legend.last().map_or(legend_top, |(_, [_, above])| above + legend::ROW);
        let bottom = if self.is_bare { 0.0 } else { 2.0 * TICK + TICK_SIZE + LABEL_SIZE + 7.0 };
        let mut frame = [width - MARGIN - left - right, (height - top - bottom - MARGIN).max(40.0)];
        if let Some(aspect) = self.aspect.filter(|aspect| aspect.is_finite() && *aspect > 0.0) {
            let fitted = (frame[1] * aspect).min(frame[0]);
            frame = [fitted, fitted / aspect];
        }
        let horizontal = Coordinate::new(&self.horizontal, ((frame[0] / 45.0) as usize).min(10));
        let below = height - top - frame[1] - bottom;
        let (left_part, right_part) = area.split_horizontally(units(MARGIN + left + frame[0]));
        let chart = ChartBuilder::on(&left_part)
            .margin_left(units(MARGIN))
            .margin_top(units(top))
            .margin_bottom(units(below))
            .x_label_area_size(units(bottom))
            .y_label_area_size(units(left))
            .build_cartesian_2d(horizontal, vertical)?;
        self.draw_inside(chart, images)?;
        if !self.title.is_empty() {
            let style = text(LABEL_SIZE, HPos::Center, VPos::Center);
            let style = TextStyle { font: style.font.style(FontStyle::Bold), ..style };
            let at = (units(MARGIN + left + 0.5 * frame[0]), units(15.0));
            area.draw(&Text::new(self.title.as_str(), at, style))?;
        }
        legend::draw(area, &legend)?;
        if let Some(bar) = &self.color_bar {
            let mut builder = ChartBuilder::on(&right_part);
            builder
                .margin_left(units(GAP))
                .margin_top(units(top))
                .margin_right(units(width - MARGIN - left - frame[0] - GAP - BAR_WIDTH - bar_area))
                .margin_bottom(units(below + bottom))
                .right_y_label_area_size(units(bar_area));
            draw_color_bar(&mut builder, bar, images)?;
        }
        Ok(())
    }

    fn draw_inside(&self, mut chart: Chart, images: &mut String) -> Outcome {
        let axes = [&self.horizontal, &self.vertical];
        if self.is_bare {
            return self.marks.iter().try_for_each(|mark| mark.draw(&mut chart, axes, images));
        }
        let coordinates = chart.as_coord_spec();
        let (x_label, y_label) = (coordinates.x_spec().description(), coordinates.y_spec().description());
        let mut mesh = chart.configure_mesh();
        // Pictures lie below everything and would have the grid on them.
        if self.marks.iter().any(|mark| matches!(mark, Mark::Image { .. })) {
            mesh.disable_mesh();
        }
        mesh.light_line_style(line(FINE_GRID, 0.75))
            .bold_line_style(line(GRID, 0.75))
            .axis_style(line(INK, 1.0))
            .set_all_tick_mark_size(units(TICK))
            .label_style(text(TICK_SIZE, HPos::Left, VPos::Top))
            .axis_desc_style(text(LABEL_SIZE, HPos::Left, VPos::Top))
            .x_desc(x_label)
            .y_desc(y_label)
            .draw()?;
        let area = chart.plotting_area().strip_coord_spec();
        let (right, bottom) = (area.dim_in_pixel().0 as i32 - 1, area.dim_in_pixel().1 as i32 - 1);
        let corners = [(0, 0), (right, 0), (right, bottom), (0, bottom), (0, 0)];
        area.draw(&PathElement::new(corners, line(INK, 1.0)))?;
        self.marks.iter().try_for_each(|mark| mark.draw(&mut chart, axes, images))
    }
}

/// Width of the area for the labels of a vertical axis.
fn label_area(coordinate: &Coordinate) -> f64 {
    2.0 * TICK + coordinate.label_width(TICK_SIZE) + 6.0 + LABEL_SIZE
}

/// Draws the color bar into what is right of the frame.
fn draw_color_bar(builder: &mut ChartBuilder<SVGBackend>, bar: &ColorBar, images: &mut String) -> Outcome {
    let coordinate = Coordinate::new(&bar.axis, 6);
    let unit = Axis::new("", Scale::Linear, 0.0, 1.0);
    let rows: Vec<Vec<u8>> = (0..255).rev().map(|place| vec![(f64::from(place) * bar.end) as u8]).collect();
    let vertical = [bar.axis.low, bar.axis.high];
    let picture = indexed_png_uri(1, &rows, bar.map).map(|uri| Mark::Image {
        uri,
        horizontal: [0.0, 1.0],
        vertical,
        is_smooth: false,
    });
    let panel = Panel::new(unit, bar.axis.clone(), picture.into_iter().collect());
    panel.draw_inside(builder.build_cartesian_2d(Coordinate::new(&panel.horizontal, 2), coordinate)?, images)
}
