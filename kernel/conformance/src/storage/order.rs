//! Clauses about receipts: each request has one, and one object's come in order.

use super::StorageRig;
use super::desk::{Desk, append_at, object};
use crate::clause::ensure;
use crate::{Breach, Clause};
use antfarm_machine::{Operation, Outcome};

pub(super) fn clauses<R: StorageRig>() -> Vec<Clause<R>> {
    vec![
        Clause {
            name: "storage/each-request-has-one-receipt",
            rule: "each request is answered by exactly one receipt with its ticket, also one that changes nothing",
            remedy: "answer in one place, at the end; give the ticket back as it came",
            check: one_each,
        },
        Clause {
            name: "storage/receipts-of-one-object-keep-their-order",
            rule: "receipts of requests on one object come in the order of the requests",
            remedy: "serve each object by one queue, listings included",
            check: in_order,
        },
        Clause {
            name: "storage/requests-take-effect-in-their-order",
            rule: "requests on one object take effect in their order, also when none waits for the one before",
            remedy: "begin a request when the one before on its object has ended; reads too",
            check: effects,
        },
    ]
}

fn one_each<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let log = object("log");
    desk.expect_silence()?;
    desk.submit(Operation::List);
    desk.submit(Operation::Read { object: log.clone(), range: 0..1 });
    desk.submit(append_at(&log, 0, b"a"));
    desk.submit(append_at(&log, 0, b"stale"));
    desk.submit(append_at(&log, 1, b""));
    desk.submit(Operation::Truncate { object: log.clone(), length: 5 });
    desk.submit(Operation::Remove { object: log.clone() });
    desk.submit(Operation::Remove { object: log });
    desk.submit(Operation::List);
    for _ in 0..9 {
        desk.receive()?;
    }
    desk.expect_silence()
}

/// The desk itself notices a receipt that overtakes; here is traffic in which it could.
fn in_order<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let objects = ["a", "b", "c"].map(object);
    for round in 0..8u64 {
        desk.submit(Operation::List);
        for (at, log) in (1..).zip(&objects) {
            // Slow and quick requests in turn: a queue that is not one lets the quick ones pass.
            desk.submit(append_at(log, round * at * 1_000, &vec![b'x'; usize::try_from(at * 1_000).expect("small")]));
            desk.submit(Operation::Read { object: log.clone(), range: 0..1 });
        }
    }
    for _ in 0..8 * 7 {
        desk.receive()?;
    }
    desk.expect_silence()
}

fn effects<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let log = object("log");
    let read = || Operation::Read { object: log.clone(), range: 0..100 };
    let data = |text: &str| Outcome::Data(text.into());
    let steps = [
        (read(), data("")),
        (append_at(&log, 0, b"abc"), Outcome::Done),
        (append_at(&log, 3, b"def"), Outcome::Done),
        (read(), data("abcdef")),
        (Operation::Truncate { object: log.clone(), length: 2 }, Outcome::Done),
        (append_at(&log, 6, b"late"), Outcome::Conflict { end: 2 }),
        (read(), data("ab")),
        (append_at(&log, 2, b"X"), Outcome::Done),
        (read(), data("abX")),
        (Operation::Remove { object: log.clone() }, Outcome::Done),
        (read(), data("")),
        (append_at(&log, 0, b"new"), Outcome::Done),
        (read(), data("new")),
    ];
    for (operation, _) in &steps {
        desk.submit(operation.clone());
    }
    for (at, (_, expected)) in steps.iter().enumerate() {
        let (operation, outcome) = desk.receive()?;
        ensure(outcome == *expected, || {
            format!("step {at} of a queue, {operation:?}, was answered with {outcome:?} instead of {expected:?}")
        })?;
    }
    Ok(())
}
