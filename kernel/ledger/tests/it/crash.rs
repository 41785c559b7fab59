//! Random histories of appends, checkpoints, failures and crashes: what was acknowledged stays, and nothing appears that was
//! never appended.

use crate::disk::{self, Disk};
use crate::log::Payloads;
use antfarm_ledger::{Config, Depth, Draft, Ledger, Link, Progress, Stop};
use antfarm_machine::{Object, Operation, Outcome, Receipt, Request};
use proptest::prelude::*;
use std::collections::{BTreeSet, VecDeque};

#[derive(Clone, Copy, Debug)]
enum Step {
    Append(u8),
    Flush,
    /// The disk answers the oldest request.
    Answer,
    Checkpoint,
    /// The disk answers the oldest request with a failure, having done part of it.
    Fail(u16),
    /// The power goes: of each object's unanswered requests, some were done, the next one partly.
    Crash(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => any::<u8>().prop_map(Step::Append),
        3 => Just(Step::Flush),
        8 => Just(Step::Answer),
        1 => Just(Step::Checkpoint),
        1 => any::<u16>().prop_map(Step::Fail),
        1 => any::<u64>().prop_map(Step::Crash),
    ]
}

type History = Vec<Option<Vec<u8>>>;

struct Run {
    config: Config,
    disk: Disk,
    pending: VecDeque<Request>,
    ledger: Ledger,
    payloads: Payloads,
    appended: u64,
    /// What was reported durable.
    acknowledged: History,
    /// Everything that the disk may hold a beginning of.
    possible: Vec<History>,
    opened: u64,
}

impl Run {
    fn new(config: Config) -> Self {
        let mut run = Self {
            ledger: Ledger::new(config.clone()),
            config,
            disk: Disk::default(),
            pending: VecDeque::new(),
            payloads: Payloads::default(),
            appended: 0,
            acknowledged: History::new(),
            possible: vec![History::new()],
            opened: 0,
        };
        run.ledger.open(&mut |request| run.pending.push_back(request));
        run
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Append(length) => {
                // Each payload is one of a kind.
                self.appended += 1;
                let mut payload = self.appended.to_le_bytes().to_vec();
                payload.resize(8 + usize::from(length), 7);
                let link = Link::first(disk::id("trajectory"));
                let _ = self.ledger.append(Draft { link, kind: 1, version: 1, payload: &payload }, &mut self.payloads);
            }
            Step::Flush => self.ledger.flush(&mut |request| self.pending.push_back(request)),
            Step::Checkpoint => {
                let state = antfarm_identity::to_bytes(&self.payloads.0);
                let _ = self.ledger.checkpoint(&state);
                self.ledger.flush(&mut |request| self.pending.push_back(request));
            }
            Step::Answer => {
                if let Some(request) = self.pending.pop_front() {
                    let receipt = self.disk.answer(request);
                    self.receive(receipt);
                }
            }
            Step::Fail(part) => {
                if let Some(request) = self.pending.pop_front() {
                    let ticket = request.ticket;
                    let outcome = if part % 3 == 0 { Outcome::Full } else { Outcome::Failed };
                    if outcome == Outcome::Failed {
                        self.partly(request, u64::from(part));
                    }
                    self.receive(Receipt { ticket, outcome });
                }
            }
            Step::Crash(seed) => self.crash(seed),
        }
    }

    fn receive(&mut self, receipt: Receipt) {
        let before = self.payloads.0.clone();
        match self.ledger.receive(receipt, &mut self.payloads, &mut |request| self.pending.push_back(request)) {
            Progress::None | Progress::Checkpointed { .. } | Progress::Piece | Progress::Abandoned { .. } => {}
            Progress::Durable(head) => {
                self.acknowledged = self.payloads.0[..usize::try_from(head.records).expect("few")].to_vec();
            }
            Progress::Opened(opened) => {
                let found = &self.payloads.0[..usize::try_from(opened.records).expect("few")];
                assert!(found.starts_with(&self.acknowledged), "an acknowledged record is gone");
                let known = self.possible.iter().any(|history| history.starts_with(found));
                assert!(known, "a record appeared that nobody appended: {found:?} of {:?}", self.possible);
                self.acknowledged = self.payloads.0.clone();
                self.possible = vec![self.payloads.0.clone()];
                self.opened += 1;
            }
            Progress::Refused(refused) => panic!("a crash is no reason to refuse: {refused}"),
            Progress::Stopped(stop) => {
                assert_ne!(stop, Stop::Exhausted);
                self.possible.push(before);
                self.ledger.open(&mut |request| self.pending.push_back(request));
            }
        }
    }

    /// Does some of what is asked.
    fn partly(&mut self, mut request: Request, seed: u64) {
        let mut zeros = None;
        if let Operation::AppendAt { bytes, object, .. } = &mut request.operation {
            let length = bytes.len();
            bytes.truncate(usize::try_from(seed).unwrap_or(usize::MAX) % (length + 1));
            // Sometimes the object has its new length already, and zeros where the bytes were to go.
            let rest = length - bytes.len();
            zeros = (seed.is_multiple_of(5)).then(|| (object.clone(), rest));
        } else if seed.is_multiple_of(2) {
            return;
        }
        let done = self.disk.answer(request).outcome == Outcome::Done;
        if let Some((object, rest)) = zeros.filter(|_| done) {
            let bytes = self.disk.bytes(&object);
            bytes.resize(bytes.len() + rest, 0);
        }
    }

    fn crash(&mut self, mut seed: u64) {
        self.possible.push(self.payloads.0.clone());
        let mut stuck = BTreeSet::<Object>::new();
        for request in core::mem::take(&mut self.pending) {
            let Some(object) = request.operation.object().cloned() else { continue };
            if stuck.contains(&object) {
                continue;
            }
            seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            if (seed >> 33).is_multiple_of(2) {
                self.disk.answer(request);
            } else {
                stuck.insert(object);
                self.partly(request, seed >> 34);
            }
        }
        self.ledger = Ledger::new(self.config.clone());
        self.payloads = Payloads::default();
        self.ledger.open(&mut |request| self.pending.push_back(request));
    }

    /// Crashes once more and opens without trouble.
    fn finish(mut self, seed: u64) {
        self.crash(seed);
        let before = self.opened;
        while !self.pending.is_empty() {
            self.step(Step::Answer);
        }
        assert_eq!(self.opened, before + 1, "the log opens");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_acknowledged_survives_and_nothing_else_appears(
        steps in prop::collection::vec(step(), 0..120),
        last in any::<u64>(),
        whole in any::<bool>(),
    ) {
        let depth = if whole { Depth::Whole } else { Depth::Tail };
        let config = Config { segment_bytes: 1500, pending_bytes: 3000, depth, ..disk::config("crashes") };
        let mut run = Run::new(config);
        for step in steps {
            run.step(step);
        }
        run.finish(last);
    }
}
