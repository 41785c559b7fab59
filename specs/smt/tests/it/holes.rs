//! What an earlier prover let pass, and this one does not (`H` numbers are those under which the holes are known).

use super::{judge, spec, verdict};
use antfarm_specs::{Reason, Verdict};

fn on(variables: &str, rest: &str) -> String {
    format!(
        "[automaton]\nname = \"Thing\"\nstates = [\"On\", \"Off\"]\ninitial = \"On\"\n\
         allow_indefinite_states = [\"On\", \"Off\"]\n{variables}\n{rest}"
    )
}

const ITEMS: &str = "[[state]]\nname = \"items\"\ntype = \"counter\"\n";

fn check(text: &str, property: &str) -> Verdict {
    let table = spec(text);
    let proof = judge(&table, &[], None).unwrap_or_else(|failed| panic!("{failed}"));
    verdict(&proof, property)
}

fn steps(verdict: &Verdict) -> Option<usize> {
    match verdict {
        Verdict::Refuted(Some(trace)) => Some(trace.marks.len()),
        Verdict::Refuted(None) | Verdict::Verified | Verdict::Incomplete(_) => None,
    }
}

/// H1: the invariant's body is not assumed in states that it does not speak of, and the guard and the first state are looked at.
#[test]
fn a_guard_that_was_dropped_is_missed() {
    let with = |guard: &str| {
        let action = format!("[[action]]\nname = \"Submit\"\nfrom = [\"On\"]\nto = \"Off\"\n{guard}\n");
        on(ITEMS, &format!("{action}[[invariant]]\nname = \"Full\"\nassert = \"status == 'Off' => items > 0\"\n"))
    };
    assert_eq!(check(&with("guard = \"items > 0\""), "Full"), Verdict::Verified);
    assert_eq!(steps(&check(&with(""), "Full")), Some(1));
    let first = on(ITEMS, "[[invariant]]\nname = \"Full\"\nassert = \"items > 0\"\n");
    assert_eq!(steps(&check(&first, "Full")), Some(0));
}

/// H2: an action that stays in its state is a step.
#[test]
fn a_step_that_stays_in_its_state_is_looked_at() {
    let text = on(
        ITEMS,
        "[[action]]\nname = \"Fill\"\nfrom = [\"On\"]\nto = \"Off\"\neffect = [\"items += 1\"]\n\
         [[action]]\nname = \"Empty\"\nfrom = [\"Off\"]\neffect = [\"items -= 1\"]\n\
         [[invariant]]\nname = \"Full\"\nassert = \"status == 'Off' => items > 0\"\n",
    );
    assert_eq!(steps(&check(&text, "Full")), Some(2));
}

/// H3: no counter has a bound that the spec does not give it.
#[test]
fn an_unguarded_counter_goes_beyond_any_bound() {
    let with = |bound: i64| {
        let invariant = format!("[[invariant]]\nname = \"Few\"\nassert = \"items <= {bound}\"\n");
        on(ITEMS, &format!("[[action]]\nname = \"Add\"\neffect = [\"items += 1\"]\n{invariant}"))
    };
    assert_eq!(steps(&check(&with(3), "Few")), Some(4));
    // Further away than is looked at, it is not taken for granted.
    let Verdict::Incomplete(Reason::NotInductive(trace)) = check(&with(1_000_000), "Few") else { panic!("it is not proved") };
    assert!(trace.to_string().contains("items=1000001"), "{trace}");
    // And a guard far from 0 is no dead one.
    let far = on(ITEMS, "[[action]]\nname = \"Ship\"\nguard = \"items > 9000\"\nto = \"Off\"\n");
    assert_eq!(check(&far, "Ship"), Verdict::Verified);
}

/// H5: what a parameter adds is added, and nothing is known of it but what the guard says.
#[test]
fn an_effect_by_a_parameter_is_part_of_the_step() {
    let with = |guard: &str| {
        let action = format!(
            "[[action]]\nname = \"Add\"\nparams = [{{ name = \"by\", type = \"counter\" }}]\n{guard}effect = [\"items += params.by\"]\n"
        );
        on(ITEMS, &format!("{action}[[invariant]]\nname = \"Few\"\nassert = \"items <= 30\"\n"))
    };
    assert_eq!(steps(&check(&with(""), "Few")), Some(1));
    assert_eq!(check(&with("guard = \"params.by + items <= 30\"\n"), "Few"), Verdict::Verified);
}

/// H5: a guard that asks another entity is neither always true nor a coin: it is what the other says.
#[test]
fn a_guard_that_asks_another_entity_is_what_that_entity_says() {
    let other = spec(
        "[automaton]\nname = \"Review\"\nstates = [\"Open\", \"Passed\"]\ninitial = \"Open\"\nterminal = [\"Passed\"]\n\
         allow_indefinite_states = [\"Open\"]\n[[action]]\nname = \"Pass\"\nfrom = [\"Open\"]\nto = \"Passed\"\n",
    );
    let with = |wanted: &str, asked: &str| {
        let review = "[[state]]\nname = \"review\"\ntype = \"ref\"\nentity = \"Review\"\nhome = \"same\"\ngiven = true\n";
        let action = "[[action]]\nname = \"Publish\"\nfrom = [\"On\"]\nto = \"Off\"\n";
        let table = spec(&on(
            review,
            &format!(
                "{action}guard = \"Review[review].status == '{asked}'\"\n[[invariant]]\nname = \"Reviewed\"\n\
                 assert = \"status == 'Off' => Review[review].status == '{wanted}'\"\n"
            ),
        ));
        let proof = judge(&table, std::slice::from_ref(&other), None).unwrap_or_else(|failed| panic!("{failed}"));
        verdict(&proof, "Reviewed")
    };
    // A review that has passed stays so.
    assert_eq!(with("Passed", "Passed"), Verdict::Verified);
    // One that is open may pass later, and what is asked is not what is wanted.
    assert!(with("Open", "Open").is_incomplete());
    assert!(with("Passed", "Open").is_incomplete());
}

/// Whoever was made before is not made again.
#[test]
fn two_new_entities_are_never_the_same() {
    let tasks = "[[state]]\nname = \"tasks\"\ntype = \"list\"\nentity = \"Task\"\nmost = 2\nhome = \"same\"\n";
    let with = |effect: &str| {
        let action =
            format!("[[action]]\nname = \"Add\"\nparams = [{{ name = \"id\", type = \"ref\", entity = \"Task\" }}]\n{effect}\n");
        let differ = "len(tasks) == 2 => any(a in tasks, any(b in tasks, a != b))";
        on(tasks, &format!("{action}[[invariant]]\nname = \"Differ\"\nassert = \"{differ}\"\n"))
    };
    assert_eq!(check(&with("effect = [\"spawn('Task', 'Open', tasks)\"]"), "Differ"), Verdict::Verified);
    assert_eq!(steps(&check(&with("effect = [\"append(tasks, params.id)\"]"), "Differ")), Some(2));
}

/// What an entity reads may be itself: then it is not as it was after the entity's own action.
#[test]
fn an_entity_that_reads_itself_does_not_stand_still() {
    let friend = "[[state]]\nname = \"friend\"\ntype = \"ref\"\nentity = \"Thing\"\nhome = \"same\"\ngiven = true\n";
    let text = on(
        friend,
        "[[action]]\nname = \"Leave\"\nfrom = [\"On\"]\nto = \"Off\"\nguard = \"Thing[friend].status == 'On'\"\n\
         [[action]]\nname = \"Return\"\nfrom = [\"Off\"]\nto = \"On\"\n\
         [[invariant]]\nname = \"One\"\nassert = \"status == 'On' || Thing[friend].status == 'On'\"\n",
    );
    let Verdict::Incomplete(Reason::NotInductive(trace)) = check(&text, "One") else { panic!("it may be its own friend") };
    assert_eq!(trace.marks[0].taken.action, "Leave", "{trace}");
}

#[test]
fn a_dead_guard_is_found_also_where_only_the_invariants_make_it_so() {
    let never = on(ITEMS, "[[action]]\nname = \"Add\"\nguard = \"items < 3 && items > 5\"\neffect = [\"items += 1\"]\n");
    assert_eq!(check(&never, "Add"), Verdict::Refuted(None));
    let kept = on(
        ITEMS,
        "[[action]]\nname = \"Add\"\nguard = \"items < 3\"\neffect = [\"items += 1\"]\n\
         [[action]]\nname = \"Burst\"\nguard = \"items > 3\"\nto = \"Off\"\n[[invariant]]\nname = \"Few\"\nassert = \"items <= 3\"\n",
    );
    assert_eq!(check(&kept, "Few"), Verdict::Verified);
    assert_eq!(check(&kept, "Burst"), Verdict::Refuted(None));
    assert_eq!(check(&kept, "Add"), Verdict::Verified);
}

#[test]
fn what_does_not_fit_into_64_bits_is_a_guard_of_its_own() {
    let edge = "[[state]]\nname = \"total\"\ntype = \"counter\"\ninitial = 9223372036854775807\n";
    let text = on(
        edge,
        "[[action]]\nname = \"Count\"\neffect = [\"total += 1\"]\nto = \"Off\"\n[[invariant]]\nname = \"Stays\"\nassert = \"status == 'On'\"\n",
    );
    // In unbounded integers one step would lead to Off.
    assert_eq!(check(&text, "Stays"), Verdict::Verified);
    let helped = format!("{text}[[invariant]]\nname = \"Edge\"\nassert = \"status == 'On' => total == 9223372036854775807\"\n");
    assert_eq!(check(&helped, "Stays"), Verdict::Verified);
    assert_eq!(check(&helped, "Count"), Verdict::Refuted(None));
}

#[test]
fn two_steps_prove_what_one_does_not() {
    let text = on(
        ITEMS,
        "[[action]]\nname = \"Up\"\nfrom = [\"On\"]\nto = \"Off\"\nguard = \"items == 0\"\neffect = [\"items = 1\"]\n\
         [[action]]\nname = \"Down\"\nfrom = [\"Off\"]\nto = \"On\"\neffect = [\"items = items * 2 - 2\"]\n\
         [[invariant]]\nname = \"Few\"\nassert = \"items <= 1\"\n",
    );
    assert_eq!(check(&text, "Few"), Verdict::Verified);
}

#[test]
fn a_list_longer_than_what_is_modelled_is_never_silently_true() {
    let list = |most: u32| format!("[[state]]\nname = \"names\"\ntype = \"list\"\nmost = {most}\n");
    let rest = |limit: u32| {
        format!(
            "[[action]]\nname = \"Add\"\nparams = [\"name\"]\nguard = \"params.name != '' && len(names) < {limit}\"\n\
             effect = [\"append(names, params.name)\"]\n[[invariant]]\nname = \"Named\"\nassert = \"'' not in names\"\n\
             [[invariant]]\nname = \"Few\"\nassert = \"len(names) <= {limit}\"\n"
        )
    };
    assert_eq!(check(&on(&list(8), &rest(8)), "Named"), Verdict::Verified);
    let long = on(&list(100), &rest(20));
    let said = check(&long, "Named");
    assert!(matches!(said, Verdict::Incomplete(Reason::Inexpressible(_))), "{said:?}");
    // Its length is exact at any length, and so is all of it while it is short.
    assert_eq!(check(&long, "Few"), Verdict::Verified);
    assert_eq!(check(&long, "Add"), Verdict::Verified);
    assert_eq!(steps(&check(&long.replace("params.name != '' && ", ""), "Named")), Some(1));
}

#[test]
fn a_field_invariant_that_no_creation_keeps_is_refuted() {
    let with = |assert: &str| {
        on(
            "[[state]]\nname = \"rank\"\ntype = \"int\"\ngiven = true\n",
            &format!(
                "[[field_invariant]]\nname = \"Ranked\"\nassert = \"{assert}\"\n[[invariant]]\nname = \"High\"\nassert = \"rank > 3\"\n"
            ),
        )
    };
    assert_eq!(check(&with("rank > 5"), "Ranked"), Verdict::Verified);
    // It is held against every creation, so invariants may rest on it.
    assert_eq!(check(&with("rank > 5"), "High"), Verdict::Verified);
    assert_eq!(steps(&check(&with("rank > 2"), "High")), Some(0));
    assert_eq!(check(&with("rank > 5 && rank < 3"), "Ranked"), Verdict::Refuted(None));
}

/// A trigger that never fires is as dead as an action that nobody can take.
#[test]
fn a_trigger_whose_guard_never_holds_after_its_action_is_refuted() {
    let with = |guard: &str, rest: &str| {
        let text = format!(
            "[automaton]\nname = \"Thing\"\nstates = [\"On\", \"Off\"]\ninitial = \"On\"\n\
             allow_indefinite_states = [\"On\", \"Off\"]\n[[state]]\nname = \"n\"\ntype = \"counter\"\n\
             [[state]]\nname = \"who\"\ntype = \"string\"\n\
             [[action]]\nname = \"Go\"\nfrom = [\"On\"]\nto = \"Off\"\nguard = \"n < 3\"\neffect = [\"n += 2\", \"who = 'queen'\"]\n\
             [[action.triggers]]\nname = \"tell\"\nkind = \"webhook\"\nurl = \"https://here.example\"\nmethod = \"POST\"\nguard = \"{guard}\"\n{rest}"
        );
        let proof = judge(&spec(&text), &[], None).unwrap_or_else(|failed| panic!("{failed}"));
        (verdict(&proof, "Go"), verdict(&proof, "Go.tell"))
    };
    // It is looked at after the action, with its effects, in the state that it leads to.
    for guard in ["n == 4", "n >= 2 && status == 'Off'", "who == 'queen'", "phase == 'late'"] {
        assert_eq!(with(guard, ""), (Verdict::Verified, Verdict::Verified), "{guard}");
    }
    for guard in ["n == 5", "n < 2", "status == 'On'", "who == 'king'"] {
        assert_eq!(with(guard, ""), (Verdict::Verified, Verdict::Refuted(None)), "{guard}");
    }
    assert_eq!(with("n > 0", "to_state = \"Off\"\n").1, Verdict::Verified);
    assert_eq!(with("n > 0", "to_state = \"On\"\n").1, Verdict::Refuted(None));
}
