//! What a spec file says, as plain data: every name a text, every predicate an [`Expr`].
//!
//! Nothing here is checked. [`crate::Table::new`] checks a spec, and a table is the proof that it is well-formed; proofs, models and
//! printers walk the spec of a table.

use crate::effect::Effect;
use crate::expr::Expr;
use crate::{Kind, Text, Value};
use alloc::vec::Vec;

/// An automaton: one type of entity.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Spec {
    /// The type of the entity.
    pub entity: Text,
    /// The states, in the order of the file.
    pub states: Vec<Text>,
    /// The state in which an entity is created, and in no other.
    pub initial: Text,
    /// States that no action is enabled in.
    pub terminal: Vec<Text>,
    /// States that may last for ever without a timeout.
    pub indefinite: Vec<Text>,
    /// Whether only declared parameters and guarded actions write. Here they always do; the word is kept.
    pub strict_params: bool,
    /// The variables.
    pub variables: Vec<Variable>,
    /// The actions.
    pub actions: Vec<Action>,
    /// What holds in every reachable state.
    pub invariants: Vec<Property>,
    /// What holds of the fields after every write that is no action.
    pub field_invariants: Vec<Property>,
    /// What happens eventually.
    pub liveness: Vec<Liveness>,
    /// Timeouts of states.
    pub timeouts: Vec<Timeout>,
    /// What belongs to a server: kept, and part of the environment.
    pub outside: Vec<Outside>,
    /// That this spec is meant to be refuted.
    pub broken: Option<Broken>,
}

/// A variable.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Variable {
    /// Its name.
    pub name: Text,
    /// What it holds.
    pub kind: Kind,
    /// What it holds at first.
    pub initial: Value,
    /// Whether whoever creates the entity may give it another value.
    pub given: bool,
    /// Whether it is there for the proof only: guards, triggers and other variables do not depend on it.
    pub ghost: bool,
    /// Whether the spec reads it without declaring it.
    pub implied: bool,
    /// Where the entities that it refers to have their home.
    pub home: Home,
    /// How a server stores it: names and values of keys that mean nothing here.
    pub stored: Vec<(Text, Value)>,
}

/// Where a related entity has its home, which is what makes it safe to read in a guard.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Home {
    /// The spec does not say. Whether a guard may read it is known when entities are placed.
    #[default]
    Unstated,
    /// Always that of this entity.
    Same,
    /// Elsewhere perhaps: what a guard reads is reserved there first.
    Reserved,
}

/// An action.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Action {
    /// Its name.
    pub name: Text,
    /// Who takes it.
    pub mode: Mode,
    /// The states in which it is enabled; none: all that are not terminal.
    pub from: Vec<Text>,
    /// The state after it; none: the same.
    pub to: Option<Text>,
    /// What must hold before it.
    pub guard: Expr,
    /// What must hold of its parameters, too.
    pub constraints: Vec<Expr>,
    /// What it does, one after the other.
    pub effects: Vec<Effect>,
    /// What a caller gives.
    pub params: Vec<Param>,
    /// What it is for.
    pub hint: Option<Text>,
    /// What it sets going after it is recorded.
    pub triggers: Vec<Trigger>,
    /// What a composite action writes elsewhere.
    pub composite: Option<Composite>,
}

impl Action {
    /// The guard with the constraints, each of which is a conjunct of it, and is written as one.
    pub(crate) fn whole_guard(&self) -> Expr {
        Expr::all(core::iter::once(&self.guard).filter(|it| **it != Expr::ALWAYS).chain(&self.constraints).cloned().collect())
    }
}

/// Who takes an action.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Mode {
    /// Whoever calls.
    Input,
    /// The system; a caller may, too.
    #[default]
    Internal,
    /// Nobody: it names an event.
    Output,
    /// One intent with several declared writes.
    Composite,
}

/// A parameter of an action.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Param {
    /// Its name.
    pub name: Text,
    /// What it holds; none: what its use says, a text where nothing does.
    pub kind: Option<Kind>,
}

/// What an action sets going after it is recorded. That it fails never takes the action back.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Trigger {
    /// Its name.
    pub name: Text,
    /// Under whose name; none: the caller's.
    pub principal: Option<Text>,
    /// Only where the action leads to this state.
    pub to_state: Option<Text>,
    /// Only where this holds after the action.
    pub guard: Option<Expr>,
    /// What is promised of it.
    pub liveness: Promise,
    /// Whether nobody minds that the target's action is not enabled.
    pub drop_ok: bool,
    /// Whether a model is called.
    pub llm: bool,
    /// What is set going.
    pub deed: Started,
}

/// What is promised of a trigger.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Promise {
    /// Nothing.
    Nothing,
    /// It is tried.
    #[default]
    BestEffort,
    /// What it sets going happens, if dispatch is weakly fair.
    Required,
}

/// What a trigger sets going.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Started {
    /// An action of an entity.
    Entity {
        /// The type of the entity.
        entity: Text,
        /// The action.
        action: Text,
        /// Which entity.
        target: Target,
        /// Parameters with fixed values.
        params: Vec<(Text, Value)>,
        /// Parameters, and the variables of this entity that they come from, or its own id.
        params_from: Vec<(Text, Text)>,
    },
    /// Something outside; its outcome comes back as an action of this entity.
    Outside {
        /// `wasm`, `adapter`, `webhook` or `hook`.
        via: Text,
        /// The action where it succeeds.
        on_success: Option<Text>,
        /// The action where it fails.
        on_failure: Option<Text>,
        /// What it is told, as names and values.
        settings: Vec<(Text, Value)>,
    },
}

/// Which entity a trigger is for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Target {
    /// The one whose id this variable holds.
    Field(Text),
    /// The one with the id of this entity.
    SameId,
    /// Always this one.
    Fixed(Text),
    /// The one whose id this variable holds, or which has the id of this entity where that is named; it is created where it is missing.
    CreateIfMissing(Text),
    /// A new one.
    Create,
}

/// What a composite action may write elsewhere, under one question to the policy.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Composite {
    /// Whether the action itself is recorded.
    pub record_parent_event: bool,
    /// Principal, resource and action of the question.
    pub gate: Option<(Text, Text, Text)>,
    /// Type, action, and what it is made of.
    pub writes: Vec<(Text, Text, Option<Text>)>,
}

/// A predicate with a name.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Property {
    /// Its name.
    pub name: Text,
    /// What holds.
    pub assert: Expr,
    /// What it asks, for people; only field invariants say it.
    pub message: Option<Text>,
}

/// Something that happens eventually.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Liveness {
    /// Its name.
    pub name: Text,
    /// From which states; none: from all that are not terminal.
    pub from: Vec<Text>,
    /// What happens.
    pub goal: Goal,
    /// Actions that are taken eventually where they stay enabled; none said: all.
    pub fair: Option<Vec<Text>>,
}

/// What happens eventually.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Goal {
    /// One of these states is reached.
    Reaches(Vec<Text>),
    /// Some action is enabled, always.
    HasActions,
}

/// A timeout: entering the state arms an alarm, leaving it disarms it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Timeout {
    /// The state.
    pub state: Text,
    /// How long it may last, in milliseconds.
    pub after: i64,
    /// The action then; it is enabled in the state, whether its `from` says so or not.
    pub action: Text,
    /// How often the alarm may ring in the life of an entity.
    pub most: u32,
    /// Actions that arm the alarm anew.
    pub reset_on: Vec<Text>,
    /// What the action is given.
    pub params: Vec<(Text, Text)>,
}

/// What belongs to a server: a webhook, a key, a vector, admission, a context entity. Parsed strictly, kept, not run here.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Outside {
    /// The name of its table.
    pub table: Text,
    /// Its name; empty where it has none.
    pub name: Text,
    /// The action that it calls, if it does.
    pub action: Option<Text>,
    /// The rest, as names and values.
    pub settings: Vec<(Text, Value)>,
}

/// That a spec is meant to be refuted, and by whom.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Broken {
    /// `load`, `L0`, `L1`, `L2`, `L3` or `composite`.
    pub level: Text,
    /// The property that does not hold.
    pub property: Text,
    /// Why it does not.
    pub because: Text,
    /// The actions of the shortest counterexample, if there is one.
    pub steps: Option<u32>,
}

impl Spec {
    /// Whether a name stands for the entity's own id: `Id` or `id`, where no variable is called so.
    pub fn is_own_id(&self, name: &str) -> bool {
        matches!(name, "Id" | "id") && !self.variables.iter().any(|it| it.name == *name)
    }

    /// The expressions that say what an entity does and what holds of it: of each action the guard, the constraints and what its effects
    /// are made of, then invariants and field invariants. Guards of triggers, which decide only what happens elsewhere, are not among them: see [`Spec::trigger_guards`].
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let actions = self.actions.iter().flat_map(|it| {
            let effects = it.effects.iter().flat_map(Effect::parts);
            core::iter::once(&it.guard).chain(&it.constraints).chain(effects)
        });
        actions.chain(self.invariants.iter().chain(&self.field_invariants).map(|it| &it.assert))
    }

    /// The guards of triggers.
    pub fn trigger_guards(&self) -> impl Iterator<Item = &Expr> {
        self.actions.iter().flat_map(|it| &it.triggers).filter_map(|it| it.guard.as_ref())
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::from("")
    }
}
