//! Random small specs, states and calls. They are drawn choice by choice from whoever asks, so that a property test can shrink them, a
//! fuzzer steer them, and a seed repeat them. What is drawn is always a well-formed spec.

use super::Crowd;
use crate::effect::{Assign, Deed, Effect};
use crate::expr::{Arith, Expr, Literal, Order, Set};
use crate::spec::{Action, Home, Mode, Param, Property, Spec, Variable};
use crate::state::State;
use crate::{Kind, Table, Text, Value};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// Gives a number below the one that it is asked for.
pub type Draw<'a> = &'a mut dyn FnMut(usize) -> usize;

const STATES: [&str; 3] = ["Idle", "Busy", "Done"];
const TEXTS: [&str; 4] = ["", "a", "b", "it's"];
/// Ids: of entities that are there, and of one that is not.
const IDS: [&str; 3] = ["p0", "p1", "nobody"];
const NUMBERS: [i64; 8] = [0, 1, 2, 3, -1, 7, i64::MAX, i64::MIN];

/// What an expression is to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Number,
    Money,
    Span,
}

fn variables() -> [(&'static str, Kind); 10] {
    let entity = Text::from("Peer");
    [
        ("flag", Kind::Bool),
        ("count", Kind::Counter),
        ("number", Kind::Int),
        ("fee", Kind::Money { unit: "usdc".into() }),
        ("wait", Kind::Duration),
        ("label", Kind::Text),
        ("friend", Kind::Ref { entity: entity.clone() }),
        ("tags", Kind::List { entity: None, most: 3 }),
        ("seen", Kind::Set { entity: None, most: 3 }),
        ("friends", Kind::List { entity: Some(entity), most: 3 }),
    ]
}

const PARAMS: [&str; 4] = ["amount", "yes", "who", "label"];

fn params() -> [Kind; 4] {
    [Kind::Int, Kind::Bool, Kind::Ref { entity: "Peer".into() }, Kind::Text]
}

fn pick<T: Clone>(draw: Draw<'_>, from: &[T]) -> T {
    from[draw(from.len()).min(from.len() - 1)].clone()
}

fn coin(draw: Draw<'_>) -> bool {
    draw(2) == 1
}

/// A spec with three states, a variable of every kind, and up to four actions and two invariants.
pub fn spec(draw: Draw<'_>) -> Spec {
    let variable = |(name, kind): (&str, Kind)| Variable {
        name: name.into(),
        initial: kind.blank(),
        kind,
        given: false,
        ghost: false,
        implied: false,
        home: Home::Unstated,
        stored: Vec::new(),
    };
    let terminal: Vec<Text> = if coin(draw) { alloc::vec!["Done".into()] } else { Vec::new() };
    let actions = (0..1 + draw(4)).map(|nth| action(draw, nth, &terminal)).collect();
    let property = |draw: Draw<'_>, nth: usize| Property {
        name: alloc::format!("holds_{nth}").into(),
        assert: truth(draw, 3, false, &mut Vec::new()),
        message: None,
    };
    Spec {
        entity: "Peer".into(),
        states: STATES.map(Text::from).into(),
        initial: "Idle".into(),
        indefinite: STATES.map(Text::from).into(),
        variables: variables().map(variable).into(),
        actions,
        invariants: (0..draw(3)).map(|nth| property(draw, nth)).collect(),
        terminal,
        ..Spec::default()
    }
}

fn action(draw: Draw<'_>, nth: usize, terminal: &[Text]) -> Action {
    let from = STATES.iter().map(|it| Text::from(*it)).filter(|it| !terminal.contains(it) && draw(3) > 0).collect();
    let guard = if coin(draw) { truth(draw, 3, true, &mut Vec::new()) } else { Expr::ALWAYS };
    let constraints = if draw(4) == 0 { alloc::vec![truth(draw, 1, true, &mut Vec::new())] } else { Vec::new() };
    Action {
        name: alloc::format!("Act{nth}").into(),
        mode: if draw(8) == 7 { Mode::Input } else { Mode::Internal },
        from,
        to: if coin(draw) { Some(pick(draw, &STATES).into()) } else { None },
        guard,
        constraints,
        effects: (0..draw(4)).map(|_| effect(draw)).collect(),
        params: PARAMS.iter().zip(params()).map(|(name, kind)| Param { name: (*name).into(), kind: Some(kind) }).collect(),
        hint: None,
        triggers: Vec::new(),
        composite: None,
    }
}

fn effect(draw: Draw<'_>) -> Effect {
    let when = if draw(3) == 0 { Some(truth(draw, 2, true, &mut Vec::new())) } else { None };
    let mut none = Vec::new();
    let how = pick(draw, &[Assign::Set, Assign::Add, Assign::Subtract]);
    let list = Text::from(pick(draw, &["tags", "seen", "friends"]));
    let deed = match draw(10) {
        0 => Deed::Assign { variable: "flag".into(), how: Assign::Set, value: truth(draw, 2, true, &mut none) },
        1 => Deed::Assign { variable: "count".into(), how, value: value(draw, Wanted::Number, 2, true) },
        2 => Deed::Assign { variable: "number".into(), how, value: value(draw, Wanted::Number, 2, true) },
        3 => Deed::Assign { variable: "fee".into(), how, value: value(draw, Wanted::Money, 2, true) },
        4 => Deed::Assign { variable: "wait".into(), how, value: value(draw, Wanted::Span, 2, true) },
        5 => Deed::Assign { variable: "label".into(), how: Assign::Set, value: text(draw, true, &none) },
        6 => Deed::Append { list, value: text(draw, true, &none) },
        7 => Deed::Remove { list, value: text(draw, true, &none) },
        8 => {
            let list = Text::from(pick(draw, &["tags", "friends"]));
            Deed::RemoveAt { list, index: value(draw, Wanted::Number, 1, true) }
        }
        _ => Deed::Spawn {
            entity: "Peer".into(),
            action: "Act0".into(),
            store: Some(pick(draw, &["friend", "friends"]).into()),
            id: None,
        },
    };
    Effect { when, deed }
}

/// A truth over the variables of [`spec`], and over its parameters where `params`.
pub fn expression(draw: Draw<'_>, params: bool) -> Expr {
    truth(draw, 4, params, &mut Vec::new())
}

fn truth(draw: Draw<'_>, depth: usize, params: bool, elements: &mut Vec<Text>) -> Expr {
    let row =
        |draw: Draw<'_>, elements: &mut Vec<Text>| (0..2 + draw(2)).map(|_| truth(draw, depth - 1, params, elements)).collect();
    let boxed = |draw: Draw<'_>, elements: &mut Vec<Text>| Box::new(truth(draw, depth - 1, params, elements));
    match if depth == 0 { draw(6) } else { draw(15) } {
        0 => Expr::name("flag"),
        1 => {
            let literals = (0..draw(3)).map(|_| Literal::Text(pick(draw, &STATES).into())).collect();
            Expr::In { item: Box::new(Expr::Status), set: Set::Listed(literals), negated: coin(draw) }
        }
        2 => Expr::compare(Expr::name("count"), order(draw), Expr::Literal(Literal::Int(pick(draw, &NUMBERS)))),
        3 => Expr::Empty(Box::new(Expr::name(pick(draw, &["label", "friend", "tags", "seen"])))),
        4 if params => Expr::Param("yes".into()),
        4 => Expr::compare(Expr::name("friend"), equality(draw), Expr::Literal(Literal::Null)),
        5 => {
            let order = equality(draw);
            Expr::compare(Expr::Status, order, Expr::text(pick(draw, &STATES)))
        }
        6 => Expr::Not(boxed(draw, elements)),
        7 => Expr::And(row(draw, elements)),
        8 => Expr::Or(row(draw, elements)),
        9 => Expr::Implies(boxed(draw, elements), boxed(draw, elements)),
        10..=13 => comparison(draw, depth, params, elements),
        _ => {
            let name = Text::from(pick(draw, &["x", "y"]));
            let set = if coin(draw) {
                Set::Of(Box::new(Expr::name(pick(draw, &["tags", "seen", "friends"]))))
            } else {
                Set::Listed((0..draw(3)).map(|_| Literal::Text(pick(draw, &IDS).into())).collect())
            };
            let all = coin(draw);
            elements.push(name.clone());
            let holds = boxed(draw, elements);
            elements.pop();
            Expr::Each { all, name, set, holds }
        }
    }
}

fn comparison(draw: Draw<'_>, depth: usize, params: bool, elements: &[Text]) -> Expr {
    match draw(8) {
        0 | 6 | 7 => {
            let wanted = pick(draw, &[Wanted::Number, Wanted::Money, Wanted::Span]);
            let left = value(draw, wanted, depth - 1, params);
            Expr::compare(left, order(draw), value(draw, wanted, depth - 1, params))
        }
        1 => Expr::compare(text(draw, params, elements), equality(draw), text(draw, params, elements)),
        2 => {
            let set = if coin(draw) {
                Set::Of(Box::new(Expr::name(pick(draw, &["tags", "seen", "friends"]))))
            } else {
                Set::Listed((0..draw(3)).map(|_| Literal::Text(pick(draw, &TEXTS).into())).collect())
            };
            Expr::In { item: Box::new(text(draw, params, elements)), set, negated: coin(draw) }
        }
        3 => Expr::compare(related(draw, "status", params, elements), equality(draw), Expr::text(pick(draw, &STATES))),
        4 => Expr::compare(related(draw, "count", params, elements), order(draw), value(draw, Wanted::Number, depth - 1, params)),
        _ => {
            let literals = (0..1 + draw(2)).map(|_| Literal::Text(pick(draw, &STATES).into())).collect();
            Expr::In {
                item: Box::new(related(draw, "status", params, elements)),
                set: Set::Listed(literals),
                negated: coin(draw),
            }
        }
    }
}

/// What another entity says; of a list of them, half of the time.
fn related(draw: Draw<'_>, field: &str, params: bool, elements: &[Text]) -> Expr {
    let id = match draw(4) {
        0 => Expr::name("friend"),
        1 if params => Expr::Param("who".into()),
        2 if !elements.is_empty() => Expr::Name(pick(draw, elements)),
        _ => Expr::name("friends"),
    };
    Expr::Related { entity: "Peer".into(), id: Box::new(id), field: field.into() }
}

fn text(draw: Draw<'_>, params: bool, elements: &[Text]) -> Expr {
    match draw(4) {
        0 => Expr::name("label"),
        1 if params => Expr::Param(pick(draw, &["who", "label"]).into()),
        2 if !elements.is_empty() => Expr::Name(pick(draw, elements)),
        _ => Expr::text(pick(draw, &TEXTS)),
    }
}

fn value(draw: Draw<'_>, wanted: Wanted, depth: usize, params: bool) -> Expr {
    let number = pick(draw, &NUMBERS);
    let (name, literal) = match wanted {
        Wanted::Number => (pick(draw, &["count", "number"]), Literal::Int(number)),
        Wanted::Money => ("fee", Literal::Money(number, "usdc".into())),
        Wanted::Span => ("wait", Literal::Span(number.max(-i64::MAX))),
    };
    let boxed = |draw: Draw<'_>, wanted| Box::new(value(draw, wanted, depth - 1, params));
    match if depth == 0 { draw(3) } else { draw(7) } {
        0 => Expr::Literal(literal),
        1 => Expr::name(name),
        2 if params && wanted == Wanted::Number => Expr::Param("amount".into()),
        2 => Expr::name(name),
        3 if wanted == Wanted::Number => Expr::Len(Box::new(Expr::name(pick(draw, &["tags", "seen", "friends"])))),
        3 | 4 => {
            let op = pick(draw, &[Arith::Plus, Arith::Minus]);
            Expr::Arith { op, left: boxed(draw, wanted), right: boxed(draw, wanted) }
        }
        5 => {
            let op = pick(draw, &[Arith::Times, Arith::Divide, Arith::Modulo]);
            Expr::Arith { op, left: boxed(draw, wanted), right: boxed(draw, Wanted::Number) }
        }
        _ => Expr::Negate(boxed(draw, wanted)),
    }
}

fn order(draw: Draw<'_>) -> Order {
    pick(draw, &[Order::Equal, Order::Unequal, Order::Less, Order::AtMost, Order::More, Order::AtLeast])
}

fn equality(draw: Draw<'_>) -> Order {
    if coin(draw) { Order::Equal } else { Order::Unequal }
}

/// A value that a variable of this kind can hold; one in eight times one that it cannot.
fn of_kind(draw: Draw<'_>, kind: &Kind) -> Value {
    let mut texts =
        |from: &[&str], most: usize| -> Vec<String> { (0..draw(most + 1)).map(|_| pick(draw, from).into()).collect() };
    match kind {
        Kind::Bool => Value::Bool(coin(draw)),
        Kind::Counter | Kind::Money { .. } | Kind::Duration => Value::Int(pick(draw, &NUMBERS[..4])),
        Kind::Int => Value::Int(pick(draw, &NUMBERS)),
        Kind::Text => Value::text(pick(draw, &TEXTS)),
        Kind::Ref { .. } | Kind::Open => {
            if coin(draw) {
                Value::text(pick(draw, &IDS))
            } else {
                Value::Null
            }
        }
        Kind::List { entity, .. } => {
            let texts = texts(if entity.is_some() { &IDS } else { &TEXTS }, 3);
            Value::list(texts.iter().map(String::as_str))
        }
        Kind::Set { .. } => {
            let mut texts = texts(&TEXTS, 3);
            texts.sort();
            texts.dedup();
            Value::list(texts.iter().map(String::as_str))
        }
    }
}

/// A state of a table.
pub fn state(draw: Draw<'_>, table: &Table) -> State {
    let slots = table.spec().variables.iter().map(|it| of_kind(draw, &it.kind)).collect();
    table.state(draw(STATES.len()).min(STATES.len() - 1), slots).expect("every variable holds a value of its kind")
}

/// Parameters for an action of a table: one in eight is missing, and one in eight of another kind.
pub fn arguments(draw: Draw<'_>, table: &Table, action: usize) -> Vec<Value> {
    let mut argument = |kind: &Kind| match draw(16) {
        14 => Value::Null,
        15 => of_kind(draw, &Kind::LIST),
        _ => of_kind(draw, kind),
    };
    table.params(action).iter().map(&mut argument).collect()
}

/// Two other entities, `p0` and `p1`, of a table.
pub fn crowd<'a>(draw: Draw<'_>, table: &'a Table) -> Crowd<'a> {
    let mut crowd = Crowd::default();
    for id in &IDS[..2] {
        crowd.add(table, id, state(draw, table));
    }
    crowd
}
