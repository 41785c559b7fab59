//! Whole records where they do not belong, and what an opening does not read.

use crate::frames::displaced;
use antfarm_ledger::{Restored, segment_number};
use antfarm_machine::{Entry, Object};
use antfarm_sim::Disk;

/// Where the last segment of a disk has a record that belongs elsewhere. No torn tail looks like that, so no log may be opened over it.
pub fn stray(disk: &Disk) -> Option<(Object, u64)> {
    let segment = |entry: Entry| Some((segment_number(&entry.object)?, entry.object));
    let (number, object) = disk.list().into_iter().filter_map(segment).max()?;
    let offset = displaced(number, disk.bytes(&object))?;
    Some((object, offset))
}

/// Whether an opening from this checkpoint did not read these bytes of the log.
pub fn unread(restored: Option<Restored>, object: &Object, offset: u64) -> bool {
    let Some((it, number)) = restored.zip(segment_number(object)) else { return false };
    number < it.segment || number == it.segment && offset < u64::from(it.offset)
}
