//! The machine that only keeps a ledger.

use crate::disk::{Disk, config};
use crate::log::segment;
use antfarm_identity::{Codec, from_bytes, to_bytes};
use antfarm_ledger::{Ask, Keeper, KeeperConfig, MAX_PUT, Message, Notice, PutRefusal, Timer, WINDOW, checkpoint_records};
use antfarm_machine::{Effect, Effects, Input, Machine, Now, Outcome, PeerId, Receipt, Request, Span};
use std::collections::VecDeque;
use std::fmt::Debug;

const WITNESS: PeerId = PeerId::new(9);

/// A keeper, its disk, and what it did.
struct Bench {
    keeper: Keeper,
    disk: Disk,
    requests: VecDeque<Request>,
    notices: Vec<Notice>,
    sent: Vec<(PeerId, Message)>,
    armed: Vec<Timer>,
}

impl Bench {
    fn new(disk: Disk) -> Self {
        let config = KeeperConfig {
            ledger: config("keeper"),
            witnesses: vec![WITNESS],
            reopen_after: Span::from_secs(1),
            checkpoint_every: Span::from_secs(10),
        };
        let (requests, notices, sent, armed) = (VecDeque::new(), Vec::new(), Vec::new(), Vec::new());
        let mut bench = Self { keeper: Keeper::new(config), disk, requests, notices, sent, armed };
        bench.step(Input::Woke { incarnation: 0 });
        bench
    }

    fn opened(disk: Disk) -> Self {
        let mut bench = Self::new(disk);
        bench.settle();
        bench
    }

    fn step(&mut self, input: Input<Keeper>) {
        let mut effects = Vec::new();
        self.keeper.step(Now::ZERO, input, &mut Effects::new(&mut effects));
        for effect in effects {
            match effect {
                Effect::Send { to, message } => self.sent.push((to, message)),
                Effect::Store(request) => self.requests.push_back(request),
                Effect::Arm { timer, .. } => self.armed.push(timer),
                Effect::Disarm(timer) => self.armed.retain(|armed| *armed != timer),
                Effect::Tell(notice) => self.notices.push(notice),
            }
        }
    }

    fn settle(&mut self) {
        while let Some(request) = self.requests.pop_front() {
            let receipt = self.disk.answer(request);
            self.step(Input::Stored(receipt));
        }
    }

    fn put(&mut self, id: u64, bytes: &[u8]) {
        self.step(Input::Asked(Ask::Put { id, bytes: bytes.to_vec() }));
    }

    fn told(&mut self) -> Vec<Notice> {
        core::mem::take(&mut self.notices)
    }
}

#[test]
fn a_put_is_acknowledged_and_announced_when_it_is_durable_and_not_before() {
    let mut bench = Bench::opened(Disk::default());
    assert!(matches!(bench.told()[..], [Notice::Opened(_)]));
    bench.sent.clear();
    bench.put(1, b"one");
    bench.put(2, b"two");
    assert_eq!((bench.told(), bench.sent.len(), bench.keeper.acknowledged().count()), (vec![], 0, 0));
    assert_eq!(bench.keeper.kept().count, 2, "folded already");
    let first = bench.requests.pop_front().expect("an append");
    let receipt = bench.disk.answer(first);
    bench.step(Input::Stored(receipt));
    assert_eq!(bench.told(), [Notice::Acknowledged { id: 1, position: 1 }]);
    bench.settle();
    assert_eq!(bench.told(), [Notice::Acknowledged { id: 2, position: 2 }]);
    assert_eq!(bench.keeper.acknowledged().collect::<Vec<_>>(), [(1, 1), (2, 2)]);
    let head = bench.keeper.durable().expect("open");
    let announced = Message::Head { records: head.records, digest: head.digest };
    assert_eq!(bench.sent.last(), Some(&(WITNESS, announced)));
    let again = Bench::opened(bench.disk);
    assert_eq!(again.keeper.kept(), bench.keeper.kept(), "a restart ends in the same state");
}

#[test]
fn a_repeated_put_is_recorded_once_also_after_a_restart() {
    let mut bench = Bench::opened(Disk::default());
    bench.told();
    bench.put(5, b"x");
    bench.put(5, b"x");
    assert_eq!(bench.told(), [], "it is recorded, but not durable");
    bench.settle();
    assert_eq!(bench.told(), [Notice::Acknowledged { id: 5, position: 1 }]);
    bench.put(5, b"x");
    assert_eq!(bench.told(), [Notice::Acknowledged { id: 5, position: 1 }]);
    let mut again = Bench::opened(bench.disk);
    again.told();
    again.put(5, b"x");
    assert_eq!(again.told(), [Notice::Acknowledged { id: 5, position: 1 }]);
    assert_eq!(again.keeper.kept().count, 1);
}

#[test]
fn what_is_older_than_the_window_is_refused() {
    let mut bench = Bench::opened(Disk::default());
    for id in 0..=WINDOW as u64 {
        bench.put(id, b"x");
        bench.settle();
    }
    bench.told();
    bench.put(0, b"x");
    assert_eq!(bench.told(), [Notice::Rejected { id: 0, reason: PutRefusal::Old }]);
    bench.put(1, b"x");
    assert_eq!(bench.told(), [Notice::Acknowledged { id: 1, position: 2 }]);
    assert_eq!(bench.keeper.kept().window.len(), WINDOW);
}

#[test]
fn refusals_are_told() {
    let mut bench = Bench::new(Disk::default());
    bench.put(1, b"early");
    assert_eq!(bench.told(), [Notice::Rejected { id: 1, reason: PutRefusal::NotOpen }]);
    bench.settle();
    bench.told();
    bench.put(1, &vec![0; MAX_PUT + 1]);
    assert_eq!(bench.told(), [Notice::Rejected { id: 1, reason: PutRefusal::TooLong }]);
    let mut id = 1;
    while bench.told().is_empty() {
        bench.put(id, &vec![0; MAX_PUT / 2]);
        id += 1;
        assert!(id < 1000, "what waits is bounded");
    }
    bench.put(id, &vec![0; MAX_PUT / 2]);
    assert_eq!(bench.told(), [Notice::Rejected { id, reason: PutRefusal::Busy }]);
}

#[test]
fn a_stopped_log_is_opened_again_after_a_while() {
    let mut bench = Bench::opened(Disk::default());
    bench.put(1, b"kept");
    bench.settle();
    bench.put(2, b"lost");
    bench.told();
    let request = bench.requests.pop_front().expect("an append");
    bench.step(Input::Stored(Receipt { ticket: request.ticket, outcome: Outcome::Failed }));
    assert!(matches!(bench.told()[..], [Notice::Stopped(_)]));
    assert_eq!(bench.armed.last(), Some(&Timer::Reopen));
    assert!(bench.requests.is_empty());
    bench.put(3, b"closed");
    assert_eq!(bench.told(), [Notice::Rejected { id: 3, reason: PutRefusal::NotOpen }]);
    bench.step(Input::Rang(Timer::Reopen));
    bench.settle();
    assert!(matches!(bench.told()[..], [Notice::Opened(_)]));
    assert_eq!(bench.keeper.acknowledged().collect::<Vec<_>>(), [(1, 1)]);
    bench.put(2, b"lost");
    bench.settle();
    assert_eq!(bench.told(), [Notice::Acknowledged { id: 2, position: 3 }]);
}

#[test]
fn a_refused_log_is_not_served() {
    let mut bench = Bench::opened(Disk::default());
    bench.put(1, b"one");
    bench.settle();
    bench.put(2, b"two");
    bench.settle();
    let mut disk = bench.disk;
    disk.bytes(&segment(1))[150] ^= 8;
    let mut bench = Bench::opened(disk.clone());
    assert!(matches!(bench.told()[..], [Notice::Refused(_)]));
    assert_eq!((bench.sent.len(), bench.armed.len()), (0, 0));
    bench.put(3, b"three");
    assert_eq!(bench.told(), [Notice::Rejected { id: 3, reason: PutRefusal::Refused }]);
    assert!(bench.disk.objects == disk.objects && bench.requests.is_empty());
}

#[test]
fn checkpoints_are_written_when_there_is_something_new() {
    let mut bench = Bench::opened(Disk::default());
    bench.put(1, b"one");
    bench.settle();
    bench.told();
    for _ in 0..3 {
        bench.step(Input::Rang(Timer::Checkpoint));
        bench.settle();
    }
    assert_eq!(bench.told(), [Notice::Checkpointed { records: 2 }]);
    let kept = bench.keeper.kept().clone();
    assert_eq!(bench.disk.objects.keys().filter_map(checkpoint_records).collect::<Vec<_>>(), [2]);
    assert_eq!(Bench::opened(bench.disk).keeper.kept(), &kept);
}

#[test]
fn heads_of_witnesses_are_remembered_and_those_of_strangers_are_not() {
    let mut bench = Bench::opened(Disk::default());
    let heard = |records| Message::Head { records, digest: crate::disk::id("head") };
    for (from, records) in [(WITNESS, 3), (WITNESS, 5), (WITNESS, 4), (PeerId::new(1), 7)] {
        bench.step(Input::Heard { from, message: heard(records) });
    }
    assert_eq!(bench.keeper.heard(WITNESS), Some((5, crate::disk::id("head"))));
    assert_eq!(bench.keeper.heard(PeerId::new(1)), None);
}

#[test]
fn everything_that_crosses_the_boundary_has_an_encoding() {
    #[track_caller]
    fn check<T: Codec + PartialEq + Debug>(value: T) {
        assert_eq!(from_bytes::<T>(&to_bytes(&value)).as_ref(), Ok(&value));
    }
    let mut bench = Bench::opened(Disk::default());
    bench.put(1, b"one");
    bench.settle();
    bench.step(Input::Rang(Timer::Checkpoint));
    bench.put(2, b"two");
    let first = bench.requests.pop_front().expect("a request");
    bench.step(Input::Stored(Receipt { ticket: first.ticket, outcome: Outcome::Full }));
    bench.told().into_iter().for_each(check);
    bench.sent.clone().into_iter().for_each(|(_, message)| check(message));
    check(Ask::Put { id: 3, bytes: vec![1, 2, 3] });
    check(Timer::Reopen);
    check(Notice::Rejected { id: 4, reason: PutRefusal::Old });
    let mut disk = bench.disk.clone();
    disk.bytes(&segment(1))[3] ^= 1;
    Bench::opened(disk).told().into_iter().for_each(check);
}
