//! Linearizable reads that write nothing (thesis section 6.4, "ReadIndex").
//!
//! A read may be answered from the leader's state when two things hold. A majority has answered a heartbeat that was sent
//! after the read arrived, so no later leader had committed anything before then. And an entry of the leader's own term
//! is committed, so it knows everything that earlier leaders committed. Applied is what is committed, always.
//!
//! Heartbeats are numbered by rounds. Reads that arrive while a round is under way share the next one.

use crate::replication::Leadership;
use crate::request::reply;
use crate::server::{Server, Stance};
use crate::{Answer, Node, Verdict};
use antfarm_machine::{Effects, PeerId, reached};

/// A read that waits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Read {
    client: PeerId,
    sequence: u64,
    key: u16,
    /// The first round whose answers count for it.
    round: u64,
}

impl Server {
    /// Takes a read; the answer follows when leadership is confirmed.
    pub(crate) fn read(&mut self, client: PeerId, sequence: u64, key: u16, out: &mut Effects<'_, Node>) {
        let limit = self.config.reads;
        let Stance::Leader(leadership) = &mut self.stance else { return };
        if leadership.reads.iter().any(|read| read.client == client && read.sequence == sequence) {
            return;
        }
        if leadership.reads.len() >= limit {
            reached!("raft.reads_full");
            return reply(client, sequence, Verdict::Busy, out);
        }
        leadership.reads.push_back(Read { client, sequence, key, round: leadership.round + 1 });
        self.serve_reads(out);
    }

    /// Answers the reads whose round was confirmed, and begins a round for those that wait for one.
    pub(crate) fn serve_reads(&mut self, out: &mut Effects<'_, Node>) {
        let (id, majority) = (self.id, self.config.majority());
        loop {
            let Stance::Leader(leadership) = &mut self.stance else { return };
            let confirmed = leadership.confirmed(id, majority);
            if self.log.term_at(self.commit) == Some(self.ballot.term()) {
                while let Some(read) = leadership.reads.pop_front_if(|read| read.round <= confirmed) {
                    let answer = Answer::Value(self.state.value(read.key));
                    reply(read.client, read.sequence, Verdict::Answered(answer), out);
                }
            }
            if confirmed < leadership.round || !leadership.begin_round() {
                return;
            }
            self.address_all(out);
        }
    }

    /// Does not let reads wait for a round whose messages may be lost.
    pub(crate) fn hurry_reads(&mut self) {
        if let Stance::Leader(leadership) = &mut self.stance {
            leadership.begin_round();
        }
    }
}

impl Leadership {
    /// Begins a round if a read waits for one; the caller then speaks to every follower.
    fn begin_round(&mut self) -> bool {
        let waits = self.reads.back().is_some_and(|read| read.round > self.round);
        if waits {
            self.round += 1;
        }
        waits
    }
}
