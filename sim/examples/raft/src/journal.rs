//! The log on disk: segments, and how they are brought after the log in memory.
//!
//! A segment `log-<first>` holds frames of a [`Line`] each, for consecutive positions from `first` on. A segment is begun after
//! each snapshot, and when the newest holds an eighth of the window: room in the window comes only from removing segments, also
//! when nothing was committed for long and then all at once. The oldest is removed when a snapshot covers it and the segment after it: the log begins a good way
//! before the snapshot ends, which spares slow followers the snapshot.
//!
//! There is at most one change under way. A change is an append of new lines, a cut (of lines that the log in memory gave
//! up, before anything is appended), or the removal of a whole segment. That is what recovery rests on:
//!
//! - segments are whole but for the newest, whose end may be torn;
//! - positions are consecutive across segments: segments go away from the old end by compaction, one by one, oldest first,
//!   and from the new end when the log gives them up, newest first.

use crate::frame::{self, Class, Shelf};
use crate::log::Log;
use crate::server::{Server, Stance};
use crate::{Entry, Node};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use antfarm_identity::Codec;
use antfarm_machine::{Effects, Object, Operation, Ticket, reached};

/// One entry as it is stored. Position and the term before it prove that nothing is missing between two lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Codec)]
pub(crate) struct Line {
    pub(crate) index: u64,
    /// The term of the entry before.
    pub(crate) before: u64,
    pub(crate) entry: Entry,
}

/// What the disk holds.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Journal {
    segments: VecDeque<Segment>,
    /// The last position on disk.
    last: u64,
    /// The last position on disk that the log in memory still has; what follows is to be cut.
    good: u64,
    /// Whether the next line begins a segment.
    rotate: bool,
    flight: Option<Flight>,
}

/// An object with lines.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Segment {
    first: u64,
    object: Object,
    end: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Flight {
    ticket: Ticket,
    change: Change,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Change {
    /// `segment`, the newest or a new one, will end with the line of `last`; up to `good` the log has not given them up.
    Append {
        segment: Segment,
        last: u64,
        good: u64,
    },
    /// The newest segment will end at `end`, with the line of `last`.
    Cut {
        last: u64,
        end: u64,
    },
    RemoveNewest,
    RemoveOldest,
}

impl Segment {
    pub(crate) fn new(first: u64, end: u64) -> Self {
        Self { first, object: Shelf { class: Class::Log, number: first }.object(), end }
    }
}

impl Journal {
    /// As read from the disk: `segments`, ending with the line of `last`.
    pub(crate) const fn read(segments: VecDeque<Segment>, last: u64) -> Self {
        Self { segments, last, good: last, rotate: false, flight: None }
    }

    /// The log gave up everything after `index`.
    pub(crate) fn give_up_after(&mut self, index: u64) {
        self.good = self.good.min(index);
        if let Some(Flight { change: Change::Append { good, .. }, .. }) = &mut self.flight {
            *good = (*good).min(index);
        }
    }

    /// The log gave up everything, and begins anew after `index`.
    pub(crate) fn give_up_all(&mut self, index: u64) {
        self.give_up_after(0);
        if self.segments.is_empty() && self.flight.is_none() {
            (self.last, self.good) = (index, index);
        }
    }

    /// The next line begins a segment.
    pub(crate) const fn rotate(&mut self) {
        self.rotate = true;
    }

    /// Checks the whole against the log in memory.
    pub(crate) fn check(&self, log: &Log) {
        assert!(self.good <= self.last && self.good <= log.last(), "what is good is on disk and in memory");
        assert!(self.segments.iter().is_sorted_by_key(|segment| segment.first), "segments are in order");
        assert!(self.segments.iter().all(|segment| segment.end > 0 && segment.first <= self.last), "no segment is empty");
        let first = self.segments.front().map(|segment| segment.first);
        assert!(self.good == 0 || first.is_none_or(|first| first == log.before() + 1), "disk and memory begin together");
    }
}

impl Server {
    /// The last position that is durable: this server may be counted for it.
    pub(crate) fn durable(&self) -> u64 {
        self.journal.good.max(self.snapshot.index())
    }

    /// Brings the disk after the log; one change at a time.
    pub(crate) fn write_journal(&mut self, out: &mut Effects<'_, Node>) {
        let journal = &self.journal;
        if journal.flight.is_some() {
            return;
        }
        if journal.last > journal.good {
            let newest = journal.segments.back().expect("positions on disk are in segments");
            if newest.first > journal.good {
                self.change(Operation::Remove { object: newest.object.clone() }, Change::RemoveNewest, out);
            } else {
                let end = self.log.end(journal.good).expect("a position that is good was written");
                let cut = Operation::Truncate { object: newest.object.clone(), length: end };
                self.change(cut, Change::Cut { last: journal.good, end }, out);
            }
        } else if let (Some(oldest), Some(third)) = (journal.segments.front(), journal.segments.get(2))
            && third.first <= self.snapshot.index() + 1
        {
            self.change(Operation::Remove { object: oldest.object.clone() }, Change::RemoveOldest, out);
        } else if self.log.last() > journal.good {
            self.append_lines(out);
        }
    }

    /// Takes the receipt of such a change; `false` when `ticket` is not one.
    pub(crate) fn journal_written(&mut self, ticket: Ticket, out: &mut Effects<'_, Node>) -> bool {
        let Some(flight) = self.journal.flight.take_if(|flight| flight.ticket == ticket) else {
            return false;
        };
        let journal = &mut self.journal;
        match flight.change {
            Change::Append { segment, last, good } => {
                journal.segments.pop_back_if(|newest| newest.first == segment.first);
                journal.segments.push_back(segment);
                (journal.last, journal.good) = (last, good);
                self.lines_durable(out);
            }
            Change::Cut { last, end } => {
                let newest = journal.segments.back_mut().expect("a cut leaves the segment");
                (newest.end, journal.last) = (end, last);
            }
            Change::RemoveNewest => {
                let removed = journal.segments.pop_back().expect("the segment was there to be removed");
                journal.last = removed.first - 1;
                if journal.segments.is_empty() {
                    (journal.last, journal.good) = (self.log.before(), self.log.before());
                }
            }
            Change::RemoveOldest => {
                journal.segments.pop_front();
                let first = journal.segments.front().map_or(0, |segment| segment.first);
                if first > self.log.before() + 1 {
                    self.log.forget(first - 1);
                }
            }
        }
        true
    }

    fn append_lines(&mut self, out: &mut Effects<'_, Node>) {
        let good = self.journal.good;
        let long = self.config.segment();
        let mut segment = match self.journal.segments.back() {
            Some(newest) if !self.journal.rotate && good + 1 - newest.first < long => newest.clone(),
            Some(_) | None => Segment::new(good + 1, 0),
        };
        let last = self.log.last().min(good + self.config.batch as u64).min(segment.first + long - 1);
        self.journal.rotate = false;
        let (expected_end, mut bytes) = (segment.end, Vec::with_capacity(128));
        let mut before = self.log.term_at(good).expect("what is good is in the window or just before it");
        for index in good + 1..=last {
            let entry = *self.log.entry(index).expect("it lies between two positions of the window");
            let line = Line { index, before, entry };
            before = entry.term;
            let shelf = Shelf { class: Class::Log, number: segment.first };
            frame::write(&mut bytes, shelf, segment.end, |out| line.encode(out));
            segment.end = expected_end + bytes.len() as u64;
            self.log.mark(index, segment.end);
        }
        let append = Operation::AppendAt { object: segment.object.clone(), expected_end, bytes };
        self.change(append, Change::Append { segment, last, good: last }, out);
    }

    fn change(&mut self, operation: Operation, change: Change, out: &mut Effects<'_, Node>) {
        let ticket = self.disk.submit(operation, out);
        self.journal.flight = Some(Flight { ticket, change });
    }

    /// More of the log is durable: a leader counts itself for it, a follower acknowledges it.
    fn lines_durable(&mut self, out: &mut Effects<'_, Node>) {
        match &self.stance {
            Stance::Leader(_) => {
                self.advance_commit(out);
                self.serve_reads(out);
            }
            Stance::Follower(_) => self.report(out),
            Stance::PreCandidate { .. } | Stance::Candidate { .. } => reached!("raft.durable_while_standing"),
        }
    }
}
