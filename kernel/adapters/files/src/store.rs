//! Storage without a thread: groups of requests in, receipts out.
//!
//! A group is judged, made durable in the journal, carried out in the files and answered, in this order.

use crate::change::{self, Change};
use crate::counters::Counters;
use crate::disk::{Disk, is_full};
use crate::group::{Group, Staged, Step};
use crate::handles::{Handles, Room};
use crate::journal::{Bad, JOURNAL_BYTES, Journal};
use crate::open_error::OpenError;
use antfarm_machine::{Entry, MAX_APPEND, Object, Operation, Outcome, Receipt, Request};
use std::collections::{BTreeSet, VecDeque};
use std::io;

/// When more objects than this failed, all are taken to have.
const MAX_FAILED: usize = 64;

/// The objects on one disk. Whoever has it calls [`Store::perform`]; [`crate::Files`] does so in a thread.
pub struct Store<D: Disk> {
    disk: D,
    journal: Journal<D::File>,
    handles: Handles<D::File>,
    counters: Counters,
    health: Health,
}

enum Health {
    Well {
        /// These objects failed; the others are well.
        failed: BTreeSet<Object>,
        /// Not everything that the journal says could be carried out, so the journal must stay.
        behind: bool,
    },
    /// Nothing is known any more.
    Failed,
}

/// What came of a group's block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Committed {
    /// It is durable; or there is nothing to be made durable.
    Durable,
    /// There is no room for it, and nothing changed.
    Full,
    Failed,
}

impl<D: Disk> Store<D> {
    /// Opens the objects on a disk: does again what its journal says, as it may not be in the files.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn open(disk: D) -> Result<Self, OpenError> {
        Self::sized(disk, JOURNAL_BYTES)
    }

    /// The same, with a journal that is begun anew after so many bytes.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn sized(mut disk: D, journal_bytes: u64) -> Result<Self, OpenError> {
        let counters = Counters::default();
        let journal = Journal::open(&mut disk, journal_bytes).map_err(|bad| match bad {
            Bad::Foreign(format) => OpenError::Foreign { folder: disk.place().to_owned(), format },
            Bad::Io(doing, error) => OpenError::of(disk.place(), doing, error),
        })?;
        let handles = Handles::new(counters.clone());
        let health = Health::Well { failed: BTreeSet::new(), behind: false };
        let mut store = Self { disk, journal, handles, counters, health };
        match store.replay() {
            Ok(()) => Ok(store),
            Err(error) => Err(OpenError::of(store.disk.place(), "doing what the journal says", error)),
        }
    }

    /// What was done since the store was opened.
    pub fn counters(&self) -> Counters {
        self.counters.clone()
    }

    /// Performs all requests in order; each is answered when what it and those before it in its group changed is durable.
    pub fn perform(&mut self, requests: &mut VecDeque<Request>, mut answer: impl FnMut(Receipt)) {
        while !requests.is_empty() {
            let mut group = self.judge(requests);
            let committed = self.commit(&mut group);
            for (ticket, step) in std::mem::take(&mut group.steps) {
                let outcome = self.carry_out(&group, step, committed);
                self.count(&outcome);
                answer(Receipt { ticket, outcome });
            }
        }
    }

    /// Syncs the objects' files and begins the journal anew. Drop without it, and the next opening does what is left to do.
    pub fn close(mut self) {
        if !self.journal.is_empty() && self.settle() {
            // Room that is not given back is no loss of anybody's bytes.
            self.handles.close(&mut self.disk).unwrap_or_default();
        }
    }

    fn replay(&mut self) -> io::Result<()> {
        while let Some(body) = self.journal.replay(&mut self.disk)? {
            let mut at = 0;
            while let Some(change) = change::read(&body, &mut at) {
                self.redo(&change, &body)?;
            }
            if at != body.len() {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        self.handles.sync(&mut self.disk)?;
        self.journal.begin(&mut self.disk, &self.counters)
    }

    /// Does a change that may have been done, wholly or in part, and others after it.
    fn redo(&mut self, change: &Change, block: &[u8]) -> io::Result<()> {
        let (Change::Append { object, .. } | Change::Truncate { object, .. } | Change::Remove { object }) = change;
        let length = self.handles.length(&mut self.disk, object)?.unwrap_or(0);
        match change {
            // A later change in the journal cut or removed the object, and is there already. It cuts or removes these bytes too.
            Change::Append { offset, .. } if length < *offset => {}
            Change::Append { .. } | Change::Truncate { .. } | Change::Remove { .. } => self.make(change, block)?,
        }
        self.handles.doubt(&mut self.disk, object)
    }

    fn make(&mut self, change: &Change, block: &[u8]) -> io::Result<()> {
        match change {
            Change::Append { object, offset, bytes } => {
                self.handles.write(&mut self.disk, object, *offset, &block[bytes.clone()])
            }
            Change::Truncate { object, length } => self.handles.truncate(&mut self.disk, object, *length),
            Change::Remove { object } => self.handles.remove(&mut self.disk, object),
        }
    }

    /// Takes as many requests as fit into a group.
    fn judge(&mut self, requests: &mut VecDeque<Request>) -> Group {
        let mut group = Group::new();
        while let Some(Request { ticket, operation }) = requests.pop_front_if(|next| group.takes(&next.operation)) {
            let step = self.step(&mut group, operation);
            group.steps.push((ticket, step));
        }
        assert!(!group.steps.is_empty(), "an empty group takes any request");
        group
    }

    fn step(&mut self, group: &mut Group, operation: Operation) -> Step {
        let Some(object) = operation.object().cloned() else {
            return if self.is_well() { Step::List } else { Step::Answer(Outcome::Failed) };
        };
        let staged = match self.stage(group, &object) {
            Ok(staged) => staged,
            Err(outcome) => return Step::Answer(outcome),
        };
        match operation {
            Operation::List => Step::List,
            Operation::Read { object, range } => Step::Read { object, range },
            Operation::AppendAt { bytes, .. } if bytes.len() > MAX_APPEND => Step::Answer(Outcome::Failed),
            Operation::AppendAt { object, expected_end, bytes } => {
                let end = staged.length.unwrap_or(0);
                if end != expected_end {
                    return Step::Answer(Outcome::Conflict { end });
                }
                let Some(new_end) = end.checked_add(bytes.len() as u64) else { return Step::Answer(Outcome::Full) };
                match self.handles.reserve(&mut self.disk, &object, new_end) {
                    Ok(Room::Full) => return Step::Answer(Outcome::Full),
                    Ok(Room::Made) => group.made.push(object.clone()),
                    Ok(Room::Reserved) => {}
                    Err(_) => return Step::Answer(self.fail(&object, false)),
                }
                group.append(object, end, &bytes)
            }
            Operation::Truncate { object, length } if staged.length.is_some_and(|now| now > length) => {
                group.truncate(object, length)
            }
            Operation::Remove { object } if staged.length.is_some() => group.remove(object),
            Operation::Truncate { .. } | Operation::Remove { .. } => Step::Answer(Outcome::Done),
        }
    }

    /// What the group will have made of an object so far.
    fn stage(&mut self, group: &mut Group, object: &Object) -> Result<Staged, Outcome> {
        let well = match &self.health {
            Health::Well { failed, .. } => !failed.contains(object),
            Health::Failed => false,
        };
        if !well {
            return Err(Outcome::Failed);
        }
        if let Some(staged) = group.staged.get(object) {
            return Ok(*staged);
        }
        match self.handles.length(&mut self.disk, object) {
            Ok(length) => Ok(*group.staged.entry(object.clone()).or_insert(Staged { length, cut: false })),
            Err(_) => Err(self.fail(object, false)),
        }
    }

    /// Makes the group's changes durable.
    fn commit(&mut self, group: &mut Group) -> Committed {
        if !self.is_well() {
            return Committed::Failed;
        }
        if group.changes == 0 {
            return Committed::Durable;
        }
        if !self.journal.fits(&group.block) && !self.settle() {
            return Committed::Failed;
        }
        let mut room = self.journal.make_room(&mut self.disk, &group.block);
        if room.as_ref().is_err_and(is_full) && !self.journal.is_empty() {
            // The beginning of the journal may have room enough.
            if !self.settle() {
                return Committed::Failed;
            }
            room = self.journal.make_room(&mut self.disk, &group.block);
        }
        if room.as_ref().is_err_and(is_full) {
            let undone = group.made.iter().try_for_each(|object| self.handles.remove(&mut self.disk, object));
            return if undone.is_ok() { Committed::Full } else { self.fail_all() };
        }
        // INVARIANT(durable-before-visible): no file is changed and nothing is answered before this sync came back.
        match room.and_then(|()| self.journal.commit(&mut self.disk, &mut group.block, &self.counters)) {
            Ok(()) => {
                self.counters.group(group.changes);
                Committed::Durable
            }
            Err(_) => self.fail_all(),
        }
    }

    fn carry_out(&mut self, group: &Group, step: Step, committed: Committed) -> Outcome {
        if committed == Committed::Failed || !self.is_well() {
            return Outcome::Failed;
        }
        match step {
            // It conflicts with what there was no room for.
            Step::Answer(Outcome::Conflict { .. }) if committed == Committed::Full => Outcome::Full,
            Step::Answer(outcome) => outcome,
            Step::List => self.list().map_or(Outcome::Failed, Outcome::Listed),
            Step::Read { object, .. } if self.has_failed(&object) => Outcome::Failed,
            Step::Read { object, range } => {
                self.handles.read(&mut self.disk, &object, range).map_or(Outcome::Failed, Outcome::Data)
            }
            Step::Change(_) if committed == Committed::Full => Outcome::Full,
            Step::Change(change) => self.change(&change, &group.block),
        }
    }

    fn change(&mut self, change: &Change, block: &[u8]) -> Outcome {
        let (Change::Append { object, .. } | Change::Truncate { object, .. } | Change::Remove { object }) = change;
        if self.has_failed(object) {
            return Outcome::Failed;
        }
        match self.make(change, block) {
            Ok(()) => {
                if let Change::Append { bytes, .. } = change {
                    self.counters.append(bytes.len() as u64);
                }
                Outcome::Done
            }
            Err(_) => self.fail(object, true),
        }
    }

    fn list(&mut self) -> io::Result<Vec<Entry>> {
        let objects = self.disk.list()?.into_iter().filter_map(|(name, length)| Some((Object::new(&name).ok()?, length)));
        let mut entries: Vec<Entry> = objects.map(|(object, length)| Entry { object, length }).collect();
        entries.sort_unstable_by(|a, b| a.object.cmp(&b.object));
        Ok(entries)
    }

    /// Makes the files say all that the journal says, and begins the journal anew; whether that went well.
    fn settle(&mut self) -> bool {
        let behind = match &self.health {
            Health::Well { behind, .. } => *behind,
            Health::Failed => true,
        };
        let settled =
            !behind && self.handles.sync(&mut self.disk).is_ok() && self.journal.begin(&mut self.disk, &self.counters).is_ok();
        if settled {
            self.counters.settled();
        } else {
            self.fail_all();
        }
        settled
    }

    fn is_well(&self) -> bool {
        matches!(self.health, Health::Well { .. })
    }

    fn has_failed(&self, object: &Object) -> bool {
        match &self.health {
            Health::Well { failed, .. } => failed.contains(object),
            Health::Failed => true,
        }
    }

    /// Notes that an object failed, before or after its change was in the journal.
    fn fail(&mut self, object: &Object, committed: bool) -> Outcome {
        if let Health::Well { failed, behind } = &mut self.health {
            failed.insert(object.clone());
            *behind |= committed;
            if failed.len() > MAX_FAILED || self.handles.lost() {
                self.health = Health::Failed;
            }
        }
        Outcome::Failed
    }

    fn fail_all(&mut self) -> Committed {
        self.health = Health::Failed;
        Committed::Failed
    }

    fn count(&self, outcome: &Outcome) {
        self.counters.request();
        match outcome {
            Outcome::Full => self.counters.full(),
            Outcome::Failed => self.counters.failed(),
            Outcome::Done | Outcome::Data(_) | Outcome::Listed(_) | Outcome::Conflict { .. } => {}
        }
    }
}
