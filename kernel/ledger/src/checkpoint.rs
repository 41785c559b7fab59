//! Checkpoints: a folded state and the point of the log that it stands for.
//!
//! A checkpoint is one frame in an object of its own. It becomes durable only after every record that it covers, so a log that
//! ends before a valid checkpoint has lost records. It is trusted as far as the disk is, unless its projection knows better: see
//! [`crate::Seal`]. A state that is too large for one frame, or for one step, lies in pieces in a second object: see `pieces.rs`.

use crate::frame::{self, Head, Place};
use crate::pieces::Point;
use crate::segment::FORMAT;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest, Reader};

/// The largest state that a checkpoint holds beside its pieces, in bytes.
pub const MAX_STATE: usize = 8 << 20;

/// The largest checkpoint, in bytes: the state and what stands before it, generously.
pub(crate) const MAX_CHECKPOINT: u64 = (MAX_STATE as u64) + 4096;

/// Tag of a checkpoint's body.
const CHECKPOINT: u8 = 3;

/// Where a checkpoint's frame stands: in no segment.
const PLACE: Place = Place { segment: 0, offset: 0 };

/// The point of the log that a checkpoint stands for, and where reading goes on from it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub(crate) struct Anchor {
    pub(crate) format: u16,
    pub(crate) point: Point,
    /// The segment that the last record before it is in, and the offset behind that record.
    pub(crate) segment: u32,
    pub(crate) offset: u32,
    /// The length of the object that holds its pieces; 0 for none.
    pub(crate) pieces: u64,
}

/// Why a checkpoint was not used.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum BadCheckpoint {
    /// It is torn or altered: one whose append a crash cut off is the ordinary case.
    Damaged,
    /// It is longer than any that this version writes.
    Oversize,
    /// Another version of the format wrote it.
    Format {
        /// The version.
        found: u16,
    },
    /// It belongs to another log, or to another point than its name says.
    Misplaced,
    /// The projection did not take the state.
    State,
    /// No record of the log vouches for it: what it was written for came to an end before that.
    Unbound,
}

/// The bytes of the object that holds the checkpoint of `state` at `anchor`.
pub(crate) fn write(anchor: &Anchor, state: &[u8]) -> Vec<u8> {
    assert!(state.len() <= MAX_STATE, "callers refuse larger states");
    let mut bytes = Vec::new();
    frame::write(&mut bytes, PLACE, |body| {
        body.push(CHECKPOINT);
        anchor.encode(body);
        body.extend_from_slice(state);
    });
    debug_assert!(bytes.len() as u64 <= MAX_CHECKPOINT, "an anchor takes less than the room left for it");
    bytes
}

/// Reads the object whose name promises the checkpoint of `records` records of `log`.
pub(crate) fn parse(bytes: &[u8], log: Digest, records: u64) -> Result<(Anchor, &[u8]), BadCheckpoint> {
    let head = Head::recognise(bytes).ok_or(BadCheckpoint::Damaged)?;
    if head.extent() != bytes.len() {
        return Err(BadCheckpoint::Damaged);
    }
    let body = head.body(bytes).ok_or(BadCheckpoint::Damaged)?;
    if head.place != PLACE {
        return Err(BadCheckpoint::Misplaced);
    }
    let (&tag, rest) = body.split_first().ok_or(BadCheckpoint::Damaged)?;
    let mut reader = Reader::new(rest);
    let format = u16::decode(&mut reader).map_err(|_| BadCheckpoint::Damaged)?;
    if tag != CHECKPOINT || format != FORMAT {
        return Err(BadCheckpoint::Format { found: format });
    }
    let mut reader = Reader::new(rest);
    let anchor = Anchor::decode(&mut reader).map_err(|_| BadCheckpoint::Damaged)?;
    if anchor.point.log != log || anchor.point.records != records || !anchor.point.is_sound() {
        return Err(BadCheckpoint::Misplaced);
    }
    let at = reader.offset();
    Ok((anchor, &rest[at..]))
}
