//! `[[action]]`: guards, effects, parameters and constraints.

use crate::automaton::{expression, listed};
use crate::place::within;
use crate::reading::{Fields, Reading, text};
use crate::{legacy, trigger, variable};
use antfarm_automata::{Action, Composite, Effect, Expr, Literal, Marks, Mode, Order, Param, Site, Spec, Text, parse_effect};
use antfarm_strict::{Item, Value, nearest};

const KEYS: [&str; 13] = [
    "name",
    "kind",
    "from",
    "to",
    "guard",
    "effect",
    "params",
    "constraints",
    "hint",
    "triggers",
    "record_parent_event",
    "cedar_gate",
    "sub_writes",
];

pub(crate) fn read(reading: &mut Reading, item: &Item, spec: &mut Spec, loose: &mut legacy::Loose) {
    let Some(fields) = Fields::open(reading, "`[[action]]`", &KEYS, item) else { return };
    let index = spec.actions.len();
    reading.places.insert(Site::Action(index), fields.at("name"));
    reading.places.insert(Site::To(index), fields.at("to"));
    reading.places.insert(Site::Guard(index), fields.at("guard"));
    let mut action = Action {
        name: fields.need(reading, "name"),
        mode: mode(reading, &fields),
        from: listed(reading, &fields, "from", |nth| Site::From(index, nth)),
        to: fields.text(reading, "to"),
        guard: Expr::ALWAYS,
        constraints: Vec::new(),
        effects: Vec::new(),
        params: params(reading, &fields, index),
        hint: fields.text(reading, "hint"),
        triggers: Vec::new(),
        composite: None,
    };
    if let Some(item) = fields.item("guard") {
        action.guard = guard(reading, item, index).unwrap_or(Expr::ALWAYS);
    }
    for item in fields.each("constraints") {
        if let Some(expr) = constraint(reading, item) {
            reading.places.insert(Site::Constraint(index, action.constraints.len()), item.place.clone());
            action.constraints.push(expr);
        }
    }
    for item in fields.each("effect") {
        effect(reading, item, index, &mut action, loose);
    }
    for item in fields.each("triggers") {
        reading.places.insert(Site::Trigger(index, action.triggers.len()), item.place.clone());
        let site = Site::TriggerGuard(index, action.triggers.len());
        action.triggers.extend(trigger::read(reading, item, site));
    }
    action.composite = composite(reading, &fields, action.mode);
    spec.actions.push(action);
}

fn mode(reading: &mut Reading, fields: &Fields<'_>) -> Mode {
    match fields.text(reading, "kind").as_deref() {
        None | Some("internal") => Mode::Internal,
        Some("input") => Mode::Input,
        Some("output") => Mode::Output,
        Some("Composite" | "composite") => Mode::Composite,
        Some(other) => {
            reading.unknown(&fields.at("kind"), "kind", other, &["input", "internal", "output", "Composite"]);
            Mode::Internal
        }
    }
}

fn params(reading: &mut Reading, fields: &Fields<'_>, index: usize) -> Vec<Param> {
    let mut params = Vec::new();
    for item in fields.each("params") {
        reading.places.insert(Site::Param(index, params.len()), item.place.clone());
        if let Value::Table(_) = &item.value {
            let Some(fields) = Fields::open(reading, "a parameter", &["name", "type", "unit", "entity", "most"], item) else {
                continue;
            };
            let name = fields.need(reading, "name");
            let word = fields.text(reading, "type");
            let kind = word.and_then(|word| variable::param(reading, &fields, &word));
            params.push(Param { name, kind });
        } else if let Some(name) = text(reading, item) {
            params.push(Param { name, kind: None });
        }
    }
    params
}

/// A predicate of the newest grammar; of an older one, where it is none.
fn guard(reading: &mut Reading, item: &Item, index: usize) -> Option<Expr> {
    let site = Site::Guard(index);
    let Value::Text(text) = &item.value else { return legacy::guard(reading, item) };
    match legacy::clause(text) {
        // What reads as both means the same in both.
        Some(expr) if antfarm_automata::parse(text).is_err() => {
            reading.is_old = true;
            Some(expr)
        }
        Some(_) | None => expression(reading, site, text, &item.place),
    }
}

fn constraint(reading: &mut Reading, item: &Item) -> Option<Expr> {
    const KINDS: [&str; 4] = ["param_equals_field", "param_not_equals_field", "param_greater_than_field", "param_nonempty"];
    let fields = Fields::open(reading, "a constraint", &["kind", "param", "field"], item)?;
    let (kind, param) = (fields.need(reading, "kind"), Expr::Param(fields.need(reading, "param")));
    let order = match kind.as_str() {
        "param_equals_field" => Order::Equal,
        "param_not_equals_field" => Order::Unequal,
        "param_greater_than_field" => Order::More,
        "param_nonempty" => {
            if fields.item("field").is_some() {
                reading.refuse(&fields.at("field"), "`field` means nothing to `param_nonempty`");
            }
            return Some(Expr::compare(param, Order::Unequal, Expr::Literal(Literal::Text("".into()))));
        }
        other => {
            reading.unknown(&fields.at("kind"), "constraint", other, &KINDS);
            return None;
        }
    };
    Some(Expr::compare(param, order, Expr::Name(fields.need(reading, "field"))))
}

/// A statement of the newest grammar; what an older one wrote, where it is none.
fn effect(reading: &mut Reading, item: &Item, index: usize, action: &mut Action, loose: &mut legacy::Loose) {
    let Value::Text(text) = &item.value else {
        return legacy::effect(reading, item, index, action, loose);
    };
    match parse_effect(text) {
        Ok((effect, marks)) => {
            let site = Site::Effect(index, action.effects.len());
            reading.places.insert(site, item.place.clone());
            declare(reading, site, &effect, &marks, action);
            reading.sites.insert(site, marks);
            action.effects.push(effect);
        }
        Err(wrong) => {
            if !legacy::statement(reading, text, &item.place, index, action, loose) {
                reading.misread(&item.place, &wrong);
            }
        }
    }
}

/// Declares the parameters that an effect writes somewhere and the action does not declare. One that almost has the name of another is left
/// as it is, misspelt, unless it is called like what it is written into.
fn declare(reading: &mut Reading, site: Site, effect: &Effect, marks: &Marks, action: &mut Action) {
    let first = usize::from(effect.when.is_some());
    let mut read = Vec::new();
    for (part, expr) in effect.parts().into_iter().enumerate().skip(first) {
        params_of(expr, marks.part(part), &mut read);
    }
    for (name, at) in read {
        let mut declared = action.params.iter().map(|it| it.name.as_str());
        let is_meant = effect.writes() == Some(&name) || nearest(&name, declared.clone()).is_none();
        if is_meant && !declared.any(|it| *name == *it) {
            let place = within(reading.source.text(), &reading.places[&site], at);
            reading.warn(&place, format!("`{name}` is not declared; taken as a parameter that a caller gives"));
            action.params.push(Param { name, kind: None });
        }
    }
}

/// The parameters that an expression reads, and where.
fn params_of(expr: &Expr, marks: &Marks, found: &mut Vec<(Text, usize)>) {
    if let Expr::Param(name) = expr {
        found.push((name.clone(), marks.at));
    }
    for (nth, part) in expr.parts().into_iter().enumerate() {
        params_of(part, marks.part(nth), found);
    }
}

fn composite(reading: &mut Reading, fields: &Fields<'_>, mode: Mode) -> Option<Composite> {
    let mut composite =
        Composite { record_parent_event: fields.flag(reading, "record_parent_event", true), ..Composite::default() };
    // One gate, also where it is written as a list.
    let gates = fields.each("cedar_gate");
    if let [_, second, ..] = gates {
        reading.refuse(&second.place, "a composite action has one gate");
    }
    if let Some(item) = gates.first()
        && let Some(gate) = Fields::open(reading, "`cedar_gate`", &["principal", "resource", "action"], item)
    {
        composite.gate = Some((gate.need(reading, "principal"), gate.need(reading, "resource"), gate.need(reading, "action")));
    }
    for item in fields.each("sub_writes") {
        if let Some(write) = Fields::open(reading, "`sub_writes`", &["target_entity", "action", "generated_from"], item) {
            let from = write.text(reading, "generated_from");
            composite.writes.push((write.need(reading, "target_entity"), write.need(reading, "action"), from));
        }
    }
    if mode == Mode::Composite {
        return Some(composite);
    }
    for key in ["record_parent_event", "cedar_gate", "sub_writes"] {
        if fields.item(key).is_some() {
            reading.refuse(&fields.at(key), format!("`{key}` belongs to actions with `kind = \"Composite\"`"));
        }
    }
    None
}
