//! Threads over jobs, with results in the order of the jobs whatever the number of threads.
//!
//! Threads are detached, so that a caller who stops early need not wait for a long job: it reports and ends the process.

use crate::cpu;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Threads at work.
pub(crate) struct Crew<T> {
    results: Receiver<(usize, T)>,
    /// Results that came before their turn.
    early: BTreeMap<usize, T>,
    next: usize,
    total: usize,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    taken: AtomicUsize,
    halted: AtomicBool,
    cpu_ns: AtomicU64,
}

/// How often a waiting caller looks whether it was interrupted.
const GLANCE: Duration = Duration::from_millis(50);

impl<T: Send + 'static> Crew<T> {
    /// `workers` threads begin to do the jobs 0 to `total` - 1.
    pub(crate) fn start(workers: NonZeroUsize, total: usize, work: impl Fn(usize) -> T + Send + Sync + 'static) -> Self {
        let (send, results) = channel();
        let shared = Arc::new(Shared::default());
        let work = Arc::new(work);
        for _ in 0..workers.get().min(total) {
            let (send, shared, work) = (send.clone(), shared.clone(), work.clone());
            thread::spawn(move || {
                let mut clock = cpu::Stopwatch::start();
                while !shared.halted.load(Ordering::Relaxed) {
                    let job = shared.taken.fetch_add(1, Ordering::Relaxed);
                    if job >= total {
                        break;
                    }
                    let result = work(job);
                    shared.cpu_ns.fetch_add(clock.lap(), Ordering::Relaxed);
                    if send.send((job, result)).is_err() {
                        break; // Nobody waits any more.
                    }
                }
            });
        }
        Self { results, early: BTreeMap::new(), next: 0, total, shared }
    }

    /// The next job's result, in order. `None` when there is no more, or `stopped` says so.
    pub(crate) fn next(&mut self, stopped: impl Fn() -> bool) -> Option<T> {
        while self.next < self.total && !stopped() {
            if let Some(result) = self.early.remove(&self.next) {
                self.next += 1;
                return Some(result);
            }
            match self.results.recv_timeout(GLANCE) {
                Ok((job, result)) => {
                    assert!(job >= self.next, "no job is done twice");
                    self.early.insert(job, result);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("a worker died with job {} undone", self.next),
            }
        }
        None
    }

    /// No further job is begun.
    pub(crate) fn halt(&self) {
        self.shared.halted.store(true, Ordering::Relaxed);
    }

    /// The CPU time that all finished jobs used, in nanoseconds.
    pub(crate) fn cpu_ns(&self) -> u64 {
        self.shared.cpu_ns.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(workers: usize) -> Vec<usize> {
        let slow_first = |job: usize| {
            if job.is_multiple_of(7) {
                thread::yield_now();
            }
            job * job
        };
        let mut crew = Crew::start(NonZeroUsize::new(workers).expect("not zero"), 100, slow_first);
        std::iter::from_fn(|| crew.next(|| false)).collect()
    }

    #[test]
    fn results_come_in_the_order_of_the_jobs_for_any_number_of_threads() {
        let expected: Vec<usize> = (0..100).map(|job| job * job).collect();
        assert_eq!(results(1), expected);
        assert_eq!(results(2), expected);
        assert_eq!(results(5), expected);
    }

    #[test]
    fn a_stopped_caller_gets_no_more_results() {
        let mut crew = Crew::start(NonZeroUsize::MIN, 10, |job| job);
        assert_eq!(crew.next(|| false), Some(0));
        assert_eq!(crew.next(|| true), None);
    }
}
