//! A path of the search as a run that a person can follow.
//!
//! States of the search are renamed at each step, so that an entity would change its id in the middle of a story. The path is therefore
//! walked once more without renaming: from each state, the move is taken that leads to what the search calls the next. That this works is
//! also a check: a path that the interpreter cannot walk is a bug of ours.

use crate::small::spot::{Named, Spot};
use crate::small::world::World;
use crate::trace::{Entity, Mark, Taken, Trace};
use antfarm_automata::entities::{Act, Entities, Move, Ringing, Step, Suite};
use antfarm_automata::{Text, Value};
use std::collections::BTreeMap;

/// The path as a run. The first state is a beginning.
pub(crate) fn run(world: &World, path: &[u64], first: &Spot, back_to: Option<u32>) -> Trace {
    let mut spot = first.clone();
    let mut trace = Trace { first: entities(&world.suite, &first.roll.entities(&world.suite)), marks: Vec::new(), back_to };
    // By id that somebody may be created under: how many steps ago it began to mean whom it means.
    let mut since: BTreeMap<Text, usize> = BTreeMap::new();
    for print in path {
        let (step, after) = follow(world, &spot, *print).expect("what the search found, the interpreter does");
        trace.marks.push(mark(&world.suite, &step, &after.roll.entities(&world.suite)));
        // Who was meant before being there is called the same before.
        for (said, id) in world.born(&spot, &step) {
            let from = since.insert(said.clone(), trace.marks.len()).unwrap_or(0);
            let name = |text: &Text| if *text == said { id.clone() } else { text.clone() };
            trace.rename(from, &name);
        }
        spot = after;
    }
    crate::home::as_written(trace)
}

/// The move that leads to what the search calls `print`.
fn follow(world: &World, spot: &Spot, print: u64) -> Option<(Step, Spot)> {
    let mut found = None;
    world.each_move(spot, &mut |_, went| {
        if found.is_none()
            && let Ok(went) = went
            && world.after(spot, &went, Named::Fully).print == print
        {
            found = Some(went);
        }
    });
    let went = found?;
    Some((world.step(spot, &went)?, world.after(spot, &went, Named::Barely)))
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
