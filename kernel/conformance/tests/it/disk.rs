//! A disk in memory that keeps the contract as narrowly as it may, and flaws that break it.

use antfarm_conformance::StorageRig;
use antfarm_machine::{Entry, MAX_APPEND, Object, Operation, Outcome, Receipt, Request, Ticket};
use std::collections::{BTreeMap, VecDeque};

/// One thing that an implementation gets wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flaw {
    ReadCreates,
    ReadFailsWhenMissing,
    StopsAtNul,
    WritesOnePage,
    PadsReads,
    AppendsAnywhere,
    ConflictNamesTheExpectation,
    ConflictAppends,
    TruncationExtends,
    TruncationCreates,
    TruncationForgetsOnlyTheLength,
    RemovalKeepsBytes,
    RemovalFailsWhenMissing,
    RemovalOnlyEmpties,
    ListsInOrderOfCreation,
    ListsWithoutTheLast,
    ListsOldLengths,
    FoldsNames,
    ShortensNames,
    TakesTooMuch,
    AnswersTwice,
    NeverAnswersConflicts,
    MixesUpTickets,
    AnswersReadsFirst,
    AnswersNewestFirst,
    PerformsReadsFirst,
    NeverSyncs,
    NeverSyncsTheFolder,
    NeverSyncsTruncations,
    NeverSyncsRemovals,
    TearsWithGarbage,
    TearsTheEnd,
    TearsBeyondTheEnd,
    AnswersAfterTheCrash,
}

#[derive(Default)]
pub(crate) struct Disk {
    flaw: Option<Flaw>,
    /// What reads see, in order of name, and what a crash goes back to.
    cache: BTreeMap<Object, Vec<u8>>,
    plate: BTreeMap<Object, Vec<u8>>,
    created: Vec<Object>,
    ghosts: BTreeMap<Object, Vec<u8>>,
    queue: VecDeque<Request>,
    again: Option<Receipt>,
}

fn cut(at: u64, bytes: &[u8]) -> usize {
    usize::try_from(at).map_or(bytes.len(), |at| at.min(bytes.len()))
}

impl Disk {
    pub(crate) fn with(flaw: Option<Flaw>) -> Self {
        Self { flaw, ..Self::default() }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn end(&self, object: &Object) -> u64 {
        self.cache.get(object).map_or(0, |bytes| bytes.len() as u64)
    }

    /// The object that a name leads to.
    fn resolve(&self, object: &Object) -> Object {
        let name = match self.flaw {
            Some(Flaw::FoldsNames) => object.name().replace('-', "_"),
            Some(Flaw::ShortensNames) => object.name().chars().take(63).collect(),
            _ => return object.clone(),
        };
        Object::new(&name).expect("still legal")
    }

    fn extend(&mut self, object: &Object, bytes: &[u8]) {
        if !self.cache.contains_key(object) {
            self.created.push(object.clone());
        }
        let content = self.cache.entry(object.clone()).or_default();
        content.extend_from_slice(bytes);
        if let Some(ghost) = self.ghosts.get(object) {
            content.extend(ghost.iter().skip(content.len()));
        }
    }

    fn list(&self) -> Vec<Entry> {
        let entry = |object: &Object| Entry { object: object.clone(), length: self.end(object) };
        match self.flaw {
            Some(Flaw::ListsInOrderOfCreation) => self.created.iter().map(entry).collect(),
            Some(Flaw::ListsWithoutTheLast) => self.cache.keys().rev().skip(1).rev().map(entry).collect(),
            Some(Flaw::ListsOldLengths) => self.cache.keys().map(|object| Entry { length: 1, ..entry(object) }).collect(),
            _ => self.cache.keys().map(entry).collect(),
        }
    }

    fn read(&mut self, object: Object, start: u64, end: u64) -> Outcome {
        if self.has(Flaw::ReadFailsWhenMissing) && !self.cache.contains_key(&object) {
            return Outcome::Failed;
        }
        if self.has(Flaw::ReadCreates) {
            self.extend(&object, b"");
        }
        let bytes = self.cache.get(&object).map_or(&[][..], |bytes| bytes);
        let mut found = bytes.get(cut(start, bytes)..cut(end, bytes)).unwrap_or_default().to_vec();
        if self.has(Flaw::StopsAtNul) {
            found = found.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
        }
        if self.has(Flaw::PadsReads) && end < 100 && start < end {
            found.resize(usize::try_from(end - start).expect("small"), 0);
        }
        Outcome::Data(found)
    }

    fn append(&mut self, object: &Object, expected_end: u64, mut bytes: Vec<u8>) -> Outcome {
        let end = self.end(object);
        if bytes.len() > MAX_APPEND && !self.has(Flaw::TakesTooMuch) {
            return Outcome::Failed;
        }
        if self.has(Flaw::WritesOnePage) {
            bytes.truncate(65_536);
        }
        if end == expected_end || self.has(Flaw::AppendsAnywhere) {
            self.extend(object, &bytes);
            return Outcome::Done;
        }
        if self.has(Flaw::ConflictAppends) {
            self.extend(object, &bytes);
        }
        Outcome::Conflict { end: if self.has(Flaw::ConflictNamesTheExpectation) { expected_end } else { end } }
    }

    fn truncate(&mut self, object: &Object, length: u64) {
        if self.has(Flaw::TruncationCreates) {
            self.extend(object, b"");
        }
        let extends = self.has(Flaw::TruncationExtends) && length < 100;
        let forgets = self.has(Flaw::TruncationForgetsOnlyTheLength);
        if let Some(bytes) = self.cache.get_mut(object) {
            if forgets {
                self.ghosts.insert(object.clone(), bytes.clone());
            }
            bytes.truncate(cut(length, bytes));
            if extends {
                bytes.resize(usize::try_from(length).expect("small"), 0);
            }
        }
    }

    fn remove(&mut self, object: &Object) -> Outcome {
        self.created.retain(|it| it != object);
        if self.has(Flaw::RemovalOnlyEmpties) {
            self.cache.insert(object.clone(), Vec::new());
            return Outcome::Done;
        }
        match self.cache.remove(object) {
            Some(bytes) if self.has(Flaw::RemovalKeepsBytes) => drop(self.ghosts.insert(object.clone(), bytes)),
            None if self.has(Flaw::RemovalFailsWhenMissing) => return Outcome::Failed,
            Some(_) | None => {}
        }
        Outcome::Done
    }

    fn perform(&mut self, operation: Operation) -> Outcome {
        match operation {
            Operation::List => Outcome::Listed(self.list()),
            Operation::Read { object, range } => self.read(self.resolve(&object), range.start, range.end),
            Operation::AppendAt { object, expected_end, bytes } => self.append(&self.resolve(&object), expected_end, bytes),
            Operation::Truncate { object, length } => {
                self.truncate(&self.resolve(&object), length);
                Outcome::Done
            }
            Operation::Remove { object } => self.remove(&self.resolve(&object)),
        }
    }

    /// Makes durable what the operation changed.
    fn sync(&mut self, operation: &Operation) {
        let lost = match operation {
            Operation::List | Operation::Read { .. } => true,
            Operation::AppendAt { expected_end, .. } => {
                self.has(Flaw::NeverSyncs) || (*expected_end == 0 && self.has(Flaw::NeverSyncsTheFolder))
            }
            Operation::Truncate { .. } => self.has(Flaw::NeverSyncsTruncations),
            Operation::Remove { .. } => self.has(Flaw::NeverSyncsRemovals),
        };
        if let Some(object) = operation.object().filter(|_| !lost) {
            match self.cache.get(object) {
                Some(bytes) => self.plate.insert(object.clone(), bytes.clone()),
                None => self.plate.remove(object),
            };
        }
    }

    /// Which request is served next.
    fn choose(&self) -> usize {
        let quick = |it: &Request| matches!(it.operation, Operation::Read { .. } | Operation::List);
        match self.flaw {
            Some(Flaw::AnswersReadsFirst) => self.queue.iter().position(quick).unwrap_or(0),
            Some(Flaw::AnswersNewestFirst) => self.queue.len() - 1,
            // Within the contract: the last object asked for goes first, each object by its own order.
            _ => {
                let object = self.queue.back().and_then(|last| last.operation.object());
                self.queue.iter().position(|it| it.operation.object() == object).unwrap_or(0)
            }
        }
    }

    /// What the append under way leaves: half of it, the rest zeros, as the contract allows; or worse.
    fn tear(&mut self) {
        let Some(Request { operation: Operation::AppendAt { object, expected_end, bytes }, .. }) = self.queue.pop_front() else {
            return;
        };
        if self.end(&object) != expected_end {
            return;
        }
        let (half, rest) = bytes.split_at(bytes.len() / 2);
        let filler = if self.has(Flaw::TearsWithGarbage) { 0x55 } else { 0 };
        let plate = self.plate.entry(object).or_default();
        if let Some(last) = plate.last_mut().filter(|_| self.flaw == Some(Flaw::TearsTheEnd)) {
            *last ^= 1;
        }
        plate.extend_from_slice(half);
        plate.extend(rest.iter().map(|_| filler));
        if self.flaw == Some(Flaw::TearsBeyondTheEnd) {
            plate.resize(plate.len() + 9_000, 0);
        }
    }
}

impl StorageRig for Disk {
    fn submit(&mut self, request: Request) {
        self.queue.push_back(request);
    }

    fn next(&mut self) -> Option<Receipt> {
        if let Some(again) = self.again.take() {
            return Some(again);
        }
        if self.queue.is_empty() {
            return None;
        }
        let Request { ticket, operation } = self.queue.remove(self.choose())?;
        if self.has(Flaw::PerformsReadsFirst)
            && let Some(Request { operation: Operation::Truncate { object, length }, .. }) = self.queue.front()
        {
            self.truncate(&object.clone(), *length);
        }
        let outcome = self.perform(operation.clone());
        self.sync(&operation);
        if self.has(Flaw::NeverAnswersConflicts) && matches!(outcome, Outcome::Conflict { .. }) {
            return self.next();
        }
        let ticket = if self.has(Flaw::MixesUpTickets) { Ticket(ticket.0 ^ 1) } else { ticket };
        let receipt = Receipt { ticket, outcome };
        self.again = self.has(Flaw::AnswersTwice).then(|| receipt.clone());
        Some(receipt)
    }

    fn crash(&mut self) {
        if self.has(Flaw::AnswersAfterTheCrash) {
            return;
        }
        self.tear();
        self.queue.clear();
        self.ghosts.clear();
        self.cache = self.plate.clone();
        self.created = self.cache.keys().cloned().collect();
    }
}
