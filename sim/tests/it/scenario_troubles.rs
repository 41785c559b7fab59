//! What is wrong with a file is said with its place and what was probably meant.

use antfarm_sim::scenario::{Complaint, Echoes, Registry};

/// The messages for a file, one a line.
fn troubles(text: &str) -> String {
    match Registry::new().with(Echoes).read("s.toml", text) {
        Ok(_) => "nothing".to_owned(),
        Err(troubles) => troubles.to_string(),
    }
}

/// The messages for a scenario of the nodes `a`, `b` and `c` that goes on with `rest`, whose first line is line 4.
#[track_caller]
fn check(rest: &str, expected: &str) {
    let head = "purpose = \"x\"\nmachine = \"echo\"\nnodes = [\"a\", \"b\", \"c\"]\n";
    assert_eq!(troubles(&format!("{head}{rest}")), expected, "{rest}");
}

#[test]
fn a_file_without_what_it_needs_says_what_that_is() {
    let expected = "s.toml:1:1: `purpose` is missing\ns.toml:1:1: `machine` is missing\ns.toml:1:1: `nodes` is missing";
    assert_eq!(troubles(""), expected);
}

#[test]
fn a_misspelt_name_is_answered_with_the_nearest_one() {
    check("sedes = 3", "s.toml:4:1: unknown key `sedes`; did you mean `seeds`?");
    check("check = [\"anwsers\"]", "s.toml:4:10: unknown oracle `anwsers`; did you mean `answers`?");
    check("expect = \"violation of anwser\"", "s.toml:4:10: unknown oracle `anwser`; did you mean `answers`?");
    check("core = [\"a\", \"bb\"]", "s.toml:4:14: unknown node `bb`; did you mean `b`?");
    check("swarm = \"non\"", "s.toml:4:9: unknown word `non`; did you mean `none`?");
    check("swarm = [\"disk.ful\"]", "s.toml:4:10: unknown fault family `disk.ful`; did you mean `disk.full`?");
    check("without = [\"disk.ful\"]", "s.toml:4:12: unknown family `disk.ful`; did you mean `disk.full`?");
    check("without = [\"ask.pin\"]", "s.toml:4:12: unknown family `ask.pin`; did you mean `ask.ping`?");
    check(
        "link = { unifrom = \"1ms..2ms\" }",
        "s.toml:4:10: unknown key `unifrom` in a shape of latency; did you mean `uniform`?",
    );
    check("fault = [{ crahs = \"a\" }]", "s.toml:4:12: unknown key `crahs` in a fault; did you mean `crash`?");
    check(
        "fault = [{ crash = \"a\", heel = \"+9s\" }]",
        "s.toml:4:25: unknown key `heel` in a `crash` fault; did you mean `heal`?",
    );
    check("fault = [{ disk = \"tron\", node = \"a\" }]", "s.toml:4:19: unknown word `tron`; did you mean `torn`?");
    check("fault = [{ lose = \"2%\", kind = \"Pign\" }]", "s.toml:4:32: unknown kind of message `Pign`; did you mean `Ping`?");
    let machine = "purpose = \"x\"\nmachine = \"ecko\"\nnodes = 3\n";
    assert_eq!(troubles(machine), "s.toml:2:11: unknown machine `ecko`; did you mean `echo`?");
}

#[test]
fn a_strange_name_is_answered_with_those_that_there_are() {
    check("fault = [{ crash = \"queen\" }]", "s.toml:4:20: unknown node `queen`; there is `a`, `b`, `c`");
    check("[config]\nsize = 3", "s.toml:5:1: unknown key `size` in `config`; there is none here");
}

#[test]
fn a_unit_is_one_that_is_known() {
    let units = "write `ns`, `us`, `ms`, `s`, `m`, `h` or `d`";
    check("duration = \"5 s\"", &format!("s.toml:4:12: a unit is missing; {units}"));
    check("duration = \"5sec\"", &format!("s.toml:4:12: unknown unit `sec`; {units}"));
    check("duration = \"5\"", &format!("s.toml:4:12: a unit is missing; {units}"));
    check("fault = [{ lose = \"2\" }]", "s.toml:4:19: a unit is missing; write `%` or `ppm`");
    check("ask = [{ rate = \"2/w\", ping = \"a\" }]", "s.toml:4:17: unknown unit `w`; write `s`, `m`, `h` or `d`");
}

#[test]
fn a_value_has_its_form_and_its_bounds() {
    check("seeds = \"3\"", "s.toml:4:9: expected a whole number, found a string");
    check("seeds = 0", "s.toml:4:9: out of bounds: a whole number from 1 to 1000000000");
    check("seeds = 1.5", "s.toml:4:9: expected a whole number, found a float");
    check("duration = 5", "s.toml:4:12: expected a duration such as \"200ms\", found an integer");
    check("duration = \"soon\"", "s.toml:4:12: expected a duration such as \"200ms\", \"1.5s\" or \"1m30s\", found `soon`");
    check("duration = \"1s..2s\"", "s.toml:4:12: expected a duration such as \"200ms\", found `1s..2s`");
    check("duration = \"-1s\"", "s.toml:4:12: out of bounds: this is not negative");
    check("duration = \"36501d\"", "s.toml:4:12: out of bounds: a duration is at most a hundred years");
    check("duration = \"0.5ns\"", "s.toml:4:12: out of bounds: nothing is finer than a nanosecond");
    check("fault = [{ lose = \"101%\" }]", "s.toml:4:19: out of bounds: a chance is at most 100%");
    check("fault = [{ drift = \"20%\", node = \"a\" }]", "s.toml:4:20: out of bounds: a clock drifts at most 10%");
    check("fault = [{ crash = \"a\", at = \"2s..1s\" }]", "s.toml:4:30: a range runs upwards: write the lesser bound first");
    check("fault = [{ cut = [\"a\"] }]", "s.toml:4:18: out of bounds: two groups, each a name, a list of names, or \"any\"");
    check("fault = [{ cut = [[\"a\", \"a\"], \"b\"] }]", "s.toml:4:25: `a` is there twice");
    check("fault = [{ crash = [] }]", "s.toml:4:20: expected a node, a list of nodes, or \"any\", found a list");
    check("fault = 3", "s.toml:4:9: expected a list of tables, found an integer");
    check("fault = [3]", "s.toml:4:10: expected a table, found an integer");
    check("expect = \"answers\"", "s.toml:4:10: expected \"violation of\" and the name of an oracle, found `answers`");
}

#[test]
fn a_fault_has_one_verb_and_what_goes_with_it() {
    let verbs = "`cut` or `hold` or `lose` or `copy` or `corrupt` or `reorder` or `disk` or `latency` or `drop` or `crash` or \
                 `pause` or `offset` or `step` or `drift` or `freeze`";
    check("fault = [{ at = \"1s\" }]", &format!("s.toml:4:10: {verbs} is missing in a fault"));
    check("fault = [{ crash = \"a\", pause = \"b\" }]", "s.toml:4:25: `pause` and `crash` exclude each other");
    check("fault = [{ step = \"5s\" }]", "s.toml:4:10: `node` is missing in a `step` fault");
    let rot = "s.toml:4:38: unknown key `chance` in a `disk` fault; there is `disk`, `node`, `at`, `heal`, `times`";
    check("fault = [{ disk = \"rot\", node = \"a\", chance = \"2%\" }]", rot);
    check(
        "fault = [{ crash = \"a\", at = \"+1s\" }]",
        "s.toml:4:30: `at` is counted from the start of the run: write it without `+`",
    );
    check(
        "fault = [{ crash = \"a\", at = \"9s\", heal = \"5s\" }]",
        "s.toml:4:43: the fault is over before it begins; for a time after its start write `+`",
    );
    check(
        "fault = [{ crash = \"a\", heal = \"+5s..9s\" }]",
        "s.toml:4:32: expected both ends of the range with `+` or both without, found `9s`",
    );
    check("fault = [{ drop = \"Ping\", from = \"a\", to = \"a\" }]", "s.toml:4:44: what a node sends itself is never lost");
}

#[test]
fn a_plan_fits_into_memory() {
    let rows = "{ crash = \"any\", times = 1000 }, ".repeat(100);
    check(&format!("fault = [{rows}]"), "nothing");
    let more = "these are 100003 faults; a run has at most 100000";
    check(&format!("fault = [{rows}{{ pause = [\"a\", \"b\", \"c\"] }}]"), &format!("s.toml:4:9: {more}"));
}

#[test]
fn an_ask_has_one_pace_and_what_the_machine_needs() {
    check("ask = [{ ping = \"a\" }]", "s.toml:4:8: `at` or `every` or `rate` is missing in an ask");
    check("ask = [{ ping = \"a\", rat = \"1/s\" }]", "s.toml:4:22: unknown key `rat` in an ask; did you mean `rate`?");
    check("ask = [{ at = \"1s\" }]", "s.toml:4:8: `ping` is missing in an ask");
    check("ask = [{ ping = \"a\", at = \"1s\", rate = \"1/s\" }]", "s.toml:4:33: `rate` and `at` exclude each other");
    check("ask = [{ ping = \"a\", at = \"1s\", until = \"2s\" }]", "s.toml:4:33: `until` and `at` exclude each other");
    check("ask = [{ ping = \"a\", every = \"0s\" }]", "s.toml:4:30: a gap is more than nothing");
    check(
        "ask = [{ ping = \"a\", rate = \"1/s\", evry = \"1s\" }]",
        "s.toml:4:36: unknown key `evry` in an ask; did you mean `every`?",
    );
}

#[test]
fn a_roster_names_each_node_once() {
    let roster = |nodes: &str| troubles(&format!("purpose = \"x\"\nmachine = \"echo\"\nnodes = {nodes}\n"));
    assert_eq!(roster("[\"a\", \"a\"]"), "s.toml:3:15: `a` is there twice");
    assert_eq!(
        roster("[\"any\"]"),
        "s.toml:3:10: expected a name of letters, digits, `-`, `_` and `.` other than `any`, found `any`"
    );
    assert_eq!(roster("[]"), "s.toml:3:9: out of bounds: between 1 and 10000 nodes");
    assert_eq!(roster("10001"), "s.toml:3:9: out of bounds: between 1 and 10000 nodes");
    assert_eq!(roster("\"a\""), "s.toml:3:9: expected a list of names or a number of nodes, found a string");
    assert_eq!(roster("10000"), "nothing");
}

#[test]
fn what_is_not_toml_says_where() {
    assert_eq!(troubles("purpose = \n"), "s.toml:1:11: string values must be quoted, expected literal string");
    assert_eq!(troubles("a = 1\na = 2\n").lines().next(), Some("s.toml:2:1: duplicate key"));
}

#[test]
fn all_troubles_of_a_file_are_told_at_once_with_their_lines() {
    let text = "purpose = \"x\"\nmachine = \"echo\"\nnodes = [\"a\", \"b\"]\nsedes = 3\nduration = \"5sec\"\n";
    let troubles = Registry::new().with(Echoes).read("s.toml", text).map(drop).expect_err("two troubles");
    let expected = "\
s.toml:4:1: unknown key `sedes`; did you mean `seeds`?
    4 | sedes = 3
      | ^^^^^
s.toml:5:12: unknown unit `sec`; write `ns`, `us`, `ms`, `s`, `m`, `h` or `d`
    5 | duration = \"5sec\"
      |            ^^^^^^";
    assert_eq!(format!("{troubles:#}"), expected);
}

#[test]
fn columns_count_characters_and_not_bytes() {
    check("core = [\"a\"] # ä\nchecks = []", "s.toml:5:1: unknown key `checks`; did you mean `check`?");
    check("check = [\"ääää\", \"x\"]", "s.toml:4:10: unknown oracle `ääää`; there is `answers`");
    check(
        "check = [\"answers\", \"\u{1b}[2J\"]",
        "s.toml:4:22: invalid basic string, expected non-double-quote visible characters, `\\`",
    );
}

#[test]
fn hostile_files_end_in_a_trouble_and_not_in_a_panic() {
    let long = "x".repeat(Complaint::MOST_BYTES + 1);
    assert_eq!(troubles(&long), "s.toml:1:1: a file has at most 1048576 bytes");
    for open in ["[", "{a=", "[{a=", "a.", "[a.", "a={b.c={d.", "\"\"\"", "'''", "[[", "\u{feff}", "\0", "a=[\n"] {
        let hostile = open.repeat(10_000);
        assert_ne!(troubles(&hostile), "nothing", "{open}");
    }
    check(&format!("a = {}1{}", "[".repeat(17), "]".repeat(17)), "s.toml:4:21: nested too deep");
    let many: String = (0..30_000).map(|at| format!("k{at} = 1\n")).collect();
    assert_eq!(troubles(&many).lines().count(), 20, "nobody reads more than twenty");
}

#[test]
fn every_cut_and_every_changed_byte_of_a_scenario_is_read_or_refused() {
    let registry = Registry::new().with(Echoes);
    let text = "purpose=\"x\"\nmachine=\"echo\"\nnodes=[\"a\",\"b\"]\nask=[{rate=\"10/s\",ping=\"b\"}]\n\
                fault=[{at=\"1.2s..1.4s\",cut=[[\"a\"],\"b\"],heal=\"+9s\"},{node=\"a\",disk=\"torn\",chance=\"2%\"}]\n";
    assert!(registry.read("s.toml", text).is_ok());
    let mut refused = 0;
    for at in 0..text.len() {
        refused += usize::from(registry.read("s.toml", &text[..at]).is_err());
        for byte in [b'"', b'[', b'{', b'.', b'9', b'\n', 0] {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = byte;
            let text = String::from_utf8(bytes).expect("ASCII");
            refused += usize::from(registry.read("s.toml", &text).is_err());
        }
    }
    assert!(refused > text.len(), "most changes make nonsense");
}
