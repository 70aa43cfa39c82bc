//! Ranks over MPI. The only file that says `mpi::`.

use super::Comm;
use mpi::collective::SystemOperation;
use mpi::datatype::PartitionMut;
use mpi::environment::Universe;
use mpi::raw::AsRaw;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives, Destination, Root, Source};
use mpi::{Count, Threading};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Longer messages are sent in pieces: MPI counts in 32 bits.
const LONGEST_MESSAGE: usize = 1 << 30;

/// What parallel HDF5 opens files with.
pub type FileHandle = mpi::ffi::MPI_Comm;

/// MPI from its start to its end; drop it last.
pub struct Session {
    _universe: Universe,
}

/// A group of ranks.
pub struct Mpi {
    comm: SimpleCommunicator,
    /// Of all ranks of the job, a duplicate of the world communicator to open files with (never a Cartesian one: parallel
    /// HDF5 over Open MPI's OMPIO writes wrong data on those).
    files: Option<SimpleCommunicator>,
}

impl Session {
    /// Starts MPI; `None` if it was started before.
    #[must_use]
    pub fn start() -> Option<(Session, Mpi)> {
        let (universe, _) = mpi::initialize_with_threading(Threading::Funneled)?;
        let world = universe.world();
        let comm = Mpi { comm: world.duplicate(), files: Some(world.duplicate()) };
        Some((Session { _universe: universe }, comm))
    }
}

/// The MPI library this program runs with.
#[must_use]
pub fn library_version() -> String {
    let version = mpi::environment::library_version().unwrap_or_default();
    let line: Vec<&str> = version.split(',').take(2).map(str::trim).collect();
    line.join(", ").trim_end_matches('\0').trim().to_string()
}

/// Ends all ranks from wherever this one is (a panic hook, say) if MPI is running.
pub fn abort_if_running(code: u8) {
    let running = mpi::environment::is_initialized() && !mpi::environment::is_finalized();
    if running {
        SimpleCommunicator::world().abort(i32::from(code));
    }
}

fn counts_and_displacements(counts: &[usize]) -> (Vec<Count>, Vec<Count>) {
    let as_count = |n: usize| Count::try_from(n).unwrap_or(Count::MAX);
    let mut next = 0;
    let displacements = counts.iter().map(|&n| {
        let at = next;
        next += n;
        as_count(at)
    });
    let displacements = displacements.collect();
    (counts.iter().map(|&n| as_count(n)).collect(), displacements)
}

impl Comm for Mpi {
    fn rank(&self) -> usize {
        self.comm.rank() as usize
    }

    fn size(&self) -> usize {
        self.comm.size() as usize
    }

    fn exchange_while(
        &self,
        send: &[(usize, &[u8])],
        receive: &mut [(usize, Vec<u8>)],
        work: &mut dyn FnMut(&mut dyn FnMut()),
    ) {
        let me = self.rank();
        mpi::request::multiple_scope(send.len() + receive.len(), |scope, requests| {
            let mut own = send.iter().filter(|(to, _)| *to == me);
            for (from, buffer) in receive.iter_mut() {
                if *from == me {
                    if let Some((_, bytes)) = own.next() {
                        buffer.copy_from_slice(bytes);
                    }
                } else {
                    let process = self.comm.process_at_rank(*from as i32);
                    for piece in buffer.chunks_mut(LONGEST_MESSAGE) {
                        requests.add(process.immediate_receive_into(scope, piece));
                    }
                }
            }
            for &(to, bytes) in send.iter().filter(|(to, _)| *to != me) {
                for piece in bytes.chunks(LONGEST_MESSAGE) {
                    requests.add(self.comm.process_at_rank(to as i32).immediate_send(scope, piece));
                }
            }
            let mut done = Vec::new();
            work(&mut || {
                // Without requests left the wrapper takes the library's answer for a count and panics.
                if requests.incomplete() > 0 {
                    requests.test_some(&mut done);
                }
            });
            requests.wait_all(&mut done);
        });
    }

    fn split(&self, color: usize) -> Rc<dyn Comm> {
        let part = mpi::topology::Color::with_value(color as i32);
        match self.comm.split_by_color(part) {
            Some(comm) => Rc::new(Mpi { files: None, comm }),
            // A color always has its own rank in it.
            None => Rc::new(super::serial::Serial),
        }
    }

    fn all_gather(&self, mine: &[f64], counts: &[usize]) -> Vec<f64> {
        let mut all = vec![0.0; counts.iter().sum()];
        let (counts, displacements) = counts_and_displacements(counts);
        let mut partition = PartitionMut::new(&mut all[..], counts, displacements);
        self.comm.all_gather_varcount_into(mine, &mut partition);
        all
    }

    fn sum(&self, words: &mut [u64]) {
        let mine = words.to_vec();
        self.comm.all_reduce_into(&mine[..], words, SystemOperation::sum());
    }

    fn max(&self, words: &mut [u64]) {
        let mine = words.to_vec();
        self.comm.all_reduce_into(&mine[..], words, SystemOperation::max());
    }

    fn broadcast(&self, bytes: &mut Vec<u8>) {
        let length = self.decide(bytes.len() as u64) as usize;
        bytes.resize(length, 0);
        // An empty Rust slice points to address 1, which Open MPI takes for MPI_IN_PLACE.
        if length == 0 {
            return;
        }
        self.comm.process_at_rank(0).broadcast_into(&mut bytes[..]);
    }

    fn meet(&self, patience: Option<Duration>) -> bool {
        let mut request = self.comm.immediate_barrier();
        let Some(patience) = patience else {
            request.wait_without_status();
            return true;
        };
        let start = Instant::now();
        loop {
            request = match request.test() {
                Ok(_) => return true,
                Err(pending) if start.elapsed() > patience => {
                    // It will never complete; dropping it would be a panic.
                    std::mem::forget(pending);
                    return false;
                }
                Err(pending) => pending,
            };
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn abort(&self, code: u8) -> ! {
        self.comm.abort(i32::from(code))
    }

    fn file_handle(&self) -> Option<FileHandle> {
        self.files.as_ref().map(AsRaw::as_raw)
    }

    fn library(&self) -> String {
        library_version()
    }
}
