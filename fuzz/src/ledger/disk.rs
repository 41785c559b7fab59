//! A disk that keeps the contract of `Storage` to the letter, and no more: requests on different objects are answered in any
//! order, and what was asked and not answered may have happened wholly, partly or not at all when the power goes.

use crate::draw::Draw;
use antfarm_machine::{Entry, Object, Operation, Outcome, Receipt, Request};
use std::collections::{BTreeMap, BTreeSet};

/// Objects, all durable, and the requests that were not answered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Disk {
    pub(crate) objects: BTreeMap<Object, Vec<u8>>,
    pub(crate) pending: Vec<Request>,
}

impl Disk {
    /// Takes the `nth` request that may be answered now, counting round: the oldest of each object.
    pub(crate) fn take(&mut self, nth: usize) -> Option<Request> {
        let mine = |at: usize| self.pending[at].operation.object();
        let ready: Vec<usize> = (0..self.pending.len()).filter(|&at| (0..at).all(|before| mine(before) != mine(at))).collect();
        let at = *ready.get(nth.checked_rem(ready.len())?)?;
        Some(self.pending.remove(at))
    }

    /// Does what is asked.
    pub(crate) fn perform(&mut self, operation: &Operation) -> Outcome {
        let length = |object| self.objects.get(object).map_or(0, Vec::len);
        match operation {
            Operation::List => {
                let entry = |(object, bytes): (&Object, &Vec<u8>)| Entry { object: object.clone(), length: bytes.len() as u64 };
                Outcome::Listed(self.objects.iter().map(entry).collect())
            }
            Operation::Read { object, range } => {
                let limit = |at: u64| usize::try_from(at).map_or(length(object), |at| at.min(length(object)));
                let bytes = self.objects.get(object).and_then(|bytes| bytes.get(limit(range.start)..limit(range.end)));
                Outcome::Data(bytes.unwrap_or_default().to_vec())
            }
            Operation::AppendAt { object, expected_end, .. } if length(object) as u64 != *expected_end => {
                Outcome::Conflict { end: length(object) as u64 }
            }
            Operation::AppendAt { object, bytes, .. } => {
                self.objects.entry(object.clone()).or_default().extend(bytes);
                Outcome::Done
            }
            Operation::Truncate { object, length } => {
                if let Some(bytes) = self.objects.get_mut(object) {
                    bytes.truncate(usize::try_from(*length).unwrap_or(usize::MAX));
                }
                Outcome::Done
            }
            Operation::Remove { object } => {
                self.objects.remove(object);
                Outcome::Done
            }
        }
    }

    /// Does the `nth` request that may be answered now, and answers it.
    pub(crate) fn answer(&mut self, nth: usize) -> Option<Receipt> {
        let Request { ticket, operation } = self.take(nth)?;
        Some(Receipt { ticket, outcome: self.perform(&operation) })
    }

    /// Does some of what is asked: of an append a prefix, perhaps followed by zeros up to its length; of anything else all or
    /// nothing.
    pub(crate) fn partly(&mut self, operation: Operation, part: u16) {
        match operation {
            Operation::AppendAt { object, expected_end, mut bytes } => {
                let (length, part) = (bytes.len(), usize::from(part));
                bytes.truncate(part % (length + 1));
                if part.is_multiple_of(5) {
                    bytes.resize(length, 0);
                }
                self.perform(&Operation::AppendAt { object, expected_end, bytes });
            }
            Operation::List | Operation::Read { .. } => {}
            Operation::Truncate { .. } | Operation::Remove { .. } => {
                if part.is_multiple_of(2) {
                    self.perform(&operation);
                }
            }
        }
    }

    /// The power goes: of each object's requests some were done, the next one partly, the others not.
    pub(crate) fn crash(&mut self, draw: &mut Draw<'_>) {
        let mut stuck = BTreeSet::new();
        for Request { operation, .. } in std::mem::take(&mut self.pending) {
            let Some(object) = operation.object().cloned() else { continue };
            if stuck.contains(&object) {
                continue;
            }
            let how = draw.word();
            if how.is_multiple_of(3) {
                stuck.insert(object);
                self.partly(operation, how / 3);
            } else {
                self.perform(&operation);
            }
        }
    }
}
