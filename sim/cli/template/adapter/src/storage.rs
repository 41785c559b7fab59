//! Where bytes are kept: objects that have a name and grow at the end.

use antfarm_machine::{Operation, Outcome, Receipt, Request, Storage};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Objects below one path.
pub struct SkeletonStorage {
    home: PathBuf,
    on_receipt: Box<dyn FnMut(Receipt) + Send>,
}

impl SkeletonStorage {
    /// Opens what is at `home`; `on_receipt` hears what became of each request, from whatever thread.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being opened; that somebody else writes there is one of it.
    pub fn open(home: &Path, on_receipt: impl FnMut(Receipt) + Send + 'static) -> io::Result<Self> {
        Ok(Self { home: home.to_owned(), on_receipt: Box::new(on_receipt) })
    }

    /// Where it is.
    pub fn home(&self) -> &Path {
        &self.home
    }
}

impl Storage for SkeletonStorage {
    fn submit(&mut self, Request { ticket, operation }: Request) {
        // A storage that waits for anything hands the request to a thread or a task here: nobody may wait for `submit`.
        let outcome = match operation {
            // `Listed`: name and length of each object.
            Operation::List => Outcome::Failed,
            // `Data`: the bytes of that range, as far as there are any.
            Operation::Read { object: _, range: _ } => Outcome::Failed,
            // `Done` when the bytes are durable, also against a power cut: a file's folder is synced too. `Conflict` with the object's
            // length where that is not `expected_end`; `Full` where there is no room, and then nothing was changed.
            Operation::AppendAt { object: _, expected_end: _, bytes: _ } => Outcome::Failed,
            // `Done` when it is durably no longer than that.
            Operation::Truncate { object: _, length: _ } => Outcome::Failed,
            // `Done` when it is durably gone.
            Operation::Remove { object: _ } => Outcome::Failed,
        };
        (self.on_receipt)(Receipt { ticket, outcome });
    }
}

impl fmt::Debug for SkeletonStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkeletonStorage").field("home", &self.home).finish_non_exhaustive()
    }
}
