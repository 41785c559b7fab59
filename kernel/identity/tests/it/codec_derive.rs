//! `#[derive(Codec)]` on the shapes that people write.

use antfarm_identity::{Codec, MAX_DEPTH, Malformed, Reason, from_bytes, to_bytes};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;

trait Vocabulary {
    type Word: Debug;
}

#[derive(PartialEq, Debug)]
struct English;

impl Vocabulary for English {
    type Word = String;
}

#[derive(Codec, PartialEq, Debug)]
struct Unit;

#[derive(Codec, PartialEq, Debug)]
struct Pair(u8, u16);

/// Fields named like the variables of the derived code.
#[derive(Codec, PartialEq, Debug)]
enum Awkward {
    Named { out: u8, input: u8, field_1: u8, r#type: u8 },
    Tuple(Pair, Unit),
    Plain,
}

#[derive(Codec)]
enum Never {}

#[derive(Codec, PartialEq, Debug)]
#[expect(clippy::use_self, reason = "people write the name as often as `Self`")]
enum Tree<T> {
    Leaf(T),
    Fork(Box<Self>, Box<Tree<T>>),
    Wood(Vec<Tree<T>>),
}

#[derive(Codec, PartialEq, Debug)]
struct Chain {
    next: Option<Box<Self>>,
}

/// Only the associated type is asked to be `Codec`; `English` is not.
#[derive(Codec, PartialEq, Debug)]
struct Said<V: Vocabulary, const N: usize>
where
    V::Word: Clone,
{
    word: V::Word,
    more: [Option<<V as Vocabulary>::Word>; N],
    by: BTreeMap<u8, (V::Word, u8)>,
    language: PhantomData<V>,
}

#[derive(Codec)]
#[codec(bound(V::Word: Codec + Clone))]
struct Wrapped<V: Vocabulary>(Said<V, 1>)
where
    V::Word: Clone;

#[track_caller]
fn check<T: Codec + PartialEq + Debug>(value: T, expected: &[u8]) {
    assert_eq!(to_bytes(&value), expected);
    assert_eq!(from_bytes(expected), Ok(value));
}

#[test]
fn every_shape_round_trips() {
    check(Unit, &[]);
    check(Pair(1, 2), &[1, 2, 0]);
    check(Awkward::Named { out: 1, input: 2, field_1: 3, r#type: 4 }, &[0, 1, 2, 3, 4]);
    check(Awkward::Tuple(Pair(1, 2), Unit), &[1, 1, 2, 0]);
    check(Awkward::Plain, &[2]);
    check(Tree::Fork(Box::new(Tree::Leaf(1u8)), Box::new(Tree::Wood(vec![Tree::Leaf(2)]))), &[1, 0, 1, 2, 1, 0, 0, 0, 0, 2]);
}

#[test]
fn generic_types_ask_only_for_what_their_fields_need() {
    let said = || Said::<English, 1> {
        word: "a".into(),
        more: [None],
        by: BTreeMap::from([(1, ("b".into(), 2))]),
        language: PhantomData,
    };
    let bytes = [1, 0, 0, 0, b'a', 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, b'b', 2];
    check(said(), &bytes);
    assert_eq!(to_bytes(&Wrapped(said())), bytes);
    assert_eq!(from_bytes::<Wrapped<English>>(&bytes).map(|it| it.0), Ok(said()));
}

#[test]
fn kinds_are_variants_in_order() {
    assert_eq!(Awkward::KINDS, ["Named", "Tuple", "Plain"]);
    assert_eq!(Awkward::Plain.kind(), 2);
    assert_eq!(Awkward::Tuple(Pair(0, 0), Unit).kind(), 1);
    assert_eq!(<Box<Awkward>>::KINDS, Awkward::KINDS);
    assert_eq!(Box::new(Awkward::Plain).kind(), 2);
    assert_eq!(Pair::KINDS, ["Pair"]);
    assert_eq!(Never::KINDS, [""; 0]);
}

#[test]
fn the_shortest_length_of_a_derived_type_bounds_it_from_below() {
    assert_eq!(<Pair as Codec>::SHORTEST, 3);
    assert_eq!(<Awkward as Codec>::SHORTEST, 1);
    assert_eq!(<Chain as Codec>::SHORTEST, 1);
    assert_eq!(<Unit as Codec>::SHORTEST, 0);
}

#[test]
fn unknown_kinds_are_refused() {
    assert_eq!(from_bytes::<Awkward>(&[3]), Err(Malformed { offset: 0, reason: Reason::Tag { tag: 3 } }));
    assert!(from_bytes::<Never>(&[0]).is_err_and(|it| it.reason == Reason::Tag { tag: 0 }));
}

/// Only what encloses counts, not what stands beside.
#[test]
fn a_long_list_is_not_deep() {
    let wood = || Tree::Wood((0..100).map(Tree::Leaf).collect::<Vec<Tree<u8>>>());
    assert_eq!(from_bytes(&to_bytes(&wood())), Ok(wood()));
}

#[test]
fn a_type_that_contains_itself_decodes_to_the_stated_depth_and_no_further() {
    let chain = |levels: u8| (1..levels).fold(Chain { next: None }, |next, _| Chain { next: Some(Box::new(next)) });
    let deepest = chain(MAX_DEPTH);
    assert_eq!(from_bytes(&to_bytes(&deepest)), Ok(deepest));

    let deeper = to_bytes(&chain(MAX_DEPTH + 1));
    let offset = usize::from(MAX_DEPTH);
    assert_eq!(from_bytes::<Chain>(&deeper), Err(Malformed { offset, reason: Reason::Depth }));

    // Vec<Vec<..>> of named types, a million levels claimed: refused, not overflowed.
    let wood: Vec<u8> = [2, 1, 0, 0, 0].repeat(1_000_000);
    assert!(from_bytes::<Tree<u8>>(&wood).is_err_and(|it| it.reason == Reason::Depth));
}
