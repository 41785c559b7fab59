//! Target `ledger`: a program of appends, answers, failures, crashes and tampering, run against a ledger on a disk.
//!
//! The first byte sets the stage (bit 0: everything is checked at opening, not only the tail; bit 1: the disk holds a log
//! already); each further command is a byte and what it needs. As long as nobody tampered, held:
//!
//! - Opening ends in an open log, whatever a crash left: a legal cut at most, never a refusal.
//! - What was acknowledged is there; what is there was appended, in that order.
//!
//! And with a disk that was tampered with in any way, forged checks and chains included:
//!
//! - Opening ends in a typed refusal, which changed nothing and comes again, or in an open log. Nothing panics.
//! - What is served verifies: a [`Verifier`] that knows nothing takes the whole log without a tear and comes to the head that
//!   the ledger has (where everything is checked, and the log begins at its first segment).
//! - Opening is idempotent: opened again, it is the same log, whole, and passes through the head that it had.

mod disk;
mod edit;
mod forge;

use crate::Met;
use crate::draw::Draw;
use antfarm_identity::{Digest, Domain, Signer, from_bytes, to_bytes};
use antfarm_ledger::{
    Config, Depth, Draft, Ledger, Link, Opened, Progress, Projection, Record, Refused, Stop, Verified, Verifier, segment_number,
};
use antfarm_machine::{Operation, Outcome, Receipt, Request, Ticket};
use disk::Disk;
use std::sync::LazyLock;

const DOMAIN: Domain = Domain::new("antfarm 2026 fuzz ledger");

/// The most commands of one input.
const COMMANDS: usize = 400;

/// More answers than any opening of so small a log needs.
const ANSWERS: usize = 5_000;

/// Every payload of a log, in order; `None` where it was redacted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Payloads(Vec<Option<Vec<u8>>>);

impl Projection for Payloads {
    fn reset(&mut self) {
        self.0.clear();
    }
    fn restore(&mut self, state: &[u8]) -> bool {
        from_bytes(state).map(|payloads| self.0 = payloads).is_ok()
    }
    fn fold(&mut self, record: &Record<'_>) {
        self.0.push(record.payload.bytes().map(<[u8]>::to_vec));
    }
}

/// Runs the program that the bytes are.
///
/// Panics when a guarantee of the ledger is broken.
pub fn ledger(input: &[u8]) -> Met {
    let mut draw = Draw::new(input);
    let stage = draw.byte();
    let mut run = if stage & 2 == 0 { Run::new(Disk::default()) } else { Run::clone(&BASE) };
    run.config.depth = if stage & 1 == 0 { Depth::Tail } else { Depth::Whole };
    run.crash(&mut draw, |_, _| {});
    for _ in 0..COMMANDS {
        if draw.is_empty() {
            break;
        }
        run.command(&mut draw);
    }
    run.finish()
}

/// A log of a dozen records in several segments, with two checkpoints.
static BASE: LazyLock<Run> = LazyLock::new(|| {
    let mut run = Run::new(Disk::default());
    run.crash(&mut Draw::new(&[]), |_, _| {});
    run.settle();
    for length in 0..12 {
        run.append(length * 5);
        run.flush();
        run.settle();
        if length == 5 || length == 9 {
            run.checkpoint();
            run.settle();
        }
    }
    run
});

fn config() -> Config {
    let base = Config::new(Digest::of(DOMAIN, b"log"), Signer::insecure(1));
    Config { segment_bytes: 1_500, pending_bytes: 3_000, ..base }
}

#[derive(Clone)]
struct Run {
    config: Config,
    disk: Disk,
    ledger: Ledger,
    payloads: Payloads,
    appended: u64,
    /// What was reported durable.
    acknowledged: Vec<Option<Vec<u8>>>,
    /// Everything that the disk may hold a beginning of.
    possible: Vec<Payloads>,
    /// Somebody changed the disk behind the ledger's back.
    tampered: bool,
    /// The disk as it was when the present opening began, if nothing else was underway.
    before: Option<Disk>,
    /// How the latest opening ended.
    latest: Option<Result<(), Refused>>,
}

impl Run {
    fn new(disk: Disk) -> Self {
        Self {
            config: config(),
            disk,
            ledger: Ledger::new(config()),
            payloads: Payloads::default(),
            appended: 0,
            acknowledged: Vec::new(),
            possible: Vec::new(),
            tampered: false,
            before: None,
            latest: None,
        }
    }

    fn command(&mut self, draw: &mut Draw<'_>) {
        match draw.byte() % 16 {
            0..=2 => self.append(draw.byte()),
            3 => self.flush(),
            4..=6 => self.answer(usize::from(draw.byte())),
            7 => self.settle(),
            8 => self.checkpoint(),
            9 => self.fail(draw),
            10 => self.odd(draw),
            11 => self.open(),
            12 | 13 => self.crash(draw, |_, _| {}),
            14 => self.crash(draw, |disk, draw| edit::edit(disk, config().log, draw)),
            _ => {
                self.crash(draw, |disk, draw| (0..=draw.byte() % 4).for_each(|_| edit::edit(disk, config().log, draw)));
                self.settle();
            }
        }
    }

    fn append(&mut self, length: u8) {
        // Each payload is one of a kind.
        self.appended += 1;
        let mut payload = self.appended.to_le_bytes().to_vec();
        payload.resize(8 + usize::from(length), 7);
        let link = Link::first(Digest::of(DOMAIN, b"trajectory"));
        // Refusals are typed, and change nothing.
        let before = self.payloads.0.len();
        let taken = self.ledger.append(Draft { link, kind: 1, version: 1, payload: &payload }, &mut self.payloads).is_ok();
        assert_eq!(self.payloads.0.len(), before + usize::from(taken), "a record is folded when it is appended");
    }

    fn flush(&mut self) {
        self.ledger.flush(&mut |request| self.disk.pending.push(request));
    }

    fn checkpoint(&mut self) {
        // A refusal is typed, and changes nothing.
        let _refused = self.ledger.checkpoint(&to_bytes(&self.payloads.0)).err();
        self.flush();
    }

    fn answer(&mut self, nth: usize) {
        if let Some(receipt) = self.disk.answer(nth) {
            self.receive(receipt);
        }
    }

    /// Answers until nothing is left to answer.
    fn settle(&mut self) {
        for _ in 0..ANSWERS {
            let Some(receipt) = self.disk.answer(0) else { return };
            self.receive(receipt);
        }
        panic!("opening does not come to an end: {:?}", self.ledger);
    }

    /// A request fails, having done part of it; or there is no room.
    fn fail(&mut self, draw: &mut Draw<'_>) {
        let Some(Request { ticket, operation }) = self.disk.take(usize::from(draw.byte())) else { return };
        let part = draw.word();
        let full = part.is_multiple_of(3) && matches!(operation, Operation::AppendAt { .. });
        if !full {
            self.disk.partly(operation, part / 3);
        }
        self.receive(Receipt { ticket, outcome: if full { Outcome::Full } else { Outcome::Failed } });
    }

    /// An answer that no good disk gives: short, of another kind, or to a question that nobody asked. Nothing is done.
    fn odd(&mut self, draw: &mut Draw<'_>) {
        let how = draw.byte();
        if how.is_multiple_of(4) {
            return self.receive(Receipt { ticket: Ticket(u64::MAX), outcome: Outcome::Done });
        }
        let Some(Request { ticket, operation }) = self.disk.take(usize::from(how / 4)) else { return };
        let outcome = match &operation {
            Operation::Read { range, .. } if how % 4 == 1 => Outcome::Data(vec![0; usize::try_from(range.end).unwrap_or(0) + 1]),
            Operation::Read { .. } if how % 4 == 2 => match self.disk.perform(&operation) {
                Outcome::Data(mut bytes) => {
                    bytes.truncate(usize::from(draw.byte()));
                    Outcome::Data(bytes)
                }
                other @ (Outcome::Done | Outcome::Listed(_) | Outcome::Conflict { .. } | Outcome::Full | Outcome::Failed) => {
                    other
                }
            },
            Operation::Read { .. } => Outcome::Listed(Vec::new()),
            Operation::List => Outcome::Data(Vec::new()),
            Operation::AppendAt { .. } | Operation::Truncate { .. } | Operation::Remove { .. } => match how % 4 {
                1 => Outcome::Data(vec![1]),
                2 => Outcome::Conflict { end: 3 },
                _ => Outcome::Listed(Vec::new()),
            },
        };
        self.receive(Receipt { ticket, outcome });
    }

    fn open(&mut self) {
        self.possible.push(self.payloads.clone());
        self.before = self.disk.pending.is_empty().then(|| self.disk.clone());
        self.ledger.open(&mut |request| self.disk.pending.push(request));
    }

    /// The power goes, `then` something happens to the disk, and the ledger opens.
    fn crash(&mut self, draw: &mut Draw<'_>, then: impl FnOnce(&mut Disk, &mut Draw<'_>)) {
        self.disk.crash(draw);
        let before = self.disk.clone();
        then(&mut self.disk, draw);
        self.tampered |= self.disk != before;
        self.possible.push(std::mem::take(&mut self.payloads));
        self.ledger = Ledger::new(self.config.clone());
        self.open();
    }

    fn receive(&mut self, receipt: Receipt) {
        match self.ledger.receive(receipt, &mut self.payloads, &mut |request| self.disk.pending.push(request)) {
            Progress::None | Progress::Checkpointed { .. } | Progress::Piece | Progress::Abandoned { .. } => {}
            Progress::Durable(head) => {
                let records = usize::try_from(head.records).expect("few");
                self.acknowledged = self.payloads.0.get(..records).unwrap_or_default().to_vec();
            }
            Progress::Opened(opened) => self.opened(&opened),
            Progress::Refused(refused) => {
                assert!(self.tampered, "a crash is no reason to refuse: {refused}");
                if let Some(before) = self.before.take() {
                    assert_eq!(self.disk, before, "what is refused is not changed: {refused}");
                }
                self.latest = Some(Err(refused));
            }
            Progress::Stopped(stop) => {
                assert!(self.tampered || stop != Stop::Exhausted, "few segments are written");
                if stop != Stop::Exhausted {
                    self.open();
                }
            }
        }
    }

    fn opened(&mut self, opened: &Opened) {
        let head = self.ledger.durable().expect("it is open");
        assert_eq!(head.records, opened.records + 1, "the opening is noted");
        if !self.tampered {
            let found = &self.payloads.0[..usize::try_from(opened.records).expect("few")];
            assert!(found.starts_with(&self.acknowledged), "an acknowledged record is gone");
            let known = self.possible.iter().any(|history| history.0.starts_with(found));
            assert!(known, "a record appeared that nobody appended: {found:?} of {:?}", self.possible);
        }
        self.acknowledged = self.payloads.0.clone();
        self.possible = vec![self.payloads.clone()];
        self.latest = Some(Ok(()));
        self.verify();
        self.again();
    }

    /// Somebody who knows nothing reads the whole log.
    fn verify(&self) {
        let segments = self.disk.objects.iter().filter_map(|(object, bytes)| Some((segment_number(object)?, bytes.as_slice())));
        let (numbers, bytes): (Vec<u32>, Vec<&[u8]>) = segments.unzip();
        let begins = numbers.first() == Some(&1);
        if !begins || (self.tampered && self.config.depth == Depth::Tail) {
            return;
        }
        let mut records = 0;
        let verified = Verifier::new(self.config.log).run(&bytes, &mut |_| records += 1);
        let head = self.ledger.durable().expect("it is open");
        assert_eq!(verified, Ok(Verified { head, tear: None }), "what is served does not verify");
        assert_eq!(records, head.records, "each record is read once");
    }

    /// Somebody opens the same disk again, and knows the head.
    fn again(&self) {
        let head = self.ledger.durable().expect("it is open");
        let (mut disk, mut payloads) = (Disk { pending: Vec::new(), ..self.disk.clone() }, Payloads::default());
        let mut ledger = Ledger::new(self.config.clone());
        ledger.remember(head.records, head.digest);
        ledger.open(&mut |request| disk.pending.push(request));
        let mut end = Progress::None;
        while end == Progress::None {
            let receipt = disk.answer(0).unwrap_or_else(|| panic!("opening stands still: {ledger:?}"));
            end = ledger.receive(receipt, &mut payloads, &mut |request| disk.pending.push(request));
        }
        let same = matches!(&end, Progress::Opened(again) if again.records == head.records && again.cut.is_none());
        assert!(same, "what was opened opens otherwise: {end:?} after {head:?}");
        assert!(payloads.0.starts_with(&self.payloads.0), "what was opened folds otherwise");
    }

    /// Crashes once more and opens without trouble.
    fn finish(mut self) -> Met {
        self.latest = None;
        self.crash(&mut Draw::new(&[]), |_, _| {});
        self.settle();
        match self.latest.take() {
            Some(Ok(())) => Met::Taken,
            Some(Err(refused)) => {
                self.open();
                self.settle();
                assert_eq!(self.latest, Some(Err(refused)), "a refusal comes again");
                Met::Refused
            }
            None => {
                assert!(self.tampered, "opening came to nothing: {:?}", self.ledger);
                Met::Refused
            }
        }
    }
}
