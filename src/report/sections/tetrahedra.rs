//! The ice rule: how many corners of a tetrahedron are displaced inwards.

use super::super::drawing::{Figure, Mark, Marker, Panel, category};
use super::super::results::Results;
use super::{Content, Section, fraction_axis, rung_curve, temperature_axis, vertical_axis};

const NAMES: [&str; 5] = ["0 in", "1 in", "2 in (p22)", "3 in", "4 in"];

/// Fractions of tetrahedra by their number of inward corners.
#[must_use]
pub fn section(results: &Results) -> Section {
    let mut content = Vec::new();
    if let Some(observable) = results.observable("tetrahedra").filter(|o| o.mean.width == NAMES.len()) {
        let curve = |(component, name): (usize, &&str)| {
            let value =
                |rung: usize| (observable.mean.at(rung, component), observable.error.at(rung, component));
            let mut curve = rung_curve(results, component, name, value);
            // In zero field 3 in and 4 in lie on 1 in and 0 in, which must stay visible below them.
            if component > 2 {
                curve.color = category(component + 2);
                curve.marker = Marker::None;
                curve.is_dashed = true;
            }
            Mark::Curve(curve)
        };
        let fractions = Panel::new(
            temperature_axis(results),
            fraction_axis("fraction of tetrahedra"),
            NAMES.iter().enumerate().map(curve).collect(),
        );
        let defects = [rung_curve(results, 1, "", |rung| {
            (1.0 - observable.mean.at(rung, 2), observable.error.at(rung, 2))
        })];
        let defects_axis = vertical_axis("defect density 1 \u{2212} p22", &defects);
        let defects = Panel::new(temperature_axis(results), defects_axis, defects.map(Mark::Curve).to_vec());
        content.push(Content::Figure(Figure::new(
            "tetrahedra",
            vec![fractions],
            format!("tetrahedra: {}.", observable.description),
        )));
        content.push(Content::Figure(Figure::new(
            "defect_density",
            vec![defects],
            "Fraction of tetrahedra that break the two-in, two-out rule.",
        )));
    }
    Section::new(
        "tetrahedra",
        "Ice rule of the displacements",
        "Every tetrahedron is sorted by the number of its corners displaced inwards. Independent displacements give \
         1/16, 1/4, 3/8, 1/4, 1/16; a p22 close to one is the ice manifold, in which the remaining defects are pairs \
         of 1 in and 3 in.",
        content,
    )
}
