//! Atoms in the order of their ids, as files hold them: each rank a block of rows, wherever the atoms are.

use super::atom::Atom;
use super::domain::{Domain, wrap};
use crate::foundation::Result;
use crate::foundation::persist::{FieldMut, Layout, Visitor};
use crate::parallel::deliver::deliver;
use crate::parallel::partition;

/// Brings all atoms to the ranks whose rows they are, inside the box. Collective.
#[must_use]
pub fn gather(domain: &Domain) -> Vec<Atom> {
    let ranks = domain.comm.size();
    let mut outgoing: Vec<Vec<u8>> = vec![Vec::new(); ranks];
    for atom in &domain.atoms {
        let (position, edges) = wrap(domain.periodic_box(), atom.position);
        let image = std::array::from_fn(|d| atom.image[d] + edges[d]);
        let atom = Atom { position, image, ..*atom };
        let owner = partition::owner(domain.total, atom.row as usize, ranks);
        outgoing[owner].extend_from_slice(bytemuck::bytes_of(&atom));
    }
    let mut atoms: Vec<Atom> = deliver(&*domain.comm, outgoing)
        .iter()
        .flat_map(|bytes| bytes.chunks_exact(size_of::<Atom>()).map(bytemuck::pod_read_unaligned::<Atom>))
        .collect();
    atoms.sort_unstable_by_key(|atom| atom.row);
    atoms
}

/// Shows all atoms to a visitor, field by field; a loading visitor leaves them on the ranks whose rows they are. Collective.
///
/// # Errors
/// As [`Visitor::field`].
pub fn visit(domain: &mut Domain, visitor: &mut dyn Visitor) -> Result<()> {
    let (rank, ranks) = (domain.comm.rank(), domain.comm.size());
    let share = partition::share(domain.total, rank, ranks);
    let rows = |item: &[usize]| Layout::rows((share.start, share.len(), domain.total), item);
    let mut atoms = if visitor.is_loading() { Vec::new() } else { gather(domain) };
    let mut words = |name: &str, get: fn(&Atom) -> u64| -> Result<Vec<u64>> {
        let mut data: Vec<u64> = atoms.iter().map(get).collect();
        visitor.field(name, &rows(&[]), FieldMut::U64(&mut data))?;
        Ok(data)
    };
    let ids = words("atoms/id", |atom| atom.id)?;
    let kinds = words("atoms/kind", |atom| atom.kind)?;
    let mut vectors = |name: &str, get: fn(&Atom) -> [f64; 3]| -> Result<Vec<f64>> {
        let mut data: Vec<f64> = atoms.iter().flat_map(get).collect();
        visitor.field(name, &rows(&[3]), FieldMut::F64(&mut data))?;
        Ok(data)
    };
    let positions = vectors("atoms/position", |atom| atom.position)?;
    let velocities = vectors("atoms/velocity", |atom| atom.velocity)?;
    let images = vectors("atoms/image", |atom| atom.image.map(|n| n as f64))?;
    let origins = vectors("atoms/origin", |atom| atom.origin)?;
    if visitor.is_loading() {
        let three = |data: &[f64], at: usize| [data[3 * at], data[3 * at + 1], data[3 * at + 2]];
        atoms = (0..share.len())
            .map(|at| Atom {
                id: ids[at],
                row: (share.start + at) as u64,
                kind: kinds[at],
                position: three(&positions, at),
                velocity: three(&velocities, at),
                image: three(&images, at).map(|n| n as i64),
                origin: three(&origins, at),
            })
            .collect();
        let periodic_box = *domain.periodic_box();
        domain.replace(atoms, periodic_box);
    }
    Ok(())
}
