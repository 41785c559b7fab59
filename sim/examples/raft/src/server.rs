//! A server: its state, and which of its parts each input is for.
//!
//! The parts are files, each one idea: `election`, `replication` (leader) and `following` (follower), `request` and `read`
//! (clients), `ballot`, `journal` and `snapshot` (what is kept on disk), `disk` and `recovery` (how).

use crate::ballot::{Ballot, Vote, VoteFile};
use crate::disk::Disk;
use crate::election::Voters;
use crate::journal::Journal;
use crate::log::Log;
use crate::recovery::Recovery;
use crate::replication::Leadership;
use crate::snapshot::Snapshots;
use crate::{Body, Config, Entry, Message, Node, Notice, Refusal, State, Timer};
use alloc::boxed::Box;
use alloc::sync::Arc;
use antfarm_machine::{Effects, Input, Object, PeerId, reached};

/// The server's state.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Server {
    pub(crate) config: Config,
    pub(crate) id: PeerId,
    pub(crate) incarnation: u64,
    pub(crate) phase: Phase,
    pub(crate) disk: Disk,
    pub(crate) ballot: Ballot,
    pub(crate) stance: Stance,
    pub(crate) log: Log,
    pub(crate) journal: Journal,
    pub(crate) snapshot: Snapshots,
    pub(crate) commit: u64,
    pub(crate) applied: u64,
    pub(crate) state: Arc<State>,
}

/// How a server stands to its disk.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Phase {
    /// It was not started.
    Asleep,
    /// It reads its disk.
    Recovering(Box<Recovery>),
    /// It takes part.
    Serving,
    /// The disk failed; it will be read again.
    Stopped,
    /// The disk is damaged there.
    Halted { object: Object, offset: u64 },
}

/// How a server stands to the others.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Stance {
    Follower(Following),
    PreCandidate { granted: Voters },
    Candidate { granted: Voters },
    Leader(Leadership),
}

/// What a follower knows of the leader of its term.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Following {
    /// Who it is; `None` when it was not heard since the last election timeout.
    pub(crate) leader: Option<PeerId>,
    /// Up to where the log is known to agree with the leader's.
    pub(crate) verified: u64,
    /// The latest of its rounds.
    pub(crate) round: u64,
}

/// How a server stands to the others, for observers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// It takes entries from a leader, or waits for one.
    Follower,
    /// It asks whether it could win an election.
    PreCandidate,
    /// It stands for election.
    Candidate,
    /// It leads.
    Leader,
}

impl Server {
    pub(crate) fn new(config: Config, id: PeerId) -> Self {
        Self {
            config,
            id,
            incarnation: 0,
            phase: Phase::Asleep,
            disk: Disk::default(),
            ballot: Ballot::read(Vote::default(), VoteFile::new(1, 0)),
            stance: Stance::Follower(Following::default()),
            log: Log::default(),
            journal: Journal::default(),
            snapshot: Snapshots::default(),
            commit: 0,
            applied: 0,
            state: Arc::default(),
        }
    }

    /// Its present term.
    pub fn term(&self) -> u64 {
        self.ballot.term()
    }

    /// How it stands to the others. Means nothing while it is not [`Server::is_serving`].
    pub fn role(&self) -> Role {
        match self.stance {
            Stance::Follower(_) => Role::Follower,
            Stance::PreCandidate { .. } => Role::PreCandidate,
            Stance::Candidate { .. } => Role::Candidate,
            Stance::Leader(_) => Role::Leader,
        }
    }

    /// Whether it takes part: it has read its disk, and the disk works.
    pub fn is_serving(&self) -> bool {
        self.phase == Phase::Serving
    }

    /// Whether damage on its disk made it fall silent for good; [`Notice::Halted`] says where.
    pub fn is_halted(&self) -> bool {
        matches!(self.phase, Phase::Halted { .. })
    }

    /// The position up to which it knows entries to be committed.
    pub fn commit_index(&self) -> u64 {
        self.commit
    }

    /// The position up to which it has applied entries.
    pub fn applied_index(&self) -> u64 {
        self.applied
    }

    /// The position of the oldest entry that it holds; one past [`Server::last_index`] when it holds none.
    pub fn first_index(&self) -> u64 {
        self.log.before() + 1
    }

    /// The position at which its log ends.
    pub fn last_index(&self) -> u64 {
        self.log.last()
    }

    /// The entry at `index`, if it holds it.
    pub fn entry(&self, index: u64) -> Option<&Entry> {
        self.log.entry(index)
    }

    /// The term of the entry at `index`, if it holds that or the one after it.
    pub fn term_at(&self, index: u64) -> Option<u64> {
        self.log.term_at(index)
    }

    /// The last position that its durable snapshot covers; 0 when it has none.
    pub fn snapshot_index(&self) -> u64 {
        self.snapshot.index()
    }

    /// The position up to which its log is durable.
    pub fn durable_index(&self) -> u64 {
        self.durable()
    }

    /// The replicated state as of [`Server::applied_index`].
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The fold of all entries applied so far.
    pub fn state_digest(&self) -> u64 {
        self.state.digest()
    }

    /// Checks what holds between any two steps, whole structures included.
    pub fn check(&self) {
        self.check_bounds();
        self.journal.check(&self.log);
        let terms = (self.first_index()..=self.last_index()).filter_map(|index| self.log.term_at(index));
        assert!(terms.is_sorted(), "terms never decrease along a log");
        assert!(self.log.last_term() <= self.term(), "no entry is newer than the term");
    }

    pub(crate) fn step(&mut self, input: Input<Node>, out: &mut Effects<'_, Node>) {
        let (term, commit) = (self.term(), self.commit);
        match input {
            Input::Woke { incarnation } => {
                *self = Self { incarnation, ..Self::new(self.config, self.id) };
                self.reopen(out);
                return;
            }
            Input::Asked(command) => out.tell(Notice::Refused { command, refusal: Refusal::NotAClient }),
            Input::Stored(receipt) => self.stored(receipt, out),
            Input::Rang(Timer::Reopen) if self.phase == Phase::Stopped => return self.reopen(out),
            Input::Heard { from, message } if self.is_serving() => self.hear(from, message, out),
            Input::Rang(Timer::Election) if self.is_serving() => self.election_rang(out),
            Input::Rang(Timer::Heartbeat) if self.is_serving() => self.heartbeat_rang(out),
            Input::Heard { .. } | Input::Rang(_) => {}
        }
        if self.is_serving() {
            self.persist(out);
            assert!(self.term() >= term && self.commit >= commit, "terms and commit indexes never decrease");
            self.check_bounds();
        }
    }

    /// Goes back to the state in which nothing was read from the disk, within the same incarnation.
    pub(crate) fn forget(&mut self) {
        let disk = core::mem::take(&mut self.disk);
        *self = Self { incarnation: self.incarnation, disk, ..Self::new(self.config, self.id) };
    }

    /// Sends a message to another server. What it says must be durable.
    pub(crate) fn say(&self, to: PeerId, body: Body, out: &mut Effects<'_, Node>) {
        debug_assert!(self.ballot.settled(), "a server speaks in a term only when that is durable");
        out.send(to, Message::seal(body));
    }

    fn hear(&mut self, from: PeerId, message: Message, out: &mut Effects<'_, Node>) {
        let Some(body) = message.open() else {
            reached!("raft.message_damaged");
            return;
        };
        if from == self.id {
            return;
        }
        if !self.config.is_server(from) {
            if let Body::Request { sequence, command } = body {
                self.requested(from, sequence, command, out);
            }
            return;
        }
        if let Some(term) = body.term().filter(|&term| term > self.term()) {
            self.enter(term, out);
        }
        match body {
            Body::PreVote { term, last, last_term } => self.pre_vote_requested(from, term, (last_term, last), out),
            Body::PreVoted { term, granted } => self.pre_voted(from, term, granted, out),
            Body::RequestVote { term, last, last_term } => self.vote_requested(from, term, (last_term, last), out),
            Body::Voted { term, granted } => self.voted(from, term, granted, out),
            Body::Append(append) => self.append_heard(from, append, out),
            Body::Appended { term, matched, round } => self.appended(from, term, matched, round, out),
            Body::Rejected { term, hint, round } => self.rejected(from, term, hint, round, out),
            Body::InstallSnapshot { term, image } => self.snapshot_heard(from, term, image, out),
            // A server asks for nothing and answers no other server: the wrong class.
            Body::Request { .. } | Body::Reply { .. } => {}
        }
    }

    fn check_bounds(&self) {
        assert!(self.applied <= self.commit, "what is applied is committed");
        assert!(self.commit <= self.log.last(), "what is committed is in the log");
        assert!(self.durable() <= self.log.last(), "what is durable is in the log");
    }
}

impl Body {
    /// The term that its sender is in, for a receiver to enter. The two halves of a pre-vote speak of a term that nobody
    /// may ever enter.
    const fn term(&self) -> Option<u64> {
        match self {
            Self::PreVote { .. } | Self::PreVoted { granted: true, .. } | Self::Request { .. } | Self::Reply { .. } => None,
            Self::PreVoted { term, granted: false }
            | Self::RequestVote { term, .. }
            | Self::Voted { term, .. }
            | Self::Appended { term, .. }
            | Self::Rejected { term, .. }
            | Self::InstallSnapshot { term, .. } => Some(*term),
            Self::Append(append) => Some(append.term),
        }
    }
}
