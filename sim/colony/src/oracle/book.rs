//! What a node's disk says, as claims: a model of a log that knows nothing of budgets, worlds or signatures.
//!
//! Records are read by the format alone, as they are appended. A [`Claim`] is what somebody outside may rest on; a node that told
//! one owes it ([`Debts`]): its log has to say so from then on, unless its disk took back what it had answered to
//! (`Loss::Answered`).

use crate::member::{Colonist, Told};
use antfarm_authority::{EffectKey, WritId};
use antfarm_identity::{Digest, Domain, from_bytes, to_bytes};
use antfarm_keeper::{Atlas, Leaf, unread, walk};
use antfarm_ledger::{OPENED, Restored, segment_number, segment_object};
use antfarm_machine::PeerId;
use antfarm_node::{Asked, Declined, Ending, Fact, Notice, Reason, RunId};
use antfarm_sim::{Disk, Harm, Moment};
use std::collections::{BTreeMap, BTreeSet};

const CONTENT: Domain = Domain::new("antfarm 2026 colony oracle content");

/// One thing that a log says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Claim {
    /// A writ is known.
    Writ(WritId),
    /// A writ was given.
    Given(WritId),
    /// A call was started.
    Begun(EffectKey),
    /// It took effect, with this result.
    Done(EffectKey, Digest),
    /// It had no effect.
    Failed(EffectKey),
    /// It is in doubt.
    Doubted(EffectKey),
    /// It was never made, for this reason.
    Withheld(EffectKey, Digest),
    /// A wish was refused, for this reason.
    Refused(EffectKey, Digest),
    /// A writ is dead.
    Dead(WritId),
    /// A writ is closed.
    Closed(WritId),
    /// What a child left is back.
    Reclaimed(WritId),
    /// Somebody signed two histories of this log.
    Forked(Digest),
    /// A task was taken on.
    Task(RunId),
    /// It ended so.
    Ended(RunId, Digest),
    /// The task that a writ was given for ended so.
    Reported(WritId, Digest),
    /// Such an ask was declined, for this reason.
    Denied(Digest, Declined),
}

/// A digest of the result of a call.
pub(crate) fn of_result(bytes: &[u8]) -> Digest {
    Digest::of(CONTENT, bytes)
}

/// A digest of the reason of a refusal.
pub(crate) fn of_reason(reason: &Reason) -> Digest {
    Digest::of(CONTENT, &to_bytes(reason))
}

/// A digest of what was asked for.
pub(crate) fn of_asked(asked: &Asked) -> Digest {
    Digest::of(CONTENT, &to_bytes(asked))
}

/// A digest of how a task ended.
pub(crate) fn of_ending(ending: &Ending) -> Digest {
    Digest::of(CONTENT, &to_bytes(ending))
}

/// What a fact says.
fn claims(fact: &Fact) -> [Option<Claim>; 2] {
    let one = |claim| [Some(claim), None];
    match fact {
        Fact::Known { writ } => one(Claim::Writ(writ.id())),
        Fact::Granted { writ, .. } | Fact::Delegated { writ } => [Some(Claim::Writ(writ.id())), Some(Claim::Given(writ.id()))],
        Fact::Refused { intent, reason, .. } => one(Claim::Refused(intent.key(), of_reason(reason))),
        Fact::Started { proposal, .. } => one(Claim::Begun(proposal.key)),
        Fact::Withheld { key, reason } => one(Claim::Withheld(*key, of_reason(reason))),
        Fact::Done { key, result, .. } => one(Claim::Done(*key, of_result(result.bytes()))),
        Fact::Acted { proposal, result, .. } => one(Claim::Done(proposal.key, of_result(result.bytes()))),
        Fact::Failed { key, .. } => one(Claim::Failed(*key)),
        Fact::Doubted { key } => one(Claim::Doubted(*key)),
        Fact::Revoked(revocation) => one(Claim::Dead(revocation.writ)),
        Fact::Closed { writ } => one(Claim::Closed(*writ)),
        Fact::Reclaimed(closed) => one(Claim::Reclaimed(closed.writ)),
        Fact::Forked(fork) => one(Claim::Forked(fork.one.log)),
        Fact::Begun(it) => one(Claim::Task(RunId::new(it.writ, it.nonce))),
        Fact::Ended(it) => one(Claim::Ended(RunId::new(it.writ, it.nonce), of_ending(&it.ending))),
        Fact::Reported(it) => one(Claim::Reported(it.writ, of_ending(&it.ending))),
        Fact::Denied { asked, why, .. } => one(Claim::Denied(of_asked(asked), *why)),
        Fact::Expired { .. }
        | Fact::Released(_)
        | Fact::Witnessed { .. }
        | Fact::Commissioned(_)
        | Fact::Forgot { .. }
        | Fact::Declined { .. }
        | Fact::Moved { .. }
        | Fact::Saving
        | Fact::Saved { .. } => [None, None],
    }
}

/// How far the facts of one log were read.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Cursor {
    segment: u32,
    offset: u64,
}

impl Cursor {
    /// Hands out what was appended since, in order.
    pub(crate) fn read_on(&mut self, disk: &Disk, take: &mut impl FnMut(Fact)) {
        if self.segment == 0 {
            let numbers = disk.list().into_iter().filter_map(|entry| segment_number(&entry.object));
            self.segment = numbers.min().unwrap_or(1);
        }
        loop {
            let bytes = disk.bytes(&segment_object(self.segment));
            self.offset = walk(bytes, self.offset, &mut |_, leaf| {
                if let Leaf::Record { kind, payload, .. } = leaf
                    && kind != OPENED
                    && let Ok(fact) = from_bytes::<Fact>(payload)
                {
                    take(fact);
                }
            });
            if disk.bytes(&segment_object(self.segment + 1)).is_empty() {
                return;
            }
            *self = Self { segment: self.segment + 1, offset: 0 };
        }
    }
}

/// What one log says.
#[derive(Clone, Default, Debug)]
pub(crate) struct Book {
    claims: BTreeSet<Claim>,
    cursor: Cursor,
}

impl Book {
    /// Reads a whole disk.
    pub(crate) fn of(disk: &Disk) -> Self {
        let mut book = Self::default();
        book.read_on(disk);
        book
    }

    /// Reads what was appended since.
    pub(crate) fn read_on(&mut self, disk: &Disk) {
        self.read_on_to(disk, &mut |_| {});
    }

    /// Reads what was appended since, and hands it out in order.
    pub(crate) fn read_on_to(&mut self, disk: &Disk, take: &mut impl FnMut(Fact)) {
        let claimed = &mut self.claims;
        self.cursor.read_on(disk, &mut |fact| {
            claimed.extend(claims(&fact).into_iter().flatten());
            take(fact);
        });
    }

    /// Whether the log says so.
    pub(crate) fn says(&self, claim: &Claim) -> bool {
        self.claims.contains(claim)
    }

    /// All that it says, in order.
    pub(crate) fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter()
    }
}

/// What nodes told, and their logs must say. Each debt is paid by any one of some claims.
#[derive(Clone, Default, Debug)]
pub(crate) struct Debts {
    pub(crate) atlas: Atlas,
    nodes: BTreeMap<PeerId, Account>,
}

#[derive(Clone, Default, Debug)]
struct Account {
    book: Book,
    owed: BTreeSet<Vec<Claim>>,
    /// The event at which the log was opened, and from which checkpoint.
    opened: u64,
    restored: Option<Restored>,
}

impl Account {
    fn pays(&self, debt: &[Claim]) -> bool {
        debt.iter().any(|claim| self.book.says(claim))
    }
}

impl Debts {
    /// Looks at one event. When a node opened its log: whether some of what it told was taken back by its disk.
    pub(crate) fn watch<M: Colonist, O>(&mut self, moment: &Moment<'_, M, O>) -> Result<bool, String> {
        self.atlas.watch(moment);
        let Some(node) = moment.node else { return Ok(false) };
        let opening = |told: &Told| if let Told::Node(Notice::Opened(opened)) = told { Some(opened.restored) } else { None };
        let Some(restored) = moment.notices.iter().find_map(opening) else { return Ok(false) };
        let account = self.nodes.entry(node).or_default();
        account.book = Book::of(moment.world.disk(node));
        let missing = account.owed.iter().find(|debt| !account.pays(debt)).cloned();
        if let Some(debt) = &missing
            && !self.atlas.lied(node, account.opened)
            && !self.atlas.harms(node).any(|harm| unread(restored, &harm.object, harm.range.start))
        {
            return Err(format!("it told {debt:?}, opens its log without that, and nobody lied"));
        }
        let book = &account.book;
        account.owed.retain(|debt| debt.iter().any(|claim| book.says(claim)));
        let lied = self.atlas.lied(node, account.opened);
        (account.opened, account.restored) = (moment.event, restored);
        Ok(missing.is_some() && lied)
    }

    /// A node tells what any one of these claims says. Whether its disk excuses that it does not say so.
    pub(crate) fn owe<M: Colonist, O>(
        &mut self,
        node: PeerId,
        moment: &Moment<'_, M, O>,
        debt: Vec<Claim>,
    ) -> Result<bool, String> {
        let account = self.nodes.entry(node).or_default();
        if !account.pays(&debt) {
            account.book.read_on(moment.world.disk(node));
            if !account.pays(&debt) {
                let before = |harm: &Harm| unread(account.restored, &harm.object, harm.range.start);
                let harmed = self.atlas.since(node, account.opened).next().is_some() || self.atlas.harms(node).any(before);
                return if harmed { Ok(true) } else { Err(format!("it tells {debt:?}, and its disk does not say so")) };
            }
        }
        account.owed.insert(debt);
        Ok(false)
    }

    /// What undamaged disks owe in the end.
    pub(crate) fn settle<M: Colonist, O>(&self, moment: &Moment<'_, M, O>) -> Result<(), (PeerId, String)> {
        for (node, account) in &self.nodes {
            if self.atlas.harms(*node).next().is_some() {
                continue;
            }
            let book = Book::of(moment.world.disk(*node));
            let pays = |debt: &&Vec<Claim>| debt.iter().any(|claim| book.says(claim));
            if let Some(debt) = account.owed.iter().find(|debt| !pays(debt)) {
                return Err((*node, format!("it told {debt:?}; in the end its disk does not say so")));
            }
        }
        Ok(())
    }
}
