//! Models on hypercubic lattices by plain loops over sites, from their definitions.

use std::rc::Rc;
use vitrum::foundation::random::{Key, Purpose};
use vitrum::models::Model;
use vitrum::models::hypercubic::state::State;
use vitrum::models::hypercubic::{Flavor, Hypercubic};
use vitrum::parallel::halo::{Halo, HaloPlan};
use vitrum::parallel::serial::Serial;
use vitrum::system::brick::Brick;
use vitrum::system::hypercubic::Hypercubic as Lattice;

/// Seed of the couplings.
const SEED: u64 = 7;

/// Key of the disorder of a run with this seed.
fn disorder(seed: u64) -> Key {
    Key::new(seed).purpose(Purpose::Disorder)
}

/// A model from its `[system]` table, with its default moves, on the whole lattice, with couplings.
pub fn model<F: Flavor>(system: &str) -> Hypercubic<F> {
    let parameters: F::Parameters = toml::from_str(&format!("model = '{}'\n{system}", F::NAME)).unwrap();
    let moves = Hypercubic::<F>::default_moves(&parameters);
    let mut model = Hypercubic::<F>::new(parameters, moves).unwrap();
    model.occupy(Brick::whole(model.cells()), disorder(SEED));
    model
}

/// What keeps the ghosts of a whole lattice fresh: a chain has some even on one rank, between the parts of eight lanes.
pub fn halo<F: Flavor>(model: &Hypercubic<F>) -> Halo {
    let plans = model.ghosts();
    let plans = plans.iter().map(|ghosts| HaloPlan::new(&Serial, ghosts, |g| model.locate(g))).collect();
    Halo::new(Rc::new(Serial), plans)
}

/// Spins by number of the site in the lattice.
pub fn to_spins<F: Flavor>(model: &Hypercubic<F>, state: &State) -> Vec<[f64; 3]> {
    let layout = model.engine().layout();
    let (block, lattice, brick) = (layout.block(), layout.lattice(), layout.cells().brick());
    let mut spins = vec![[0.0; 3]; lattice.sites()];
    for place in 0..brick.count() {
        for site in 0..block.sites() {
            let at = block.site(brick.cell(place), site);
            spins[lattice.number(at) as usize] = layout.spin(state, place, site);
        }
    }
    spins
}

/// `[site][axis]`: the couplings of a sample.
pub fn couplings<F: Flavor>(model: &Hypercubic<F>, sample: usize) -> Vec<Vec<f64>> {
    let lattice = model.engine().layout().lattice();
    let distribution = model.engine().specification().couplings;
    let key = disorder(SEED).with(sample as u64);
    let of_site = |site: usize| {
        (0..lattice.dimensions()).map(|axis| distribution.coupling(key, site as u64, axis)).collect()
    };
    (0..lattice.sites()).map(of_site).collect()
}

/// All states of so many Ising spins.
pub fn states(sites: usize) -> impl Iterator<Item = Vec<[f64; 3]>> {
    (0..1u64 << sites)
        .map(move |bits| (0..sites).map(|site| [2.0 * (bits >> site & 1) as f64 - 1.0, 0.0, 0.0]).collect())
}

/// A lattice with its couplings.
pub struct Oracle {
    lattice: Lattice,
    /// `[sample][site][axis]`
    couplings: Vec<Vec<Vec<f64>>>,
}

impl Oracle {
    /// The lattice of a model made by [`model`].
    pub fn new<F: Flavor>(model: &Hypercubic<F>) -> Self {
        let couplings = (0..model.samples()).map(|sample| couplings(model, sample)).collect();
        Oracle { lattice: *model.engine().layout().lattice(), couplings }
    }

    pub fn sites(&self) -> usize {
        self.lattice.sites()
    }

    fn coordinates(&self, site: usize) -> [usize; 3] {
        let [_, y, z] = self.lattice.lengths();
        [site / y / z, site / z % y, site % z]
    }

    /// (site, neighbor forth, axis) of every bond.
    pub fn bonds(&self) -> Vec<(usize, usize, usize)> {
        let mut bonds = Vec::new();
        for site in 0..self.sites() {
            for axis in 0..self.lattice.dimensions() {
                let mut there = self.coordinates(site);
                there[axis] = (there[axis] + 1) % self.lattice.lengths()[axis];
                bonds.push((site, self.lattice.number(there) as usize, axis));
            }
        }
        bonds
    }

    pub fn energy(&self, spins: &[[f64; 3]], sample: usize) -> f64 {
        let term = |(i, j, axis): (usize, usize, usize)| {
            -self.couplings[sample][i][axis] * dot(&spins[i], &spins[j])
        };
        self.bonds().into_iter().map(term).sum()
    }

    /// The observables of a pair on sample 0, in column order.
    pub fn pair(&self, a: &[[f64; 3]], b: &[[f64; 3]], components: usize) -> Vec<f64> {
        let n = self.sites() as f64;
        // |sum_i S_mu^a S_nu^b exp(i k x)|^2 / N^2, summed over mu and nu; k = 0 without an axis.
        let square = |axis: Option<usize>| {
            let mut sum = 0.0;
            for mu in 0..components {
                for nu in 0..components {
                    let (mut cosine, mut sine) = (0.0, 0.0);
                    for site in 0..self.sites() {
                        let angle = axis.map_or(0.0, |axis| {
                            let turn =
                                self.coordinates(site)[axis] as f64 / self.lattice.lengths()[axis] as f64;
                            std::f64::consts::TAU * turn
                        });
                        cosine += a[site][mu] * b[site][nu] * angle.cos();
                        sine += a[site][mu] * b[site][nu] * angle.sin();
                    }
                    sum += (cosine * cosine + sine * sine) / (n * n);
                }
            }
            sum
        };
        let q2 = square(None);
        let longest = self.lattice.lengths().into_iter().max().unwrap();
        let axes: Vec<usize> =
            (0..self.lattice.dimensions()).filter(|&axis| self.lattice.lengths()[axis] == longest).collect();
        let chi = n * axes.iter().map(|&axis| square(Some(axis))).sum::<f64>() / axes.len() as f64;
        let bonds = self.bonds();
        let count = bonds.len() as f64;
        let of_bond = |spins: &[[f64; 3]], i: usize, j: usize| dot(&spins[i], &spins[j]);
        let link: f64 = bonds.iter().map(|&(i, j, _)| of_bond(a, i, j) * of_bond(b, i, j)).sum();
        let squares: f64 =
            bonds.iter().map(|&(i, j, _)| of_bond(a, i, j).powi(2) + of_bond(b, i, j).powi(2)).sum();
        let difference = (self.energy(a, 0) - self.energy(b, 0)) / n;
        vec![q2, q2 * q2, chi, link / count, squares / 2.0 / count, difference * difference]
    }
}

fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    (0..3).map(|d| a[d] * b[d]).sum()
}
