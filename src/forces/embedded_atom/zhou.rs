//! The analytic embedded-atom potentials of Zhou, Johnson and Wadley, PRB 69, 144113 (2004), for 16 metals.
//!
//! Alloys follow Johnson's rule and are not fitted: heats of mixing are not to be trusted.

use super::table::Table;
use super::zhou_parameters::{ELEMENTS, Parameters};
use super::{Element, EmbeddedAtom, Layout};
use crate::forces::PairwiseEmbedded;
use crate::foundation::{Error, Result};

/// Knots of the tables in the program the authors distribute.
pub const KNOTS: usize = 2000;
/// Tables are constant below this distance (Angstrom).
const CLOSEST: f64 = 0.5;
/// rho_0 / rho_e, where high densities begin.
const HIGH_BEGIN: f64 = 1.15;

/// The analytic potential of some elements; kinds are numbered in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Zhou {
    elements: Vec<Parameters>,
    cutoff: f64,
}

/// Symbols of the elements there are.
#[must_use]
pub fn symbols() -> Vec<&'static str> {
    ELEMENTS.iter().map(|element| element.symbol).collect()
}

/// strength exp[-decay (r/re - 1)] / [1 + (r/re - screen)^20] with its derivative.
fn screened(strength: f64, decay: f64, screen: f64, re: f64, r: f64) -> (f64, f64) {
    let x = r / re;
    let u = x - screen;
    let nineteenth = u.powi(19);
    let denominator = 1.0 + nineteenth * u;
    let value = strength * (-decay * (x - 1.0)).exp() / denominator;
    (value, -value * (decay + 20.0 * nineteenth / denominator) / re)
}

fn density(element: &Parameters, r: f64) -> (f64, f64) {
    screened(element.fe, element.beta, element.lambda, element.re, r)
}

fn pair(element: &Parameters, r: f64) -> (f64, f64) {
    let repulsion = screened(element.a, element.alpha, element.kappa, element.re, r);
    let attraction = screened(element.b, element.beta, element.lambda, element.re, r);
    (repulsion.0 - attraction.0, repulsion.1 - attraction.1)
}

/// c0 + c1 t + c2 t^2 + c3 t^3 with its derivative by t.
fn cubic(c: &[f64; 4], t: f64) -> (f64, f64) {
    (((c[3] * t + c[2]) * t + c[1]) * t + c[0], (3.0 * c[3] * t + 2.0 * c[2]) * t + c[1])
}

fn embedding(element: &Parameters, density: f64) -> (f64, f64) {
    let low_end = element.low_end * element.rhoe;
    if density < low_end {
        let (value, slope) = cubic(&element.low, density / low_end - 1.0);
        (value, slope / low_end)
    } else if density < HIGH_BEGIN * element.rhoe {
        let (value, slope) = cubic(&element.middle, density / element.rhoe - 1.0);
        (value, slope / element.rhoe)
    } else {
        let x = density / element.rhos;
        let (eta, logarithm, power) = (element.eta, x.ln(), x.powf(element.eta));
        let slope = -element.high * eta * eta * logarithm * power / density;
        (element.high * (1.0 - eta * logarithm) * power, slope)
    }
}

impl Zhou {
    /// The potential of these elements. The cutoff is sqrt(5) times the largest distance of nearest neighbors, as in
    /// the program the authors distribute.
    ///
    /// # Errors
    /// `Error::Usage` that lists the elements there are, if one is not among them, named twice, or none is named.
    pub fn new(elements: &[&str]) -> Result<Self> {
        let refuse = |what: String| {
            Error::Usage(format!(
                "{what} for a potential of Zhou 2004: expected different elements out of {}.",
                symbols().join(", ")
            ))
        };
        let find = |symbol: &&str| {
            let found = ELEMENTS.iter().find(|element| element.symbol == *symbol);
            found.copied().ok_or_else(|| refuse(format!("there is no element {symbol}")))
        };
        let chosen = elements.iter().map(find).collect::<Result<Vec<Parameters>>>()?;
        if chosen.is_empty() {
            return Err(refuse("no element is given".into()));
        }
        if let Some(k) = (1..elements.len()).find(|&k| elements[..k].contains(&elements[k])) {
            return Err(refuse(format!("{} is named twice", elements[k])));
        }
        let longest = chosen.iter().map(|element| element.re).fold(0.0, f64::max);
        Ok(Zhou { elements: chosen, cutoff: 10f64.sqrt() / 2.0 * (2f64.sqrt() * longest) })
    }

    /// The potential as tables, with the same number of knots for densities and distances.
    ///
    /// # Errors
    /// `Error::Usage` for fewer than 100 knots, which cannot follow the functions, or more than a million.
    pub fn tabulated(&self, knots: usize) -> Result<EmbeddedAtom> {
        if !(100..=1_000_000).contains(&knots) {
            return Err(Error::Usage(format!("a table of {knots} knots: expected 100 to 1000000 knots.")));
        }
        let n = self.elements.len();
        let spacing = self.cutoff / (knots - 1) as f64;
        let highest = |highest: f64, element: &Parameters| {
            highest.max(density(element, CLOSEST).0).max(2.0 * element.rhoe)
        };
        let density_spacing = self.elements.iter().fold(100.0, highest) / (knots - 1) as f64;
        let radial = |function: &dyn Fn(f64) -> f64| {
            let values: Vec<f64> = (0..knots).map(|k| function((k as f64 * spacing).max(CLOSEST))).collect();
            Table::new(spacing, &values)
        };
        let mut embedding = Vec::new();
        let mut density = Vec::new();
        let mut pair = Vec::new();
        for a in 0..n {
            let values: Vec<f64> =
                (0..knots).map(|k| self.embedding(a, k as f64 * density_spacing).0).collect();
            embedding.push(Table::new(density_spacing, &values)?);
            density.extend(std::iter::repeat_n(radial(&|r| self.density(a, a, r).0)?, n));
            for b in 0..n {
                // The lower triangle is the one a file holds.
                pair.push(radial(&|r| r * self.pair(a.max(b), a.min(b), r).0)?);
            }
        }
        let names: Vec<&str> = self.elements.iter().map(|element| element.symbol).collect();
        Ok(EmbeddedAtom {
            name: format!("Zhou 2004 {}", names.join(" ")),
            comments: vec![
                format!("Potential of Zhou, Johnson and Wadley, {}, tabulated by vitrum", names.join(" ")),
                "X. W. Zhou, R. A. Johnson and H. N. G. Wadley, Phys. Rev. B 69, 144113 (2004)".into(),
                "Alloys by Johnson's mixing rule, not fitted; UNITS: metal".into(),
            ],
            layout: Layout::Alloy,
            elements: self.elements.iter().map(describe).collect(),
            cutoff: self.cutoff,
            embedding,
            density,
            pair,
            is_density_of_source: true,
        })
    }
}

/// The lattice constant is the one of atoms at the distance r_e.
fn describe(element: &Parameters) -> Element {
    let scale = match element.structure {
        "fcc" => 2f64.sqrt(),
        "bcc" => 2.0 / 3f64.sqrt(),
        _ => 1.0,
    };
    Element {
        symbol: element.symbol.into(),
        atomic_number: element.atomic_number,
        mass: element.mass,
        lattice_constant: (scale * element.re * 1e5).round() / 1e5,
        structure: element.structure.into(),
    }
}

impl PairwiseEmbedded for Zhou {
    fn cutoff(&self) -> f64 {
        self.cutoff
    }

    fn density(&self, source: usize, _site: usize, r: f64) -> (f64, f64) {
        density(&self.elements[source], r)
    }

    fn pair(&self, a: usize, b: usize, r: f64) -> (f64, f64) {
        if a == b {
            return pair(&self.elements[a], r);
        }
        let weighted = |one: &Parameters, other: &Parameters| {
            let ((phi, phi_slope), (f, f_slope)) = (pair(one, r), density(one, r));
            let (g, g_slope) = density(other, r);
            let weight = g / f;
            let weight_slope = weight * (g_slope / g - f_slope / f);
            (0.5 * weight * phi, 0.5 * (weight_slope * phi + weight * phi_slope))
        };
        let (first, second) = (&self.elements[a], &self.elements[b]);
        let (left, right) = (weighted(first, second), weighted(second, first));
        (left.0 + right.0, left.1 + right.1)
    }

    fn embedding(&self, kind: usize, density: f64) -> (f64, f64) {
        embedding(&self.elements[kind], density)
    }

    fn highest_density(&self, _kind: usize) -> f64 {
        f64::INFINITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_values() {
        let zhou = Zhou::new(&symbols()).unwrap();
        let check = |what: &str, x: f64, function: &dyn Fn(f64) -> (f64, f64)| {
            let h = 1e-4 * x;
            let at = |m: f64| function(x + m * h).0;
            let difference = (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * h);
            let (value, slope) = function(x);
            let scale = slope.abs().max(value.abs() / x).max(1e-6);
            assert!((slope - difference).abs() < 1e-8 * scale, "{what} at {x}: {slope} {difference}");
        };
        for a in 0..16 {
            for r in [1.1, 2.3, 2.9, 3.7, 4.4, 5.5, 7.0] {
                check("density", r, &|r| zhou.density(a, 0, r));
                (0..=a).for_each(|b| check("pair", r, &|r| zhou.pair(a, b, r)));
            }
            for x in [0.01, 0.2, 0.7, 1.0, 1.1, 1.2, 2.5] {
                check("embedding", x, &|x| {
                    let (value, slope) = zhou.embedding(a, x * ELEMENTS[a].rhoe);
                    (value, slope * ELEMENTS[a].rhoe)
                });
            }
        }
    }

    #[test]
    fn elements_that_are_not_there_are_refused_with_those_that_are() {
        let error = Zhou::new(&["Cu", "Xx"]).unwrap_err().to_string();
        assert!(error.contains("no element Xx") && error.contains("Cu, Ag, Au"), "{error}");
        assert!(Zhou::new(&[]).is_err() && Zhou::new(&["Cu", "Cu"]).is_err());
        assert!(Zhou::new(&["Cu"]).unwrap().tabulated(20).is_err());
    }
}
