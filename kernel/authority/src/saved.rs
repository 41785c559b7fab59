//! Accounts as a checkpoint holds them, and how they come back.
//!
//! Rule kept: *no bytes make a right*. Checkpoints are trusted as far as the disk is, but reading one verifies again what can be
//! verified: each writ's signature, its narrowing, and that nothing is out of balance. A file from elsewhere, or one that was
//! altered, can so not bring in a writ that nobody gave, and this crate has no way around the chain to a trust root. That costs
//! one signature for each different writ, at a restart, which is what the fold of the same records costs at least.
//!
//! What cannot be verified is trusted: what was spent, what is under way, what was noted as expired or closed, and
//! that no account is missing. Whoever can rewrite the disk of a home can have it spend again what it holds. A home that is to
//! notice signs each checkpoint, and puts its digest into its ledger, as a node does.

use crate::account::Account;
use crate::amount::Amount;
use crate::budget::Accounts;
use crate::chain::{Granted, NotGranted, TrustRoots};
use crate::entry::{Child, Entry};
use crate::forest::{self, Forest};
use crate::writ::WritId;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest, Malformed, PublicKey, Reader, Reason};
use antfarm_machine::Wall;
use core::ops::Bound;

/// Accounts as a checkpoint holds them: all that [`Accounts`] are, but for whose they are and whose writs they hold. Those are
/// configuration, which no encoding can bring along; [`SavedAccounts::restore`] asks for them.
///
/// The size is linear in the number of accounts, reservations and different writs. There can be more of them than
/// [`antfarm_identity::MAX_ENCODED`] holds: encode into a buffer with [`Codec::encode`], and do without a checkpoint that
/// became too long.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SavedAccounts(Accounts);

impl Accounts {
    /// These accounts, to be encoded.
    pub fn saved(&self) -> SavedAccounts {
        SavedAccounts(self.clone())
    }
}

impl SavedAccounts {
    /// The accounts, at the home with this key, in a colony with these trust roots.
    ///
    /// # Errors
    ///
    /// See [`RestoreRefusal`].
    pub fn restore(self, home: PublicKey, roots: &TrustRoots) -> Result<Accounts, RestoreRefusal> {
        if self.0.home != home {
            return Err(RestoreRefusal::OtherHome { home: self.0.home });
        }
        // A child is a part of the writ whose account it is drawn from, so it has the same root.
        for root in self.0.writs().filter_map(|it| it.lineage().last()) {
            roots.accept(root.body()).map_err(RestoreRefusal::NotGranted)?;
        }
        self.0.check();
        Ok(self.0)
    }
}

/// Accounts in parts, for who saves them a few at a time, and keeps their writs elsewhere.
impl Accounts {
    /// Appends the accounts that follow the one of `after`, or the first, until `out` has `full` bytes: one at least. `place` says where
    /// a writ stands among those that are kept elsewhere. The last account's writ; none when none follows.
    pub fn save_some(
        &self,
        after: Option<WritId>,
        full: usize,
        place: &impl Fn(&Granted) -> u32,
        out: &mut Vec<u8>,
    ) -> Option<WritId> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut last = None;
        for (id, entry) in self.entries.range((from, Bound::Unbounded)) {
            SavedEntry::new(entry, place).encode(out);
            last = Some(*id);
            if out.len() >= full {
                break;
            }
        }
        last
    }

    /// Takes up all accounts that [`Accounts::save_some`] wrote in one part. `kept` are the writs, in their places.
    ///
    /// # Errors
    ///
    /// When they are none, or not in order, or one of them breaks a rule. Whether they agree with each other is for
    /// [`Accounts::restored`].
    pub fn restore_some(&mut self, kept: &[Granted], input: &mut Reader<'_>) -> Result<(), Malformed> {
        while input.remaining() > 0 {
            let offset = input.offset();
            let illegal = Malformed { offset, reason: Reason::Illegal { what: "SavedEntry" } };
            let entry = SavedEntry::decode(input)?.entry(kept).ok_or(illegal)?;
            let id = entry.writ.id();
            if self.entries.last_key_value().is_some_and(|(last, _)| *last >= id) {
                return Err(Malformed { offset, reason: Reason::Order });
            }
            self.entries.insert(id, entry);
        }
        Ok(())
    }

    /// Ends what [`Accounts::restore_some`] began: the accounts had noted this wall time. `false` when they do not agree.
    pub fn restored(&mut self, mark: Wall) -> bool {
        self.mark = mark;
        self.fault().is_none()
    }
}

/// Why accounts were not restored.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum RestoreRefusal {
    /// They are those of another home.
    OtherHome {
        /// That one.
        home: PublicKey,
    },
    /// One is of a writ that does not chain to a trust root of this colony.
    NotGranted(NotGranted),
}

/// One account; writs are named by their places in the forest that stands before all of them.
#[derive(Codec)]
struct SavedEntry {
    writ: u32,
    account: Account,
    reservations: BTreeMap<Digest, Amount>,
    children: Vec<SavedChild>,
    expired: bool,
    closed: bool,
    released: bool,
}

#[derive(Codec)]
enum SavedChild {
    Drawn { child: u32 },
    Returned { child: WritId, ends: Wall },
}

/// Home, mark, forest, number of accounts, accounts in the order of their writs' ids.
impl Codec for SavedAccounts {
    const KINDS: &'static [&'static str] = &["SavedAccounts"];
    const SHORTEST: usize = 32 + 8 + 4 + 4;
    fn encode(&self, out: &mut Vec<u8>) {
        let Accounts { home, mark, entries } = &self.0;
        home.encode(out);
        mark.encode(out);
        let forest = Forest::of(writs(&self.0));
        forest.encode(out);
        u32::try_from(entries.len()).expect("their number is bounded").encode(out);
        entries.values().for_each(|it| SavedEntry::new(it, &|writ| forest.place(writ)).encode(out));
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let start = input.offset();
        let mut read = Accounts::new(PublicKey::decode(input)?);
        read.mark = Wall::decode(input)?;
        let kept = forest::decode(input)?;
        for _ in 0..input.count::<SavedEntry>()? {
            let offset = input.offset();
            let illegal = Malformed { offset, reason: Reason::Illegal { what: "SavedEntry" } };
            let entry = SavedEntry::decode(input)?.entry(&kept).ok_or(illegal)?;
            let id = entry.writ.id();
            if read.entries.last_key_value().is_some_and(|(last, _)| *last >= id) {
                return Err(Malformed { offset, reason: Reason::Order });
            }
            read.entries.insert(id, entry);
        }
        // A writ that is in the forest for nothing would be a second way to write the same accounts.
        if read.fault().is_some() || Forest::of(writs(&read)).len() != kept.len() {
            return Err(Malformed { offset: start, reason: Reason::Illegal { what: "SavedAccounts" } });
        }
        Ok(Self(read))
    }
}

impl SavedEntry {
    fn new(entry: &Entry, place: &impl Fn(&Granted) -> u32) -> Self {
        let Entry { writ, account, reservations, children, expired, closed, released } = entry;
        let children = children.iter().map(|(id, child)| match child {
            Child::Drawn(child) => SavedChild::Drawn { child: place(child) },
            Child::Returned { ends } => SavedChild::Returned { child: *id, ends: *ends },
        });
        Self {
            writ: place(writ),
            account: *account,
            reservations: reservations.clone(),
            children: children.collect(),
            expired: *expired,
            closed: *closed,
            released: *released,
        }
    }

    /// `None` when a place is empty, children are not in order, or a rule is broken.
    fn entry(self, kept: &[Granted]) -> Option<Entry> {
        let Self { writ, account, reservations, children, expired, closed, released } = self;
        let at = |place: u32| kept.get(usize::try_from(place).ok()?).cloned();
        let mut found = BTreeMap::new();
        for child in children {
            let (id, child) = match child {
                SavedChild::Drawn { child } => at(child).map(|it| (it.id(), Child::Drawn(it)))?,
                SavedChild::Returned { child, ends } => (child, Child::Returned { ends }),
            };
            if found.last_key_value().is_some_and(|(last, _)| *last >= id) {
                return None;
            }
            found.insert(id, child);
        }
        let entry = Entry { writ: at(writ)?, account, reservations, children: found, expired, closed, released };
        entry.fault().is_none().then_some(entry)
    }
}

/// All that accounts hold on to.
fn writs(accounts: &Accounts) -> impl Iterator<Item = &Granted> {
    accounts.entries.values().flat_map(|it| [&it.writ].into_iter().chain(it.lent()))
}
