//! What a solver found, as states and calls; and whether the interpreter does the same.
//!
//! Nothing that a solver found is reported before the interpreter that production runs has followed it.

use super::action::is_recorded;
use super::path::{Encoding, Path, Way};
use super::state::Symbolic;
use super::term::{Number, Truth};
use super::value::{Val, tag};
use crate::trace::{Entity, Mark, Taken, Trace, texts};
use crate::verdict::Reason;
use antfarm_automata::{Begun, Call, Deed, Home, Related, Seen, State, Text, Transition, Value};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// A path with values.
pub(super) struct Run<'a> {
    encoding: &'a Encoding<'a>,
    pub(super) states: Vec<State>,
    /// What was done; nothing where only others moved.
    pub(super) calls: Vec<Option<Called>>,
    others: Vec<Told<'a>>,
}

/// A question that has an answer.
pub(super) enum Found<'a> {
    No,
    Yes(Run<'a>),
    Unclear(Reason),
}

impl Found<'_> {
    /// Why a run says nothing in which somebody of another home is asked.
    pub(super) const ELSEWHERE: &'static str = "what an entity of another home says";
    /// Why a run says nothing in which somebody new is known before.
    pub(super) const FORESEEN: &'static str = "whether anybody can know the id of somebody new before";
    /// Why a run says nothing that may be refused.
    pub(super) const FAR: &'static str = "whether the kernel does all that it sets going in one step";
    /// Why a run says nothing in which a step goes on at its own entity.
    pub(super) const RETURNS: &'static str = "what comes back to the entity in the step that set it going";
}

/// A call.
pub(super) struct Called {
    pub(super) action: usize,
    pub(super) params: Vec<Value>,
    pub(super) fresh: Vec<Text>,
}

/// What others say at one moment.
struct Told<'a> {
    encoding: &'a Encoding<'a>,
    said: BTreeMap<(Text, Text, Text), Value>,
    /// Entities that the run made, of which nothing is known.
    made: BTreeSet<(Text, Text)>,
    /// Types of which the run may have made others.
    begot: BTreeSet<Text>,
    asked_made: Cell<bool>,
    asked_elsewhere: Cell<bool>,
}

impl Related for Told<'_> {
    fn read(&self, entity: &str, id: &str, field: &str) -> Option<Seen<'_>> {
        if self.encoding.is_elsewhere(id) {
            self.asked_elsewhere.set(true);
        }
        let said = self.said.get(&(entity.into(), id.into(), field.into()));
        if self.made.contains(&(entity.into(), id.into())) || said.is_none() && self.begot.contains(entity) {
            self.asked_made.set(true);
        }
        said.map(Value::see)
    }
}

/// The values of constants.
struct Model<'a> {
    values: &'a BTreeMap<String, i128>,
    texts: BTreeMap<i128, Text>,
}

impl<'a> Model<'a> {
    fn new(encoding: &Encoding<'_>, path: &Path, values: &'a BTreeMap<String, i128>) -> Option<Self> {
        let mut model = Self { values, texts: BTreeMap::new() };
        let mut codes = BTreeSet::new();
        let reads = path.reads.reads.iter().map(|it| &it.value);
        for val in path.states.iter().flat_map(|it| &it.slots).chain(path.given()).chain(reads) {
            model.codes(val, &mut codes);
        }
        let ids = path.reads.reads.iter().map(|it| &it.id);
        codes.extend(path.states.iter().map(|it| &it.status).chain(path.fresh()).chain(ids).filter_map(|it| model.number(it)));
        model.texts = encoding.texts.decode(&codes)?;
        Some(model)
    }

    fn number(&self, number: &Number) -> Option<i128> {
        number.value().or_else(|| self.values.get(&number.to_string()).copied())
    }

    fn truth(&self, truth: &Truth) -> Option<bool> {
        match truth {
            Truth::Known(truth) => Some(*truth),
            Truth::Said(name) => self.values.get(&**name).map(|it| *it != 0),
        }
    }

    fn int(number: i128) -> Option<Value> {
        i64::try_from(number).ok().map(Value::Int)
    }

    fn text(&self, code: i128) -> Option<Value> {
        if code < 0 { Some(Value::Null) } else { self.texts.get(&code).cloned().map(Value::Text) }
    }

    fn value(&self, val: &Val) -> Option<Value> {
        match val {
            Val::Truth(truth) => self.truth(truth).map(Value::Bool),
            Val::Number(number) => Self::int(self.number(number)?),
            Val::Text(code) => self.text(self.number(code)?),
            Val::Any { tag, which } => {
                let (what, which) = (self.number(tag)?, self.number(which)?);
                match what {
                    tag::NULL => Some(Value::Null),
                    tag::TRUTH => Some(Value::Bool(which != 0)),
                    tag::NUMBER => Self::int(which),
                    tag::TEXT => self.text(which),
                    _ => None,
                }
            }
            Val::List(list) => {
                let len = usize::try_from(self.number(&list.len)?).ok()?;
                let items = list.items.get(..len)?;
                let texts = items.iter().map(|item| self.texts.get(&self.number(item)?).cloned());
                Some(Value::List(texts.collect::<Option<Vec<Text>>>()?.into()))
            }
        }
    }

    /// The codes of the texts in a value.
    fn codes(&self, val: &Val, codes: &mut BTreeSet<i128>) {
        match val {
            Val::Text(code) => codes.extend(self.number(code)),
            Val::Any { tag, which } if self.number(tag) == Some(tag::TEXT) => codes.extend(self.number(which)),
            Val::List(list) => codes.extend(list.items.iter().filter_map(|item| self.number(item))),
            Val::Truth(_) | Val::Number(_) | Val::Any { .. } => {}
        }
    }
}

impl<'a> Run<'a> {
    /// The values of a path in a model. Nothing where there are none of the language's: a list beyond what is modelled, or a text for
    /// which there is no room.
    pub(super) fn new(encoding: &'a Encoding<'a>, path: &Path, values: &BTreeMap<String, i128>) -> Option<Self> {
        let model = Model::new(encoding, path, values)?;
        let states = path.states.iter().map(|state| read(encoding, &model, state)).collect::<Option<Vec<State>>>()?;
        let mut calls = Vec::new();
        for step in &path.steps {
            let chosen = model.number(&step.action)?;
            let taken = step.by.iter().find(|it| i128::try_from(it.action) == Ok(chosen));
            calls.push(match taken {
                None => None,
                Some(Way { action, arguments, made }) => {
                    let given = arguments.iter().map(|it| match model.truth(&it.is_given)? {
                        true => model.value(&it.value),
                        false => Some(Value::Null),
                    });
                    let needed = made.iter().filter(|it| it.is_new && model.truth(&it.when) == Some(true));
                    let fresh = needed.map(|it| model.texts.get(&model.number(&it.id)?).cloned());
                    Some(Called {
                        action: *action,
                        params: given.collect::<Option<Vec<Value>>>()?,
                        fresh: fresh.collect::<Option<Vec<Text>>>()?,
                    })
                }
            });
        }
        let nobody = |_| Told {
            encoding,
            said: BTreeMap::new(),
            made: BTreeSet::new(),
            begot: BTreeSet::new(),
            asked_made: Cell::default(),
            asked_elsewhere: Cell::default(),
        };
        let mut others: Vec<Told<'_>> = states.iter().map(nobody).collect();
        for read in &path.reads.reads {
            let id = model.texts.get(&model.number(&read.id)?)?.clone();
            let value = model.value(&read.value)?;
            if value != Value::Null {
                others[read.moment].said.insert((read.entity.clone(), id, read.field.clone()), value);
            }
        }
        let mut run = Self { encoding, states, calls, others };
        for at in 0..run.calls.len() {
            let mut made = run.others[at].made.clone();
            made.extend(run.creates(at));
            run.others[at + 1].made = made;
            if let (true, Some(called)) = (path.is_alone, &run.calls[at]) {
                run.others[at + 1].begot = &run.others[at].begot | encoding.begets(called.action);
            }
        }
        Some(run)
    }

    /// What the interpreter makes of the call with this number; nothing where it refuses, and where only others moved.
    fn took(&self, at: usize) -> Option<Transition> {
        let Called { action, params, fresh } = self.calls[at].as_ref()?;
        self.encoding.table.evaluate(&self.states[at], Call { action: *action, params, fresh }, &self.others[at]).ok()
    }

    /// Whom the call with this number creates, by type and id.
    fn creates(&self, at: usize) -> Vec<(Text, Text)> {
        let (Some(called), Some(took)) = (&self.calls[at], self.took(at)) else { return Vec::new() };
        let effects = &self.encoding.table.spec().actions[called.action].effects;
        let spawned = took.begun().iter().filter_map(|it| match it {
            Begun::Spawned { effect, id } => match &effects.get(usize::from(*effect))?.deed {
                Deed::Spawn { entity, .. } => Some((entity.clone(), id.clone())),
                Deed::Assign { .. }
                | Deed::Append { .. }
                | Deed::Remove { .. }
                | Deed::RemoveAt { .. }
                | Deed::Schedule { .. }
                | Deed::ScheduleAt { .. } => None,
            },
            Begun::Scheduled { .. } | Begun::ScheduledAt { .. } => None,
        });
        spawned.collect()
    }

    /// The same, of those whose ids the spec says.
    fn creates_said(&self, at: usize) -> Vec<(Text, Text)> {
        let mut made = self.creates(at);
        made.retain(|(_, id)| self.calls[at].as_ref().is_some_and(|it| !it.fresh.contains(id)));
        made
    }

    /// Whether the kernel refuses the call with this number since somebody is there whom it would create.
    fn is_taken(&self, at: usize) -> bool {
        let mut there = self.others[at].made.clone();
        self.creates(at).into_iter().any(|(entity, id)| {
            let status = (entity.clone(), id.clone(), Text::from("status"));
            self.others[at].said.contains_key(&status) || !there.insert((entity, id))
        })
    }

    /// Whether the interpreter does the same at each step.
    pub(super) fn is_followed(&self) -> bool {
        self.calls.iter().enumerate().all(|(at, called)| {
            let (before, after) = (&self.states[at], &self.states[at + 1]);
            if called.is_none() {
                return before == after;
            }
            let Some(transition) = self.took(at) else { return false };
            // What guards of triggers ask, the action asks; of whom it made itself, they decide nothing that a path says.
            let asked_made = self.others[at + 1].asked_made.get();
            drop(self.encoding.table.reactions(&transition, after, &self.id(), &self.others[at + 1]));
            self.others[at + 1].asked_made.set(asked_made);
            if self.creates_said(at).iter().any(|it| self.encoding.is_elsewhere(&it.1)) {
                self.others[at].asked_elsewhere.set(true);
            }
            let said = called.as_ref().map(|it| &self.encoding.table.spec().actions[it.action]);
            let made = if said.is_none_or(is_recorded) { transition.after(before) } else { before.clone() };
            made == *after && !self.is_taken(at)
        })
    }

    /// Whether the interpreter says that an invariant holds in the state with this number.
    pub(super) fn holds(&self, invariant: usize, at: usize) -> bool {
        self.encoding.table.invariant(invariant, &self.states[at], &self.others[at]) == Ok(true)
    }

    /// Whether the interpreter fires a trigger, by its number, after the step with this number.
    pub(super) fn fires(&self, at: usize, trigger: usize) -> bool {
        let Some(transition) = self.took(at) else { return false };
        let fired = self.encoding.table.reactions(&transition, &self.states[at + 1], &self.id(), &self.others[at + 1]);
        fired.iter().any(|it| it.trigger == trigger)
    }

    /// Whether the first state is one in which the interpreter creates an entity.
    pub(super) fn begins(&self) -> bool {
        let spec = self.encoding.table.spec();
        let slots = spec.variables.iter().zip(self.states[0].slots());
        let given: Vec<(&str, Value)> =
            slots.filter(|it| it.0.given).map(|(variable, value)| (variable.name.as_str(), value.clone())).collect();
        let fields = (0..spec.field_invariants.len())
            .all(|it| self.encoding.table.field_invariant(it, &self.states[0], &self.others[0]) == Ok(true));
        fields && self.encoding.table.create(&given).as_ref() == Ok(&self.states[0])
    }

    /// Whether the interpreter asked an entity that the run made, of which the path knows nothing.
    pub(super) fn asked_what_it_made(&self) -> bool {
        self.others.iter().any(|it| it.asked_made.get())
    }

    /// Whether somebody new has an id that the spec writes out, or that anybody held, was given or said before.
    pub(super) fn foresees(&self) -> bool {
        let mut before: BTreeSet<&Text> = self.encoding.said.iter().collect();
        for ((state, called), told) in self.states.iter().zip(&self.calls).zip(&self.others) {
            let params = called.iter().flat_map(|it| &it.params);
            before.extend(state.slots().iter().chain(params).chain(told.said.values()).flat_map(texts));
            if called.iter().flat_map(|it| &it.fresh).any(|it| before.contains(it)) {
                return true;
            }
        }
        false
    }

    /// Whether it takes an action that the kernel may refuse for how much it sets going, or for whom it creates.
    pub(super) fn goes_far(&self) -> bool {
        self.calls.iter().flatten().any(|it| self.encoding.goes_far(it.action))
    }

    /// Whether what it sets going may come back to its entity, in the same step.
    pub(super) fn returns(&self) -> bool {
        self.calls.iter().flatten().any(|it| self.encoding.returns(it.action))
    }

    /// Whether the interpreter asked an entity that does not live here: what needs its answer is refused there.
    pub(super) fn asked_elsewhere(&self) -> bool {
        let spec = self.encoding.table.spec();
        let is_elsewhere = |value: &Value| texts(value).iter().any(|it| self.encoding.is_elsewhere(it));
        let is_placed = |state: &State| {
            let placed = spec.variables.iter().zip(state.slots()).filter(|(it, _)| it.home == Home::Same);
            placed.map(|(_, value)| value).any(is_elsewhere)
        };
        self.others.iter().any(|it| it.asked_elsewhere.get()) || self.states.iter().any(is_placed)
    }

    fn entities(&self, at: usize) -> Vec<Entity> {
        let table = self.encoding.table;
        let own = Entity::of(table, &self.id(), &self.states[at]);
        let mut others = BTreeMap::<(Text, Text), Entity>::new();
        for ((entity, id, field), value) in &self.others[at].said {
            let key = (entity.clone(), id.clone());
            let blank = Entity { entity: entity.clone(), id: id.clone(), status: "?".into(), fields: Vec::new() };
            let other = others.entry(key).or_insert(blank);
            match value {
                Value::Text(status) if *field == "status" => other.status = status.clone(),
                Value::Text(_) | Value::Null | Value::Bool(_) | Value::Int(_) | Value::List(_) => {
                    other.fields.push((field.clone(), value.clone()));
                }
            }
        }
        for (entity, id) in (0..at).flat_map(|it| self.creates_said(it)) {
            let made = Entity { entity: entity.clone(), id: id.clone(), status: "?".into(), fields: Vec::new() };
            others.entry((entity, id)).or_insert(made);
        }
        std::iter::once(own).chain(others.into_values()).collect()
    }

    /// What the entity itself is called: no word that the spec writes out.
    fn id(&self) -> Text {
        let mut id = self.encoding.table.spec().entity.to_lowercase();
        while self.encoding.said.contains(id.as_str()) {
            id.push('1');
        }
        Text::from(id)
    }

    /// The run as people read it.
    pub(super) fn trace(&self) -> Trace {
        let spec = self.encoding.table.spec();
        let marks = self.calls.iter().enumerate().map(|(at, called)| {
            let (action, params) = match called {
                None => (Text::from("(others act)"), Vec::new()),
                Some(called) => {
                    let action = &spec.actions[called.action];
                    let params = action.params.iter().map(|it| it.name.clone()).zip(called.params.iter().cloned());
                    (action.name.clone(), params.filter(|it| it.1 != Value::Null).collect())
                }
            };
            let taken = Taken { entity: spec.entity.clone(), id: self.id(), action, params, writes: Vec::new() };
            Mark { taken, after: self.entities(at + 1), dropped: Vec::new() }
        });
        Trace { first: self.entities(0), marks: marks.collect(), back_to: None }
    }
}

/// The state with this number of a path in a model.
pub(super) fn decoded(encoding: &Encoding<'_>, path: &Path, values: &BTreeMap<String, i128>, at: usize) -> Option<State> {
    read(encoding, &Model::new(encoding, path, values)?, &path.states[at])
}

fn read(encoding: &Encoding<'_>, model: &Model<'_>, state: &Symbolic) -> Option<State> {
    let Value::Text(status) = model.text(model.number(&state.status)?)? else { return None };
    let slots = state.slots.iter().map(|slot| model.value(slot)).collect::<Option<Vec<Value>>>()?;
    encoding.table.state(encoding.table.status(&status)?, slots)
}
