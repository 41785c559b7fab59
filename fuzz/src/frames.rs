//! Target `frames`: bytes as they arrive over a connection, taken apart into frames.
//!
//! The first byte says how long a message may be, the second in which pieces the rest arrives. Held, against a reader that is written
//! out once more here from the protocol's layout:
//!
//! - However the bytes are cut, the same frames come out, and then the same refusal or the same wait for more.
//! - A frame that is longer than a message may be is refused when its length is known, not when it has arrived.
//! - The frames that came out, written down again, are the bytes that they came from.

use crate::Met;
use antfarm_network::{BadFrame, Frame, Frames};

/// Frames that were taken, each written down again, and what came then.
type Taken = (Vec<Vec<u8>>, Option<BadFrame>);

/// Takes frames out of bytes.
///
/// Panics when a guarantee of the frames is broken.
pub fn frames(input: &[u8]) -> Met {
    let [longest, piece, bytes @ ..] = input else { return Met::Refused };
    let longest = usize::from(*longest) * 4;
    let expected = model(bytes, longest);
    for piece in [bytes.len().max(1), usize::from(*piece).max(1), 1] {
        assert_eq!(taken(bytes, piece, longest), expected, "{piece} bytes at a time");
    }
    let written = expected.0.concat();
    assert_eq!(bytes[..written.len()], written, "frames are not what they came from");
    if expected.0.is_empty() { Met::Refused } else { Met::Taken }
}

fn taken(bytes: &[u8], piece: usize, longest: usize) -> Taken {
    let mut frames = Frames::new(longest);
    let mut found = Vec::new();
    for part in bytes.chunks(piece) {
        frames.push(part);
        loop {
            match frames.take() {
                Ok(Some(frame)) => found.push(written(frame)),
                Ok(None) => break,
                Err(bad) => {
                    assert!(!bad.to_string().is_empty(), "{bad:?} says nothing");
                    return (found, Some(bad));
                }
            }
        }
    }
    (found, None)
}

/// A frame's bytes: its length, its kind, its content.
pub(crate) fn written(frame: Frame<'_>) -> Vec<u8> {
    let (kind, content) = match frame {
        Frame::Message(content) => (0, content),
        Frame::Beat => (1, &[][..]),
        Frame::Welcome => (2, &[][..]),
    };
    let length = u32::try_from(content.len() + 1).expect("a short frame");
    [&length.to_le_bytes()[..], &[kind], content].concat()
}

fn model(bytes: &[u8], longest: usize) -> Taken {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some((length, behind)) = rest.split_first_chunk() {
        let claimed = u32::from_le_bytes(*length);
        let length = claimed as usize;
        if length > longest + 1 {
            return (found, Some(BadFrame::TooLong { claimed }));
        }
        if behind.len() < length {
            break;
        }
        let known = match behind[..length] {
            [0, ..] | [1] | [2] => true,
            [] | [_, ..] => false,
        };
        if !known {
            return (found, Some(BadFrame::Kind));
        }
        found.push(rest[..4 + length].to_vec());
        rest = &behind[length..];
    }
    (found, None)
}
