//! The ledger that a machine contains: opening, appending, and what receipts mean.
//!
//! Not a machine itself. It emits [`Request`]s through a closure and is handed every [`Receipt`]; tickets are its own, counted
//! from zero, so a container with other requests wraps them. Records are folded when they are appended; whoever reveals one
//! waits until [`Ledger::durable`] covers it (INVARIANT(durable-before-visible)).

use crate::projection::Projection;
use crate::record::Draft;
use crate::recovery::{Depth, Discarded, Next, Recovered, Recovery};
use crate::refusal::{AppendRefusal, CheckpointRefusal, Refused, Stop};
use crate::segment::{checkpoint_object, pieces_object, segment_object};
use crate::verifier::{LogHead, Tear};
use crate::writer::{Appended, KEPT_CHECKPOINTS, Writer, Written, failure, submit};
use alloc::boxed::Box;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest, Signer};
use antfarm_machine::{MAX_APPEND, Operation, Receipt, Request, Ticket, reached};

/// The longest segment that may be configured, in bytes.
pub const MAX_SEGMENT: u32 = 1 << 30;

/// How a ledger is kept. Only `log` is part of what is written; the rest may change from one start to the next.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Config {
    /// The log's id.
    pub log: Digest,
    /// Whose secret the salts of payloads are derived from; see [`Signer::salt`].
    pub signer: Signer,
    /// A segment that would grow past this many bytes is followed by a new one. At most [`MAX_SEGMENT`].
    pub segment_bytes: u32,
    /// Bytes that may wait to become durable, and so the longest append. At most [`MAX_APPEND`]. One record always fits.
    pub pending_bytes: u32,
    /// How much is checked at opening.
    pub depth: Depth,
}

impl Config {
    /// Segments of 64 MiB, one MiB waiting, the tail checked at opening.
    pub const fn new(log: Digest, signer: Signer) -> Self {
        Self { log, signer, segment_bytes: 64 << 20, pending_bytes: 1 << 20, depth: Depth::Tail }
    }
}

/// A log with one writer. See the crate's documentation for the format.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ledger {
    config: Config,
    tickets: u64,
    /// The furthest head that the log must still pass through when it is opened again.
    known: Option<(u64, Digest)>,
    /// An append to the log that was in flight when its writer ended, and was not answered yet.
    unanswered: Option<Ticket>,
    /// How much is read at this opening.
    depth: Depth,
    phase: Phase,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Closed,
    /// The unanswered append must be answered before the log is read.
    Waiting,
    /// One request of the recovery is underway.
    Reading {
        ticket: Ticket,
        recovery: Box<Recovery>,
    },
    /// The tear is being cut. The writer continues from what is left.
    Cutting {
        ticket: Ticket,
        writer: Box<Writer>,
        opened: Opened,
    },
    /// The record that notes the opening is on its way.
    Fencing {
        writer: Box<Writer>,
        opened: Opened,
    },
    Open {
        writer: Box<Writer>,
    },
    Refused(Refused),
    Stopped(Stop),
}

/// That the log is open, and how it was found.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Opened {
    /// How often this log was opened before.
    pub incarnation: u64,
    /// Records that were found.
    pub records: u64,
    /// The torn tail that was cut.
    pub cut: Option<Tear>,
    /// Checkpoints that were not usable, and were removed.
    pub discarded: Vec<Discarded>,
    /// The checkpoint that was taken up; `None` where the log was folded from its first record.
    pub restored: Option<Restored>,
}

/// A checkpoint that was taken up, and where it stands in the log. With [`Depth::Anchor`], nothing before was read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Restored {
    /// Records that it covers.
    pub records: u64,
    /// The segment that the last of them is in.
    pub segment: u32,
    /// The offset behind it.
    pub offset: u32,
}

/// What a receipt led to.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Progress {
    /// Nothing that concerns the container; perhaps the receipt was not the ledger's.
    None,
    /// The log is open, and the record that says so is durable. Appending may begin.
    Opened(Opened),
    /// Everything up to this head is durable and may be revealed.
    Durable(LogHead),
    /// The checkpoint of this many records is durable.
    Checkpointed {
        /// Records that it covers.
        records: u64,
    },
    /// The piece that was handed over is durable: the next may follow.
    Piece,
    /// There was no room for the checkpoint of this many records, and it was given up. The log is not concerned.
    Abandoned {
        /// Records that it would have covered.
        records: u64,
    },
    /// The log is not served, and opening it again will not help.
    Refused(Refused),
    /// Writing, or opening, ended. Open again, now or later; records that are not known to be durable may be gone.
    Stopped(Stop),
}

impl Ledger {
    /// A ledger that is not open.
    ///
    /// Panics when `config` exceeds [`MAX_SEGMENT`] or [`MAX_APPEND`].
    pub fn new(config: Config) -> Self {
        assert!(config.segment_bytes <= MAX_SEGMENT, "a segment is at most {MAX_SEGMENT} bytes long");
        assert!(config.pending_bytes as usize <= MAX_APPEND, "an append is at most {MAX_APPEND} bytes long");
        let depth = config.depth;
        Self { config, tickets: 0, known: None, unanswered: None, depth, phase: Phase::Closed }
    }

    /// Refuses, from the next opening on, a log that does not pass through this head: one that a peer remembers, say. Of
    /// several heads the furthest counts. The ledger itself remembers what was durable, until the process ends.
    pub fn remember(&mut self, records: u64, digest: Digest) {
        if self.known.is_none_or(|(known, _)| records > known) {
            self.known = Some((records, digest));
        }
    }

    /// Begins to open the log, from whatever phase it is in. What was appended and is not durable may be lost, and the
    /// projection is folded anew. An append that is still in flight is waited for first, whatever comes of it: it could begin
    /// a segment after the disk was listed, beside the one that is written on then.
    pub fn open(&mut self, emit: &mut impl FnMut(Request)) {
        self.open_at(self.config.depth, emit);
    }

    /// The same, and reads the log from its first record, whatever checkpoints there are: for who must see all of it. Checkpoints are
    /// left alone.
    pub fn open_whole(&mut self, emit: &mut impl FnMut(Request)) {
        self.open_at(Depth::First, emit);
    }

    fn open_at(&mut self, depth: Depth, emit: &mut impl FnMut(Request)) {
        if let Some(ticket) = self.writer_in_flight() {
            self.unanswered = Some(ticket);
        }
        self.depth = depth;
        match self.unanswered {
            Some(_) => self.phase = Phase::Waiting,
            None => self.begin(emit),
        }
    }

    fn begin(&mut self, emit: &mut impl FnMut(Request)) {
        let (recovery, first) = Recovery::begin(self.config.log, self.depth, self.known);
        let ticket = submit(&mut self.tickets, first, emit);
        self.phase = Phase::Reading { ticket, recovery: Box::new(recovery) };
    }

    /// Takes the disk's answer to one request. Answers that are not the ledger's, or are late, change nothing.
    pub fn receive(&mut self, receipt: Receipt, projection: &mut impl Projection, emit: &mut impl FnMut(Request)) -> Progress {
        if self.unanswered == Some(receipt.ticket) {
            self.unanswered = None;
            if self.phase == Phase::Waiting {
                reached!("ledger.waited");
                self.begin(emit);
            }
            return Progress::None;
        }
        let phase = core::mem::replace(&mut self.phase, Phase::Closed);
        let (phase, progress) = match phase {
            Phase::Reading { ticket, mut recovery } if ticket == receipt.ticket => {
                let next = recovery.answer(receipt.outcome, projection);
                self.read(recovery, next, projection, emit)
            }
            Phase::Cutting { ticket, writer, opened } if ticket == receipt.ticket => {
                let torn = opened.cut.as_ref().map_or(1, |tear| tear.segment);
                match failure(&receipt.outcome, || segment_object(torn)) {
                    Some(stop) => stopped(stop),
                    None => self.fence(writer, opened, emit),
                }
            }
            Phase::Fencing { mut writer, opened } => match writer.receive(&receipt, &mut self.tickets, emit) {
                Written::Durable(_) => (Phase::Open { writer }, Progress::Opened(opened)),
                Written::Stopped(stop) => {
                    self.unanswered = writer.in_flight();
                    stopped(stop)
                }
                Written::Checkpointed(_) | Written::Piece | Written::Abandoned(_) | Written::Unknown => {
                    (Phase::Fencing { writer, opened }, Progress::None)
                }
            },
            Phase::Open { mut writer } => match writer.receive(&receipt, &mut self.tickets, emit) {
                Written::Unknown => (Phase::Open { writer }, Progress::None),
                Written::Durable(head) => (Phase::Open { writer }, Progress::Durable(head)),
                Written::Checkpointed(records) => (Phase::Open { writer }, Progress::Checkpointed { records }),
                Written::Piece => (Phase::Open { writer }, Progress::Piece),
                Written::Abandoned(records) => (Phase::Open { writer }, Progress::Abandoned { records }),
                Written::Stopped(stop) => {
                    self.unanswered = writer.in_flight();
                    stopped(stop)
                }
            },
            phase @ (Phase::Closed
            | Phase::Waiting
            | Phase::Reading { .. }
            | Phase::Cutting { .. }
            | Phase::Refused(_)
            | Phase::Stopped(_)) => (phase, Progress::None),
        };
        self.phase = phase;
        if let Some(head) = self.durable() {
            self.remember(head.records, head.digest);
        }
        progress
    }

    /// Appends a record, and folds it. It is sent with the next [`Ledger::flush`], or once the append before it is durable.
    ///
    /// # Errors
    ///
    /// See [`AppendRefusal`]; nothing changed then.
    pub fn append(&mut self, draft: Draft<'_>, projection: &mut impl Projection) -> Result<Appended, AppendRefusal> {
        match &mut self.phase {
            Phase::Open { writer } => writer.append(&self.config, draft, projection),
            Phase::Closed
            | Phase::Waiting
            | Phase::Reading { .. }
            | Phase::Cutting { .. }
            | Phase::Fencing { .. }
            | Phase::Refused(_)
            | Phase::Stopped(_) => Err(AppendRefusal::NotOpen),
        }
    }

    /// Sends what was appended as one append, unless one is in flight; then it follows when that is durable. Call it once at
    /// the end of a step.
    pub fn flush(&mut self, emit: &mut impl FnMut(Request)) {
        if let Phase::Open { writer } = &mut self.phase {
            writer.flush(&mut self.tickets, emit);
        }
    }

    /// Begins a checkpoint: `state` is the projection of every record appended so far. It goes out with a flush, once these are
    /// durable. Returns how many records it covers.
    ///
    /// # Errors
    ///
    /// See [`CheckpointRefusal`]; nothing changed then.
    pub fn checkpoint(&mut self, state: &[u8]) -> Result<u64, CheckpointRefusal> {
        let Phase::Open { writer } = &mut self.phase else { return Err(CheckpointRefusal::NotOpen) };
        writer.checkpoint(&self.config, state)
    }

    /// Begins a checkpoint whose state goes to the disk in pieces: it stands for every record appended so far. Returns how many. Then
    /// [`Ledger::piece`] is called for each, the next after [`Progress::Piece`], and [`Ledger::finish_checkpoint`] after the last.
    ///
    /// # Errors
    ///
    /// See [`CheckpointRefusal`]; nothing changed then.
    pub fn begin_checkpoint(&mut self) -> Result<u64, CheckpointRefusal> {
        let Phase::Open { writer } = &mut self.phase else { return Err(CheckpointRefusal::NotOpen) };
        writer.begin_checkpoint(&self.config)
    }

    /// Takes the next piece, at most [`crate::MAX_PIECE`] bytes. It goes out with a flush.
    ///
    /// # Errors
    ///
    /// See [`CheckpointRefusal`]; nothing changed then.
    pub fn piece(&mut self, piece: &[u8]) -> Result<(), CheckpointRefusal> {
        let Phase::Open { writer } = &mut self.phase else { return Err(CheckpointRefusal::NotOpen) };
        writer.piece(piece)
    }

    /// The [`crate::Seal`] of the checkpoint that was begun, with the pieces so far.
    pub fn seal(&self) -> Option<Digest> {
        self.writer().and_then(Writer::checkpoint_seal)
    }

    /// Ends the checkpoint: `state` is what [`Projection::sealed`] is handed when it is read. It goes out with a flush, once the records
    /// are durable. Returns how many it covers.
    ///
    /// # Errors
    ///
    /// See [`CheckpointRefusal`]; nothing changed then.
    pub fn finish_checkpoint(&mut self, state: &[u8]) -> Result<u64, CheckpointRefusal> {
        let Phase::Open { writer } = &mut self.phase else { return Err(CheckpointRefusal::NotOpen) };
        writer.finish_checkpoint(state)
    }

    /// Gives up a checkpoint that was begun and not ended, and removes its pieces.
    pub fn abandon_checkpoint(&mut self, emit: &mut impl FnMut(Request)) {
        if let Phase::Open { writer } = &mut self.phase {
            writer.abandon_checkpoint(&mut self.tickets, emit);
        }
    }

    /// The log as far as it is durable; `None` unless it is open.
    pub fn durable(&self) -> Option<LogHead> {
        self.writer().map(|writer| *writer.durable())
    }

    /// How many records were appended, durable or not, and the digest of the last one; `None` unless the log is open.
    pub fn submitted(&self) -> Option<(u64, Digest)> {
        self.writer().map(Writer::submitted)
    }

    /// Records covered by the checkpoints on the disk, oldest first; empty unless the log is open.
    pub fn checkpoints(&self) -> &[u64] {
        self.writer().map_or(&[], Writer::checkpoints)
    }

    /// Why the log is not served, if it was refused.
    pub const fn refused(&self) -> Option<&Refused> {
        match &self.phase {
            Phase::Refused(refused) => Some(refused),
            Phase::Closed
            | Phase::Waiting
            | Phase::Reading { .. }
            | Phase::Cutting { .. }
            | Phase::Fencing { .. }
            | Phase::Open { .. }
            | Phase::Stopped(_) => None,
        }
    }

    /// How it was configured.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The append to the log that is in flight, if any.
    fn writer_in_flight(&self) -> Option<Ticket> {
        match &self.phase {
            Phase::Open { writer } | Phase::Fencing { writer, .. } => writer.in_flight(),
            Phase::Closed
            | Phase::Waiting
            | Phase::Reading { .. }
            | Phase::Cutting { .. }
            | Phase::Refused(_)
            | Phase::Stopped(_) => None,
        }
    }

    fn writer(&self) -> Option<&Writer> {
        match &self.phase {
            Phase::Open { writer } => Some(writer),
            Phase::Closed
            | Phase::Waiting
            | Phase::Reading { .. }
            | Phase::Cutting { .. }
            | Phase::Fencing { .. }
            | Phase::Refused(_)
            | Phase::Stopped(_) => None,
        }
    }

    fn read(
        &mut self,
        recovery: Box<Recovery>,
        next: Next,
        projection: &mut impl Projection,
        emit: &mut impl FnMut(Request),
    ) -> (Phase, Progress) {
        match next {
            Next::Ask(operation) => {
                let ticket = submit(&mut self.tickets, operation, emit);
                (Phase::Reading { ticket, recovery }, Progress::None)
            }
            Next::Refused(refused) => {
                reached!("ledger.refused");
                (Phase::Refused(refused.clone()), Progress::Refused(refused))
            }
            Next::Stopped(stop) => stopped(stop),
            Next::Done(recovered) => self.clean(*recovered, projection, emit),
        }
    }

    /// Cuts the tear and removes checkpoints that are of no use, then notes the opening.
    fn clean(
        &mut self,
        mut recovered: Recovered,
        projection: &mut impl Projection,
        emit: &mut impl FnMut(Request),
    ) -> (Phase, Progress) {
        let extra = recovered.checkpoints.len().saturating_sub(KEPT_CHECKPOINTS);
        let old: Vec<u64> = recovered.checkpoints.drain(..extra).collect();
        for records in old.into_iter().chain(recovered.discarded.iter().map(|discarded| discarded.records)) {
            // Nothing waits for these: whatever comes of them, the next opening looks again.
            submit(&mut self.tickets, Operation::Remove { object: checkpoint_object(records) }, emit);
        }
        let (kept, stray): (Vec<u64>, Vec<u64>) =
            recovered.pieces.iter().partition(|records| recovered.checkpoints.contains(records));
        for records in stray {
            reached!("ledger.stray_pieces_removed");
            submit(&mut self.tickets, Operation::Remove { object: pieces_object(records) }, emit);
        }
        recovered.pieces = kept;
        let restored = recovered.restored;
        let (records, cut) = (recovered.head.records, recovered.tear.clone());
        let discarded = core::mem::take(&mut recovered.discarded);
        let Ok(writer) = Writer::open(&self.config, recovered, projection) else {
            return stopped(Stop::Exhausted);
        };
        let writer = Box::new(writer);
        let opened = Opened { incarnation: writer.incarnation(), records, cut, discarded, restored };
        match &opened.cut {
            None => self.fence(writer, opened, emit),
            Some(tear) => {
                let object = segment_object(tear.segment);
                let operation = match tear.keep {
                    0 => {
                        reached!("ledger.torn_segment_removed");
                        Operation::Remove { object }
                    }
                    length => {
                        reached!("ledger.torn_tail_cut");
                        Operation::Truncate { object, length }
                    }
                };
                let ticket = submit(&mut self.tickets, operation, emit);
                (Phase::Cutting { ticket, writer, opened }, Progress::None)
            }
        }
    }

    /// Sends the record that notes the opening. It keeps other writers out: their next append conflicts.
    fn fence(&mut self, mut writer: Box<Writer>, opened: Opened, emit: &mut impl FnMut(Request)) -> (Phase, Progress) {
        writer.flush(&mut self.tickets, emit);
        (Phase::Fencing { writer, opened }, Progress::None)
    }
}

fn stopped(stop: Stop) -> (Phase, Progress) {
    reached!("ledger.stopped");
    (Phase::Stopped(stop.clone()), Progress::Stopped(stop))
}
