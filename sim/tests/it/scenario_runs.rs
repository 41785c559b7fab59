//! Scenarios run: reports, tallies, saved failures and the schema.

use antfarm_sim::doc::Echo;
use antfarm_sim::scenario::{
    Cast, Conclusion, Echoes, Inert, Key, Nodes, Recipe, Registry, Scenario, Section, Staged, Subject, Tally, Trouble, Violated,
    schema,
};
use antfarm_sim::{Family, Nobody, Oracle, Recorder};
use std::sync::Arc;

const PINGS: &str = "
purpose = \"pings through a cut\"
machine = \"echo\"
nodes = [\"a\", \"b\", \"c\"]
duration = \"20s\"
settle = \"5s\"
ask = [{ rate = \"10/s\", ping = \"any\" }]
fault = [{ at = \"5s..10s\", cut = [\"a\", \"b\"], heal = \"+5s\" }]
";

/// Each ping is answered twice: the oracle of `echo` must see it.
const COPIES: &str = "
purpose = \"the oracle `answers` is shown to fail\"
machine = \"echo\"
nodes = [\"a\", \"b\"]
duration = \"5s\"
expect = \"violation of answers\"
ask = [{ rate = \"10/s\", node = \"a\", ping = \"b\" }]
fault = [{ at = \"1s\", copy = \"100%\", kind = \"Ping\" }]
";

fn staged(text: &str) -> Box<dyn Staged> {
    match Registry::new().with(Echoes).with(Fragile).read("s.toml", text) {
        Ok(staged) => staged,
        Err(troubles) => panic!("{troubles:#}"),
    }
}

fn tally(text: &str, seeds: u64) -> Tally {
    let staged = staged(text);
    let mut tally = Tally::default();
    (0..seeds).for_each(|seed| tally.add(&staged.run(seed, Recorder::Off)));
    tally
}

#[test]
fn a_run_is_a_function_of_scenario_and_seed() {
    let staged = staged(PINGS);
    let digests: Vec<u64> = (0..8).map(|seed| staged.run(seed, Recorder::tail(20)).digest).collect();
    let again: Vec<u64> = (0..8).map(|seed| staged.run(seed, Recorder::Off).digest).collect();
    assert_eq!(digests, again);
    assert!(digests.windows(2).all(|pair| pair[0] != pair[1]), "{digests:x?}");
}

#[test]
fn a_report_says_what_was_planned_and_what_happened() {
    let report = staged(PINGS).run(3, Recorder::tail(20));
    assert!(report.ok() && report.violation.is_none());
    assert_eq!(report.story().len(), 20);
    let verbs: Vec<_> = report.rows.iter().map(|row| (row.line, row.verb, row.fired > 0)).collect();
    assert_eq!(verbs, [(7, "ask", true), (8, "cut", true)]);
    let cuts = report.faults[&Family::TwoWayCut];
    assert!(cuts.planned == 1 && cuts.fired > 0, "{cuts:?}");
    let json: serde_json::Value = serde_json::from_str(&report.json(None)).expect("JSON");
    assert_eq!(json["seed"], 3);
    assert_eq!(json["ok"], true);
    assert_eq!(json["digest"], format!("{:016x}", report.digest));
    assert_eq!(
        json["faults"]["cut"]["planned"].as_u64().or(json["faults"]["cut.two_way"]["planned"].as_u64()),
        Some(1),
        "{json}"
    );
    assert_eq!(json["violation"], serde_json::Value::Null);
    let keys =
        ["\"scenario\":", "\"seed\":", "\"ok\":", "\"digest\":", "\"events\":", "\"sim_ns\":", "\"wall_ns\":", "\"faults\":"];
    let places: Vec<_> = keys.iter().map(|key| report.json(None).find(key)).collect();
    assert!(places.is_sorted() && places[0] == Some(1), "the keys have a fixed order: {places:?}");
}

#[test]
fn an_oracle_is_shown_to_fail_on_purpose() {
    let report = staged(COPIES).run(0, Recorder::tail(20));
    let violated = report.violation.as_ref().expect("each ping is answered twice");
    assert_eq!((violated.property.as_str(), violated.node.as_deref()), ("answers", Some("a")));
    assert!(report.ok(), "it failed as expected");
    assert_eq!(tally(COPIES, 4).conclude(), Conclusion::Held);

    let unexpected = COPIES.replace("expect =", "# expect =");
    assert!(!staged(&unexpected).run(0, Recorder::Off).ok());
    assert_eq!(tally(&unexpected, 4).conclude(), Conclusion::Failed(Vec::new()));

    let harmless = COPIES.replace("copy = \"100%\"", "lose = \"100%\"");
    let Conclusion::Failed(unshown) = tally(&harmless, 4).conclude() else { panic!("nothing failed") };
    assert_eq!(unshown[0].to_string(), "s.toml: `answers` was to be shown to fail, and held in every seed");
}

#[test]
fn an_oracle_that_is_not_checked_does_not_watch() {
    let text = COPIES.replace("expect = \"violation of answers\"", "check = []");
    assert!(staged(&text).run(0, Recorder::Off).violation.is_none());
}

#[test]
fn a_row_that_never_fires_makes_the_campaign_invalid() {
    let late = PINGS.replace("at = \"5s..10s\"", "at = \"21s\"");
    let Conclusion::Invalid(inert) = tally(&late, 4).conclude() else { panic!("a cut after the end fired") };
    assert_eq!(inert, [Inert::Row { scenario: "s.toml".to_owned(), line: 8, verb: "cut" }]);
    assert_eq!(inert[0].to_string(), "s.toml:8: this `cut` never had an effect; change its time or what it hits, or remove it");
    assert_eq!(tally(PINGS, 4).conclude(), Conclusion::Held);
}

#[test]
fn a_family_that_never_fires_makes_the_campaign_invalid() {
    // Echoes store nothing, so there is nothing to rot.
    let swarm = PINGS.replace("fault =", "swarm = [\"disk.rot\"]\ncore = [\"a\"]\n# fault =").replace("20s", "5m");
    let Conclusion::Invalid(inert) = tally(&swarm, 40).conclude() else { panic!("a bit rotted on an empty disk") };
    assert!(matches!(inert.as_slice(), [Inert::Family { family: Family::Rot, planned: 20.. }]), "{inert:?}");
}

#[test]
fn a_failure_is_saved_as_a_scenario_that_fails_in_the_same_way() {
    let first = staged(&COPIES.replace("expect =", "# expect ="));
    let seed = u64::MAX - 1;
    let report = first.run(seed, Recorder::Off);
    let violated = report.violation.clone().expect("each ping is answered twice");
    let text = first.saved(&report).expect("it failed");

    let second = staged(&text);
    let saved = second.scenario().failure.clone().expect("it remembers");
    assert_eq!((saved.seed, saved.property.as_str()), (seed, "answers"));
    assert_eq!((saved.event, saved.at.as_nanos(), saved.digest), (violated.event, violated.at.0, report.digest));
    let again = second.run(saved.seed, Recorder::Off);
    assert_eq!((again.digest, again.violation.clone()), (report.digest, report.violation.clone()));
    assert_eq!(second.saved(&again).as_deref(), Some(text.as_str()), "saving what was saved changes nothing");
    assert_eq!(staged(PINGS).saved(&staged(PINGS).run(1, Recorder::Off)), None, "nothing failed");
}

#[test]
fn a_recorded_run_can_be_followed_without_its_seed() {
    let staged = staged(PINGS);
    let recording = staged.run(5, Recorder::whole()).recording;
    let length = recording.steps.len();
    let followed = staged.follow(recording.clone());
    assert_eq!((followed.steps, followed.parted), (length, None));

    let mut changed = recording;
    changed.steps[100].2 ^= 1;
    let parted = staged.follow(changed).parted.expect("another digest was recorded");
    assert_eq!(parted.step, 100);
}

#[test]
fn the_scenarios_of_echo_hold_and_nothing_in_them_is_inert() {
    let files = [
        ("cut.toml", include_str!("../../../scenarios/echo/cut.toml")),
        ("swarm.toml", include_str!("../../../scenarios/echo/swarm.toml")),
        ("copies.toml", include_str!("../../../scenarios/echo/copies.toml")),
    ];
    for (file, text) in files {
        assert_eq!(tally(text, 16).conclude(), Conclusion::Held, "{file}");
    }
}

#[test]
fn one_can_look_at_the_state_after_any_event() {
    let staged = staged(PINGS);
    let report = staged.run(1, Recorder::tail(1));
    let look = staged.look(1, report.events).expect("the last event");
    assert!(look.state.contains("answered") && look.state.contains("heard"), "{}", look.state);
    assert_eq!(staged.look(1, report.events + 1), None, "there is no such event");
}

#[test]
fn a_panic_of_a_machine_is_a_violation_and_an_unreached_mark_is_no_success() {
    let text = "purpose = \"x\"\nmachine = \"fragile\"\nnodes = 2\nduration = \"1s\"\nsettle = \"1s\"\n";
    let Conclusion::Invalid(inert) = tally(text, 20).conclude() else { panic!("nothing reaches that mark") };
    assert_eq!(inert, [Inert::Mark { machine: "fragile", mark: "never.reached", seeds: 20 }]);
    assert_eq!(tally(text, 19).conclude(), Conclusion::Held, "nineteen seeds prove nothing");

    let asked = format!("{text}ask = [{{ at = \"500ms\", node = \"n2\" }}]\n");
    let report = staged(&asked).run(1, Recorder::tail(20));
    let violated = report.violation.as_ref().expect("it panicked");
    assert_eq!((violated.property.as_str(), violated.message.as_str()), (Violated::PANIC, "asked once too often"));
    assert_eq!(violated.at.0, 500_000_000);
    assert!(staged(&format!("{asked}expect = \"violation of assertions\"\n")).run(1, Recorder::Off).ok());
}

#[test]
fn the_schema_knows_every_key_of_the_parser() {
    let schema = schema(&Registry::new().with(Echoes).with(Fragile));
    let keys: Vec<&str> = schema["properties"].as_object().expect("an object").keys().map(String::as_str).collect();
    let unknown = Scenario::parse("s.toml", "?").map(drop).expect_err("no TOML").to_string();
    assert!(unknown.starts_with("s.toml:1:"), "{unknown}");
    for key in ["purpose", "machine", "nodes", "config", "duration", "settle", "seeds", "ask", "fault", "check", "expect"] {
        assert!(keys.contains(&key), "{key}");
        assert!(schema["properties"][key]["description"].is_string(), "{key}");
    }
    assert_eq!(schema["properties"]["machine"]["oneOf"][0]["const"], "echo");
    assert_eq!(schema["allOf"][0]["then"]["properties"]["ask"]["items"]["required"][0], "ping");
    let faults = schema["properties"]["fault"]["items"]["oneOf"].as_array().expect("a list");
    assert_eq!(faults.len(), 24, "14 verbs and 10 words for disks");
    assert!(faults.iter().all(|row| row["additionalProperties"] == false));
}

/// Echoes that do not bear to be asked.
struct Fragile;

impl Subject for Fragile {
    type Machine = Echo;
    type Outside = Nobody;

    fn name(&self) -> &'static str {
        "fragile"
    }

    fn purpose(&self) -> &'static str {
        "panics when it is asked"
    }

    fn tolerates(&self) -> Vec<Family> {
        Vec::new()
    }

    fn marks(&self) -> &'static [&'static str] {
        &["never.reached"]
    }

    fn config(&self) -> &'static [Key] {
        &[]
    }

    fn asks(&self) -> &'static [Key] {
        &[]
    }

    fn cast(&self, nodes: &Nodes, _: &Section) -> Result<Cast<Echo, Nobody>, Trouble> {
        Ok(Cast::of(vec![Echo::default(); nodes.len()], Nobody))
    }

    fn ask(&self, _: &Section, _: &Cast<Echo, Nobody>) -> Result<Recipe<antfarm_machine::PeerId>, Trouble> {
        Ok(Arc::new(|_, _| panic!("asked once too often")))
    }

    fn oracles(&self, _: &Cast<Echo, Nobody>) -> Vec<Box<dyn Oracle<Echo, Nobody>>> {
        Vec::new()
    }
}
