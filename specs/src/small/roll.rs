//! The entities of a state in one row: what the search copies, compares and names. All have one home.
//!
//! What alarms are set is not here: in a proof anybody may take any action, so an alarm that rings adds nothing.

use crate::home::is_told_apart;
use antfarm_automata::entities::{Entities, Held, Suite, Who, home_of};
use antfarm_automata::{Related, Seen, State, Text, Value};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An entity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct One {
    /// The number of its type.
    pub(crate) of: u16,
    pub(crate) id: Text,
    pub(crate) state: Arc<State>,
}

/// Entities, ascending by type and id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Roll(Box<[One]>);

impl Roll {
    pub(crate) fn of(entities: &Entities) -> Self {
        let one = |(of, id, held): (u16, &Text, &Held)| One { of, id: id.clone(), state: Arc::new(held.state.clone()) };
        Self(entities.iter().map(one).collect())
    }

    /// The same as the machine of entities has it.
    pub(crate) fn entities(&self, suite: &Suite) -> Entities {
        let mut entities = Entities::new();
        for One { of, id, state } in &self.0 {
            let table = suite.table(*of).expect("a state holds entities of its suite").digest();
            let state = State::clone(state);
            let held = Held { table, state, entered: 0, armed: BTreeMap::new(), rung: BTreeMap::new() };
            entities.restore(Who { entity: *of, id: id.clone() }, held).expect("each entity is there once");
        }
        entities
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, One> {
        self.0.iter()
    }

    pub(crate) fn at(&self, at: usize) -> &One {
        &self.0[at]
    }

    pub(crate) fn get(&self, of: u16, id: &str) -> Option<&State> {
        self.0.iter().find(|it| it.of == of && *it.id == *id).map(|it| &*it.state)
    }

    /// The same but for the state of the entity at a place.
    pub(crate) fn with(&self, at: usize, state: Arc<State>) -> Self {
        let mut all = self.0.clone();
        all[at].state = state;
        Self(all)
    }

    /// The same with ids and texts renamed throughout.
    pub(crate) fn renamed(&self, suite: &Suite, rename: &mut dyn FnMut(&Text) -> Option<Text>) -> Self {
        let mut one = |it: &One| {
            let table = suite.table(it.of).expect("a state holds entities of its suite");
            let state = table.renamed(&it.state, rename);
            One { of: it.of, id: rename(&it.id).unwrap_or_else(|| it.id.clone()), state: Arc::new(state) }
        };
        let mut all: Box<[One]> = self.0.iter().map(&mut one).collect();
        all.sort_by(|left, right| (left.of, &left.id).cmp(&(right.of, &right.id)));
        Self(all)
    }

    /// What guards and invariants see of these entities.
    pub(crate) fn around<'a>(&'a self, suite: &'a Suite) -> Around<'a> {
        Around { suite, roll: self, apart: Cell::new(false), homed: Cell::new(false) }
    }
}

/// What guards and invariants see of other entities.
pub(crate) struct Around<'a> {
    suite: &'a Suite,
    roll: &'a Roll,
    apart: Cell<bool>,
    homed: Cell<bool>,
}

impl Around<'_> {
    /// Whether an entity of another home was asked: nobody here knows what it says.
    pub(crate) fn is_apart(&self) -> bool {
        self.apart.get()
    }

    /// Whether one of these may live where the entities of a run live, too: its id says a home.
    pub(crate) fn is_homed(&self) -> bool {
        self.homed.get()
    }
}

impl Related for Around<'_> {
    fn read(&self, entity: &str, id: &str, field: &str) -> Option<Seen<'_>> {
        if !home_of(id).is_empty() {
            self.apart.set(true);
            self.homed.set(self.homed.get() || !is_told_apart(id));
            return None;
        }
        let of = self.suite.entity(entity)?;
        let (state, table) = (self.roll.get(of, id)?, self.suite.table(of)?);
        if field == "status" {
            return table.spec().states.get(state.status()).map(Seen::Text);
        }
        state.slot(table.variable(field)?).map(Value::see)
    }
}
