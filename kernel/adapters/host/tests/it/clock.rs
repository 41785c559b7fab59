//! The clock of a real host keeps the clock's contract.

use antfarm_conformance::ClockRig;
use antfarm_host::{Alarms, SystemTime, Timekeeper};
use antfarm_machine::{Clock, Now, Span};
use std::time::Instant;

/// Alarms in real time, rested on a runtime as a host does.
struct Real {
    alarms: Alarms<u8, SystemTime>,
    runtime: tokio::runtime::Runtime,
}

impl Real {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime with timers");
        Self { alarms: Alarms::new(SystemTime), runtime }
    }
}

impl ClockRig for Real {
    const UNIT: Span = Span::from_millis(50);
    const SLACK: Span = Span::from_millis(4);

    fn now(&mut self) -> Now {
        Clock::now(&mut self.alarms)
    }

    fn arm(&mut self, timer: u8, after: Span) {
        self.alarms.arm(timer, after);
    }

    fn disarm(&mut self, timer: u8) {
        self.alarms.disarm(&timer);
    }

    fn pass(&mut self, span: Span) -> Span {
        let began = Instant::now();
        self.runtime.block_on(SystemTime.sleep(span));
        Span::from_nanos(u64::try_from(began.elapsed().as_nanos()).expect("a test is shorter than 584 years"))
    }

    fn take_ring(&mut self) -> Option<u8> {
        let now = self.alarms.mono();
        self.alarms.take_due(now)
    }

    fn restart(&mut self) {
        self.alarms = Alarms::new(SystemTime);
    }
}

#[test]
fn the_hosts_clock_keeps_the_clocks_contract() {
    antfarm_conformance::clock(Real::new);
}

#[test]
fn a_rest_ends_when_the_next_alarm_is_due() {
    let mut rig = Real::new();
    rig.arm(1, Span::from_millis(30));
    rig.arm(2, Span::from_secs(3_600));
    let began = rig.alarms.mono();
    while rig.take_ring().is_none() {
        rig.runtime.block_on(async { rig.alarms.rest(None).await });
    }
    let rested = rig.alarms.mono().since(began);
    assert!(rested >= Span::from_millis(30), "an alarm is never early: {rested}");
    assert!(rested < antfarm_host::MAX_SLEEP, "and not a whole sleep late: {rested}");
    // The other is far away: no single sleep is longer than its bound.
    let began = rig.alarms.mono();
    rig.runtime.block_on(async { rig.alarms.rest(None).await });
    let rested = rig.alarms.mono().since(began);
    assert!(rested < antfarm_host::MAX_SLEEP.times(3), "{rested}");
    assert!(rig.take_ring().is_none());
}
