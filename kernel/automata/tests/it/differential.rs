//! The interpreter against the naive one, on random specs, states and calls.

use crate::{choices, draws};
use antfarm_automata::reference::{self, Entity, Step};
use antfarm_automata::{Call, Refusal, Sites, Table, Text};
use antfarm_identity::{from_bytes, to_bytes};
use proptest::prelude::*;
use std::env;

/// `ANTFARM_CASES=100000` for more.
fn cases() -> u32 {
    env::var("ANTFARM_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(3000)
}

fn step(refusal: Refusal) -> Step {
    match refusal {
        Refusal::Action | Refusal::Event => Step::Action,
        Refusal::State => panic!("the state is one of the table"),
        Refusal::Status { .. } => Step::Status,
        Refusal::Param { .. } => Step::Param,
        Refusal::Guard { .. } => Step::Guard,
        Refusal::Undefined { .. } => Step::Undefined,
        Refusal::Effect { .. } => Step::Effect,
    }
}

#[test]
fn random_calls_come_by_every_outcome() {
    let mut seed = 1_u64;
    let draw = &mut |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits fit") % below
    };
    let (mut taken, mut wrote, mut refused) = (0, 0, [0; 6]);
    for _ in 0..4000 {
        let (table, _) = Table::new(reference::spec(draw), &Sites::new()).expect("what is drawn is well-formed");
        let (action, state) = (draw(table.spec().actions.len()), reference::state(draw, &table));
        let (params, crowd) = (reference::arguments(draw, &table, action), reference::crowd(draw, &table));
        match table.evaluate(&state, Call { action, params: &params, fresh: &[Text::from("fresh")] }, &crowd) {
            Ok(transition) => {
                taken += 1;
                wrote += usize::from(transition.writes().count() > 0);
            }
            Err(refusal) => refused[step(refusal) as usize] += 1,
        }
    }
    assert!(taken > 900 && wrote > 600, "{taken} taken, {wrote} wrote, {refused:?} refused");
    let [_, from, param, guard, undefined, effect] = refused;
    assert!(
        [from, param, guard, undefined, effect].iter().all(|times| *times > 5),
        "{taken} taken, {wrote} wrote, {refused:?} refused"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn both_interpreters_do_and_refuse_the_same(spec in choices(300), calls in prop::collection::vec(choices(60), 1..6)) {
        let spec = reference::spec(&mut draws(spec));
        let (table, _) = Table::new(spec, &Sites::new()).expect("what is drawn is well-formed");
        for choices in calls {
            let draw = &mut draws(choices);
            let action = draw(table.spec().actions.len());
            let state = reference::state(draw, &table);
            let params = reference::arguments(draw, &table, action);
            let crowd = reference::crowd(draw, &table);
            let entity = Entity::new(&table, &state);
            let name = &table.spec().actions[action].name;
            let fresh = [Text::from("fresh")];
            let call = Call { action, params: &params, fresh: &fresh };

            let ours = table.evaluate(&state, call, &crowd);
            let naive = reference::run(&table, &entity, name, &params, &fresh, &crowd);
            match (&ours, &naive) {
                (Ok(transition), Ok((after, begun))) => {
                    let state = transition.after(&state);
                    prop_assert!(table.holds(&state), "{:?}", state);
                    prop_assert_eq!(&Entity::new(&table, &state), after, "{}", table.spec());
                    prop_assert_eq!(transition.begun().len(), *begun);
                    prop_assert_eq!(from_bytes(&to_bytes(transition)), Ok(transition.clone()));
                    prop_assert_eq!(from_bytes(&to_bytes(&state)), Ok(state));
                }
                (Err(refusal), Err(naive)) => {
                    prop_assert_eq!(step(*refusal), *naive, "{}", table.explain(call, *refusal));
                }
                (Ok(_), Err(_)) | (Err(_), Ok(_)) => prop_assert!(false, "{:?} and {:?}\n{}", ours, naive, table.spec()),
            }
            for (index, property) in table.spec().invariants.iter().enumerate() {
                let ours = table.invariant(index, &state, &crowd).ok();
                let naive = reference::holds(&table, &entity, &property.assert, &crowd);
                prop_assert_eq!(ours, naive, "{}", &property.assert);
                // The normal form says the same, in either interpreter.
                let normal = table.normal(None, &property.assert);
                prop_assert_eq!(reference::holds(&table, &entity, &normal, &crowd), naive, "{}", normal);
            }
        }
    }

    #[test]
    fn no_state_or_call_is_too_strange_to_be_refused(
        spec in choices(200), other in choices(60), action in 0_usize..6, params in choices(40),
    ) {
        // The state and the parameters of another table.
        let (table, _) = Table::new(reference::spec(&mut draws(spec)), &Sites::new()).expect("what is drawn is well-formed");
        let mut strange = reference::spec(&mut draws(other));
        strange.variables.reverse();
        let (strange, _) = Table::new(strange, &Sites::new()).expect("the order of variables means nothing");
        let state = reference::state(&mut draws(params.clone()), &strange);
        let arguments = reference::arguments(&mut draws(params), &strange, action);
        if let Ok(transition) = table.evaluate(&state, Call::new(action, &arguments), &reference::Crowd::default()) {
            transition.after(&state);
        }
    }
}
