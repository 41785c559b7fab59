//! What a lane does when it is full.

use crate::kit::{Order, Probe, Rig, on_one_thread, receipt, settle};
use antfarm_host::{Lane, Limits, MAX_LOOKS, Refused};
use antfarm_machine::PeerId;

const PEER: PeerId = PeerId::new(1);

#[test]
fn a_full_lane_refuses_and_says_which_limit_was_reached() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits { messages: 2, asks: 3, ..Limits::default() });
        (0..2).for_each(|message| rig.inbox.heard(PEER, message).unwrap());
        (0..3).for_each(|ask| rig.inbox.asked(Order::Note(ask)).unwrap());
        assert_eq!(rig.inbox.heard(PEER, 2), Err(Refused::Overloaded { lane: Lane::Messages, limit: 2 }));
        assert_eq!(rig.inbox.asked(Order::Note(3)), Err(Refused::Overloaded { lane: Lane::Asks, limit: 3 }));
        settle().await;
        assert_eq!(rig.notes.take().len(), 1 + 2 + 3, "what was taken is stepped");
        rig.inbox.heard(PEER, 2).expect("there is room again");
        let counts = rig.handle.counts();
        assert_eq!((counts.refused_messages, counts.refused_asks), (1, 1));
        let refused = Refused::Overloaded { lane: Lane::Messages, limit: 2 };
        assert_eq!(refused.to_string(), "2 messages wait already; try again later");
    });
}

#[test]
fn whoever_can_wait_loses_nothing() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits { messages: 2, asks: 2, round: 1, ..Limits::default() });
        let source = |inbox: antfarm_host::Inbox<Probe>, peer: u32| async move {
            for message in 0..20 {
                inbox.heard_in_turn(PeerId::new(peer), message).await.unwrap();
                inbox.asked_in_turn(Order::Note(message)).await.unwrap();
            }
        };
        let sources: Vec<_> = (0..3).map(|peer| tokio::spawn(source(rig.inbox.clone(), peer))).collect();
        for source in sources {
            source.await.unwrap();
        }
        settle().await;
        let counts = rig.handle.counts();
        assert_eq!((counts.inputs.heard, counts.inputs.asked, counts.refused_messages), (60, 60, 0));
        assert!(counts.messages.most <= 3, "two in the lane, one in the round: {:?}", counts.messages);
    });
}

#[test]
fn a_peer_that_floods_delays_another_by_no_more_than_its_turn() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits { messages: 4, round: 1, ..Limits::default() });
        let flood = rig.inbox.clone();
        tokio::spawn(async move {
            for message in 0.. {
                if flood.heard_in_turn(PeerId::new(6), message).await.is_err() {
                    return;
                }
            }
        });
        settle().await;
        rig.notes.take();
        rig.inbox.heard_in_turn(PeerId::new(7), 0).await.unwrap();
        settle().await;
        let notes = rig.notes.take();
        let turn = notes.iter().position(|it| it == "heard 0 from 7").expect("it came through");
        assert!(turn <= 12, "after {turn} others");
        assert!(notes.len() > turn + 20, "the flood goes on");
        rig.handle.stop();
    });
}

#[test]
fn receipts_are_never_refused() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits { messages: 1, asks: 1, round: 1_000, ..Limits::default() });
        rig.inbox.heard(PEER, 0).unwrap();
        rig.inbox.asked(Order::Note(0)).unwrap();
        (0..10_000).for_each(|ticket| rig.inbox.stored(receipt(ticket)));
        settle().await;
        assert_eq!(rig.handle.counts().inputs.stored, 10_000);
        assert_eq!(rig.notes.take().last().map(String::as_str), Some("stored 9999"), "in their order");
    });
}

#[test]
#[should_panic(expected = "a lane that holds nothing")]
fn a_lane_without_room_is_a_mistake() {
    antfarm_host::lanes::<Probe>(Limits { round: 0, ..Limits::default() });
}

#[test]
fn whoever_looks_and_panics_harms_nobody_else() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits::default());
        let (seen, sees) = tokio::sync::oneshot::channel();
        rig.inbox.look(|_, _: &Probe| panic!("a bug of whoever looks")).unwrap();
        rig.inbox.look(move |_, machine: &Probe| seen.send(machine.inputs).expect("somebody waits")).unwrap();
        rig.inbox.asked(Order::Note(1)).unwrap();
        settle().await;
        assert_eq!(sees.await, Ok(2), "its start, and the ask");
        rig.handle.stop();
        assert!(rig.running.await.unwrap().is_ok());
    });
}

#[test]
fn whoever_looks_sees_the_machine_after_what_was_asked_before_and_never_in_crowds() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits::default());
        rig.inbox.asked(Order::Note(0)).unwrap();
        let (seen, sees) = tokio::sync::oneshot::channel();
        rig.inbox.look(move |_, machine: &Probe| seen.send(machine.inputs).expect("somebody waits")).unwrap();
        settle().await;
        assert_eq!(sees.await, Ok(2), "it woke, and was asked");
        (0..MAX_LOOKS).for_each(|_| rig.inbox.look(|_, _| {}).unwrap());
        assert_eq!(rig.inbox.look(|_, _| {}), Err(Refused::Overloaded { lane: Lane::Looks, limit: MAX_LOOKS }));
        rig.handle.stop();
        settle().await;
        assert_eq!(rig.inbox.look(|_, _| {}), Err(Refused::Stopped));
    });
}
