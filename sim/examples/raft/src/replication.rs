//! The leader's side of log replication (thesis section 3.5): what each follower has, what to send it, and what is committed.
//!
//! Entries are sent to followers while they are written to the leader's own disk (section 10.2.1); the leader counts itself
//! only when they are durable. Entries are sent ahead of acknowledgements, up to a few batches. A lost message shows at the
//! next one, which the follower rejects with a hint where to go on.
//!
//! An answer that brings nothing new is answered by nothing. Otherwise a follower that can take no more, because its disk
//! hangs, and a network that doubles messages would make ever more of them out of one.

use crate::election::Voters;
use crate::read::Read;
use crate::server::{Server, Stance};
use crate::{Append, Body, Config, MAX_SERVERS, Node, Timer};
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use antfarm_machine::{Effects, PeerId, reached};

/// How many batches may be on their way to a follower.
const AHEAD: u64 = 4;

/// What a leader knows. It begins anew in each term.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Leadership {
    followers: Vec<Progress>,
    /// Who answered since the election alarm rang last.
    heard: Voters,
    /// The latest question of "am I still leader?".
    pub(crate) round: u64,
    /// Reads that wait for the answer, oldest first.
    pub(crate) reads: VecDeque<Read>,
}

/// How far a follower is. The leader's own is not used.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Progress {
    /// The next position to send.
    next: u64,
    /// Up to where its durable log agrees with the leader's.
    matched: u64,
    /// The latest round that it answered.
    round: u64,
    /// Whether a snapshot was sent since the last heartbeat.
    installing: bool,
}

impl Leadership {
    pub(crate) fn new(config: Config, last: u64) -> Self {
        let progress = Progress { next: last + 1, matched: 0, round: 0, installing: false };
        let followers = vec![progress; config.servers as usize];
        Self { followers, heard: Voters::default(), round: 0, reads: VecDeque::new() }
    }

    /// Who answered since the last call, and the leader itself.
    pub(crate) fn take_heard(&mut self, id: PeerId) -> Voters {
        let mut heard = core::mem::take(&mut self.heard);
        heard.insert(id);
        heard
    }

    /// The latest round that a majority answered, the leader `id` included.
    pub(crate) fn confirmed(&self, id: PeerId, majority: usize) -> u64 {
        self.reached_by(majority, id, self.round, |follower| follower.round)
    }

    /// The largest number that at least `majority` servers have reached, when the leader `id` has reached `own`.
    fn reached_by(&self, majority: usize, id: PeerId, own: u64, of: impl Fn(&Progress) -> u64) -> u64 {
        let mut all = [0; MAX_SERVERS as usize];
        let all = &mut all[..self.followers.len()];
        for (slot, follower) in all.iter_mut().zip(&self.followers) {
            *slot = of(follower);
        }
        all[id.index()] = own;
        all.sort_unstable_by(|a, b| b.cmp(a));
        all[majority - 1]
    }
}

impl Server {
    /// Begins another heartbeat. A candidate has the same alarm.
    pub(crate) fn heartbeat_rang(&mut self, out: &mut Effects<'_, Node>) {
        let Stance::Leader(leadership) = &mut self.stance else { return self.solicit(out) };
        for follower in &mut leadership.followers {
            follower.installing = false;
        }
        out.arm(Timer::Heartbeat, self.config.heartbeat);
        self.hurry_reads();
        self.address_all(out);
    }

    /// Speaks to every follower.
    pub(crate) fn address_all(&mut self, out: &mut Effects<'_, Node>) {
        for peer in self.others() {
            self.address(peer, out);
        }
    }

    /// Sends entries to the followers that have room for them.
    pub(crate) fn feed_all(&mut self, out: &mut Effects<'_, Node>) {
        for peer in self.others() {
            self.feed(peer, out);
        }
    }

    /// Sends entries to a follower if there are some and it has room for them.
    fn feed(&mut self, peer: PeerId, out: &mut Effects<'_, Node>) {
        let Stance::Leader(leadership) = &self.stance else { return };
        let Progress { next, matched, .. } = leadership.followers[peer.index()];
        if next <= self.log.last() && next <= matched + self.ahead() {
            self.address(peer, out);
        }
    }

    /// Speaks to a follower: with entries if it has room for some, or with the state if it needs entries that are gone.
    fn address(&mut self, peer: PeerId, out: &mut Effects<'_, Node>) {
        let (term, ahead) = (self.term(), self.ahead());
        let Stance::Leader(leadership) = &mut self.stance else { return };
        let follower = &mut leadership.followers[peer.index()];
        let prev = follower.next - 1;
        let body = match self.log.term_at(prev) {
            Some(prev_term) => {
                let room = if prev <= follower.matched + ahead { self.config.batch } else { 0 };
                let entries = self.log.batch(follower.next, room);
                follower.next += entries.len() as u64;
                Body::Append(Append { term, prev, prev_term, commit: self.commit, round: leadership.round, entries })
            }
            None if follower.installing => return,
            None => {
                follower.installing = true;
                Body::InstallSnapshot { term, image: self.image() }
            }
        };
        self.say(peer, body, out);
    }

    pub(crate) fn appended(&mut self, from: PeerId, term: u64, matched: u64, round: u64, out: &mut Effects<'_, Node>) {
        let last = self.log.last();
        let Stance::Leader(leadership) = &mut self.stance else { return };
        if term != self.ballot.term() || matched > last {
            return;
        }
        leadership.heard.insert(from);
        let follower = &mut leadership.followers[from.index()];
        let progress = matched > follower.matched;
        follower.matched = follower.matched.max(matched);
        follower.next = follower.next.max(matched + 1);
        follower.round = follower.round.max(round);
        follower.installing = false;
        self.advance_commit(out);
        self.serve_reads(out);
        if progress {
            self.feed(from, out);
        }
    }

    pub(crate) fn rejected(&mut self, from: PeerId, term: u64, hint: u64, round: u64, out: &mut Effects<'_, Node>) {
        let Stance::Leader(leadership) = &mut self.stance else { return };
        if term != self.ballot.term() {
            return;
        }
        leadership.heard.insert(from);
        let follower = &mut leadership.followers[from.index()];
        let news = hint + 1 < follower.next;
        follower.next = follower.next.min(hint + 1);
        // A follower whose disk forgot what it acknowledged is believed, so that it is not asked for the same for ever.
        follower.matched = follower.matched.min(hint);
        follower.round = follower.round.max(round);
        self.serve_reads(out);
        if news {
            self.feed(from, out);
        }
    }

    /// Commits what a majority has on disk, if it is of the present term: older entries are committed only by what follows
    /// them, because a majority may hold them and a later leader overwrite them still (thesis section 3.6.2, figure 3.7).
    pub(crate) fn advance_commit(&mut self, out: &mut Effects<'_, Node>) {
        let Stance::Leader(leadership) = &self.stance else { return };
        let held = leadership.reached_by(self.config.majority(), self.id, self.durable(), |follower| follower.matched);
        if held > self.commit && self.log.term_at(held) == Some(self.term()) {
            self.commit_to(held, out);
        } else if held > self.commit {
            reached!("raft.older_term_held");
        }
    }

    fn ahead(&self) -> u64 {
        AHEAD * self.config.batch as u64
    }
}
