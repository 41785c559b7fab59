//! The one reader of segments: bytes in, records out, in constant memory. Recovery, audits and proofs all use it.
//!
//! It checks every rule of the format as it goes, and decides what damage means:
//!
//! INVARIANT(torn-tail): damage is a torn tail, which may be cut, when it is in the last segment and no whole frame head starts
//! after the first damaged byte, counting from the end of the damaged frame where its head is whole. Anything else is refused.
//!
//! One append is in flight at a time and a new segment begins only when the former is durable, so a crash can damage nothing
//! but the end of the last segment; and what a crash leaves of an append is a prefix, perhaps followed by room that was never
//! written. A frame head past the damage is therefore a sign that the damaged bytes had been durable.
//!
//! A cut at a frame's boundary is invisible here. Only a head that is known from elsewhere shows it: see [`Verifier::through`].

use crate::checkpoint::Anchor;
use crate::frame::{self, HEAD, Head, MARK};
use crate::header::{Link, OPENED};
use crate::merkle::Frontier;
use crate::pieces::Point;
use crate::record::{BEFORE_PAYLOAD, BadBody, MAX_PAYLOAD, Record};
use crate::refusal::{Reason, Refused};
use crate::scratch::Scratch;
use crate::segment::{FORMAT, Opening, SEGMENT, segment_object};
use antfarm_identity::{Codec, Digest};
use core::mem;

/// The longest frame in a segment, in bytes, and with it the most that a [`Verifier`] ever holds.
pub const MAX_FRAME: usize = HEAD + BEFORE_PAYLOAD + MAX_PAYLOAD;

/// A point of a log: how many records, the digest of the last one, the root of the tree over all of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct LogHead {
    /// Records up to here; the position of the next one.
    pub records: u64,
    /// The digest of the last record; the log's id when there is none.
    pub digest: Digest,
    /// The root of the Merkle tree.
    pub root: Digest,
}

/// The torn end of the last segment.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Tear {
    /// The segment.
    pub segment: u32,
    /// What may stay: bytes up to here are whole. Zero when the segment's first frame is torn.
    pub keep: u64,
    /// What goes, in bytes.
    pub lost: u64,
}

/// What reading a whole log came to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Verified {
    /// Where the log ends.
    pub head: LogHead,
    /// The torn end of its last segment.
    pub tear: Option<Tear>,
}

/// Reads segments in order, chunk by chunk: [`Verifier::begin`], [`Verifier::feed`], [`Verifier::close`] for each, then
/// [`Verifier::finish`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Verifier {
    log: Digest,
    records: u64,
    head: Digest,
    /// `None` as long as reading has not come to the anchor from somewhere in the middle.
    tree: Option<Tree>,
    /// Records before it are checked but not folded.
    anchor: Option<Anchor>,
    through: Option<(u64, Digest)>,
    /// The segment that comes next, and whether it is known what it must continue.
    next: u32,
    started: bool,
    reading: Reading,
    carry: Scratch,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Tree {
    frontier: Frontier,
    own: Link,
}

/// The segment being read.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Reading {
    number: u32,
    length: u64,
    last: bool,
    /// Bytes fed.
    fed: u64,
    /// Where the next frame starts.
    offset: u64,
    damage: Damage,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Damage {
    None,
    /// Looking for a head after the damage: offset of the first byte in `carry`, which is shorter than a mark.
    Looking {
        from: u64,
    },
    /// The damaged frame runs past the end of the segment; nothing can follow.
    Beyond,
}

/// What the bytes at a frame's start turned out to be.
enum Step {
    Took(usize),
    Needs(usize),
    /// Damaged; the look for whole heads starts this many bytes further on, `None` for never.
    Damaged(Option<usize>),
}

impl Verifier {
    /// Reads the log with this id from its first segment on.
    pub fn new(log: Digest) -> Self {
        let tree = Tree { frontier: Frontier::new(), own: Link::first(log) };
        let reading = Reading { number: 0, length: 0, last: false, fed: 0, offset: 0, damage: Damage::None };
        Self {
            log,
            records: 0,
            head: log,
            tree: Some(tree),
            anchor: None,
            through: None,
            next: 1,
            started: true,
            reading,
            carry: Scratch::default(),
        }
    }

    /// Reads from `segment` on, and hands out records from `anchor` on, which the log must pass through.
    pub(crate) fn anchored(anchor: Anchor, segment: u32) -> Self {
        assert!(1 <= segment && segment <= anchor.segment, "reading begins at or before the anchor");
        let fresh = Self::new(anchor.point.log);
        let started = segment == 1;
        Self { tree: fresh.tree.filter(|_| started), anchor: Some(anchor), next: segment, started, ..fresh }
    }

    /// Reads on from the anchor, in the middle of its segment; what lies before is not looked at.
    pub(crate) fn from_anchor(anchor: Anchor) -> Self {
        let Anchor { point: Point { log, records, digest, own, frontier }, segment, .. } = anchor;
        let tree = Some(Tree { frontier, own });
        Self { records, head: digest, tree, next: segment, ..Self::new(log) }
    }

    /// Starts in the middle of a segment, as [`Verifier::begin`] does at its beginning; `false` when it is shorter than that.
    pub(crate) fn begin_within(&mut self, number: u32, length: u64, offset: u32, last: bool) -> Result<bool, Refused> {
        self.begin(number, length, last)?;
        (self.reading.fed, self.reading.offset) = (u64::from(offset), u64::from(offset));
        Ok(u64::from(offset) <= length)
    }

    /// Refuses a log that does not pass through this head, which is known from elsewhere: a signed head, a peer's memory.
    #[must_use]
    pub fn through(self, records: u64, digest: Digest) -> Self {
        Self { through: Some((records, digest)), ..self }
    }

    /// Reads a whole log whose segments are in memory, from the first on; see the other functions for what happens.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the log, except for a torn tail.
    pub fn run(mut self, segments: &[&[u8]], fold: &mut impl FnMut(&Record<'_>)) -> Result<Verified, Refused> {
        let mut tear = None;
        for (index, bytes) in segments.iter().enumerate() {
            self.begin(self.next, bytes.len() as u64, index + 1 == segments.len())?;
            self.feed(bytes, fold)?;
            tear = self.close()?;
        }
        Ok(Verified { head: self.finish()?, tear })
    }

    /// Starts on a segment of `length` bytes. `last` says that no segment follows, so that a torn tail is legal.
    ///
    /// # Errors
    ///
    /// [`Reason::MissingSegment`] when it is not the segment that follows.
    pub fn begin(&mut self, number: u32, length: u64, last: bool) -> Result<(), Refused> {
        assert_eq!(self.reading.fed, self.reading.length, "a segment is read to its end before the next begins");
        if number != self.next {
            return Err(Refused { object: segment_object(self.next), offset: 0, reason: Reason::MissingSegment });
        }
        self.reading = Reading { number, length, last, fed: 0, offset: 0, damage: Damage::None };
        self.next = number.saturating_add(1);
        Ok(())
    }

    /// Reads on in a segment that has grown to `length` bytes since, as far as it was read: for who follows a log that is still
    /// written. `last` as for [`Verifier::begin`].
    ///
    /// # Panics
    ///
    /// When what was fed is not whole: that is no segment which goes on; see [`Verifier::is_whole`].
    pub fn grow(&mut self, length: u64, last: bool) {
        assert!(
            self.is_whole() && self.reading.fed == self.reading.length,
            "only a whole segment that was read to its end grows"
        );
        assert!(length >= self.reading.length, "a segment that grows keeps what it had");
        (self.reading.length, self.reading.last) = (length, last);
    }

    /// Whether all that was fed of the present segment is whole frames.
    pub fn is_whole(&self) -> bool {
        self.reading.damage == Damage::None && self.carry.is_empty()
    }

    /// Takes the next bytes of the segment, at most as many as are left of it, and hands each record that they complete to
    /// `fold`.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the log, except for a torn tail, which [`Verifier::close`] reports.
    pub fn feed(&mut self, bytes: &[u8], fold: &mut impl FnMut(&Record<'_>)) -> Result<(), Refused> {
        self.reading.fed += bytes.len() as u64;
        assert!(self.reading.fed <= self.reading.length, "a segment has the length that it was begun with");
        let mut rest = bytes;
        loop {
            if self.reading.damage != Damage::None {
                return self.look(rest);
            }
            if self.carry.is_empty() {
                if rest.is_empty() {
                    return Ok(());
                }
                match self.step(rest, fold)? {
                    Step::Took(length) => rest = &rest[length..],
                    Step::Needs(_) => {
                        self.carry.extend_from_slice(rest);
                        return Ok(());
                    }
                    Step::Damaged(resume) => {
                        self.damaged(resume)?;
                        rest = &rest[resume.unwrap_or(rest.len())..];
                    }
                }
                continue;
            }
            let mut carry = mem::take(&mut self.carry);
            match self.step(&carry, fold)? {
                Step::Took(length) => {
                    assert_eq!(length, carry.len(), "a frame in two chunks is collected exactly");
                    carry.clear();
                    self.carry = carry;
                }
                Step::Needs(length) => {
                    let (more, later) = rest.split_at(rest.len().min(length - carry.len()));
                    carry.extend_from_slice(more);
                    self.carry = carry;
                    if more.is_empty() {
                        return Ok(());
                    }
                    rest = later;
                }
                Step::Damaged(resume) => {
                    self.damaged(resume)?;
                    self.look(&carry[resume.unwrap_or(carry.len())..])?;
                }
            }
            assert!(self.carry.len() <= MAX_FRAME, "no frame is longer");
        }
    }

    /// Ends the segment, all of which was fed. Returns the torn tail of the last one, if it has one.
    ///
    /// # Errors
    ///
    /// [`Reason::Damaged`] when the segment is not the last one and does not end with a whole frame.
    pub fn close(&mut self) -> Result<Option<Tear>, Refused> {
        assert_eq!(self.reading.fed, self.reading.length, "a segment is read to its end before it is closed");
        if self.reading.damage == Damage::None && (self.reading.offset < self.reading.length || self.reading.length == 0) {
            let partial = mem::take(&mut self.carry);
            let resume = if Head::recognise(&partial).is_some() { None } else { Some(1) };
            self.damaged(resume)?;
            self.look(partial.get(1..).unwrap_or_default())?;
        }
        self.carry.clear();
        let Reading { number, length, offset, .. } = self.reading;
        let torn = self.reading.damage != Damage::None;
        assert!(torn || offset == length, "whole frames fill a segment");
        Ok(torn.then_some(Tear { segment: number, keep: offset, lost: length - offset }))
    }

    /// The head, after the last segment was closed.
    ///
    /// # Errors
    ///
    /// When the log ends before a checkpoint, or before a head, that it must pass through.
    pub fn finish(&self) -> Result<LogHead, Refused> {
        if let Some(anchor) = &self.anchor {
            return Err(self.refuse(Reason::EndsBeforeCheckpoint { records: anchor.point.records }));
        }
        match self.through {
            Some((records, digest)) if records > self.records || (records == 0 && digest != self.log) => {
                Err(self.refuse(Reason::WrongHead { records }))
            }
            Some(_) | None => Ok(LogHead { records: self.records, digest: self.head, root: self.frontier().root() }),
        }
    }

    /// Bytes held over for the next chunk; at most [`MAX_FRAME`].
    pub fn held(&self) -> usize {
        self.carry.len()
    }

    /// Bytes of the present segment that were fed.
    pub fn fed(&self) -> u64 {
        self.reading.fed
    }

    /// The right edge of the Merkle tree. Only for logs that were read from the first record or past their anchor.
    pub(crate) fn frontier(&self) -> &Frontier {
        &self.tree.as_ref().expect("`finish` refuses a log that did not come to its anchor").frontier
    }

    /// The next place in the log's own trajectory.
    pub(crate) fn own(&self) -> Link {
        self.tree.as_ref().expect("`finish` refuses a log that did not come to its anchor").own
    }

    /// Looks at the frame that starts where `bytes` do.
    fn step(&mut self, bytes: &[u8], fold: &mut impl FnMut(&Record<'_>)) -> Result<Step, Refused> {
        if bytes.len() < HEAD {
            return Ok(Step::Needs(HEAD));
        }
        let Some(head) = Head::recognise(bytes) else { return Ok(Step::Damaged(Some(1))) };
        if head.place.segment != self.reading.number || u64::from(head.place.offset) != self.reading.offset {
            let reason = Reason::Displaced { segment: head.place.segment, offset: head.place.offset };
            return Err(self.refuse(reason));
        }
        let extent = head.extent();
        if extent > MAX_FRAME {
            return Err(self.refuse(Reason::Layout));
        }
        if self.reading.offset + extent as u64 > self.reading.length {
            return Ok(Step::Damaged(None));
        }
        if bytes.len() < extent {
            return Ok(Step::Needs(extent));
        }
        let Some(body) = head.body(bytes) else { return Ok(Step::Damaged(Some(extent))) };
        if self.reading.offset == 0 {
            self.opening(body)?;
        } else {
            self.record(body, fold)?;
        }
        self.reading.offset += extent as u64;
        Ok(Step::Took(extent))
    }

    fn opening(&mut self, body: &[u8]) -> Result<(), Refused> {
        match body {
            [SEGMENT, low, high, ..] if u16::from_le_bytes([*low, *high]) != FORMAT => {
                return Err(self.refuse(Reason::Format { found: u16::from_le_bytes([*low, *high]) }));
            }
            _ => {}
        }
        let opening = Opening::parse(body).ok_or_else(|| self.refuse(Reason::Layout))?;
        if opening.log != self.log {
            return Err(self.refuse(Reason::Foreign { log: opening.log }));
        }
        if !self.started {
            self.records = opening.records;
            self.head = opening.previous;
            self.started = true;
        }
        self.follows(opening.records, opening.previous)?;
        self.pass()
    }

    fn record(&mut self, body: &[u8], fold: &mut impl FnMut(&Record<'_>)) -> Result<(), Refused> {
        let record = match Record::parse(body) {
            Ok(record) => record,
            Err(BadBody::Layout) => return Err(self.refuse(Reason::Layout)),
            Err(BadBody::Payload) => return Err(self.refuse(Reason::Payload)),
        };
        let header = &record.header;
        if header.log != self.log {
            return Err(self.refuse(Reason::Foreign { log: header.log }));
        }
        self.follows(header.position, header.previous)?;
        let Some(records) = self.records.checked_add(1) else { return Err(self.refuse(Reason::Layout)) };
        let owned = header.link.trajectory == self.log;
        let continues = self.tree.as_ref().is_none_or(|tree| !owned || tree.own == header.link);
        if owned != (header.kind == OPENED) || !continues {
            return Err(self.refuse(Reason::Trajectory));
        }
        if let Some(tree) = &mut self.tree {
            tree.frontier.push(record.digest);
            if owned {
                tree.own = header.link.next(record.digest);
            }
        }
        self.head = record.digest;
        self.records = records;
        if self.anchor.is_none() {
            fold(&record);
        }
        self.pass()
    }

    fn follows(&self, position: u64, previous: Digest) -> Result<(), Refused> {
        if position != self.records {
            return Err(self.refuse(Reason::Position { expected: self.records, found: position }));
        }
        if previous != self.head {
            return Err(self.refuse(Reason::Chain { expected: self.head, found: previous }));
        }
        Ok(())
    }

    /// Compares this point of the log with the anchor and the expected head, where they are of this point.
    fn pass(&mut self) -> Result<(), Refused> {
        if let Some((records, digest)) = self.through
            && records == self.records
            && digest != self.head
        {
            return Err(self.refuse(Reason::WrongHead { records }));
        }
        let Some(Anchor { point: anchor, .. }) = &self.anchor else { return Ok(()) };
        if self.records < anchor.records {
            return Ok(());
        }
        let tree = Tree { frontier: anchor.frontier.clone(), own: anchor.own };
        let same = anchor.records == self.records && anchor.digest == self.head;
        if !same || self.tree.as_ref().is_some_and(|known| *known != tree) {
            return Err(self.refuse(Reason::DisagreesWithCheckpoint { records: anchor.records }));
        }
        self.tree = Some(tree);
        self.anchor = None;
        Ok(())
    }

    fn refuse(&self, reason: Reason) -> Refused {
        Refused { object: segment_object(self.reading.number.max(1)), offset: self.reading.offset, reason }
    }

    /// Notes that the frame at the present offset is damaged; whole heads are looked for from `resume` bytes further on.
    fn damaged(&mut self, resume: Option<usize>) -> Result<(), Refused> {
        if !self.reading.last {
            return Err(self.refuse(Reason::Damaged { next: None }));
        }
        assert!(self.carry.is_empty(), "the damaged frame was taken out");
        self.reading.damage = match resume {
            Some(skip) => Damage::Looking { from: self.reading.offset + skip as u64 },
            None => Damage::Beyond,
        };
        Ok(())
    }

    /// Looks for a whole head in what follows the damage; finding one proves that the damage is no torn tail.
    fn look(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        let Damage::Looking { from } = self.reading.damage else { return Ok(()) };
        self.carry.extend_from_slice(bytes);
        if let Some(at) = frame::find(&self.carry) {
            return Err(self.refuse(Reason::Damaged { next: Some(from + at as u64) }));
        }
        let seen = self.carry.len().saturating_sub(MARK - 1);
        self.carry.drain(..seen);
        self.reading.damage = Damage::Looking { from: from + seen as u64 };
        Ok(())
    }
}
