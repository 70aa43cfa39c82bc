//! Messages of lengths only their senders know.

use super::Comm;

/// Sends `outgoing[rank]` to each rank, this one included, and returns what each rank sent here, by rank. Collective.
#[must_use]
pub fn deliver(comm: &dyn Comm, mut outgoing: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let (me, size) = (comm.rank(), comm.size());
    outgoing.resize(size, Vec::new());
    let mine = std::mem::take(&mut outgoing[me]);
    let others = || (0..size).filter(|&rank| rank != me);
    let lengths: Vec<[u64; 1]> = outgoing.iter().map(|bytes| [bytes.len() as u64]).collect();
    let send: Vec<(usize, &[u8])> =
        others().map(|rank| (rank, bytemuck::cast_slice(&lengths[rank][..]))).collect();
    let mut announced: Vec<(usize, Vec<u8>)> = others().map(|rank| (rank, vec![0; 8])).collect();
    comm.exchange(&send, &mut announced);
    let mut receive: Vec<(usize, Vec<u8>)> = announced
        .iter()
        .map(|(rank, bytes)| (*rank, vec![0; bytemuck::pod_read_unaligned::<u64>(bytes) as usize]))
        .filter(|(_, bytes)| !bytes.is_empty())
        .collect();
    let send: Vec<(usize, &[u8])> =
        others().filter(|&rank| !outgoing[rank].is_empty()).map(|rank| (rank, &outgoing[rank][..])).collect();
    comm.exchange(&send, &mut receive);
    let mut received = vec![Vec::new(); size];
    received[me] = mine;
    receive.into_iter().for_each(|(rank, bytes)| received[rank] = bytes);
    received
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::threads;

    #[test]
    fn every_rank_gets_what_was_sent_to_it() {
        threads::run(3, |comm| {
            let me = comm.rank() as u8;
            let outgoing = (0..3).map(|to: u8| vec![10 * me + to; usize::from((me + to) % 3)]).collect();
            for (from, bytes) in deliver(&*comm, outgoing).into_iter().enumerate() {
                assert_eq!(bytes, vec![10 * from as u8 + me; (from + usize::from(me)) % 3]);
            }
        });
    }
}
