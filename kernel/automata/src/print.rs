//! Expressions written as text, with as few parentheses as read back to the same tree.

use crate::expr::{Arith, Expr, Literal, Set};
use crate::lex::UNITS;
use core::fmt::{self, Display, Formatter};

/// How tightly an expression holds together: what binds less than its place needs parentheses.
fn binding(expr: &Expr) -> u8 {
    match expr {
        Expr::Implies(..) => 0,
        Expr::Or(_) => 1,
        Expr::And(_) => 2,
        Expr::Not(_) => 3,
        Expr::Compare { .. } | Expr::In { .. } => 4,
        Expr::Arith { op: Arith::Plus | Arith::Minus, .. } => 5,
        Expr::Arith { op: Arith::Times | Arith::Divide | Arith::Modulo, .. } => 6,
        Expr::Negate(_) => 7,
        Expr::Literal(_)
        | Expr::Status
        | Expr::Name(_)
        | Expr::Param(_)
        | Expr::Related { .. }
        | Expr::Len(_)
        | Expr::Empty(_)
        | Expr::Each { .. } => 8,
    }
}

/// Writes `expr` where only what binds at least so tightly can stand.
fn place(expr: &Expr, least: u8, f: &mut Formatter<'_>) -> fmt::Result {
    if binding(expr) < least { write!(f, "({expr})") } else { expr.fmt(f) }
}

fn row(parts: &[Expr], sign: &str, least: u8, f: &mut Formatter<'_>) -> fmt::Result {
    for (nth, part) in parts.iter().enumerate() {
        if nth > 0 {
            write!(f, " {sign} ")?;
        }
        place(part, least, f)?;
    }
    Ok(())
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => literal.fmt(f),
            Self::Status => f.write_str("status"),
            Self::Name(name) => name.fmt(f),
            Self::Param(name) => write!(f, "params.{name}"),
            Self::Related { entity, id, field } => write!(f, "{entity}[{id}].{field}"),
            Self::Len(list) => write!(f, "len({list})"),
            Self::Empty(list) => write!(f, "empty({list})"),
            Self::Not(inner) => {
                f.write_str("!")?;
                // `!a == b` reads as `!(a == b)`, but not to a person.
                let is_plain = matches!(**inner, Self::Not(_)) || binding(inner) == 8;
                if is_plain { inner.fmt(f) } else { write!(f, "({inner})") }
            }
            Self::And(parts) => row(parts, "&&", 3, f),
            Self::Or(parts) => row(parts, "||", 2, f),
            Self::Implies(left, right) => {
                place(left, 1, f)?;
                f.write_str(" => ")?;
                place(right, 0, f)
            }
            Self::Compare { order, left, right } => {
                place(left, 5, f)?;
                write!(f, " {} ", order.sign())?;
                place(right, 5, f)
            }
            Self::In { item, set, negated } => {
                place(item, 5, f)?;
                f.write_str(if *negated { " not in " } else { " in " })?;
                set.fmt(f)
            }
            Self::Arith { op, left, right } => {
                let own = binding(self);
                place(left, own, f)?;
                write!(f, " {} ", op.sign())?;
                place(right, own + 1, f)
            }
            Self::Negate(inner) => {
                f.write_str("-")?;
                let is_number = matches!(**inner, Self::Literal(Literal::Int(_) | Literal::Money(..) | Literal::Span(_)));
                if is_number { write!(f, "({inner})") } else { place(inner, 7, f) }
            }
            Self::Each { all, name, set, holds } => {
                write!(f, "{}({name} in {set}, {holds})", if *all { "all" } else { "any" })
            }
        }
    }
}

impl Display for Set {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(list) => list.fmt(f),
            Self::Listed(literals) => {
                f.write_str("[")?;
                for (nth, literal) in literals.iter().enumerate() {
                    f.write_str(if nth > 0 { ", " } else { "" })?;
                    literal.fmt(f)?;
                }
                f.write_str("]")
            }
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(truth) => truth.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::Text(text) => {
                f.write_str("'")?;
                for (nth, piece) in text.split('\'').enumerate() {
                    f.write_str(if nth > 0 { "''" } else { "" })?;
                    f.write_str(piece)?;
                }
                f.write_str("'")
            }
            Self::Money(amount, unit) => write!(f, "{amount} {unit}"),
            Self::Span(span) => span_text(*span, f),
        }
    }
}

/// `1h30m`, `250ms`, `0s`, `-5s`.
fn span_text(span: i64, f: &mut Formatter<'_>) -> fmt::Result {
    let mut left = span.unsigned_abs();
    f.write_str(if span < 0 { "-" } else { "" })?;
    if left == 0 {
        return f.write_str("0s");
    }
    for (unit, one) in UNITS {
        let one = one.unsigned_abs();
        if left >= one {
            write!(f, "{}{unit}", left / one)?;
            left %= one;
        }
    }
    Ok(())
}
