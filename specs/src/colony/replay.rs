//! Counterexamples of other levels, replayed through the kernel in the simulator.
//!
//! A run becomes a scenario: its entities are created at one node, and its actions are asked for one after the other, in a colony that
//! nothing befalls. The scenario runs twice. Once nobody stops it, and after each action the entities of the node must be those of the run,
//! and the kernel must say of them what the level says; what the node makes up, the ids of what is spawned, is learnt on the way and
//! asked for by that name. Then it runs as it is written: what is shown to fail must fail.
//!
//! Alarms are asked for as actions, at the times of the run: an entity whose timeout is shorter than the run may do otherwise.

use super::draft::{Draft, NODES, Row};
use super::{NOTES, Note, Watched};
use crate::home::is_told_apart;
use crate::load::{Group, Member};
use crate::relate::written;
use crate::small::class::{Classes, Place};
use crate::trace::{Entity, Mark, Taken, Trace, each_text, texts};
use crate::verdict::{Kind, Level, Property};
use antfarm_automata::entities::{Asked, Entities, Move, Suite, Who};
use antfarm_automata::{Kind as Holds, Table, Text, Value, Variable};
use antfarm_colony::Written;
use antfarm_identity::Codec;
use antfarm_node::creates;
use antfarm_sim::Recorder;
use std::collections::{BTreeMap, BTreeSet};

/// When entities are created, in milliseconds, and how long each action has.
const FIRST: u64 = 2_000;
const EACH: u64 = 50;

/// How many orders of creation are tried, or beginnings of such.
const TRIES: u32 = 1_000;

/// What the kernel made of a counterexample.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub enum Played {
    /// The same: the scenario that shows it.
    Same(String),
    /// No scenario can say it; why.
    Unsaid(String),
    /// Something else, which is a bug of ours: what, and the scenario.
    Other {
        /// What was different.
        what: String,
        /// The scenario.
        scenario: String,
    },
}

/// Replays the run by which `level` refutes a property of the spec of type `of`.
pub fn played(group: &Group, of: &Text, level: Level, property: &Property, trace: &Trace) -> Played {
    let Some(replay) = Replay::new(group, of, level, property, trace) else {
        return Played::Unsaid("it says something of types that are not among the specs".to_owned());
    };
    replay.play().unwrap_or_else(Played::Unsaid)
}

struct Replay<'a> {
    suite: Suite,
    members: Vec<&'a Member>,
    of: &'a Text,
    level: Level,
    property: &'a Property,
    trace: &'a Trace,
}

/// What entities of the run are called in the colony, as scenarios write it.
type Names = BTreeMap<Text, Text>;

impl<'a> Replay<'a> {
    fn new(group: &'a Group, of: &'a Text, level: Level, property: &'a Property, trace: &'a Trace) -> Option<Self> {
        let (suite, members) = super::suite(group, of)?;
        Some(Self { suite, members, of, level, property, trace })
    }

    /// The reason is why no scenario can say it.
    fn play(&self) -> Result<Played, String> {
        let mut names = self.names();
        loop {
            let known = names.len();
            let mut draft = self.draft(&names)?;
            let scenario = draft.text();
            draft.check = vec![NOTES];
            draft.expect = None;
            let notes = noted(&draft)?;
            let other = self.follow(&notes, &mut names);
            if names.len() > known {
                // What was made up has a name now: it can be asked.
                continue;
            }
            let what = match other {
                Err(what) => what,
                Ok(()) => match self.shown(&scenario)? {
                    None => return Ok(Played::Same(scenario)),
                    Some(what) => what,
                },
            };
            return Ok(Played::Other { what, scenario });
        }
    }

    /// All that the run says of who there is: entities, and what references hold, whether anybody has that id or not.
    fn names(&self) -> Names {
        let mut ids: Vec<Text> = self.trace.first.iter().map(|it| it.id.clone()).collect();
        // A text may be an id, too.
        let classes = Classes::of(self.suite.tables());
        ids.extend(self.trace.first.iter().flat_map(|it| self.ids(&classes, it)).cloned());
        for taken in self.trace.marks.iter().flat_map(|it| std::iter::once(&it.taken).chain(&it.taken.writes)) {
            let Ok((of, table)) = self.table(&taken.entity) else { continue };
            let Some(action) = table.action(&taken.action) else { continue };
            for (nth, (param, kind)) in table.spec().actions[action].params.iter().zip(table.params(action)).enumerate() {
                if is_id(&classes, kind, Place::Param(of.into(), action, nth)) {
                    let given = taken.params.iter().filter(|(name, _)| *name == param.name);
                    ids.extend(given.flat_map(|(_, value)| texts(value)).cloned());
                }
            }
        }
        // Whom the run makes is called otherwise in the colony.
        let made = |id: &Text| {
            let is_there = |of: &[Entity]| of.iter().any(|it| it.id == *id);
            !is_there(&self.trace.first) && self.trace.marks.iter().any(|it| is_there(&it.after))
        };
        // What a spec writes out stays as it is, unless somebody has it for an id.
        let written: BTreeSet<Text> = self.suite.tables().iter().flat_map(|it| written(it.spec())).collect();
        let is_written = |id: &Text| written.contains(id) && !self.trace.first.iter().any(|it| it.id == *id);
        let known = ids.into_iter().filter(|it| !made(it)).chain(self.under()).filter(|it| !it.is_empty() && !is_written(it));
        let name = |it: Text| match is_told_apart(&it) {
            true => (it.clone(), crate::home::written(&it)),
            false => (it.clone(), Text::from(format!("{it}@{}", NODES[1]))),
        };
        known.chain(self.told_apart()).map(name).collect()
    }

    /// The ids that an entity holds.
    fn ids<'b>(&'b self, classes: &'b Classes, entity: &'b Entity) -> impl Iterator<Item = &'b Text> {
        let table = self.table(&entity.entity).ok();
        let held = table.into_iter().flat_map(move |(of, table)| {
            let slots = table.spec().variables.iter().zip(&entity.fields).enumerate();
            slots.filter(move |(slot, (it, _))| is_id(classes, &it.kind, Place::Variable(of.into(), *slot)))
        });
        held.flat_map(|(_, (_, (_, value)))| texts(value))
    }

    /// What is written out like the id of somebody in the run.
    fn told_apart(&self) -> Vec<Text> {
        let states = self.trace.marks.iter().flat_map(|it| &it.after).chain(&self.trace.first).flat_map(|it| &it.fields);
        let calls =
            self.trace.marks.iter().flat_map(|it| std::iter::once(&it.taken).chain(&it.taken.writes)).flat_map(|it| &it.params);
        states.chain(calls).flat_map(|(_, value)| texts(value)).filter(|it| is_told_apart(it)).cloned().collect()
    }

    /// The ids that somebody said before an entity was created under them: who is created under another is named by the node.
    fn under(&self) -> Vec<Text> {
        let mut found = Vec::new();
        let mut before = &self.trace.first;
        for Mark { taken, after, .. } in &self.trace.marks {
            let calls = std::iter::once(taken).chain(&taken.writes).flat_map(|it| &it.params);
            let held = before.iter().flat_map(|it| &it.fields);
            let said: BTreeSet<&Text> = held.chain(calls).flat_map(|(_, value)| texts(value)).collect();
            let is_new = |it: &&Entity| !before.iter().any(|old| old.id == it.id);
            found.extend(after.iter().filter(is_new).map(|it| &it.id).filter(|it| said.contains(it)).cloned());
            before = after;
        }
        found
    }

    fn draft(&self, names: &Names) -> Result<Draft, String> {
        let classes = Classes::of(self.suite.tables());
        let mut states = self.trace.marks.iter().flat_map(|it| &it.after).chain(&self.trace.first);
        let is_away = |id: &Text| id.contains('@') && !is_told_apart(id);
        if states.any(|it| self.ids(&classes, it).any(is_away)) {
            return Err("somebody in it may live at another home, of whom nothing is known".to_owned());
        }
        let mut rows = Vec::new();
        for entity in self.creatable() {
            rows.push(self.creation(entity, names)?);
        }
        for mark in &self.trace.marks {
            rows.push(self.action(&mark.taken, names)?);
        }
        for (nth, row) in rows.iter_mut().enumerate() {
            (row.series, row.at) = (nth + 1, FIRST + EACH * nth as u64);
        }
        let expect = match self.property.kind {
            Kind::Invariant => Some("entities"),
            Kind::Reaction if self.drops() => Some("reactions"),
            Kind::FieldInvariant
            | Kind::Reaches
            | Kind::HasActions
            | Kind::Deadlock
            | Kind::Reaction
            | Kind::Action
            | Kind::State
            | Kind::Trigger => None,
        };
        let (of, property, level) = (self.of, self.property, self.level);
        let told = self.trace.to_string();
        let remarks = [format!("Why `{property}` of `{of}` does not hold: found by level {level}, replayed through the kernel.")];
        Ok(Draft {
            remarks: remarks.into_iter().chain(told.lines().map(str::to_owned)).collect(),
            purpose: match self.property.kind {
                Kind::Reaches | Kind::HasActions | Kind::Deadlock => {
                    format!("`{property}` of `{of}` does not hold: this is how it comes to stand still")
                }
                Kind::Invariant | Kind::FieldInvariant | Kind::Reaction | Kind::Action | Kind::State | Kind::Trigger => {
                    format!("`{property}` of `{of}` does not hold, as this run shows")
                }
            },
            files: self.members.iter().map(|it| it.file.clone()).collect(),
            config: if expect == Some("reactions") { ", drops = false".to_owned() } else { String::new() },
            duration: FIRST + EACH * (rows.len() as u64 + 1),
            settle: 1_000,
            freshness: 60_000,
            swarm: false,
            faults: Vec::new(),
            expect,
            // Where it is no invariant, one that does not hold on the way says nothing.
            check: match expect {
                Some("entities") => Vec::new(),
                Some(oracle) => vec![oracle],
                None => vec!["acknowledged", "chain", "fold"],
            },
            rows,
        })
    }

    /// Whether what does not hold is that a reaction was refused, and not that there is no end of them.
    fn drops(&self) -> bool {
        self.trace.marks.last().is_some_and(|it| !it.dropped.is_empty())
    }

    fn table(&self, of: &Text) -> Result<(u16, &Table), String> {
        let number = self.suite.entity(of).ok_or_else(|| format!("`{of}` is no type"))?;
        self.suite.table(number).map(|it| (number, it)).ok_or_else(|| format!("`{of}` is no type"))
    }

    /// Who is there at first, in an order in which they can be created: what one is held to may ask the others, and a run tells them in
    /// any order.
    fn creatable(&self) -> Vec<&Entity> {
        let mut order = Vec::new();
        let found = self.create_all(&Entities::new(), &mut order, &mut { TRIES });
        if found { order } else { self.trace.first.iter().collect() }
    }

    fn create_all<'b>(&'b self, there: &Entities, order: &mut Vec<&'b Entity>, tries: &mut u32) -> bool {
        if order.len() == self.trace.first.len() {
            return true;
        }
        *tries = tries.saturating_sub(1);
        for entity in &self.trace.first {
            let Some(of) =
                self.suite.entity(&entity.entity).filter(|_| *tries > 0 && !order.iter().any(|it| std::ptr::eq(*it, entity)))
            else {
                continue;
            };
            let given = self.given(entity).map(|(_, (name, value))| (name.clone(), value.clone())).collect();
            let moved = Move::Create { who: Who { entity: of, id: entity.id.clone() }, given };
            let Ok(step) = there.step(&self.suite, &Asked::of(moved), &[]) else { continue };
            let mut more = there.clone();
            more.apply(&step);
            order.push(entity);
            if self.create_all(&more, order, tries) {
                return true;
            }
            order.pop();
        }
        false
    }

    /// What is said of an entity as it is created.
    fn given<'b>(&'b self, entity: &'b Entity) -> impl Iterator<Item = (&'b Variable, &'b (Text, Value))> {
        let table = self.table(&entity.entity).ok().map(|it| it.1);
        let variables = table.into_iter().flat_map(|it| &it.spec().variables).zip(&entity.fields);
        variables.filter(|(variable, (_, value))| variable.given && *value != variable.initial)
    }

    fn creation(&self, entity: &Entity, names: &Names) -> Result<Row, String> {
        let (number, _) = self.table(&entity.entity)?;
        let given = self.given(entity);
        let params = given.map(|(variable, (name, value))| (name.clone(), named(value, names, &variable.kind))).collect();
        let act = format!("{}.{}", entity.entity, creates(&self.suite, number));
        let on = names.get(&entity.id).cloned().unwrap_or_default();
        Ok(Row { at: 0, node: NODES[1], act, on, params, writes: Vec::new(), series: 0 })
    }

    fn action(&self, taken: &Taken, names: &Names) -> Result<Row, String> {
        let (_, table) =
            self.table(&taken.entity).map_err(|_| "others act in it, of whom only their answers are known".to_owned())?;
        let action = table.action(&taken.action).ok_or_else(|| format!("`{}` is no action", taken.action))?;
        let said = &table.spec().actions[action];
        let kinds = said.params.iter().zip(table.params(action));
        let kind = |name: &Text| kinds.clone().find(|(param, _)| param.name == *name).map_or(&Holds::Open, |(_, kind)| kind);
        let params = taken.params.iter().map(|(name, value)| (name.clone(), named(value, names, kind(name)))).collect();
        let act = format!("{}.{}", taken.entity, taken.action);
        // Who is not known yet is asked when the run that says so is over.
        let on = names.get(&taken.id).cloned().unwrap_or_else(|| taken.id.clone());
        let writes: Result<Vec<Written>, String> = taken
            .writes
            .iter()
            .map(|it| self.action(it, names).map(|Row { act, on, params, .. }| Written { tool: act.into(), id: on, params }))
            .collect();
        Ok(Row { at: 0, node: NODES[1], act, on, params, writes: writes?, series: 0 })
    }

    /// Whether the entities of the node were after each action what they are in the run; what is not, in words.
    fn follow(&self, notes: &[Note], names: &mut Names) -> Result<(), String> {
        let firsts = self.trace.first.len() as u64;
        let before = |nth: u64| FIRST + EACH * (firsts + nth);
        for (nth, mark) in (1..).zip(&self.trace.marks) {
            // In the time of this action: what was refused must not pass for one that changes nothing.
            let its_time = before(nth - 1)..before(nth);
            let note = notes.iter().rev().find(|it| its_time.contains(&(it.at.0 / 1_000_000)));
            let Some(note) = note else { return Err(format!("step {nth}, {}, does not happen", mark.taken)) };
            self.fits(mark, note, names).map_err(|what| format!("after step {nth}, {}: {what}", mark.taken))?;
            let is_last = nth == self.trace.marks.len() as u64;
            if is_last {
                self.says(note)?;
            }
        }
        match (self.trace.marks.is_empty(), notes.last()) {
            (true, Some(note)) => self.says(note),
            (true, None) => Err("nothing happened at the node".to_owned()),
            (false, _) => Ok(()),
        }
    }

    /// Whether the entities of the node are those of the run.
    fn fits(&self, mark: &Mark, note: &Note, names: &mut Names) -> Result<(), String> {
        let homes = NODES.map(str::to_owned);
        let told = |text: &Text| Text::from(antfarm_colony::told(text, &homes));
        let real = note.after.iter().filter_map(|(of, id, held)| Some(Entity::of(self.suite.table(of)?, id, &held.state)));
        let real: Vec<Entity> = real.map(|it| it.renamed(&told)).collect();
        // Those that have a name first: they say who the others are.
        let (known, made): (Vec<&Entity>, Vec<&Entity>) = mark.after.iter().partition(|it| names.contains_key(&it.id));
        for entity in known.into_iter().chain(made) {
            // Of others, nothing but their answers is known.
            if self.suite.entity(&entity.entity).is_none() || entity.status == "?" {
                continue;
            }
            let is_it = |it: &&Entity| match names.get(&entity.id) {
                Some(name) => it.id == *name && it.entity == entity.entity,
                None => it.entity == entity.entity && !names.values().any(|name| *name == it.id),
            };
            let mut others = real.iter().filter(is_it).peekable();
            let Some(first) = others.peek().copied() else { return Err(format!("there is no `{}`", entity.id)) };
            let is_same = |it: &&Entity| {
                let mut learnt = names.clone();
                let same = self.is_same(entity, it, &real, &mut learnt);
                same.then_some(learnt)
            };
            let found = others.find_map(|it| is_same(&it).map(|learnt| (it.id.clone(), learnt)));
            let Some((id, learnt)) = found else { return Err(format!("it should be {entity}, and is {first}")) };
            *names = learnt;
            names.insert(entity.id.clone(), id);
        }
        Ok(())
    }

    fn is_same(&self, wanted: &Entity, real: &Entity, all: &[Entity], names: &mut Names) -> bool {
        let Ok((_, table)) = self.table(&wanted.entity) else { return false };
        let kinds: Vec<&Holds> = table.spec().variables.iter().map(|it| &it.kind).collect();
        let mut is_text = |wanted: &Text, real: &Text| match names.get(wanted) {
            Some(name) => name == real,
            None if wanted == real => true,
            // What the node made up.
            None => {
                let is_new = all.iter().any(|it| it.id == *real) && !names.values().any(|it| it == real);
                if is_new {
                    names.insert(wanted.clone(), real.clone());
                }
                is_new
            }
        };
        wanted.status == real.status
            && wanted.fields.iter().zip(&real.fields).zip(kinds).all(|(((_, wanted), (_, real)), kind)| match (wanted, real) {
                (Value::Text(wanted), Value::Text(real)) => is_text(wanted, real),
                (Value::List(wanted), Value::List(real)) if matches!(kind, Holds::Set { .. }) => {
                    wanted.len() == real.len() && wanted.iter().all(|it| real.iter().any(|other| is_text(it, other)))
                }
                (Value::List(wanted), Value::List(real)) => {
                    wanted.len() == real.len() && wanted.iter().zip(real.iter()).all(|(wanted, real)| is_text(wanted, real))
                }
                (
                    Value::Null | Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::List(_),
                    Value::Null | Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::List(_),
                ) => wanted == real,
            })
    }

    /// Whether the kernel says the same of the last entities as the level.
    fn says(&self, note: &Note) -> Result<(), String> {
        let (of, table) = self.table(self.of)?;
        match self.property.kind {
            Kind::Invariant => {
                let nth = table.spec().invariants.iter().position(|it| it.name == self.property.name);
                let Some(nth) = nth else { return Err("there is no such invariant".to_owned()) };
                let mut all = note.after.iter().filter(|it| it.0 == of);
                let fails =
                    all.any(|(entity, id, _)| note.after.holds(&self.suite, &Who { entity, id: id.clone() }, nth) == Some(false));
                if fails { Ok(()) } else { Err("the kernel says that it holds".to_owned()) }
            }
            Kind::Reaction if self.drops() => {
                let mut missed = note.step.dropped().filter(|it| it.is_missed());
                let is_ours = missed.any(|it| note.step.source(&self.suite, it.cause).is_some_and(|it| it.0 == *self.of));
                if is_ours { Ok(()) } else { Err("the kernel refuses no reaction".to_owned()) }
            }
            Kind::FieldInvariant
            | Kind::Reaches
            | Kind::HasActions
            | Kind::Deadlock
            | Kind::Reaction
            | Kind::Action
            | Kind::State
            | Kind::Trigger => Ok(()),
        }
    }

    /// Whether the scenario shows what it says; what it does instead.
    fn shown(&self, scenario: &str) -> Result<Option<String>, String> {
        let staged = Watched::default().registry().read("counterexample", scenario).map_err(|it| it.to_string())?;
        let report = staged.run(1, Recorder::Off);
        let found = report.violation.as_ref().map(|it| it.property.as_str());
        let expected = report.expected.as_deref();
        let shows = found == expected;
        let told = report
            .violation
            .as_ref()
            .map_or_else(|| "all oracles hold".to_owned(), |it| format!("{}: {}", it.property, it.message));
        Ok((!shows).then_some(told))
    }
}

/// Whether texts at a place are ids, of what kind it is or not.
fn is_id(classes: &Classes, kind: &Holds, place: Place) -> bool {
    kind.entity().is_some() || classes.number(place).is_some_and(|it| classes.class(it).has_ids())
}

/// Runs a scenario, and notes what entities do.
fn noted(draft: &Draft) -> Result<Vec<Note>, String> {
    let watched = Watched::default();
    let staged = watched.registry().read("counterexample", &draft.text()).map_err(|it| it.to_string())?;
    drop(staged.run(1, Recorder::Off));
    Ok(watched.take().steps)
}

/// A value of the run with the names of the colony.
fn named(value: &Value, names: &Names, kind: &Holds) -> Value {
    let value = each_text(value, |it| names.get(it).unwrap_or(it).clone());
    match (value, kind) {
        (Value::List(list), Holds::Set { .. }) => {
            let mut list: Vec<Text> = list.iter().cloned().collect();
            list.sort();
            Value::List(list.into())
        }
        (value, _) => value,
    }
}
