//! Folding records into a state, as the ledger hands them out: while a log is read, from its first record or from a checkpoint, and
//! when one is appended.

use crate::fact::Fact;
use crate::past::Past;
use crate::restoring::Restoring;
use crate::state::State;
use alloc::collections::VecDeque;
use antfarm_identity::{Codec, Digest};
use antfarm_ledger::{OPENED, Projection, Record};

/// How many of the latest digests are kept.
pub(crate) const KEPT: usize = 256;

/// How far a log was folded, and the digests of the latest records: what others remember of the log is compared with these.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Codec)]
pub(crate) struct Trail {
    /// How many records were folded.
    records: u64,
    /// The digests of the latest of them, the latest last; at most [`KEPT`].
    digests: VecDeque<Digest>,
}

impl Trail {
    fn pass(&mut self, position: u64, digest: Digest) {
        if self.digests.len() == KEPT {
            self.digests.pop_front();
        }
        self.digests.push_back(digest);
        self.records = position + 1;
    }

    /// How many records were folded.
    pub(crate) const fn records(&self) -> u64 {
        self.records
    }

    /// The digest of the last of so many records; `None` where that is not kept.
    pub(crate) fn digest(&self, records: u64) -> Option<&Digest> {
        let back = usize::try_from(self.records.checked_sub(records)?).ok()?;
        self.digests.get(self.digests.len().checked_sub(back + 1)?)
    }
}

/// Folds records into a state.
pub(crate) struct Folding<'a> {
    pub(crate) state: &'a mut State,
    /// What the record says, if it need not be read again.
    pub(crate) fact: Option<Fact>,
    /// Where a log is read that is the node's own.
    pub(crate) reading: Option<Reading<'a>>,
}

/// What is found out while a log is read.
pub(crate) struct Reading<'a> {
    /// What it must pass through, and does.
    pub(crate) past: &'a mut Past,
    /// The checkpoint that is taken up.
    pub(crate) restoring: &'a mut Restoring,
}

impl Projection for Folding<'_> {
    fn reset(&mut self) {
        let State { roots, trajectory, accounts, .. } = &*self.state;
        *self.state = State::empty(roots.clone(), *trajectory, accounts.home());
        if let Some(Reading { past, restoring }) = &mut self.reading {
            past.begin();
            **restoring = Restoring::default();
        }
    }

    /// A state of one frame is none of a node's.
    fn restore(&mut self, _: &[u8]) -> bool {
        false
    }

    fn piece(&mut self, piece: &[u8]) -> bool {
        let Some(Reading { restoring, .. }) = &mut self.reading else { return false };
        restoring.take(self.state, piece)
    }

    fn sealed(&mut self, state: &[u8], seal: Digest) -> bool {
        let Some(Reading { restoring, past }) = &mut self.reading else { return false };
        let taken = restoring.finish(self.state, state, seal);
        if taken {
            past.take_up(&self.state.trail);
        }
        taken
    }

    fn is_bound(&self) -> bool {
        self.reading.as_ref().is_none_or(|reading| reading.restoring.is_bound() && self.state.broken().is_none())
    }

    fn fold(&mut self, record: &Record<'_>) {
        let header = &record.header;
        self.state.trail.pass(header.position, record.digest);
        if let Some(Reading { past, .. }) = &mut self.reading {
            past.pass(header.position + 1, record.digest);
        }
        if header.kind == OPENED || self.state.broken.is_some() {
            return;
        }
        let read = || Fact::read(record).ok().flatten();
        let folded = self.fact.take().or_else(read).and_then(|fact| {
            let link = self.state.link(&fact);
            (link == header.link).then_some(())?;
            if let (Some(Reading { restoring, .. }), Fact::Saved { at, seal }) = (&mut self.reading, &fact) {
                restoring.vouch(*at, *seal);
            }
            self.state.apply(fact, header.position)
        });
        match folded {
            Some(()) => {
                self.state.links.insert(header.link.trajectory, header.link.next(record.digest));
            }
            None => self.state.broken = Some(header.position),
        }
    }
}
