//! One rank without MPI: unit tests and the commands that only read files.

use super::{Comm, mpi::FileHandle};
use std::rc::Rc;
use std::time::Duration;

/// A single rank.
#[derive(Debug, Clone, Copy, Default)]
pub struct Serial;

impl Comm for Serial {
    fn rank(&self) -> usize {
        0
    }
    fn size(&self) -> usize {
        1
    }
    fn exchange_while(
        &self,
        send: &[(usize, &[u8])],
        receive: &mut [(usize, Vec<u8>)],
        work: &mut dyn FnMut(&mut dyn FnMut()),
    ) {
        for ((_, from), (_, to)) in send.iter().zip(receive) {
            to.copy_from_slice(from);
        }
        work(&mut || ());
    }
    fn split(&self, _color: usize) -> Rc<dyn Comm> {
        Rc::new(Serial)
    }
    fn all_gather(&self, mine: &[f64], _counts: &[usize]) -> Vec<f64> {
        mine.to_vec()
    }
    fn sum(&self, _words: &mut [u64]) {}
    fn max(&self, _words: &mut [u64]) {}
    fn broadcast(&self, _bytes: &mut Vec<u8>) {}
    fn meet(&self, _patience: Option<Duration>) -> bool {
        true
    }

    fn abort(&self, code: u8) -> ! {
        std::process::exit(i32::from(code))
    }
    fn file_handle(&self) -> Option<FileHandle> {
        None
    }
    fn library(&self) -> String {
        "no MPI (one process)".into()
    }
}
