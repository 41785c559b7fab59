//! The third port: named append-only objects.
//!
//! Small enough that files (with fsync of file and directory), a table with a unique key, and a stream with an
//! expected-sequence header can all keep it. It moves bytes; what they mean is the machine's business.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// The longest name of an object, in bytes.
pub const MAX_OBJECT_NAME: usize = 64;

/// The most bytes that one append may carry. A driver answers a larger one with [`Outcome::Failed`].
pub const MAX_APPEND: usize = 16 << 20;

/// Accepts requests at once; each is answered later by an [`crate::Input::Stored`] with the same ticket.
///
/// Contract:
///
/// - Receipts of requests on one object come in the order of the requests, and each request takes effect in that order.
///   Requests on different objects are independent. [`Operation::List`] is a request on an object of its own.
/// - A receipt `Done` of an append, truncation or removal means durable: it survives the end of the process, of the
///   operating system and of the power. Without a receipt a request may have happened wholly, partly (an append: any
///   prefix of its bytes, followed by any number of zeros up to its length) or not at all, and a restart shows which.
/// - After [`Outcome::Failed`] nothing is known about the object's end. A machine stops and reopens; it never retries in place.
pub trait Storage {
    /// Hands a request to the disk.
    fn submit(&mut self, request: Request);
}

/// The name of an object: 1 to [`MAX_OBJECT_NAME`] bytes of `a`-`z`, `0`-`9`, `.`, `-`, `_`, not starting with a dot.
///
/// These are safe as file names everywhere. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object(Arc<str>);

impl Object {
    /// The object called `name`.
    pub fn new(name: &str) -> Result<Self, BadObject> {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_');
        match name.bytes().position(|byte| !legal(byte)) {
            _ if name.is_empty() => Err(BadObject::Empty),
            _ if name.len() > MAX_OBJECT_NAME => Err(BadObject::TooLong { length: name.len() }),
            Some(at) => Err(BadObject::Character { at }),
            None if name.starts_with('.') => Err(BadObject::Character { at: 0 }),
            None => Ok(Self(Arc::from(name))),
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a name is not the name of an object.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BadObject {
    /// It has no characters.
    Empty,
    /// It is longer than [`MAX_OBJECT_NAME`].
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// A character is not allowed (there).
    Character {
        /// The byte offset of the first such character.
        at: usize,
    },
}

impl fmt::Display for BadObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an object needs a name"),
            Self::TooLong { length } => write!(f, "a name of {length} bytes is longer than {MAX_OBJECT_NAME}"),
            Self::Character { at } => write!(f, "byte {at} of the name is not one of `a-z 0-9 . - _`, or is a leading dot"),
        }
    }
}

impl core::error::Error for BadObject {}

/// A number that a machine chooses for a request, to know its receipt by. Unique among the requests of one incarnation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ticket(pub u64);

/// What a machine asks of its disk.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Request {
    /// Comes back with the receipt.
    pub ticket: Ticket,
    /// What to do.
    pub operation: Operation,
}

/// The five things that a disk can do.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Name all objects and their lengths, in order of name. Answered with [`Outcome::Listed`].
    List,
    /// Read bytes. The range is cut to what exists; a missing object reads as empty. Answered with [`Outcome::Data`].
    Read {
        /// Which object.
        object: Object,
        /// Which bytes.
        range: Range<u64>,
    },
    /// Add bytes at the end, creating the object when `expected_end` is 0 and it does not exist. When the object's end is not
    /// `expected_end`, nothing changes and the answer is [`Outcome::Conflict`].
    AppendAt {
        /// Which object.
        object: Object,
        /// Its length before the append.
        expected_end: u64,
        /// What to add; at most [`MAX_APPEND`] bytes.
        bytes: Vec<u8>,
    },
    /// Cut the object down to `length` bytes; a shorter or missing object is left as it is.
    Truncate {
        /// Which object.
        object: Object,
        /// Its new length.
        length: u64,
    },
    /// Remove the object; removing a missing one does nothing.
    Remove {
        /// Which object.
        object: Object,
    },
}

impl Operation {
    /// The object concerned; `None` for [`Operation::List`].
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::List => None,
            Self::Read { object, .. }
            | Self::AppendAt { object, .. }
            | Self::Truncate { object, .. }
            | Self::Remove { object } => Some(object),
        }
    }
}

/// Bytes are printed by their number: payloads do not belong in a trace.
impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("List"),
            Self::Read { object, range } => write!(f, "Read({object} {}..{})", range.start, range.end),
            Self::AppendAt { object, expected_end, bytes } => write!(f, "AppendAt({object} @{expected_end} +{})", bytes.len()),
            Self::Truncate { object, length } => write!(f, "Truncate({object} to {length})"),
            Self::Remove { object } => write!(f, "Remove({object})"),
        }
    }
}

/// The disk's answer to one request.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Receipt {
    /// The request's ticket.
    pub ticket: Ticket,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a request.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// An append, truncation or removal is durable.
    Done,
    /// The bytes read.
    Data(Vec<u8>),
    /// All objects, in order of name.
    Listed(Vec<Entry>),
    /// The object's end is not what an append expected; nothing changed. Somebody else wrote.
    Conflict {
        /// The object's length.
        end: u64,
    },
    /// No room; nothing changed.
    Full,
    /// The disk failed; whether anything changed is unknown until the machine reopens.
    Failed,
}

impl Outcome {
    /// The listing as text-free data, for callers that only want names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let entries = match self {
            Self::Listed(entries) => entries.as_slice(),
            Self::Done | Self::Data(_) | Self::Conflict { .. } | Self::Full | Self::Failed => &[],
        };
        entries.iter().map(|entry| entry.object.name())
    }
}

/// Bytes are printed by their number: payloads do not belong in a trace.
impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("Done"),
            Self::Data(bytes) => write!(f, "Data({} bytes)", bytes.len()),
            Self::Listed(entries) => f.debug_tuple("Listed").field(entries).finish(),
            Self::Conflict { end } => write!(f, "Conflict(end {end})"),
            Self::Full => f.write_str("Full"),
            Self::Failed => f.write_str("Failed"),
        }
    }
}

/// One line of a listing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The object.
    pub object: Object,
    /// Its length in bytes.
    pub length: u64,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.object, self.length)
    }
}
