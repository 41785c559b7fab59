//! The simulator's disk as a `Storage`: it outlives processes, syncs what waits together, and loses what was not answered.

use crate::time::sleep;
use antfarm_machine::{Receipt, Request, Span, Storage};
use antfarm_sim::{Disk, SyncId, Verdict};
use madsim::rand::{Rng, thread_rng};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// A machine's disk. Clones are of one disk.
#[derive(Clone, Default, Debug)]
pub struct Platter(Arc<Mutex<Spindle>>);

#[derive(Default, Debug)]
struct Spindle {
    disk: Disk,
    /// What was not answered, oldest first.
    waiting: VecDeque<SyncId>,
    /// A sync failed: nothing is written any more until the process starts anew.
    failed: bool,
    fails: u64,
    /// One in so many syncs fails; 0: none.
    failing: u32,
}

/// The port of one process.
#[derive(Debug)]
pub struct Store {
    platter: Platter,
    filled: Arc<Notify>,
}

impl Platter {
    /// From now on one in so many syncs fails; 0: none.
    pub fn temper(&self, failing: u32) {
        self.with(|it| it.failing = failing);
    }

    /// The port of a process that has just started, and the future that answers its requests while it is polled.
    pub fn open<F: Fn(Receipt) + Send + 'static>(&self, answer: F) -> (Store, impl Future<Output = ()> + Send + use<F>) {
        self.with(|it| it.failed = false);
        let filled = Arc::new(Notify::new());
        let store = Store { platter: self.clone(), filled: filled.clone() };
        let platter = self.clone();
        let work = async move {
            loop {
                let batch: Vec<SyncId> = platter.with(|it| it.waiting.iter().copied().collect());
                if batch.is_empty() {
                    filled.notified().await;
                    continue;
                }
                sleep(Span::from_micros(thread_rng().gen_range(1_000..6_000))).await;
                platter.fail();
                for id in batch {
                    platter.complete(id).into_iter().for_each(&answer);
                }
            }
        };
        (store, work)
    }

    /// The process ended: of what was not answered some took place, some did not, and some did in part.
    pub fn crash(&self) {
        let mut dice = thread_rng();
        self.with(|it| {
            for id in std::mem::take(&mut it.waiting) {
                match dice.gen_range(0..4) {
                    0 => it.disk.tear(id, u32::MAX, 0),
                    1 => it.disk.tear(id, dice.gen_range(0..512), dice.gen_range(0..64)),
                    _ => {}
                }
            }
            it.disk.crash();
        });
    }

    /// What is on it.
    pub fn disk(&self) -> Disk {
        self.with(|it| it.disk.clone())
    }

    /// How many syncs failed.
    pub fn fails(&self) -> u64 {
        self.with(|it| it.fails)
    }

    /// Whether a sync failed since the process started.
    pub fn is_failed(&self) -> bool {
        self.with(|it| it.failed)
    }

    fn fail(&self) {
        self.with(|it| {
            if it.failing > 0 && !it.failed && thread_rng().gen_range(0..it.failing) == 0 {
                (it.failed, it.fails) = (true, it.fails + 1);
            }
        });
    }

    fn complete(&self, id: SyncId) -> Option<Receipt> {
        let keep = thread_rng().gen_range(0..256);
        self.with(|it| {
            let oldest = it.waiting.pop_front();
            assert_eq!(oldest, Some(id), "requests are answered in their order");
            it.disk.complete(id, &if it.failed { Verdict::Failed { keep } } else { Verdict::Honest })
        })
    }

    fn with<R>(&self, change: impl FnOnce(&mut Spindle) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Storage for Store {
    fn submit(&mut self, request: Request) {
        self.platter.with(|it| {
            let id = it.disk.submit(request);
            it.waiting.push_back(id);
        });
        self.filled.notify_one();
    }
}
