//! What older grammars wrote, and what it is now.

use antfarm_automata_reader::{Read, read};

const HEAD: &str = r#"
[automaton]
name = "Thing"
states = ["Draft", "Active", "Done"]
initial = "Draft"
allow_indefinite_states = ["Draft", "Active", "Done"]
[[state]]
name = "items"
type = "counter"
initial = "0"
[[state]]
name = "ready"
type = "bool"
initial = "false"
[[state]]
name = "tags"
type = "set"
initial = "[]"
[[state]]
name = "review_id"
type = "string"
initial = ""
[[state]]
name = "score"
type = "number"
initial = "3"
"#;

fn load(lines: &str) -> Read {
    let text = format!("{HEAD}{lines}");
    read("old", &text).unwrap_or_else(|troubles| panic!("{troubles:#}\n{text}"))
}

/// The lines that the newest grammar has for an old action, behind its name.
fn action(lines: &str, expected: &[&str]) {
    let written = load(&format!("[[action]]\nname = \"Go\"\n{lines}")).table.spec().to_string();
    let lines: Vec<&str> =
        written.lines().skip_while(|line| *line != "name = \"Go\"").skip(1).take_while(|line| !line.is_empty()).collect();
    assert_eq!(lines, expected);
}

#[test]
fn guards_in_words_and_tables() {
    for (old, new) in [
        ("\"is_true ready\"", "ready"),
        ("\"is_false ready\"", "!ready"),
        ("\"!ready\"", "!ready"),
        ("\"ready\"", "ready"),
        ("\"min items 3\"", "items >= 3"),
        ("\"max items 3\"", "items < 3"),
        ("\"items <= 3\"", "items <= 3"),
        ("\"list_contains tags very important\"", "'very important' in tags"),
        ("\"list_length_min tags 2\"", "len(tags) >= 2"),
        ("{ type = \"min_count\", var = \"items\", min = 3 }", "items >= 3"),
        ("{ type = \"max_count\", var = \"items\", max = \"3\" }", "items < 3"),
        ("[\"is_true ready\", { type = \"state_in\", values = [\"Draft\"] }]", "ready && status in ['Draft']"),
        ("[{ type = \"list_contains\", var = \"tags\", value = \"a\" }, \"items > 0\"]", "'a' in tags && items > 0"),
        (
            "[{ type = \"cross_entity_state\", entity_type = \"Review\", entity_id_source = \"review_id\", required_status = [\"Passed\"] }]",
            "empty(review_id) || Review[review_id].status in ['Passed']",
        ),
        (
            "[{ type = \"cross_entity_state\", entity_type = \"Review\", entity_id_source = \"review_id\", required_status = [\"Passed\"], required = true }]",
            "Review[review_id].status in ['Passed']",
        ),
        (
            "[{ type = \"cross_entity_state\", entity_type = \"Review\", entity_id_source = \"review_id\", forbidden_status = \"Frozen\", required = true }]",
            "Review[review_id].status != null && Review[review_id].status not in ['Frozen']",
        ),
    ] {
        action(&format!("guard = {old}"), &[&format!("guard = \"{new}\"")]);
    }
}

#[test]
fn effects_in_words_and_tables() {
    for (old, new) in [
        ("\"increment items\"", "\"items += 1\""),
        ("\"decrement items\"", "\"items -= 1\""),
        ("\"set ready true\"", "\"ready = true\""),
        ("\"schedule_at review_id Go\"", "\"schedule_at('Go', review_id)\""),
        ("[\"increment items\", \"set ready false\"]", "\"items += 1\", \"ready = false\""),
        ("[{ type = \"increment\", var = \"items\" }]", "\"items += 1\""),
        ("[{ type = \"set_bool\", var = \"ready\", value = \"true\" }]", "\"ready = true\""),
        ("[{ type = \"schedule\", action = \"Go\", delay_seconds = 30 }]", "\"schedule('Go', 30)\""),
        (
            "[{ type = \"spawn\", entity_type = \"Task\", entity_id_source = \"{uuid}\", initial_action = \"Create\", store_id_in = \"review_id\" }]",
            "\"spawn('Task', 'Create', review_id)\"",
        ),
    ] {
        action(&format!("effect = {old}"), &[&format!("effect = [{new}]")]);
    }
    // Parameters that older files did not declare are declared.
    action("effect = \"increment items by amount\"", &["effect = [\"items += params.amount\"]", "params = [\"amount\"]"]);
    action(
        "effect = [{ type = \"list_append\", var = \"tags\" }]",
        &["effect = [\"append(tags, params.tags)\"]", "params = [\"tags\"]"],
    );
    action(
        "effect = [{ type = \"set_counter_from_param\", var = \"items\", param = \"n\" }]",
        &["effect = [\"items = params.n\"]", "params = [\"n\"]"],
    );
}

#[test]
fn constraints_are_conjuncts_of_the_guard() {
    action(
        "params = [\"who\", { name = \"level\", type = \"int\" }]\nguard = \"ready\"\nconstraints = [{ kind = \"param_equals_field\", param = \"who\", field = \"review_id\" }, { kind = \"param_greater_than_field\", param = \"level\", field = \"score\" }, { kind = \"param_nonempty\", param = \"who\" }]",
        &[
            "guard = \"ready && params.who == review_id && params.level > score && params.who != ''\"",
            "params = [\"who\", { name = \"level\", type = \"int\" }]",
        ],
    );
}

#[test]
fn invariants_with_when_and_in_words() {
    let invariant = |lines: &str| {
        load(&format!("[[action]]\nname = \"Go\"\nfrom = [\"Draft\"]\nto = \"Active\"\n[[invariant]]\nname = \"x\"\n{lines}"))
    };
    let assert = |lines: &str| invariant(lines).table.spec().invariants[0].assert.to_string();
    assert_eq!(assert("when = [\"Active\", \"Done\"]\nassert = \"items > 0\""), "status in ['Active', 'Done'] => items > 0");
    assert_eq!(assert("when = [\"Active\"]\nassert = \"is_true ready\""), "status in ['Active'] => ready");
    assert_eq!(assert("assert = \"never(Done)\""), "status != 'Done'");
    let terminal = invariant("when = [\"Done\"]\nassert = \"no_further_transitions\"");
    assert_eq!(terminal.table.spec().terminal[0], "Done");
    assert!(terminal.table.spec().invariants.is_empty());
    // A history is what a ghost remembers.
    let ordering = invariant("assert = \"ordering(Active, Done)\"");
    assert_eq!(ordering.table.spec().invariants[0].assert.to_string(), "status == 'Done' => visited_Active");
    assert_eq!(ordering.table.spec().actions[0].effects[0].to_string(), "visited_Active = true");
    assert!(ordering.warnings.iter().any(|it| it.to_string().contains("the ghost `visited_Active` remembers")));
    let text = format!(
        "{HEAD}[[action]]\nname = \"Go\"\nfrom = [\"Done\"]\n[[invariant]]\nname = \"x\"\nwhen = [\"Done\"]\nassert = \"no_further_transitions\""
    );
    assert!(read("old", &text).unwrap_err().to_string().contains("`Done` is terminal"));
}

#[test]
fn field_invariants_as_trees() {
    let field = |lines: &str| {
        load(&format!("[[field_invariant]]\nname = \"x\"\n{lines}")).table.spec().field_invariants[0].assert.to_string()
    };
    assert_eq!(
        field(
            "when = { field = \"kind\", equals = \"Local\" }\nrequire = { all_of = [{ field = \"hosts\", empty = true }, { not = { field = \"owner\", absent = true } }] }"
        ),
        "kind == 'Local' => empty(hosts) && !(owner == null)"
    );
    assert_eq!(field("assert = \"status in ['Active'] => review_id != ''\""), "status in ['Active'] => review_id != ''");
}

#[test]
fn integrations_become_triggers_of_who_fires_them() {
    let read = load(
        "[[action]]\nname = \"Start\"\neffect = [{ type = \"trigger\", name = \"call\" }, { type = \"increment\", var = \"items\" }]\n\
         [[action]]\nname = \"Fail\"\n[[action]]\nname = \"Decide\"\neffect = \"trigger DispatchCallback\"\n\
         [[integration]]\nname = \"caller\"\ntrigger = \"call\"\ntype = \"wasm\"\nmodule = \"llm\"\non_failure = \"Fail\"\n[integration.config]\nkey = \"{secret:k}\"\n\
         [[integration]]\nname = \"notify\"\ntrigger = \"Fail\"\ntype = \"webhook\"\n\
         [[integration]]\nname = \"lost\"\ntrigger = \"nobody\"\ntype = \"webhook\"\nurl = \"https://x.example\"\n",
    );
    let written = read.table.spec().to_string();
    assert!(written.contains("[[action.triggers]]\nname = \"caller\"\nkind = \"wasm\"\non_failure = \"Fail\"\nmodule = \"llm\"\nconfig = { \"key\" = \"{secret:k}\" }"), "{written}");
    assert!(written.contains("name = \"DispatchCallback\"\nkind = \"hook\"\nhook = \"DispatchCallback\""), "{written}");
    let warnings: Vec<String> = read.warnings.iter().map(ToString::to_string).collect();
    assert!(warnings.iter().any(|it| it.contains("a webhook without `url` goes nowhere")), "{warnings:?}");
    assert!(warnings.iter().any(|it| it.contains("nothing triggers `nobody`")), "{warnings:?}");
    let text = format!("{HEAD}[[action]]\nname = \"Start\"\neffect = \"trigger call\"");
    assert!(antfarm_automata_reader::read("old", &text).unwrap_err().to_string().contains("`trigger call` names no integration"));
}

#[test]
fn triggers_of_the_newest_grammar_and_their_old_guards() {
    let read = load(
        r#"
[[action]]
name = "Finish"
to = "Done"
[[action.triggers]]
name = "tell"
kind = "entity"
target_entity = "Plan"
target_action = "TaskDone"
to_state = "Done"
guard = { type = "all_of", guards = [{ type = "bool_true", field = "ready" }, { type = "not", guard = { type = "field_in", field = "kind", values = ["a", 3] } }] }
params = { note = "done", level = 3 }
params_from = { task = "review_id" }
resolve_target = { type = "field", field = "plan_id" }
liveness = "required"
drop_ok = true
[[action.triggers]]
name = "post"
kind = "webhook"
url = "https://x.example"
method = "POST"
headers = { Authorization = "{secret:k}" }
body_template = "${review_id}"
"#,
    );
    let written = read.table.spec().to_string();
    assert!(written.contains("guard = \"ready && !(kind in ['a', 3])\""), "{written}");
    assert!(
        written.contains("params = { \"level\" = 3, \"note\" = \"done\" }\nparams_from = { \"task\" = \"review_id\" }"),
        "{written}"
    );
    assert!(written.contains("url = \"https://x.example\"\nmethod = \"POST\"\nbody_template = \"${review_id}\"\nheaders = { \"Authorization\" = \"{secret:k}\" }"), "{written}");
}

#[test]
fn a_name_that_once_had_an_effect_has_it_written_out_in_an_old_file_only() {
    let old = load("[[action]]\nname = \"AddItem\"\n[[action]]\nname = \"Go\"\nguard = \"is_true ready\"");
    assert_eq!(old.table.spec().actions[0].effects[0].to_string(), "items += 1");
    assert!(old.warnings.iter().any(|it| it.to_string().contains("as older files had it by its name")));
    let new = load("[[action]]\nname = \"AddItem\"\n[[action]]\nname = \"Go\"\nguard = \"ready\"");
    assert!(new.table.spec().actions[0].effects.is_empty());
    assert!(new.warnings.iter().any(|it| it.to_string().contains("has no effect; older files")));
}

#[test]
fn what_belongs_to_a_server_is_kept() {
    let read = load(
        r#"
[[action]]
name = "Go"
[[action]]
name = "Import"
kind = "Composite"
record_parent_event = false
cedar_gate = { principal = "request.principal", resource = "this", action = "Import" }
[[action.sub_writes]]
target_entity = "Row"
action = "Create"
generated_from = "rows"
[[webhook]]
name = "callback"
path = "oauth/callback"
action = "Go"
entity_lookup = "query_param"
entity_param = "state"
extract = { code = "query.code" }
hmac_secret = "{secret:k}"
hmac_header = "X-Signature"
[[context_entity]]
name = "parent"
entity_type = "Plan"
id_field = "plan_id"
[[key]]
name = "by_name"
properties = ["name", "owner"]
[[vector]]
name = "v"
property = "embedding"
model_property = "model"
dims = 3
metric = "cosine"
[admission]
max_concurrent_creates = 5
max_concurrent_actions = { Go = 3 }
queue_depth = 50
"#,
    );
    let spec = read.table.spec();
    assert_eq!(
        spec.outside.iter().map(|it| it.table.as_str()).collect::<Vec<_>>(),
        ["webhook", "context_entity", "key", "vector", "admission"]
    );
    assert_eq!(spec.outside[0].action.as_deref(), Some("Go"));
    let setting = |nth: usize, key: &str| {
        spec.outside[nth].settings.iter().find(|(name, _)| *name == key).map(|(_, value)| value.to_string())
    };
    assert_eq!(setting(0, "extract.code").as_deref(), Some("'query.code'"));
    assert_eq!(setting(2, "properties").as_deref(), Some("['name', 'owner']"));
    assert_eq!(setting(3, "dims").as_deref(), Some("3"));
    assert_eq!(setting(4, "max_concurrent_actions.Go").as_deref(), Some("'3'"));
    assert_eq!(spec.actions[1].composite.as_ref().unwrap().writes.len(), 1);
    let again =
        antfarm_automata_reader::read("again", &spec.to_string()).unwrap_or_else(|troubles| panic!("{troubles:#}\n{spec}"));
    assert_eq!(again.table.spec().outside, spec.outside);
}
