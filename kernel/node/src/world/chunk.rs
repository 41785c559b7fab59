//! The whole world as bytes, in pieces that fit a record each.
//!
//! A piece is a list of keys and entries in ascending order, as many as fit. So a world has one encoding, and whoever has a
//! clone of it and the last key of a piece can make the next, whenever that suits.

use super::entry::{Entry, Prints};
use super::key::{Key, Within};
use super::{WorldMark, WorldState};
use alloc::vec::Vec;
use antfarm_identity::{Codec, Malformed, from_bytes};
use core::fmt;

/// The longest piece, in bytes: half of what a record of the ledger holds.
pub const MAX_CHUNK: usize = 128 << 10;

/// The bytes of the number in front of a list.
const COUNT: usize = 4;

impl WorldState {
    /// The piece that follows the key `after`, or the first, and the last key in it. Nothing when nothing follows.
    pub fn chunk(&self, after: Option<&Key>) -> Option<(Vec<u8>, Key)> {
        let mut bytes = Vec::from([0; COUNT]);
        let mut count = 0_u32;
        let mut last = None;
        for (key, entry) in self.scan(&Within::ALL, after) {
            let end = bytes.len();
            key.encode(&mut bytes);
            entry.encode(&mut bytes);
            if bytes.len() > MAX_CHUNK {
                bytes.truncate(end);
                break;
            }
            count += 1;
            last = Some(key);
        }
        bytes[..COUNT].copy_from_slice(&count.to_le_bytes());
        last.map(|last| (bytes, last.clone()))
    }

    /// All pieces, in order. Each is at most [`MAX_CHUNK`] bytes; the empty world has none.
    pub fn chunks(&self) -> impl Iterator<Item = Vec<u8>> + use<'_> {
        let mut after = None;
        core::iter::from_fn(move || {
            let (bytes, last) = self.chunk(after.as_ref())?;
            after = Some(last);
            Some(bytes)
        })
    }
}

/// Makes a world of its pieces.
///
/// ```
/// use antfarm_node::{MAX_ENTRIES, WorldBuilder, WorldState};
/// let world = WorldState::new();
/// let mut builder = WorldBuilder::new(MAX_ENTRIES);
/// for chunk in world.chunks() {
///     builder.take(&chunk)?;
/// }
/// assert_eq!(builder.finish(world.mark())?, world);
/// # Ok::<(), antfarm_node::BadChunk>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct WorldBuilder {
    world: WorldState,
    last: Option<Key>,
    /// Bytes of the last piece.
    filled: usize,
}

impl WorldBuilder {
    /// Ready for the first piece of a world with room for `room` keys. Panics when that is more than [`super::MAX_ENTRIES`].
    pub fn new(room: u64) -> Self {
        Self { world: WorldState::with_room(room), last: None, filled: MAX_CHUNK }
    }

    /// Takes the next piece. After an error the builder is spent: what it holds is a part of no world.
    ///
    /// # Errors
    ///
    /// When it is not what [`WorldState::chunk`] makes after the pieces before.
    pub fn take(&mut self, chunk: &[u8]) -> Result<(), BadChunk> {
        if chunk.len() > MAX_CHUNK {
            return Err(BadChunk::TooLong { length: chunk.len() });
        }
        let entries: Vec<(Key, Entry)> = from_bytes(chunk).map_err(BadChunk::Malformed)?;
        let (first, rest) = entries.split_first().ok_or(BadChunk::Empty)?;
        let mut encoded = Vec::new();
        first.encode(&mut encoded);
        if self.filled + encoded.len() <= MAX_CHUNK {
            return Err(BadChunk::Short);
        }
        self.filled = chunk.len();
        let mut prints = Prints::default();
        for (key, entry) in core::iter::once(first).chain(rest) {
            if self.last.as_ref().is_some_and(|last| last >= key) {
                return Err(BadChunk::Order);
            }
            if entry.version() == 0 {
                return Err(BadChunk::Version);
            }
            if self.world.mark.keys >= self.world.room {
                return Err(BadChunk::Full { limit: self.world.room });
            }
            self.world.put(key, entry.clone(), &mut prints);
            self.last = Some(key.clone());
        }
        Ok(())
    }

    /// The world, which must have this mark.
    ///
    /// # Errors
    ///
    /// [`BadChunk::Mark`] when it has another: pieces are missing or altered.
    pub fn finish(self, mark: WorldMark) -> Result<WorldState, BadChunk> {
        if self.world.mark == mark { Ok(self.world) } else { Err(BadChunk::Mark { found: self.world.mark }) }
    }
}

/// Why pieces are not a world.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BadChunk {
    /// It has more than [`MAX_CHUNK`] bytes.
    TooLong {
        /// How many.
        length: usize,
    },
    /// It is no list of keys and entries.
    Malformed(Malformed),
    /// It holds no entry.
    Empty,
    /// Its first entry would have fitted into the piece before.
    Short,
    /// A key does not come after the one before.
    Order,
    /// An entry has no version.
    Version,
    /// There are too many keys.
    Full {
        /// How many there may be.
        limit: u64,
    },
    /// All pieces together are not the world that was meant.
    Mark {
        /// What they are.
        found: WorldMark,
    },
}

impl fmt::Display for BadChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { length } => write!(f, "{length} bytes are more than {MAX_CHUNK}"),
            Self::Malformed(malformed) => write!(f, "{malformed}"),
            Self::Empty => f.write_str("a piece of a world holds at least one entry"),
            Self::Short => f.write_str("the first entry belongs into the piece before"),
            Self::Order => f.write_str("a key does not come after the one before"),
            Self::Version => f.write_str("an entry has version 0"),
            Self::Full { limit } => write!(f, "the world holds no more than {limit} keys"),
            Self::Mark { found } => write!(f, "the pieces make a world of {} keys, but not the one that was meant", found.keys),
        }
    }
}

impl core::error::Error for BadChunk {}
