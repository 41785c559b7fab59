//! In the colony: entities live there under faults, and what other levels refute is done by the kernel, too.

use crate::holes::{group, refuted, verdict};
use crate::shipped;
use antfarm_automata::Value;
use antfarm_colony::Colonies;
use antfarm_sim::Recorder;
use antfarm_sim::scenario::Registry;
use antfarm_specs::{
    Depth, Group, Kind, Level, Limits, Lives, Played, Proved, Showing, Tries, Verdict, lived, load, played, prove, search,
};

const FEW: Depth = Depth {
    tries: Tries { runs: 16, length: 40 },
    lives: Lives { runs: 2, asks: 40 },
    solver: SOLVER,
    search: Limits { states: 1_000_000 },
};
const SOLVER: antfarm_specs::smt::Limits = antfarm_specs::smt::Limits { induction: 3, depth: 8 };

fn twin(name: &str) -> Group {
    load(&[shipped(&format!("broken/{name}.ioa.toml"))]).unwrap_or_else(|wrong| panic!("{}", wrong[0])).remove(0)
}

/// What the scenario of a refutation comes to when somebody runs it.
fn run(scenario: &str) -> (Option<String>, Option<String>) {
    let staged = Registry::new().with(Colonies).read("shown", scenario).unwrap_or_else(|wrong| panic!("{wrong}\n{scenario}"));
    let seed = staged.scenario().failure.as_ref().map_or(1, |it| it.seed);
    let report = staged.run(seed, Recorder::Off);
    if let Some(violation) = &report.violation {
        let has_key = violation.message.split(|it: char| !it.is_ascii_hexdigit()).any(|it| it.len() > 31);
        assert!(!has_key, "nodes have names: {}", violation.message);
    }
    (report.violation.map(|it| it.property), report.expected)
}

fn scenarios(proved: &Proved) -> Vec<(Level, Kind, &str)> {
    let scenario = |it: &'_ antfarm_specs::Shown| match &it.showing {
        Showing::Scenario(_) => (),
        Showing::Unsaid(why) => panic!("{} of {} by {}: {why}", it.property, it.spec, it.level),
    };
    proved.shown.iter().for_each(scenario);
    let text =
        |it: &'_ antfarm_specs::Shown| if let Showing::Scenario(text) = &it.showing { text.clone() } else { String::new() };
    proved.shown.iter().map(|it| (it.level, it.property.kind, &*text(it).leak())).collect()
}

#[test]
fn what_is_refuted_is_replayed_through_the_kernel_and_fails_there() {
    let mut shown = 0;
    for name in [
        "refund_twice",
        "own_work_approved",
        "publish_on_one_of_two_reviews",
        "stuck",
        "waits_for_ever",
        "one_vote_counted_twice",
    ] {
        let proved = prove(&twin(name), None, FEW);
        assert_eq!(proved.contradictions, [], "{name}");
        for (level, kind, scenario) in scenarios(&proved) {
            shown += 1;
            let (failed, expected) = run(scenario);
            let wanted = if kind == Kind::Invariant { Some("entities".to_owned()) } else { None };
            assert_eq!(failed, wanted, "{name} by {level}:\n{scenario}");
            assert!(level == Level::L2 || expected == wanted, "{name} by {level}:\n{scenario}");
        }
    }
    assert!(shown >= 13, "{shown}");
}

#[test]
fn a_run_of_the_colony_is_told_to_its_end_under_the_names_of_its_scenario() {
    let lived = lived(&twin("refund_twice"), Lives::default());
    let Verdict::Refuted(Some(trace)) = verdict(&lived.findings, "RefundedWithinCaptured") else {
        panic!("{:#?}", lived.findings)
    };
    let last = &trace.marks.last().unwrap().after[0];
    let held = |name: &str| last.fields.iter().find(|it| *it.0 == *name).map(|it| it.1.clone());
    let (Some(Value::Int(captured)), Some(Value::Int(refunded))) = (held("captured"), held("refunded")) else { panic!("{last}") };
    assert!(refunded > captured, "{trace}");
    let (_, _, scenario) = &lived.scenarios[0];
    assert!(scenario.contains(&format!("on = \"{}\"", last.id)), "{trace}\n{scenario}");
}

#[test]
fn a_run_that_the_kernel_does_not_do_is_a_bug_of_ours() {
    let group = twin("refund_twice");
    let findings = search(&group, Limits::default());
    let judged = findings[0].judged.iter().find(|it| it.verdict.is_refuted()).unwrap();
    let Verdict::Refuted(Some(trace)) = &judged.verdict else { panic!("{judged:?}") };
    let spec = &findings[0].spec;
    assert!(matches!(played(&group, spec, Level::L1, &judged.property, trace), Played::Same(_)));
    // Another state than the run leads to.
    let mut other = trace.clone();
    other.marks.last_mut().unwrap().after[0].status = "Failed".into();
    let Played::Other { what, .. } = played(&group, spec, Level::L1, &judged.property, &other) else {
        panic!("it is another state")
    };
    assert!(what.starts_with("after step 3, "), "{what}");
    // An invariant that holds at the end of it.
    let mut other = trace.clone();
    other.marks.pop();
    let Played::Other { what, .. } = played(&group, spec, Level::L1, &judged.property, &other) else { panic!("it holds") };
    assert_eq!(what, "the kernel says that it holds");
    // An action that the kernel refuses, where the run says that it changes nothing.
    let mut other = trace.clone();
    other.marks.insert(1, other.marks[0].clone());
    let Played::Other { what, .. } = played(&group, spec, Level::L1, &judged.property, &other) else { panic!("it is refused") };
    assert!(what.starts_with("step 2, ") && what.ends_with(", does not happen"), "{what}");
    // An action that the kernel refuses.
    let mut other = trace.clone();
    other.marks.remove(0);
    assert!(matches!(played(&group, spec, Level::L1, &judged.property, &other), Played::Other { .. }));
}

const PARENT: &str = "[automaton]\nname = 'Parent'\nstates = ['A']\ninitial = 'A'\nallow_indefinite_states = ['A']\n\
    [[state]]\nname = 'children'\ntype = 'list'\nentity = 'Child'\nmost = 3\nhome = 'same'\n\
    [[action]]\nname = 'Bear'\nfrom = ['A']\nguard = 'len(children) < 2'\neffect = [\"spawn('Child', 'Live', children)\"]\n";
const CHILD: &str = "[automaton]\nname = 'Child'\nstates = ['New', 'Alive', 'Grown']\ninitial = 'New'\nallow_indefinite_states = ['New', 'Alive', 'Grown']\n\
    [[action]]\nname = 'Live'\nfrom = ['New']\nto = 'Alive'\n[[action]]\nname = 'Grow'\nfrom = ['Alive']\nto = 'Grown'\n\
    [[invariant]]\nname = 'NobodyGrows'\nassert = \"status != 'Grown'\"\n";

#[test]
fn who_is_spawned_is_asked_by_the_name_that_the_kernel_gives() {
    let group = group("spawned", &[PARENT, CHILD]);
    let proved = prove(&group, None, FEW);
    assert_eq!(proved.contradictions, []);
    refuted(&proved.findings, "NobodyGrows", 2);
    let all = scenarios(&proved);
    assert_eq!(all.iter().map(|it| it.0).collect::<Vec<_>>(), [Level::Composite, Level::L3, Level::L2]);
    for (level, _, scenario) in all {
        assert_eq!(run(scenario).0.as_deref(), Some("entities"), "{level}:\n{scenario}");
    }
}

const LETTER: &str = "[automaton]\nname = 'Letter'\nstates = ['Written', 'Sent']\ninitial = 'Written'\nallow_indefinite_states = ['Written']\nterminal = ['Sent']\n\
    [[action]]\nname = 'Send'\nfrom = ['Written']\nto = 'Sent'\n[[action.triggers]]\nname = 'copy'\nkind = 'entity'\n\
    target_entity = 'Copy'\ntarget_action = 'File'\nparams_from = { letter = 'Id' }\nresolve_target = { type = 'create' }\n";
const COPY: &str = "[automaton]\nname = 'Copy'\nstates = ['New', 'Filed', 'Found']\ninitial = 'New'\nallow_indefinite_states = ['New', 'Filed', 'Found']\n\
    [[state]]\nname = 'letter'\ntype = 'string'\n[[action]]\nname = 'File'\nfrom = ['New']\nto = 'Filed'\nparams = ['letter']\n\
    [[action]]\nname = 'Find'\nfrom = ['Filed']\nto = 'Found'\nparams = ['asked']\nguard = \"params.asked == letter && letter != ''\"\n\
    [[invariant]]\nname = 'NobodyFinds'\nassert = \"status != 'Found'\"\n";

/// Nobody but a letter files a copy, so that nothing else than its id is what it can be found by.
#[test]
fn an_entity_that_says_its_own_id_is_known_by_it() {
    let group = group("own ids", &[LETTER, COPY]);
    let proved = prove(&group, None, FEW);
    assert_eq!(proved.contradictions, []);
    let of = |level| proved.findings.iter().filter(move |it| it.level == level).cloned().collect::<Vec<_>>();
    refuted(&of(Level::Composite), "NobodyFinds", 2);
    for found in ["Send", "File", "Find"] {
        assert!(verdict(&of(Level::Composite), found).is_verified(), "{found}");
    }
    let all = scenarios(&proved);
    assert!(all.iter().any(|it| it.0 == Level::Composite));
    for (level, _, scenario) in all {
        assert_eq!(run(scenario).0.as_deref(), Some("entities"), "{level}:\n{scenario}");
    }
}

#[test]
fn a_reaction_that_travels_may_come_too_late_and_only_the_colony_knows() {
    let group = twin("sale_far_from_its_till");
    let proved = prove(&group, None, Depth { lives: Lives::default(), ..FEW });
    assert_eq!(proved.contradictions, []);
    for finding in &proved.findings {
        let dropped = verdict(std::slice::from_ref(finding), "no_dropped_reaction");
        assert_eq!(dropped.is_refuted(), finding.level == Level::L2, "{}: {dropped:?}", finding.level);
    }
    let [(Level::L2, Kind::Reaction, scenario)] = scenarios(&proved)[..] else { panic!("{:#?}", proved.shown) };
    assert_eq!(run(scenario).0.as_deref(), Some("reactions"), "{scenario}");
}

#[test]
fn what_is_shipped_lives_through_everything() {
    // All of it lives in `antfarm prove specs`.
    for names in [&["order"][..], &["retry_job"], &["sale", "seat", "till"]] {
        let paths: Vec<_> = names.iter().map(|it| shipped(&format!("{it}.ioa.toml"))).collect();
        let group = load(&paths).unwrap_or_else(|wrong| panic!("{}", wrong[0])).remove(0);
        let lived = lived(&group, Lives { runs: 2, asks: 60 });
        assert_eq!(lived.bugs, []);
        for finding in &lived.findings {
            assert_eq!(finding.word(), "verified", "{}", finding.spec);
            let taken = finding.bounds.iter().find(|it| it.of == "actions taken").unwrap();
            let (taken, all) = taken.to.split_once(" of ").unwrap();
            let (taken, all): (usize, usize) = (taken.parse().unwrap(), all.parse().unwrap());
            assert!(taken * 2 > all, "{}: {taken} of {all}", finding.spec);
        }
    }
}

#[test]
fn a_life_without_a_type_that_is_needed_is_incomplete() {
    let group = group("no review", &[include_str!("../../publish_needs_review.ioa.toml")]);
    let lived = lived(&group, Lives::default());
    assert_eq!(lived.findings[0].word(), "incomplete");
}

#[test]
fn a_name_that_no_tool_can_have_makes_a_life_incomplete_and_nothing_worse() {
    let name = "T".repeat(200);
    let spec = format!(
        "[automaton]\nname = '{name}'\nstates = ['A']\ninitial = 'A'\nallow_indefinite_states = ['A']\n\
        [[action]]\nname = 'Go'\nfrom = ['A']\n[[invariant]]\nname = 'X'\nassert = \"status == 'A'\"\n"
    );
    let group = group("a long name", &[&spec]);
    let lived = lived(&group, Lives::default());
    let Verdict::Incomplete(antfarm_specs::Reason::Inexpressible(why)) = verdict(&lived.findings, "X") else {
        panic!("{:?}", lived.findings)
    };
    assert!(why.contains(&name), "{why}");
}
