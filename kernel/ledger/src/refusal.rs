//! Why a log is not opened, why a record is not taken, and why writing ended: one enum for each.

use antfarm_identity::{Codec, Digest};
use antfarm_machine::Object;
use core::fmt;

/// A log that is not served: what is wrong, and where. Nothing was changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Refused {
    /// The object in which it was found.
    pub object: Object,
    /// The offset of the first byte of the frame concerned, or of the object's end.
    pub offset: u64,
    /// What is wrong there.
    pub reason: Reason,
}

/// What is wrong with a log that is more than a torn tail.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Reason {
    /// The frame is damaged although the log goes on: the last append is not what a crash cut off.
    Damaged {
        /// Where a frame head is whole again, in the same object; `None` when the log goes on in a later segment, or where
        /// no damage is allowed at all.
        next: Option<u64>,
    },
    /// A whole frame that was written for another place.
    Displaced {
        /// The segment that it was written for; 0 is a checkpoint.
        segment: u32,
        /// The offset that it was written for.
        offset: u32,
    },
    /// A whole frame with a body that this version does not write.
    Layout,
    /// Another version of the format wrote the segment.
    Format {
        /// The version.
        found: u16,
    },
    /// It belongs to another log.
    Foreign {
        /// That log's id.
        log: Digest,
    },
    /// It does not continue the log at this position.
    Position {
        /// The position that should follow.
        expected: u64,
        /// The position that it has.
        found: u64,
    },
    /// It does not name the record before it.
    Chain {
        /// The digest of the record before it.
        expected: Digest,
        /// The digest that it names.
        found: Digest,
    },
    /// A record of the log's own trajectory that does not continue it.
    Trajectory,
    /// The payload is not the one that the header commits to.
    Payload,
    /// The segment is not there although later ones, or a checkpoint, say that it was.
    MissingSegment,
    /// The log ends before a checkpoint that became durable after it.
    EndsBeforeCheckpoint {
        /// Records that the checkpoint covers.
        records: u64,
    },
    /// The log has another history than the checkpoint.
    DisagreesWithCheckpoint {
        /// Records that the checkpoint covers.
        records: u64,
    },
    /// The log does not pass through a head that is known from elsewhere.
    WrongHead {
        /// Records that the head covers.
        records: u64,
    },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, byte {}: {}", self.object, self.offset, self.reason)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { object, end } => write!(f, "somebody else wrote to `{object}`, which ends at byte {end}"),
            Self::Full { object } => write!(f, "there is no room for `{object}` to grow"),
            Self::Failed { object: Some(object) } => write!(f, "the disk failed at `{object}`"),
            Self::Failed { object: None } => f.write_str("the disk could not be listed"),
            Self::Shrunk { object } => write!(f, "`{object}` got shorter while it was read"),
            Self::Exhausted => f.write_str("the log takes no more segments"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { next: Some(next) } => write!(f, "the frame is damaged, and a whole one follows at byte {next}"),
            Self::Damaged { next: None } => f.write_str("the frame is damaged, and this is not the end of the log"),
            Self::Displaced { segment, offset } => write!(f, "the frame belongs to segment {segment}, byte {offset}"),
            Self::Layout => f.write_str("the frame is whole but holds nothing that this version knows"),
            Self::Format { found } => write!(f, "format version {found} is not version {}", crate::FORMAT),
            Self::Foreign { log } => write!(f, "it belongs to log {log}"),
            Self::Position { expected, found } => write!(f, "position {found} does not follow; {expected} would"),
            Self::Chain { expected, found } => write!(f, "it names {found} as the record before it, which is {expected}"),
            Self::Trajectory => f.write_str("it does not continue the log's own trajectory"),
            Self::Payload => f.write_str("the payload is not the one that the header commits to"),
            Self::MissingSegment => f.write_str("the segment is missing"),
            Self::EndsBeforeCheckpoint { records } => write!(f, "the log ends before the checkpoint of {records} records"),
            Self::DisagreesWithCheckpoint { records } => write!(f, "the log disagrees with the checkpoint of {records} records"),
            Self::WrongHead { records } => write!(f, "the log does not pass through the expected head of {records} records"),
        }
    }
}

impl core::error::Error for Refused {}

/// Why writing, or opening, ended. The ledger emits nothing more until it is opened again.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Stop {
    /// An object had another end than expected: somebody else wrote.
    Conflict {
        /// The object.
        object: Object,
        /// Its length.
        end: u64,
    },
    /// There is no room.
    Full {
        /// The object that would have grown.
        object: Object,
    },
    /// The disk failed, and what it did is unknown until the log is read again.
    Failed {
        /// The object concerned; `None` for a listing.
        object: Option<Object>,
    },
    /// An object got shorter while it was read.
    Shrunk {
        /// The object.
        object: Object,
    },
    /// The log has used up its segment numbers, or a segment is longer than any writer makes it.
    Exhausted,
}

/// Why a record was not appended. Nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum AppendRefusal {
    /// The log is not open: never opened, opening, refused or stopped.
    NotOpen,
    /// The payload is longer than [`crate::MAX_PAYLOAD`].
    TooLong {
        /// Its length in bytes.
        length: u64,
    },
    /// As many bytes as are allowed wait to become durable. Come back after a receipt.
    Busy,
    /// The kind, or the trajectory, is the ledger's own.
    Reserved,
    /// The log has used up its segment numbers.
    Exhausted,
}

/// Why a checkpoint was not begun. Nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum CheckpointRefusal {
    /// The log is not open.
    NotOpen,
    /// The state is longer than [`crate::MAX_STATE`], a piece than [`crate::MAX_PIECE`], or all pieces than [`crate::MAX_PIECES`].
    TooLong {
        /// Its length in bytes.
        length: u64,
    },
    /// The one before, or its last piece, is not durable yet.
    Underway,
    /// None was begun, or it was given up.
    NotBegun,
    /// There is one of this very point already.
    Unchanged,
}
