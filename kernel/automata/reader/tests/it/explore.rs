//! A small search, to see that the shipped specs say what they are meant to: breadth first over all entities, with parameters drawn from
//! what the specs' own literals say. It proves nothing; the cascade does.

use antfarm_automata::reference::Crowd;
use antfarm_automata::{Call, Expr, Goal, Kind, Literal, State, Table, Text, Value};
use std::collections::{BTreeSet, VecDeque};

/// Which invariant fails, and after how many actions.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Refuted {
    pub(crate) property: String,
    pub(crate) steps: u32,
}

/// What the search came to.
#[derive(Debug, Default)]
pub(crate) struct Explored {
    pub(crate) refuted: Option<Refuted>,
    pub(crate) states: usize,
    /// Whether nothing is left.
    pub(crate) is_all: bool,
    /// Actions that were taken, by entity type and name.
    pub(crate) taken: BTreeSet<(Text, Text)>,
}

/// Values that a parameter of this kind is tried with.
fn domain(table: &Table, kind: &Kind, ids: &[&str]) -> Vec<Value> {
    let (mut numbers, mut texts) = (BTreeSet::from([0_i64, 1, 2]), BTreeSet::from(["", "a", "b"].map(Text::from)));
    let mut look = |expr: &Expr| {
        expr.walk(&mut |part| {
            let Expr::Literal(literal) = part else { return };
            match literal {
                Literal::Int(number) | Literal::Money(number, _) | Literal::Span(number) if (1..10_000_000).contains(number) => {
                    numbers.extend([number - 1, *number, number + 1]);
                }
                Literal::Text(text) => drop(texts.insert(text.clone())),
                Literal::Null | Literal::Bool(_) | Literal::Int(_) | Literal::Money(..) | Literal::Span(_) => {}
            }
        });
    };
    table.spec().actions.iter().for_each(|it| look(&it.guard));
    match kind {
        Kind::Bool => [true, false].map(Value::Bool).into(),
        Kind::Counter | Kind::Int | Kind::Money { .. } | Kind::Duration => numbers.into_iter().map(Value::Int).collect(),
        Kind::Ref { .. } => ids.iter().map(|id| Value::text(id)).collect(),
        Kind::Text | Kind::Open => texts.into_iter().map(Value::Text).collect(),
        Kind::List { .. } | Kind::Set { .. } => vec![Value::list([]), Value::list(["a"])],
    }
}

fn assignments(domains: &[Vec<Value>]) -> Vec<Vec<Value>> {
    domains.iter().fold(vec![Vec::new()], |all, domain| {
        all.iter()
            .flat_map(|before| domain.iter().map(move |value| [before.as_slice(), std::slice::from_ref(value)].concat()))
            .collect()
    })
}

/// Goes through all that these entities can do, until `most` states.
pub(crate) fn explore(entities: &[(&str, &Table)], most: usize) -> Explored {
    let ids: Vec<&str> = entities.iter().map(|(id, _)| *id).collect();
    let first: Vec<State> = entities.iter().map(|(_, table)| table.create(&[]).expect("nothing is given")).collect();
    let (mut seen, mut open) = (BTreeSet::from([first.clone()]), VecDeque::from([(first, 0)]));
    let mut explored = Explored::default();
    while let Some((states, depth)) = open.pop_front() {
        let mut crowd = Crowd::default();
        for ((id, table), state) in entities.iter().zip(&states) {
            crowd.add(table, id, state.clone());
        }
        for ((_, table), state) in entities.iter().zip(&states) {
            for (index, property) in table.spec().invariants.iter().enumerate() {
                if table.invariant(index, state, &crowd) != Ok(true) && explored.refuted.is_none() {
                    explored.refuted = Some(Refuted { property: property.name.to_string(), steps: depth });
                }
            }
        }
        for (nth, (_, table)) in entities.iter().enumerate() {
            let mut is_stuck = true;
            for action in 0..table.spec().actions.len() {
                let domains: Vec<Vec<Value>> = table.params(action).iter().map(|kind| domain(table, kind, &ids)).collect();
                for params in assignments(&domains) {
                    let fresh = [Text::from(ids[ids.len() - 1])];
                    let Ok(transition) = table.evaluate(&states[nth], Call { action, params: &params, fresh: &fresh }, &crowd)
                    else {
                        continue;
                    };
                    is_stuck = false;
                    explored.taken.insert((table.spec().entity.clone(), table.spec().actions[action].name.clone()));
                    let mut after = states.clone();
                    transition.apply(&mut after[nth]);
                    if seen.len() < most && seen.insert(after.clone()) {
                        open.push_back((after, depth + 1));
                    }
                }
            }
            let status = &table.spec().states[states[nth].status()];
            let stays = |it: &&antfarm_automata::Liveness| it.goal == Goal::HasActions && it.from.contains(status);
            if let Some(property) = table.spec().liveness.iter().find(stays).filter(|_| is_stuck && explored.refuted.is_none()) {
                explored.refuted = Some(Refuted { property: property.name.to_string(), steps: depth });
            }
        }
    }
    explored.states = seen.len();
    explored.is_all = seen.len() < most;
    explored
}
