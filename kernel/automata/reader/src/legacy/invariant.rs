//! Invariants with `when`, and those in words; field invariants as trees of tables.

use super::guard::{clause, literal, several, status_in};
use crate::automaton::expression;
use crate::reading::{Fields, Reading};
use antfarm_automata::{Expr, Home, Kind, Literal, Marks, Order, Site, Spec, Text, Value, Variable, is_name};
use antfarm_strict::{Item, Place};

/// An invariant, in this grammar or an older one; none where it becomes something else.
pub(crate) fn invariant(
    reading: &mut Reading,
    site: Site,
    when: &[(Text, Place)],
    assert: &str,
    place: &Place,
    spec: &mut Spec,
) -> Option<Expr> {
    reading.is_old |= !when.is_empty();
    let states: Vec<&str> = spec.states.iter().map(Text::as_str).collect();
    for (state, place) in when.iter().filter(|(state, _)| !states.contains(&state.as_str())) {
        reading.unknown(place, "state", state, &states);
    }
    let when: Vec<Text> = when.iter().map(|(state, _)| state.clone()).collect();
    let assert = assert.trim_end();
    if assert.trim() == "no_further_transitions" {
        reading.is_old = true;
        if when.is_empty() {
            reading.refuse(
                place,
                "`no_further_transitions` needs `when`; the newest grammar lists `terminal` states in `[automaton]`",
            );
        }
        for state in when.iter().filter(|state| !spec.terminal.contains(state)).cloned().collect::<Vec<_>>() {
            reading.places.insert(Site::Terminal(spec.terminal.len()), place.clone());
            spec.terminal.push(state);
        }
        return None;
    }
    let body = if let Some(state) = call(assert, "never").filter(|state| is_name(state)) {
        reading.is_old = true;
        Expr::compare(Expr::Status, Order::Unequal, Expr::text(state))
    } else if let Some((first, then)) = call(assert, "ordering").and_then(|both| both.split_once(',')) {
        reading.is_old = true;
        ordering(reading, first.trim(), then.trim(), place, spec)
    } else if let Some(expr) = clause(assert) {
        reading.is_old = true;
        expr
    } else {
        expression(reading, site, assert, place)?
    };
    if when.is_empty() {
        return Some(body);
    }
    let body_marks = reading.sites.remove(&site).unwrap_or_default();
    reading.sites.insert(site, Marks::new(0, [Marks::default(), body_marks]));
    Some(Expr::Implies(Box::new(status_in(&when)), Box::new(body)))
}

/// What stands between the parentheses of `name(..)`.
fn call<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    Some(text.trim().strip_prefix(name)?.trim().strip_prefix('(')?.strip_suffix(')')?.trim())
}

/// `ordering(A, B)`: `B` is reached only after `A`. A ghost remembers `A`.
fn ordering(reading: &mut Reading, first: &str, then: &str, place: &Place, spec: &mut Spec) -> Expr {
    let name = Text::from(format!("visited_{first}"));
    reading.warn(place, format!("read as: `{then}` is reached only after `{first}`, which the ghost `{name}` remembers"));
    if !spec.variables.iter().any(|it| it.name == name) {
        let initial = Value::Bool(*spec.initial == *first);
        reading.places.insert(Site::Variable(spec.variables.len()), place.clone());
        spec.variables.push(Variable {
            name: name.clone(),
            kind: Kind::Bool,
            initial,
            given: false,
            ghost: true,
            implied: false,
            home: Home::Unstated,
            stored: Vec::new(),
        });
        let visit = antfarm_automata::Deed::Assign {
            variable: name.clone(),
            how: antfarm_automata::Assign::Set,
            value: Expr::Literal(Literal::Bool(true)),
        };
        for (index, action) in spec.actions.iter_mut().enumerate().filter(|(_, it)| it.to.as_deref() == Some(first)) {
            reading.places.insert(Site::Effect(index, action.effects.len()), place.clone());
            action.effects.push(antfarm_automata::Effect::always(visit.clone()));
        }
    }
    let reached = Expr::compare(Expr::Status, Order::Equal, Expr::text(then));
    Expr::Implies(Box::new(reached), Box::new(Expr::Name(name)))
}

/// `when` and `require`, each a tree.
pub(crate) fn field_invariant(reading: &mut Reading, when: &Item, require: &Item) -> Option<Expr> {
    reading.is_old = true;
    let (when, require) = (field(reading, when), field(reading, require));
    Some(Expr::Implies(Box::new(when?), Box::new(require?)))
}

fn field(reading: &mut Reading, item: &Item) -> Option<Expr> {
    const KEYS: [&str; 7] = ["field", "absent", "equals", "empty", "any_of", "all_of", "not"];
    let fields = Fields::open(reading, "a field predicate", &KEYS, item)?;
    let said: Vec<&str> = KEYS.iter().skip(1).filter(|key| fields.item(key).is_some()).copied().collect();
    let [said] = said.as_slice() else {
        reading
            .refuse(&fields.place, "a field predicate has exactly one of `absent`, `equals`, `empty`, `any_of`, `all_of`, `not`");
        return None;
    };
    let joins = matches!(*said, "any_of" | "all_of" | "not");
    if joins == fields.item("field").is_some() {
        reading.refuse(&fields.place, "`field` belongs to `absent`, `equals` and `empty`, and to nothing else");
        return None;
    }
    if matches!(*said, "absent" | "empty") && !fields.flag(reading, said, true) {
        reading.refuse(&fields.at(said), format!("`{said} = false` is not known; write `not = {{ .. }}`"));
    }
    match *said {
        "any_of" | "all_of" => {
            let parts: Option<Vec<Expr>> = fields.each(said).iter().map(|item| field(reading, item)).collect();
            several(reading, &fields, *said == "all_of", parts?)
        }
        "not" => Some(Expr::Not(Box::new(field(reading, fields.item("not")?)?))),
        "absent" => Some(Expr::compare(Expr::Name(fields.need(reading, "field")), Order::Equal, Expr::Literal(Literal::Null))),
        "empty" => Some(Expr::Empty(Box::new(Expr::Name(fields.need(reading, "field"))))),
        _ => {
            let value = literal(reading, &fields, "equals")?;
            Some(Expr::compare(Expr::Name(fields.need(reading, "field")), Order::Equal, Expr::Literal(value)))
        }
    }
}
