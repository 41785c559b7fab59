//! Who waits for what: clients of the control socket are told what the node tells of their asks.
//!
//! Rule kept: *nobody is told of another's ask by mistake*. An ask is known by the digest of what is asked: the call that a wish is, the
//! writ that an offer becomes, is revoked or closed; or by the run. Clients who ask different things under one nonce each hear of
//! their own; two that ask the same thing both hear of it.

use crate::control::Said;
use antfarm_authority::{EffectKey, Nonce, WritId};
use antfarm_machine::Observer;
use antfarm_node::{Ask, Asked, Config, Notice};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most asks that may wait for an answer.
pub(crate) const MAX_WAITING: usize = 1 << 14;

/// By what a notice is known to be about an ask.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Mark {
    Wish(EffectKey),
    Grant(WritId),
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
    /// The node stopped for good: it answers nobody any more.
    is_over: bool,
}

/// The asks that wait. Clones are of one desk.
#[derive(Clone)]
pub(crate) struct Desk {
    waiting: Arc<Mutex<Waiting>>,
    /// What the node is: its calls and writs are called by that.
    node: Arc<Config>,
}

/// One ask that waits: to forget it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place(u64);

impl Desk {
    pub(crate) fn new(node: Config) -> Self {
        Self { waiting: Arc::default(), node: Arc::new(node) }
    }

    /// Waits for what comes of an ask; call it before the node is asked. None: it was answered at once, since [`MAX_WAITING`] asks wait
    /// or the node stopped for good.
    pub(crate) fn wait(&self, ask: &Ask, answer: Answer) -> Option<Place> {
        let mark = mark(&self.node, ask);
        let mut waiting = self.lock();
        if waiting.is_over || waiting.asks.len() >= MAX_WAITING {
            let said = if waiting.is_over { Said::Over } else { Said::Busy };
            drop(waiting);
            answer(said);
            return None;
        }
        let number = waiting.next;
        waiting.next += 1;
        waiting.by_mark.insert((mark, number));
        waiting.asks.insert(number, (mark, answer));
        Some(Place(number))
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

    /// The node stopped for good: whoever waits, or comes, is told so.
    pub(crate) fn close(&self) {
        self.lock().is_over = true;
        self.end_before(u64::MAX, &Said::Over);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
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
        let Some(told) = told(&self.node, &notice) else { return };
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

fn mark(node: &Config, ask: &Ask) -> Mark {
    match ask {
        Ask::Wish(wish) => Mark::Wish(node.intent((**wish).clone()).1.key()),
        Ask::Grant { parent, offer, .. } => Mark::Grant(node.offered(*parent, offer)),
        Ask::Revoke { writ } => Mark::Revoke(*writ),
        Ask::Close { writ } => Mark::Close(*writ),
        Ask::Resolve { key, .. } => Mark::Resolve(*key),
        Ask::Work { writ, nonce, .. } => Mark::Run(*writ, *nonce),
    }
}

/// What a notice is about, if it may be what somebody waits for.
fn told(node: &Config, notice: &Notice) -> Option<Vec<Mark>> {
    match notice {
        Notice::Answered { key, .. } => Some(vec![Mark::Wish(*key), Mark::Resolve(*key)]),
        Notice::Granted { writ, .. } => Some(vec![Mark::Grant(*writ)]),
        Notice::Declined { asked, .. } => Some(vec![match asked {
            Asked::Grant { parent, offer } => Mark::Grant(node.offered(*parent, offer)),
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
        | Notice::Reported { .. }
        | Notice::Stepped(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use antfarm_authority::{Bytes, Name, Tenant, Text, TrustRoots};
    use antfarm_identity::{Digest, Signer, from_bytes, to_bytes};
    use antfarm_machine::Wall;
    use antfarm_node::Wish;

    const NONCE: Nonce = Nonce([7; 16]);

    fn wish(target: &str) -> Wish {
        Wish {
            writ: from_bytes(&to_bytes(&Digest::ZERO)).expect("an id is a digest"),
            nonce: NONCE,
            until: Wall::from_nanos(9),
            tool: Name::new("bank.pay").expect("a name"),
            target: Text::new(target).expect("short"),
            args: Bytes::new(&[]).expect("short"),
            rationale: Text::new("").expect("short"),
        }
    }

    #[test]
    fn who_asks_something_else_under_the_same_nonce_hears_of_their_own() {
        let signer = Signer::insecure(1);
        let roots = TrustRoots::new(Digest::ZERO, [signer.public()]).expect("one root");
        let config = Config::new(roots, Tenant(Name::new("acme").expect("a name")), signer);
        let mut desk = Desk::new(config.clone());
        let heard: Arc<Mutex<Vec<&str>>> = Arc::default();
        for target in ["well", "mill"] {
            let heard = heard.clone();
            let answer: Answer = Box::new(move |_| heard.lock().expect("no panics").push(target));
            assert!(desk.wait(&Ask::Wish(Box::new(wish(target))), answer).is_some());
        }
        for (target, all) in [("mill", vec!["mill"]), ("mill", vec!["mill"]), ("well", vec!["mill", "well"])] {
            let key = config.intent(wish(target)).1.key();
            desk.tell(Notice::Answered { nonce: NONCE, key, answer: antfarm_node::Answer::Failed });
            assert_eq!(*heard.lock().expect("no panics"), all);
        }
    }
}
