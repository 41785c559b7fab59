//! Tasks and minds: what is given to cognition, and what it says.
//!
//! A mind is a peer, called as tools are: the [`Context`] is what it is told, the [`Thought`] is what it answers. So thinking needs a
//! writ, costs what was set aside for it, is on the ledger before the next step, and happens at most once for each step. What a
//! mind wants done has no rights: each [`Move`] is compiled under the writ of its task, or refused.
//!
//! What is kept of a task is signed: its [`Commission`] by who gave it, its [`Report`] by who carried it out.

use crate::ask::Declined;
use crate::fact::Reason;
use crate::message::MAX_RESULT;
use crate::redact::Secrets;
use alloc::boxed::Box;
use alloc::vec::Vec;
use antfarm_authority::{Amount, Bytes, Grant, MAX_ARGS, MAX_RATIONALE, MAX_TARGET, Name, Nonce, Offer, Text, Writ, WritId};
use antfarm_identity::{BadSignature, Codec, Digest, Domain, PublicKey, Signature, Signer, from_bytes, to_bytes};
use antfarm_machine::Wall;

const COMMISSION: Domain = Domain::new("antfarm 2026 node commission");
const REPORT: Domain = Domain::new("antfarm 2026 node report");

/// The longest task, in bytes.
pub const MAX_TASK: usize = 4 << 10;

/// The longest answer to a task, in bytes.
pub const MAX_ANSWER: usize = 4 << 10;

/// The most moves of one thought.
pub const MAX_MOVES: usize = 16;

/// The most thoughts that one task may take.
pub const MAX_STEPS: u32 = 1 << 10;

/// The most moves that a mind is told of again.
pub const MAX_PAST: usize = 32;

/// How much of a tool's answer a mind is told, in bytes.
pub const MAX_NOTE: usize = 512;

/// What somebody wants of a mind.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Task {
    /// Which mind: the name of a tool whose arguments are a [`Context`].
    pub mind: Name,
    /// What it shall do, in its own language.
    pub text: Text<MAX_TASK>,
    /// How many thoughts it may take; at most [`MAX_STEPS`].
    pub steps: u32,
    /// It ends after this, by the clock of the node that runs it.
    pub until: Wall,
}

/// That a task was given under a writ: signed by who issued the writ, or by its home.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Commission {
    /// Under which writ.
    pub writ: WritId,
    /// Names the task among those under the writ. That of the writ itself: the writ was given for this task, and is closed with it.
    pub nonce: Nonce,
    /// What is to be done.
    pub task: Task,
    /// Of the encoding of all three, in the colony.
    pub signature: Signature,
}

impl Commission {
    /// Signs.
    pub fn sign(colony: Digest, writ: WritId, nonce: Nonce, task: Task, signer: &Signer) -> Self {
        let signature = signer.sign(COMMISSION, colony, &to_bytes(&(writ, nonce, task.clone())));
        Self { writ, nonce, task, signature }
    }

    /// Whether it is about this writ and who issued it said so, or its home.
    ///
    /// # Errors
    ///
    /// As [`PublicKey::verify`]; a mismatch, too, when it is about another writ.
    pub fn verify(&self, writ: &Writ) -> Result<(), BadSignature> {
        if self.writ != writ.id() {
            return Err(BadSignature::Mismatch);
        }
        let bytes = to_bytes(&(self.writ, self.nonce, self.task.clone()));
        let by = |key: PublicKey| key.verify(COMMISSION, writ.body.grant.colony, &bytes, &self.signature);
        by(writ.body.issuer).or_else(|bad| if writ.body.home == writ.body.issuer { Err(bad) } else { by(writ.body.home) })
    }
}

/// How a task ended: signed by the home of its writ.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Report {
    /// Under which writ.
    pub writ: WritId,
    /// Which task.
    pub nonce: Nonce,
    /// How it ended.
    pub ending: Ending,
    /// Of the encoding of all three, in the colony.
    pub signature: Signature,
}

impl Report {
    /// Signs. Only the home of the writ may, once that is durable.
    pub(crate) fn sign(colony: Digest, writ: WritId, nonce: Nonce, ending: Ending, signer: &Signer) -> Self {
        let signature = signer.sign(REPORT, colony, &to_bytes(&(writ, nonce, ending.clone())));
        Self { writ, nonce, ending, signature }
    }

    /// Whether it is about this writ and its home said so.
    ///
    /// # Errors
    ///
    /// As [`PublicKey::verify`]; a mismatch, too, when it is about another writ.
    pub fn verify(&self, writ: &Writ) -> Result<(), BadSignature> {
        if self.writ != writ.id() {
            return Err(BadSignature::Mismatch);
        }
        let bytes = to_bytes(&(self.writ, self.nonce, self.ending.clone()));
        writ.body.home.verify(REPORT, writ.body.grant.colony, &bytes, &self.signature)
    }
}

/// How a task ended.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Ending {
    /// The mind answered.
    Answered {
        /// What.
        answer: Bytes<MAX_ANSWER>,
    },
    /// It took all the thoughts that it may.
    Steps,
    /// Its time is over, or that of its writ.
    Time,
    /// It may not think any more.
    Refused(Reason),
    /// What became of a thought cannot be found out.
    InDoubt,
}

/// What a mind is told: the task, what it may do, what is left of the budget, and what became of its latest moves. A mind needs no memory.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Context {
    /// What it shall do.
    pub task: Text<MAX_TASK>,
    /// Which thought this is, from 0.
    pub step: u32,
    /// How many thoughts it may take.
    pub steps: u32,
    /// What its writ allows.
    pub grant: Box<Grant>,
    /// What is left of the budget.
    pub free: Amount,
    /// Its latest moves, at most [`MAX_PAST`], the oldest first.
    pub past: Vec<Past>,
}

/// What became of one move.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Past {
    /// In which thought it was made.
    pub step: u32,
    /// Which tool was to be called; none: a part of the writ was handed on, or the thought was none.
    pub tool: Option<Name>,
    /// What it was to be done to.
    pub target: Text<MAX_TARGET>,
    /// What became of it.
    pub reply: Reply,
}

/// What became of a move.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Reply {
    /// It was done.
    Done {
        /// The beginning of what it led to.
        note: Bytes<MAX_NOTE>,
    },
    /// Nothing happened, and nothing will.
    Failed,
    /// It was not done.
    Refused(Reason),
    /// Whether it was done is not known.
    InDoubt,
    /// The part was not given.
    Declined(Declined),
    /// The task that was handed on ended.
    Ended(Ending),
    /// What the mind said was no thought.
    Malformed,
}

/// What a mind answers.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Codec)]
pub struct Thought {
    /// What it wants done; at most [`MAX_MOVES`].
    pub moves: Vec<Move>,
    /// If this is its last thought: the answer, once the moves are settled.
    pub answer: Option<Bytes<MAX_ANSWER>>,
}

/// One thing that a mind wants done.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Move {
    /// Have a tool called.
    Call {
        /// Which.
        tool: Name,
        /// What it is done to.
        target: Text<MAX_TARGET>,
        /// With what.
        args: Bytes<MAX_ARGS>,
        /// Why, for people.
        rationale: Text<MAX_RATIONALE>,
    },
    /// Hand on a part of the writ, for a task of its own.
    Delegate {
        /// The part. Its nonce is the node's to choose.
        offer: Box<Offer>,
        /// The task.
        task: Box<Task>,
    },
}

impl Thought {
    /// Reads what a mind answered; `None` when that is no thought, or more than one.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        from_bytes::<Self>(bytes).ok().filter(|it| it.moves.len() <= MAX_MOVES)
    }

    /// What may be kept of what a mind answered: without secrets. What is no thought becomes nothing at all.
    pub(crate) fn redact(bytes: &[u8], secrets: &Secrets) -> Bytes<MAX_RESULT> {
        let Some(Self { moves, answer }) = Self::read(bytes) else { return Bytes::default() };
        let clean = |it: Move| match it {
            Move::Call { tool, target, args, rationale } => Move::Call {
                tool,
                target: secrets.redact_field(&target),
                args: secrets.redact_bytes(&args),
                rationale: secrets.redact_field(&rationale),
            },
            Move::Delegate { offer, task } => Move::Delegate { offer, task: Box::new(secrets.redact_task(*task)) },
        };
        let moves = moves.into_iter().map(clean).collect();
        let answer = answer.map(|it| secrets.redact_bytes(&it));
        // What was taken out may have been shorter than what stands there now.
        Bytes::new(&to_bytes(&Self { moves, answer })).unwrap_or_default()
    }
}

impl Reply {
    /// So much of what a tool answered as a mind is told.
    pub(crate) fn done(result: &[u8]) -> Self {
        Self::Done { note: Bytes::new(&result[..result.len().min(MAX_NOTE)]).unwrap_or_default() }
    }
}
