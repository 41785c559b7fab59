//! Reading the records off a disk by the documented format alone: a second pair of eyes.
//!
//! Nothing is verified: see [`walk`]. Each segment is read for itself, so that damage in one does not hide the next. Whether what was read is right, a put says
//! itself ([`crate::certified`]); the verifier is the business of the oracle `chain`.

use crate::frames::{Leaf, walk};
use antfarm_identity::from_bytes;
use antfarm_ledger::{segment_number, segment_object};
use antfarm_machine::Object;
use antfarm_sim::Disk;
use std::collections::BTreeMap;
use std::ops::Range;

/// Where a record stands on its disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) object: Object,
    pub(crate) range: Range<u64>,
}

impl Place {
    /// Whether a byte of `other` in `object` is one of this place.
    pub(crate) fn meets(&self, object: &Object, other: &Range<u64>) -> bool {
        self.object == *object && self.range.start < other.end && other.start < self.range.end
    }
}

/// What one record says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    /// The ledger's own note that it was opened.
    Opened,
    /// A put with this id; whether it certifies itself.
    Put { id: u64, certified: bool },
    /// Something that no keeper writes.
    Else,
}

/// One record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Page {
    pub(crate) place: Place,
    pub(crate) said: Said,
}

/// What could be read of a log.
#[derive(Clone, Default, Debug)]
pub(crate) struct Pages {
    /// By position in the log.
    pub(crate) records: BTreeMap<u64, Page>,
    /// By number of the segment: how many records come before it.
    pub(crate) segments: BTreeMap<u32, u64>,
    /// The last segment, and the bytes of it that were read.
    cursor: (u32, u64),
}

impl Pages {
    /// Reads a whole disk.
    pub(crate) fn of(disk: &Disk) -> Self {
        let mut pages = Self::default();
        for entry in disk.list() {
            let Some(number) = segment_number(&entry.object) else { continue };
            let end = pages.walk(number, disk.bytes(&entry.object), 0);
            if number > pages.cursor.0 {
                pages.cursor = (number, end);
            }
        }
        pages
    }

    /// Reads what was appended since.
    pub(crate) fn read_on(&mut self, disk: &Disk) {
        let (mut number, mut from) = (self.cursor.0.max(1), self.cursor.1);
        loop {
            let bytes = disk.bytes(&segment_object(number));
            from = self.walk(number, bytes, from);
            self.cursor = (number, from);
            if disk.bytes(&segment_object(number + 1)).is_empty() {
                return;
            }
            (number, from) = (number + 1, 0);
        }
    }

    /// The position of the record that stands last: where nothing cut the log since a crash, it may be torn.
    pub(crate) fn tail(&self) -> Option<u64> {
        self.records.iter().max_by_key(|(_, page)| (segment_number(&page.place.object), page.place.range.end)).map(|(at, _)| *at)
    }

    /// Lets the next reading of this segment begin at an offset: nothing can be read before it.
    pub(crate) fn skip(&mut self, object: &Object, to: u64) {
        if let Some(number) = segment_number(object).filter(|number| *number >= self.cursor.0) {
            self.cursor = (number, to);
        }
    }

    /// Reads one segment from an offset as far as it is a row of frames; where that ends.
    fn walk(&mut self, number: u32, bytes: &[u8], from: u64) -> u64 {
        let object = segment_object(number);
        walk(bytes, from, &mut |range, leaf| match leaf {
            Leaf::Opening { records } => drop(self.segments.insert(number, records)),
            Leaf::Record { position, kind, payload } => {
                let page = Page { place: Place { object: object.clone(), range }, said: said(kind, payload) };
                let certified = |page: &Page| matches!(page.said, Said::Put { certified: true, .. });
                // Damaged bytes may claim any position: they displace nothing that certifies itself.
                if certified(&page) || !self.records.get(&position).is_some_and(certified) {
                    self.records.insert(position, page);
                }
            }
        })
    }
}

fn said(kind: u16, payload: &[u8]) -> Said {
    match (kind, from_bytes::<(u64, Vec<u8>)>(payload)) {
        (0, _) => Said::Opened,
        (1, Ok((id, bytes))) => Said::Put { id, certified: crate::certified(id, &bytes) },
        (_, Ok(_) | Err(_)) => Said::Else,
    }
}
