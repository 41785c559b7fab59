//! `prove` as scripts see it. The solver is not there in these tests: `specs/smt` has those with it.

use crate::tool::{Bench, Said};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A bench in which no solver is found.
fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    let tool = bench.path("antfarm");
    fs::copy(env!("CARGO_BIN_EXE_antfarm"), &tool).expect("the tool can be copied");
    bench.with(tool)
}

fn run(bench: &Bench, line: &str) -> Said {
    let mut command = bench.command(line);
    command.env_remove("ANTFARM_SMT").env("PATH", "");
    let output = command.output().expect("the tool can be started");
    let text = |bytes| String::from_utf8(bytes).expect("the tool speaks UTF-8");
    Said { status: output.status.code().expect("it ends by itself"), out: text(output.stdout), err: text(output.stderr) }
}

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn four_where_all_that_ran_holds_and_the_solver_is_not_there() {
    let bench = bench("prove-four");
    bench.write("review.ioa.toml", &shipped("review.ioa.toml"));
    let said = run(&bench, "prove review.ioa.toml");
    assert_eq!(said.status, 4, "{}{}", said.out, said.err);
    assert!(said.out.contains("Review  L1     verified"), "{}", said.out);
    assert!(said.out.contains("Review  L2     verified"), "{}", said.out);
    assert!(!said.out.contains("L0"), "a level that did not run is absent: {}", said.out);
    assert!(said.err.contains("apt-get install -y libz3-dev") && said.err.contains("L0 did not run"), "{}", said.err);
}

#[test]
fn one_with_a_story_where_something_does_not_hold() {
    let bench = bench("prove-one");
    bench.write("twin.ioa.toml", &shipped("broken/own_work_approved.ioa.toml"));
    let said = run(&bench, "prove twin.ioa.toml --svg drawn");
    assert_eq!(said.status, 1, "{}{}", said.out, said.err);
    for part in ["REFUTED Task.NobodyApprovesTheirOwnWork by L1, in 3 steps", "task1.Claim(worker=", "as its table `broken` says"]
    {
        assert!(said.out.contains(part), "no `{part}` in {}", said.out);
    }
    // The kernel does the same, and whoever runs the scenario sees it fail as it should.
    let scenario = "target/antfarm/prove/twin-L1-NobodyApprovesTheirOwnWork.toml";
    assert!(said.out.contains(&format!("the kernel does the same: antfarm replay {scenario} --told")), "{}", said.out);
    let again = run(&bench, &format!("run {scenario} --seeds 1"));
    assert_eq!(again.status, 0, "{}{}", again.out, again.err);
    let told = run(&bench, &format!("replay {scenario} --told")).out;
    assert!(told.contains("takes `Submit`, from `Working` to `InReview`") && told.contains("as the scenario expects"), "{told}");
    let drawn = bench.read("drawn/twin.svg");
    assert!(drawn.contains("1. Claim") && drawn.contains("3. Approve") && drawn.contains("#c2281d"), "{drawn}");
}

#[test]
fn two_for_what_cannot_be_read_whatever_else_there_is() {
    let bench = bench("prove-two");
    bench.write("typo.ioa.toml", &shipped("broken/guard_with_a_typo.ioa.toml"));
    bench.write("twin.ioa.toml", &shipped("broken/stuck.ioa.toml")).write("empty/readme.md", "nothing");
    for (line, part) in [
        ("prove twin.ioa.toml typo.ioa.toml", "unknown variable `itmes`; did you mean `items`?"),
        ("prove empty", "no `*.ioa.toml` file"),
        ("prove nowhere.ioa.toml", "cannot be read"),
        ("prove", "<SPEC>"),
    ] {
        let said = run(&bench, line);
        assert_eq!(said.status, 2, "{line}: {}{}", said.out, said.err);
        assert!(said.err.contains(part), "no `{part}` in {}", said.err);
    }
    let lasts = shipped("review.ioa.toml").replace("allow_indefinite_states = [\"Open\"]\n", "");
    bench.write("lasts.ioa.toml", &lasts);
    let said = run(&bench, "prove lasts.ioa.toml --strict");
    assert_eq!(said.status, 2, "{}", said.err);
    assert!(said.err.contains("may last for ever") && said.err.contains("1 warnings"), "{}", said.err);
}

#[test]
fn a_json_line_has_a_trace_as_long_as_its_counterexample() {
    let bench = bench("prove-json");
    bench.write("twin.ioa.toml", &shipped("broken/refund_twice.ioa.toml"));
    let said = run(&bench, "prove twin.ioa.toml --json --keep kept");
    assert_eq!(said.status, 1, "{}", said.err);
    let lines: Vec<Value> = said.out.lines().map(|it| serde_json::from_str(it).expect("each line is an object")).collect();
    let refuted =
        lines.iter().find(|it| it["level"] == "L1" && it["property"] == "RefundedWithinCaptured").expect("it is refuted");
    assert_eq!(refuted["verdict"], "refuted");
    let trace = refuted["trace"].as_array().expect("a list");
    assert_eq!(trace.len(), 3);
    assert!(trace.iter().all(|it| it["action"].is_string() && it["state"].is_string()), "{trace:?}");
    for key in ["spec", "bounds", "states", "ms"] {
        assert!(!refuted[key].is_null(), "{key}");
    }
    let summary = &lines.last().expect("a summary")["summary"];
    assert_eq!((&summary["exit"], &summary["specs"], &summary["recalled"]), (&1.into(), &1.into(), &0.into()));

    // What was proved before is said again; what depends on other bytes is not.
    let again = run(&bench, "prove twin.ioa.toml --json --keep kept");
    let told = |said: &Said| said.out.lines().take(lines.len() - 1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(told(&again), told(&said));
    assert!(again.out.contains("\"recalled\":1"), "{}", again.out);
    bench.write("twin.ioa.toml", &shipped("broken/refund_twice.ioa.toml").replace("# `payment`", "# `Payment`"));
    assert!(run(&bench, "prove twin.ioa.toml --json --keep kept").out.contains("\"recalled\":0"));
    assert!(run(&bench, "prove twin.ioa.toml --json --keep kept --fresh").out.contains("\"recalled\":0"));
}

#[test]
fn a_new_spec_is_proved_as_it_is_written() {
    let bench = bench("prove-new");
    assert_eq!(run(&bench, "new spec parcel").status, 0);
    let said = run(&bench, "prove parcel.ioa.toml --strict");
    assert_eq!(said.status, 4, "{}{}", said.out, said.err);
    assert!(said.out.contains("Parcel") && !said.out.contains("incomplete"), "{}", said.out);
    let schema = run(&bench, "schema spec");
    assert!(schema.out.contains("An automaton of Antfarm"), "{}", schema.out);
}
