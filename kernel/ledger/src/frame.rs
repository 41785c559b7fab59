//! Frames: how a run of bytes says where it belongs and whether it is whole.
//!
//! Everything in a segment is a frame, and a checkpoint is one frame. The head carries its own check, so that a reader knows
//! a frame's place and extent even when the body is torn; that is what makes "does anything valid follow?" a question with an
//! exact answer. A frame knows nothing of what its body means.

use alloc::vec::Vec;
use antfarm_identity::{Fold, checksum};

/// Bytes of a frame before its body.
pub(crate) const HEAD: usize = 32;

/// The first bytes of a head, which are enough to recognise it.
pub(crate) const MARK: usize = 24;

/// The first four bytes of every frame. The last one is the version of the frame's layout.
const MAGIC: [u8; 4] = *b"AFL\x01";

/// Where a frame says it stands: the segment's number, and the offset of its first byte there. Checkpoints are segment 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Place {
    pub(crate) segment: u32,
    pub(crate) offset: u32,
}

/// A head whose own check held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Head {
    pub(crate) place: Place,
    pub(crate) length: u32,
    mark: u64,
}

impl Head {
    /// Reads the head at the start of `bytes`; `None` when there is none that is whole. Needs [`MARK`] bytes.
    pub(crate) fn recognise(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < MARK || bytes[..4] != MAGIC {
            return None;
        }
        let mark = u64_at(bytes, 16);
        let place = Place { segment: u32_at(bytes, 8), offset: u32_at(bytes, 12) };
        (mark == checksum(&bytes[..16])).then_some(Self { place, length: u32_at(bytes, 4), mark })
    }

    /// Bytes from the head's first to the body's last.
    pub(crate) fn extent(self) -> usize {
        HEAD + self.length as usize
    }

    /// The body of the frame at the start of `bytes`, which hold all of it; `None` when its check does not hold.
    pub(crate) fn body(self, bytes: &[u8]) -> Option<&[u8]> {
        let body = &bytes[HEAD..self.extent()];
        (u64_at(bytes, MARK) == seal(self.mark, body)).then_some(body)
    }
}

/// Appends to `out` a frame that stands at `place`, with the body that `write` appends.
pub(crate) fn write(out: &mut Vec<u8>, place: Place, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD]);
    write(out);
    let (head, body) = out[start..].split_at_mut(HEAD);
    let length = u32::try_from(body.len()).expect("callers bound their bodies far below 4 GiB");
    head[..4].copy_from_slice(&MAGIC);
    head[4..8].copy_from_slice(&length.to_le_bytes());
    head[8..12].copy_from_slice(&place.segment.to_le_bytes());
    head[12..16].copy_from_slice(&place.offset.to_le_bytes());
    let mark = checksum(&head[..16]);
    head[16..24].copy_from_slice(&mark.to_le_bytes());
    head[MARK..].copy_from_slice(&seal(mark, body).to_le_bytes());
}

/// Seals a frame again whose body was changed but kept its length.
pub(crate) fn reseal(frame: &mut [u8]) {
    let (head, body) = frame.split_at_mut(HEAD);
    let check = seal(u64_at(head, 16), body);
    head[MARK..].copy_from_slice(&check.to_le_bytes());
}

/// The offset in `bytes` of the first head that is whole, wherever it says it belongs.
pub(crate) fn find(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(MARK)?;
    (0..=last).find(|&at| bytes[at] == MAGIC[0] && Head::recognise(&bytes[at..]).is_some())
}

/// Binds the body to its head, and so to its place and length.
fn seal(mark: u64, body: &[u8]) -> u64 {
    let mut fold = Fold::new();
    fold.absorb_u64(mark);
    fold.absorb(body);
    fold.value()
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("a slice of four bytes"))
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("a slice of eight bytes"))
}
