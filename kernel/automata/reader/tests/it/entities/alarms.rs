//! Timeouts and scheduled actions.

use super::{Colony, story};
use antfarm_automata::Value;
use antfarm_automata::entities::{Move, Refused};

const LEASE: &str = r#"
    [automaton]
    name = "Lease"
    states = ["Free", "Held", "Over"]
    initial = "Free"
    terminal = ["Over"]

    [[state]]
    name = "wakes"
    type = "property"
    given = true

    [[action]]
    name = "Take"
    from = ["Free"]
    to = "Held"

    [[action]]
    name = "Renew"
    from = ["Held"]

    [[action]]
    name = "Look"
    from = ["Held"]

    [[action]]
    name = "Lapse"
    from = ["Held"]
    to = "Free"

    [[action]]
    name = "Remind"
    from = ["Free"]

    [[action]]
    name = "Plan"
    from = ["Free"]
    effect = ["schedule('Take', 5)"]

    [[action]]
    name = "PlanAt"
    from = ["Free"]
    effect = ["schedule_at('Take', wakes)"]

    [[action]]
    name = "End"
    from = ["Free", "Held"]
    to = "Over"

    [[state_timeout]]
    state = "Held"
    after_seconds = 10
    on_timeout = "Lapse"
    max_occurrences = 2
    reset_on = ["Renew"]

    [[state_timeout]]
    state = "Free"
    after_seconds = 60
    on_timeout = "Remind"
    max_occurrences = 2
"#;

fn lease() -> Colony {
    let mut colony = Colony::new(&[LEASE]);
    colony.create("Lease", "l", &[]).unwrap();
    colony
}

#[test]
fn a_timeout_is_armed_by_entering_disarmed_by_leaving_and_armed_anew_by_what_resets_it() {
    let mut colony = lease();
    assert_eq!(colony.alarms(), ["l Remind@60000"], "the initial state is entered, too");
    colony.at = 1_000;
    colony.go("Lease l Take");
    assert_eq!(colony.alarms(), ["l Lapse@11000"]);
    colony.at = 2_000;
    colony.go("Lease l Look");
    assert_eq!(colony.alarms(), ["l Lapse@11000"], "an action that stays neither leaves nor enters");
    colony.go("Lease l Renew");
    assert_eq!(colony.alarms(), ["l Lapse@12000"]);
    assert_eq!(colony.entities.get(0, "l").unwrap().entered, 1_000);
    colony.at = 3_000;
    colony.go("Lease l Lapse");
    assert_eq!(colony.alarms(), ["l Remind@63000"]);
}

#[test]
fn a_timeout_rings_at_most_as_often_as_it_may_in_the_life_of_its_entity() {
    let mut colony = lease();
    for left in [1, 0] {
        colony.go("Lease l Take");
        let step = colony.ring("l", "Lapse").unwrap();
        assert_eq!(story(&colony.suite, &step), ["l Lapse"]);
        assert_eq!(colony.entities.get(0, "l").unwrap().rung[&0], 2 - left);
    }
    colony.go("Lease l Take");
    assert!(colony.alarms().is_empty(), "{:?}", colony.alarms());
    colony.go("Lease l Renew");
    assert!(colony.alarms().is_empty(), "what resets it sets nothing that rang its last");
}

#[test]
fn a_timeout_whose_action_stays_rings_again() {
    let mut colony = lease();
    colony.at = 60_000;
    colony.ring("l", "Remind").unwrap();
    assert_eq!(colony.alarms(), ["l Remind@120000"]);
    colony.ring("l", "Remind").unwrap();
    assert!(colony.alarms().is_empty());
}

#[test]
fn an_alarm_that_is_not_set_does_not_ring() {
    let mut colony = lease();
    let remind = colony.entities.alarms().next().unwrap().0;
    colony.go("Lease l Take");
    assert_eq!(colony.step(Move::Ring(remind)), Err(Refused::NotSet));
}

#[test]
fn a_scheduled_action_is_one_alarm_and_may_come_too_late() {
    let mut colony = lease();
    colony.go("Lease l Plan");
    colony.at = 1_000;
    colony.go("Lease l Plan");
    assert_eq!(colony.alarms(), ["l Remind@60000", "l Take@6000"], "scheduled again, it replaces itself");
    colony.go("Lease l Take");
    assert_eq!(colony.alarms(), ["l Lapse@11000", "l Take@6000"]);
    let step = colony.ring("l", "Take").unwrap();
    assert_eq!(story(&colony.suite, &step), ["l Take dropped"]);
    assert!(!step.dropped().next().unwrap().is_missed(), "nobody counts on an alarm that comes too late");
    assert_eq!(colony.alarms(), ["l Lapse@11000"]);
}

#[test]
fn what_is_over_has_no_alarms() {
    let mut colony = lease();
    colony.go("Lease l Plan");
    colony.go("Lease l End");
    assert!(colony.alarms().is_empty(), "{:?}", colony.alarms());
}

#[test]
fn a_time_is_a_number_of_milliseconds_or_a_text_in_utc() {
    let due = |wakes: Value| {
        let mut colony = Colony::new(&[LEASE]);
        colony.create("Lease", "l", &[("wakes", wakes)]).unwrap();
        colony.at = 1_000;
        let step = colony.go("Lease l PlanAt");
        let untold = step.dropped().any(|it| it.why == Refused::NoTime && it.is_missed());
        let alarm = colony.alarms().into_iter().find(|it| it.contains("Take"));
        assert_eq!(alarm.is_none(), untold, "no time, and it is told");
        alarm.map(|it| it["l Take@".len()..].to_string())
    };
    let at = |text: &str| due(Value::text(text));
    assert_eq!(due(Value::Int(7_000)).as_deref(), Some("7000"));
    assert_eq!(due(Value::Int(-7)).as_deref(), Some("1000"), "what is over is now");
    assert_eq!(at("1970-01-01T00:00:02Z").as_deref(), Some("2000"));
    assert_eq!(at("2026-11-22T07:30:59.25Z").as_deref(), Some("1795332659250"));
    assert_eq!(at("2000-02-29T23:59:59Z").as_deref(), Some("951868799000"));
    assert_eq!(at("9999-12-31T23:59:59.999999999Z").as_deref(), Some("253402300799999"));
    let wrong = ["", "Z", "soon", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00"];
    for text in
        wrong.into_iter().chain(["2026-1-1T00:00:00Z", "2026-01-01T00:00:00.Z", "+026-01-01T00:00:00Z", "2026-00-10T00:00:00Z"])
    {
        assert_eq!(at(text), None, "`{text}`");
    }
    assert_eq!(due(Value::Null), None);
}

/// What an alarm begins and cannot end: it creates somebody first.
const TRIES: &str = r#"
    [automaton]
    name = "Parent"
    states = ["On"]
    initial = "On"
    allow_indefinite_states = ["On"]

    [[state]]
    name = "n"
    type = "counter"

    [[state]]
    name = "away"
    type = "ref"
    entity = "Parent"
    initial = "x@there"

    [[state]]
    name = "near"
    type = "ref"
    entity = "Parent"
    home = "same"

    [[state]]
    name = "full"
    type = "list"
    entity = "Odd"
    most = 1
    initial = ["x"]

    [[action]]
    name = "Try"
    effect = ["spawn('Odd', 'Start')", "HERE"]

    [[action]]
    name = "Start"

    [[state_timeout]]
    state = "On"
    after_seconds = 1
    on_timeout = "Try"
"#;

const ODD: &str = r#"
    [automaton]
    name = "Odd"
    states = ["On"]
    initial = "On"
    allow_indefinite_states = ["On"]

    [[state]]
    name = "n"
    type = "counter"

    [[action]]
    name = "Start"

    [[field_invariant]]
    name = "Odd"
    assert = "n == KEPT"
"#;

#[test]
fn what_is_taken_back_after_somebody_was_created_is_taken_back_again() {
    for (effect, kept) in [
        ("n += 1 / n", "0"),
        ("spawn('Odd', 'Start', full)", "0"),
        ("near = Parent[away].near", "0"),
        ("near = away", "0"),
        ("spawn('Parent', 'Try')", "0"),
        ("n += 1", "1"),
    ] {
        let parent = TRIES.replace("HERE", effect);
        let mut colony = Colony::new(&[&parent, &ODD.replace("KEPT", kept)]);
        colony.create("Parent", "p", &[]).unwrap();
        colony.at += 1_000;
        let step = colony.ring("p", "Try").unwrap();
        assert_eq!(story(&colony.suite, &step), ["p Try dropped"], "{effect}");
        assert!(!step.drawn.is_empty() && colony.entities.len() == 1, "{effect}");
    }
}
