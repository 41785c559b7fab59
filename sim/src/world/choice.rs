//! What can happen next.

use crate::world::{ClockChange, SyncId, Verdict};
use antfarm_identity::Codec;
use antfarm_machine::{Object, PeerId};

/// A message under way, by the slot that it has in this world now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FlightId(pub u32);

/// An ask that a client will make, by the slot that it has in this world now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AskId(pub u32);

/// One arming of an alarm at a node; arming it again makes another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ArmId(pub u32);

/// One thing that can happen. Slots are good for the world they came from; records use [`crate::Name`]s.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Choice {
    /// A message arrives.
    Deliver(FlightId),
    /// A message is lost.
    Lose(FlightId),
    /// A message is doubled; the copy is under way too.
    Copy(FlightId),
    /// Bits of a message's encoding flip on the way: the given bit positions, modulo its length. If what comes out cannot be
    /// decoded, the message is lost.
    Corrupt(FlightId, [u32; 2]),
    /// An alarm goes off.
    Ring(PeerId, ArmId),
    /// The disk carries out a request.
    Sync(PeerId, SyncId, Verdict),
    /// A client asks.
    Ask(AskId),
    /// A process starts: its first input is `Woke`.
    Start(PeerId),
    /// A process ends: its memory, its alarms and its unanswered requests are gone.
    Crash(PeerId),
    /// Just before a crash: a pending request partly happens, see [`Verdict`]; of an append, a number of bytes and then zeros.
    Tear(PeerId, SyncId, u32, u32),
    /// The disk is swapped for an empty one; the process is down.
    Replace(PeerId),
    /// A bit at rest flips: object, offset, bit.
    Rot(PeerId, Object, u64, u8),
    /// A clock changes.
    Clock(PeerId, ClockChange),
}

impl Choice {
    /// The word that says what happens and where; slots are left out, they are accidents of the run. What does not fit is
    /// appended to `out`.
    ///
    /// The kind is in the lowest 8 bits, a node in the next 24 (or what is left of its number), an ordinal in the upper 32.
    #[inline]
    pub(crate) fn word(&self, out: &mut Vec<u8>) -> u64 {
        let word = |kind: u64, node: &PeerId, ordinal: u32| kind | u64::from(node.number()) << 8 ^ u64::from(ordinal) << 32;
        match self {
            Self::Deliver(_) => 0,
            Self::Lose(_) => 1,
            Self::Copy(_) => 2,
            Self::Corrupt(_, bits) => {
                bits.encode(out);
                3
            }
            Self::Ring(node, _) => word(4, node, 0),
            Self::Sync(node, sync, verdict) => {
                verdict.encode(out);
                word(5, node, sync.0)
            }
            Self::Ask(_) => 6,
            Self::Start(node) => word(7, node, 0),
            Self::Crash(node) => word(8, node, 0),
            Self::Tear(node, sync, keep, zeros) => {
                (*keep, *zeros).encode(out);
                word(9, node, sync.0)
            }
            Self::Replace(node) => word(10, node, 0),
            Self::Rot(node, object, offset, bit) => {
                object.encode(out);
                (*offset, *bit).encode(out);
                word(11, node, 0)
            }
            Self::Clock(node, change) => {
                change.encode(out);
                word(12, node, 0)
            }
        }
    }
}

impl Verdict {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Honest => out.push(0),
            Self::Failed { keep } => {
                out.push(1);
                keep.encode(out);
            }
            Self::Hung => out.push(2),
            Self::Lying => out.push(3),
            Self::Unlinked => out.push(4),
            Self::Misdirected { object, offset } => {
                out.push(5);
                object.encode(out);
                offset.encode(out);
            }
            Self::Full => out.push(6),
        }
    }
}

impl ClockChange {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Drift(ppm) => {
                out.push(0);
                ppm.encode(out);
            }
            Self::Step(by) => {
                out.push(1);
                by.encode(out);
            }
            Self::Freeze => out.push(2),
            Self::Thaw => out.push(3),
            Self::Tick(span) => {
                out.push(4);
                span.encode(out);
            }
        }
    }
}
