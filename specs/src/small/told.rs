//! A path of the search as a run that a person can follow.
//!
//! States of the search are renamed at each step, so that an entity would change its id in the middle of a story. The path is therefore
//! walked once more, from each state by the move that leads to what the search calls the next, and told under names that stay. That this
//! works is also a check: a path that the interpreter cannot walk is a bug of ours.

use crate::small::roll::{One, Roll};
use crate::small::spot::{Spot, each_held};
use crate::small::went::Went;
use crate::small::world::World;
use crate::trace::{Entity, Mark, Taken, Trace};
use antfarm_automata::entities::{Act, Entities, Move, Ringing, Step, Suite};
use antfarm_automata::{Text, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The path as a run. The first state is a beginning.
pub(crate) fn run(world: &World, path: &[u64], first: &Spot, back_to: Option<u32>) -> Trace {
    let mut spot = first.clone();
    let mut trace = Trace { first: entities(&world.suite, &first.roll.entities(&world.suite)), marks: Vec::new(), back_to };
    let names = Names::of(world, first);
    // By id that somebody may be created under: how many steps ago it began to mean whom it means.
    let mut since: BTreeMap<Text, usize> = BTreeMap::new();
    for print in path {
        let (went, after) = follow(world, &spot, *print).expect("what the search found, the interpreter does");
        let step = world.step(&spot, &went).expect("what was found once is found again");
        let mut entities = spot.roll.entities(&world.suite);
        entities.apply(&step);
        trace.marks.push(names.tell(mark(&world.suite, &step, &entities)));
        // Who was meant before being there is called the same before.
        let roll = Roll::of(&entities);
        for (said, id) in names.born(&roll) {
            let from = since.insert(said.clone(), trace.marks.len()).unwrap_or(0);
            let name = |text: &Text| if *text == said { id.clone() } else { text.clone() };
            trace.rename(from, &name);
        }
        names.follow(&roll);
        spot = after;
    }
    crate::home::as_written(trace)
}

/// The move that leads to what the search calls `print`, and that state.
fn follow(world: &World, spot: &Spot, print: u64) -> Option<(Went, Spot)> {
    let mut found = None;
    world.each_move(spot, &mut |_, went| {
        if found.is_none()
            && let Ok(went) = went
        {
            let after = world.after(spot, &went);
            found = (after.print == print).then_some((went, after));
        }
    });
    found
}

/// By id or text of a state of the search, what it is called in the run that is told.
struct Names<'a> {
    world: &'a World,
    told: RefCell<BTreeMap<Text, Text>>,
}

impl<'a> Names<'a> {
    /// At first all are called what the search calls them.
    fn of(world: &'a World, first: &Spot) -> Self {
        let mut told = BTreeMap::new();
        each_held(&first.roll, &mut |it| {
            told.insert(it.clone(), it.clone());
        });
        Self { world, told: RefCell::new(told) }
    }

    /// What a text is called. One that comes up gets a name that nobody holds.
    fn name(&self, text: &Text) -> Text {
        let known = self.told.borrow().get(text).cloned();
        known.unwrap_or_else(|| {
            let name = self.world.naming.symbols.alike(text, |it| self.is_free(it)).unwrap_or_else(|| text.clone());
            self.told.borrow_mut().insert(text.clone(), name.clone());
            name
        })
    }

    fn is_free(&self, name: &Text) -> bool {
        !self.told.borrow().values().any(|it| it == name)
    }

    /// A step under these names.
    fn tell(&self, mut mark: Mark) -> Mark {
        mark.rename(&|it| self.name(it));
        mark
    }

    /// Who was created under an id of those that are new, and gets one of its type.
    fn born(&self, after: &Roll) -> Vec<(Text, Text)> {
        let mut born = Vec::new();
        for One { of, id, .. } in after.iter().filter(|it| self.world.naming.fresh.contains(&it.id)) {
            if !born.iter().any(|(known, _)| known == id)
                && let Some(name) = self.world.naming.free(usize::from(*of), |it| self.is_free(it))
            {
                self.told.borrow_mut().insert(id.clone(), name.clone());
                born.push((id.clone(), name));
            }
        }
        born
    }

    /// Goes on to what the search calls them after the step that led to these entities.
    fn follow(&self, after: &Roll) {
        let (renamed, _) = self.world.naming.names(after);
        let mut told = BTreeMap::new();
        each_held(after, &mut |text| {
            let new = renamed.iter().find(|(old, _)| old == text).map_or(text, |(_, new)| new);
            told.insert(new.clone(), self.name(text));
        });
        *self.told.borrow_mut() = told;
    }
}

/// One step as a line of a run.
pub(crate) fn mark(suite: &Suite, step: &Step, after: &Entities) -> Mark {
    let dropped = step.dropped().map(|it| {
        let who = it.who.as_ref().map_or("nobody", |it| it.id.as_str());
        let act = it.who.as_ref().and_then(|who| Some((who.entity, usize::from(it.action?))));
        let named = act.and_then(|(of, action)| Some(suite.table(of)?.spec().actions.get(action)?.name.clone()));
        format!("{}.{}: {}", who, named.unwrap_or_else(|| "?".into()), suite.explain(act, &it.why))
    });
    Mark { taken: taken(suite, step), after: entities(suite, after), dropped: dropped.collect() }
}

/// What was asked for.
pub(crate) fn taken(suite: &Suite, step: &Step) -> Taken {
    let nobody = || Taken { entity: "".into(), id: "".into(), action: "".into(), params: Vec::new(), writes: Vec::new() };
    match &step.asked.moved {
        Move::Act { act, writes } => {
            let writes = writes.iter().filter_map(|it| acted(suite, it)).collect();
            acted(suite, act).map_or_else(nobody, |it| Taken { writes, ..it })
        }
        Move::Create { who, given } => {
            let entity = suite.table(who.entity).map_or_else(|| "".into(), |it| it.spec().entity.clone());
            Taken { entity, id: who.id.clone(), action: "Create".into(), params: given.clone(), writes: Vec::new() }
        }
        Move::Deliver(it) => Taken {
            entity: it.entity.clone(),
            id: it.id.clone(),
            action: it.action.clone(),
            params: it.params.clone(),
            writes: Vec::new(),
        },
        Move::Ring(alarm) => suite.table(alarm.who.entity).map_or_else(nobody, |table| {
            let spec = table.spec();
            let action = match alarm.ringing {
                Ringing::Timeout(nth) => spec.timeouts.get(usize::from(nth)).map(|it| &it.action),
                Ringing::Action(nth) => spec.actions.get(usize::from(nth)).map(|it| &it.name),
            };
            let (entity, action) = (spec.entity.clone(), action.cloned().unwrap_or_default());
            Taken { entity, id: alarm.who.id.clone(), action, params: Vec::new(), writes: Vec::new() }
        }),
        Move::Acknowledge { .. } => nobody(),
    }
}

fn acted(suite: &Suite, act: &Act) -> Option<Taken> {
    let spec = suite.table(act.who.entity)?.spec();
    let action = spec.actions.get(usize::from(act.action))?;
    let given = action.params.iter().zip(&act.params).filter(|(_, value)| **value != Value::Null);
    let params: Vec<(Text, Value)> = given.map(|(param, value)| (param.name.clone(), value.clone())).collect();
    Some(Taken { entity: spec.entity.clone(), id: act.who.id.clone(), action: action.name.clone(), params, writes: Vec::new() })
}

/// All entities, by type and id.
pub(crate) fn entities(suite: &Suite, entities: &Entities) -> Vec<Entity> {
    entities.iter().filter_map(|(of, id, held)| Some(Entity::of(suite.table(of)?, id, &held.state))).collect()
}
