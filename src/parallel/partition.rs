//! Who owns which of `total` things: contiguous shares whose sizes differ by at most one.

use std::ops::Range;

/// The indices rank `rank` of `size` owns.
#[must_use]
pub fn share(total: usize, rank: usize, size: usize) -> Range<usize> {
    let start = |rank: usize| rank * (total / size) + rank.min(total % size);
    start(rank)..start(rank + 1)
}

/// The rank that owns an index.
#[must_use]
pub fn owner(total: usize, index: usize, size: usize) -> usize {
    let (least, extra) = (total / size, total % size);
    if index < extra * (least + 1) {
        index / (least + 1)
    } else {
        extra + (index - extra * (least + 1)) / least.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_has_exactly_one_owner() {
        for total in 0..20 {
            for size in 1..30 {
                let mut next = 0;
                for rank in 0..size {
                    let share = share(total, rank, size);
                    assert_eq!(share.start, next);
                    assert!(share.clone().all(|index| owner(total, index, size) == rank));
                    next = share.end;
                }
                assert_eq!(next, total);
            }
        }
    }
}
