//! What an action sets going at the same home: in the same step, in order, never silently not.

use super::{Colony, story};
use antfarm_automata::entities::{MOST_DEPTH, Refused};
use antfarm_automata::{Refusal, Value};

/// Orders reserve stock; `drop_ok` and the way to find the stock are filled in.
const ORDER: &str = r#"
    [automaton]
    name = "Order"
    states = ["Draft", "Placed"]
    initial = "Draft"
    allow_indefinite_states = ["Draft", "Placed"]

    [[state]]
    name = "stock"
    type = "ref"
    entity = "Stock"
    given = true

    [[state]]
    name = "wanted"
    type = "counter"
    given = true

    [[action]]
    name = "Place"
    from = ["Draft"]
    to = "Placed"

    [[action.triggers]]
    name = "reserve"
    kind = "entity"
    target_entity = "Stock"
    target_action = "Reserve"
    params_from = { pieces = "wanted" }
    resolve_target = { type = "TYPE" }
"#;

const STOCK: &str = r#"
    [automaton]
    name = "Stock"
    states = ["On"]
    initial = "On"
    allow_indefinite_states = ["On"]

    [[state]]
    name = "left"
    type = "counter"
    initial = 5

    [[action]]
    name = "Reserve"
    params = [{ name = "pieces", type = "counter" }]
    guard = "left >= params.pieces"
    effect = ["left -= params.pieces"]
"#;

fn orders(target: &str) -> Colony {
    Colony::new(&[&ORDER.replace(r#"type = "TYPE""#, target), STOCK])
}

#[test]
fn a_trigger_acts_in_the_same_step() {
    let mut colony = orders(r#"type = "field", field = "stock""#);
    colony.create("Stock", "s", &[]).unwrap();
    colony.create("Order", "o", &[("stock", Value::text("s")), ("wanted", Value::Int(3))]).unwrap();
    let step = colony.go("Order o Place");
    assert_eq!(story(&colony.suite, &step), ["o Place", "s Reserve"]);
    assert_eq!(colony.value("Stock", "s", "left"), Value::Int(2));
}

#[test]
fn a_reaction_that_is_refused_takes_nothing_back_and_is_told() {
    let mut colony = orders(r#"type = "field", field = "stock""#);
    colony.create("Stock", "s", &[]).unwrap();
    let ordered = |colony: &mut Colony, id: &str, stock: Value, wanted: i64| {
        colony.create("Order", id, &[("stock", stock), ("wanted", Value::Int(wanted))]).unwrap();
        let step = colony.go(&format!("Order {id} Place"));
        assert_eq!(colony.status("Order", id), "Placed");
        let dropped: Vec<_> = step.dropped().cloned().collect();
        assert_eq!(dropped.len(), 1, "{step:?}");
        assert!(dropped[0].is_missed());
        dropped[0].why.clone()
    };
    let guard = Refused::Table(Refusal::Guard { conjunct: 0 });
    assert_eq!(ordered(&mut colony, "much", Value::text("s"), 6), guard);
    assert_eq!(ordered(&mut colony, "lost", Value::text("t"), 1), Refused::Missing);
    assert_eq!(ordered(&mut colony, "none", Value::Null, 1), Refused::Nobody);
    assert_eq!(colony.value("Stock", "s", "left"), Value::Int(5));
}

#[test]
fn a_trigger_creates_what_it_is_told_to_create() {
    let mut colony = orders(r#"type = "create_if_missing", id_field = "stock""#);
    colony.create("Order", "o", &[("stock", Value::text("s")), ("wanted", Value::Int(1))]).unwrap();
    let step = colony.go("Order o Place");
    assert_eq!(story(&colony.suite, &step), ["o Place", "s born", "s Reserve"]);
    colony.create("Order", "p", &[("stock", Value::text("s")), ("wanted", Value::Int(1))]).unwrap();
    let step = colony.go("Order p Place");
    assert_eq!(story(&colony.suite, &step), ["p Place", "s Reserve"]);
    // A reaction happens whole or not: what it would have created for nothing is not there.
    colony.create("Order", "q", &[("stock", Value::text("t")), ("wanted", Value::Int(9))]).unwrap();
    let step = colony.go("Order q Place");
    assert_eq!(story(&colony.suite, &step), ["q Place", "t Reserve dropped"]);
    assert!(colony.entities.get(1, "t").is_none());
    let mut colony = orders(r#"type = "create""#);
    colony.create("Order", "o", &[("wanted", Value::Int(1))]).unwrap();
    let step = colony.go("Order o Place");
    assert_eq!(story(&colony.suite, &step), ["o Place", "new0 born", "new0 Reserve"]);
    let mut colony = orders(r#"type = "static", entity_id = "main""#);
    colony.create("Stock", "main", &[]).unwrap();
    colony.create("Order", "o", &[("wanted", Value::Int(1))]).unwrap();
    let step = colony.go("Order o Place");
    assert_eq!(story(&colony.suite, &step), ["o Place", "main Reserve"]);
}

#[test]
fn a_trigger_says_who_sends_it() {
    let order = ORDER.replace("{ pieces = \"wanted\" }", "{ pieces = \"wanted\", order = \"Id\" }");
    let order = order.replace(r#"type = "TYPE""#, r#"type = "field", field = "stock""#);
    let stock = STOCK.replace("params = [", "params = [\"order\", ").replace(
        "name = \"left\"",
        "name = \"order\"\n    type = \"ref\"\n    entity = \"Order\"\n\n    [[state]]\n    name = \"left\"",
    );
    let mut colony = Colony::new(&[&order, &stock]);
    colony.create("Stock", "s", &[]).unwrap();
    for id in ["o", "p"] {
        colony.create("Order", id, &[("stock", Value::text("s")), ("wanted", Value::Int(1))]).unwrap();
        colony.go(&format!("Order {id} Place"));
        assert_eq!(colony.value("Stock", "s", "order"), Value::text(id));
    }
}

#[test]
fn what_is_spawned_is_there_at_once_and_acts_in_the_same_step() {
    let (plan, task) =
        (include_str!("../../../../../../specs/plan.ioa.toml"), include_str!("../../../../../../specs/task.ioa.toml"));
    let mut colony = Colony::new(&[plan, task]);
    colony.create("Plan", "p", &[]).unwrap();
    let step = colony.go("Plan p AddTask");
    assert_eq!(story(&colony.suite, &step), ["p AddTask", "new0 born", "new0 Open"]);
    assert_eq!(colony.status("Task", "new0"), "Available");
    assert_eq!(colony.value("Plan", "p", "tasks"), Value::list(["new0"]));
    let twice = colony.act("Plan", "p", "AddTask", &[]).unwrap();
    assert_eq!(twice.drawn, ["new1"]);
    colony.go("Plan p Activate");
    let is_open = colony.act("Plan", "p", "Complete", &[]);
    assert_eq!(is_open, Err(Refused::Table(Refusal::Guard { conjunct: 0 })));
    colony.go("Task new0 Fail");
    colony.go("Task new1 Fail");
    colony.go("Plan p Complete");
}

const SPAWNS: &str = r#"
    [automaton]
    name = "Parent"
    states = ["On"]
    initial = "On"
    allow_indefinite_states = ["On"]

    [[state]]
    name = "child"
    type = "ref"
    entity = "Parent"
    home = "same"

    [[action]]
    name = "Bear"
    params = [{ name = "id", type = "string" }]
    effect = ["spawn('Parent', 'Breathe', child, params.id)"]

    [[action]]
    name = "Breathe"

    [[action]]
    name = "Adopt"
    params = [{ name = "child", type = "ref", entity = "Parent" }]
"#;

#[test]
fn a_spawn_under_an_id_that_is_taken_or_lives_elsewhere_refuses_the_action() {
    let mut colony = Colony::new(&[SPAWNS]);
    colony.create("Parent", "a", &[]).unwrap();
    let mut bear = |id: &str| colony.act("Parent", "a", "Bear", &[("id", Value::text(id))]);
    bear("b").unwrap();
    assert_eq!(bear("b"), Err(Refused::Taken { id: "b".into() }));
    assert_eq!(bear("c@there"), Err(Refused::Placed { variable: 0 }));
    let adopted = colony.act("Parent", "a", "Adopt", &[("child", Value::text("c@there"))]);
    assert_eq!(adopted, Err(Refused::Placed { variable: 0 }));
    assert_eq!(colony.value("Parent", "a", "child"), Value::text("b"));
}

#[test]
fn what_no_fresh_id_is_left_for_is_refused() {
    let (plan, task) =
        (include_str!("../../../../../../specs/plan.ioa.toml"), include_str!("../../../../../../specs/task.ioa.toml"));
    let mut colony = Colony::new(&[plan, task]);
    colony.create("Plan", "p", &[]).unwrap();
    let moved = colony.suite.moved("Plan", "p", "AddTask", &[]).unwrap();
    let asked = antfarm_automata::entities::Asked::of(moved);
    assert_eq!(colony.entities.step(&colony.suite, &asked, &[]), Err(Refused::NoFresh));
}

/// Each passes the ball to the next, `to` times.
const BALL: &str = r#"
    [automaton]
    name = "Player"
    states = ["On"]
    initial = "On"
    allow_indefinite_states = ["On"]

    [[state]]
    name = "next"
    type = "ref"
    entity = "Player"
    given = true

    [[state]]
    name = "caught"
    type = "counter"

    [[action]]
    name = "Catch"
    effect = ["caught += 1"]

    [[action.triggers]]
    name = "pass"
    kind = "entity"
    guard = "next != null"
    target_entity = "Player"
    target_action = "Catch"
    resolve_target = { type = "field", field = "next" }
"#;

#[test]
fn reactions_go_as_deep_as_they_may_and_no_deeper() {
    let line = |players: usize| {
        let mut colony = Colony::new(&[BALL]);
        for nth in 0..players {
            let next = if nth + 1 == players { Value::Null } else { Value::from_id(nth + 1) };
            colony.create("Player", &format!("p{nth}"), &[("next", next)]).unwrap();
        }
        colony
    };
    let most = usize::from(MOST_DEPTH) + 1;
    let mut colony = line(most);
    assert_eq!(story(&colony.suite.clone(), &colony.go("Player p0 Catch")).len(), most);
    let mut colony = line(most + 1);
    let before = colony.entities.clone();
    assert_eq!(colony.act("Player", "p0", "Catch", &[]), Err(Refused::Deep));
    assert_eq!(colony.entities, before, "a bound is an error, and nothing happened");
}

trait FromId {
    fn from_id(nth: usize) -> Self;
}

impl FromId for Value {
    fn from_id(nth: usize) -> Self {
        Self::text(&format!("p{nth}"))
    }
}

#[test]
fn a_guard_sees_what_reactions_before_it_in_the_step_did() {
    // Two orders of one step cannot both have the last piece: the second sees what the first left.
    let both = ORDER.replace(r#"type = "TYPE""#, r#"type = "field", field = "stock""#);
    let second = &both[both.find("[[action.triggers]]").expect("a trigger")..];
    let twice = format!("{both}\n{}", second.replace("\"reserve\"", "\"again\""));
    let mut colony = Colony::new(&[&twice, STOCK]);
    colony.create("Stock", "s", &[]).unwrap();
    colony.create("Order", "o", &[("stock", Value::text("s")), ("wanted", Value::Int(3))]).unwrap();
    let step = colony.go("Order o Place");
    assert_eq!(story(&colony.suite, &step), ["o Place", "s Reserve", "s Reserve dropped"]);
    assert_eq!(colony.value("Stock", "s", "left"), Value::Int(2));
}
