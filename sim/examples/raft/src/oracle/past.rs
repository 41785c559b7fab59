//! What was committed: a record for each of the latest positions, by position.

use std::collections::VecDeque;

/// How many positions are remembered; several times what a log's window holds.
const POSITIONS: usize = 8192;

/// Records of consecutive positions, of which the oldest are forgotten.
#[derive(Clone, Debug)]
pub(super) struct Past<T> {
    first: u64,
    records: VecDeque<T>,
}

impl<T> Default for Past<T> {
    fn default() -> Self {
        Self { first: 1, records: VecDeque::new() }
    }
}

impl<T> Past<T> {
    /// The oldest position that is remembered; one past [`Past::last`] when there is none.
    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    /// The latest position.
    pub(super) fn last(&self) -> u64 {
        self.first + self.records.len() as u64 - 1
    }

    /// The record at `index`.
    pub(super) fn at(&self, index: u64) -> Option<&T> {
        let offset = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.records.get(offset)
    }

    /// The record at `index`, to be changed.
    pub(super) fn at_mut(&mut self, index: u64) -> Option<&mut T> {
        let offset = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.records.get_mut(offset)
    }

    /// Adds the record of the position after the last.
    pub(super) fn push(&mut self, record: T) {
        self.records.push_back(record);
        if self.records.len() > POSITIONS {
            self.records.pop_front();
            self.first += 1;
        }
    }
}
