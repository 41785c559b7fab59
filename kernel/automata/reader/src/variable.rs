//! `[[state]]`: variables, their types and first values.

use crate::reading::{Fields, Reading, scalar, value};
use antfarm_automata::{Home, Kind, MOST_ELEMENTS, Site, Spec, Text, Value, Variable};
use antfarm_strict::{Item, nearest};

const KEYS: [&str; 12] = [
    "name",
    "type",
    "initial",
    "unit",
    "entity",
    "most",
    "given",
    "ghost",
    "home",
    "overflow_inline_max_bytes",
    "overflow_ttl_seconds",
    "query_indexed",
];

/// Types of variables and parameters, as files write them.
const TYPES: [&str; 15] = [
    "bool", "counter", "int", "integer", "number", "float", "string", "status", "list", "set", "money", "duration", "ref",
    "boolean", "property",
];

pub(crate) fn read(reading: &mut Reading, item: &Item, spec: &mut Spec) {
    let Some(fields) = Fields::open(reading, "`[[state]]`", &KEYS, item) else { return };
    let name = fields.need(reading, "name");
    let word = match fields.item("type") {
        Some(_) => fields.need(reading, "type"),
        None => {
            reading.warn(&fields.place, format!("`{name}` has no `type`; taken as `string`"));
            "string".into()
        }
    };
    if name == "status" && word == "status" {
        if let Some(initial) = fields.text(reading, "initial")
            && initial != spec.initial
        {
            reading.refuse(&fields.at("initial"), format!("the status begins as `{}`", spec.initial));
        }
        return;
    }
    let Some(kind) = kind(reading, &fields, &word) else { return };
    let initial = match fields.item("initial") {
        None => Some(kind.blank()),
        Some(item) => first(item, &kind),
    };
    if initial.is_none() {
        reading.refuse(&fields.at("initial"), format!("this is no value of type `{}`", kind.word()));
    }
    let stored = ["overflow_inline_max_bytes", "overflow_ttl_seconds", "query_indexed"];
    let home = match fields.text(reading, "home").as_deref() {
        None => Home::Unstated,
        Some("same") => Home::Same,
        Some("reserved") => Home::Reserved,
        Some(other) => {
            reading.unknown(&fields.at("home"), "home", other, &["same", "reserved"]);
            Home::Unstated
        }
    };
    let variable = Variable {
        name,
        initial: initial.unwrap_or_else(|| kind.blank()),
        kind,
        given: fields.flag(reading, "given", false),
        ghost: fields.flag(reading, "ghost", false),
        implied: false,
        home,
        stored: stored.iter().filter_map(|key| Some((Text::from(*key), fields.item(key).and_then(value)?))).collect(),
    };
    if spec.variables.contains(&variable) {
        return reading.warn(&fields.at("name"), format!("`{}` is declared twice, both times alike", variable.name));
    }
    let index = spec.variables.len();
    reading.places.insert(Site::Variable(index), fields.at("name"));
    reading.places.insert(Site::VariableInitial(index), fields.at("initial"));
    spec.variables.push(variable);
}

/// The kind of a parameter, whose type may also be one of a data model: a whole number that is not negative, or a word that says nothing here.
pub(crate) fn param(reading: &mut Reading, fields: &Fields<'_>, word: &str) -> Option<Kind> {
    const WHOLE: [&str; 9] = ["uint", "uint8", "uint16", "uint32", "uint64", "u8", "u16", "u32", "u64"];
    if WHOLE.contains(&word) {
        return kind(reading, fields, "counter");
    }
    if word.is_empty() || TYPES.contains(&word) {
        return kind(reading, fields, word);
    }
    let near = nearest(word, TYPES).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    let words = format!("`{word}` is no type; taken as `property`, which holds anything but lists{near}");
    reading.warn(&fields.at("type"), words);
    kind(reading, fields, "property")
}

/// The kind that `type` and its companions say.
pub(crate) fn kind(reading: &mut Reading, fields: &Fields<'_>, word: &str) -> Option<Kind> {
    let companions: &[&str] = match word {
        "money" => &["unit"],
        "ref" => &["entity"],
        "list" | "set" => &["entity", "most"],
        _ => &[],
    };
    for key in ["unit", "entity", "most"] {
        if fields.item(key).is_some() && !companions.contains(&key) {
            reading.refuse(&fields.at(key), format!("`{key}` means nothing to type `{word}`"));
        }
    }
    let entity = if companions.contains(&"entity") { fields.text(reading, "entity") } else { None };
    let most =
        fields.number(reading, "most", MOST_ELEMENTS.into()).and_then(|most| u32::try_from(most).ok()).unwrap_or(MOST_ELEMENTS);
    Some(match word {
        "bool" | "boolean" => Kind::Bool,
        "counter" => Kind::Counter,
        "int" | "integer" => Kind::Int,
        "number" | "float" => {
            reading.warn(&fields.at("type"), format!("`{word}` is read as `int`: nothing here holds fractions"));
            Kind::Int
        }
        "string" | "status" => Kind::Text,
        "money" => Kind::Money { unit: fields.need(reading, "unit") },
        "duration" => Kind::Duration,
        "ref" => Kind::Ref { entity: fields.need(reading, "entity") },
        "list" => Kind::List { entity, most },
        "set" => Kind::Set { entity, most },
        "property" => Kind::Open,
        "" => return None,
        other => {
            reading.unknown(&fields.at("type"), "type", other, &TYPES);
            return None;
        }
    })
}

/// A first value, in its own form or in a string.
fn first(item: &Item, kind: &Kind) -> Option<Value> {
    let plain = value(item)?;
    if let Value::Text(text) = &plain {
        let text = text.trim();
        return match kind {
            Kind::Bool => text.parse().ok().map(Value::Bool),
            Kind::Duration if text.ends_with(|c: char| c.is_ascii_alphabetic()) => span(text),
            Kind::Counter | Kind::Int | Kind::Money { .. } | Kind::Duration => text.parse().ok().map(Value::Int),
            Kind::Text => Some(plain),
            Kind::Ref { .. } | Kind::Open if text.is_empty() => Some(Value::Null),
            Kind::Ref { .. } | Kind::Open => Some(plain),
            Kind::List { .. } | Kind::Set { .. } => {
                let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
                let quotes: [char; 2] = ['"', '\''];
                let texts = inner.split(',').map(|it| it.trim().trim_matches(quotes)).filter(|it| !it.is_empty());
                Some(sorted(kind, Value::list(texts)))
            }
        };
    }
    match kind {
        // Older files write numbers and truths of string variables without quotes.
        Kind::Text => scalar(item).map(Value::Text),
        Kind::Bool
        | Kind::Counter
        | Kind::Int
        | Kind::Money { .. }
        | Kind::Duration
        | Kind::Ref { .. }
        | Kind::List { .. }
        | Kind::Set { .. }
        | Kind::Open => Some(sorted(kind, plain)),
    }
}

/// A set's elements ascend.
fn sorted(kind: &Kind, value: Value) -> Value {
    match (kind, value) {
        (Kind::Set { .. }, Value::List(list)) => {
            let set: std::collections::BTreeSet<&str> = list.iter().map(Text::as_str).collect();
            Value::list(set)
        }
        (_, value) => value,
    }
}

fn span(text: &str) -> Option<Value> {
    use antfarm_automata::{Expr, Literal, parse};
    let (expr, _) = parse(&format!("x == {text}")).ok()?;
    let Expr::Compare { right, .. } = expr else { return None };
    if let Expr::Literal(Literal::Span(span)) = *right { Some(Value::Int(span)) } else { None }
}
