//! The log in memory: a window over the entries that are not yet, or only just, covered by a snapshot (thesis sections 3.5 and 5.1).
//!
//! Positions count from 1. The window begins after `before`, whose term is known, so that the consistency check of the
//! first entry can be made. It holds exactly the entries that the disk will hold once all writes are done: `journal` brings
//! the disk after it. What is durable or committed is not its business.

use crate::Command;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use antfarm_identity::Codec;
use antfarm_machine::PeerId;

/// One entry of the replicated log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Entry {
    /// The term of the leader that created it.
    pub term: u64,
    /// What it says.
    pub payload: Payload,
}

/// What an entry says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Payload {
    /// Nothing: the first entry of a leader, which commits what its predecessors left (thesis section 6.4).
    Noop,
    /// A client's operation.
    Write {
        /// The client.
        client: PeerId,
        /// Its number for the operation; a retry carries the same.
        sequence: u64,
        /// The operation.
        command: Command,
    },
}

impl Payload {
    /// Whether this is the operation that `client` numbered `sequence`.
    pub(crate) fn is(&self, asker: PeerId, number: u64) -> bool {
        matches!(self, Self::Write { client, sequence, .. } if *client == asker && *sequence == number)
    }
}

/// The window.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Log {
    before: u64,
    before_term: u64,
    slots: VecDeque<Slot>,
}

/// An entry, and where its frame ends in the object that holds it; 0 until it was handed to the disk.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Slot {
    entry: Entry,
    end: u64,
}

impl Log {
    /// An empty window after the entry `(before, term)`.
    pub(crate) const fn after(before: u64, before_term: u64) -> Self {
        Self { before, before_term, slots: VecDeque::new() }
    }

    /// The position just before the window.
    pub(crate) const fn before(&self) -> u64 {
        self.before
    }

    /// The position of the last entry; `before` when the window is empty.
    pub(crate) fn last(&self) -> u64 {
        self.before + self.slots.len() as u64
    }

    /// The term of the last entry.
    pub(crate) fn last_term(&self) -> u64 {
        self.slots.back().map_or(self.before_term, |slot| slot.entry.term)
    }

    /// How many entries the window holds.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The entry at `index`, when the window holds it.
    pub(crate) fn entry(&self, index: u64) -> Option<&Entry> {
        self.slot(index).map(|slot| &slot.entry)
    }

    /// The term at `index`, also of the position just before the window.
    pub(crate) fn term_at(&self, index: u64) -> Option<u64> {
        if index == self.before { Some(self.before_term) } else { self.entry(index).map(|entry| entry.term) }
    }

    /// Up to `limit` entries, from the one at `first` on.
    pub(crate) fn batch(&self, first: u64, limit: usize) -> Vec<Entry> {
        assert!(first > self.before, "position {first} lies before the window");
        let skip = self.offset(first).min(self.slots.len());
        self.slots.iter().skip(skip).take(limit).map(|slot| slot.entry).collect()
    }

    /// Entries after `index`, newest first.
    pub(crate) fn newest_down_to(&self, index: u64) -> impl Iterator<Item = &Entry> {
        let skip = self.offset(index + 1).min(self.slots.len());
        self.slots.range(skip..).rev().map(|slot| &slot.entry)
    }

    /// Adds an entry at the end; its position is returned.
    pub(crate) fn push(&mut self, entry: Entry) -> u64 {
        debug_assert!(entry.term >= self.last_term(), "terms never decrease along a log");
        self.slots.push_back(Slot { entry, end: 0 });
        self.last()
    }

    /// Gives up all entries after `index`.
    pub(crate) fn truncate(&mut self, index: u64) {
        assert!(index >= self.before, "what is before the window is committed");
        self.slots.truncate(self.offset(index + 1));
    }

    /// Moves the window's beginning to just after `index`, an entry that it holds.
    pub(crate) fn forget(&mut self, index: u64) {
        let term = self.term_at(index).expect("the window holds the entry that it is cut after");
        self.slots.drain(..self.offset(index + 1));
        (self.before, self.before_term) = (index, term);
    }

    /// Where the frame of the entry at `index` ends in its object; `None` when it was not written.
    pub(crate) fn end(&self, index: u64) -> Option<u64> {
        self.slot(index).map(|slot| slot.end).filter(|&end| end > 0)
    }

    /// Notes where the frame of the entry at `index` ends in its object.
    pub(crate) fn mark(&mut self, index: u64, end: u64) {
        let at = self.offset(index);
        self.slots[at].end = end;
    }

    fn slot(&self, index: u64) -> Option<&Slot> {
        if index <= self.before { None } else { self.slots.get(self.offset(index)) }
    }

    /// Where `index`, which lies in or after the window, is in `slots`.
    fn offset(&self, index: u64) -> usize {
        usize::try_from(index - self.before - 1).expect("positions of a window fit the address space")
    }
}
