//! From bytes back to a server: what is read at a start, in which order, what is repaired, and what is refused.
//!
//! Objects are read one after the other, in bounded chunks: votes from the newest file until one has a vote, snapshots
//! from the newest until one is whole, then the log from its oldest segment. What a crash may leave behind is repaired
//! before the server takes part: a torn end is cut, an object with nothing whole in it and objects that were replaced are
//! removed. Everything else that is wrong halts the server, because it may have acknowledged what is missing.
//!
//! A crash may also come between the installation of a snapshot and the end of the log that it replaced. The rule is the
//! same as when it is installed (thesis section 5.3): a log that agrees with the snapshot at its last position is kept,
//! another is given up.

use crate::ballot::{Ballot, Vote, VoteFile};
use crate::frame::{self, Class, Scan, Shelf};
use crate::journal::{Journal, Line, Segment};
use crate::log::Log;
use crate::server::{Phase, Server};
use crate::snapshot::Snapshots;
use crate::{Image, Node, Notice, Timer};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use antfarm_identity::from_bytes;
use antfarm_machine::{Effects, Entry, Object, Operation, Outcome, reached};

/// The most bytes that are read at once.
const CHUNK: u64 = 64 << 10;

/// What was read so far.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Recovery {
    votes: Vec<Found>,
    snapshots: Vec<Found>,
    segments: Vec<Found>,
    reading: Option<Reading>,
    repairs: VecDeque<Operation>,
    torn: bool,
    vote: Option<(Vote, VoteFile)>,
    image: Option<Image>,
    log: Option<Log>,
    journal: VecDeque<Segment>,
}

/// An object that the disk lists. Lists of these are read from their end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Found {
    shelf: Shelf,
    length: u64,
    /// Whether it was begun last of its class, so that a crash may have torn it.
    newest: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Reading {
    found: Found,
    bytes: Vec<u8>,
}

/// Something that no crash leaves behind.
struct Damage {
    shelf: Shelf,
    offset: usize,
}

impl Recovery {
    /// Nothing was read; a list of the objects was asked for.
    pub(crate) fn begin() -> Self {
        Self::default()
    }

    /// Takes an outcome of what was asked for, and says what to ask for next; nothing when everything is read and repaired.
    fn next(&mut self, outcome: Outcome) -> Result<Option<Operation>, Damage> {
        match outcome {
            Outcome::Listed(entries) => self.listed(&entries),
            Outcome::Data(bytes) => self.data(&bytes)?,
            Outcome::Done | Outcome::Conflict { .. } | Outcome::Full | Outcome::Failed => {}
        }
        if self.reading.is_none() {
            let found = self.votes.pop().or_else(|| self.snapshots.pop()).or_else(|| self.segments.pop());
            self.reading = found.map(|found| Reading { found, bytes: Vec::new() });
        }
        Ok(match &self.reading {
            Some(Reading { found, bytes }) => {
                let start = bytes.len() as u64;
                Some(Operation::Read { object: found.shelf.object(), range: start..found.length.min(start + CHUNK) })
            }
            None => self.repairs.pop_front(),
        })
    }

    fn listed(&mut self, entries: &[Entry]) {
        for entry in entries {
            if let Some(shelf) = Shelf::parse(&entry.object) {
                let class = match shelf.class {
                    Class::Vote => &mut self.votes,
                    Class::Snapshot => &mut self.snapshots,
                    Class::Log => &mut self.segments,
                };
                class.push(Found { shelf, length: entry.length, newest: false });
            }
        }
        for class in [&mut self.votes, &mut self.snapshots, &mut self.segments] {
            class.sort_unstable_by_key(|found| found.shelf.number);
            if let Some(newest) = class.last_mut() {
                newest.newest = true;
            }
        }
        self.segments.reverse();
    }

    fn data(&mut self, chunk: &[u8]) -> Result<(), Damage> {
        let Some(mut reading) = self.reading.take() else { return Ok(()) };
        reading.bytes.extend_from_slice(chunk);
        if !chunk.is_empty() && (reading.bytes.len() as u64) < reading.found.length {
            self.reading = Some(reading);
            return Ok(());
        }
        match reading.found.shelf.class {
            Class::Vote => self.vote_read(reading),
            Class::Snapshot => self.snapshot_read(reading),
            Class::Log => self.segment_read(reading),
        }
    }

    fn vote_read(&mut self, Reading { found, bytes }: Reading) -> Result<(), Damage> {
        let mut last = None;
        let end = self.frames(found, &bytes, |at, body, _| {
            last = Some(from_bytes(body).map_err(|_| found.damage(at))?);
            Ok(())
        })?;
        if let Some(vote) = last {
            self.vote = Some((vote, VoteFile::new(found.shelf.number, end as u64)));
            self.replaced(Class::Vote);
        }
        Ok(())
    }

    fn snapshot_read(&mut self, Reading { found, bytes }: Reading) -> Result<(), Damage> {
        let mut image = None;
        self.frames(found, &bytes, |at, body, _| {
            let read: Image = from_bytes(body).map_err(|_| found.damage(at))?;
            if at > 0 || read.index != found.shelf.number {
                return Err(found.damage(at));
            }
            image = Some(read);
            Ok(())
        })?;
        if image.is_some() {
            self.image = image;
            self.replaced(Class::Snapshot);
        }
        Ok(())
    }

    fn segment_read(&mut self, Reading { found, bytes }: Reading) -> Result<(), Damage> {
        let first = found.shelf.number;
        let mut log = self.log.take();
        let end = self.frames(found, &bytes, |at, body, next| {
            let line: Line = from_bytes(body).map_err(|_| found.damage(at))?;
            let log = log.get_or_insert_with(|| Log::after(first.saturating_sub(1), line.before));
            let follows = line.index == log.last() + 1 && (at > 0 || line.index == first);
            if !follows || line.before != log.last_term() || line.entry.term < line.before {
                return Err(found.damage(at));
            }
            let index = log.push(line.entry);
            log.mark(index, next as u64);
            Ok(())
        })?;
        self.log = log;
        if end > 0 {
            self.journal.push_back(Segment::new(first, end as u64));
        }
        Ok(())
    }

    /// Gives each whole frame of an object to `take`, with its offset and its end; returns where the last one ends. What
    /// follows it must be torn, and is cut.
    fn frames(
        &mut self,
        found: Found,
        bytes: &[u8],
        mut take: impl FnMut(usize, &[u8], usize) -> Result<(), Damage>,
    ) -> Result<usize, Damage> {
        let mut at = 0;
        loop {
            match frame::scan(bytes, found.shelf, at) {
                Scan::Frame { body, next } => {
                    take(at, body, next)?;
                    at = next;
                }
                Scan::End if at > 0 => return Ok(at),
                Scan::End | Scan::Torn if found.newest => {
                    reached!("raft.torn_write_cut");
                    self.torn = true;
                    let object = found.shelf.object();
                    let length = at as u64;
                    self.repairs.push_back(match at {
                        0 => Operation::Remove { object },
                        1.. => Operation::Truncate { object, length },
                    });
                    return Ok(at);
                }
                Scan::End | Scan::Torn | Scan::Damaged => return Err(found.damage(at)),
            }
        }
    }

    /// A whole object of a class was read; the older ones are left over.
    fn replaced(&mut self, class: Class) {
        let older = match class {
            Class::Vote => &mut self.votes,
            Class::Snapshot => &mut self.snapshots,
            Class::Log => &mut self.segments,
        };
        self.repairs.extend(older.drain(..).map(|found| Operation::Remove { object: found.shelf.object() }));
    }
}

impl Found {
    const fn damage(&self, offset: usize) -> Damage {
        Damage { shelf: self.shelf, offset }
    }
}

impl Server {
    /// Takes an outcome of what recovery asked for.
    pub(crate) fn recover(&mut self, outcome: Outcome, out: &mut Effects<'_, Node>) {
        let Phase::Recovering(recovery) = &mut self.phase else { return };
        match recovery.next(outcome) {
            Ok(Some(operation)) => {
                self.disk.submit(operation, out);
            }
            Ok(None) => {
                let recovery = core::mem::take(&mut **recovery);
                self.open(recovery, out);
            }
            Err(Damage { shelf, offset }) => self.halt(shelf.object(), offset as u64, out),
        }
    }

    /// Takes part, with what was read.
    fn open(&mut self, recovery: Recovery, out: &mut Effects<'_, Node>) {
        let Recovery { torn, vote, image, log, journal, .. } = recovery;
        let (vote, file) = vote.unwrap_or_else(|| (Vote::default(), VoteFile::new(1, 0)));
        let (index, term) = image.as_ref().map_or((0, 0), |image| (image.index, image.term));
        let first = journal.front().map(|_| log.as_ref().map_or(0, Log::before) + 1);
        let log = log.unwrap_or_else(|| Log::after(index, term));

        if log.last_term().max(term) > vote.term {
            return self.halt(file.object, file.end, out); // votes were lost
        }
        let held = log.term_at(index);
        if log.before() > index || (log.before() == index && held != Some(term)) {
            return self.halt(gap(first), 0, out); // entries between snapshot and log were lost
        }
        self.journal = Journal::read(journal, log.last());
        self.log = log;
        if held != Some(term) {
            reached!("raft.log_replaced_by_snapshot");
            self.log = Log::after(index, term);
            self.journal.give_up_all(index);
        }
        self.ballot = Ballot::read(vote, file);
        self.snapshot = Snapshots::read(index);
        (self.commit, self.applied) = (index, index);
        self.state = image.map(|image| image.state).unwrap_or_default();
        self.phase = Phase::Serving;
        out.tell(Notice::Opened { last: self.log.last(), torn });
        out.arm(Timer::Election, self.patience());
    }
}

/// The object before which entries are missing.
fn gap(first: Option<u64>) -> Object {
    Shelf { class: Class::Log, number: first.unwrap_or(1) }.object()
}
