//! Segments and checkpoints: what their objects are called, and the frame that a segment opens with.

use crate::frame::{self, HEAD, Head, Place};
use alloc::format;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest, Reader};
use antfarm_machine::Object;

/// The version of everything inside frames, written into each segment's first frame and each checkpoint.
pub const FORMAT: u16 = 1;

/// Tag of the body of a segment's first frame.
pub(crate) const SEGMENT: u8 = 0;

/// Bytes of a segment's first frame.
pub(crate) const OPENING: usize = HEAD + 1 + 2 + 32 + 8 + 32;

/// How a segment starts: where it continues the log.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub(crate) struct Opening {
    pub(crate) format: u16,
    pub(crate) log: Digest,
    pub(crate) records: u64,
    pub(crate) previous: Digest,
}

impl Opening {
    /// Appends the first frame of `segment` to `out`.
    pub(crate) fn write(&self, out: &mut Vec<u8>, segment: u32) {
        frame::write(out, Place { segment, offset: 0 }, |body| {
            body.push(SEGMENT);
            self.encode(body);
        });
    }

    /// Reads the body of a segment's first frame. The format is for the caller to compare.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let (&tag, rest) = body.split_first()?;
        let mut reader = Reader::new(rest);
        let opening = Self::decode(&mut reader).ok()?;
        reader.finish().ok()?;
        (tag == SEGMENT).then_some(opening)
    }
}

/// The most bytes at the start of a segment that [`opening_log`] looks at.
pub const OPENING_BYTES: usize = OPENING;

/// The log that a segment says it belongs to, from its first [`OPENING_BYTES`] bytes; `None` where they are not a whole first
/// frame. Nothing vouches for it: a [`crate::Verifier`] of that log then checks everything else against it.
pub fn opening_log(segment: &[u8]) -> Option<Digest> {
    let head = Head::recognise(segment).filter(|head| head.extent() <= segment.len())?;
    Opening::parse(head.body(segment)?).map(|opening| opening.log)
}

/// The object that holds the `number`-th segment, counted from 1: `log-00000001`.
pub fn segment_object(number: u32) -> Object {
    Object::new(&format!("log-{number:08}")).expect("letters, a dash and digits")
}

/// The object that holds the checkpoint of the first `records` records: `checkpoint-00000000000000000120`.
pub fn checkpoint_object(records: u64) -> Object {
    Object::new(&format!("checkpoint-{records:020}")).expect("letters, a dash and digits")
}

/// The object that holds the pieces of that checkpoint: `pieces-00000000000000000120`.
pub fn pieces_object(records: u64) -> Object {
    Object::new(&format!("pieces-{records:020}")).expect("letters, a dash and digits")
}

/// The number of the segment that `object` holds; `None` when its name is not a segment's.
pub fn segment_number(object: &Object) -> Option<u32> {
    let number = object.name().strip_prefix("log-")?.parse().ok()?;
    (number > 0 && segment_object(number) == *object).then_some(number)
}

/// How many records the checkpoint in `object` stands for; `None` when its name is not a checkpoint's.
pub fn checkpoint_records(object: &Object) -> Option<u64> {
    let records = object.name().strip_prefix("checkpoint-")?.parse().ok()?;
    (checkpoint_object(records) == *object).then_some(records)
}

/// The records of the checkpoint whose pieces `object` holds; `None` when its name is not such a one.
pub fn pieces_records(object: &Object) -> Option<u64> {
    let records = object.name().strip_prefix("pieces-")?.parse().ok()?;
    (pieces_object(records) == *object).then_some(records)
}
