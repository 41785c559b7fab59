//! Clauses about readings of the monotonic clock.

use super::ClockRig;
use crate::clause::ensure;
use crate::{Breach, Clause};
use antfarm_machine::{MAX_DRIFT, Span};

pub(super) fn clauses<R: ClockRig>() -> Vec<Clause<R>> {
    vec![
        Clause {
            name: "clock/mono-never-goes-back",
            rule: "a later reading of `mono` is never less than an earlier one",
            remedy: "read a monotonic clock of the system; if there is none, never return less than the last reading",
            check: never_back,
        },
        Clause {
            name: "clock/mono-keeps-its-rate",
            rule: "the rate of `mono` is wrong by at most `MAX_DRIFT`, and it counts pauses",
            remedy: "use the clock that counts suspends (`CLOCK_BOOTTIME`), and convert ticks to nanoseconds exactly",
            check: rate,
        },
    ]
}

fn never_back<R: ClockRig>(rig: &mut R) -> Result<(), Breach> {
    let mut last = rig.now().mono;
    for round in 0..100 {
        if round % 10 == 0 {
            rig.pass(R::UNIT.over(10));
        }
        let next = rig.now().mono;
        ensure(next >= last, || format!("after {last:?} came {next:?}"))?;
        last = next;
    }
    Ok(())
}

fn rate<R: ClockRig>(rig: &mut R) -> Result<(), Breach> {
    for units in [1, 10] {
        let before = rig.now().mono;
        let passed = rig.pass(R::UNIT.times(units));
        let measured = rig.now().mono.since(before);
        let tolerance = drift(passed) + R::SLACK;
        let error = Span::from_nanos(measured.as_nanos().abs_diff(passed.as_nanos()));
        ensure(error <= tolerance, || {
            format!("while {passed} passed, `mono` advanced by {measured}, off by more than {tolerance}")
        })?;
    }
    Ok(())
}

/// The most that a clock may be off after `span`, rounded up.
pub(super) fn drift(span: Span) -> Span {
    span.times(u64::from(MAX_DRIFT.0.unsigned_abs())).over(1_000_000) + Span::from_nanos(1)
}
