//! What lies under a key, and the fingerprint that the world keeps of it.

use super::delta::Value;
use super::key::Key;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest, Domain};

const ENTRY: Domain = Domain::new("antfarm 2026 node world entry");

/// An entry of the world, or what is left of one that was retracted.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Entry {
    version: u64,
    at: u64,
    value: Option<Value>,
}

impl Entry {
    pub(super) fn new(version: u64, at: u64, value: Option<Value>) -> Self {
        assert!(version > 0, "versions count from 1");
        Self { version, at, value }
    }

    /// How often it was written: 1 once created; each replacement, retraction and re-creation adds one.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The position in the log of the commit that last wrote it.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// What it holds; nothing if it was retracted.
    pub fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    /// Whether it was not retracted.
    pub fn is_live(&self) -> bool {
        self.value.is_some()
    }
}

/// Takes fingerprints: the first 128 bits of a digest, in a domain of their own, of key and entry as a checkpoint holds them. Holds
/// a buffer for their bytes.
#[derive(Default)]
pub(super) struct Prints(Vec<u8>);

impl Prints {
    pub(super) fn of(&mut self, key: &Key, entry: &Entry) -> u128 {
        let Self(encoded) = self;
        encoded.clear();
        key.encode(encoded);
        entry.encode(encoded);
        let digest = Digest::of(ENTRY, encoded);
        let (halves, _) = digest.as_bytes().as_chunks::<16>();
        u128::from_le_bytes(halves[0])
    }
}
