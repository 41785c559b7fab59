//! Guards in words (`is_true x`, `min items 3`) and as tables (`{ type = "min_count", .. }`).

use crate::reading::{Fields, Reading, names};
use antfarm_automata::{Expr, Literal, Order, Set, Text, is_name};
use antfarm_strict::{Item, Value};

fn int(number: i64) -> Expr {
    Expr::Literal(Literal::Int(number))
}

fn texts(texts: &[Text]) -> Set {
    Set::Listed(texts.iter().cloned().map(Literal::Text).collect())
}

/// `status in [..]`.
pub(super) fn status_in(states: &[Text]) -> Expr {
    Expr::In { item: Box::new(Expr::Status), set: texts(states), negated: false }
}

/// A guard in words, if it is one. `max` is strict: below, not at most.
pub(crate) fn clause(text: &str) -> Option<Expr> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let name = |name: &str| is_name(name).then(|| Expr::name(name));
    let number = |text: &str| text.parse::<u32>().ok().map(|number| int(number.into()));
    match words.as_slice() {
        ["min", variable, least] => Some(Expr::compare(name(variable)?, Order::AtLeast, number(least)?)),
        ["max", variable, below] => Some(Expr::compare(name(variable)?, Order::Less, number(below)?)),
        ["is_true", variable] => name(variable),
        ["is_false", variable] => Some(Expr::Not(Box::new(name(variable)?))),
        ["list_length_min", variable, least] => {
            Some(Expr::compare(Expr::Len(Box::new(name(variable)?)), Order::AtLeast, number(least)?))
        }
        ["list_contains", variable, value, more @ ..] => {
            let value = [&[*value], more].concat().join(" ");
            Some(Expr::In { item: Box::new(Expr::text(&value)), set: Set::Of(Box::new(name(variable)?)), negated: false })
        }
        _ => None,
    }
}

/// A guard as a table, or a list of tables and words, all of which must hold.
pub(crate) fn guard(reading: &mut Reading, item: &Item) -> Option<Expr> {
    reading.is_old = true;
    match &item.value {
        Value::List(items) => {
            let parts: Option<Vec<Expr>> = items.iter().map(|item| guard(reading, item)).collect();
            Some(Expr::all(parts?))
        }
        Value::Text(text) => match (clause(text), antfarm_automata::parse(text)) {
            (Some(expr), _) | (None, Ok((expr, _))) => Some(expr),
            (None, Err(wrong)) => {
                reading.misread(&item.place, &wrong);
                None
            }
        },
        Value::Table(_) => one(reading, item),
        Value::Integer(_) | Value::Flag(_) | Value::Other(_) => {
            reading.mismatch(item, "a predicate");
            None
        }
    }
}

const TYPES: [&str; 8] =
    ["state_in", "min_count", "max_count", "is_true", "is_false", "list_contains", "list_length_min", "cross_entity_state"];

fn one(reading: &mut Reading, item: &Item) -> Option<Expr> {
    let word = kind(reading, item)?;
    let known: &[&'static str] = match word.as_str() {
        "state_in" => &["type", "values"],
        "min_count" | "list_length_min" => &["type", "var", "min"],
        "max_count" => &["type", "var", "max"],
        "is_true" | "is_false" => &["type", "var"],
        "list_contains" => &["type", "var", "value"],
        "cross_entity_state" => &["type", "entity_type", "entity_id_source", "required_status", "forbidden_status", "required"],
        other => {
            let place = item.place.clone();
            reading.unknown(&place, "type of guard", other, &TYPES);
            return None;
        }
    };
    let fields = Fields::open(reading, "a guard", known, item)?;
    if word == "state_in" {
        let states = listed(reading, &fields, "values");
        return Some(status_in(&states));
    }
    if word == "cross_entity_state" {
        return Some(cross_entity(reading, &fields));
    }
    let variable = Expr::Name(fields.need(reading, "var"));
    let bound = |reading: &mut Reading, key: &'static str| {
        let number = number(reading, &fields, key);
        int(number)
    };
    Some(match word.as_str() {
        "min_count" => Expr::compare(variable, Order::AtLeast, bound(reading, "min")),
        "max_count" => Expr::compare(variable, Order::Less, bound(reading, "max")),
        "list_length_min" => Expr::compare(Expr::Len(Box::new(variable)), Order::AtLeast, bound(reading, "min")),
        "is_false" => Expr::Not(Box::new(variable)),
        "list_contains" => {
            let value = fields.need(reading, "value");
            Expr::In { item: Box::new(Expr::Literal(Literal::Text(value))), set: Set::Of(Box::new(variable)), negated: false }
        }
        _ => variable,
    })
}

/// The `type` of a table.
pub(super) fn kind(reading: &mut Reading, item: &Item) -> Option<Text> {
    let Value::Table(table) = &item.value else {
        reading.mismatch(item, "a table");
        return None;
    };
    match table.0.get("type") {
        Some((_, Item { value: Value::Text(text), .. })) => Some(text.as_str().into()),
        Some((_, item)) => {
            reading.mismatch(item, "a string");
            None
        }
        None => {
            reading.refuse(&item.place, "`type` is missing");
            None
        }
    }
}

/// A number, also in a string.
fn number(reading: &mut Reading, fields: &Fields<'_>, key: &'static str) -> i64 {
    let in_text = match fields.item(key) {
        Some(Item { value: Value::Text(text), .. }) => text.parse::<u32>().ok().map(i64::from),
        Some(_) => fields.number(reading, key, u32::MAX.into()),
        None => None,
    };
    if in_text.is_none() {
        reading.refuse(&fields.at(key), format!("`{key}` is a number"));
    }
    in_text.unwrap_or_default()
}

/// A list of names; one name is a list of one.
fn listed(reading: &mut Reading, fields: &Fields<'_>, key: &str) -> Vec<Text> {
    match fields.item(key) {
        Some(Item { value: Value::Text(text), .. }) => vec![text.as_str().into()],
        Some(_) => names(fields.texts(reading, key)),
        None => Vec::new(),
    }
}

/// An allowlist fails where there is nobody, unless the reference is unset and not required; a denylist holds there.
fn cross_entity(reading: &mut Reading, fields: &Fields<'_>) -> Expr {
    let id = fields.need(reading, "entity_id_source");
    let status = Expr::Related {
        entity: fields.need(reading, "entity_type"),
        id: Box::new(Expr::Name(id.clone())),
        field: "status".into(),
    };
    let (allowed, forbidden) = (listed(reading, fields, "required_status"), listed(reading, fields, "forbidden_status"));
    let required = fields.flag(reading, "required", false);
    let is_in = |states: &[Text], negated| Expr::In { item: Box::new(status.clone()), set: texts(states), negated };
    let mut parts = Vec::new();
    if !allowed.is_empty() {
        parts.push(is_in(&allowed, false));
    } else if required {
        parts.push(Expr::compare(status.clone(), Order::Unequal, Expr::Literal(Literal::Null)));
    }
    if !forbidden.is_empty() {
        parts.push(is_in(&forbidden, true));
    }
    let checked = Expr::all(parts);
    if !required && !allowed.is_empty() { Expr::Or(vec![Expr::Empty(Box::new(Expr::Name(id))), checked]) } else { checked }
}

/// The guard of a trigger as a tree of tables.
pub(crate) fn trigger_guard(reading: &mut Reading, item: &Item) -> Option<Expr> {
    const TYPES: [&str; 9] =
        ["field_equals", "field_in", "bool_true", "bool_false", "state_in", "cross_entity_state_in", "all_of", "any_of", "not"];
    reading.is_old = true;
    let word = kind(reading, item)?;
    let known: &[&'static str] = match word.as_str() {
        "field_equals" => &["type", "field", "value"],
        "field_in" => &["type", "field", "values"],
        "bool_true" | "bool_false" => &["type", "field"],
        "state_in" => &["type", "values"],
        "cross_entity_state_in" => &["type", "entity_type", "entity_id_source", "required_status"],
        "all_of" | "any_of" => &["type", "guards"],
        "not" => &["type", "guard"],
        other => {
            reading.unknown(&item.place, "type of guard", other, &TYPES);
            return None;
        }
    };
    let fields = Fields::open(reading, "a guard", known, item)?;
    let field = |reading: &mut Reading| Expr::Name(fields.need(reading, "field"));
    Some(match word.as_str() {
        "field_equals" => Expr::compare(field(reading), Order::Equal, Expr::Literal(literal(reading, &fields, "value")?)),
        "field_in" => {
            let literals: Option<Vec<Literal>> = fields.each("values").iter().map(|item| plain(reading, item)).collect();
            Expr::In { item: Box::new(field(reading)), set: Set::Listed(literals?), negated: false }
        }
        "bool_true" => field(reading),
        // Only a `false` that is there passes.
        "bool_false" => Expr::compare(field(reading), Order::Equal, Expr::Literal(Literal::Bool(false))),
        "state_in" => status_in(&names(fields.texts(reading, "values"))),
        "cross_entity_state_in" => {
            let id = Box::new(Expr::Name(fields.need(reading, "entity_id_source")));
            let status = Expr::Related { entity: fields.need(reading, "entity_type"), id, field: "status".into() };
            let states = names(fields.texts(reading, "required_status"));
            Expr::In { item: Box::new(status), set: texts(&states), negated: false }
        }
        "not" => {
            let Some(inner) = fields.item("guard") else {
                reading.refuse(&fields.place, "`guard` is missing");
                return None;
            };
            Expr::Not(Box::new(trigger_guard(reading, inner)?))
        }
        _ => {
            let parts: Option<Vec<Expr>> = fields.each("guards").iter().map(|item| trigger_guard(reading, item)).collect();
            several(reading, &fields, word == "all_of", parts?)?
        }
    })
}

/// All or any of several.
pub(super) fn several(reading: &mut Reading, fields: &Fields<'_>, all: bool, mut parts: Vec<Expr>) -> Option<Expr> {
    match parts.len() {
        0 => {
            reading.refuse(&fields.place, "there is nothing to join");
            None
        }
        1 => Some(parts.remove(0)),
        _ => Some(if all { Expr::And(parts) } else { Expr::Or(parts) }),
    }
}

pub(super) fn literal(reading: &mut Reading, fields: &Fields<'_>, key: &'static str) -> Option<Literal> {
    match fields.item(key) {
        Some(item) => plain(reading, item),
        None => {
            reading.refuse(&fields.place, format!("`{key}` is missing"));
            None
        }
    }
}

fn plain(reading: &mut Reading, item: &Item) -> Option<Literal> {
    match &item.value {
        Value::Text(text) => Some(Literal::Text(text.as_str().into())),
        Value::Flag(flag) => Some(Literal::Bool(*flag)),
        Value::Integer(number) if i64::try_from(*number).is_ok() => i64::try_from(*number).ok().map(Literal::Int),
        Value::Integer(_) | Value::List(_) | Value::Table(_) | Value::Other(_) => {
            reading.mismatch(item, "a string, an integer or a boolean");
            None
        }
    }
}
