//! The holes of a prior prover, one by one: none of what it took for proved passes here.

use antfarm_specs::{Finding, Group, Kind, Level, Limits, Tries, Verdict, load, search, tried};
use std::path::PathBuf;

/// A group of specs that are written out.
pub(crate) fn group(name: &str, specs: &[&str]) -> Group {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&dir); // of an earlier run
    std::fs::create_dir_all(&dir).unwrap();
    for (nth, spec) in specs.iter().enumerate() {
        std::fs::write(dir.join(format!("{nth}.ioa.toml")), spec).unwrap();
    }
    load(&[dir]).unwrap_or_else(|wrong| panic!("{}", wrong[0])).remove(0)
}

/// What L1 says of specs that are written out.
pub(crate) fn l1(name: &str, specs: &[&str]) -> Vec<Finding> {
    search(&group(name, specs), Limits::default())
}

/// What is said of a property.
pub(crate) fn verdict<'a>(findings: &'a [Finding], property: &str) -> &'a Verdict {
    let mut all = findings.iter().flat_map(|it| &it.judged);
    &all.find(|it| it.property.name == property).unwrap_or_else(|| panic!("{property}: {findings:#?}")).verdict
}

/// That a property is refuted in so many steps.
pub(crate) fn refuted(findings: &[Finding], property: &str, steps: usize) {
    match verdict(findings, property) {
        Verdict::Refuted(Some(trace)) => assert_eq!(trace.marks.len(), steps, "{property}:\n{trace}"),
        other @ (Verdict::Refuted(None) | Verdict::Verified | Verdict::Incomplete(_)) => panic!("{property}: {other:?}"),
    }
}

fn spec(states: &str, rest: &str) -> String {
    format!("[automaton]\nname = \"Thing\"\nstates = [{states}]\ninitial = \"A\"\nallow_indefinite_states = [{states}]\n{rest}")
}

const COUNT: &str = "[[state]]\nname = \"n\"\ntype = \"counter\"\n";

#[test]
fn h1_what_holds_in_a_state_is_not_assumed_in_the_one_before() {
    let spec = spec(
        "'A', 'B'",
        &format!(
            "{COUNT}[[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\n[[invariant]]\nname = 'X'\nassert = \"status == 'B' => n > 0\""
        ),
    );
    refuted(&l1("h1", &[&spec]), "X", 1);
}

#[test]
fn h2_an_action_that_stays_in_its_state_is_looked_at() {
    let rest = "[[action]]\nname = 'Add'\nfrom = ['A']\nguard = 'n < 3'\neffect = ['n += 1']\n\
                [[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\nguard = 'n > 0'\n\
                [[action]]\nname = 'Take'\nfrom = ['B']\nguard = 'n > 0'\neffect = ['n -= 1']\n\
                [[invariant]]\nname = 'X'\nassert = \"status == 'B' => n > 0\"";
    refuted(&l1("h2", &[&spec("'A', 'B'", &format!("{COUNT}{rest}"))]), "X", 3);
}

#[test]
fn h3_a_counter_without_a_guard_breaks_any_bound() {
    for bound in [2, 3, 9, 40] {
        let rest =
            format!("{COUNT}[[action]]\nname = 'Add'\neffect = ['n += 1']\n[[invariant]]\nname = 'X'\nassert = 'n <= {bound}'");
        refuted(&l1(&format!("h3-{bound}"), &[&spec("'A'", &rest)]), "X", bound + 1);
    }
}

#[test]
fn h3_what_is_enabled_late_is_not_called_dead() {
    let rest = "[[action]]\nname = 'Add'\nguard = 'n < 20'\neffect = ['n += 1']\n\
                [[action]]\nname = 'Late'\nfrom = ['A']\nto = 'B'\nguard = 'n > 9'\n";
    let findings = l1("h3-late", &[&spec("'A', 'B'", &format!("{COUNT}{rest}"))]);
    assert_eq!(*verdict(&findings, "Late"), Verdict::Verified);
    assert_eq!(*verdict(&findings, "B"), Verdict::Verified);
}

#[test]
fn h3_a_bound_that_was_hit_is_no_proof() {
    // Nothing says how far it counts, so nobody can have looked to its end.
    let rest = format!("{COUNT}[[action]]\nname = 'Add'\neffect = ['n += 1']\n[[invariant]]\nname = 'X'\nassert = 'n >= 0'");
    let findings = l1("h3-hit", &[&spec("'A'", &rest)]);
    assert!(verdict(&findings, "X").is_incomplete(), "{findings:#?}");
    assert!(findings[0].bounds.iter().any(|it| it.of == "Thing.n" && it.is_hit));
    assert_eq!(findings[0].word(), "incomplete");
    let few = search(&group("h3-few", &[include_str!("../../order.ioa.toml")]), Limits { states: 100 });
    assert_eq!(few[0].word(), "incomplete");
}

#[test]
fn h4_random_sequences_leave_the_small_world() {
    // Only a value that no literal is near breaks it.
    let rest = "[[state]]\nname = 'v'\ntype = 'int'\n[[action]]\nname = 'Put'\nparams = [{ name = 'v', type = 'int' }]\n\
                guard = 'params.v >= 0'\n[[invariant]]\nname = 'X'\nassert = 'v % 5000 != 4321 || v < 4000'";
    let group = group("h4", &[&spec("'A'", rest)]);
    let small = search(&group, Limits::default());
    let far = tried(&group, Tries { runs: 4000, ..Tries::default() });
    // The small world has 4321 itself among its values; without it, it would be alone.
    assert!(verdict(&small, "X").is_refuted());
    refuted(&far, "X", 1);
    let rest = rest.replace("v % 5000 != 4321", "v % 5000 - 1000 != 3321");
    let group = self::group("h4-far", &[&spec("'A'", &rest)]);
    assert!(!verdict(&search(&group, Limits::default()), "X").is_refuted());
    refuted(&tried(&group, Tries { runs: 4000, ..Tries::default() }), "X", 1);
}

/// Nothing else comes near these values: they are tried because the spec says them, wherever it does.
#[test]
fn h4_random_sequences_try_what_stands_in_effects_and_listed_sets_alone() {
    let hit = |name: &str, kind: &str, action: &str| {
        let rest = format!(
            "[[state]]\nname = 'hit'\ntype = 'bool'\n[[action]]\nname = 'Put'\nparams = [{{ name = 'v', type = '{kind}' }}]\n{action}\n\
             [[invariant]]\nname = 'X'\nassert = '!hit'"
        );
        refuted(&tried(&group(name, &[&spec("'A'", &rest)]), Tries::default()), "X", 1);
    };
    hit("h4-effect", "int", "effect = ['if params.v == 987654321: hit = true']");
    hit("h4-effect-text", "string", "effect = [\"if params.v == 'xyzzy': hit = true\"]");
    hit("h4-listed", "int", "guard = 'params.v in [987654321]'\neffect = ['hit = true']");
    hit("h4-listed-text", "string", "guard = \"params.v in ['plugh', 'xyzzy']\"\neffect = ['hit = true']");
    hit("h4-gone-through", "string", "guard = \"any(w in ['plugh', 'xyzzy'], w == params.v)\"\neffect = ['hit = true']");
}

#[test]
fn h5_effects_by_parameter_and_guards_of_others_are_run_as_they_are() {
    let rest = "[[action]]\nname = 'Add'\nparams = [{ name = 'by', type = 'counter' }]\nguard = 'params.by <= 3'\n\
                effect = ['n += params.by']\n[[invariant]]\nname = 'X'\nassert = 'n <= 3'";
    refuted(&l1("h5", &[&spec("'A'", &format!("{COUNT}{rest}"))]), "X", 2);
}

#[test]
fn h6_h7_there_is_one_interpreter_and_what_is_not_enabled_does_not_happen() {
    // Every level takes its steps by `Entities::step`: an action that is not enabled where it arrives is refused there.
    let rest = "[[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\n[[invariant]]\nname = 'X'\nassert = \"status in ['A', 'B']\"";
    let findings = l1("h6", &[&spec("'A', 'B'", rest)]);
    assert_eq!((findings[0].states, findings[0].word()), (2, "verified"));
}

#[test]
fn h8_two_actions_of_one_name_are_refused() {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("h8.ioa.toml");
    let twice = "[[action]]\nname = 'Go'\nfrom = ['A']\nto = 'B'\n";
    std::fs::write(&dir, spec("'A', 'B'", &format!("{twice}{twice}"))).unwrap();
    let wrong = load(&[dir]).unwrap_err();
    assert!(wrong[0].to_string().contains("`Go` is there twice"), "{}", wrong[0]);
}

#[test]
fn h9_there_are_two_of_each_type_that_others_refer_to() {
    let page = include_str!("../../publish_needs_review.ioa.toml");
    let review = include_str!("../../review.ioa.toml");
    // It takes two reviews: one that is asked for and is there, and one that passes.
    let there = page.replace("params.review != ''", "Review[params.review].status == 'Open'");
    assert_ne!(there, page);
    let wrong = there.replace("Review[review].status == 'Passed'\"\n\n[[inv", "has_verdict\"\n\n[[inv").replace(
        "[[action]]\nname = \"AskForReview\"",
        "[[state]]\nname = \"has_verdict\"\ntype = \"bool\"\n\n[[action]]\nname = \"Hear\"\nfrom = [\"Reviewing\"]\n\
         params = [{ name = \"of\", type = \"ref\", entity = \"Review\" }]\nguard = \"Review[params.of].status == 'Passed'\"\n\
         effect = [\"has_verdict = true\"]\n\n[[action]]\nname = \"AskForReview\"",
    );
    assert_ne!(wrong, there);
    let findings = l1("h9", &[&wrong, review]);
    assert!(findings.iter().all(|it| it.level == Level::Composite));
    refuted(&findings, "PublishedIsReviewed", 4);
}

#[test]
fn a_guard_that_asks_another_entity_is_not_proved_without_it() {
    let findings = l1("alone", &[include_str!("../../publish_needs_review.ioa.toml")]);
    assert!(findings[0].judged.iter().all(|it| it.verdict.is_incomplete()), "{findings:#?}");
    assert!(findings[0].judged.iter().any(|it| it.property.kind == Kind::Invariant));
}
