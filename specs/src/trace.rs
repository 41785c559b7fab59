//! A run that shows something: what was done, and what all entities were after it.

use antfarm_automata::{State, Table, Text, Value};
use antfarm_identity::Codec;
use std::fmt;

/// A run from its beginning.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub struct Trace {
    /// The entities at the beginning.
    pub first: Vec<Entity>,
    /// The actions, and the entities after each.
    pub marks: Vec<Mark>,
    /// Where the run goes round for ever: the number of actions after which the loop begins.
    pub back_to: Option<u32>,
}

/// One action of a run.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub struct Mark {
    /// What was done.
    pub taken: Taken,
    /// The entities after it.
    pub after: Vec<Entity>,
    /// What went otherwise than it was meant: reactions that were refused.
    pub dropped: Vec<String>,
}

/// An action that was taken.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Taken {
    /// The type of the entity.
    pub entity: Text,
    /// Its id.
    pub id: Text,
    /// The action.
    pub action: Text,
    /// What it was given, by name.
    pub params: Vec<(Text, Value)>,
    /// Of a composite action, what it wrote elsewhere.
    pub writes: Vec<Self>,
}

/// An entity as it was.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Entity {
    /// Its type.
    pub entity: Text,
    /// Its id.
    pub id: Text,
    /// Its status.
    pub status: Text,
    /// Its variables, in the order of the spec.
    pub fields: Vec<(Text, Value)>,
}

impl Entity {
    /// What `state` means by `table`.
    pub fn of(table: &Table, id: &Text, state: &State) -> Self {
        let spec = table.spec();
        let fields = spec.variables.iter().zip(state.slots()).map(|(it, value)| (it.name.clone(), value.clone()));
        let status = spec.states.get(state.status()).cloned().unwrap_or_default();
        Self { entity: spec.entity.clone(), id: id.clone(), status, fields: fields.collect() }
    }
}

impl Trace {
    /// Gives other texts for ids, from the state after so many steps on.
    pub(crate) fn rename(&mut self, from: usize, name: &impl Fn(&Text) -> Text) {
        if from == 0 {
            self.first.iter_mut().for_each(|it| *it = it.renamed(name));
        }
        self.marks[from..].iter_mut().for_each(|it| it.rename(name));
    }
}

impl Mark {
    /// Gives other texts for ids.
    pub(crate) fn rename(&mut self, name: &impl Fn(&Text) -> Text) {
        self.taken = self.taken.renamed(name);
        self.after.iter_mut().for_each(|it| *it = it.renamed(name));
        for dropped in &mut self.dropped {
            // Who comes before the action. In the reason, ids stand between backticks.
            if let Some((who, what)) = dropped.split_once('.') {
                let name = |(nth, part): (usize, &str)| if nth % 2 == 1 { name(&part.into()) } else { part.into() };
                let what: Vec<Text> = what.split('`').enumerate().map(name).collect();
                *dropped = format!("{}.{}", name((1, who)), what.join("`"));
            }
        }
    }
}

impl Entity {
    /// The same with other texts for ids.
    pub(crate) fn renamed(&self, name: &impl Fn(&Text) -> Text) -> Self {
        let fields = self.fields.iter().map(|(field, value)| (field.clone(), each_text(value, name))).collect();
        Self { id: name(&self.id), fields, ..self.clone() }
    }
}

impl Taken {
    /// The same with other texts for ids.
    pub(crate) fn renamed(&self, name: &impl Fn(&Text) -> Text) -> Self {
        let params = self.params.iter().map(|(param, value)| (param.clone(), each_text(value, name))).collect();
        let writes = self.writes.iter().map(|it| it.renamed(name)).collect();
        Self { id: name(&self.id), params, writes, ..self.clone() }
    }
}

/// The texts of a value.
pub(crate) fn texts(value: &Value) -> &[Text] {
    match value {
        Value::Text(text) => std::slice::from_ref(text),
        Value::List(texts) => texts,
        Value::Null | Value::Bool(_) | Value::Int(_) => &[],
    }
}

/// A value with another text for each of its texts.
pub(crate) fn each_text(value: &Value, text: impl Fn(&Text) -> Text) -> Value {
    match value {
        Value::Text(it) => Value::Text(text(it)),
        Value::List(list) => Value::List(list.iter().map(text).collect::<Vec<_>>().into()),
        Value::Null | Value::Bool(_) | Value::Int(_) => value.clone(),
    }
}

fn listed(f: &mut fmt::Formatter<'_>, all: &[(Text, Value)]) -> fmt::Result {
    for (nth, (name, value)) in all.iter().enumerate() {
        write!(f, "{}{name}={value}", if nth == 0 { "(" } else { ", " })?;
    }
    if all.is_empty() { Ok(()) } else { f.write_str(")") }
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.id, self.action)?;
        listed(f, &self.params)?;
        self.writes.iter().try_for_each(|it| write!(f, " with {it}"))
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.status)?;
        listed(f, &self.fields)
    }
}

/// Several entities in one line.
pub(crate) fn line(entities: &[Entity]) -> String {
    entities.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// One line for each step, the beginning first; of the entities only those that changed.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = if self.first.is_empty() { "nobody is there".to_owned() } else { line(&self.first) };
        writeln!(f, "     at first: {first}")?;
        let mut before = &self.first;
        for (nth, mark) in self.marks.iter().enumerate() {
            let changed: Vec<Entity> = mark.after.iter().filter(|it| !before.contains(it)).cloned().collect();
            let after = if changed.is_empty() { "nothing changes".to_owned() } else { line(&changed) };
            writeln!(f, "{:>5}. {} -> {after}", nth + 1, mark.taken)?;
            for dropped in &mark.dropped {
                writeln!(f, "       dropped: {dropped}")?;
            }
            before = &mark.after;
        }
        match self.back_to {
            Some(0) => writeln!(f, "       and so on for ever, from the beginning"),
            Some(step) if step as usize == self.marks.len() => writeln!(f, "       and so it stays for ever"),
            Some(step) => writeln!(f, "       and so on for ever, from after step {step}"),
            None => Ok(()),
        }
    }
}
