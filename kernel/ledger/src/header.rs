//! Headers: the only thing that chain and Merkle tree commit to.
//!
//! A header has a fixed layout (the canonical codec's encoding of its fields in order) and is hashed as stored. The payload
//! is present by a salted digest only, so that it can be redacted without touching any proof.

use antfarm_identity::{Codec, Digest};

/// Bytes of a stored header.
pub const HEADER: usize = 180;

/// The kind of a record with which the ledger itself notes that it was opened. Its trajectory is the log's own.
pub const OPENED: u16 = 0;

/// What a record commits to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Header {
    /// The log that this record belongs to.
    pub log: Digest,
    /// How many records of the log come before it.
    pub position: u64,
    /// The digest of the record before it; the log's id for the first.
    pub previous: Digest,
    /// Its place in a trajectory.
    pub link: Link,
    /// What the payload is; [`OPENED`] is the ledger's, every other number the user's.
    pub kind: u16,
    /// Under which version of the payload's format it was written.
    pub version: u16,
    /// The digest of salt and payload.
    pub payload: Digest,
}

/// A place in a trajectory: one of the many chains that run through a log, each dense and in order.
///
/// Whoever owns the trajectory keeps its next link; see [`Link::next`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Link {
    /// Which trajectory.
    pub trajectory: Digest,
    /// How many records of the trajectory come before.
    pub position: u64,
    /// The digest of the trajectory's record before; its id for the first.
    pub previous: Digest,
}

impl Link {
    /// The first place of `trajectory`.
    pub const fn first(trajectory: Digest) -> Self {
        Self { trajectory, position: 0, previous: trajectory }
    }

    /// The place after the record with this link and `digest`. Positions saturate.
    #[must_use]
    pub const fn next(self, digest: Digest) -> Self {
        Self { trajectory: self.trajectory, position: self.position.saturating_add(1), previous: digest }
    }
}
