//! Ghosts: copies of items other domains own, refreshed after their owners change.
//!
//! A plan says who sends which items to whom; it knows nothing of what they are, so that one plan moves spins,
//! positions or embedding derivatives alike. It is made once from a list of ghosts: each rank names what it wants by
//! global numbers, and the owners translate those to their own places.

use super::Comm;
use super::deliver::deliver;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

/// Things that can be packed into bytes and set from them, many at a time: halos spend their time here.
pub trait Items {
    /// Bytes of one item.
    const BYTES: usize;
    /// Copies items out one after another; `to` has [`Items::BYTES`] bytes for each.
    fn pack(&self, indices: &[u32], to: &mut [u8]);
    /// Sets items.
    fn unpack(&mut self, indices: &[u32], from: &[u8]);
    /// Copies items to other places: (from, to).
    fn copy(&mut self, pairs: &[(u32, u32)]);
}

/// Plain values, one per item.
impl<T: bytemuck::Pod> Items for [T] {
    const BYTES: usize = size_of::<T>();
    fn pack(&self, indices: &[u32], to: &mut [u8]) {
        for (&index, to) in indices.iter().zip(to.chunks_exact_mut(Self::BYTES)) {
            to.copy_from_slice(bytemuck::bytes_of(&self[index as usize]));
        }
    }
    fn unpack(&mut self, indices: &[u32], from: &[u8]) {
        for (&index, from) in indices.iter().zip(from.chunks_exact(Self::BYTES)) {
            self[index as usize] = bytemuck::pod_read_unaligned(from);
        }
    }
    fn copy(&mut self, pairs: &[(u32, u32)]) {
        pairs.iter().for_each(|&(from, to)| self[to as usize] = self[from as usize]);
    }
}

/// A ghost on this rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ghost {
    /// The rank that owns the original.
    pub owner: usize,
    /// The number by which the owner knows it.
    pub global: u64,
    /// Where the copy is kept here.
    pub local: u32,
}

/// Who sends which items to whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HaloPlan {
    /// Copies within this rank: (original, ghost).
    own: Vec<(u32, u32)>,
    /// Ranks and the items they are sent.
    sends: Vec<(usize, Vec<u32>)>,
    /// Ranks and the ghosts their messages fill.
    receives: Vec<(usize, Vec<u32>)>,
    /// Further ghosts of items that were received: (ghost, ghost). No item is sent twice to one rank.
    again: Vec<(u32, u32)>,
}

impl HaloPlan {
    /// The plan that fills these ghosts; `locate` finds an item this rank owns by its global number. Collective.
    #[must_use]
    pub fn new(comm: &dyn Comm, ghosts: &[Ghost], locate: impl Fn(u64) -> u32) -> Self {
        let (me, size) = (comm.rank(), comm.size());
        let mut plan = HaloPlan::default();
        let mut wanted: Vec<Vec<u64>> = vec![Vec::new(); size];
        let mut filled: Vec<Vec<u32>> = vec![Vec::new(); size];
        let mut first: HashMap<(usize, u64), u32> = HashMap::new();
        for ghost in ghosts {
            if ghost.owner == me {
                plan.own.push((locate(ghost.global), ghost.local));
            } else if let Some(&received) = first.get(&(ghost.owner, ghost.global)) {
                plan.again.push((received, ghost.local));
            } else {
                first.insert((ghost.owner, ghost.global), ghost.local);
                wanted[ghost.owner].push(ghost.global);
                filled[ghost.owner].push(ghost.local);
            }
        }
        let wanted = wanted.iter().map(|list| bytemuck::cast_slice(list).to_vec()).collect();
        for (rank, bytes) in
            deliver(comm, wanted).into_iter().enumerate().filter(|(_, bytes)| !bytes.is_empty())
        {
            let items = bytes.chunks_exact(8).map(|word| locate(bytemuck::pod_read_unaligned(word)));
            plan.sends.push((rank, items.collect()));
        }
        let receives = filled.into_iter().enumerate().filter(|(_, ghosts)| !ghosts.is_empty());
        plan.receives = receives.collect();
        plan
    }

    /// The plan of owners that know where their items are needed: copies within this rank (original, ghost), and for each
    /// other rank the items it is sent and the ghosts here that its message fills. Both sides list them in one order.
    #[must_use]
    pub fn of_owners(
        own: Vec<(u32, u32)>,
        sends: Vec<(usize, Vec<u32>)>,
        receives: Vec<(usize, Vec<u32>)>,
    ) -> Self {
        HaloPlan { own, sends, receives, again: Vec::new() }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.sends.is_empty() && self.receives.is_empty()
    }

    /// Items sent to other ranks at each refresh.
    #[must_use]
    pub fn items_sent(&self) -> usize {
        self.sends.iter().map(|(_, items)| items.len()).sum()
    }
}

/// Plans, one per color, and the ranks they speak of.
pub struct Halo {
    comm: Rc<dyn Comm>,
    plans: Arc<Vec<HaloPlan>>,
    buffers: RefCell<Buffers>,
    bytes_sent: Cell<u64>,
    refreshes: Cell<u64>,
    seconds_waiting: Cell<f64>,
}

/// Memory of messages, kept from one refresh to the next.
#[derive(Default)]
struct Buffers {
    send: Vec<Vec<u8>>,
    receive: Vec<(usize, Vec<u8>)>,
}

impl Halo {
    /// A halo with one plan per color; a color is a set of items that change together.
    #[must_use]
    pub fn new(comm: Rc<dyn Comm>, plans: Vec<HaloPlan>) -> Self {
        Self::with(comm, Arc::new(plans))
    }

    /// The halo of one rank alone, whose ghosts are all its own, with plans that several threads may share.
    #[must_use]
    pub fn alone(plans: Arc<Vec<HaloPlan>>) -> Self {
        Self::with(Rc::new(super::serial::Serial), plans)
    }

    fn with(comm: Rc<dyn Comm>, plans: Arc<Vec<HaloPlan>>) -> Self {
        Halo {
            comm,
            plans,
            buffers: RefCell::default(),
            bytes_sent: Cell::new(0),
            refreshes: Cell::new(0),
            seconds_waiting: Cell::new(0.0),
        }
    }

    /// The halo of something that has no ghosts.
    #[must_use]
    pub fn none() -> Self {
        Self::new(Rc::new(super::serial::Serial), Vec::new())
    }

    /// Whether no color has ghosts here or elsewhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.is_alone() && self.plans.iter().all(HaloPlan::is_empty)
    }

    /// Whether no other rank has a part in it: then all ghosts are copies of this rank's own items.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.comm.size() == 1
    }

    /// The plans, by color.
    #[must_use]
    pub fn plans(&self) -> &Arc<Vec<HaloPlan>> {
        &self.plans
    }

    /// Bytes sent to other ranks so far.
    #[must_use]
    pub fn bytes_sent(&self) -> u64 {
        self.bytes_sent.get()
    }

    /// Refreshes so far, each by one plan.
    #[must_use]
    pub fn refreshes(&self) -> u64 {
        self.refreshes.get()
    }

    /// Seconds spent packing, unpacking and waiting for messages so far, work done meanwhile not counted.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.seconds_waiting.get()
    }

    /// Refreshes the ghosts of every plan; those in several are sent with each. Collective among the domains.
    pub fn refresh_all<T: Items + ?Sized>(&self, items: &mut T) {
        (0..self.plans.len()).for_each(|color| self.refresh(color, items));
    }

    /// Refreshes the ghosts of one color. Collective among the domains.
    pub fn refresh<T: Items + ?Sized>(&self, color: usize, items: &mut T) {
        self.refresh_while(color, items, |_, _| ());
    }

    /// Refreshes the ghosts of one color and does `work`, which must neither look at them nor change their originals,
    /// while messages travel. Work is handed a function to call now and then, see [`Comm::exchange_while`]. Collective among the domains.
    pub fn refresh_while<T: Items + ?Sized>(
        &self,
        color: usize,
        items: &mut T,
        work: impl FnOnce(&mut T, &mut dyn FnMut()),
    ) {
        let Some(plan) = self.plans.get(color) else { return work(items, &mut || ()) };
        if self.is_alone() {
            items.copy(&plan.own);
            return work(items, &mut || ());
        }
        let start = Instant::now();
        let mut buffers = self.buffers.borrow_mut();
        let Buffers { send, receive } = &mut *buffers;
        send.resize_with(plan.sends.len(), Vec::new);
        for ((_, indices), buffer) in plan.sends.iter().zip(send.iter_mut()) {
            buffer.resize(indices.len() * T::BYTES, 0);
            items.pack(indices, buffer);
        }
        receive.resize_with(plan.receives.len(), || (0, Vec::new()));
        for ((from, indices), (rank, buffer)) in plan.receives.iter().zip(receive.iter_mut()) {
            *rank = *from;
            buffer.resize(indices.len() * T::BYTES, 0);
        }
        let messages: Vec<(usize, &[u8])> =
            plan.sends.iter().zip(&*send).map(|((to, _), bytes)| (*to, &bytes[..])).collect();
        items.copy(&plan.own);
        let mut work = Some(work);
        let mut seconds_working = 0.0;
        self.comm.exchange_while(&messages, receive, &mut |poke| {
            if let Some(work) = work.take() {
                let start = Instant::now();
                work(items, poke);
                seconds_working = start.elapsed().as_secs_f64();
            }
        });
        for ((_, indices), (_, buffer)) in plan.receives.iter().zip(receive.iter()) {
            items.unpack(indices, buffer);
        }
        items.copy(&plan.again);
        let sent: usize = messages.iter().map(|(_, bytes)| bytes.len()).sum();
        self.bytes_sent.set(self.bytes_sent.get() + sent as u64);
        self.refreshes.set(self.refreshes.get() + 1);
        let seconds = start.elapsed().as_secs_f64() - seconds_working;
        self.seconds_waiting.set(self.seconds_waiting.get() + seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::threads;

    #[test]
    fn every_ghost_shows_the_number_of_its_owner_also_on_empty_ranks() {
        // A ring of 10 items on 4 ranks, of which the last holds none; each rank wants both neighbors of its items.
        let shares = [0..4usize, 4..5, 5..10, 10..10];
        let total = 10;
        threads::run(4, |comm| {
            let mine = shares[comm.rank()].clone();
            let owner = |item: usize| shares.iter().position(|share| share.contains(&item)).unwrap();
            let wanted: Vec<usize> = if mine.is_empty() {
                Vec::new()
            } else {
                vec![(mine.start + total - 1) % total, mine.end % total]
            };
            let ghosts: Vec<Ghost> = wanted
                .iter()
                .enumerate()
                .map(|(k, &item)| Ghost {
                    owner: owner(item),
                    global: item as u64,
                    local: (mine.len() + k) as u32,
                })
                .collect();
            let plan = HaloPlan::new(&*comm, &ghosts, |global| (global as usize - mine.start) as u32);
            let halo = Halo::new(comm, vec![plan]);
            // Each item carries its global number.
            let mut numbers = vec![u64::MAX; mine.len() + ghosts.len()];
            for round in 0..3 {
                for (k, item) in mine.clone().enumerate() {
                    numbers[k] = 100 * round + item as u64;
                }
                let mut worked = false;
                halo.refresh_while(0, &mut numbers[..], |_, _| worked = true);
                assert!(worked);
                for (k, &item) in wanted.iter().enumerate() {
                    assert_eq!(numbers[mine.len() + k], 100 * round + item as u64);
                }
            }
            assert_eq!(halo.bytes_sent(), 3 * 8 * halo.plans()[0].items_sent() as u64);
        });
    }
}
