//! What looks wrong in a potential.

use super::table::Table;
use super::{EmbeddedAtom, Layout, periodic_table};
use crate::forces::PairwiseEmbedded;
use crate::forces::crystal::{Crystal, Relaxed};

/// Masses may differ from the standard ones by this fraction.
const MASS_TOLERANCE: f64 = 0.02;
/// Lattice constants may differ from those the file states by this fraction.
const LATTICE_TOLERANCE: f64 = 0.02;
/// Steps of the energy at the cutoff (eV) that are mentioned, and that are too large.
const STEP: (f64, f64) = (1e-6, 1e-3);
/// Free energies F(0) that are mentioned (eV).
const FREE_ENERGY: f64 = 1e-5;
/// A table of the embedding energy should reach so many times beyond the density of the crystal.
const DENSITY_MARGIN: f64 = 1.5;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether results are in doubt; otherwise it is only worth knowing.
    pub is_warning: bool,
    /// What was found.
    pub text: String,
}

/// Everything worth saying, warnings first; `crystals` are those of the potential, with what they relax to.
#[must_use]
pub fn findings(potential: &EmbeddedAtom, crystals: &[(Crystal, Option<Relaxed>)]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut warn = |text: String| found.push(Finding { is_warning: true, text });
    elements(potential, &mut warn);
    ranges(potential, crystals, &mut warn);
    potential.embedding.iter().enumerate().for_each(|(k, table)| {
        outliers(table, &format!("F of {}", potential.elements[k].symbol), &mut warn);
    });
    let n = potential.elements.len();
    let symbol = |k: usize| &potential.elements[k].symbol;
    for (index, (density, pair)) in potential.density.iter().zip(&potential.pair).enumerate() {
        let (a, b) = (index / n, index % n);
        if potential.layout == Layout::FinnisSinclair || a == b {
            outliers(density, &format!("the density of {} at {}", symbol(a), symbol(b)), &mut warn);
        }
        if b <= a {
            outliers(pair, &format!("r phi of {} and {}", symbol(a), symbol(b)), &mut warn);
        }
    }
    remarks(potential, crystals, &mut |text| found.push(Finding { is_warning: false, text }));
    steps(potential, crystals, &mut found);
    found.sort_by_key(|finding| !finding.is_warning);
    found
}

/// The crystal of lowest energy an element has.
fn best(crystals: &[(Crystal, Option<Relaxed>)], kind: usize) -> Option<(&Crystal, &Relaxed)> {
    let of_kind = crystals.iter().filter(|(crystal, _)| crystal.kinds == [kind]);
    let bound = of_kind.filter_map(|(crystal, relaxed)| Some((crystal, relaxed.as_ref()?)));
    bound.min_by(|a, b| a.1.energy.total_cmp(&b.1.energy))
}

/// Its density.
fn equilibrium_density(crystals: &[(Crystal, Option<Relaxed>)], kind: usize) -> Option<f64> {
    best(crystals, kind).and_then(|(_, relaxed)| relaxed.densities.first()).map(|(_, density)| *density)
}

fn elements(potential: &EmbeddedAtom, warn: &mut impl FnMut(String)) {
    for element in &potential.elements {
        let (symbol, mass) = (&element.symbol, element.mass);
        let is_positive = mass > 0.0;
        if !is_positive {
            warn(format!("the mass of {symbol} is {mass} g/mol"));
        }
        let Some((number, weight)) = periodic_table::element(symbol) else {
            warn(format!("{symbol} is no chemical symbol known here"));
            continue;
        };
        if is_positive && (mass / weight - 1.0).abs() > MASS_TOLERANCE {
            warn(format!("the mass of {symbol} is {mass} g/mol, expected {weight}"));
        }
        if element.atomic_number != number {
            warn(format!("the atomic number of {symbol} is {}, expected {number}", element.atomic_number));
        }
    }
}

/// Tables that end too early.
fn ranges(potential: &EmbeddedAtom, crystals: &[(Crystal, Option<Relaxed>)], warn: &mut impl FnMut(String)) {
    let radial = &potential.pair[0];
    // Many files have the cutoff one knot beyond the table, where everything vanishes.
    if potential.cutoff > radial.end() + 1.000_001 * radial.spacing() {
        warn(format!(
            "the cutoff {} lies beyond the tables, which end at {:.6} Angstrom and are constant from there",
            potential.cutoff,
            radial.end()
        ));
    }
    for (kind, element) in potential.elements.iter().enumerate() {
        let symbol = &element.symbol;
        let Some(density) = equilibrium_density(crystals, kind) else {
            warn(format!("{symbol} has no bound fcc, bcc or hcp crystal"));
            continue;
        };
        let end = potential.embedding[kind].end();
        if density > end {
            warn(format!(
                "the density {density:.4} in the crystal of {symbol} is beyond the table of F, which ends at {end:.4}"
            ));
        }
    }
}

fn remarks(
    potential: &EmbeddedAtom,
    crystals: &[(Crystal, Option<Relaxed>)],
    remark: &mut impl FnMut(String),
) {
    let n = potential.elements.len();
    let symbol = |k: usize| &potential.elements[k].symbol;
    for kind in 0..n {
        let free = potential.embedding(kind, 0.0).0;
        if free.abs() > FREE_ENERGY {
            remark(format!(
                "F(0) of {} is {free:.6} eV: energies are relative to that, cohesive energies take it into account",
                symbol(kind)
            ));
        }
        let end = potential.embedding[kind].end();
        if let Some(density) = equilibrium_density(crystals, kind)
            && density <= end
            && end < DENSITY_MARGIN * density
        {
            remark(format!(
                "F of {} ends at the density {end:.4}, only {:.2} times that of its crystal; \
                 beyond, F goes on as a straight line",
                symbol(kind),
                end / density
            ));
        }
        let element = &potential.elements[kind];
        if let Some((crystal, relaxed)) = best(crystals, kind)
            && element.structure.eq_ignore_ascii_case(crystal.structure.name())
            && element.lattice_constant > 0.0
            && (element.lattice_constant / relaxed.lattice_constant - 1.0).abs() > LATTICE_TOLERANCE
        {
            remark(format!(
                "the file gives the lattice constant of {} as {}, its {} crystal has {:.5}",
                element.symbol, element.lattice_constant, element.structure, relaxed.lattice_constant
            ));
        }
    }
    if !potential.is_density_of_source {
        let asymmetric = (0..n)
            .flat_map(|a| (0..a).map(move |b| (a, b)))
            .filter(|&(a, b)| potential.density[a * n + b] != potential.density[b * n + a]);
        let names: Vec<String> = asymmetric.map(|(a, b)| format!("{}-{}", symbol(b), symbol(a))).collect();
        if !names.is_empty() {
            remark(format!("the densities of {} are not symmetric", names.join(", ")));
        }
    }
}

/// Steps of the energy when two atoms part at the cutoff, the largest of all pairs.
fn steps(potential: &EmbeddedAtom, crystals: &[(Crystal, Option<Relaxed>)], found: &mut Vec<Finding>) {
    let n = potential.elements.len();
    let r = potential.cutoff;
    let slope = |kind: usize| {
        let density = equilibrium_density(crystals, kind)?;
        Some(potential.embedding(kind, density).1)
    };
    let mut worst = (0.0, String::new());
    for a in 0..n {
        for b in 0..=a {
            let phi = potential.pair(a, b, r).0;
            let (at_a, at_b) = (potential.density(b, a, r).0, potential.density(a, b, r).0);
            let embedded =
                slope(a).map_or(0.0, |slope| slope * at_a) + slope(b).map_or(0.0, |slope| slope * at_b);
            let step = phi.abs().max(embedded.abs());
            if step > worst.0 {
                let symbol = |k: usize| &potential.elements[k].symbol;
                let text = format!(
                    "the energy of {} and {} steps at the cutoff: phi by {phi:.1e} eV, F by {embedded:.1e} eV",
                    symbol(b),
                    symbol(a)
                );
                worst = (step, text);
            }
        }
    }
    if worst.0 > STEP.0 {
        found.push(Finding { is_warning: worst.0 > STEP.1, text: worst.1 });
    }
}

/// Single values that stick out of a smooth table, such as a digit that was damaged.
///
/// A wrong value leaves 1, -4, 6, -4, 1 times its error in the fourth differences; kinks and steps leave other
/// patterns.
fn outliers(table: &Table, what: &str, warn: &mut impl FnMut(String)) {
    const PATTERN: [f64; 5] = [1.0, -4.0, 6.0, -4.0, 1.0];
    const SQUARE: f64 = 70.0;
    /// Fraction of the fourth differences that may be something else.
    const REST: f64 = 0.01;
    /// Error relative to the values around it.
    const LEAST: f64 = 1e-5;
    /// Error in units of the fourth differences around it, which show the rounding of the file.
    const RATIO: f64 = 10.0;
    const AROUND: usize = 20;
    let values: Vec<f64> = table.values().collect();
    let product = |window: &[f64]| window.iter().zip(PATTERN).map(|(x, y)| x * y).sum::<f64>();
    let fourth: Vec<f64> = values.windows(5).map(product).collect();
    let is_outlier = |&start: &usize| {
        let window = &fourth[start..start + 5];
        let error = product(window) / SQUARE;
        let square: f64 = window.iter().map(|x| x * x).sum();
        let mut others: Vec<f64> = (start.saturating_sub(AROUND)..(start + AROUND + 5).min(fourth.len()))
            .filter(|k| !(start..start + 5).contains(k))
            .map(|k| fourth[k].abs())
            .collect();
        others.sort_unstable_by(f64::total_cmp);
        let noise = others.get(others.len() / 2).copied().unwrap_or(0.0);
        let near = &values[start.saturating_sub(AROUND)..(start + AROUND + 9).min(values.len())];
        let scale = near.iter().fold(0.0, |scale: f64, value| scale.max(value.abs()));
        square - SQUARE * error * error < REST * SQUARE * error * error
            && error.abs() > (LEAST * scale).max(RATIO * noise)
    };
    let found: Vec<usize> = (0..fourth.len().saturating_sub(4)).filter(is_outlier).collect();
    if let Some(&first) = found.first() {
        let knot = first + 4;
        warn(format!(
            "value {} of {what}, {:e}, sticks out of its neighbors{}",
            knot + 1,
            values[knot],
            if found.len() > 1 { format!(", and so do {} more", found.len() - 1) } else { String::new() }
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(values: &[f64]) -> Vec<String> {
        let mut found = Vec::new();
        outliers(&Table::new(0.01, values).unwrap(), "F", &mut |text| found.push(text));
        found
    }

    #[test]
    fn a_damaged_digit_is_found_and_kinks_and_steps_are_not() {
        let smooth = |k: i32| (f64::from(k) * 0.03).sin() * (-0.01 * f64::from(k)).exp();
        let mut values: Vec<f64> = (0..400).map(smooth).collect();
        assert!(complaints(&values).is_empty());
        values[123] += 1e-4;
        assert!(complaints(&values)[0].starts_with("value 124 of F"), "{:?}", complaints(&values));
        let kink: Vec<f64> = (0..400).map(|k| smooth(k) + 0.01 * f64::from((k - 200).max(0))).collect();
        assert!(complaints(&kink).is_empty());
        let step: Vec<f64> = (0..400).map(|k| smooth(k) + f64::from(u8::from(k > 200))).collect();
        assert!(complaints(&step).is_empty());
        let root: Vec<f64> = (0..400).map(|k| -f64::from(k).sqrt()).collect();
        assert!(complaints(&root).is_empty());
    }
}
