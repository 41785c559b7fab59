//! [`Files`]: a store and the thread that owns it.

use crate::counters::Counters;
use crate::disk::Disk;
use crate::folder::Folder;
use crate::open_error::OpenError;
use crate::store::Store;
use antfarm_machine::{Receipt, Request, Storage};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// The objects in one folder, whose requests are performed in a thread of their own.
///
/// Dropping it performs what is waiting, syncs, gives the lock back, and only then returns; receipts come until then.
#[derive(Debug)]
pub struct Files {
    queue: Arc<Queue>,
    worker: Option<JoinHandle<()>>,
    counters: Counters,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    requests: VecDeque<Request>,
    closed: bool,
}

impl Files {
    /// Opens a folder, which exists, and locks it.
    ///
    /// `on_receipt` is called in the worker's thread, in the order of the requests. The next group waits until it returns, and it
    /// must not panic: nothing would be answered after that.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn open(folder: impl AsRef<Path>, on_receipt: impl FnMut(Receipt) + Send + 'static) -> Result<Self, OpenError> {
        Self::on(Folder::open(folder)?, on_receipt)
    }

    /// The same on any disk.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn on<D: Disk>(disk: D, on_receipt: impl FnMut(Receipt) + Send + 'static) -> Result<Self, OpenError> {
        let place = disk.place().to_owned();
        let store = Store::open(disk)?;
        let (queue, counters) = (Arc::new(Queue::default()), store.counters());
        let theirs = Arc::clone(&queue);
        let worker = thread::Builder::new().name("antfarm-files".into()).spawn(move || work(store, &theirs, on_receipt));
        let worker = worker.map_err(|error| OpenError::of(&place, "starting a thread", error))?;
        Ok(Self { queue, worker: Some(worker), counters })
    }

    /// What was done since the folder was opened. The handle outlives the folder.
    pub fn counters(&self) -> Counters {
        self.counters.clone()
    }
}

impl Storage for Files {
    fn submit(&mut self, request: Request) {
        self.queue.lock().requests.push_back(request);
        self.queue.wake.notify_one();
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.wake.notify_one();
        // Dropped by its own closure, it cannot wait for itself.
        let worker = self.worker.take().filter(|worker| worker.thread().id() != thread::current().id());
        if let Some(worker) = worker {
            // A panic of `on_receipt` was printed by the thread itself.
            worker.join().unwrap_or_default();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing panics while it is held.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that is waiting; waits until there is something. `None` when nothing more will come.
    fn take(&self) -> Option<VecDeque<Request>> {
        let idle = |waiting: &mut Waiting| waiting.requests.is_empty() && !waiting.closed;
        let mut waiting = self.wake.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let requests = std::mem::take(&mut waiting.requests);
        (!requests.is_empty()).then_some(requests)
    }
}

fn work<D: Disk>(mut store: Store<D>, queue: &Queue, mut on_receipt: impl FnMut(Receipt)) {
    while let Some(mut requests) = queue.take() {
        store.perform(&mut requests, &mut on_receipt);
    }
    store.close();
}
