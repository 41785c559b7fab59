//! What is wrong with a spec, or worth a second look, and where.

use crate::{Misreading, Text};
use alloc::vec::Vec;
use core::fmt;

/// Where in a spec: the place of a text in it. Indices are those of the spec's lists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Site {
    /// The automaton itself.
    Automaton,
    /// A state.
    State(usize),
    /// The initial state.
    Initial,
    /// A terminal state.
    Terminal(usize),
    /// A state that may last.
    Indefinite(usize),
    /// A variable.
    Variable(usize),
    /// The first value of a variable.
    VariableInitial(usize),
    /// An action.
    Action(usize),
    /// One of the states that an action leads from.
    From(usize, usize),
    /// The state that an action leads to.
    To(usize),
    /// The guard of an action.
    Guard(usize),
    /// A constraint of an action.
    Constraint(usize, usize),
    /// An effect of an action.
    Effect(usize, usize),
    /// A parameter of an action.
    Param(usize, usize),
    /// A trigger of an action.
    Trigger(usize, usize),
    /// The guard of a trigger.
    TriggerGuard(usize, usize),
    /// An invariant.
    Invariant(usize),
    /// A field invariant.
    FieldInvariant(usize),
    /// A liveness property.
    Liveness(usize),
    /// A timeout.
    Timeout(usize),
    /// Something that belongs to a server.
    Outside(usize),
}

/// One thing that is wrong with a spec.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Where.
    pub site: Site,
    /// The byte of the text there.
    pub at: usize,
    /// What.
    pub what: Wrong,
}

/// What can be wrong with a spec.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// A name that nothing has.
    Unknown {
        /// What should have it.
        of: &'static str,
        /// The name.
        name: Text,
        /// The names that there are.
        known: Vec<Text>,
    },
    /// Two of a kind with one name.
    Twice {
        /// Of which kind.
        of: &'static str,
        /// The name.
        name: Text,
    },
    /// A text that cannot be the name of a variable or a parameter.
    NoName(Text),
    /// There is none, and there must be one.
    None(&'static str),
    /// More than any spec needs.
    TooMany {
        /// Of what.
        of: &'static str,
        /// The most.
        most: usize,
    },
    /// What would be written of this, a guard with its constraints, is beyond what is read.
    Unwritable(Misreading),
    /// A value of another sort should stand here.
    Sort {
        /// Which.
        wanted: &'static str,
        /// What stands here.
        found: &'static str,
    },
    /// Two values that cannot be compared, added or looked up in each other.
    Mixed {
        /// What stands left.
        left: &'static str,
        /// What stands right.
        right: &'static str,
    },
    /// Amounts in different units.
    Units {
        /// The unit of one.
        one: Text,
        /// The unit of the other.
        other: Text,
    },
    /// What is compared with null is never null.
    NeverNull,
    /// What may be null is put where null cannot be.
    MayBeNull,
    /// What a related entity says is no truth of its own: there may be no such entity.
    Bare,
    /// What a list of entities says can only be compared directly.
    Indirect,
    /// A reference to one type is read as a reference to another.
    Refers {
        /// To which it refers.
        to: Text,
        /// As which it is read.
        read: Text,
    },
    /// What is there for the proof only is read by what is not.
    Ghost(Text),
    /// An action leads from a state that is terminal.
    Terminal(Text),
    /// A parameter is used as two kinds.
    Kinds {
        /// The parameter.
        param: Text,
        /// As one.
        one: &'static str,
        /// As another.
        other: &'static str,
    },
    /// A first value that a variable of its kind cannot hold.
    Initial(&'static str),
    /// Quantifiers within quantifiers go through more than a million elements.
    Reach,
    /// Parameters mean nothing here.
    NoParams,
    /// The entity's own id stands where nobody knows it.
    OwnId(Text),
    /// What an action that names an event cannot have.
    Event(&'static str),
    /// An action that only names an event is to be taken.
    Untaken(Text),
    /// A variable whose entities should be reserved, which nothing does.
    Unreserved(Text),
    /// An action that does not lead from the initial state is to be the first.
    NotFirst(Text),
    /// Nobody gives an action what it needs.
    Ungiven {
        /// The action.
        action: Text,
        /// The parameter.
        param: Text,
    },
    /// What a composite action that is not recorded itself cannot have.
    Unrecorded(&'static str),
}

/// Something that is allowed and seldom meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Where.
    pub site: Site,
    /// The byte of the text there.
    pub at: usize,
    /// What.
    pub what: Noticed,
}

/// What can be worth a second look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Noticed {
    /// A property that is read and not declared; taken to be given at creation.
    Implied(Text),
    /// A state that is not terminal and has no timeout, without being said to last.
    Lasts(Text),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { of, name, .. } => write!(f, "unknown {of} `{name}`"),
            Self::Twice { of, name } => write!(f, "two {of}s are called `{name}`"),
            Self::NoName(name) => {
                write!(f, "`{name}` cannot be a name; letters, digits and `_`, and no word with a meaning of its own")
            }
            Self::None(what) => write!(f, "there is no {what}"),
            Self::TooMany { of, most } => write!(f, "more than {most} {of}"),
            Self::Unwritable(why) => write!(f, "as it would be written out, this is {why}"),
            Self::Sort { wanted, found } => write!(f, "expected {wanted}, found {found}"),
            Self::Mixed { left, right } => write!(f, "{left} and {right} cannot stand together"),
            Self::Units { one, other } => write!(f, "{one} and {other} cannot stand together"),
            Self::NeverNull => f.write_str("this is never null; only references, properties and what other entities say can be"),
            Self::MayBeNull => f.write_str("this may be null, and what it is put into may not"),
            Self::Bare => f.write_str("the other entity may not be there; write `== true` or `== false`"),
            Self::Indirect => {
                f.write_str("a list of entities is asked directly in a comparison; otherwise go through it with `all` or `any`")
            }
            Self::Refers { to, read } => write!(f, "this refers to `{to}` and is read as `{read}`"),
            Self::Ghost(name) => write!(f, "`{name}` is a ghost; only invariants and other ghosts depend on it"),
            Self::Terminal(state) => write!(f, "`{state}` is terminal: no action leads from it"),
            Self::Kinds { param, one, other } => write!(f, "parameter `{param}` is used as {one} and as {other}"),
            Self::Initial(kind) => write!(f, "this is no value of type `{kind}`"),
            Self::Reach => f.write_str("this goes through more than a million elements; bound the lists with `most`"),
            Self::NoParams => f.write_str("parameters are known to guards and effects of actions only"),
            Self::OwnId(name) => write!(
                f,
                "`{name}` is the entity's own id, which `params_from` says, and `resolve_target` with `type = \"field\"`, and nothing else"
            ),
            Self::Event(what) => write!(f, "an output only names an event; it has no {what}"),
            Self::Unreserved(variable) => write!(
                f,
                "nothing reserves the entities that `{variable}` refers to: say `home = \"same\"` where they live with this one, or nothing"
            ),
            Self::Untaken(action) => write!(f, "`{action}` only names an event; nobody takes it"),
            Self::NotFirst(action) => write!(f, "`{action}` does not lead from the initial state, so it cannot be the first"),
            Self::Ungiven { action, param } => write!(f, "`{action}` needs the parameter `{param}`, which nobody gives it here"),
            Self::Unrecorded(what) => write!(f, "an action with `record_parent_event = false` has no {what}"),
        }
    }
}

impl fmt::Display for Noticed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Implied(name) => write!(f, "`{name}` is not declared; taken as a property that is given at creation"),
            Self::Lasts(state) => {
                write!(f, "`{state}` may last for ever; give it a timeout, or list it in `allow_indefinite_states`")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, byte {}: {}", self.site, self.at, self.what)
    }
}

impl core::error::Error for Fault {}
