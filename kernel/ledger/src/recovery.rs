//! Reading a log back: list, newest usable checkpoint, segments from there, in chunks. Changes nothing on the disk.
//!
//! What has to be cut or removed is part of the result; [`crate::Ledger`] does it.

use crate::checkpoint::{self, Anchor, BadCheckpoint, MAX_CHECKPOINT};
use crate::projection::Projection;
use crate::refusal::{Reason, Refused, Stop};
use crate::scratch::Scratch;
use crate::segment::{checkpoint_object, checkpoint_records, segment_number, segment_object};
use crate::verifier::{LogHead, Tear, Verifier};
use alloc::boxed::Box;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest};
use antfarm_machine::{Entry, Object, Operation, Outcome, reached};

/// Bytes read at a time.
pub const CHUNK: u64 = 256 << 10;

/// How much of a log is checked when it is opened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Depth {
    /// From the segment of the newest usable checkpoint on. What lies before is left to audits, and may be archived.
    Tail,
    /// Every segment that is there; records before the checkpoint are checked, not folded.
    Whole,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Recovery {
    log: Digest,
    depth: Depth,
    /// A head that the log must pass through.
    known: Option<(u64, Digest)>,
    segments: Vec<Segment>,
    /// Checkpoints that were not looked at yet, oldest first.
    checkpoints: Vec<Segmentless>,
    discarded: Vec<Discarded>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Segment {
    number: u32,
    length: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Segmentless {
    records: u64,
    length: u64,
}

/// A checkpoint that was not used, and why; it is removed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Discarded {
    /// The records that its name says it covers.
    pub records: u64,
    /// What is wrong with it.
    pub reason: BadCheckpoint,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Stage {
    Listing,
    Checkpoint { which: Segmentless, bytes: Scratch },
    Segment { at: usize, verifier: Box<Verifier> },
}

/// What the disk's answer led to.
pub(crate) enum Next {
    Ask(Operation),
    Done(Box<Recovered>),
    Refused(Refused),
    Stopped(Stop),
}

/// A log that may be written on, once the tear is cut.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) verifier: Box<Verifier>,
    pub(crate) head: LogHead,
    /// The segment to write on and its whole length; `None` for a log without one.
    pub(crate) end: Option<(u32, u64)>,
    pub(crate) tear: Option<Tear>,
    /// Records covered by the checkpoints that are left, oldest first.
    pub(crate) checkpoints: Vec<u64>,
    pub(crate) discarded: Vec<Discarded>,
}

impl Recovery {
    /// A recovery, and what it asks for first.
    pub(crate) fn begin(log: Digest, depth: Depth, known: Option<(u64, Digest)>) -> (Self, Operation) {
        let (segments, checkpoints, discarded) = (Vec::new(), Vec::new(), Vec::new());
        (Self { log, depth, known, segments, checkpoints, discarded, stage: Stage::Listing }, Operation::List)
    }

    /// Takes the answer to the one request that is underway.
    pub(crate) fn answer(&mut self, outcome: Outcome, projection: &mut impl Projection) -> Next {
        let stage = core::mem::replace(&mut self.stage, Stage::Listing);
        let asked = match &stage {
            Stage::Listing => None,
            Stage::Checkpoint { which, .. } => Some(checkpoint_object(which.records)),
            Stage::Segment { at, .. } => Some(segment_object(self.segments[*at].number)),
        };
        match (stage, outcome) {
            (Stage::Listing, Outcome::Listed(entries)) => self.listed(&entries, projection),
            (Stage::Checkpoint { which, mut bytes }, Outcome::Data(more)) if fits(&more, which.length - bytes.len() as u64) => {
                bytes.extend_from_slice(&more);
                self.checkpoint(which, bytes, projection)
            }
            (Stage::Segment { at, verifier }, Outcome::Data(bytes))
                if fits(&bytes, self.segments[at].length - verifier.fed()) =>
            {
                self.segment(at, verifier, &bytes, projection)
            }
            (_, Outcome::Data(_)) => match asked {
                Some(object) => Next::Stopped(Stop::Shrunk { object }),
                None => Next::Stopped(Stop::Failed { object: None }),
            },
            (_, Outcome::Done | Outcome::Listed(_) | Outcome::Conflict { .. } | Outcome::Full | Outcome::Failed) => {
                Next::Stopped(Stop::Failed { object: asked })
            }
        }
    }

    fn listed(&mut self, entries: &[Entry], projection: &mut impl Projection) -> Next {
        for Entry { object, length } in entries {
            if let Some(number) = segment_number(object) {
                self.segments.push(Segment { number, length: *length });
            } else if let Some(records) = checkpoint_records(object) {
                self.checkpoints.push(Segmentless { records, length: *length });
            }
        }
        self.segments.sort_unstable_by_key(|segment| segment.number);
        self.checkpoints.sort_unstable_by_key(|checkpoint| checkpoint.records);
        let gap = self.segments.windows(2).find(|pair| pair[1].number - pair[0].number > 1);
        match gap {
            Some(pair) => missing(pair[0].number + 1),
            None => self.next_checkpoint(projection),
        }
    }

    /// Looks at the newest checkpoint that was not looked at; with none left, the log is read from its first record.
    fn next_checkpoint(&mut self, projection: &mut impl Projection) -> Next {
        while let Some(which) = self.checkpoints.pop() {
            let reason = match which.length {
                0 => BadCheckpoint::Damaged,
                1..=MAX_CHECKPOINT => return self.ask_checkpoint(which, Scratch::default()),
                _ => BadCheckpoint::Oversize,
            };
            self.discarded.push(Discarded { records: which.records, reason });
        }
        projection.reset();
        match self.segments.first() {
            Some(first) if first.number != 1 => missing(1),
            Some(_) | None => self.start(0, Verifier::new(self.log)),
        }
    }

    fn ask_checkpoint(&mut self, which: Segmentless, bytes: Scratch) -> Next {
        let from = bytes.len() as u64;
        let ask = read(checkpoint_object(which.records), from, which.length);
        self.stage = Stage::Checkpoint { which, bytes };
        ask
    }

    fn checkpoint(&mut self, which: Segmentless, bytes: Scratch, projection: &mut impl Projection) -> Next {
        if (bytes.len() as u64) < which.length {
            return self.ask_checkpoint(which, bytes);
        }
        projection.reset();
        let restored = checkpoint::parse(&bytes, self.log, which.records)
            .and_then(|(anchor, state)| projection.restore(state).then_some(anchor).ok_or(BadCheckpoint::State));
        match restored {
            Err(reason) => {
                reached!("ledger.checkpoint_discarded");
                self.discarded.push(Discarded { records: which.records, reason });
                self.next_checkpoint(projection)
            }
            Ok(anchor) => {
                reached!("ledger.checkpoint_restored");
                self.checkpoints.push(which);
                self.anchored(anchor)
            }
        }
    }

    fn anchored(&mut self, anchor: Anchor) -> Next {
        let Some(home) = self.segments.iter().position(|segment| segment.number == anchor.segment) else {
            return missing(anchor.segment);
        };
        let at = match self.depth {
            Depth::Tail => home,
            Depth::Whole => 0,
        };
        let number = self.segments[at].number;
        self.start(at, Verifier::anchored(anchor, number))
    }

    fn start(&mut self, at: usize, verifier: Verifier) -> Next {
        let verifier = match self.known {
            Some((records, digest)) => verifier.through(records, digest),
            None => verifier,
        };
        self.begin_segment(at, Box::new(verifier))
    }

    fn begin_segment(&mut self, at: usize, mut verifier: Box<Verifier>) -> Next {
        let Some(&Segment { number, length }) = self.segments.get(at) else { return self.finish(verifier, None) };
        if let Err(refused) = verifier.begin(number, length, at + 1 == self.segments.len()) {
            return Next::Refused(refused);
        }
        if length == 0 {
            return self.close_segment(at, verifier);
        }
        self.stage = Stage::Segment { at, verifier };
        read(segment_object(number), 0, length)
    }

    fn segment(&mut self, at: usize, mut verifier: Box<Verifier>, bytes: &[u8], projection: &mut impl Projection) -> Next {
        let Segment { number, length } = self.segments[at];
        if let Err(refused) = verifier.feed(bytes, &mut |record| projection.fold(record)) {
            return Next::Refused(refused);
        }
        let fed = verifier.fed();
        if fed == length {
            return self.close_segment(at, verifier);
        }
        self.stage = Stage::Segment { at, verifier };
        read(segment_object(number), fed, length)
    }

    fn close_segment(&mut self, at: usize, mut verifier: Box<Verifier>) -> Next {
        match verifier.close() {
            Err(refused) => Next::Refused(refused),
            Ok(Some(tear)) => self.finish(verifier, Some(tear)),
            Ok(None) => self.begin_segment(at + 1, verifier),
        }
    }

    fn finish(&mut self, verifier: Box<Verifier>, tear: Option<Tear>) -> Next {
        let head = match verifier.finish() {
            Ok(head) => head,
            Err(refused) => return Next::Refused(refused),
        };
        let end = match &tear {
            None => self.segments.last().map(|last| (last.number, last.length)),
            Some(Tear { segment, keep: 1.., .. }) => Some((*segment, tear.as_ref().map_or(0, |tear| tear.keep))),
            // The segment goes; writing continues on the one before it, which is whole.
            Some(Tear { keep: 0, .. }) => self.segments.iter().rev().nth(1).map(|before| (before.number, before.length)),
        };
        let checkpoints = self.checkpoints.iter().map(|checkpoint| checkpoint.records).collect();
        let discarded = core::mem::take(&mut self.discarded);
        Next::Done(Box::new(Recovered { verifier, head, end, tear, checkpoints, discarded }))
    }
}

/// Whether `bytes` are some of the `left` bytes that were asked for, and no more.
fn fits(bytes: &[u8], left: u64) -> bool {
    !bytes.is_empty() && bytes.len() as u64 <= left.min(CHUNK)
}

fn read(object: Object, from: u64, length: u64) -> Next {
    Next::Ask(Operation::Read { object, range: from..length.min(from + CHUNK) })
}

fn missing(segment: u32) -> Next {
    Next::Refused(Refused { object: segment_object(segment), offset: 0, reason: Reason::MissingSegment })
}
