//! Why an action was not taken. Numbers are those of the table; [`crate::Table::explain`] puts them into words.

use antfarm_identity::Codec;
use core::fmt;

/// A refusal: the entity is as it was.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Refusal {
    /// The table has no such action.
    Action,
    /// The action only names an event.
    Event,
    /// The state is not one of this table.
    State,
    /// The action does not lead from this status.
    Status {
        /// The number of the status.
        status: u16,
    },
    /// A parameter is not as it should be.
    Param {
        /// The number of the parameter.
        param: u16,
        /// What is wrong with it.
        unfit: Unfit,
    },
    /// A conjunct of the guard does not hold: the first one, and no smaller one can be named.
    Guard {
        /// Its number, see [`crate::Table::conjuncts`].
        conjunct: u16,
    },
    /// A conjunct of the guard has no value.
    Undefined {
        /// Its number.
        conjunct: u16,
        /// Why not.
        why: Undefined,
    },
    /// An effect cannot happen, so none does.
    Effect {
        /// Its number.
        effect: u16,
        /// Why not.
        unable: Unable,
    },
}

/// What is wrong with a parameter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Unfit {
    /// The action reads it, and it was not given.
    Missing,
    /// It is not of its kind.
    Kind,
    /// The action has no such parameter.
    Extra,
    /// Its variable cannot hold it.
    Range,
}

/// Why an expression has no value. To a proof, which computes with unbounded integers, this is a guard of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Undefined {
    /// A number beyond 64 bits.
    Overflow,
    /// A division by zero.
    Zero,
}

/// Why an effect cannot happen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Unable {
    /// Its condition or value has no value.
    Undefined(Undefined),
    /// The variable cannot hold the value: below its least, above its most, null, or too long a text.
    Range {
        /// The number of the variable.
        variable: u16,
    },
    /// The list holds as many as it may.
    Full {
        /// The number of the variable.
        variable: u16,
    },
    /// The caller gave no fresh id for a new entity.
    NoFreshId,
}

/// In words, with the table's numbers. [`crate::Table::explain`] knows the names.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action => f.write_str("there is no such action"),
            Self::Event => f.write_str("the action only names an event"),
            Self::State => f.write_str("its state is not one of this table"),
            Self::Status { status } => write!(f, "the action does not lead from the status number {status}"),
            Self::Param { unfit: Unfit::Extra, .. } => f.write_str("nothing of that name may be given"),
            Self::Param { param, unfit: Unfit::Missing } => write!(f, "value number {param} was not given"),
            Self::Param { param, unfit: Unfit::Kind } => write!(f, "value number {param} of those given is not of its kind"),
            Self::Param { param, unfit: Unfit::Range } => {
                write!(f, "a variable cannot hold value number {param} of those given")
            }
            Self::Guard { conjunct } => write!(f, "part number {conjunct} of its guard does not hold"),
            Self::Undefined { conjunct, why } => write!(f, "part number {conjunct} of its guard has no value: {why}"),
            Self::Effect { effect, unable } => write!(f, "its effect number {effect} cannot happen: {unable}"),
        }
    }
}

impl fmt::Display for Undefined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overflow => "a number beyond 64 bits",
            Self::Zero => "a division by zero",
        })
    }
}

impl fmt::Display for Unable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undefined(why) => why.fmt(f),
            Self::Range { variable } => write!(f, "the variable number {variable} cannot hold the value"),
            Self::Full { variable } => write!(f, "the list number {variable} holds as many as it may"),
            Self::NoFreshId => f.write_str("there is no fresh id"),
        }
    }
}
