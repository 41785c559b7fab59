//! Reading a log as it grows: each record once, with the auditors' verifier, and folded into whatever an oracle keeps of it.
//!
//! Rule kept: what was folded is what a reader of the whole disk would fold. Where the log is not a continuation of what was
//! read, by damage or because it was cut, the disk is read from its beginning, each time again until it is followed anew. Bytes
//! that were read are not looked at again as long as the log goes on from them: what decays there is for `chain` to find.

use antfarm_identity::Digest;
use antfarm_keeper::{verify, walk};
use antfarm_ledger::{Record, Verifier, segment_number, segment_object};
use antfarm_sim::Disk;

/// A log as far as it was read, and what its records were folded into.
#[derive(Clone, Debug)]
pub(crate) struct Followed<T> {
    log: Digest,
    /// None where the log is not followed: it was damaged.
    verifier: Option<Verifier>,
    /// The segment that is read; 0 before the first.
    segment: u32,
    offset: usize,
    folded: T,
}

/// What was read is not all of the log, or not of this log any more.
struct Lost;

impl<T> Followed<T> {
    /// Nothing of this log was read.
    pub(crate) fn new(log: Digest, empty: T) -> Self {
        Self { log, verifier: Some(Verifier::new(log)), segment: 0, offset: 0, folded: empty }
    }

    /// Folds what was appended since, and answers all that was folded; `None` when the log does not verify. Where nothing is on its
    /// way to the disk (`is_quiet`), what is no whole frame at its end is damage, and not an append of which the rest is to come.
    pub(crate) fn read_on(
        &mut self,
        disk: &Disk,
        is_quiet: bool,
        empty: impl FnOnce() -> T,
        fold: &mut impl FnMut(&mut T, &Record<'_>),
    ) -> Option<&T> {
        if self.advance(disk, is_quiet, fold).is_err() {
            (self.verifier, self.folded) = (None, empty());
            let folded = &mut self.folded;
            verify(disk, self.log, &mut |record| fold(folded, record)).ok()?;
        }
        Some(&self.folded)
    }

    /// Whether the disk goes on from what was read.
    pub(crate) fn goes_on(&self) -> bool {
        self.verifier.is_some()
    }

    fn advance(&mut self, disk: &Disk, is_quiet: bool, fold: &mut impl FnMut(&mut T, &Record<'_>)) -> Result<(), Lost> {
        let (verifier, folded) = (self.verifier.as_mut().ok_or(Lost)?, &mut self.folded);
        loop {
            let next = disk.bytes(&segment_object(self.segment + 1));
            let is_last = next.is_empty();
            if self.segment > 0 {
                let bytes = disk.bytes(&segment_object(self.segment));
                // Up to the last frame that is there; the rest of an append may still come.
                let from = u64::try_from(self.offset).map_err(|_| Lost)?;
                let end = walk(bytes, from, &mut |_, _| {});
                let whole = usize::try_from(end).map_err(|_| Lost)?;
                let new = bytes.get(self.offset..whole).ok_or(Lost)?;
                verifier.grow(end, is_last);
                verifier.feed(new, &mut |record| fold(folded, record)).map_err(|_| Lost)?;
                self.offset = whole;
                if !verifier.is_whole() || (is_quiet || !is_last) && whole < bytes.len() {
                    return Err(Lost);
                }
            }
            if is_last {
                // Nothing else is there: no segment without the one before it.
                let there = disk.list().iter().filter_map(|entry| segment_number(&entry.object)).max().unwrap_or(0);
                return if there == self.segment { Ok(()) } else { Err(Lost) };
            }
            if self.segment > 0 && !matches!(verifier.close(), Ok(None)) {
                return Err(Lost);
            }
            (self.segment, self.offset) = (self.segment + 1, 0);
            verifier.begin(self.segment, 0, true).map_err(|_| Lost)?;
        }
    }
}
