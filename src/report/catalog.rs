//! The order in which observables are shown, and which of them share a plot.

/// Observables in one plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// File name of the plot.
    pub name: &'static str,
    /// What the vertical axis says.
    pub label: &'static str,
    /// The observables with their short names for the legend.
    pub members: &'static [(&'static str, &'static str)],
    /// The topic it belongs to.
    pub topic: Topic,
}

/// The topics of the report that consist of observables against temperature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Energy and specific heat.
    Thermodynamics,
    /// Magnetization, polarization and other order parameters with their responses.
    Order,
    /// Third-order susceptibilities.
    Nonlinear,
    /// Overlaps of copies, spin-glass susceptibilities and correlation lengths.
    Glass,
}

const fn group(
    topic: Topic,
    name: &'static str,
    label: &'static str,
    members: &'static [(&'static str, &'static str)],
) -> Group {
    Group { name, label, members, topic }
}

/// All known plots, in the order of the report.
pub const GROUPS: &[Group] = &[
    group(
        Topic::Thermodynamics,
        "energy",
        "energy",
        &[("energy", "total"), ("spin_energy", "spins"), ("displacement_energy", "displacements")],
    ),
    group(Topic::Thermodynamics, "specific_heat", "specific heat", &[("specific_heat", "")]),
    group(
        Topic::Order,
        "order_squared",
        "squared order parameter",
        &[
            ("magnetization_squared", "magnetization M\u{b2}/N"),
            ("polarization_squared", "polarization P\u{b2}/N"),
            ("all_in_all_out_squared", "all in, all out"),
        ],
    ),
    group(
        Topic::Order,
        "magnetization_absolute",
        "absolute magnetization",
        &[("magnetization_absolute", "|M|/N")],
    ),
    group(
        Topic::Order,
        "susceptibility",
        "linear susceptibility",
        &[("susceptibility_magnetic", "magnetic"), ("susceptibility_dielectric", "dielectric")],
    ),
    group(
        Topic::Order,
        "binder_order",
        "fourth-moment ratio",
        &[("binder_magnetization", "magnetization"), ("binder_all_in_all_out", "all in, all out")],
    ),
    group(Topic::Nonlinear, "chi_3_magnetic", "magnetic \u{3c7}\u{2083}", &[("chi_3_magnetic", "")]),
    group(Topic::Nonlinear, "chi_3_dielectric", "dielectric \u{3c7}\u{2083}", &[("chi_3_dielectric", "")]),
    group(
        Topic::Glass,
        "overlap_squared",
        "squared overlap",
        &[("overlap_spin_squared", "spins"), ("overlap_displacement_squared", "displacements")],
    ),
    group(
        Topic::Glass,
        "glass_susceptibility",
        "glass susceptibility",
        &[("chi_spin_glass", "spins"), ("chi_displacement_glass", "displacements")],
    ),
    group(
        Topic::Glass,
        "correlation_length",
        "correlation length \u{3be}/L",
        &[
            ("correlation_length_over_size", "spins"),
            ("correlation_length_displacement_over_size", "displacements"),
        ],
    ),
    group(
        Topic::Glass,
        "binder_glass",
        "Binder ratio of the overlap",
        &[("binder_spin_glass", "spins"), ("binder_displacement_glass", "displacements")],
    ),
    group(
        Topic::Glass,
        "links",
        "overlap of links",
        &[("link_overlap", "between copies"), ("link_squared", "squared, of one copy")],
    ),
    group(
        Topic::Glass,
        "katzgraber_young_difference",
        "energy and links: zero in equilibrium",
        &[("katzgraber_young_difference", "")],
    ),
];

/// The observables shown on the terminal, with headings that leave room for all of them in a line.
pub const MAIN: &[(&str, &str)] = &[
    ("energy", "energy"),
    ("specific_heat", "specific heat"),
    ("magnetization_squared", "M^2/N"),
    ("polarization_squared", "P^2/N"),
    ("overlap_spin_squared", "q_spin^2"),
    ("overlap_displacement_squared", "q_tau^2"),
];

/// A key that sorts names into the order of the report; unknown names come last, in alphabetic order.
#[must_use]
pub fn place(name: &str) -> (usize, String) {
    let known = GROUPS.iter().flat_map(|group| group.members).position(|(member, _)| *member == name);
    (known.unwrap_or(usize::MAX), name.to_string())
}

/// The name as words.
#[must_use]
pub fn words(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_come_first_and_each_once() {
        assert!(place("energy") < place("specific_heat"));
        assert!(place("overlap_spin_squared") < place("aardvark"));
        let mut names: Vec<&str> = GROUPS.iter().flat_map(|g| g.members).map(|m| m.0).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
