//! What local clients may want of a node, and what it tells.

use crate::fact::{Asked, Reason};
use crate::message::{Call, MAX_RESULT};
use crate::task::{Ending, Task};
use alloc::boxed::Box;
use antfarm_authority::{Bytes, EffectKey, MAX_ARGS, MAX_RATIONALE, MAX_TARGET, Name, Nonce, Offer, Text, WritId};
use antfarm_automata::entities::Step;
use antfarm_identity::{Codec, Digest, PublicKey};
use antfarm_ledger::{Opened, Refused, Stop};
use antfarm_machine::Wall;

/// What a client wants. Whoever may ask is whom the host lets in.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Ask {
    /// Give a writ: of one's own as a trust root, or a part of one that this node is the subject and the home of.
    Grant {
        /// The parent; none: as a trust root.
        parent: Option<WritId>,
        /// What it says.
        offer: Box<Offer>,
        /// The task that the part is given for: its subject's mind takes it on, and the part is closed when it ends.
        task: Option<Box<Task>>,
    },
    /// Have a tool called.
    Wish(Box<Wish>),
    /// Revoke a writ that this node gave, or one below such a writ.
    Revoke {
        /// The writ.
        writ: WritId,
    },
    /// Close a writ that lives here and is a part of another: what is left goes back.
    Close {
        /// The writ.
        writ: WritId,
    },
    /// Somebody looked, and this is how the call went that was in doubt.
    Resolve {
        /// Of the call.
        key: EffectKey,
        /// Whether it took effect.
        happened: bool,
    },
    /// Take on a task under a writ that lives here, and that this node is the subject of.
    Work {
        /// The writ.
        writ: WritId,
        /// The client's name for the task: told again, it is the same task.
        nonce: Nonce,
        /// What is to be done.
        task: Box<Task>,
    },
}

/// One call that somebody wants made: an intent without what the node itself puts in.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Wish {
    /// Under which writ.
    pub writ: WritId,
    /// The client's name for it: told again, it is the same wish.
    pub nonce: Nonce,
    /// It may be begun until then and not after, at most [`antfarm_authority::MAX_REACH`] ahead. Told again, it is the same.
    pub until: Wall,
    /// Which tool.
    pub tool: Name,
    /// What it is done to.
    pub target: Text<MAX_TARGET>,
    /// With what.
    pub args: Bytes<MAX_ARGS>,
    /// Why, for people.
    pub rationale: Text<MAX_RATIONALE>,
}

/// What became of a wish.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Answer {
    /// The tool did it.
    Done {
        /// What it led to.
        result: Bytes<MAX_RESULT>,
    },
    /// The tool says that nothing happened, and nothing will.
    Failed,
    /// It was not done.
    Refused(Reason),
    /// Whether it was done is not known here, and a person has to look. A later answer may say.
    InDoubt,
    /// Nothing was decided: the node is not open, or too much is under way. Ask again later.
    Busy,
}

/// What a node tells observers. Nothing may act on it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Notice {
    /// The log is open.
    Opened(Opened),
    /// Writing ended; what was not durable may be gone.
    Stopped(Stop),
    /// The log is not served.
    Refused(Refused),
    /// The log holds a record that this node cannot have written, or that was redacted: nothing is served any more.
    Broken {
        /// Its position.
        position: u64,
    },
    /// A peer remembers a head that the log does not extend: nothing is served any more.
    RolledBack {
        /// Records up to that head.
        records: u64,
    },
    /// A writ is on the ledger. From here on it can be named.
    Granted {
        /// The writ.
        writ: WritId,
        /// The nonce of its offer.
        nonce: Nonce,
        /// Its subject.
        subject: PublicKey,
    },
    /// A writ was not given, revoked or closed, and why.
    Declined {
        /// What was asked.
        asked: Asked,
        /// Why.
        why: Declined,
    },
    /// What became of a wish. Told again when the wish is told again.
    Answered {
        /// The wish.
        nonce: Nonce,
        /// The call.
        key: EffectKey,
        /// What became of it.
        answer: Answer,
    },
    /// A call is on its way to a tool.
    Called(Call),
    /// A writ is dead, as far as is known here.
    Revoked {
        /// The writ.
        writ: WritId,
    },
    /// A writ is closed for good.
    Closed {
        /// The writ.
        writ: WritId,
    },
    /// What a child left is back.
    Reclaimed {
        /// The child.
        writ: WritId,
    },
    /// Somebody signed two histories.
    Forked {
        /// Whose log.
        log: Digest,
    },
    /// A task was taken on.
    Began {
        /// Under which writ.
        writ: WritId,
        /// Which.
        nonce: Nonce,
    },
    /// A task ended that was taken on here.
    Ended {
        /// Under which writ.
        writ: WritId,
        /// Which.
        nonce: Nonce,
        /// How.
        ending: Ending,
    },
    /// A task ended that was handed on.
    Reported {
        /// The writ that was given for it.
        writ: WritId,
        /// How.
        ending: Ending,
    },
    /// What entities did, asked for or not, is on the ledger.
    Stepped(Box<Step>),
}

/// Why an ask that is no wish came to nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Declined {
    /// The node is not open, or too much is under way. Ask again later.
    Busy,
    /// The node does not know the writ.
    Unknown,
    /// This node is no trust root.
    NotRoot,
    /// This node is not the subject of the parent, or not its home.
    NotHolder,
    /// The offer exceeds what may be handed on.
    Widened,
    /// The parent was revoked.
    Revoked,
    /// The budget does not allow it, or it was given before.
    Budget,
    /// This node gave neither the writ nor one above it.
    NotGiver,
    /// Something is under way, or a child has not returned what is left.
    Underway,
    /// It is over: revoked, closed or resolved already.
    Over,
    /// A client used a nonce that is kept for runs.
    Reserved,
}

/// In words, for people.
impl core::fmt::Display for Declined {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Busy => "it is not open, or too much is under way",
            Self::Unknown => "it does not know the writ",
            Self::NotRoot => "it is no trust root",
            Self::NotHolder => "the writ is another's, or lives elsewhere",
            Self::Widened => "it exceeds what may be handed on",
            Self::Revoked => "the writ was revoked",
            Self::Budget => "the budget does not allow it, or it was given before",
            Self::NotGiver => "it gave neither the writ nor one above it",
            Self::Underway => "something is under way, or a part has not returned what is left",
            Self::Over => "it is over already",
            Self::Reserved => "its name is kept for what minds want",
        })
    }
}
