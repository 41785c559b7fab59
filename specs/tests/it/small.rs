//! L1: the shipped specs hold, each twin is refuted where it says.

use crate::shipped;
use antfarm_specs::{Finding, Level, Limits, Verdict, load, search};

/// What L1 says of a file or folder.
fn prove(name: &str) -> Vec<Finding> {
    let groups = load(&[shipped(name)]).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    groups.iter().flat_map(|it| search(it, Limits::default())).collect()
}

fn tell(finding: &Finding) -> String {
    let mut told = format!("{} {}: {} states in {:?}\n", finding.spec, finding.level, finding.states, finding.took);
    for judged in finding.judged.iter().filter(|it| !it.verdict.is_verified()) {
        told += &format!("  {}: {}\n", judged.property, judged.verdict.word());
        if let Verdict::Refuted(Some(trace)) = &judged.verdict {
            told += &trace.to_string();
        }
    }
    for bound in finding.bounds.iter().filter(|it| it.is_hit) {
        told += &format!("  hit: {} {}\n", bound.of, bound.to);
    }
    told
}

#[test]
fn the_shipped_specs_hold() {
    let mut told = String::new();
    let mut all = true;
    for finding in prove("") {
        all &= finding.word() == "verified";
        told += &tell(&finding);
    }
    assert!(all, "{told}");
}

#[test]
fn each_twin_is_refuted_by_the_level_that_it_names() {
    let mut names: Vec<_> = std::fs::read_dir(shipped("broken")).unwrap().map(|it| it.unwrap().file_name()).collect();
    names.sort();
    let mut refuted = 0;
    for name in names {
        let name = format!("broken/{}", name.to_string_lossy());
        let text = std::fs::read_to_string(shipped(&name)).unwrap();
        if text.contains("level = \"load\"") {
            load(&[shipped(&name)]).unwrap_err();
            continue;
        }
        let groups = load(&[shipped(&name)]).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        let broken = groups[0].members[0].table.spec().broken.clone().unwrap();
        if broken.level == "L2" {
            continue;
        }
        let findings = search(&groups[0], Limits::default());
        assert_eq!(findings.len(), 1, "{name}");
        let told = tell(&findings[0]);
        // What one step from any state refutes is refuted from the beginning, too.
        assert!(Level::named(&broken.level).is_some_and(|it| it == findings[0].level || it == Level::L0), "{told}");
        let judged = findings[0].judged.iter().filter(|it| it.property.name == broken.property && it.verdict.is_refuted());
        let verdicts: Vec<&Verdict> = judged.map(|it| &it.verdict).collect();
        assert!(!verdicts.is_empty(), "{name}: {told}");
        if let (Some(steps), Verdict::Refuted(trace)) = (broken.steps, verdicts[0]) {
            assert_eq!(trace.as_ref().map(|it| it.marks.len()), Some(steps as usize), "{name}: {told}");
        }
        refuted += 1;
    }
    assert!(refuted >= 15, "{refuted}");
}
