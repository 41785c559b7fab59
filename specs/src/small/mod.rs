//! L1: every interleaving of a small world, on the interpreter that production runs.
//!
//! The world is derived from the specs: [`world`] says which entities there are, [`domain`] with what values actions are tried and how far
//! variables are followed, [`spot`] which states are the same but for names. The search is the bridge to stateright that worlds of the
//! simulator are checked by; what should happen in the end is decided on the whole graph ([`graph`]). A level of types that refer to each
//! other is called `composite`.
//!
//! What is verified here is verified of this world: of so many entities, and of values as the bounds say. A variable that went beyond its
//! bound, more states than were asked for, or a type that is not there make what was not refuted incomplete.

mod begin;
pub(crate) mod class;
mod domain;
mod graph;
mod hits;
mod meeting;
mod roll;
pub(crate) mod shape;
mod space;
mod spot;
pub(crate) mod told;
mod ways;
mod went;
mod world;

use crate::home::homed;
use crate::load::Group;
use crate::relate::needs;
use crate::small::graph::{Graph, Lasso};
use crate::small::space::{Asked, Small};
use crate::small::world::World;
pub(crate) use crate::small::world::{missed, small};
use crate::trace::Trace;
use crate::verdict::{Finding, Judged, Kind, Level, Property, Reason, Verdict};
use antfarm_automata::entities::Suite;
use antfarm_automata::{Deed, Goal, Spec, Started, Table, Text};
use antfarm_sim::{MAX_PROPERTIES, Order, Search, Searched};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// How much is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// States generated at most, with repetition, for each world.
    pub states: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { states: 20_000_000 }
    }
}

/// Proves the specs of a group at this level: of each that is to be proved, one finding.
pub fn search(group: &Group, limits: Limits) -> Vec<Finding> {
    group.components().into_iter().flat_map(|members| component(group, &members, limits)).collect()
}

/// Serves stateright's explorer of the world of the first spec that is proved, until the process ends; what is missing, where it cannot.
///
/// # Errors
///
/// A type that is not among the specs.
pub fn explore(group: &Group, address: &str) -> Result<(), Text> {
    let Some(members) = group.components().into_iter().find(|it| it.iter().any(|nth| group.members[*nth].is_proved)) else {
        return Ok(());
    };
    let world = world(group, &members)?;
    let asked = asked(&world);
    antfarm_sim::explore(Small::new(Arc::new(world), asked.into_iter().take(MAX_PROPERTIES).collect()), address);
    Ok(())
}

/// The world of some members. What it needs and does not have is an error.
fn world(group: &Group, members: &[usize]) -> Result<World, Text> {
    let tables: Vec<Table> = members.iter().map(|nth| group.members[*nth].table.clone()).collect();
    let have: BTreeSet<Text> = tables.iter().map(|it| it.spec().entity.clone()).collect();
    if let Some(missing) = tables.iter().flat_map(|it| needs(it.spec())).find(|it| !have.contains(it)) {
        return Err(missing);
    }
    let awaits = tables.iter().flat_map(|it| &it.spec().liveness).any(|it| matches!(it.goal, Goal::Reaches(_)));
    let suite = Suite::new(homed(tables)).expect("loading has checked that these fit each other");
    Ok(World::new(&suite, !awaits))
}

/// What is asked of states, named for stateright.
fn asked(world: &World) -> Vec<(&'static str, Asked)> {
    let mut asked = vec![("explored", Asked::Nothing)];
    for (of, table) in world.suite.tables().iter().enumerate() {
        let spec = table.spec();
        for (nth, invariant) in spec.invariants.iter().enumerate() {
            asked.push((kept(&format!("{}.{}", spec.entity, invariant.name)), Asked::Invariant(of, nth)));
        }
        asked.push((kept(&format!("{}.{}", spec.entity, Property::REACTIONS)), Asked::Reactions(of)));
    }
    asked
}

/// A name that lasts as long as the process, as stateright wants it; each is kept once.
fn kept(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeMap<String, &'static str>> = Mutex::new(BTreeMap::new());
    let mut names = NAMES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    names.entry(name.to_owned()).or_insert_with(|| Box::leak(name.to_owned().into_boxed_str()))
}

fn component(group: &Group, members: &[usize], limits: Limits) -> Vec<Finding> {
    let proved: Vec<usize> = members.iter().copied().filter(|nth| group.members[*nth].is_proved).collect();
    if proved.is_empty() {
        return Vec::new();
    }
    let level = if members.len() > 1 { Level::Composite } else { Level::L1 };
    let begun = Instant::now();
    let world = match world(group, members) {
        Ok(world) => Arc::new(world),
        Err(missing) => {
            return proved.iter().map(|nth| unknown(group, *nth, level, &Reason::Missing(missing.clone()))).collect();
        }
    };
    let mut proof = Proof::new(world, limits);
    proof.states();
    proof.stuck();
    proof.in_the_end();
    let took = begun.elapsed();
    let bounds = proof.bounds();
    let finding = |nth: usize| {
        let member = &group.members[nth];
        let entity = &member.table.spec().entity;
        let nobody = (!proof.was(&member.table)).then(|| crate::verdict::Bound::nobody(entity));
        Finding {
            spec: entity.clone(),
            file: member.file.clone(),
            level,
            judged: proof.judged(&member.table),
            bounds: bounds.iter().cloned().chain(nobody).collect(),
            states: proof.unique as u64,
            took,
        }
    };
    proved.into_iter().map(finding).collect()
}

fn unknown(group: &Group, nth: usize, level: Level, reason: &Reason) -> Finding {
    let member = &group.members[nth];
    let judged = |property| Judged { property, verdict: Verdict::Incomplete(reason.clone()) };
    Finding {
        spec: member.table.spec().entity.clone(),
        file: member.file.clone(),
        level,
        judged: Property::of(member.table.spec()).into_iter().map(judged).collect(),
        bounds: Vec::new(),
        states: 0,
        took: std::time::Duration::ZERO,
    }
}

/// Whether what holds of a spec among these does so in any world: no state is a dead end where each may last, and nothing is dropped where
/// nothing is set going.
pub(crate) fn stands<'a>(spec: &Spec, kind: Kind, among: impl IntoIterator<Item = &'a Table>) -> bool {
    match kind {
        Kind::Deadlock => may_stay_anywhere(spec),
        Kind::Reaction => among.into_iter().all(|it| sets_nothing_going(it.spec())),
        Kind::Invariant
        | Kind::FieldInvariant
        | Kind::Reaches
        | Kind::HasActions
        | Kind::Action
        | Kind::State
        | Kind::Trigger => false,
    }
}

/// Whether an entity may stay in each of its states, or is over there: then none is a dead end.
fn may_stay_anywhere(spec: &Spec) -> bool {
    spec.states.iter().all(|it| spec.terminal.contains(it) || spec.indefinite.contains(it))
}

/// Whether no action sets anything going that could be refused.
fn sets_nothing_going(spec: &Spec) -> bool {
    spec.actions.iter().all(|action| {
        let calls = action.triggers.iter().any(|it| matches!(it.deed, Started::Entity { .. }));
        let begins = action.effects.iter().any(|it| match it.deed {
            Deed::Spawn { .. } | Deed::ScheduleAt { .. } => true,
            Deed::Assign { .. } | Deed::Append { .. } | Deed::Remove { .. } | Deed::RemoveAt { .. } | Deed::Schedule { .. } => {
                false
            }
        });
        !calls && !begins
    })
}

/// The proof of one world.
struct Proof {
    world: Arc<World>,
    limits: Limits,
    /// What was refuted, by the number of the type.
    refuted: BTreeMap<(usize, Property), Option<Trace>>,
    notes: Arc<space::Notes>,
    unique: usize,
    /// Whether every state was seen.
    is_whole: bool,
}

impl Proof {
    fn new(world: Arc<World>, limits: Limits) -> Self {
        let notes = Small::new(world.clone(), Vec::new()).notes;
        Self { world, limits, refuted: BTreeMap::new(), notes, unique: 0, is_whole: true }
    }

    fn search(&self, small: Small, stops: bool) -> Searched<Small> {
        Search { order: Order::BreadthFirst, max_states: self.limits.states, threads: 1, stops }.search(small)
    }

    /// Asks each state: everything at once, which costs stateright least; one by one only where something does not hold.
    fn states(&mut self) {
        let small = Small::new(self.world.clone(), vec![("everything", Asked::Everything)]);
        let notes = small.notes.clone();
        let searched = self.search(small, true);
        if searched.found.is_empty() {
            (self.notes, self.unique) = (notes, searched.unique);
            self.is_whole = searched.generated < self.limits.states;
            return;
        }
        let all = asked(&self.world);
        let (first, rest) = all.split_at(1);
        for (round, some) in rest.chunks(MAX_PROPERTIES - 1).enumerate() {
            let asked: Vec<_> = first.iter().chain(some).copied().collect();
            let small = Small::new(self.world.clone(), asked.clone());
            let notes = small.notes.clone();
            let searched = self.search(small, false);
            if round == 0 {
                (self.notes, self.unique) = (notes, searched.unique);
                self.is_whole = searched.generated < self.limits.states;
            }
            for (name, path) in searched.found {
                let Some((_, asked)) = asked.iter().find(|(it, _)| *it == name) else { continue };
                let trace = self.told(&path);
                let (of, property) = match *asked {
                    Asked::Invariant(of, nth) => {
                        let name = self.world.suite.tables()[of].spec().invariants[nth].name.clone();
                        (of, Property { kind: Kind::Invariant, name })
                    }
                    Asked::Reactions(of) => (of, Property { kind: Kind::Reaction, name: Property::REACTIONS.into() }),
                    Asked::Nothing | Asked::Everything | Asked::NotThis(_) => continue,
                };
                self.refuted.insert((of, property), Some(trace));
            }
        }
    }

    /// The states in which something cannot go on, each with the shortest way there.
    fn stuck(&mut self) {
        let first: Vec<_> = self.notes.first().into_iter().filter(|(it, _)| !self.refuted.contains_key(it)).collect();
        for some in first.chunks(MAX_PROPERTIES) {
            let asked =
                (0..).zip(some).map(|(nth, (_, print)): (usize, _)| (kept(&format!("stuck {nth}")), Asked::NotThis(*print)));
            let asked: Vec<_> = asked.collect();
            let found = self.search(Small::new(self.world.clone(), asked.clone()), false).found;
            for ((key, _), (name, _)) in some.iter().zip(asked) {
                let path = found.iter().find(|(it, _)| *it == name).map(|(_, path)| path);
                self.refuted.insert(key.clone(), path.map(|it| self.told(it)));
            }
        }
    }

    /// What should happen in the end.
    fn in_the_end(&mut self) {
        let world = self.world.clone();
        let said = || {
            let tables = world.suite.tables().iter().enumerate();
            tables.flat_map(|(of, table)| table.spec().liveness.iter().map(move |it| (of, it)))
        };
        let mut awaited = said().filter(|(_, it)| matches!(it.goal, Goal::Reaches(_))).peekable();
        if awaited.peek().is_none() {
            return;
        }
        let graph = Graph::of(&world, self.limits.states);
        self.is_whole &= graph.is_whole;
        for (of, said) in awaited {
            if let Some(Lasso { path, back_to, first }) = graph.lasso(&world, world::small(of), said) {
                let trace = told::run(&world, &path, &first, Some(back_to));
                self.refuted.insert((of, Property { kind: Kind::Reaches, name: said.name.clone() }), Some(trace));
            }
        }
    }

    fn told(&self, path: &[(spot::Spot, Option<went::Went>)]) -> Trace {
        let prints: Vec<u64> = path.iter().skip(1).map(|(spot, _)| spot.print).collect();
        told::run(&self.world, &prints, &path[0].0, None)
    }

    fn bounds(&self) -> Vec<crate::verdict::Bound> {
        let mut bounds = self.world.bounds();
        let (of, to) = (crate::verdict::Bound::STATES.to_owned(), self.limits.states.to_string());
        bounds.push(crate::verdict::Bound { of, to, is_hit: !self.is_whole });
        bounds
    }

    /// Whether anybody of a type ever was.
    fn was(&self, table: &Table) -> bool {
        let of = usize::from(self.world.suite.entity(&table.spec().entity).unwrap_or(u16::MAX));
        (0..table.spec().states.len()).any(|status| self.notes.was_reached(of, status))
    }

    fn judged(&self, table: &Table) -> Vec<Judged> {
        let of = usize::from(self.world.suite.entity(&table.spec().entity).unwrap_or(u16::MAX));
        // Of those who never were, nothing was seen to hold.
        let was = self.was(table);
        let cut = !self.is_whole || self.world.is_hit() || !was;
        let held = || if cut { Verdict::Incomplete(Reason::Bound) } else { Verdict::Verified };
        let seen = |seen: bool| match (seen, cut) {
            (true, _) => Verdict::Verified,
            (false, true) => Verdict::Incomplete(Reason::Bound),
            (false, false) => Verdict::Refuted(None),
        };
        let judge = |property: Property| {
            let key = (of, property.clone());
            let verdict = match (self.refuted.get(&key), property.kind) {
                (Some(trace), _) => Verdict::Refuted(trace.clone()),
                // What no creation may break is refused when it is created.
                (None, Kind::FieldInvariant) => return None,
                // What a guard of a trigger says is asked of any state, not of those of a small world.
                (None, Kind::Trigger) => return None,
                // Whatever lies beyond a bound.
                (None, kind) if stands(table.spec(), kind, self.world.suite.tables()) => Verdict::Verified,
                (None, Kind::Invariant | Kind::Reaches | Kind::HasActions | Kind::Deadlock | Kind::Reaction) => held(),
                (None, Kind::Action) => seen(table.action(&property.name).is_some_and(|it| self.notes.was_taken(of, it))),
                (None, Kind::State) => seen(table.status(&property.name).is_some_and(|it| self.notes.was_reached(of, it))),
            };
            Some(Judged { property, verdict })
        };
        Property::of(table.spec()).into_iter().filter_map(judge).collect()
    }
}
