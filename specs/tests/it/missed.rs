//! What small worlds once did not come to, and called proved: each of these was verified, and is not.

use crate::holes::{group, l1, refuted, verdict};
use antfarm_automata::Value;
use antfarm_specs::{Depth, Finding, Level, Limits, Lives, Mark, Showing, Verdict, lived, prove, search};

const HEAD: &str = "[automaton]\nname = 'Thing'\nstates = ['A', 'B']\ninitial = 'A'\nallow_indefinite_states = ['A', 'B']\n";

fn head(name: &str) -> String {
    HEAD.replace("Thing", name)
}

#[test]
fn values_that_an_expression_tells_apart_are_tried() {
    for (nth, (params, told)) in [
        ("x property, n int", "params.x == params.n"),
        ("x property, n bool", "params.x == params.n"),
        ("x property, n duration", "params.x == params.n"),
        ("x property, n list", "params.x == len(params.n)"),
        ("x string", "params.x == status"),
        ("x property", "params.x == status"),
        ("x set", "len(params.x) == 2"),
        ("x list", "len(params.x) == 2 && any(a in params.x, any(b in params.x, a != b))"),
        ("n counter", "params.n != -5"),
        ("n int", "params.n == 3 * 4 - 2"),
        ("x property", "params.x == -(-7)"),
        ("a int, b int, c int", "params.a < params.b && params.b < params.c"),
        ("a int, b int", "params.a + params.b == 10"),
        ("a int, b int", "params.a < 0 && params.a + params.b == 10"),
    ]
    .into_iter()
    .enumerate()
    {
        let params = params.split(", ").map(|it| {
            let (name, kind) = it.split_once(' ').unwrap();
            format!("{{ name = '{name}', type = '{kind}' }}")
        });
        let params = params.collect::<Vec<_>>().join(", ");
        let spec = format!(
            "{HEAD}[[state]]\nname = 'bad'\ntype = 'bool'\n\
             [[action]]\nname = 'Look'\nparams = [{params}]\neffect = [\"if {told}: bad = true\"]\n\
             [[invariant]]\nname = 'Never'\nassert = '!bad'\n"
        );
        refuted(&l1(&format!("missed-values-{nth}"), &[&spec]), "Never", 1);
    }
}

#[test]
fn who_only_create_each_other_are_there() {
    let spec = |name: &str, other: &str| {
        format!(
            "{}[[action]]\nname = 'Start'\n[[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\neffect = [\"spawn('{other}', 'Start')\"]\n\
             [[invariant]]\nname = 'Never{name}'\nassert = \"status == 'A'\"\n",
            head(name)
        )
    };
    let findings = l1("missed-mutual", &[&spec("Chicken", "Egg"), &spec("Egg", "Chicken")]);
    refuted(&findings, "NeverChicken", 1);
    refuted(&findings, "NeverEgg", 1);
}

#[test]
fn an_id_that_is_written_out_names_nobody_here() {
    let source = |id: &str| {
        format!(
            "{}[[state]]\nname = 'sink'\ntype = 'ref'\nentity = 'Sink'\n\
             [[action]]\nname = 'Point'\neffect = [\"sink = '{id}'\"]\n\
             [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\nguard = \"sink != null && Sink[sink].status != 'B'\"\n\
             [[invariant]]\nname = 'Open'\nassert = \"sink == null || Sink[sink].status != 'B'\"\n\
             [[invariant]]\nname = 'Unsaid'\nassert = \"sink != '{id}'\"\n",
            head("Source")
        )
    };
    let sink = format!("{}[[action]]\nname = 'Close'\nfrom = ['A']\nto = 'B'\n", head("Sink"));
    for id in ["main", "missing", "sink1", "main@away"] {
        let group = group("missed-said", &[&source(id), &sink]);
        let findings = search(&group, Limits::default());
        assert!(verdict(&findings, "Open").is_incomplete(), "what it says is not known: {findings:#?}");
        assert!(*verdict(&findings, "Go") != Verdict::Verified, "what asks it is refused: {findings:#?}");
        refuted(&findings, "Unsaid", 1);
        // The kernel does the same, and says the text as the spec does.
        let proved = prove(&group, None, Depth::default());
        assert!(proved.contradictions.is_empty(), "{:?}", proved.contradictions);
        let told = format!("{:?}", proved.findings);
        assert!(!told.contains("@?") && told.contains(&format!("Text({id:?})")), "{told}");
    }
}

#[test]
fn who_is_created_under_an_id_that_a_variable_says_is_found_by_the_kernel() {
    let root = "[automaton]\nname = 'Root'\nstates = ['New', 'Made']\ninitial = 'New'\nterminal = ['Made']\nallow_indefinite_states = ['New']\n\
                [[state]]\nname = 'key'\ntype = 'string'\ngiven = true\n\
                [[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'Child'\n\
                [[action]]\nname = 'Make'\nfrom = ['New']\nto = 'Made'\neffect = [\"spawn('Child', 'Start', kid, key)\"]\n\
                [[invariant]]\nname = 'Never'\nassert = \"status == 'New'\"\n";
    let proved = prove(&group("missed-under", &[root, CHILD]), None, Depth::default());
    assert!(proved.contradictions.is_empty(), "{:?}", proved.contradictions);
    let shown: Vec<_> = proved.shown.iter().filter(|it| it.property.name == "Never").collect();
    assert!(shown.len() > 1 && shown.iter().all(|it| matches!(it.showing, Showing::Scenario(_))), "{shown:#?}");
}

#[test]
fn who_is_created_under_a_text_is_told_where_nobody_changes_places() {
    // The search calls the second text as the first once that is gone; the run that is told does not.
    let root = "[automaton]\nname = 'Root'\nstates = ['New', 'Said', 'Both', 'Last', 'Made']\ninitial = 'New'\n\
                allow_indefinite_states = ['New', 'Said', 'Both', 'Last', 'Made']\n\
                [[state]]\nname = 'key'\ntype = 'string'\n[[state]]\nname = 'other'\ntype = 'string'\n\
                [[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'Child'\n\
                [[action]]\nname = 'Say'\nfrom = ['New']\nto = 'Said'\nparams = ['key']\nguard = \"params.key != ''\"\neffect = ['key = params.key']\n\
                [[action]]\nname = 'Also'\nfrom = ['Said']\nto = 'Both'\nparams = ['other']\nguard = \"params.other != key && params.other != ''\"\n\
                effect = ['other = params.other']\n\
                [[action]]\nname = 'Drop'\nfrom = ['Both']\nto = 'Last'\neffect = [\"key = ''\"]\n\
                [[action]]\nname = 'Make'\nfrom = ['Last']\nto = 'Made'\neffect = [\"spawn('Child', 'Start', kid, other)\"]\n\
                [[liveness]]\nname = 'Ends'\nfrom = ['Made']\nreaches = ['New']\n";
    let findings = l1("missed-told", &[root, CHILD]);
    let Verdict::Refuted(Some(trace)) = verdict(&findings, "Ends") else { panic!("{findings:#?}") };
    let held = |mark: &Mark, field: &str| {
        let root = mark.after.iter().find(|it| it.id == trace.first[0].id).unwrap();
        root.fields.iter().find(|it| it.0 == field).unwrap().1.clone()
    };
    let [_, also, drop, make, ..] = &trace.marks[..] else { panic!("{trace}") };
    let others = [also, drop, make].map(|it| held(it, "other"));
    assert!(others.iter().all(|it| *it == others[0]), "{trace}");
    let child = make.after.iter().find(|it| it.entity == "Child").unwrap();
    assert_eq!([&others[0], &held(make, "kid")], [&Value::Text(child.id.clone()); 2], "{trace}");
}

#[test]
fn why_a_reaction_is_refused_is_told_under_the_names_of_the_run() {
    let maker = format!(
        "{}[[state]]\nname = 'key'\ntype = 'string'\n[[state]]\nname = 'other'\ntype = 'string'\n[[state]]\nname = 'last'\ntype = 'string'\n\
         [[action]]\nname = 'Say'\nfrom = ['A']\nto = 'B'\nparams = ['key', 'other']\n\
         guard = \"params.key != '' && params.other != '' && params.key != params.other\"\n\
         effect = ['key = params.key', 'other = params.other']\n\
         [[action]]\nname = 'Drop'\nfrom = ['B']\nguard = \"key != ''\"\neffect = [\"key = ''\"]\n\
         [[action]]\nname = 'Make'\nfrom = ['B']\nguard = \"key == '' && other != ''\"\neffect = [\"spawn('Child', 'Start', last, other)\"]\n",
        head("Maker")
    );
    let root = format!(
        "{}[[state]]\nname = 'boss'\ntype = 'ref'\nentity = 'Maker'\ngiven = true\n\
         [[action]]\nname = 'Go'\nfrom = ['A']\nguard = \"boss != null && Maker[boss].other != '' && Maker[boss].key == ''\"\n\
         [[action.triggers]]\nname = 'make'\nkind = 'entity'\ntarget_entity = 'Maker'\ntarget_action = 'Make'\n\
         resolve_target = {{ type = 'field', field = 'boss' }}\n",
        head("Root")
    );
    let findings = l1("missed-why", &[&root, &maker, CHILD]);
    let judged = findings.iter().find(|it| it.spec == "Root").unwrap().judged.iter();
    let dropped = judged.clone().find(|it| it.property.name == "no_dropped_reaction").unwrap();
    let Verdict::Refuted(Some(trace)) = &dropped.verdict else { panic!("{dropped:#?}") };
    let last = trace.marks.last().unwrap();
    let child = last.after.iter().find(|it| it.entity == "Child").unwrap();
    assert!(last.dropped[0].ends_with(&format!("there is an entity `{}` already", child.id)), "{trace}");
}

#[test]
fn two_who_are_created_under_one_id_are_told_under_one() {
    let root = format!(
        "{}[[state]]\nname = 'a'\ntype = 'ref'\nentity = 'Child'\n[[state]]\nname = 'b'\ntype = 'ref'\nentity = 'Other'\n\
         [[action]]\nname = 'Make'\nfrom = ['A']\nto = 'B'\nparams = [{{ name = 'id', type = 'ref', entity = 'Child' }}]\n\
         effect = [\"spawn('Child', 'Start', a, params.id)\", \"spawn('Other', 'Start', b, params.id)\"]\n\
         [[action]]\nname = 'Go'\nfrom = ['B']\neffect = ['gone = true']\n[[state]]\nname = 'gone'\ntype = 'bool'\n\
         [[invariant]]\nname = 'Stays'\nassert = '!gone'\n",
        head("Root")
    );
    let proved = prove(&group("missed-both", &[&root, CHILD, &CHILD.replace("Child", "Other")]), None, Depth::default());
    assert!(proved.contradictions.is_empty(), "{:?}", proved.contradictions);
    assert!(verdict(&proved.findings, "Stays").is_refuted());
}

#[test]
fn who_comes_into_being_at_once_has_an_id_of_its_own() {
    let maker = format!(
        "{}[[action]]\nname = 'Make'\nfrom = ['A']\nto = 'B'\neffect = [\"spawn('One', 'Start')\", \"spawn('Other', 'Start')\"]\n",
        head("Maker")
    );
    let one = format!(
        "{}[[action]]\nname = 'Start'\nfrom = ['A']\nto = 'B'\n[[action]]\nname = 'Go'\nfrom = ['B']\n\
         [[action.triggers]]\nname = 'poke'\nkind = 'entity'\ntarget_entity = 'Other'\ntarget_action = 'Poke'\n\
         resolve_target = {{ type = 'same_id' }}\n",
        head("One")
    );
    let other = format!("{}[[action]]\nname = 'Start'\n[[action]]\nname = 'Poke'\n", head("Other"));
    let findings = l1("missed-same-id", &[&maker, &one, &other]);
    let dropped = findings.iter().find(|it| it.spec == "One").unwrap().judged.iter();
    assert!(dropped.clone().any(|it| it.property.name == "no_dropped_reaction" && it.verdict.is_refuted()), "{findings:#?}");
}

#[test]
fn whoever_creates_others_lives_in_the_colony_too() {
    let keeper = format!(
        "{}[[state]]\nname = 'child'\ntype = 'ref'\nentity = 'Child'\n\
         [[action]]\nname = 'Make'\nfrom = ['A']\nto = 'B'\nparams = [{{ name = 'id', type = 'string' }}]\n\
         effect = [\"spawn('Child', 'Start', child, params.id)\"]\n[[invariant]]\nname = 'None'\nassert = 'child == null'\n",
        head("Keeper")
    );
    let child = format!("{}[[action]]\nname = 'Start'\nfrom = ['A']\nto = 'B'\n", head("Child"));
    // The file of whom the other creates comes last, its name first.
    let group = group("missed-keeper", &[&keeper, &child]);
    let findings = lived(&group, Lives::default()).findings;
    assert!(verdict(&findings, "no_dropped_reaction").is_verified(), "{findings:#?}");
    // Who is created under an id that the run says is found under it at the node.
    let proved = prove(&group, None, Depth::default());
    assert!(proved.contradictions.is_empty(), "{:#?}", proved.contradictions);
    assert!(verdict(&proved.findings, "None").is_refuted());
}

#[test]
fn names_that_differ_in_a_letters_case_are_two() {
    let spec = |name: &str, other: &str| {
        format!(
            "{}[[state]]\nname = 'o'\ntype = 'ref'\nentity = '{other}'\ngiven = true\n[[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\n",
            head(name)
        )
    };
    // They are renamed without becoming one.
    let more = spec("order", "Order") + "[[action]]\nname = 'More'\neffect = [\"spawn('order', 'Go')\"]\n";
    assert_eq!(l1("missed-case", &[&spec("Order", "order"), &more]).len(), 2);
}

#[test]
fn as_many_beginnings_as_are_looked_at_are_a_bound() {
    let many: String = (1..=13).map(|nth| format!("[[state]]\nname = 'b{nth}'\ntype = 'bool'\ngiven = true\n")).collect();
    let spec = format!("{HEAD}{many}[[invariant]]\nname = 'Never'\nassert = '!b1 || !b13'\n");
    let findings = l1("missed-beginnings", &[&spec]);
    assert!(!verdict(&findings, "Never").is_verified(), "{findings:#?}");
}

#[test]
fn more_texts_than_are_told_apart_are_a_bound() {
    let spec = format!(
        "{HEAD}[[state]]\nname = 'all'\ntype = 'set'\n\
         [[action]]\nname = 'Add'\nparams = [{{ name = 'one', type = 'string' }}]\nguard = 'len(all) < 60'\neffect = ['append(all, params.one)']\n\
         [[invariant]]\nname = 'Few'\nassert = 'len(all) < 55'\n"
    );
    assert!(verdict(&l1("missed-texts", &[&spec]), "Few").is_incomplete());
}

#[test]
fn what_is_at_its_bounds_is_looked_at() {
    let many: String = (1..=1000).map(|nth| format!("[[state]]\nname = 'v{nth}q{}'\ntype = 'bool'\n", nth * 7919)).collect();
    let spec = format!("{HEAD}{many}[[field_invariant]]\nname = 'Ever'\nassert = '!empty(Zebra) || true'\n");
    assert_eq!(l1("missed-most", &[&spec]).len(), 1);
}

#[test]
fn a_world_that_a_random_run_left_proves_nothing() {
    // Five numbers, where four are tried.
    let spec = "[automaton]\nname = 'Thing'\nstates = ['A', 'Trap', 'Done']\ninitial = 'A'\nterminal = ['Done']\n\
        allow_indefinite_states = ['A', 'Trap']\n\
        [[action]]\nname = 'Fall'\nfrom = ['A']\nto = 'Trap'\nparams = [{ name = 'a', type = 'int' }, { name = 'b', type = 'int' }, \
        { name = 'c', type = 'int' }, { name = 'd', type = 'int' }, { name = 'e', type = 'int' }]\n\
        guard = 'params.a < params.b && params.b < params.c && params.c < params.d && params.d < params.e'\n\
        [[action]]\nname = 'Finish'\nfrom = ['A']\nto = 'Done'\n\
        [[liveness]]\nname = 'Ends'\nfrom = ['A']\nreaches = ['Done']\n";
    let findings = prove(&group("missed-settled", &[spec]), None, Depth::default()).findings;
    let at = |level: Level| findings.iter().filter(move |it| it.level == level).cloned().collect::<Vec<Finding>>();
    assert_eq!(*verdict(&at(Level::L3), "Fall"), Verdict::Verified, "a run takes it");
    assert!(!verdict(&at(Level::L1), "Ends").is_verified(), "{findings:#?}");
}

#[test]
fn what_comes_behind_a_goal_may_never_come_to_one_again() {
    let spec = "[automaton]\nname = 'Job'\nstates = ['Queued', 'Done']\ninitial = 'Queued'\nallow_indefinite_states = ['Queued', 'Done']\n\
                [[state]]\nname = 'again'\ntype = 'bool'\n\
                [[action]]\nname = 'Finish'\nfrom = ['Queued']\nto = 'Done'\nguard = '!again'\n\
                [[action]]\nname = 'Retry'\nfrom = ['Done']\nto = 'Queued'\neffect = ['again = true']\n\
                [[liveness]]\nname = 'Ends'\nfrom = ['Queued']\nreaches = ['Done']\n";
    assert!(verdict(&l1("missed-behind", &[spec]), "Ends").is_refuted());
}

#[test]
fn what_a_list_begins_with_may_be_longer_than_what_is_given() {
    let spec = |guard: &str| {
        format!(
            "[automaton]\nname = 'Thing'\nstates = ['A', 'B']\ninitial = 'A'\nterminal = ['B']\n\
             [[state]]\nname = 'tags'\ntype = 'list'\ninitial = ['a', 'b', 'c']\ngiven = true\n\
             [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\nguard = '{guard}'\n"
        )
    };
    assert!(verdict(&l1("missed-long", &[&spec("len(tags) < 3")]), "no_deadlock").is_refuted());
    assert!(verdict(&l1("missed-long-taken", &[&spec("len(tags) == 3")]), "Go").is_verified());
}

const CHILD: &str = "[automaton]\nname = 'Child'\nstates = ['On']\ninitial = 'On'\nallow_indefinite_states = ['On']\n\
                     [[action]]\nname = 'Start'\n";

#[test]
fn two_who_say_one_id_are_there() {
    let root = "[automaton]\nname = 'Root'\nstates = ['New', 'Made']\ninitial = 'New'\nterminal = ['Made']\n\
                [[state]]\nname = 'key'\ntype = 'string'\ngiven = true\n\
                [[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'Child'\n\
                [[action]]\nname = 'Make'\nfrom = ['New']\nto = 'Made'\neffect = [\"spawn('Child', 'Start', kid, key)\"]\n\
                [[field_invariant]]\nname = 'Named'\nassert = \"key != ''\"\nmessage = 'a root has a key'\n";
    assert!(verdict(&l1("missed-one-key", &[root, CHILD]), "no_deadlock").is_refuted());
    let root = "[automaton]\nname = 'Root'\nstates = ['A']\ninitial = 'A'\nallow_indefinite_states = ['A']\n\
                [[state]]\nname = 'mine'\ntype = 'ref'\nentity = 'Child'\n\
                [[state]]\nname = 'seen'\ntype = 'property'\n\
                [[action]]\nname = 'Make'\nguard = 'mine == null'\neffect = [\"spawn('Child', 'Start', mine)\"]\n\
                [[action]]\nname = 'Look'\nparams = [{ name = 'x', type = 'string' }]\n\
                guard = \"Child[params.x].status == 'On'\"\neffect = ['seen = params.x']\n\
                [[invariant]]\nname = 'Own'\nassert = 'seen == null || seen == mine'\n";
    assert!(verdict(&l1("missed-others-child", &[root, CHILD]), "Own").is_refuted());
}

#[test]
fn an_id_that_names_nobody_may_come_to_name_somebody() {
    let keeper = "[automaton]\nname = 'Keeper'\nstates = ['A', 'B']\ninitial = 'A'\nterminal = ['B']\nallow_indefinite_states = ['A']\n\
                  [[state]]\nname = 'want'\ntype = 'ref'\nentity = 'Child'\n\
                  [[state]]\nname = 'kid'\ntype = 'ref'\nentity = 'Child'\n\
                  [[action]]\nname = 'Want'\nfrom = ['A']\nparams = [{ name = 'x', type = 'ref', entity = 'Child' }]\n\
                  guard = 'want == null && Child[params.x].status == null'\neffect = ['want = params.x']\n\
                  [[action]]\nname = 'Make'\nfrom = ['A']\nparams = [{ name = 'id', type = 'string' }]\n\
                  guard = \"kid == null && params.id != ''\"\neffect = [\"spawn('Child', 'Start', kid, params.id)\"]\n\
                  [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\nguard = 'want != null && Child[want].status == null'\n\
                  [[liveness]]\nname = 'Ends'\nfrom = ['A']\nreaches = ['B']\nfair = ['Want', 'Go']\n";
    assert!(verdict(&l1("missed-comes", &[keeper, CHILD]), "Ends").is_refuted());
}

#[test]
fn a_composite_action_may_write_one_thing_twice_and_be_recorded_by_what_it_writes() {
    let sale = "[automaton]\nname = 'Sale'\nstates = ['Open', 'Sold']\ninitial = 'Open'\nterminal = ['Sold']\nallow_indefinite_states = ['Open']\n\
                [[state]]\nname = 'seat'\ntype = 'ref'\nentity = 'Seat'\ngiven = true\n\
                [[action]]\nname = 'Sell'\nkind = 'Composite'\nfrom = ['Open']\nto = 'Sold'\nguard = 'Seat[seat].n == 0'\n\
                [[action.sub_writes]]\ntarget_entity = 'Seat'\naction = 'Step'\n\
                [[action.triggers]]\nname = 'poke'\nkind = 'entity'\ntarget_entity = 'Seat'\ntarget_action = 'Poke'\n\
                resolve_target = { type = 'field', field = 'seat' }\n";
    let seat = "[automaton]\nname = 'Seat'\nstates = ['On']\ninitial = 'On'\nallow_indefinite_states = ['On']\n\
                [[state]]\nname = 'n'\ntype = 'counter'\n\
                [[state]]\nname = 'sale'\ntype = 'ref'\nentity = 'Sale'\ngiven = true\n\
                [[action]]\nname = 'Step'\nguard = \"n < 2 && Sale[sale].status == 'Sold'\"\neffect = ['n += 1']\n\
                [[action]]\nname = 'Poke'\nguard = 'n < 2'\n";
    assert!(verdict(&l1("missed-twice", &[sale, seat]), "no_dropped_reaction").is_refuted());
    let desk = "[automaton]\nname = 'Desk'\nstates = ['On']\ninitial = 'On'\nallow_indefinite_states = ['On']\n\
                [[action]]\nname = 'Both'\nkind = 'Composite'\nrecord_parent_event = false\n\
                [[action.sub_writes]]\ntarget_entity = 'Child'\naction = 'Start'\n";
    assert!(verdict(&l1("missed-unrecorded", &[desk, CHILD]), "Both").is_verified());
}

#[test]
fn what_is_taken_away_or_added_may_be_less_than_nothing() {
    for (effect, keeps) in [("n -= params.x", "n <= 6"), ("n += params.x", "n >= 5")] {
        let spec = format!(
            "{HEAD}[[state]]\nname = 'n'\ntype = 'int'\ninitial = 5\n\
             [[action]]\nname = 'Take'\nparams = [{{ name = 'x', type = 'int' }}]\nguard = 'params.x < 1'\neffect = ['{effect}']\n\
             [[invariant]]\nname = 'Keeps'\nassert = '{keeps}'\n"
        );
        assert!(verdict(&l1("missed-less", &[&spec]), "Keeps").is_refuted(), "{effect}");
    }
}
