//! What nodes, tools and minds tell each other.
//!
//! Rule kept: who sent a message is known from the channel and is evidence of nothing. What is acted on later, or told on, is
//! signed: writs, standings, revocations, vouchers, heads.

use crate::entity::SignedDelivery;
use crate::task::{Commission, Report};
use alloc::boxed::Box;
use alloc::vec::Vec;
use antfarm_authority::{
    Amount, Bytes, Closed, Drawn, EffectKey, Inquiry, MAX_ARGS, MAX_TARGET, Name, Reclaimed, Revocation, Standing, Text, Writ,
    WritId,
};
use antfarm_identity::{Codec, Digest, Malformed, PublicKey, Reader};
use antfarm_ledger::SignedHead;
use antfarm_machine::Wall;

/// The longest answer of a tool, in bytes.
pub const MAX_RESULT: usize = 64 << 10;

/// One message: what it says, and how far the sender's log was durable when it was sent.
///
/// In stories and scenarios it is called by what it says.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Message {
    /// How far the sender's log was durable, if a node says it to a node; tools and minds keep no log, and remember nobody's.
    pub head: Option<Box<Claim>>,
    /// What it says.
    pub body: Body,
}

/// A node says how far its log is durable.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Claim {
    /// Up to here.
    pub head: SignedHead,
    /// Which start of its process it is. Whoever hears of another one says which head it remembers of those before.
    pub session: u64,
}

impl Message {
    /// From somebody who keeps no log.
    pub fn bare(body: Body) -> Self {
        Self { head: None, body }
    }
}

impl Codec for Message {
    const KINDS: &'static [&'static str] = Body::KINDS;
    const SHORTEST: usize = 2;
    fn kind(&self) -> u16 {
        self.body.kind()
    }
    fn encode(&self, out: &mut Vec<u8>) {
        self.head.encode(out);
        self.body.encode(out);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { head: Codec::decode(input)?, body: Codec::decode(input)? })
    }
}

/// What a message says.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Body {
    /// To the home of a writ: here it is. Told until [`Body::Presented`] comes back.
    Present {
        /// The writ and all above it, the root first.
        chain: Vec<Writ>,
        /// The word of its parent's home that the budget was given away; none for a root.
        drawn: Option<Drawn>,
        /// The task that it was given for, if there is one.
        commission: Option<Box<Commission>>,
    },
    /// The writ is on its home's ledger.
    Presented {
        /// The writ.
        writ: WritId,
        /// Whether it was presented with a task: that was looked at, too.
        with_task: bool,
    },
    /// To who gave a writ, or one above it: does it stand?
    Inquire {
        /// The question.
        inquiry: Inquiry,
        /// The writ and all above it, the root first.
        chain: Vec<Writ>,
    },
    /// It stands.
    Standing(Standing),
    /// A writ is dead.
    Revoked {
        /// The writ and all above it, the root first.
        chain: Vec<Writ>,
        /// Who says so.
        revocation: Revocation,
    },
    /// What the sender knows of the two sets that only grow: whoever knows more tells it.
    Sets {
        /// The revocations: how many, and the digest of their writs in order.
        dead: (u32, Digest),
        /// The evidence of forks: how many, and the digest of the logs concerned in order.
        forks: (u32, Digest),
    },
    /// To the home of a writ's parent: it is closed, and this was spent. Told until [`Body::Reclaimed`] comes back.
    Closed(Closed),
    /// What the child left is back: its home may forget it, once it is over.
    Reclaimed(Reclaimed),
    /// To a node that started again: the sender remembers this head of it. Told until [`Body::Passed`] comes back.
    Recall(SignedHead),
    /// The sender's log passes through the head that was recalled.
    Passed {
        /// The head's records.
        records: u64,
    },
    /// The sender knows this head of somebody's log: two nodes that were told different histories find out so.
    Seen {
        /// Whose.
        key: PublicKey,
        /// The head.
        head: SignedHead,
    },
    /// Two heads of one log that contradict each other.
    Forked(Fork),
    /// To a tool: do this.
    Call(Call),
    /// To a tool: answer how this went, or see to it that it never happens.
    Close {
        /// Of the call.
        key: EffectKey,
        /// After this the tool must not say that it will never happen, unless it knows: it may have forgotten that it did.
        deadline: Wall,
    },
    /// From a tool.
    Outcome {
        /// Of the call.
        key: EffectKey,
        /// How it went.
        outcome: Outcome,
    },
    /// To the home of a writ's parent: the task that it was given for ended so. Told until [`Body::Reported`] comes back.
    Report(Box<Report>),
    /// How the task ended is on the ledger of who gave it.
    Reported {
        /// The writ that was given for it.
        writ: WritId,
    },
    /// To the home of an entity: a trigger here set this going there. Told until [`Body::Delivered`] comes back.
    Deliver(Box<SignedDelivery>),
    /// All deliveries with lower numbers are on the ledger of whom they were sent to.
    Delivered {
        /// The number.
        below: u64,
    },
}

/// One call of a tool.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Call {
    /// Names the effect; the same whenever the call is made again.
    pub key: EffectKey,
    /// Which tool.
    pub tool: Name,
    /// What it is done to.
    pub target: Text<MAX_TARGET>,
    /// With what.
    pub args: Bytes<MAX_ARGS>,
    /// After this the tool must not begin, by its own clock; until then it remembers the key.
    ///
    /// INVARIANT(deadline): so a call that arrives twice, however late, takes effect once: the second finds the key, or comes
    /// after its deadline. Both are by the tool's own clock, which may be as wrong as it likes, as long as the tool keeps to the
    /// latest time that it ever read.
    pub deadline: Wall,
}

/// How a call went, as the tool says.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Outcome {
    /// It took effect.
    Done {
        /// What it led to.
        result: Bytes<MAX_RESULT>,
        /// What it cost.
        spent: Amount,
    },
    /// It had no effect and will have none.
    Failed {
        /// What it cost all the same.
        spent: Amount,
    },
    /// Something went wrong, and the tool does not say what: it may have taken effect.
    Unclear,
}

/// Two heads of one point of one log that differ, both signed by whoever keeps the log.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Fork {
    /// One.
    pub one: SignedHead,
    /// The other.
    pub other: SignedHead,
}
