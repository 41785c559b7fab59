//! Spend: no honest node spends, or gives away, more than a writ grants; and nothing is created or lost on the way.
//!
//! - After every event at a node, each of its accounts is balanced in every dimension, and holds its writ's budget; while the log
//!   is open, what was spent only grows. Where an account changed, what is reserved is the cost of what is under way, and what is drawn is
//!   the budgets of the children that did not return them.
//! - Now and then, and in the end, over all nodes whose logs are open: the same, and an open account elsewhere is one for which its
//!   parent's home has drawn, and what tools were really paid under a writ is spent or reserved there.
//! - What a child leaves comes back once, and what tools were really paid under a root is never more than the root grants.
//! - The bank's purse and its books together never change.
//!
//! Excused are nodes whose disks took back what they had answered to (`Loss::Answered`), and payments that no honest account
//! covers: see `payments`. What it does not see: the budget of a writ whose home is not open.

use crate::member::{Member, Moment, Told};
use crate::oracle::payments::Payments;
use crate::tool::{PURSE, Tool, Trade};
use antfarm_authority::{Account, Amount, Dimension, Granted, WritId};
use antfarm_machine::{PeerId, reached};
use antfarm_node::{Node, Notice};
use antfarm_sim::{Nobody, Oracle, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// After how many events everything is looked at again, and one more for each call that was ever sent.
const EVERY: u64 = 256;

/// Nothing is spent or given away beyond what was granted.
#[derive(Clone, Default, Debug)]
pub struct Spend {
    payments: Payments,
    /// The event from which on everything is looked at again.
    due: u64,
    /// The accounts of each node whose log is open, as they were after the latest event there.
    known: BTreeMap<PeerId, BTreeMap<WritId, Account>>,
    returned: BTreeSet<(PeerId, WritId)>,
}

impl Oracle<Member, Nobody> for Spend {
    fn property(&self) -> &'static str {
        "spend"
    }

    fn claim(&self) -> &'static str {
        "granted is spent, reserved, drawn and free, at every node and over the whole tree, and tools are paid no more"
    }

    fn after(&mut self, moment: &Moment<'_>) -> Result<(), Violation> {
        let before = moment.node.and_then(|at| self.known.get(&at));
        self.payments.watch(moment, before);
        if let Some(at) = moment.node {
            match moment.world.machine(at) {
                Member::Citizen(citizen) => self.node(at, citizen.node(), moment)?,
                Member::Tool(tool) => conserved(at, tool)?,
                Member::Traitor(_) => {}
            }
        }
        if moment.event < self.due {
            return Ok(());
        }
        self.due = moment.event + EVERY + self.payments.calls();
        self.whole(moment)
    }

    fn at_end(&mut self, moment: &Moment<'_>) -> Result<(), Violation> {
        self.whole(moment)
    }
}

impl Spend {
    fn node(&mut self, at: PeerId, node: &Node, moment: &Moment<'_>) -> Result<(), Violation> {
        let accounts = node.state().accounts();
        let before = if node.is_serving() { self.known.remove(&at) } else { None };
        let mut known = BTreeMap::new();
        for writ in accounts.writs() {
            let Some(account) = accounts.account(writ.id()) else { continue };
            let parts = [account.spent(), account.reserved(), account.drawn(), account.free()];
            let wrong = |what: &str| Violation::at(at, format!("{what} does not hold for {writ:?}: {account:?}"));
            if !sums(account.granted(), &parts) {
                return Err(wrong("granted = spent + reserved + drawn + free"));
            }
            if account.granted() != writ.body().grant.budget {
                return Err(wrong("that it was granted its writ's budget"));
            }
            let was = before.as_ref().and_then(|it| it.get(&writ.id())).map_or(Amount::ZERO, Account::spent);
            if was.beyond(account.spent()).next().is_some() {
                return Err(wrong("that what is spent is gone for good"));
            }
            known.insert(writ.id(), *account);
        }
        if node.is_serving() && !self.payments.lies.told(at) && before.as_ref() != Some(&known) {
            within(at, node)?;
        }
        match node.is_serving() {
            true => drop(self.known.insert(at, known)),
            false => drop(self.known.remove(&at)),
        }
        for told in moment.notices {
            if let Told::Node(Notice::Reclaimed { writ }) = told {
                reached!("oracle.spend.returned");
                if !self.returned.insert((at, *writ)) && !self.payments.lies.told(at) {
                    return Err(Violation::at(at, format!("took back what {writ:?} left, twice")));
                }
            }
        }
        Ok(())
    }

    fn whole(&self, moment: &Moment<'_>) -> Result<(), Violation> {
        reached!("oracle.spend");
        let open: BTreeMap<_, _> = moment.world.ids().filter_map(|at| Some((at, self.open(at, moment)?))).collect();
        for (at, node) in &open {
            within(*at, node)?;
            for child in node.state().accounts().writs() {
                let parent_home = child.parent().map(|it| it.body().home);
                let Some((giver, home)) = open.iter().find(|(_, other)| Some(other.config().me()) == parent_home) else {
                    continue;
                };
                if !node.state().accounts().is_closed(child.id()) && !lent(home, child) {
                    let message = format!("spends {child:?}, for which {giver:?} has drawn nothing, or has it back");
                    return Err(Violation::at(*at, message));
                }
            }
        }
        self.covered(&open)
    }

    /// A node whose log is open, and whose disk took nothing back.
    fn open<'a>(&self, at: PeerId, moment: &Moment<'a>) -> Option<&'a Node> {
        moment.world.machine(at).node().filter(|node| node.is_serving() && !self.payments.lies.told(at))
    }

    /// What was really paid is in the accounts, and within the roots.
    fn covered(&self, open: &BTreeMap<PeerId, &Node>) -> Result<(), Violation> {
        let mut paid: BTreeMap<WritId, (PeerId, &Granted, Vec<Amount>)> = BTreeMap::new();
        let mut roots: BTreeMap<WritId, (&Granted, Vec<Amount>)> = BTreeMap::new();
        for (caller, writ, amount) in self.payments.counted() {
            paid.entry(writ.id()).or_insert_with(|| (caller, writ, Vec::new())).2.push(amount);
            if let Some(root) = writ.lineage().last() {
                roots.entry(root.id()).or_insert_with(|| (root, Vec::new())).1.push(amount);
            }
        }
        for (id, (caller, writ, amounts)) in paid {
            let account = open.get(&caller).and_then(|node| node.state().accounts().account(id));
            let Some(account) = account else { continue };
            if beyond(&amounts, &[account.spent(), account.reserved()]) {
                let message = format!("tools were paid more under {writ:?} than its account says: {account:?}");
                return Err(Violation::at(caller, message));
            }
        }
        for (root, amounts) in roots.values() {
            if beyond(amounts, &[root.body().grant.budget]) {
                return Err(Violation::overall(format!("tools were paid more than the root {root:?} grants")));
            }
        }
        Ok(())
    }
}

/// What an account says is reserved and drawn is so.
fn within(at: PeerId, node: &Node) -> Result<(), Violation> {
    let state = node.state();
    let mut under_way: BTreeMap<WritId, Vec<Amount>> = BTreeMap::new();
    for (_, effect) in state.under_way() {
        under_way.entry(effect.writ()).or_default().push(effect.cost());
    }
    let mut given: BTreeMap<WritId, Vec<Amount>> = BTreeMap::new();
    for child in state.writs() {
        if let Some(parent) = child.parent().filter(|parent| parent.body().home == node.config().me())
            && lent(node, child)
        {
            given.entry(parent.id()).or_default().push(child.body().grant.budget);
        }
    }
    for writ in state.accounts().writs() {
        let Some(account) = state.accounts().account(writ.id()) else { continue };
        let parts = |of: &BTreeMap<WritId, Vec<Amount>>| of.get(&writ.id()).cloned().unwrap_or_default();
        if !sums(account.reserved(), &parts(&under_way)) {
            return Err(Violation::at(at, format!("what is reserved of {writ:?} is not what is under way: {account:?}")));
        }
        if !sums(account.drawn(), &parts(&given)) {
            return Err(Violation::at(at, format!("what is drawn of {writ:?} is not what its children have: {account:?}")));
        }
    }
    Ok(())
}

/// Whether a child's home has what this home has drawn for it.
fn lent(home: &Node, child: &Granted) -> bool {
    home.state().accounts().drawn(child, &home.config().signer).is_some()
}

/// What a bank has and what it paid is what it had.
fn conserved(at: PeerId, bank: &Tool) -> Result<(), Violation> {
    if bank.trade() == Trade::Bank && !keeps(bank.purse(), bank.books().map(|(_, paid)| paid)) {
        return Err(Violation::at(at, format!("{} is left of {PURSE}, and its books say something else", bank.purse())));
    }
    Ok(())
}

/// Whether what is left in a bank's purse and what was paid are what it had.
pub fn keeps(left: u64, paid: impl Iterator<Item = u64>) -> bool {
    paid.map(u128::from).sum::<u128>() + u128::from(left) == u128::from(PURSE)
}

fn total(amounts: &[Amount], dimension: Dimension) -> u128 {
    amounts.iter().map(|amount| u128::from(amount.of(dimension))).sum()
}

/// Whether these amounts make up the whole, in every dimension.
pub fn sums(whole: Amount, parts: &[Amount]) -> bool {
    Dimension::ALL.into_iter().all(|dimension| total(parts, dimension) == u128::from(whole.of(dimension)))
}

/// Whether some amounts are more than others together, in some dimension.
pub fn beyond(amounts: &[Amount], limits: &[Amount]) -> bool {
    Dimension::ALL.into_iter().any(|dimension| total(amounts, dimension) > total(limits, dimension))
}
