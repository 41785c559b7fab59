//! What other entities say: functions of an id, one for each type and field, and of each moment its own.
//!
//! Nothing is known of others but what their tables say: there is such an entity or not, each field holds a value of its kind, and from
//! one moment to the next a status goes only where actions lead, and nobody ceases to be. So what is proved holds whatever others do.
//! What is not proved may only need to know more of them.

use super::script::Script;
use super::state::is_property;
use super::term::{Number, Truth, all, any};
use super::texts::{NULL, Texts};
use super::value::{Val, null, tag};
use antfarm_automata::{Kind, Table, Text};
use std::collections::{BTreeMap, BTreeSet};

/// Why what is read of another entity's list is left open.
pub(super) const OTHERS_LIST: &str = "it reads a list of another entity";

/// What of other entities can be read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum World {
    /// There is nobody else.
    Nobody,
    /// Anybody, at this moment.
    At(usize),
}

/// One thing that was read, as constants.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) moment: usize,
    pub(super) entity: Text,
    pub(super) field: Text,
    /// The code of the id; 0 where there was none.
    pub(super) id: Number,
    pub(super) value: Val,
}

/// Everything that was read so far.
#[derive(Clone, Debug)]
pub(super) struct Reads {
    functions: BTreeMap<(Text, Text, usize), String>,
    ids: BTreeMap<Text, Vec<Number>>,
    said: BTreeSet<String>,
    pub(super) reads: Vec<Read>,
    /// The ids of whom was asked, and where it was.
    pub(super) asked: Vec<(Truth, Number)>,
    /// Where what is read now is asked: an action asks only where it is taken.
    pub(super) when: Truth,
}

impl Default for Reads {
    fn default() -> Self {
        let (functions, ids, said) = Default::default();
        Self { functions, ids, said, reads: Vec::new(), asked: Vec::new(), when: Truth::TRUE }
    }
}

/// The part of a name for what a property is, beside which it is.
const IS: &str = " is";

/// What reads: the types that are known, and the texts.
#[derive(Clone, Copy)]
pub(super) struct Others<'a> {
    pub(super) tables: &'a [&'a Table],
    pub(super) texts: &'a Texts,
}

impl Others<'_> {
    fn table(&self, entity: &Text) -> Option<&Table> {
        self.tables.iter().find(|it| it.spec().entity == *entity).copied()
    }

    /// The value of `entity[id].field` in a world.
    pub(super) fn read(
        &self,
        script: &mut Script,
        reads: &mut Reads,
        world: World,
        entity: &Text,
        id: &Val,
        field: &Text,
    ) -> Val {
        let (is, code) = id.text();
        let is_id = is.and(&Number::known(0).below(&code));
        let code = script.name(is_id.pick(&code, &Number::known(0)));
        reads.asked.push((reads.when.clone(), code.clone()));
        let World::At(moment) = world else { return null() };
        let ids = reads.ids.entry(entity.clone()).or_default();
        if !ids.contains(&code) {
            ids.push(code.clone());
        }
        let value = self.value(script, reads, moment, entity, &code, field);
        let Some((what, which)) = value.any() else { return null() };
        // An id that nobody can have names nobody.
        let (what, which) = (is_id.pick(&what, &Number::known(tag::NULL)), is_id.pick(&which, &Number::known(0)));
        let nth = reads.reads.len();
        let mut constant = |name: &str, term: &Number| {
            let constant = script.number(&format!("read{nth}.{name}"), i128::MIN, i128::MAX);
            script.assert(&constant.equals(term));
            constant.within(term.least, term.most)
        };
        let (id, what, which) = (constant("id", &code), constant("is", &what), constant("which", &which));
        let read = Val::Any { tag: what.clone(), which: which.clone() };
        reads.reads.push(Read { moment, entity: entity.clone(), field: field.clone(), id, value: read.clone() });
        read
    }

    fn value(&self, script: &mut Script, reads: &mut Reads, moment: usize, entity: &Text, code: &Number, field: &Text) -> Val {
        let Some(table) = self.table(entity) else {
            let what = reads.applied(script, moment, entity, &Text::from(format!("{field}{IS}")), code, tag::NULL, tag::TEXT);
            let which = reads.applied(script, moment, entity, field, code, i128::MIN, i128::MAX);
            script.assert(&is_property(&what, &which));
            return Val::Any { tag: what, which };
        };
        let status = self.status(script, reads, moment, entity, code);
        if *field == "status" {
            return Val::Text(status);
        }
        let Some(slot) = table.variable(field) else { return null() };
        let is_there = Number::known(NULL).below(&status);
        let there = |what: i128, which: Number| Val::Any {
            tag: is_there.pick(&Number::known(what), &Number::known(tag::NULL)),
            which: is_there.pick(&which, &Number::known(0)),
        };
        match &table.spec().variables[slot].kind {
            Kind::Bool => there(tag::TRUTH, reads.applied(script, moment, entity, field, code, 0, 1)),
            kind @ (Kind::Counter | Kind::Int | Kind::Money { .. } | Kind::Duration) => {
                let (least, most) = kind.range().expect("it holds integers");
                there(tag::NUMBER, reads.applied(script, moment, entity, field, code, least.into(), most.into()))
            }
            Kind::Text => there(tag::TEXT, reads.applied(script, moment, entity, field, code, 0, i128::MAX)),
            Kind::Ref { .. } => {
                let held = reads.applied(script, moment, entity, field, code, NULL, i128::MAX);
                script.assert(&held.equals(&Number::known(0)).not());
                Val::Text(is_there.pick(&held, &Number::known(NULL)))
            }
            Kind::Open => {
                let what = reads.applied(script, moment, entity, &Text::from(format!("{field}{IS}")), code, tag::NULL, tag::TEXT);
                let which = reads.applied(script, moment, entity, field, code, i128::MIN, i128::MAX);
                script.assert(&is_property(&what, &which));
                let (none, zero) = (Number::known(tag::NULL), Number::known(0));
                Val::Any { tag: is_there.pick(&what, &none), which: is_there.pick(&which, &zero) }
            }
            Kind::List { .. } | Kind::Set { .. } => {
                let what = script.open_number(OTHERS_LIST, tag::NULL, tag::TEXT);
                let which = script.open_number(OTHERS_LIST, i128::MIN, i128::MAX);
                script.assert(&is_property(&what, &which));
                Val::Any { tag: what, which }
            }
        }
    }

    /// The code of the status of the entity with this id; null where there is none.
    fn status(&self, script: &mut Script, reads: &mut Reads, moment: usize, entity: &Text, code: &Number) -> Number {
        let table = self.table(entity).expect("only types that are known have a status");
        let codes: Vec<i128> = table.spec().states.iter().map(|state| self.texts.code(state)).collect();
        let most = codes.iter().max().copied().unwrap_or(NULL);
        let status = reads.applied(script, moment, entity, &Text::from("status"), code, NULL, most);
        if reads.said.insert(format!("state of {status}")) {
            let null = status.equals(&Number::known(NULL));
            script.assert(&any(codes.iter().map(|it| status.equals(&Number::known(*it))).chain([null])));
        }
        status
    }

    /// What is true of moments that follow each other. `still` says of each but the last whether nobody but the entity itself, which is of
    /// the type `own`, moved after it. An entity may read itself, so of its own type nothing stands still.
    pub(super) fn connect(&self, script: &mut Script, reads: &mut Reads, own: &Text, still: &[Truth]) {
        for (entity, ids) in reads.ids.clone() {
            let mut fields: BTreeSet<Text> = reads.functions.keys().filter(|it| it.0 == entity).map(|it| it.1.clone()).collect();
            let table = self.table(&entity);
            if table.is_some() {
                fields.insert(Text::from("status"));
            }
            for (moment, still) in still.iter().enumerate() {
                for id in &ids {
                    for field in fields.iter().filter(|_| entity != *own) {
                        let mut at = |moment| reads.applied(script, moment, &entity, field, id, i128::MIN, i128::MAX);
                        let (before, after) = (at(moment), at(moment + 1));
                        script.assert(&still.implies(&before.equals(&after)));
                    }
                    if let Some(table) = table {
                        let (before, after) = (
                            self.status(script, reads, moment, &entity, id),
                            self.status(script, reads, moment + 1, &entity, id),
                        );
                        let goes = self.goes(table, &before, &after);
                        script.assert(&goes);
                    }
                }
            }
        }
    }

    /// That a status goes only where actions lead.
    fn goes(&self, table: &Table, before: &Number, after: &Number) -> Truth {
        let states = &table.spec().states;
        let is = |status: &Number, state: usize| status.equals(&Number::known(self.texts.code(&states[state])));
        let steps = |from: usize| {
            (0..table.spec().actions.len()).filter(move |action| table.leads_from(*action, from)).map(move |action| {
                let to = &table.spec().actions[action].to;
                to.as_ref().and_then(|to| table.status(to)).unwrap_or(from)
            })
        };
        let reached = |start: usize| {
            let mut found = BTreeSet::from([start]);
            let mut open = vec![start];
            while let Some(from) = open.pop() {
                open.extend(steps(from).filter(|to| found.insert(*to)));
            }
            found
        };
        let mut rules = Vec::new();
        for from in 0..states.len() {
            let to = reached(from);
            if to.len() < states.len() {
                rules.push(is(before, from).implies(&any(to.into_iter().map(|to| is(after, to)))));
            } else {
                rules.push(is(before, from).implies(&Number::known(NULL).below(after)));
            }
        }
        let first = table.status(&table.spec().initial).expect("the initial state is a state");
        let born = reached(first);
        if born.len() < states.len() {
            let none = |status: &Number| status.equals(&Number::known(NULL));
            let may = any(born.into_iter().map(|to| is(after, to)).chain([none(after)]));
            rules.push(none(before).implies(&may));
        }
        all(rules)
    }
}

impl Reads {
    /// What a field's function says of an id, which is of its kind.
    #[expect(clippy::too_many_arguments, reason = "they name the function, its argument and its range")]
    fn applied(
        &mut self,
        script: &mut Script,
        moment: usize,
        entity: &Text,
        field: &Text,
        id: &Number,
        least: i128,
        most: i128,
    ) -> Number {
        let key = (entity.clone(), field.clone(), moment);
        let function =
            self.functions.entry(key).or_insert_with(|| script.function(&format!("{entity}.{field}@{moment}"))).clone();
        let applied = Number::said(format!("({function} {id})"), i128::MIN, i128::MAX);
        if (least, most) != (i128::MIN, i128::MAX) && self.said.insert(format!("range of {applied}")) {
            script.assert(&applied.lies(least, most));
        }
        applied.within(least, most)
    }
}
