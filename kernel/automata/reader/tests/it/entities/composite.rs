//! Composite actions: several declared writes, all or nothing.

use super::{Colony, story};
use antfarm_automata::entities::{Act, Move, Refused, Step};
use antfarm_automata::{Refusal, Value};

const TRANSFER: &str = r#"
    [automaton]
    name = "Transfer"
    states = ["Ready", "Done"]
    initial = "Ready"
    allow_indefinite_states = ["Ready", "Done"]

    [[action]]
    name = "Move"
    kind = "Composite"
    from = ["Ready"]
    to = "Done"

    [[action.sub_writes]]
    target_entity = "Purse"
    action = "Take"

    [[action.sub_writes]]
    target_entity = "Purse"
    action = "Put"
"#;

const PURSE: &str = r#"
    [automaton]
    name = "Purse"
    states = ["On"]
    initial = "On"
    allow_indefinite_states = ["On"]

    [[state]]
    name = "left"
    type = "counter"
    initial = 5

    [[action]]
    name = "Take"
    params = [{ name = "coins", type = "counter" }]
    guard = "left >= params.coins"
    effect = ["left -= params.coins"]

    [[action]]
    name = "Put"
    params = [{ name = "coins", type = "counter" }]
    effect = ["left += params.coins"]

    [[action]]
    name = "Burn"
    effect = ["left = 0"]
"#;

fn purses(transfer: &str) -> Colony {
    let mut colony = Colony::new(&[transfer, PURSE]);
    colony.create("Purse", "a", &[]).unwrap();
    colony.create("Purse", "b", &[]).unwrap();
    colony.create("Transfer", "t", &[]).unwrap();
    colony
}

/// Moves coins from a to b, with what else `more` says.
fn transfer(colony: &mut Colony, coins: i64, more: &[(&str, &str)]) -> Result<Step, Refused> {
    let coin = [("coins", Value::Int(coins))];
    let write = |id, action, params: &[(&str, Value)]| colony.suite.act("Purse", id, action, params).unwrap();
    let mut writes: Vec<Act> = more.iter().map(|(id, action)| write(id, action, &[])).collect();
    writes.extend([write("b", "Put", &coin), write("a", "Take", &coin)]);
    let act = colony.suite.act("Transfer", "t", "Move", &[]).unwrap();
    colony.step(Move::Act { act, writes })
}

#[test]
fn all_writes_of_a_composite_action_happen_in_one_step() {
    let mut colony = purses(TRANSFER);
    let step = transfer(&mut colony, 3, &[]).unwrap();
    assert_eq!(story(&colony.suite, &step), ["t Move", "b Put", "a Take"]);
    assert_eq!((colony.value("Purse", "a", "left"), colony.value("Purse", "b", "left")), (Value::Int(2), Value::Int(8)));
    let mut colony = purses(&TRANSFER.replace("to = \"Done\"", "record_parent_event = false"));
    let step = transfer(&mut colony, 3, &[]).unwrap();
    assert_eq!(story(&colony.suite, &step), ["b Put", "a Take"]);
}

#[test]
fn none_happens_where_one_is_refused_or_not_declared() {
    let mut colony = purses(TRANSFER);
    let before = colony.entities.clone();
    let why = Box::new(Refused::Table(Refusal::Guard { conjunct: 0 }));
    assert_eq!(transfer(&mut colony, 6, &[]), Err(Refused::Write { write: 1, why }));
    assert_eq!(transfer(&mut colony, 3, &[("b", "Burn")]), Err(Refused::Undeclared { write: 0 }));
    assert_eq!(colony.entities, before);
    transfer(&mut colony, 3, &[]).unwrap();
    let again = transfer(&mut colony, 1, &[]);
    assert_eq!(again, Err(Refused::Table(Refusal::Status { status: 1 })), "the action gates its writes");
    // An action that is not composite writes nothing elsewhere.
    let (act, write) =
        (colony.suite.act("Purse", "a", "Burn", &[]).unwrap(), colony.suite.act("Purse", "b", "Burn", &[]).unwrap());
    assert_eq!(colony.step(Move::Act { act, writes: vec![write] }), Err(Refused::Undeclared { write: 0 }));
}

#[test]
fn an_action_that_is_not_recorded_gates_its_writes_all_the_same() {
    let gated = TRANSFER.replace("to = \"Done\"", "record_parent_event = false\nguard = \"Purse['nobody'].left == 1\"");
    assert!(antfarm_automata_reader::read("it.ioa.toml", &gated).is_err(), "an id is a variable or a parameter");
    let gated = TRANSFER.replace("to = \"Done\"", "record_parent_event = false\nguard = \"status == 'Done'\"");
    let mut colony = purses(&gated);
    assert!(matches!(transfer(&mut colony, 1, &[]), Err(Refused::Table(Refusal::Guard { .. }))));
}
