//! The world against an ordinary map, over random deltas.

use crate::fixture::{absent, create, expect, key, replace, retract};
use antfarm_node::{Delta, Entry, Key, MAX_ENTRIES, Op, Value, Within, WorldBuilder, WorldState};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Version and value of each key; no value once it was retracted.
type Model = BTreeMap<Key, (u64, Option<Value>)>;

/// What an operation makes of the model, or nothing if it does not fit.
fn judge(model: &Model, op: &Op) -> Option<Option<(u64, Option<Value>)>> {
    let (version, value) = model.get(op.key()).cloned().unwrap_or((0, None));
    let live = |expected: u64| value.is_some() && version == expected;
    match op {
        Op::Create { value: new, .. } => value.is_none().then(|| Some((version + 1, Some(new.clone())))),
        Op::Replace { expected_version, value: new, .. } => {
            live(*expected_version).then(|| Some((version + 1, Some(new.clone()))))
        }
        Op::Retract { expected_version, .. } => live(*expected_version).then_some(Some((version + 1, None))),
        Op::Expect { found: antfarm_node::Expected::Absent, .. } => value.is_none().then_some(None),
        Op::Expect { found: antfarm_node::Expected::Version(expected), .. } => live(*expected).then_some(None),
    }
}

/// The model after the delta, or how many of its operations fit before one does not.
fn fold(model: &Model, delta: &Delta) -> Result<Model, usize> {
    let mut after = model.clone();
    for (number, op) in delta.ops().iter().enumerate() {
        if let Some(written) = judge(model, op).ok_or(number)? {
            after.insert(op.key().clone(), written);
        }
    }
    Ok(after)
}

/// Few ids over few letters, so that they begin and go on in the same way.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![8 => "[ab]{1,4}", 1 => "[a-z\u{e8}\u{e9}\u{10ffff}]{1,2}"]
}

fn op() -> impl Strategy<Value = Op> {
    let version = prop_oneof![6 => 1_u64..4, 1 => Just(0), 1 => Just(u64::MAX)];
    (0..5_u8, id(), version, "[xy]{0,3}").prop_map(|(which, id, version, text)| match which {
        0 => create(&id, &text),
        1 => replace(&id, version, &text),
        2 => retract(&id, version),
        3 => expect(&id, version),
        _ => absent(&id),
    })
}

fn deltas() -> impl Strategy<Value = Vec<Delta>> {
    let delta = prop::collection::vec(op(), 0..4).prop_filter_map("no key twice", |ops| Delta::new(ops).ok());
    prop::collection::vec(delta, 0..60)
}

fn same(world: &WorldState, model: &Model) -> Result<(), TestCaseError> {
    let entries = world.scan(&Within::ALL, None).map(|(key, entry)| (key.clone(), (entry.version(), entry.value().cloned())));
    prop_assert_eq!(&entries.collect::<Model>(), model);
    prop_assert_eq!(world.mark().live, model.values().filter(|(_, value)| value.is_some()).count() as u64);
    world.check();
    Ok(())
}

proptest! {
    #[test]
    fn a_world_is_what_its_commits_make_of_it(deltas in deltas()) {
        let (mut world, mut model) = (WorldState::new(), Model::new());
        let mut past = Vec::new();
        for (at, delta) in (0..).zip(&deltas) {
            past.push((world.clone(), model.clone()));
            match (world.apply(delta, at), fold(&model, delta)) {
                (Ok(()), Ok(after)) => model = after,
                (Err(refusal), Err(number)) => {
                    prop_assert_eq!(refusal.op as usize, number);
                    prop_assert!(past.last().is_some_and(|(before, _)| *before == world), "a refused delta changes nothing");
                }
                (applied, expected) => prop_assert!(false, "{applied:?}, not {expected:?}"),
            }
        }
        same(&world, &model)?;
        for (world, model) in &past {
            same(world, model)?;
        }
    }

    #[test]
    fn reading_begins_at_any_key_that_is_there_or_not(
        ids in prop::collection::btree_set(id(), 0..40), start in "[ab]{0,3}", after in prop::option::of(id()),
    ) {
        let mut world = WorldState::new();
        for id in &ids {
            world.apply(&Delta::new(vec![create(id, "")]).expect("a delta"), 0).expect("it is new");
        }
        let within = Within::ids(&crate::fixture::tenant("acme"), &crate::fixture::name("well"), &start);
        let after_key = after.as_deref().map(key);
        let found: Vec<&str> = world.scan(&within, after_key.as_ref()).map(|(key, _)| key.id()).collect();
        let is_meant = |id: &&String| id.starts_with(&start) && after.as_ref().is_none_or(|after| *id > after);
        prop_assert_eq!(found, ids.iter().filter(is_meant).collect::<Vec<_>>());
    }

    #[test]
    fn pieces_make_the_world_that_they_were_made_of(deltas in deltas()) {
        let mut world = WorldState::new();
        for (at, delta) in (0..).zip(&deltas) {
            let _refused_or_not = world.apply(delta, at);
        }
        let mut builder = WorldBuilder::new(MAX_ENTRIES);
        for chunk in world.chunks() {
            prop_assert!(builder.take(&chunk).is_ok());
        }
        let again = builder.finish(world.mark());
        prop_assert_eq!(again.as_ref(), Ok(&world));
        let entry = |world: &WorldState| world.scan(&Within::ALL, None).map(|(_, it)| it.clone()).collect::<Vec<Entry>>();
        prop_assert_eq!(again.map(|it| entry(&it)), Ok(entry(&world)));
    }
}
