//! Appending: encoding records, group commit, rotation, checkpoints.
//!
//! Everything that one flush finds goes out as one append, and at most one append to the log is in flight. A new segment and a
//! checkpoint wait until what they rest on is durable. So a crash can tear only the end of the last segment.

use crate::checkpoint::{self, Anchor, MAX_STATE};
use crate::frame::{self, HEAD, Place};
use crate::hash;
use crate::header::{Header, Link, OPENED};
use crate::ledger::Config;
use crate::merkle::Frontier;
use crate::pieces::{MAX_PIECE, MAX_PIECES, Pieces, Point, framed};
use crate::projection::Projection;
use crate::record::{BEFORE_PAYLOAD, Draft, MAX_PAYLOAD, Record};
use crate::recovery::Recovered;
use crate::refusal::{AppendRefusal, CheckpointRefusal, Stop};
use crate::scratch::Scratch;
use crate::segment::{FORMAT, OPENING, Opening, checkpoint_object, pieces_object, segment_object};
use crate::verifier::LogHead;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use antfarm_identity::Digest;
use antfarm_machine::{Operation, Outcome, Receipt, Request, Ticket, reached};

/// How many checkpoints are kept: the newest, and the one before in case the newest turns out to be damaged.
pub const KEPT_CHECKPOINTS: usize = 2;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Writer {
    /// The segment being written and its length, with everything that was appended; 0 when it does not exist yet.
    segment: u32,
    offset: u32,
    /// The log with everything that was appended.
    records: u64,
    digest: Digest,
    own: Link,
    frontier: Frontier,
    /// The log as far as it is durable.
    durable: LogHead,
    /// Appends that are not durable, oldest first; the first one may be in flight.
    batches: VecDeque<Batch>,
    in_flight: Option<Ticket>,
    /// Bytes in `batches`.
    pending: usize,
    checkpoint: Option<Checkpoint>,
    /// Where the next checkpoint will stand, and its pieces so far.
    pieces: Option<Box<(Anchor, Pieces)>>,
    /// Records covered by the checkpoints on the disk, oldest first.
    checkpoints: Vec<u64>,
    /// Those of them that have pieces.
    in_pieces: Vec<u64>,
    incarnation: u64,
}

/// What goes to the disk in one append.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Batch {
    segment: u32,
    start: u32,
    bytes: Scratch,
    size: usize,
    /// The log at its end, once nothing more is added.
    head: Option<LogHead>,
}

/// A checkpoint that is not durable yet.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Checkpoint {
    records: u64,
    /// Whether it has pieces, which are durable.
    in_pieces: bool,
    bytes: Scratch,
    ticket: Option<Ticket>,
}

/// What a receipt led to.
pub(crate) enum Written {
    /// It was none of the writer's.
    Unknown,
    /// The log is durable up to here.
    Durable(LogHead),
    /// The checkpoint of that many records is durable.
    Checkpointed(u64),
    /// All pieces that were handed over are durable.
    Piece,
    /// There is no room for the checkpoint of that many records, and it was given up.
    Abandoned(u64),
    Stopped(Stop),
}

impl Writer {
    /// Continues the log that was read, and appends the record that says so.
    pub(crate) fn open(config: &Config, recovered: Recovered, projection: &mut impl Projection) -> Result<Self, AppendRefusal> {
        let Recovered { verifier, head, end, checkpoints, pieces: in_pieces, .. } = recovered;
        let (segment, length) = end.unwrap_or((1, 0));
        // A segment is at most as long as its frames can say; one that a misconfigured writer filled up is left for the next.
        let offset = u32::try_from(length).map_err(|_| AppendRefusal::Exhausted)?;
        let own = verifier.own();
        let mut writer = Self {
            segment,
            offset,
            records: head.records,
            digest: head.digest,
            own,
            frontier: verifier.frontier().clone(),
            durable: head,
            batches: VecDeque::new(),
            in_flight: None,
            pending: 0,
            checkpoint: None,
            pieces: None,
            checkpoints,
            in_pieces,
            incarnation: own.position,
        };
        let payload = antfarm_identity::to_bytes(&writer.incarnation);
        writer.write(config, Draft { link: own, kind: OPENED, version: 1, payload: &payload }, projection)?;
        Ok(writer)
    }

    pub(crate) fn append(
        &mut self,
        config: &Config,
        draft: Draft<'_>,
        projection: &mut impl Projection,
    ) -> Result<Appended, AppendRefusal> {
        if draft.kind == OPENED || draft.link.trajectory == config.log {
            return Err(AppendRefusal::Reserved);
        }
        if draft.payload.len() > MAX_PAYLOAD {
            return Err(AppendRefusal::TooLong { length: draft.payload.len() as u64 });
        }
        self.write(config, draft, projection)
    }

    fn write(&mut self, config: &Config, draft: Draft<'_>, projection: &mut impl Projection) -> Result<Appended, AppendRefusal> {
        let size = HEAD + BEFORE_PAYLOAD + draft.payload.len();
        if self.pending > 0 && self.pending + size + OPENING > config.pending_bytes as usize {
            reached!("ledger.busy");
            return Err(AppendRefusal::Busy);
        }
        // A segment holds one record at least, however long.
        let full = self.offset as usize > OPENING && self.offset as usize + size > config.segment_bytes as usize;
        if full {
            reached!("ledger.rotated");
            self.segment = self.segment.checked_add(1).ok_or(AppendRefusal::Exhausted)?;
            self.offset = 0;
        }
        let header = Header {
            log: config.log,
            position: self.records,
            previous: self.digest,
            link: draft.link,
            kind: draft.kind,
            version: draft.version,
            payload: config.log, // the digest of the payload takes its place as the record is written
        };
        let salt = hash::salt(&config.signer, self.records);
        let opening = Opening { format: FORMAT, log: config.log, records: self.records, previous: self.digest };
        let (segment, start) = (self.segment, self.offset);
        let batch = self.batch();
        let old = batch.bytes.len();
        // At once: a record is appended in half a dozen pieces.
        batch.bytes.reserve(size + OPENING);
        if start == 0 {
            opening.write(&mut batch.bytes, segment);
        }
        let offset = start + u32::try_from(batch.bytes.len() - old).expect("a segment's first frame is short");
        let mut record = None;
        frame::write(&mut batch.bytes, Place { segment, offset }, |body| {
            record = Some(Record::write(body, header, salt, draft.payload));
        });
        let record = record.expect("the body was written");
        let added = batch.bytes.len() - old;
        batch.size += added;
        self.pending += added;
        self.offset += u32::try_from(added).expect("a frame is far below 4 GiB");
        self.digest = record.digest;
        self.frontier.push(record.digest);
        self.records += 1;
        if draft.kind == OPENED {
            self.own = self.own.next(record.digest);
        }
        assert_eq!(self.frontier.leaves(), self.records, "the tree commits to every record");
        projection.fold(&record);
        Ok(Appended { position: record.header.position, digest: record.digest })
    }

    /// The batch that the next record goes into: the last one, unless it is in flight or of another segment.
    fn batch(&mut self) -> &mut Batch {
        let waiting = self.batches.len() - usize::from(self.in_flight.is_some());
        let open = waiting > 0 && self.batches.back().is_some_and(|last| last.segment == self.segment);
        if !open {
            self.seal();
            let (segment, start) = (self.segment, self.offset);
            self.batches.push_back(Batch { segment, start, bytes: Scratch::default(), size: 0, head: None });
        }
        self.batches.back_mut().expect("there is one now")
    }

    /// Ends the last batch: the log up to here is what it makes durable.
    fn seal(&mut self) {
        if let Some(last) = self.batches.back_mut()
            && last.head.is_none()
        {
            last.head = Some(LogHead { records: self.records, digest: self.digest, root: self.frontier.root() });
        }
    }

    /// Sends what waits and may go.
    pub(crate) fn flush(&mut self, tickets: &mut u64, emit: &mut impl FnMut(Request)) {
        if self.in_flight.is_none() && !self.batches.is_empty() {
            if self.batches.len() == 1 {
                self.seal();
            }
            let batch = &mut self.batches[0];
            let bytes = core::mem::take(&mut batch.bytes).0;
            let (object, expected_end) = (segment_object(batch.segment), u64::from(batch.start));
            self.in_flight = Some(submit(tickets, Operation::AppendAt { object, expected_end, bytes }, emit));
        }
        if let Some(checkpoint) = &mut self.checkpoint
            && checkpoint.ticket.is_none()
            && checkpoint.records <= self.durable.records
        {
            // INVARIANT(checkpoint-after-log): every record that the checkpoint covers is durable.
            let bytes = core::mem::take(&mut checkpoint.bytes).0;
            let object = checkpoint_object(checkpoint.records);
            checkpoint.ticket = Some(submit(tickets, Operation::AppendAt { object, expected_end: 0, bytes }, emit));
        }
        if let Some((anchor, pieces)) = self.pieces.as_deref_mut()
            && !pieces.waiting.is_empty()
        {
            let bytes = core::mem::take(&mut pieces.waiting).0;
            let (object, expected_end) = (pieces_object(anchor.point.records), pieces.length - bytes.len() as u64);
            pieces.in_flight = Some(submit(tickets, Operation::AppendAt { object, expected_end, bytes }, emit));
        }
    }

    pub(crate) fn receive(&mut self, receipt: &Receipt, tickets: &mut u64, emit: &mut impl FnMut(Request)) -> Written {
        if self.in_flight == Some(receipt.ticket) {
            let batch = self.batches.pop_front().expect("the batch in flight is the first");
            self.in_flight = None;
            self.pending -= batch.size;
            if let Some(stop) = failure(&receipt.outcome, || segment_object(batch.segment)) {
                return Written::Stopped(stop);
            }
            let head = batch.head.expect("a batch is sealed before it is sent");
            assert!(head.records > self.durable.records, "a batch holds a record");
            self.durable = head;
            self.flush(tickets, emit);
            return Written::Durable(head);
        }
        if let Some((anchor, pieces)) = self.pieces.as_deref_mut()
            && pieces.in_flight == Some(receipt.ticket)
        {
            let records = anchor.point.records;
            pieces.in_flight = None;
            return match failure(&receipt.outcome, || pieces_object(records)) {
                None => Written::Piece,
                Some(Stop::Full { .. }) => {
                    self.pieces = None;
                    abandon(records, tickets, emit)
                }
                Some(stop) => Written::Stopped(stop),
            };
        }
        match &self.checkpoint {
            Some(Checkpoint { ticket: Some(ticket), records, in_pieces, .. }) if *ticket == receipt.ticket => {
                let (records, in_pieces) = (*records, *in_pieces);
                if in_pieces && receipt.outcome == Outcome::Full {
                    self.checkpoint = None;
                    return abandon(records, tickets, emit);
                }
                if let Some(stop) = failure(&receipt.outcome, || checkpoint_object(records)) {
                    return Written::Stopped(stop);
                }
                self.checkpoint = None;
                self.checkpoints.push(records);
                if in_pieces {
                    self.in_pieces.push(records);
                }
                while self.checkpoints.len() > KEPT_CHECKPOINTS {
                    // Should the removal fail, the next opening finds the object and removes it again.
                    let records = self.checkpoints.remove(0);
                    submit(tickets, Operation::Remove { object: checkpoint_object(records) }, emit);
                    if self.in_pieces.first() == Some(&records) {
                        self.in_pieces.remove(0);
                        submit(tickets, Operation::Remove { object: pieces_object(records) }, emit);
                    }
                }
                Written::Checkpointed(records)
            }
            Some(_) | None => Written::Unknown,
        }
    }

    /// Notes the point at which a checkpoint is to stand; its records.
    pub(crate) fn begin_checkpoint(&mut self, config: &Config) -> Result<u64, CheckpointRefusal> {
        if self.checkpoint.is_some() || self.pieces.is_some() {
            return Err(CheckpointRefusal::Underway);
        }
        if self.checkpoints.last() == Some(&self.records) {
            return Err(CheckpointRefusal::Unchanged);
        }
        let Self { records, digest, own, frontier, .. } = &*self;
        let point = Point { log: config.log, records: *records, digest: *digest, own: *own, frontier: frontier.clone() };
        let pieces = Pieces::begin(&point);
        let anchor = Anchor { format: FORMAT, point, segment: self.segment, offset: self.offset, pieces: 0 };
        self.pieces = Some(Box::new((anchor, pieces)));
        Ok(self.records)
    }

    /// Takes the next piece, once the one before is durable.
    pub(crate) fn piece(&mut self, piece: &[u8]) -> Result<(), CheckpointRefusal> {
        let (_, pieces) = self.pieces.as_deref_mut().ok_or(CheckpointRefusal::NotBegun)?;
        if !pieces.is_idle() {
            return Err(CheckpointRefusal::Underway);
        }
        let length = pieces.length + framed(piece.len());
        if piece.len() > MAX_PIECE || length > MAX_PIECES {
            return Err(CheckpointRefusal::TooLong { length });
        }
        pieces.take(piece);
        Ok(())
    }

    /// The seal of the pieces so far.
    pub(crate) fn checkpoint_seal(&self) -> Option<Digest> {
        self.pieces.as_deref().map(|(_, pieces)| pieces.seal.digest())
    }

    /// Ends a checkpoint all of whose pieces are durable.
    pub(crate) fn finish_checkpoint(&mut self, state: &[u8]) -> Result<u64, CheckpointRefusal> {
        let (_, pieces) = self.pieces.as_deref().ok_or(CheckpointRefusal::NotBegun)?;
        if !pieces.is_idle() {
            return Err(CheckpointRefusal::Underway);
        }
        if state.len() > MAX_STATE {
            return Err(CheckpointRefusal::TooLong { length: state.len() as u64 });
        }
        let Some((anchor, pieces)) = self.pieces.take().map(|it| *it) else { return Err(CheckpointRefusal::NotBegun) };
        let anchor = Anchor { pieces: pieces.length, ..anchor };
        let records = anchor.point.records;
        let bytes = Scratch(checkpoint::write(&anchor, state));
        self.checkpoint = Some(Checkpoint { records, in_pieces: pieces.length > 0, bytes, ticket: None });
        Ok(records)
    }

    /// Gives up what was begun and not ended.
    pub(crate) fn abandon_checkpoint(&mut self, tickets: &mut u64, emit: &mut impl FnMut(Request)) {
        if let Some((anchor, _)) = self.pieces.take().map(|it| *it) {
            abandon(anchor.point.records, tickets, emit);
        }
    }

    /// A checkpoint of a state that fits into one frame.
    pub(crate) fn checkpoint(&mut self, config: &Config, state: &[u8]) -> Result<u64, CheckpointRefusal> {
        if state.len() > MAX_STATE {
            return Err(CheckpointRefusal::TooLong { length: state.len() as u64 });
        }
        self.begin_checkpoint(config)?;
        self.finish_checkpoint(state)
    }

    /// The log as far as it is durable.
    pub(crate) const fn durable(&self) -> &LogHead {
        &self.durable
    }

    /// The append to the log that was not answered yet.
    pub(crate) const fn in_flight(&self) -> Option<Ticket> {
        self.in_flight
    }

    /// Records appended, durable or not, and the digest of the last one.
    pub(crate) const fn submitted(&self) -> (u64, Digest) {
        (self.records, self.digest)
    }

    /// How often the log was opened before.
    pub(crate) const fn incarnation(&self) -> u64 {
        self.incarnation
    }

    pub(crate) fn checkpoints(&self) -> &[u64] {
        &self.checkpoints
    }
}

/// What was made of a draft.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Appended {
    /// The record's position in the log.
    pub position: u64,
    /// The record's digest; [`Link::next`] of it is the trajectory's next place.
    pub digest: Digest,
}

/// Removes a checkpoint that was not ended, and its pieces. Nothing waits for that: whatever comes of it, the next opening looks
/// again.
fn abandon(records: u64, tickets: &mut u64, emit: &mut impl FnMut(Request)) -> Written {
    reached!("ledger.checkpoint_abandoned");
    for object in [checkpoint_object(records), pieces_object(records)] {
        submit(tickets, Operation::Remove { object }, emit);
    }
    Written::Abandoned(records)
}

/// Hands `operation` to the disk under the next ticket.
pub(crate) fn submit(tickets: &mut u64, operation: Operation, emit: &mut impl FnMut(Request)) -> Ticket {
    let ticket = Ticket(*tickets);
    *tickets += 1;
    emit(Request { ticket, operation });
    ticket
}

/// Why an answer to something that changes the disk ends the writing; `None` when it was done.
pub(crate) fn failure(outcome: &Outcome, object: impl FnOnce() -> antfarm_machine::Object) -> Option<Stop> {
    match outcome {
        Outcome::Done => None,
        Outcome::Conflict { end } => Some(Stop::Conflict { object: object(), end: *end }),
        Outcome::Full => Some(Stop::Full { object: object() }),
        Outcome::Failed | Outcome::Data(_) | Outcome::Listed(_) => Some(Stop::Failed { object: Some(object()) }),
    }
}
