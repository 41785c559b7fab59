//! `Status` in a field invariant: the property under which Temper's data model has the status.
//!
//! It is the status, so that it is held to the names of the states. What is asked of it as of a property that may be null is decided: a
//! status never is. Where a variable is called so, or the element of a quantifier, it is that.

use antfarm_automata::{Expr, Literal, Order, Set, Spec, Text};

/// The expression with the status where it says `Status`.
pub(crate) fn named(expr: Expr, spec: &Spec) -> Expr {
    if spec.variables.iter().any(|it| it.name == *"Status") {
        return expr;
    }
    lowered(expr)
}

fn lowered(expr: Expr) -> Expr {
    let boxed = |part: Box<Expr>| Box::new(lowered(*part));
    let row = |parts: Vec<Expr>| parts.into_iter().map(lowered).collect();
    match expr {
        // The tables of older grammars name it in small letters, too.
        Expr::Name(name) if is_status(&name) => Expr::Status,
        Expr::Literal(_) | Expr::Status | Expr::Name(_) | Expr::Param(_) => expr,
        Expr::Related { entity, id, field } => Expr::Related { entity, id: boxed(id), field },
        Expr::Len(part) => Expr::Len(boxed(part)),
        Expr::Empty(part) if matches!(&*part, Expr::Name(name) if is_status(name)) => Expr::Literal(Literal::Bool(false)),
        Expr::Empty(part) => Expr::Empty(boxed(part)),
        Expr::Not(part) => Expr::Not(boxed(part)),
        Expr::Negate(part) => Expr::Negate(boxed(part)),
        Expr::And(parts) => Expr::And(row(parts)),
        Expr::Or(parts) => Expr::Or(row(parts)),
        Expr::Implies(left, right) => Expr::Implies(boxed(left), boxed(right)),
        Expr::Compare { order, left, right } => {
            const NULL: Expr = Expr::Literal(Literal::Null);
            let is_property = |expr: &Expr| matches!(expr, Expr::Name(name) if is_status(name));
            if !order.is_ordering() && (is_property(&left) && *right == NULL || *left == NULL && is_property(&right)) {
                return Expr::Literal(Literal::Bool(order == Order::Unequal));
            }
            Expr::Compare { order, left: boxed(left), right: boxed(right) }
        }
        Expr::In { item, set, negated } => {
            let set = match (&*item, set) {
                (Expr::Name(name), Set::Listed(literals)) if is_status(name) => {
                    Set::Listed(literals.into_iter().filter(|it| *it != Literal::Null).collect())
                }
                (_, set) => of(set),
            };
            Expr::In { item: boxed(item), set, negated }
        }
        Expr::Arith { op, left, right } => Expr::Arith { op, left: boxed(left), right: boxed(right) },
        Expr::Each { all, name, set, holds } => {
            let holds = if is_status(&name) { holds } else { boxed(holds) };
            Expr::Each { all, name, set: of(set), holds }
        }
    }
}

fn of(set: Set) -> Set {
    match set {
        Set::Listed(literals) => Set::Listed(literals),
        Set::Of(list) => Set::Of(Box::new(lowered(*list))),
    }
}

fn is_status(name: &Text) -> bool {
    matches!(name.as_str(), "Status" | "status")
}
