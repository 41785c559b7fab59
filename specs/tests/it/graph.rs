//! What happens in the end, and what is the same but for names.

use crate::holes::{group, l1, refuted, verdict};
use antfarm_specs::{Finding, Lives, Tries, Verdict, lived, tried};

fn job(extra: &str, fair: &str) -> String {
    format!(
        "[automaton]\nname = 'Job'\nstates = ['Queued', 'Running', 'Done']\ninitial = 'Queued'\nterminal = ['Done']\n\
         allow_indefinite_states = ['Queued', 'Running']\n\
         [[action]]\nname = 'Start'\nfrom = ['Queued']\nto = 'Running'\n\
         [[action]]\nname = 'Finish'\nfrom = ['Running']\nto = 'Done'\n{extra}\
         [[liveness]]\nname = 'Ends'\nfrom = ['Queued']\nreaches = ['Done']\n{fair}"
    )
}

/// The run that never ends well: its length, and after how many steps it goes round.
fn lasso(findings: &[Finding]) -> (usize, u32) {
    match verdict(findings, "Ends") {
        Verdict::Refuted(Some(trace)) => (trace.marks.len(), trace.back_to.expect("it goes round")),
        other @ (Verdict::Refuted(None) | Verdict::Verified | Verdict::Incomplete(_)) => panic!("{other:?}"),
    }
}

const BEAT: &str = "[[action]]\nname = 'Beat'\nfrom = ['Running']\n";

#[test]
fn what_stays_enabled_is_taken_in_the_end() {
    assert_eq!(*verdict(&l1("fair", &[&job(BEAT, "")]), "Ends"), Verdict::Verified);
}

#[test]
fn what_nobody_promises_may_never_happen() {
    // It beats for ever, or stays: staying is shorter.
    assert_eq!(lasso(&l1("unfair", &[&job(BEAT, "fair = ['Start']\n")])).1, 1);
    assert_eq!(lasso(&l1("unfair-start", &[&job("", "fair = ['Finish']\n")])), (0, 0));
}

#[test]
fn what_is_enabled_again_and_again_but_not_always_may_never_happen() {
    // `Finish` is enabled in every second state only: weak fairness does not promise it.
    let back = "[[action]]\nname = 'Back'\nfrom = ['Running']\nto = 'Queued'\n";
    let (steps, back_to) = lasso(&l1("again", &[&job(back, "")]));
    assert_eq!((steps, back_to), (2, 0));
}

#[test]
fn an_end_that_is_no_goal_is_a_counterexample() {
    let cancel = job("", "")
        .replace("'Done']\ninitial", "'Done', 'Lost']\ninitial")
        .replace("[[liveness]]", "[[action]]\nname = 'Lose'\nfrom = ['Running']\nto = 'Lost'\n[[liveness]]");
    let cancel = cancel.replace("terminal = ['Done']", "terminal = ['Done', 'Lost']");
    assert_eq!(lasso(&l1("lost", &[&cancel])), (2, 2));
}

#[test]
fn what_goes_on_beyond_a_bound_does_not_end_there() {
    let count = "[[state]]\nname = 'n'\ntype = 'counter'\n";
    let more = "[[action]]\nname = 'Beat'\nfrom = ['Running']\neffect = ['n += 1']\n";
    let findings = l1("beyond", &[&job(&format!("{count}{more}"), "")]);
    assert!(verdict(&findings, "Ends").is_incomplete(), "{findings:#?}");
}

/// Two types, one of which holds an id of the other.
const OWNER: &str = "[automaton]\nname = 'Owner'\nstates = ['Open', 'Shut']\ninitial = 'Open'\nterminal = ['Shut']\n\
    allow_indefinite_states = ['Open']\n\
    [[state]]\nname = 'mine'\ntype = 'ref'\nentity = 'Item'\nhome = 'same'\n\
    [[state]]\nname = 'other'\ntype = 'ref'\nentity = 'Item'\nhome = 'same'\n\
    [[action]]\nname = 'Pick'\nfrom = ['Open']\nparams = [{ name = 'mine', type = 'ref', entity = 'Item' }]\nguard = \"mine == null && params.mine != ''\"\n\
    [[action]]\nname = 'PickOther'\nfrom = ['Open']\nparams = [{ name = 'other', type = 'ref', entity = 'Item' }]\nguard = 'other == null && params.other != mine'\n\
    [[action]]\nname = 'Shut'\nfrom = ['Open']\nto = 'Shut'\nguard = \"Item[mine].status == 'Hot' && Item[other].status == 'Cold'\"\n\
    [[invariant]]\nname = 'NotTheSame'\nassert = \"mine == null || mine != other\"\n\
    [[invariant]]\nname = 'NeverShutSo'\nassert = \"status != 'Shut'\"\n";

const ITEM: &str = "[automaton]\nname = 'Item'\nstates = ['Cold', 'Hot']\ninitial = 'Cold'\nallow_indefinite_states = ['Cold', 'Hot']\n\
    [[action]]\nname = 'Heat'\nfrom = ['Cold']\nto = 'Hot'\n";

#[test]
fn entities_that_others_refer_to_differently_are_not_the_same() {
    // Which of the two items is hot decides: a search that forgot who refers to whom would not tell them apart.
    let findings = l1("names", &[OWNER, ITEM]);
    refuted(&findings, "NeverShutSo", 4);
    // `other` first, then the same as `mine`: the guard of `Pick` does not look.
    refuted(&findings, "NotTheSame", 2);
}

#[test]
fn two_texts_of_one_entity_are_told_apart() {
    let spec = "[automaton]\nname = 'Pair'\nstates = ['A', 'B']\ninitial = 'A'\nterminal = ['B']\nallow_indefinite_states = ['A']\n\
        [[state]]\nname = 'x'\ntype = 'string'\n[[state]]\nname = 'y'\ntype = 'string'\n[[state]]\nname = 'z'\ntype = 'string'\n\
        [[action]]\nname = 'X'\nfrom = ['A']\nparams = ['x']\nguard = \"x == '' && params.x != ''\"\n\
        [[action]]\nname = 'Y'\nfrom = ['A']\nparams = ['y']\nguard = \"y == '' && params.y != '' && params.y != x\"\n\
        [[action]]\nname = 'Z'\nfrom = ['A']\nto = 'B'\nparams = ['z']\nguard = \"params.z == y && x != '' && y != ''\"\n\
        [[invariant]]\nname = 'NotX'\nassert = \"z == '' || z != x\"\n\
        [[invariant]]\nname = 'NotY'\nassert = \"z == '' || z != y\"\n";
    let findings = l1("texts", &[spec]);
    refuted(&findings, "NotY", 3);
    // `X` may come second and take what `Y` took.
    refuted(&findings, "NotX", 3);
}

#[test]
fn three_texts_of_one_entity_are_told_apart() {
    // The second and third may be one text or two: what either leads to is reached.
    let spec = "[automaton]\nname = 'Three'\nstates = ['A', 'Apart', 'Same']\ninitial = 'A'\nterminal = ['Apart', 'Same']\n\
        allow_indefinite_states = ['A']\n\
        [[state]]\nname = 'x'\ntype = 'string'\n[[state]]\nname = 'y'\ntype = 'string'\n[[state]]\nname = 'z'\ntype = 'string'\n\
        [[action]]\nname = 'X'\nfrom = ['A']\nparams = ['x']\nguard = \"x == '' && params.x != ''\"\n\
        [[action]]\nname = 'Y'\nfrom = ['A']\nparams = ['y']\nguard = \"x != '' && y == '' && params.y != '' && params.y != x\"\n\
        [[action]]\nname = 'Z'\nfrom = ['A']\nparams = ['z']\nguard = \"y != '' && z == '' && params.z != '' && params.z != x\"\n\
        [[action]]\nname = 'Part'\nfrom = ['A']\nto = 'Apart'\nguard = \"z != '' && y != z\"\n\
        [[action]]\nname = 'Join'\nfrom = ['A']\nto = 'Same'\nguard = \"z != '' && y == z\"\n";
    let findings = l1("three-texts", &[spec]);
    for reached in ["Apart", "Same", "Part", "Join"] {
        assert_eq!(*verdict(&findings, reached), Verdict::Verified, "{reached}: {findings:#?}");
    }
}

#[test]
fn reactions_that_are_refused_are_found_unless_nobody_minds() {
    let source = |drop_ok: &str| {
        format!(
            "[automaton]\nname = 'Source'\nstates = ['A']\ninitial = 'A'\nallow_indefinite_states = ['A']\n\
             [[state]]\nname = 'to'\ntype = 'ref'\nentity = 'Sink'\nhome = 'same'\n\
             [[action]]\nname = 'Link'\nparams = [{{ name = 'to', type = 'ref', entity = 'Sink' }}]\nguard = \"Sink[params.to].status == 'Open'\"\n\
             [[action]]\nname = 'Fire'\nguard = 'to != null'\n\
             [[action.triggers]]\nname = 'close'\nkind = 'entity'\ntarget_entity = 'Sink'\ntarget_action = 'Close'\n\
             resolve_target = {{ type = 'field', field = 'to' }}\n{drop_ok}"
        )
    };
    let sink = "[automaton]\nname = 'Sink'\nstates = ['Open', 'Closed']\ninitial = 'Open'\nterminal = ['Closed']\n\
        allow_indefinite_states = ['Open']\n[[action]]\nname = 'Close'\nfrom = ['Open']\nto = 'Closed'\n";
    // The second `Fire` finds it closed.
    refuted(&l1("drop", &[&source(""), sink]), "no_dropped_reaction", 3);
    assert_eq!(*verdict(&l1("drop-ok", &[&source("drop_ok = true\n"), sink]), "no_dropped_reaction"), Verdict::Verified);
}

#[test]
fn what_another_home_should_do_is_beyond_the_small_world() {
    let source = |to: &str| {
        format!(
            "[automaton]\nname = 'Source'\nstates = ['A', 'B']\ninitial = 'A'\nallow_indefinite_states = ['A', 'B']\n\
             [[action]]\nname = 'Fire'\nfrom = ['A']\nto = 'B'\n\
             [[action.triggers]]\nname = 'close'\nkind = 'entity'\ntarget_entity = 'Sink'\ntarget_action = 'Close'\n\
             resolve_target = {{ type = 'static', entity_id = '{to}' }}\ndrop_ok = true\n\
             [[invariant]]\nname = 'Stays'\nassert = \"status == 'A'\"\n"
        )
    };
    let sink = "[automaton]\nname = 'Sink'\nstates = ['Open', 'Closed']\ninitial = 'Open'\nterminal = ['Closed']\n\
        allow_indefinite_states = ['Open']\n[[action]]\nname = 'Close'\nfrom = ['Open']\nto = 'Closed'\n";
    let near = l1("near", &[&source("desk"), sink]);
    refuted(&near, "Stays", 1);
    assert_eq!(*verdict(&near, "no_dropped_reaction"), Verdict::Verified, "{near:#?}");
    let far = l1("far", &[&source("desk@away"), sink]);
    refuted(&far, "Stays", 1);
    assert!(verdict(&far, "no_dropped_reaction").is_incomplete(), "{far:#?}");
}

#[test]
fn what_may_be_anything_is_tried_with_more_than_nothing() {
    let thing = |param: &str, guard: &str| {
        format!(
            "[automaton]\nname = 'Thing'\nstates = ['A']\ninitial = 'A'\nallow_indefinite_states = ['A']\n\
             [[state]]\nname = 'why'\ntype = 'property'\n\
             [[action]]\nname = 'Say'\nparams = [{{ name = '{param}', type = 'property' }}, {{ name = 'other', type = 'property' }}]\n\
             guard = '{guard}'\neffect = ['why = params.{param}']\n\
             [[invariant]]\nname = 'Silent'\nassert = 'why == null'\n"
        )
    };
    let guards = ["true", "params.said", "params.said < params.other", "!(params.said == true) && params.said"];
    for (nth, guard) in guards.into_iter().enumerate() {
        let findings = l1(&format!("anything-{nth}"), &[&thing("said", guard)]);
        if nth == 3 {
            // Nothing is both.
            assert_eq!(*verdict(&findings, "Silent"), Verdict::Verified, "{guard}");
        } else {
            refuted(&findings, "Silent", 1);
        }
    }
    // A variable of the same name takes it without an effect.
    let merged = thing("why", "true").replace("effect = ['why = params.why']\n", "");
    refuted(&l1("anything-merged", &[&merged]), "Silent", 1);
}

#[test]
fn a_world_that_cannot_begin_proves_nothing() {
    let thing = "[automaton]\nname = 'Thing'\nstates = ['A']\ninitial = 'A'\nallow_indefinite_states = ['A']\n\
        [[state]]\nname = 'n'\ntype = 'int'\n\
        [[field_invariant]]\nname = 'Never'\nassert = 'n > 5 && n < 3'\n\
        [[invariant]]\nname = 'Wrong'\nassert = 'n > 100'\n";
    let findings = l1("nobody", &[thing]);
    assert!(verdict(&findings, "Wrong").is_incomplete(), "{findings:#?}");
    let alone = group("nobody-others", &[thing]);
    let findings = tried(&alone, Tries::default());
    assert!(verdict(&findings, "Wrong").is_incomplete(), "{findings:#?}");
    let findings = lived(&alone, Lives::default()).findings;
    assert!(verdict(&findings, "Wrong").is_incomplete(), "{findings:#?}");
}

#[test]
fn random_sequences_begin_with_what_creators_may_give() {
    let thing = |allowed: &str| {
        format!(
            "[automaton]\nname = 'Thing'\nstates = ['A']\ninitial = 'A'\nallow_indefinite_states = ['A']\n\
             [[state]]\nname = 'n'\ntype = 'int'\ngiven = true\n\
             [[field_invariant]]\nname = 'Some'\nassert = '{allowed}'\n\
             [[invariant]]\nname = 'Wrong'\nassert = 'n < 1000'\n"
        )
    };
    for (nth, allowed) in ["true", "n > 0"].into_iter().enumerate() {
        let findings = tried(&group(&format!("given-{nth}"), &[&thing(allowed)]), Tries::default());
        refuted(&findings, "Wrong", 0);
    }
}

#[test]
fn a_state_without_a_way_on_is_a_deadlock_unless_it_is_said_to_last() {
    let spec = |lasts: &str| {
        format!(
            "[automaton]\nname = 'S'\nstates = ['A', 'B']\ninitial = 'A'\nallow_indefinite_states = [{lasts}]\n\
             [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\n"
        )
    };
    refuted(&l1("stuck", &[&spec("'A'")]), "no_deadlock", 1);
    assert_eq!(*verdict(&l1("lasts", &[&spec("'A', 'B'")]), "no_deadlock"), Verdict::Verified);
}
