//! A server's dealings with its disk: tickets out, receipts in, and what happens when the disk fails.
//!
//! A failed, refused or conflicting write is never retried in place, because nothing is known about the object's end any more.
//! The server falls silent, waits until nothing is outstanding, and then reads everything again.

use crate::frame::{Class, Shelf};
use crate::recovery::Recovery;
use crate::server::{Phase, Server};
use crate::{Node, Notice, Timer};
use alloc::boxed::Box;
use alloc::format;
use antfarm_machine::{Effects, Object, Operation, Outcome, Receipt, Ticket, reached};

/// The tickets of one incarnation.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Disk {
    tickets: u64,
    outstanding: u32,
}

impl Disk {
    /// Submits a request under a new ticket.
    pub(crate) fn submit(&mut self, operation: Operation, out: &mut Effects<'_, Node>) -> Ticket {
        let ticket = Ticket(self.tickets);
        self.tickets += 1;
        self.outstanding += 1;
        out.store(ticket, operation);
        ticket
    }

    /// Whether every request was answered.
    pub(crate) const fn idle(&self) -> bool {
        self.outstanding == 0
    }

    fn answered(&mut self) {
        assert!(self.outstanding > 0, "a receipt answers a request");
        self.outstanding -= 1;
    }
}

impl Server {
    /// The disk answered.
    pub(crate) fn stored(&mut self, receipt: Receipt, out: &mut Effects<'_, Node>) {
        self.disk.answered();
        let Receipt { ticket, outcome } = receipt;
        match (&self.phase, outcome) {
            (Phase::Asleep | Phase::Stopped | Phase::Halted { .. }, _) => {}
            (Phase::Recovering(_) | Phase::Serving, Outcome::Conflict { .. } | Outcome::Full | Outcome::Failed) => self.stop(out),
            (Phase::Recovering(_), outcome) => self.recover(outcome, out),
            (Phase::Serving, Outcome::Done) => self.written(ticket, out),
            (Phase::Serving, Outcome::Data(_) | Outcome::Listed(_)) => {}
        }
    }

    fn written(&mut self, ticket: Ticket, out: &mut Effects<'_, Node>) {
        // What is none of the three is the removal of an object that was replaced: nobody waits for it.
        let _ = self.ballot_written(ticket, out) || self.journal_written(ticket, out) || self.snapshot_written(ticket, out);
    }

    /// Brings the disk after the state. Called at the end of every step of a serving server.
    pub(crate) fn persist(&mut self, out: &mut Effects<'_, Node>) {
        self.write_ballot(out);
        // Entries of a term follow the term, so a log that is ahead of the votes at recovery proves that votes were lost.
        if self.ballot.settled() {
            self.write_journal(out);
            self.write_snapshot(out);
        }
    }

    fn stop(&mut self, out: &mut Effects<'_, Node>) {
        reached!("raft.disk_failed");
        self.phase = Phase::Stopped;
        out.disarm(Timer::Election);
        out.disarm(Timer::Heartbeat);
        out.tell(Notice::Stopped);
        out.arm(Timer::Reopen, self.config.reopen);
    }

    /// Begins to read the disk, as soon as it has answered all that went before.
    pub(crate) fn reopen(&mut self, out: &mut Effects<'_, Node>) {
        if self.disk.idle() {
            self.forget();
            self.disk.submit(Operation::List, out);
            self.phase = Phase::Recovering(Box::new(Recovery::begin()));
        } else {
            out.arm(Timer::Reopen, self.config.reopen);
        }
    }

    /// Falls silent for good.
    pub(crate) fn halt(&mut self, object: Object, offset: u64, out: &mut Effects<'_, Node>) {
        reached!("raft.disk_damaged");
        out.tell(Notice::Halted { object: object.clone(), offset });
        self.phase = Phase::Halted { object, offset };
    }
}

impl Shelf {
    /// The object's name: `vote-7`, `log-129`, `snap-128`.
    pub(crate) fn object(self) -> Object {
        let class = match self.class {
            Class::Vote => "vote",
            Class::Log => "log",
            Class::Snapshot => "snap",
        };
        Object::new(&format!("{class}-{}", self.number)).expect("a word, a dash and a number are a name")
    }

    /// What an object of that name is; `None` when no server made it.
    pub(crate) fn parse(object: &Object) -> Option<Self> {
        let (class, number) = object.name().split_once('-')?;
        let class = match class {
            "vote" => Class::Vote,
            "log" => Class::Log,
            "snap" => Class::Snapshot,
            _ => return None,
        };
        let shelf = Self { class, number: number.parse().ok()? };
        if shelf.object() == *object { Some(shelf) } else { None }
    }
}
