//! What the check of a spec refuses.

use crate::{action, expr, spec, table};
use antfarm_automata::{Fault, Kind, Noticed, Property, Site, Sites, Spec, Table, Timeout};

/// Variables of every kind.
fn variables() -> Vec<(&'static str, Kind)> {
    vec![
        ("items", Kind::Counter),
        ("ready", Kind::Bool),
        ("label", Kind::Text),
        ("fee", Kind::Money { unit: "usdc".into() }),
        ("cost", Kind::Money { unit: "cents".into() }),
        ("wait", Kind::Duration),
        ("tags", Kind::LIST),
        ("friend", Kind::Ref { entity: "Thing".into() }),
        ("friends", Kind::List { entity: Some("Thing".into()), most: 3 }),
        ("review", Kind::Ref { entity: "Review".into() }),
    ]
}

fn faults(spec: Spec) -> Vec<Fault> {
    Table::new(spec, &Sites::new()).map(|(table, _)| table.spec().to_string()).expect_err("it is refused")
}

/// One fault, in words, of a guard; params are `n` and `who`.
fn guard(text: &str, words: &str) {
    let found = faults(spec(&["Draft", "Done"], &variables(), vec![action("Go", &["n", "who"], text, &[])]));
    assert!(found[0].what.to_string().starts_with(words), "`{text}`: {found:#?}");
    assert_eq!(found.len(), 1, "`{text}`: {found:#?}");
}

#[test]
fn an_expression_has_one_sort_throughout() {
    guard("itmes > 0", "unknown variable `itmes`");
    guard("status == 'Drafft'", "unknown state `Drafft`");
    guard("status in ['Draft', 'Dun']", "unknown state `Dun`");
    guard("Thing[friend].status == 'Gone'", "unknown state `Gone`");
    guard("Thing[friend].itms > 3", "unknown variable `itms`");
    guard("params.m > 3", "unknown parameter `m`");
    guard("items", "expected a truth, found a number");
    guard("items == ready", "a number and a truth cannot stand together");
    guard("label > 'a'", "a text and a text cannot stand together");
    guard("ready && label", "expected a truth, found a text");
    guard("fee > 3", "usdc and a number without a unit cannot stand together");
    guard("fee > cost", "usdc and cents cannot stand together");
    guard("fee + cost > 0", "usdc and cents cannot stand together");
    guard("fee * cost > 0", "an amount of money and an amount of money");
    guard("fee > 3 euro", "unknown unit `euro`");
    guard("wait > 3", "a span of time and a number without a unit cannot stand together");
    guard("label == null", "this is never null");
    guard("len(items) > 0", "expected a list, found a number");
    guard("empty(items)", "expected a text, a list or a reference, found a number");
    guard("items in tags", "a number and a list of texts");
    guard("label in ready", "expected a list, found a truth");
    guard("all(x in label, ready)", "expected a list, found a text");
    guard("any(x in [1], ready)", "expected texts, found other literals");
    guard("Thing[friend].ready", "the other entity may not be there");
    guard("Thing[friends].items + 1 > 3", "a list of entities is asked directly");
    guard("Thing[review].status == 'Draft'", "this refers to `Review` and is read as `Thing`");
    guard("Review[friend].status == 'Draft'", "this refers to `Thing` and is read as `Review`");
    guard("any(x in friends, Review[x].status == 'Draft')", "this refers to `Thing` and is read as `Review`");
    guard("-label == 3", "expected a number, found a text");
    guard("all(x in tags, all(y in tags, any(z in tags, x != z)))", "this goes through more than a million elements");
    guard("all(x in tags, all(y in tags, Thing[friends].items > 3))", "this goes through more than a million elements");
    // And these are well-formed.
    for text in [
        "fee > 0 && fee * 2 - 3 usdc <= fee && fee / fee == items && wait > 1m30s",
        "Thing[friends].status in ['Draft'] && Thing[friend].items > 3 && friend != null",
        "all(x in friends, Thing[x].ready == true && any(x in tags, x == label))",
        "params.n > 0 && Thing[params.who].status == 'Done' && params.who in friends",
    ] {
        table(spec(&["Draft", "Done"], &variables(), vec![action("Go", &["n", "who"], text, &[])]));
    }
}

#[test]
fn a_parameter_is_used_as_one_kind() {
    let twice =
        |guard: &str, effects: &[&str]| faults(spec(&["Draft"], &variables(), vec![action("Go", &["n"], guard, effects)]));
    let words = |found: Vec<Fault>| found[0].what.to_string();
    assert_eq!(words(twice("params.n > 3 && params.n == 'a'", &[])), "parameter `n` is used as string and as int");
    assert_eq!(words(twice("", &["fee += params.n", "cost += params.n"])), "parameter `n` is used as money and as money");
    assert_eq!(words(twice("params.n", &["items += params.n"])), "parameter `n` is used as counter and as bool");
    let kind = |guard: &str, effects: &[&str]| {
        table(spec(&["Draft"], &variables(), vec![action("Go", &["n"], guard, effects)])).params(0)[0].clone()
    };
    assert_eq!(kind("params.n > 0", &["items += params.n"]), Kind::Counter);
    assert_eq!(kind("params.n > 0", &["fee += params.n"]), Kind::Money { unit: "usdc".into() });
    assert_eq!(kind("params.n > 0", &[]), Kind::Int);
    assert_eq!(kind("", &["append(tags, params.n)"]), Kind::Text);
    assert_eq!(kind("", &[]), Kind::Text);
}

#[test]
fn an_effect_puts_only_what_fits() {
    let refused = |text: &str, words: &str| {
        let found = faults(spec(&["Draft"], &variables(), vec![action("Go", &["n"], "", &[text])]));
        assert!(found[0].what.to_string().starts_with(words), "`{text}`: {found:#?}");
        assert!(matches!(found[0].site, Site::Effect(0, 0)), "{found:#?}");
    };
    refused("itmes += 1", "unknown variable `itmes`");
    refused("items = true", "expected a number, found a truth");
    refused("ready += 1", "expected a number, found a truth");
    refused("fee += 3", "usdc and a number without a unit");
    refused("label = friend", "this may be null");
    refused("label = Thing[friend].label", "this may be null");
    refused("items = Thing[friend].items", "this may be null");
    refused("append(label, 'a')", "expected a list, found a text");
    refused("append(tags, items)", "expected a text, found a number");
    refused("append(friends, review)", "this may be null");
    refused("remove_at(tags, 'a')", "expected a number, found a text");
    refused("remove_at(label, 0)", "expected a list, whose elements have an order, found a text");
    refused("schedule('Gone', 3)", "unknown action `Gone`");
    refused("schedule_at('Go', ready)", "expected a time, found a truth");
    refused("spawn('Thing', 'Gone')", "unknown action `Gone`");
    refused("spawn('Thing', 'Go', thing, status)", "expected an id, found the name of a state");
    refused("spawn('Thing', 'Go', review)", "this refers to `Review` and is read as `Thing`");
    refused("if items: ready = true", "expected a truth, found a number");
}

#[test]
fn names_are_known_and_unique() {
    let refused = |change: fn(&mut Spec), words: &str| {
        let mut spec = spec(&["Draft", "Done"], &variables(), vec![action("Go", &["n"], "", &[])]);
        change(&mut spec);
        let found = faults(spec);
        assert!(found[0].what.to_string().starts_with(words), "{found:#?}");
    };
    refused(|it| it.states.push("Done".into()), "two states are called `Done`");
    refused(|it| it.states.clear(), "there is no state");
    refused(|it| it.states = (0..100_000).map(|nth| format!("s{nth}").into()).collect(), "more than 1000 states");
    refused(|it| it.initial = "Drat".into(), "unknown state `Drat`");
    refused(|it| it.terminal.push("Dun".into()), "unknown state `Dun`");
    refused(|it| it.variables.push(it.variables[0].clone()), "two variables are called `items`");
    refused(|it| it.variables[0].name = "len".into(), "`len` cannot be a name");
    refused(|it| it.variables[0].initial = antfarm_automata::Value::Int(-1), "this is no value of type `counter`");
    // H8: two actions of one name would be one of them.
    refused(|it| it.actions.push(it.actions[0].clone()), "two actions are called `Go`");
    refused(|it| it.actions[0].from.push("Dun".into()), "unknown state `Dun`");
    refused(|it| it.actions[0].to = Some("Dun".into()), "unknown state `Dun`");
    refused(|it| it.actions[0].params.extend_from_within(..), "two parameters are called `n`");
    refused(
        |it| {
            it.terminal.push("Done".into());
            it.actions[0].from.push("Done".into());
        },
        "`Done` is terminal",
    );
}

#[test]
fn what_is_there_for_the_proof_only_changes_nothing() {
    let with = |guard: &str, effects: &[&str]| {
        let mut spec = spec(&["Draft"], &variables(), vec![action("Go", &[], guard, effects)]);
        spec.variables[0].ghost = true;
        spec.invariants.push(Property { name: "few".into(), assert: expr("items < 3"), message: None });
        spec
    };
    table(with("ready", &["items += 1", "if items > 3: items = 0"]));
    for (guard, effects) in [
        ("items > 0", &[][..]),
        ("", &["wait = 1s", "if items > 3: ready = true"]),
        ("", &["label = 'x'", "if items == 0: schedule('Go', 1)"]),
    ] {
        assert!(faults(with(guard, effects))[0].what.to_string().starts_with("`items` is a ghost"));
    }
}

#[test]
fn a_property_that_is_only_read_is_given_at_creation_and_said_so() {
    let mut spec = spec(&["Draft"], &[], vec![action("Go", &[], "Review[review_id].status == 'Passed' || empty(hosts)", &[])]);
    spec.indefinite.clear();
    let (table, notices) = Table::new(spec, &Sites::new()).unwrap();
    let names: Vec<String> = notices.iter().map(|it| it.what.to_string()).collect();
    assert!(names[0].starts_with("`review_id` is not declared"), "{names:#?}");
    assert!(names[1].starts_with("`hosts` is not declared"), "{names:#?}");
    assert!(matches!(notices[2].what, Noticed::Lasts(_)));
    let state = table.create(&[("review_id", antfarm_automata::Value::text("r1"))]).unwrap();
    assert_eq!(state.slots()[0], antfarm_automata::Value::text("r1"));
    // What the spec declares itself begins as it says, unless it says otherwise.
    let mut declared = crate::spec(&["Draft"], &[("count", Kind::Counter)], Vec::new());
    let create = |spec: &Spec, value| crate::table(spec.clone()).create(&[("count", value)]);
    assert!(create(&declared, antfarm_automata::Value::Int(3)).is_err());
    declared.variables[0].given = true;
    assert!(create(&declared, antfarm_automata::Value::Int(3)).is_ok());
    assert!(create(&declared, antfarm_automata::Value::Int(-3)).is_err());
    // In a comparison of its own it is a typo.
    faults(crate::spec(&["Draft"], &[], vec![action("Go", &[], "review_id == 'r1'", &[])]));
}

#[test]
fn what_other_types_say_is_checked_beside_them() {
    let publish = action("Publish", &[], "Review[review].status == 'Passed' && Review[review].votes >= 2", &[]);
    let page = table(spec(&["Draft"], &[("review", Kind::Ref { entity: "Review".into() })], vec![publish]));
    let review = |states: &[&str], kind: Kind| {
        let mut spec = spec(states, &[("votes", kind)], Vec::new());
        spec.entity = "Review".into();
        table(spec)
    };
    assert_eq!(page.beside(&[], &Sites::new()), []);
    assert_eq!(page.beside(&[&review(&["Open", "Passed"], Kind::Counter)], &Sites::new()), []);
    let words = |other: Table| page.beside(&[&other], &Sites::new())[0].what.to_string();
    assert_eq!(words(review(&["Open", "Past"], Kind::Counter)), "unknown state `Passed`");
    assert!(words(review(&["Open", "Passed"], Kind::Text)).starts_with("a text and a number"));
}

#[test]
fn the_action_of_a_timeout_is_enabled_in_its_state() {
    let mut expire = action("Expire", &[], "", &[]);
    expire.from = vec!["Done".into()];
    let mut spec = spec(&["Draft", "Done"], &[], vec![expire]);
    let timeout = |state: &str| Timeout {
        state: state.into(),
        after: 1000,
        action: "Expire".into(),
        most: 1,
        reset_on: vec![],
        params: vec![],
    };
    spec.timeouts.push(timeout("Draft"));
    assert!(table(spec.clone()).leads_from(0, 0));
    spec.timeouts.push(timeout("Drat"));
    assert!(faults(spec)[0].what.to_string().starts_with("unknown state `Drat`"));
}
