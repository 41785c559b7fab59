//! The kit passes implementations that keep the contracts, and each clause is seen to fail on one that does not.

mod clock;
mod disk;
mod network;
mod storage;

use antfarm_conformance::Clause;
use std::collections::BTreeSet;

/// The names of the clauses that do not hold on rigs that `rig` makes.
fn broken<R>(clauses: &[Clause<R>], mut rig: impl FnMut() -> R) -> BTreeSet<&'static str> {
    clauses.iter().filter(|it| it.check(&mut rig()).is_err()).map(Clause::name).collect()
}

/// Every flaw must break the clause that is about it, and every clause must have a flaw that breaks it.
fn check<F: Copy + std::fmt::Debug, R>(flaws: &[(F, &'static str)], clauses: &[Clause<R>], rig: impl Fn(Option<F>) -> R) {
    assert_eq!(broken(clauses, || rig(None)), BTreeSet::new(), "the sound implementation");
    for (flaw, clause) in flaws {
        let broken = broken(clauses, || rig(Some(*flaw)));
        assert!(broken.contains(clause), "{flaw:?} should break `{clause}`, and broke {broken:?}");
    }
    let seen: BTreeSet<_> = flaws.iter().map(|(_, clause)| *clause).collect();
    let all: BTreeSet<_> = clauses.iter().map(Clause::name).collect();
    assert_eq!(seen, all, "every clause is seen to fail");
    assert_eq!(all.len(), clauses.len(), "no two clauses have one name");
}
