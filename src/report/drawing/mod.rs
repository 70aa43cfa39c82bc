//! A small writer of SVG plots.
//!
//! A general plotting crate was the alternative; it needs a font library for text widths and has neither powers of ten
//! nor embedded images in its SVG output, and these are most of what a plot in this field consists of.

mod axis;
mod figure;
mod legend;
mod mark;
mod palette;
mod panel;
mod png;
mod text;
mod tick;

pub use axis::{Axis, Scale};
pub use figure::Figure;
pub use mark::{Curve, Mark, Marker, Point};
pub use palette::category;
pub use panel::{ColorBar, Panel};
pub use png::indexed_png_uri;
pub use text::escape;
