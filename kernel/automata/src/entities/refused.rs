//! Why a move did not happen. Numbers are those of the suite; [`crate::entities::Suite::explain`] puts them into words.

use crate::Text;
use crate::refusal::Refusal;
use alloc::boxed::Box;
use antfarm_identity::Codec;
use core::fmt;

/// A refusal: nothing happened.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Refused {
    /// The suite has no such type.
    Type,
    /// The table does not allow it.
    Table(Refusal),
    /// A field invariant, by number, does not hold of what would be created.
    Field(u16),
    /// There is no such entity.
    Missing,
    /// There is such an entity already.
    Taken {
        /// Its id.
        id: Text,
    },
    /// The entity has another home.
    Elsewhere {
        /// Its id.
        id: Text,
    },
    /// The variable that should say for whom it is holds nobody.
    Nobody,
    /// What an entity of another home says would decide.
    Apart {
        /// The type.
        entity: Text,
        /// The id.
        id: Text,
    },
    /// A variable with `home = "same"` would refer to an entity of another home.
    Placed {
        /// The number of the variable.
        variable: u16,
    },
    /// What should say when is no time.
    NoTime,
    /// The action is not composite, or does not declare this write.
    Undeclared {
        /// Which of the writes.
        write: u16,
    },
    /// One of the writes of a composite action is refused.
    Write {
        /// Which.
        write: u16,
        /// Why.
        why: Box<Self>,
    },
    /// Reactions to reactions, deeper than [`crate::entities::MOST_DEPTH`].
    Deep,
    /// More than [`crate::entities::MOST_HAPPENED`] things would happen in one step.
    Many,
    /// The caller gave too few fresh ids.
    NoFresh,
    /// More entities, or more deliveries to one home, than there may be.
    Full,
    /// The alarm is not set.
    NotSet,
    /// The same was asked under this key, and happened.
    Repeated,
    /// Something else was asked under this key.
    OtherKey,
    /// The key has expired.
    Expired,
    /// More keys than are remembered.
    Keys,
    /// The delivery has arrived before.
    Applied,
    /// Deliveries before this one have not arrived.
    Ahead,
    /// Nothing so far was sent to that home.
    NotSent,
    /// The delivery is not for this home.
    Astray,
    /// No trigger of the suite sends such a delivery.
    Untriggered,
    /// The entity is of another table than the suite's.
    Drifted,
    /// A secret stands in it, so that this home cannot record it.
    Withheld,
}

impl Refused {
    /// Whether it stands in the way of the whole step, reaction or not.
    pub(crate) fn is_bound(&self) -> bool {
        match self {
            Self::Deep | Self::Many | Self::NoFresh | Self::Full => true,
            Self::Type
            | Self::Table(_)
            | Self::Field(_)
            | Self::Missing
            | Self::Taken { .. }
            | Self::Elsewhere { .. }
            | Self::Nobody
            | Self::Apart { .. }
            | Self::Placed { .. }
            | Self::NoTime
            | Self::Undeclared { .. }
            | Self::Write { .. }
            | Self::NotSet
            | Self::Repeated
            | Self::OtherKey
            | Self::Expired
            | Self::Keys
            | Self::Applied
            | Self::Ahead
            | Self::NotSent
            | Self::Astray
            | Self::Untriggered
            | Self::Drifted
            | Self::Withheld => false,
        }
    }
}

/// In words, with the table's numbers. [`crate::entities::Suite::explain`] knows the names.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type => f.write_str("there is no such type"),
            Self::Table(refusal) => refusal.fmt(f),
            Self::Field(index) => write!(f, "the field invariant number {index} would not hold"),
            Self::Missing => f.write_str("there is no such entity"),
            Self::Taken { id } => write!(f, "there is an entity `{id}` already"),
            Self::Elsewhere { id } => write!(f, "`{id}` has another home"),
            Self::Nobody => f.write_str("the variable that says for whom it is holds nobody"),
            Self::Apart { entity, id } => write!(f, "`{entity}` `{id}` would decide, and has another home"),
            Self::Placed { variable } => write!(f, "the variable number {variable} holds entities of the same home only"),
            Self::NoTime => f.write_str("what should say when is no time"),
            Self::Undeclared { write } => write!(f, "the action declares no such write as number {write}"),
            Self::Write { write, why } => write!(f, "its write number {write} is refused: {why}"),
            Self::Deep => write!(f, "reactions to it lie deeper than {}", super::MOST_DEPTH),
            Self::Many => write!(f, "more than {} things would happen", super::MOST_HAPPENED),
            Self::NoFresh => f.write_str("there are too few fresh ids"),
            Self::Full => f.write_str("there are as many entities, or deliveries on their way, as there may be"),
            Self::NotSet => f.write_str("the alarm is not set"),
            Self::Repeated => f.write_str("it has happened, under the same key"),
            Self::OtherKey => f.write_str("something else was asked under the same key"),
            Self::Expired => f.write_str("its key has expired"),
            Self::Keys => f.write_str("there are as many keys as are remembered"),
            Self::Applied => f.write_str("it has arrived before"),
            Self::Ahead => f.write_str("what was sent before it has not arrived"),
            Self::NotSent => f.write_str("nothing so far was sent to that home"),
            Self::Astray => f.write_str("it is not for this home"),
            Self::Untriggered => f.write_str("no trigger of the specs sends such a thing"),
            Self::Withheld => f.write_str("a secret stands in it"),
            Self::Drifted => f.write_str("the entity was made by another table than that of its type now"),
        }
    }
}
