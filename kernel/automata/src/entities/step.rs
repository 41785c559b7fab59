//! What is asked of entities, and what happened then, as plain data. Types, actions and states are numbers of the suite's tables; what
//! leaves a home is said by name, since the other home may have other tables.

use crate::entities::{Armed, Refused, Suite};
use crate::state::{State, Transition};
use crate::{Text, Value};
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest};

/// An entity.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct Who {
    /// The number of its type in the suite.
    pub entity: u16,
    /// Its id.
    pub id: Text,
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Asked {
    /// The caller's number of the record that this will be, by which deliveries are known. A model checker says 0.
    pub record: u64,
    /// The wall clock, in milliseconds since 1970. A model checker says 0.
    pub at: i64,
    /// What is to happen.
    pub moved: Move,
    /// A key, if it must not happen twice.
    pub key: Option<Key>,
}

impl Asked {
    /// What happens at no particular time, without a key.
    pub fn of(moved: Move) -> Self {
        Self { record: 0, at: 0, moved, key: None }
    }
}

/// A key of idempotency: what is asked under it happens at most once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct Key {
    /// The key.
    pub key: Text,
    /// When it need not be remembered any longer, by the wall clock in milliseconds; what comes later is refused.
    pub expires: i64,
}

/// What may happen.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Move {
    /// An entity is created, in its initial state.
    Create {
        /// Which.
        who: Who,
        /// Values of variables that a creator may give, by name.
        given: Vec<(Text, Value)>,
    },
    /// An action is taken.
    Act {
        /// Which.
        act: Act,
        /// Of a composite action, what it writes elsewhere; all of it happens, or nothing.
        writes: Vec<Act>,
    },
    /// What another home sent arrives.
    Deliver(Delivery),
    /// An alarm rings.
    Ring(Alarm),
    /// Another home has recorded what it was sent.
    Acknowledge {
        /// The home.
        home: Text,
        /// All deliveries with lower numbers.
        below: u64,
    },
}

/// An action of an entity.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Act {
    /// Whose.
    pub who: Who,
    /// The number of the action.
    pub action: u16,
    /// Its parameters, in order; null where one is not given.
    pub params: Vec<Value>,
}

/// An alarm, by name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct Alarm {
    /// Whose.
    pub who: Who,
    /// Which.
    pub ringing: Ringing,
}

/// Which alarm of an entity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Ringing {
    /// Of the timeout with this number.
    Timeout(u16),
    /// Of the scheduled action with this number.
    Action(u16),
}

/// What a trigger sends to another home.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct Delivery {
    /// The home that sends it.
    pub from: Text,
    /// Its number among all that this home sent to that one, from 0.
    pub seq: u64,
    /// The record that it comes from.
    pub record: u64,
    /// The type of the entity whose action set it going.
    pub by: Text,
    /// That entity.
    pub source: Text,
    /// That action.
    pub after: Text,
    /// What happened there that it is a reaction to, by its place in the step.
    pub of: u32,
    /// The number of the trigger.
    pub trigger: u16,
    /// How deep it lies under what was asked.
    pub depth: u8,
    /// Whether nobody minds that it is refused.
    pub drop_ok: bool,
    /// The type of the entity that it is for.
    pub entity: Text,
    /// The entity.
    pub id: Text,
    /// Whether it is created where it is missing.
    pub create: bool,
    /// The action.
    pub action: Text,
    /// Its parameters, by name.
    pub params: Vec<(Text, Value)>,
}

/// What a move did, in order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Step {
    /// The suite that judged it.
    pub suite: Digest,
    /// What was asked.
    pub asked: Asked,
    /// The fresh ids that were used, also by what was refused on the way: with these, the same happens again.
    pub drawn: Vec<Text>,
    /// What happened.
    pub happened: Vec<Happened>,
}

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Happened {
    /// An entity was created.
    Born {
        /// Which.
        who: Who,
        /// The table that it was created by.
        table: Digest,
        /// Its state.
        state: State,
        /// Why.
        cause: Cause,
    },
    /// An action was taken.
    Took {
        /// Whose.
        who: Who,
        /// The table that allowed it.
        table: Digest,
        /// What it did.
        transition: Transition,
        /// Why.
        cause: Cause,
    },
    /// An alarm rang, and is no longer set.
    Rang(Alarm),
    /// An alarm was set, or set anew.
    Armed {
        /// Which.
        alarm: Alarm,
        /// For when.
        armed: Armed,
    },
    /// An alarm was taken back.
    Disarmed(Alarm),
    /// A trigger goes to another home.
    Sent(Delivery),
    /// A delivery arrived; what it did comes behind it.
    Received {
        /// The home that it came from.
        from: Text,
        /// Its number.
        seq: u64,
    },
    /// Another home has recorded what it was sent.
    Acknowledged {
        /// The home.
        home: Text,
        /// All deliveries with lower numbers.
        below: u64,
    },
    /// A trigger sets something going outside.
    Called {
        /// What it is a reaction to, by its place in the step.
        of: u32,
        /// The number of the trigger.
        trigger: u16,
    },
    /// A reaction, or what an alarm or another home wanted, did not happen.
    Dropped(Dropped),
}

/// Why something happened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Cause {
    /// It was asked for.
    Asked,
    /// A composite action writes it: which of its writes.
    Write(u16),
    /// An alarm rang.
    Rang,
    /// Another home's trigger.
    Received,
    /// A trigger of what happened at this place of the step.
    Trigger {
        /// The place.
        of: u32,
        /// The number of the trigger.
        trigger: u16,
    },
    /// An effect of what happened at this place of the step spawned it.
    Spawned {
        /// The place.
        of: u32,
        /// The number of the effect.
        effect: u16,
    },
}

/// What did not happen.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Dropped {
    /// What wanted it.
    pub cause: Cause,
    /// Of whom; nobody where the variable that should say so does not.
    pub who: Option<Who>,
    /// The number of the action, where the target's type has it.
    pub action: Option<u16>,
    /// Whether nobody minds.
    pub drop_ok: bool,
    /// Why not.
    pub why: Refused,
}

impl Dropped {
    /// Whether a reaction was dropped that somebody counts on. Alarms may come too late for what they wanted.
    pub fn is_missed(&self) -> bool {
        match self.cause {
            Cause::Trigger { .. } | Cause::Spawned { .. } | Cause::Received => !self.drop_ok,
            Cause::Asked | Cause::Write(_) | Cause::Rang => false,
        }
    }
}

impl Step {
    /// What was dropped.
    pub fn dropped(&self) -> impl Iterator<Item = &Dropped> {
        self.happened.iter().filter_map(|it| match it {
            Happened::Dropped(dropped) => Some(dropped),
            Happened::Born { .. }
            | Happened::Took { .. }
            | Happened::Rang(_)
            | Happened::Armed { .. }
            | Happened::Disarmed(_)
            | Happened::Sent(_)
            | Happened::Received { .. }
            | Happened::Acknowledged { .. }
            | Happened::Called { .. } => None,
        })
    }

    /// The entity whose action or creation set something going in this step, or whose did at another home; its type by name.
    pub fn source(&self, suite: &Suite, cause: Cause) -> Option<(Text, Text)> {
        let (Cause::Trigger { of, .. } | Cause::Spawned { of, .. }) = cause else {
            let Move::Deliver(it) = &self.asked.moved else { return None };
            return (cause == Cause::Received).then(|| (it.by.clone(), it.source.clone()));
        };
        match self.happened.get(of as usize)? {
            Happened::Born { who, .. } | Happened::Took { who, .. } => {
                Some((suite.table(who.entity)?.spec().entity.clone(), who.id.clone()))
            }
            Happened::Rang(_)
            | Happened::Armed { .. }
            | Happened::Disarmed(_)
            | Happened::Sent(_)
            | Happened::Received { .. }
            | Happened::Acknowledged { .. }
            | Happened::Called { .. }
            | Happened::Dropped(_) => None,
        }
    }

    /// The entities that were created or took an action, in order.
    pub fn touched(&self) -> impl Iterator<Item = &Who> {
        self.happened.iter().filter_map(|it| match it {
            Happened::Born { who, .. } | Happened::Took { who, .. } => Some(who),
            Happened::Rang(_)
            | Happened::Armed { .. }
            | Happened::Disarmed(_)
            | Happened::Sent(_)
            | Happened::Received { .. }
            | Happened::Acknowledged { .. }
            | Happened::Called { .. }
            | Happened::Dropped(_) => None,
        })
    }
}
