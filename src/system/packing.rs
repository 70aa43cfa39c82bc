//! Random packings: atoms put at random one after the other, none closer to another than a minimum distance.
//!
//! This is random sequential addition (Widom, J. Chem. Phys. 44, 3888 (1966)). It jams when spheres of that diameter
//! fill 0.384 of the volume (Zhang and Torquato, Phys. Rev. E 88, 053312 (2013)), a diameter of 0.90 of the mean
//! spacing (V/N)^(1/3). The default of 0.75 spacings fills 0.22 and takes a few tries per atom.

use super::atoms::Atoms;
use super::cell_grid::CellGrid;
use super::composition;
use super::periodic_box::PeriodicBox;
use crate::foundation::random::{Key, Purpose};
use crate::foundation::vector::norm;
use crate::foundation::{Error, Result};

/// Minimum distance in units of the mean spacing where none is asked for.
pub const DEFAULT_DISTANCE: f64 = 0.75;

/// Distance in mean spacings that no packing has: spheres cannot fill more than pi/sqrt(18), that is 2^(1/6).
const DENSEST: f64 = 1.122_462_048_309_373;

/// Tries for one atom before giving up.
const TRIES: usize = 20_000;

/// A cube with room for `count` atoms at `density` atoms per cubic Angstrom.
///
/// # Errors
/// `Error::Configuration` if there is no atom or the density not a positive number.
pub fn cube(count: usize, density: f64) -> Result<PeriodicBox> {
    check_count(count)?;
    if !(density.is_finite() && density > 0.0) {
        return Err(Error::Configuration(format!(
            "the density is {density} atoms per cubic Angstrom: expected a positive number, such as 0.06"
        )));
    }
    PeriodicBox::orthogonal([cube_root(count as f64 / density); 3])
}

fn check_count(count: usize) -> Result<()> {
    if (1..u32::MAX as usize).contains(&count) {
        return Ok(());
    }
    Err(Error::Configuration(format!("a packing has {count} atoms: expected 1 to {}", u32::MAX - 1)))
}

/// The cube root by Newton's method: the system's function may differ in the last bit between machines.
fn cube_root(volume: f64) -> f64 {
    let mut root = volume.max(1.0);
    loop {
        let next = root - (root - volume / (root * root)) / 3.0;
        if next >= root || next.is_nan() {
            return root;
        }
        root = next;
    }
}

/// Packs `count` atoms into a box, elements by exact fractions ([`composition::counts`]) in random order, no two closer
/// than `minimum_distance` in Angstrom, or [`DEFAULT_DISTANCE`] mean spacings. Each atom has its own random stream.
///
/// # Errors
/// `Error::Configuration` for fractions that do not fit, and where the atoms find no place: with a distance that works.
pub fn pack(
    periodic_box: PeriodicBox,
    count: usize,
    elements: &[String],
    fractions: &[f64],
    minimum_distance: Option<f64>,
    key: Key,
) -> Result<Atoms> {
    let refuse = |what: String| Err(Error::Configuration(what));
    check_count(count)?;
    let kinds = composition::shuffled(&composition::counts(elements, fractions, count)?, key);
    let spacing = cube_root(periodic_box.volume() / count as f64);
    let distance = minimum_distance.unwrap_or(DEFAULT_DISTANCE * spacing);
    if !(distance.is_finite() && distance >= 0.0) {
        return refuse(format!(
            "the minimum distance is {distance}: expected zero or a positive number of Angstrom"
        ));
    }
    let placed = place(periodic_box, count, distance, spacing, key);
    if placed.len() == count {
        return Ok(Atoms::new(periodic_box, elements.to_vec(), kinds, placed));
    }
    // What is advised has been tried: atoms, box and seed are the same.
    let shares = [0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.25, 0.1, 0.01];
    let candidates = shares.iter().map(|share| (share * spacing * 1000.0).floor() / 1000.0);
    let works = |&candidate: &f64| {
        candidate < distance && place(periodic_box, count, candidate, spacing, key).len() == count
    };
    let advice = match candidates.into_iter().find(works) {
        Some(candidate) => format!("{candidate} works here"),
        None => "or a larger box".to_string(),
    };
    refuse(format!(
        "{} of {count} atoms found a place with a minimum distance of {distance:.4} Angstrom, which is {:.2} of the \
         mean spacing: expected a smaller distance, {advice}",
        placed.len(),
        distance / spacing
    ))
}

/// As many positions as find a place before one of them gives up.
fn place(periodic_box: PeriodicBox, count: usize, distance: f64, spacing: f64, key: Key) -> Vec<[f64; 3]> {
    let mut positions = Vec::new();
    // An atom must not meet its own image either.
    let meets_itself = periodic_box.reduced().0.edges().iter().any(|&edge| norm(edge) < distance);
    if distance > DENSEST * spacing || meets_itself {
        return positions;
    }
    let mut grid = CellGrid::new(periodic_box, distance.max(0.5 * spacing), count);
    for atom in 0..count {
        let mut stream = key.purpose(Purpose::Packing).with(atom as u64 + 1).stream();
        let found = (0..TRIES).find_map(|_| {
            let fractional = std::array::from_fn(|_| stream.uniform());
            let (position, _) = periodic_box.wrapped(periodic_box.cartesian(fractional))?;
            grid.nearest(position, distance).is_none().then_some(position)
        });
        let Some(position) = found else { break };
        grid.insert(position);
        positions.push(position);
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        vec!["Zr".into(), "Cu".into()]
    }

    #[test]
    fn cube_roots_are_right_to_the_last_bits() {
        for x in [1e-6, 0.3, 1.0, 8.0, 27.0, 1234.5, 1e12] {
            let root = cube_root(x);
            assert!((root - f64::cbrt(x)).abs() <= 2.0 * f64::EPSILON * root, "{x}");
        }
    }

    #[test]
    fn atoms_keep_their_distance_and_their_numbers() {
        let skewed = PeriodicBox::new([3.0, -2.0, 1.0], [25.0, 20.0, 30.0], [11.0, -9.0, 8.0]).unwrap();
        for (cell, distance) in [(cube(900, 0.06).unwrap(), None), (skewed, Some(2.1))] {
            let atoms = pack(cell, 900, &names(), &[0.64, 0.36], distance, Key::new(5)).unwrap();
            atoms.check("packing").unwrap();
            let least = distance.unwrap_or(0.75 * (cell.volume() / 900.0).cbrt());
            let closest = atoms.closest_pair().unwrap().unwrap().distance;
            // So many pairs nearly touch that the closest one is just beyond.
            assert!(closest >= least - 1e-12 && closest < 1.01 * least, "{closest} {least}");
            assert_eq!(atoms.kind.iter().filter(|&&kind| kind == 0).count(), 576);
            let mut inside = atoms.clone();
            inside.wrap().unwrap();
            assert_eq!(inside, atoms);
        }
    }

    #[test]
    fn packings_depend_on_the_seed_alone() {
        let cell = cube(200, 0.05).unwrap();
        let make = |seed| pack(cell, 200, &names(), &[0.5, 0.5], None, Key::new(seed)).unwrap();
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
    }

    #[test]
    fn without_a_distance_atoms_are_an_ideal_gas() {
        let cell = PeriodicBox::new([0.0; 3], [10.0; 3], [5.0, 2.0, 3.0]).unwrap();
        let atoms = pack(cell, 8000, &names()[..1], &[], Some(0.0), Key::new(9)).unwrap();
        let mut octants = [0.0f64; 8];
        for &position in &atoms.position {
            let half = cell.fractional(position).map(|s| usize::from(s >= 0.5));
            octants[half[0] * 4 + half[1] * 2 + half[2]] += 1.0;
        }
        let chi_square: f64 = octants.iter().map(|n| (n - 1000.0) * (n - 1000.0) / 1000.0).sum();
        // Seven degrees of freedom: 29.9 is exceeded with probability 1e-4.
        assert!(chi_square < 29.9, "{octants:?}");
    }

    #[test]
    fn a_jammed_packing_says_what_would_work() {
        let cell = cube(500, 0.06).unwrap();
        let try_with = |distance| pack(cell, 500, &names(), &[0.5, 0.5], Some(distance), Key::new(1));
        for impossible in [2.5, 3.5] {
            let message = try_with(impossible).unwrap_err().to_string();
            assert!(message.contains("of 500 atoms found a place"), "{message}");
            let advice = message.split("smaller distance, ").nth(1).unwrap();
            let advice: f64 = advice.split(' ').next().unwrap().parse().unwrap();
            assert!(advice > 2.1);
            try_with(advice).unwrap();
        }
        assert!(try_with(-1.0).unwrap_err().to_string().contains("the minimum distance is -1"));
        assert!(cube(10, 0.0).unwrap_err().to_string().contains("the density is 0"));
        assert!(cube(0, 1.0).is_err());
    }

    #[test]
    fn a_box_narrower_than_the_distance_is_refused() {
        let cell = PeriodicBox::orthogonal([1.0, 100.0, 100.0]).unwrap();
        let message = pack(cell, 2, &names()[..1], &[], Some(2.0), Key::new(1)).unwrap_err().to_string();
        assert!(message.contains("0 of 2 atoms") && message.contains("expected a smaller"), "{message}");
    }
}
