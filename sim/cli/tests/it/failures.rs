//! What a failure tells, and that it can be replayed.

use crate::tool::{Bench, CALM, doubled};

#[test]
fn a_failure_says_what_where_and_how_to_see_it_again() {
    let bench = Bench::new("failure");
    let said = bench.write("doubled.toml", &doubled()).check(
        "run doubled.toml --seed 3",
        1,
        &[
            "FAILED doubled.toml, seed 3",
            "answers: no more answers arrive than pings were sent",
            "event ",
            "nodes     0 ada, 1 ben",
            "copy ",
            "shrunk    from 1 fault, ",
            "to   1 fault, ",
            "small     target/antfarm/doubled-3-small.toml",
            "saved     target/antfarm/doubled-3.toml",
        ],
    );
    bench.check("replay target/antfarm/doubled-3-small.toml", 1, &["FAILED answers"]);
    let command = said.out.lines().find_map(|line| line.trim().strip_prefix("replay    ")).expect("a command to paste");
    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!(words[0], env!("CARGO_BIN_EXE_antfarm"));
    bench.check(&words[1..].join(" "), 1, &["FAILED answers", "equal to the record in all"]);
}

#[test]
fn a_failure_is_made_small_on_request() {
    let bench = Bench::new("shrunk");
    bench.write("doubled.toml", &doubled());
    bench.check("run doubled.toml --seed 3 --no-shrink", 1, &["saved     target/antfarm/doubled-3.toml"]);
    bench.check("shrink target/antfarm/doubled-3.toml -o small.toml", 0, &["to    1 fault, ", "nothing more can go"]);
    bench.check("run small.toml", 1, &["FAILED small.toml, seed", "1 seed failed"]);
    bench.check("shrink doubled.toml", 2, &["say which run with --seed"]);
    bench.write("calm.toml", CALM).check("shrink calm.toml --seed 3", 2, &["this seed does not fail"]);
}

#[test]
fn a_saved_failure_is_a_scenario_that_fails_again() {
    let bench = Bench::new("saved");
    bench.write("doubled.toml", &doubled()).check("run doubled.toml --seed 3 --keep kept", 1, &["kept/doubled-3.toml"]);
    bench.check("run kept/doubled-3.toml", 1, &["seed 3", "1 seed failed"]);
    bench.check("diff kept/doubled-3.toml doubled.toml:3", 0, &["equal in all"]);
    bench.check("diff kept/doubled-3.steps doubled.toml:3", 0, &["equal in all"]);
}

#[test]
fn a_replay_that_is_not_the_recorded_run_says_where_it_parts() {
    let bench = Bench::new("changed");
    bench.write("doubled.toml", &doubled()).check("run doubled.toml --seed 3", 1, &[]);
    let (file, steps) = ("target/antfarm/doubled-3.toml", "target/antfarm/doubled-3.steps");
    let record = bench.read(steps);
    let mut lines: Vec<String> = record.lines().map(str::to_owned).collect();
    for line in &mut lines[6..] {
        let (step, digest) = line.rsplit_once('\t').expect("a digest");
        *line = format!("{step}\t{:016x}", u64::from_str_radix(digest, 16).expect("a digest") ^ 1);
    }
    bench.write(steps, &(lines.join("\n") + "\n"));
    bench.check(
        &format!("replay {file}"),
        3,
        &["NOT THE SAME RUN", "they part at event 7", "states after it", "followed for 6 steps"],
    );

    bench.write(steps, &record).write(file, &bench.read(file).replace("digest = \"", "digest = \"f"));
    bench.check(&format!("replay {file}"), 2, &["digest"]);
}

#[test]
fn a_story_ends_where_it_is_told_to() {
    let bench = Bench::new("story");
    let said = bench.write("calm.toml", CALM).check("replay calm.toml --seed 2 --until 5", 0, &["echoes come back", "all held"]);
    let events = said.out.lines().filter(|line| line.contains(" start ") || line.contains(" ask ") || line.contains(" deliver "));
    assert_eq!(events.count(), 5, "{}", said.out);
}

#[test]
fn two_runs_part_with_both_states() {
    let bench = Bench::new("diff");
    bench.write("calm.toml", CALM).check(
        "diff calm.toml:1 calm.toml:2",
        1,
        &["they part at event", "states after it", "answered"],
    );
    bench.check("diff calm.toml:1 calm.toml:1", 0, &["equal in all"]);
}
