//! What a node records: everything that happened or was refused, in the order in which it did.
//!
//! Rule kept: the node's state is the fold of its facts and of nothing else. A fact is recorded before any effect of it leaves,
//! and folding it cannot fail: what could fail was tried before it was recorded.

use crate::ask::Declined;
use crate::message::{Fork, MAX_RESULT};
use crate::task::{Commission, Report};
use crate::world::Delta;
use alloc::boxed::Box;
use alloc::vec::Vec;
use antfarm_authority::{
    Amount, Bytes, Closed, Drawn, EffectKey, Intent, Nonce, Offer, Proposal, Reclaimed, Refusal, Revocation, Writ, WritId,
};
use antfarm_automata::entities::{Refused, Step};
use antfarm_identity::{Codec, Digest, Malformed, PublicKey, Signature, from_bytes};
use antfarm_ledger::{OPENED, Record, SignedHead};
use antfarm_machine::Wall;

/// The version of the format of facts.
pub const VERSION: u16 = 3;

/// One thing that happened or was refused.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Fact {
    /// A writ is known here, as one above another: nobody acts on it here.
    Known {
        /// The writ; those above it were recorded before.
        writ: Writ,
    },
    /// A writ was given. Where this node is its home, its account is open.
    Granted {
        /// The writ; those above it were recorded before.
        writ: Writ,
        /// The word of its parent's home, where that is another.
        drawn: Option<Drawn>,
    },
    /// A child's budget left its parent. The child is known from here on; where it lives here too, its account is open.
    Delegated {
        /// The child.
        writ: Writ,
    },
    /// A wish was not compiled, and why.
    Refused {
        /// What was wished.
        intent: Box<Intent>,
        /// Under which writ.
        writ: WritId,
        /// Why not.
        reason: Reason,
        /// When, by this node's clock.
        at: Wall,
    },
    /// A call is about to be made, and its cost is set aside. Durable before the tool hears of it.
    Started {
        /// What was wished.
        intent: Box<Intent>,
        /// What it was compiled to.
        proposal: Proposal,
        /// When, by this node's clock.
        at: Wall,
        /// When the tool must have begun, by its own.
        deadline: Wall,
    },
    /// The call was never made: what allowed it when it was compiled did not allow it when it would have been sent.
    Withheld {
        /// The call.
        key: EffectKey,
        /// Why.
        reason: Reason,
    },
    /// The call took effect: the commit. The only fact that changes the world.
    Done {
        /// The call.
        key: EffectKey,
        /// What it led to.
        result: Bytes<MAX_RESULT>,
        /// What it cost.
        spent: Amount,
        /// What it changed in the world as this node projects it.
        delta: Delta,
    },
    /// The call had no effect.
    Failed {
        /// The call.
        key: EffectKey,
        /// What it cost all the same.
        spent: Amount,
    },
    /// Whether the call took effect cannot be found out by its contract: a person decides.
    Doubted {
        /// The call.
        key: EffectKey,
    },
    /// A writ is dead.
    Revoked(Revocation),
    /// This node saw that a writ's window is over.
    Expired {
        /// The writ.
        writ: WritId,
    },
    /// A writ is never spent again.
    Closed {
        /// The writ.
        writ: WritId,
    },
    /// What a child left came back.
    Reclaimed(Closed),
    /// The home of a closed writ's parent has taken back what was left.
    Released(Reclaimed),
    /// The latest heads that were heard of other logs, where they moved since the last such fact.
    Witnessed {
        /// By key of who keeps the log.
        heads: Vec<(PublicKey, SignedHead)>,
    },
    /// Somebody signed two histories.
    Forked(Box<Fork>),
    /// A task was taken on, under a writ that lives here.
    Begun(Box<Commission>),
    /// A task was handed on with a part that this node gave, and that lives elsewhere.
    Commissioned(Box<Commission>),
    /// A task that was taken on ended.
    Ended(Box<Report>),
    /// A task that was handed on ended.
    Reported(Box<Report>),
    /// A mind wanted a part handed on, and it was not.
    Declined {
        /// The writ that it would have been a part of.
        writ: WritId,
        /// The nonce of the part.
        nonce: Nonce,
        /// Why not.
        why: Declined,
    },
    /// What was over was forgotten: from here on this node's time is never before this.
    Forgot {
        /// When, by this node's clock.
        at: Wall,
    },
    /// A client asked for something other than a call, and it was not done.
    Denied {
        /// What it asked for.
        asked: Asked,
        /// Why not; never [`Declined::Busy`].
        why: Declined,
        /// When, by this node's clock.
        at: Wall,
    },
    /// The state that this record leaves is being saved: a checkpoint is begun.
    Saving,
    /// A checkpoint is durable, and this vouches for it.
    Saved {
        /// How many records it stands for: up to the latest [`Fact::Saving`].
        at: u64,
        /// Its seal: what a node makes of the state after so many records.
        seal: Digest,
    },
    /// An action of an entity was taken, or an entity created, with all that followed at this home: the commit of such a wish.
    Acted {
        /// What was wished.
        intent: Box<Intent>,
        /// What it was compiled to.
        proposal: Proposal,
        /// When, by this node's clock.
        at: Wall,
        /// What happened.
        step: Box<Step>,
        /// What the client hears: the status that its entity came to.
        result: Bytes<MAX_RESULT>,
    },
    /// Something happened to entities that no wish asked for: an alarm rang, or another home sent something, or recorded what it was sent.
    Moved {
        /// What happened.
        step: Box<Step>,
        /// Where another home sent it: its signature.
        signature: Option<Signature>,
        /// When, by this node's clock.
        at: Wall,
    },
}

/// What a client asked for, as far as it is kept when it was not done.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Asked {
    /// To give a writ.
    Grant {
        /// As a part of this one; none: as a trust root.
        parent: Option<WritId>,
        /// What it would have said.
        offer: Box<Offer>,
    },
    /// To revoke a writ.
    Revoke {
        /// The writ.
        writ: WritId,
    },
    /// To close a writ.
    Close {
        /// The writ.
        writ: WritId,
    },
    /// To say how a call went.
    Resolve {
        /// The call.
        key: EffectKey,
        /// Whether it would have been said to have taken effect.
        happened: bool,
    },
    /// To take on a task.
    Work {
        /// Under this writ.
        writ: WritId,
        /// The client's name for the task.
        nonce: Nonce,
    },
}

impl Asked {
    /// The writ that it is about; none: it is about none, or about whichever a call was made under.
    pub const fn writ(&self) -> Option<WritId> {
        match self {
            Self::Grant { parent, .. } => *parent,
            Self::Revoke { writ } | Self::Close { writ } | Self::Work { writ, .. } => Some(*writ),
            Self::Resolve { .. } => None,
        }
    }
}

impl Fact {
    /// The kind of its record; [`antfarm_ledger::OPENED`] is the ledger's own.
    pub fn record_kind(&self) -> u16 {
        self.kind() + 1
    }

    /// What a record of a node's log says; `None` where it is the ledger's own.
    ///
    /// # Errors
    ///
    /// See [`Unreadable`].
    pub fn read(record: &Record<'_>) -> Result<Option<Self>, Unreadable> {
        let header = &record.header;
        if header.kind == OPENED {
            return Ok(None);
        }
        if header.version != VERSION {
            return Err(Unreadable::Version { found: header.version });
        }
        let bytes = record.payload.bytes().ok_or(Unreadable::Redacted)?;
        let fact = from_bytes::<Self>(bytes).map_err(Unreadable::Malformed)?;
        if fact.record_kind() != header.kind {
            return Err(Unreadable::Kind { header: header.kind, payload: fact.record_kind() });
        }
        Ok(Some(fact))
    }
}

/// Why a record of a node's log does not say what happened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Unreadable {
    /// What it said was taken out of it, lawfully: what follows from it cannot be derived any more.
    Redacted,
    /// It has another version of the format than [`VERSION`].
    Version {
        /// That one.
        found: u16,
    },
    /// Its payload is not the encoding of a fact.
    Malformed(Malformed),
    /// Header and payload say different things.
    Kind {
        /// The kind in the header.
        header: u16,
        /// The kind of what the payload says.
        payload: u16,
    },
}

/// Why a wish was refused.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Reason {
    /// No such writ is known here.
    UnknownWrit,
    /// What the compiler says.
    Refused(Refusal),
    /// The policy wants somebody to approve, and nobody can yet.
    Suspended,
    /// It took too long until the call could be sent: the tool would not begin it any more.
    Late,
    /// A client used a nonce that is kept for runs.
    Reserved,
    /// What the entity's table says, or the step that it would have been.
    Entity(Refused),
}

impl core::fmt::Display for Reason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::UnknownWrit => f.write_str("no such writ is known here"),
            Self::Refused(refusal) => write!(f, "{refusal}"),
            Self::Late => f.write_str("it took too long until the call could be sent; wish again"),
            Self::Reserved => f.write_str("the nonce begins as those do that are kept for runs; choose another"),
            Self::Entity(refused) => write!(f, "the entity's spec does not allow it: {refused}"),
            Self::Suspended => f.write_str("the policy wants somebody to approve"),
        }
    }
}
