//! Clauses about alarms: names, not deadlines.

use super::ClockRig;
use super::passing::drift;
use crate::clause::ensure;
use crate::{Breach, Clause};
use antfarm_machine::Span;

pub(super) fn clauses<R: ClockRig>() -> Vec<Clause<R>> {
    vec![
        Clause {
            name: "clock/an-alarm-rings-once-and-not-early",
            rule: "an armed alarm rings once, and not before its span has passed on `mono`",
            remedy: "compare with `mono` when it rings, and sleep again if it is early; forget the alarm as it rings",
            check: once,
        },
        Clause {
            name: "clock/an-alarm-of-no-length-rings",
            rule: "an alarm with a span of zero rings too",
            remedy: "a deadline that has passed when it is armed is due at once, not never",
            check: zero,
        },
        Clause {
            name: "clock/the-longest-alarm-does-not-ring",
            rule: "an alarm with the longest span does not ring early",
            remedy: "add spans to readings so that they saturate",
            check: longest,
        },
        Clause {
            name: "clock/arming-again-replaces",
            rule: "an alarm that is armed again rings for the last arming only, be it sooner or later",
            remedy: "key alarms by name, and give each arming a number that a ring must still match",
            check: again,
        },
        Clause {
            name: "clock/a-disarmed-alarm-is-silent",
            rule: "a disarmed alarm does not ring; disarming one that is not armed does nothing",
            remedy: "forget the arming, and accept names that are not known",
            check: disarmed,
        },
        Clause {
            name: "clock/a-ring-that-was-not-taken-can-be-revoked",
            rule: "an alarm that is due, but whose ring nobody took yet, can still be disarmed or armed again",
            remedy: "when a ring is taken from a queue, check that its arming is still the last one",
            check: revoked,
        },
        Clause {
            name: "clock/alarms-are-independent",
            rule: "arming, disarming and ringing of one alarm does not touch another",
            remedy: "key alarms by the whole name",
            check: independent,
        },
        Clause {
            name: "clock/alarms-end-with-the-process",
            rule: "after a restart nothing rings that was armed before",
            remedy: "keep alarms in memory only, and do not hand queued rings to the next process",
            check: restarted,
        },
    ]
}

/// The rig's unit, `n` times.
fn units<R: ClockRig>(n: u64) -> Span {
    R::UNIT.times(n)
}

/// Lets `span` pass and demands that nothing rings.
fn expect_silence<R: ClockRig>(rig: &mut R, span: Span, why: &str) -> Result<(), Breach> {
    rig.pass(span);
    let rang = rig.take_ring();
    ensure(rang.is_none(), || format!("alarm {rang:?} rang, but {why}"))
}

/// Demands that `timer`, armed just now for `after`, and nothing else, rings: not early, once.
fn expect_ring<R: ClockRig>(rig: &mut R, timer: u8, after: Span) -> Result<(), Breach> {
    let armed = rig.now().mono;
    let due = after + drift(after) + R::SLACK;
    // Look just before it is due, then in small steps until it rings.
    let mut passed = rig.pass(after - after.over(32) - drift(after) - R::SLACK);
    let rang = loop {
        let rang = rig.take_ring();
        if rang.is_some() || passed > due {
            break rang;
        }
        passed = passed + rig.pass(R::UNIT.over(8));
    };
    let waited = rig.now().mono.since(armed);
    ensure(rang == Some(timer), || format!("alarm {timer}, armed for {after}, did not ring in {passed}; instead {rang:?} did"))?;
    // Armed a moment before this function read the clock.
    ensure(waited + R::SLACK >= after, || format!("alarm {timer}, armed for {after}, rang after {waited}"))?;
    expect_silence(rig, units::<R>(2), "each rings once")
}

fn once<R: ClockRig>(rig: &mut R) -> Result<(), Breach> {
    for after in [units::<R>(1), R::UNIT.over(2), units::<R>(3)] {
        rig.arm(1, after);
        expect_ring(rig, 1, after)?;
    }
    Ok(())
}

fn zero<R: ClockRig>(rig: &mut R) -> Result<(), Breach> {
    rig.arm(1, Span::ZERO);
    expect_ring(rig, 1, Span::ZERO)
}

fn longest<R: ClockRig>(rig: &mut R) -> Result<(), Breach> {
    rig.pass(R::UNIT);
    rig.arm(1, Span::MAX);
    expect_silence(rig, units::<R>(3), "it was armed for 584 years")
}

fn again<R: ClockRig>(rig: &mut R) -> Result<(), Breach> {
    rig.arm(1, R::UNIT);
    rig.arm(1, units::<R>(3));
    expect_ring(rig, 1, units::<R>(3))?;
    rig.arm(1, units::<R>(3));
    rig.arm(1, R::UNIT);
    expect_ring(rig, 1, R::UNIT)?;
    // Each arming puts it off again.
    for _ in 0..4 {
        rig.arm(1, units::<R>(2));
        expect_silence(rig, R::UNIT, "it was armed again before it was due")?;
    }
    rig.disarm(1);
    expect_silence(rig, units::<R>(4), "of five armings the last was revoked, and the others replaced")
}

fn disarmed<R: ClockRig>(rig: &mut R) -> Result<(), Breach> {
    rig.disarm(1);
    rig.arm(1, R::UNIT);
    rig.disarm(1);
    rig.disarm(1);
    expect_silence(rig, units::<R>(2), "it was disarmed")?;
    // The old arming must not ring for the new one.
    rig.arm(1, R::UNIT);
    rig.disarm(1);
    rig.arm(1, units::<R>(3));
    expect_ring(rig, 1, units::<R>(3))
}

fn revoked<R: ClockRig>(rig: &mut R) -> Result<(), Breach> {
    rig.arm(1, R::UNIT);
    rig.pass(units::<R>(2));
    rig.disarm(1);
    expect_silence(rig, R::UNIT, "it was disarmed before its ring was taken")?;
    rig.arm(1, R::UNIT);
    rig.pass(units::<R>(2));
    rig.arm(1, units::<R>(3));
    expect_ring(rig, 1, units::<R>(3))
}

fn independent<R: ClockRig>(rig: &mut R) -> Result<(), Breach> {
    // 1 and 129, 2 and 130: names that a narrow key would mix up.
    for (timer, after) in [(1, 1), (129, 3), (2, 2), (130, 3)] {
        rig.arm(timer, units::<R>(after));
    }
    rig.disarm(129);
    rig.arm(2, units::<R>(6));
    rig.pass(units::<R>(4));
    let mut rang: Vec<u8> = std::iter::from_fn(|| rig.take_ring()).take(9).collect();
    rang.sort_unstable();
    ensure(rang == [1, 130], || format!("of alarms 1, 2, 129 and 130, where 129 was disarmed and 2 put off, {rang:?} rang"))?;
    rig.pass(units::<R>(4));
    let rang: Vec<u8> = std::iter::from_fn(|| rig.take_ring()).take(9).collect();
    ensure(rang == [2], || format!("alarm 2 was left, and {rang:?} rang"))
}

fn restarted<R: ClockRig>(rig: &mut R) -> Result<(), Breach> {
    rig.arm(1, R::UNIT);
    rig.arm(2, units::<R>(3));
    rig.pass(units::<R>(2));
    rig.restart();
    expect_silence(rig, units::<R>(3), "it was armed by an earlier process")?;
    rig.arm(2, R::UNIT);
    expect_ring(rig, 2, R::UNIT)
}
