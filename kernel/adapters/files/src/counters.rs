//! What was done, counted where it is done and read from anywhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A handle to the counters of one opened folder. Cloning is cheap; it outlives what it counts.
#[derive(Clone, Debug, Default)]
pub struct Counters(Arc<Cells>);

#[derive(Debug, Default)]
struct Cells {
    requests: AtomicU64,
    appends: AtomicU64,
    bytes: AtomicU64,
    groups: AtomicU64,
    largest: AtomicU64,
    syncs: AtomicU64,
    settled: AtomicU64,
    full: AtomicU64,
    failed: AtomicU64,
}

/// Counts since the folder was opened. They are read one by one, so those of one moment may differ by what happened between.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Counts {
    /// Requests that were answered.
    pub requests: u64,
    /// Appends that were answered with `Done`.
    pub appends: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Groups that changed something: `requests / groups` is how many share a sync.
    pub groups: u64,
    /// The most changes that one group held.
    pub largest: u64,
    /// Syncs of files and of the folder, all of them; those of opening too.
    pub syncs: u64,
    /// How often the objects' files were synced and the journal begun anew.
    pub settled: u64,
    /// Requests that were answered with `Full`.
    pub full: u64,
    /// Requests that were answered with `Failed`.
    pub failed: u64,
}

impl Counters {
    /// The counts as they are now.
    pub fn read(&self) -> Counts {
        let Cells { requests, appends, bytes, groups, largest, syncs, settled, full, failed } = &*self.0;
        Counts {
            requests: requests.load(Relaxed),
            appends: appends.load(Relaxed),
            bytes: bytes.load(Relaxed),
            groups: groups.load(Relaxed),
            largest: largest.load(Relaxed),
            syncs: syncs.load(Relaxed),
            settled: settled.load(Relaxed),
            full: full.load(Relaxed),
            failed: failed.load(Relaxed),
        }
    }

    pub(crate) fn request(&self) {
        self.0.requests.fetch_add(1, Relaxed);
    }

    pub(crate) fn append(&self, bytes: u64) {
        self.0.appends.fetch_add(1, Relaxed);
        self.0.bytes.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn group(&self, changes: u64) {
        self.0.groups.fetch_add(1, Relaxed);
        self.0.largest.fetch_max(changes, Relaxed);
    }

    pub(crate) fn sync(&self) {
        self.0.syncs.fetch_add(1, Relaxed);
    }

    pub(crate) fn settled(&self) {
        self.0.settled.fetch_add(1, Relaxed);
    }

    pub(crate) fn full(&self) {
        self.0.full.fetch_add(1, Relaxed);
    }

    pub(crate) fn failed(&self) {
        self.0.failed.fetch_add(1, Relaxed);
    }
}
