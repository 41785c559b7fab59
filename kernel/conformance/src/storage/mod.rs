//! What a `Storage` promises.
//!
//! Deliberately not asked: whether an object of length zero is listed (a table that keeps rows cannot), in which order receipts
//! of different objects come, and anything about a full or failing disk.

mod content;
mod crash;
mod desk;
mod order;

use crate::Clause;
use crate::clause::hold_all;
use antfarm_machine::{Receipt, Request};

/// A storage under test, empty at first, with room for 40 MiB.
pub trait StorageRig {
    /// Hands over a request; see [`antfarm_machine::Storage::submit`].
    fn submit(&mut self, request: Request);

    /// The next receipt: waits until there is one. `None` when no receipt is due any more; a rig that cannot know waits for
    /// a moment in which one would have come.
    fn next(&mut self) -> Option<Receipt>;

    /// Ends the process at this very moment, loses whatever is volatile (as much of it as the rig can make go away: at least
    /// all requests without a receipt, at best what was not synced), and opens the same storage again.
    fn crash(&mut self);
}

impl<R: StorageRig + ?Sized> StorageRig for Box<R> {
    fn submit(&mut self, request: Request) {
        (**self).submit(request);
    }
    fn next(&mut self) -> Option<Receipt> {
        (**self).next()
    }
    fn crash(&mut self) {
        (**self).crash();
    }
}

/// Checks every clause, each on a fresh storage. Panics with what does not hold.
#[track_caller]
pub fn storage<R: StorageRig>(rig: impl FnMut() -> R) {
    hold_all("Storage", &storage_clauses(), rig);
}

/// All clauses, for a harness that runs them one by one.
pub fn storage_clauses<R: StorageRig>() -> Vec<Clause<R>> {
    [content::clauses(), order::clauses(), crash::clauses()].into_iter().flatten().collect()
}
