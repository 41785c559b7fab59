//! What a log was, as others remember it: heads of earlier starts that it must pass through.
//!
//! While the log is read, each head that was recalled is compared with the record that it names. Of what was read, the latest
//! digests are kept, also in checkpoints, and so are the latest heads that this process signed: what others remember of a node that
//! is at work is mostly one of these. For any other head the log is read again, from its first record.

use crate::folding::Trail;
use alloc::collections::{BTreeMap, VecDeque};
use antfarm_identity::Digest;

/// The most heads that are remembered. One that was found is let go for one that was not looked for yet; where none was, whoever
/// remembers another has to say it again.
const MAX_RECALLED: usize = 64;

/// How many of the latest heads that were signed are kept.
const MAX_SIGNED: usize = 1024;

/// What is known of the log's past.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Past {
    /// By records: a digest that somebody remembers, and whether the log was found to pass through it.
    recalled: BTreeMap<u64, (Digest, bool)>,
    /// Heads that this process signed, in order: records and digest. The log passes through each.
    signed: VecDeque<(u64, Digest)>,
    /// The log does not pass through the head of so many records.
    lost: Option<u64>,
}

/// What can be said of a head at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// The log passes through it.
    Passed,
    /// The log does not.
    Lost,
    /// The log has to be read again.
    Unknown,
}

impl Past {
    /// The log is read. What it was found to pass through it passes through still: it goes on from there, and the ledger refuses one
    /// that does not pass through what was durable last.
    pub(crate) fn begin(&mut self) {
        self.lost = None;
    }

    /// The log is read from a point on that has this trail.
    pub(crate) fn take_up(&mut self, trail: &Trail) {
        for (records, (expected, passed)) in &mut self.recalled {
            if let Some(digest) = trail.digest(*records) {
                *passed = expected == digest;
                if !*passed {
                    self.lost = Some(*records);
                }
            }
        }
    }

    /// A record was read: the log has so many now.
    pub(crate) fn pass(&mut self, records: u64, digest: Digest) {
        if let Some((expected, passed)) = self.recalled.get_mut(&records) {
            *passed = *expected == digest;
            if !*passed {
                self.lost = Some(records);
            }
        }
    }

    /// The log was read to its end; a head that it was found not to pass through.
    pub(crate) fn end(&mut self, records: u64) -> Option<u64> {
        self.lost.or_else(|| self.recalled.keys().copied().find(|recalled| *recalled > records))
    }

    /// The durable head was signed.
    pub(crate) fn sign(&mut self, records: u64, digest: Digest) {
        if self.signed.back().is_some_and(|(last, _)| *last >= records) {
            return;
        }
        if self.signed.len() == MAX_SIGNED {
            self.signed.pop_front();
        }
        self.signed.push_back((records, digest));
    }

    /// The digest of the last of so many records, if the head was signed not long ago.
    fn signed(&self, records: u64) -> Option<&Digest> {
        let found = self.signed.binary_search_by_key(&records, |(records, _)| *records).ok()?;
        self.signed.get(found).map(|(_, digest)| digest)
    }

    /// Somebody remembers this head, of no more records than were read.
    pub(crate) fn recall(&mut self, trail: &Trail, records: u64, digest: Digest) -> Verdict {
        if let Some(found) = trail.digest(records).or_else(|| self.signed(records)) {
            return if *found == digest { Verdict::Passed } else { Verdict::Lost };
        }
        match self.recalled.get(&records) {
            Some((known, true)) if *known == digest => Verdict::Passed,
            Some((_, true)) => Verdict::Lost,
            Some((_, false)) | None => {
                if self.recalled.len() >= MAX_RECALLED {
                    let found = self.recalled.iter().find(|(_, (_, passed))| *passed).map(|(records, _)| *records);
                    found.and_then(|records| self.recalled.remove(&records));
                }
                if self.recalled.len() < MAX_RECALLED {
                    self.recalled.entry(records).or_insert((digest, false));
                }
                Verdict::Unknown
            }
        }
    }

    /// Whether the log has to be read again.
    pub(crate) fn wants_reading(&self) -> bool {
        self.recalled.values().any(|(_, passed)| !passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use antfarm_identity::Domain;

    fn digest(records: u64) -> Digest {
        Digest::of(Domain::new("antfarm 2026 test past"), &records.to_le_bytes())
    }

    #[test]
    fn an_older_head_is_looked_for_where_all_others_were_found_and_waits_where_they_were_not() {
        let (mut past, trail) = (Past::default(), Trail::default());
        let most = u64::try_from(MAX_RECALLED).expect("few");
        let forged = digest(0);
        for records in 10..10 + most {
            assert_eq!(past.recall(&trail, records, digest(records)), Verdict::Unknown);
        }
        assert_eq!(past.recall(&trail, 5, forged), Verdict::Unknown);
        (10..10 + most).for_each(|records| past.pass(records, digest(records)));
        assert!(!past.wants_reading(), "there was no place for it");
        assert_eq!(past.recall(&trail, 5, forged), Verdict::Unknown);
        assert!(past.wants_reading());
        past.pass(5, digest(5));
        assert_eq!(past.end(100), Some(5), "the log is another than was shown");
    }

    #[test]
    fn a_head_that_was_signed_not_long_ago_is_compared_at_once() {
        let (mut past, trail) = (Past::default(), Trail::default());
        let most = u64::try_from(MAX_SIGNED).expect("few");
        (1..=most + 1).for_each(|nth| past.sign(3 * nth, digest(3 * nth)));
        past.sign(3, digest(0)); // said again, later
        assert_eq!(past.recall(&trail, 6, digest(6)), Verdict::Passed);
        assert_eq!(past.recall(&trail, 9, digest(0)), Verdict::Lost);
        assert!(!past.wants_reading());
        assert_eq!(past.recall(&trail, 3, digest(3)), Verdict::Unknown, "too long ago");
        assert_eq!(past.recall(&trail, 7, digest(7)), Verdict::Unknown, "never signed");
        assert!(past.wants_reading());
    }
}
