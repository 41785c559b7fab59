//! One step in which everything is given: what the encoding says of it can be held against the interpreter.

use super::action::Argument;
use super::found::decoded;
use super::path::Encoding;
use super::solver::{Answer, Solver};
use super::state::{self, Symbolic};
use super::term::{Number, Truth};
use super::value::{Val, null};
use antfarm_automata::{Related, Seen, State, Table, Text, Value};
use std::io;

/// What an encoding says of a step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The state after the action; nothing where it is refused.
    pub after: Option<State>,
    /// Of each invariant, whether it holds in the state before.
    pub invariants: Vec<bool>,
}

/// A step in which everything is given.
#[derive(Clone, Copy, Debug)]
pub struct Fixed<'a> {
    /// The state before.
    pub state: &'a State,
    /// The number of the action.
    pub action: usize,
    /// Its parameters.
    pub params: &'a [Value],
    /// What each entity is called that it makes.
    pub fresh: &'a Text,
    /// The texts that others say.
    pub said: &'a [Text],
}

/// What a solver says that this step does. Nothing where a value is beyond what is modelled exactly, or others say another text.
///
/// # Errors
///
/// The solver does not answer, or finds that nothing can be.
pub fn fixed(table: &Table, step: Fixed<'_>, related: &impl Related, solver: &mut Solver) -> io::Result<Option<Outcome>> {
    let Fixed { state, action, params, fresh, said } = step;
    let mut texts: Vec<Text> = said.iter().chain([fresh]).cloned().collect();
    for value in state.slots().iter().chain(params) {
        match value {
            Value::Text(text) => texts.push(text.clone()),
            Value::List(list) => texts.extend(list.iter().cloned()),
            Value::Null | Value::Bool(_) | Value::Int(_) => {}
        }
    }
    let tables = [table];
    let encoding = Encoding::new(table, &tables, None).saying(texts);
    let spec = table.spec();
    let mut path = encoding.anywhere(false);
    let before = path.states[0].clone();
    let status = Number::known(encoding.texts.code(&spec.states[state.status()]));
    path.script.assert(&before.status.equals(&status));
    for ((variable, slot), value) in spec.variables.iter().zip(&before.slots).zip(state.slots()) {
        let Some(value) = state::fixed(&encoding.texts, &variable.kind, value) else { return Ok(None) };
        path.script.assert(&state::is(&value, slot));
    }
    let (mut arguments, mut fit) = (Vec::new(), Vec::new());
    for (nth, kind) in table.params(action).iter().enumerate() {
        let value = params.get(nth).unwrap_or(&Value::Null);
        let is_given = *value != Value::Null;
        let (value, fits) = match (value, kind.most()) {
            (Value::Null, _) => (null(), Truth::Known(!table.is_required(action, nth))),
            // A list for what is none.
            (Value::List(_), None) => (null(), Truth::FALSE),
            (Value::List(_), Some(_)) if !kind.holds(value) => (null(), Truth::FALSE),
            (Value::List(_), Some(_)) => {
                let open = state::open(&mut path.script, &format!("param{nth}"), kind);
                let Some(value) = state::fixed(&encoding.texts, kind, value) else { return Ok(None) };
                path.script.assert(&state::is(&value, &open));
                (open, Truth::TRUE)
            }
            // What is no list for one.
            (Value::Bool(_) | Value::Int(_) | Value::Text(_), Some(_)) => (null(), Truth::FALSE),
            (Value::Bool(_) | Value::Int(_) | Value::Text(_), None) => {
                let open = state::open(&mut path.script, &format!("param{nth}"), &antfarm_automata::Kind::Open);
                let Some(value) = state::fixed(&encoding.texts, &antfarm_automata::Kind::Open, value) else { return Ok(None) };
                path.script.assert(&state::is(&value, &open));
                state::fitted(&mut path.script, kind, &open)
            }
        };
        fit.push(fits);
        arguments.push(Argument { value, is_given: Truth::Known(is_given) });
    }
    let taken = encoding.act_with(&mut path, action, &arguments);
    for made in taken.made.iter().filter(|it| it.is_new) {
        path.script.assert(&made.id.equals(&Number::known(encoding.texts.code(fresh))));
    }
    let happens = path.script.truth("happens");
    path.script.assert(&happens.same(&super::term::all(fit.into_iter().chain([taken.happens.clone()]))));
    let after = Symbolic::open(&mut path.script, &encoding.texts, spec, "@1");
    path.script.assert(&happens.implies(&taken.after.is(&after)));
    let mut invariants = Vec::new();
    for (nth, property) in spec.invariants.iter().enumerate() {
        let said = encoding.holds(&mut path, 0, &property.assert);
        let constant = path.script.truth(&format!("invariant{nth}"));
        path.script.assert(&constant.same(&said));
        invariants.push(constant);
    }
    if !tell(&encoding, &mut path, related) || !path.script.open.is_empty() {
        return Ok(None);
    }
    path.states.push(after);
    match solver.ask(path.script.text(), path.script.constants())? {
        Answer::Sat(model) => {
            let is = |truth: &Truth| model.get(&truth.to_string()).is_some_and(|it| *it != 0);
            let strange =
                || io::Error::new(io::ErrorKind::InvalidData, format!("no state of the table:\n{}", path.script.text()));
            let after = if is(&happens) { Some(decoded(&encoding, &path, &model, 1).ok_or_else(strange)?) } else { None };
            Ok(Some(Outcome { after, invariants: invariants.iter().map(is).collect() }))
        }
        Answer::Unsat | Answer::Unknown(_) => {
            Err(io::Error::new(io::ErrorKind::InvalidData, format!("nothing can be:\n{}", path.script.text())))
        }
    }
}

/// Says what others say of everything that was read. Nothing where they say a text that is not written out.
fn tell(encoding: &Encoding<'_>, path: &mut super::path::Path, related: &impl Related) -> bool {
    for read in path.reads.reads.clone() {
        for id in encoding.texts.known() {
            let value = related.read(&read.entity, id, &read.field).map_or(Value::Null, Seen::keep);
            if matches!(&value, Value::Text(text) if !encoding.texts.known().contains(text)) {
                return false;
            }
            let Some(value) = state::fixed(&encoding.texts, &antfarm_automata::Kind::Open, &value) else { return false };
            let Val::Any { .. } = value else { return false };
            let is_it = read.id.equals(&Number::known(encoding.texts.code(id)));
            path.script.assert(&is_it.implies(&state::is(&value, &read.value)));
        }
    }
    true
}
