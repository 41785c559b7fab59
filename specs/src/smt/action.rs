//! One action on a symbolic state: where it is enabled, whether its effects can happen, and the state after it.
//!
//! Effects happen in order, each in view of those before it; what does not fit is one more conjunct. Then parameters are put into
//! variables of the same name. The interpreter does the same to numbers; `antfarm-smt`'s tests hold one against the other.

use super::list::List;
use super::look::{Desk, Look};
use super::planted::Planted;
use super::related::World;
use super::state::{self, Symbolic};
use super::term::{Number, Truth, all, any};
use super::texts::NULL;
use super::value::{Val, computed, null};
use crate::relate::is_born;
use antfarm_automata::{Action, Arith, Assign, Deed, Effect, Expr, Kind, Started, Text};

/// What a caller gives for one parameter.
#[derive(Clone, Debug)]
pub(super) struct Argument {
    /// Its value, null where none is given; of its kind.
    pub(super) value: Val,
    pub(super) is_given: Truth,
}

/// An action that may be taken.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    /// Whether it is enabled and all its effects can happen.
    pub(super) happens: Truth,
    pub(super) after: Symbolic,
    pub(super) made: Vec<Made>,
}

/// An entity that an action creates.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) entity: Text,
    /// Whether it is, where the action is taken.
    pub(super) when: Truth,
    pub(super) id: Number,
    /// Whether the caller brings the id. Others are said by the spec.
    pub(super) is_new: bool,
}

/// Any arguments of an action, as constants. What the action neither reads nor keeps is not given.
pub(super) fn arguments(desk: &mut Desk<'_>, action: usize, suffix: &str) -> Vec<Argument> {
    let (table, spec) = (desk.table, desk.table.spec());
    let mut found = Vec::new();
    for (nth, (kind, param)) in table.params(action).iter().zip(&spec.actions[action].params).enumerate() {
        let is_required = table.is_required(action, nth);
        if !is_required && table.merged(action, nth).is_none() {
            found.push(Argument { value: null(), is_given: Truth::FALSE });
            continue;
        }
        let name = format!("{}.{}{suffix}", spec.actions[action].name, param.name);
        let value = state::open(desk.script, &name, kind);
        let is_given = if is_required { Truth::TRUE } else { desk.script.truth(&format!("{name}.given")) };
        desk.script.assert(&is_given.implies(&state::is_null(&value).not()));
        found.push(Argument { value, is_given });
    }
    found
}

/// Whether an action sets something going at other entities in the same step.
pub(super) fn reaches_others(desk: &Desk<'_>, action: usize) -> bool {
    let action = &desk.table.spec().actions[action];
    let spawns = action.effects.iter().any(|it| matches!(it.deed, Deed::Spawn { .. }));
    let triggers = action.triggers.iter().any(|it| matches!(it.deed, Started::Entity { .. }));
    spawns || triggers || action.composite.is_some()
}

/// Whether an action does anything to its own entity: a composite one may only write elsewhere.
pub(super) fn is_recorded(action: &Action) -> bool {
    action.composite.as_ref().is_none_or(|it| it.record_parent_event)
}

/// An action with these arguments on this state.
pub(super) fn taken(
    desk: &mut Desk<'_>,
    before: &Symbolic,
    world: World,
    action: usize,
    arguments: &[Argument],
    suffix: &str,
    planted: Option<Planted>,
) -> Taken {
    let table = desk.table;
    let spec = table.spec();
    let from = (0..spec.states.len())
        .filter(|status| table.leads_from(action, *status))
        .map(|status| before.status.equals(&Number::known(desk.others.texts.code(&spec.states[status]))));
    let mut happens = vec![any(from)];
    let params: Vec<Val> = arguments.iter().map(|it| it.value.clone()).collect();
    if planted != Some(Planted::GuardDropped) {
        for conjunct in table.conjuncts(action) {
            happens.push(Look::by(desk, before, world, action, &params).is_so(conjunct));
        }
    }
    let mut acting = Acting { desk, world, action, params: &params, suffix, planted, after: before.clone(), made: Vec::new() };
    for effect in &spec.actions[action].effects {
        let able = acting.happen(effect);
        happens.push(able);
    }
    let Acting { desk, mut after, made, .. } = acting;
    for (nth, argument) in arguments.iter().enumerate() {
        if let Some(slot) = table.merged(action, nth) {
            let (value, fits) = state::fitted(desk.script, &spec.variables[slot].kind, &argument.value);
            happens.push(argument.is_given.implies(&fits));
            after.slots[slot] = state::pick(desk.script, &argument.is_given, &value, &after.slots[slot]);
        }
    }
    if let Some(to) = &spec.actions[action].to {
        after.status = Number::known(desk.others.texts.code(to));
    }
    if !is_recorded(&spec.actions[action]) {
        after = before.clone();
    }
    let happens = desk.script.share(all(happens));
    Taken { happens, after, made }
}

/// Effects, one after the other.
struct Acting<'d, 'a> {
    desk: &'d mut Desk<'a>,
    world: World,
    action: usize,
    params: &'d [Val],
    suffix: &'d str,
    planted: Option<Planted>,
    after: Symbolic,
    made: Vec<Made>,
}

impl Acting<'_, '_> {
    fn said(&mut self, expr: &Expr) -> (Truth, Truth) {
        Look::by(self.desk, &self.after, self.world, self.action, self.params).said(expr)
    }

    fn value(&mut self, expr: &Expr) -> (Val, Truth) {
        Look::by(self.desk, &self.after, self.world, self.action, self.params).value(expr)
    }

    /// Makes an effect happen; whether it can.
    fn happen(&mut self, effect: &Effect) -> Truth {
        let (when, has) = match &effect.when {
            None => (Truth::TRUE, Truth::TRUE),
            Some(when) => self.said(when),
        };
        let (written, able) = self.deed(&effect.deed, &when);
        if let Some((slot, value)) = written {
            self.after.slots[slot] = state::pick(self.desk.script, &when, &value, &self.after.slots[slot]);
        }
        self.desk.script.share(has.and(&when.implies(&able)))
    }

    fn slot(&self, name: &Text) -> usize {
        self.desk.table.variable(name).expect("a checked spec knows its variables")
    }

    fn kind(&self, slot: usize) -> &Kind {
        &self.desk.table.spec().variables[slot].kind
    }

    fn list(&self, slot: usize) -> (List, bool) {
        let kind = self.kind(slot);
        match &self.after.slots[slot] {
            Val::List(list) => (list.clone(), matches!(kind, Kind::Set { .. })),
            Val::Truth(_) | Val::Number(_) | Val::Text(_) | Val::Any { .. } => unreachable!("a list is modelled as one"),
        }
    }

    /// What a deed writes, and whether it can.
    fn deed(&mut self, deed: &Deed, when: &Truth) -> (Option<(usize, Val)>, Truth) {
        match deed {
            Deed::Assign { variable, how: Assign::Set, value } => {
                let (slot, (value, has)) = (self.slot(variable), self.value(value));
                let (value, fits) = self.fitted(slot, &value);
                (Some((slot, value)), has.and(&fits))
            }
            Deed::Assign { variable, how, value } => {
                let (slot, (by, has)) = (self.slot(variable), self.value(value));
                let ((is, now), (are, by)) = (self.after.slots[slot].number(), by.number());
                let subtract = *how == Assign::Subtract;
                let (sum, fits) = computed(if subtract { Arith::Minus } else { Arith::Plus }, &now, &by);
                let sum = self.desk.script.name(sum);
                let stops = subtract && *self.kind(slot) == Kind::Counter && self.planted != Some(Planted::CountersGoOn);
                let zero = Number::known(0);
                let sum = if stops { sum.below(&zero).pick(&zero, &sum).within(0, i64::MAX.into()) } else { sum };
                let (value, holds) = self.fitted(slot, &Val::Number(sum));
                (Some((slot, value)), all([has, is, are, fits, holds]))
            }
            Deed::Append { list, value } => {
                let (slot, (value, has)) = (self.slot(list), self.value(value));
                let (is, code) = value.text();
                let (value, able) = self.appended(slot, &code);
                (Some((slot, value)), all([has, is, able]))
            }
            Deed::Remove { list, value } => {
                let (slot, (value, has)) = (self.slot(list), self.value(value));
                let ((list, is_set), (is, code)) = (self.list(slot), value.text());
                // What is no text equals no element.
                let code = is.pick(&code, &Number::known(NULL));
                let left = list.without(self.desk.script, &code, is_set);
                (Some((slot, Val::List(left))), has)
            }
            Deed::RemoveAt { list, index } => {
                let (slot, (index, has)) = (self.slot(list), self.value(index));
                let ((list, is_set), (is, index)) = (self.list(slot), index.number());
                let is_there = all([is, Number::known(0).at_most(&index), index.below(&list.len)]);
                let is_there = self.desk.script.share(is_there);
                let left = list.without_nth(self.desk.script, &index, is_set);
                (Some((slot, Val::List(List::pick(self.desk.script, &is_there, &left, &list)))), has)
            }
            Deed::Schedule { .. } | Deed::ScheduleAt { .. } => (None, Truth::TRUE),
            Deed::Spawn { entity, store, id, .. } => {
                let (made, able) = match id {
                    Some(id) => {
                        let (id, has) = self.value(id);
                        let (is, code) = id.text();
                        let able = all([has, is, Number::known(0).below(&code)]);
                        (Made { entity: entity.clone(), when: when.clone(), id: code, is_new: false }, able)
                    }
                    None => (self.new_one(entity, when), Truth::TRUE),
                };
                let table = self.desk.others.tables.iter().find(|it| it.spec().entity == *entity);
                let able = able.and(&Truth::Known(table.and_then(|it| is_born(it)).unwrap_or(true)));
                let code = made.id.clone();
                self.made.push(made);
                let Some(store) = store else { return (None, able) };
                let slot = self.slot(store);
                let (value, fits) = if self.kind(slot).most().is_some() {
                    self.appended(slot, &code)
                } else {
                    self.fitted(slot, &Val::Text(code))
                };
                (Some((slot, value)), able.and(&fits))
            }
        }
    }

    /// Somebody under an id that the caller brings.
    fn new_one(&mut self, entity: &Text, when: &Truth) -> Made {
        let action = &self.desk.table.spec().actions[self.action].name;
        let nth = self.made.iter().filter(|it| it.is_new).count();
        let name = format!("{action}.fresh{nth}{}", self.suffix);
        let id = self.desk.script.number(&name, 1, i128::MAX);
        let is_needed = match when {
            Truth::Known(_) => when.clone(),
            Truth::Said(_) => {
                let is_needed = self.desk.script.truth(&format!("{name}.needed"));
                self.desk.script.assert(&is_needed.same(when));
                is_needed
            }
        };
        Made { entity: entity.clone(), when: is_needed, id, is_new: true }
    }

    fn fitted(&mut self, slot: usize, value: &Val) -> (Val, Truth) {
        let table = self.desk.table;
        state::fitted(self.desk.script, &table.spec().variables[slot].kind, value)
    }

    /// A list with one more, and whether there is room.
    fn appended(&mut self, slot: usize, code: &Number) -> (Val, Truth) {
        let (list, is_set) = self.list(slot);
        let script = &mut *self.desk.script;
        let has_room = list.len.below(&Number::known(list.most));
        if !is_set {
            return (Val::List(list.pushed(script, code)), has_room);
        }
        let has = list.contains(script, code);
        let grown = list.inserted(script, code);
        (Val::List(List::pick(script, &has, &list, &grown)), has.or(&has_room))
    }
}
