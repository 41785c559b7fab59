//! Judging what a log says of tasks: see [`crate::judge`].
//!
//! What a mind said is on the ledger, and what was done with it follows: what was asked of it, which of its words were wished for,
//! and how the task ended. Not shown: what time it was when a task ended for want of it, and why a part was not given.

use crate::fact::Reason;
use crate::judge::{Drift, Judged, unless, writ_of};
use crate::run::{MAX_RUNS, Next, RunId, Wanted, is_reserved};
use crate::state::State;
use crate::task::{Commission, Ending, Report};
use antfarm_authority::{Intent, Nonce, Refusal, WritId};
use antfarm_machine::Wall;

/// An intent with a nonce of a run is what the run wants at that place, and nobody else has such a nonce.
pub(crate) fn thought(state: &State, intent: &Intent, writ: WritId, at: Wall) -> Result<(), Drift> {
    if !is_reserved(intent.nonce) {
        return Ok(());
    }
    let wanted = state.runs.wanted(intent.nonce, |writ| state.allowed(writ));
    let is_so = match wanted {
        Some(Wanted::Call(wish)) => {
            (wish.writ, &wish.tool, &wish.target) == (writ, &intent.tool, &intent.target)
                && (&wish.args, &wish.rationale) == (&intent.args, &intent.rationale)
                && state.within_reach(wish.until, at) == intent.until
        }
        Some(Wanted::Part(..)) | None => false,
    };
    unless(!is_so, Drift::Unthought { nonce: intent.nonce })
}

/// A wish was refused because only runs may use its nonce.
pub(crate) fn reserved(intent: &Intent) -> Result<Judged, Drift> {
    unless(!is_reserved(intent.nonce), Drift::Refused { derived: None }).map(|()| Judged::Derived)
}

pub(crate) fn begun(state: &State, commission: &Commission) -> Result<Judged, Drift> {
    let writ = writ_of(state, commission.writ)?;
    state.accounts.account(commission.writ).ok_or(Drift::NoWrit { writ: commission.writ })?;
    let again = state.runs.run(RunId::new(commission.writ, commission.nonce)).is_some();
    unless(again, Drift::Again)?;
    unless(state.runs.len() >= MAX_RUNS, Drift::TooMany)?;
    commission.verify(writ.writ()).map_err(|_| Drift::Signature { key: writ.body().issuer })?;
    Ok(Judged::Derived)
}

pub(crate) fn commissioned(state: &State, commission: &Commission) -> Result<Judged, Drift> {
    let (writ, me) = (writ_of(state, commission.writ)?, state.accounts.home());
    let gave = writ.body().issuer == me && writ.body().home != me && commission.nonce == writ.body().nonce;
    unless(!gave, Drift::NotConcerned)?;
    unless(state.handed.contains_key(&commission.writ), Drift::Again)?;
    commission.verify(writ.writ()).map_err(|_| Drift::Signature { key: me })?;
    Ok(Judged::Derived)
}

pub(crate) fn ended(state: &State, report: &Report) -> Result<Judged, Drift> {
    let writ = writ_of(state, report.writ)?;
    let run = state.runs.run(RunId::new(report.writ, report.nonce)).filter(|run| run.ending().is_none());
    let run = run.ok_or(Drift::Again)?;
    report.verify(writ.writ()).map_err(|_| Drift::Signature { key: writ.body().home })?;
    match (&report.ending, run.next()) {
        (ending, Some(Next::End(derived))) if *ending == derived => Ok(Judged::Derived),
        // What time it was is not recorded, nor what is a mind.
        (Ending::Time, _) => Ok(Judged::Unshown),
        (Ending::Refused(Reason::Refused(Refusal::UnknownTool)), Some(Next::Want(0))) => Ok(Judged::Unshown),
        (Ending::Answered { .. } | Ending::Steps | Ending::Refused(_) | Ending::InDoubt, _) => Err(Drift::Ending),
    }
}

pub(crate) fn reported(state: &State, report: &Report) -> Result<Judged, Drift> {
    let writ = writ_of(state, report.writ)?;
    let handed = state.handed.get(&report.writ).filter(|it| it.ending.is_none() && it.commission.nonce == report.nonce);
    handed.ok_or(Drift::NotReleased)?;
    report.verify(writ.writ()).map_err(|_| Drift::Signature { key: writ.body().home })?;
    Ok(Judged::Derived)
}

pub(crate) fn declined(state: &State, writ: WritId, nonce: Nonce) -> Result<Judged, Drift> {
    let wanted = state.runs.wanted(nonce, |writ| state.allowed(writ));
    let is_part = matches!(wanted, Some(Wanted::Part(..))) && state.writ(writ).is_some();
    unless(!is_part, Drift::Unthought { nonce }).map(|()| Judged::Unshown)
}
