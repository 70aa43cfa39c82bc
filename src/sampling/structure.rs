//! Structure factors of a configuration that is spread over domains: the transform goes axis by axis, and between the
//! axes the field is cut anew, so that every line is whole on some rank and has the same bits on any grid. No rank
//! ever holds more than its share of one field.

use crate::models::Model;
use crate::observables::structure_factor::{LineTransforms, cell_of, phases};
use crate::parallel::redistribute::{Cells, redistribute};
use crate::parallel::{Comm, grid, partition};
use crate::system::brick::Brick;
use rustfft::num_complex::Complex64;

/// How fields travel between the transforms: bricks, then slabs whole along y and z, then slabs whole along x.
struct Cuts {
    bricks: Vec<Cells>,
    across_x: Vec<Cells>,
    across_z: Vec<Cells>,
}

impl Cuts {
    fn new(brick: &Brick, grid: grid::Grid, domains: usize) -> Self {
        let cells = brick.cells();
        let all = |d: usize| 0..cells[d];
        let share = |d: usize, rank: usize| partition::share(cells[d], rank, domains);
        Cuts {
            bricks: (0..domains).map(|rank| grid::brick(cells, grid, rank)).collect(),
            across_x: (0..domains).map(|rank| [share(0, rank), all(1), all(2)]).collect(),
            across_z: (0..domains).map(|rank| [all(0), all(1), share(2, rank)]).collect(),
        }
    }
}

fn extent(cells: &Cells) -> [usize; 3] {
    cells.each_ref().map(ExactSizeIterator::len)
}

/// The structure factors of one replica at integer wave vectors in units of 2 pi / (a L), `[kind][q]`. Collective
/// among the domains of the replica.
#[must_use]
pub fn structure_factors<M: Model>(
    model: &M,
    state: &M::State,
    wave_vectors: &[[i64; 3]],
    brick: &Brick,
    (grid, domains): (grid::Grid, &dyn Comm),
) -> Vec<f64> {
    let cells = brick.cells();
    let cuts = Cuts::new(brick, grid, domains.size());
    let transforms = LineTransforms::new(cells);
    let basis = model.basis();
    let slab = &cuts.across_z[domains.rank()];
    // The wave vectors whose transforms end up here, and their places in the slab.
    let mine: Vec<(usize, usize)> = wave_vectors
        .iter()
        .enumerate()
        .map(|(index, &q)| (index, cell_of(cells, q)))
        .filter(|(_, [_, _, z])| slab[2].contains(z))
        .map(|(index, [x, y, z])| (index, (x * cells[1] + y) * slab[2].len() + z - slab[2].start))
        .collect();
    let fields = model.channels() * basis.len();
    let mut amplitudes = vec![Complex64::default(); mine.len() * fields];
    let mut values = vec![0.0; brick.count()];
    for field in 0..fields {
        model.channel(state, field / basis.len(), field % basis.len(), &mut values);
        let held = redistribute(domains, &cuts.bricks, &cuts.across_x, &values);
        let mut held: Vec<Complex64> = held.into_iter().map(Complex64::from).collect();
        let here = extent(&cuts.across_x[domains.rank()]);
        transforms.along(2, here, &mut held);
        transforms.along(1, here, &mut held);
        let pairs: Vec<[f64; 2]> = held.iter().map(|c| [c.re, c.im]).collect();
        let pairs = redistribute(domains, &cuts.across_x, &cuts.across_z, &pairs);
        let mut held: Vec<Complex64> = pairs.into_iter().map(|[re, im]| Complex64::new(re, im)).collect();
        transforms.along(0, extent(slab), &mut held);
        for (&(_, place), amplitudes) in mine.iter().zip(amplitudes.chunks_exact_mut(fields)) {
            amplitudes[field] = held[place];
        }
    }
    let kinds = model.structure_factor_names().len();
    let mut rows = vec![0.0; kinds * wave_vectors.len()];
    let mut row = vec![0.0; kinds];
    for (&(index, _), amplitudes) in mine.iter().zip(amplitudes.chunks_exact_mut(fields)) {
        let phases = phases(cells, &basis, wave_vectors[index]);
        for of_channel in amplitudes.chunks_exact_mut(basis.len()) {
            of_channel.iter_mut().zip(&phases).for_each(|(amplitude, phase)| *amplitude *= phase);
        }
        model.structure_factors(amplitudes, &mut row);
        row.iter().enumerate().for_each(|(kind, value)| rows[kind * wave_vectors.len() + index] = *value);
    }
    // Every entry is zero on all ranks but one, so the sum of the bits is the entry.
    domains.sum(bytemuck::cast_slice_mut(&mut rows));
    rows
}
