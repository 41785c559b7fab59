//! The state of one entity: a status and the values of its variables, by number.

use crate::{Text, Value};
use alloc::vec::Vec;
use antfarm_identity::Codec;

/// A state. It means something beside the table that it was made by; another table refuses it, or reads other names into it, so
/// whoever keeps states keeps the digest of their table, too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct State {
    pub(crate) status: u16,
    pub(crate) slots: Vec<Value>,
}

impl State {
    /// The number of the status among the table's states.
    #[inline]
    pub fn status(&self) -> usize {
        self.status.into()
    }

    /// The value of the variable with this number.
    #[inline]
    pub fn slot(&self, index: usize) -> Option<&Value> {
        self.slots.get(index)
    }

    /// The values, in the order of the table's variables.
    pub fn slots(&self) -> &[Value] {
        &self.slots
    }
}

/// What an action did, before it is applied.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Transition {
    pub(crate) action: u16,
    pub(crate) from: u16,
    pub(crate) to: u16,
    pub(crate) writes: Writes,
    pub(crate) begun: Vec<Begun>,
}

/// What an effect set going.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Begun {
    /// `schedule`, of the effect with this number.
    Scheduled {
        /// The number of the effect.
        effect: u16,
    },
    /// `schedule_at`.
    ScheduledAt {
        /// The number of the effect.
        effect: u16,
        /// What the variable held.
        time: Value,
    },
    /// `spawn`.
    Spawned {
        /// The number of the effect.
        effect: u16,
        /// The id of the new entity.
        id: Text,
    },
}

/// New values of variables, each variable at most once. The first needs no room of its own.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Codec)]
pub(crate) struct Writes {
    first: Option<(u16, Value)>,
    rest: Vec<(u16, Value)>,
}

impl Writes {
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(u16, Value)> {
        self.first.iter().chain(&self.rest)
    }

    #[inline]
    pub(crate) fn find(&self, slot: u16) -> Option<&Value> {
        match &self.first {
            None => None,
            Some((written, value)) if *written == slot => Some(value),
            Some(_) => self.rest.iter().find(|(written, _)| *written == slot).map(|(_, value)| value),
        }
    }

    #[inline]
    pub(crate) fn put(&mut self, slot: u16, value: Value) {
        match &mut self.first {
            None => self.first = Some((slot, value)),
            Some((written, old)) if *written == slot => *old = value,
            Some(_) => match self.rest.iter_mut().find(|(written, _)| *written == slot) {
                Some((_, old)) => *old = value,
                None => self.rest.push((slot, value)),
            },
        }
    }
}

impl Transition {
    /// The number of the action.
    pub fn action(&self) -> usize {
        self.action.into()
    }

    /// The number of the status before.
    pub fn from(&self) -> usize {
        self.from.into()
    }

    /// The number of the status after.
    pub fn to(&self) -> usize {
        self.to.into()
    }

    /// The variables that were written, by number, and their new values.
    pub fn writes(&self) -> impl Iterator<Item = (usize, &Value)> {
        self.writes.iter().map(|(slot, value)| (usize::from(*slot), value))
    }

    /// What effects set going, in order.
    pub fn begun(&self) -> &[Begun] {
        &self.begun
    }

    /// Makes the state before into the state after. Of a state that it is not for, writes what there is.
    #[inline]
    pub fn apply(&self, state: &mut State) {
        state.status = self.to;
        for (slot, value) in self.writes.iter() {
            if let Some(old) = state.slots.get_mut(usize::from(*slot)) {
                *old = value.clone();
            }
        }
    }

    /// The state after.
    pub fn after(&self, state: &State) -> State {
        let mut after = state.clone();
        self.apply(&mut after);
        after
    }
}
