//! Which alarms an action sets and takes back.

use crate::effect::Deed;
use crate::entities::{Alarm, Armed, Happened, Held, Ringing, Who};
use crate::program::small;
use crate::spec::Timeout;
use crate::state::{Begun, Transition};
use crate::{Kind, Table, Value};
use alloc::vec::Vec;

/// What an entity's alarms do when it comes into being in its initial state.
pub(super) fn born(table: &Table, who: &Who, held: &Held, at: i64) -> Vec<Happened> {
    let status = held.state.status();
    let entered = timeouts(table).filter(|(_, it)| table.status(&it.state) == Some(status));
    entered.filter_map(|(nth, it)| arm(who, held, nth, it, at)).collect()
}

/// What they do when it took an action. `held` is how the action left it. What is to be at a time that is none is not here.
pub(super) fn took(table: &Table, who: &Who, held: &Held, transition: &Transition, at: i64) -> Vec<Happened> {
    let alarm = |ringing| Alarm { who: who.clone(), ringing };
    let (from, to) = (transition.from(), transition.to());
    let spec = table.spec();
    let mut happened = Vec::new();
    for (nth, timeout) in timeouts(table) {
        let state = table.status(&timeout.state);
        let resets = || spec.actions.get(transition.action()).is_some_and(|it| timeout.reset_on.contains(&it.name));
        if from != to && state == Some(from) && held.armed.contains_key(&Ringing::Timeout(nth)) {
            happened.push(Happened::Disarmed(alarm(Ringing::Timeout(nth))));
        }
        if state == Some(to) && (from != to || resets()) {
            happened.extend(arm(who, held, nth, timeout, at));
        }
    }
    if table.is_terminal(to) {
        let scheduled = held.armed.keys().filter(|it| matches!(it, Ringing::Action(_)));
        happened.extend(scheduled.map(|it| Happened::Disarmed(alarm(*it))));
        return happened;
    }
    for begun in transition.begun() {
        if let Some((action, after)) = scheduled(table, transition, begun, at) {
            happened.push(Happened::Armed { alarm: alarm(Ringing::Action(action)), armed: Armed { since: at, after } });
        }
    }
    happened
}

/// The timeout that rang is set again, if its state was not left and it may ring once more.
pub(super) fn again(table: &Table, alarm: &Alarm, held: &Held, at: i64) -> Option<Happened> {
    let Ringing::Timeout(nth) = alarm.ringing else { return None };
    let timeout = table.spec().timeouts.get(usize::from(nth))?;
    let stays = table.status(&timeout.state) == Some(held.state.status());
    let is_set = held.armed.contains_key(&alarm.ringing);
    if stays && !is_set { arm(&alarm.who, held, nth, timeout, at) } else { None }
}

/// The actions that were to be scheduled at a time that is none.
pub(super) fn timeless(table: &Table, transition: &Transition) -> Vec<(u16, Option<u16>)> {
    let untold = |begun: &Begun| match begun {
        Begun::ScheduledAt { effect, time } if moment(time).is_none() => Some((*effect, action(table, transition, *effect))),
        Begun::ScheduledAt { .. } | Begun::Scheduled { .. } | Begun::Spawned { .. } => None,
    };
    transition.begun().iter().filter_map(untold).collect()
}

/// The parameters that a timeout gives its action.
pub(super) fn params(table: &Table, action: usize, timeout: &Timeout) -> Vec<Value> {
    let Some(said) = table.spec().actions.get(action) else { return Vec::new() };
    let value = |(param, kind): (&crate::Param, &Kind)| {
        let text = timeout.params.iter().find(|(name, _)| *name == param.name).map(|(_, text)| text);
        text.map_or(Some(Value::Null), |text| read(kind, text)).unwrap_or(Value::Null)
    };
    said.params.iter().zip(table.params(action)).map(value).collect()
}

/// What a text says to a parameter of this kind.
pub(super) fn read(kind: &Kind, text: &crate::Text) -> Option<Value> {
    let value = match kind {
        Kind::Bool => Value::Bool(text.parse().ok()?),
        Kind::Counter | Kind::Int | Kind::Money { .. } | Kind::Duration => Value::Int(text.parse().ok()?),
        Kind::Text | Kind::Ref { .. } | Kind::Open => Value::Text(text.clone()),
        Kind::List { .. } | Kind::Set { .. } => return None,
    };
    kind.holds(&value).then_some(value)
}

fn timeouts(table: &Table) -> impl Iterator<Item = (u16, &Timeout)> {
    (0..).zip(&table.spec().timeouts)
}

fn arm(who: &Who, held: &Held, nth: u16, timeout: &Timeout, at: i64) -> Option<Happened> {
    let rung = held.rung.get(&nth).copied().unwrap_or(0);
    let alarm = Alarm { who: who.clone(), ringing: Ringing::Timeout(nth) };
    (rung < timeout.most).then_some(Happened::Armed { alarm, armed: Armed { since: at, after: timeout.after } })
}

fn scheduled(table: &Table, transition: &Transition, begun: &Begun, at: i64) -> Option<(u16, i64)> {
    match begun {
        Begun::Scheduled { effect } => {
            let deed = &table.spec().actions.get(transition.action())?.effects.get(usize::from(*effect))?.deed;
            let Deed::Schedule { after, .. } = deed else { return None };
            Some((action(table, transition, *effect)?, *after))
        }
        Begun::ScheduledAt { effect, time } => {
            let after = moment(time)?.saturating_sub(at).max(0);
            Some((action(table, transition, *effect)?, after))
        }
        Begun::Spawned { .. } => None,
    }
}

/// The action that an effect schedules.
fn action(table: &Table, transition: &Transition, effect: u16) -> Option<u16> {
    let deed = &table.spec().actions.get(transition.action())?.effects.get(usize::from(effect))?.deed;
    match deed {
        Deed::Schedule { action, .. } | Deed::ScheduleAt { action, .. } => table.action(action).map(small),
        Deed::Assign { .. } | Deed::Append { .. } | Deed::Remove { .. } | Deed::RemoveAt { .. } | Deed::Spawn { .. } => None,
    }
}

/// The time that a value says, in milliseconds since 1970: that number, or a text as RFC 3339 writes it in UTC
/// (`2026-03-01T12:00:00Z`, with a fraction of up to nine digits).
fn moment(value: &Value) -> Option<i64> {
    match value {
        Value::Int(at) => Some(*at),
        Value::Text(text) => utc(text.strip_suffix('Z')?),
        Value::Null | Value::Bool(_) | Value::List(_) => None,
    }
}

fn utc(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let digits = |text: &str, many: core::ops::RangeInclusive<usize>| -> Option<i64> {
        let fits = many.contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
        if fits { text.parse().ok() } else { None }
    };
    let three = |text: &str, separator: char, widths: [usize; 3]| -> Option<[i64; 3]> {
        let mut parts = text.split(separator);
        let mut numbers = [0; 3];
        for (number, width) in numbers.iter_mut().zip(widths) {
            *number = digits(parts.next()?, width..=width)?;
        }
        parts.next().is_none().then_some(numbers)
    };
    let [year, month, day] = three(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = three(time, ':', [2, 2, 2])?;
    let leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leaps),
        _ => 31,
    };
    let is_real = (1..=12).contains(&month) && (1..=length).contains(&day) && hour < 24 && minute < 60 && second < 60;
    let nanos = digits(fraction, 1..=9)? * 10_i64.pow(9 - u32::try_from(fraction.len()).ok()?);
    // Days since 1970 by the Gregorian calendar, in years that begin in March.
    let (shifted, of_year) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        shifted * 365 + shifted.div_euclid(4) - shifted.div_euclid(100) + shifted.div_euclid(400) + (of_year * 153 + 2) / 5 + day
            - 719_469;
    is_real.then_some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + nanos / 1_000_000)
}
