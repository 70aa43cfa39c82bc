//! What is measured on spins on hypercubic lattices, and the formulas built on the means.

use super::couplings::Distribution;
use super::parameters::Specification;
use crate::foundation::fixed_point::FixedPoint;
use crate::foundation::observable::{Derived, Formula, Observable, columns};

/// Observables of one configuration, in column order. The last two belong to models without disorder.
#[must_use]
pub fn single(specification: &Specification) -> Vec<Observable> {
    let mut list = vec![
        Observable::scalar("energy", "J per site", "energy per site"),
        Observable::scalar("energy_squared", "J^2", "square of the energy per site"),
        Observable::scalar("magnetization_squared", "1", "M^2/N with M the sum of all spins"),
        Observable::scalar("magnetization_fourth", "1", "M^4/N^2"),
    ];
    if specification.couplings == Distribution::Uniform {
        list.push(Observable::scalar("magnetization", "1", "M/N"));
        list.push(Observable::scalar("magnetization_absolute", "1", "|M|/N"));
    }
    list
}

/// Fills the row of one configuration from its energy and magnetization.
pub fn fill_single(energy: f64, magnetization: &[f64], sites: f64, row: &mut [f64]) {
    let energy = energy / sites;
    let m2 = magnetization.iter().map(|m| m * m).sum::<f64>() / sites;
    let m = magnetization.first().map_or(0.0, |m| m / sites);
    let all = [energy, energy * energy, m2, m2 * m2, m, m.abs()];
    let count = row.len();
    row.copy_from_slice(&all[..count]);
}

/// Observables of two copies, in column order.
#[must_use]
pub fn pair(specification: &Specification) -> Vec<Observable> {
    let overlap = if specification.components == 1 {
        "(1/N sum_i S^a S^b)^2 between copies a, b"
    } else {
        "sum over components mu nu of (1/N sum_i S^a_mu S^b_nu)^2 between copies a, b"
    };
    let mut list = vec![
        Observable::scalar("overlap_spin_squared", "1", overlap),
        Observable::scalar("overlap_spin_fourth", "1", "square of overlap_spin_squared"),
        Observable::scalar(
            "chi_spin_glass_k_min",
            "1",
            "N times the squared spin overlap at k = 2 pi/L, mean of the axes of the greatest length L",
        ),
        Observable::scalar(
            "link_overlap",
            "1",
            "mean over bonds of (S_i.S_j)^a (S_i.S_j)^b between copies a, b",
        ),
        Observable::scalar("link_squared", "1", "mean over bonds of (S_i.S_j)^2, 1 for Ising spins"),
    ];
    if specification.couplings != Distribution::Uniform {
        let text = "square of the difference of the energies per site of copies a, b";
        list.push(Observable::scalar("energy_difference_squared", "J^2", text));
    }
    list
}

/// Fills the row of a pair of copies from its sums, `[phase][mu][nu]`, then two over bonds and the energies of both;
/// `units` are those of energies and of the other sums.
pub fn fill_pair(
    specification: &Specification,
    sums: &[i64],
    [energy_unit, unit]: [FixedPoint; 2],
    row: &mut [f64],
) {
    let lattice = &specification.lattice;
    let (sites, bonds) = (lattice.sites() as f64, lattice.bonds() as f64);
    let products = specification.components * specification.components;
    let (overlaps, links) = sums.split_at(products * (1 + 2 * lattice.dimensions()));
    let square = |phase: usize| {
        let sums = &overlaps[phase * products..(phase + 1) * products];
        sums.iter().map(|&sum| unit.number(sum).powi(2)).sum::<f64>() / (sites * sites)
    };
    let q2 = square(0);
    let longest = longest(specification);
    let axes = (0..lattice.dimensions()).filter(|&axis| lattice.lengths()[axis] == longest);
    let at_k_min: Vec<f64> = axes.map(|axis| square(1 + 2 * axis) + square(2 + 2 * axis)).collect();
    let chi_k_min = sites * at_k_min.iter().sum::<f64>() / at_k_min.len() as f64;
    let mean = |link: usize| unit.number(links[link]) / bonds;
    let difference = energy_unit.number(links[2] - links[3]) / sites;
    let all = [q2, q2 * q2, chi_k_min, mean(0), mean(1), difference * difference];
    let count = row.len();
    row.copy_from_slice(&all[..count]);
}

/// The greatest length.
fn longest(specification: &Specification) -> usize {
    specification.lattice.lengths().into_iter().max().unwrap_or(1)
}

/// Formulas on the means.
#[must_use]
pub fn derived(specification: &Specification, pairs: bool) -> Vec<Derived> {
    let (_, width) = columns(&single(specification));
    let sites = specification.lattice.sites() as f64;
    let dimensions = specification.lattice.dimensions() as f64;
    let length = longest(specification) as f64;
    let ising = specification.components == 1;
    let components = specification.components as f64;
    // Columns: energy, energy^2, M^2/N, M^4/N^2, ...; then of pairs q^2, q^4, at k_min, q_l, q_s.
    let (e, e2, m2, m4) = (0, 1, 2, 3);
    let (q2, q4, q_k, q_l, q_s) = (width, width + 1, width + 2, width + 3, width + 4);
    let mut list: Vec<Derived> = Vec::new();
    let mut add = |name, units, description, formula: Formula| {
        list.push(Derived { name, description, units, formula, root: false });
    };
    if specification.samples == 1 {
        add(
            "specific_heat",
            "k_B per site",
            "N beta^2 (<e^2> - <e>^2)",
            Box::new(move |x, beta| sites * beta * beta * (x[e2] - x[e] * x[e])),
        );
    } else if pairs {
        // The mean over samples of <e>^2 is not the square of the mean energy; copies of one sample know it.
        add(
            "specific_heat",
            "k_B per site",
            "N beta^2 <energy_difference_squared>/2",
            Box::new(move |x, beta| 0.5 * sites * beta * beta * x[width + 5]),
        );
    }
    add(
        "susceptibility_magnetic",
        "1/J",
        "beta <M^2>/(n N) with n components of a spin",
        Box::new(move |x, beta| beta * x[m2] / components),
    );
    add("binder_magnetization", "1", "<M^4>/<M^2>^2", Box::new(move |x, _| x[m4] / (x[m2] * x[m2])));
    if !pairs {
        return list;
    }
    add("chi_spin_glass", "1", "N <overlap_spin_squared>", Box::new(move |x, _| sites * x[q2]));
    if ising {
        add(
            "binder_spin_glass",
            "1",
            "(3 - <q^4>/<q^2>^2)/2 of the spin overlap",
            Box::new(move |x, _| 0.5 * (3.0 - x[q4] / (x[q2] * x[q2]))),
        );
    } else {
        add(
            "binder_spin_glass",
            "1",
            "(11 - 9 <q^4>/<q^2>^2)/2 of the nine-component spin overlap",
            Box::new(move |x, _| 0.5 * (11.0 - 9.0 * x[q4] / (x[q2] * x[q2]))),
        );
    }
    if specification.couplings == Distribution::Gaussian {
        add(
            "katzgraber_young_difference",
            "J per bond",
            "E/N_b + beta (<link_squared> - <link_overlap>), 0 in equilibrium on average over Gaussian couplings",
            Box::new(move |x, beta| x[e] / dimensions + beta * (x[q_s] - x[q_l])),
        );
    }
    let sine = (std::f64::consts::PI / length).sin();
    list.push(Derived {
        name: "correlation_length_over_size",
        description: "second-moment correlation length of the spin overlap over the greatest length L",
        units: "1",
        formula: Box::new(move |x, _| (sites * x[q2] / x[q_k] - 1.0) / (2.0 * sine * length).powi(2)),
        root: true,
    });
    list
}
