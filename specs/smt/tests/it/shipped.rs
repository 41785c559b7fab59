//! The specs that are shipped are proved, and each of their twins is refuted that this level must refute.

use super::{folder, judge, load, verdict};
use antfarm_automata::Table;
use antfarm_specs::smt::Planted;
use antfarm_specs::{Kind, Reason, Verdict};

fn shipped() -> Vec<Table> {
    folder("").iter().filter_map(|path| load(path)).collect()
}

/// What is wrong with the proofs of what is shipped.
pub(crate) fn unproved(planted: Option<Planted>) -> Vec<String> {
    let tables = shipped();
    assert!(tables.len() >= 11, "what is shipped was found");
    let mut wrong = Vec::new();
    for table in &tables {
        let entity = &table.spec().entity;
        match judge(table, &tables, planted) {
            Err(failed) => wrong.push(format!("{entity}: {failed}")),
            Ok(proof) => {
                let others = proof.finding.judged.iter().filter(|it| it.verdict != Verdict::Verified);
                wrong.extend(others.map(|it| format!("{entity}.{}: {:?}", it.property, it.verdict)));
            }
        }
    }
    wrong
}

/// What is wrong with the refutations of twins.
pub(crate) fn unrefuted(planted: Option<Planted>) -> Vec<String> {
    let (tables, mut wrong) = (shipped(), Vec::new());
    let (mut ours, mut others) = (0, 0);
    for table in folder("broken").iter().filter_map(|path| load(path)) {
        let broken = table.spec().broken.clone().expect("a twin says who refutes it");
        let of = format!("{}, {}", table.spec().entity, broken.property);
        let proof = match judge(&table, &tables, planted) {
            Ok(proof) => proof,
            Err(failed) => {
                wrong.push(format!("{of}: {failed}"));
                continue;
            }
        };
        for judged in &proof.finding.judged {
            let is_it = judged.property.name == broken.property && judged.property.kind == Kind::Invariant;
            match &judged.verdict {
                // The shortest counterexample is as long as the twin says.
                Verdict::Refuted(Some(trace)) if is_it && Some(trace.marks.len()) == broken.steps.map(|it| it as usize) => {
                    (if broken.level == "L0" { ours += 1 } else { others += 1 });
                }
                Verdict::Verified if !is_it => {}
                // Another level's.
                Verdict::Incomplete(_) if is_it && broken.level != "L0" => {}
                Verdict::Verified | Verdict::Refuted(_) | Verdict::Incomplete(_) => {
                    wrong.push(format!("{of}: {} {:?}", judged.property, judged.verdict));
                }
            }
        }
    }
    if ours < 6 || others < 4 {
        wrong.push(format!("only {ours} and {others} twins were refuted"));
    }
    wrong
}

#[test]
fn what_is_shipped_is_proved() {
    let wrong = unproved(None);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_twin_is_refuted_in_as_many_steps_as_it_says() {
    let wrong = unrefuted(None);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn where_it_takes_others_two_states_and_an_action_are_shown() {
    let path =
        folder("broken").into_iter().find(|it| it.ends_with("publish_on_one_of_two_reviews.ioa.toml")).expect("it is there");
    let proof = judge(&load(&path).expect("it is well-formed"), &shipped(), None).expect("it can be asked");
    let Verdict::Incomplete(Reason::NotInductive(trace)) = verdict(&proof, "PublishedIsReviewed") else {
        panic!("{:?}", proof.finding.judged)
    };
    assert_eq!(trace.marks.len(), 1);
    assert_eq!(trace.marks[0].taken.action, "Publish");
    // One review passed; the other did not, or is nobody's.
    assert!(trace.first[1..].iter().any(|it| it.status == "Passed"), "{trace}");
    let asked = trace.first[0].fields.iter().map(|it| it.1.to_string()).collect::<String>();
    assert!(asked.contains(','), "{trace}");
}
