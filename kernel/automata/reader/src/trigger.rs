//! `[[action.triggers]]`: what an action sets going after it is recorded.

use crate::automaton::expression;
use crate::legacy;
use crate::reading::{Fields, Reading, scalar, value};
use antfarm_automata::{Promise, Site, Started, Target, Text, Trigger};
use antfarm_strict::{Item, Value};

const KEYS: [&str; 24] = [
    "name",
    "kind",
    "principal",
    "to_state",
    "guard",
    "liveness",
    "drop_ok",
    "llm",
    "target_entity",
    "target_action",
    "params",
    "params_from",
    "resolve_target",
    "module",
    "on_success",
    "on_failure",
    "config",
    "adapter",
    "adapter_type",
    "url",
    "method",
    "headers",
    "body_template",
    "hook",
];

/// The keys of each kind, beside those that all have.
const OF_KIND: [(&str, &[&str]); 5] = [
    ("entity", &["target_entity", "target_action", "params", "params_from", "resolve_target"]),
    ("wasm", &["module", "on_success", "on_failure", "config"]),
    ("adapter", &["adapter", "adapter_type", "on_success", "on_failure", "config"]),
    ("webhook", &["url", "method", "headers", "body_template", "on_success", "on_failure", "config"]),
    ("hook", &["hook", "on_success", "on_failure", "config"]),
];

pub(crate) fn read(reading: &mut Reading, item: &Item, site: Site) -> Option<Trigger> {
    let fields = Fields::open(reading, "`[[action.triggers]]`", &KEYS, item)?;
    let (name, kind) = (fields.need(reading, "name"), fields.need(reading, "kind"));
    let Some((kind, own)) = OF_KIND.iter().find(|(known, _)| kind == *known) else {
        if !kind.is_empty() {
            reading.unknown(&fields.at("kind"), "kind", &kind, &OF_KIND.map(|(kind, _)| kind));
        }
        return None;
    };
    for key in KEYS.iter().skip(8).filter(|key| fields.item(key).is_some() && !own.contains(key)) {
        reading.refuse(&fields.at(key), format!("`{key}` means nothing to a trigger of kind `{kind}`"));
    }
    let guard = match fields.item("guard") {
        None => None,
        Some(Item { value: Value::Text(text), place }) => expression(reading, site, text, place),
        Some(item) => {
            reading.places.insert(site, item.place.clone());
            legacy::trigger_guard(reading, item)
        }
    };
    let liveness = match fields.text(reading, "liveness").as_deref() {
        None | Some("best_effort") => Promise::BestEffort,
        Some("none") => Promise::Nothing,
        Some("required") => Promise::Required,
        Some(other) => {
            reading.unknown(&fields.at("liveness"), "promise", other, &["none", "best_effort", "required"]);
            Promise::BestEffort
        }
    };
    let deed = if *kind == "entity" { entity(reading, &fields) } else { outside(reading, &fields, kind) };
    Some(Trigger {
        name,
        principal: fields.text(reading, "principal"),
        to_state: fields.text(reading, "to_state"),
        guard,
        liveness,
        drop_ok: fields.flag(reading, "drop_ok", false),
        llm: fields.flag(reading, "llm", false),
        deed,
    })
}

fn entity(reading: &mut Reading, fields: &Fields<'_>) -> Started {
    let params_from = fields.pairs(reading, "params_from");
    let mut params = Vec::new();
    if let Some(item) = fields.item("params") {
        if let Value::Table(table) = &item.value {
            for (name, (at, item)) in &table.0 {
                match value(item) {
                    Some(_) if params_from.iter().any(|(from, _)| *from == **name) => {
                        reading.refuse(at, format!("`{name}` is in `params` and in `params_from`"));
                    }
                    Some(value) => params.push((name.as_str().into(), value)),
                    None => reading.mismatch(item, "a string, an integer, a boolean or a list of strings"),
                }
            }
        } else {
            reading.mismatch(item, "a table");
        }
    }
    Started::Entity {
        entity: fields.need(reading, "target_entity"),
        action: fields.need(reading, "target_action"),
        target: target(reading, fields),
        params,
        params_from,
    }
}

fn target(reading: &mut Reading, fields: &Fields<'_>) -> Target {
    const TYPES: [&str; 5] = ["field", "same_id", "static", "create_if_missing", "create"];
    let Some(item) = fields.item("resolve_target") else {
        reading.refuse(&fields.place, "`resolve_target` is missing; it says which entity the trigger is for");
        return Target::Create;
    };
    let Some(own) = Fields::open(reading, "`resolve_target`", &["type", "field", "entity_id", "id_field"], item) else {
        return Target::Create;
    };
    let word = own.need(reading, "type");
    let (key, target): (&str, fn(Text) -> Target) = match word.as_str() {
        "field" => ("field", Target::Field),
        "static" => ("entity_id", Target::Fixed),
        "create_if_missing" => ("id_field", Target::CreateIfMissing),
        "same_id" => ("", |_| Target::SameId),
        "create" => ("", |_| Target::Create),
        other => {
            reading.unknown(&own.at("type"), "type", other, &TYPES);
            return Target::Create;
        }
    };
    for other in ["field", "entity_id", "id_field"] {
        if other != key && own.item(other).is_some() {
            reading.refuse(&own.at(other), format!("`{other}` means nothing to type `{word}`"));
        }
    }
    match key {
        "field" => target(own.need(reading, "field")),
        "entity_id" => target(own.need(reading, "entity_id")),
        "id_field" => target(own.need(reading, "id_field")),
        _ => target(Text::default()),
    }
}

fn outside(reading: &mut Reading, fields: &Fields<'_>, kind: &str) -> Started {
    match kind {
        "wasm" => drop(fields.need(reading, "module")),
        "webhook" => drop((fields.need(reading, "url"), fields.need(reading, "method"))),
        "hook" => drop(fields.need(reading, "hook")),
        _ if fields.item("adapter").is_none() && fields.item("adapter_type").is_none() => drop(fields.need(reading, "adapter")),
        _ => {}
    }
    let mut settings = Vec::new();
    for key in ["module", "adapter", "adapter_type", "url", "method", "body_template", "hook"] {
        settings.extend(fields.text(reading, key).map(|text| (Text::from(key), antfarm_automata::Value::Text(text))));
    }
    for key in ["config", "headers"] {
        settings.extend(table(reading, fields, key));
    }
    Started::Outside {
        via: kind.into(),
        on_success: action(fields.text(reading, "on_success")),
        on_failure: action(fields.text(reading, "on_failure")),
        settings,
    }
}

/// An empty name means: none.
pub(crate) fn action(name: Option<Text>) -> Option<Text> {
    name.filter(|name| !name.is_empty())
}

/// A table of strings, its keys behind the table's own.
pub(crate) fn table(reading: &mut Reading, fields: &Fields<'_>, key: &str) -> Vec<(Text, antfarm_automata::Value)> {
    let Some(item) = fields.item(key) else { return Vec::new() };
    let Value::Table(table) = &item.value else {
        reading.mismatch(item, "a table of strings");
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for (name, (_, item)) in &table.0 {
        match scalar(item) {
            Some(text) => pairs.push((format!("{key}.{name}").into(), antfarm_automata::Value::Text(text))),
            None => reading.mismatch(item, "a string"),
        }
    }
    pairs
}
