//! What the language says, what the check refuses, and that both interpreters agree.

mod check;
mod differential;
mod interpret;
mod language;
mod react;

use antfarm_automata::{
    Action, Effect, Expr, Home, Kind, Mode, Param, Sites, Spec, Table, Text, Value, Variable, parse, parse_effect,
};
use proptest::prelude::*;

/// Choices, one after the other; when they are used up, always the first.
fn draws(choices: Vec<u16>) -> impl FnMut(usize) -> usize {
    let mut choices = choices.into_iter();
    move |below| choices.next().map_or(0, usize::from) % below.max(1)
}

fn choices(most: usize) -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(any::<u16>(), 0..most)
}

fn expr(text: &str) -> Expr {
    parse(text).unwrap_or_else(|wrong| panic!("`{text}`: {wrong}")).0
}

fn effect(text: &str) -> Effect {
    parse_effect(text).unwrap_or_else(|wrong| panic!("`{text}`: {wrong}")).0
}

/// A spec with these states, of which the first is initial.
fn spec(states: &[&str], variables: &[(&str, Kind)], actions: Vec<Action>) -> Spec {
    let states: Vec<Text> = states.iter().map(|it| Text::from(*it)).collect();
    let variable = |(name, kind): &(&str, Kind)| Variable {
        name: (*name).into(),
        kind: kind.clone(),
        initial: kind.blank(),
        given: false,
        ghost: false,
        implied: false,
        home: Home::Unstated,
        stored: Vec::new(),
    };
    Spec {
        entity: "Thing".into(),
        initial: states[0].clone(),
        indefinite: states.clone(),
        states,
        variables: variables.iter().map(variable).collect(),
        actions,
        ..Spec::default()
    }
}

/// An action from anywhere to the same state.
fn action(name: &str, params: &[&str], guard: &str, effects: &[&str]) -> Action {
    Action {
        name: name.into(),
        mode: Mode::Internal,
        from: Vec::new(),
        to: None,
        guard: if guard.is_empty() { Expr::ALWAYS } else { expr(guard) },
        constraints: Vec::new(),
        effects: effects.iter().map(|it| effect(it)).collect(),
        params: params.iter().map(|it| Param { name: (*it).into(), kind: None }).collect(),
        hint: None,
        triggers: Vec::new(),
        composite: None,
    }
}

fn table(spec: Spec) -> Table {
    Table::new(spec, &Sites::new()).unwrap_or_else(|faults| panic!("{faults:#?}")).0
}

fn ints(values: &[i64]) -> Vec<Value> {
    values.iter().map(|it| Value::Int(*it)).collect()
}
