//! L3: random sequences of actions with values of every size, on the interpreter that production runs.
//!
//! Nothing here is bounded by what the specs say: numbers lie anywhere in 64 bits, or beside one that an entity holds; texts are of any
//! length; lists too. So a sequence may go where no small world does. What fails is shrunk by proptest to a short sequence of small values
//! and told as a run. That nothing failed is no proof; the bounds say how much was tried. That an action was taken and a state reached is one.
//! The same spec is tried in the same way each time.

use crate::home::{homed, written};
use crate::load::Group;
use crate::relate::needs;
use crate::small::class::Classes;
use crate::small::shape::Shape;
use crate::small::{missed, small, told};
use crate::trace::Trace;
use crate::verdict::{Bound, Finding, Judged, Kind, Level, Property, Reason, Verdict};
use antfarm_automata::entities::{Act, Asked, Entities, Happened, Move, Step, Suite, Who};
use antfarm_automata::{Kind as Holds, Literal, Spec, Table, Text, Value};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

/// How much is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tries {
    /// Sequences.
    pub runs: u32,
    /// Actions of a sequence at most.
    pub length: usize,
}

impl Default for Tries {
    fn default() -> Self {
        Self { runs: 256, length: 60 }
    }
}

/// How many entities of each type there are at first.
const INSTANCES: usize = 2;

/// How often somebody is tried to be given something else, where no field invariant allows what was tried before.
const ATTEMPTS: u64 = 32;

/// What creators give, as a number for each value, and the actions of a sequence.
type Course = (Vec<u64>, Vec<Pick>);

/// One action of a sequence, as numbers that shrink: whose, which, and a number for each parameter and each write of a composite action.
type Pick = (u16, u16, Vec<u64>);

/// Tries the specs of a group: of each that is to be proved, one finding.
pub fn tried(group: &Group, tries: Tries) -> Vec<Finding> {
    group.components().into_iter().flat_map(|members| component(group, &members, tries)).collect()
}

fn component(group: &Group, members: &[usize], tries: Tries) -> Vec<Finding> {
    let begun = Instant::now();
    let tables: Vec<Table> = members.iter().map(|nth| group.members[*nth].table.clone()).collect();
    let have: BTreeSet<&Text> = tables.iter().map(|it| &it.spec().entity).collect();
    let missing = tables.iter().flat_map(|it| needs(it.spec())).find(|it| !have.contains(it));
    let found = missing.clone().map_or_else(|| Trial::new(homed(tables)).all(tries), |_| (BTreeMap::new(), BTreeSet::new(), 0));
    let (refuted, seen, steps) = found;
    let took = begun.elapsed();
    let proved = members.iter().map(|nth| &group.members[*nth]).filter(|it| it.is_proved);
    let finding = |member: &crate::load::Member| {
        let spec = member.table.spec();
        let asked = Property::of(spec).into_iter().filter(|it| matches!(it.kind, Kind::Invariant | Kind::Reaction));
        // Of those who never were, nothing was seen to hold.
        let was = seen.iter().any(|(entity, it)| *entity == spec.entity && it.kind == Kind::State);
        let judge = |property: Property| {
            let verdict = match (&missing, refuted.get(&(spec.entity.clone(), property.clone()))) {
                (Some(missing), _) => Verdict::Incomplete(Reason::Missing(missing.clone())),
                (None, Some(trace)) => Verdict::Refuted(Some(trace.clone())),
                (None, None) if was => Verdict::Verified,
                (None, None) => Verdict::Incomplete(Reason::Bound),
            };
            Judged { property, verdict }
        };
        // What never came about here may come about all the same: nothing is said of it.
        let came = Property::of(spec).into_iter().filter(|it| seen.contains(&(spec.entity.clone(), it.clone())));
        let came = came.map(|property| Judged { property, verdict: Verdict::Verified });
        let bound = |of: &str, to: String| Bound { of: of.to_owned(), to, is_hit: false };
        let mut bounds = vec![bound("runs", tries.runs.to_string()), bound("actions of a run", tries.length.to_string())];
        if !was && missing.is_none() {
            bounds.push(Bound::nobody(&spec.entity));
        }
        Finding {
            spec: spec.entity.clone(),
            file: member.file.clone(),
            level: Level::L3,
            judged: asked.map(judge).chain(came).collect(),
            bounds,
            states: steps,
            took,
        }
    };
    proved.map(finding).collect()
}

/// What fails, by type, with the run that shows it.
type Refuted = BTreeMap<(Text, Property), Trace>;

/// Actions that were taken and states that were reached, by type.
type Came = BTreeSet<(Text, Property)>;

/// What is tried.
pub(crate) struct Trial {
    pub(crate) suite: Suite,
    pub(crate) shape: Shape,
    numbers: Vec<i64>,
    texts: Vec<Text>,
    seen: RefCell<Came>,
}

/// What a sequence came to.
#[derive(Clone)]
struct Failed {
    of: Text,
    property: Property,
    trace: Trace,
}

impl Trial {
    pub(crate) fn new(tables: Vec<Table>) -> Self {
        let (mut numbers, mut texts) = (BTreeSet::from([0, 1]), BTreeSet::from([Text::from("")]));
        let mut say = |literal: &Literal| match literal {
            Literal::Int(it) | Literal::Money(it, _) | Literal::Span(it) => drop(numbers.insert(*it)),
            Literal::Text(it) => drop(texts.insert(it.clone())),
            Literal::Null | Literal::Bool(_) => {}
        };
        for spec in tables.iter().map(Table::spec) {
            spec.expressions().chain(spec.trigger_guards()).for_each(|it| it.literals(&mut say));
            spec.states.iter().for_each(|it| say(&Literal::Text(it.clone())));
        }
        let suite = Suite::new(tables).expect("loading has checked that these fit each other");
        let (numbers, texts) = (numbers.into_iter().collect(), texts.into_iter().collect());
        // Types are numbered as the suite has them.
        let shape = Shape::of(suite.tables(), &Classes::of(suite.tables()));
        let mut trial = Self { suite, shape, numbers, texts, seen: RefCell::default() };
        trial.numbers.sort_by_key(|it| it.unsigned_abs());
        trial
    }

    /// A beginning: some of each type, and those whom specs count on, given what the numbers say, or nothing where there is none left. What is
    /// not allowed is tried again with nothing, and with other values, and once more when the others are there.
    fn begin(&self, seeds: &[u64]) -> Entities {
        let mut entities = Entities::new();
        let mut seeds = seeds.iter().copied();
        let mut left: Vec<(Who, Vec<Option<u64>>)> = Vec::new();
        for (of, table) in self.suite.tables().iter().enumerate() {
            let name = if self.shape.is_shared { "entity".to_owned() } else { table.spec().entity.to_lowercase() };
            let numbered = (1..).map(|nth| Text::from(format!("{name}{nth}")));
            // What a spec writes out means something else.
            let numbered = numbered.filter(|id| !self.texts.iter().any(|it| written(it) == *id));
            let many = if self.shape.optional[of] { 1 } else { INSTANCES };
            for id in numbered.take(many).chain(self.shape.fixed[of].iter().cloned()) {
                let given = table.spec().variables.iter().filter(|it| it.given);
                left.push((Who { entity: small(of), id }, given.map(|_| seeds.next()).collect()));
            }
        }
        for _ in 0..2 {
            left.retain(|(who, drawn)| match self.created(&entities, who, drawn) {
                None => true,
                Some(step) => {
                    self.see(&step);
                    entities.apply(&step);
                    false
                }
            });
        }
        entities
    }

    fn created(&self, entities: &Entities, who: &Who, drawn: &[Option<u64>]) -> Option<Step> {
        let table = self.suite.table(who.entity)?;
        (0..ATTEMPTS).find_map(|attempt| {
            let seed = |slot: usize| match attempt {
                0 => drawn[slot],
                1 => None,
                _ => Some(attempt * 8_191 + slot as u64 * 127),
            };
            let chosen = table.spec().variables.iter().filter(|it| it.given).enumerate().filter_map(|(slot, it)| {
                let value = self.value(entities, &it.kind, seed(slot)?);
                Some((it.name.clone(), value))
            });
            let moved = Move::Create { who: who.clone(), given: chosen.collect() };
            entities.step(&self.suite, &Asked::of(moved), &[]).ok()
        })
    }

    /// All that fails, each thing once; what came about; and how many actions were taken.
    fn all(&self, tries: Tries) -> (Refuted, Came, u64) {
        let mut found = BTreeMap::new();
        let steps = Cell::new(0_u64);
        let picks = vec((any::<u16>(), any::<u16>(), vec(any::<u64>(), 0..8)), 0..tries.length);
        let courses = (vec(any::<u64>(), 0..8), picks);
        // Each round finds one thing that the rounds before did not.
        while let Some(failed) = self.one(tries, courses.clone(), &found, &steps) {
            found.insert((failed.of, failed.property), failed.trace);
        }
        (found, self.seen.borrow().clone(), steps.get())
    }

    fn one(
        &self,
        tries: Tries,
        courses: impl Strategy<Value = Course>,
        known: &BTreeMap<(Text, Property), Trace>,
        steps: &Cell<u64>,
    ) -> Option<Failed> {
        let config = Config { cases: tries.runs, failure_persistence: None, max_shrink_iters: 4096, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        // What is shrunk is the first thing that failed, not another that a shorter sequence comes by.
        let wanted: RefCell<Option<(Text, Property)>> = RefCell::new(None);
        let fails = |course: &Course| {
            let failed = self.run(course, known, wanted.borrow().as_ref(), steps)?;
            wanted.borrow_mut().get_or_insert((failed.of.clone(), failed.property.clone()));
            Some(failed)
        };
        let ended = runner.run(&courses, |course| match fails(&course) {
            None => Ok(()),
            Some(_) => Err(TestCaseError::fail("refuted")),
        });
        match ended {
            Ok(()) => None,
            Err(TestError::Fail(_, course)) => fails(&course),
            Err(TestError::Abort(why)) => unreachable!("nothing here asks for other values: {why}"),
        }
    }

    /// Takes the actions of a sequence, those that are refused left out, until something fails that is not known.
    fn run(
        &self,
        (seeds, picks): &Course,
        known: &BTreeMap<(Text, Property), Trace>,
        wanted: Option<&(Text, Property)>,
        steps: &Cell<u64>,
    ) -> Option<Failed> {
        let is_wanted = |of: &Text, property: &Property| {
            let it = (of.clone(), property.clone());
            !known.contains_key(&it) && wanted.is_none_or(|wanted| *wanted == it)
        };
        let first = self.begin(seeds);
        let mut entities = first.clone();
        let mut taken: Vec<Step> = Vec::new();
        if let Some((of, property)) = self.broken(&entities, &is_wanted) {
            return Some(self.failed(of, property, first, &taken));
        }
        for pick in picks {
            let Some(step) = self.step(&entities, pick) else { continue };
            steps.set(steps.get() + 1);
            entities.apply(&step);
            self.see(&step);
            let dropped = missed(&self.suite, &step);
            taken.push(step);
            for (of, table) in self.suite.tables().iter().enumerate() {
                let property = Property { kind: Kind::Reaction, name: Property::REACTIONS.into() };
                if dropped >> of.min(63) & 1 == 1 && is_wanted(&table.spec().entity, &property) {
                    return Some(self.failed(table.spec().entity.clone(), property, first, &taken));
                }
            }
            if let Some((of, property)) = self.broken(&entities, &is_wanted) {
                return Some(self.failed(of, property, first, &taken));
            }
        }
        None
    }

    /// Notes what came about in a step.
    fn see(&self, step: &Step) {
        let mut seen = self.seen.borrow_mut();
        let mut note = |spec: &Spec, kind, name: Option<&Text>| {
            let named = name.map(|name| (spec.entity.clone(), Property { kind, name: name.clone() }));
            seen.extend(named);
        };
        // A composite action may be recorded by what it writes alone.
        if let Move::Act { act, .. } = &step.asked.moved
            && let Some(spec) = self.suite.table(act.who.entity).map(Table::spec)
        {
            note(spec, Kind::Action, spec.actions.get(usize::from(act.action)).map(|it| &it.name));
        }
        for happened in &step.happened {
            match happened {
                Happened::Took { who, transition, .. } => {
                    let Some(spec) = self.suite.table(who.entity).map(Table::spec) else { continue };
                    note(spec, Kind::Action, spec.actions.get(transition.action()).map(|it| &it.name));
                    note(spec, Kind::State, spec.states.get(transition.to()));
                }
                Happened::Born { who, state, .. } => {
                    let Some(spec) = self.suite.table(who.entity).map(Table::spec) else { continue };
                    note(spec, Kind::State, spec.states.get(state.status()));
                }
                Happened::Rang(_)
                | Happened::Armed { .. }
                | Happened::Disarmed(_)
                | Happened::Sent(_)
                | Happened::Received { .. }
                | Happened::Acknowledged { .. }
                | Happened::Called { .. }
                | Happened::Dropped(_) => {}
            }
        }
    }

    /// What was found, with the run that shows it.
    fn failed(&self, of: Text, property: Property, mut entities: Entities, taken: &[Step]) -> Failed {
        let first = told::entities(&self.suite, &entities);
        let marks = taken.iter().map(|step| {
            entities.apply(step);
            told::mark(&self.suite, step, &entities)
        });
        let trace = crate::home::as_written(Trace { marks: marks.collect(), first, back_to: None });
        Failed { of, property, trace }
    }

    /// An invariant that does not hold.
    fn broken(&self, entities: &Entities, is_wanted: &dyn Fn(&Text, &Property) -> bool) -> Option<(Text, Property)> {
        entities.iter().find_map(|(of, id, _)| {
            let (table, who) = (self.suite.table(of)?, Who { entity: of, id: id.clone() });
            let invariants = table.spec().invariants.iter().enumerate();
            let broken = invariants.filter(|(nth, _)| entities.holds(&self.suite, &who, *nth) == Some(false));
            let named = broken.map(|(_, it)| Property { kind: Kind::Invariant, name: it.name.clone() });
            let entity = &table.spec().entity;
            named.map(|it| (entity.clone(), it)).find(|(of, property)| is_wanted(of, property))
        })
    }

    /// What a pick does, if it is allowed.
    fn step(&self, entities: &Entities, (who, which, values): &Pick) -> Option<Step> {
        let all: Vec<_> = entities.iter().collect();
        let (of, id, held) = *all.get(usize::from(*who) % all.len().max(1))?;
        let table = self.suite.table(of)?;
        let spec = table.spec();
        let leads = (0..spec.actions.len()).filter(|it| table.leads_from(*it, held.state.status()));
        // What ends an entity is taken now and then only, so that sequences are long.
        let ends = |action: &usize| spec.actions[*action].to.as_ref().is_some_and(|to| spec.terminal.contains(to));
        let (over, on): (Vec<usize>, Vec<usize>) = leads.partition(ends);
        let actions = if on.is_empty() || which % 8 == 7 && !over.is_empty() { over } else { on };
        let action = *actions.get(usize::from(*which / 8) % actions.len().max(1))?;
        let kinds = table.params(action).iter().zip(values.iter().chain(std::iter::repeat(&0)));
        let params = kinds.map(|(kind, seed)| self.value(entities, kind, *seed)).collect();
        let act = Act { who: Who { entity: of, id: id.clone() }, action: small(action), params };
        let writes = spec.actions[action].composite.iter().flat_map(|it| &it.writes).zip(values.iter().rev());
        let writes = writes.filter_map(|((entity, action, _), seed)| self.write(entities, entity, action, *seed)).collect();
        let fresh: Vec<Text> = (0..8).map(|nth| Text::from(format!("new{}-{nth}", entities.len()))).collect();
        entities.step(&self.suite, &Asked::of(Move::Act { act, writes }), &fresh).ok()
    }

    /// What a composite action writes elsewhere, if anything.
    fn write(&self, entities: &Entities, entity: &Text, action: &Text, seed: u64) -> Option<Act> {
        let of = self.suite.entity(entity)?;
        let table = self.suite.table(of)?;
        let action = table.action(action).filter(|_| !seed.is_multiple_of(4))?;
        let all: Vec<Text> = entities.iter().filter(|it| it.0 == of).map(|it| it.1.clone()).collect();
        let who = Who { entity: of, id: nth(&all, seed / 4)? };
        let seeds = (0..).map(|nth: u64| (seed / 64).rotate_right(u32::try_from(nth * 8 % 64).unwrap_or(0)));
        let params = table.params(action).iter().zip(seeds).map(|(kind, seed)| self.value(entities, kind, seed)).collect();
        Some(Act { who, action: small(action), params })
    }

    /// A value of a kind. A small seed says a plain value.
    pub(crate) fn value(&self, entities: &Entities, kind: &Holds, seed: u64) -> Value {
        let (way, rest) = (seed % 8, seed / 8);
        match kind {
            Holds::Bool => Value::Bool(rest % 2 == 1),
            Holds::Counter | Holds::Int | Holds::Money { .. } | Holds::Duration => {
                let number = self.number(entities, way, rest);
                Value::Int(if kind.holds(&Value::Int(number)) { number } else { number.checked_neg().unwrap_or(i64::MAX) })
            }
            Holds::Text => Value::Text(self.text(entities, way, rest)),
            Holds::Ref { .. } => match way {
                0..=5 => {
                    nth(&entities.iter().map(|(_, id, _)| id.clone()).collect::<Vec<_>>(), rest).map_or(Value::Null, Value::Text)
                }
                6 => Value::Null,
                _ => Value::text("nobody-knows"),
            },
            Holds::List { most, .. } | Holds::Set { most, .. } => {
                let length = rest % (u64::from(*most).min(6) + 1);
                let mut list: Vec<Text> =
                    (0..length).map(|nth| self.text(entities, rest / 7 % 8, (rest / 56).wrapping_add(nth))).collect();
                if matches!(kind, Holds::Set { .. }) {
                    list.sort();
                    list.dedup();
                }
                Value::List(Arc::new(list))
            }
            Holds::Open => match way {
                0 => Value::Null,
                1 => Value::Bool(rest % 2 == 1),
                2..=4 => Value::Int(self.number(entities, rest % 8, rest / 8)),
                _ => Value::Text(self.text(entities, rest % 8, rest / 8)),
            },
        }
    }

    fn number(&self, entities: &Entities, way: u64, rest: u64) -> i64 {
        let held = || {
            let slots = entities.iter().flat_map(|(.., held)| held.state.slots());
            slots.filter_map(|it| if let Value::Int(it) = it { Some(*it) } else { None }).collect::<Vec<i64>>()
        };
        let beside = |rest: u64| i64::try_from(rest % 3).unwrap_or(0);
        match way {
            0 | 1 => nth(&self.numbers, rest).unwrap_or(0),
            2 => nth(&self.numbers, rest / 3).unwrap_or(0).saturating_add(1 - beside(rest)),
            3 | 4 => nth(&held(), rest / 3).unwrap_or(0).saturating_add(1 - beside(rest)),
            5 => i64::try_from(rest % 10_000).unwrap_or(0),
            6 => 1_i64.checked_shl(u32::try_from(rest % 63).unwrap_or(0)).unwrap_or(1).saturating_sub(beside(rest / 63)),
            _ => i64::MAX.saturating_sub(i64::try_from(rest % 3).unwrap_or(0)),
        }
    }

    fn text(&self, entities: &Entities, way: u64, rest: u64) -> Text {
        match way {
            0..=2 => Text::from(format!("text-{}", rest % 5)),
            3 => nth(&self.texts, rest).unwrap_or_default(),
            4 | 5 => {
                let mut held = Vec::new();
                for (.., it) in entities.iter() {
                    it.state.slots().iter().for_each(|value| match value {
                        Value::Text(text) => held.push(text.clone()),
                        Value::List(list) => held.extend(list.iter().cloned()),
                        Value::Null | Value::Bool(_) | Value::Int(_) => {}
                    });
                }
                nth(&held, rest).unwrap_or_default()
            }
            6 => nth(&entities.iter().map(|(_, id, _)| id.clone()).collect::<Vec<_>>(), rest).unwrap_or_default(),
            _ => Text::from("\u{e9}'\u{1f41c} ".repeat(usize::try_from(rest % 40).unwrap_or(0))),
        }
    }
}

fn nth<T: Clone>(all: &[T], nth: u64) -> Option<T> {
    all.get(usize::try_from(nth % all.len().max(1) as u64).ok()?).cloned()
}
