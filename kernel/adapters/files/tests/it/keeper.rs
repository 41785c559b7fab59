//! The ledger's keeper, as it runs in production and in the simulator, on a disk whose power goes.
//!
//! After each cut the log opens again, passes through the head that was durable, and holds every put that was acknowledged, at
//! its position and with its bytes. `ANTFARM_SEEDS=1000` are as many cuts and more.

use super::place::{ask, object};
use super::seeds::seeds;
use antfarm_files::Store;
use antfarm_files::shim::{Dice, Shim};
use antfarm_identity::{Digest, Domain, Signer};
use antfarm_ledger::{Ask, Config, Depth, Keeper, KeeperConfig, LogHead, Notice, Timer, Verifier, segment_number};
use antfarm_machine::{Effect, Effects, Input, Machine as _, Now, Operation, Outcome, Receipt, Request, Span};
use std::collections::{BTreeMap, VecDeque};

const JOURNAL: u64 = 128 << 10;

fn log() -> Digest {
    Digest::of(Domain::new("antfarm 2026 files test log"), b"mine")
}

fn config() -> KeeperConfig {
    let mut ledger = Config::new(log(), Signer::insecure(1));
    // Segments of a few records, so that objects are made all the time.
    (ledger.segment_bytes, ledger.depth) = (8 << 10, Depth::Whole);
    KeeperConfig { ledger, witnesses: Vec::new(), reopen_after: Span::from_secs(1), checkpoint_every: Span::from_secs(1) }
}

/// What put `id` says.
fn content(id: u64) -> Vec<u8> {
    let mut dice = Dice::seeded(id);
    let length = dice.below(1_500);
    (0..length).map(|_| dice.next().to_le_bytes()[0]).collect()
}

/// One life of a process.
struct Life {
    store: Store<Shim>,
    shim: Shim,
    keeper: Keeper,
    requests: VecDeque<Request>,
    receipts: VecDeque<Receipt>,
    is_open: bool,
}

/// What outlives processes: what was promised.
#[derive(Default)]
struct Promised {
    /// Positions of acknowledged puts.
    puts: BTreeMap<u64, u64>,
    durable: Option<LogHead>,
    asked: u64,
    checkpoints: u64,
}

impl Life {
    fn begin(shim: &Shim) -> Option<Self> {
        let store = Store::sized(shim.clone(), JOURNAL);
        assert!(store.is_ok() || shim.is_cut(), "only a cut keeps the folder from opening");
        let keeper = Keeper::new(config());
        let (requests, receipts) = Default::default();
        Some(Self { store: store.ok()?, shim: shim.clone(), keeper, requests, receipts, is_open: false })
    }

    fn step(&mut self, input: Input<Keeper>, promised: &mut Promised) {
        let mut effects = Vec::new();
        self.keeper.step(Now::ZERO, input, &mut Effects::new(&mut effects));
        for effect in effects {
            match effect {
                Effect::Store(request) => self.requests.push_back(request),
                Effect::Tell(Notice::Acknowledged { id, position }) => drop(promised.puts.insert(id, position)),
                Effect::Tell(Notice::Opened(_)) => self.is_open = true,
                Effect::Tell(Notice::Checkpointed { .. }) => promised.checkpoints += 1,
                Effect::Tell(Notice::Refused(refused)) => panic!("the log is refused after a power cut: {refused:?}"),
                Effect::Tell(Notice::Stopped(stop)) => assert!(self.shim.is_cut(), "it stopped with power: {stop:?}"),
                Effect::Tell(Notice::Rejected { .. }) | Effect::Send { .. } | Effect::Arm { .. } | Effect::Disarm(_) => {}
            }
        }
        promised.durable = self.keeper.durable().or(promised.durable);
    }

    /// Has the disk do what is waiting; the machine hears some of its answers, all in order.
    fn turn(&mut self, dice: &mut Dice, promised: &mut Promised) {
        let Self { store, requests, receipts, .. } = self;
        store.perform(requests, |receipt| receipts.push_back(receipt));
        for _ in 0..dice.index(self.receipts.len() + 1) {
            let receipt = self.receipts.pop_front().expect("so many came");
            self.step(Input::Stored(receipt), promised);
        }
    }

    fn open(&mut self, promised: &mut Promised) {
        self.step(Input::Woke { incarnation: 0 }, promised);
        let mut dice = Dice::seeded(0);
        while !self.is_open && !self.shim.is_cut() {
            self.turn(&mut dice, promised);
        }
    }

    /// Reads the log as an auditor does, and holds it against what was promised.
    fn audit(&mut self, promised: &Promised) {
        let Outcome::Listed(entries) = ask(&mut self.store, [Operation::List]).remove(0) else {
            return assert!(self.shim.is_cut(), "it can be listed");
        };
        let mut segments: Vec<_> =
            entries.into_iter().filter_map(|entry| Some((segment_number(&entry.object)?, entry))).collect();
        segments.sort_unstable_by_key(|(number, _)| *number);
        let read = |entry: antfarm_machine::Entry| Operation::Read { object: entry.object, range: 0..entry.length };
        let outcomes = ask(&mut self.store, segments.into_iter().map(|(_, entry)| read(entry)));
        if self.shim.is_cut() {
            return;
        }
        let bytes = |outcome| match outcome {
            Outcome::Data(bytes) => bytes,
            other => panic!("a segment is answered with {other:?}"),
        };
        let segments: Vec<Vec<u8>> = outcomes.into_iter().map(bytes).collect();
        let segments: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
        let mut found = BTreeMap::new();
        let verifier = match promised.durable {
            Some(head) => Verifier::new(log()).through(head.records, head.digest),
            None => Verifier::new(log()),
        };
        let fold = &mut |record: &antfarm_ledger::Record<'_>| {
            let payload = record.payload.bytes().expect("nothing is redacted").to_vec();
            found.insert(record.header.position, payload);
        };
        verifier.run(&segments, fold).unwrap_or_else(|refused| panic!("the log does not hold what was durable: {refused:?}"));
        for (id, position) in &promised.puts {
            let payload = found.get(position).unwrap_or_else(|| panic!("put {id} was acknowledged at {position} and is gone"));
            assert!(payload.starts_with(&id.to_le_bytes()) && payload.ends_with(&content(*id)), "put {id} is another");
        }
    }
}

#[test]
fn no_power_cut_takes_what_a_keeper_acknowledged() {
    seeds(40, |seed| {
        let mut dice = Dice::seeded(!seed);
        let (mut shim, mut promised) = (Shim::seeded(seed), Promised::default());
        let mut cuts = 0;
        while cuts < 4 {
            let Some(mut life) = Life::begin(&shim) else {
                (shim, cuts) = (shim.restart(), cuts + 1);
                continue;
            };
            life.open(&mut promised);
            if life.is_open && !shim.is_cut() {
                life.audit(&promised);
                shim.cut_after(dice.below(400));
            }
            // Some processes are killed while there is power; what they wrote is not durable by that.
            let is_killed = dice.once_in(4);
            while !shim.is_cut() && !(is_killed && dice.once_in(100)) {
                match dice.below(8) {
                    0 => life.step(Input::Rang(Timer::Checkpoint), &mut promised),
                    1..4 => life.turn(&mut dice, &mut promised),
                    _ => {
                        promised.asked += 1;
                        let id = promised.asked;
                        life.step(Input::Asked(Ask::Put { id, bytes: content(id) }), &mut promised);
                    }
                }
            }
            if !shim.is_cut() {
                shim = shim.kill();
                continue;
            }
            (shim, cuts) = (shim.restart(), cuts + 1);
            // Now and then it goes again while the journal is replayed, or while the log is opened.
            if dice.once_in(3) {
                shim.cut_after(dice.below(80));
            }
        }
        let mut life = Life::begin(&shim.restart()).expect("there is power");
        life.open(&mut promised);
        assert!(life.is_open, "the log opens");
        life.audit(&promised);
        // Whatever the cuts were, it goes on.
        life.step(Input::Asked(Ask::Put { id: u64::MAX, bytes: content(u64::MAX) }), &mut promised);
        while !promised.puts.contains_key(&u64::MAX) {
            life.turn(&mut dice, &mut promised);
        }
    });
}

#[test]
fn a_keeper_reads_plain_files_of_its_names() {
    let shim = Shim::seeded(1);
    let mut promised = Promised::default();
    let mut life = Life::begin(&shim).expect("there is power");
    life.open(&mut promised);
    let outcomes = ask(&mut life.store, [Operation::Read { object: object("log-00000001"), range: 0..3 }]);
    assert_eq!(outcomes, [Outcome::Data(b"AFL".to_vec())]);
}
