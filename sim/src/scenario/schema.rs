//! The schema of scenario files, for editors: JSON Schema, draft 2020-12.
//!
//! Made from the same lists of keys that the parser reads, so it cannot tell another story. It is weaker than the parser: which
//! nodes and kinds of messages there are, and that ranges run upwards, only the parser knows.

use crate::fault::Family;
use crate::scenario::ask_row;
use crate::scenario::head;
use crate::scenario::key::{Form, Key};
use crate::scenario::nodes::Nodes;
use crate::scenario::read::SHAPES;
use crate::scenario::registry::{Known, Registry};
use crate::scenario::verb::{DISK_WORDS, VERBS, disk_keys};
use serde_json::{Map, Value, json};

/// The schema of scenario files that run the machines of `registry`.
pub fn schema(registry: &Registry) -> Value {
    let machines = registry.known();
    let mut schema = table(head::KEYS.iter());
    let names: Vec<Value> = machines.iter().map(|known| json!({ "const": known.name, "description": known.purpose })).collect();
    schema["properties"]["machine"]["oneOf"] = Value::Array(names);
    schema["allOf"] = machines.iter().map(of_machine).collect();
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = "A scenario of Antfarm".into();
    schema
}

/// What the choice of a machine says about the rest of the file.
fn of_machine(known: &Known) -> Value {
    let asks = table(ask_row::KEYS.iter().chain(known.asks));
    json!({
        "if": { "properties": { "machine": { "const": known.name } }, "required": ["machine"] },
        "then": { "properties": { "config": table(known.config.iter()), "ask": list_of(asks) } },
    })
}

fn table<'a>(keys: impl Iterator<Item = &'a Key>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for key in keys {
        let mut value = form(key.form);
        value["description"] = key.doc.into();
        properties.insert(key.name.to_owned(), value);
        if key.required {
            required.push(key.name);
        }
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn list_of(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// A text of this form.
fn text(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^{pattern}$") })
}

/// `one`, or a range of it.
fn range(one: &str) -> String {
    format!(r"{one}(\.\.{one})?")
}

fn form(form: Form) -> Value {
    const SPAN: &str = r"([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|d))+";
    const CHANCE: &str = r"[0-9]+(\.[0-9]+)?(%|ppm)";
    let names = || json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1 }] });
    match form {
        Form::Text | Form::Peer | Form::Kind => json!({ "type": "string" }),
        Form::Count(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Form::Amount(unit, most) => json!({ "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": most / unit.bare },
            text(&format!(r"[0-9]+(\.[0-9]+)? *{}", unit.name)),
        ] }),
        Form::Seed => json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, text("[0-9]+")] }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Word(words) => json!({ "enum": words }),
        Form::Span => text(SPAN),
        Form::Spread => text(&range(SPAN)),
        Form::Shift => text(&range(&format!("-?{SPAN}"))),
        Form::When => text(&range(&format!(r"\+?{SPAN}"))),
        Form::Odds => text(&range(CHANCE)),
        Form::Drift => text(&range(&format!("-?{CHANCE}"))),
        Form::Rate => text(r"[0-9]+(\.[0-9]+)?/(ns|us|ms|s|m|h|d)"),
        Form::Nodes | Form::Peers => names(),
        Form::Link => json!({ "type": "array", "items": names(), "minItems": 2, "maxItems": 2 }),
        Form::Shape => json!({ "oneOf": SHAPES.iter().map(|(_, keys)| table(keys.iter())).collect::<Vec<_>>() }),
        Form::Texts => list_of(json!({ "type": "string" })),
        Form::Roster => {
            let name = json!({ "type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$", "not": { "const": "any" } });
            let names = json!({ "type": "array", "items": name, "minItems": 1, "maxItems": Nodes::MOST, "uniqueItems": true });
            json!({ "anyOf": [{ "type": "integer", "minimum": 1, "maximum": Nodes::MOST }, names] })
        }
        Form::Swarm => {
            let families: Vec<&str> = Family::ALL.iter().map(|family| family.name()).collect();
            json!({ "anyOf": [{ "enum": ["none", "default", "all"] }, list_of(json!({ "enum": families }))] })
        }
        Form::Expect => text("violation of .+"),
        Form::Table(keys) => table(keys.iter()),
        Form::Rows(keys) => list_of(table(keys.iter())),
        Form::Config => json!({ "type": "object" }),
        Form::Asks => list_of(json!({ "type": "object" })),
        Form::Faults => list_of(json!({ "oneOf": faults() })),
    }
}

/// One schema for each verb, but for `disk` one for each word.
fn faults() -> Vec<Value> {
    let plain = VERBS.iter().filter(|verb| verb.word != "disk").map(|verb| table(verb.keys.iter()));
    let disks = DISK_WORDS.iter().map(|word| {
        let mut row = table(disk_keys(word).iter());
        row["properties"]["disk"] = json!({ "const": word });
        row
    });
    plain.chain(disks).collect()
}
