//! What a file must not say, and where it says so.

use antfarm_automata_reader::{read, read_together};

/// A file with these lines behind an automaton with a counter, a list and an action; the first trouble.
fn trouble(lines: &str) -> String {
    let text = format!("{HEAD}{lines}");
    let troubles = read("order", &text).map(|read| read.table.spec().to_string()).expect_err(lines);
    let first = troubles.iter().next().expect("there is one").to_string();
    // The head is 15 lines long; what is said here counts from the line behind it.
    let mut parts = first.splitn(4, ':');
    let (file, line, rest) = (parts.next().unwrap(), parts.next().unwrap(), parts.collect::<Vec<_>>().join(":"));
    let line = line.parse::<i64>().unwrap() - 15;
    assert_eq!(file, "order");
    format!("{line}:{rest}")
}

const HEAD: &str = r#"[automaton]
name = "Order"
states = ["Draft", "Submitted"]
initial = "Draft"
allow_indefinite_states = ["Draft", "Submitted"]

[[state]]
name = "items"
type = "counter"

[[state]]
name = "tags"
type = "list"

# The lines of each test stand below.
"#;

fn action(line: &str) -> String {
    trouble(&format!("[[action]]\nname = \"Go\"\nparams = [\"n\"]\n{line}"))
}

#[test]
fn a_key_or_table_that_is_not_known_is_an_error_at_its_place() {
    assert_eq!(trouble("[[invariants]]\nname = \"x\""), "1:3: unknown key `invariants`; did you mean `invariant`?");
    assert_eq!(trouble("[[agent_trigger]]\nname = \"x\"").split(';').next().unwrap(), "1:3: unknown key `agent_trigger`");
    assert_eq!(action("gaurd = \"items > 0\""), "4:1: unknown key `gaurd` in `[[action]]`; did you mean `guard`?");
    assert_eq!(
        trouble("[[state]]\nname = \"x\"\ntype = \"bool\"\ninital = false"),
        "4:1: unknown key `inital` in `[[state]]`; did you mean `initial`?"
    );
    assert_eq!(trouble("[[state]]\nname = \"x\"\ntype = \"bol\""), "3:8: unknown type `bol`; did you mean `bool`?");
    assert_eq!(trouble("[[state]]\nname = \"x\"\ntype = \"bool\"\nunit = \"usdc\""), "4:8: `unit` means nothing to type `bool`");
    assert_eq!(
        trouble("[[state]]\nname = \"x\"\ntype = \"counter\"\ninitial = \"-1\""),
        "4:11: this is no value of type `counter`"
    );
    assert_eq!(trouble("[[state]]\nname = \"x\"\ntype = \"float\"\ninitial = \"0.5\""), "4:11: this is no value of type `int`");
    assert_eq!(
        trouble("[[state]]\nname = \"x\"\ntype = \"list\"\nmost = 5000"),
        "4:8: out of bounds: `most` is between 0 and 1000"
    );
    assert_eq!(trouble("[invariant]\nname = \"x\""), "1:1: write `[[invariant]]`: there can be several");
}

/// A constraint is written as a conjunct of the guard, which takes parentheses then.
#[test]
fn what_could_not_be_read_again_is_an_error() {
    let guard = |deep: usize| format!("guard = \"{}items > 0\"", "items > 0 => ".repeat(deep));
    let constraint = "constraints = [{ kind = \"param_nonempty\", param = \"n\" }]";
    let deepest = format!("{HEAD}[[action]]\nname = \"Go\"\nparams = [\"n\"]\n{}", guard(63));
    assert!(read("order", &deepest).is_ok());
    assert_eq!(
        action(&format!("{}\n{constraint}", guard(63))),
        "4:10: as it would be written out, this is nested too deep, or too many in one row; at most 64"
    );
    assert_eq!(
        trouble(&format!(
            "[[invariant]]\nname = \"x\"\nwhen = [\"Draft\"]\nassert = \"{}\"",
            guard(63).split('"').nth(1).unwrap()
        )),
        "4:11: as it would be written out, this is nested too deep, or too many in one row; at most 64"
    );
}

#[test]
fn a_malformed_predicate_is_an_error_within_its_string() {
    assert_eq!(action("guard = \"itmes > 0\""), "4:10: unknown variable `itmes`; did you mean `items`?");
    assert_eq!(action("guard = \"items > 0 && itmes > 0\""), "4:23: unknown variable `itmes`; did you mean `items`?");
    assert_eq!(action("guard = \"items > 0 and items < 3\""), "4:20: unknown connective `and`; write `&&`");
    assert_eq!(action("guard = \"items >\""), "4:17: expected a value");
    assert_eq!(action("guard = 'items > \"3\"'"), "4:18: texts stand in single quotes");
    assert_eq!(action("guard = \"params.m > 0\""), "4:10: unknown parameter `m`; did you mean `n`?");
    assert_eq!(action("guard = \"status == 'Drfat'\""), "4:20: unknown state `Drfat`; did you mean `Draft`?");
    assert_eq!(action("guard = \"tags > 3\""), "4:15: a list and a number cannot stand together");
    assert_eq!(action("guard = \"\"\"\nitems > 0 &&\nitmes > 0\"\"\""), "6:1: unknown variable `itmes`; did you mean `items`?");
    assert_eq!(action("effect = [\"items += 1\", \"itmes += 1\"]"), "4:26: unknown variable `itmes`; did you mean `items`?");
    assert_eq!(action("effect = \"if items > 3: tags = itmes\""), "4:32: unknown variable `itmes`; did you mean `items`?");
    assert_eq!(action("effect = \"items ++\""), "4:17: expected `=`, `+=`, `-=` or `(`");
    assert_eq!(
        trouble("[[invariant]]\nname = \"x\"\nassert = \"items > 0 => itmes > 0\""),
        "3:24: unknown variable `itmes`; did you mean `items`?"
    );
    assert_eq!(
        trouble("[[invariant]]\nname = \"x\"\nwhen = [\"Draft\"]\nassert = \"itmes > 0\""),
        "4:11: unknown variable `itmes`; did you mean `items`?"
    );
    assert_eq!(
        trouble("[[invariant]]\nname = \"x\"\nwhen = [\"Dratf\"]\nassert = \"items > 0\""),
        "3:9: unknown state `Dratf`; did you mean `Draft`?"
    );
    assert_eq!(
        trouble("[[invariant]]\nname = \"x\"\nassert = \"params.n > 0\""),
        "3:11: parameters are known to guards and effects of actions only"
    );
}

#[test]
fn names_of_states_and_actions_are_known() {
    assert_eq!(action("from = [\"Darft\"]"), "4:9: unknown state `Darft`; did you mean `Draft`?");
    assert_eq!(action("to = \"Submited\""), "4:6: unknown state `Submited`; did you mean `Submitted`?");
    assert_eq!(action("kind = \"imput\""), "4:8: unknown kind `imput`; did you mean `input`?");
    assert_eq!(action("[[action]]\nname = \"Go\""), "5:8: `Go` is there twice");
    assert_eq!(
        trouble("[[state_timeout]]\nstate = \"Draft\"\nafter_seconds = 3\non_timeout = \"Gone\""),
        "1:1: unknown action `Gone`; there is none here"
    );
    assert_eq!(
        trouble("[[state_timeout]]\nstate = \"Draft\"\non_timeout = \"Go\""),
        "1:1: a timeout has either `after_seconds` or `after`"
    );
    assert_eq!(
        trouble("[[liveness]]\nname = \"x\"\nreaches = [\"Dnoe\"]").split(';').next().unwrap(),
        "1:1: unknown state `Dnoe`"
    );
    assert_eq!(
        trouble("[[liveness]]\nname = \"x\""),
        "1:1: a liveness property has either `reaches`, with a state, or `has_actions = true`"
    );
    assert_eq!(
        trouble("[[webhook]]\nname = \"x\"\npath = \"y\"\naction = \"Gone\""),
        "4:10: unknown action `Gone`; there is none here"
    );
    assert_eq!(
        trouble("[[vector]]\nproperty = \"a\"\nmodel_property = \"b\"\ndims = 0\nmetric = \"cosine\""),
        "4:8: `dims` is at least 1"
    );
    assert_eq!(
        trouble("[[vector]]\nproperty = \"a\"\nmodel_property = \"b\"\ndims = 3\nmetric = \"cos\"").split(';').next().unwrap(),
        "5:10: unknown word `cos`"
    );
    assert_eq!(trouble("[admission]\nmax_concurrent_actions = { Gone = 3 }"), "2:28: unknown action `Gone`; there is none here");
}

#[test]
fn a_trigger_has_what_belongs_to_its_kind() {
    let trigger = |lines: &str| action(&format!("[[action.triggers]]\nname = \"t\"\n{lines}"));
    assert_eq!(trigger("kind = \"wsam\"\nmodule = \"m\""), "6:8: unknown kind `wsam`; did you mean `wasm`?");
    assert_eq!(trigger("kind = \"wasm\""), "4:1: `module` is missing in `[[action.triggers]]`");
    assert_eq!(trigger("kind = \"wasm\"\nmodule = \"m\"\nurl = \"x\""), "8:7: `url` means nothing to a trigger of kind `wasm`");
    assert_eq!(trigger("kind = \"wasm\"\nmodule = \"m\"\non_success = \"Gone\""), "4:1: unknown action `Gone`; there is `Go`");
    assert_eq!(
        trigger("kind = \"entity\"\ntarget_entity = \"Task\"\ntarget_action = \"Create\""),
        "4:1: `resolve_target` is missing; it says which entity the trigger is for"
    );
    assert_eq!(
        trigger("kind = \"entity\"\ntarget_entity = \"Task\"\ntarget_action = \"Create\"\nresolve_target = { type = \"same_id\", id_field = \"x\" }").split(';').next().unwrap(),
        "9:49: `id_field` means nothing to type `same_id`"
    );
}

#[test]
fn a_property_that_almost_has_the_name_of_a_variable_is_a_typo() {
    let with = |guard: &str| {
        format!("{HEAD}[[state]]\nname = \"review_id\"\ntype = \"string\"\n[[action]]\nname = \"Go\"\nguard = \"{guard}\"")
    };
    let read = |guard: &str| read("order", &with(guard)).map(|read| read.warnings.len()).map_err(|troubles| troubles.to_string());
    assert_eq!(read("Review[review_id].status == 'Passed'"), Ok(0));
    assert_eq!(read("Review[workspace].status == 'Passed'"), Ok(1));
    assert_eq!(
        read("Review[reveiw_id].status == 'Passed'").unwrap_err(),
        "order:21:17: unknown variable `reveiw_id`; did you mean `review_id`?"
    );
    // What is only warned of fails where it is asked for strictly.
    let strict = antfarm_automata_reader::read("order", &with("empty(workspace)")).unwrap().strictly().unwrap_err();
    assert!(strict.to_string().starts_with("order:21:16: `workspace` is not declared"), "{strict}");
}

#[test]
fn files_that_know_of_each_other_are_checked_beside_each_other() {
    let page = "[automaton]\nname = \"Page\"\nstates = [\"Draft\"]\ninitial = \"Draft\"\n[[state]]\nname = \"review\"\ntype = \"ref\"\nentity = \"Review\"\n[[action]]\nname = \"Publish\"\nguard = \"Review[review].status == 'Passed'\"";
    let review = |state: &str| format!("[automaton]\nname = \"Review\"\nstates = [\"{state}\"]\ninitial = \"{state}\"");
    let together =
        |other: &str| read_together(&[("page", page), ("review", other)]).map(|reads| reads.len()).map_err(|it| it.to_string());
    assert_eq!(together(&review("Passed")), Ok(2));
    assert_eq!(together(&review("Past")).unwrap_err(), "page:11:35: unknown state `Passed`; there is `Past`");
    assert_eq!(together(page).unwrap_err(), "review:2:8: `Page` is there twice");
}

#[test]
fn what_is_no_toml_or_no_automaton_is_refused() {
    let refused = |text: &str| read("f", text).map(|read| read.table.spec().to_string()).expect_err("refused").to_string();
    assert_eq!(refused(""), "f:1:1: `[automaton]` is missing; it names the entity and its states");
    assert!(refused("[automaton").starts_with("f:1:"));
    assert!(refused("[automaton]\nname = \"X\"").contains("f:1:1: `initial` is missing in `[automaton]`"));
    assert!(refused("[automaton]\nname = \"X\"\nstates = []\ninitial = \"A\"").contains("there is no state"));
    assert!(refused("[automaton]\nname = \"X Y\"\nstates = [\"A\"]\ninitial = \"A\"").contains("f:2:8: `X Y` cannot be a name"));
}
