//! One group: requests that were judged in order, with the block that makes their changes durable.
//!
//! A request is judged by what those before it in the group will have made, and carried out only when the whole block is durable.

use crate::change::{self, Change, Kind};
use crate::journal::BLOCK_HEAD;
use antfarm_machine::{Object, Operation, Outcome, Ticket};
use std::collections::BTreeMap;
use std::ops::Range;

/// A group takes no more requests when its appends have so many bytes.
pub const GROUP_BYTES: usize = 4 << 20;

/// The most objects that one group is about: fewer than files are open, so that none of them is closed meanwhile.
pub const GROUP_OBJECTS: usize = 32;

const _: () = assert!(GROUP_OBJECTS < crate::handles::MAX_HANDLES);

/// What is to be done for one request.
pub(crate) enum Step {
    Answer(Outcome),
    List,
    Read { object: Object, range: Range<u64> },
    Change(Change),
}

/// What an object will be.
#[derive(Clone, Copy)]
pub(crate) struct Staged {
    /// Its length; `None` when it does not exist.
    pub(crate) length: Option<u64>,
    /// It was cut or removed in this group: room that is reserved now would be given back then.
    pub(crate) cut: bool,
}

pub(crate) struct Group {
    pub(crate) steps: Vec<(Ticket, Step)>,
    /// Every object that the group is about.
    pub(crate) staged: BTreeMap<Object, Staged>,
    /// Objects that were made to reserve room for them.
    pub(crate) made: Vec<Object>,
    /// The block, with room for its head.
    pub(crate) block: Vec<u8>,
    pub(crate) changes: u64,
}

impl Group {
    pub(crate) fn new() -> Self {
        Self { steps: Vec::new(), staged: BTreeMap::new(), made: Vec::new(), block: vec![0; BLOCK_HEAD], changes: 0 }
    }

    /// Whether this is a request of the group, or of the next one.
    pub(crate) fn takes(&self, operation: &Operation) -> bool {
        let fits = match operation.object().map(|object| self.staged.get(object)) {
            None => true,
            Some(None) => self.staged.len() < GROUP_OBJECTS,
            Some(Some(staged)) => !(staged.cut && matches!(operation, Operation::AppendAt { .. })),
        };
        fits && self.block.len() < GROUP_BYTES
    }

    pub(crate) fn append(&mut self, object: Object, offset: u64, bytes: &[u8]) -> Step {
        let range = change::write(&mut self.block, Kind::Append, &object, offset, bytes);
        self.stage(&object, Some(offset + bytes.len() as u64), false);
        Step::Change(Change::Append { object, offset, bytes: range })
    }

    pub(crate) fn truncate(&mut self, object: Object, length: u64) -> Step {
        change::write(&mut self.block, Kind::Truncate, &object, length, &[]);
        self.stage(&object, Some(length), true);
        Step::Change(Change::Truncate { object, length })
    }

    pub(crate) fn remove(&mut self, object: Object) -> Step {
        change::write(&mut self.block, Kind::Remove, &object, 0, &[]);
        self.stage(&object, None, true);
        Step::Change(Change::Remove { object })
    }

    fn stage(&mut self, object: &Object, length: Option<u64>, cut: bool) {
        self.staged.insert(object.clone(), Staged { length, cut });
        self.changes += 1;
    }
}
