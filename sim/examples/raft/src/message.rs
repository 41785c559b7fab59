//! What servers and clients say to each other, sealed against accidental damage.
//!
//! A message carries a 64-bit fold of all its fields. A network may flip bits in a way that still decodes; such a message
//! does not open and is dropped, which Raft survives like any loss. The fold is no signature: against a peer that lies, Raft
//! guarantees nothing.
//!
//! The fold is taken over fields rather than over encoded bytes, because that needs no buffer: a message is sealed and
//! opened in a few nanoseconds.

use crate::{Answer, Command, Entry, Image, Payload};
use alloc::vec::Vec;
use antfarm_identity::{Codec, Fold, Malformed, Reader, checksum, to_bytes};
use antfarm_machine::PeerId;

/// A [`Body`] and the fold of its fields.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Message {
    body: Body,
    check: u64,
}

/// What a message says. All but `Request` and `Reply` are between servers.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Body {
    /// Would you vote for me in `term`? Changes nothing at the receiver (thesis section 9.6).
    PreVote {
        /// The term after the sender's.
        term: u64,
        /// Where the sender's log ends.
        last: u64,
        /// The term of its last entry.
        last_term: u64,
    },
    /// The answer to `PreVote`.
    PreVoted {
        /// The term asked about if granted, else the answering server's own.
        term: u64,
        /// Whether it would.
        granted: bool,
    },
    /// Vote for me (thesis figure 3.1).
    RequestVote {
        /// The candidate's term.
        term: u64,
        /// Where its log ends.
        last: u64,
        /// The term of its last entry.
        last_term: u64,
    },
    /// The answer to `RequestVote`.
    Voted {
        /// The voter's term.
        term: u64,
        /// Whether it voted for the addressee.
        granted: bool,
    },
    /// A leader's entries, or its heartbeat.
    Append(Append),
    /// The follower's durable log agrees with the leader's up to `matched`.
    Appended {
        /// The follower's term.
        term: u64,
        /// The last position that agrees and is durable.
        matched: u64,
        /// The latest `round` that it heard from this leader.
        round: u64,
    },
    /// The follower could not take what was appended.
    Rejected {
        /// The follower's term: when it is newer than the leader's, that is the reason.
        term: u64,
        /// The leader should go on after this position.
        hint: u64,
        /// The latest `round` that it heard from this leader.
        round: u64,
    },
    /// The leader's state, for a follower that needs entries which the leader has no more (thesis section 5.3). It travels in
    /// one piece, because the store and the session table are small.
    InstallSnapshot {
        /// The leader's term.
        term: u64,
        /// The state.
        image: Image,
    },
    /// A client wants an operation executed.
    Request {
        /// The client's number for it; a retry carries the same.
        sequence: u64,
        /// The operation.
        command: Command,
    },
    /// A server's answer to `Request`.
    Reply {
        /// The request's sequence.
        sequence: u64,
        /// What became of it.
        verdict: Verdict,
    },
}

/// A leader's entries, or its heartbeat when there are none (thesis figure 3.1).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Append {
    /// The leader's term.
    pub term: u64,
    /// The position just before the entries.
    pub prev: u64,
    /// The term of the entry there.
    pub prev_term: u64,
    /// The leader's commit index.
    pub commit: u64,
    /// Counts the leader's questions of "am I still leader?" (thesis section 6.4).
    pub round: u64,
    /// The entries.
    pub entries: Vec<Entry>,
}

/// What became of a client's request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Verdict {
    /// It was executed, now or when it was asked before.
    Answered(Answer),
    /// This server does not lead.
    Redirect {
        /// The server that does, as far as this one knows.
        leader: Option<PeerId>,
    },
    /// A limit was reached; try again later.
    Busy,
}

impl Message {
    /// Seals a body.
    pub fn seal(body: Body) -> Self {
        let check = body.check();
        Self { body, check }
    }

    /// The body, unless it was damaged.
    pub fn open(self) -> Option<Body> {
        if self.check == self.body.check() { Some(self.body) } else { None }
    }
}

/// Its kinds are those of its [`Body`], so that observers and faults can name them.
impl Codec for Message {
    const KINDS: &'static [&'static str] = Body::KINDS;

    fn kind(&self) -> u16 {
        self.body.kind()
    }

    fn encode(&self, out: &mut Vec<u8>) {
        self.body.encode(out);
        self.check.encode(out);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { body: Body::decode(input)?, check: u64::decode(input)? })
    }
}

impl Body {
    fn check(&self) -> u64 {
        let mut fold = Fold::new();
        fold.absorb_u64(u64::from(self.kind()));
        match self {
            Self::PreVote { term, last, last_term } | Self::RequestVote { term, last, last_term } => {
                words(&mut fold, [*term, *last, *last_term]);
            }
            Self::PreVoted { term, granted } | Self::Voted { term, granted } => words(&mut fold, [*term, u64::from(*granted)]),
            Self::Append(append) => append.fold(&mut fold),
            Self::Appended { term, matched: at, round } | Self::Rejected { term, hint: at, round } => {
                words(&mut fold, [*term, *at, *round]);
            }
            Self::InstallSnapshot { term, image } => words(&mut fold, [*term, checksum(&to_bytes(image))]),
            Self::Request { sequence, command } => {
                fold.absorb_u64(*sequence);
                command.fold(&mut fold);
            }
            Self::Reply { sequence, verdict } => {
                fold.absorb_u64(*sequence);
                verdict.fold(&mut fold);
            }
        }
        fold.value()
    }
}

impl Append {
    fn fold(&self, fold: &mut Fold) {
        words(fold, [self.term, self.prev, self.prev_term, self.commit, self.round, self.entries.len() as u64]);
        for entry in &self.entries {
            entry.fold(fold);
        }
    }
}

impl Entry {
    /// Absorbs all fields.
    pub(crate) fn fold(&self, fold: &mut Fold) {
        match &self.payload {
            Payload::Noop => words(fold, [self.term, 0]),
            Payload::Write { client, sequence, command } => {
                words(fold, [self.term, 1, u64::from(client.number()), *sequence]);
                command.fold(fold);
            }
        }
    }
}

impl Command {
    fn fold(&self, fold: &mut Fold) {
        match *self {
            Self::Get { key } => words(fold, [0, u64::from(key)]),
            Self::Put { key, value } => words(fold, [1, u64::from(key), value]),
            Self::Add { key, by } => words(fold, [2, u64::from(key), by]),
            Self::Cas { key, expect, value } => words(fold, [3, u64::from(key), expect, value]),
        }
    }
}

impl Verdict {
    fn fold(&self, fold: &mut Fold) {
        match *self {
            Self::Answered(Answer::Done) => words(fold, [0, 0]),
            Self::Answered(Answer::Value(value)) => words(fold, [1, value]),
            Self::Answered(Answer::Swapped(swapped)) => words(fold, [2, u64::from(swapped)]),
            Self::Answered(Answer::NoSession) => words(fold, [3, 0]),
            Self::Redirect { leader: None } => words(fold, [4, 0]),
            Self::Redirect { leader: Some(leader) } => words(fold, [5, u64::from(leader.number())]),
            Self::Busy => words(fold, [6, 0]),
        }
    }
}

fn words<const N: usize>(fold: &mut Fold, words: [u64; N]) {
    for word in words {
        fold.absorb_u64(word);
    }
}
