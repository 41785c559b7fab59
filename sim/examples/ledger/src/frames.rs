//! Walking the frames of a segment by the documented format alone.
//!
//! Nothing of the ledger's own code reads here, and [`walk`] verifies nothing: neither checks nor digests. Frames are walked by
//! their lengths. Whoever wants to know whether what was read is right asks the verifier.

use antfarm_identity::{Fold, checksum};
use std::ops::Range;

/// Bytes of a frame before its body, and its first four.
const HEAD: usize = 32;
const MAGIC: &[u8] = b"AFL\x01";

/// Places in the body of a record: its position in the log, its kind, its payload.
const POSITION: Range<usize> = 33..41;
const KIND: Range<usize> = 145..147;
const PAYLOAD: usize = 198;

/// Tags of bodies.
const OPENING: u8 = 0;
const RECORD: u8 = 1;

/// What one frame holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaf<'a> {
    /// The beginning of a segment.
    Opening {
        /// How many records come before it.
        records: u64,
    },
    /// A record.
    Record {
        /// Its position in the log.
        position: u64,
        /// What its payload is.
        kind: u16,
        /// What it says; zeros where it was redacted.
        payload: &'a [u8],
    },
}

/// Hands out each frame of a segment from an offset on, with its place, as far as the segment is a row of frames; where that ends.
pub fn walk<'a>(bytes: &'a [u8], from: u64, take: &mut impl FnMut(Range<u64>, Leaf<'a>)) -> u64 {
    let mut at = from;
    while let Some(body) = usize::try_from(at).ok().and_then(|at| frame(bytes.get(at..)?)) {
        let range = at..at + (HEAD + body.len()) as u64;
        at = range.end;
        if let Some(leaf) = leaf(body) {
            take(range, leaf);
        }
    }
    at
}

/// The body of the frame at the start of `bytes`.
fn frame(bytes: &[u8]) -> Option<&[u8]> {
    let length = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?);
    let end = HEAD.checked_add(usize::try_from(length).ok()?)?;
    bytes.starts_with(MAGIC).then(|| bytes.get(HEAD..end))?
}

/// The first frame of a segment that lies behind whole ones and says that it belongs elsewhere, and is whole in itself: its offset.
/// No torn tail looks like that.
pub(crate) fn displaced(segment: u32, bytes: &[u8]) -> Option<u64> {
    let mut at = 0;
    loop {
        let here = bytes.get(at..)?;
        let body = frame(here)?;
        let number = |range: Range<usize>| Some(u32::from_le_bytes(here.get(range)?.try_into().ok()?));
        let head = word(here.get(16..24))?;
        let mut fold = Fold::new();
        fold.absorb_u64(head);
        fold.absorb(body);
        let is_whole = head == checksum(&here[..16]) && word(here.get(24..HEAD))? == fold.value();
        if !is_whole {
            return None;
        }
        let offset = number(12..16)?;
        if number(8..12)? != segment || usize::try_from(offset) != Ok(at) {
            return u64::try_from(at).ok();
        }
        at += HEAD + body.len();
    }
}

fn leaf(body: &[u8]) -> Option<Leaf<'_>> {
    match *body.first()? {
        OPENING => Some(Leaf::Opening { records: word(body.get(35..43))? }),
        RECORD => {
            let kind = u16::from_le_bytes(body.get(KIND)?.try_into().ok()?);
            Some(Leaf::Record { position: word(body.get(POSITION))?, kind, payload: body.get(PAYLOAD..)? })
        }
        _ => None,
    }
}

fn word(bytes: Option<&[u8]>) -> Option<u64> {
    Some(u64::from_le_bytes(bytes?.try_into().ok()?))
}
