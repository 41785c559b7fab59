//! Alarms as a running host rings them, in a time that the test moves.

use crate::kit::{DISARM, Order, Probe, Rig, on_one_thread, settle};
use antfarm_host::{Limits, MAX_SLEEP};
use antfarm_machine::{PeerId, Span};

const SECOND: Span = Span::from_secs(1);

/// A host with these alarms armed when it wakes.
async fn armed(opening: Vec<Order>) -> Rig {
    let rig = Rig::start(Probe { opening, ..Probe::default() }, Limits::default());
    settle().await;
    assert_eq!(rig.notes.take(), ["woke 3"]);
    rig
}

/// Lets `span` pass in steps of a tenth of a second.
async fn pass(rig: &Rig, span: Span) -> Vec<String> {
    for _ in 0..span.as_nanos() / 100_000_000 {
        rig.time.pass(Span::from_millis(100));
        settle().await;
    }
    rig.notes.take()
}

#[test]
fn alarms_ring_when_they_are_due_and_once() {
    on_one_thread(async {
        let rig =
            armed(vec![Order::Arm(1, SECOND.times(5)), Order::Arm(2, SECOND.times(3)), Order::Arm(3, SECOND.times(3))]).await;
        assert_eq!(pass(&rig, Span::from_millis(2_900)).await, [""; 0]);
        assert_eq!(pass(&rig, Span::from_millis(100)).await, ["rang 2", "rang 3"], "in the order in which they were armed");
        assert_eq!(pass(&rig, SECOND.times(10)).await, ["rang 1"]);
    });
}

#[test]
fn arming_again_replaces_and_disarming_silences() {
    on_one_thread(async {
        let rig =
            armed(vec![Order::Arm(1, SECOND.times(2)), Order::Arm(2, SECOND.times(2)), Order::Arm(3, SECOND.times(9))]).await;
        pass(&rig, SECOND).await;
        rig.inbox.asked(Order::Arm(1, SECOND.times(4))).unwrap();
        rig.inbox.asked(Order::Disarm(2)).unwrap();
        rig.inbox.asked(Order::Arm(3, SECOND.times(2))).unwrap();
        settle().await;
        rig.notes.take();
        assert_eq!(pass(&rig, Span::from_millis(1_900)).await, [""; 0]);
        assert_eq!(pass(&rig, Span::from_millis(100)).await, ["rang 3"]);
        assert_eq!(pass(&rig, SECOND.times(2)).await, ["rang 1"]);
        assert_eq!(pass(&rig, SECOND.times(20)).await, [""; 0]);
    });
}

#[test]
fn an_alarm_that_is_due_can_still_be_disarmed_by_what_comes_before_it() {
    on_one_thread(async {
        let rig = armed(vec![Order::Arm(1, SECOND), Order::Arm(2, SECOND)]).await;
        // Both are due before the host looks, and what disarms one waits.
        rig.time.suspend(SECOND);
        rig.inbox.heard(PeerId::new(1), DISARM + 2).unwrap();
        settle().await;
        assert_eq!(rig.notes.take(), ["heard 1000002 from 1", "rang 1"]);
        let rig = Rig::start(
            Probe { opening: vec![Order::Arm(1, Span::ZERO), Order::Disarm(1)], ..Probe::default() },
            Limits::default(),
        );
        settle().await;
        assert_eq!(rig.notes.take(), ["woke 3"]);
    });
}

#[test]
fn an_alarm_that_fell_due_in_a_suspend_rings_within_one_sleep() {
    on_one_thread(async {
        let rig = armed(vec![Order::Arm(1, SECOND.times(3_600))]).await;
        pass(&rig, SECOND).await;
        rig.time.suspend(SECOND.times(7_200));
        settle().await;
        assert_eq!(rig.notes.take(), [""; 0], "nothing woke the host");
        assert_eq!(pass(&rig, MAX_SLEEP).await, ["rang 1"]);
    });
}
