//! The kit's side of the counter: numbers requests, matches receipts, and notices on every occasion when one is wrong.

use super::StorageRig;
use crate::Breach;
use crate::clause::ensure;
use antfarm_machine::{Object, Operation, Outcome, Receipt, Request, Ticket};
use std::ops::Range;

/// Submits to a rig and receives from it.
pub(super) struct Desk<'a, R> {
    rig: &'a mut R,
    next: u64,
    /// What was asked and not answered, in order.
    waiting: Vec<(Ticket, Operation)>,
}

/// The object with this name.
pub(super) fn object(name: &str) -> Object {
    Object::new(name).expect("the kit's names are legal")
}

/// Bytes that tell where they belong: no two places of an object look alike for long.
pub(super) fn pattern(length: usize) -> Vec<u8> {
    (1..=length as u64).map(|at| at.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()[0]).collect()
}

impl<'a, R: StorageRig> Desk<'a, R> {
    pub(super) fn new(rig: &'a mut R) -> Self {
        Self { rig, next: 0, waiting: Vec::new() }
    }

    /// Submits without waiting.
    pub(super) fn submit(&mut self, operation: Operation) -> Ticket {
        let ticket = Ticket(self.next);
        self.next += 1;
        self.waiting.push((ticket, operation.clone()));
        self.rig.submit(Request { ticket, operation });
        ticket
    }

    /// The next receipt, with what it answers. It must be for the oldest request on its object.
    pub(super) fn receive(&mut self) -> Result<(Operation, Outcome), Breach> {
        let Some(Receipt { ticket, outcome }) = self.rig.next() else {
            return Err(Breach::new(format!("no receipt came for {:?}", self.waiting)));
        };
        let Some(at) = self.waiting.iter().position(|(waiting, _)| *waiting == ticket) else {
            return Err(Breach::new(format!("a receipt came for {ticket:?}, which is not waiting for one: {outcome:?}")));
        };
        let (_, operation) = self.waiting.remove(at);
        let earlier = self.waiting[..at].iter().find(|(_, earlier)| earlier.object() == operation.object());
        ensure(earlier.is_none(), || format!("the receipt for {operation:?} overtook that for {earlier:?}"))?;
        Ok((operation, outcome))
    }

    /// Submits and waits for the outcome; nothing else may be waiting.
    pub(super) fn ask(&mut self, operation: Operation) -> Result<Outcome, Breach> {
        assert!(self.waiting.is_empty(), "the kit asks one thing at a time, or submits");
        self.submit(operation);
        self.receive().map(|(_, outcome)| outcome)
    }

    /// Submits and demands this outcome.
    pub(super) fn expect(&mut self, operation: Operation, expected: &Outcome) -> Result<(), Breach> {
        let asked = format!("{operation:?}");
        let outcome = self.ask(operation)?;
        ensure(outcome == *expected, || format!("{asked} was answered with {outcome:?} instead of {expected:?}"))
    }

    /// Demands that nothing more comes.
    pub(super) fn expect_silence(&mut self) -> Result<(), Breach> {
        let receipt = self.rig.next();
        ensure(receipt.is_none(), || format!("nothing was waiting for a receipt, yet one came: {receipt:?}"))
    }

    pub(super) fn append(&mut self, object: &Object, expected_end: u64, bytes: &[u8]) -> Result<(), Breach> {
        self.expect(append_at(object, expected_end, bytes), &Outcome::Done)
    }

    pub(super) fn truncate(&mut self, object: &Object, length: u64) -> Result<(), Breach> {
        self.expect(Operation::Truncate { object: object.clone(), length }, &Outcome::Done)
    }

    pub(super) fn remove(&mut self, object: &Object) -> Result<(), Breach> {
        self.expect(Operation::Remove { object: object.clone() }, &Outcome::Done)
    }

    pub(super) fn read(&mut self, object: &Object, range: Range<u64>) -> Result<Vec<u8>, Breach> {
        match self.ask(Operation::Read { object: object.clone(), range })? {
            Outcome::Data(bytes) => Ok(bytes),
            other @ (Outcome::Done | Outcome::Listed(_) | Outcome::Conflict { .. } | Outcome::Full | Outcome::Failed) => {
                Err(Breach::new(format!("a read of `{object}` was answered with {other:?}")))
            }
        }
    }

    /// Demands that the object holds exactly these bytes.
    pub(super) fn expect_content(&mut self, object: &Object, expected: &[u8]) -> Result<(), Breach> {
        let bytes = self.read(object, 0..u64::MAX)?;
        ensure(bytes == expected, || format!("`{object}` {}", difference(&bytes, expected)))
    }

    /// The listing, as names and lengths.
    pub(super) fn list(&mut self) -> Result<Vec<(String, u64)>, Breach> {
        match self.ask(Operation::List)? {
            Outcome::Listed(entries) => Ok(entries.into_iter().map(|it| (it.object.name().to_owned(), it.length)).collect()),
            other @ (Outcome::Done | Outcome::Data(_) | Outcome::Conflict { .. } | Outcome::Full | Outcome::Failed) => {
                Err(Breach::new(format!("a listing was answered with {other:?}")))
            }
        }
    }

    /// Demands exactly this listing.
    pub(super) fn expect_list(&mut self, expected: &[(&str, u64)]) -> Result<(), Breach> {
        let list = self.list()?;
        let equal = list.iter().map(|(name, length)| (name.as_str(), *length)).eq(expected.iter().copied());
        ensure(equal, || format!("the listing is {list:?} instead of {expected:?}"))
    }

    /// Pulls the plug; what was not answered never will be.
    pub(super) fn crash(&mut self) {
        self.waiting.clear();
        self.next = 0;
        self.rig.crash();
    }
}

pub(super) fn append_at(object: &Object, expected_end: u64, bytes: &[u8]) -> Operation {
    Operation::AppendAt { object: object.clone(), expected_end, bytes: bytes.to_vec() }
}

/// Where two contents part.
fn difference(found: &[u8], expected: &[u8]) -> String {
    match found.iter().zip(expected).position(|(a, b)| a != b) {
        Some(at) => format!("holds {:#04x} instead of {:#04x} at byte {at}", found[at], expected[at]),
        None => format!("has {} bytes instead of {}", found.len(), expected.len()),
    }
}
