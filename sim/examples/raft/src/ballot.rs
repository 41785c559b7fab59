//! The term and the vote, in memory and on disk (thesis figure 3.1: persistent state).
//!
//! INVARIANT(one-vote): a server votes at most once in a term, and its term never decreases, also across crashes. Both
//! change in memory at once; `Ballot::settled` says whether the disk has caught up, and nothing is said in the term before.
//!
//! On disk: frames with a [`Vote`] each in `vote-<n>`, of which the last counts. A file that has grown long is followed by
//! `vote-<n+1>`, and removed only when the first frame of that is durable.

use crate::frame::{self, Class, Shelf};
use crate::server::Server;
use crate::{Node, Timer};
use alloc::vec::Vec;
use antfarm_identity::Codec;
use antfarm_machine::{Effects, Object, Operation, PeerId, Ticket};

/// A term, and whom this server voted for in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Codec)]
pub(crate) struct Vote {
    pub(crate) term: u64,
    pub(crate) candidate: Option<PeerId>,
}

/// The present vote and how far the disk is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Ballot {
    now: Vote,
    durable: Vote,
    file: VoteFile,
    flight: Option<Flight>,
}

/// The object that the last durable vote is in.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct VoteFile {
    pub(crate) number: u64,
    pub(crate) object: Object,
    pub(crate) end: u64,
}

/// A vote on its way to the disk, and the file as it will be.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Flight {
    ticket: Ticket,
    vote: Vote,
    file: VoteFile,
}

impl Ballot {
    /// As read from `file`.
    pub(crate) const fn read(vote: Vote, file: VoteFile) -> Self {
        Self { now: vote, durable: vote, file, flight: None }
    }

    pub(crate) const fn term(&self) -> u64 {
        self.now.term
    }

    pub(crate) const fn candidate(&self) -> Option<PeerId> {
        self.now.candidate
    }

    /// Whether the present term and vote are durable, so that the server may speak.
    pub(crate) fn settled(&self) -> bool {
        self.now == self.durable
    }

    /// Enters a later term, without a vote in it.
    pub(crate) fn enter(&mut self, term: u64) {
        assert!(term > self.now.term, "a server's term never decreases");
        self.now = Vote { term, candidate: None };
    }

    /// Votes in the present term.
    pub(crate) fn vote(&mut self, candidate: PeerId) {
        assert!(self.now.candidate.is_none(), "a server votes once in a term");
        self.now.candidate = Some(candidate);
    }
}

impl VoteFile {
    pub(crate) fn new(number: u64, end: u64) -> Self {
        Self { number, object: Shelf { class: Class::Vote, number }.object(), end }
    }
}

impl Server {
    /// Brings the disk after the present vote; one write at a time.
    pub(crate) fn write_ballot(&mut self, out: &mut Effects<'_, Node>) {
        let ballot = &self.ballot;
        if ballot.settled() || ballot.flight.is_some() {
            return;
        }
        let full = ballot.file.end >= self.config.vote_bytes;
        let mut file = if full { VoteFile::new(ballot.file.number + 1, 0) } else { ballot.file.clone() };
        let (vote, expected_end, mut bytes) = (ballot.now, file.end, Vec::new());
        frame::write(&mut bytes, Shelf { class: Class::Vote, number: file.number }, file.end, |out| vote.encode(out));
        file.end += bytes.len() as u64;
        let ticket = self.disk.submit(Operation::AppendAt { object: file.object.clone(), expected_end, bytes }, out);
        self.ballot.flight = Some(Flight { ticket, vote, file });
    }

    /// Takes the receipt of such a write; `false` when `ticket` is not one.
    pub(crate) fn ballot_written(&mut self, ticket: Ticket, out: &mut Effects<'_, Node>) -> bool {
        let Some(flight) = self.ballot.flight.take_if(|flight| flight.ticket == ticket) else {
            return false;
        };
        assert!(flight.vote.term >= self.ballot.durable.term, "a durable term never decreases");
        let old = core::mem::replace(&mut self.ballot.file, flight.file);
        self.ballot.durable = flight.vote;
        if old.number != self.ballot.file.number {
            self.disk.submit(Operation::Remove { object: old.object }, out);
        }
        if self.ballot.settled() {
            self.vote_settled(out);
        }
        true
    }

    /// Enters a later term that a message brought, as a follower that knows no leader yet.
    pub(crate) fn enter(&mut self, term: u64, out: &mut Effects<'_, Node>) {
        self.ballot.enter(term);
        self.step_down(out);
        out.arm(Timer::Election, self.patience());
    }
}
