//! What happened, counted: with each peer, and with those who came without being one. Numbers only.
//!
//! A snapshot is not of one moment: its numbers are read one by one.

use crate::{Closing, Refusal};
use antfarm_machine::PeerId;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What happened with one peer since the start.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PeerCounts {
    /// Whether there is a connection to it now.
    pub outgoing: bool,
    /// Whether there is a connection from it now.
    pub incoming: bool,
    /// How often it was dialled and welcomed us.
    pub dialled: u64,
    /// How often it dialled and proved its key.
    pub accepted: u64,
    /// Messages handed over to an established connection; how many of them arrived is not known.
    pub sent: u64,
    /// Their bytes, as frames, before encryption.
    pub sent_bytes: u64,
    /// Messages that arrived.
    pub received: u64,
    /// Their bytes, encoded.
    pub received_bytes: u64,
    /// Messages that wait now.
    pub waiting: u64,
    /// Messages dropped because too many waited.
    pub dropped_overflow: u64,
    /// Messages dropped because they are longer than a message may be.
    pub dropped_long: u64,
    /// Messages lost with a connection that broke while they were handed over.
    pub dropped_broken: u64,
    /// Attempts to dial it that failed, by why.
    pub refused: BTreeMap<Refusal, u64>,
    /// Connections to and from it that ended, by why.
    pub closed: BTreeMap<Closing, u64>,
}

/// What happened since the start.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// With each peer, and with what this node sent itself.
    pub peers: BTreeMap<PeerId, PeerCounts>,
    /// Connections that came in and were refused, by why: from those who are no peers, or did not prove to be.
    pub refused: BTreeMap<Refusal, u64>,
    /// Messages to somebody who is no peer.
    pub dropped_unknown: u64,
    /// How often accepting a connection failed, for instance because too many files are open.
    pub accept_failed: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, number: usize) {
        self.0.fetch_add(number as u64, Ordering::Relaxed);
    }
    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Numbers by why.
#[derive(Debug)]
pub(crate) struct Reasons<R>(Mutex<BTreeMap<R, u64>>);

impl<R: Ord + Copy> Reasons<R> {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<R, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(crate) fn add(&self, why: R) {
        *self.lock().entry(why).or_default() += 1;
    }
    fn read(&self) -> BTreeMap<R, u64> {
        self.lock().clone()
    }
}

impl<R> Default for Reasons<R> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// The counters of one peer.
#[derive(Debug, Default)]
pub(crate) struct PeerTally {
    pub(crate) dialled: Counter,
    pub(crate) dialled_over: Counter,
    pub(crate) accepted: Counter,
    pub(crate) accepted_over: Counter,
    pub(crate) sent: Counter,
    pub(crate) sent_bytes: Counter,
    pub(crate) received: Counter,
    pub(crate) received_bytes: Counter,
    pub(crate) dropped_overflow: Counter,
    pub(crate) dropped_long: Counter,
    pub(crate) dropped_broken: Counter,
    pub(crate) refused: Reasons<Refusal>,
    pub(crate) closed: Reasons<Closing>,
}

impl PeerTally {
    pub(crate) fn read(&self, waiting: usize) -> PeerCounts {
        PeerCounts {
            outgoing: self.dialled.read() > self.dialled_over.read(),
            incoming: self.accepted.read() > self.accepted_over.read(),
            dialled: self.dialled.read(),
            accepted: self.accepted.read(),
            sent: self.sent.read(),
            sent_bytes: self.sent_bytes.read(),
            received: self.received.read(),
            received_bytes: self.received_bytes.read(),
            waiting: waiting as u64,
            dropped_overflow: self.dropped_overflow.read(),
            dropped_long: self.dropped_long.read(),
            dropped_broken: self.dropped_broken.read(),
            refused: self.refused.read(),
            closed: self.closed.read(),
        }
    }
}

/// The counters of everybody else.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) refused: Reasons<Refusal>,
    pub(crate) dropped_unknown: Counter,
    pub(crate) accept_failed: Counter,
}

impl Tally {
    pub(crate) fn read(&self, peers: BTreeMap<PeerId, PeerCounts>) -> Counts {
        Counts {
            peers,
            refused: self.refused.read(),
            dropped_unknown: self.dropped_unknown.read(),
            accept_failed: self.accept_failed.read(),
        }
    }
}
