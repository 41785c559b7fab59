//! Judging a log that somebody else wrote: could an honest node have recorded this fact there?
//!
//! Rule kept: a decision is derived again from the ledger alone, by the rules of [`antfarm_authority::compile`] and of this crate,
//! and what the ledger cannot show is said to be unshown, never to be right. Writs, vouchers, revocations and heads are verified
//! by their signatures.
//!
//! What a ledger does not show: whether a writ stood at that moment, what tools, world and policy said, by how far a blind
//! tool's deadline lay ahead, and when something was recorded that carries no time. A node that lies about these, or about its
//! clock, is not found here.

use crate::config::log_of;
use crate::effect::{Effect, Phase};
use crate::fact::{Fact, Reason};
use crate::judge_task;
use crate::message::Fork;
use crate::state::{MAX_EFFECTS, MAX_OPEN, MAX_WRITS, State};
use crate::wishes::margin;
use crate::world::{Delta, Op};
use antfarm_authority::{
    Amount, COMPILER, Class, CloseRefusal, DrawRefusal, Drawn, EffectKey, Granted, Intent, Nonce, OpenRefusal, Proposal,
    ReclaimRefusal, Refusal, ReserveRefusal, Resolution, Revocation, RevocationRefusal, Revocations, Shortage, Status, Writ,
    WritId, check_expiry, node_time,
};
use antfarm_identity::{Digest, PublicKey};
use antfarm_ledger::SignedHead;
use antfarm_machine::{Span, Wall};

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
    Allowed(Refusal),
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
    match fact {
        Fact::Known { writ } => known(state, writ)?,
        Fact::Granted { writ, drawn } => granted(state, writ, drawn.as_ref())?,
        Fact::Delegated { writ } => delegated(state, writ)?,
        Fact::Refused { intent, writ, reason, at } => return refused(state, intent, *writ, reason, *at),
        Fact::Started { intent, proposal, at, deadline } => started(state, intent, proposal, *at, *deadline)?,
        Fact::Withheld { key, reason } => return withheld(state, *key, reason),
        Fact::Done { key, result, spent, delta } => done(state, *key, result.bytes(), *spent, delta)?,
        Fact::Failed { key, spent } => settled(underway(state, *key)?, *spent)?,
        Fact::Doubted { key } => drop(unanswered(state, *key)?),
        Fact::Revoked(revocation) => revoked(state, revocation)?,
        Fact::Expired { writ } => {
            state.accounts.account(*writ).ok_or(Drift::NoWrit { writ: *writ })?;
            unless(state.accounts.is_expired(*writ), Drift::Again)?;
            // When that was is not recorded.
            return Ok(Judged::Unshown);
        }
        Fact::Closed { writ } => state.accounts.may_close(*writ).map_err(Drift::Closed)?,
        Fact::Reclaimed(closed) => {
            let parent = writ_of(state, closed.writ)?.parent().ok_or(Drift::NoWrit { writ: closed.writ })?;
            state.accounts.may_reclaim(parent.id(), closed).map_err(Drift::Reclaimed)?;
        }
        Fact::Released(word) => {
            let writ = writ_of(state, word.child)?;
            unless(!state.last_words.contains(&word.child), Drift::NotReleased)?;
            let home = writ.parent().map_or(writ.body().home, |parent| parent.body().home);
            word.verify(writ).map_err(|_| Drift::Signature { key: home })?;
        }
        Fact::Witnessed { heads } => heads.iter().try_for_each(|(key, head)| witnessed(state, key, head))?,
        Fact::Forked(fork) => return forked(state, fork),
        Fact::Begun(commission) => return judge_task::begun(state, commission),
        Fact::Commissioned(commission) => return judge_task::commissioned(state, commission),
        Fact::Ended(report) => return judge_task::ended(state, report),
        Fact::Reported(report) => return judge_task::reported(state, report),
        Fact::Declined { writ, nonce, .. } => return judge_task::declined(state, *writ, *nonce),
        Fact::Forgot { at } => return crate::forgetting::judged(state, *at),
    }
    Ok(Judged::Derived)
}

pub(crate) fn unless(wrong: bool, drift: Drift) -> Result<(), Drift> {
    if wrong { Err(drift) } else { Ok(()) }
}

pub(crate) fn writ_of(state: &State, writ: WritId) -> Result<&Granted, Drift> {
    state.writ(writ).ok_or(Drift::NoWrit { writ })
}

fn verified(state: &State, writ: &Writ) -> Result<Granted, Drift> {
    let granted = state.verify(writ).ok_or_else(|| Drift::NotGranted { writ: writ.id() })?;
    let room = state.writ(granted.id()).is_some() || state.writs.len() < MAX_WRITS;
    // A writ that is known was verified, but its signature here may be another.
    let signed = state.writ(granted.id()).is_none_or(|known| known.writ() == writ) || writ.verify().is_ok();
    unless(!signed, Drift::Signature { key: writ.body.issuer })?;
    unless(state.revocations.is_over(&granted), Drift::Opened(OpenRefusal::Over))?;
    unless(!room, Drift::TooMany)?;
    Ok(granted)
}

fn known(state: &State, writ: &Writ) -> Result<(), Drift> {
    let granted = verified(state, writ)?;
    unless(state.writ(granted.id()).is_some(), Drift::Again)
}

fn granted(state: &State, writ: &Writ, drawn: Option<&Drawn>) -> Result<(), Drift> {
    let (granted, me) = (verified(state, writ)?, state.accounts.home());
    if granted.body().home == me {
        return state.accounts.may_open(&granted, drawn).map_err(Drift::Opened);
    }
    let given = granted.body().issuer == me && granted.parent().is_none();
    unless(!given || drawn.is_some(), Drift::NotConcerned)?;
    unless(state.writ(granted.id()).is_some(), Drift::Again)
}

fn delegated(state: &State, writ: &Writ) -> Result<(), Drift> {
    let (child, me) = (verified(state, writ)?, state.accounts.home());
    let parent = child.parent().ok_or(Drift::Drew(DrawRefusal::Root))?;
    unless(parent.body().subject != me || parent.body().home != me, Drift::NotHolder { writ: parent.id() })?;
    state.revocations.first_dead(parent).map_or(Ok(()), |writ| Err(Drift::DeadParent { writ }))?;
    unless(state.writ(child.id()).is_some(), Drift::Again)?;
    state.accounts.may_draw(&child).map_err(Drift::Drew)
}

/// What the ledger shows that an intent must be refused for, and the stage of compiling at which.
fn visible(state: &State, intent: &Intent, writ: &Granted, at: Wall) -> Option<(u8, Refusal)> {
    let (body, accounts) = (writ.body(), &state.accounts);
    if body.home != accounts.home() {
        return Some((1, Refusal::NotHome { home: body.home }));
    }
    if body.grant.tenant != intent.tenant {
        return Some((2, Refusal::Tenant { tenant: body.grant.tenant.clone() }));
    }
    if body.subject != intent.author {
        return Some((3, Refusal::NotSubject { subject: body.subject }));
    }
    if let Err(past) = check_expiry(intent.until, node_time(at, state.mark())) {
        return Some((4, past));
    }
    if let Some(first) = state.told(intent).filter(|first| *first != intent.digest()) {
        return Some((5, Refusal::Retold { first }));
    }
    if let Some(writ) = state.revocations.first_dead(writ) {
        return Some((6, Refusal::Revoked { writ }));
    }
    let (not_before, expires_at) = (body.grant.window.not_before(), body.grant.window.expires_at());
    if at < not_before {
        return Some((8, Refusal::Early { not_before, at }));
    }
    if at > expires_at {
        return Some((8, Refusal::Expired { expires_at, at }));
    }
    if state.revocations.is_over(writ) {
        return Some((8, Refusal::SeenExpired));
    }
    if !body.grant.tools.matches(&intent.tool) {
        return Some((9, Refusal::Scope));
    }
    match accounts.affords(writ.id(), Amount::ZERO) {
        Ok(()) => None,
        Err(why) => Some((12, short(why))),
    }
}

fn short(why: ReserveRefusal) -> Refusal {
    match why {
        ReserveRefusal::NoAccount => Refusal::NoAccount,
        ReserveRefusal::Closed => Refusal::AccountClosed,
        ReserveRefusal::Expired => Refusal::SeenExpired,
        ReserveRefusal::Short(shortage) => Refusal::Budget(shortage),
        ReserveRefusal::TooMany | ReserveRefusal::Reserved => Refusal::Busy,
    }
}

/// The stage of compiling at which a refusal is the answer.
const fn stage(refusal: &Refusal) -> u8 {
    match refusal {
        Refusal::NotHome { .. } => 1,
        Refusal::Tenant { .. } => 2,
        Refusal::NotSubject { .. } => 3,
        Refusal::Stale { .. } | Refusal::Distant { .. } => 4,
        Refusal::Retold { .. } => 5,
        Refusal::Revoked { .. } => 6,
        Refusal::NoStanding(_) => 7,
        Refusal::Early { .. } | Refusal::Expired { .. } => 8,
        Refusal::Scope => 9,
        Refusal::UnknownTool => 10,
        Refusal::Ceiling { .. } => 11,
        Refusal::NoAccount | Refusal::AccountClosed | Refusal::SeenExpired | Refusal::Budget(_) | Refusal::Busy => 12,
        Refusal::Args(_) => 13,
        Refusal::Unmet(_) => 14,
        Refusal::Denied { .. } => 15,
    }
}

fn own(state: &State, intent: &Intent) -> Result<(), Drift> {
    let me = state.accounts.home();
    unless(intent.author != me, Drift::Author { key: intent.author })?;
    unless(intent.origin != me, Drift::Author { key: intent.origin })?;
    let key = intent.key();
    unless(state.effect(key).is_some(), Drift::Repeated { key })
}

fn refused(state: &State, intent: &Intent, writ: WritId, reason: &Reason, at: Wall) -> Result<Judged, Drift> {
    own(state, intent)?;
    if *reason == Reason::Reserved {
        return judge_task::reserved(intent);
    }
    judge_task::thought(state, intent, writ)?;
    let Some(writ) = state.writ(writ) else {
        let derived = Some(Reason::UnknownWrit);
        return if *reason == Reason::UnknownWrit { Ok(Judged::Derived) } else { Err(Drift::Refused { derived }) };
    };
    let derived = visible(state, intent, writ, at);
    let drift = |derived: Option<(u8, Refusal)>| Err(Drift::Refused { derived: derived.map(|it| Reason::Refused(it.1)) });
    let refusal = match reason {
        Reason::UnknownWrit | Reason::Late | Reason::Reserved => return drift(derived),
        Reason::Suspended if derived.is_some() => return drift(derived),
        Reason::Suspended => return Ok(Judged::Unshown),
        Reason::Refused(refusal) => refusal,
    };
    match derived {
        Some((_, first)) if first == *refusal => return Ok(Judged::Derived),
        Some((earlier, _)) if earlier < stage(refusal) => return drift(derived),
        Some(_) | None => {}
    }
    match refusal {
        Refusal::NoStanding(_)
        | Refusal::UnknownTool
        | Refusal::Busy
        | Refusal::Args(_)
        | Refusal::Unmet(_)
        | Refusal::Denied { .. } => Ok(Judged::Unshown),
        Refusal::Ceiling { class } if !writ.body().grant.ceiling.allows(*class) => Ok(Judged::Derived),
        Refusal::Budget(short) if derived.is_none() && is_short(state, writ.id(), short) => Ok(Judged::Derived),
        Refusal::NotHome { .. }
        | Refusal::Tenant { .. }
        | Refusal::NotSubject { .. }
        | Refusal::Stale { .. }
        | Refusal::Distant { .. }
        | Refusal::Retold { .. }
        | Refusal::Revoked { .. }
        | Refusal::Early { .. }
        | Refusal::Expired { .. }
        | Refusal::Scope
        | Refusal::Ceiling { .. }
        | Refusal::NoAccount
        | Refusal::AccountClosed
        | Refusal::SeenExpired
        | Refusal::Budget(_) => drift(derived),
    }
}

fn is_short(state: &State, writ: WritId, short: &Shortage) -> bool {
    let free = state.accounts.account(writ).map(|account| account.free().of(short.dimension));
    free == Some(short.free) && short.wanted > short.free
}

fn started(state: &State, intent: &Intent, proposal: &Proposal, at: Wall, deadline: Wall) -> Result<(), Drift> {
    own(state, intent)?;
    judge_task::thought(state, intent, proposal.writ)?;
    unless(proposal.compiler != COMPILER, Drift::Compiler { found: proposal.compiler })?;
    let writ = writ_of(state, proposal.writ)?;
    unless(proposal.intent != intent.digest(), Drift::Proposal(Part::Intent))?;
    unless(proposal.key != intent.key(), Drift::Proposal(Part::Key))?;
    unless(proposal.tool != intent.tool, Drift::Proposal(Part::Tool))?;
    unless(proposal.status != Status::Staged, Drift::Proposal(Part::Status))?;
    visible(state, intent, writ, at).map_or(Ok(()), |(_, refusal)| Err(Drift::Allowed(refusal)))?;
    let class = proposal.class;
    unless(!writ.body().grant.ceiling.allows(class), Drift::Allowed(Refusal::Ceiling { class }))?;
    state.accounts.affords(writ.id(), proposal.cost).map_err(|why| Drift::Allowed(short(why)))?;
    unless(!is_in_time(proposal, at, deadline), Drift::Proposal(Part::Deadline))?;
    unless(state.open.len() >= MAX_OPEN || state.effects.len().max(state.wishes.len()) >= MAX_EFFECTS, Drift::TooMany)
}

/// Whether a call has the deadlines that follow from its class and from how long its tool remembers.
fn is_in_time(proposal: &Proposal, at: Wall, deadline: Wall) -> bool {
    let bounded = proposal.deadline.is_some_and(|it| it >= at);
    let as_its_class = if proposal.class == Class::Irreversible { bounded } else { proposal.deadline.is_none() };
    let latest = |forgotten: Wall| proposal.deadline.map_or(forgotten, |it| it.min(forgotten));
    as_its_class
        && match proposal.resolution {
            Resolution::Keyed { retention } | Resolution::Closable { retention } => {
                let remembered = Span::from_nanos(retention.as_nanos().saturating_sub(margin(retention).as_nanos()));
                deadline == latest(at + remembered)
            }
            Resolution::Blind => deadline == latest(deadline) && deadline >= at,
        }
}

fn underway(state: &State, key: EffectKey) -> Result<&Effect, Drift> {
    state.effect(key).filter(|effect| effect.is_open()).ok_or(Drift::NotUnderway { key })
}

/// A call under way that was not doubted.
fn unanswered(state: &State, key: EffectKey) -> Result<&Effect, Drift> {
    underway(state, key).and_then(|effect| match effect.phase() {
        Phase::Started => Ok(effect),
        Phase::Doubted | Phase::Withheld(_) | Phase::Done(_) | Phase::Failed => Err(Drift::NotUnderway { key }),
    })
}

fn withheld(state: &State, key: EffectKey, reason: &Reason) -> Result<Judged, Drift> {
    let writ = writ_of(state, unanswered(state, key)?.writ())?;
    let window = writ.body().grant.window;
    let (dead, ended) = (state.revocations.first_dead(writ), state.accounts.is_expired(writ.id()));
    let derived = match (dead, ended) {
        (Some(writ), _) => Some(Reason::Refused(Refusal::Revoked { writ })),
        (None, true) => Some(Reason::Refused(Refusal::SeenExpired)),
        (None, false) => None,
    };
    let holds = match reason {
        // The end of the window is recorded just before a call is withheld for it.
        Reason::Refused(Refusal::Expired { expires_at, at }) => {
            ended && dead.is_none() && *expires_at == window.expires_at() && at > expires_at
        }
        Reason::Refused(Refusal::Early { not_before, at }) => {
            derived.is_none() && *not_before == window.not_before() && at < not_before
        }
        Reason::Late | Reason::Refused(Refusal::NoStanding(_)) if derived.is_none() => return Ok(Judged::Unshown),
        Reason::UnknownWrit | Reason::Refused(_) | Reason::Suspended | Reason::Late | Reason::Reserved => {
            derived.as_ref() == Some(reason)
        }
    };
    unless(!holds, Drift::Refused { derived }).map(|()| Judged::Derived)
}

fn settled(effect: &Effect, spent: Amount) -> Result<(), Drift> {
    let cost = effect.cost();
    spent.beyond(cost).next().map_or(Ok(()), |dimension| {
        let (free, wanted) = (cost.of(dimension), spent.of(dimension));
        Err(Drift::Overspent(Shortage { dimension, free, wanted }))
    })
}

fn done(state: &State, key: EffectKey, result: &[u8], spent: Amount, delta: &Delta) -> Result<(), Drift> {
    let effect = underway(state, key)?;
    settled(effect, spent)?;
    let tenant = &writ_of(state, effect.writ())?.body().grant.tenant;
    let target = effect.call().map_or("", |call| call.target.text());
    let fits = |op: &Op| match op {
        Op::Create { key, value } | Op::Replace { key, value, .. } => {
            key.tenant() == tenant.0.text() && key.id() == target && value.bytes() == result
        }
        Op::Retract { .. } | Op::Expect { .. } => false,
    };
    let follows = delta.ops().len() <= 1 && delta.ops().iter().all(fits) && state.world.check_delta(delta).is_ok();
    unless(!follows, Drift::World)
}

fn revoked(state: &State, revocation: &Revocation) -> Result<(), Drift> {
    let writ = writ_of(state, revocation.writ)?;
    unless(state.revocations.is_dead(writ.id()), Drift::Again)?;
    unless(state.revocations.is_over(writ), Drift::Revoked(RevocationRefusal::Over))?;
    unless(state.revocations.is_full(), Drift::Revoked(RevocationRefusal::TooMany))?;
    // Tried on an empty set: what is asked is whether it is one.
    Revocations::new().take(revocation, writ).map(drop).map_err(Drift::Revoked)
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
