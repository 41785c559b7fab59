//! One step in Z3, in the interpreter and in the naive one, on random specs, states and calls.

use super::running;
use antfarm_automata::reference::{self, Entity};
use antfarm_automata::{Call, Sites, Table, Text};
use antfarm_specs::smt::{Fixed, fixed};
use std::env;

/// `ANTFARM_CASES=100000` for more; `ANTFARM_SEED` for others.
fn told(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(otherwise)
}

#[test]
#[expect(clippy::print_stdout, reason = "what was counted is worth a look, with `--no-capture`")]
fn a_step_is_the_same_in_the_solver_and_in_both_interpreters() {
    let (cases, mut seed) = (told("ANTFARM_CASES", 400), told("ANTFARM_SEED", 1));
    let draw = &mut |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits fit") % below
    };
    let mut solver = running();
    let fresh = Text::from("fresh");
    let (mut asked, mut taken, mut held, mut broken, mut skipped) = (0_u64, 0_u64, 0_u64, 0_u64, 0_u64);
    while asked < cases {
        let (table, _) = Table::new(reference::spec(draw), &Sites::new()).expect("what is drawn is well-formed");
        for _ in 0..4 {
            let (action, state) = (draw(table.spec().actions.len()), reference::state(draw, &table));
            let (params, crowd) = (reference::arguments(draw, &table, action), reference::crowd(draw, &table));
            let all_fresh = vec![fresh.clone(); 8];
            let call = Call { action, params: &params, fresh: &all_fresh };

            let step = Fixed { state: &state, action, params: &params, fresh: &fresh, said: &[] };
            let said = fixed(&table, step, &crowd, &mut solver);
            let Some(said) = said.unwrap_or_else(|error| panic!("{}\n{error}", table.spec())) else {
                skipped += 1;
                continue;
            };
            let ours = table.evaluate(&state, call, &crowd).ok().map(|it| it.after(&state));
            let name = &table.spec().actions[action].name;
            let naive = reference::run(&table, &Entity::new(&table, &state), name, &params, &all_fresh, &crowd);
            assert_eq!(said.after, ours, "{name} {params:?} of {state:?}\n{}", table.spec());
            assert_eq!(ours.map(|it| Entity::new(&table, &it)), naive.ok().map(|it| it.0), "{}", table.spec());
            for (index, property) in table.spec().invariants.iter().enumerate() {
                let ours = table.invariant(index, &state, &crowd) == Ok(true);
                assert_eq!(said.invariants[index], ours, "{} in {state:?}\n{}", property.assert, table.spec());
                *(if ours { &mut held } else { &mut broken }) += 1;
            }
            asked += 1;
            taken += u64::from(said.after.is_some());
        }
    }
    println!("{asked} steps, {taken} of them taken; invariants held {held} times and did not {broken} times; {skipped} skipped");
    assert!(taken * 20 > asked && held > 0 && broken > 0, "{taken} of {asked} were taken");
    assert!(skipped * 10 < asked, "{skipped} were skipped");
}
