//! What a large spec costs: 30 actions, 10 invariants.

use super::{judge, spec};
use antfarm_specs::Verdict;
use std::fmt::Write;
use std::time::Duration;

/// Ten stations with a counter each; from each to the next, and back, and on in its place.
fn large() -> String {
    let states: Vec<String> = (0..10).map(|it| format!("\"S{it}\"")).collect();
    let states = states.join(", ");
    let mut text = format!(
        "[automaton]\nname = \"Line\"\nstates = [{states}]\ninitial = \"S0\"\nallow_indefinite_states = [{states}]\n\
         [[state]]\nname = \"worker\"\ntype = \"string\"\n[[state]]\nname = \"seen\"\ntype = \"set\"\nmost = 4\n"
    );
    let write = |text: &mut String, line: String| writeln!(text, "{line}").expect("a text can be written");
    for nth in 0..10 {
        let next = (nth + 1) % 10;
        write(&mut text, format!("[[state]]\nname = \"done{nth}\"\ntype = \"counter\""));
        write(
            &mut text,
            format!(
                "[[action]]\nname = \"Work{nth}\"\nfrom = [\"S{nth}\"]\nparams = [{{ name = \"by\", type = \"counter\" }}]\n\
                 guard = \"params.by > 0 && done{nth} + params.by <= 100\"\neffect = [\"done{nth} += params.by\"]\n\
                 [[action]]\nname = \"Pass{nth}\"\nfrom = [\"S{nth}\"]\nto = \"S{next}\"\nparams = [\"worker\"]\n\
                 guard = \"done{nth} >= done{next} && params.worker != worker\"\n\
                 effect = [\"if len(seen) < 4: append(seen, params.worker)\"]\n\
                 [[action]]\nname = \"Undo{nth}\"\nfrom = [\"S{nth}\"]\nguard = \"done{nth} > 1\"\neffect = [\"done{nth} -= 2\"]\n\
                 [[invariant]]\nname = \"Within{nth}\"\nassert = \"done{nth} <= 100 && (status == 'S{nth}' => done{nth} >= 0)\""
            ),
        );
    }
    text
}

#[test]
#[expect(clippy::print_stdout, reason = "what it costs is worth a look, with `--no-capture`")]
fn thirty_actions_and_ten_invariants_are_proved_soon() {
    let table = spec(&large());
    assert_eq!((table.spec().actions.len(), table.spec().invariants.len()), (30, 10));
    let proof = judge(&table, &[], None).unwrap_or_else(|failed| panic!("{failed}"));
    assert_eq!(proof.finding.judged.len(), 40);
    let open: Vec<_> = proof.finding.judged.iter().filter(|it| it.verdict != Verdict::Verified).collect();
    assert!(open.is_empty(), "{open:?}");
    println!("{:?} by the clock, {} obligations", proof.finding.took, proof.obligations.len());
    // Far beyond what it takes: only that it does not get out of hand.
    assert!(proof.finding.took < Duration::from_secs(60), "{:?}", proof.finding.took);
}
