//! Reading a log back: list, newest usable checkpoint, segments from there, in chunks. Changes nothing on the disk.
//!
//! What has to be cut or removed is part of the result; [`crate::Ledger`] does it.

use crate::checkpoint::{self, Anchor, BadCheckpoint, MAX_CHECKPOINT};
use crate::ledger::Restored;
use crate::pieces::{MAX_PIECES, PieceReader};
use crate::projection::Projection;
use crate::refusal::{Reason, Refused, Stop};
use crate::scratch::Scratch;
use crate::segment::{checkpoint_object, checkpoint_records, pieces_object, pieces_records, segment_number, segment_object};
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
    /// From the segment of the newest usable checkpoint on. What lies before is left to audits, and may be archived by an owner who
    /// never opens the whole: [`crate::Ledger::open_whole`] refuses a log that lacks its beginning.
    Tail,
    /// Every segment that is there; records before the checkpoint are checked, not folded.
    Whole,
    /// From the newest usable checkpoint on, in the middle of its segment: as little as can be. Where a head is to be passed through
    /// that lies before it, like `Whole`.
    Anchor,
    /// Every segment, and every record is folded: no checkpoint is looked at.
    First,
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
    /// Objects of pieces.
    pieces: Vec<Segmentless>,
    /// The checkpoint that was taken up.
    restored: Option<Restored>,
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
    Pieces { which: Segmentless, anchor: Box<Anchor>, state: Scratch, reader: PieceReader },
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
    /// The checkpoint that was taken up.
    pub(crate) restored: Option<Restored>,
    /// Records in the names of the objects with pieces, of checkpoints that are left or not, in order.
    pub(crate) pieces: Vec<u64>,
}

impl Recovery {
    /// A recovery, and what it asks for first.
    pub(crate) fn begin(log: Digest, depth: Depth, known: Option<(u64, Digest)>) -> (Self, Operation) {
        let (segments, checkpoints, pieces, discarded) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let stage = Stage::Listing;
        (Self { log, depth, known, segments, checkpoints, pieces, restored: None, discarded, stage }, Operation::List)
    }

    /// Takes the answer to the one request that is underway.
    pub(crate) fn answer(&mut self, outcome: Outcome, projection: &mut impl Projection) -> Next {
        let stage = core::mem::replace(&mut self.stage, Stage::Listing);
        let asked = match &stage {
            Stage::Listing => None,
            Stage::Checkpoint { which, .. } => Some(checkpoint_object(which.records)),
            Stage::Pieces { which, .. } => Some(pieces_object(which.records)),
            Stage::Segment { at, .. } => Some(segment_object(self.segments[*at].number)),
        };
        match (stage, outcome) {
            (Stage::Listing, Outcome::Listed(entries)) => self.listed(&entries, projection),
            (Stage::Checkpoint { which, mut bytes }, Outcome::Data(more)) if fits(&more, which.length - bytes.len() as u64) => {
                bytes.extend_from_slice(&more);
                self.checkpoint(which, bytes, projection)
            }
            (Stage::Pieces { which, anchor, state, reader }, Outcome::Data(bytes))
                if fits(&bytes, anchor.pieces - reader.fed()) =>
            {
                self.pieces(which, anchor, state, reader, &bytes, projection)
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
            } else if let Some(records) = pieces_records(object) {
                self.pieces.push(Segmentless { records, length: *length });
            }
        }
        self.segments.sort_unstable_by_key(|segment| segment.number);
        self.checkpoints.sort_unstable_by_key(|checkpoint| checkpoint.records);
        let gap = self.segments.windows(2).find(|pair| pair[1].number - pair[0].number > 1);
        match gap {
            Some(pair) => missing(pair[0].number + 1),
            None if self.depth == Depth::First => self.read_all(projection),
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
        self.read_all(projection)
    }

    fn read_all(&mut self, projection: &mut impl Projection) -> Next {
        projection.reset();
        self.restored = None;
        match self.segments.first() {
            Some(first) if first.number != 1 => missing(1),
            Some(_) | None => self.start(0, Verifier::new(self.log), projection),
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
        match checkpoint::parse(&bytes, self.log, which.records) {
            Err(reason) => self.discard(which, reason, projection),
            Ok((anchor, state)) if anchor.pieces == 0 => match projection.restore(state) {
                true => self.restored(which, anchor, projection),
                false => self.discard(which, BadCheckpoint::State, projection),
            },
            Ok((anchor, state)) => {
                let length = self.pieces.iter().find(|it| it.records == which.records).map(|it| it.length);
                if length != Some(anchor.pieces) || anchor.pieces > MAX_PIECES {
                    return self.discard(which, BadCheckpoint::Damaged, projection);
                }
                let reader = PieceReader::begin(&anchor.point);
                self.ask_pieces(which, Box::new(anchor), Scratch(state.to_vec()), reader)
            }
        }
    }

    fn ask_pieces(&mut self, which: Segmentless, anchor: Box<Anchor>, state: Scratch, reader: PieceReader) -> Next {
        let ask = read(pieces_object(which.records), reader.fed(), anchor.pieces);
        self.stage = Stage::Pieces { which, anchor, state, reader };
        ask
    }

    fn pieces(
        &mut self,
        which: Segmentless,
        anchor: Box<Anchor>,
        state: Scratch,
        mut reader: PieceReader,
        bytes: &[u8],
        projection: &mut impl Projection,
    ) -> Next {
        let fed = reader.feed(bytes, &mut |piece| projection.piece(piece));
        if fed.is_ok() && reader.fed() < anchor.pieces {
            return self.ask_pieces(which, anchor, state, reader);
        }
        match fed.and_then(|()| reader.finish()) {
            Err(reason) => self.discard(which, reason, projection),
            Ok(seal) if projection.sealed(&state, seal.digest()) => self.restored(which, *anchor, projection),
            Ok(_) => self.discard(which, BadCheckpoint::State, projection),
        }
    }

    fn discard(&mut self, which: Segmentless, reason: BadCheckpoint, projection: &mut impl Projection) -> Next {
        reached!("ledger.checkpoint_discarded");
        self.discarded.push(Discarded { records: which.records, reason });
        self.next_checkpoint(projection)
    }

    fn restored(&mut self, which: Segmentless, anchor: Anchor, projection: &mut impl Projection) -> Next {
        reached!("ledger.checkpoint_restored");
        self.restored = Some(Restored { records: which.records, segment: anchor.segment, offset: anchor.offset });
        self.checkpoints.push(which);
        self.anchored(anchor, projection)
    }

    fn anchored(&mut self, anchor: Anchor, projection: &mut impl Projection) -> Next {
        let Some(home) = self.segments.iter().position(|segment| segment.number == anchor.segment) else {
            return missing(anchor.segment);
        };
        let point = (anchor.point.records, anchor.point.digest);
        let at = match (self.depth, self.known) {
            (Depth::Anchor, None) => return self.start_within(home, anchor, projection),
            (Depth::Anchor, Some(known)) if known.0 > point.0 || known == point => {
                return self.start_within(home, anchor, projection);
            }
            (Depth::Tail, _) => home,
            (Depth::Whole | Depth::Anchor | Depth::First, _) => 0,
        };
        let number = self.segments[at].number;
        self.start(at, Verifier::anchored(anchor, number), projection)
    }

    /// Reads on from the anchor, in the segment with this place among all.
    fn start_within(&mut self, at: usize, anchor: Anchor, projection: &mut impl Projection) -> Next {
        let (Segment { number, length }, offset) = (self.segments[at], anchor.offset);
        let records = anchor.point.records;
        let mut verifier = Verifier::from_anchor(anchor);
        if let Some((records, digest)) = self.known {
            verifier = verifier.through(records, digest);
        }
        let mut verifier = Box::new(verifier);
        match verifier.begin_within(number, length, offset, at + 1 == self.segments.len()) {
            Err(refused) => Next::Refused(refused),
            Ok(false) => {
                let reason = Reason::EndsBeforeCheckpoint { records };
                Next::Refused(Refused { object: segment_object(number), offset: length, reason })
            }
            Ok(true) if u64::from(offset) == length => self.close_segment(at, verifier, projection),
            Ok(true) => {
                self.stage = Stage::Segment { at, verifier };
                read(segment_object(number), u64::from(offset), length)
            }
        }
    }

    fn start(&mut self, at: usize, verifier: Verifier, projection: &mut impl Projection) -> Next {
        let verifier = match self.known {
            Some((records, digest)) => verifier.through(records, digest),
            None => verifier,
        };
        self.begin_segment(at, Box::new(verifier), projection)
    }

    fn begin_segment(&mut self, at: usize, mut verifier: Box<Verifier>, projection: &mut impl Projection) -> Next {
        let Some(&Segment { number, length }) = self.segments.get(at) else { return self.finish(verifier, None, projection) };
        if let Err(refused) = verifier.begin(number, length, at + 1 == self.segments.len()) {
            return Next::Refused(refused);
        }
        if length == 0 {
            return self.close_segment(at, verifier, projection);
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
            return self.close_segment(at, verifier, projection);
        }
        self.stage = Stage::Segment { at, verifier };
        read(segment_object(number), fed, length)
    }

    fn close_segment(&mut self, at: usize, mut verifier: Box<Verifier>, projection: &mut impl Projection) -> Next {
        match verifier.close() {
            Err(refused) => Next::Refused(refused),
            Ok(Some(tear)) => self.finish(verifier, Some(tear), projection),
            Ok(None) => self.begin_segment(at + 1, verifier, projection),
        }
    }

    fn finish(&mut self, verifier: Box<Verifier>, tear: Option<Tear>, projection: &mut impl Projection) -> Next {
        let head = match verifier.finish() {
            Ok(head) => head,
            Err(refused) => return Next::Refused(refused),
        };
        if self.restored.is_some()
            && !projection.is_bound()
            && let Some(which) = self.checkpoints.pop()
        {
            reached!("ledger.checkpoint_unbound");
            return self.discard(which, BadCheckpoint::Unbound, projection);
        }
        let end = match &tear {
            None => self.segments.last().map(|last| (last.number, last.length)),
            Some(Tear { segment, keep: 1.., .. }) => Some((*segment, tear.as_ref().map_or(0, |tear| tear.keep))),
            // The segment goes; writing continues on the one before it, which is whole.
            Some(Tear { keep: 0, .. }) => self.segments.iter().rev().nth(1).map(|before| (before.number, before.length)),
        };
        let checkpoints = self.checkpoints.iter().map(|checkpoint| checkpoint.records).collect();
        let discarded = core::mem::take(&mut self.discarded);
        let mut pieces: Vec<u64> = self.pieces.iter().map(|pieces| pieces.records).collect();
        pieces.sort_unstable();
        let restored = self.restored;
        Next::Done(Box::new(Recovered { verifier, head, end, tear, checkpoints, discarded, restored, pieces }))
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
