//! A named picture: panels side by side.

use super::panel::Panel;
use std::fmt::Write;

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
        let mut svg = String::new();
        let _ = writeln!(
            svg,
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif" fill="#222" role="img">
<rect width="{width}" height="{height}" fill="#fff"/>"##
        );
        let each = width / self.panels.len().max(1) as f64;
        for (index, panel) in self.panels.iter().enumerate() {
            let key = format!("{}-{index}", self.name);
            panel.push(&mut svg, [index as f64 * each, 0.0, each, height], &key);
        }
        svg.push_str("</svg>\n");
        svg
    }
}
