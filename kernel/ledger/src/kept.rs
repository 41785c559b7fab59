//! What a [`crate::Keeper`] folds its log into: how much it holds, what it holds, and what it took lately.

use crate::header::Link;
use crate::projection::Projection;
use crate::record::Record;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest, Domain, Fold, from_bytes, to_bytes};

/// How many ids are remembered; of these the least is forgotten first, and whatever is not above it is refused from then on.
pub const WINDOW: usize = 64;

/// The kind of the record of a put.
pub(crate) const PUT: u16 = 1;

const TRAJECTORY: Domain = Domain::new("antfarm 2026 ledger keeper trajectory");

/// What a put is recorded as.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub(crate) struct Put {
    pub(crate) id: u64,
    pub(crate) bytes: Vec<u8>,
}

/// The folded state of a keeper.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Kept {
    /// Puts that were recorded.
    pub count: u64,
    /// A checksum of all of them in order, those that were redacted left out.
    pub contents: Fold,
    /// Ids of the puts that are remembered, and the positions of their records.
    pub window: BTreeMap<u64, u64>,
    /// The greatest id that was forgotten.
    pub floor: Option<u64>,
    /// Where the next put stands in the keeper's trajectory.
    pub(crate) next: Link,
}

/// What is known of an id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Known {
    New,
    At(u64),
    Forgotten,
}

impl Kept {
    pub(crate) fn new(log: Digest) -> Self {
        let next = Link::first(Digest::of(TRAJECTORY, log.as_bytes()));
        Self { count: 0, contents: Fold::new(), window: BTreeMap::new(), floor: None, next }
    }

    pub(crate) fn known(&self, id: u64) -> Known {
        match self.window.get(&id) {
            Some(position) => Known::At(*position),
            None if self.floor.is_some_and(|floor| id <= floor) => Known::Forgotten,
            None => Known::New,
        }
    }

    fn remember(&mut self, id: u64, position: u64) {
        self.window.insert(id, position);
        if self.window.len() > WINDOW {
            let least = self.window.pop_first().map(|(id, _)| id);
            self.floor = self.floor.max(least);
        }
        assert!(self.window.len() <= WINDOW, "the window is bounded");
    }
}

impl Projection for Kept {
    fn reset(&mut self) {
        let first = Link::first(self.next.trajectory);
        *self = Self { count: 0, contents: Fold::new(), window: BTreeMap::new(), floor: None, next: first };
    }

    fn restore(&mut self, state: &[u8]) -> bool {
        match from_bytes::<Self>(state) {
            Ok(kept) if kept.next.trajectory == self.next.trajectory && kept.window.len() <= WINDOW => {
                *self = kept;
                true
            }
            Ok(_) | Err(_) => false,
        }
    }

    fn fold(&mut self, record: &Record<'_>) {
        if record.header.kind != PUT {
            return;
        }
        self.next = record.header.link.next(record.digest);
        self.count += 1;
        // A redacted put is counted; what it said, also its id, is gone.
        if let Some(put) = record.payload.bytes().and_then(|bytes| from_bytes::<Put>(bytes).ok()) {
            self.contents.absorb(&to_bytes(&put));
            self.remember(put.id, record.header.position);
        }
    }
}
