//! Floor 3: forces between atoms in the continuum. Energies in eV, distances in Angstrom, masses in g/mol.

pub mod cell_sum;
pub mod crystal;
pub mod embedded_atom;
pub mod lennard_jones;

/// An energy of pairs and of densities at sites,
/// E = sum_i F_i(rho_i) + 1/2 sum_(i != j) phi_ij(r_ij) with rho_i = sum_(j != i) rho_(j -> i)(r_ij)
/// (Daw and Baskes, PRB 29, 6443 (1984)). A plain pair potential has densities and embedding energies of zero.
///
/// Kinds of atoms are numbers from zero. Every function returns its value and its derivative.
pub trait PairwiseEmbedded {
    /// Atoms see each other at distances below this one (Angstrom).
    fn cutoff(&self) -> f64;
    /// Density that an atom of kind `source` makes at an atom of kind `site` at distance r, with d/dr.
    fn density(&self, source: usize, site: usize, r: f64) -> (f64, f64);
    /// Pair energy phi of kinds a and b at distance r (eV), with d/dr.
    fn pair(&self, a: usize, b: usize, r: f64) -> (f64, f64);
    /// Embedding energy F of an atom of this kind in a density (eV), with its derivative.
    fn embedding(&self, kind: usize, density: f64) -> (f64, f64);
    /// Density up to which the embedding energy of this kind is known; infinite for a formula.
    fn highest_density(&self, kind: usize) -> f64;
}
