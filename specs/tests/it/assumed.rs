//! Whom specs count on being there, and what is created under ids that somebody says.

use crate::holes::{group, l1, refuted, verdict};
use antfarm_specs::{Depth, Level, Lives, Showing, Verdict, lived, prove, search, tried};

const LEDGER: &str = "[automaton]\nname = 'Ledger'\nstates = ['Open']\ninitial = 'Open'\nallow_indefinite_states = ['Open']\n\
                      [[action]]\nname = 'Note'\n";

/// Jobs that set something going at a ledger that `target` finds.
fn jobs(target: &str) -> String {
    format!(
        "[automaton]\nname = 'Job'\nstates = ['Idle', 'Done']\ninitial = 'Idle'\nterminal = ['Done']\nallow_indefinite_states = ['Idle']\n\
         [[action]]\nname = 'Do'\nfrom = ['Idle']\nto = 'Done'\n\
         [[action.triggers]]\nname = 'noted'\nkind = 'entity'\ntarget_entity = 'Ledger'\ntarget_action = 'Note'\n\
         resolve_target = {{ {target} }}\n"
    )
}

#[test]
fn whom_specs_count_on_is_there_at_every_level() {
    for (name, target) in [("static", "type = 'static', entity_id = 'main'"), ("same", "type = 'same_id'")] {
        let group = group(&format!("assumed-{name}"), &[&jobs(target), LEDGER]);
        let proved = prove(&group, None, Depth::default());
        for level in [Level::Composite, Level::L2, Level::L3] {
            let of = proved.findings.iter().filter(|it| it.level == level).cloned().collect::<Vec<_>>();
            assert_eq!(*verdict(&of, "no_dropped_reaction"), Verdict::Verified, "{name}, {level}: {of:#?}");
        }
        assert!(proved.contradictions.is_empty(), "{:?}", proved.contradictions);
    }
}

#[test]
fn whom_specs_count_on_may_refuse_at_every_level() {
    let full = format!("{LEDGER}guard = 'lines < 1'\neffect = ['lines += 1']\n[[state]]\nname = 'lines'\ntype = 'counter'\n");
    for (name, target) in [("static", "type = 'static', entity_id = 'main'"), ("same", "type = 'same_id'")] {
        let group = group(&format!("assumed-full-{name}"), &[&jobs(target), &full]);
        for found in [
            search(&group, Depth::default().search),
            tried(&group, Depth::default().tries),
            lived(&group, Lives::default()).findings,
        ] {
            assert!(verdict(&found, "no_dropped_reaction").is_refuted(), "{name}: {found:#?}");
        }
    }
}

#[test]
fn a_partner_is_created_where_it_is_missing() {
    // Whether it was there before: both come about, and the kernel does the same.
    let entry = format!("{LEDGER}from = ['Open']\nto = 'Noted'\n[[action]]\nname = 'Again'\nfrom = ['Noted']\n")
        .replace("['Open']\ninitial", "['Open', 'Noted']\ninitial");
    let entry = entry.replace("allow_indefinite_states = ['Open']", "allow_indefinite_states = ['Open', 'Noted']");
    let entry = format!("{entry}[[invariant]]\nname = 'Never'\nassert = \"status == 'Open'\"\n");
    let jobs = jobs("type = 'create_if_missing', id_field = 'Id'");
    let proved = prove(&group("assumed-partner", &[&jobs, &entry]), None, Depth::default());
    assert!(proved.contradictions.is_empty(), "{:?}", proved.contradictions);
    for level in [Level::Composite, Level::L3] {
        let of = proved.findings.iter().filter(|it| it.level == level).cloned().collect::<Vec<_>>();
        refuted(&of, "Never", 1);
        // One that was there, and was noted before.
        assert!(verdict(&of, "no_dropped_reaction").is_refuted(), "{of:#?}");
    }
    // Who has no partner at first, nobody noted: it is always created.
    let nobody = format!("{jobs}[[invariant]]\nname = 'Stays'\nassert = \"status == 'Idle'\"\n");
    refuted(&l1("assumed-partner-created", &[&nobody, &entry]), "Stays", 1);
}

#[test]
fn who_was_created_is_not_counted_on_to_have_a_partner() {
    let maker = "[automaton]\nname = 'Maker'\nstates = ['A']\ninitial = 'A'\nallow_indefinite_states = ['A']\n\
                 [[state]]\nname = 'n'\ntype = 'counter'\n\
                 [[action]]\nname = 'Make'\nguard = 'n < 1'\neffect = [\"spawn('Job', 'Start')\", 'n += 1']\n";
    let jobs = jobs("type = 'same_id'")
        .replace("[[action]]\nname = 'Do'", "[[action]]\nname = 'Start'\nfrom = ['Idle']\n[[action]]\nname = 'Do'");
    let jobs = jobs
        .replace("terminal = ['Done']\n", "")
        .replace("allow_indefinite_states = ['Idle']", "allow_indefinite_states = ['Idle', 'Done']");
    let group = group("assumed-made", &[maker, &jobs, LEDGER]);
    for found in [search(&group, Depth::default().search), lived(&group, Lives::default()).findings] {
        let of: Vec<_> = found.into_iter().filter(|it| it.spec.as_str() == "Job").collect();
        assert!(verdict(&of, "no_dropped_reaction").is_refuted(), "{of:#?}");
    }
}

#[test]
fn who_is_counted_on_is_there_although_others_create_such() {
    let one = jobs("type = 'static', entity_id = 'main'");
    let other = "[automaton]\nname = 'Book'\nstates = ['A']\ninitial = 'A'\nallow_indefinite_states = ['A']\n[[action]]\nname = 'Open'\n\
                 [[action.triggers]]\nname = 'opened'\nkind = 'entity'\ntarget_entity = 'Ledger'\ntarget_action = 'Note'\n\
                 resolve_target = { type = 'create_if_missing', id_field = 'Id' }\n";
    let found = search(&group("assumed-both", &[&one, other, LEDGER]), Depth::default().search);
    let of: Vec<_> = found.into_iter().filter(|it| it.spec.as_str() == "Job").collect();
    assert!(verdict(&of, "no_dropped_reaction").is_verified(), "{of:#?}");
}

const CHILD: &str = "[automaton]\nname = 'Child'\nstates = ['On']\ninitial = 'On'\nallow_indefinite_states = ['On']\n\
                     [[action]]\nname = 'Start'\n";

#[test]
fn an_id_that_only_its_entity_has_is_not_new_again() {
    let root = "[automaton]\nname = 'Root'\nstates = ['A']\ninitial = 'A'\nallow_indefinite_states = ['A']\n\
                [[state]]\nname = 'n'\ntype = 'counter'\n\
                [[action]]\nname = 'Make'\nparams = [{ name = 'id', type = 'string' }]\nguard = \"n < 3 && params.id != ''\"\n\
                effect = [\"spawn('Child', 'Start', id, params.id)\", 'n += 1']\n\
                [[state]]\nname = 'id'\ntype = 'ref'\nentity = 'Child'\n\
                [[action]]\nname = 'Forget'\neffect = ['id = null']\n\
                [[invariant]]\nname = 'Few'\nassert = 'n < 2'\n";
    refuted(&l1("assumed-said", &[root, CHILD]), "Few", 2);
}

#[test]
fn the_order_of_a_set_decides_nothing() {
    // Some element says enough, unless another has no value: in which order they lie, no spec can know.
    let spec = |body: &str| {
        format!(
            "[automaton]\nname = 'Bag'\nstates = ['A', 'B']\ninitial = 'A'\nterminal = ['B']\nallow_indefinite_states = ['A']\n\
             [[state]]\nname = 'all'\ntype = 'set'\n\
             [[action]]\nname = 'Add'\nparams = [{{ name = 'one', type = 'string' }}]\nguard = 'len(all) < 2'\neffect = ['append(all, params.one)']\n\
             [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\nguard = \"len(all) == 2 && {body}\"\n\
             [[invariant]]\nname = 'Stays'\nassert = \"status == 'A'\"\n"
        )
    };
    // A text that comes before those that L1 makes up, and one that comes behind.
    for known in ["!", "zzz"] {
        let body = format!("any(x in all, x == '{known}' || 1 / 0 == 1) && '{known}' in all");
        let found = prove(&group("assumed-order", &[&spec(&body)]), None, Depth::default());
        for finding in found.findings.iter().filter(|it| it.level != Level::L2) {
            assert!(verdict(std::slice::from_ref(finding), "Stays").is_verified(), "{known}: {finding:#?}");
        }
        let body = format!("any(x in all, x == '{known}' || x == '' && 1 / 0 == 1) && '{known}' in all");
        refuted(&l1("assumed-order-else", &[&spec(&body)]), "Stays", 3);
    }
}

#[test]
fn as_many_texts_as_there_may_be_are_looked_at() {
    let many: String = (1..=800).map(|nth| format!("[[state]]\nname = 'v{nth}'\ntype = 'string'\n")).collect();
    let specs: Vec<String> = (0..4)
        .map(|nth| {
            format!(
                "[automaton]\nname = 'Type{nth}'\nstates = ['A', 'B']\ninitial = 'A'\nallow_indefinite_states = ['A', 'B']\n{many}\
                 [[state]]\nname = 'other'\ntype = 'ref'\nentity = 'Type{}'\n",
                (nth + 1) % 4
            )
        })
        .collect();
    let specs: Vec<&str> = specs.iter().map(String::as_str).collect();
    let found = search(&group("assumed-stocks", &specs), antfarm_specs::Limits { states: 10 });
    assert_eq!(found.len(), 4);
}

#[test]
fn random_sequences_write_elsewhere_by_composite_actions() {
    let desk = "[automaton]\nname = 'Desk'\nstates = ['On']\ninitial = 'On'\nallow_indefinite_states = ['On']\n\
                [[action]]\nname = 'Both'\nkind = 'Composite'\nrecord_parent_event = false\n\
                [[action.sub_writes]]\ntarget_entity = 'Seat'\naction = 'Take'\n";
    let seat = "[automaton]\nname = 'Seat'\nstates = ['Free', 'Taken']\ninitial = 'Free'\nallow_indefinite_states = ['Free', 'Taken']\n\
                [[state]]\nname = 'desk'\ntype = 'ref'\nentity = 'Desk'\n\
                [[action]]\nname = 'Take'\nfrom = ['Free']\nto = 'Taken'\nparams = [{ name = 'places', type = 'counter' }]\n\
                guard = \"params.places == 2\"\n";
    let found = tried(&group("assumed-composite", &[desk, seat]), Depth::default().tries);
    assert!(verdict(&found, "Both").is_verified(), "{found:#?}");
}

#[test]
fn what_else_does_not_hold_in_a_run_is_no_bug_of_ours() {
    // The way to the state in which it stands still breaks an invariant.
    let spec = "[automaton]\nname = 'Thing'\nstates = ['A', 'B', 'C']\ninitial = 'A'\nterminal = ['C']\nallow_indefinite_states = ['A']\n\
                [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\n\
                [[action]]\nname = 'End'\nfrom = ['A']\nto = 'C'\n\
                [[invariant]]\nname = 'Never'\nassert = \"status != 'B'\"\n";
    let proved = prove(&group("assumed-else", &[spec]), None, Depth::default());
    assert!(proved.contradictions.is_empty(), "{:?}", proved.contradictions);
    let l1 = proved.findings.iter().filter(|it| it.level == Level::L1).cloned().collect::<Vec<_>>();
    refuted(&l1, "Never", 1);
    refuted(&l1, "no_deadlock", 1);
}

#[test]
fn who_is_there_is_not_whom_a_value_of_the_same_name_means() {
    // The trigger's ledger is one of this home, and what the variable says names nobody here: no run tells them apart.
    let jobs = jobs("type = 'static', entity_id = 'main'")
        .replace("[[action]]", "[[state]]\nname = 'by'\ntype = 'ref'\nentity = 'Ledger'\ninitial = 'main'\n[[action]]");
    let jobs = format!(
        "{jobs}[[invariant]]\nname = 'Never'\nassert = \"status == 'Idle'\"\n[[invariant]]\nname = 'Unsaid'\nassert = \"by != 'main'\"\n"
    );
    let proved = prove(&group("assumed-two", &[&jobs, LEDGER]), None, Depth::default());
    assert!(proved.contradictions.is_empty(), "{:?}", proved.contradictions);
    assert!(verdict(&proved.findings, "Never").is_refuted());
    // So they are told apart.
    let told = verdict(&proved.findings, "Unsaid");
    assert!(format!("{told:?}").contains("main@?"), "{told:?}");
    assert!(proved.shown.iter().all(|it| matches!(it.showing, Showing::Scenario(_))), "{:#?}", proved.shown);
}

#[test]
fn whom_a_reason_names_is_told_apart_too() {
    let helper = "[automaton]\nname = 'Helper'\nstates = ['On']\ninitial = 'On'\nallow_indefinite_states = ['On']\n\
                  [[state]]\nname = 'by'\ntype = 'ref'\nentity = 'Ledger'\ninitial = 'main'\n\
                  [[action]]\nname = 'Ask'\nguard = \"Ledger[by].status == 'Open' || by == 'main'\"\n";
    let jobs = jobs("type = 'static', entity_id = 'main'");
    let jobs = format!(
        "{jobs}[[action.triggers]]\nname = 'help'\nkind = 'entity'\ntarget_entity = 'Helper'\ntarget_action = 'Ask'\n\
         resolve_target = {{ type = 'create' }}\n"
    );
    let findings = l1("assumed-reason", &[&jobs, LEDGER, helper]);
    let told =
        findings.iter().flat_map(|it| &it.judged).find(|it| it.property.name == "no_dropped_reaction" && it.verdict.is_refuted());
    let Some(Verdict::Refuted(Some(trace))) = told.map(|it| &it.verdict) else { panic!("{findings:#?}") };
    assert!(trace.marks.last().unwrap().dropped[0].contains("`Ledger` `main@?` would decide"), "{trace}");
}

#[test]
fn nobody_new_is_whom_a_reference_to_nobody_names() {
    let spec = |name: &str, other: &str, more: &str| {
        format!(
            "[automaton]\nname = '{name}'\nstates = ['On']\ninitial = 'On'\nallow_indefinite_states = ['On']\n\
             [[action]]\nname = 'Note'\n[[action]]\nname = 'Do'\n[[action.triggers]]\nname = 'noted'\nkind = 'entity'\n\
             target_entity = '{other}'\ntarget_action = 'Note'\nresolve_target = {{ type = 'create_if_missing', id_field = 'Id' }}\n{more}"
        )
    };
    let more = "[[state]]\nname = 'peer'\ntype = 'ref'\nentity = 'One'\ngiven = true\n\
                [[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'One'\n\
                [[action]]\nname = 'Make'\nguard = 'kid == null'\neffect = [\"spawn('One', 'Note', kid)\"]\n\
                [[invariant]]\nname = 'Other'\nassert = 'kid == null || kid != peer'\n";
    let findings = l1("assumed-nobody", &[&spec("One", "Two", more), &spec("Two", "One", "")]);
    let told = verdict(&findings, "Other");
    assert!(!told.is_refuted(), "{told:?}");
}

#[test]
fn who_is_written_out_where_no_variable_holds_it_lives_elsewhere_too() {
    let spec = "[automaton]\nname = 'Thing'\nstates = ['On']\ninitial = 'On'\nallow_indefinite_states = ['On']\n\
                [[invariant]]\nname = 'There'\nassert = \"any(x in ['p0'], Thing[x].status == 'On')\"\n";
    let proved = prove(&group("assumed-written", &[spec]), None, Depth::default());
    assert!(proved.contradictions.is_empty(), "{:?}", proved.contradictions);
    assert!(!verdict(&proved.findings, "There").is_refuted(), "nobody here says so");
}

#[test]
fn who_asks_others_as_it_is_created_may_come_before_and_after_them() {
    let asks = |own: &str, other: &str, keeps: &str, holds: &str| {
        format!(
            "[automaton]\nname = '{own}'\nstates = ['On', 'Off']\ninitial = 'On'\nallow_indefinite_states = ['On', 'Off']\n\
             [[state]]\nname = 'friend'\ntype = 'ref'\nentity = '{other}'\ngiven = true\n\
             [[action]]\nname = 'Stop'\nfrom = ['On']\nto = 'Off'\n\
             [[field_invariant]]\nname = 'Friend'\nassert = \"{keeps}\"\n[[invariant]]\nname = 'Never'\nassert = \"{holds}\"\n"
        )
    };
    let levels = [Level::Composite, Level::L3];
    for (name, files, levels, steps) in [
        (
            "after",
            vec![asks("A", "Ledger", "Ledger[friend].status == 'Open'", "status == 'On'"), LEDGER.to_owned()],
            &levels[..],
            1,
        ),
        (
            "before",
            vec![asks("Z", "Ledger", "Ledger[friend].status == null", "Ledger[friend].status == null"), LEDGER.to_owned()],
            &levels[..1],
            0,
        ),
        ("peers", vec![asks("A", "A", "friend == null || A[friend].status == 'On'", "friend == null")], &levels[..], 0),
        ("either", vec![asks("A", "A", "A[friend].status != 'On'", "A[friend].status != 'On'")], &levels[..1], 0),
    ] {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let proved = prove(&group(&format!("assumed-birth-{name}"), &files), None, Depth::default());
        assert!(proved.contradictions.is_empty(), "{name}: {:?}", proved.contradictions);
        for level in levels {
            let level = if files.len() == 1 && *level == Level::Composite { Level::L1 } else { *level };
            let of = proved.findings.iter().filter(|it| it.level == level).cloned().collect::<Vec<_>>();
            refuted(&of, "Never", steps);
            let shown = proved.shown.iter().find(|it| it.level == level && it.property.name == "Never");
            assert!(matches!(shown.map(|it| &it.showing), Some(Showing::Scenario(_))), "{name}, {level}");
        }
    }
}
