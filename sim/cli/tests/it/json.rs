//! `run --json`: the shape of its lines, and that threads change nothing.

use crate::tool::{Bench, CALM, doubled};
use serde_json::Value;

/// The keys of an object in the order in which they stand. `serde_json` would sort them.
fn keys(line: &str) -> Vec<String> {
    let (mut depth, mut keys, mut texts) = (0, Vec::new(), line.split('"'));
    // Outside of texts, then a text, and so on: nothing here has an escaped quote.
    while let Some(outside) = texts.next() {
        depth += outside.matches(['{', '[']).count();
        depth -= outside.matches(['}', ']']).count();
        let Some(text) = texts.next() else { break };
        let mut rest = texts.clone();
        if depth == 1 && rest.next().is_some_and(|after| after.starts_with(':')) {
            keys.push(text.to_owned());
        }
    }
    keys
}

fn lines(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

const KEYS: &[&str] =
    &["scenario", "seed", "ok", "digest", "events", "sim_ns", "wall_ns", "faults", "reached", "violation", "repro"];

#[test]
fn each_seed_is_one_object_and_a_summary_comes_last() {
    let bench = Bench::new("json");
    bench.write("a/calm.toml", CALM).write("b/doubled.toml", &doubled());
    let said = bench.check("run a b --json --seeds 5..8", 1, &[]);
    let values = lines(&said.out);
    assert_eq!(values.len(), 7);
    for (line, value) in said.out.lines().zip(&values[..6]) {
        assert_eq!(keys(line), KEYS, "{line}");
        let digest = value["digest"].as_str().expect("a text");
        assert!(digest.len() == 16 && digest.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it)), "{digest}");
        assert!(value["sim_ns"].as_u64().is_some_and(|it| it > 0) && value["events"].as_u64().is_some_and(|it| it > 0));
    }
    let told: Vec<_> = values[..6].iter().map(|it| (it["scenario"].as_str(), it["seed"].as_u64(), it["ok"].as_bool())).collect();
    let expected = |file, ok| [5, 6, 7].map(|seed| (Some(file), Some(seed), Some(ok)));
    assert_eq!(told, [expected("a/calm.toml", true), expected("b/doubled.toml", false)].concat());

    let (held, failed) = (&values[0], &values[3]);
    assert!(held["violation"].is_null() && held["repro"].is_null());
    assert_eq!(failed["violation"]["property"], "answers");
    for key in ["at_ns", "event", "node", "message"] {
        assert!(!failed["violation"][key].is_null(), "{key}");
    }
    assert!(failed["faults"]["duplication"]["fired"].as_u64().is_some_and(|it| it > 0));
    assert!(bench.path(failed["repro"].as_str().expect("a path")).is_file());

    let summary = &values[6]["summary"];
    assert_eq!(
        (&summary["seeds"], &summary["failed"], &summary["complete"]),
        (&Value::from(6), &Value::from(3), &Value::from(true))
    );
    assert!(summary["cpu_ns"].is_u64());
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let bench = Bench::new("jobs");
    bench.write("calm.toml", &format!("{CALM}swarm = \"default\"\n")).write("doubled.toml", &doubled());
    let run = |jobs: u32| {
        let said = bench.check(&format!("run calm.toml doubled.toml --seeds 30 --json --jobs {jobs}"), 1, &[]);
        let mut values = lines(&said.out);
        for value in &mut values {
            value["wall_ns"] = Value::Null;
            value["summary"]["cpu_ns"] = Value::Null;
        }
        values
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn twice_the_same_seed_is_twice_the_same_run() {
    let bench = Bench::new("twice");
    let said = bench.write("calm.toml", &format!("{CALM}swarm = \"default\"\n")).check(
        "run calm.toml --seeds 20 --twice --json",
        0,
        &[],
    );
    assert_eq!(lines(&said.out)[20]["summary"]["differing"], Value::Array(Vec::new()));
}

#[test]
fn the_first_failure_ends_a_run_that_asks_for_no_more() {
    let bench = Bench::new("first");
    let said = bench.write("doubled.toml", &doubled()).check("run doubled.toml --seeds 500 --first --json", 1, &[]);
    assert_eq!(lines(&said.out).len(), 2);
}

#[test]
fn the_schema_is_json_and_knows_the_keys() {
    let said = Bench::new("schema").check("schema scenario", 0, &["\"purpose\"", "\"fault\"", "echo"]);
    let _: Value = serde_json::from_str(&said.out).expect("JSON");
}
