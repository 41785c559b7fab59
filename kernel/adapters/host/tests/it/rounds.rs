//! In which order a round takes its inputs, and in which order what it wants done leaves.

use crate::kit::{Notes, Order, Probe, Rig, append, on_one_thread, receipt, settle};
use antfarm_host::{Host, Limits, lanes};
use antfarm_machine::{Effects, Input, Machine, Now, PeerId, Ports, Request, Span, Storage, Ticket};
use tokio::sync::mpsc;

const PEER: PeerId = PeerId::new(1);

#[test]
fn a_round_takes_receipts_then_messages_then_alarms_then_asks() {
    on_one_thread(async {
        let opening = vec![Order::Arm(4, Span::ZERO)];
        let rig = Rig::start(Probe { opening, ..Probe::default() }, Limits::default());
        rig.inbox.asked(Order::Note(1)).unwrap();
        rig.inbox.heard(PEER, 2).unwrap();
        rig.inbox.stored(receipt(3));
        settle().await;
        assert_eq!(rig.notes.take(), ["woke 3", "stored 3", "heard 2 from 1", "rang 4", "asked Note(1)"]);
    });
}

#[test]
fn a_flood_delays_other_lanes_by_one_round() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits { round: 4, ..Limits::default() });
        (0..100).for_each(|message| rig.inbox.heard(PEER, message).unwrap());
        (0..100).for_each(|ask| rig.inbox.asked(Order::Note(ask)).unwrap());
        rig.inbox.asked(Order::Arm(9, Span::ZERO)).unwrap();
        rig.inbox.stored(receipt(1));
        settle().await;
        let notes = rig.notes.take();
        let at = |line: &str| notes.iter().position(|it| it == line).unwrap_or_else(|| panic!("no `{line}` in {notes:?}"));
        assert_eq!(notes.len(), 1 + 100 + 100 + 1 + 1 + 1);
        assert_eq!((at("stored 1"), at("asked Note(0)")), (1, 1 + 1 + 4), "a receipt first, an ask after four messages");
        // Four messages and four asks a round, as long as there are both.
        assert_eq!(at("heard 4 from 1"), 1 + 1 + 8);
        // Nothing else is left when it is armed; it rings in the next round.
        assert_eq!(at("rang 9"), notes.len() - 1);
    });
}

#[test]
fn an_alarm_that_is_always_due_starves_nobody() {
    on_one_thread(async {
        let opening = vec![Order::Arm(1, Span::ZERO)];
        let rig = Rig::start(Probe { opening, restless: true, ..Probe::default() }, Limits { round: 4, ..Limits::default() });
        settle().await;
        rig.inbox.asked(Order::Note(5)).unwrap();
        rig.inbox.heard(PEER, 6).unwrap();
        rig.notes.take();
        settle().await;
        let notes = rig.notes.take();
        assert_eq!(notes[0], "heard 6 from 1");
        assert_eq!(notes[5], "asked Note(5)", "after four rings");
    });
}

#[test]
fn all_requests_of_a_round_go_to_the_disk_before_any_output_leaves() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits::default());
        for order in [Order::Say(1), Order::Store(2), Order::Say(3), Order::Store(4)] {
            rig.inbox.asked(order).unwrap();
        }
        settle().await;
        let left = rig.notes.take();
        let left: Vec<&str> = left.iter().map(String::as_str).filter(|it| it.starts_with('s')).collect();
        assert_eq!(left, ["submit 2", "submit 4", "send 1", "send 3"]);
    });
}

/// Appends what it is asked to.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Writer {
    durable: u64,
}

impl Machine for Writer {
    type Ask = u64;
    type Message = u64;
    type Timer = ();
    type Notice = ();

    fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match input {
            Input::Asked(ticket) => {
                let Request { ticket, operation } = append(ticket);
                out.store(ticket, operation);
            }
            Input::Stored(_) => self.durable += 1,
            Input::Woke { .. } | Input::Heard { .. } | Input::Rang(()) => {}
        }
    }
}

/// A disk whose worker syncs once for all that it finds.
struct Grouping(mpsc::UnboundedSender<Ticket>);

impl Storage for Grouping {
    fn submit(&mut self, request: Request) {
        self.0.send(request.ticket).expect("the worker lives as long as the disk");
    }
}

#[test]
fn what_many_ask_at_once_is_one_sync() {
    on_one_thread(async {
        let (inbox, lanes) = lanes::<Writer>(Limits::default());
        let (disk, mut queue) = mpsc::unbounded_channel();
        let ports =
            Ports { clock: crate::kit::Manual::default(), network: Notes::default(), storage: Grouping(disk), observer: () };
        let (handle, running) = Host::new(Writer::default(), 0, ports).start(lanes);
        let running = tokio::spawn(running);
        let receipts = inbox.clone();
        let worker = tokio::spawn(async move {
            let (mut syncs, mut batch) = (0, Vec::new());
            while queue.recv_many(&mut batch, 1_000).await > 0 {
                syncs += 1;
                batch.drain(..).for_each(|ticket: Ticket| receipts.stored(receipt(ticket.0)));
            }
            syncs
        });
        for wave in 0..3 {
            (0..64).for_each(|client| inbox.asked(wave * 64 + client).unwrap());
            settle().await;
        }
        handle.stop();
        let stopped = running.await.unwrap().unwrap();
        assert_eq!((stopped.machine.durable, stopped.unanswered), (192, 0));
        drop(stopped);
        assert_eq!(worker.await.unwrap(), 3, "64 clients at once share a sync");
    });
}
