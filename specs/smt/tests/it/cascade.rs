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
