//! Several ranks as threads of one process, so that tests of halos and domains need no launcher.

use super::{Comm, mpi::FileHandle};
use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// A message on its way: (group, from, to, number of the message between the two).
type Address = (u64, usize, usize, u64);

/// Where messages wait for their receivers.
#[derive(Default)]
struct Mailbox {
    messages: Mutex<HashMap<Address, Vec<u8>>>,
    arrived: Condvar,
}

/// One rank of a group of threads.
pub struct Threads {
    mailbox: Arc<Mailbox>,
    /// Tells the messages of groups apart; made from how the group came about, so that all its ranks agree.
    group: u64,
    rank: usize,
    size: usize,
    /// `[rank]`: messages sent there and received from there.
    sent: Vec<Cell<u64>>,
    received: Vec<Cell<u64>>,
    splits: Cell<u64>,
}

/// Runs `work` on `size` ranks and returns what each returned, by rank.
///
/// # Panics
/// If a rank does.
pub fn run<T: Send>(size: usize, work: impl Fn(Rc<dyn Comm>) -> T + Sync) -> Vec<T> {
    let mailbox = Arc::new(Mailbox::default());
    std::thread::scope(|scope| {
        let rank = |rank| {
            let mailbox = Arc::clone(&mailbox);
            let work = &work;
            scope.spawn(move || work(Rc::new(Threads::new(mailbox, 0, rank, size))))
        };
        let handles: Vec<_> = (0..size).map(rank).collect();
        handles.into_iter().map(|handle| handle.join().expect("a rank panicked")).collect()
    })
}

impl Threads {
    fn new(mailbox: Arc<Mailbox>, group: u64, rank: usize, size: usize) -> Self {
        let counters = || vec![Cell::new(0); size];
        Threads { mailbox, group, rank, size, sent: counters(), received: counters(), splits: Cell::new(0) }
    }

    fn post(&self, to: usize, bytes: Vec<u8>) {
        let number = self.sent[to].replace(self.sent[to].get() + 1);
        if let Ok(mut messages) = self.mailbox.messages.lock() {
            messages.insert((self.group, self.rank, to, number), bytes);
        }
        self.mailbox.arrived.notify_all();
    }

    fn fetch(&self, from: usize) -> Vec<u8> {
        let number = self.received[from].replace(self.received[from].get() + 1);
        let address = (self.group, from, self.rank, number);
        let mut messages = self.mailbox.messages.lock().expect("another rank panicked");
        loop {
            if let Some(bytes) = messages.remove(&address) {
                return bytes;
            }
            messages = self.mailbox.arrived.wait(messages).expect("another rank panicked");
        }
    }

    /// What every rank contributes, in rank order.
    fn gather(&self, mine: &[u8]) -> Vec<Vec<u8>> {
        (0..self.size).for_each(|to| self.post(to, mine.to_vec()));
        (0..self.size).map(|from| self.fetch(from)).collect()
    }

    fn reduce(&self, words: &mut [u64], join: impl Fn(u64, u64) -> u64) {
        let all = self.gather(bytemuck::cast_slice(words));
        for (rank, bytes) in all.iter().enumerate() {
            for (word, other) in words.iter_mut().zip(bytes.chunks_exact(8)) {
                let other = bytemuck::pod_read_unaligned(other);
                *word = if rank == 0 { other } else { join(*word, other) };
            }
        }
    }
}

impl Comm for Threads {
    fn rank(&self) -> usize {
        self.rank
    }
    fn size(&self) -> usize {
        self.size
    }
    fn exchange_while(
        &self,
        send: &[(usize, &[u8])],
        receive: &mut [(usize, Vec<u8>)],
        work: &mut dyn FnMut(&mut dyn FnMut()),
    ) {
        send.iter().for_each(|(to, bytes)| self.post(*to, bytes.to_vec()));
        work(&mut || ());
        for (from, buffer) in receive {
            buffer.copy_from_slice(&self.fetch(*from));
        }
    }
    fn split(&self, color: usize) -> Rc<dyn Comm> {
        let split = self.splits.replace(self.splits.get() + 1);
        let colors = self.gather(bytemuck::bytes_of(&(color as u64)));
        let same: Vec<bool> =
            colors.iter().map(|bytes| bytes == bytemuck::bytes_of(&(color as u64))).collect();
        let rank = same[..self.rank].iter().filter(|&&same| same).count();
        let size = same.iter().filter(|&&same| same).count();
        // Distinct for the few groups of a test: 64 splits of 64 colors per level.
        let group = 1 + (self.group * 64 + split) * 64 + color as u64;
        Rc::new(Threads::new(Arc::clone(&self.mailbox), group, rank, size))
    }
    fn all_gather(&self, mine: &[f64], _counts: &[usize]) -> Vec<f64> {
        let read = |bytes: &[u8]| bytemuck::pod_read_unaligned::<f64>(bytes);
        self.gather(bytemuck::cast_slice(mine))
            .iter()
            .flat_map(|part| part.chunks_exact(8).map(read))
            .collect()
    }
    fn sum(&self, words: &mut [u64]) {
        self.reduce(words, u64::wrapping_add);
    }
    fn max(&self, words: &mut [u64]) {
        self.reduce(words, u64::max);
    }
    fn broadcast(&self, bytes: &mut Vec<u8>) {
        *bytes = self.gather(bytes).swap_remove(0);
    }
    fn meet(&self, _patience: Option<Duration>) -> bool {
        self.barrier();
        true
    }
    fn abort(&self, code: u8) -> ! {
        std::process::exit(i32::from(code))
    }
    fn file_handle(&self) -> Option<FileHandle> {
        None
    }
    fn library(&self) -> String {
        "no MPI (threads of one process)".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_sum_among_themselves_and_messages_keep_their_order() {
        let sums = run(6, |comm| {
            let part = comm.split(comm.rank() % 2);
            let mut words = [comm.rank() as u64, 1];
            part.sum(&mut words);
            let next = (part.rank() + 1) % part.size();
            let before = (part.rank() + part.size() - 1) % part.size();
            let (a, b) = ([part.rank() as u8], [part.rank() as u8 + 100]);
            let mut receive = [(before, vec![0]), (before, vec![0])];
            part.exchange(&[(next, &a[..]), (next, &b[..])], &mut receive);
            assert_eq!((receive[0].1[0] as usize, receive[1].1[0] as usize), (before, before + 100));
            words
        });
        assert_eq!(sums, vec![[6, 3], [9, 3], [6, 3], [9, 3], [6, 3], [9, 3]]);
    }
}
