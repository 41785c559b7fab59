//! Ids that specs write out, or say in other ways, at every level with the solver: none contradicts another, and none the kernel.

use super::running;
use antfarm_specs::{Depth, Level, Lives, Proved, Showing, Tries, Verdict, load, prove};
use std::path::PathBuf;

fn proved(name: &str, specs: &[&str]) -> Proved {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&dir); // of an earlier run
    std::fs::create_dir_all(&dir).unwrap();
    for (nth, spec) in specs.iter().enumerate() {
        std::fs::write(dir.join(format!("{nth}.ioa.toml")), spec).unwrap();
    }
    let group = load(&[dir]).unwrap_or_else(|wrong| panic!("{}", wrong[0])).remove(0);
    let (tries, lives) = (Tries { runs: 64, ..Tries::default() }, Lives { runs: 2, ..Lives::default() });
    let proved = prove(&group, Some(&mut running()), Depth { tries, lives, ..Depth::default() });
    assert_eq!(proved.contradictions, [], "{name}");
    proved
}

fn verdict(proved: &Proved, level: Level, property: &str) -> Verdict {
    let mut all = proved.findings.iter().filter(|it| it.level == level).flat_map(|it| &it.judged);
    let judged = all.find(|it| it.property.name == property);
    judged.unwrap_or_else(|| panic!("{level}, {property}: {:#?}", proved.findings)).verdict.clone()
}

fn head(name: &str) -> String {
    format!("[automaton]\nname = '{name}'\nstates = ['A', 'B']\ninitial = 'A'\nallow_indefinite_states = ['A', 'B']\n")
}

const STAYS: &str = "[[invariant]]\nname = 'Stays'\nassert = \"status == 'A'\"\n";
const CHILD: &str = "[automaton]\nname = 'Child'\nstates = ['On']\ninitial = 'On'\nallow_indefinite_states = ['On']\n\
                     [[action]]\nname = 'Start'\n";

#[test]
fn who_is_created_under_an_id_that_is_said_is_so_in_the_kernel_too() {
    for (name, said, id) in [
        ("param", "params = [{ name = 'id', type = 'string' }]\n", "params.id"),
        ("variable", "", "key"),
        ("assigned", "params = ['more']\n", "key"),
        ("written", "", "'main'"),
        ("state", "", "key"),
    ] {
        let before = match name {
            "assigned" => "'key = params.more', ",
            "state" => "'key = status', ",
            _ => "",
        };
        let root = format!(
            "{}[[state]]\nname = 'key'\ntype = 'string'\ngiven = true\n[[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'Child'\n\
             [[action]]\nname = 'Make'\nfrom = ['A']\nto = 'B'\n{said}effect = [{before}\"spawn('Child', 'Start', kid, {id})\"]\n{STAYS}",
            head("Root"),
        );
        let all = proved(&format!("homes-{name}"), &[&root, CHILD]);
        let is_there = !["written", "state"].contains(&name);
        assert_eq!(verdict(&all, Level::Composite, "Stays").is_refuted(), is_there, "{name}");
        assert_eq!(verdict(&all, Level::Composite, "Stays").is_verified(), name == "written", "{name}");
        // What the solver found is replayed, too.
        let shown = all.shown.iter().filter(|it| it.level == Level::L0 && it.property.name == "Stays");
        let replayed: Vec<bool> = shown.map(|it| matches!(it.showing, Showing::Scenario(_))).collect();
        assert_eq!(replayed, if is_there { vec![true] } else { vec![] }, "{name}");
    }
}

#[test]
fn an_id_that_is_written_out_is_the_same_text_in_the_kernel() {
    let user = head("User");
    let first = format!(
        "{}[[state]]\nname = 'keeper'\ntype = 'ref'\nentity = 'User'\ninitial = 'main'\n[[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\n{STAYS}",
        head("Thing")
    );
    assert!(verdict(&proved("homes-first", &[&first, &user]), Level::Composite, "Stays").is_refuted());
    let listed = format!(
        "{}[[action]]\nname = 'Sign'\nfrom = ['A']\nto = 'B'\nparams = [{{ name = 'by', type = 'ref', entity = 'User' }}]\n\
         guard = \"params.by in ['u1', 'u2']\"\n{STAYS}",
        head("Thing")
    );
    assert!(verdict(&proved("homes-listed", &[&listed, &user]), Level::Composite, "Stays").is_refuted());
}

#[test]
fn what_must_live_here_is_not_what_is_written_out() {
    let spec = "[automaton]\nname = 'Thing'\nstates = ['A', 'B']\ninitial = 'A'\nterminal = ['B']\n\
                [[state]]\nname = 'sink'\ntype = 'ref'\nentity = 'Child'\nhome = 'same'\n\
                [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\neffect = [\"sink = 'main'\"]\n"
        .to_owned()
        + STAYS;
    let all = proved("homes-placed", &[&spec, CHILD]);
    assert!(verdict(&all, Level::Composite, "no_deadlock").is_refuted(), "it is never taken");
    assert!(!verdict(&all, Level::L0, "Stays").is_refuted());
    // What a trigger asks, its action asks.
    let asks = format!(
        "{}[[state]]\nname = 'sink'\ntype = 'ref'\nentity = 'Child'\ninitial = 'main'\n\
         [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\n\
         [[action.triggers]]\nname = 'then'\nkind = 'entity'\ntarget_entity = 'Child'\ntarget_action = 'Start'\n\
         guard = \"Child[sink].status == 'On'\"\nresolve_target = {{ type = 'create' }}\n{STAYS}",
        head("Thing")
    );
    let all = proved("homes-asked", &[&asks, CHILD]);
    assert!(!verdict(&all, Level::L0, "Stays").is_refuted());
}

#[test]
fn what_a_trigger_of_any_kind_asks_its_action_asks() {
    let spec = "[automaton]\nname = 'Thing'\nstates = ['A', 'B']\ninitial = 'A'\nterminal = ['B']\n\
                [[state]]\nname = 'sink'\ntype = 'ref'\nentity = 'Child'\ninitial = 'main'\n\
                [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\n\
                [[action.triggers]]\nname = 'told'\nkind = 'wasm'\nmodule = 'bell'\nguard = \"Child[sink].status == 'On'\"\n";
    assert!(verdict(&proved("homes-bell", &[spec, CHILD]), Level::Composite, "no_deadlock").is_refuted());
    // Of somebody whom it made, it may ask: nothing is refused for that.
    let spec = format!(
        "{}[[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'Child'\n\
         [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\neffect = [\"spawn('Child', 'Start', kid)\"]\n\
         [[action.triggers]]\nname = 'told'\nkind = 'wasm'\nmodule = 'bell'\nguard = \"Child[kid].status == 'On'\"\n{STAYS}",
        head("Thing")
    );
    let all = proved("homes-bell-child", &[&spec, CHILD]);
    assert!(verdict(&all, Level::L0, "Stays").is_refuted() && verdict(&all, Level::L0, "Go").is_verified());
}

#[test]
fn nobody_is_created_under_an_id_that_is_written_out() {
    let root = format!(
        "{}[[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'Child'\n\
         [[action]]\nname = 'Make'\nfrom = ['A']\nto = 'B'\nparams = [{{ name = 'id', type = 'string' }}]\nguard = \"params.id == 'main'\"\n\
         effect = [\"spawn('Child', 'Start', kid, params.id)\"]\n{STAYS}",
        head("Root")
    );
    assert!(!verdict(&proved("homes-nobody", &[&root, CHILD]), Level::L0, "Stays").is_refuted());
}

#[test]
fn what_others_say_elsewhere_hides_nothing_that_is_found_here() {
    // A reference that may be anything, and a word of the spec among it.
    let spec = format!(
        "{}[[state]]\nname = 'sink'\ntype = 'ref'\nentity = 'Child'\ngiven = true\n[[state]]\nname = 'note'\ntype = 'string'\n\
         [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\nguard = \"sink != null && Child[sink].status == null && note != 'word'\"\n{STAYS}",
        head("Thing")
    );
    assert!(verdict(&proved("homes-here", &[&spec, CHILD]), Level::L0, "Stays").is_refuted());
    // Nor does what cannot be held.
    let spec = format!(
        "{}[[state]]\nname = 'sink'\ntype = 'ref'\nentity = 'Child'\nhome = 'same'\n[[state]]\nname = 'note'\ntype = 'string'\ngiven = true\n\
         [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\nparams = [{{ name = 'by', type = 'ref', entity = 'Child' }}]\n\
         guard = \"params.by in ['a', 'b', 'c'] || params.by == note\"\neffect = ['sink = params.by']\n{STAYS}",
        head("Thing")
    );
    let all = proved("homes-held", &[&spec, CHILD]);
    assert!(verdict(&all, Level::L0, "Stays").is_refuted(), "{:?}", verdict(&all, Level::L0, "Stays"));
    // Nor does who cannot be created, nor what another action asks.
    let spec = format!(
        "{}[[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'Child'\n[[state]]\nname = 'key'\ntype = 'string'\ngiven = true\n\
         [[action]]\nname = 'Make'\nfrom = ['A']\nto = 'B'\nparams = [{{ name = 'id', type = 'string' }}]\n\
         guard = \"params.id in ['a', 'b', 'c'] || params.id == key\"\neffect = [\"spawn('Child', 'Start', kid, params.id)\"]\n\
         [[state]]\nname = 'sink'\ntype = 'ref'\nentity = 'Child'\ninitial = 'main'\n\
         [[action]]\nname = 'Look'\nfrom = ['B']\nguard = \"Child[sink].status == 'On'\"\n{STAYS}",
        head("Thing")
    );
    let all = proved("homes-made", &[&spec, CHILD]);
    assert!(verdict(&all, Level::L0, "Stays").is_refuted(), "{:?}", verdict(&all, Level::L0, "Stays"));
}

#[test]
fn who_acts_is_called_by_no_word_of_the_spec() {
    let spec = format!(
        "{}[[state]]\nname = 'by'\ntype = 'ref'\nentity = 'Thing'\ngiven = true\n\
         [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\nguard = \"by == 'thing'\"\n{STAYS}",
        head("Thing")
    );
    let all = proved("homes-called", &[&spec]);
    assert!(verdict(&all, Level::L0, "Stays").is_refuted(), "{:#?}", all.findings);
}

#[test]
fn a_partner_of_somebody_who_was_created_is_found_by_the_kernel() {
    let ledger = format!("{}[[action]]\nname = 'Note'\n", head("Ledger"));
    let job = "[automaton]\nname = 'Job'\nstates = ['A', 'B']\ninitial = 'A'\nallow_indefinite_states = ['A', 'B']\n\
               [[action]]\nname = 'Start'\n[[action]]\nname = 'Do'\nfrom = ['A']\nto = 'B'\n\
               [[action.triggers]]\nname = 'noted'\nkind = 'entity'\ntarget_entity = 'Ledger'\ntarget_action = 'Note'\n\
               resolve_target = { type = 'create_if_missing', id_field = 'Id' }\n"
        .to_owned()
        + STAYS;
    let root = format!(
        "{}[[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'Job'\n\
         [[action]]\nname = 'Make'\nguard = 'kid == null'\neffect = [\"spawn('Job', 'Start', kid)\"]\n\
         [[invariant]]\nname = 'Idle'\nassert = \"kid == null || Job[kid].status == 'A'\"\n",
        head("Root")
    );
    let all = proved("homes-partner", &[&root, &job, &ledger]);
    assert!(verdict(&all, Level::Composite, "Idle").is_refuted());
}

#[test]
fn nobody_is_created_twice_under_one_id() {
    let kids = "[[state]]\nname = 'n'\ntype = 'counter'\n[[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'Child'\n\
                [[state]]\nname = 'other'\ntype = 'ref'\nentity = 'Child'\n";
    let key = "[[state]]\nname = 'key'\ntype = 'string'\ngiven = true\n";
    let id = "params = [{ name = 'id', type = 'string' }]\n";
    for (name, make, most, is_refuted) in [
        (
            "again",
            format!("{key}[[action]]\nname = 'Make'\neffect = ['n += 1', \"spawn('Child', 'Start', kid, key)\"]\n"),
            1,
            false,
        ),
        (
            "others",
            format!("[[action]]\nname = 'Make'\n{id}effect = ['n += 1', \"spawn('Child', 'Start', kid, params.id)\"]\n"),
            1,
            true,
        ),
        (
            "both",
            format!(
                "[[action]]\nname = 'Make'\n{id}effect = ['n += 1', \"spawn('Child', 'Start', kid, params.id)\", \
                 \"spawn('Child', 'Start', other, params.id)\"]\n"
            ),
            0,
            false,
        ),
        (
            "there",
            format!(
                "[[action]]\nname = 'Make'\n{id}guard = \"Child[params.id].status == 'On'\"\n\
                     effect = ['n += 1', \"spawn('Child', 'Start', kid, params.id)\"]\n"
            ),
            0,
            false,
        ),
        (
            "gone",
            format!(
                "[[action]]\nname = 'Make'\nguard = 'kid == null'\n{id}effect = [\"spawn('Child', 'Start', kid, params.id)\"]\n\
                     [[action]]\nname = 'Look'\nguard = 'kid != null && Child[kid].status == null'\neffect = ['n += 1']\n"
            ),
            0,
            false,
        ),
    ] {
        let root = format!("{}{kids}{make}[[invariant]]\nname = 'Few'\nassert = 'n <= {most}'\n", head("Root"));
        let all = proved(&format!("homes-twice-{name}"), &[&root, CHILD]);
        for level in [Level::L0, Level::Composite] {
            let verdict = verdict(&all, level, "Few");
            assert_eq!(verdict.is_refuted(), is_refuted, "{name}, {level}: {verdict:#?}");
        }
    }
}

#[test]
fn what_sets_going_what_never_ends_does_not_happen() {
    // Who is created takes the action that creates: without an end, so it is refused.
    let root = format!(
        "{}[[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'Root'\n\
         [[action]]\nname = 'Make'\nfrom = ['A']\nto = 'B'\neffect = [\"spawn('Root', 'Make', kid)\"]\n{STAYS}",
        head("Root")
    );
    let all = proved("homes-endless", &[&root]);
    assert!(!verdict(&all, Level::L0, "Stays").is_refuted() && !verdict(&all, Level::L0, "Make").is_verified());
    // What ends is none of it.
    let root = root.replace("'Make', kid", "'Start', kid") + "[[action]]\nname = 'Start'\n";
    let all = proved("homes-ends", &[&root]);
    assert!(verdict(&all, Level::L0, "Stays").is_refuted() && verdict(&all, Level::L0, "Make").is_verified());
}

#[test]
fn what_takes_more_new_ids_than_a_step_has_does_not_happen() {
    for many in [4, 5] {
        // Each of whom is created creates three more.
        let spawns =
            |of: &str, many: usize| format!("effect = [{}]\n", vec![format!("\"spawn('{of}', 'Start')\""); many].join(", "));
        let root = format!("{}[[action]]\nname = 'Make'\nfrom = ['A']\nto = 'B'\n{}{STAYS}", head("Root"), spawns("Mid", many));
        let mid = format!("{}[[action]]\nname = 'Start'\n{}", head("Mid"), spawns("Child", 3));
        let all = proved(&format!("homes-many-{many}"), &[&root, &mid, CHILD]);
        assert_eq!(verdict(&all, Level::L0, "Stays").is_refuted(), many == 4);
    }
}

#[test]
fn nobody_knows_the_id_of_somebody_new_before() {
    let root = |assert: &str| {
        format!(
            "{}[[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'Child'\n[[state]]\nname = 'who'\ntype = 'string'\n\
             [[action]]\nname = 'Make'\nparams = [{{ name = 'id', type = 'string' }}]\n\
             effect = ['who = params.id', \"spawn('Child', 'Start', kid)\"]\n\
             [[invariant]]\nname = 'Apart'\nassert = \"{assert}\"\n",
            head("Root")
        )
    };
    for (name, assert, is_refuted) in
        [("known", "who == '' || kid != who", false), ("word", "kid != 'main'", false), ("none", "kid == null", true)]
    {
        let all = proved(&format!("homes-before-{name}"), &[&root(assert), CHILD]);
        for level in [Level::L0, Level::Composite] {
            let verdict = verdict(&all, level, "Apart");
            assert_eq!(verdict.is_refuted(), is_refuted, "{name}, {level}: {verdict:#?}");
        }
    }
}

#[test]
fn what_must_live_here_is_an_id_whatever_its_kind() {
    // No id that is written out lives here, nor does the name of a state.
    for (name, variable, effect, is_refuted) in [
        ("given", "type = 'property'\ninitial = 'a'\ngiven = true", "", true),
        ("initial", "type = 'list'\ninitial = ['a', 'b']\nmost = 3", "", false),
        ("written", "type = 'string'", "held = 'a'", false),
        ("state", "type = 'string'", "held = status", false),
        ("said", "type = 'string'", "held = params.id", true),
    ] {
        let root = format!(
            "{}[[state]]\nname = 'held'\n{variable}\nhome = 'same'\n\
             [[action]]\nname = 'Hold'\nparams = [{{ name = 'id', type = 'string' }}]\neffect = [{}]\n\
             [[invariant]]\nname = 'Nobody'\nassert = 'empty(held)'\n",
            head("Root"),
            if effect.is_empty() { String::new() } else { format!("\"{effect}\"") },
        );
        let all = proved(&format!("homes-placed-{name}"), &[&root]);
        assert_eq!(verdict(&all, Level::L1, "Nobody").is_refuted(), is_refuted, "{name}");
        assert!(is_refuted || !verdict(&all, Level::L0, "Nobody").is_refuted(), "{name}");
    }
}

#[test]
fn what_the_rest_of_a_step_does_is_no_refutation_that_the_kernel_denies() {
    let going = |trigger: &str| format!("[[action.triggers]]\nname = 'then'\nkind = 'entity'\n{trigger}\n");
    let keeps = |of: &str, assert: &str| format!("[[invariant]]\nname = '{of}'\nassert = \"{assert}\"\n");
    let child = "[[state]]\nname = 'child'\ntype = 'ref'\nentity = 'Child'\ngiven = true\n";
    let make = "[[action]]\nname = 'Make'\nfrom = ['A']\nto = 'B'\n";
    for (name, root, other, is_refuted) in [
        // Who cannot be created is not created, and so nothing happens.
        (
            "born",
            format!("{make}effect = [\"spawn('Child', 'Start')\"]\n{}", keeps("It", "status == 'A'")),
            "[[field_invariant]]\nname = 'None'\nassert = 'n > 0'\n",
            false,
        ),
        // What is not recorded changes nothing, whatever it is given.
        (
            "given",
            format!(
                "[[state]]\nname = 'n'\ntype = 'int'\n[[action]]\nname = 'Put'\nkind = 'Composite'\nrecord_parent_event = false\n\
                 params = [{{ name = 'n', type = 'int' }}]\n[[action.sub_writes]]\ntarget_entity = 'Child'\naction = 'Start'\n{}",
                keeps("It", "n == 0")
            ),
            "",
            false,
        ),
        // Who was missing is there then.
        (
            "missing",
            format!(
                "{child}{make}{}{}",
                going(
                    "target_entity = 'Child'\ntarget_action = 'Start'\nresolve_target = { type = 'create_if_missing', id_field = 'child' }"
                ),
                keeps("It", "status == 'A' || child == null || Child[child].status != null")
            ),
            "",
            false,
        ),
        // What comes back in the same step may mend what was broken in between.
        (
            "back",
            format!(
                "{child}{make}{}[[action]]\nname = 'Back'\nfrom = ['B']\nto = 'A'\n{}",
                going("target_entity = 'Root'\ntarget_action = 'Back'\nresolve_target = { type = 'same_id' }"),
                keeps("It", "status == 'A'")
            ),
            "",
            false,
        ),
        ("plain", format!("{make}effect = [\"spawn('Child', 'Start')\"]\n{}", keeps("It", "status == 'A'")), "", true),
    ] {
        let other = format!("{CHILD}[[state]]\nname = 'n'\ntype = 'counter'\n{other}");
        let all = proved(&format!("homes-rest-{name}"), &[&format!("{}{root}", head("Root")), &other]);
        for level in [Level::L0, Level::Composite] {
            assert_eq!(verdict(&all, level, "It").is_refuted(), is_refuted, "{name}, {level}: {:#?}", verdict(&all, level, "It"));
        }
    }
}

#[test]
fn an_id_that_says_a_home_may_live_here() {
    let guard = format!(
        "{}[[state]]\nname = 'sink'\ntype = 'ref'\nentity = 'Child'\ninitial = 'main@queen'\n\
         [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\nguard = \"Child[sink].status == 'On'\"\n{STAYS}",
        head("Root")
    );
    let placed = "[[state]]\nname = 'sink'\ntype = 'string'\nhome = 'same'\ninitial = 'main@queen'\n";
    let make = format!(
        "{}[[action]]\nname = 'Make'\nfrom = ['A']\nto = 'B'\neffect = [\"spawn('Child', 'Start')\"]\n{STAYS}",
        head("Root")
    );
    for (name, root, child) in [("asked", &guard, CHILD.to_owned()), ("born", &make, format!("{CHILD}{placed}"))] {
        let all = proved(&format!("homes-said-{name}"), &[root, &child]);
        for level in [Level::L0, Level::Composite] {
            assert!(matches!(verdict(&all, level, "Stays"), Verdict::Incomplete(_)), "{name}, {level}: {all:#?}");
        }
    }
}

#[test]
fn who_is_held_to_others_as_it_is_created_is_not_surely_created() {
    let child = "[[state]]\nname = 'owner'\ntype = 'ref'\nentity = 'Root'\ngiven = true\n\
                 [[field_invariant]]\nname = 'Owned'\nassert = \"Root[owner].status == 'A'\"\n";
    let root = format!(
        "{}[[action]]\nname = 'Make'\nfrom = ['A']\nto = 'B'\neffect = [\"spawn('Child', 'Start')\"]\n{STAYS}",
        head("Root")
    );
    let all = proved("homes-owned", &[&root, &format!("{CHILD}{child}")]);
    assert!(matches!(verdict(&all, Level::L0, "Stays"), Verdict::Incomplete(_)));
}

#[test]
fn what_says_nothing_hides_nothing_that_is_found_without_it() {
    let root = format!(
        "{}[[state]]\nname = 'n'\ntype = 'counter'\n[[action]]\nname = 'Add'\neffect = ['n += 1']\n\
         [[action]]\nname = 'Poke'\neffect = ['n += 1']\n[[action.triggers]]\nname = 'then'\nkind = 'entity'\n\
         target_entity = 'Root'\ntarget_action = 'Add'\nresolve_target = {{ type = 'same_id' }}\n\
         [[state]]\nname = 'mail'\ntype = 'string'\ninitial = 'ops@example.com'\n[[invariant]]\nname = 'Few'\nassert = 'n <= 3'\n",
        head("Root")
    );
    let all = proved("homes-poke", &[&root]);
    assert!(verdict(&all, Level::L0, "Few").is_refuted());
    // A text with an `@` is no id, and what holds it is replayed.
    let shown: Vec<bool> = all.shown.iter().map(|it| matches!(it.showing, Showing::Scenario(_))).collect();
    assert!(!shown.is_empty() && shown.iter().all(|it| *it), "{:#?}", all.shown);
}
