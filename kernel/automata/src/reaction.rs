//! What a transition sets going beside its entity: the triggers that fire, with whom they are for and what they say.
//!
//! Triggers are looked at after the transition, in the state that it led to. One that does not fire leaves nothing behind.

use crate::see::Related;
use crate::spec::{Started, Target};
use crate::state::{State, Transition, Writes};
use crate::{Table, Text, Value};
use alloc::vec::Vec;

/// A trigger that fires.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reaction {
    /// The number of the trigger among those of the action.
    pub trigger: usize,
    /// For whom.
    pub reached: Reached,
}

/// Whom a trigger is for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Reached {
    /// An entity, with the parameters of the action on it by name.
    Entity {
        /// Its id; none where a new entity is wanted.
        id: Option<Text>,
        /// Whether it is created where it is missing.
        create: bool,
        /// The parameters.
        params: Vec<(Text, Value)>,
    },
    /// An entity whose id the variable does not hold: there is nobody to reach, and the reaction is dropped.
    Nobody,
    /// Something outside.
    Outside,
}

impl Table {
    /// The triggers that `transition` fires. `after` is the state that it led to, `id` the entity's own.
    ///
    /// A guard without a value does not hold: its trigger does not fire.
    pub fn reactions<R: Related + ?Sized>(
        &self,
        transition: &Transition,
        after: &State,
        id: &Text,
        related: &R,
    ) -> Vec<Reaction> {
        let (Some(action), Some(step)) =
            (self.spec.actions.get(transition.action()), self.program.actions.get(transition.action()))
        else {
            return Vec::new();
        };
        let writes = Writes::default();
        let view = self.view(after, &writes, &[], related);
        let mut fired = Vec::new();
        for (nth, (trigger, guard)) in action.triggers.iter().zip(&step.trigger_guards).enumerate() {
            let leads_there = trigger.to_state.as_ref().is_none_or(|to| self.spec.states.get(transition.to()) == Some(to));
            if leads_there && guard.as_ref().is_none_or(|guard| view.holds(guard) == Ok(true)) {
                fired.push(Reaction { trigger: nth, reached: self.reached(&trigger.deed, after, id) });
            }
        }
        fired
    }

    fn reached(&self, deed: &Started, after: &State, own: &Text) -> Reached {
        let Started::Entity { target, params, params_from, .. } = deed else { return Reached::Outside };
        let field = |name: &Text| match self.variable(name) {
            Some(slot) => after.slot(slot).cloned(),
            None => self.spec.is_own_id(name).then(|| Value::Text(own.clone())),
        };
        let held = |name: &Text| match field(name) {
            Some(Value::Text(id)) if !id.is_empty() => Some(id),
            Some(Value::Null | Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::List(_)) | None => None,
        };
        let (id, create) = match target {
            Target::Field(name) => match held(name) {
                Some(id) => (Some(id), false),
                None => return Reached::Nobody,
            },
            Target::SameId => (Some(own.clone()), false),
            Target::Fixed(id) => (Some(id.clone()), false),
            Target::CreateIfMissing(name) => (held(name), true),
            Target::Create => (None, true),
        };
        let from = params_from.iter().filter_map(|(param, name)| field(name).map(|value| (param.clone(), value)));
        let params = params.iter().cloned().chain(from).filter(|(_, value)| *value != Value::Null).collect();
        Reached::Entity { id, create, params }
    }
}
