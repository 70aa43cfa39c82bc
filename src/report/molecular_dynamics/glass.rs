//! What the atoms look like at the end.

use super::super::drawing::{Axis, ColorBar, Curve, Figure, Mark, Marker, Panel, RGBColor, Scale};
use super::super::number::{labeled, rounded};
use super::super::sections::{Content, Section};
use super::pictures::{Range, SIZE, kind_colors, scene};
use crate::formats::Frame;

/// A column of the frame, what it is, and how its numbers are spread over colors.
type Scalar = (&'static str, &'static str, fn(&[f64]) -> Option<Range>);

/// Pictures of the last frame: by element, and by pressure and shear stress where the frame has them.
#[must_use]
pub fn section(frame: Option<&Frame>) -> Section {
    let figures = frame.map(figures).unwrap_or_default();
    Section::new(
        "atoms",
        "The atoms at the end",
        "The last frame of the trajectory. Stresses of single atoms refer to the mean volume of an atom; a pressure is \
         positive where an atom is squeezed. The ends of a color scale leave out the outermost two of a hundred atoms, \
         which have the colors of the ends.",
        figures.into_iter().map(Content::Figure).collect(),
    )
}

fn figures(frame: &Frame) -> Vec<Figure> {
    let atoms = &frame.atoms;
    let colors = kind_colors(atoms);
    let name = |kind: usize| {
        Mark::Curve(Curve {
            label: atoms.name(kind),
            points: Vec::new(),
            color: colors[kind],
            marker: Marker::Circle,
            width: 0.0,
            is_dashed: false,
        })
    };
    let mut kinds: Vec<usize> = (0..atoms.kinds).collect();
    kinds.sort_by_key(|kind| atoms.name(*kind));
    let names: Vec<Mark> = kinds.into_iter().map(name).collect();
    let step = format!("{} atoms after step {}", atoms.len(), frame.step);
    let elements = figure(frame, "atoms_elements", names, None, &|atom| colors[atoms.kind[atom] as usize]);
    let mut figures: Vec<Figure> = elements.into_iter().collect();
    let scalars: [Scalar; 2] =
        [("pressure", "local pressure", Range::around_mean), ("von_mises", "local shear stress", Range::of)];
    for (name, label, range) in scalars {
        let Some(values) = frame.columns.iter().find(|column| column.name == name) else { continue };
        let Some(values) = values.reals().filter(|values| values.len() == atoms.len()) else { continue };
        let Some(range) = range(values) else { continue };
        let axis = Axis::new(labeled(label, "GPa"), Scale::Linear, range.low, range.high);
        let bar = ColorBar { axis, end: 1.0, map: range.map };
        let made =
            figure(frame, &format!("atoms_{name}"), Vec::new(), Some(bar), &|atom| range.color(values[atom]));
        figures.extend(made.map(|mut figure| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            figure.caption = format!("By {label}, {} GPa on average.", rounded(mean, 3));
            figure
        }));
    }
    if let Some(first) = figures.first_mut() {
        first.caption = format!("By element: {step}.");
    }
    figures
}

fn figure(
    frame: &Frame,
    name: &str,
    mut marks: Vec<Mark>,
    bar: Option<ColorBar>,
    color: &dyn Fn(usize) -> RGBColor,
) -> Option<Figure> {
    let uri = scene(frame, color).pixels(SIZE)?.uri()?;
    let unit = || Axis::new("", Scale::Linear, 0.0, 1.0);
    marks.push(Mark::Image { uri, horizontal: [0.0, 1.0], vertical: [0.0, 1.0], is_smooth: true });
    let mut panel = Panel::new(unit(), unit(), marks);
    (panel.color_bar, panel.aspect, panel.is_bare) = (bar, Some(1.0), true);
    let mut figure = Figure::new(name, vec![panel], "");
    figure.height = 490.0;
    Some(figure)
}
