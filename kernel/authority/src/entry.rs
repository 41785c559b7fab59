//! What a home keeps of one writ: its account, and the things that the account's sums are made of.

use crate::account::Account;
use crate::amount::{Amount, Dimension};
use crate::budget::{MAX_CHILDREN, MAX_RESERVATIONS};
use crate::chain::Granted;
use crate::writ::WritId;
use alloc::collections::BTreeMap;
use antfarm_identity::Digest;
use antfarm_machine::Wall;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Entry {
    pub(crate) writ: Granted,
    pub(crate) account: Account,
    /// What is under way, by the name that the caller gave it.
    pub(crate) reservations: BTreeMap<Digest, Amount>,
    pub(crate) children: BTreeMap<WritId, Child>,
    /// This node once saw the writ expired.
    pub(crate) expired: bool,
    pub(crate) closed: bool,
    /// The parent's home, elsewhere, said that it needs no more to be told what was spent.
    pub(crate) released: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Child {
    /// It has its whole budget.
    Drawn(Granted),
    /// It returned what was left.
    Returned {
        /// When its window ends.
        ends: Wall,
    },
}

impl Entry {
    pub(crate) fn new(writ: &Granted, expired: bool) -> Self {
        let account = Account::new(writ.body().grant.budget);
        let (reservations, children) = (BTreeMap::new(), BTreeMap::new());
        Self { writ: writ.clone(), account, reservations, children, expired, closed: false, released: false }
    }

    /// The children that have their whole budget.
    pub(crate) fn lent(&self) -> impl Iterator<Item = &Granted> {
        self.children.values().filter_map(|it| match it {
            Child::Drawn(child) => Some(child),
            Child::Returned { .. } => None,
        })
    }

    /// When the windows end of the children that returned what was left.
    pub(crate) fn returned(&self) -> impl Iterator<Item = Wall> {
        self.children.values().filter_map(|it| match it {
            Child::Drawn(_) => None,
            Child::Returned { ends } => Some(*ends),
        })
    }

    /// The first rule that is broken.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let Self { writ, account, reservations, children, expired: _, closed, released } = self;
        let reserved = sum(reservations.values().copied());
        let drawn = sum(self.lent().map(|it| it.body().grant.budget));
        let part = |child: &Granted| child.parent().is_some_and(|it| it.id() == writ.id());
        let named = |(id, child): (&WritId, &Child)| match child {
            Child::Drawn(child) => child.id() == *id && part(child),
            Child::Returned { .. } => true,
        };
        let rules = [
            (account.is_balanced(), "granted = spent + reserved + drawn + free"),
            (account.granted() == writ.body().grant.budget, "an account holds its writ's budget"),
            (reservations.len() <= MAX_RESERVATIONS, "there are no more reservations than there may be"),
            (children.len() <= MAX_CHILDREN, "there are no more children than there may be"),
            (children.iter().all(named), "a child lies under its id, with its parent"),
            (reserved == Ok(account.reserved()), "what is reserved is reserved for something"),
            (drawn == Ok(account.drawn()), "what is drawn is with a child"),
            (*closed || !released, "only a closed account is released"),
            (!closed || reservations.is_empty() && self.lent().next().is_none(), "a closed account has nothing outside"),
        ];
        rules.into_iter().find_map(|(holds, rule)| (!holds).then_some(rule))
    }
}

fn sum(mut amounts: impl Iterator<Item = Amount>) -> Result<Amount, Dimension> {
    amounts.try_fold(Amount::ZERO, Amount::checked_add)
}
