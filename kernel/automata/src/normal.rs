//! The normal form of expressions, for whoever walks them: asking a list of entities is written out.

use crate::Text;
use crate::expr::{Expr, Literal, Set};
use alloc::boxed::Box;
use alloc::format;

/// `expr` without a list of entities in a comparison: `Review[reviews].status == 'Passed'` becomes
/// `(empty(reviews) => null == 'Passed') && all(x in reviews, Review[x].status == 'Passed')`, with an element whose name no text can say.
/// An empty list counts as one entity that is not there.
pub(crate) fn normal(expr: &Expr, is_list: &dyn Fn(&Expr) -> bool) -> Expr {
    fresh(expr, is_list, &mut 0)
}

fn fresh(expr: &Expr, is_list: &dyn Fn(&Expr) -> bool, used: &mut u32) -> Expr {
    let boxed = |part: &Expr, used: &mut u32| Box::new(fresh(part, is_list, used));
    let rebuilt = match expr {
        Expr::Literal(_)
        | Expr::Status
        | Expr::Name(_)
        | Expr::Param(_)
        | Expr::Related { .. }
        | Expr::Len(_)
        | Expr::Empty(_) => expr.clone(),
        Expr::Not(part) => Expr::Not(boxed(part, used)),
        Expr::Negate(part) => Expr::Negate(boxed(part, used)),
        Expr::And(parts) => Expr::And(parts.iter().map(|part| fresh(part, is_list, used)).collect()),
        Expr::Or(parts) => Expr::Or(parts.iter().map(|part| fresh(part, is_list, used)).collect()),
        Expr::Implies(left, right) => Expr::Implies(boxed(left, used), boxed(right, used)),
        Expr::Compare { order, left, right } => {
            Expr::Compare { order: *order, left: boxed(left, used), right: boxed(right, used) }
        }
        Expr::In { item, set, negated } => Expr::In { item: boxed(item, used), set: set.clone(), negated: *negated },
        Expr::Arith { op, left, right } => Expr::Arith { op: *op, left: boxed(left, used), right: boxed(right, used) },
        Expr::Each { all, name, set, holds } => {
            Expr::Each { all: *all, name: name.clone(), set: set.clone(), holds: boxed(holds, used) }
        }
    };
    match asked(&rebuilt, is_list) {
        Some(id) => for_each(&rebuilt, &id, is_list, used),
        None => rebuilt,
    }
}

/// The first list whose entities a comparison asks.
fn asked(expr: &Expr, is_list: &dyn Fn(&Expr) -> bool) -> Option<Expr> {
    let of = |operand: &Expr| {
        let Expr::Related { id, .. } = operand else { return None };
        is_list(id).then(|| (**id).clone())
    };
    if let Expr::Compare { left, right, .. } = expr {
        return of(left).or_else(|| of(right));
    }
    if let Expr::In { item, .. } = expr { of(item) } else { None }
}

fn for_each(atom: &Expr, list: &Expr, is_list: &dyn Fn(&Expr) -> bool, used: &mut u32) -> Expr {
    *used += 1;
    let name = Text::from(format!("it'{used}"));
    let none = fresh(&with(atom, list, None), is_list, used);
    let each = fresh(&with(atom, list, Some(&name)), is_list, used);
    let empty = Expr::Empty(Box::new(list.clone()));
    Expr::And(alloc::vec![
        Expr::Implies(Box::new(empty), Box::new(none)),
        Expr::Each { all: true, name, set: Set::Of(Box::new(list.clone())), holds: Box::new(each) },
    ])
}

/// The comparison with its first operand that asks `list` replaced: by null, or by what the entity called `name` says.
fn with(atom: &Expr, list: &Expr, name: Option<&Text>) -> Expr {
    let replaced = |operand: &Expr| {
        let Expr::Related { entity, id, field } = operand else { return None };
        (**id == *list).then(|| match name {
            None => Expr::Literal(Literal::Null),
            Some(name) => Expr::Related { entity: entity.clone(), id: Box::new(Expr::Name(name.clone())), field: field.clone() },
        })
    };
    let mut atom = atom.clone();
    if let Expr::Compare { left, right, .. } = &mut atom {
        if let Some(new) = replaced(left) {
            **left = new;
        } else if let Some(new) = replaced(right) {
            **right = new;
        }
    } else if let Expr::In { item, .. } = &mut atom
        && let Some(new) = replaced(item)
    {
        **item = new;
    }
    atom
}
