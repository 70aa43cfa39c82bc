//! Observables against temperature.

use super::super::catalog::{GROUPS, Topic, words};
use super::super::drawing::{Figure, Mark, Panel};
use super::super::number::labeled;
use super::super::results::{Measured, Results};
use super::{Content, Section, rung_curve, temperature_axis, vertical_axis};

/// The topics with a fixed place in the report.
const TOPICS: [(Topic, &str, &str, &str); 4] = [
    (
        Topic::Thermodynamics,
        "thermodynamics",
        "Energy and specific heat",
        "The equilibrium energy per site and its fluctuations. A maximum of the specific heat marks where most of \
         the entropy freezes out; it lies above a glass transition and need not be one.",
    ),
    (
        Topic::Order,
        "order",
        "Order parameters and linear response",
        "Squared order parameters are multiplied by the number of sites: they stay of order one without long-range \
         order and grow with the system if there is some.",
    ),
    (
        Topic::Nonlinear,
        "nonlinear",
        "Nonlinear susceptibilities",
        "The third-order response to a magnetic and to an electric field. A divergence towards minus infinity at the \
         same temperature in both is the mark of a common freezing of spins and displacements. Where the values span \
         many decades the axis is linear around zero and logarithmic beyond.",
    ),
    (
        Topic::Glass,
        "glass",
        "Overlaps and spin-glass order",
        "From two independent copies at the same temperature. Curves of \u{3be}/L or of the Binder ratio for \
         different sizes L cross at a transition; a single size shows where the correlation length reaches the \
         system.",
    ),
];

/// The sections of the observables that the catalog knows.
#[must_use]
pub fn known(results: &Results) -> Vec<Section> {
    let section = |(topic, anchor, title, text)| {
        let groups = GROUPS.iter().filter(|group| group.topic == topic);
        let content = groups.filter_map(|group| {
            let members: Vec<(Measured, &str)> = group
                .members
                .iter()
                .filter_map(|(name, label)| Some((results.observable(name)?, *label)))
                .filter(|(observable, _)| observable.mean.width == 1)
                .collect();
            figure(results, group.name, group.label, &members).map(Content::Figure)
        });
        Section::new(anchor, title, text, content.collect())
    };
    TOPICS.into_iter().map(section).collect()
}

/// The section of all observables the catalog does not know, closed until it is opened.
#[must_use]
pub fn other(results: &Results) -> Section {
    let is_known = |name: &str| {
        name == "tetrahedra"
            || GROUPS.iter().any(|group| group.members.iter().any(|(known, _)| *known == name))
    };
    let unknown = results.observables().into_iter().filter(|observable| !is_known(&observable.name));
    let content = unknown.filter_map(|observable| {
        let name = observable.name.clone();
        figure(results, &name, &words(&name), &[(observable, "")]).map(Content::Figure)
    });
    let mut section = Section::new(
        "other",
        "Other measured quantities",
        "Moments and components that the formulas above are built from.",
        content.collect(),
    );
    section.is_folded = true;
    section
}

fn figure(results: &Results, name: &str, label: &str, members: &[(Measured, &str)]) -> Option<Figure> {
    let (first, _) = members.first()?;
    let mut curves = Vec::new();
    for (observable, short_name) in members {
        for component in 0..observable.mean.width {
            let name = match observable.mean.width {
                1 => short_name.to_string(),
                3 => ["x", "y", "z"][component].to_string(),
                _ => component.to_string(),
            };
            let value =
                |rung: usize| (observable.mean.at(rung, component), observable.error.at(rung, component));
            curves.push(rung_curve(results, curves.len(), &name, value));
        }
    }
    if curves.iter().all(|curve| curve.points.iter().all(|point| !point.y.is_finite())) {
        return None;
    }
    let vertical = vertical_axis(labeled(label, &first.units), &curves);
    let marks = curves.into_iter().map(Mark::Curve).collect();
    let captions: Vec<String> = members.iter().map(|(observable, _)| caption(observable)).collect();
    let panel = Panel::new(temperature_axis(results), vertical, marks);
    Some(Figure::new(name, vec![panel], captions.join(" ")))
}

fn caption(observable: &Measured) -> String {
    match observable.description.as_str() {
        "" => format!("{}.", observable.name),
        description => format!("{}: {description}.", observable.name),
    }
}
