//! The interpreter: one action on one state. Pure and total; nothing in it panics, rounds or looks anything up by name.
//!
//! In order: the action and the status, the parameters, the conjuncts of the guard from left to right, the effects one after the other,
//! each in view of those before it. Then parameters are put into variables of the same name that no effect writes. What fails anywhere
//! refuses the action, and the state is as it was.

use crate::program::{Do, Given, Step, Write};
use crate::refusal::{Refusal, Unable, Undefined, Unfit};
use crate::see::{Related, View};
use crate::state::{Begun, State, Transition, Writes};
use crate::{Kind, MOST_TEXT, Seen, Table, Text, Value};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What a caller asks for.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The number of the action.
    pub action: usize,
    /// The parameters, in the order of the action; null, or nothing at the end, where one is not given.
    pub params: &'a [Value],
    /// Ids that no entity has, for the entities that the action spawns, in order.
    pub fresh: &'a [Text],
}

impl<'a> Call<'a> {
    /// A call that spawns nothing.
    pub const fn new(action: usize, params: &'a [Value]) -> Self {
        Self { action, params, fresh: &[] }
    }
}

impl Table {
    /// What `call` does to `state`.
    ///
    /// # Errors
    ///
    /// The table does not allow it.
    #[inline]
    pub fn evaluate<R: Related + ?Sized>(&self, state: &State, call: Call<'_>, related: &R) -> Result<Transition, Refusal> {
        let step = self.enabled(state, call, related)?;
        let (from, to) = (state.status, step.to.unwrap_or(state.status));
        let action = crate::program::small(call.action);
        let mut transition = Transition { action, from, to, writes: Writes::default(), begun: Vec::new() };
        effects(step, self, state, call, related, &mut transition)?;
        Ok(transition)
    }

    /// Whether an action is enabled: everything but its effects.
    ///
    /// # Errors
    ///
    /// Why it is not.
    pub fn allows<R: Related + ?Sized>(&self, state: &State, call: Call<'_>, related: &R) -> Result<(), Refusal> {
        self.enabled(state, call, related).map(drop)
    }

    #[inline]
    fn enabled<R: Related + ?Sized>(&self, state: &State, call: Call<'_>, related: &R) -> Result<&Step, Refusal> {
        let step = self.program.actions.get(call.action).ok_or(Refusal::Action)?;
        if step.is_event {
            return Err(Refusal::Event);
        }
        if state.slots.len() != self.program.kinds.len() {
            return Err(Refusal::State);
        }
        if !*step.from.get(state.status()).ok_or(Refusal::State)? {
            return Err(Refusal::Status { status: state.status });
        }
        params(step, call.params)?;
        let writes = Writes::default();
        let view = self.view(state, &writes, call.params, related);
        for (conjunct, code) in (0..).zip(&step.conjuncts) {
            match view.holds(code) {
                Ok(true) => {}
                Ok(false) => return Err(Refusal::Guard { conjunct }),
                Err(why) => return Err(Refusal::Undefined { conjunct, why }),
            }
        }
        Ok(step)
    }

    #[inline]
    pub(crate) fn view<'a, R: ?Sized>(
        &'a self,
        state: &'a State,
        writes: &'a Writes,
        params: &'a [Value],
        related: &'a R,
    ) -> View<'a, R> {
        View { states: &self.spec.states, state, writes, params, related, elements: None }
    }
}

#[inline]
fn params(step: &Step, values: &[Value]) -> Result<(), Refusal> {
    let wrong = |param, unfit| Err(Refusal::Param { param, unfit });
    for (param, Given { kind, required, .. }) in (0..).zip(&step.params) {
        match values.get(usize::from(param)) {
            None | Some(Value::Null) if *required => return wrong(param, Unfit::Missing),
            None | Some(Value::Null) => {}
            Some(value) if !kind.holds(value) => return wrong(param, Unfit::Kind),
            Some(_) => {}
        }
    }
    if values.len() > step.params.len() {
        return wrong(crate::program::small(step.params.len()), Unfit::Extra);
    }
    Ok(())
}

#[inline]
fn effects<R: Related + ?Sized>(
    step: &Step,
    table: &Table,
    state: &State,
    call: Call<'_>,
    related: &R,
    transition: &mut Transition,
) -> Result<(), Refusal> {
    let Transition { writes, begun, .. } = transition;
    let mut fresh = call.fresh.iter();
    for (effect, write) in (0..).zip(&step.effects) {
        if let (None, Do::Count { slot, by, least, stops }) = (&write.when, &write.deed) {
            match count(state, writes, *slot, *by, *least, *stops) {
                Ok(sum) => writes.put(*slot, Value::Int(sum)),
                Err(unable) => return Err(Refusal::Effect { effect, unable }),
            }
            continue;
        }
        let view = table.view(state, writes, call.params, related);
        let mut writing = Writing { view, kinds: &table.program.kinds, effect, fresh: &mut fresh, begun };
        match writing.happens(write) {
            Ok(None) => {}
            Ok(Some((slot, value))) => writes.put(slot, value),
            Err(unable) => return Err(Refusal::Effect { effect, unable }),
        }
    }
    for (param, (given, value)) in (0..).zip(step.params.iter().zip(call.params)) {
        if let Some(slot) = given.merged.filter(|_| *value != Value::Null) {
            if !table.program.kinds[usize::from(slot)].holds(value) {
                return Err(Refusal::Param { param, unfit: Unfit::Range });
            }
            writes.put(slot, value.clone());
        }
    }
    Ok(())
}

/// A fixed number, added to what a variable holds now.
#[inline]
fn count(state: &State, writes: &Writes, slot: u16, by: i64, least: i64, stops: bool) -> Result<i64, Unable> {
    let Some(Value::Int(now)) = writes.find(slot).or_else(|| state.slots.get(usize::from(slot))) else {
        return Err(Unable::Range { variable: slot });
    };
    let sum = now.checked_add(by).ok_or(Unable::Undefined(Undefined::Overflow))?;
    match sum < least {
        false => Ok(sum),
        true if stops => Ok(least),
        true => Err(Unable::Range { variable: slot }),
    }
}

/// One effect, as it happens.
struct Writing<'a, 'b, 'c, R: ?Sized> {
    view: View<'a, R>,
    kinds: &'a [Kind],
    effect: u16,
    fresh: &'b mut core::slice::Iter<'c, Text>,
    begun: &'b mut Vec<Begun>,
}

impl<'a, R: Related + ?Sized> Writing<'a, '_, '_, R> {
    /// The variable that is written, and its new value.
    #[inline]
    fn happens(&mut self, write: &'a Write) -> Result<Option<(u16, Value)>, Unable> {
        if let Some(when) = &write.when
            && !self.view.holds(when).map_err(Unable::Undefined)?
        {
            return Ok(None);
        }
        match &write.deed {
            Do::Set { slot, value } => {
                let value = self.view.see(value).map_err(Unable::Undefined)?.keep();
                self.fits(*slot, value)
            }
            Do::Add { slot, value, subtract } => {
                let by = self.view.see(value).map_err(Unable::Undefined)?;
                self.add(*slot, by, *subtract)
            }
            Do::Count { slot, by, least, stops } => {
                let sum = count(self.view.state, self.view.writes, *slot, *by, *least, *stops)?;
                Ok(Some((*slot, Value::Int(sum))))
            }
            Do::Append { slot, value } => {
                let Seen::Text(text) = self.view.see(value).map_err(Unable::Undefined)? else {
                    return Err(Unable::Range { variable: *slot });
                };
                self.append(*slot, text)
            }
            Do::Remove { slot, value } => {
                let (list, text) = (self.list(*slot), self.view.see(value).map_err(Unable::Undefined)?);
                if !list.iter().any(|it| Seen::Text(it) == text) {
                    return Ok(None);
                }
                let left = list.iter().filter(|it| Seen::Text(it) != text).cloned().collect();
                Ok(Some((*slot, Value::List(Arc::new(left)))))
            }
            Do::RemoveAt { slot, index } => {
                let (list, index) = (self.list(*slot), self.view.see(index).map_err(Unable::Undefined)?);
                let Seen::Int(index) = index else { return Ok(None) };
                let Some(index) = usize::try_from(index).ok().filter(|index| *index < list.len()) else { return Ok(None) };
                let mut left = list.to_vec();
                left.remove(index);
                Ok(Some((*slot, Value::List(Arc::new(left)))))
            }
            Do::Schedule => {
                self.begun.push(Begun::Scheduled { effect: self.effect });
                Ok(None)
            }
            Do::ScheduleAt { slot } => {
                let time = self.now(*slot).keep();
                self.begun.push(Begun::ScheduledAt { effect: self.effect, time });
                Ok(None)
            }
            Do::Spawn { store, id } => self.spawn(*store, id.as_ref()),
        }
    }

    /// What a variable holds now.
    fn now(&self, slot: u16) -> Seen<'a> {
        let value = self.view.writes.find(slot).or_else(|| self.view.state.slots.get(usize::from(slot)));
        value.map_or(Seen::Null, Value::see)
    }

    fn list(&self, slot: u16) -> &'a [Text] {
        match self.now(slot) {
            Seen::List(list) => list,
            Seen::Null | Seen::Bool(_) | Seen::Int(_) | Seen::Text(_) => &[],
        }
    }

    #[inline]
    fn fits(&self, slot: u16, value: Value) -> Result<Option<(u16, Value)>, Unable> {
        let kind = &self.kinds[usize::from(slot)];
        if let (Kind::Set { .. }, Value::List(list)) = (kind, &value) {
            let mut sorted = list.to_vec();
            sorted.sort();
            sorted.dedup();
            return self.bounded(slot, Value::List(Arc::new(sorted)));
        }
        self.bounded(slot, value)
    }

    #[inline]
    fn bounded(&self, slot: u16, value: Value) -> Result<Option<(u16, Value)>, Unable> {
        let kind = &self.kinds[usize::from(slot)];
        if kind.holds(&value) {
            return Ok(Some((slot, value)));
        }
        let is_full = matches!(&value, Value::List(list) if kind.most().is_some_and(|most| list.len() > most as usize));
        Err(if is_full { Unable::Full { variable: slot } } else { Unable::Range { variable: slot } })
    }

    #[inline]
    fn add(&self, slot: u16, by: Seen<'_>, subtract: bool) -> Result<Option<(u16, Value)>, Unable> {
        let (Seen::Int(now), Seen::Int(by)) = (self.now(slot), by) else {
            return Err(Unable::Range { variable: slot });
        };
        let sum = if subtract { now.checked_sub(by) } else { now.checked_add(by) };
        let sum = sum.ok_or(Unable::Undefined(Undefined::Overflow))?;
        let stops = subtract && self.kinds[usize::from(slot)] == Kind::Counter;
        self.bounded(slot, Value::Int(if stops { sum.max(0) } else { sum }))
    }

    fn append(&self, slot: u16, text: &Text) -> Result<Option<(u16, Value)>, Unable> {
        let list = self.list(slot);
        let kind = &self.kinds[usize::from(slot)];
        let is_set = matches!(kind, Kind::Set { .. });
        if text.len() > MOST_TEXT {
            return Err(Unable::Range { variable: slot });
        }
        if is_set && list.contains(text) {
            return Ok(None);
        }
        if kind.most().is_some_and(|most| list.len() >= most as usize) {
            return Err(Unable::Full { variable: slot });
        }
        let at = if is_set { list.partition_point(|it| it < text) } else { list.len() };
        let grown = list[..at].iter().chain([text]).chain(&list[at..]).cloned().collect();
        Ok(Some((slot, Value::List(Arc::new(grown)))))
    }

    fn spawn(&mut self, store: Option<u16>, id: Option<&'a crate::program::Code>) -> Result<Option<(u16, Value)>, Unable> {
        let id = match id {
            Some(code) => match self.view.see(code).map_err(Unable::Undefined)? {
                Seen::Text(id) if !id.is_empty() => id.clone(),
                Seen::Null | Seen::Bool(_) | Seen::Int(_) | Seen::Text(_) | Seen::List(_) => return Err(Unable::NoFreshId),
            },
            None => self.fresh.next().ok_or(Unable::NoFreshId)?.clone(),
        };
        let written = match store {
            None => None,
            Some(slot) if self.kinds[usize::from(slot)].most().is_some() => self.append(slot, &id)?,
            Some(slot) => self.bounded(slot, Value::Text(id.clone()))?,
        };
        self.begun.push(Begun::Spawned { effect: self.effect, id });
        Ok(written)
    }
}
