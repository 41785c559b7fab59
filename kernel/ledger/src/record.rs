//! Records: a header and, beside it, a payload that may have been redacted.

use crate::hash;
use crate::header::{HEADER, Header, Link};
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest, Reader, Salt};

/// The longest payload of a record, in bytes. What is larger is kept elsewhere and recorded by its digest.
pub const MAX_PAYLOAD: usize = 256 << 10;

/// Bytes of a record's body before its payload: tag, header, state, salt.
pub(crate) const BEFORE_PAYLOAD: usize = 1 + HEADER + 1 + SALT;

/// Tag of a record's body.
pub(crate) const RECORD: u8 = 1;

const SALT: usize = 16;
const STATE: usize = 1 + HEADER;
const KEPT: u8 = 0;
const REDACTED: u8 = 1;

/// One record as it was read, borrowed from the bytes that hold it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Record<'a> {
    /// What chain and tree commit to.
    pub header: Header,
    /// The digest of the stored header: what the next record's header names as `previous`.
    pub digest: Digest,
    /// What it says.
    pub payload: Payload<'a>,
}

/// What a record says, as far as it may still be read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Payload<'a> {
    /// The bytes; their digest was compared with the header's.
    Kept(&'a [u8]),
    /// They were replaced by zeros, and their salt too, so that a guess cannot be tested against the header.
    Redacted {
        /// How many there were.
        length: usize,
    },
}

impl<'a> Payload<'a> {
    /// The bytes, unless they were redacted.
    pub const fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Kept(bytes) => Some(bytes),
            Self::Redacted { .. } => None,
        }
    }
}

/// A record that somebody wants appended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Draft<'a> {
    /// Its place in a trajectory, kept by whoever owns that trajectory. Not the log's own, whose id is the log's.
    pub link: Link,
    /// What the payload is; not [`crate::OPENED`].
    pub kind: u16,
    /// Under which version of the payload's format it is written.
    pub version: u16,
    /// What it says; at most [`MAX_PAYLOAD`] bytes.
    pub payload: &'a [u8],
}

/// Why the body of a whole frame is not a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BadBody {
    /// Tag, state or length are none that this version writes.
    Layout,
    /// The payload is not the one that the header commits to.
    Payload,
}

impl<'a> Record<'a> {
    /// Appends the body of a record to `out` and returns the record as [`Record::parse`] would.
    pub(crate) fn write(out: &mut Vec<u8>, header: Header, salt: Salt, payload: &'a [u8]) -> Self {
        let start = out.len();
        out.push(RECORD);
        // The payload's digest is known once salt and payload stand in the buffer; the header is written around that.
        out.extend_from_slice(&[0; HEADER]);
        out.push(KEPT);
        out.extend_from_slice(&salt.0);
        out.extend_from_slice(payload);
        let header = Header { payload: hash::payload(&out[start + STATE + 1..]), ..header };
        let stored = header.stored();
        out[start + 1..start + STATE].copy_from_slice(&stored);
        Self { header, digest: hash::header(&stored), payload: Payload::Kept(payload) }
    }

    /// Reads a body and checks that the payload is the one that the header commits to.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, BadBody> {
        if body.len() < BEFORE_PAYLOAD || body[0] != RECORD {
            return Err(BadBody::Layout);
        }
        let stored: &[u8; HEADER] = body[1..STATE].try_into().expect("a slice of a header's length");
        let header = Header::parse(stored).ok_or(BadBody::Layout)?;
        let salted = &body[STATE + 1..];
        let payload = match body[STATE] {
            KEPT if hash::payload(salted) == header.payload => Payload::Kept(&salted[SALT..]),
            KEPT => return Err(BadBody::Payload),
            REDACTED if salted.iter().all(|&byte| byte == 0) => Payload::Redacted { length: salted.len() - SALT },
            _ => return Err(BadBody::Layout),
        };
        Ok(Self { header, digest: hash::header(stored), payload })
    }
}

/// Turns the body of a record into that of the same record without its payload. The length stays.
pub(crate) fn redact(body: &mut [u8]) {
    assert!(body.len() >= BEFORE_PAYLOAD && body[0] == RECORD, "only a record that was read can be redacted");
    body[STATE] = REDACTED;
    body[STATE + 1..].fill(0);
}

impl Header {
    fn stored(&self) -> [u8; HEADER] {
        let bytes = antfarm_identity::to_bytes(self);
        bytes.try_into().expect("every field of a header has a fixed width")
    }

    fn parse(stored: &[u8; HEADER]) -> Option<Self> {
        let mut reader = Reader::new(stored);
        let header = Self::decode(&mut reader).ok()?;
        reader.finish().ok()?;
        Some(header)
    }
}
