//! A disk in memory that keeps the contract of `Storage`, and a hand that drives a ledger on it.

use antfarm_identity::{Digest, Domain, Signer};
use antfarm_ledger::{Config, Depth, Ledger, Progress, Projection};
use antfarm_machine::{Entry, Object, Operation, Outcome, Receipt, Request};
use std::collections::{BTreeMap, VecDeque};

/// Objects and their bytes, all durable.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Disk {
    pub(crate) objects: BTreeMap<Object, Vec<u8>>,
    /// The longest range that was asked for.
    pub(crate) longest_read: u64,
}

impl Disk {
    /// Does what is asked, at once.
    pub(crate) fn answer(&mut self, request: Request) -> Receipt {
        let outcome = match request.operation {
            Operation::List => Outcome::Listed(
                self.objects.iter().map(|(object, bytes)| Entry { object: object.clone(), length: bytes.len() as u64 }).collect(),
            ),
            Operation::Read { object, range } => {
                self.longest_read = self.longest_read.max(range.end - range.start);
                let bytes = self.objects.get(&object).map_or(&[][..], Vec::as_slice);
                let end = usize::try_from(range.end).expect("small").min(bytes.len());
                let start = usize::try_from(range.start).expect("small").min(end);
                Outcome::Data(bytes[start..end].to_vec())
            }
            Operation::AppendAt { object, expected_end, bytes } => {
                let end = self.objects.get(&object).map_or(0, Vec::len) as u64;
                if end == expected_end {
                    self.objects.entry(object).or_default().extend(bytes);
                    Outcome::Done
                } else {
                    Outcome::Conflict { end }
                }
            }
            Operation::Truncate { object, length } => {
                if let Some(bytes) = self.objects.get_mut(&object) {
                    bytes.truncate(usize::try_from(length).expect("small"));
                }
                Outcome::Done
            }
            Operation::Remove { object } => {
                self.objects.remove(&object);
                Outcome::Done
            }
        };
        Receipt { ticket: request.ticket, outcome }
    }

    /// The bytes of an object that must be there.
    pub(crate) fn bytes(&mut self, object: &Object) -> &mut Vec<u8> {
        self.objects.get_mut(object).expect("the object is there")
    }
}

pub(crate) const TEST: Domain = Domain::new("antfarm 2026 ledger tests");

/// The id that a name stands for in tests.
pub(crate) fn id(name: &str) -> Digest {
    Digest::of(TEST, name.as_bytes())
}

/// Small segments, everything checked at opening.
pub(crate) fn config(name: &str) -> Config {
    let base = Config::new(id(name), Signer::insecure(1));
    Config { segment_bytes: 15 << 10, depth: Depth::Whole, ..base }
}

/// Answers requests until there are none, and collects what the ledger made of it.
pub(crate) fn settle(
    ledger: &mut Ledger,
    disk: &mut Disk,
    projection: &mut impl Projection,
    requests: &mut VecDeque<Request>,
) -> Vec<Progress> {
    let mut seen = Vec::new();
    while let Some(request) = requests.pop_front() {
        let receipt = disk.answer(request);
        match ledger.receive(receipt, projection, &mut |request| requests.push_back(request)) {
            Progress::None => {}
            progress @ (Progress::Opened(_)
            | Progress::Durable(_)
            | Progress::Checkpointed { .. }
            | Progress::Piece
            | Progress::Abandoned { .. }
            | Progress::Refused(_)
            | Progress::Stopped(_)) => seen.push(progress),
        }
    }
    seen
}

/// Opens the log on `disk`; the ledger and what came of it.
pub(crate) fn open(config: &Config, disk: &mut Disk, projection: &mut impl Projection) -> (Ledger, Progress) {
    let mut ledger = Ledger::new(config.clone());
    let mut requests = VecDeque::new();
    ledger.open(&mut |request| requests.push_back(request));
    let mut seen = settle(&mut ledger, disk, projection, &mut requests);
    assert_eq!(seen.len(), 1, "opening ends in one way: {seen:?}");
    (ledger, seen.remove(0))
}

/// Sends what waits, and answers it.
pub(crate) fn flush(ledger: &mut Ledger, disk: &mut Disk, projection: &mut impl Projection) -> Vec<Progress> {
    let mut requests = VecDeque::new();
    ledger.flush(&mut |request| requests.push_back(request));
    settle(ledger, disk, projection, &mut requests)
}
