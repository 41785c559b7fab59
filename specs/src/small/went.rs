//! What is tried in a state, and what it does there.

use crate::small::spot::Spot;
use crate::small::world::small;
use antfarm_automata::entities::{Act, Asked, Happened, Move, Refused, Step, Who};
use antfarm_automata::{Action, Deed, Effect, Home, Spec, State, Text, Value};
use std::sync::Arc;

/// What is told of a move: what is tried, and what it does or why it goes too far.
pub(crate) type Visit<'a> = dyn FnMut(&Tried<'_>, Result<Went, Refused>) + 'a;

/// A move that is tried.
pub(crate) struct Tried<'a> {
    /// The place of its entity in the state.
    pub(crate) at: usize,
    pub(crate) of: u16,
    pub(crate) id: &'a Text,
    pub(crate) action: usize,
    pub(super) params: &'a [Value],
    pub(super) writes: &'a [Act],
}

impl Tried<'_> {
    pub(super) fn asked(&self) -> Asked {
        let who = Who { entity: self.of, id: self.id.clone() };
        let act = Act { who, action: small(self.action), params: self.params.to_vec() };
        Asked::of(Move::Act { act, writes: self.writes.to_vec() })
    }
}

/// What a move does.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Went {
    /// The entity at this place comes to this state by this action; nothing else happens.
    Alone { at: usize, action: u16, state: Arc<State> },
    /// More than that.
    Stepped(Arc<Step>),
}

impl Went {
    /// Visits each action that is taken: type, id, action and the status that it leads to.
    pub(crate) fn each_taken(&self, before: &Spot, visit: &mut dyn FnMut(u16, &Text, usize, usize)) {
        match self {
            Self::Alone { at, action, state } => {
                let one = before.roll.at(*at);
                visit(one.of, &one.id, usize::from(*action), state.status());
            }
            Self::Stepped(step) => {
                for happened in &step.happened {
                    if let Happened::Took { who, transition, .. } = happened {
                        visit(who.entity, &who.id, transition.action(), transition.to());
                    }
                }
            }
        }
    }
}

/// Whether an action changes its entity and nothing else: it sets nothing going, writes nowhere else, and nobody asks where those live
/// that it refers to.
pub(super) fn is_alone(spec: &Spec, action: &Action) -> bool {
    let is_own = |effect: &Effect| match effect.deed {
        Deed::Assign { .. } | Deed::Append { .. } | Deed::Remove { .. } | Deed::RemoveAt { .. } => true,
        Deed::Spawn { .. } | Deed::Schedule { .. } | Deed::ScheduleAt { .. } => false,
    };
    action.triggers.is_empty()
        && action.composite.is_none()
        && action.effects.iter().all(is_own)
        && spec.variables.iter().all(|it| it.home != Home::Same)
}
