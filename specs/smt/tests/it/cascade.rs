//! All levels together: what is shipped is proved by each, twins are refuted by the level that they name, and no two levels contradict
//! each other.

use super::running;
use antfarm_specs::{Depth, Level, Lives, Proved, Tries, Verdict, load, prove};
use std::path::{Path, PathBuf};

fn proved(path: &Path) -> Proved {
    let (tries, lives) = (Tries { runs: 32, ..Tries::default() }, Lives { runs: 2, ..Lives::default() });
    let depth = Depth { tries, lives, ..Depth::default() };
    let groups = load(&[path.to_owned()]).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let mut all = Proved::default();
    for group in groups {
        let one = prove(&group, Some(&mut running()), depth);
        all.findings.extend(one.findings);
        all.contradictions.extend(one.contradictions);
    }
    all
}

fn specs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it lies below `specs`").to_owned()
}

#[test]
fn what_is_shipped_is_verified_by_every_level() {
    let all = proved(&specs());
    assert_eq!(all.contradictions, []);
    let said: Vec<_> = all.findings.iter().map(|it| (it.spec.as_str(), it.level, it.word())).collect();
    assert!(said.iter().all(|(.., word)| *word == "verified"), "{said:#?}");
    for level in [Level::L0, Level::L2, Level::L3] {
        assert_eq!(said.iter().filter(|(_, it, _)| *it == level).count(), 15, "{level}");
    }
    assert_eq!(said.iter().filter(|(_, it, _)| matches!(it, Level::L1 | Level::Composite)).count(), 15);
}

#[test]
fn each_twin_is_refuted_by_the_level_that_it_names_and_none_contradicts_it() {
    let mut refuted = 0;
    for path in super::folder("broken") {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        if text.contains("level = \"load\"") {
            continue;
        }
        let all = proved(&path);
        assert_eq!(all.contradictions, [], "{}", path.display());
        let table = super::load(&path).expect("it is well-formed");
        let broken = table.spec().broken.clone().expect("it says by whom it is refuted");
        let level = Level::named(&broken.level).expect("it names a level");
        let finding = all.findings.iter().find(|it| it.level == level).expect("the level ran");
        let judged = finding.judged.iter().find(|it| it.property.name == broken.property && it.verdict.is_refuted());
        let judged = judged.unwrap_or_else(|| panic!("{}: {:#?}", path.display(), finding.judged));
        if let (Verdict::Refuted(Some(trace)), Some(steps)) = (&judged.verdict, broken.steps) {
            assert_eq!(trace.marks.len(), steps as usize, "{}:\n{trace}", path.display());
        }
        refuted += 1;
    }
    assert!(refuted >= 15, "{refuted}");
}

/// What all levels say of a spec that is written here: property, level, verdict; and which bounds are told of the small world.
fn all_of(name: &str, text: &str) -> (Vec<(String, Level, &'static str)>, Vec<String>) {
    let path = std::env::temp_dir().join(format!("antfarm-cascade-{name}-{}.ioa.toml", std::process::id()));
    std::fs::write(&path, text).expect("it can be written");
    let all = proved(&path);
    std::fs::remove_file(&path).expect("it is ours");
    assert_eq!(all.contradictions, []);
    let judged = all.findings.iter().flat_map(|of| of.judged.iter().map(move |it| (of.level, it)));
    let judged = judged.map(|(level, it)| (it.property.name.to_string(), level, it.verdict.word())).collect();
    let bounds = all.findings.iter().filter(|it| it.level == Level::L1).flat_map(|it| &it.bounds);
    (judged, bounds.map(|it| format!("{} {}{}", it.of, it.to, if it.is_hit { " (HIT)" } else { "" })).collect())
}

const COUNTER: &str = r#"
[automaton]
name = "Counter"
states = ["On"]
initial = "On"
allow_indefinite_states = ["On"]

[[state]]
name = "count"
type = "counter"

[[state]]
name = "twice"
type = "counter"

[[action]]
name = "Add"
effect = ["count += 1", "twice += 2"]

[[invariant]]
name = "TwiceIsTwice"
assert = "twice == count + count"
"#;

#[test]
fn a_counter_without_bound_is_verified_where_the_solver_proves_it_for_all_values() {
    let (judged, bounds) = all_of("unbounded", COUNTER);
    let open: Vec<_> = judged.iter().filter(|it| it.2 != "verified").collect();
    assert!(open.is_empty(), "{open:?}");
    assert!(bounds.iter().any(|it| it.starts_with("Counter.") && it.ends_with("(HIT)")), "{bounds:?}");
    assert!(bounds.iter().any(|it| it == "TwiceIsTwice holds for all values, by L0"), "{bounds:?}");
    // What nobody proves is still open: here, that somewhere far away there is a dead end.
    let stuck = COUNTER.replace("allow_indefinite_states = [\"On\"]", "");
    let (judged, _) = all_of("unbounded-stuck", &stuck);
    assert!(judged.contains(&("no_deadlock".to_owned(), Level::L1, "incomplete")), "{judged:?}");
    assert!(!judged.iter().any(|(name, level, _)| name == "no_deadlock" && *level == Level::L0), "{judged:?}");
    // With a way out that asks for nothing there is none.
    let stop = "[[action]]\nname = \"Stop\"\nto = \"Off\"\nparams = [\"why\"]\nGUARD\n[[invariant]]";
    let leaves =
        stuck.replace("states = [\"On\"]", "states = [\"On\", \"Off\"]\nterminal = [\"Off\"]").replace("[[invariant]]", stop);
    let (judged, bounds) = all_of("unbounded-leaves", &leaves.replace("GUARD", ""));
    assert!(judged.iter().all(|it| it.2 == "verified"), "{judged:?}");
    assert!(bounds.contains(&"no_deadlock holds for all values, by L0".to_owned()), "{bounds:?}");
    // One that is open now and then, or needs an argument, is none.
    for guard in ["guard = \"count < 1000\"", "guard = \"params.why != ''\""] {
        let (judged, _) = all_of("unbounded-guarded", &leaves.replace("GUARD", guard));
        assert!(judged.contains(&("no_deadlock".to_owned(), Level::L1, "incomplete")), "{guard}: {judged:?}");
    }
}

#[test]
fn an_action_that_needs_other_values_than_the_small_world_has_is_not_dead() {
    let with = |guard: &str| {
        let action = format!(
            "[[action]]\nname = \"Pick\"\nto = \"Off\"\nparams = [{{ name = \"n\", type = \"counter\" }}]\nguard = \"{guard}\"\n"
        );
        format!(
            "[automaton]\nname = \"Thing\"\nstates = [\"On\", \"Off\"]\ninitial = \"On\"\nallow_indefinite_states = [\"On\", \"Off\"]\n{action}"
        )
    };
    let (judged, bounds) = all_of("picked", &with("params.n >= 1000 && params.n % 7 == 3"));
    assert!(judged.iter().all(|it| it.2 == "verified"), "{judged:?}");
    assert!(bounds.contains(&"Pick is taken with other values, by L3".to_owned()), "{bounds:?}");
    assert!(bounds.contains(&"Off is reached with other values, by L3".to_owned()), "{bounds:?}");
    // Nothing at all is such a number.
    let (judged, _) = all_of("dead", &with("params.n >= 1000 && params.n % 7 == 8"));
    for level in [Level::L0, Level::L1] {
        assert!(judged.contains(&("Pick".to_owned(), level, "refuted")), "{judged:?}");
    }
}
