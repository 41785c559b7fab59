//! Logs to break: written by the ledger itself, with everything known that a test may want to compare.

use crate::disk::{self, Disk};
use antfarm_ledger::{Config, Draft, Ledger, Link, Progress, Projection, Record, segment_number, segment_object};
use antfarm_machine::Object;
use std::ops::Range;

/// Every payload of a log, in order; `None` where it was redacted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Payloads(pub(crate) Vec<Option<Vec<u8>>>);

impl Projection for Payloads {
    fn reset(&mut self) {
        self.0.clear();
    }
    fn restore(&mut self, state: &[u8]) -> bool {
        match antfarm_identity::from_bytes(state) {
            Ok(payloads) => {
                self.0 = payloads;
                true
            }
            Err(_) => false,
        }
    }
    fn fold(&mut self, record: &Record<'_>) {
        self.0.push(record.payload.bytes().map(<[u8]>::to_vec));
    }
}

/// A log on a disk.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) config: Config,
    pub(crate) disk: Disk,
    pub(crate) ledger: Ledger,
    pub(crate) payloads: Payloads,
    pub(crate) link: Link,
}

impl Log {
    /// A new log, opened for the first time: it has one record.
    pub(crate) fn new(config: Config) -> Self {
        let (mut disk, mut payloads) = (Disk::default(), Payloads::default());
        let (ledger, progress) = disk::open(&config, &mut disk, &mut payloads);
        assert!(matches!(progress, Progress::Opened(_)), "{progress:?}");
        Self { config, disk, ledger, payloads, link: Link::first(disk::id("trajectory")) }
    }

    /// Appends a record with some payload of `length` bytes; it is not flushed.
    pub(crate) fn append(&mut self, length: usize) {
        let seed = self.payloads.0.len();
        let payload: Vec<u8> = (0..length).map(|at| u8::try_from((seed * 31 + at * 7) % 251).expect("small")).collect();
        let draft = Draft { link: self.link, kind: 1, version: 1, payload: &payload };
        let appended = self.ledger.append(draft, &mut self.payloads).expect("there is room");
        self.link = self.link.next(appended.digest);
    }

    pub(crate) fn flush(&mut self) -> Vec<Progress> {
        disk::flush(&mut self.ledger, &mut self.disk, &mut self.payloads)
    }

    pub(crate) fn checkpoint(&mut self) -> Vec<Progress> {
        let state = antfarm_identity::to_bytes(&self.payloads.0);
        self.ledger.checkpoint(&state).expect("a checkpoint may begin");
        self.flush()
    }

    /// 200 records in groups of three, in several segments, with checkpoints after 80 and 150.
    pub(crate) fn of_200(name: &str) -> Self {
        let mut log = Self::new(disk::config(name));
        for number in 1..200 {
            log.append(number % 40);
            if number % 3 == 0 {
                log.flush();
            }
            if number == 80 || number == 150 {
                log.flush();
                log.checkpoint();
            }
        }
        log.flush();
        assert_eq!(log.ledger.durable().map(|head| head.records), Some(200));
        assert!(log.segments().len() >= 3, "several segments");
        log
    }

    /// The segments, in order.
    pub(crate) fn segments(&self) -> Vec<Object> {
        self.disk.objects.keys().filter(|object| segment_number(object).is_some()).cloned().collect()
    }

    /// The bytes of the segments, in order.
    pub(crate) fn bytes(&self) -> Vec<&[u8]> {
        self.segments().iter().map(|object| self.disk.objects[object].as_slice()).collect()
    }

    /// Opens the log on another disk.
    pub(crate) fn opened_on(&self, disk: &Disk) -> (Disk, Payloads, Ledger, Progress) {
        let (mut disk, mut payloads) = (disk.clone(), Payloads::default());
        let (ledger, progress) = disk::open(&self.config, &mut disk, &mut payloads);
        (disk, payloads, ledger, progress)
    }
}

/// Where the frames of a whole segment are.
pub(crate) fn frames(segment: &[u8]) -> Vec<Range<usize>> {
    let mut frames = Vec::new();
    let mut at = 0;
    while at < segment.len() {
        let length = u32::from_le_bytes(segment[at + 4..at + 8].try_into().expect("four bytes"));
        let end = at + 32 + length as usize;
        frames.push(at..end);
        at = end;
    }
    assert_eq!(at, segment.len(), "frames fill a segment");
    frames
}

pub(crate) fn segment(number: usize) -> Object {
    segment_object(u32::try_from(number).expect("few segments"))
}
