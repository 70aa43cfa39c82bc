//! One frame with its axes, its marks, its legend and its color bar.

use super::axis::Axis;
use super::legend;
use super::mark::{Frame, Mark};
use super::palette::sequential;
use super::text::{Anchor, escape, label_markup, push_text};
use super::tick::Ticks;
use std::fmt::Write;

const TICK_SIZE: f64 = 12.0;
const LABEL_SIZE: f64 = 13.0;
const BAR_WIDTH: f64 = 13.0;

/// A strip that shows which color stands for which value.
#[derive(Debug, Clone, PartialEq)]
pub struct ColorBar {
    /// Range, scale and label.
    pub axis: Axis,
    /// The part of the color map that is used; thin lines cannot be seen in its bright end.
    pub end: f64,
}

impl ColorBar {
    /// The color of a value.
    #[must_use]
    pub fn color(&self, value: f64) -> String {
        sequential(self.end * self.axis.position(value).clamp(0.0, 1.0))
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
}

impl Panel {
    /// A panel without title and color bar that fills its place.
    #[must_use]
    pub fn new(horizontal: Axis, vertical: Axis, marks: Vec<Mark>) -> Self {
        Panel { title: String::new(), horizontal, vertical, marks, color_bar: None, aspect: None }
    }

    /// The same panel with a title.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Appends the panel as SVG into the rectangle `left`, `top`, `width`, `height`; `key` is unique in the page.
    pub fn push(&self, svg: &mut String, [left, top, width, height]: [f64; 4], key: &str) {
        let vertical_ticks = Ticks::of(&self.vertical, (height / 50.0) as usize);
        let labels = widest(&vertical_ticks);
        let left_margin = 10.0 + LABEL_SIZE + 12.0 + labels + 7.0;
        let bar_ticks = self.color_bar.as_ref().map(|bar| Ticks::of(&bar.axis, 6));
        let right_margin =
            bar_ticks.as_ref().map_or(16.0, |ticks| 10.0 + BAR_WIDTH + 7.0 + widest(ticks) + 26.0);
        let rows = legend::rows(&self.marks, width - left_margin - 8.0);
        let mut top_margin = 12.0 + legend::ROW * rows.len() as f64;
        if !self.title.is_empty() {
            top_margin += 20.0;
        }
        if vertical_ticks.factor.is_some() {
            top_margin += 14.0;
        }
        let mut frame = Frame {
            left: left + left_margin,
            top: top + top_margin,
            width: width - left_margin - right_margin,
            height: height - top_margin - 50.0,
            horizontal: &self.horizontal,
            vertical: &self.vertical,
        };
        if let Some(aspect) = self.aspect.filter(|a| a.is_finite() && *a > 0.0) {
            let fitted = (frame.height * aspect).min(frame.width);
            frame.width = fitted;
            frame.height = fitted / aspect;
        }
        if !self.title.is_empty() {
            let at = [frame.left + 0.5 * frame.width, top + 18.0];
            push_text(svg, at, LABEL_SIZE, Anchor::Middle, &escape(&self.title), r#" font-weight="bold""#);
        }
        let legend_top = top + if self.title.is_empty() { 6.0 } else { 26.0 };
        legend::push(svg, &rows, frame.left, legend_top);
        let clip = format!("clip-{key}");
        let _ = writeln!(
            svg,
            r#"<clipPath id="{clip}"><rect x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}"/></clipPath><g clip-path="url(#{clip})">"#,
            frame.left - 4.0,
            frame.top - 4.0,
            frame.width + 8.0,
            frame.height + 8.0
        );
        for mark in &self.marks {
            mark.push(svg, &frame);
        }
        svg.push_str("</g>\n");
        let horizontal_ticks = Ticks::of(&self.horizontal, (frame.width / 55.0) as usize);
        push_frame(svg, &frame, &horizontal_ticks, &vertical_ticks, left + 10.0 + LABEL_SIZE);
        if let (Some(bar), Some(ticks)) = (&self.color_bar, &bar_ticks) {
            push_color_bar(svg, bar, ticks, &frame, key);
        }
    }
}

fn widest(ticks: &Ticks) -> f64 {
    ticks.major.iter().map(|(_, label)| label.width(TICK_SIZE)).fold(0.0, f64::max)
}

fn push_frame(svg: &mut String, frame: &Frame, horizontal: &Ticks, vertical: &Ticks, label_x: f64) {
    let (left, top) = (frame.left, frame.top);
    let (right, bottom) = (left + frame.width, top + frame.height);
    let mut path = format!("M{left:.1} {top:.1}H{right:.1}V{bottom:.1}H{left:.1}Z");
    for (ticks, length) in [(major(horizontal), 6.0), (horizontal.minor.clone(), 3.0)] {
        for x in ticks.into_iter().map(|value| frame.x(value)) {
            let _ = write!(path, "M{x:.1} {bottom:.1}v-{length}M{x:.1} {top:.1}v{length}");
        }
    }
    for (ticks, length) in [(major(vertical), 6.0), (vertical.minor.clone(), 3.0)] {
        for y in ticks.into_iter().map(|value| frame.y(value)) {
            let _ = write!(path, "M{left:.1} {y:.1}h{length}M{right:.1} {y:.1}h-{length}");
        }
    }
    let _ = writeln!(svg, r##"<path d="{path}" fill="none" stroke="#222" stroke-width="1"/>"##);
    for (value, label) in &horizontal.major {
        let at = [frame.x(*value), bottom + 17.0];
        push_text(svg, at, TICK_SIZE, Anchor::Middle, &label.markup(), "");
    }
    for (value, label) in &vertical.major {
        let at = [left - 7.0, frame.y(*value) + 4.2];
        push_text(svg, at, TICK_SIZE, Anchor::End, &label.markup(), "");
    }
    if let Some(power) = vertical.factor {
        push_text(svg, [left, top - 6.0], TICK_SIZE, Anchor::Start, &factor_markup(power), "");
    }
    let middle = 0.5 * (left + right);
    let label = match horizontal.factor {
        Some(power) => format!("{} {}", label_markup(&frame.horizontal.label), factor_markup(power)),
        None => label_markup(&frame.horizontal.label),
    };
    push_text(svg, [middle, bottom + 39.0], LABEL_SIZE, Anchor::Middle, &label, "");
    push_rotated(svg, [label_x, 0.5 * (top + bottom)], &frame.vertical.label);
}

fn major(ticks: &Ticks) -> Vec<f64> {
    ticks.major.iter().map(|(value, _)| *value).collect()
}

fn factor_markup(power: i32) -> String {
    let power = power.to_string().replace('-', "\u{2212}");
    format!(r#"&#215;10<tspan dy="-5" font-size="9.5">{power}</tspan>"#)
}

fn push_rotated(svg: &mut String, [x, y]: [f64; 2], label: &str) {
    let rotation = format!(r#" transform="rotate(-90 {x:.1} {y:.1})""#);
    push_text(svg, [x, y], LABEL_SIZE, Anchor::Middle, &label_markup(label), &rotation);
}

fn push_color_bar(svg: &mut String, bar: &ColorBar, ticks: &Ticks, frame: &Frame, key: &str) {
    let left = frame.left + frame.width + 10.0;
    let (top, height) = (frame.top, frame.height);
    let gradient = format!("gradient-{key}");
    let _ = write!(svg, r#"<linearGradient id="{gradient}" x1="0" y1="1" x2="0" y2="0">"#);
    for stop in 0..=16 {
        let fraction = f64::from(stop) / 16.0;
        let _ = write!(svg, r#"<stop offset="{fraction}" stop-color="{}"/>"#, sequential(bar.end * fraction));
    }
    let _ = writeln!(
        svg,
        r##"</linearGradient><rect x="{left:.1}" y="{top:.1}" width="{BAR_WIDTH}" height="{height:.1}" fill="url(#{gradient})" stroke="#222"/>"##
    );
    let right = left + BAR_WIDTH;
    for (value, label) in &ticks.major {
        let y = top + height * (1.0 - bar.axis.position(*value));
        let _ = writeln!(svg, r##"<path d="M{right:.1} {y:.1}h-4" stroke="#222"/>"##);
        push_text(svg, [right + 5.0, y + 4.2], TICK_SIZE, Anchor::Start, &label.markup(), "");
    }
    if let Some(power) = ticks.factor {
        push_text(svg, [left, top - 5.0], TICK_SIZE, Anchor::Start, &factor_markup(power), "");
    }
    push_rotated(svg, [right + 7.0 + widest(ticks) + LABEL_SIZE, top + 0.5 * height], &bar.axis.label);
}
