//! Bugs in the encoding, planted one at a time: each is found by what these tests hold.

use super::shipped::{unproved, unrefuted};
use super::{judge, spec, verdict};
use antfarm_specs::Verdict;
use antfarm_specs::smt::Planted;

/// Small specs, and in how many steps the property is refuted; nothing where it is proved.
const SMALL: [(&str, &str, Option<usize>); 3] = [
    ("initial = 0", "[[action]]\nname = \"Stay\"\n[[invariant]]\nname = \"P\"\nassert = \"items == 1\"\n", Some(0)),
    (
        "initial = 3",
        "[[action]]\nname = \"Drain\"\nto = \"Off\"\neffect = [\"items -= 5\"]\n\
         [[invariant]]\nname = \"P\"\nassert = \"status == 'Off' => items > 0\"\n",
        Some(1),
    ),
    (
        "initial = 3",
        "[[action]]\nname = \"Drain\"\nto = \"Off\"\neffect = [\"items -= 5\"]\n\
         [[invariant]]\nname = \"P\"\nassert = \"items <= 3\"\n",
        None,
    ),
];

fn small(planted: Option<Planted>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (first, rest, steps) in SMALL {
        let table = spec(&format!(
            "[automaton]\nname = \"Thing\"\nstates = [\"On\", \"Off\"]\ninitial = \"On\"\nallow_indefinite_states = [\"On\", \"Off\"]\n\
             [[state]]\nname = \"items\"\ntype = \"counter\"\n{first}\n{rest}"
        ));
        match judge(&table, &[], planted) {
            Err(failed) => wrong.push(failed.to_string()),
            Ok(proof) => {
                let said = verdict(&proof, "P");
                let is_right = match &said {
                    Verdict::Verified => steps.is_none(),
                    Verdict::Refuted(trace) => trace.as_ref().map(|it| it.marks.len()) == steps,
                    Verdict::Incomplete(_) => false,
                };
                if !is_right {
                    wrong.push(format!("{rest}: {said:?}"));
                }
            }
        }
    }
    wrong
}

#[test]
#[expect(clippy::print_stdout, reason = "what was counted is worth a look, with `--no-capture`")]
fn each_planted_bug_in_the_encoding_is_found() {
    assert_eq!(small(None), Vec::<String>::new(), "nothing is wrong where nothing is planted");
    type Look = fn(Option<Planted>) -> Vec<String>;
    let looks: [(&str, Look); 3] = [("small specs", small), ("twins", unrefuted), ("what is shipped", unproved)];
    for planted in Planted::ALL {
        let found = looks.iter().find_map(|(by, look)| Some((by, look(Some(planted)).into_iter().next()?)));
        let Some((by, how)) = found else { panic!("{planted:?} is not found") };
        println!("{planted:?} is found by {by}: {}", how.lines().next().unwrap_or_default());
    }
}
