//! What Temper reads in its newest grammar and our own files do not say: it is read as Temper means it.

use antfarm_automata::{Kind, Started, Target};
use antfarm_automata_reader::{Read, read};

const HEAD: &str = r#"[automaton]
name = "Parcel"
states = ["Packed", "Sent"]
initial = "Packed"
allow_indefinite_states = ["Packed", "Sent"]

[[state]]
name = "stamps"
type = "counter"

[[state]]
name = "labels"
type = "list"

# The lines of each test stand below.
"#;

fn load(lines: &str) -> Read {
    let text = format!("{HEAD}{lines}");
    let found = read("parcel", &text).unwrap_or_else(|troubles| panic!("{troubles:#}\n{text}"));
    let written = found.table.spec().to_string();
    let again = read("again", &written).unwrap_or_else(|troubles| panic!("{troubles:#}\n{written}"));
    assert_eq!(again.table.spec().to_string(), written);
    found
}

/// The first trouble of a file with these lines.
fn trouble(lines: &str) -> String {
    let troubles = read("parcel", &format!("{HEAD}{lines}")).map(|read| read.table.spec().to_string()).expect_err(lines);
    troubles.iter().next().expect("there is one").to_string()
}

/// The warnings of a file, which fail where they are asked for strictly.
fn warnings(read: Read) -> Vec<String> {
    let found = read.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(read.strictly().is_err(), found != Vec::<String>::new());
    found
}

#[test]
fn a_field_invariant_may_say_in_words_what_it_asks() {
    let words = "message = \"a parcel says `from` whom\"";
    for lines in [
        "assert = \"stamps > 0 => !empty(labels)\"",
        "when = { field = \"stamps\", equals = 3 }\nrequire = { field = \"labels\", empty = true }",
    ] {
        let read = load(&format!("[[field_invariant]]\nname = \"x\"\n{words}\n{lines}"));
        assert!(read.table.spec().to_string().ends_with(&format!("\n{words}\n")), "{}", read.table.spec());
        // In other words it is the same automaton.
        let silent = load(&format!("[[field_invariant]]\nname = \"x\"\n{lines}"));
        assert_eq!(silent.table.digest(), read.table.digest());
        assert_eq!(warnings(read), [""; 0]);
    }
    let of_an_invariant = trouble(&format!("[[invariant]]\nname = \"x\"\nassert = \"stamps >= 0\"\n{words}"));
    assert!(of_an_invariant.contains("unknown key `message` in `[[invariant]]`"), "{of_an_invariant}");
}

#[test]
fn an_effect_reads_parameters_that_the_action_does_not_declare() {
    let action = |lines: &str| format!("[[action]]\nname = \"Pack\"\n{lines}");
    let read = load(&action("params = [\"colour\"]\neffect = [\"append(labels, params.label)\", \"stamps += params.n + 1\"]"));
    let names: Vec<&str> = read.table.spec().actions[0].params.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["colour", "label", "n"]);
    assert_eq!(
        warnings(read),
        [
            "parcel:19:27: `label` is not declared; taken as a parameter that a caller gives",
            "parcel:19:54: `n` is not declared; taken as a parameter that a caller gives"
        ]
    );
    // What almost is a parameter is that parameter, misspelt; but what is called like what it is put into is meant.
    let misspelt = trouble(&action("params = [\"colour\"]\neffect = \"append(labels, params.color)\""));
    assert_eq!(misspelt, "parcel:19:26: unknown parameter `color`; did you mean `colour`?");
    assert_eq!(warnings(load(&action("params = [\"label\"]\neffect = \"append(labels, params.labels)\""))).len(), 1);
    // A guard and a condition are ours or are held to what is declared there, too.
    assert!(trouble(&action("guard = \"params.n > 0\"")).contains("unknown parameter `n`"));
    assert!(trouble(&action("effect = \"if params.n > 0: stamps = 0\"")).contains("unknown parameter `n`"));
}

#[test]
fn a_variable_that_is_declared_twice_alike_is_one() {
    let state = |initial: &str| format!("[[state]]\nname = \"colour\"\ntype = \"string\"\ninitial = {initial}\n");
    let read = load(&[state("\"3\""), state("3")].concat());
    assert_eq!(read.table.spec().variables.len(), 3);
    assert_eq!(warnings(read), ["parcel:21:8: `colour` is declared twice, both times alike"]);
    assert_eq!(trouble(&[state("\"3\""), state("4")].concat()), "parcel:21:8: `colour` is there twice");
}

#[test]
fn a_parameter_may_have_a_type_of_a_data_model() {
    let param = |word: &str| load(&format!("[[action]]\nname = \"Send\"\nparams = [{{ name = \"it\", type = \"{word}\" }}]"));
    for word in ["uint64", "uint8", "u32", "uint"] {
        let read = param(word);
        assert_eq!(read.table.params(0), [Kind::Counter], "{word}");
        assert_eq!(warnings(read), [""; 0]);
    }
    for (word, near) in [("failure_v1", ""), ("sting", "; did you mean `string`?")] {
        let read = param(word);
        assert_eq!(read.table.params(0), [Kind::Open], "{word}");
        assert_eq!(
            warnings(read),
            [format!("parcel:18:33: `{word}` is no type; taken as `property`, which holds anything but lists{near}")]
        );
    }
    // A variable has one of ours.
    assert!(trouble("[[state]]\nname = \"x\"\ntype = \"uint64\"").starts_with("parcel:18:8: unknown type `uint64`"));
}

#[test]
fn several_actions_fire_a_trigger_that_another_declares() {
    let action = |name: &str| format!("[[action]]\nname = \"{name}\"\neffect = [{{ type = \"trigger\", name = \"weigh\" }}]\n");
    let read = load(&format!(
        "{}[[action.triggers]]\nname = \"weigh\"\nkind = \"wasm\"\nmodule = \"scales\"\n{}{}",
        action("Pack"),
        action("Repack"),
        action("Send")
    ));
    let actions = &read.table.spec().actions;
    assert!(actions.iter().all(|it| it.triggers == actions[0].triggers && it.triggers.len() == 1), "{actions:#?}");
    // Of two that are declared it is not said which.
    let declared =
        |name: &str| format!("{}[[action.triggers]]\nname = \"weigh\"\nkind = \"wasm\"\nmodule = \"{name}\"\n", action(name));
    assert!(trouble(&[declared("A"), declared("B"), action("C")].concat()).contains("could be one of several triggers"));
}

fn trigger(target: &str, params_from: &str) -> String {
    format!(
        "[[action]]\nname = \"Send\"\n[[action.triggers]]\nname = \"note\"\nkind = \"entity\"\ntarget_entity = \"Book\"\n\
         target_action = \"Note\"\nresolve_target = {{ {target} }}\nparams_from = {{ {params_from} }}\n"
    )
}

#[test]
fn a_trigger_says_the_id_of_the_entity_itself() {
    for name in ["Id", "id"] {
        let read = load(&trigger("type = \"create\"", &format!("parcel = \"{name}\"")));
        assert_eq!(read.table.spec().variables.len(), 2, "it is no property");
        assert_eq!(warnings(read), [""; 0]);
        let to_itself = load(&trigger(&format!("type = \"field\", field = \"{name}\""), "n = \"stamps\""));
        let Started::Entity { target, .. } = &to_itself.table.spec().actions[0].triggers[0].deed else { panic!("an entity") };
        assert_eq!(*target, Target::SameId);
        let own = |said: &str| format!("{said}: `{name}` is the entity's own id");
        for (lines, at) in [
            (format!("guard = \"Book[{name}].status == 'Open'\""), "parcel:18:15"),
            (format!("guard = \"stamps > 0 && empty({name})\""), "parcel:18:30"),
            (format!("effect = \"append(labels, {name})\""), "parcel:18:26"),
            (format!("effect = \"schedule_at('Go', {name})\""), "parcel:18:11"),
            (format!("effect = \"spawn('Book', 'Open', {name})\""), "parcel:18:11"),
        ] {
            let found = trouble(&format!("[[action]]\nname = \"Go\"\n{lines}"));
            assert!(found.starts_with(&own(at)), "{lines}: {found}");
        }
        let found = trouble(&format!("[[field_invariant]]\nname = \"x\"\nassert = \"{name} != null\""));
        assert!(found.starts_with(&own("parcel:18:11")), "{found}");
        let partner = load(&trigger(&format!("type = \"create_if_missing\", id_field = \"{name}\""), "n = \"stamps\""));
        let Started::Entity { target, .. } = &partner.table.spec().actions[0].triggers[0].deed else { panic!("an entity") };
        assert_eq!(*target, Target::CreateIfMissing(name.into()));
        assert_eq!(warnings(partner), [""; 0], "it is no property");
        // A variable of that name is that variable.
        let declared = format!(
            "[[state]]\nname = \"{name}\"\ntype = \"string\"\n{}",
            trigger("type = \"create\"", &format!("it = \"{name}\""))
        );
        let read = load(&format!("{declared}[[invariant]]\nname = \"x\"\nassert = \"{name} == ''\""));
        assert_eq!(read.table.spec().variables.len(), 3);
    }
    // The element of a quantifier may be called so.
    load("[[invariant]]\nname = \"x\"\nassert = \"all(id in labels, id != '')\"");
}

#[test]
fn status_with_a_capital_is_the_status_in_a_field_invariant() {
    let asked = |lines: &str| load(&format!("[[field_invariant]]\nname = \"x\"\n{lines}"));
    let assert = |lines: &str| asked(lines).table.spec().field_invariants[0].assert.to_string();
    for (said, meant) in [
        ("Status == 'Sent' => stamps > 0", "status == 'Sent' => stamps > 0"),
        ("!(Status in ['Sent', 'Packed'] && stamps > 0)", "!(status in ['Sent', 'Packed'] && stamps > 0)"),
        // It is never null.
        ("Status != null => Status in ['Sent', null]", "true => status in ['Sent']"),
        ("null == Status || Status not in [null]", "false || status not in []"),
        ("empty(Status) || !empty(note)", "false || !empty(note)"),
        ("any(Status in labels, Status == 'Lost')", "any(Status in labels, Status == 'Lost')"),
        ("all(label in labels, Status == 'Sent' || label != '')", "all(label in labels, status == 'Sent' || label != '')"),
    ] {
        assert_eq!(assert(&format!("assert = \"{said}\"")), meant);
    }
    let tree = "when = { field = \"Status\", equals = \"Sent\" }\nrequire = { not = { field = \"Status\", absent = true } }";
    assert_eq!(assert(tree), "status == 'Sent' => !false");
    assert_eq!(warnings(asked("assert = \"Status == 'Sent'\"")), [""; 0]);
    let unknown = trouble("[[field_invariant]]\nname = \"x\"\nassert = \"Status != null => Status in ['Sent', 'Lots']\"");
    assert_eq!(unknown, "parcel:18:36: unknown state `Lots`; there is `Packed`, `Sent`");
    // A variable of that name is that variable.
    let declared =
        "[[state]]\nname = \"Status\"\ntype = \"property\"\n[[field_invariant]]\nname = \"x\"\nassert = \"Status != null\"";
    assert_eq!(load(declared).table.spec().field_invariants[0].assert.to_string(), "Status != null");
}

#[test]
fn what_is_left_out_is_what_temper_takes_it_for() {
    let read = load("[[state]]\nname = \"colour\"\ninitial = \"red\"");
    assert_eq!(read.table.spec().variables[2].kind, Kind::Text);
    assert_eq!(warnings(read), ["parcel:16:1: `colour` has no `type`; taken as `string`"]);
    // One name is a list of one.
    let one = read_one(
        "[automaton]\nname = \"Stone\"\nstates = \"Lies\"\ninitial = \"Lies\"\nallow_indefinite_states = \"Lies\"\n\
         [[action]]\nname = \"Roll\"\nfrom = \"Lies\"",
    );
    let spec = one.table.spec();
    assert_eq!((&spec.states, &spec.indefinite), (&spec.actions[0].from, &spec.states));
    assert_eq!(warnings(one), [""; 0]);
}

fn read_one(text: &str) -> Read {
    read("stone", text).unwrap_or_else(|troubles| panic!("{troubles:#}"))
}
