//! How a host ends: told to, or by a bug in the machine.

use crate::kit::{Order, Probe, Rig, on_one_thread, receipt, settle};
use antfarm_host::{Kind, Limits, Panicked, Refused};
use antfarm_machine::{PeerId, Span};

const PEER: PeerId = PeerId::new(1);

#[test]
fn a_stopping_host_steps_what_waits_and_awaits_its_receipts() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits { round: 2, ..Limits::default() });
        (0..7).for_each(|message| rig.inbox.heard(PEER, message).unwrap());
        rig.inbox.asked(Order::Store(1)).unwrap();
        rig.inbox.asked(Order::Store(2)).unwrap();
        rig.handle.stop();
        settle().await;
        assert!(!rig.running.is_finished(), "two receipts are missing");
        assert_eq!(rig.inbox.heard(PEER, 8), Err(Refused::Stopped));
        assert_eq!(rig.inbox.asked_in_turn(Order::Note(8)).await, Err(Refused::Stopped));
        rig.inbox.stored(receipt(1));
        settle().await;
        assert!(!rig.running.is_finished(), "one receipt is missing");
        rig.inbox.stored(receipt(2));
        let stopped = rig.running.await.unwrap().unwrap();
        assert_eq!((stopped.unanswered, stopped.machine.inputs), (0, 1 + 7 + 2 + 2));
        assert_eq!(rig.notes.take().iter().filter(|it| it.starts_with("heard")).count(), 7);
        // A disk that answers late speaks to nobody, and does not fall over.
        rig.inbox.stored(receipt(3));
    });
}

#[test]
fn a_stopping_host_does_not_wait_for_ever() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits { grace: Span::from_secs(2), ..Limits::default() });
        (0..3).for_each(|ticket| rig.inbox.asked(Order::Store(ticket)).unwrap());
        settle().await;
        rig.inbox.stored(receipt(0));
        rig.handle.stop();
        settle().await;
        for _ in 0..19 {
            rig.time.pass(Span::from_millis(100));
            settle().await;
        }
        assert!(!rig.running.is_finished(), "it waits for two seconds");
        rig.time.pass(Span::from_millis(100));
        settle().await;
        assert!(rig.running.is_finished());
        assert_eq!(rig.running.await.unwrap().unwrap().unanswered, 2);
    });
}

#[test]
fn alarms_still_ring_while_receipts_are_awaited() {
    on_one_thread(async {
        let opening = vec![Order::Store(1), Order::Arm(1, Span::from_secs(1))];
        let rig = Rig::start(Probe { opening, ..Probe::default() }, Limits::default());
        rig.handle.stop();
        settle().await;
        rig.time.pass(Span::from_secs(1));
        settle().await;
        assert_eq!(rig.notes.take(), ["submit 1", "woke 3", "rang 1"]);
        rig.inbox.stored(receipt(1));
        assert_eq!(rig.running.await.unwrap().unwrap().unanswered, 0);
    });
}

#[test]
fn a_handle_that_is_dropped_stops_nothing() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits::default());
        drop(rig.handle);
        settle().await;
        rig.inbox.asked(Order::Note(1)).unwrap();
        settle().await;
        drop(rig.inbox);
        settle().await;
        assert!(!rig.running.is_finished());
        assert_eq!(rig.notes.take(), ["woke 3", "asked Note(1)"]);
    });
}

#[test]
fn a_panic_ends_the_host_and_nothing_of_that_round_leaves() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits::default());
        settle().await;
        rig.notes.take();
        for order in [Order::Say(1), Order::Store(2), Order::Panic, Order::Say(3)] {
            rig.inbox.asked(order).unwrap();
        }
        let panicked = rig.running.await.unwrap().unwrap_err();
        assert_eq!(panicked, Panicked { kind: Kind::Asked, step: 3 });
        assert!(panicked.to_string().starts_with("the machine panicked at input 3, of kind `asked`"));
        assert_eq!(rig.notes.take(), [""; 0]);
        assert_eq!(rig.inbox.asked(Order::Note(4)), Err(Refused::Stopped));
        assert_eq!(rig.inbox.heard_in_turn(PEER, 4).await, Err(Refused::Stopped));
    });
}
