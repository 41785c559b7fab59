//! Kinds of variables and parameters: which values they hold.

use crate::{Text, Value};
use core::fmt;

/// The most elements of a list or set that names no other bound.
pub const MOST_ELEMENTS: u32 = 1000;

/// The most bytes of a text.
pub const MOST_TEXT: usize = 64 << 10;

/// What a variable or a parameter holds. No kind holds fractions.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A truth.
    Bool,
    /// An integer that is never negative; taking from it stops at 0.
    Counter,
    /// An integer.
    Int,
    /// An amount, never negative, in a unit; amounts of different units cannot be compared or added.
    Money {
        /// What it counts: `usdc`, `cents`.
        unit: Text,
    },
    /// A span of time in milliseconds, never negative.
    Duration,
    /// A text.
    Text,
    /// The id of another entity, which is never the empty text, or null.
    Ref {
        /// Its type.
        entity: Text,
    },
    /// A list of texts, in order.
    List {
        /// The type of the entities whose ids it holds, if it does.
        entity: Option<Text>,
        /// The most elements.
        most: u32,
    },
    /// A set of texts.
    Set {
        /// The type of the entities whose ids it holds, if it does.
        entity: Option<Text>,
        /// The most elements.
        most: u32,
    },
    /// A property of the data model that the spec reads and does not declare: null, a truth, an integer or a text.
    Open,
}

impl Kind {
    /// A list without a type and bound of its own.
    pub const LIST: Self = Self::List { entity: None, most: MOST_ELEMENTS };

    /// The least and greatest integer of this kind, if it holds integers.
    pub const fn range(&self) -> Option<(i64, i64)> {
        match self {
            Self::Counter | Self::Money { .. } | Self::Duration => Some((0, i64::MAX)),
            Self::Int | Self::Open => Some((i64::MIN, i64::MAX)),
            Self::Bool | Self::Text | Self::Ref { .. } | Self::List { .. } | Self::Set { .. } => None,
        }
    }

    /// Whether null is a value of this kind.
    pub const fn is_optional(&self) -> bool {
        matches!(self, Self::Ref { .. } | Self::Open)
    }

    /// The most elements, of a list or set.
    pub const fn most(&self) -> Option<u32> {
        match self {
            Self::List { most, .. } | Self::Set { most, .. } => Some(*most),
            Self::Bool
            | Self::Counter
            | Self::Int
            | Self::Money { .. }
            | Self::Duration
            | Self::Text
            | Self::Ref { .. }
            | Self::Open => None,
        }
    }

    /// The type of the entities whose ids this holds.
    pub const fn entity(&self) -> Option<&Text> {
        match self {
            Self::Ref { entity } => Some(entity),
            Self::List { entity, .. } | Self::Set { entity, .. } => entity.as_ref(),
            Self::Bool | Self::Counter | Self::Int | Self::Money { .. } | Self::Duration | Self::Text | Self::Open => None,
        }
    }

    /// Whether a variable of this kind can hold the value.
    pub fn holds(&self, value: &Value) -> bool {
        match value {
            Value::Null => self.is_optional(),
            Value::Bool(_) => matches!(self, Self::Bool | Self::Open),
            Value::Int(number) => self.range().is_some_and(|(least, most)| (least..=most).contains(number)),
            Value::Text(text) => {
                let is_id = !text.is_empty() || !matches!(self, Self::Ref { .. });
                is_id && text.len() <= MOST_TEXT && matches!(self, Self::Text | Self::Ref { .. } | Self::Open)
            }
            Value::List(list) => {
                let fits =
                    self.most().is_some_and(|most| list.len() <= most as usize) && list.iter().all(|it| it.len() <= MOST_TEXT);
                let ascends = list.windows(2).all(|pair| pair[0] < pair[1]);
                fits && (ascends || !matches!(self, Self::Set { .. }))
            }
        }
    }

    /// What a variable of this kind holds where the spec says nothing.
    pub fn blank(&self) -> Value {
        match self {
            Self::Bool => Value::Bool(false),
            Self::Counter | Self::Int | Self::Money { .. } | Self::Duration => Value::Int(0),
            Self::Text => Value::text(""),
            Self::Ref { .. } | Self::Open => Value::Null,
            Self::List { .. } | Self::Set { .. } => Value::list([]),
        }
    }

    /// As a spec writes it in `type`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Counter => "counter",
            Self::Int => "int",
            Self::Money { .. } => "money",
            Self::Duration => "duration",
            Self::Text => "string",
            Self::Ref { .. } => "ref",
            Self::List { .. } => "list",
            Self::Set { .. } => "set",
            Self::Open => "property",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money { unit } => write!(f, "money in {unit}"),
            Self::Ref { entity } => write!(f, "ref to {entity}"),
            Self::Bool
            | Self::Counter
            | Self::Int
            | Self::Duration
            | Self::Text
            | Self::List { .. }
            | Self::Set { .. }
            | Self::Open => f.write_str(self.word()),
        }
    }
}
