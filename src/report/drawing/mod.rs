//! Plots as SVG: what the sections describe is drawn by plotters.

mod axis;
mod canvas;
mod coordinate;
mod figure;
mod legend;
mod mark;
mod palette;
mod panel;
mod png;
mod spheres;

pub use axis::{Axis, Scale};
pub use figure::Figure;
pub use mark::{Curve, Mark, Marker, Point};
pub use palette::{ColorMap, category};
pub use panel::{ColorBar, Panel};
pub use plotters::style::RGBColor;
pub use png::indexed_png_uri;
pub use spheres::{Scene, Sphere};
