//! A named picture: panels side by side.

use super::canvas::{Outcome, units};
use super::panel::Panel;
use plotters::prelude::*;

/// A picture with the text under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// File name without extension; letters, digits and underscores only.
    pub name: String,
    /// The panels, from left to right.
    pub panels: Vec<Panel>,
    /// Height in pixels.
    pub height: f64,
    /// Text under the picture.
    pub caption: String,
    /// Whether a single panel takes the full width of a page.
    pub is_wide: bool,
}

impl Figure {
    /// A figure with its panels; characters of `name` that do not belong into a file name become underscores.
    #[must_use]
    pub fn new(name: &str, panels: Vec<Panel>, caption: impl Into<String>) -> Self {
        let name = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        Figure { name, panels, height: 360.0, caption: caption.into(), is_wide: false }
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> f64 {
        match self.panels.len() {
            0 | 1 if !self.is_wide => 540.0,
            0..=2 => 1080.0,
            count => 370.0 * count as f64,
        }
    }

    /// The picture as an SVG document that may also stand inside HTML.
    #[must_use]
    pub fn svg(&self) -> String {
        let (width, height) = (self.width(), self.height);
        let drawn = (units(width).unsigned_abs(), units(height).unsigned_abs());
        let (mut document, mut images) = (String::new(), String::new());
        if let Err(error) = self.draw(&mut document, drawn, &mut images) {
            log::warn!("the plot {} is incomplete: {error}", self.name);
        }
        // The opening tag is replaced: plotters knows neither a size apart from its units nor embedded pictures, which
        // belong below everything else.
        let content = document.split_once('\n').map_or("", |(_, content)| content);
        let mut content = lowered(content);
        // Not allowed in XML, even escaped.
        content.retain(|character| !character.is_control() || character == '\n');
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {} {}\" stroke-linejoin=\"round\" role=\"img\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{images}{content}",
            drawn.0, drawn.1
        )
    }

    fn draw(&self, document: &mut String, size: (u32, u32), images: &mut String) -> Outcome {
        let root = SVGBackend::with_string(document, size).into_drawing_area();
        for (panel, area) in self.panels.iter().zip(root.split_evenly((1, self.panels.len().max(1)))) {
            panel.draw(&area, images)?;
        }
        root.present()
    }
}

/// Lowers the B of every k_B, for which Unicode has no character.
fn lowered(svg: &str) -> String {
    let drop = units(3.0);
    let mut parts = svg.split("k_B");
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (rest, others) = part.split_at(part.find("\n</text>").unwrap_or(part.len()));
        let small =
            format!("k<tspan dy=\"{drop}\" font-size=\"75%\">B</tspan><tspan dy=\"-{drop}\">{rest}</tspan>");
        out.push_str(&small);
        out.push_str(others);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Scale};
    use super::*;

    #[test]
    fn markup_cannot_enter_through_text() {
        let axis = Axis::new("<a href=\"x\">&'\u{1} k_B/k_B", Scale::Linear, 0.0, 1.0);
        let svg = Figure::new("a b", vec![Panel::new(axis.clone(), axis, Vec::new())], "").svg();
        assert!(!svg.contains("<a") && !svg.contains('\u{1}') && !svg.contains("k_B"));
        assert!(svg.contains("&lt;a href=&quot;x&quot;&gt;&amp;&apos;"));
        assert_eq!(svg.matches("<tspan").count(), svg.matches("</tspan>").count());
    }
}
