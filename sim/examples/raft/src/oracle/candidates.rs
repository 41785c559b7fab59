//! Linearizability of one key, decided as answers arrive ("just-in-time linearization", Lowe 2017, *Testing for
//! Linearizability*, section 3).
//!
//! What is kept is every way in which the operations so far can have taken effect, as far as it matters for the future: a
//! *candidate* is the register, and which open operations took effect already. An answer keeps the candidates that can give
//! it, after operations that were still open took effect where that helps. When none is left, the history is not
//! linearizable. This is exact, and needs no history.
//!
//! An operation whose client crashed may never take effect, so a candidate that spends fewer of them can do all that one
//! which spends more can: only the least are kept. And such an operation is over when its client, restarted, is answered a
//! later write: clients' numbers supersede each other (thesis section 6.3). Both keep the number of candidates small.

use crate::oracle::register::Register;
use crate::{Answer, Command};
use stateright::semantics::SequentialSpec;
use std::collections::VecDeque;
use std::vec;
use std::vec::Vec;

/// The most open operations on one key, those of crashed clients included.
const OPEN: usize = 64;

/// The most candidates that one answer may lead through.
const CANDIDATES: usize = 1024;

/// Names an operation on this key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ordinal(u64);

/// What an answer shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Judgement {
    /// There is an order of effects that explains all answers.
    Holds,
    /// There is none.
    Fails,
    /// A bound was reached: nothing is known about this key any more.
    Unknown,
}

/// All candidates for one key.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    /// How many operations there were.
    operations: u64,
    /// Those that are open, by slot; the sets below are over slots.
    open: [Option<(Ordinal, Command)>; OPEN],
    /// Those open operations whose clients crashed, as a set of slots.
    abandoned: u64,
    candidates: Vec<Candidate>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Candidate {
    register: Register,
    /// Open operations that took effect, as a set of slots.
    effective: u64,
    /// The answers that those of them will get whose clients live.
    answers: Vec<(usize, Answer)>,
}

impl Default for Candidates {
    fn default() -> Self {
        let unwritten = Candidate { register: Register::default(), effective: 0, answers: Vec::new() };
        Self { operations: 0, open: [None; OPEN], abandoned: 0, candidates: vec![unwritten] }
    }
}

impl Candidates {
    /// A client wants an operation; `None` when there is no room for it.
    pub(super) fn invoked(&mut self, command: Command) -> Option<Ordinal> {
        let slot = self.open.iter().position(Option::is_none)?;
        self.operations += 1;
        let ordinal = Ordinal(self.operations);
        self.open[slot] = Some((ordinal, command));
        Some(ordinal)
    }

    /// The operation's client crashed: it may take effect at any time, or never.
    pub(super) fn abandoned(&mut self, operation: Ordinal) {
        let Some((slot, command)) = self.find(operation) else { return };
        self.abandoned |= 1 << slot;
        let nothing = matches!(command, Command::Get { .. });
        for mut candidate in std::mem::take(&mut self.candidates) {
            candidate.answers.retain(|(other, _)| *other != slot);
            if nothing {
                candidate.effective &= !(1 << slot);
            }
            keep(&mut self.candidates, candidate, self.abandoned);
        }
        if nothing {
            self.free(slot);
        }
        self.settle();
    }

    /// From now on a crashed client's operation takes effect no more: it did before, or never will.
    pub(super) fn over(&mut self, operation: Ordinal) -> Judgement {
        let Some((slot, command)) = self.find(operation) else { return Judgement::Holds };
        let never = self.candidates.clone();
        let judgement = self.take_effect(slot, command, None);
        for candidate in never {
            keep(&mut self.candidates, candidate.without(slot), self.abandoned);
        }
        judgement
    }

    /// The operation was refused, and had no effect.
    pub(super) fn refused(&mut self, operation: Ordinal) -> Judgement {
        let Some((slot, _)) = self.find(operation) else { return Judgement::Unknown };
        self.candidates.retain(|candidate| candidate.effective & 1 << slot == 0);
        self.free(slot);
        if self.candidates.is_empty() { Judgement::Fails } else { Judgement::Holds }
    }

    /// The operation was answered.
    pub(super) fn returned(&mut self, operation: Ordinal, answer: Answer) -> Judgement {
        let Some((slot, command)) = self.find(operation) else { return Judgement::Unknown };
        self.take_effect(slot, command, Some(answer))
    }

    /// Keeps the candidates in which an operation took effect by now, with this answer or any; it is open no more.
    fn take_effect(&mut self, slot: usize, command: Command, answer: Option<Answer>) -> Judgement {
        let wanted = |got: Answer| answer.is_none_or(|answer| answer == got);
        let mut seen: Vec<Candidate> = Vec::new();
        let mut found: Vec<Candidate> = Vec::new();
        let mut next: VecDeque<Candidate> = self.candidates.drain(..).collect();
        while let Some(candidate) = next.pop_front() {
            if candidate.effective & 1 << slot != 0 {
                let promised = candidate.answers.iter().find(|(other, _)| *other == slot);
                if promised.is_none_or(|(_, promised)| wanted(*promised)) {
                    keep(&mut found, candidate.without(slot), self.abandoned);
                }
                continue;
            }
            let mut now = candidate.clone();
            if wanted(now.register.invoke(&command)) {
                keep(&mut found, now, self.abandoned);
            }
            for other in (0..OPEN).filter(|&other| other != slot) {
                if let Some(later) = self.effect(&candidate, other)
                    && keep(&mut seen, later.clone(), self.abandoned)
                {
                    next.push_back(later);
                }
            }
            if seen.len() > CANDIDATES {
                return Judgement::Unknown;
            }
        }
        self.candidates = found;
        self.free(slot);
        self.settle();
        if self.candidates.is_empty() { Judgement::Fails } else { Judgement::Holds }
    }

    /// What the register holds, when that is certain: no live operation is open, and none of a crashed client can have been
    /// spent.
    pub(super) fn certain(&self) -> Option<Register> {
        let live = (0..OPEN).any(|slot| self.open[slot].is_some() && self.abandoned & 1 << slot == 0);
        match self.candidates.as_slice() {
            [Candidate { register, effective: 0, .. }] if !live => Some(*register),
            _ => None,
        }
    }

    /// The operations of crashed clients that may still take effect.
    pub(super) fn standing(&self) -> impl Iterator<Item = Command> {
        (0..OPEN).filter(|slot| self.abandoned & 1 << slot != 0).filter_map(|slot| self.open[slot].map(|(_, command)| command))
    }

    /// `candidate`, with one more open operation that took effect; `None` when it cannot, or when that leads nowhere.
    fn effect(&self, candidate: &Candidate, slot: usize) -> Option<Candidate> {
        let (_, command) = self.open[slot].filter(|_| candidate.effective & 1 << slot == 0)?;
        let mut later = candidate.clone();
        later.effective |= 1 << slot;
        let answer = later.register.invoke(&command);
        if self.abandoned & 1 << slot == 0 {
            later.answers.push((slot, answer));
            later.answers.sort_unstable_by_key(|(slot, _)| *slot);
        } else if later.register == candidate.register {
            return None;
        }
        Some(later)
    }

    /// Operations of crashed clients that took effect in every candidate are over.
    fn settle(&mut self) {
        let spent = self.candidates.iter().fold(self.abandoned, |spent, candidate| spent & candidate.effective);
        for slot in (0..OPEN).filter(|slot| spent & 1 << slot != 0) {
            self.free(slot);
            self.candidates.iter_mut().for_each(|candidate| candidate.effective &= !(1 << slot));
        }
    }

    /// The slot of an operation, and what it is; `None` when it is over.
    fn find(&self, operation: Ordinal) -> Option<(usize, Command)> {
        let mut open = (0..).zip(&self.open);
        open.find_map(|(slot, open)| open.filter(|(ordinal, _)| *ordinal == operation).map(|(_, command)| (slot, command)))
    }

    fn free(&mut self, slot: usize) {
        self.open[slot] = None;
        self.abandoned &= !(1 << slot);
    }
}

impl Candidate {
    /// The same when the operation in `slot` is over.
    fn without(mut self, slot: usize) -> Self {
        self.answers.retain(|(other, _)| *other != slot);
        self.effective &= !(1 << slot);
        self
    }

    /// Whether whatever `other` can explain, this can too: it differs only by operations of crashed clients that it has left.
    fn covers(&self, other: &Self, abandoned: u64) -> bool {
        self.register == other.register
            && self.answers == other.answers
            && self.effective & !abandoned == other.effective & !abandoned
            && self.effective & !other.effective == 0
    }
}

/// Adds a candidate unless another one covers it, and drops those that it covers; whether it was added.
fn keep(all: &mut Vec<Candidate>, candidate: Candidate, abandoned: u64) -> bool {
    if all.iter().any(|other| other.covers(&candidate, abandoned)) {
        return false;
    }
    all.retain(|other| !candidate.covers(other, abandoned));
    all.push(candidate);
    true
}
