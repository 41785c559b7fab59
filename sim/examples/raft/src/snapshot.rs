//! Snapshots: taken from the state to shorten the log (thesis section 5.1), and installed from a leader (5.3).
//!
//! On disk: one frame with an [`Image`] in `snap-<index>`. The older snapshot is removed only when the newer is durable, and
//! so are the segments of the log that it covers. A snapshot from a leader is put on disk before anything else changes, and
//! then treated as if it had been read at recovery: the log is kept if it agrees with it, and given up if not.

use crate::frame::{self, Class, Shelf};
use crate::log::Log;
use crate::server::{Server, Stance};
use crate::{Node, Notice, State};
use alloc::sync::Arc;
use alloc::vec::Vec;
use antfarm_identity::Codec;
use antfarm_machine::{Effects, Operation, PeerId, Ticket, reached};

/// The replicated state after the entry at `index`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Image {
    /// The last position that it covers.
    pub index: u64,
    /// The term of the entry there.
    pub term: u64,
    /// The state.
    pub state: Arc<State>,
}

/// The durable snapshot, by the last position that it covers, and the one under way.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Snapshots {
    index: u64,
    flight: Option<Flight>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Flight {
    ticket: Ticket,
    image: Image,
    /// Whether it came from a leader.
    foreign: bool,
}

impl Snapshots {
    /// As read from the disk; 0 when there is none.
    pub(crate) const fn read(index: u64) -> Self {
        Self { index, flight: None }
    }

    pub(crate) const fn index(&self) -> u64 {
        self.index
    }
}

impl Server {
    /// The present state.
    pub(crate) fn image(&self) -> Image {
        let term = self.log.term_at(self.applied).expect("the window begins no later than what is applied ends");
        Image { index: self.applied, term, state: Arc::clone(&self.state) }
    }

    /// Takes a snapshot when enough was applied since the last one.
    pub(crate) fn write_snapshot(&mut self, out: &mut Effects<'_, Node>) {
        let every = self.config.snapshot_every;
        if every > 0 && self.snapshot.flight.is_none() && self.applied.saturating_sub(self.snapshot.index) >= every {
            self.keep(self.image(), false, out);
        }
    }

    /// A leader offers its state.
    pub(crate) fn snapshot_heard(&mut self, from: PeerId, term: u64, image: Image, out: &mut Effects<'_, Node>) {
        if term < self.term() {
            return self.reject(from, 0, 0, out);
        }
        if self.follow(from, out).is_none() {
            return;
        }
        if image.index <= self.commit {
            self.verify(image.index);
            self.report(out);
        } else if self.snapshot.flight.is_none() && self.ballot.settled() {
            self.keep(image, true, out);
        }
    }

    /// Takes the receipt of a snapshot; `false` when `ticket` is not one.
    pub(crate) fn snapshot_written(&mut self, ticket: Ticket, out: &mut Effects<'_, Node>) -> bool {
        let Some(Flight { image, foreign, .. }) = self.snapshot.flight.take_if(|flight| flight.ticket == ticket) else {
            return false;
        };
        assert!(image.index > self.snapshot.index, "a snapshot replaces an older one");
        let old = core::mem::replace(&mut self.snapshot.index, image.index);
        if old > 0 {
            let object = Shelf { class: Class::Snapshot, number: old }.object();
            self.disk.submit(Operation::Remove { object }, out);
        }
        self.journal.rotate();
        if image.index > self.commit {
            self.install(image, out);
        }
        if foreign {
            self.verify(0);
            self.report(out);
        }
        true
    }

    /// Takes over a state that is ahead of this server's.
    fn install(&mut self, image: Image, out: &mut Effects<'_, Node>) {
        reached!("raft.snapshot_installed");
        if self.log.term_at(image.index) != Some(image.term) {
            match &mut self.stance {
                Stance::Leader(_) => self.step_down(out),
                Stance::Follower(following) => following.verified = 0,
                Stance::PreCandidate { .. } | Stance::Candidate { .. } => {}
            }
            self.log = Log::after(image.index, image.term);
            self.journal.give_up_all(image.index);
        }
        (self.commit, self.applied) = (image.index, image.index);
        self.state = image.state;
        out.tell(Notice::Installed { index: image.index, digest: self.state.digest() });
    }

    fn keep(&mut self, image: Image, foreign: bool, out: &mut Effects<'_, Node>) {
        let shelf = Shelf { class: Class::Snapshot, number: image.index };
        let mut bytes = Vec::new();
        frame::write(&mut bytes, shelf, 0, |out| image.encode(out));
        let ticket = self.disk.submit(Operation::AppendAt { object: shelf.object(), expected_end: 0, bytes }, out);
        self.snapshot.flight = Some(Flight { ticket, image, foreign });
    }
}
