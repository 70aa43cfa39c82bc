//! Floor 1: ranks. Everything above speaks of replicas, rungs and rows; only this folder knows who holds them.

pub mod arrangement;
pub mod deliver;
pub mod exact_sum;
pub mod grid;
pub mod halo;
pub mod mpi;
pub mod partition;
pub mod redistribute;
pub mod serial;
pub mod threads;

use crate::foundation::{Error, Result};
use std::rc::Rc;
use std::time::Duration;

/// A group of ranks that run the same program. All methods but `rank`, `size` and `abort` are collective.
pub trait Comm {
    /// This rank.
    fn rank(&self) -> usize;
    /// Number of ranks.
    fn size(&self) -> usize;
    /// Sends messages and fills `receive` (buffers of the right length). Messages between two ranks keep their
    /// order; a message to oneself is a copy. `work` is done while they travel; it must not communicate, but should
    /// call the function it is handed now and then: long messages move only while the library is at work.
    fn exchange_while(
        &self,
        send: &[(usize, &[u8])],
        receive: &mut [(usize, Vec<u8>)],
        work: &mut dyn FnMut(&mut dyn FnMut()),
    );
    /// Concatenates the numbers of all ranks in rank order; `counts[rank]` are the lengths.
    fn all_gather(&self, mine: &[f64], counts: &[usize]) -> Vec<f64>;
    /// Wrapping sum of words over ranks: exact, so the order does not matter.
    fn sum(&self, words: &mut [u64]);
    /// Largest of each word over ranks.
    fn max(&self, words: &mut [u64]);
    /// The group of the ranks that name the same color, in the order of their ranks here.
    fn split(&self, color: usize) -> Rc<dyn Comm>;
    /// Replaces the bytes on all ranks by those of rank 0.
    fn broadcast(&self, bytes: &mut Vec<u8>);
    /// Waits for all ranks, at most as long as this rank has patience; whether they came.
    fn meet(&self, patience: Option<Duration>) -> bool;
    /// Ends all ranks at once, for errors one rank meets alone where the others wait for it.
    fn abort(&self, code: u8) -> !;
    /// The handle parallel HDF5 needs; `None` where files are opened by one process alone.
    fn file_handle(&self) -> Option<mpi::FileHandle>;
    /// What messages run over, for logs and headers.
    fn library(&self) -> String;

    /// Sends messages and fills `receive`, with nothing to do meanwhile.
    fn exchange(&self, send: &[(usize, &[u8])], receive: &mut [(usize, Vec<u8>)]) {
        self.exchange_while(send, receive, &mut |_| ());
    }

    /// Turns the failure of any rank into the failure of all: the error of the lowest rank that has one.
    ///
    /// # Errors
    /// The agreed error.
    fn agree(&self, mine: Result<()>) -> Result<()> {
        let code = mine.as_ref().err().map_or(0, Error::exit_code);
        let mut key =
            [if code == 0 { 0 } else { ((self.size() - self.rank()) as u64) << 8 | u64::from(code) }];
        self.max(&mut key);
        if key[0] == 0 {
            return Ok(());
        }
        // Only the message of the winner is kept; it travels by a sum of its bytes over otherwise silent ranks.
        let winner = self.size() - (key[0] >> 8) as usize;
        let message =
            mine.err().map(|error| error.to_string()).filter(|_| winner == self.rank()).unwrap_or_default();
        let mut length = [message.len() as u64];
        self.sum(&mut length);
        let mut words = vec![0u64; length[0] as usize];
        words.iter_mut().zip(message.bytes()).for_each(|(word, byte)| *word = u64::from(byte));
        self.sum(&mut words);
        let bytes = words.into_iter().map(|word| word as u8).collect();
        let text = String::from_utf8(bytes).unwrap_or_default();
        Err(Error::from_exit_code((key[0] & 0xFF) as u8, text))
    }

    /// The decision of rank 0, known to all.
    fn decide(&self, mine: u64) -> u64 {
        let mut word = [if self.rank() == 0 { mine } else { 0 }];
        self.max(&mut word);
        word[0]
    }

    /// Waits for all ranks.
    fn barrier(&self) {
        self.max(&mut [0]);
    }
}
