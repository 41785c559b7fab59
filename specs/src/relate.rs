//! Which types specs refer to.

use crate::trace::texts;
use antfarm_automata::entities::{MOST_DEPTH, MOST_FRESH, home_of};
use antfarm_automata::{Action, Deed, Effect, Expr, Home, Literal, Nobody, Spec, Started, Table, Target, Text, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Whether an action's guard, its effects or the guards of its triggers ask other entities.
pub(crate) fn asks(action: &Action) -> bool {
    let mut asks = false;
    said(action).for_each(|it| it.walk(&mut |part| asks |= matches!(part, Expr::Related { .. })));
    asks
}

/// What is evaluated where an action is taken.
fn said(action: &Action) -> impl Iterator<Item = &Expr> {
    let triggers = action.triggers.iter().filter_map(|it| it.guard.as_ref());
    let effects = action.effects.iter().flat_map(Effect::parts);
    [&action.guard].into_iter().chain(&action.constraints).chain(effects).chain(triggers)
}

/// The types whose entities a spec asks, or sets something going at: it means nothing without them.
pub(crate) fn needs(spec: &Spec) -> BTreeSet<Text> {
    let mut needed = BTreeSet::new();
    let mut look = |expr: &Expr| {
        expr.walk(&mut |part| {
            if let Expr::Related { entity, .. } = part {
                needed.insert(entity.clone());
            }
        });
    };
    spec.actions.iter().flat_map(said).for_each(&mut look);
    spec.invariants.iter().chain(&spec.field_invariants).for_each(|it| look(&it.assert));
    needed.extend(spec.actions.iter().flat_map(sets_going).map(|(entity, _)| entity.clone()));
    let written = spec.actions.iter().filter_map(|it| it.composite.as_ref()).flat_map(|it| &it.writes);
    needed.extend(written.map(|(entity, _, _)| entity.clone()));
    needed
}

/// What an action sets going at once, in the same step or at another home: actions of types, by name.
fn sets_going(action: &Action) -> impl Iterator<Item = (&Text, &Text)> {
    let triggered = action.triggers.iter().filter_map(|it| match &it.deed {
        Started::Entity { entity, action, .. } => Some((entity, action)),
        Started::Outside { .. } => None,
    });
    let created = action.effects.iter().filter_map(|it| match &it.deed {
        Deed::Spawn { entity, action, .. } => Some((entity, action)),
        Deed::Assign { .. }
        | Deed::Append { .. }
        | Deed::Remove { .. }
        | Deed::RemoveAt { .. }
        | Deed::Schedule { .. }
        | Deed::ScheduleAt { .. } => None,
    });
    triggered.chain(created)
}

/// Whether an action sets more going than the kernel does in one step, which may refuse it then: what sets going more, and so on, deeper
/// than it goes, or so many new entities that it has no ids for them.
pub(crate) fn goes_far(tables: &[&Table], action: &Action) -> bool {
    goes_deep(tables, action) || new_ids(tables, action, &mut BTreeMap::new()) > MOST_FRESH
}

/// How many new ids an action may take with all that it sets going, which comes to an end.
fn new_ids<'a>(tables: &[&'a Table], action: &'a Action, found: &mut BTreeMap<(&'a Text, &'a Text), u32>) -> u32 {
    let spawned = action.effects.iter().filter(|it| matches!(it.deed, Deed::Spawn { id: None, .. })).count();
    let created = action.triggers.iter().filter(|it| matches!(it.deed, Started::Entity { target: Target::Create, .. })).count();
    let mut ids = u32::try_from(spawned + created).unwrap_or(u32::MAX);
    for name in sets_going(action) {
        let more = found.get(&name).copied().unwrap_or_else(|| {
            let more = known(tables, name).map_or(0, |action| new_ids(tables, action, found));
            found.insert(name, more);
            more
        });
        ids = ids.saturating_add(more);
    }
    ids
}

/// All that an action sets going, one after the other: actions of types.
fn reached<'a>(tables: &[&'a Table], action: &'a Action) -> Vec<(&'a Text, &'a Action)> {
    let mut found: Vec<(&Text, &Action)> = Vec::new();
    let mut at = 0;
    let mut one = action;
    loop {
        for name in sets_going(one) {
            if let Some(next) = known(tables, name).filter(|next| !found.iter().any(|it| std::ptr::eq(it.1, *next))) {
                found.push((name.0, next));
            }
        }
        let Some((_, next)) = found.get(at) else { return found };
        one = next;
        at += 1;
    }
}

/// The types whose entities an action's reactions may create under ids that somebody says.
pub(crate) fn begets(tables: &[&Table], action: &Action) -> BTreeSet<Text> {
    let mut found = BTreeSet::new();
    let later: Vec<&Action> = reached(tables, action).into_iter().map(|it| it.1).collect();
    for one in later.iter().copied().chain([action]) {
        let missing = one.triggers.iter().filter_map(|it| match &it.deed {
            Started::Entity { entity, target: Target::CreateIfMissing(_), .. } => Some(entity.clone()),
            Started::Entity { .. } | Started::Outside { .. } => None,
        });
        found.extend(missing);
    }
    // What it spawns itself is known to whoever takes it.
    for one in later {
        for effect in &one.effects {
            if let Deed::Spawn { entity, id: Some(_), .. } = &effect.deed {
                found.insert(entity.clone());
            }
        }
    }
    found
}

/// Whether what an action of this spec sets going may come back to the very entity that took it, in the same step.
pub(crate) fn returns(tables: &[&Table], spec: &Spec, action: &Action) -> bool {
    let is_itself = |target: &Target| match target {
        Target::SameId => true,
        Target::Field(name) | Target::CreateIfMissing(name) => spec.is_own_id(name),
        Target::Fixed(_) | Target::Create => false,
    };
    let at_once = action.triggers.iter().any(|it| match &it.deed {
        Started::Entity { entity, target, .. } => *entity == spec.entity && is_itself(target),
        Started::Outside { .. } => false,
    });
    let others = sets_going(action).filter_map(|it| known(tables, it));
    at_once || others.flat_map(|it| reached(tables, it)).any(|(entity, _)| *entity == spec.entity)
}

fn known<'a>(tables: &[&'a Table], (entity, action): (&Text, &Text)) -> Option<&'a Action> {
    let table = tables.iter().find(|it| it.spec().entity == *entity)?;
    table.spec().actions.get(table.action(action)?)
}

fn goes_deep(tables: &[&Table], action: &Action) -> bool {
    let mut layer = vec![action];
    for _ in 0..=MOST_DEPTH {
        let mut next: Vec<&Action> = Vec::new();
        for action in layer.iter().flat_map(|it| sets_going(it)).filter_map(|it| known(tables, it)) {
            if !next.iter().any(|it| std::ptr::eq(*it, action)) {
                next.push(action);
            }
        }
        layer = next;
    }
    !layer.is_empty()
}

/// The other types that a spec refers to, whether it needs them or only holds their ids.
pub(crate) fn refers(spec: &Spec) -> BTreeSet<Text> {
    let mut found = needs(spec);
    found.extend(spec.actions.iter().flat_map(|it| &it.params).filter_map(|it| it.kind.as_ref()?.entity().cloned()));
    found.extend(spec.variables.iter().filter_map(|it| it.kind.entity().cloned()));
    found.remove(&spec.entity);
    found
}

/// Whether somebody of a type can be created with nothing given; nothing where that depends on others, or on where it is.
pub(crate) fn is_born(table: &Table) -> Option<bool> {
    let spec = table.spec();
    let Ok(state) = table.create(&[]) else { return Some(false) };
    let placed =
        || spec.variables.iter().filter(|it| it.home == Home::Same).flat_map(|it| texts(&it.initial)).filter(|it| !it.is_empty());
    if placed().any(|it| home_of(it).is_empty()) {
        return Some(false);
    }
    let keeps = |nth: usize| table.field_invariant(nth, &state, &Nobody) == Ok(true);
    match asks_at_birth(spec) || placed().next().is_some() {
        true => None,
        false => Some((0..spec.field_invariants.len()).all(keeps)),
    }
}

/// Whether it depends on others whether somebody can be created whom an action spawns.
pub(crate) fn may_be_born(tables: &[&Table], action: &Action) -> bool {
    let spawned = action.effects.iter().filter_map(|it| match &it.deed {
        Deed::Spawn { entity, .. } => Some(entity),
        Deed::Assign { .. }
        | Deed::Append { .. }
        | Deed::Remove { .. }
        | Deed::RemoveAt { .. }
        | Deed::Schedule { .. }
        | Deed::ScheduleAt { .. } => None,
    });
    spawned.filter_map(|name| tables.iter().find(|it| it.spec().entity == *name)).any(|it| is_born(it).is_none())
}

/// Whether creating an entity asks others.
pub(crate) fn asks_at_birth(spec: &Spec) -> bool {
    let mut asks = false;
    for property in &spec.field_invariants {
        property.assert.walk(&mut |part| asks |= matches!(part, Expr::Related { .. }));
    }
    asks
}

/// Which of these specs refer to each other, directly or by way of others: groups of indices.
pub(crate) fn components(specs: &[&Spec]) -> Vec<Vec<usize>> {
    let mut of: Vec<usize> = (0..specs.len()).collect();
    for (nth, spec) in specs.iter().enumerate() {
        for name in refers(spec) {
            if let Some(other) = specs.iter().position(|it| it.entity == name) {
                let (into, from) = (of[nth].min(of[other]), of[nth].max(of[other]));
                of.iter_mut().filter(|it| **it == from).for_each(|it| *it = into);
            }
        }
    }
    let roots: BTreeSet<usize> = of.iter().copied().collect();
    roots.into_iter().map(|root| (0..of.len()).filter(|nth| of[*nth] == root).collect()).collect()
}

/// The texts that a spec writes out, and the names of its states.
pub(crate) fn written(spec: &Spec) -> Vec<Text> {
    let mut found: Vec<Text> = spec.states.clone();
    let mut say = |literal: &Literal| match literal {
        Literal::Text(text) => found.push(text.clone()),
        Literal::Null | Literal::Bool(_) | Literal::Int(_) | Literal::Money(..) | Literal::Span(_) => {}
    };
    spec.expressions().chain(spec.trigger_guards()).for_each(|it| it.literals(&mut say));
    for variable in &spec.variables {
        match &variable.initial {
            Value::Text(text) => found.push(text.clone()),
            Value::List(list) => found.extend(list.iter().cloned()),
            Value::Null | Value::Bool(_) | Value::Int(_) => {}
        }
    }
    found
}
