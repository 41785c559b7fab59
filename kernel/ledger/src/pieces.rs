//! States in pieces: what is too large for one frame, or for one step, goes to the disk piece by piece.
//!
//! The pieces of a checkpoint lie in an object of their own, `pieces-<records>`, a row of frames. The checkpoint itself is written
//! when the last of them is durable, and says how long that object is; as long as it is not there, the pieces are nothing, and
//! the next opening removes them.
//!
//! A [`Seal`] names all of it: the [`Point`] of the log and every piece, in order. Whoever folds the log to that point and makes the
//! same pieces of what it folded comes to the same seal. A container that records it binds the checkpoint to the chain, and its
//! [`crate::Projection`] then takes no other.

use crate::checkpoint::BadCheckpoint;
use crate::frame::{self, HEAD, Head, Place};
use crate::hash;
use crate::header::{Link, OPENED};
use crate::merkle::Frontier;
use crate::record::Record;
use crate::scratch::Scratch;
use antfarm_identity::{Codec, Digest, to_bytes};
use antfarm_machine::Ticket;

/// The longest piece, in bytes.
pub const MAX_PIECE: usize = 1 << 20;

/// The most bytes that all pieces of a checkpoint take on the disk, with their frames.
pub const MAX_PIECES: u64 = 2 << 30;

/// Tag of a piece's body.
const PIECE: u8 = 4;

/// A point of a log with all that is needed to go on from it. Pass it each record from the first on, and it is where a checkpoint
/// taken there stands.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Point {
    pub(crate) log: Digest,
    /// Records up to here.
    pub(crate) records: u64,
    /// Digest of the last of them.
    pub(crate) digest: Digest,
    /// Next place in the log's own trajectory.
    pub(crate) own: Link,
    pub(crate) frontier: Frontier,
}

impl Point {
    /// Before the first record of the log with this id.
    pub const fn first(log: Digest) -> Self {
        Self { log, records: 0, digest: log, own: Link::first(log), frontier: Frontier::new() }
    }

    /// Goes on behind a record, which must be the next: nothing of it is checked here.
    pub fn pass(&mut self, record: &Record<'_>) {
        self.records += 1;
        self.digest = record.digest;
        self.frontier.push(record.digest);
        if record.header.kind == OPENED {
            self.own = record.header.link.next(record.digest);
        }
    }

    /// How many records lie before it.
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// Whether the tree has as many leaves as the log has records; a decoded value may lie.
    pub(crate) fn is_sound(&self) -> bool {
        self.frontier.is_sound() && self.frontier.leaves() == self.records
    }
}

/// Names a checkpoint: the digest of its point, then of each piece with what came before it.
///
/// ```
/// use antfarm_identity::{Digest, Domain};
/// use antfarm_ledger::{Point, Seal};
///
/// let log = Digest::of(Domain::new("antfarm 2026 example log"), b"mine");
/// let mut seal = Seal::begin(&Point::first(log));
/// seal.take(b"a piece");
/// let mut other = Seal::begin(&Point::first(log));
/// other.take(b"another");
/// assert_ne!(seal, other);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Seal(Digest);

impl Seal {
    /// Of a checkpoint at this point without pieces.
    pub fn begin(point: &Point) -> Self {
        Self(hash::point(&to_bytes(point)))
    }

    /// Takes the next piece.
    pub fn take(&mut self, piece: &[u8]) {
        self.0 = hash::piece(&self.0, piece);
    }

    /// The digest of all so far.
    pub const fn digest(self) -> Digest {
        self.0
    }
}

/// Pieces that are being written.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Pieces {
    pub(crate) seal: Seal,
    /// Bytes of the object, with those that wait.
    pub(crate) length: u64,
    /// The piece that goes out with the next flush.
    pub(crate) waiting: Scratch,
    pub(crate) in_flight: Option<Ticket>,
}

impl Pieces {
    pub(crate) fn begin(point: &Point) -> Self {
        Self { seal: Seal::begin(point), length: 0, waiting: Scratch::default(), in_flight: None }
    }

    /// Whether all that was handed over is durable.
    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.is_none() && self.waiting.is_empty()
    }

    pub(crate) fn take(&mut self, piece: &[u8]) {
        assert!(self.is_idle(), "one piece after the other");
        let offset = u32::try_from(self.length).expect("`MAX_PIECES` is less");
        self.seal.take(piece);
        frame::write(&mut self.waiting, Place { segment: 0, offset }, |body| {
            body.push(PIECE);
            body.extend_from_slice(piece);
        });
        self.length += self.waiting.len() as u64;
    }
}

/// Bytes that a piece of so many takes on the disk.
pub(crate) const fn framed(piece: usize) -> u64 {
    (HEAD + 1 + piece) as u64
}

/// Reads the object of the pieces, chunk by chunk.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct PieceReader {
    seal: Seal,
    /// Bytes fed, and of these the ones in frames that were taken.
    fed: u64,
    taken: u64,
    carry: Scratch,
}

impl PieceReader {
    pub(crate) fn begin(point: &Point) -> Self {
        Self { seal: Seal::begin(point), fed: 0, taken: 0, carry: Scratch::default() }
    }

    pub(crate) const fn fed(&self) -> u64 {
        self.fed
    }

    /// Takes the next bytes, and hands out each piece that they complete; `take` says whether it is one.
    pub(crate) fn feed(&mut self, bytes: &[u8], take: &mut impl FnMut(&[u8]) -> bool) -> Result<(), BadCheckpoint> {
        self.fed += bytes.len() as u64;
        let mut carry = core::mem::take(&mut self.carry);
        if carry.is_empty() {
            let whole = self.frames(bytes, take)?;
            carry.extend_from_slice(&bytes[whole..]);
        } else {
            carry.extend_from_slice(bytes);
            let whole = self.frames(&carry, take)?;
            carry.drain(..whole);
        }
        self.carry = carry;
        Ok(())
    }

    /// The seal of all pieces, once everything was fed.
    pub(crate) fn finish(&self) -> Result<Seal, BadCheckpoint> {
        if self.taken == self.fed { Ok(self.seal) } else { Err(BadCheckpoint::Damaged) }
    }

    /// Takes the whole frames at the start of `bytes`; how many bytes these are.
    fn frames(&mut self, bytes: &[u8], take: &mut impl FnMut(&[u8]) -> bool) -> Result<usize, BadCheckpoint> {
        let mut at = 0;
        while bytes.len() - at >= HEAD {
            let rest = &bytes[at..];
            let head = Head::recognise(rest).ok_or(BadCheckpoint::Damaged)?;
            if head.extent() as u64 > framed(MAX_PIECE) {
                return Err(BadCheckpoint::Oversize);
            }
            if rest.len() < head.extent() {
                break;
            }
            let body = head.body(rest).ok_or(BadCheckpoint::Damaged)?;
            if head.place.segment != 0 || u64::from(head.place.offset) != self.taken {
                return Err(BadCheckpoint::Misplaced);
            }
            let Some((&PIECE, piece)) = body.split_first() else { return Err(BadCheckpoint::Damaged) };
            self.seal.take(piece);
            if !take(piece) {
                return Err(BadCheckpoint::State);
            }
            self.taken += head.extent() as u64;
            at += head.extent();
        }
        Ok(at)
    }
}
