//! The event queue: what will happen when, in order of (time, sequence).

use crate::world::{ArmId, FlightId, SyncId, Time};
use antfarm_machine::PeerId;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Something with a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    /// A message arrives, if nothing stops it.
    Deliver(FlightId),
    /// An alarm goes off, if it is still armed.
    Ring(PeerId, ArmId),
    /// The disk answers, if the process still runs.
    Sync(PeerId, SyncId),
    /// A workload asks.
    Ask(u32),
    /// A planned fault begins.
    Begin(u32),
    /// A planned fault is over.
    End(u32),
    /// The first phase is over.
    Heal,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Entry {
    at: Time,
    sequence: u64,
    event: Event,
}

impl Ord for Entry {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        // The greatest entry is the earliest.
        (other.at, other.sequence).cmp(&(self.at, self.sequence))
    }
}

impl PartialOrd for Entry {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Entry>,
    sequence: u64,
}

impl Queue {
    #[inline]
    pub(crate) fn push(&mut self, at: Time, event: Event) {
        self.heap.push(Entry { at, sequence: self.sequence, event });
        self.sequence += 1;
    }

    /// The earliest event, if it is not later than `limit`.
    #[inline]
    pub(crate) fn pop(&mut self, limit: Time) -> Option<(Time, Event)> {
        if self.heap.peek()?.at > limit {
            return None;
        }
        self.heap.pop().map(|entry| (entry.at, entry.event))
    }
}
