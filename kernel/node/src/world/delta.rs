//! What a commit changes in the world, and why the world may refuse it.
//!
//! Rule kept: *one moment*. All operations of a delta speak of the world as it was before the delta, whatever their order; so
//! no key is written twice in one, and a guard on a key that the same delta writes is a guard on what is overwritten.

use super::key::Key;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use antfarm_authority::Bytes;
use antfarm_identity::{Codec, Malformed, Reader, Reason};
use core::fmt;

/// The most operations of one delta.
pub const MAX_OPS: usize = 64;

/// The longest value of one entry, in bytes.
pub const MAX_VALUE: usize = 64 << 10;

/// The longest encoding of a delta, in bytes: half of what a record of the ledger holds.
pub const MAX_DELTA: usize = 128 << 10;

/// What an entry holds. Prints as the number of bytes only.
pub type Value = Bytes<MAX_VALUE>;

/// One operation.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Op {
    /// Puts an entry where none is: never was, or was retracted. Versions go on where the retracted one's ended.
    Create {
        /// Where.
        key: Key,
        /// What.
        value: Value,
    },
    /// Gives a live entry another value.
    Replace {
        /// Which.
        key: Key,
        /// The version that it must have.
        expected_version: u64,
        /// What it shall hold.
        value: Value,
    },
    /// Takes a live entry away. Its key and version stay behind, its value does not.
    Retract {
        /// Which.
        key: Key,
        /// The version that it must have.
        expected_version: u64,
    },
    /// Changes nothing; the delta is refused unless the entry is as its author saw it.
    Expect {
        /// Which.
        key: Key,
        /// What must be there.
        found: Expected,
    },
}

/// What a guard wants to find.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Expected {
    /// No entry: there never was one, or it was retracted.
    Absent,
    /// A live entry of this version.
    Version(u64),
}

impl Op {
    /// The entry that it is about.
    pub fn key(&self) -> &Key {
        match self {
            Self::Create { key, .. } | Self::Replace { key, .. } | Self::Retract { key, .. } | Self::Expect { key, .. } => key,
        }
    }

    /// Whether it changes anything.
    pub fn writes(&self) -> bool {
        match self {
            Self::Create { .. } | Self::Replace { .. } | Self::Retract { .. } => true,
            Self::Expect { .. } => false,
        }
    }
}

/// Operations that are done together or not at all: at most [`MAX_OPS`], [`MAX_DELTA`] bytes as encoded, and one write for
/// each key. None at all is fine.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Delta(Vec<Op>);

impl Delta {
    /// These operations.
    ///
    /// # Errors
    ///
    /// See [`BadDelta`].
    pub fn new(ops: Vec<Op>) -> Result<Self, BadDelta> {
        let mut encoded = Vec::new();
        ops.encode(&mut encoded);
        Self::of_length(ops, encoded.len())
    }

    /// These operations, whose encoding has so many bytes.
    fn of_length(ops: Vec<Op>, length: usize) -> Result<Self, BadDelta> {
        if ops.len() > MAX_OPS {
            return Err(BadDelta::TooMany { ops: ops.len() });
        }
        let mut written = BTreeMap::new();
        for (second, op) in ops.iter().enumerate().filter(|(_, op)| op.writes()) {
            if let Some(first) = written.insert(op.key(), second) {
                return Err(BadDelta::WrittenTwice { first, second });
            }
        }
        if length > MAX_DELTA {
            return Err(BadDelta::TooLong { length });
        }
        Ok(Self(ops))
    }

    /// The operations, in the order in which they were given.
    pub fn ops(&self) -> &[Op] {
        &self.0
    }
}

impl Codec for Delta {
    const KINDS: &'static [&'static str] = &["Delta"];
    const SHORTEST: usize = 4;
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let offset = input.offset();
        let ops = Vec::decode(input)?;
        // One value has one encoding: what was read is what would be written.
        let length = input.offset() - offset;
        Self::of_length(ops, length).map_err(|_| Malformed { offset, reason: Reason::Illegal { what: "Delta" } })
    }
}

/// Why operations are not a delta.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BadDelta {
    /// There are more than [`MAX_OPS`].
    TooMany {
        /// How many.
        ops: usize,
    },
    /// They take more than [`MAX_DELTA`] bytes.
    TooLong {
        /// How many.
        length: usize,
    },
    /// Two write to one key.
    WrittenTwice {
        /// The place of one.
        first: usize,
        /// The place of the other.
        second: usize,
    },
}

impl fmt::Display for BadDelta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { ops } => write!(f, "{ops} operations are more than {MAX_OPS}; split the delta"),
            Self::TooLong { length } => write!(f, "{length} bytes are more than {MAX_DELTA}; split the delta"),
            Self::WrittenTwice { first, second } => {
                write!(f, "operations {first} and {second} write to one key; put them into two deltas")
            }
        }
    }
}

impl core::error::Error for BadDelta {}

/// The world refuses a delta, and is as it was.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct DeltaRefusal {
    /// The place of the first operation that does not fit.
    pub op: u32,
    /// Why not.
    pub unfit: Unfit,
}

/// Why an operation does not fit the world.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Unfit {
    /// There is a live entry.
    Exists {
        /// Its version.
        version: u64,
    },
    /// There never was an entry.
    Missing,
    /// The entry was retracted.
    Retracted {
        /// The version that its retraction has.
        version: u64,
    },
    /// The entry is live and was changed.
    Changed {
        /// The version that it has.
        found: u64,
    },
    /// There is no room for another key.
    Full {
        /// How many keys there may be.
        limit: u64,
    },
    /// There is no version after the one that it has.
    LastVersion,
}

impl fmt::Display for DeltaRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "operation {}: ", self.op)?;
        match self.unfit {
            Unfit::Exists { version } => write!(f, "the entry exists, in version {version}"),
            Unfit::Missing => f.write_str("there is no such entry"),
            Unfit::Retracted { version } => write!(f, "the entry was retracted in version {version}; create it again"),
            Unfit::Changed { found } => write!(f, "the entry has version {found} by now; read it again"),
            Unfit::Full { limit } => write!(f, "the world holds no more than {limit} keys"),
            Unfit::LastVersion => f.write_str("the entry can change no more"),
        }
    }
}

impl core::error::Error for DeltaRefusal {}
