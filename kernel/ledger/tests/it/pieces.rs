//! States in pieces: written beside the log, read back and bound by a record, or passed over.

use crate::disk::{self, Disk, id};
use antfarm_identity::{Digest, to_bytes};
use antfarm_ledger::{
    BadCheckpoint, CheckpointRefusal, Config, Depth, Discarded, Draft, Ledger, Link, MAX_PIECE, Point, Progress, Projection,
    Reason, Record, Seal, checkpoint_object, pieces_object, segment_object,
};
use antfarm_machine::{Operation, Outcome, Receipt, Request};
use std::collections::VecDeque;

/// The kind of the record that binds a checkpoint: its payload is the seal.
const BOUND: u16 = 2;

/// Payloads, one piece each.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Sheets {
    sheets: Vec<Vec<u8>>,
    restored: Option<Digest>,
    bound: bool,
}

impl Projection for Sheets {
    fn reset(&mut self) {
        *self = Self::default();
    }
    fn restore(&mut self, _: &[u8]) -> bool {
        false
    }
    fn piece(&mut self, piece: &[u8]) -> bool {
        self.sheets.push(piece.to_vec());
        true
    }
    fn sealed(&mut self, state: &[u8], seal: Digest) -> bool {
        self.restored = Some(seal);
        state == to_bytes(&seal)
    }
    fn is_bound(&self) -> bool {
        self.bound
    }
    fn fold(&mut self, record: &Record<'_>) {
        let payload = record.payload.bytes().unwrap_or_default().to_vec();
        self.bound |= record.header.kind == BOUND && self.restored.is_some_and(|seal| payload == to_bytes(&seal));
        self.sheets.push(payload);
    }
}

#[derive(Clone)]
struct Book {
    config: Config,
    disk: Disk,
    ledger: Ledger,
    sheets: Sheets,
    link: Link,
}

impl Book {
    fn new(name: &str) -> Self {
        Self::with(Config { depth: Depth::Anchor, ..disk::config(name) })
    }

    fn with(config: Config) -> Self {
        let (mut disk, mut sheets) = (Disk::default(), Sheets::default());
        let (ledger, _) = disk::open(&config, &mut disk, &mut sheets);
        Self { config, disk, ledger, sheets, link: Link::first(id("sheets")) }
    }

    fn append(&mut self, kind: u16, payload: &[u8]) {
        let draft = Draft { link: self.link, kind, version: 1, payload };
        let appended = self.ledger.append(draft, &mut self.sheets).expect("there is room");
        self.link = self.link.next(appended.digest);
    }

    fn flush(&mut self) -> Vec<Progress> {
        disk::flush(&mut self.ledger, &mut self.disk, &mut self.sheets)
    }

    fn fill(&mut self, records: usize) {
        for number in 0..records {
            self.append(1, &[u8::try_from(number % 251).expect("small"); 30]);
            if number % 4 == 0 {
                self.flush();
            }
        }
        self.flush();
    }

    /// A checkpoint with a record between its pieces, up to the one that would bind it.
    fn save(&mut self) -> (u64, Digest) {
        let pieces = self.sheets.sheets.clone();
        let records = self.ledger.begin_checkpoint().expect("it may begin");
        for (number, piece) in pieces.iter().enumerate() {
            self.ledger.piece(piece).expect("the one before is durable");
            assert_eq!(self.ledger.piece(piece), Err(CheckpointRefusal::Underway));
            if number % 50 == 0 {
                self.append(1, b"meanwhile");
            }
            assert!(self.flush().contains(&Progress::Piece));
        }
        let seal = self.ledger.seal().expect("it was begun");
        assert_eq!(self.ledger.finish_checkpoint(&to_bytes(&seal)), Ok(records));
        assert_eq!(self.flush(), [Progress::Checkpointed { records }]);
        (records, seal)
    }

    fn save_and_bind(&mut self) -> u64 {
        let (records, seal) = self.save();
        self.append(BOUND, &to_bytes(&seal));
        self.flush();
        records
    }

    /// 120 records and two checkpoints; the first of each.
    fn bound(name: &str) -> (Self, [u64; 2]) {
        let mut book = Self::new(name);
        book.fill(40);
        let first = book.save_and_bind();
        book.fill(40);
        let second = book.save_and_bind();
        book.fill(40);
        (book, [first, second])
    }

    fn opened_on(&self, disk: &Disk) -> (Disk, Sheets, Ledger, Progress) {
        let (mut disk, mut sheets) = (disk.clone(), Sheets::default());
        let (ledger, progress) = disk::open(&self.config, &mut disk, &mut sheets);
        (disk, sheets, ledger, progress)
    }

    /// The log on this disk opens without a checkpoint, with so many records.
    fn check_length(&self, disk: &Disk, records: u64) {
        let Progress::Opened(opened) = self.opened_on(disk).3 else { panic!("it does not open") };
        assert_eq!((opened.restored, opened.records), (None, records));
    }

    /// What opening makes of this disk: the same state, from the checkpoint `restored`, with these passed over.
    fn check(&self, disk: &Disk, restored: Option<u64>, discarded: &[Discarded]) -> Disk {
        let (disk, sheets, ledger, progress) = self.opened_on(disk);
        let Progress::Opened(opened) = progress else { panic!("{progress:?}") };
        assert_eq!((opened.restored.map(|it| it.records), &opened.discarded[..]), (restored, discarded));
        assert_eq!(sheets.sheets[..self.sheets.sheets.len()], self.sheets.sheets);
        let (head, own) = (self.ledger.durable().expect("open"), ledger.submitted().expect("open"));
        assert_eq!(own.0, head.records + 1);
        for gone in discarded {
            let objects = [checkpoint_object(gone.records), pieces_object(gone.records)];
            assert!(objects.iter().all(|object| !disk.objects.contains_key(object)), "it is removed with its pieces");
        }
        disk
    }
}

#[test]
fn a_state_in_pieces_comes_back_and_nothing_before_it_is_read() {
    let (book, [first, second]) = Book::bound("pieces");
    assert_eq!(book.ledger.checkpoints(), [first, second]);
    let mut disk = book.disk.clone();
    let last = book.ledger.durable().expect("open").records;
    // Whatever lies before the checkpoint, in earlier segments and in its own, is not looked at.
    disk.bytes(&segment_object(1))[150] ^= 1;
    let (_, progress) = disk::open(&book.config, &mut disk.clone(), &mut Sheets::default());
    assert!(
        matches!(&progress, Progress::Opened(it) if it.restored.is_some_and(|it| it.records == second) && it.records == last),
        "{progress:?}"
    );
    book.check(&book.disk, Some(second), &[]);
    // The two go on to the same chain, and to the same tree.
    let root = |depth| {
        let (mut disk, config) = (book.disk.clone(), Config { depth, ..book.config.clone() });
        disk::open(&config, &mut disk, &mut Sheets::default()).0.durable()
    };
    assert_eq!(root(Depth::Anchor), root(Depth::First));
    assert_eq!(root(Depth::Tail), root(Depth::Whole));
    assert_eq!(root(Depth::First), root(Depth::Whole));
}

#[test]
fn whoever_folds_the_log_comes_to_the_same_seal() {
    let mut book = Book::new("seal");
    book.fill(30);
    let (records, seal) = book.save();
    let mut point = Point::first(book.config.log);
    let mut found = None;
    let bytes = &book.disk.objects[&segment_object(1)];
    let mut verifier = antfarm_ledger::Verifier::new(book.config.log);
    verifier.begin(1, bytes.len() as u64, true).expect("the first");
    let mut sheets = Vec::new();
    let mut fold = |record: &Record<'_>| {
        if found.is_none() {
            point.pass(record);
            sheets.push(record.payload.bytes().unwrap_or_default().to_vec());
        }
        if point.records() == records && found.is_none() {
            let mut seal = Seal::begin(&point);
            sheets.iter().for_each(|sheet| seal.take(sheet));
            found = Some(seal.digest());
        }
    };
    verifier.feed(bytes, &mut fold).expect("it is whole");
    assert_eq!(found, Some(seal));
}

#[test]
fn what_no_record_vouches_for_is_passed_over() {
    let (mut book, [_, second]) = Book::bound("unbound");
    let (third, _) = book.save();
    book.fill(3);
    let unbound = [Discarded { records: third, reason: BadCheckpoint::Unbound }];
    book.check(&book.disk, Some(second), &unbound);
    // A record about something else binds nothing.
    book.append(BOUND, &to_bytes(&id("something else")));
    book.flush();
    book.check(&book.disk, Some(second), &unbound);
    // Whoever is to see all of the log looks at none.
    let (mut ledger, mut requests, mut disk) = (Ledger::new(book.config.clone()), VecDeque::new(), book.disk.clone());
    ledger.open_whole(&mut |request| requests.push_back(request));
    let seen = disk::settle(&mut ledger, &mut disk, &mut Sheets::default(), &mut requests);
    assert!(matches!(&seen[..], [Progress::Opened(opened)] if opened.restored.is_none()), "{seen:?}");
    assert_eq!(ledger.checkpoints(), [second, third]);
}

#[test]
fn every_damage_of_pieces_falls_back_to_the_checkpoint_before() {
    let (book, [first, second]) = Book::bound("damaged");
    let object = pieces_object(second);
    let length = book.disk.objects[&object].len();
    let passed_over = |disk: &Disk, reason| {
        book.check(disk, Some(first), &[Discarded { records: second, reason }]);
    };
    for at in (0..length).step_by(7) {
        let mut disk = book.disk.clone();
        disk.bytes(&object)[at] ^= 1 << (at % 8);
        passed_over(&disk, BadCheckpoint::Damaged);
    }
    for cut in (0..length).step_by(11) {
        let mut disk = book.disk.clone();
        disk.bytes(&object).truncate(cut);
        passed_over(&disk, BadCheckpoint::Damaged);
    }
    let mut disk = book.disk.clone();
    disk.objects.remove(&object);
    passed_over(&disk, BadCheckpoint::Damaged);
    // Those of another checkpoint: their frames hold, their seal does not.
    let mut other = Book::new("damaged");
    other.fill(40);
    other.save_and_bind();
    other.fill(39);
    let mut payload = [39; 30];
    payload[29] = 40;
    other.append(1, &payload);
    let (records, _) = other.save();
    assert_eq!((records, other.disk.objects[&object].len()), (second, length), "as long as the other");
    let mut disk = book.disk.clone();
    *disk.bytes(&object) = other.disk.objects[&object].clone();
    passed_over(&disk, BadCheckpoint::State);
    // Both gone: the log is read from its first record.
    for records in [first, second] {
        disk.objects.remove(&pieces_object(records));
    }
    let damaged = |records| Discarded { records, reason: BadCheckpoint::Damaged };
    book.check(&disk, None, &[damaged(second), damaged(first)]);
}

#[test]
fn pieces_without_a_checkpoint_are_removed() {
    let (mut book, [_, second]) = Book::bound("stray");
    let records = book.ledger.begin_checkpoint().expect("it may begin");
    assert_eq!(book.ledger.begin_checkpoint(), Err(CheckpointRefusal::Underway));
    book.ledger.piece(b"the first of many").expect("it was begun");
    book.flush();
    assert!(book.disk.objects.contains_key(&pieces_object(records)));
    let disk = book.check(&book.disk, Some(second), &[]);
    assert!(!disk.objects.contains_key(&pieces_object(records)));
}

#[test]
fn a_disk_without_room_for_pieces_costs_the_checkpoint_and_not_the_log() {
    let (mut book, checkpoints) = Book::bound("full");
    let records = book.ledger.begin_checkpoint().expect("it may begin");
    book.ledger.piece(&[1; 5000]).expect("it was begun");
    let mut requests = Vec::new();
    book.ledger.flush(&mut |request: Request| requests.push(request));
    assert_eq!(requests.len(), 1);
    let (ticket, mut more) = (requests[0].ticket, Vec::new());
    let receipt = Receipt { ticket, outcome: Outcome::Full };
    let progress = book.ledger.receive(receipt, &mut book.sheets, &mut |request| more.push(request.operation));
    assert_eq!(progress, Progress::Abandoned { records });
    assert_eq!(more, [checkpoint_object(records), pieces_object(records)].map(|object| Operation::Remove { object }));
    assert_eq!(book.ledger.piece(b"more"), Err(CheckpointRefusal::NotBegun));
    assert_eq!(book.ledger.finish_checkpoint(b""), Err(CheckpointRefusal::NotBegun));
    book.fill(5);
    let third = book.save_and_bind();
    assert_eq!(book.ledger.checkpoints(), [checkpoints[1], third]);
    assert!(!book.disk.objects.contains_key(&pieces_object(checkpoints[0])), "the oldest went with its pieces");
    book.check(&book.disk, Some(third), &[]);
}

#[test]
fn what_is_too_long_is_no_piece() {
    let mut book = Book::new("long");
    book.ledger.begin_checkpoint().expect("it may begin");
    let before = book.ledger.clone();
    assert!(matches!(book.ledger.piece(&vec![0; MAX_PIECE + 1]), Err(CheckpointRefusal::TooLong { .. })));
    assert_eq!(book.ledger, before);
    book.ledger.piece(&vec![0; MAX_PIECE]).expect("it is as long as may be");
}

#[test]
fn a_log_that_ends_before_its_checkpoint_is_refused() {
    let mut book = Book::with(Config { depth: Depth::Anchor, segment_bytes: 1 << 20, ..disk::config("short") });
    book.fill(10);
    let end = book.disk.objects[&segment_object(1)].len();
    let records = book.save_and_bind();
    let mut disk = book.disk.clone();
    disk.bytes(&segment_object(1)).truncate(end);
    // All that it stands for is there, and nothing that vouches for it.
    book.check_length(&disk, 11);
    disk.bytes(&segment_object(1)).truncate(end - 1);
    let Progress::Refused(refused) = book.opened_on(&disk).3 else { panic!("it opens") };
    assert_eq!(refused.reason, Reason::EndsBeforeCheckpoint { records });
}

#[test]
fn a_head_before_the_checkpoint_is_looked_for_in_the_whole_log() {
    let mut book = Book::new("known");
    book.fill(40);
    let head = book.ledger.durable().expect("open");
    book.fill(1);
    let records = book.save_and_bind();
    let opened = |records, digest| {
        let mut ledger = Ledger::new(book.config.clone());
        ledger.remember(records, digest);
        let (mut requests, mut disk) = (VecDeque::new(), book.disk.clone());
        ledger.open(&mut |request| requests.push_back(request));
        disk::settle(&mut ledger, &mut disk, &mut Sheets::default(), &mut requests).remove(0)
    };
    let found = opened(head.records, head.digest);
    assert!(matches!(&found, Progress::Opened(opened) if opened.restored.is_some_and(|it| it.records == records)), "{found:?}");
    for records in [head.records, records] {
        let found = opened(records, id("another"));
        assert!(matches!(&found, Progress::Refused(it) if it.reason == Reason::WrongHead { records }), "{found:?}");
    }
}
