//! What variables hold.

use crate::Text;
use crate::expr::Literal;
use alloc::sync::Arc;
use alloc::vec::Vec;
use antfarm_identity::Codec;
use core::fmt;

/// A value of a variable or a parameter. Amounts of money and spans are integers; which they are, the variable's kind says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Value {
    /// An unset reference or property; as a parameter: not given.
    Null,
    /// A truth.
    Bool(bool),
    /// A number, an amount in its unit, or a span in milliseconds.
    Int(i64),
    /// A text, or the id of an entity.
    Text(Text),
    /// A list, in order; of a set, ascending.
    List(Arc<Vec<Text>>),
}

/// A value that is looked at where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen<'a> {
    /// As in [`Value`].
    Null,
    /// As in [`Value`].
    Bool(bool),
    /// As in [`Value`].
    Int(i64),
    /// As in [`Value`].
    Text(&'a Text),
    /// As in [`Value`].
    List(&'a Arc<Vec<Text>>),
}

impl Value {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// A list of texts.
    pub fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::List(Arc::new(texts.into_iter().map(Text::from).collect()))
    }

    /// The value, looked at.
    #[inline]
    pub fn see(&self) -> Seen<'_> {
        match self {
            Self::Null => Seen::Null,
            Self::Bool(truth) => Seen::Bool(*truth),
            Self::Int(number) => Seen::Int(*number),
            Self::Text(text) => Seen::Text(text),
            Self::List(list) => Seen::List(list),
        }
    }
}

impl Seen<'_> {
    /// The value itself.
    #[inline]
    pub fn keep(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(truth),
            Self::Int(number) => Value::Int(number),
            Self::Text(text) => Value::Text(text.clone()),
            Self::List(list) => Value::List(list.clone()),
        }
    }
}

impl From<&Literal> for Value {
    fn from(literal: &Literal) -> Self {
        match literal {
            Literal::Null => Self::Null,
            Literal::Bool(truth) => Self::Bool(*truth),
            Literal::Int(number) | Literal::Money(number, _) | Literal::Span(number) => Self::Int(*number),
            Literal::Text(text) => Self::Text(text.clone()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(truth) => truth.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::Text(text) => Literal::Text(text.clone()).fmt(f),
            Self::List(list) => {
                let literals = list.iter().cloned().map(Literal::Text).collect();
                crate::expr::Set::Listed(literals).fmt(f)
            }
        }
    }
}
