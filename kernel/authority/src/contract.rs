//! What a tool promises, and what is asked of tools and world before one is called.

use crate::amount::Amount;
use crate::ceiling::Class;
use crate::intent::Intent;
use crate::name::Name;
use antfarm_identity::Codec;
use antfarm_machine::Span;
use core::fmt;

/// What a tool promises. Part of each node's configuration; the tool itself may break it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Contract {
    /// Its name.
    pub tool: Name,
    /// What it does at worst.
    pub class: Class,
    /// How a call is resolved whose outcome is in doubt.
    pub resolution: Resolution,
    /// What one call costs at most; that is set aside before it is called.
    pub cost: Amount,
}

/// How a call is resolved whose answer was lost: never by a call with another key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Resolution {
    /// The call may be repeated with its key: the tool answers as it did the first time.
    Keyed {
        /// For so long, from the first call. After that it may have forgotten the key, and a person decides.
        retention: Span,
    },
    /// Closing the key returns the outcome, or burns the key so that a late call does nothing.
    Closable {
        /// For so long, from the first call. After that it may have forgotten the key, and a person decides.
        retention: Span,
    },
    /// A person decides.
    Blind,
}

/// The tools that a node knows.
pub trait Tools {
    /// The contract of the tool of this name.
    fn contract(&self, tool: &Name) -> Option<&Contract>;

    /// What this very call costs at most: no more than the contract says in any dimension. Where the arguments do not say, all of
    /// that. Asked before they are checked.
    fn cost(&self, contract: &Contract, intent: &Intent) -> Amount {
        let _ = intent;
        contract.cost
    }

    /// Whether target and arguments are as the tool wants them. A refusal is final: there is no other kind of error that
    /// somebody could ignore.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong.
    fn check_args(&self, contract: &Contract, intent: &Intent) -> Result<(), BadArgs>;
}

/// What is wrong with a call's target or arguments.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum BadArgs {
    /// The tool has no such target.
    Target,
    /// They do not have the tool's form.
    Malformed {
        /// The byte offset of the first thing that is wrong.
        at: u32,
    },
    /// A value is out of its range.
    Range {
        /// The field's place in the tool's form.
        field: u16,
    },
}

/// The world as a node has projected it.
pub trait World {
    /// Whether the world is such that the call makes sense now.
    ///
    /// # Errors
    ///
    /// The first condition that is not met.
    fn check_preconditions(&self, contract: &Contract, intent: &Intent) -> Result<(), Unmet>;
}

/// What is not as a call wants it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Unmet {
    /// There is no such thing.
    Missing,
    /// There is such a thing already.
    Exists,
    /// It was changed since the author saw it.
    Version {
        /// The version that the author saw.
        expected: u64,
        /// The one that it has.
        found: u64,
    },
    /// A condition of the tool's own.
    Clause {
        /// Its place among them.
        number: u16,
    },
}

impl fmt::Display for BadArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target => f.write_str("the tool has no such target"),
            Self::Malformed { at } => write!(f, "its arguments are not as the tool wants them, from byte {at} on"),
            Self::Range { field } => write!(f, "field {field} of its arguments is out of the tool's range"),
        }
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such thing in the world"),
            Self::Exists => f.write_str("there is such a thing in the world already"),
            Self::Version { expected, found } => write!(f, "what was seen in version {expected} has version {found} now"),
            Self::Clause { number } => write!(f, "condition {number} of the tool is not met"),
        }
    }
}
