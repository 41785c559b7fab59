//! How the tool ends: the contract with scripts.

use crate::tool::{Bench, CALM, doubled};

#[test]
fn zero_when_all_held() {
    let bench = Bench::new("zero");
    bench.write("calm.toml", CALM).check("run calm.toml", 0, &["calm.toml: 4 seeds", "all held"]);
    bench.check("--help", 0, &["Exit status"]);
    bench.check("--version", 0, &["antfarm"]);
}

#[test]
fn one_when_a_property_failed() {
    Bench::new("one").write("doubled.toml", &doubled()).check("run doubled.toml --seeds 3", 1, &["answers", "3 seeds failed"]);
}

#[test]
fn two_for_bad_input_with_its_place() {
    let bench = Bench::new("two");
    let misspelt = CALM.replace("machine", "mashine").replace("\"echo\"", "\"echo\"  ");
    bench.write("misspelt.toml", &misspelt).write("calm.toml", CALM).write("empty/readme.md", "nothing").write("bad.steps", "x");
    let check = |line: &str, parts: &[&str]| drop(bench.check(line, 2, parts));
    check("run misspelt.toml", &["misspelt.toml:3:1", "unknown key `mashine`; did you mean `machine`?"]);
    check("run calm.toml misspelt.toml", &["misspelt.toml:3:1"]);
    check("run nowhere.toml", &["nowhere.toml: cannot be read"]);
    check("run empty", &["no `*.toml` file"]);
    check("run", &["<PATH>"]);
    check("run calm.toml --seeds 9..3", &["no seed is in that range"]);
    check("run calm.toml --seeds many", &["`many` is not a seed"]);
    check("run calm.toml --seed 1 --seeds 2", &["cannot be used with"]);
    check("run calm.toml --seed 18446744073709551615", &["seeds end before"]);
    check("fly", &["unrecognized subcommand"]);
    check("diff calm.toml calm.toml:1", &["calm.toml:7"]);
    check("diff bad.steps calm.toml:1", &["bad.steps: line 1"]);
    check("mutants empty", &["no `*.patch` file"]);
    check("new machine Ping-Pong", &["lower-case"]);
    check("replay calm.toml --told", &["nobody tells of the machine `echo`"]);
}

#[test]
fn two_for_a_patch_that_does_not_say_what_it_should() {
    let bench = Bench::new("patches");
    let check = |text: &str, part: &str| drop(bench.write("bugs/bug.patch", text).check("mutants bugs", 2, &[part]));
    check("diff --git a/x b/x\n", "no `# property: ..` line");
    check("# property: a\n# scenario: s.toml\n# why: w\n", "no `diff` follows");
    check("# property: a\n# property: b\ndiff\n", "bug.patch:2:1: `property` is given twice");
    check("# proprety: a\ndiff --git a/x b/x\n", "bug.patch:1:1: unknown key `proprety`");
}

#[test]
fn three_when_a_row_never_had_an_effect() {
    let inert = format!("{CALM}fault = [{{ drop = \"Ping\", nth = 1000000, from = \"ada\", to = \"ben\" }}]\n");
    let bench = Bench::new("inert");
    bench.write("inert.toml", &inert).check("run inert.toml", 3, &["inert.toml:9", "never had an effect"]);
    bench.check("run inert.toml --json", 3, &["\"inert\":[\"inert.toml:9"]);
}

#[test]
fn three_when_a_family_was_planned_often_and_never_fired() {
    // An echo stores nothing, so no write of it can be torn.
    let bench = Bench::new("family");
    bench.write("torn.toml", &format!("{CALM}swarm = [\"disk.torn\"]\n"));
    bench.check("run torn.toml --seeds 60", 3, &["`disk.torn` were planned", "never had an effect"]);
}

#[test]
fn a_scenario_that_shows_a_failure_holds_when_it_fails_and_fails_when_it_holds() {
    let bench = Bench::new("expect");
    let expect = "expect = \"violation of answers\"\n";
    bench.write("shown.toml", &format!("{}{expect}", doubled())).check("run shown.toml", 0, &["all held"]);
    bench.write("unshown.toml", &format!("{CALM}{expect}")).check("run unshown.toml", 1, &["was to be shown to fail"]);
}
