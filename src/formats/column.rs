//! What is known of each atom besides its kind and position: named columns, and what files call them.

use crate::foundation::vector::{Matrix, rotate};
use crate::foundation::{Error, Result};
use crate::system::atoms::Atoms;
use std::io::Write;

/// The numbers or words of a column: all components of the first atom, then of the second, ...
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Floating-point numbers.
    Real(Vec<f64>),
    /// Whole numbers.
    Integer(Vec<i64>),
    /// Words without blanks.
    Text(Vec<String>),
}

/// A named column with one or more components per atom.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name: that of a [`Quantity`], or any word.
    pub name: String,
    /// Numbers per atom.
    pub components: usize,
    /// The values of all atoms.
    pub values: Values,
}

/// A column with a meaning, and its names in files.
#[derive(Debug)]
pub struct Quantity {
    /// Name in vitrum.
    pub name: &'static str,
    /// Numbers per atom.
    pub components: usize,
    /// Name in extended XYZ files.
    pub extended_xyz: &'static str,
    /// Further names that are understood there.
    pub aliases: &'static [&'static str],
    /// Names of the components in LAMMPS dump files.
    pub dump: &'static [&'static str],
    /// Which component each column of a dump file holds.
    pub order: &'static [usize],
}

/// All columns with a meaning. A stress has the components xx, yy, zz, yz, xz, xy, as in ASE and in the results of
/// vitrum; LAMMPS and OVITO have xx, yy, zz, xy, xz, yz, which dump files follow. Names in files are those that OVITO
/// or ASE understand.
pub const QUANTITIES: [Quantity; 8] = [
    plain("id", 1, "id", &[], &["id"]),
    plain("velocity", 3, "velo", &["vel", "velocities"], &["vx", "vy", "vz"]),
    plain("image", 3, "map_shift", &[], &["ix", "iy", "iz"]),
    plain("force", 3, "forces", &[], &["fx", "fy", "fz"]),
    plain("energy", 1, "local_energy", &["energies"], &["c_epot"]),
    Quantity {
        name: "stress",
        components: 6,
        extended_xyz: "stresses",
        aliases: &[],
        dump: &["c_stress[1]", "c_stress[2]", "c_stress[3]", "c_stress[4]", "c_stress[5]", "c_stress[6]"],
        order: &[0, 1, 2, 5, 4, 3],
    },
    plain("pressure", 1, "pressure", &[], &["pressure"]),
    plain("von_mises", 1, "von_mises", &[], &["von_mises"]),
];

const fn plain(
    name: &'static str,
    components: usize,
    extended_xyz: &'static str,
    aliases: &'static [&'static str],
    dump: &'static [&'static str],
) -> Quantity {
    Quantity { name, components, extended_xyz, aliases, dump, order: &[0, 1, 2] }
}

/// The quantity of a name.
///
/// # Errors
/// `Error::Configuration` that lists all names and the nearest, where there is none.
pub fn quantity(name: &str) -> Result<&'static Quantity> {
    QUANTITIES.iter().find(|quantity| quantity.name == name).ok_or_else(|| {
        let names = QUANTITIES.map(|quantity| quantity.name);
        let distance = |known: &&&str| (1000.0 * (1.0 - strsim::jaro_winkler(known, name))) as u64;
        let nearest = names.iter().min_by_key(distance).unwrap_or(&"id");
        Error::Configuration(format!(
            "there is no column {name:?}: expected one of {}; did you mean {nearest:?}?",
            names.join(", ")
        ))
    })
}

impl Column {
    /// One number per atom.
    #[must_use]
    pub fn scalar(name: &str, values: Vec<f64>) -> Self {
        Column { name: name.into(), components: 1, values: Values::Real(values) }
    }

    /// Several numbers per atom, such as three of a force or six of a stress.
    #[must_use]
    pub fn vector<const N: usize>(name: &str, values: &[[f64; N]]) -> Self {
        let values = Values::Real(values.iter().flatten().copied().collect());
        Column { name: name.into(), components: N, values }
    }

    /// The ids of atoms.
    #[must_use]
    pub fn id(atoms: &Atoms) -> Self {
        let values = Values::Integer(atoms.id.iter().map(|&id| id as i64).collect());
        Column { name: "id".into(), components: 1, values }
    }

    /// The velocities of atoms.
    #[must_use]
    pub fn velocity(atoms: &Atoms) -> Self {
        Column::vector("velocity", &atoms.velocity)
    }

    /// The image flags of atoms.
    #[must_use]
    pub fn image(atoms: &Atoms) -> Self {
        let values = Values::Integer(atoms.image.iter().flatten().map(|&flag| flag.into()).collect());
        Column { name: "image".into(), components: 3, values }
    }

    /// Number of atoms; `None` if the values do not fill whole atoms.
    #[must_use]
    pub fn atoms(&self) -> Option<usize> {
        let values = match &self.values {
            Values::Real(values) => values.len(),
            Values::Integer(values) => values.len(),
            Values::Text(values) => values.len(),
        };
        (self.components > 0 && values.is_multiple_of(self.components)).then(|| values / self.components)
    }

    /// The numbers, if they are floating-point.
    #[must_use]
    pub fn reals(&self) -> Option<&[f64]> {
        match &self.values {
            Values::Real(values) => Some(values),
            _ => None,
        }
    }

    /// Turns what is known to be a vector or a tensor; other columns stay as they are.
    pub fn rotate(&mut self, rotation: &Matrix) {
        let Values::Real(values) = &mut self.values else { return };
        match (self.name.as_str(), self.components) {
            ("velocity" | "force", 3) => {
                for vector in values.as_chunks_mut::<3>().0 {
                    *vector = rotate(rotation, *vector);
                }
            }
            ("stress", 6) => {
                for stress in values.as_chunks_mut::<6>().0 {
                    let [xx, yy, zz, yz, xz, xy] = *stress;
                    let rows = [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]].map(|row| rotate(rotation, row));
                    let column = |d: usize| rotate(rotation, [rows[0][d], rows[1][d], rows[2][d]]);
                    let [x, y, z] = [column(0), column(1), column(2)];
                    *stress = [x[0], y[1], z[2], y[2], x[2], x[1]];
                }
            }
            _ => {}
        }
    }

    /// Refuses columns that do not belong to `count` atoms, have a name with blanks or one that occurs twice.
    ///
    /// # Errors
    /// `Error::Internal`.
    pub fn check_all(columns: &[Column], count: usize) -> Result<()> {
        for (k, column) in columns.iter().enumerate() {
            let refuse = |what: String| Err(Error::Internal(format!("the column {:?} {what}", column.name)));
            if column.atoms() != Some(count) {
                return refuse(format!(
                    "does not hold {} values for each of {count} atoms",
                    column.components
                ));
            }
            if column.name.is_empty() || column.name.contains(|c: char| c.is_whitespace() || c == ':') {
                return refuse("has a name that is not a word".into());
            }
            if columns[..k].iter().any(|other| other.name == column.name) {
                return refuse("occurs twice".into());
            }
            if let Values::Text(words) = &column.values
                && words.iter().any(|word| word.is_empty() || word.contains(char::is_whitespace))
            {
                return refuse("holds a text that is not a word".into());
            }
        }
        Ok(())
    }

    /// Writes one component of one atom, with a blank in front.
    pub(super) fn write(&self, out: &mut dyn Write, atom: usize, component: usize) -> std::io::Result<()> {
        let at = atom * self.components + component;
        match &self.values {
            Values::Real(values) => write!(out, " {:?}", values[at]),
            Values::Integer(values) => write!(out, " {}", values[at]),
            Values::Text(values) => write!(out, " {}", values[at]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_columns_are_refused_with_the_nearest_name() {
        assert_eq!(quantity("stress").unwrap().components, 6);
        let message = quantity("velocities").unwrap_err().to_string();
        assert!(message.contains("there is no column \"velocities\": expected one of id, velocity"));
        assert!(message.ends_with("did you mean \"velocity\"?"), "{message}");
    }

    #[test]
    fn every_quantity_has_as_many_names_and_places_as_components() {
        for quantity in &QUANTITIES {
            assert_eq!(quantity.dump.len(), quantity.components);
            let mut order = quantity.order[..quantity.components].to_vec();
            order.sort_unstable();
            assert_eq!(order, (0..quantity.components).collect::<Vec<_>>());
        }
    }

    #[test]
    fn stresses_turn_like_the_product_of_two_vectors() {
        let (cosine, sine) = (0.6, 0.8);
        let rotation = [[cosine, 0.0, -sine], [0.0, 1.0, 0.0], [sine, 0.0, cosine]];
        let vector = [1.5, -2.0, 0.7];
        let product =
            |v: [f64; 3]| [v[0] * v[0], v[1] * v[1], v[2] * v[2], v[1] * v[2], v[0] * v[2], v[0] * v[1]];
        let mut stress = Column::vector("stress", &[product(vector)]);
        let mut force = Column::vector("force", &[vector]);
        let mut other = Column::vector("dipole", &[vector]);
        for column in [&mut stress, &mut force, &mut other] {
            column.rotate(&rotation);
        }
        let turned: [f64; 3] = force.reals().unwrap().try_into().unwrap();
        assert_eq!(turned, rotate(&rotation, vector));
        let expected = product(turned);
        assert!(stress.reals().unwrap().iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-14));
        assert_eq!(other.reals().unwrap(), vector);
    }

    #[test]
    fn columns_that_do_not_fit_are_refused() {
        let refusal = |columns: &[Column]| Column::check_all(columns, 2).unwrap_err().to_string();
        let good = Column::scalar("a", vec![1.0, 2.0]);
        Column::check_all(std::slice::from_ref(&good), 2).unwrap();
        assert!(refusal(&[Column::scalar("a", vec![1.0])]).contains("1 values for each of 2 atoms"));
        assert!(refusal(&[good.clone(), good.clone()]).contains("occurs twice"));
        assert!(refusal(&[Column::scalar("a b", vec![1.0, 2.0])]).contains("not a word"));
        let words = Values::Text(vec!["x y".into(), "z".into()]);
        assert!(refusal(&[Column { name: "t".into(), components: 1, values: words }]).contains("a text"));
        assert!(refusal(&[Column { components: 0, ..good }]).contains("0 values"));
    }
}
