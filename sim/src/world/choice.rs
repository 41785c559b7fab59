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
    /// The choice's canonical bytes but for slots, which it leaves out: they are accidents of the run.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Deliver(_) => out.push(0),
            Self::Lose(_) => out.push(1),
            Self::Copy(_) => out.push(2),
            Self::Corrupt(_, bits) => {
                out.push(3);
                bits.encode(out);
            }
            Self::Ring(node, _) => {
                out.push(4);
                node.encode(out);
            }
            Self::Sync(node, sync, verdict) => {
                out.push(5);
                node.encode(out);
                sync.0.encode(out);
                verdict.encode(out);
            }
            Self::Ask(_) => out.push(6),
            Self::Start(node) => {
                out.push(7);
                node.encode(out);
            }
            Self::Crash(node) => {
                out.push(8);
                node.encode(out);
            }
            Self::Tear(node, sync, keep, zeros) => {
                out.push(9);
                (*node, sync.0, *keep, *zeros).encode(out);
            }
            Self::Replace(node) => {
                out.push(10);
                node.encode(out);
            }
            Self::Rot(node, object, offset, bit) => {
                out.push(11);
                node.encode(out);
                object.encode(out);
                (*offset, *bit).encode(out);
            }
            Self::Clock(node, change) => {
                out.push(12);
                node.encode(out);
                change.encode(out);
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
