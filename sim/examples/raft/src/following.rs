//! The follower's side of log replication (thesis section 3.5): take what agrees, give up what does not, and acknowledge what is
//! durable.

use crate::server::{Following, Server, Stance};
use crate::{Append, Body, Node, Timer};
use antfarm_machine::{Effects, PeerId, reached};

/// The log does not agree with the leader's at the position that the entries follow.
struct Disagrees {
    /// The leader should go on after this position.
    hint: u64,
}

impl Server {
    pub(crate) fn append_heard(&mut self, from: PeerId, append: Append, out: &mut Effects<'_, Node>) {
        if append.term < self.term() {
            return self.reject(from, 0, 0, out);
        }
        let Some(following) = self.follow(from, out) else { return };
        following.round = following.round.max(append.round);
        let round = following.round;
        match self.take(&append) {
            Err(Disagrees { hint }) => self.reject(from, hint, round, out),
            Ok(end) => {
                let verified = self.verify(end);
                let commit = append.commit.min(verified);
                if commit > self.commit {
                    self.commit_to(commit, out);
                }
                // Otherwise the receipt of the entries will be reported.
                if append.entries.is_empty() || self.durable() >= verified {
                    self.report(out);
                }
            }
        }
    }

    /// Follows the leader of the present term. `None` when this server leads itself, so that `leader` cannot: one of the two
    /// was elected by a server that forgot its vote.
    pub(crate) fn follow(&mut self, leader: PeerId, out: &mut Effects<'_, Node>) -> Option<&mut Following> {
        match &self.stance {
            Stance::Leader(_) => return None,
            Stance::Follower(following) if following.leader == Some(leader) => {}
            Stance::Follower(_) | Stance::PreCandidate { .. } | Stance::Candidate { .. } => {
                self.stance = Stance::Follower(Following { leader: Some(leader), verified: 0, round: 0 });
            }
        }
        out.arm(Timer::Election, self.patience());
        match &mut self.stance {
            Stance::Follower(following) => Some(following),
            Stance::PreCandidate { .. } | Stance::Candidate { .. } | Stance::Leader(_) => None,
        }
    }

    /// Tells the leader up to where the durable log agrees with its log.
    pub(crate) fn report(&self, out: &mut Effects<'_, Node>) {
        if let Stance::Follower(Following { leader: Some(leader), verified, round }) = self.stance
            && self.ballot.settled()
        {
            let matched = verified.min(self.durable());
            self.say(leader, Body::Appended { term: self.term(), matched, round }, out);
        }
    }

    /// Notes that the log agrees with the leader's up to `end`, and at least up to what is committed (leader completeness,
    /// thesis section 3.6.3).
    pub(crate) fn verify(&mut self, end: u64) -> u64 {
        let Stance::Follower(following) = &mut self.stance else { return 0 };
        following.verified = following.verified.max(end).max(self.commit);
        assert!(following.verified <= self.log.last(), "what agrees is in the log");
        following.verified
    }

    pub(crate) fn reject(&self, to: PeerId, hint: u64, round: u64, out: &mut Effects<'_, Node>) {
        if self.ballot.settled() {
            self.say(to, Body::Rejected { term: self.term(), hint, round }, out);
        }
    }

    /// Makes the log agree with the leader's entries; returns up to where it does.
    fn take(&mut self, append: &Append) -> Result<u64, Disagrees> {
        // What is committed agrees, and may lie before the window.
        let skip = usize::try_from(self.commit.saturating_sub(append.prev)).unwrap_or(usize::MAX);
        if skip == 0 && self.log.term_at(append.prev) != Some(append.prev_term) {
            let hint = if append.prev > self.log.last() { self.log.last() } else { self.commit };
            return Err(Disagrees { hint });
        }
        let mut end = append.prev.max(self.commit);
        for entry in append.entries.iter().skip(skip) {
            match self.log.term_at(end + 1) {
                Some(term) if term == entry.term => {}
                Some(_) => {
                    self.give_up_after(end);
                    self.log.push(*entry);
                }
                None if self.log.len() >= self.config.window => break,
                None => {
                    self.log.push(*entry);
                }
            }
            end += 1;
        }
        Ok(end)
    }

    /// Gives up a suffix that an earlier leader left and that this one does not have.
    fn give_up_after(&mut self, index: u64) {
        reached!("raft.log_conflict");
        assert!(index >= self.commit, "what is committed is never given up");
        self.log.truncate(index);
        self.journal.give_up_after(index);
    }
}
