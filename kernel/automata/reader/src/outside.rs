//! What belongs to a server: webhooks, keys, vectors, context entities, admission. Read strictly, kept, not run here; to a proof it is
//! part of the environment, which may call any action at any time anyway.

use crate::reading::{Fields, Reading, value};
use crate::trigger::table;
use antfarm_automata::{Outside, Site, Spec, Text};
use antfarm_strict::{Complaint, Item, Value};

/// What a key holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Number,
    Texts,
    Table,
}

/// A key, what it holds, and whether it must be there.
type Key = (&'static str, Shape, bool);

const WEBHOOK: [Key; 9] = [
    ("name", Shape::Text, true),
    ("path", Shape::Text, true),
    ("method", Shape::Text, false),
    ("action", Shape::Text, true),
    ("entity_lookup", Shape::Text, false),
    ("entity_param", Shape::Text, false),
    ("extract", Shape::Table, false),
    ("hmac_secret", Shape::Text, false),
    ("hmac_header", Shape::Text, false),
];
const CONTEXT: [Key; 3] = [("name", Shape::Text, true), ("entity_type", Shape::Text, true), ("id_field", Shape::Text, true)];
const KEY: [Key; 2] = [("name", Shape::Text, true), ("properties", Shape::Texts, true)];
const VECTOR: [Key; 5] = [
    ("name", Shape::Text, false),
    ("property", Shape::Text, true),
    ("model_property", Shape::Text, true),
    ("dims", Shape::Number, true),
    ("metric", Shape::Text, true),
];
const ADMISSION: [Key; 4] = [
    ("max_concurrent_creates", Shape::Number, false),
    ("max_concurrent_actions", Shape::Table, false),
    ("queue_depth", Shape::Number, false),
    ("queue_timeout_seconds", Shape::Number, false),
];

/// Keys whose words are known.
const WORDS: [(&str, &[&str]); 2] =
    [("entity_lookup", &["query_param", "body_field", "header", "path_param"]), ("metric", &["cosine", "dot", "l2"])];

pub(crate) fn read(reading: &mut Reading, of: &'static str, item: &Item, spec: &mut Spec) {
    let (name, keys): (&'static str, &[Key]) = match of {
        "webhook" => ("`[[webhook]]`", &WEBHOOK),
        "context_entity" => ("`[[context_entity]]`", &CONTEXT),
        "key" => ("`[[key]]`", &KEY),
        "vector" => ("`[[vector]]`", &VECTOR),
        _ => ("`[admission]`", &ADMISSION),
    };
    let known: Vec<&'static str> = keys.iter().map(|(key, _, _)| *key).collect();
    let Some(fields) = Fields::open(reading, name, &known, item) else { return };
    reading.places.insert(Site::Outside(spec.outside.len()), fields.at("action"));
    let mut outside = Outside { table: of.into(), name: Text::default(), action: None, settings: Vec::new() };
    for (key, shape, needed) in keys {
        let Some(item) = fields.item(key) else {
            if *needed {
                reading.complain(&fields.place, Complaint::Missing { table: name, keys: [*key].into() });
            }
            continue;
        };
        match (*shape, *key) {
            (Shape::Text, "name") => outside.name = fields.text(reading, key).unwrap_or_default(),
            (Shape::Text, "action") => outside.action = fields.text(reading, key),
            (Shape::Text, _) => {
                if let Some(text) = fields.text(reading, key) {
                    check_word(reading, &fields, key, &text);
                    outside.settings.push(((*key).into(), antfarm_automata::Value::Text(text)));
                }
            }
            (Shape::Number, _) => {
                let least = i64::from(*key == "dims");
                match fields.number(reading, key, u32::MAX.into()) {
                    Some(number) if number >= least => {
                        outside.settings.push(((*key).into(), antfarm_automata::Value::Int(number)))
                    }
                    Some(_) => reading.refuse(&item.place, format!("`{key}` is at least 1")),
                    None => {}
                }
            }
            (Shape::Texts, _) => {
                fields.texts(reading, key);
                if matches!(&item.value, Value::List(items) if items.is_empty()) {
                    reading.refuse(&item.place, format!("`{key}` names at least one property"));
                }
                outside.settings.extend(value(item).map(|value| ((*key).into(), value)));
            }
            (Shape::Table, _) => {
                actions_of(reading, of, item, spec);
                outside.settings.extend(table(reading, &fields, key));
            }
        }
    }
    spec.outside.push(outside);
}

fn check_word(reading: &mut Reading, fields: &Fields<'_>, key: &str, text: &str) {
    if let Some((_, words)) = WORDS.iter().find(|(word, _)| *word == key)
        && !words.contains(&text)
    {
        reading.unknown(&fields.at(key), "word", text, words);
    }
}

/// The keys of `max_concurrent_actions` are actions.
fn actions_of(reading: &mut Reading, of: &str, item: &Item, spec: &Spec) {
    let Value::Table(table) = &item.value else { return };
    if of != "admission" {
        return;
    }
    let known: Vec<&str> = spec.actions.iter().map(|it| it.name.as_str()).collect();
    for (name, (at, _)) in &table.0 {
        if !known.contains(&name.as_str()) {
            reading.unknown(at, "action", name, &known);
        }
    }
}
