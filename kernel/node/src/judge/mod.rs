//! Judging a log that somebody else wrote: could an honest node have recorded this fact there?
//!
//! Rule kept: a decision is derived again from the ledger alone, by [`antfarm_authority::compile`] itself and the rules of this crate,
//! and what the ledger cannot show is said to be unshown, never to be right. Writs, vouchers, revocations and heads are verified
//! by their signatures.
//!
//! What a ledger does not show: whether a writ stood at that moment, what tools, world and policy said, by how far a blind
//! tool's deadline lay ahead, and when something was recorded that carries no time. A node that lies about these, or about its
//! clock, is not found here.
//!
//! [`call`] judges what became of wishes, [`testimony`] is what their records say of what is not shown; [`writ`] judges what is
//! recorded of writs, and [`task`] of tasks.

pub(crate) mod call;
mod task;
mod testimony;
mod writ;

use crate::ask::Declined;
use crate::config::log_of;
use crate::entity;
use crate::fact::{Fact, Reason};
use crate::message::Fork;
use crate::state::State;
use antfarm_authority::{
    CloseRefusal, DrawRefusal, EffectKey, Granted, Nonce, OpenRefusal, ReclaimRefusal, RevocationRefusal, Shortage, WritId,
};
use antfarm_automata::entities::Suite;
use antfarm_identity::{Digest, PublicKey};
use antfarm_ledger::SignedHead;

/// How far the ledger bears a fact out that does not contradict it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Judged {
    /// It follows from what was recorded before.
    Derived,
    /// It may be so, and rests on what no ledger shows.
    Unshown,
}

/// Why no honest node recorded a fact there.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Drift {
    /// It is about a writ that is not on the ledger.
    NoWrit {
        /// The writ.
        writ: WritId,
    },
    /// A writ does not verify up to a trust root.
    NotGranted {
        /// The writ.
        writ: WritId,
    },
    /// What it says is on the ledger already.
    Again,
    /// An account was opened that is not opened so.
    Opened(OpenRefusal),
    /// A writ was recorded as given that this node neither gave nor keeps.
    NotConcerned,
    /// A part of a writ was given by a node that is not its subject and its home.
    NotHolder {
        /// The writ above.
        writ: WritId,
    },
    /// A part was given of a writ that is dead.
    DeadParent {
        /// The first dead one.
        writ: WritId,
    },
    /// A budget was moved that is not moved so.
    Drew(DrawRefusal),
    /// An account was closed that is not closed so.
    Closed(CloseRefusal),
    /// What a child left came back otherwise than it does.
    Reclaimed(ReclaimRefusal),
    /// A writ was released that nobody waited for.
    NotReleased,
    /// A revocation is none.
    Revoked(RevocationRefusal),
    /// Somebody did not sign what is said to be signed.
    Signature {
        /// Who.
        key: PublicKey,
    },
    /// A head of a log that is not the one of its key.
    OtherLog {
        /// That log.
        log: Digest,
    },
    /// A head that is not later than what was known of its log.
    OldHead {
        /// The log.
        log: Digest,
    },
    /// Two heads that contradict each other do not.
    NoFork {
        /// The log.
        log: Digest,
    },
    /// An intent is not of this node.
    Author {
        /// Whose it is, or where it was first told.
        key: PublicKey,
    },
    /// A call was started that must be refused.
    Allowed(Reason),
    /// A wish was refused for a reason that does not hold.
    Refused {
        /// What the ledger says instead; `None`: nothing.
        derived: Option<Reason>,
    },
    /// A call was decided on that is known already.
    Repeated {
        /// The call.
        key: EffectKey,
    },
    /// No compiler of this version is known here: what it decided cannot be derived.
    Compiler {
        /// The version.
        found: u16,
    },
    /// A proposal does not say what its intent says.
    Proposal(Part),
    /// More is under way or remembered than a node takes on.
    TooMany,
    /// It is about a call that was never started, or that is settled.
    NotUnderway {
        /// The call.
        key: EffectKey,
    },
    /// More was spent than was set aside.
    Overspent(Shortage),
    /// The world was changed otherwise than a call's result does.
    World,
    /// Something was done in a run's name that no mind said there.
    Unthought {
        /// The nonce.
        nonce: Nonce,
    },
    /// A task ended otherwise than its run does.
    Ending,
    /// Something was said to be forgotten, and nothing was over.
    Forgot,
    /// A checkpoint is vouched for that was not begun there, or is none of what the records leave.
    Saved {
        /// How many records it is said to stand for.
        at: u64,
    },
    /// Entities were moved by another suite of specs than before, or than the one that is known.
    Suite {
        /// The digest of that one.
        found: Digest,
    },
    /// What entities did does not follow from what was asked, or from their tables.
    Step,
    /// An ask was declined for a reason that does not hold.
    Denied {
        /// What the ledger says instead; `None`: nothing.
        derived: Option<Declined>,
    },
}

/// A part of a proposal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    /// The digest of the intent.
    Intent,
    /// The key of the effect.
    Key,
    /// The tool.
    Tool,
    /// Whether it may happen now.
    Status,
    /// When the tool must have begun.
    Deadline,
}

/// Judges a fact by the state that all facts before it left.
///
/// # Errors
///
/// The first reason why no honest node recorded it there.
pub fn judge(state: &State, fact: &Fact) -> Result<Judged, Drift> {
    judge_under(state, None, fact)
}

/// The same, for who has the specs by which entities were moved: what these did is derived again.
///
/// # Errors
///
/// The first reason why no honest node recorded it there.
pub fn judge_under(state: &State, suite: Option<&Suite>, fact: &Fact) -> Result<Judged, Drift> {
    match fact {
        Fact::Refused { intent, writ, reason: Reason::Entity(refused), at } => {
            return entity::refused(state, suite, intent, *writ, refused, *at);
        }
        Fact::Acted { intent, proposal, at, step, result: _ } => return entity::acted(state, suite, intent, proposal, *at, step),
        Fact::Moved { step, signature, at } => return entity::moved(state, suite, step, signature.as_ref(), *at),
        Fact::Known { writ } => writ::known(state, writ)?,
        Fact::Granted { writ, drawn } => writ::granted(state, writ, drawn.as_ref())?,
        Fact::Delegated { writ } => writ::delegated(state, writ)?,
        Fact::Refused { intent, writ, reason, at } => return call::refused(state, intent, *writ, reason, *at),
        Fact::Started { intent, proposal, at, deadline } => call::started(state, intent, proposal, *at, *deadline)?,
        Fact::Withheld { key, reason } => return call::withheld(state, *key, reason),
        Fact::Done { key, result, spent, delta } => call::done(state, *key, result.bytes(), *spent, delta)?,
        Fact::Failed { key, spent } => call::failed(state, *key, *spent)?,
        Fact::Doubted { key } => call::doubted(state, *key)?,
        Fact::Revoked(revocation) => writ::revoked(state, revocation)?,
        Fact::Expired { writ } => {
            state.accounts.account(*writ).ok_or(Drift::NoWrit { writ: *writ })?;
            unless(state.accounts.is_expired(*writ), Drift::Again)?;
            // When that was is not recorded.
            return Ok(Judged::Unshown);
        }
        Fact::Closed { writ } => state.accounts.may_close(*writ).map_err(Drift::Closed)?,
        Fact::Reclaimed(closed) => writ::reclaimed(state, closed)?,
        Fact::Released(word) => writ::released(state, word)?,
        Fact::Witnessed { heads } => heads.iter().try_for_each(|(key, head)| witnessed(state, key, head))?,
        Fact::Forked(fork) => return forked(state, fork),
        Fact::Begun(commission) => return task::begun(state, commission),
        Fact::Commissioned(commission) => return task::commissioned(state, commission),
        Fact::Ended(report) => return task::ended(state, report),
        Fact::Reported(report) => return task::reported(state, report),
        Fact::Declined { writ, nonce, .. } => return task::declined(state, *writ, *nonce),
        Fact::Forgot { at } => return crate::forgetting::judged(state, *at),
        Fact::Saving => {}
        // What it seals is for who has followed the log from its first record: see `SavedStates`.
        Fact::Saved { at, .. } => {
            unless(state.saving != Some(*at), Drift::Saved { at: *at })?;
            return Ok(Judged::Unshown);
        }
        Fact::Denied { asked, why, .. } => return crate::denial::judged(state, asked, *why),
    }
    Ok(Judged::Derived)
}

fn unless(wrong: bool, drift: Drift) -> Result<(), Drift> {
    if wrong { Err(drift) } else { Ok(()) }
}

fn writ_of(state: &State, writ: WritId) -> Result<&Granted, Drift> {
    state.writ(writ).ok_or(Drift::NoWrit { writ })
}

fn witnessed(state: &State, key: &PublicKey, head: &SignedHead) -> Result<(), Drift> {
    let (log, colony) = (head.log, state.colony());
    unless(log != log_of(colony, key), Drift::OtherLog { log })?;
    let old = state.witnessed(key).is_some_and(|known| known.head.records >= head.head.records);
    unless(old, Drift::OldHead { log })?;
    head.verify(key, colony).map_err(|_| Drift::Signature { key: *key })
}

fn forked(state: &State, fork: &Fork) -> Result<Judged, Drift> {
    let (log, colony) = (fork.one.log, state.colony());
    unless(!fork.one.contradicts(&fork.other), Drift::NoFork { log })?;
    unless(state.forks.contains_key(&log), Drift::Again)?;
    let named = state.writs().flat_map(|writ| [writ.body().issuer, writ.body().subject, writ.body().home]);
    let mut keys = state.witnessed.keys().copied().chain(named);
    // Whose log it is may stand in no fact: the node knew it from its configuration.
    let Some(key) = keys.find(|key| log_of(colony, key) == log) else { return Ok(Judged::Unshown) };
    let signed = fork.one.verify(&key, colony).is_ok() && fork.other.verify(&key, colony).is_ok();
    unless(!signed, Drift::Signature { key }).map(|()| Judged::Derived)
}
