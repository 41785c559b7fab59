//! Leader election (thesis section 3.4), with the pre-vote of section 9.6 and the leader's own doubt of section 6.2.
//!
//! A server whose patience ends first asks whether it *could* win. Others say yes only when they hear no leader either, so a
//! server that was cut off and comes back deposes nobody. A leader that hears no majority for an election timeout
//! steps down, so that a leader which can speak but not hear does not keep the others waiting for ever.
//!
//! "Hears a leader" is a flag that the election alarm clears, not a time: the machine looks at no clock.

use crate::replication::Leadership;
use crate::server::{Following, Server, Stance};
use crate::{Body, Entry, Node, Notice, Payload, Timer};
use antfarm_identity::Fold;
use antfarm_machine::{Effects, PeerId, Span, reached};

/// A set of servers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Voters(u64);

impl Voters {
    pub(crate) const fn insert(&mut self, voter: PeerId) {
        self.0 |= 1 << voter.number();
    }

    pub(crate) const fn contains(self, voter: PeerId) -> bool {
        self.0 & (1 << voter.number()) != 0
    }

    pub(crate) const fn len(self) -> usize {
        self.0.count_ones() as usize
    }
}

impl Server {
    /// How long to wait for a leader: drawn from the configured range by a fold of server, incarnation and term, so that
    /// servers which collided in one term part in the next.
    pub(crate) fn patience(&self) -> Span {
        let mut fold = Fold::new();
        fold.absorb_u64(u64::from(self.id.number()));
        fold.absorb_u64(self.incarnation);
        fold.absorb_u64(self.term());
        let width = (self.config.election_max - self.config.election_min).as_nanos();
        self.config.election_min + Span::from_nanos(fold.value() % width.saturating_add(1))
    }

    pub(crate) fn election_rang(&mut self, out: &mut Effects<'_, Node>) {
        out.arm(Timer::Election, self.patience());
        let majority = self.config.majority();
        match &mut self.stance {
            Stance::Leader(leadership) => {
                if leadership.take_heard(self.id).len() < majority {
                    reached!("raft.leader_doubts");
                    self.step_down(out);
                }
            }
            // A new term or vote is not durable yet: nothing may be said.
            Stance::Follower(_) | Stance::PreCandidate { .. } | Stance::Candidate { .. } if !self.ballot.settled() => {}
            Stance::Follower(_) | Stance::PreCandidate { .. } | Stance::Candidate { .. } => self.canvass(out),
        }
    }

    /// Asks the others whether they would vote for this server in the next term.
    fn canvass(&mut self, out: &mut Effects<'_, Node>) {
        let mut granted = Voters::default();
        granted.insert(self.id);
        self.stance = Stance::PreCandidate { granted };
        let (term, last, last_term) = (self.term() + 1, self.log.last(), self.log.last_term());
        for peer in self.others() {
            self.say(peer, Body::PreVote { term, last, last_term }, out);
        }
        self.stand_if(granted, out);
    }

    pub(crate) fn pre_vote_requested(&self, from: PeerId, term: u64, theirs: (u64, u64), out: &mut Effects<'_, Node>) {
        let granted = term > self.term() && !self.hears_leader() && theirs >= self.log_end();
        if self.ballot.settled() {
            self.say(from, Body::PreVoted { term: if granted { term } else { self.term() }, granted }, out);
        }
    }

    pub(crate) fn pre_voted(&mut self, from: PeerId, term: u64, yes: bool, out: &mut Effects<'_, Node>) {
        if let Stance::PreCandidate { granted } = &mut self.stance
            && yes
            && term == self.ballot.term() + 1
        {
            granted.insert(from);
            let granted = *granted;
            self.stand_if(granted, out);
        }
    }

    /// Stands for election when enough servers would vote for it. The others hear of it when its own vote is durable.
    fn stand_if(&mut self, granted: Voters, out: &mut Effects<'_, Node>) {
        if granted.len() >= self.config.majority() {
            self.ballot.enter(self.term() + 1);
            self.ballot.vote(self.id);
            self.stance = Stance::Candidate { granted: Voters::default() };
            out.arm(Timer::Election, self.patience());
        }
    }

    /// The present term and vote became durable: what waited for that is said.
    pub(crate) fn vote_settled(&mut self, out: &mut Effects<'_, Node>) {
        let term = self.term();
        match &self.stance {
            Stance::Candidate { .. } => {
                self.solicit(out);
                self.voted(self.id, term, true, out);
            }
            Stance::Follower(_) => {
                if let Some(candidate) = self.ballot.candidate().filter(|&candidate| candidate != self.id) {
                    self.say(candidate, Body::Voted { term, granted: true }, out);
                }
                self.report(out);
            }
            Stance::PreCandidate { .. } | Stance::Leader(_) => {}
        }
    }

    /// Asks those for their vote who did not give it yet; again at each heartbeat, as thesis section 3.3 wants of every call.
    pub(crate) fn solicit(&mut self, out: &mut Effects<'_, Node>) {
        let Stance::Candidate { granted } = self.stance else { return };
        // INVARIANT(durable-before-visible): the alarm may be one of an earlier candidacy, and this one's vote on its way to
        // the disk still; `vote_settled` comes back here.
        if !self.ballot.settled() {
            return;
        }
        let (term, last, last_term) = (self.term(), self.log.last(), self.log.last_term());
        for peer in self.others().filter(|&peer| !granted.contains(peer)) {
            self.say(peer, Body::RequestVote { term, last, last_term }, out);
        }
        out.arm(Timer::Heartbeat, self.config.heartbeat);
    }

    /// Votes for a candidate that this server could follow: whose log ends no earlier than its own (thesis section 3.6.1).
    pub(crate) fn vote_requested(&mut self, from: PeerId, term: u64, theirs: (u64, u64), out: &mut Effects<'_, Node>) {
        let granted = term == self.term() && self.ballot.candidate().map_or(theirs >= self.log_end(), |known| known == from);
        if granted && self.ballot.candidate().is_none() {
            self.ballot.vote(from);
            self.stance = Stance::Follower(Following::default());
            out.arm(Timer::Election, self.patience());
        }
        // INVARIANT(durable-before-visible): a vote that is not durable yet is answered by `vote_settled`.
        if self.ballot.settled() {
            self.say(from, Body::Voted { term: self.term(), granted }, out);
        }
    }

    pub(crate) fn voted(&mut self, from: PeerId, term: u64, yes: bool, out: &mut Effects<'_, Node>) {
        if let Stance::Candidate { granted } = &mut self.stance
            && yes
            && term == self.ballot.term()
        {
            granted.insert(from);
            if granted.len() >= self.config.majority() {
                self.lead(out);
            }
        }
    }

    /// Begins to lead, with an entry of the new term: only that can be committed by counting, and with it all before it.
    fn lead(&mut self, out: &mut Effects<'_, Node>) {
        assert!(self.ballot.settled() && self.ballot.candidate() == Some(self.id), "a leader voted for itself, durably");
        self.stance = Stance::Leader(Leadership::new(self.config, self.log.last()));
        self.log.push(Entry { term: self.term(), payload: Payload::Noop });
        out.tell(Notice::Leads { term: self.term() });
        out.arm(Timer::Election, self.patience());
        self.heartbeat_rang(out);
    }

    /// Becomes a follower that knows no leader.
    pub(crate) fn step_down(&mut self, out: &mut Effects<'_, Node>) {
        if matches!(self.stance, Stance::Leader(_) | Stance::Candidate { .. }) {
            out.disarm(Timer::Heartbeat);
        }
        self.stance = Stance::Follower(Following::default());
    }

    const fn hears_leader(&self) -> bool {
        match &self.stance {
            Stance::Follower(following) => following.leader.is_some(),
            Stance::Leader(_) => true,
            Stance::PreCandidate { .. } | Stance::Candidate { .. } => false,
        }
    }

    /// Where the log ends, as elections compare it: term first.
    fn log_end(&self) -> (u64, u64) {
        (self.log.last_term(), self.log.last())
    }

    /// The other servers.
    pub(crate) fn others(&self) -> impl Iterator<Item = PeerId> + use<> {
        let me = self.id;
        self.config.peers().filter(move |&peer| peer != me)
    }
}
