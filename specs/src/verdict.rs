//! What a level says of a property.

use crate::trace::Trace;
use antfarm_automata::{Goal, Mode, Spec, Text};
use antfarm_identity::Codec;
use std::fmt;
use std::time::Duration;

/// A level of the cascade.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Level {
    /// One step from any state, by a solver.
    L0,
    /// Every interleaving of a small world of one type.
    L1,
    /// The same of types that refer to each other.
    Composite,
    /// The colony in the simulator.
    L2,
    /// Random sequences on the interpreter.
    L3,
}

impl Level {
    /// As specs and reports write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::L0 => "L0",
            Self::L1 => "L1",
            Self::Composite => "composite",
            Self::L2 => "L2",
            Self::L3 => "L3",
        }
    }

    /// The level with this word.
    pub fn named(word: &str) -> Option<Self> {
        [Self::L0, Self::L1, Self::Composite, Self::L2, Self::L3].into_iter().find(|it| it.word() == word)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Something that a spec says, or that is asked of every spec.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct Property {
    /// What is asked.
    pub kind: Kind,
    /// What of: the name of the invariant, action or state.
    pub name: Text,
}

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Kind {
    /// `[[invariant]]`: it holds in every reachable state.
    Invariant,
    /// `[[field_invariant]]`: no creation breaks it.
    FieldInvariant,
    /// `[[liveness]]` with `reaches`: from there one of the states is reached.
    Reaches,
    /// `[[liveness]]` with `has_actions`: some action is always enabled.
    HasActions,
    /// A state without a way on is terminal, or one that may last.
    Deadlock,
    /// An action is taken in some run.
    Action,
    /// A state is reached in some run.
    State,
    /// What a trigger sets going at another entity is not refused there.
    Reaction,
    /// A trigger fires in some state that its action leads to.
    Trigger,
}

impl Property {
    /// The name under which refused reactions are reported.
    pub const REACTIONS: &'static str = "no_dropped_reaction";
    /// The name under which states without a way on are reported.
    pub const DEADLOCK: &'static str = "no_deadlock";

    /// All that is asked of a spec, in the order in which it is reported.
    pub fn of(spec: &Spec) -> Vec<Self> {
        let one = |kind, name: &Text| Self { kind, name: name.clone() };
        let mut all: Vec<Self> = spec.invariants.iter().map(|it| one(Kind::Invariant, &it.name)).collect();
        all.extend(spec.field_invariants.iter().map(|it| one(Kind::FieldInvariant, &it.name)));
        all.extend(spec.liveness.iter().map(|it| match it.goal {
            Goal::Reaches(_) => one(Kind::Reaches, &it.name),
            Goal::HasActions => one(Kind::HasActions, &it.name),
        }));
        all.push(one(Kind::Deadlock, &Self::DEADLOCK.into()));
        all.push(one(Kind::Reaction, &Self::REACTIONS.into()));
        all.extend(spec.actions.iter().filter(|it| it.mode != Mode::Output).map(|it| one(Kind::Action, &it.name)));
        all.extend(spec.states.iter().map(|it| one(Kind::State, it)));
        all
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.kind {
            Kind::Invariant | Kind::FieldInvariant | Kind::Reaches | Kind::HasActions | Kind::Deadlock | Kind::Reaction => {
                f.write_str(name)
            }
            Kind::Action => write!(f, "{name} (an action that can be taken)"),
            Kind::State => write!(f, "{name} (a state that can be reached)"),
            Kind::Trigger => write!(f, "{name} (a trigger that can fire)"),
        }
    }
}

/// What a level says of a property.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub enum Verdict {
    /// It holds, within the bounds that the finding names.
    Verified,
    /// It does not hold: a run from the beginning; none where the property is that something happens and it never does.
    Refuted(Option<Trace>),
    /// Neither.
    Incomplete(Reason),
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub enum Reason {
    /// A bound was hit; the finding's bounds say which.
    Bound,
    /// Not inductive: one step leads from a state in which all invariants hold to one in which this does not, and nobody knows
    /// whether the first is reached. The trace is that step, from that state.
    NotInductive(Box<Trace>),
    /// It cannot be expressed at this level; what cannot.
    Inexpressible(String),
    /// It says something of a type that is not among the specs.
    Missing(Text),
    /// The solver gave up.
    Unsolved,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bound => f.write_str("a bound was hit before an answer"),
            Self::NotInductive(_) => f.write_str("not inductive: strengthen the invariant, or rely on the other levels"),
            Self::Inexpressible(what) => write!(f, "cannot be expressed here: {what}"),
            Self::Missing(entity) => write!(f, "`{entity}` is not among these specs; name its file, too"),
            Self::Unsolved => f.write_str("the solver gave up in the time that it had"),
        }
    }
}

/// A property and what a level says of it.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub struct Judged {
    /// The property.
    pub property: Property,
    /// What is said.
    pub verdict: Verdict,
}

/// How far a level looked in one respect.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct Bound {
    /// In which respect: `Order.items`, `AddItem.amount`, `instances of Order`.
    pub of: String,
    /// How far: `0 to 101`, `'', 'nobody', and a fresh one`.
    pub to: String,
    /// Whether there was more beyond it.
    pub is_hit: bool,
}

impl Bound {
    /// How many states a search generates at most, with repetition.
    pub const STATES: &'static str = "states generated";

    /// That of a type nobody came about, since no creation that was tried is allowed.
    pub(crate) fn nobody(entity: &Text) -> Self {
        Self { of: format!("{entity}, creations that are allowed"), to: "none found".to_owned(), is_hit: true }
    }
}

/// What a level says of a spec.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The type that the spec is of.
    pub spec: Text,
    /// Its file.
    pub file: String,
    /// The level.
    pub level: Level,
    /// What it says of each property that it looked at.
    pub judged: Vec<Judged>,
    /// How far it looked.
    pub bounds: Vec<Bound>,
    /// How many states, obligations or steps it looked at.
    pub states: u64,
    /// How long that took.
    pub took: Duration,
}

impl Finding {
    /// What it says on the whole: refuted where anything is, else incomplete where anything is.
    pub fn word(&self) -> &'static str {
        let any = |is: fn(&Verdict) -> bool| self.judged.iter().any(|it| is(&it.verdict));
        match (any(Verdict::is_refuted), any(Verdict::is_incomplete)) {
            (true, _) => "refuted",
            (false, true) => "incomplete",
            (false, false) => "verified",
        }
    }
}

impl Verdict {
    /// As reports write it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Refuted(_) => "refuted",
            Self::Incomplete(_) => "incomplete",
        }
    }

    /// Whether it holds.
    pub const fn is_verified(&self) -> bool {
        matches!(self, Self::Verified)
    }

    /// Whether it does not.
    pub const fn is_refuted(&self) -> bool {
        matches!(self, Self::Refuted(_))
    }

    /// Whether there is no answer.
    pub const fn is_incomplete(&self) -> bool {
        matches!(self, Self::Incomplete(_))
    }
}
