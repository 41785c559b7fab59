//! A folder of a test's own, and requests in few words.

use antfarm_files::{Disk, Store};
use antfarm_machine::{Object, Operation, Outcome, Request, Ticket};
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A fresh folder, removed when it is dropped.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("antfarm-files-{}-{nth}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("it is there");
    }
}

pub(crate) fn object(name: &str) -> Object {
    Object::new(name).expect("a legal name")
}

pub(crate) fn append(name: &str, expected_end: u64, bytes: &[u8]) -> Operation {
    Operation::AppendAt { object: object(name), expected_end, bytes: bytes.to_vec() }
}

pub(crate) fn read(name: &str) -> Operation {
    Operation::Read { object: object(name), range: 0..u64::MAX }
}

pub(crate) fn truncate(name: &str, length: u64) -> Operation {
    Operation::Truncate { object: object(name), length }
}

pub(crate) fn remove(name: &str) -> Operation {
    Operation::Remove { object: object(name) }
}

/// Has a store perform operations, all waiting at once; the outcomes.
pub(crate) fn ask<D: Disk>(store: &mut Store<D>, operations: impl IntoIterator<Item = Operation>) -> Vec<Outcome> {
    let request = |(nth, operation)| Request { ticket: Ticket(nth), operation };
    let mut requests: VecDeque<Request> = (0..).zip(operations).map(request).collect();
    let count = requests.len() as u64;
    let mut outcomes = Vec::new();
    store.perform(&mut requests, |receipt| {
        assert_eq!(receipt.ticket, Ticket(outcomes.len() as u64), "receipts come in the order of the requests");
        outcomes.push(receipt.outcome);
    });
    assert_eq!(outcomes.len() as u64, count, "each request has one receipt");
    outcomes
}
