//! Random moves of random entities: whatever is asked, nothing panics, nothing that is refused changes anything, and names mean nothing.

use super::{Colony, suite};
use antfarm_automata::entities::{Act, Asked, Entities, Move, Suite, Who};
use antfarm_automata::{Kind, Text, Value};
use proptest::prelude::*;

const IDS: [&str; 4] = ["#0", "#1", "#2", "#3"];

fn shipped() -> Suite {
    let files = ["plan", "task", "retry_job", "publish_needs_review", "review", "agent"];
    let texts = files.map(|it| {
        let path = format!("{}/../../../specs/{it}.ioa.toml", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    });
    suite(&texts.each_ref().map(String::as_str))
}

/// A move that these choices say, of what these ids name.
fn moved(suite: &Suite, entities: &Entities, draws: [usize; 6], ids: &dyn Fn(usize) -> Text) -> Move {
    let entity = draws[0] % suite.tables().len();
    let table = &suite.tables()[entity];
    let who = Who { entity: u16::try_from(entity).expect("a few"), id: ids(draws[1]) };
    if let Some((alarm, _)) = entities.alarms().nth(draws[2] % 16).filter(|_| draws[2].is_multiple_of(3)) {
        return Move::Ring(alarm);
    }
    if draws[2] % 4 == 1 {
        return Move::Create { who, given: Vec::new() };
    }
    let action = draws[3] % table.spec().actions.len();
    let value = |(nth, kind): (usize, &Kind)| {
        let draw = draws[4 + nth % 2];
        match kind {
            Kind::Bool => Value::Bool(draw.is_multiple_of(2)),
            Kind::Counter | Kind::Int | Kind::Money { .. } | Kind::Duration => Value::Int(i64::try_from(draw % 7).unwrap_or(0)),
            Kind::Ref { .. } => Value::Text(ids(draw)),
            Kind::Text | Kind::Open => Value::text(["", "ann", "bob"][draw % 3]),
            Kind::List { .. } | Kind::Set { .. } => Value::list([]),
        }
    };
    let params = table.params(action).iter().enumerate().map(value).collect();
    Move::Act { act: Act { who, action: u16::try_from(action).expect("a few"), params }, writes: Vec::new() }
}

fn draws() -> impl Strategy<Value = Vec<[usize; 6]>> {
    prop::collection::vec(any::<[u16; 6]>().prop_map(|it| it.map(usize::from)), 0..60)
}

proptest! {
    #[test]
    fn a_run_is_the_fold_of_its_steps_and_refusals_are_no_part_of_it(draws in draws()) {
        let mut colony = Colony { suite: shipped(), ..Colony::new(&[]) };
        let mut steps = Vec::new();
        for draws in draws {
            let moved = moved(&colony.suite, &colony.entities, draws, &|nth| IDS[nth % 4].into());
            let before = colony.entities.clone();
            match colony.step(moved) {
                Ok(step) => steps.push(step),
                Err(_) => prop_assert_eq!(&colony.entities, &before),
            }
            for (entity, _, held) in colony.entities.iter() {
                prop_assert!(colony.suite.table(entity).expect("a type").holds(&held.state));
            }
            prop_assert_eq!(colony.entities.violated(&colony.suite), None);
        }
        let mut folded = Entities::new();
        steps.iter().for_each(|step| folded.apply(step));
        prop_assert_eq!(folded, colony.entities);
    }

    #[test]
    fn ids_are_only_names(draws in draws()) {
        let suite = shipped();
        // The ids of one run, and those of the other in its place.
        let other = |id: &Text| -> Option<Text> {
            let nth: usize = id.strip_prefix('#')?.parse().ok()?;
            Some(format!("#{}", nth ^ 3).into())
        };
        let (mut one, mut two) = (Entities::new(), Entities::new());
        for (nth, draws) in draws.into_iter().enumerate() {
            let fresh = |flip: usize| -> Vec<Text> { (0..9).map(|it| format!("#{}", (100 + nth * 16 + it) ^ flip).into()).collect() };
            let first = moved(&suite, &one, draws, &|nth| IDS[nth % 4].into());
            let second = match &first {
                Move::Ring(alarm) => {
                    let who = Who { id: other(&alarm.who.id).unwrap(), ..alarm.who.clone() };
                    Move::Ring(antfarm_automata::entities::Alarm { who, ringing: alarm.ringing })
                }
                Move::Create { .. } | Move::Act { .. } | Move::Deliver(_) | Move::Acknowledge { .. } => {
                    moved(&suite, &one, draws, &|nth| other(&IDS[nth % 4].into()).unwrap())
                }
            };
            let (left, right) = (one.step(&suite, &Asked::of(first), &fresh(0)), two.step(&suite, &Asked::of(second), &fresh(3)));
            prop_assert_eq!(left.is_ok(), right.is_ok());
            if let (Ok(left), Ok(right)) = (left, right) {
                one.apply(&left);
                two.apply(&right);
            }
            prop_assert_eq!(one.renamed(&suite, &mut |id| other(id)), two.clone());
        }
    }
}
