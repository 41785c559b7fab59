//! Who waits for what: clients of the control socket are told what the node tells of their asks.
//!
//! Rule kept: *nobody is told of another's ask by mistake*. An ask is known by what its notices name: the nonce of a wish or an
//! offer, the writ that is revoked or closed, the call that is resolved, the run. Two clients that ask the same thing both hear of it.

use crate::control::Said;
use antfarm_authority::{EffectKey, Nonce, WritId};
use antfarm_machine::Observer;
use antfarm_node::{Ask, Asked, Notice};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most asks that may wait for an answer.
pub(crate) const MAX_WAITING: usize = 1 << 14;

/// By what a notice is known to be about an ask.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Mark {
    Wish(Nonce),
    Grant(Nonce),
    Revoke(WritId),
    Close(WritId),
    Resolve(EffectKey),
    Run(WritId, Nonce),
}

/// Hands an answer on.
pub(crate) type Answer = Box<dyn FnOnce(Said) + Send>;

#[derive(Default)]
struct Waiting {
    next: u64,
    /// By the order in which they came: by what they are known, and where the answer goes.
    asks: BTreeMap<u64, (Mark, Answer)>,
    by_mark: BTreeSet<(Mark, u64)>,
}

/// The asks that wait. Clones are of one desk.
#[derive(Clone, Default)]
pub(crate) struct Desk(Arc<Mutex<Waiting>>);

/// One ask that waits: to forget it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place(u64);

impl Desk {
    /// Waits for what comes of an ask; call it before the node is asked.
    ///
    /// # Errors
    ///
    /// The answer's way back: [`MAX_WAITING`] asks wait.
    pub(crate) fn wait(&self, ask: &Ask, answer: Answer) -> Result<Place, Answer> {
        let mut waiting = self.lock();
        if waiting.asks.len() >= MAX_WAITING {
            return Err(answer);
        }
        let number = waiting.next;
        waiting.next += 1;
        let mark = mark(ask);
        waiting.by_mark.insert((mark, number));
        waiting.asks.insert(number, (mark, answer));
        Ok(Place(number))
    }

    /// Says this to who waits there, if anybody does.
    pub(crate) fn end(&self, place: Place, said: Said) {
        let answer = self.lock().take(place.0);
        if let Some(answer) = answer {
            answer(said);
        }
    }

    /// The number of who comes next.
    pub(crate) fn next(&self) -> u64 {
        self.lock().next
    }

    /// Says this to all who came before that number and still wait.
    pub(crate) fn end_before(&self, number: u64, said: &Said) {
        let answers: Vec<Answer> = {
            let mut waiting = self.lock();
            let old: Vec<u64> = waiting.asks.range(..number).map(|(old, _)| *old).collect();
            old.into_iter().filter_map(|old| waiting.take(old)).collect()
        };
        for answer in answers {
            answer(said.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take(&mut self, number: u64) -> Option<Answer> {
        let (mark, answer) = self.asks.remove(&number)?;
        self.by_mark.remove(&(mark, number));
        Some(answer)
    }
}

impl Observer<Notice> for Desk {
    fn tell(&mut self, notice: Notice) {
        let Some(told) = told(&notice) else { return };
        let answers: Vec<Answer> = {
            let mut waiting = self.lock();
            let numbers: Vec<u64> =
                told.iter().flat_map(|mark| waiting.by_mark.range((*mark, 0)..=(*mark, u64::MAX))).map(|(_, it)| *it).collect();
            numbers.into_iter().filter_map(|number| waiting.take(number)).collect()
        };
        for answer in answers {
            answer(Said::Notice(notice.clone()));
        }
    }
}

fn mark(ask: &Ask) -> Mark {
    match ask {
        Ask::Wish(wish) => Mark::Wish(wish.nonce),
        Ask::Grant { offer, .. } => Mark::Grant(offer.nonce),
        Ask::Revoke { writ } => Mark::Revoke(*writ),
        Ask::Close { writ } => Mark::Close(*writ),
        Ask::Resolve { key, .. } => Mark::Resolve(*key),
        Ask::Work { writ, nonce, .. } => Mark::Run(*writ, *nonce),
    }
}

/// What a notice is about, if it may be what somebody waits for.
fn told(notice: &Notice) -> Option<Vec<Mark>> {
    match notice {
        Notice::Answered { nonce, key, .. } => Some(vec![Mark::Wish(*nonce), Mark::Resolve(*key)]),
        Notice::Granted { nonce, .. } => Some(vec![Mark::Grant(*nonce)]),
        Notice::Declined { asked, .. } => Some(vec![match asked {
            Asked::Grant { offer, .. } => Mark::Grant(offer.nonce),
            Asked::Revoke { writ } => Mark::Revoke(*writ),
            Asked::Close { writ } => Mark::Close(*writ),
            Asked::Resolve { key, .. } => Mark::Resolve(*key),
            Asked::Work { writ, nonce } => Mark::Run(*writ, *nonce),
        }]),
        Notice::Revoked { writ } => Some(vec![Mark::Revoke(*writ)]),
        Notice::Closed { writ } => Some(vec![Mark::Close(*writ)]),
        Notice::Began { writ, nonce } | Notice::Ended { writ, nonce, .. } => Some(vec![Mark::Run(*writ, *nonce)]),
        Notice::Opened(_)
        | Notice::Stopped(_)
        | Notice::Refused(_)
        | Notice::Broken { .. }
        | Notice::RolledBack { .. }
        | Notice::Called(_)
        | Notice::Reclaimed { .. }
        | Notice::Forked { .. }
        | Notice::Reported { .. } => None,
    }
}
