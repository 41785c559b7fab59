//! What a machine's node told, for its clients. It outlives the processes: what was told once holds for ever, and is held against
//! whatever is told later.

use antfarm_authority::{EffectKey, Nonce, Refusal, WritId};
use antfarm_node::{Answer, Asked, Declined, Notice, Reason};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// What became of a wish.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fate {
    /// It was not begun, or withheld. Only who wishes anew gets further: a wish that is told again may have been withheld for good.
    Refused,
    /// It failed, for good.
    Failed,
    /// It was done.
    Done,
}

/// The desk of one machine. Clones are of one desk.
#[derive(Clone, Default, Debug)]
pub struct Desk {
    told: Arc<Mutex<Told>>,
    changed: Arc<Notify>,
}

#[derive(Default, Debug)]
struct Told {
    wishes: BTreeMap<Nonce, (EffectKey, Fate)>,
    granted: BTreeMap<Nonce, WritId>,
    closed: BTreeSet<WritId>,
    /// Whether the log is open.
    open: bool,
}

impl Desk {
    /// Takes a notice.
    pub(crate) fn hear(&self, notice: &Notice) {
        self.with(|told| match notice {
            Notice::Opened(_) => told.open = true,
            Notice::Stopped(_) => told.open = false,
            Notice::Answered { nonce, key, answer } => told.answered(*nonce, *key, answer),
            Notice::Granted { writ, nonce, .. } => {
                let before = told.granted.insert(*nonce, *writ);
                assert!(before.is_none_or(|before| before == *writ), "one offer, one writ");
            }
            Notice::Closed { writ } => drop(told.closed.insert(*writ)),
            Notice::Declined { asked: Asked::Close { writ }, why: Declined::Over } => drop(told.closed.insert(*writ)),
            Notice::Declined { .. } => {}
            Notice::Refused(why) => panic!("a log is not served: {why:?}"),
            Notice::Broken { position } => panic!("record {position} cannot have been written here"),
            Notice::RolledBack { records } => panic!("a peer remembers {records} records, and they are gone"),
            Notice::Forked { log } => panic!("{log} has two histories"),
            Notice::Called(_)
            | Notice::Revoked { .. }
            | Notice::Reclaimed { .. }
            | Notice::Began { .. }
            | Notice::Ended { .. }
            | Notice::Reported { .. }
            | Notice::Stepped(_) => {}
        });
        self.changed.notify_waiters();
    }

    /// Waits until something is told.
    pub(crate) fn changed(&self) -> impl Future<Output = ()> + '_ {
        self.changed.notified()
    }

    /// The process ended.
    pub(crate) fn shut(&self) {
        self.with(|told| told.open = false);
    }

    /// Whether its node's log is open.
    pub fn is_open(&self) -> bool {
        self.with(|told| told.open)
    }

    /// What became of a wish, once that was told: the call, and its fate.
    pub fn fate(&self, wish: &Nonce) -> Option<(EffectKey, Fate)> {
        self.with(|told| told.wishes.get(wish).copied())
    }

    /// The writ that an offer led to.
    pub fn granted(&self, offer: &Nonce) -> Option<WritId> {
        self.with(|told| told.granted.get(offer).copied())
    }

    /// Whether a writ was closed.
    pub fn is_closed(&self, writ: &WritId) -> bool {
        self.with(|told| told.closed.contains(writ))
    }

    fn with<R>(&self, change: impl FnOnce(&mut Told) -> R) -> R {
        change(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Told {
    fn answered(&mut self, nonce: Nonce, key: EffectKey, answer: &Answer) {
        let fate = match answer {
            Answer::Done { .. } => Fate::Done,
            Answer::Failed => Fate::Failed,
            // A writ that is on its way comes, and a word that is missing is asked for.
            Answer::Refused(Reason::UnknownWrit | Reason::Refused(Refusal::NoStanding(_))) => Fate::Refused,
            Answer::Refused(reason) => panic!("nothing speaks against it, and it was refused: {reason}"),
            Answer::InDoubt | Answer::Busy => return,
        };
        let before = self.wishes.insert(nonce, (key, fate));
        // A wish that was refused may have been on its way a second time.
        let holds = before.is_none_or(|before| before == (key, fate) || before == (key, Fate::Refused));
        assert!(holds, "told {before:?} first, and {:?} later", (key, fate));
    }
}
