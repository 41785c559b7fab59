//! Judging what a log says of entities: see [`crate::judge`].
//!
//! Rule kept: a step is made again from what was asked, and must be the same. Without the specs that it was judged by, that is unshown;
//! that one log is by one suite, that its times and places fit, and that another home signed what it sent, is seen without them.

use crate::entity::acting::millis;
use crate::entity::{EntityArgs, SignedDelivery, fresh};
use crate::fact::Reason;
use crate::judge::{Drift, Judged, call};
use crate::state::State;
use antfarm_authority::{Intent, Proposal, WritId};
use antfarm_automata::entities::{Asked, Move, Refused, Step, Suite};
use antfarm_identity::{Digest, PublicKey, Signature, from_bytes};
use antfarm_machine::Wall;

fn unless(wrong: bool, drift: Drift) -> Result<(), Drift> {
    if wrong { Err(drift) } else { Ok(()) }
}

/// What was asked of entities by this intent.
fn asked(suite: &Suite, intent: &Intent) -> Result<Move, Refused> {
    let args = from_bytes::<EntityArgs>(intent.args.bytes()).map_err(|_| Refused::Type)?;
    args.moved(suite, intent.tool.text(), intent.target.text())
}

pub(crate) fn refused(
    state: &State,
    suite: Option<&Suite>,
    intent: &Intent,
    writ: WritId,
    refused: &Refused,
    at: Wall,
) -> Result<Judged, Drift> {
    call::passed(state, intent, writ, &Reason::Entity(refused.clone()), at)?;
    let Some(suite) = suite else { return Ok(Judged::Unshown) };
    let again = asked(suite, intent).and_then(|moved| {
        let asked = Asked { record: state.trail.records(), at: millis(at), moved, key: None };
        state.entities.step(suite, &asked, &fresh(&Digest::ZERO, state.entities.home(), asked.record))
    });
    match again {
        Err(again) if again == *refused => Ok(Judged::Derived),
        // That a record would have been too long, or that there was no room for it.
        Ok(_) if matches!(refused, Refused::Many | Refused::Full) => Ok(Judged::Unshown),
        Ok(_) | Err(_) => Err(Drift::Step),
    }
}

pub(crate) fn acted(
    state: &State,
    suite: Option<&Suite>,
    intent: &Intent,
    proposal: &Proposal,
    at: Wall,
    step: &Step,
) -> Result<Judged, Drift> {
    call::permitted(state, intent, proposal, at)?;
    let judged = stepped(state, suite, step, at)?;
    if let Some(suite) = suite {
        unless(asked(suite, intent).as_ref() != Ok(&step.asked.moved), Drift::Step)?;
    }
    Ok(judged)
}

pub(crate) fn moved(
    state: &State,
    suite: Option<&Suite>,
    step: &Step,
    signature: Option<&Signature>,
    at: Wall,
) -> Result<Judged, Drift> {
    match (&step.asked.moved, signature) {
        (Move::Deliver(delivery), Some(signature)) => {
            let bytes = delivery.from.parse::<Digest>().map_err(|_| Drift::Step)?;
            let key = PublicKey::new(*bytes.as_bytes()).map_err(|_| Drift::Step)?;
            let signed = SignedDelivery { delivery: delivery.clone(), signature: *signature };
            unless(!signed.is_by(&key, state.colony()), Drift::Signature { key })?;
        }
        // What was withheld is nobody's word but this node's.
        (Move::Deliver(delivery), None) if delivery.is_withheld() => {}
        (Move::Ring(_) | Move::Acknowledge { .. }, None) => {}
        (Move::Deliver(_) | Move::Ring(_) | Move::Acknowledge { .. } | Move::Create { .. } | Move::Act { .. }, _) => {
            return Err(Drift::Step);
        }
    }
    stepped(state, suite, step, at)
}

fn stepped(state: &State, suite: Option<&Suite>, step: &Step, at: Wall) -> Result<Judged, Drift> {
    let found = step.suite;
    unless(state.moved_by.is_some_and(|it| it != found), Drift::Suite { found })?;
    let fits = step.asked.record == state.trail.records() && step.asked.at == millis(at) && step.asked.key.is_none();
    unless(!fits, Drift::Step)?;
    let Some(suite) = suite else { return Ok(Judged::Unshown) };
    unless(suite.digest() != found, Drift::Suite { found })?;
    let again = state.entities.step(suite, &step.asked, &step.drawn);
    unless(again.as_ref() != Ok(step), Drift::Step)?;
    Ok(Judged::Derived)
}
