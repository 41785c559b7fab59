//! As `differential`, of what random specs do not have: properties, given lists, lists put into lists and sets, sets that are full, ids
//! that are computed, truths of others.

use super::{running, spec};
use antfarm_automata::reference::{self, Crowd, Entity};
use antfarm_automata::{Call, Kind, State, Table, Text, Value};
use antfarm_specs::smt::{Fixed, fixed};

const ODD: &str = r#"
[automaton]
name = "Odd"
states = ["A", "B", "C"]
initial = "A"
terminal = ["C"]
allow_indefinite_states = ["A", "B"]

[[state]]
name = "any"
type = "property"
given = true
[[state]]
name = "sum"
type = "int"
[[state]]
name = "peer"
type = "ref"
entity = "Odd"
[[state]]
name = "names"
type = "list"
most = 4
[[state]]
name = "few"
type = "list"
most = 2
[[state]]
name = "chosen"
type = "set"
most = 2
[[state]]
name = "flag"
type = "bool"

[[action]]
name = "Take"
params = [{ name = "any", type = "property" }, { name = "sum", type = "int" }]
guard = "any != 3 && (flag || any == 'a' || any == true)"
[[action]]
name = "Keep"
params = [{ name = "given", type = "list", most = 3 }]
guard = "len(params.given) > 0 && !('b' in params.given && 'b' in names)"
effect = ["names = params.given", "if flag: chosen = params.given", "few = names"]
[[action]]
name = "Choose"
to = "B"
params = [{ name = "more", type = "set", most = 3 }]
guard = "all(x in params.more, x != '' || any(y in names, y == x))"
effect = ["names = chosen", "chosen = params.more", "flag = names == chosen", "append(chosen, 'b')", "remove_at(names, sum)"]
[[action]]
name = "Make"
params = [{ name = "id", type = "string" }]
effect = ["spawn('Odd', 'Take', peer, params.id)", "if flag: spawn('Odd', 'Take', few)", "spawn('Odd', 'Take', chosen)"]
[[action]]
name = "Ask"
from = ["A", "B"]
params = [{ name = "who", type = "ref", entity = "Odd" }]
guard = "Odd[params.who].flag == true || Odd[peer].any == any || Odd[peer].sum > sum || Odd[params.who].peer == peer"
effect = ["peer = params.who", "flag = Odd[peer].flag == true && !flag"]
[[action]]
name = "Divide"
params = [{ name = "by", type = "int" }]
effect = ["if any == 7: sum = sum / params.by", "if flag: sum -= sum % params.by", "sum = -sum", "any = sum"]
[[action]]
name = "Meet"
params = [{ name = "peer", type = "string" }]
[[action]]
name = "Forget"
to = "C"
effect = ["any = null", "peer = null", "remove(names, 'a')", "remove(chosen, 'b')", "remove_at(names, 1)"]

[[invariant]]
name = "One"
assert = "any(x in names, any(y in chosen, x == y)) || empty(any) || names == few"
[[invariant]]
name = "Two"
assert = "sum * sum / sum == sum => any in ['a', 3, true, null]"
[[invariant]]
name = "Three"
assert = "all(x in names, Odd[x].status == 'B') && len(few) + len(chosen) < 4"
[[invariant]]
name = "Four"
assert = "(Odd[peer].any == any) == flag"
"#;

const TEXTS: [&str; 5] = ["", "a", "b", "p0", "p1"];

fn value(draw: &mut dyn FnMut(usize) -> usize, kind: &Kind) -> Value {
    let numbers = [0, 1, 2, 3, 7, -1, i64::MAX, i64::MIN];
    let text = |draw: &mut dyn FnMut(usize) -> usize| TEXTS[draw(TEXTS.len())];
    match kind {
        Kind::Bool => Value::Bool(draw(2) == 1),
        Kind::Counter | Kind::Money { .. } | Kind::Duration => Value::Int(numbers[draw(4)]),
        Kind::Int => Value::Int(numbers[draw(numbers.len())]),
        Kind::Text => Value::text(text(draw)),
        Kind::Ref { .. } => [Value::Null, Value::text("p0"), Value::text("p1"), Value::text("a")][draw(4)].clone(),
        Kind::Open => match draw(4) {
            0 => Value::Null,
            1 => Value::Bool(draw(2) == 1),
            2 => Value::Int(numbers[draw(numbers.len())]),
            _ => Value::text(text(draw)),
        },
        Kind::List { most, .. } => Value::list((0..draw(*most as usize + 1)).map(|_| text(draw)).collect::<Vec<_>>()),
        Kind::Set { most, .. } => {
            let mut texts: Vec<&str> = (0..draw(*most as usize + 1)).map(|_| text(draw)).collect();
            texts.sort_unstable();
            texts.dedup();
            Value::list(texts)
        }
    }
}

fn state(draw: &mut dyn FnMut(usize) -> usize, table: &Table) -> State {
    let slots = table.spec().variables.iter().map(|it| value(draw, &it.kind)).collect();
    table.state(draw(3), slots).expect("every variable holds a value of its kind")
}

#[test]
fn what_is_odd_is_the_same_in_the_solver_and_in_both_interpreters() {
    let (table, mut solver, mut seed) = (spec(ODD), running(), 3_u64);
    let draw = &mut |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits fit") % below
    };
    let (fresh, texts) = (Text::from("fresh"), TEXTS.map(Text::from));
    let actions = table.spec().actions.len();
    let (mut taken, mut refused) = (vec![0; actions], vec![0; actions]);
    let (mut held, mut broken) = ([0; 4], [0; 4]);
    for _ in 0..400 {
        let (action, before) = (draw(actions), state(draw, &table));
        let mut crowd = Crowd::default();
        for id in ["p0", "p1"] {
            crowd.add(&table, id, state(draw, &table));
        }
        let kinds = table.params(action);
        let mut params: Vec<Value> = kinds.iter().map(|kind| value(draw, kind)).collect();
        if let (0, Some(param)) = (draw(8), params.first_mut()) {
            *param = [Value::Null, Value::list(["b", "a"]), Value::Bool(true), Value::text("")][draw(4)].clone();
        }
        let all_fresh = vec![fresh.clone(); 4];
        let step = Fixed { state: &before, action, params: &params, fresh: &fresh, said: &texts };
        let said = fixed(&table, step, &crowd, &mut solver);
        let said = said.unwrap_or_else(|error| panic!("{error}")).expect("all of it is modelled");
        let ours = table.evaluate(&before, Call { action, params: &params, fresh: &all_fresh }, &crowd);
        let name = &table.spec().actions[action].name;
        let naive = reference::run(&table, &Entity::new(&table, &before), name, &params, &all_fresh, &crowd);
        let after = ours.as_ref().ok().map(|it| it.after(&before));
        assert_eq!(said.after, after, "{name} {params:?} of {before:?}: {ours:?}");
        assert_eq!(after.as_ref().map(|it| Entity::new(&table, it)), naive.ok().map(|it| it.0), "{name}");
        (if after.is_some() { &mut taken } else { &mut refused })[action] += 1;
        for nth in 0..4 {
            let ours = table.invariant(nth, &before, &crowd) == Ok(true);
            assert_eq!(said.invariants[nth], ours, "{} in {before:?}", table.spec().invariants[nth].assert);
            (if ours { &mut held } else { &mut broken })[nth] += 1;
        }
    }
    let all = taken.iter().chain(&refused).chain(&held).chain(&broken);
    assert!(all.clone().all(|times| *times > 3), "taken {taken:?}, refused {refused:?}, held {held:?}, broken {broken:?}");
}
