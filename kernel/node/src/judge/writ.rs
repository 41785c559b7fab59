//! Judging what a log says of writs: see [`crate::judge`].
//!
//! Signatures, narrowing and budgets are all shown. Not shown is when a writ was seen expired.

use crate::judge::{Drift, unless, writ_of};
use crate::state::{MAX_WRITS, State};
use antfarm_authority::{
    Closed, DrawRefusal, Drawn, Granted, OpenRefusal, Reclaimed, Revocation, RevocationRefusal, Revocations, Writ,
};

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

pub(crate) fn known(state: &State, writ: &Writ) -> Result<(), Drift> {
    let granted = verified(state, writ)?;
    unless(state.writ(granted.id()).is_some(), Drift::Again)
}

pub(crate) fn granted(state: &State, writ: &Writ, drawn: Option<&Drawn>) -> Result<(), Drift> {
    let (granted, me) = (verified(state, writ)?, state.accounts.home());
    if granted.body().home == me {
        return state.accounts.may_open(&granted, drawn).map_err(Drift::Opened);
    }
    let given = granted.body().issuer == me && granted.parent().is_none();
    unless(!given || drawn.is_some(), Drift::NotConcerned)?;
    unless(state.writ(granted.id()).is_some(), Drift::Again)
}

pub(crate) fn delegated(state: &State, writ: &Writ) -> Result<(), Drift> {
    let (child, me) = (verified(state, writ)?, state.accounts.home());
    let parent = child.parent().ok_or(Drift::Drew(DrawRefusal::Root))?;
    unless(parent.body().subject != me || parent.body().home != me, Drift::NotHolder { writ: parent.id() })?;
    state.revocations.first_dead(parent).map_or(Ok(()), |writ| Err(Drift::DeadParent { writ }))?;
    unless(state.writ(child.id()).is_some(), Drift::Again)?;
    state.accounts.may_draw(&child).map_err(Drift::Drew)
}

pub(crate) fn revoked(state: &State, revocation: &Revocation) -> Result<(), Drift> {
    let writ = writ_of(state, revocation.writ)?;
    unless(state.revocations.is_dead(writ.id()), Drift::Again)?;
    unless(state.revocations.is_over(writ), Drift::Revoked(RevocationRefusal::Over))?;
    unless(state.revocations.is_full(), Drift::Revoked(RevocationRefusal::TooMany))?;
    // Tried on an empty set: what is asked is whether it is one.
    Revocations::new().take(revocation, writ).map(drop).map_err(Drift::Revoked)
}

pub(crate) fn reclaimed(state: &State, closed: &Closed) -> Result<(), Drift> {
    let parent = writ_of(state, closed.writ)?.parent().ok_or(Drift::NoWrit { writ: closed.writ })?;
    state.accounts.may_reclaim(parent.id(), closed).map_err(Drift::Reclaimed)
}

pub(crate) fn released(state: &State, word: &Reclaimed) -> Result<(), Drift> {
    let writ = writ_of(state, word.child)?;
    unless(!state.last_words.contains(&word.child), Drift::NotReleased)?;
    let home = writ.parent().map_or(writ.body().home, |parent| parent.body().home);
    word.verify(writ).map_err(|_| Drift::Signature { key: home })
}
