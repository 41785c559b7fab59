//! Effects in words (`increment items`, `set ready true`) and as tables (`{ type = "increment", .. }`).

use super::Loose;
use super::guard::kind;
use crate::reading::{Fields, Reading};
use antfarm_automata::{Action, Assign, Deed, Effect, Expr, Literal, Param, Site, Text, is_name};
use antfarm_strict::{Item, Place, Value};

/// Adds an effect in words to an action; false where it is none.
pub(crate) fn statement(
    reading: &mut Reading,
    text: &str,
    place: &Place,
    index: usize,
    action: &mut Action,
    loose: &mut Loose,
) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let one = Expr::Literal(Literal::Int(1));
    let deed = match words.as_slice() {
        ["increment", variable] => assign(variable, Assign::Add, one),
        ["decrement", variable] => assign(variable, Assign::Subtract, one),
        ["increment", variable, "by", amount] => assign(variable, Assign::Add, param(action, amount)),
        ["decrement", variable, "by", amount] => assign(variable, Assign::Subtract, param(action, amount)),
        ["set", variable, truth @ ("true" | "false")] => {
            assign(variable, Assign::Set, Expr::Literal(Literal::Bool(*truth == "true")))
        }
        ["schedule_at", field, name] => Deed::ScheduleAt { action: (*name).into(), field: (*field).into() },
        ["emit", event] => {
            emitted(reading, event, place);
            return true;
        }
        ["trigger", name] => {
            reading.is_old = true;
            loose.trigger(index, name, place);
            return true;
        }
        _ => return false,
    };
    if !words.iter().skip(1).all(|word| is_name(word) || matches!(*word, "true" | "false")) {
        return false;
    }
    push(reading, place, index, action, deed);
    true
}

fn push(reading: &mut Reading, place: &Place, index: usize, action: &mut Action, deed: Deed) {
    reading.is_old = true;
    reading.places.insert(Site::Effect(index, action.effects.len()), place.clone());
    action.effects.push(Effect::always(deed));
}

fn assign(variable: &str, how: Assign, value: Expr) -> Deed {
    Deed::Assign { variable: variable.into(), how, value }
}

/// A parameter, which older files did not have to declare.
fn param(action: &mut Action, name: &str) -> Expr {
    if !action.params.iter().any(|it| it.name == *name) {
        action.params.push(Param { name: name.into(), kind: None });
    }
    Expr::Param(name.into())
}

/// An event is what an action's own name already says.
fn emitted(reading: &mut Reading, event: &str, place: &Place) {
    reading.is_old = true;
    reading.warn(place, format!("the event `{event}` goes nowhere: an action is its own event"));
}

const TYPES: [&str; 15] = [
    "increment",
    "IncrementCounter",
    "decrement",
    "DecrementCounter",
    "set_counter_from_param",
    "set_bool",
    "emit",
    "emit_event",
    "list_append",
    "list_remove_at",
    "trigger",
    "schedule",
    "schedule_at",
    "spawn",
    "spawn_entity",
];

/// Adds an effect as a table to an action.
pub(crate) fn effect(reading: &mut Reading, item: &Item, index: usize, action: &mut Action, loose: &mut Loose) {
    let Some(word) = kind(reading, item) else { return };
    let known: &[&'static str] = match word.as_str() {
        "increment" | "IncrementCounter" | "decrement" | "DecrementCounter" => &["type", "var", "amount"],
        "set_counter_from_param" => &["type", "var", "param"],
        "set_bool" => &["type", "var", "value"],
        "emit" | "emit_event" => &["type", "event"],
        "list_append" | "list_remove_at" => &["type", "var", "list"],
        "trigger" => &["type", "name"],
        "schedule" => &["type", "action", "delay_seconds"],
        "schedule_at" => &["type", "action", "field"],
        "spawn" | "spawn_entity" => {
            &["type", "entity_type", "entity_id_source", "initial_action", "store_id_in", "copy_fields", "id_source"]
        }
        other => return reading.unknown(&item.place, "type of effect", other, &TYPES),
    };
    let Some(fields) = Fields::open(reading, "an effect", known, item) else { return };
    let deed = match word.as_str() {
        "emit" | "emit_event" => {
            let event = fields.need(reading, "event");
            return emitted(reading, &event, &item.place);
        }
        "trigger" => {
            reading.is_old = true;
            return loose.trigger(index, &fields.need(reading, "name"), &item.place);
        }
        "schedule" => {
            let seconds = match fields.item("delay_seconds") {
                Some(Item { value: Value::Text(text), .. }) => text.parse::<u32>().ok().map(i64::from),
                Some(_) => fields.number(reading, "delay_seconds", i64::MAX / 1000),
                None => Some(0),
            };
            if seconds.is_none() {
                reading.refuse(&fields.at("delay_seconds"), "`delay_seconds` is a number");
            }
            Deed::Schedule { action: fields.need(reading, "action"), after: seconds.unwrap_or_default() * 1000 }
        }
        "schedule_at" => Deed::ScheduleAt { action: fields.need(reading, "action"), field: fields.need(reading, "field") },
        "spawn" | "spawn_entity" => match spawn(reading, &fields, action) {
            Some(deed) => deed,
            None => return,
        },
        other => written(reading, other, &fields, action),
    };
    push(reading, &item.place, index, action, deed);
}

/// Effects that write one variable.
fn written(reading: &mut Reading, word: &str, fields: &Fields<'_>, action: &mut Action) -> Deed {
    let key = if fields.item("list").is_some() { "list" } else { "var" };
    let variable = fields.need(reading, key);
    let amount = match fields.text(reading, "amount") {
        Some(name) => param(action, &name),
        None => Expr::Literal(Literal::Int(1)),
    };
    match word {
        "increment" | "IncrementCounter" => assign(&variable, Assign::Add, amount),
        "decrement" | "DecrementCounter" => assign(&variable, Assign::Subtract, amount),
        "set_counter_from_param" => {
            let from = fields.text(reading, "param").unwrap_or_else(|| variable.clone());
            assign(&variable, Assign::Set, param(action, &from))
        }
        "set_bool" => assign(&variable, Assign::Set, Expr::Literal(Literal::Bool(fields.flag(reading, "value", false)))),
        "list_append" => Deed::Append { value: param(action, &variable), list: variable },
        _ => Deed::RemoveAt { index: param(action, &format!("{variable}_index")), list: variable },
    }
}

fn spawn(reading: &mut Reading, fields: &Fields<'_>, action: &mut Action) -> Option<Deed> {
    if fields.item("copy_fields").is_some() {
        reading.refuse(
            &fields.at("copy_fields"),
            "`copy_fields` is gone; give the new entity what it needs by a trigger with `params_from`",
        );
        return None;
    }
    let store: Option<Text> = fields.text(reading, "store_id_in");
    let source = fields.text(reading, "entity_id_source").filter(|source| *source != "{uuid}" && !source.is_empty());
    if source.is_some() && store.is_none() {
        reading.refuse(&fields.at("entity_id_source"), "a chosen id is stored somewhere; add `store_id_in`");
        return None;
    }
    Some(Deed::Spawn {
        entity: fields.need(reading, "entity_type"),
        action: fields.need(reading, "initial_action"),
        store,
        id: source.map(|source| param(action, &source)),
    })
}
