//! What actions do, said by hand.

use crate::{action, ints, spec, table};
use antfarm_automata::{Call, Kind, Nobody, Refusal, Sites, Table, Text, Unable, Undefined, Unfit, Value};

/// The values after one action from the first state, or the refusal in words.
fn after(
    table: &Table,
    state: &antfarm_automata::State,
    action: &str,
    params: &[Value],
) -> Result<antfarm_automata::State, String> {
    let call = Call { action: table.action(action).expect(action), params, fresh: &[] };
    match table.evaluate(state, call, &Nobody) {
        Ok(transition) => Ok(transition.after(state)),
        Err(refusal) => Err(table.explain(call, refusal).to_string()),
    }
}

fn refusal(table: &Table, slots: Vec<Value>, params: &[Value]) -> Refusal {
    let state = table.state(0, slots).expect("the values fit");
    table.evaluate(&state, Call::new(0, params), &Nobody).expect_err("it is refused")
}

#[test]
fn an_effect_sees_those_before_it() {
    let swap = action("Swap", &[], "", &["a += b", "b = a - b", "a -= b"]);
    let table = table(spec(&["On"], &[("a", Kind::Int), ("b", Kind::Int)], vec![swap]));
    let state = table.state(0, ints(&[3, 5])).unwrap();
    assert_eq!(after(&table, &state, "Swap", &[]).unwrap().slots(), ints(&[5, 3]));
}

#[test]
fn a_refused_action_changes_nothing_and_says_which_conjunct_failed() {
    let pay = action("Pay", &["n"], "open && (params.n > 0 && a >= params.n)", &["b += 1", "a -= params.n"]);
    let variables = [("a", Kind::Int), ("b", Kind::Counter), ("open", Kind::Bool)];
    let table = table(spec(&["On"], &variables, vec![pay]));
    let state = |a, open| table.state(0, vec![Value::Int(a), Value::Int(0), Value::Bool(open)]).unwrap();
    assert_eq!(after(&table, &state(3, false), "Pay", &ints(&[1])).unwrap_err(), "`Pay` needs `open`");
    assert_eq!(after(&table, &state(3, true), "Pay", &ints(&[0])).unwrap_err(), "`Pay` needs `params.n > 0`");
    assert_eq!(after(&table, &state(3, true), "Pay", &ints(&[4])).unwrap_err(), "`Pay` needs `a >= params.n`");
    assert_eq!(after(&table, &state(3, true), "Pay", &[]).unwrap_err(), "`Pay` needs the parameter `n`");
    assert_eq!(after(&table, &state(3, true), "Pay", &ints(&[3])).unwrap().slots()[..2], ints(&[0, 1]));
}

#[test]
fn a_counter_stops_at_zero_and_nothing_wraps() {
    let variables = [("count", Kind::Counter), ("fee", Kind::Money { unit: "usdc".into() }), ("number", Kind::Int)];
    let take = |effect: &str| table(spec(&["On"], &variables, vec![action("Take", &["n"], "", &[effect])]));
    let counted = take("count -= params.n");
    let state = counted.state(0, ints(&[2, 0, 0])).unwrap();
    assert_eq!(after(&counted, &state, "Take", &ints(&[5])).unwrap().slots(), ints(&[0, 0, 0]));
    let unable = |effect, unable| Refusal::Effect { effect, unable };
    let overflow = Unable::Undefined(Undefined::Overflow);
    assert_eq!(refusal(&take("count += params.n"), ints(&[i64::MAX, 0, 0]), &ints(&[1])), unable(0, overflow));
    assert_eq!(refusal(&take("fee -= params.n"), ints(&[0, 2, 0]), &ints(&[3])), unable(0, Unable::Range { variable: 1 }));
    assert_eq!(refusal(&take("number -= params.n"), ints(&[0, 0, i64::MIN]), &ints(&[1])), unable(0, overflow));
    assert_eq!(
        refusal(&take("number = 7 / params.n"), ints(&[0, 0, 0]), &ints(&[0])),
        unable(0, Unable::Undefined(Undefined::Zero))
    );
    assert_eq!(
        refusal(&take("count = number - params.n"), ints(&[0, 0, 0]), &ints(&[1])),
        unable(0, Unable::Range { variable: 0 })
    );
    // A counter takes no negative parameter.
    assert_eq!(refusal(&counted, ints(&[2, 0, 0]), &ints(&[-1])), Refusal::Param { param: 0, unfit: Unfit::Kind });
}

#[test]
fn a_guard_without_a_value_refuses() {
    let table = table(spec(&["On"], &[("a", Kind::Int)], vec![action("Go", &[], "a != 3 && 10 / a > 1", &[])]));
    let refused = refusal(&table, ints(&[0]), &[]);
    assert_eq!(refused, Refusal::Undefined { conjunct: 1, why: Undefined::Zero });
    assert_eq!(table.explain(Call::new(0, &[]), refused).to_string(), "`10 / a > 1`, which `Go` needs, divides by zero");
    assert_eq!(refusal(&table, ints(&[3]), &[]), Refusal::Guard { conjunct: 0 });
}

#[test]
fn division_rounds_so_that_no_remainder_is_negative() {
    let table = table(spec(
        &["On"],
        &[("q", Kind::Int), ("r", Kind::Int)],
        vec![action("Div", &["a", "b"], "", &["q = params.a / params.b", "r = params.a % params.b"])],
    ));
    let state = table.create(&[]).unwrap();
    for (a, b, q, r) in [(7, 2, 3, 1), (-7, 2, -4, 1), (7, -2, -3, 1), (-7, -2, 4, 1), (6, 3, 2, 0)] {
        assert_eq!(after(&table, &state, "Div", &ints(&[a, b])).unwrap().slots(), ints(&[q, r]), "{a} by {b}");
    }
}

#[test]
fn a_parameter_goes_into_the_variable_of_its_name_unless_an_effect_writes_it() {
    let set = action("Set", &["label", "count", "extra"], "", &["if params.extra > 3: other = label"]);
    let table = table(spec(&["On"], &[("label", Kind::Text), ("other", Kind::Text), ("count", Kind::Counter)], vec![set]));
    let state = table.create(&[]).unwrap();
    let given = [Value::text("new"), Value::text("x"), Value::Int(4)];
    let once = after(&table, &state, "Set", &given).unwrap();
    // Effects see the variable as it was; a counter is written by effects only.
    assert_eq!(once.slots(), [Value::text("new"), Value::text(""), Value::Int(0)]);
    let again = after(&table, &once, "Set", &[Value::Null, Value::Null, Value::Int(4)]).unwrap();
    assert_eq!(again.slots(), [Value::text("new"), Value::text("new"), Value::Int(0)]);
}

#[test]
fn lists_keep_order_sets_keep_none_and_both_keep_their_bound() {
    let (list, set) = (Kind::List { entity: None, most: 2 }, Kind::Set { entity: None, most: 2 });
    let put = action("Put", &["t"], "", &["append(list, params.t)", "append(set, params.t)"]);
    let cut = action("Cut", &["t", "i"], "", &["remove(list, params.t)", "remove_at(list, params.i)"]);
    let by_place = action("Cut", &["i"], "", &["remove_at(set, params.i)"]);
    Table::new(spec(&["On"], &[("set", set.clone())], vec![by_place]), &Sites::new()).unwrap_err();
    let table = table(spec(&["On"], &[("list", list), ("set", set)], vec![put, cut]));
    let state = table.create(&[]).unwrap();
    let one = after(&table, &state, "Put", &[Value::text("b")]).unwrap();
    let two = after(&table, &one, "Put", &[Value::text("a")]).unwrap();
    assert_eq!(two.slots(), [Value::list(["b", "a"]), Value::list(["a", "b"])]);
    assert_eq!(
        after(&table, &two, "Put", &[Value::text("a")]).unwrap_err(),
        "`append(list, params.t)` of `Put` finds `list` full"
    );
    let cut = after(&table, &two, "Cut", &[Value::text("b"), Value::Int(7)]).unwrap();
    assert_eq!(cut.slots(), [Value::list(["a"]), Value::list(["a", "b"])]);
    let cut = after(&table, &two, "Cut", &[Value::text("z"), Value::Int(0)]).unwrap();
    assert_eq!(cut.slots(), [Value::list(["a"]), Value::list(["a", "b"])]);
}

#[test]
fn a_spawned_entity_has_the_id_that_the_caller_knew_to_be_fresh() {
    let variables = [("tasks", Kind::LIST), ("last", Kind::Ref { entity: "Task".into() })];
    let spawn = action("Plan", &[], "", &["spawn('Task', 'Create', tasks)", "spawn('Task', 'Create', last)"]);
    let table = table(spec(&["On"], &variables, vec![spawn]));
    let state = table.create(&[]).unwrap();
    let fresh = [Text::from("t1"), Text::from("t2")];
    let done = table.evaluate(&state, Call { action: 0, params: &[], fresh: &fresh }, &Nobody).unwrap();
    assert_eq!(done.after(&state).slots(), [Value::list(["t1"]), Value::text("t2")]);
    assert_eq!(done.begun().len(), 2);
    assert_eq!(refusal(&table, state.slots().to_vec(), &[]), Refusal::Effect { effect: 0, unable: Unable::NoFreshId });
}

#[test]
fn what_is_not_of_the_table_is_refused() {
    let mut step = action("Step", &[], "", &[]);
    step.from = vec!["On".into()];
    step.to = Some("Off".into());
    let mut event = action("Stepped", &[], "", &[]);
    event.mode = antfarm_automata::Mode::Output;
    let table = table(spec(&["On", "Off"], &[("a", Kind::Int)], vec![step, event]));
    let state = table.create(&[]).unwrap();
    let evaluate = |state, action, params| table.evaluate(state, Call::new(action, params), &Nobody).map(|it| it.to());
    assert_eq!(evaluate(&state, 0, &[]), Ok(1));
    assert_eq!(evaluate(&state, 1, &[]), Err(Refusal::Event));
    assert_eq!(evaluate(&state, 2, &[]), Err(Refusal::Action));
    assert_eq!(evaluate(&state, 0, &[Value::Null]), Err(Refusal::Param { param: 0, unfit: Unfit::Extra }));
    let off = table.state(1, ints(&[0])).unwrap();
    assert_eq!(evaluate(&off, 0, &[]), Err(Refusal::Status { status: 1 }));
    assert_eq!(table.state(2, ints(&[0])), None);
    assert_eq!(table.state(0, vec![Value::Bool(true)]), None);
    let smaller = crate::table(spec(&["On"], &[], Vec::new())).create(&[]).unwrap();
    assert_eq!(evaluate(&smaller, 0, &[]), Err(Refusal::State));
}

#[test]
fn from_nothing_means_every_state_that_is_not_terminal() {
    let mut anywhere = spec(&["On", "Off"], &[], vec![action("Go", &[], "", &[])]);
    anywhere.terminal = vec!["Off".into()];
    let table = table(anywhere);
    assert!(table.leads_from(0, 0));
    assert!(!table.leads_from(0, 1));
}
