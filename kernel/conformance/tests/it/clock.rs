//! The clock clauses against a simulated clock that keeps them and many that do not.

use super::check;
use antfarm_conformance::{ClockRig, clock, clock_clauses};
use antfarm_machine::{Mono, Now, Span, Wall};
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Flaw {
    StepsBack,
    RunsFast,
    SleepsThroughPauses,
    RingsTwice,
    RingsEarly,
    NeverRingsAtOnce,
    Overflows,
    KeepsTheFirstArming,
    KeepsAllArmings,
    IgnoresDisarm,
    QueuesRings,
    NarrowNames,
    DisarmsAll,
    SurvivesRestart,
}

#[derive(Default)]
struct Virtual {
    flaw: Option<Flaw>,
    true_time: u64,
    reads: u64,
    armed: BTreeMap<u8, u64>,
    /// Armings that should be forgotten, kept by a flaw.
    stale: Vec<(u8, u64)>,
    queued: Vec<u8>,
}

impl Virtual {
    fn with(flaw: Option<Flaw>) -> Self {
        // Long after boot, and rather fast, as it may be.
        Self { flaw, true_time: 7_777_777_777, ..Self::default() }
    }

    fn mono(&self) -> u64 {
        let time = self.true_time;
        match self.flaw {
            Some(Flaw::RunsFast) => time + time / 500,
            Some(Flaw::SleepsThroughPauses) => time / 2,
            _ => time + time / 1_001,
        }
    }

    fn due(&self, at: u64) -> bool {
        match self.flaw {
            Some(Flaw::RingsEarly) => at <= self.mono() + 100_000_000,
            Some(Flaw::NeverRingsAtOnce) => at <= self.mono() && at > 10_000_000_000,
            _ => at <= self.mono(),
        }
    }

    fn name(&self, timer: u8) -> u8 {
        if self.flaw == Some(Flaw::NarrowNames) { timer & 0x7f } else { timer }
    }
}

impl ClockRig for Virtual {
    const UNIT: Span = Span::from_secs(1);
    const SLACK: Span = Span::ZERO;

    fn now(&mut self) -> Now {
        self.reads += 1;
        let back = if self.flaw == Some(Flaw::StepsBack) && self.reads.is_multiple_of(7) { 1 } else { 0 };
        Now { mono: Mono::from_nanos(self.mono() - back), wall: Wall::ZERO }
    }

    fn arm(&mut self, timer: u8, after: Span) {
        let timer = self.name(timer);
        let at = match self.flaw {
            Some(Flaw::Overflows) => self.mono().wrapping_add(after.as_nanos()),
            _ => self.mono().saturating_add(after.as_nanos()),
        };
        match self.flaw {
            Some(Flaw::KeepsTheFirstArming) => drop(self.armed.entry(timer).or_insert(at)),
            Some(Flaw::KeepsAllArmings) => self.stale.extend(self.armed.insert(timer, at).map(|at| (timer, at))),
            _ => drop(self.armed.insert(timer, at)),
        }
    }

    fn disarm(&mut self, timer: u8) {
        match self.flaw {
            Some(Flaw::IgnoresDisarm) => {}
            Some(Flaw::DisarmsAll) => self.armed.clear(),
            _ => drop(self.armed.remove(&self.name(timer))),
        }
    }

    fn pass(&mut self, span: Span) -> Span {
        self.true_time += span.as_nanos();
        if self.flaw == Some(Flaw::QueuesRings) {
            let rings: Vec<u8> = self.armed.iter().filter(|(_, at)| self.due(**at)).map(|(timer, _)| *timer).collect();
            self.armed.retain(|timer, _| !rings.contains(timer));
            self.queued.extend(rings);
        }
        span
    }

    fn take_ring(&mut self) -> Option<u8> {
        if self.flaw == Some(Flaw::QueuesRings) {
            return self.queued.pop();
        }
        if let Some(at) = self.stale.iter().position(|(_, at)| self.due(*at)) {
            return Some(self.stale.remove(at).0);
        }
        let (timer, at) = self.armed.iter().map(|(timer, at)| (*timer, *at)).find(|(_, at)| self.due(*at))?;
        self.armed.remove(&timer);
        if self.flaw == Some(Flaw::RingsTwice) {
            self.stale.push((timer, at + 1));
        }
        Some(timer)
    }

    fn restart(&mut self) {
        if self.flaw != Some(Flaw::SurvivesRestart) {
            self.armed.clear();
        }
    }
}

const FLAWS: &[(Flaw, &str)] = &[
    (Flaw::StepsBack, "clock/mono-never-goes-back"),
    (Flaw::RunsFast, "clock/mono-keeps-its-rate"),
    (Flaw::SleepsThroughPauses, "clock/mono-keeps-its-rate"),
    (Flaw::RingsTwice, "clock/an-alarm-rings-once-and-not-early"),
    (Flaw::RingsEarly, "clock/an-alarm-rings-once-and-not-early"),
    (Flaw::NeverRingsAtOnce, "clock/an-alarm-of-no-length-rings"),
    (Flaw::Overflows, "clock/the-longest-alarm-does-not-ring"),
    (Flaw::KeepsTheFirstArming, "clock/arming-again-replaces"),
    (Flaw::KeepsAllArmings, "clock/arming-again-replaces"),
    (Flaw::IgnoresDisarm, "clock/a-disarmed-alarm-is-silent"),
    (Flaw::QueuesRings, "clock/a-ring-that-was-not-taken-can-be-revoked"),
    (Flaw::NarrowNames, "clock/alarms-are-independent"),
    (Flaw::DisarmsAll, "clock/alarms-are-independent"),
    (Flaw::SurvivesRestart, "clock/alarms-end-with-the-process"),
];

#[test]
fn every_clock_clause_holds_on_a_sound_clock_and_fails_on_a_flawed_one() {
    check(FLAWS, &clock_clauses(), Virtual::with);
}

/// As in the real world: sleeping takes longer than asked for, now and then much longer, and reading the clock takes time.
struct Jittery(Virtual);

impl ClockRig for Jittery {
    const UNIT: Span = Span::from_millis(50);
    const SLACK: Span = Span::from_millis(1);

    fn now(&mut self) -> Now {
        self.0.true_time += 30_000;
        self.0.now()
    }
    fn arm(&mut self, timer: u8, after: Span) {
        self.0.true_time += 200_000;
        self.0.arm(timer, after);
    }
    fn disarm(&mut self, timer: u8) {
        self.0.true_time += 200_000;
        self.0.disarm(timer);
    }
    fn pass(&mut self, span: Span) -> Span {
        let late = if self.0.true_time.is_multiple_of(5) { 20_000_000 } else { 300_000 };
        let passed = self.0.pass(span + Span::from_nanos(late + 1));
        self.0.true_time += 100_000;
        passed
    }
    fn take_ring(&mut self) -> Option<u8> {
        self.0.take_ring()
    }
    fn restart(&mut self) {
        self.0.restart();
    }
}

#[test]
fn the_clauses_forgive_a_real_clock_its_jitter() {
    clock(|| Jittery(Virtual::with(None)));
}
