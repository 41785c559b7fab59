//! The file as a whole: its tables, and those of them that are short.

use crate::reading::{Fields, Reading, names};
use crate::{action, legacy, outside, status, variable};
use antfarm_automata::{Broken, Expr, Goal, Literal, Liveness, Property, Site, Sites, Spec, Text, Timeout, parse};
use antfarm_strict::{Found, Item, Place, Troubles, parse as parse_toml};
use std::collections::BTreeMap;

const TABLES: [&str; 14] = [
    "automaton",
    "state",
    "action",
    "invariant",
    "field_invariant",
    "liveness",
    "state_timeout",
    "integration",
    "webhook",
    "context_entity",
    "key",
    "vector",
    "admission",
    "broken",
];

/// A file as a spec that is not checked yet.
pub(crate) fn read(file: &str, text: &str) -> Result<(Reading, Spec), Troubles> {
    let (source, table) = parse_toml(file, text)?;
    let mut reading = Reading {
        source,
        found: Found::default(),
        warnings: Vec::new(),
        places: BTreeMap::new(),
        sites: Sites::new(),
        is_old: false,
    };
    let top = Fields::of(&mut reading, "", &TABLES, 0..0, &table);
    let mut spec = Spec::default();
    match top.item("automaton") {
        Some(item) => automaton(&mut reading, item, &mut spec),
        None => reading.refuse(&(0..0), "`[automaton]` is missing; it names the entity and its states"),
    }
    for item in tables(&mut reading, &top, "state") {
        variable::read(&mut reading, item, &mut spec);
    }
    let mut loose = legacy::Loose::new(&mut reading, &tables_of(&top, "integration"));
    for item in tables(&mut reading, &top, "action") {
        action::read(&mut reading, item, &mut spec, &mut loose);
    }
    loose.settle(&mut reading, &mut spec);
    for item in tables(&mut reading, &top, "invariant") {
        invariant(&mut reading, item, &mut spec);
    }
    for item in tables(&mut reading, &top, "field_invariant") {
        field_invariant(&mut reading, item, &mut spec);
    }
    for item in tables(&mut reading, &top, "liveness") {
        liveness(&mut reading, item, &mut spec);
    }
    for item in tables(&mut reading, &top, "state_timeout") {
        timeout(&mut reading, item, &mut spec);
    }
    for name in ["webhook", "context_entity", "key", "vector"] {
        for item in tables(&mut reading, &top, name) {
            outside::read(&mut reading, name, item, &mut spec);
        }
    }
    if let Some(item) = top.item("admission") {
        outside::read(&mut reading, "admission", item, &mut spec);
    }
    if let Some(item) = top.item("broken") {
        broken(&mut reading, item, &mut spec);
    }
    legacy::name_magic(&mut reading, &mut spec);
    Ok((reading, spec))
}

fn tables_of<'a>(top: &Fields<'a>, key: &str) -> Vec<&'a Item> {
    top.each(key).iter().collect()
}

/// `[[key]]`, each.
fn tables<'a>(reading: &mut Reading, top: &Fields<'a>, key: &str) -> &'a [Item] {
    if let Some(item) = top.item(key)
        && !matches!(item.value, antfarm_strict::Value::List(_))
    {
        reading.refuse(&item.place, format!("write `[[{key}]]`: there can be several"));
        return &[];
    }
    top.each(key)
}

fn automaton(reading: &mut Reading, item: &Item, spec: &mut Spec) {
    const KEYS: [&str; 6] = ["name", "states", "initial", "terminal", "allow_indefinite_states", "strict_action_params"];
    let Some(fields) = Fields::open(reading, "`[automaton]`", &KEYS, item) else { return };
    reading.places.insert(Site::Automaton, fields.at("name"));
    reading.places.insert(Site::Initial, fields.at("initial"));
    spec.entity = fields.need(reading, "name");
    spec.initial = fields.need(reading, "initial");
    spec.states = listed(reading, &fields, "states", Site::State);
    spec.terminal = listed(reading, &fields, "terminal", Site::Terminal);
    spec.indefinite = listed(reading, &fields, "allow_indefinite_states", Site::Indefinite);
    spec.strict_params = fields.flag(reading, "strict_action_params", false);
}

/// A list of names, each with a site.
pub(crate) fn listed(reading: &mut Reading, fields: &Fields<'_>, key: &str, site: impl Fn(usize) -> Site) -> Vec<Text> {
    let texts = fields.texts(reading, key);
    for (index, (_, place)) in texts.iter().enumerate() {
        reading.places.insert(site(index), place.clone());
    }
    names(texts)
}

/// An expression of the newest grammar, with its marks.
pub(crate) fn expression(reading: &mut Reading, site: Site, text: &str, place: &Place) -> Option<Expr> {
    reading.places.insert(site, place.clone());
    match parse(text) {
        Ok((expr, marks)) => {
            reading.sites.insert(site, marks);
            Some(expr)
        }
        Err(wrong) => {
            reading.misread(place, &wrong);
            None
        }
    }
}

fn invariant(reading: &mut Reading, item: &Item, spec: &mut Spec) {
    let Some(fields) = Fields::open(reading, "`[[invariant]]`", &["name", "when", "assert"], item) else { return };
    let (name, assert) = (fields.need(reading, "name"), fields.need(reading, "assert"));
    let site = Site::Invariant(spec.invariants.len());
    reading.places.insert(site, fields.at("assert"));
    let when = fields.texts(reading, "when");
    if let Some(assert) = legacy::invariant(reading, site, &when, &assert, &fields.at("assert"), spec) {
        spec.invariants.push(Property { name, assert, message: None });
    }
}

fn field_invariant(reading: &mut Reading, item: &Item, spec: &mut Spec) {
    const KEYS: [&str; 5] = ["name", "assert", "message", "when", "require"];
    let Some(fields) = Fields::open(reading, "`[[field_invariant]]`", &KEYS, item) else { return };
    let name = fields.need(reading, "name");
    let site = Site::FieldInvariant(spec.field_invariants.len());
    reading.places.insert(site, fields.at("assert"));
    let assert = match (fields.item("assert"), fields.item("when"), fields.item("require")) {
        (Some(_), None, None) => {
            let text = fields.need(reading, "assert");
            expression(reading, site, &text, &fields.at("assert"))
        }
        (None, Some(when), Some(require)) => legacy::field_invariant(reading, when, require),
        (_, _, _) => {
            reading.refuse(&fields.place, "a field invariant has `assert`, or `when` and `require`");
            None
        }
    };
    let message = fields.text(reading, "message");
    if let Some(assert) = assert {
        let assert = status::named(assert, spec);
        spec.field_invariants.push(Property { name, assert, message });
    }
}

fn liveness(reading: &mut Reading, item: &Item, spec: &mut Spec) {
    const KEYS: [&str; 5] = ["name", "from", "reaches", "has_actions", "fair"];
    let Some(fields) = Fields::open(reading, "`[[liveness]]`", &KEYS, item) else { return };
    reading.places.insert(Site::Liveness(spec.liveness.len()), fields.place.clone());
    let name = fields.need(reading, "name");
    let from = names(fields.texts(reading, "from"));
    let reaches = names(fields.texts(reading, "reaches"));
    let goal = match (reaches.is_empty(), fields.flag(reading, "has_actions", false)) {
        (false, false) => Goal::Reaches(reaches),
        (true, true) => Goal::HasActions,
        (true, false) | (false, true) => {
            reading.refuse(&fields.place, "a liveness property has either `reaches`, with a state, or `has_actions = true`");
            return;
        }
    };
    let fair = fields.item("fair").map(|_| names(fields.texts(reading, "fair")));
    spec.liveness.push(Liveness { name, from, goal, fair });
}

fn timeout(reading: &mut Reading, item: &Item, spec: &mut Spec) {
    const KEYS: [&str; 7] = ["state", "after_seconds", "after", "on_timeout", "max_occurrences", "reset_on", "params"];
    let Some(fields) = Fields::open(reading, "`[[state_timeout]]`", &KEYS, item) else { return };
    reading.places.insert(Site::Timeout(spec.timeouts.len()), fields.place.clone());
    let seconds = fields.number(reading, "after_seconds", i64::MAX / 1000).map(|seconds| seconds * 1000);
    let after = fields.text(reading, "after").and_then(|text| {
        let span = parse(&format!("x == {text}")).ok().and_then(|(expr, _)| {
            let Expr::Compare { right, .. } = expr else { return None };
            if let Expr::Literal(Literal::Span(span)) = *right { Some(span) } else { None }
        });
        if span.is_none() {
            reading.refuse(&fields.at("after"), "expected a span such as \"1m30s\"");
        }
        span
    });
    if fields.item("after_seconds").is_some() == fields.item("after").is_some() {
        reading.refuse(&fields.place, "a timeout has either `after_seconds` or `after`");
    }
    spec.timeouts.push(Timeout {
        state: fields.need(reading, "state"),
        after: seconds.or(after).unwrap_or_default(),
        action: fields.need(reading, "on_timeout"),
        most: fields
            .number(reading, "max_occurrences", u32::MAX.into())
            .map_or(1, |most| u32::try_from(most).unwrap_or(u32::MAX)),
        reset_on: names(fields.texts(reading, "reset_on")),
        params: fields.pairs(reading, "params"),
    });
}

fn broken(reading: &mut Reading, item: &Item, spec: &mut Spec) {
    const LEVELS: [&str; 6] = ["load", "L0", "L1", "L2", "L3", "composite"];
    let Some(fields) = Fields::open(reading, "`[broken]`", &["level", "property", "because", "steps"], item) else { return };
    let level = fields.need(reading, "level");
    if !LEVELS.contains(&level.as_str()) {
        reading.unknown(&fields.at("level"), "level", &level, &LEVELS);
    }
    spec.broken = Some(Broken {
        level,
        property: fields.need(reading, "property"),
        because: fields.need(reading, "because"),
        steps: fields.number(reading, "steps", 1000).and_then(|steps| u32::try_from(steps).ok()),
    });
}
