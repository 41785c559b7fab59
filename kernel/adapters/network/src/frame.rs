//! How messages lie in a stream: each with its length before it.
//!
//! A frame is a `u32`, little-endian, the number of bytes that follow it; a byte for its kind; and its content. Kind 0 is a
//! message, in its canonical encoding; 1 is a beat, which says that the sender is alive; 2 is the welcome, the first frame
//! from who accepted a connection. Beats and welcomes have no content.
//!
//! Rule kept: *a claimed length pays for nothing*. It is held against the limit before anything else, and memory grows with
//! the bytes that arrived.

use std::fmt;

/// The bytes of a frame before its content.
pub(crate) const HEAD: usize = 5;
const LENGTH: usize = 4;
const MESSAGE: u8 = 0;
const BEAT: u8 = 1;
const WELCOME: u8 = 2;

/// How many bytes are asked of a stream at a time.
const CHUNK: usize = 64 << 10;

/// One frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Frame<'a> {
    /// The encoding of a message.
    Message(&'a [u8]),
    /// The sender is alive.
    Beat,
    /// The accepting side knows who dialled, and reads.
    Welcome,
}

/// Why a stream is no sequence of frames.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BadFrame {
    /// A frame claims more bytes than a message may have.
    TooLong {
        /// How many bytes it claims to have after its length.
        claimed: u32,
    },
    /// A frame has no kind, an unknown one, or content where there is none.
    Kind,
}

impl fmt::Display for BadFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { claimed } => write!(f, "a frame claims {claimed} bytes, more than a message may have"),
            Self::Kind => f.write_str("a frame is of no known kind"),
        }
    }
}

impl std::error::Error for BadFrame {}

/// Appends a frame to `out`. Its content is at most `u32::MAX - 1` bytes long; the queue refuses longer messages before.
pub(crate) fn write(frame: Frame<'_>, out: &mut Vec<u8>) {
    let (kind, content): (u8, &[u8]) = match frame {
        Frame::Message(bytes) => (MESSAGE, bytes),
        Frame::Beat => (BEAT, &[]),
        Frame::Welcome => (WELCOME, &[]),
    };
    let length = u32::try_from(1 + content.len()).expect("messages are shorter than 4 GiB");
    out.extend_from_slice(&length.to_le_bytes());
    out.push(kind);
    out.extend_from_slice(content);
}

/// The length of the whole first frame of `bytes`, which are frames that this crate wrote.
pub(crate) fn first_length(bytes: &[u8]) -> usize {
    let (length, _) = bytes.split_first_chunk().expect("a queue holds whole frames");
    LENGTH + u32::from_le_bytes(*length) as usize
}

/// Bytes as they arrive, taken apart into frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frames {
    bytes: Vec<u8>,
    /// Where the first frame that was not taken begins.
    start: usize,
    longest: usize,
}

impl Frames {
    /// Nothing yet. No message is longer than `longest` bytes.
    pub fn new(longest: usize) -> Self {
        Self { bytes: Vec::new(), start: 0, longest }
    }

    /// Adds what arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.discard();
        self.bytes.extend_from_slice(bytes);
    }

    /// Where to append what arrives: room for a chunk, behind what is not taken yet.
    pub(crate) fn space(&mut self) -> &mut Vec<u8> {
        self.discard();
        if self.bytes.is_empty() {
            // After a long message: memory goes back to what short ones take.
            self.bytes.shrink_to(CHUNK);
        }
        self.bytes.reserve(CHUNK);
        &mut self.bytes
    }

    fn discard(&mut self) {
        self.bytes.drain(..self.start);
        self.start = 0;
    }

    /// The next frame, if all of it has arrived.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the stream; nothing after that can be trusted.
    pub fn take(&mut self) -> Result<Option<Frame<'_>>, BadFrame> {
        let Some((length, rest)) = self.bytes[self.start..].split_first_chunk() else { return Ok(None) };
        let claimed = u32::from_le_bytes(*length);
        if claimed as usize > 1 + self.longest {
            return Err(BadFrame::TooLong { claimed });
        }
        let Some(body) = rest.get(..claimed as usize) else { return Ok(None) };
        self.start += LENGTH + body.len();
        match body.split_first() {
            Some((&MESSAGE, content)) => Ok(Some(Frame::Message(content))),
            Some((&BEAT, [])) => Ok(Some(Frame::Beat)),
            Some((&WELCOME, [])) => Ok(Some(Frame::Welcome)),
            Some(_) | None => Err(BadFrame::Kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(frames: &[Frame<'_>]) -> Vec<u8> {
        let mut out = Vec::new();
        frames.iter().for_each(|frame| write(*frame, &mut out));
        out
    }

    /// Frames out of `bytes`, which arrive `step` at a time; and what ended them.
    fn read(bytes: &[u8], step: usize) -> (Vec<Vec<u8>>, Option<BadFrame>) {
        let mut frames = Frames::new(100);
        let mut found = Vec::new();
        for part in bytes.chunks(step) {
            frames.push(part);
            loop {
                match frames.take() {
                    Ok(Some(frame)) => found.push(written(&[frame])),
                    Ok(None) => break,
                    Err(bad) => return (found, Some(bad)),
                }
            }
        }
        (found, None)
    }

    #[test]
    fn frames_come_out_as_they_went_in_however_the_stream_is_cut() {
        let long = [7; 100];
        let all = [Frame::Welcome, Frame::Message(b""), Frame::Beat, Frame::Message(&long), Frame::Message(b"x"), Frame::Beat];
        let bytes = written(&all);
        assert_eq!(bytes[..10], [1, 0, 0, 0, 2, 1, 0, 0, 0, 0], "the layout is part of the protocol");
        let each: Vec<Vec<u8>> = all.iter().map(|frame| written(&[*frame])).collect();
        for step in 1..=bytes.len() {
            assert_eq!(read(&bytes, step), (each.clone(), None), "{step} at a time");
        }
    }

    #[test]
    fn what_is_no_frame_is_refused_before_it_has_arrived() {
        let check = |bytes: &[u8], expected| assert_eq!(read(bytes, 1).1, Some(expected), "{bytes:?}");
        check(&102u32.to_le_bytes(), BadFrame::TooLong { claimed: 102 });
        check(&u32::MAX.to_le_bytes(), BadFrame::TooLong { claimed: u32::MAX });
        check(&[0, 0, 0, 0], BadFrame::Kind);
        check(&[1, 0, 0, 0, 3], BadFrame::Kind);
        check(&[2, 0, 0, 0, 1, 0], BadFrame::Kind);
        check(&[2, 0, 0, 0, 2, 0], BadFrame::Kind);
        assert_eq!(read(&101u32.to_le_bytes(), 1).1, None, "the longest message may still come");
    }
}
