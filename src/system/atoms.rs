//! A whole configuration of atoms as columns, one entry per atom: what files hold and runs start from.

use super::cell_grid::CellGrid;
use super::periodic_box::PeriodicBox;
use crate::foundation::vector::norm;
use crate::foundation::{Error, Result};
use std::collections::HashMap;

/// A configuration. Every column has the same length; [`Atoms::check`] says whether all is consistent.
#[derive(Debug, Clone, PartialEq)]
pub struct Atoms {
    /// The box.
    pub periodic_box: PeriodicBox,
    /// Numbers of the atoms: unique, from 1, in any order.
    pub id: Vec<u64>,
    /// Kind of each atom, from 0: an index into `elements`.
    pub kind: Vec<u16>,
    /// Positions in Angstrom, inside the box or not: see [`Atoms::wrap`].
    pub position: Vec<[f64; 3]>,
    /// Velocities in Angstrom/ps; zero if the source has none.
    pub velocity: Vec<[f64; 3]>,
    /// Whether velocities are known.
    pub has_velocities: bool,
    /// Edges to add to each position to follow the atom through the boundaries.
    pub image: Vec<[i32; 3]>,
    /// Number of kinds; kinds without atoms count.
    pub kinds: usize,
    /// Name of each kind; empty if they are known by number only.
    pub elements: Vec<String>,
    /// Mass of each kind in g/mol, if known.
    pub masses: Option<Vec<f64>>,
}

/// Two atoms and how far they are from each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClosestPair {
    /// Their ids, the smaller first.
    pub ids: [u64; 2],
    /// Distance of their nearest images in Angstrom.
    pub distance: f64,
}

impl Atoms {
    /// Atoms with ids from 1 in the given order, at rest.
    #[must_use]
    pub fn new(
        periodic_box: PeriodicBox,
        elements: Vec<String>,
        kind: Vec<u16>,
        position: Vec<[f64; 3]>,
    ) -> Self {
        let count = position.len();
        let largest = kind.iter().max().map_or(0, |&kind| usize::from(kind) + 1);
        Atoms {
            periodic_box,
            id: (1..=count as u64).collect(),
            kind,
            position,
            velocity: vec![[0.0; 3]; count],
            has_velocities: false,
            image: vec![[0; 3]; count],
            kinds: largest.max(elements.len()),
            elements,
            masses: None,
        }
    }

    /// Number of atoms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Whether there is no atom.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    /// Refuses a configuration that is not one: columns of different lengths, numbers that are not finite, ids that are
    /// zero or occur twice, kinds without a name or a mass, masses that are not positive. `source` opens the message.
    ///
    /// # Errors
    /// `Error::Configuration`.
    pub fn check(&self, source: &str) -> Result<()> {
        let refuse = |what: String| Err(Error::Configuration(format!("{source}: {what}")));
        let count = self.len();
        let lengths = [self.kind.len(), self.position.len(), self.velocity.len(), self.image.len()];
        if lengths != [count; 4] {
            return refuse(format!(
                "{count} ids with {lengths:?} kinds, positions, velocities and images: expected one each"
            ));
        }
        if count == 0 || count >= u32::MAX as usize {
            return refuse(format!("there are {count} atoms: expected 1 to {}", u32::MAX - 1));
        }
        if !self.elements.is_empty() && self.elements.len() != self.kinds {
            return refuse(format!(
                "{} element names for {} kinds of atoms",
                self.elements.len(),
                self.kinds
            ));
        }
        if let Some(masses) = &self.masses {
            if masses.len() != self.kinds {
                return refuse(format!("{} masses for {} kinds of atoms", masses.len(), self.kinds));
            }
            if let Some(k) = masses.iter().position(|m| !(m.is_finite() && *m > 0.0)) {
                return refuse(format!(
                    "the mass of {} is {}: expected a positive number",
                    self.name(k),
                    masses[k]
                ));
            }
        }
        let mut seen = HashMap::with_capacity(count);
        for at in 0..count {
            let id = self.id[at];
            if id == 0 {
                return refuse(format!("the id of atom number {} is 0: expected ids from 1", at + 1));
            }
            if seen.insert(id, at).is_some() {
                return refuse(format!("two atoms have the id {id}: expected unique ids"));
            }
            if usize::from(self.kind[at]) >= self.kinds {
                return refuse(format!(
                    "atom {id} is of kind {}: expected 1 to {}",
                    u32::from(self.kind[at]) + 1,
                    self.kinds
                ));
            }
            if self.velocity[at].iter().any(|v| !v.is_finite()) {
                return refuse(format!(
                    "atom {id} has velocity {:?}: expected finite numbers",
                    self.velocity[at]
                ));
            }
            if self.periodic_box.wrapped(self.position[at]).is_none() {
                return refuse(self.lost(at));
            }
        }
        Ok(())
    }

    /// What is said of an atom that cannot be brought into the box.
    fn lost(&self, at: usize) -> String {
        format!(
            "atom {} is at {:?}: expected finite numbers less than a thousand million boxes away",
            self.id[at], self.position[at]
        )
    }

    /// The name of a kind for messages: its element, or "kind 3".
    #[must_use]
    pub fn name(&self, kind: usize) -> String {
        self.elements.get(kind).cloned().unwrap_or_else(|| format!("kind {}", kind + 1))
    }

    /// Brings all atoms into the box and keeps account in their images; atoms inside stay bit by bit as they are.
    ///
    /// # Errors
    /// `Error::Configuration` that names an atom without a finite position, or with images beyond 32 bits.
    pub fn wrap(&mut self) -> Result<()> {
        for at in 0..self.len() {
            let Some((inside, count)) = self.periodic_box.wrapped(self.position[at]) else {
                return Err(Error::Configuration(self.lost(at)));
            };
            self.position[at] = inside;
            for (image, count) in self.image[at].iter_mut().zip(count) {
                *image = image.checked_add(count).ok_or_else(|| {
                    Error::Configuration(format!("the image flags of atom {} are too large", self.id[at]))
                })?;
            }
        }
        Ok(())
    }

    /// Takes whole edges off the tilts of the box ([`PeriodicBox::reduced`]) and wraps: the same atoms in a box that is
    /// skewed as little as possible.
    ///
    /// # Errors
    /// As [`Atoms::wrap`].
    pub fn reduce_box(&mut self) -> Result<()> {
        let (reduced, [nxy, nxz, nyz]) = self.periodic_box.reduced();
        if [nxy, nxz, nyz] == [0; 3] {
            return Ok(());
        }
        for at in 0..self.len() {
            let [i, j, k] = self.image[at].map(i64::from);
            let [nxy, nxz, nyz] = [nxy, nxz, nyz].map(i64::from);
            let turned = [i + nxy * j + nxz * k, j + nyz * k, k].map(i32::try_from);
            let [Ok(i), Ok(j), Ok(k)] = turned else {
                let message = format!("the image flags of atom {} are too large", self.id[at]);
                return Err(Error::Configuration(message));
            };
            self.image[at] = [i, j, k];
        }
        self.periodic_box = reduced;
        self.wrap()
    }

    /// Puts atoms in the order of their ids.
    pub fn sort_by_id(&mut self) {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|&at| self.id[at]);
        fn pick<T: Copy>(column: &mut Vec<T>, order: &[usize]) {
            *column = order.iter().map(|&at| column[at]).collect();
        }
        pick(&mut self.id, &order);
        pick(&mut self.kind, &order);
        pick(&mut self.position, &order);
        pick(&mut self.velocity, &order);
        pick(&mut self.image, &order);
    }

    /// Takes over the elements of a potential, in its order, and its masses in g/mol. Kinds known by name are matched
    /// by name, kinds known by number are numbered as in the potential. Masses of the configuration are replaced.
    ///
    /// # Errors
    /// `Error::Configuration` if the potential lacks an element of an atom.
    pub fn take_elements(&mut self, elements: &[String], masses: &[f64]) -> Result<()> {
        let refuse = |what: String| Err(Error::Configuration(what));
        if elements.len() != masses.len() {
            return refuse(format!("{} masses for the elements {}", masses.len(), elements.join(", ")));
        }
        let place = |kind: usize| {
            if self.elements.is_empty() {
                (kind < elements.len()).then_some(kind)
            } else {
                elements.iter().position(|name| *name == self.elements[kind])
            }
        };
        let places: Vec<Option<usize>> = (0..self.kinds).map(place).collect();
        let mut kinds = Vec::with_capacity(self.len());
        for (at, &kind) in self.kind.iter().enumerate() {
            let Some(Some(new)) = places.get(usize::from(kind)) else {
                return refuse(format!(
                    "atom {} is of {}, which the potential lacks: expected {}",
                    self.id[at],
                    self.name(kind.into()),
                    if self.elements.is_empty() {
                        format!("kinds 1 to {} ({})", elements.len(), elements.join(", "))
                    } else {
                        elements.join(", ")
                    }
                ));
            };
            kinds.push(*new as u16);
        }
        self.kind = kinds;
        self.kinds = elements.len();
        self.elements = elements.to_vec();
        self.masses = Some(masses.to_vec());
        Ok(())
    }

    /// The two atoms nearest to each other, images counted; an atom and its own image are no pair. `None` for fewer
    /// than two atoms. Time grows like the number of atoms.
    ///
    /// # Errors
    /// `Error::Configuration` that names an atom without a finite position.
    pub fn closest_pair(&self) -> Result<Option<ClosestPair>> {
        let mut inside = Vec::with_capacity(self.len());
        for at in 0..self.len() {
            let wrapped = self.periodic_box.wrapped(self.position[at]);
            inside.push(wrapped.ok_or_else(|| Error::Configuration(self.lost(at)))?.0);
        }
        // No arrangement keeps all atoms further apart than 2^(1/6) spacings, the densest packing of spheres; a box
        // narrower than that may.
        let mut range = 1.13 * (self.periodic_box.volume() / self.len() as f64).cbrt();
        let mut best: Option<ClosestPair> = None;
        while best.is_none() && self.len() > 1 {
            let mut grid = CellGrid::new(self.periodic_box, range, self.len());
            if grid.cells_within(range) > self.len() as f64 {
                return Ok(self.closest_of_all_pairs(&inside));
            }
            for (at, &position) in inside.iter().enumerate() {
                let limit = best.map_or(range, |best| best.distance);
                if let Some((other, distance)) = grid.nearest(position, limit) {
                    best = Some(self.pair(at, other, distance));
                }
                grid.insert(position);
            }
            range *= 2.0;
        }
        Ok(best)
    }

    fn pair(&self, p: usize, q: usize, distance: f64) -> ClosestPair {
        let (p, q) = (self.id[p], self.id[q]);
        ClosestPair { ids: [p.min(q), p.max(q)], distance }
    }

    /// For few atoms, and boxes so narrow that many images are in reach.
    fn closest_of_all_pairs(&self, inside: &[[f64; 3]]) -> Option<ClosestPair> {
        let mut best: Option<ClosestPair> = None;
        for p in 0..inside.len() {
            for q in 0..p {
                let difference = std::array::from_fn(|d| inside[p][d] - inside[q][d]);
                let distance = norm(self.periodic_box.shortest(difference));
                if best.is_none_or(|best| distance < best.distance) {
                    best = Some(self.pair(p, q, distance));
                }
            }
        }
        best
    }

    /// Refuses atoms that overlap: a pair closer than `least` Angstrom.
    ///
    /// # Errors
    /// `Error::Configuration` that names the closest pair.
    pub fn require_separation(&self, least: f64) -> Result<()> {
        match self.closest_pair()? {
            Some(pair) if pair.distance < least => Err(Error::Configuration(format!(
                "atoms {} and {} overlap: they are {:.4} Angstrom apart, expected at least {least}",
                pair.ids[0], pair.ids[1], pair.distance
            ))),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::random::Key;

    fn random(periodic_box: PeriodicBox, count: usize, seed: u64) -> Atoms {
        let mut stream = Key::new(seed).stream();
        let place = |_| periodic_box.cartesian(std::array::from_fn(|_| 4.0 * stream.uniform() - 2.0));
        let position = (0..count).map(place).collect();
        let kind = (0..count).map(|k| (k % 2) as u16).collect();
        Atoms::new(periodic_box, vec!["Cu".into(), "Zr".into()], kind, position)
    }

    fn triclinic() -> PeriodicBox {
        PeriodicBox::new([-1.0, 2.0, 0.5], [9.0, 8.0, 10.0], [4.0, -3.9, 3.5]).unwrap()
    }

    fn refusal(change: impl FnOnce(&mut Atoms)) -> String {
        let mut atoms = random(triclinic(), 4, 1);
        atoms.check("here").unwrap();
        change(&mut atoms);
        atoms.check("here").unwrap_err().to_string()
    }

    #[test]
    fn inconsistent_configurations_are_refused() {
        assert!(refusal(|a| a.id[2] = 0).starts_with("here: the id of atom number 3 is 0"));
        assert!(refusal(|a| a.id[2] = 4).contains("two atoms have the id 4"));
        assert!(refusal(|a| a.kind[1] = 2).contains("atom 2 is of kind 3: expected 1 to 2"));
        assert!(refusal(|a| a.position[0][1] = f64::NAN).contains("atom 1 is at"));
        assert!(refusal(|a| a.velocity[3][0] = f64::INFINITY).contains("atom 4 has velocity"));
        assert!(refusal(|a| a.velocity.truncate(3)).contains("expected one each"));
        assert!(refusal(|a| a.masses = Some(vec![1.0])).contains("1 masses for 2 kinds"));
        assert!(refusal(|a| a.masses = Some(vec![1.0, 0.0])).contains("the mass of Zr is 0"));
        assert!(refusal(|a| a.elements.truncate(1)).contains("1 element names for 2 kinds"));
        let empty = random(triclinic(), 0, 1).check("here").unwrap_err().to_string();
        assert!(empty.contains("there are 0 atoms"));
    }

    #[test]
    fn the_closest_pair_is_that_of_all_pairs_over_all_images() {
        let flat = PeriodicBox::new([0.0; 3], [1.0, 60.0, 2.0], [0.4, 0.9, 25.0]).unwrap();
        for (cell, count) in [(triclinic(), 40), (triclinic(), 300), (flat, 100), (flat, 5)] {
            for seed in 0..5 {
                let atoms = random(cell, count, seed);
                let mut best = (f64::INFINITY, 0, 0);
                for p in 0..count {
                    for q in 0..p {
                        let d = std::array::from_fn(|d| atoms.position[p][d] - atoms.position[q][d]);
                        let distance = norm(cell.shortest(d));
                        if distance < best.0 {
                            best = (distance, q as u64 + 1, p as u64 + 1);
                        }
                    }
                }
                let pair = atoms.closest_pair().unwrap().unwrap();
                assert!((pair.distance - best.0).abs() < 1e-12);
                assert_eq!(pair.ids, [best.1, best.2]);
            }
        }
        assert_eq!(random(triclinic(), 1, 1).closest_pair().unwrap(), None);
    }

    #[test]
    fn overlapping_atoms_are_named() {
        let mut atoms = random(triclinic(), 200, 3);
        // The last copy of atom 17 is in another image.
        atoms.position[150] = atoms.periodic_box.unwrapped(atoms.position[16], [1, -2, 1]);
        atoms.position[150][2] += 0.001;
        let message = atoms.require_separation(0.01).unwrap_err().to_string();
        assert!(message.contains("atoms 17 and 151 overlap: they are 0.0010 Angstrom apart"), "{message}");
        atoms.require_separation(0.0009).unwrap();
    }

    #[test]
    fn a_crowd_without_close_pairs_in_a_narrow_box_ends_the_search() {
        let cell = PeriodicBox::orthogonal([1e-3, 1e-3, 1000.0]).unwrap();
        let position = (0..100).map(|k| [0.0, 0.0, 10.0 * f64::from(k)]).collect();
        let atoms = Atoms::new(cell, Vec::new(), vec![0; 100], position);
        let message = atoms.require_separation(20.0).unwrap_err().to_string();
        assert!(message.contains("10.0000 Angstrom apart"), "{message}");
    }

    #[test]
    fn wrapping_and_reducing_keep_every_atom_where_it_is_unwrapped() {
        let skewed = PeriodicBox::new([-1.0, 2.0, 0.5], [9.0, 8.0, 10.0], [14.0, -33.9, 23.5]).unwrap();
        let mut atoms = random(skewed, 50, 7);
        let before: Vec<[f64; 3]> = atoms.position.clone();
        atoms.wrap().unwrap();
        atoms.reduce_box().unwrap();
        assert!(atoms.periodic_box.tilts()[0].abs() <= 4.5);
        for (at, before) in before.iter().enumerate() {
            let after = atoms.periodic_box.unwrapped(atoms.position[at], atoms.image[at]);
            assert!((0..3).all(|d| (after[d] - before[d]).abs() < 1e-11));
        }
    }

    #[test]
    fn elements_are_matched_by_name_or_by_number() {
        let potential = ["Zr".to_string(), "Cu".to_string(), "Al".to_string()];
        let masses = [91.224, 63.546, 26.98];
        let mut atoms = random(triclinic(), 4, 1);
        atoms.take_elements(&potential, &masses).unwrap();
        assert_eq!((atoms.kind.as_slice(), atoms.kinds), ([1, 0, 1, 0].as_slice(), 3));
        atoms.check("here").unwrap();
        let mut numbered = random(triclinic(), 4, 1);
        numbered.elements.clear();
        numbered.take_elements(&potential, &masses).unwrap();
        assert_eq!(numbered.kind, [0, 1, 0, 1]);
        let mut atoms = random(triclinic(), 4, 1);
        let message = atoms.take_elements(&potential[1..], &masses[1..]).unwrap_err().to_string();
        assert!(message.contains("atom 2 is of Zr, which the potential lacks: expected Cu, Al"), "{message}");
        let mut numbered = random(triclinic(), 4, 1);
        numbered.elements.clear();
        let message = numbered.take_elements(&potential[..1], &masses[..1]).unwrap_err().to_string();
        assert!(
            message.contains("atom 2 is of kind 2") && message.contains("kinds 1 to 1 (Zr)"),
            "{message}"
        );
    }

    #[test]
    fn sorting_by_id_moves_whole_atoms() {
        let mut atoms = random(triclinic(), 5, 2);
        let sorted = atoms.clone();
        atoms.id.swap(1, 3);
        atoms.position.swap(1, 3);
        atoms.kind.swap(1, 3);
        atoms.sort_by_id();
        assert_eq!(atoms, sorted);
    }
}
