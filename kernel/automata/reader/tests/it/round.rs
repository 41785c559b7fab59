//! What is written of a spec reads back as the spec.

use crate::shipped::{files, folder};
use antfarm_automata::{Expr, Sites, Spec, Table, reference};
use antfarm_automata_reader::read;
use proptest::prelude::*;

/// The spec with its constraints as conjuncts of the guard, as which they are written.
fn folded(spec: &Spec) -> Spec {
    let mut spec = spec.clone();
    for action in &mut spec.actions {
        let guard = std::iter::once(action.guard.clone()).filter(|guard| *guard != Expr::ALWAYS);
        action.guard = Expr::all(guard.chain(action.constraints.drain(..)).collect());
    }
    spec
}

fn reads_back(name: &str, table: &Table) {
    let text = table.spec().to_string();
    let again = read(name, &text).unwrap_or_else(|troubles| panic!("{troubles:#}\n{text}"));
    assert_eq!(again.table.spec().to_string(), text, "{name}");
    assert_eq!(again.table.digest(), table.digest(), "{name}");
    assert_eq!(folded(again.table.spec()), folded(table.spec()), "{name}");
}

#[test]
fn every_spec_of_the_repository_reads_back() {
    for folder in [folder(), folder().join("broken")] {
        for (name, text) in files(&folder) {
            if let Ok(read) = read(&name, &text) {
                reads_back(&name, &read.table);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_specs_read_back(choices in prop::collection::vec(any::<u16>(), 0..300)) {
        let mut choices = choices.into_iter();
        let spec = reference::spec(&mut |below| choices.next().map_or(0, usize::from) % below);
        let (table, _) = Table::new(spec, &Sites::new()).expect("what is drawn is well-formed");
        reads_back("random", &table);
    }

    #[test]
    fn no_text_is_too_strange_to_be_refused(text in "(\\[\\[?(automaton|state|action|invariant)\\]?\\]\n|name = \"?[a-z]{0,5}\"?\n|guard = \"\\PC{0,9}\"\n|\\PC{0,9}\n){0,9}") {
        let _ = read("strange", &text);
    }
}
