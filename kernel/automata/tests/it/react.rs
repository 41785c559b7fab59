//! What a transition sets going beside its entity.

use crate::{action, expr, spec, table};
use antfarm_automata::{Call, Kind, Nobody, Promise, Reached, Spec, Started, Target, Text, Trigger, Value};

fn trigger(name: &str, to_state: Option<&str>, guard: Option<&str>, deed: Started) -> Trigger {
    Trigger {
        name: name.into(),
        principal: None,
        to_state: to_state.map(Into::into),
        guard: guard.map(expr),
        liveness: Promise::BestEffort,
        drop_ok: false,
        llm: false,
        deed,
    }
}

fn entity(target: Target) -> Started {
    let (params, params_from) = (vec![("note".into(), Value::text("done"))], vec![("by".into(), "worker".into())]);
    Started::Entity { entity: "Plan".into(), action: "TaskDone".into(), target, params, params_from }
}

fn finishing(triggers: Vec<Trigger>) -> Spec {
    let mut finish = action("Finish", &["worker"], "", &["count += 1"]);
    finish.to = Some("Done".into());
    finish.triggers = triggers;
    let plan = Kind::Ref { entity: "Plan".into() };
    spec(&["Open", "Done"], &[("count", Kind::Counter), ("worker", Kind::Text), ("plan", plan)], vec![finish])
}

/// The names of the triggers that fire, and whom they reach, when `worker` finishes a task of `plan`.
fn fired(triggers: Vec<Trigger>, worker: &str, plan: Value) -> Vec<(String, Reached)> {
    let table = table(finishing(triggers));
    let state = table.state(0, vec![Value::Int(0), Value::text(""), plan]).unwrap();
    let transition = table.evaluate(&state, Call::new(0, &[Value::text(worker)]), &Nobody).unwrap();
    let reactions = table.reactions(&transition, &transition.after(&state), &Text::from("me"), &Nobody);
    let name = |trigger: usize| table.spec().actions[0].triggers[trigger].name.to_string();
    reactions.into_iter().map(|it| (name(it.trigger), it.reached)).collect()
}

#[test]
fn a_trigger_fires_by_the_state_that_the_action_led_to() {
    let outside = || Started::Outside { via: "hook".into(), on_success: None, on_failure: None, settings: Vec::new() };
    let names = |worker: &str| -> Vec<String> {
        let triggers = vec![
            trigger("always", None, None, outside()),
            trigger("there", Some("Done"), None, outside()),
            trigger("elsewhere", Some("Open"), None, outside()),
            // The count and the worker after the action, not before it.
            trigger("counted", None, Some("count == 1 && worker == 'ann'"), outside()),
            trigger("without a value", None, Some("10 / (count - 1) > 0"), outside()),
        ];
        fired(triggers, worker, Value::Null).into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names("ann"), ["always", "there", "counted"]);
    assert_eq!(names("bob"), ["always", "there"]);
}

#[test]
fn a_trigger_reaches_whom_it_says_with_what_it_says() {
    let params: Vec<(Text, Value)> = vec![("note".into(), Value::text("done")), ("by".into(), Value::text("ann"))];
    let reached = |id: Option<&str>, create| Reached::Entity { id: id.map(Into::into), create, params: params.clone() };
    let whom = |target: Target, plan: Value| fired(vec![trigger("t", None, None, entity(target))], "ann", plan).remove(0).1;
    assert_eq!(whom(Target::Field("plan".into()), Value::text("p1")), reached(Some("p1"), false));
    assert_eq!(whom(Target::Field("plan".into()), Value::Null), Reached::Nobody);
    assert_eq!(whom(Target::SameId, Value::Null), reached(Some("me"), false));
    assert_eq!(whom(Target::Fixed("p9".into()), Value::Null), reached(Some("p9"), false));
    assert_eq!(whom(Target::CreateIfMissing("plan".into()), Value::text("p1")), reached(Some("p1"), true));
    assert_eq!(whom(Target::CreateIfMissing("plan".into()), Value::Null), reached(None, true));
    assert_eq!(whom(Target::Create, Value::text("p1")), reached(None, true));
    // Its own id has a name.
    assert_eq!(whom(Target::Field("Id".into()), Value::Null), reached(Some("me"), false));
    let Started::Entity { entity, action, target, params, .. } = entity(Target::Create) else { panic!("an entity") };
    let params_from = ["Id", "id"].map(|it| (Text::from(it), Text::from(it))).into();
    let deed = Started::Entity { entity, action, target, params, params_from };
    let (_, reached) = fired(vec![trigger("t", None, None, deed)], "ann", Value::Null).remove(0);
    let Reached::Entity { params, .. } = reached else { panic!("{reached:?}") };
    assert_eq!(params[1..], [("Id".into(), Value::text("me")), ("id".into(), Value::text("me"))]);
}
