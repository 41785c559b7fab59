//! The cascade: all levels, one after the other, and what follows from all that they say.
//!
//! A level that says that something holds from any state, and another with a run in which it does not, contradict each other: one of them
//! is wrong, and that is a bug of ours. It is told apart from what is wrong with a spec.
//!
//! A level that looks at a small world leaves open what lies beyond it, and calls dead what needs other values. Where another level has an
//! answer that does not depend on that world, it counts: see [`settle`].

use crate::colony::{Lived, Lives, Played, lived, played};
use crate::load::Group;
use crate::random::{Tries, tried};
use crate::small::{Limits, search};
use crate::smt::{self, Failed, Obligation, Solver};
use crate::trace::{Entity, Trace, texts};
use crate::verdict::{Bound, Finding, Judged, Kind, Level, Property, Reason, Verdict};
use antfarm_automata::{Home, Table, Text};
use antfarm_identity::Codec;
use std::fmt;

/// How far each level goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Depth {
    /// Of L0.
    pub solver: smt::Limits,
    /// Of L1 and of types that refer to each other.
    pub search: Limits,
    /// Of L2.
    pub lives: Lives,
    /// Of L3.
    pub tries: Tries,
}

/// What all levels that ran say of a group.
#[derive(Debug, Default)]
pub struct Proved {
    /// What they say, by spec and level.
    pub findings: Vec<Finding>,
    /// What L0 asked, by spec.
    pub obligations: Vec<(Text, Vec<Obligation>)>,
    /// The runs that show what does not hold.
    pub shown: Vec<Shown>,
    /// What cannot be: bugs of ours.
    pub contradictions: Vec<Contradiction>,
}

/// A run that shows what does not hold, as a scenario of the colony.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub struct Shown {
    /// Of which spec.
    pub spec: Text,
    /// Its file.
    pub file: String,
    /// Who found it.
    pub level: Level,
    /// What does not hold.
    pub property: Property,
    /// How.
    pub showing: Showing,
}

/// How a run is shown.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub enum Showing {
    /// By this scenario.
    Scenario(String),
    /// By none; why none can say it.
    Unsaid(String),
}

/// Two levels that cannot both be right, or a level that the interpreter does not follow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Contradiction {
    /// One level proves what another refutes.
    Levels {
        /// Of which spec.
        spec: Text,
        /// About what.
        property: Property,
        /// Who says that it holds.
        holds: Level,
        /// Who says that it does not.
        fails: Level,
    },
    /// The kernel does not do what a level found, or what no spec can be blamed for.
    Kernel {
        /// Of which specs.
        spec: Text,
        /// What it does.
        what: String,
        /// The scenario that shows it.
        scenario: String,
    },
    /// A solver that failed, or found what the interpreter does not do.
    Solver(String),
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Levels { spec, property, holds, fails } => write!(
                f,
                "{holds} proves `{property}` of `{spec}` and {fails} refutes it: one of them is wrong, which is a bug of ours; please report it"
            ),
            Self::Kernel { spec, what, scenario } => {
                write!(f, "the kernel does otherwise with `{spec}`, which is a bug of ours; please report it: {what}\n{scenario}")
            }
            Self::Solver(what) => f.write_str(what),
        }
    }
}

/// Proves the specs of a group at all levels. Without a solver L0 is not among them.
pub fn prove(group: &Group, solver: Option<&mut Solver>, depth: Depth) -> Proved {
    let mut proved = Proved::default();
    if let Some(solver) = solver {
        let tables: Vec<&Table> = group.members.iter().map(|it| &it.table).collect();
        for member in group.members.iter().filter(|it| it.is_proved) {
            match smt::prove(&member.table, &tables, &member.file, solver, depth.solver) {
                Ok(proof) => {
                    proved.obligations.push((member.table.spec().entity.clone(), proof.obligations));
                    proved.findings.push(proof.finding);
                }
                Err(failed @ (Failed::Solver(_) | Failed::Disagrees { .. })) => {
                    let spec = &member.table.spec().entity;
                    proved.contradictions.push(Contradiction::Solver(format!("{spec}: {failed}")));
                }
            }
        }
    }
    proved.findings.extend(search(group, depth.search));
    proved.findings.extend(tried(group, depth.tries));
    replay(group, &mut proved);
    live(group, depth.lives, &mut proved);
    proved.findings.sort_by_key(|it| (position(group, &it.spec), it.level));
    proved.contradictions.extend(contradictions(&proved.findings));
    let stands = |of: &Text, kind| {
        let tables = || group.members.iter().map(|it| &it.table);
        let spec = tables().map(Table::spec).find(|it| it.entity == *of);
        spec.is_some_and(|spec| crate::small::stands(spec, kind, tables()))
    };
    let components = group.components();
    let world = |of: &Text| {
        let is_its = |it: &Vec<usize>| it.iter().any(|nth| group.members[*nth].table.spec().entity == *of);
        components.iter().position(is_its)
    };
    settle(&mut proved.findings, &stands, &world);
    proved
}

/// Whether somebody comes to be in a run who is called like a state, or must live here under such a name: no id of this home is one, and in
/// a proof it is an id.
fn is_called_like_a_state(group: &Group, trace: &Trace) -> bool {
    let is_first = |id: &Text| trace.first.iter().any(|it| it.id == *id);
    let is_state = |id: &Text| group.members.iter().any(|it| it.table.spec().states.contains(id));
    let is_placed = |entity: &Entity| {
        let spec = group.members.iter().map(|it| it.table.spec()).find(|it| it.entity == entity.entity);
        let variables = spec.into_iter().flat_map(|it| &it.variables).zip(&entity.fields);
        let placed = variables.filter(|(it, _)| it.home == Home::Same);
        placed.flat_map(|(_, (_, value))| texts(value)).any(is_state)
    };
    let after = trace.marks.iter().flat_map(|it| &it.after);
    after.clone().any(|it| is_state(&it.id) && !is_first(&it.id)) || after.chain(&trace.first).any(is_placed)
}

/// Replays through the kernel what is refuted by a run.
fn replay(group: &Group, proved: &mut Proved) {
    for finding in &mut proved.findings {
        for Judged { property, verdict } in &mut finding.judged {
            let Verdict::Refuted(Some(trace)) = verdict else { continue };
            if is_called_like_a_state(group, trace) {
                *verdict = Verdict::Incomplete(Reason::Inexpressible("whom the name of a state names".to_owned()));
                continue;
            }
            let (spec, file, level) = (finding.spec.clone(), finding.file.clone(), finding.level);
            let showing = match played(group, &spec, level, property, trace) {
                Played::Same(scenario) => Showing::Scenario(scenario),
                Played::Unsaid(why) => Showing::Unsaid(why),
                Played::Other { what, scenario } => {
                    let what = format!("{level} refutes `{property}`: {what}");
                    proved.contradictions.push(Contradiction::Kernel { spec, what, scenario });
                    continue;
                }
            };
            proved.shown.push(Shown { spec, file, level, property: property.clone(), showing });
        }
    }
}

/// Has the entities live.
fn live(group: &Group, lives: Lives, proved: &mut Proved) {
    let Lived { findings, scenarios, bugs } = lived(group, lives);
    for (spec, property, scenario) in scenarios {
        let file = findings.iter().find(|it| it.spec == spec).map(|it| it.file.clone()).unwrap_or_default();
        proved.shown.push(Shown { spec, file, level: Level::L2, property, showing: Showing::Scenario(scenario) });
    }
    let bugs = bugs.into_iter().map(|(spec, what, scenario)| Contradiction::Kernel { spec, what, scenario });
    proved.contradictions.extend(bugs);
    proved.findings.extend(findings);
}

fn position(group: &Group, spec: &Text) -> usize {
    group.members.iter().position(|it| it.table.spec().entity == *spec).unwrap_or(usize::MAX)
}

/// What two levels say that cannot both be so. Only L0 speaks of all values: what the others verify, they verify within bounds, and what lies
/// beyond may still be refuted.
pub(crate) fn contradictions(findings: &[Finding]) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for proof in findings.iter().filter(|it| it.level == Level::L0) {
        for other in findings.iter().filter(|it| it.spec == proof.spec && it.level != Level::L0) {
            for judged in &proof.judged {
                let Some(said) = other.judged.iter().find(|it| it.property == judged.property) else { continue };
                let levels = match (&judged.verdict, &said.verdict) {
                    // An action that some state enables is no action that is reached; of what holds always, a run is a counterexample.
                    (Verdict::Verified, Verdict::Refuted(Some(_))) => (proof.level, other.level),
                    (Verdict::Refuted(_), Verdict::Verified) if judged.property.kind == Kind::Action => {
                        (other.level, proof.level)
                    }
                    (Verdict::Verified | Verdict::Refuted(_) | Verdict::Incomplete(_), _) => continue,
                };
                let (holds, fails) = levels;
                let (spec, property) = (proof.spec.clone(), judged.property.clone());
                found.push(Contradiction::Levels { spec, property, holds, fails });
            }
        }
    }
    found
}

/// Closes what a small world left open, where another level's answer does not depend on it, and says so among the bounds:
///
/// - an invariant that L0 proves holds for all values and all entities, also where a bound of the small world was hit, and so does that no
///   state is a dead end;
/// - an action that a run at L3 took can be taken, and a state that it reached can be reached, with whatever values the small world was tried.
///   That world was too small then, and what else it says to hold is open, but for what `stands` whatever the world is. `world` says in
///   which one a type is.
pub(crate) fn settle(findings: &mut [Finding], stands: &dyn Fn(&Text, Kind) -> bool, world: &dyn Fn(&Text) -> Option<usize>) {
    let proofs: Vec<(Text, Level, Property)> = findings
        .iter()
        .filter(|it| matches!(it.level, Level::L0 | Level::L3))
        .flat_map(|it| {
            let held = it.judged.iter().filter(|it| it.verdict.is_verified());
            held.map(|judged| (it.spec.clone(), it.level, judged.property.clone()))
        })
        .collect();
    let is_small = |it: &Finding| matches!(it.level, Level::L1 | Level::Composite);
    let is_proved = |spec: &Text, by: Level, property: &Property| {
        proofs.iter().any(|(of, level, it)| (of, *level, it) == (spec, by, property))
    };
    let is_passed = |it: &Finding, judged: &Judged| {
        matches!((judged.property.kind, &judged.verdict), (Kind::Action | Kind::State, Verdict::Refuted(None)))
            && is_proved(&it.spec, Level::L3, &judged.property)
    };
    let passed = findings.iter().filter(|it| is_small(it) && it.judged.iter().any(|judged| is_passed(it, judged)));
    let too_small: Vec<Option<usize>> = passed.map(|it| world(&it.spec)).collect();
    for finding in findings.iter_mut().filter(|it| is_small(it) && too_small.contains(&world(&it.spec))) {
        let spec = finding.spec.clone();
        let is_open = |it: &&mut Judged| {
            let depends =
                matches!(it.property.kind, Kind::Invariant | Kind::Reaches | Kind::HasActions | Kind::Deadlock | Kind::Reaction);
            depends && it.verdict.is_verified() && !stands(&spec, it.property.kind)
        };
        finding.judged.iter_mut().filter(is_open).for_each(|it| it.verdict = Verdict::Incomplete(Reason::Bound));
        let (of, to) = ("values that were tried".to_owned(), "too few for what L3 came to".to_owned());
        finding.bounds.push(Bound { of, to, is_hit: true });
    }
    for finding in findings.iter_mut().filter(|it| is_small(it)) {
        for judged in &mut finding.judged {
            let (by, words) = match (judged.property.kind, &judged.verdict) {
                (Kind::Invariant | Kind::Deadlock, Verdict::Incomplete(Reason::Bound)) => (Level::L0, "holds for all values"),
                (Kind::Action, Verdict::Incomplete(Reason::Bound) | Verdict::Refuted(None)) => {
                    (Level::L3, "is taken with other values")
                }
                (Kind::State, Verdict::Incomplete(Reason::Bound) | Verdict::Refuted(None)) => {
                    (Level::L3, "is reached with other values")
                }
                (
                    Kind::Invariant
                    | Kind::FieldInvariant
                    | Kind::Reaches
                    | Kind::HasActions
                    | Kind::Deadlock
                    | Kind::Action
                    | Kind::State
                    | Kind::Reaction
                    | Kind::Trigger,
                    Verdict::Verified | Verdict::Refuted(_) | Verdict::Incomplete(_),
                ) => continue,
            };
            if is_proved(&finding.spec, by, &judged.property) {
                judged.verdict = Verdict::Verified;
                let of = judged.property.name.to_string();
                finding.bounds.push(Bound { of, to: format!("{words}, by {by}"), is_hit: false });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Trace;
    use std::time::Duration;

    fn finding(level: Level, kind: Kind, verdict: Verdict) -> Finding {
        let judged = vec![Judged { property: Property { kind, name: "X".into() }, verdict }];
        let (spec, took) = ("S".into(), Duration::ZERO);
        Finding { spec, file: "s".to_owned(), level, judged, bounds: Vec::new(), states: 0, took }
    }

    fn run() -> Verdict {
        Verdict::Refuted(Some(Trace { first: Vec::new(), marks: Vec::new(), back_to: None }))
    }

    #[test]
    fn what_is_proved_for_all_values_and_refuted_by_a_run_is_a_bug_of_ours() {
        let proof = || finding(Level::L0, Kind::Invariant, Verdict::Verified);
        for level in [Level::L1, Level::Composite, Level::L3] {
            let found = contradictions(&[proof(), finding(level, Kind::Invariant, run())]);
            let (spec, property) = ("S".into(), Property { kind: Kind::Invariant, name: "X".into() });
            assert_eq!(found, [Contradiction::Levels { spec, property, holds: Level::L0, fails: level }]);
            assert!(found[0].to_string().contains("bug of ours"));
        }
        let dead = finding(Level::L0, Kind::Action, Verdict::Refuted(None));
        assert_eq!(contradictions(&[dead, finding(Level::L1, Kind::Action, Verdict::Verified)]).len(), 1);
    }

    #[test]
    fn what_a_small_world_leaves_open_is_closed_by_who_has_a_proof_and_by_nobody_else() {
        let open = || Verdict::Incomplete(Reason::Bound);
        let dead = || Verdict::Refuted(None);
        let missing = || Verdict::Incomplete(Reason::Missing("T".into()));
        for (kind, said, by, closed) in [
            (Kind::Invariant, open(), (Level::L0, Verdict::Verified), true),
            (Kind::Invariant, open(), (Level::L0, open()), false),
            (Kind::Invariant, open(), (Level::L3, Verdict::Verified), false),
            (Kind::Invariant, missing(), (Level::L0, Verdict::Verified), false),
            (Kind::Invariant, run(), (Level::L0, Verdict::Verified), false),
            (Kind::Action, dead(), (Level::L3, Verdict::Verified), true),
            (Kind::Action, open(), (Level::L3, Verdict::Verified), true),
            // That some state enables it says nothing of what is reached.
            (Kind::Action, dead(), (Level::L0, Verdict::Verified), false),
            (Kind::State, dead(), (Level::L3, Verdict::Verified), true),
            (Kind::Deadlock, open(), (Level::L3, Verdict::Verified), false),
            (Kind::Deadlock, open(), (Level::L0, Verdict::Verified), true),
            (Kind::HasActions, open(), (Level::L0, Verdict::Verified), false),
        ] {
            for level in [Level::L1, Level::Composite] {
                let mut findings = [finding(by.0, kind, by.1.clone()), finding(level, kind, said.clone())];
                settle(&mut findings, &|_, _| false, &|_| Some(0));
                let expected = if closed { Verdict::Verified } else { said.clone() };
                assert_eq!(findings[1].judged[0].verdict, expected, "{kind:?}");
                let told = findings[1].bounds.iter().any(|it| it.of == "X" && it.to.ends_with(by.0.word()));
                assert_eq!(told, closed, "{kind:?}");
                assert_eq!(findings[0].judged[0].verdict, by.1, "{kind:?}");
            }
        }
    }

    #[test]
    fn what_lies_beyond_a_bound_contradicts_nobody() {
        let open = || Verdict::Incomplete(Reason::Bound);
        let pairs = [
            (finding(Level::L0, Kind::Invariant, run()), finding(Level::L1, Kind::Invariant, Verdict::Verified)),
            (finding(Level::L0, Kind::Invariant, open()), finding(Level::L1, Kind::Invariant, run())),
            (finding(Level::L1, Kind::Invariant, Verdict::Verified), finding(Level::L3, Kind::Invariant, run())),
            // Enabled in some state that is never reached.
            (finding(Level::L0, Kind::Action, Verdict::Verified), finding(Level::L1, Kind::Action, Verdict::Refuted(None))),
        ];
        for (one, other) in pairs {
            assert_eq!(contradictions(&[one, other]), []);
        }
    }
}
