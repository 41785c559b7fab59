//! What entities did, in words.

use antfarm_automata::Text;
use antfarm_automata::entities::{Alarm, Dropped, Happened, Ringing, Step, Suite};

/// What a step did, as a person would say it; nothing where nobody would.
pub(crate) fn told(suite: &Suite, step: &Step) -> Option<String> {
    let said: Vec<String> = step.happened.iter().filter_map(|it| sentence(suite, it)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn sentence(suite: &Suite, happened: &Happened) -> Option<String> {
    Some(match happened {
        Happened::Born { who, state, .. } => {
            let status = suite.table(who.entity)?.spec().states.get(state.status())?;
            format!("`{}` comes to be, in `{status}`", who.id)
        }
        Happened::Took { who, transition, .. } => {
            let spec = suite.table(who.entity)?.spec();
            let action = &spec.actions.get(transition.action())?.name;
            let (from, to) = (spec.states.get(transition.from())?, spec.states.get(transition.to())?);
            format!("`{}` takes `{action}`, from `{from}` to `{to}`", who.id)
        }
        Happened::Rang(alarm) => format!("`{}` of `{}` is due", ringing(suite, alarm)?, alarm.who.id),
        Happened::Sent(it) => format!("`{}` is asked for `{}`, in the {}. message", it.id, it.action, it.seq + 1),
        Happened::Received { seq, .. } => format!("the {}. message arrives", seq + 1),
        Happened::Dropped(dropped) => refused(suite, dropped),
        Happened::Armed { .. } | Happened::Disarmed(_) | Happened::Acknowledged { .. } | Happened::Called { .. } => return None,
    })
}

/// The action that an alarm wants.
fn ringing<'a>(suite: &'a Suite, alarm: &Alarm) -> Option<&'a Text> {
    let spec = suite.table(alarm.who.entity)?.spec();
    match alarm.ringing {
        Ringing::Timeout(nth) => spec.timeouts.get(usize::from(nth)).map(|it| &it.action),
        Ringing::Action(nth) => spec.actions.get(usize::from(nth)).map(|it| &it.name),
    }
}

fn refused(suite: &Suite, dropped: &Dropped) -> String {
    let act = dropped.who.as_ref().and_then(|who| Some((who.entity, usize::from(dropped.action?))));
    let action = act.and_then(|(of, action)| suite.table(of)?.spec().actions.get(action).map(|it| it.name.to_string()));
    let whom = dropped.who.as_ref().map_or("nobody", |it| it.id.as_str());
    format!("`{}` of `{whom}` is refused: {}", action.unwrap_or_default(), suite.explain(act, &dropped.why))
}

/// The first reaction of a step that was refused although somebody counts on it: the type that does, and what it was.
pub(crate) fn missed(suite: &Suite, step: &Step) -> Option<(Text, String)> {
    let dropped = step.dropped().find(|it| it.is_missed())?;
    let (source, _) = step.source(suite, dropped.cause)?;
    Some((source, refused(suite, dropped)))
}
