//! Forgetting: what is over is dropped, and nothing that was refused before is accepted after.
//!
//! Writs end. A home keeps a mark, the latest wall time that it was told of, which never goes back. Once the mark is so far past
//! the end of a writ's window that the writ is *over*, its account may be dropped if it is closed and nobody will ask for it, and
//! so may its revocation.
//!
//! Rule kept, INVARIANT(forgotten-is-over): the same mark that lets a node forget something has it refuse whatever could bring
//! it back. A writ that is over is not opened, not drawn, not said to stand, not revoked once more and not compiled against. This
//! rests on no other node's clock and on no message; a clock that was far ahead once costs the writs that ended by it, and
//! nothing else.
//!
//! What it cannot do: forget an account with something outside. A call whose outcome stays in doubt and a child that stays
//! silent keep their accounts, and all those above them, for ever.

use crate::budget::Accounts;
use crate::chain::Granted;
use crate::entry::{Child, Entry};
use crate::voucher::Reclaimed;
use crate::writ::WritId;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Signer};
use antfarm_machine::{MAX_SKEW, Span, Wall, reached};

/// How long after the end of a writ's window its account and its revocation are remembered at least: the time in which the last
/// words about a budget must reach the other home, however often they are lost. What arrives later is lost to the parent.
pub const RETENTION: Span = Span::from_secs(24 * 60 * 60);

/// Whether a node whose mark this is may have forgotten an intent that could be begun until then: twice the skew later, so that
/// whoever's clock is behind and tells it again in time hears how it went.
///
/// INVARIANT(forgotten-is-over): [`crate::compile`] refuses every intent whose `until` is before the mark, so all of these.
pub fn is_forgotten(until: Wall, mark: Wall) -> bool {
    mark > until + MAX_SKEW.times(2)
}

/// Whether a writ whose window ends then is over, for a node whose mark this is. Twice the skew: as long as one clock is as far
/// ahead as it may be, another as far behind, and the window not over for that one, everybody remembers.
pub fn is_over(ends: Wall, mark: Wall) -> bool {
    mark > ends + MAX_SKEW.times(2) + RETENTION
}

impl Accounts {
    /// Notes that the wall clock read `wall`, and drops what nobody will ask for again. What the mark is past the window of is
    /// expired, as by [`Accounts::expire`]. Answers how many accounts were dropped. Looks at all: for now and then.
    ///
    /// To be recorded like every other operation, with its argument, so that a replay forgets at the same places.
    pub fn forget(&mut self, wall: Wall) -> usize {
        self.mark = self.mark.max(wall);
        let mark = self.mark;
        for entry in self.entries.values_mut() {
            entry.expired |= mark > ends(&entry.writ);
            entry.children.retain(|_, child| !matches!(child, Child::Returned { ends } if is_over(*ends, mark)));
        }
        let over: Vec<WritId> = self.entries.iter().filter(|(_, it)| self.is_done(it)).map(|(id, _)| *id).collect();
        for it in &over {
            reached!("authority.account_forgotten");
            self.entries.remove(it);
        }
        over.len()
    }

    /// Whether [`Accounts::forget`] would drop something: an account, or a child that returned.
    pub fn may_forget(&self, wall: Wall) -> bool {
        let mark = self.mark.max(wall);
        self.entries.values().any(|it| it.returned().any(|ends| is_over(ends, mark)) || self.is_done_by(it, mark))
    }

    /// The latest wall time that was noted.
    pub const fn mark(&self) -> Wall {
        self.mark
    }

    /// The signed word that a child's account may be forgotten, to be sent to the child's home as often as it sends its
    /// [`crate::Closed`]; `None` as long as that is still wanted. Also when the child, or all of it, was forgotten here.
    ///
    /// # Panics
    ///
    /// When `signer` is not this home, or not that of the child's parent.
    pub fn reclaimed(&self, child: &Granted, signer: &Signer) -> Option<Reclaimed> {
        let parent = child.parent().expect("a root is reclaimed by nobody");
        assert!(signer.public() == self.home && parent.body().home == self.home, "a budget is reclaimed by the parent's home");
        let known = self.entries.get(&parent.id()).and_then(|it| it.children.get(&child.id()));
        let done = match known {
            Some(Child::Drawn(_)) => false,
            Some(Child::Returned { .. }) => true,
            // It was forgotten, or never drawn and no longer will be.
            None => is_over(ends(child), self.mark),
        };
        done.then(|| Reclaimed::sign(child, signer))
    }

    /// Takes the word of the parent's home, elsewhere, that a closed account may be forgotten here once it is over.
    ///
    /// # Errors
    ///
    /// See [`ReleaseRefusal`].
    pub fn release(&mut self, writ: WritId, word: &Reclaimed) -> Result<(), ReleaseRefusal> {
        let entry = self.entries.get_mut(&writ).ok_or(ReleaseRefusal::NoAccount)?;
        if !entry.closed {
            return Err(ReleaseRefusal::NotClosed);
        }
        if entry.released {
            return Err(ReleaseRefusal::Released);
        }
        word.verify(&entry.writ).map_err(|_| ReleaseRefusal::Signature)?;
        entry.released = true;
        Ok(())
    }

    /// Whether nobody will ask for this account again.
    fn is_done(&self, entry: &Entry) -> bool {
        self.is_done_by(entry, self.mark)
    }

    fn is_done_by(&self, entry: &Entry, mark: Wall) -> bool {
        let reclaimed = match entry.writ.parent() {
            None => true,
            Some(parent) if parent.body().home == self.home => self.lent(&entry.writ).is_none(),
            Some(_) => entry.released,
        };
        // INVARIANT(forgotten-is-over): `open` and `draw` refuse what is over.
        entry.closed && reclaimed && is_over(ends(&entry.writ), mark)
    }
}

/// Why an account was not released. Nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum ReleaseRefusal {
    /// The writ has no account here; perhaps it was forgotten.
    NoAccount,
    /// The account is not closed. The parent's home cannot have taken back what was not given: that is evidence against it.
    NotClosed,
    /// It was released already.
    Released,
    /// The parent's home did not sign it.
    Signature,
}

pub(crate) fn ends(writ: &Granted) -> Wall {
    writ.body().grant.window.expires_at()
}
