//! What is measured on the pyrochlore spin-lattice glass, and the formulas built on the means.

use super::energy::Totals;
use super::overlap::OverlapSums;
use crate::foundation::fixed_point::FixedPoint;
use crate::foundation::observable::{Derived, Formula, Observable, columns};

/// Observables of one configuration, in column order.
#[must_use]
pub fn single() -> Vec<Observable> {
    vec![
        Observable::scalar("energy", "J per site", "total energy per site"),
        Observable::scalar("energy_squared", "J^2", "square of the energy per site"),
        Observable::scalar(
            "spin_energy",
            "J per site",
            "exchange energy and energy in the magnetic field, per site",
        ),
        Observable::scalar(
            "displacement_energy",
            "J per site",
            "energy of the displacements among themselves and in the electric field, per site",
        ),
        Observable::vector(
            "tetrahedra",
            5,
            "1",
            "fraction of tetrahedra with n_in = 0, 1, 2, 3, 4 corners displaced inwards (p22 is the middle one)",
        ),
        Observable::scalar("magnetization_squared", "1", "M^2/N with M the sum of all spins"),
        Observable::scalar("magnetization_fourth", "1", "M^4/N^2"),
        Observable::scalar(
            "polarization_squared",
            "1",
            "P^2/N with P the sum of tau_i e_i along the local axes",
        ),
        Observable::scalar("polarization_fourth", "1", "(P_x^4 + P_y^4 + P_z^4)/(3 N^2)"),
        Observable::scalar("all_in_all_out_squared", "1", "N (sum tau_i / N)^2: order with all in, all out"),
        Observable::scalar("all_in_all_out_fourth", "1", "N^2 (sum tau_i / N)^4"),
        Observable::vector("magnetization", 3, "1", "M/N, components x, y, z"),
        Observable::vector("polarization", 3, "1", "P/N, components x, y, z"),
    ]
}

/// Observables of two copies, in column order.
#[must_use]
pub fn pair() -> Vec<Observable> {
    vec![
        Observable::scalar(
            "overlap_spin_squared",
            "1",
            "sum over components mu nu of (1/N sum_i S^a_mu S^b_nu)^2 between copies a, b",
        ),
        Observable::scalar("overlap_spin_fourth", "1", "square of overlap_spin_squared"),
        Observable::scalar(
            "overlap_displacement_squared",
            "1",
            "(1/N sum_i tau^a tau^b)^2 between copies a, b",
        ),
        Observable::scalar("overlap_displacement_fourth", "1", "square of overlap_displacement_squared"),
        Observable::scalar(
            "chi_spin_glass_k_min",
            "1",
            "N times the squared spin overlap at k = 2 pi/(a L), mean of the three axes",
        ),
        Observable::scalar("chi_displacement_glass_k_min", "1", "the same for the displacement overlap"),
    ]
}

/// Fills the row of one configuration.
pub fn fill_single(totals: &Totals, sites: f64, row: &mut [f64]) {
    let energy = (totals.spin_energy + totals.displacement_energy) / sites;
    let square = |v: &[f64; 3]| v.iter().map(|x| x * x).sum::<f64>() / sites;
    let m2 = square(&totals.magnetization);
    let p4 = totals.polarization.iter().map(|x| x.powi(4)).sum::<f64>() / (3.0 * sites * sites);
    let order = totals.displacement_sum * totals.displacement_sum / sites;
    row[..4].copy_from_slice(&[
        energy,
        energy * energy,
        totals.spin_energy / sites,
        totals.displacement_energy / sites,
    ]);
    for (value, count) in row[4..9].iter_mut().zip(totals.tetrahedra) {
        *value = count / (sites / 2.0);
    }
    row[9..15].copy_from_slice(&[m2, m2 * m2, square(&totals.polarization), p4, order, order * order]);
    for d in 0..3 {
        row[15 + d] = totals.magnetization[d] / sites;
        row[18 + d] = totals.polarization[d] / sites;
    }
}

/// Fills the row of a pair of copies.
pub fn fill_pair(sums: &OverlapSums, unit: FixedPoint, sites: f64, row: &mut [f64]) {
    let square = |x: &i64| unit.number(*x) * unit.number(*x);
    let spin = |k: usize| sums[k][..9].iter().map(square).sum::<f64>() / (sites * sites);
    let tau = |k: usize| square(&sums[k][9]) / (sites * sites);
    let at_k_min = |of: &dyn Fn(usize) -> f64| (1..7).map(of).sum::<f64>() / 3.0 * sites;
    let (q2, t2) = (spin(0), tau(0));
    row.copy_from_slice(&[q2, q2 * q2, t2, t2 * t2, at_k_min(&spin), at_k_min(&tau)]);
}

/// Square of the correlation length over the system size, from the two lowest wave vectors (second-moment definition);
/// negative where noise makes the fluctuation at k_min exceed the one at 0.
fn squared_correlation_length(chi_zero: f64, chi_k_min: f64, size: f64) -> f64 {
    // In a single cell k_min is a reciprocal-lattice vector and the definition has no meaning.
    if size < 2.0 {
        return f64::NAN;
    }
    let half_k_min = std::f64::consts::PI / size;
    (chi_zero / chi_k_min - 1.0) / (2.0 * half_k_min.sin() * size).powi(2)
}

/// Formulas on the means.
#[must_use]
pub fn derived(sites: f64, size: usize, pairs: bool) -> Vec<Derived> {
    let (singles, width) = columns(&single());
    let column = |name: &str| {
        let position = single().iter().position(|o| o.name == name);
        position.map(|p| singles[p]).unwrap_or_default()
    };
    let (energy, energy_squared) = (column("energy"), column("energy_squared"));
    let (m2, m4) = (column("magnetization_squared"), column("magnetization_fourth"));
    let (p2, p4) = (column("polarization_squared"), column("polarization_fourth"));
    let (a2, a4) = (column("all_in_all_out_squared"), column("all_in_all_out_fourth"));
    let mut list: Vec<Derived> = Vec::new();
    let mut add = |name, units, description, formula: Formula| {
        list.push(Derived { name, description, units, formula, root: false });
    };
    add(
        "specific_heat",
        "k_B per site",
        "N beta^2 (<e^2> - <e>^2)",
        Box::new(move |x, beta| sites * beta * beta * (x[energy_squared] - x[energy] * x[energy])),
    );
    add("susceptibility_magnetic", "1/J", "beta <M^2>/(3N)", Box::new(move |x, beta| beta * x[m2] / 3.0));
    add("susceptibility_dielectric", "1/J", "beta <P^2>/(3N)", Box::new(move |x, beta| beta * x[p2] / 3.0));
    add(
        "chi_3_magnetic",
        "1/J^3",
        "beta^3/(6N) (<M_z^4> - 3 <M_z^2>^2) with the isotropic estimators <M^4>/5 and <M^2>/3",
        Box::new(move |x, beta| beta.powi(3) * sites / 6.0 * (x[m4] / 5.0 - x[m2] * x[m2] / 3.0)),
    );
    add(
        "chi_3_dielectric",
        "1/J^3",
        "beta^3/(6N) (<P_z^4> - 3 <P_z^2>^2), mean of the three cubic axes",
        Box::new(move |x, beta| beta.powi(3) * sites / 6.0 * (x[p4] - x[p2] * x[p2] / 3.0)),
    );
    add("binder_magnetization", "1", "<M^4>/<M^2>^2", Box::new(move |x, _| x[m4] / (x[m2] * x[m2])));
    add(
        "binder_all_in_all_out",
        "1",
        "<t^4>/<t^2>^2 with t = sum tau_i",
        Box::new(move |x, _| x[a4] / (x[a2] * x[a2])),
    );
    if pairs {
        let pair_column = |k: usize| width + k;
        let (q2, q4, t2, t4) = (pair_column(0), pair_column(1), pair_column(2), pair_column(3));
        let (q_k, t_k) = (pair_column(4), pair_column(5));
        let l = size as f64;
        add("chi_spin_glass", "1", "N <overlap_spin_squared>", Box::new(move |x, _| sites * x[q2]));
        add(
            "chi_displacement_glass",
            "1",
            "N <overlap_displacement_squared>",
            Box::new(move |x, _| sites * x[t2]),
        );
        add(
            "binder_spin_glass",
            "1",
            "(11 - 9 <q^4>/<q^2>^2)/2 of the nine-component spin overlap",
            Box::new(move |x, _| 0.5 * (11.0 - 9.0 * x[q4] / (x[q2] * x[q2]))),
        );
        add(
            "binder_displacement_glass",
            "1",
            "(3 - <q^4>/<q^2>^2)/2 of the displacement overlap",
            Box::new(move |x, _| 0.5 * (3.0 - x[t4] / (x[t2] * x[t2]))),
        );
        let length = |name, description, zero: usize, k_min: usize| Derived {
            name,
            description,
            units: "1",
            formula: Box::new(move |x, _| squared_correlation_length(sites * x[zero], x[k_min], l)),
            root: true,
        };
        list.push(length(
            "correlation_length_over_size",
            "second-moment correlation length of the spin-glass overlap over L; NaN for L = 1",
            q2,
            q_k,
        ));
        list.push(length(
            "correlation_length_displacement_over_size",
            "second-moment correlation length of the displacement overlap over L; NaN for L = 1",
            t2,
            t_k,
        ));
    }
    list
}
