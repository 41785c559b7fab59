//! Escrow: the accounts of all writs that live at one home.
//!
//! Rule kept: what honest homes spend under a writ and its children is never more than it grants. A child's whole budget is
//! drawn from its parent before the child can spend; it comes back by the child's final [`Closed`], once; a child that
//! stays silent keeps it. An operation that is refused changes nothing, so replaying those that were not refused, in order,
//! gives the same accounts: that is how a home recovers them from its ledger.
//!
//! What it cannot do: keep another home honest. A home that lies can sign [`Drawn`] for more than it holds, and what it
//! hands out beyond is lost to the colony; the two vouchers and the writs are then evidence against it.

use crate::account::{Account, Shortage};
use crate::amount::Amount;
use crate::chain::Granted;
use crate::entry::{Child, Entry};
use crate::forget::ends;
use crate::voucher::{Closed, Drawn};
use crate::writ::WritId;
use alloc::collections::BTreeMap;
use antfarm_identity::{Codec, Digest, PublicKey, Signer};
use antfarm_machine::Wall;
use core::fmt;

/// The most accounts at one home, closed ones included: those are remembered until they are over, so that no writ is spent twice.
pub const MAX_ACCOUNTS: usize = 1 << 16;

/// The most reservations of one account at a time.
pub const MAX_RESERVATIONS: usize = 1 << 10;

/// The most children of one account, those included that returned and are not over.
pub const MAX_CHILDREN: usize = 1 << 10;

/// The accounts at one home.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Accounts {
    pub(crate) home: PublicKey,
    /// The latest wall time that was noted.
    pub(crate) mark: Wall,
    pub(crate) entries: BTreeMap<WritId, Entry>,
}

impl Accounts {
    /// No accounts, at the node with this key.
    pub const fn new(home: PublicKey) -> Self {
        Self { home, mark: Wall::ZERO, entries: BTreeMap::new() }
    }

    /// Opens the account of a writ that lives here. When its parent lives elsewhere, `drawn` is the word of that home; else
    /// none is needed. A writ whose window ended, by what was noted, gets an account that is expired from the start, so that what
    /// was drawn for it can be returned; one that is over, none.
    ///
    /// # Errors
    ///
    /// See [`OpenRefusal`].
    pub fn open(&mut self, writ: &Granted, drawn: Option<&Drawn>) -> Result<(), OpenRefusal> {
        self.may_open(writ, drawn)?;
        self.entries.insert(writ.id(), Entry::new(writ, self.mark > ends(writ)));
        Ok(())
    }

    /// Whether so much could be reserved now.
    ///
    /// # Errors
    ///
    /// See [`ReserveRefusal`].
    pub fn affords(&self, writ: WritId, amount: Amount) -> Result<(), ReserveRefusal> {
        let entry = self.entries.get(&writ).ok_or(ReserveRefusal::NoAccount)?;
        if entry.closed {
            return Err(ReserveRefusal::Closed);
        }
        if entry.expired {
            return Err(ReserveRefusal::Expired);
        }
        if entry.reservations.len() >= MAX_RESERVATIONS {
            return Err(ReserveRefusal::TooMany);
        }
        entry.account.affords(amount).map_err(ReserveRefusal::Short)
    }

    /// Sets `amount` aside for what the caller calls `name`: an effect's key, or the digest of a question to a model.
    ///
    /// # Errors
    ///
    /// See [`ReserveRefusal`].
    pub fn reserve(&mut self, writ: WritId, name: Digest, amount: Amount) -> Result<(), ReserveRefusal> {
        self.affords(writ, amount)?;
        let entry = self.entries.get_mut(&writ).ok_or(ReserveRefusal::NoAccount)?;
        if entry.reservations.contains_key(&name) {
            return Err(ReserveRefusal::Reserved);
        }
        entry.account.reserve(amount);
        entry.reservations.insert(name, amount);
        Ok(())
    }

    /// Ends what is called `name`: it cost `spent`, also if it failed; what remains of the reservation is free again.
    /// As long as the outcome is in doubt, nobody settles, and the reservation stays.
    ///
    /// # Errors
    ///
    /// See [`SettleRefusal`].
    pub fn settle(&mut self, writ: WritId, name: Digest, spent: Amount) -> Result<(), SettleRefusal> {
        let entry = self.entries.get_mut(&writ).ok_or(SettleRefusal::NoAccount)?;
        let reserved = *entry.reservations.get(&name).ok_or(SettleRefusal::NotReserved)?;
        if let Err(dimension) = reserved.checked_sub(spent) {
            let (free, wanted) = (reserved.of(dimension), spent.of(dimension));
            return Err(SettleRefusal::Overrun(Shortage { dimension, free, wanted }));
        }
        entry.account.settle(reserved, spent);
        entry.reservations.remove(&name);
        Ok(())
    }

    /// Moves the whole budget of `child` out of its parent, which lives here. Once for each child.
    ///
    /// # Errors
    ///
    /// See [`DrawRefusal`].
    pub fn draw(&mut self, child: &Granted) -> Result<(), DrawRefusal> {
        self.may_draw(child)?;
        let parent = child.parent().ok_or(DrawRefusal::Root)?.id();
        let entry = self.entries.get_mut(&parent).ok_or(DrawRefusal::NoAccount)?;
        let budget = child.body().grant.budget;
        entry.account.draw(budget);
        entry.children.insert(child.id(), Child::Drawn(child.clone()));
        Ok(())
    }

    /// The signed word that a child's budget was drawn, to be sent to the child's home as often as needed; `None` when it was
    /// not, or is back.
    ///
    /// # Panics
    ///
    /// When `signer` is not this home.
    pub fn drawn(&self, child: &Granted, signer: &Signer) -> Option<Drawn> {
        assert!(signer.public() == self.home, "a budget is drawn by its home");
        self.lent(child).map(|()| Drawn::sign(child, signer))
    }

    /// Notes that this node saw the writ expired. Nothing more is reserved or drawn, even if the wall clock goes back; what is
    /// under way is settled, and what is outside comes back. `false` when that was noted, or there is no such account.
    pub fn expire(&mut self, writ: WritId) -> bool {
        self.entries.get_mut(&writ).is_some_and(|it| !core::mem::replace(&mut it.expired, true))
    }

    /// Closes an account for good: nothing is under way, and all children returned what was left.
    ///
    /// # Errors
    ///
    /// See [`CloseRefusal`].
    pub fn close(&mut self, writ: WritId) -> Result<(), CloseRefusal> {
        self.may_close(writ)?;
        let entry = self.entries.get_mut(&writ).ok_or(CloseRefusal::NoAccount)?;
        entry.closed = true;
        assert!(entry.account.reserved() == Amount::ZERO && entry.account.drawn() == Amount::ZERO, "nothing is outside");
        Ok(())
    }

    /// The signed word that an account is closed, to be sent to the parent's home as often as needed; `None` unless it is.
    ///
    /// # Panics
    ///
    /// When `signer` is not this home.
    pub fn closed(&self, writ: WritId, signer: &Signer) -> Option<Closed> {
        assert!(signer.public() == self.home, "an account is closed by its home");
        let entry = self.entries.get(&writ).filter(|it| it.closed)?;
        Some(Closed::sign(&entry.writ, entry.account.spent(), signer))
    }

    /// Takes back what a child left. Once for each child.
    ///
    /// # Errors
    ///
    /// See [`ReclaimRefusal`].
    pub fn reclaim(&mut self, parent: WritId, closed: &Closed) -> Result<(), ReclaimRefusal> {
        self.may_reclaim(parent, closed)?;
        let entry = self.entries.get_mut(&parent).ok_or(ReclaimRefusal::NoAccount)?;
        let Some(Child::Drawn(child)) = entry.children.get(&closed.writ) else { return Err(ReclaimRefusal::NotDrawn) };
        let (budget, ends) = (child.body().grant.budget, ends(child));
        // INVARIANT(closed-is-final): a closed account has no child that could still return anything.
        assert!(!entry.closed, "an account with a child outside is not closed");
        entry.account.reclaim(budget, closed.spent);
        entry.children.insert(closed.writ, Child::Returned { ends });
        Ok(())
    }

    /// The node whose accounts they are.
    pub const fn home(&self) -> PublicKey {
        self.home
    }

    /// The account of a writ, if it is or was open here.
    pub fn account(&self, writ: WritId) -> Option<&Account> {
        self.entries.get(&writ).map(|it| &it.account)
    }

    /// Whether the account was closed.
    pub fn is_closed(&self, writ: WritId) -> bool {
        self.entries.get(&writ).is_some_and(|it| it.closed)
    }

    /// Whether this node saw the writ expired.
    pub fn is_expired(&self, writ: WritId) -> bool {
        self.entries.get(&writ).is_some_and(|it| it.expired)
    }

    /// The writs that have or had an account here, in the order of their ids.
    pub fn writs(&self) -> impl Iterator<Item = &Granted> {
        self.entries.values().map(|it| &it.writ)
    }

    /// Panics when an account is not balanced or does not agree with what it is made of, which is a bug. Looks at all.
    pub fn check(&self) {
        assert!(self.fault().is_none(), "{:?}", self.fault());
    }

    /// The first rule that is broken.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        if self.entries.len() > MAX_ACCOUNTS {
            return Some("there are more accounts than there may be");
        }
        self.entries.iter().find_map(|(id, entry)| {
            let writ = &entry.writ;
            // INVARIANT(drawn-before-spent): as in `open`, and as long as something may be spent.
            let near = writ.parent().is_some_and(|it| it.body().home == self.home);
            match () {
                () if writ.id() != *id || writ.body().home != self.home => Some("an account lies under its writ, at home"),
                () if self.mark > ends(writ) && !entry.expired => Some("what ended before the mark is expired"),
                () if near && !entry.closed && self.lent(writ).is_none() => Some("what is open was drawn from its parent"),
                () => entry.fault(),
            }
        })
    }

    /// Whether the child has what was drawn for it.
    pub(crate) fn lent(&self, child: &Granted) -> Option<()> {
        let entry = self.entries.get(&child.parent()?.id())?;
        matches!(entry.children.get(&child.id())?, Child::Drawn(_)).then_some(())
    }
}

/// Why an account was not opened. Nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum OpenRefusal {
    /// The writ lives elsewhere.
    NotHome,
    /// It has an account here already, or had one that was closed.
    Known,
    /// Its parent has not given the budget away, or has it back, or nothing says that it has.
    NotDrawn,
    /// The parent's home did not sign that it has.
    Signature,
    /// There are [`MAX_ACCOUNTS`] already.
    TooMany,
    /// Its window ended more than [`crate::RETENTION`] ago: it may have had an account here that was forgotten.
    Over,
}

impl fmt::Display for OpenRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotHome => "the writ lives elsewhere",
            Self::Known => "it has an account here, or had one",
            Self::NotDrawn => "nothing says that its parent has given the budget away",
            Self::Signature => "the parent's home did not sign it",
            Self::TooMany => "there are as many accounts as there may be",
            Self::Over => "its window ended too long ago",
        })
    }
}

/// Why nothing was reserved. Nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum ReserveRefusal {
    /// The writ has no account here.
    NoAccount,
    /// The account is closed.
    Closed,
    /// The writ was seen expired.
    Expired,
    /// Too little is free.
    Short(Shortage),
    /// There is a reservation of this name.
    Reserved,
    /// There are [`MAX_RESERVATIONS`] already. Come back when something is settled.
    TooMany,
}

/// Why nothing was settled. Nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum SettleRefusal {
    /// The writ has no account here.
    NoAccount,
    /// There is no reservation of this name; perhaps it was settled.
    NotReserved,
    /// It cost more than was reserved (`free`, here). Whoever acts beyond the reservation broke its contract: settle all
    /// that was reserved, and keep this as evidence.
    Overrun(Shortage),
}

/// Why nothing was drawn. Nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum DrawRefusal {
    /// The writ is a part of no other.
    Root,
    /// The parent has no account here.
    NoAccount,
    /// The parent's account is closed.
    Closed,
    /// The parent was seen expired.
    Expired,
    /// Too little is free.
    Short(Shortage),
    /// It was drawn already.
    Drawn,
    /// The parent has had [`MAX_CHILDREN`] already, not counting those that were forgotten.
    TooMany,
    /// The child's window ended more than [`crate::RETENTION`] ago: it may have been drawn and returned before.
    Over,
}

impl fmt::Display for DrawRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("the writ is a part of no other"),
            Self::NoAccount => f.write_str("its parent has no account here"),
            Self::Closed => f.write_str("its parent's account is closed"),
            Self::Expired => f.write_str("its parent has expired"),
            Self::Short(shortage) => shortage.fmt(f),
            Self::Drawn => f.write_str("it was handed on before"),
            Self::TooMany => f.write_str("its parent has as many children as there may be"),
            Self::Over => f.write_str("its window ended too long ago"),
        }
    }
}

/// Why an account was not closed. Nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum CloseRefusal {
    /// The writ has no account here.
    NoAccount,
    /// It is closed.
    Closed,
    /// Something is under way.
    Underway {
        /// The first reservation, in order.
        name: Digest,
    },
    /// A child has not returned what is left.
    Child {
        /// The first such child, in order.
        child: WritId,
    },
}

impl fmt::Display for CloseRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAccount => f.write_str("it has no account here"),
            Self::Closed => f.write_str("it is closed"),
            Self::Underway { .. } => f.write_str("something is under way"),
            Self::Child { child } => write!(f, "writ {} has not returned what is left", child.digest().short()),
        }
    }
}

/// Why nothing was taken back. Nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum ReclaimRefusal {
    /// The parent has no account here.
    NoAccount,
    /// Nothing was drawn for this child.
    NotDrawn,
    /// The child has returned what was left.
    Returned,
    /// The child's home did not sign it.
    Signature,
    /// The child's home says that more was spent than was drawn (`free`, here). That is evidence against the home.
    Overspent(Shortage),
}

impl fmt::Display for ReclaimRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAccount => f.write_str("its parent has no account here"),
            Self::NotDrawn => f.write_str("nothing was handed on to it"),
            Self::Returned => f.write_str("what was left has come back"),
            Self::Signature => f.write_str("its home did not sign it"),
            Self::Overspent(shortage) => write!(f, "its home says that more was spent than was handed on: {shortage}"),
        }
    }
}
