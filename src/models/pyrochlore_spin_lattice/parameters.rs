//! Parameters, presets and moves of the pyrochlore spin-lattice glass, and their validation.

use crate::foundation::{Error, Result};
use crate::models::{require, three, unknown};
use crate::system::pyrochlore::{LOCAL_AXES, SUBLATTICES};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the displacements may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IceRule {
    /// Every displacement pattern is allowed; the coupling K favors two in, two out.
    #[default]
    Soft,
    /// Two in, two out in every tetrahedron, always: the start obeys it and only loops move displacements.
    Hard,
}

/// The `[system]` table. Couplings left out are zero, or come from the preset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The model's name.
    pub model: String,
    /// Cubic cells along an edge; N = 16 size^3 sites.
    pub size: i64,
    /// A named set of couplings; keys given beside it override it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// J_ii: exchange between sites both displaced into their common tetrahedron.
    #[serde(default)]
    pub exchange_in_in: Option<f64>,
    /// J_io: one in, one out.
    #[serde(default)]
    pub exchange_in_out: Option<f64>,
    /// J_oo: both out.
    #[serde(default)]
    pub exchange_out_out: Option<f64>,
    /// K: nearest-neighbor coupling of displacements; positive favors two in, two out.
    #[serde(default)]
    pub ice_coupling: Option<f64>,
    /// K2: second-neighbor coupling of displacements.
    #[serde(default)]
    pub second_neighbor_coupling: Option<f64>,
    /// K3a: third neighbors through a site.
    #[serde(default)]
    pub third_neighbor_coupling_a: Option<f64>,
    /// K3b: third neighbors across a hexagon.
    #[serde(default)]
    pub third_neighbor_coupling_b: Option<f64>,
    /// h: field on the spins.
    #[serde(default, deserialize_with = "three")]
    pub magnetic_field: [f64; 3],
    /// E: field on the displacements along their local axes.
    #[serde(default, deserialize_with = "three")]
    pub electric_field: [f64; 3],
    /// Whether the ice rule is a constraint.
    #[serde(default)]
    pub ice_rule: IceRule,
}

/// A named set of couplings, kept as data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Whether the numbers were checked against the publication.
    pub verified: bool,
    /// Where they come from.
    pub note: String,
    exchange_in_in: f64,
    exchange_in_out: f64,
    exchange_out_out: f64,
    ice_coupling: f64,
    second_neighbor_coupling: f64,
    third_neighbor_coupling_a: f64,
    third_neighbor_coupling_b: f64,
}

/// All presets by name.
#[must_use]
pub fn presets() -> BTreeMap<String, Preset> {
    // The file is compiled in and a test parses it, so an error here cannot reach a user.
    toml::from_str(include_str!("presets.toml")).unwrap_or_default()
}

/// Moves per sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Moves {
    /// Passes of the joint heat bath of displacement and spin.
    pub joint_heat_bath: i64,
    /// Passes of the spin heat bath.
    pub spin_heat_bath: i64,
    /// Passes of Metropolis flips of displacements.
    pub displacement_metropolis: i64,
    /// Passes of over-relaxation.
    pub over_relaxation: i64,
    /// Passes of ice loops; one pass tries one loop per cubic cell.
    pub ice_loops: i64,
}

/// The couplings as kernels use them; see `field.rs` for the formulas.
#[derive(Debug, Clone, PartialEq)]
pub struct Couplings {
    /// a + c: exchange averaged over the partner's displacement.
    pub mean: f64,
    /// b: the part odd in displacements.
    pub odd: f64,
    /// c: the part proportional to the product of displacements.
    pub product: f64,
    /// K
    pub ice: f64,
    /// K2
    pub second: f64,
    /// K3a
    pub third_through: f64,
    /// K3b
    pub third_across: f64,
    /// h
    pub magnetic_field: [f64; 3],
    /// E . e_m for each sublattice.
    pub axis_field: [f64; SUBLATTICES],
}

impl Couplings {
    /// Whether the energy depends on the spins at all.
    #[must_use]
    pub fn spins_matter(&self) -> bool {
        self.mean != 0.0 || self.odd != 0.0 || self.product != 0.0 || self.magnetic_field != [0.0; 3]
    }

    /// A bound on the energy of a site in its local field, and so on half of what a move of it can change.
    #[must_use]
    pub fn largest_site_energy(&self) -> f64 {
        let single = self.mean - self.product;
        let (inward, outward) =
            (self.mean + self.product + 2.0 * self.odd, self.mean + self.product - 2.0 * self.odd);
        let exchange = single.abs().max(inward.abs()).max(outward.abs());
        let length = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
        let axis = self.axis_field.iter().fold(0.0f64, |most, x| most.max(x.abs()));
        6.0 * (exchange + self.ice.abs() + self.third_through.abs() + self.third_across.abs())
            + 12.0 * self.second.abs()
            + length(&self.magnetic_field)
            + axis
    }

    /// Whether the energy depends on the displacements at all.
    #[must_use]
    pub fn displacements_matter(&self) -> bool {
        let energies = [self.odd, self.product, self.ice, self.second, self.third_through, self.third_across];
        energies.iter().chain(&self.axis_field).any(|&x| x != 0.0)
    }
}

/// Largest size whose site numbers fit the tables of this packing (32-bit slots, eight lanes of 16 sites).
const LARGEST_SIZE: i64 = 512;

impl Parameters {
    /// The same parameters with every coupling written out.
    ///
    /// # Errors
    /// `Error::Configuration` naming the first key that is wrong.
    pub fn resolved(self) -> Result<Self> {
        let [inward, mixed, outward, ice, second, third_through, third_across] = self.numbers()?.map(Some);
        Ok(Parameters {
            exchange_in_in: inward,
            exchange_in_out: mixed,
            exchange_out_out: outward,
            ice_coupling: ice,
            second_neighbor_coupling: second,
            third_neighbor_coupling_a: third_through,
            third_neighbor_coupling_b: third_across,
            ..self
        })
    }

    /// Checks every number, fills in the preset and returns J_ii, J_io, J_oo, K, K2, K3a, K3b.
    fn numbers(&self) -> Result<[f64; 7]> {
        require(
            (1..=LARGEST_SIZE).contains(&self.size),
            "[system] size",
            &self.size,
            "an integer from 1 to 512",
        )?;
        let preset = match &self.preset {
            None => None,
            Some(name) => Some(presets().remove(name).ok_or_else(|| {
                let known: Vec<String> = presets().into_keys().collect();
                Error::Configuration(format!("[system] preset: {}", unknown("preset", name, name, &known)))
            })?),
        };
        let value = |given: Option<f64>, key: &str, of_preset: fn(&Preset) -> f64| -> Result<f64> {
            let value = given.unwrap_or_else(|| preset.as_ref().map_or(0.0, of_preset));
            require(
                value.is_finite() && value.abs() < 1e6,
                &format!("[system] {key}"),
                &value,
                "a number between -1e6 and 1e6",
            )?;
            Ok(value)
        };
        let inward = value(self.exchange_in_in, "exchange_in_in", |p| p.exchange_in_in)?;
        let mixed = value(self.exchange_in_out, "exchange_in_out", |p| p.exchange_in_out)?;
        let outward = value(self.exchange_out_out, "exchange_out_out", |p| p.exchange_out_out)?;
        let ice = value(self.ice_coupling, "ice_coupling", |p| p.ice_coupling)?;
        let second =
            value(self.second_neighbor_coupling, "second_neighbor_coupling", |p| p.second_neighbor_coupling)?;
        let third_through = value(self.third_neighbor_coupling_a, "third_neighbor_coupling_a", |p| {
            p.third_neighbor_coupling_a
        })?;
        let third_across = value(self.third_neighbor_coupling_b, "third_neighbor_coupling_b", |p| {
            p.third_neighbor_coupling_b
        })?;
        for (key, field) in [("magnetic_field", self.magnetic_field), ("electric_field", self.electric_field)]
        {
            for component in field {
                require(
                    component.is_finite() && component.abs() < 1e6,
                    &format!("[system] {key}"),
                    &component,
                    "three numbers between -1e6 and 1e6",
                )?;
            }
        }
        Ok([inward, mixed, outward, ice, second, third_through, third_across])
    }

    /// The couplings in the form kernels use.
    ///
    /// # Errors
    /// `Error::Configuration` naming the first key that is wrong.
    pub fn couplings(&self) -> Result<Couplings> {
        let [inward, mixed, outward, ice, second, third_through, third_across] = self.numbers()?;
        let further = second != 0.0 || third_through != 0.0 || third_across != 0.0;
        if further && self.size < 2 {
            return Err(Error::Configuration(
                "[system] size = 1 with second- or third-neighbor couplings: in a single cell some of these neighbors \
                 coincide; expected size of at least 2."
                    .into(),
            ));
        }
        let product = (inward + outward - 2.0 * mixed) / 4.0;
        let electric = self.electric_field;
        Ok(Couplings {
            mean: mixed + product,
            odd: (inward - outward) / 4.0,
            product,
            ice,
            second,
            third_through,
            third_across,
            magnetic_field: self.magnetic_field,
            axis_field: LOCAL_AXES.map(|axis| (0..3).map(|d| axis[d] * electric[d]).sum()),
        })
    }

    /// Checks that the moves can sample the model.
    ///
    /// # Errors
    /// `Error::Configuration` naming the contradiction.
    pub fn check_moves(&self, couplings: &Couplings, moves: &Moves) -> Result<()> {
        for (key, value) in [
            ("joint_heat_bath", moves.joint_heat_bath),
            ("spin_heat_bath", moves.spin_heat_bath),
            ("displacement_metropolis", moves.displacement_metropolis),
            ("over_relaxation", moves.over_relaxation),
            ("ice_loops", moves.ice_loops),
        ] {
            require(
                (0..=1000).contains(&value),
                &format!("[method.moves] {key}"),
                &value,
                "an integer from 0 to 1000",
            )?;
        }
        let contradiction = |text: &str| Err(Error::Configuration(format!("[method.moves] {text}")));
        if self.ice_rule == IceRule::Hard {
            if moves.joint_heat_bath > 0 || moves.displacement_metropolis > 0 {
                return contradiction(
                    "contradicts [system] ice_rule = \"hard\": joint_heat_bath and displacement_metropolis turn single \
                     displacements and would break the rule; expected spin_heat_bath, over_relaxation and ice_loops only.",
                );
            }
            if moves.ice_loops == 0 {
                return contradiction(
                    "leaves the displacements frozen: with [system] ice_rule = \"hard\" only ice_loops move them; \
                     expected ice_loops of at least 1.",
                );
            }
        }
        if couplings.spins_matter() && moves.joint_heat_bath + moves.spin_heat_bath == 0 {
            return contradiction(
                "never thermalizes the spins: over-relaxation keeps the energy; expected joint_heat_bath or \
                 spin_heat_bath of at least 1.",
            );
        }
        let soft = self.ice_rule == IceRule::Soft;
        if soft
            && couplings.displacements_matter()
            && moves.joint_heat_bath + moves.displacement_metropolis == 0
        {
            return contradiction(
                "never changes the number of ice-rule defects: expected joint_heat_bath or displacement_metropolis of \
                 at least 1 (or [system] ice_rule = \"hard\").",
            );
        }
        if moves.joint_heat_bath + moves.spin_heat_bath + moves.displacement_metropolis + moves.ice_loops == 0
        {
            return contradiction("moves nothing: expected at least one kind of move of at least 1.");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_presets_parse_and_say_that_they_are_unverified() {
        let presets: BTreeMap<String, Preset> = toml::from_str(include_str!("presets.toml")).unwrap();
        assert!(presets.contains_key("mhy-like") && presets.contains_key("jahn-teller-ice"));
        assert!(presets.values().all(|preset| !preset.verified && !preset.note.is_empty()));
    }

    #[test]
    fn the_code_form_of_the_exchange_gives_back_the_three_couplings() {
        let text =
            "model = 'x'\nsize = 1\nexchange_in_in = 3.4\nexchange_in_out = 1.0\nexchange_out_out = -1.4";
        let c = toml::from_str::<Parameters>(text).unwrap().couplings().unwrap();
        let exchange =
            |eta: f64, i: f64, j: f64| c.mean - c.product + c.odd * eta * (i + j) + c.product * (1.0 + i * j);
        for eta in [1.0, -1.0] {
            assert!((exchange(eta, eta, eta) - 3.4).abs() < 1e-15);
            assert!((exchange(eta, eta, -eta) - 1.0).abs() < 1e-15);
            assert!((exchange(eta, -eta, -eta) + 1.4).abs() < 1e-15);
        }
    }
}
