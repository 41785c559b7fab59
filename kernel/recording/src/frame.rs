//! Frames: what is written is read as it was written, at its own place, or not at all.

use alloc::vec::Vec;
use antfarm_identity::Fold;

/// The longest payload in bytes. A step that is longer is not recorded, and ends the recording.
pub const MAX_FRAME: usize = 64 << 20;

/// The first bytes of every recording.
pub(crate) const MAGIC: [u8; 8] = *b"antfarm>";

/// Whether bytes begin as a recording does; eight are enough.
pub fn is_recording(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Appends the frame with this number.
pub(crate) fn write(number: u64, payload: &[u8], out: &mut Vec<u8>) {
    assert!(payload.len() <= MAX_FRAME, "a frame of {} bytes would not be read again", payload.len());
    let length = u32::try_from(payload.len()).expect("MAX_FRAME is less");
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&check(number, payload).to_le_bytes());
    out.extend_from_slice(payload);
}

/// What stands at the front of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Front<'a> {
    /// A frame, and what follows.
    Frame { payload: &'a [u8], rest: &'a [u8] },
    /// Nothing more.
    End,
    /// Part of a frame.
    Cut,
    /// Bytes that are not the frame with this number.
    Damaged,
}

/// Reads the frame with this number from the front of `bytes`.
pub(crate) fn read(number: u64, bytes: &[u8]) -> Front<'_> {
    if bytes.is_empty() {
        return Front::End;
    }
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return Front::Cut };
    let Some((checksum, rest)) = rest.split_first_chunk::<8>() else { return Front::Cut };
    let length = u32::from_le_bytes(*length) as usize;
    if length > MAX_FRAME {
        return Front::Damaged;
    }
    let Some((payload, rest)) = rest.split_at_checked(length) else { return Front::Cut };
    match check(number, payload) == u64::from_le_bytes(*checksum) {
        true => Front::Frame { payload, rest },
        false => Front::Damaged,
    }
}

fn check(number: u64, payload: &[u8]) -> u64 {
    let mut fold = Fold::new();
    fold.absorb_u64(number);
    fold.absorb(payload);
    fold.value()
}
