//! The world, one guarantee after the other.

use crate::fixture::{absent, apply, create, expect, key, name, replace, retract, tenant, value};
use antfarm_identity::{Codec, from_bytes, to_bytes};
use antfarm_node::{
    BadChunk, BadDelta, BadId, Delta, DeltaRefusal, Entry, Key, MAX_CHUNK, MAX_ENTRIES, MAX_ID, MAX_OPS, MAX_VALUE, Op, Unfit,
    Value, Within, WorldBuilder, WorldState,
};
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};

fn world(ops: &[Op]) -> WorldState {
    let mut world = WorldState::new();
    apply(&mut world, ops).expect("it fits");
    world
}

/// Applies `ops` to a world with `a` in version 2 and `gone` retracted in version 2; a refusal must change nothing.
#[track_caller]
fn check(ops: &[Op], expected: Result<(), (u32, Unfit)>) {
    let mut world = world(&[create("a", "1"), create("gone", "1")]);
    apply(&mut world, &[replace("a", 1, "2"), retract("gone", 1)]).expect("it fits");
    let before = world.clone();
    let applied = apply(&mut world, ops);
    assert_eq!(applied, expected.map_err(|(op, unfit)| DeltaRefusal { op, unfit }));
    world.check();
    before.check();
    if applied.is_err() {
        assert_eq!(world, before, "a refused delta changes nothing");
    }
}

#[test]
fn an_operation_is_refused_where_it_does_not_fit_and_says_why() {
    check(&[create("a", "x")], Err((0, Unfit::Exists { version: 2 })));
    check(&[replace("a", 1, "x")], Err((0, Unfit::Changed { found: 2 })));
    check(&[retract("a", 3)], Err((0, Unfit::Changed { found: 2 })));
    check(&[replace("new", 1, "x")], Err((0, Unfit::Missing)));
    check(&[retract("new", 0)], Err((0, Unfit::Missing)));
    check(&[replace("gone", 2, "x")], Err((0, Unfit::Retracted { version: 2 })));
    check(&[retract("gone", 2)], Err((0, Unfit::Retracted { version: 2 })));
    check(&[expect("gone", 2)], Err((0, Unfit::Retracted { version: 2 })));
    check(&[expect("a", 1)], Err((0, Unfit::Changed { found: 2 })));
    check(&[expect("new", 1)], Err((0, Unfit::Missing)));
    check(&[absent("a")], Err((0, Unfit::Exists { version: 2 })));
    check(&[absent("gone"), absent("new"), expect("a", 2)], Ok(()));
    check(&[create("gone", "x"), replace("a", 2, "x"), create("new", "x")], Ok(()));
}

#[test]
fn a_refused_delta_leaves_nothing_of_the_operations_before() {
    check(&[create("new", "x"), replace("a", 2, "x"), retract("gone", 2)], Err((2, Unfit::Retracted { version: 2 })));
}

#[test]
fn what_was_retracted_is_created_again_and_its_versions_go_on() {
    let mut world = world(&[create("a", "1")]);
    apply(&mut world, &[retract("a", 1)]).expect("it is live");
    let entry = world.entry(&key("a")).expect("its version stays");
    assert_eq!((entry.version(), entry.value(), entry.is_live()), (2, None, false));
    apply(&mut world, &[create("a", "3")]).expect("it was retracted");
    let entry = world.entry(&key("a")).expect("it is there");
    assert_eq!((entry.version(), entry.value()), (3, Some(&value("3"))));
    assert!(apply(&mut world, &[replace("a", 1, "x")]).is_err(), "who saw the first version saw another thing");
}

#[test]
fn all_operations_of_a_delta_speak_of_the_world_before_it() {
    // Guards on a key that is written hold of what is overwritten, before and after the write.
    check(&[expect("a", 2), replace("a", 2, "x"), expect("a", 2)], Ok(()));
    check(&[replace("a", 2, "x"), expect("a", 3)], Err((1, Unfit::Changed { found: 2 })));
    check(&[create("new", "x"), absent("new")], Ok(()));
    check(&[retract("a", 2), absent("a")], Err((1, Unfit::Exists { version: 2 })));
}

#[test]
fn a_delta_writes_no_key_twice_and_is_bounded() {
    let twice = vec![replace("a", 1, "x"), absent("b"), retract("a", 2)];
    assert_eq!(Delta::new(twice.clone()), Err(BadDelta::WrittenTwice { first: 0, second: 2 }));
    assert!(from_bytes::<Delta>(&to_bytes(&twice)).is_err(), "nor is one read that does");
    let many: Vec<Op> = (0..=MAX_OPS).map(|n| absent(&n.to_string())).collect();
    assert_eq!(Delta::new(many.clone()), Err(BadDelta::TooMany { ops: MAX_OPS + 1 }));
    assert!(from_bytes::<Delta>(&to_bytes(&many)).is_err());
    assert!(Delta::new(many[1..].to_vec()).is_ok());
    let long = "x".repeat(MAX_VALUE);
    assert!(Delta::new(vec![create("a", &long)]).is_ok());
    assert!(matches!(Delta::new(vec![create("a", &long), create("b", &long)]), Err(BadDelta::TooLong { .. })));
    assert!(Value::new(&[0; MAX_VALUE + 1]).is_err());
}

#[test]
fn a_world_takes_no_more_keys_than_it_has_room_for_even_within_one_delta() {
    let mut world = WorldState::with_room(2);
    apply(&mut world, &[create("a", "1")]).expect("there is room for two");
    let full = |op| Err(DeltaRefusal { op, unfit: Unfit::Full { limit: 2 } });
    assert_eq!(apply(&mut world, &[create("b", "1"), create("c", "1")]), full(1));
    assert_eq!(apply(&mut world, &[create("b", "1")]), Ok(()));
    assert_eq!(apply(&mut world, &[create("c", "1")]), full(0));
    apply(&mut world, &[retract("a", 1)]).expect("it is live");
    assert_eq!(apply(&mut world, &[create("c", "1")]), full(0), "a retracted key keeps its place");
    assert_eq!(apply(&mut world, &[create("a", "1")]), Ok(()));
}

#[test]
fn a_clone_does_not_see_what_is_done_to_the_other() {
    let before = world(&[create("a", "1"), create("ab", "1"), create("b", "1")]);
    let mut after = before.clone();
    apply(&mut after, &[replace("ab", 1, "2"), retract("b", 1), create("abc", "1")]).expect("it fits");
    assert_ne!(before, after);
    assert_eq!(before.entry(&key("ab")).map(Entry::version), Some(1));
    assert_eq!(before.mark().keys, 3);
    before.check();
    after.check();
}

#[test]
fn equal_worlds_have_equal_hashes_whatever_the_order_of_their_commits() {
    let hash = |world: &WorldState| {
        let mut hasher = DefaultHasher::new();
        world.hash(&mut hasher);
        hasher.finish()
    };
    let forth = world(&[create("a", "1"), create("ab", "2"), create("b", "3")]);
    let mut back = world(&[create("b", "3")]);
    apply(&mut back, &[create("ab", "2")]).expect("it is new");
    assert!(forth != back && hash(&forth) != hash(&back));
    apply(&mut back, &[create("a", "1")]).expect("it is new");
    assert_eq!(forth, back);
    assert_eq!(hash(&forth), hash(&back));
    let mut other = back.clone();
    apply(&mut other, &[replace("a", 1, "1")]).expect("it is live");
    assert!(other != back && hash(&other) != hash(&back), "the version differs");
}

#[test]
fn keys_are_read_in_order_within_a_tenant_a_kind_or_a_start_and_page_by_page() {
    let mut world = WorldState::new();
    let mut add = |owner: &str, kind: &str, id: &str| {
        let key = Key::new(&tenant(owner), &name(kind), id).expect("short");
        apply(&mut world, &[Op::Create { key, value: value(id) }]).expect("it is new");
    };
    for id in ["n10", "n1", "s", "n", "n2"] {
        add("acme", "well", id);
    }
    add("acme", "wells", "n1");
    add("acme2", "well", "n1");
    add("Acme", "well", "n1");
    let check = |within: &Within, after: Option<&str>, expected: &str| {
        let after = after.map(key);
        let found: Vec<String> =
            world.scan(within, after.as_ref()).map(|(key, _)| [key.tenant(), key.kind(), key.id()].join(" ")).collect();
        assert_eq!(found.join(", "), expected);
    };
    let (acme, well) = (tenant("acme"), name("well"));
    let wells = "acme well n, acme well n1, acme well n10, acme well n2, acme well s";
    check(&Within::ALL, None, &format!("Acme well n1, {wells}, acme wells n1, acme2 well n1"));
    check(&Within::tenant(&acme), None, &format!("{wells}, acme wells n1"));
    check(&Within::kind(&acme, &well), None, wells);
    check(&Within::kind(&acme, &well), Some("n10"), "acme well n2, acme well s");
    check(&Within::kind(&acme, &well), Some("n11"), "acme well n2, acme well s");
    check(&Within::kind(&acme, &well), Some("s"), "");
    check(&Within::kind(&acme, &well), Some("A"), wells);
    check(&Within::ids(&acme, &well, "n1"), None, "acme well n1, acme well n10");
    check(&Within::ids(&acme, &well, "n1"), Some("n1"), "acme well n10");
    check(&Within::ids(&acme, &well, "x"), None, "");
    check(&Within::tenant(&tenant("acm")), None, "");
}

#[test]
fn a_world_is_taken_apart_into_pieces_and_put_together_again() {
    let mut whole = WorldState::new();
    for number in 0..12 {
        apply(&mut whole, &[create(&format!("{number}"), &"x".repeat(20_000 + 3_000 * number))]).expect("it is new");
    }
    apply(&mut whole, &[retract("3", 1)]).expect("it is live");
    let chunks: Vec<Vec<u8>> = whole.chunks().collect();
    assert!(chunks.len() > 2 && chunks.iter().all(|chunk| chunk.len() <= MAX_CHUNK));
    let build = |chunks: &[Vec<u8>]| {
        let mut builder = WorldBuilder::new(MAX_ENTRIES);
        chunks.iter().try_for_each(|chunk| builder.take(chunk))?;
        builder.finish(whole.mark())
    };
    let again = build(&chunks).expect("nothing is missing");
    again.check();
    assert_eq!(again, whole);
    assert!(matches!(build(&chunks[1..]), Err(BadChunk::Mark { .. })), "a piece is missing");
    let swapped = [chunks[1].clone(), chunks[0].clone()];
    assert!(matches!(build(&swapped), Err(BadChunk::Order | BadChunk::Short)));
    assert_eq!(build(&[to_bytes(&Vec::<(Key, Entry)>::new())]), Err(BadChunk::Empty));
    let first: Vec<(Key, Entry)> = from_bytes(&chunks[0]).expect("a list");
    let (head, tail) = first.split_at(1);
    let split = [to_bytes(&head.to_vec()), to_bytes(&tail.to_vec())];
    assert_eq!(build(&split), Err(BadChunk::Short), "one world has one encoding");
    let mut altered = chunks.clone();
    *altered[0].last_mut().expect("not empty") ^= 1;
    assert!(matches!(build(&altered), Err(BadChunk::Mark { .. })));
    let unborn = to_bytes(&vec![(key("a"), (0_u64, 7_u64, Some(value("x"))))]);
    assert_eq!(build(&[unborn]), Err(BadChunk::Version));
    let mut small = WorldBuilder::new(2);
    assert_eq!(small.take(&chunks[0]), Err(BadChunk::Full { limit: 2 }));
}

#[test]
fn an_id_has_one_to_its_most_bytes_also_when_it_is_read() {
    let longest = "x".repeat(MAX_ID);
    let too_long = "x".repeat(MAX_ID + 1);
    let made = |id: &str| Key::new(&tenant("acme"), &name("well"), id);
    assert_eq!(made(&longest).map(|key| key.id().len()), Ok(MAX_ID));
    assert_eq!(made(""), Err(BadId::Empty));
    assert_eq!(made(&too_long), Err(BadId::TooLong { length: MAX_ID + 1 }));
    let read = |id: &str| from_bytes::<Key>(&to_bytes(&(tenant("acme"), name("well"), id.to_owned())));
    assert_eq!(read("north 7 / \u{e9}"), Ok(key("north 7 / \u{e9}")));
    assert!(read("").is_err() && read(&too_long).is_err());
}

#[test]
fn what_lies_in_records_is_read_as_it_was_written() {
    fn check<T: Codec + PartialEq + Debug>(value: &T) {
        assert_eq!(from_bytes::<T>(&to_bytes(value)).as_ref(), Ok(value));
    }
    let delta = Delta::new(vec![create("a", "1"), replace("b", 2, "x"), retract("c", 3), expect("d", 4), absent("e")]);
    check(&delta.expect("a delta"));
    check(&Delta::default());
    check(&DeltaRefusal { op: 3, unfit: Unfit::Retracted { version: 7 } });
    check(&world(&[create("a", "1")]).mark());
}

#[test]
fn a_value_is_not_printed() {
    let world = world(&[create("a", "hunter2")]);
    assert_eq!(format!("{world:?}"), "{`acme well a`: Entry { version: 1, at: 1, value: Some(7 bytes) }}");
}
