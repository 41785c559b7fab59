//! Judging what a log says of wishes and calls: see [`crate::judge`].
//!
//! A wish is compiled again, with what its record says of what no ledger shows in place of that. What comes of it must be what
//! was recorded.

use crate::effect::{Effect, Phase};
use crate::fact::Reason;
use crate::judge::testimony::Testimony;
use crate::judge::{Drift, Judged, Part, task, unless, writ_of};
use crate::state::{MAX_EFFECTS, MAX_OPEN, State};
use crate::wishes::margin;
use crate::world::{Delta, Op};
use antfarm_authority::{Amount, COMPILER, EffectKey, Intent, Proposal, Refusal, Resolution, Shortage, WritId};
use antfarm_machine::{Span, Wall};

fn own(state: &State, intent: &Intent) -> Result<(), Drift> {
    let me = state.accounts.home();
    unless(intent.author != me, Drift::Author { key: intent.author })?;
    unless(intent.origin != me, Drift::Author { key: intent.origin })?;
    let key = intent.key();
    unless(state.effect(key).is_some(), Drift::Repeated { key })
}

pub(crate) fn refused(state: &State, intent: &Intent, writ: WritId, reason: &Reason, at: Wall) -> Result<Judged, Drift> {
    own(state, intent)?;
    if *reason == Reason::Reserved {
        return task::reserved(intent);
    }
    task::thought(state, intent, writ, at)?;
    let testimony = Testimony::of_refusal(state, intent, reason, at);
    let derived = testimony.compile(state, intent, writ, at).err();
    unless(derived.as_ref() != Some(reason), Drift::Refused { derived })?;
    Ok(if testimony.is_alone() { Judged::Unshown } else { Judged::Derived })
}

pub(crate) fn started(state: &State, intent: &Intent, said: &Proposal, at: Wall, deadline: Wall) -> Result<(), Drift> {
    permitted(state, intent, said, at)?;
    unless(!is_in_time(said, at, deadline), Drift::Proposal(Part::Deadline))
}

/// That a wish was compiled to this.
pub(crate) fn permitted(state: &State, intent: &Intent, said: &Proposal, at: Wall) -> Result<(), Drift> {
    own(state, intent)?;
    task::thought(state, intent, said.writ, at)?;
    unless(said.compiler != COMPILER, Drift::Compiler { found: said.compiler })?;
    let writ = writ_of(state, said.writ)?;
    let derived = Testimony::of_proposal(state, intent, said, writ, at).compile(state, intent, said.writ, at);
    let derived = derived.map_err(Drift::Allowed)?;
    differs(&derived, said).map_or(Ok(()), |part| Err(Drift::Proposal(part)))?;
    unless(state.open.len() >= MAX_OPEN || state.effects.len().max(state.wishes.len()) >= MAX_EFFECTS, Drift::TooMany)
}

/// That a wish was refused by its entity alone: every stage of the compiler let it pass, or might have.
pub(crate) fn passed(state: &State, intent: &Intent, writ: WritId, reason: &Reason, at: Wall) -> Result<(), Drift> {
    own(state, intent)?;
    task::thought(state, intent, writ, at)?;
    let derived = Testimony::of_refusal(state, intent, reason, at).compile(state, intent, writ, at).err();
    unless(derived.is_some(), Drift::Refused { derived })
}

/// The first part that differs of those that are not taken at their word.
fn differs(derived: &Proposal, said: &Proposal) -> Option<Part> {
    let parts = [
        (derived.intent == said.intent, Part::Intent),
        (derived.key == said.key, Part::Key),
        (derived.tool == said.tool, Part::Tool),
        (derived.status == said.status, Part::Status),
        (derived.deadline == said.deadline, Part::Deadline),
    ];
    let first = parts.into_iter().find(|(same, _)| !same).map(|(_, part)| part);
    assert!(first.is_some() || derived == said, "the rest is what it says");
    first
}

/// Whether a tool must have begun as early as follows from how long it remembers.
fn is_in_time(said: &Proposal, at: Wall, deadline: Wall) -> bool {
    let latest = |forgotten: Wall| said.deadline.map_or(forgotten, |it| it.min(forgotten));
    match said.resolution {
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

pub(crate) fn withheld(state: &State, key: EffectKey, reason: &Reason) -> Result<Judged, Drift> {
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
        Reason::UnknownWrit | Reason::Refused(_) | Reason::Suspended | Reason::Late | Reason::Reserved | Reason::Entity(_) => {
            derived.as_ref() == Some(reason)
        }
    };
    unless(!holds, Drift::Refused { derived }).map(|()| Judged::Derived)
}

pub(crate) fn doubted(state: &State, key: EffectKey) -> Result<(), Drift> {
    unanswered(state, key).map(drop)
}

pub(crate) fn failed(state: &State, key: EffectKey, spent: Amount) -> Result<(), Drift> {
    settled(underway(state, key)?, spent)
}

fn settled(effect: &Effect, spent: Amount) -> Result<(), Drift> {
    let cost = effect.cost();
    spent.beyond(cost).next().map_or(Ok(()), |dimension| {
        let (free, wanted) = (cost.of(dimension), spent.of(dimension));
        Err(Drift::Overspent(Shortage { dimension, free, wanted }))
    })
}

pub(crate) fn done(state: &State, key: EffectKey, result: &[u8], spent: Amount, delta: &Delta) -> Result<(), Drift> {
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
