//! Whether tables fit each other.

use antfarm_automata::entities::Suite;

const SENDER: &str = r#"
    [automaton]
    name = "Sender"
    states = ["On"]
    initial = "On"
    allow_indefinite_states = ["On"]

    [[state]]
    name = "to"
    type = "ref"
    entity = "Receiver"

    [[state]]
    name = "cents"
    type = "money"
    unit = "cents"

    [[state]]
    name = "words"
    type = "list"

    [[action]]
    name = "Send"
    EFFECT

    [[action.triggers]]
    name = "tell"
    kind = "entity"
    target_entity = "Receiver"
    target_action = "Hear"
    params = { loud = true }
    params_from = { cents = "cents" }
    resolve_target = { type = "field", field = "to" }
"#;

const RECEIVER: &str = r#"
    [automaton]
    name = "Receiver"
    states = ["New", "On"]
    initial = "New"
    allow_indefinite_states = ["New", "On"]

    [[action]]
    name = "Hear"
    from = ["New", "On"]
    params = [{ name = "cents", type = "money", unit = "cents" }, { name = "loud", type = "bool" }]
    guard = "params.cents >= 0 cents"

    [[action]]
    name = "Begin"
    from = ["New"]
    to = "On"

    [[action]]
    name = "Go"
    from = ["On"]

    [[action]]
    name = "Went"
    kind = "output"
"#;

/// What does not fit when a part of one of the files is exchanged.
fn check(part: &str, other: &str, expected: &[&str]) {
    let files = [SENDER, RECEIVER].map(|it| {
        let changed = if part.is_empty() { it.to_string() } else { it.replace(part, other) };
        changed.replace("EFFECT", "")
    });
    assert!(part.is_empty() || files != [SENDER, RECEIVER].map(|it| it.replace("EFFECT", "")), "`{part}` is in neither");
    let tables =
        files.iter().map(|it| antfarm_automata_reader::read("it.ioa.toml", it).unwrap_or_else(|it| panic!("{it}")).table);
    let found: Vec<String> = match Suite::new(tables.collect()) {
        Ok(_) => Vec::new(),
        Err(misfits) => misfits.iter().map(|it| format!("{} {:?}: {}", it.entity, it.fault.site, it.fault.what)).collect(),
    };
    assert_eq!(found, expected, "`{part}` became `{other}`");
}

#[test]
fn what_a_trigger_says_is_held_to_whom_it_is_for() {
    check("", "", &[]);
    check("target_action = \"Hear\"", "target_action = \"Heer\"", &["Sender Trigger(0, 0): unknown action `Heer`"]);
    check(
        "target_action = \"Hear\"",
        "target_action = \"Went\"",
        &["Sender Trigger(0, 0): `Went` only names an event; nobody takes it"],
    );
    check("target_entity = \"Receiver\"", "target_entity = \"Nobody\"", &["Sender Trigger(0, 0): unknown type `Nobody`"]);
    check("cents = \"cents\"", "cents = \"words\"", &["Sender Trigger(0, 0): parameter `cents` is used as list and as money"]);
    check("unit = \"cents\"\n\n", "unit = \"euros\"\n\n", &["Sender Trigger(0, 0): euros and cents cannot stand together"]);
    check("loud = true", "loud = 1", &["Sender Trigger(0, 0): this is no value of type `bool`"]);
    check("loud = true", "loudly = true", &["Sender Trigger(0, 0): unknown parameter `loudly`"]);
    let ungiven = "Sender Trigger(0, 0): `Hear` needs the parameter `cents`, which nobody gives it here";
    check("params_from = { cents = \"cents\" }", "", &[ungiven]);
    check("field = \"to\"", "field = \"words\"", &["Sender Trigger(0, 0): expected a reference, found list"]);
    let refers = "Sender Trigger(0, 0): this refers to `Sender` and is read as `Receiver`";
    check("entity = \"Receiver\"\n\n    [[state]]", "entity = \"Sender\"\n\n    [[state]]", &[refers]);
    let created = "type = \"create\"";
    check("type = \"field\", field = \"to\"", created, &[]);
}

#[test]
fn an_own_id_is_a_reference_to_the_own_type() {
    let fits = |kind: &str| {
        let sender = SENDER.replace("EFFECT", "").replace("{ cents = \"cents\" }", "{ cents = \"cents\", by = \"Id\" }");
        let by = format!("params = [{{ name = \"by\", {kind} }}, ");
        let files = [sender, RECEIVER.replace("params = [", &by)];
        let table = |it: &String| antfarm_automata_reader::read("it.ioa.toml", it).unwrap_or_else(|it| panic!("{it}")).table;
        Suite::new(files.iter().map(table).collect()).map(drop).map_err(|misfits| misfits[0].fault.what.to_string())
    };
    for kind in ["type = \"ref\", entity = \"Sender\"", "type = \"string\"", "type = \"property\""] {
        assert_eq!(fits(kind), Ok(()), "{kind}");
    }
    let refers = "this refers to `Sender` and is read as `Receiver`";
    assert_eq!(fits("type = \"ref\", entity = \"Receiver\""), Err(refers.to_owned()));
    for word in ["counter", "bool", "list"] {
        let used = format!("parameter `by` is used as ref and as {word}");
        assert_eq!(fits(&format!("type = \"{word}\"")), Err(used), "{word}");
    }
}

#[test]
fn what_is_spawned_begins_in_its_initial_state_with_what_it_needs() {
    check("EFFECT", "effect = [\"spawn('Receiver', 'Begin', to)\"]", &[]);
    let first = "Sender Effect(0, 0): `Go` does not lead from the initial state, so it cannot be the first";
    check("EFFECT", "effect = [\"spawn('Receiver', 'Go', to)\"]", &[first]);
    let ungiven = "Sender Effect(0, 0): `Hear` needs the parameter `cents`, which nobody gives it here";
    check("EFFECT", "effect = [\"spawn('Receiver', 'Hear', to)\"]", &[ungiven]);
    check("EFFECT", "effect = [\"spawn('Nobody', 'Begin')\"]", &["Sender Effect(0, 0): unknown type `Nobody`"]);
}

#[test]
fn what_is_asked_of_another_type_is_there() {
    check("EFFECT", "guard = \"Receiver[to].status == 'On'\"", &[]);
    let misfits = ["Sender Guard(0): unknown state `Off`"];
    check("EFFECT", "guard = \"Receiver[to].status == 'Off'\"", &misfits);
    let elsewhere = ["Sender Guard(0): unknown type `Nobody`"];
    check("EFFECT", "params = [\"who\"]\n    guard = \"Nobody[params.who].status == 'On'\"", &elsewhere);
    check(
        "name = \"Receiver\"",
        "name = \"Sender\"",
        &["Sender Trigger(0, 0): unknown type `Receiver`", "Sender Automaton: two types are called `Sender`"],
    );
}

#[test]
fn what_nothing_reserves_is_not_said_to_be_reserved() {
    let home = |home: &str| format!("entity = \"Receiver\"\n    home = \"{home}\"\n\n    [[state]]");
    let unsaid = "entity = \"Receiver\"\n\n    [[state]]";
    check(unsaid, &home("same"), &[]);
    let unreserved = "Sender Variable(0): nothing reserves the entities that `to` refers to: say `home = \"same\"` where they live with this \
                      one, or nothing";
    check(unsaid, &home("reserved"), &[unreserved]);
}

#[test]
fn timers_give_their_actions_what_these_need() {
    let scheduled = "Receiver Effect(1, 0): `Hear` needs the parameter `cents`, which nobody gives it here";
    check("to = \"On\"", "to = \"On\"\n    effect = [\"schedule('Hear', 5)\"]", &[scheduled]);
    let timeout = |params: &str| {
        format!(
            "kind = \"output\"\n\n[[state_timeout]]\nstate = \"On\"\nafter_seconds = 5\non_timeout = \"Hear\"\nparams = {{ {params} }}"
        )
    };
    check("kind = \"output\"", &timeout("cents = \"5\""), &[]);
    check("kind = \"output\"", &timeout("cents = \"-5\""), &["Receiver Timeout(0): this is no value of type `money`"]);
    let ungiven = "Receiver Timeout(0): `Hear` needs the parameter `cents`, which nobody gives it here";
    check("kind = \"output\"", &timeout("loud = \"true\""), &[ungiven]);
}
