//! Kinds of parameters that a spec gives no type: what their use says.

use super::Faults;
use crate::effect::{Deed, Effect};
use crate::expr::{Expr, Literal, Set};
use crate::fault::{Site, Wrong};
use crate::spec::{Action, Spec};
use crate::{Kind, Text};
use alloc::vec::Vec;

/// The kinds of the parameters of an action, in order.
pub(super) fn kinds(spec: &Spec, action: usize, faults: &mut Faults) -> Vec<Kind> {
    let site = |nth| Site::Param(action, nth);
    let action = &spec.actions[action];
    let mut kinds = Vec::new();
    for (nth, param) in action.params.iter().enumerate() {
        let uses = uses(spec, action, &param.name);
        let kind = match &param.kind {
            Some(kind) => kind.clone(),
            None => infer(&uses),
        };
        for used in &uses {
            if param.kind.is_none() && !agree(&kind, used) {
                let (one, other) = (kind.word(), used.word());
                faults.push(site(nth), 0, Wrong::Kinds { param: param.name.clone(), one, other });
                break;
            }
        }
        kinds.push(kind);
    }
    kinds
}

/// The variable that a parameter is written to because it has the same name, and no effect writes it.
pub(crate) fn merged(spec: &Spec, action: &Action, param: &Text) -> Option<usize> {
    let written = action.effects.iter().any(|effect| effect.writes() == Some(param));
    let takes = |kind: &Kind| !matches!(kind, Kind::Bool | Kind::Counter | Kind::List { .. } | Kind::Set { .. });
    let found = spec.variables.iter().position(|it| it.name == *param && !it.ghost && takes(&it.kind));
    found.filter(|_| !written)
}

/// The most telling kind: a counter says more than a number, and anything more than that it was compared with zero.
fn infer(uses: &[Kind]) -> Kind {
    let rank = |kind: &Kind| match kind {
        Kind::Open => 0,
        Kind::Text | Kind::Int => 1,
        Kind::Bool
        | Kind::Counter
        | Kind::Money { .. }
        | Kind::Duration
        | Kind::Ref { .. }
        | Kind::List { .. }
        | Kind::Set { .. } => 2,
    };
    match uses.iter().max_by_key(|kind| rank(kind)) {
        Some(Kind::Open) => Kind::Int,
        Some(kind) => kind.clone(),
        None => Kind::Text,
    }
}

/// Whether one parameter can be used as both.
fn agree(kind: &Kind, used: &Kind) -> bool {
    let is_text = |kind: &Kind| matches!(kind, Kind::Text | Kind::Ref { .. });
    let is_plain = |kind: &Kind| matches!(kind, Kind::Counter | Kind::Int);
    let is_list = |kind: &Kind| matches!(kind, Kind::List { .. } | Kind::Set { .. });
    *used == Kind::Open
        || kind == used
        || is_text(kind) && is_text(used)
        || is_plain(kind) && is_plain(used)
        || is_list(kind) && is_list(used)
}

fn uses(spec: &Spec, action: &Action, param: &Text) -> Vec<Kind> {
    let mut uses = Vec::new();
    if let Some(variable) = merged(spec, action, param) {
        uses.extend(Some(spec.variables[variable].kind.clone()).filter(|kind| *kind != Kind::Open));
    }
    let conditions = action.effects.iter().filter_map(|effect| effect.when.as_ref());
    for expr in core::iter::once(&action.guard).chain(&action.constraints).chain(conditions) {
        in_expr(spec, expr, param, &mut uses);
        if matches!(expr, Expr::Param(name) if name == param) {
            uses.push(Kind::Bool);
        }
    }
    for effect in &action.effects {
        in_effect(spec, effect, param, &mut uses);
    }
    uses
}

fn in_effect(spec: &Spec, effect: &Effect, param: &Text, uses: &mut Vec<Kind>) {
    for part in effect.parts() {
        in_expr(spec, part, param, uses);
    }
    let is_it = |expr: &Expr| matches!(expr, Expr::Param(name) if name == param);
    match &effect.deed {
        Deed::Assign { variable, value, .. } if is_it(value) => uses.extend(kind(spec, &Expr::Name(variable.clone()))),
        Deed::Append { value, .. } | Deed::Remove { value, .. } if is_it(value) => uses.push(Kind::Text),
        Deed::RemoveAt { index, .. } if is_it(index) => uses.push(Kind::Counter),
        Deed::Spawn { id: Some(id), .. } if is_it(id) => uses.push(Kind::Text),
        Deed::Assign { .. }
        | Deed::Append { .. }
        | Deed::Remove { .. }
        | Deed::RemoveAt { .. }
        | Deed::Spawn { .. }
        | Deed::Schedule { .. }
        | Deed::ScheduleAt { .. } => {}
    }
}

fn in_expr(spec: &Spec, expr: &Expr, param: &Text, uses: &mut Vec<Kind>) {
    let is_it = |expr: &Expr| matches!(expr, Expr::Param(name) if name == param);
    expr.walk(&mut |part| match part {
        Expr::Compare { left, right, .. } if is_it(left) => uses.extend(kind(spec, right)),
        Expr::Compare { left, right, .. } if is_it(right) => uses.extend(kind(spec, left)),
        Expr::In { item, set: Set::Listed(literals), .. } if is_it(item) => {
            uses.extend(literals.iter().filter_map(|literal| kind(spec, &Expr::Literal(literal.clone()))));
        }
        Expr::In { item, set: Set::Of(_), .. } if is_it(item) => uses.push(Kind::Text),
        Expr::In { set: Set::Of(list), .. } | Expr::Each { set: Set::Of(list), .. } if is_it(list) => uses.push(Kind::LIST),
        Expr::Len(list) if is_it(list) => uses.push(Kind::LIST),
        Expr::Related { entity, id, .. } if is_it(id) => uses.push(Kind::Ref { entity: entity.clone() }),
        Expr::Arith { left, right, .. } if is_it(left) || is_it(right) => {
            let other = if is_it(left) { right } else { left };
            uses.push(kind(spec, other).unwrap_or(Kind::Int));
        }
        Expr::Negate(inner) if is_it(inner) => uses.push(Kind::Int),
        Expr::Not(inner) if is_it(inner) => uses.push(Kind::Bool),
        Expr::And(parts) | Expr::Or(parts) if parts.iter().any(is_it) => uses.push(Kind::Bool),
        Expr::Implies(left, right) if is_it(left) || is_it(right) => uses.push(Kind::Bool),
        Expr::Literal(_)
        | Expr::Status
        | Expr::Name(_)
        | Expr::Param(_)
        | Expr::Related { .. }
        | Expr::Len(_)
        | Expr::Empty(_)
        | Expr::Not(_)
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Implies(..)
        | Expr::Compare { .. }
        | Expr::In { .. }
        | Expr::Arith { .. }
        | Expr::Negate(_)
        | Expr::Each { .. } => {}
    });
}

/// What an expression says of what it is compared with.
fn kind(spec: &Spec, expr: &Expr) -> Option<Kind> {
    match expr {
        Expr::Literal(literal) => match literal {
            Literal::Null => None,
            Literal::Bool(_) => Some(Kind::Bool),
            // Zero has every unit; here, `Open` stands for that.
            Literal::Int(0) => Some(Kind::Open),
            Literal::Int(_) => Some(Kind::Int),
            Literal::Text(_) => Some(Kind::Text),
            Literal::Money(_, unit) => Some(Kind::Money { unit: unit.clone() }),
            Literal::Span(_) => Some(Kind::Duration),
        },
        Expr::Status => Some(Kind::Text),
        Expr::Name(name) => spec.variables.iter().find(|it| it.name == *name && it.kind != Kind::Open).map(|it| it.kind.clone()),
        Expr::Len(_) => Some(Kind::Int),
        Expr::Arith { left, right, .. } => kind(spec, left).filter(|kind| *kind != Kind::Open).or_else(|| kind(spec, right)),
        Expr::Negate(inner) => kind(spec, inner),
        Expr::Related { .. } => None,
        Expr::Param(_)
        | Expr::Empty(_)
        | Expr::Not(_)
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Implies(..)
        | Expr::Compare { .. }
        | Expr::In { .. }
        | Expr::Each { .. } => None,
    }
}
