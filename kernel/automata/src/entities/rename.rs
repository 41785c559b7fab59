//! Ids renamed throughout: what a model checker does to find that two states differ in names only, and that what a spec writes out as an id
//! is nobody's.

use crate::entities::{Delivery, Entities, Held, Outbox, Suite};
use crate::state::State;
use crate::{Deed, Expr, Kind, Literal, Spec, Started, Table, Text, Value};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

impl Entities {
    /// The same with ids renamed, wherever they stand: `rename` is asked of every id and of every text in a variable, and says the new one,
    /// or nothing where that stays. Where it exchanges ids among themselves, and touches no text that a spec or a caller writes out, the
    /// result behaves as this does, with its moves renamed alike.
    pub fn renamed(&self, suite: &Suite, rename: &mut dyn FnMut(&Text) -> Option<Text>) -> Self {
        let mut types = Vec::with_capacity(self.types.len());
        for (entity, of) in (0..).zip(&self.types) {
            let table = suite.table(entity);
            let mut renamed = BTreeMap::new();
            for (id, held) in of {
                let state = table.map_or_else(|| held.state.clone(), |it| it.renamed(&held.state, rename));
                let held = Held { state, armed: held.armed.clone(), rung: held.rung.clone(), ..**held };
                renamed.insert(new(id, rename), Arc::new(held));
            }
            types.push(renamed);
        }
        let outboxes = self.outboxes.iter().map(|(home, outbox)| {
            let waiting = outbox.waiting.iter().map(|it| Delivery {
                id: new(&it.id, rename),
                params: it.params.iter().map(|(name, value)| (name.clone(), named(value, false, rename))).collect(),
                ..it.clone()
            });
            (home.clone(), Outbox { next: outbox.next, waiting: waiting.collect() })
        });
        Self { types, outboxes: outboxes.collect(), ..self.clone() }
    }
}

impl Spec {
    /// The same with the texts renamed that it writes out as values: in expressions, first values, and what is given to actions that it sets
    /// going. Names of states, too, where they are compared with; targets by name are not.
    pub fn renamed(&self, rename: &mut dyn FnMut(&Text) -> Option<Text>) -> Self {
        let mut spec = self.clone();
        for variable in &mut spec.variables {
            let is_set = matches!(variable.kind, Kind::Set { .. });
            variable.initial = named(&variable.initial, is_set, rename);
        }
        let mut said: Vec<&mut Expr> = Vec::new();
        for action in &mut spec.actions {
            said.push(&mut action.guard);
            said.extend(&mut action.constraints);
            for effect in &mut action.effects {
                said.extend(&mut effect.when);
                match &mut effect.deed {
                    Deed::Assign { value: part, .. }
                    | Deed::Append { value: part, .. }
                    | Deed::Remove { value: part, .. }
                    | Deed::RemoveAt { index: part, .. } => said.push(part),
                    Deed::Spawn { id, .. } => said.extend(id),
                    Deed::Schedule { .. } | Deed::ScheduleAt { .. } => {}
                }
            }
            for trigger in &mut action.triggers {
                said.extend(&mut trigger.guard);
                if let Started::Entity { params, .. } = &mut trigger.deed {
                    params.iter_mut().for_each(|(_, value)| *value = named(value, false, rename));
                }
            }
        }
        said.extend(spec.invariants.iter_mut().chain(&mut spec.field_invariants).map(|it| &mut it.assert));
        let change = &mut |literal: &mut Literal| {
            if let Literal::Text(text) = literal
                && let Some(new) = rename(text)
            {
                *text = new;
            }
        };
        said.into_iter().for_each(|it| it.literals_mut(change));
        for (_, text) in spec.timeouts.iter_mut().flat_map(|it| &mut it.params) {
            *text = new(text, rename);
        }
        spec
    }
}

impl Table {
    /// A state with the texts in its variables renamed, as [`Entities::renamed`] does.
    pub fn renamed(&self, state: &State, rename: &mut dyn FnMut(&Text) -> Option<Text>) -> State {
        let kinds = self.spec.variables.iter().map(|it| matches!(it.kind, Kind::Set { .. }));
        let slots = state.slots.iter().zip(kinds).map(|(value, is_set)| named(value, is_set, rename));
        State { status: state.status, slots: slots.collect() }
    }
}

fn new(id: &Text, rename: &mut dyn FnMut(&Text) -> Option<Text>) -> Text {
    rename(id).unwrap_or_else(|| id.clone())
}

fn named(value: &Value, is_set: bool, rename: &mut dyn FnMut(&Text) -> Option<Text>) -> Value {
    match value {
        Value::Text(text) => Value::Text(new(text, rename)),
        Value::List(list) => {
            let mut texts: Vec<Text> = list.iter().map(|it| new(it, rename)).collect();
            if is_set {
                texts.sort();
            }
            Value::List(Arc::new(texts))
        }
        Value::Null | Value::Bool(_) | Value::Int(_) => value.clone(),
    }
}
