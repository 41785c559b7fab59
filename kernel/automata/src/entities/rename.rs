//! Ids renamed throughout: what a model checker does to find that two states differ in names only.

use crate::entities::{Delivery, Entities, Held, Outbox, Suite};
use crate::state::State;
use crate::{Kind, Text, Value};
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
            let kinds: Vec<&Kind> =
                suite.table(entity).map_or_else(Vec::new, |it| it.spec().variables.iter().map(|it| &it.kind).collect());
            let mut renamed = BTreeMap::new();
            for (id, held) in of {
                let slots = held.state.slots.iter().enumerate().map(|(slot, value)| {
                    let is_set = matches!(kinds.get(slot), Some(Kind::Set { .. }));
                    named(value, is_set, rename)
                });
                let state = State { status: held.state.status, slots: slots.collect() };
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
