//! Recordings as they are read: whatever was written whole, and how the rest stops.

use crate::frame::{self, Front, MAGIC};
use crate::{Entry, Header, Recordable};
use antfarm_identity::{Codec, Made, Malformed, Reader, from_bytes};
use antfarm_machine::Machine;
use core::fmt;
use core::marker::PhantomData;

/// A recording whose header could be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recording<'a> {
    header: Header,
    length: usize,
    entries: &'a [u8],
}

/// Why bytes are not a recording.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unreadable {
    /// They do not begin as one.
    Magic,
    /// They end within the header, or the header is damaged.
    Header,
    /// The header says what cannot be understood; a later format, perhaps.
    Format(Malformed),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => f.write_str("this is no recording: it does not begin as one"),
            Self::Header => f.write_str("the recording's header is damaged or cut off"),
            Self::Format(malformed) => write!(f, "the recording's header cannot be understood, {malformed}; try a later version"),
        }
    }
}

impl core::error::Error for Unreadable {}

/// How a recording stops that does not end as it should.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tail {
    /// The number of whole entries before.
    pub entries: u64,
    /// The offset in bytes at which they stop.
    pub offset: usize,
    /// What is there.
    pub why: Why,
}

/// What is where an entry should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// Nothing: the process was killed.
    Ended,
    /// Part of an entry: the process was killed while it wrote.
    Cut,
    /// Bytes that are not what was written there.
    Damaged,
    /// An entry of another machine, or of another version of it.
    Foreign(Malformed),
    /// Bytes behind the last entry.
    Trailing,
}

impl fmt::Display for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {} entries, at byte {}: ", self.entries, self.offset)?;
        match self.why {
            Why::Ended => f.write_str("nothing more; the process did not end as it was told to"),
            Why::Cut => f.write_str("part of an entry; the process ended while it wrote"),
            Why::Damaged => f.write_str("what is there was not written there"),
            Why::Foreign(malformed) => write!(f, "an entry that this machine does not understand, {malformed}"),
            Why::Trailing => f.write_str("the recording had ended, and more follows"),
        }
    }
}

impl core::error::Error for Tail {}

impl<'a> Recording<'a> {
    /// Reads the header.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let frames = bytes.strip_prefix(&MAGIC).ok_or(Unreadable::Magic)?;
        let Front::Frame { payload, rest } = frame::read(0, frames) else { return Err(Unreadable::Header) };
        let header = from_bytes(payload).map_err(Unreadable::Format)?;
        Ok(Self { header, length: bytes.len(), entries: rest })
    }

    /// What it is of.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What it says, in order: entries, and then, unless the last ended the recording, how they stop.
    pub const fn entries<M: Machine>(&self) -> Entries<'a, M> {
        Entries { rest: self.entries, length: self.length, read: 0, state: State::Reading, machine: PhantomData }
    }
}

impl Recording<'_> {
    /// All that the machine's signer made, as far as the recording reads: what [`antfarm_identity::Recalled`] is made of.
    pub fn made<M: Recordable>(&self) -> impl Iterator<Item = Made> {
        let steps = self.entries::<M>().filter_map(|entry| match entry {
            Ok(Entry::Step(step)) => Some(step.made),
            Ok(Entry::Panicked { .. } | Entry::Overrun | Entry::Stopped) | Err(_) => None,
        });
        steps.flatten()
    }
}

/// Iterates over the entries of a recording.
#[derive(Clone, Debug)]
pub struct Entries<'a, M> {
    rest: &'a [u8],
    length: usize,
    read: u64,
    state: State,
    machine: PhantomData<fn() -> M>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Reading,
    /// The entry that ends a recording was read.
    Ended,
    Done,
}

impl<M: Recordable> Iterator for Entries<'_, M> {
    type Item = Result<Entry<M>, Tail>;

    fn next(&mut self) -> Option<Self::Item> {
        let tail = |entries: &Self, why| Tail { entries: entries.read, offset: entries.length - entries.rest.len(), why };
        let why = match self.state {
            State::Done => return None,
            State::Ended if self.rest.is_empty() => return None,
            State::Ended => Why::Trailing,
            State::Reading => match frame::read(self.read + 1, self.rest) {
                Front::End => Why::Ended,
                Front::Cut => Why::Cut,
                Front::Damaged => Why::Damaged,
                Front::Frame { payload, rest } => match decode(payload) {
                    Err(malformed) => Why::Foreign(malformed),
                    Ok(entry) => {
                        (self.read, self.rest) = (self.read + 1, rest);
                        self.state = match entry {
                            Entry::Step(_) => State::Reading,
                            Entry::Panicked { .. } | Entry::Overrun | Entry::Stopped => State::Ended,
                        };
                        return Some(Ok(entry));
                    }
                },
            },
        };
        self.state = State::Done;
        Some(Err(tail(self, why)))
    }
}

/// An entry may be longer than what `from_bytes` reads.
fn decode<T: Codec>(payload: &[u8]) -> Result<T, Malformed> {
    let mut input = Reader::new(payload);
    let value = T::decode(&mut input)?;
    input.finish()?;
    Ok(value)
}
