//! Moves an array over a box of cells from one cut into bricks to another.

use super::Comm;
use std::ops::Range;

/// The part of a box that a rank holds.
pub type Cells = [Range<usize>; 3];

fn count(cells: &Cells) -> usize {
    cells.iter().map(ExactSizeIterator::len).product()
}

fn overlap(a: &Cells, b: &Cells) -> Cells {
    std::array::from_fn(|d| {
        let start = a[d].start.max(b[d].start);
        start..a[d].end.min(b[d].end).max(start)
    })
}

/// Calls `visit` with the place in `outer`, row by row, of every cell of `inner`.
fn places(outer: &Cells, inner: &Cells, mut visit: impl FnMut(usize)) {
    for x in inner[0].clone() {
        for y in inner[1].clone() {
            let row = (x - outer[0].start) * outer[1].len() + y - outer[1].start;
            for z in inner[2].clone() {
                visit(row * outer[2].len() + z - outer[2].start);
            }
        }
    }
}

/// What this rank holds after the array was cut as `to` instead of as `from` (the parts of all ranks, by rank).
/// Collective.
#[must_use]
pub fn redistribute<T: bytemuck::Pod>(comm: &dyn Comm, from: &[Cells], to: &[Cells], mine: &[T]) -> Vec<T> {
    let me = comm.rank();
    let mut moved = vec![T::zeroed(); count(&to[me])];
    let place_all = |moved: &mut Vec<T>, sender: usize, values: &mut dyn Iterator<Item = T>| {
        places(&to[me], &overlap(&from[sender], &to[me]), |place| {
            if let Some(value) = values.next() {
                moved[place] = value;
            }
        });
    };
    let collect = |receiver: usize| {
        let mut values = Vec::with_capacity(count(&overlap(&from[me], &to[receiver])));
        places(&from[me], &overlap(&from[me], &to[receiver]), |place| values.push(mine[place]));
        values
    };
    let others = || (0..comm.size()).filter(|&rank| rank != me);
    let outgoing: Vec<(usize, Vec<T>)> =
        others().map(|rank| (rank, collect(rank))).filter(|(_, values)| !values.is_empty()).collect();
    let send: Vec<(usize, &[u8])> =
        outgoing.iter().map(|(rank, values)| (*rank, bytemuck::cast_slice(&values[..]))).collect();
    let bytes = |rank: usize| size_of::<T>() * count(&overlap(&from[rank], &to[me]));
    let mut receive: Vec<(usize, Vec<u8>)> =
        others().filter(|&rank| bytes(rank) > 0).map(|rank| (rank, vec![0; bytes(rank)])).collect();
    comm.exchange(&send, &mut receive);
    place_all(&mut moved, me, &mut collect(me).into_iter());
    for (rank, bytes) in &receive {
        place_all(
            &mut moved,
            *rank,
            &mut bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned),
        );
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::{grid, partition, threads};

    #[test]
    fn every_cell_arrives_where_the_new_cut_wants_it() {
        let cells = [5, 4, 3];
        for grid in [[1, 1, 1], [2, 1, 1], [1, 2, 2], [3, 2, 1]] {
            threads::run(grid::domains(grid), |comm| {
                let size = comm.size();
                let bricks: Vec<Cells> = (0..size).map(|rank| grid::brick(cells, grid, rank)).collect();
                // Slabs along z: some ranks hold nothing where there are more ranks than layers.
                let slabs: Vec<Cells> =
                    (0..size).map(|rank| [0..5, 0..4, partition::share(3, rank, size)]).collect();
                let number = |part: &Cells| {
                    let whole = [0..5, 0..4, 0..3];
                    let mut list = Vec::new();
                    places(&whole, part, |place| list.push(place as u64));
                    list
                };
                let mine = number(&bricks[comm.rank()]);
                let moved = redistribute(&*comm, &bricks, &slabs, &mine);
                assert_eq!(moved, number(&slabs[comm.rank()]));
                assert_eq!(redistribute(&*comm, &slabs, &bricks, &moved), mine);
            });
        }
    }
}
