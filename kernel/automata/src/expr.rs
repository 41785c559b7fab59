//! The one expression language: guards, constraints, invariants, conditions and values of effects are all an [`Expr`].
//!
//! It is a tree by name. The interpreter compiles it to slots, the reference interpreter and the proofs walk it as it is; there is no
//! other form. Reading it from text is `parse`, writing it is its `Display`, and the two are inverse.

use crate::Text;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// An expression: a truth or a value, which the check of a spec tells apart.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Expr {
    /// A value that is written out.
    Literal(Literal),
    /// `status`: the name of the state.
    Status,
    /// A variable, or the element that a quantifier binds.
    Name(Text),
    /// `params.p`: what the caller gave for `p`; null where it gave nothing.
    Param(Text),
    /// `Type[id].field`: a variable, or the `status`, of another entity. Null where `id` is unset or names nobody. Where `id` is a
    /// list, the comparison that this stands in must hold for each.
    Related {
        /// The type of the other entity.
        entity: Text,
        /// Who it is: a [`Expr::Name`] or [`Expr::Param`].
        id: Box<Self>,
        /// What of it: `status` or one of its variables.
        field: Text,
    },
    /// `len(x)`: how many elements a list has.
    Len(Box<Self>),
    /// `empty(x)`: null, the empty text, or a list without elements.
    Empty(Box<Self>),
    /// `!a`.
    Not(Box<Self>),
    /// `a && b && ..`, left to right, until one fails. At least two.
    And(Vec<Self>),
    /// `a || b || ..`, left to right, until one holds. At least two.
    Or(Vec<Self>),
    /// `a => b`: `b` is looked at only where `a` holds.
    Implies(Box<Self>, Box<Self>),
    /// `a == b`, `a < b` and the like. Of nulls only `==` and `!=` say anything; an order with null never holds.
    Compare {
        /// Which.
        order: Order,
        /// What stands left.
        left: Box<Self>,
        /// What stands right.
        right: Box<Self>,
    },
    /// `a in set`, `a not in set`.
    In {
        /// The element.
        item: Box<Self>,
        /// Where it is looked for.
        set: Set,
        /// Whether it must not be there.
        negated: bool,
    },
    /// `a + b` and the like, over integers; null where one of them is.
    Arith {
        /// Which.
        op: Arith,
        /// What stands left.
        left: Box<Self>,
        /// What stands right.
        right: Box<Self>,
    },
    /// `-a`.
    Negate(Box<Self>),
    /// `all(x in set, a)`, `any(x in set, a)`: bounded by what the set holds.
    Each {
        /// Whether all must hold, or any.
        all: bool,
        /// The name of the element within `holds`.
        name: Text,
        /// What is gone through, in order.
        set: Set,
        /// What must hold.
        holds: Box<Self>,
    },
}

/// What `in` looks into and quantifiers go through.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Set {
    /// `['a', 'b']`.
    Listed(Vec<Literal>),
    /// A list: a [`Expr::Name`] or [`Expr::Param`].
    Of(Box<Expr>),
}

/// A value that is written out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// `3`, `-3`.
    Int(i64),
    /// `'text'`; a quote within is written twice.
    Text(Text),
    /// `20 usdc`: an amount in a unit that a variable of type money names.
    Money(i64, Text),
    /// `1m30s`, in milliseconds.
    Span(i64),
}

/// A comparison.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Order {
    /// `==`.
    Equal,
    /// `!=`.
    Unequal,
    /// `<`.
    Less,
    /// `<=`.
    AtMost,
    /// `>`.
    More,
    /// `>=`.
    AtLeast,
}

/// An operation on integers. Division rounds so that the remainder is never negative, as SMT-LIB's `div` and `mod` do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Arith {
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Times,
    /// `/`.
    Divide,
    /// `%`.
    Modulo,
}

impl Order {
    /// As it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether it compares more than for equality.
    pub const fn is_ordering(self) -> bool {
        !matches!(self, Self::Equal | Self::Unequal)
    }
}

impl Arith {
    /// As it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }
}

impl Expr {
    /// What always holds: the guard of an action that has none.
    pub const ALWAYS: Self = Self::Literal(Literal::Bool(true));

    /// A variable.
    pub fn name(name: &str) -> Self {
        Self::Name(name.into())
    }

    /// A text that is written out.
    pub fn text(text: &str) -> Self {
        Self::Literal(Literal::Text(text.into()))
    }

    /// A comparison.
    pub fn compare(left: Self, order: Order, right: Self) -> Self {
        Self::Compare { order, left: Box::new(left), right: Box::new(right) }
    }

    /// All of these; nothing else of one, [`Expr::ALWAYS`] of none.
    pub fn all(mut parts: Vec<Self>) -> Self {
        match parts.len() {
            0 => Self::ALWAYS,
            1 => parts.remove(0),
            _ => Self::And(parts),
        }
    }

    /// What this is a conjunction of, however `&&` is nested; itself, where it is none.
    pub fn conjuncts(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        self.gather(&mut found);
        found
    }

    fn gather<'a>(&'a self, found: &mut Vec<&'a Self>) {
        match self {
            Self::And(parts) => parts.iter().for_each(|part| part.gather(found)),
            Self::Literal(Literal::Bool(true)) => {}
            Self::Literal(_)
            | Self::Status
            | Self::Name(_)
            | Self::Param(_)
            | Self::Related { .. }
            | Self::Len(_)
            | Self::Empty(_)
            | Self::Not(_)
            | Self::Or(_)
            | Self::Implies(..)
            | Self::Compare { .. }
            | Self::In { .. }
            | Self::Arith { .. }
            | Self::Negate(_)
            | Self::Each { .. } => found.push(self),
        }
    }

    /// The number that this is, whatever anybody holds; nothing where that decides it, or where it has no value.
    pub fn constant(&self) -> Option<i64> {
        match self {
            Self::Literal(Literal::Int(number) | Literal::Money(number, _) | Literal::Span(number)) => Some(*number),
            Self::Arith { op, left, right } => crate::see::arith(*op, left.constant()?, right.constant()?).ok(),
            Self::Negate(inner) => inner.constant()?.checked_neg(),
            Self::Literal(Literal::Null | Literal::Bool(_) | Literal::Text(_))
            | Self::Status
            | Self::Name(_)
            | Self::Param(_)
            | Self::Related { .. }
            | Self::Len(_)
            | Self::Empty(_)
            | Self::Not(_)
            | Self::And(_)
            | Self::Or(_)
            | Self::Implies(..)
            | Self::Compare { .. }
            | Self::In { .. }
            | Self::Each { .. } => None,
        }
    }

    /// The expressions that this is made of, in the order in which they are written. [`crate::Marks`] have the same shape.
    pub fn parts(&self) -> Vec<&Self> {
        fn of(set: &Set) -> Option<&Expr> {
            match set {
                Set::Listed(_) => None,
                Set::Of(list) => Some(list),
            }
        }
        match self {
            Self::Literal(_) | Self::Status | Self::Name(_) | Self::Param(_) => Vec::new(),
            Self::Related { id: part, .. } | Self::Len(part) | Self::Empty(part) | Self::Not(part) | Self::Negate(part) => {
                alloc::vec![&**part]
            }
            Self::And(parts) | Self::Or(parts) => parts.iter().collect(),
            Self::Implies(left, right) | Self::Compare { left, right, .. } | Self::Arith { left, right, .. } => {
                alloc::vec![&**left, &**right]
            }
            Self::In { item, set, .. } => core::iter::once(&**item).chain(of(set)).collect(),
            Self::Each { set, holds, .. } => of(set).into_iter().chain([&**holds]).collect(),
        }
    }

    /// Calls `visit` with this and with every expression that it is made of.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        for part in self.parts() {
            part.walk(visit);
        }
    }

    /// Calls `visit` with each value that is written out in this, those of listed sets too, in the order in which they are written.
    pub fn literals<'a>(&'a self, visit: &mut dyn FnMut(&'a Literal)) {
        self.walk(&mut |part| match part {
            Self::Literal(literal) => visit(literal),
            Self::In { set: Set::Listed(literals), .. } | Self::Each { set: Set::Listed(literals), .. } => {
                literals.iter().for_each(&mut *visit);
            }
            Self::Status
            | Self::Name(_)
            | Self::Param(_)
            | Self::Related { .. }
            | Self::Len(_)
            | Self::Empty(_)
            | Self::Not(_)
            | Self::And(_)
            | Self::Or(_)
            | Self::Implies(..)
            | Self::Compare { .. }
            | Self::In { set: Set::Of(_), .. }
            | Self::Arith { .. }
            | Self::Negate(_)
            | Self::Each { set: Set::Of(_), .. } => {}
        });
    }

    /// The same with each to be changed.
    pub(crate) fn literals_mut(&mut self, visit: &mut dyn FnMut(&mut Literal)) {
        let of = |set: &mut Set, visit: &mut dyn FnMut(&mut Literal)| match set {
            Set::Listed(literals) => literals.iter_mut().for_each(visit),
            Set::Of(list) => list.literals_mut(visit),
        };
        match self {
            Self::Literal(literal) => visit(literal),
            Self::Status | Self::Name(_) | Self::Param(_) => {}
            Self::Related { id: part, .. } | Self::Len(part) | Self::Empty(part) | Self::Not(part) | Self::Negate(part) => {
                part.literals_mut(visit);
            }
            Self::And(parts) | Self::Or(parts) => parts.iter_mut().for_each(|it| it.literals_mut(visit)),
            Self::Implies(left, right) | Self::Compare { left, right, .. } | Self::Arith { left, right, .. } => {
                left.literals_mut(visit);
                right.literals_mut(visit);
            }
            Self::In { item, set, .. } => {
                item.literals_mut(visit);
                of(set, visit);
            }
            Self::Each { set, holds, .. } => {
                of(set, visit);
                holds.literals_mut(visit);
            }
        }
    }
}
