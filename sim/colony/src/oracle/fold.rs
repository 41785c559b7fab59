//! The fold: the state of a node is what the records on its disk add up to, and nothing else.
//!
//! A fresh state folds the log as the auditors' verifier reads it, from its beginning at each opening and from then on as it grows,
//! and is compared with the node's: in the first moment after an opening in which nothing is on its way to the disk, now and then
//! while the log is open (the longer it is, the less often), and in the end. Since that is the node's own code, a simpler model
//! looks too: the dead writs, the calls that were started and those that are not settled are what the disk says, read by the format
//! alone, and so are the writs, of which only those may be missing that are over.
//!
//! Whatever checkpoint a log vouches for has the seal of what its records make. The node's state is compared in full after each
//! opening, so also after one that began with a checkpoint.
//!
//! Excused is a log that does not verify any more, by damage since it was opened: that is for `chain`. So is one whose end a disk took
//! back that it had answered to: it verifies, and has fewer records than the node knows to be durable. What it does not see: budgets,
//! the world, and which writs that are over are kept, other than through the node's own fold.

use crate::member::{Colonist, Told};
use crate::oracle::book::Cursor;
use crate::oracle::follow::Followed;
use antfarm_authority::{EffectKey, Granted, RETENTION, WritId};
use antfarm_keeper::Atlas;
use antfarm_ledger::Record;
use antfarm_machine::{MAX_SKEW, PeerId, Wall, reached};
use antfarm_node::{Fact, Node, Notice, SavedStates, State};
use antfarm_sim::{Disk, Moment, Oracle, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// After so many inputs of a node, and as many as its log has records, its state is compared.
const EVERY: u64 = 512;

/// The state of a node is the fold of its log.
#[derive(Clone, Default, Debug)]
pub struct Fold {
    atlas: Atlas,
    nodes: BTreeMap<PeerId, Watched>,
}

/// What is known of one node.
#[derive(Clone, Default, Debug)]
struct Watched {
    /// Inputs since it was judged; none where it was not since it was opened.
    turns: Option<u64>,
    log: Option<Followed<Folded>>,
    cursor: Cursor,
    simple: Simple,
}

impl<M: Colonist, O> Oracle<M, O> for Fold {
    fn property(&self) -> &'static str {
        "fold"
    }

    fn claim(&self) -> &'static str {
        "the state of a node is the fold of the records on its disk"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.atlas.watch(moment);
        let Some((at, node)) = moment.turned().and_then(|(at, it)| Some((at, it.node()?))) else { return Ok(()) };
        let watched = self.nodes.entry(at).or_default();
        let is_opening = |told: &Told| matches!(told, Told::Node(Notice::Opened(_)));
        if moment.notices.iter().any(is_opening) {
            *watched = Watched::default();
        }
        watched.turns = watched.turns.map(|turns| turns + 1);
        let records = node.ledger().durable().map_or(0, |head| head.records);
        if watched.turns.is_some_and(|turns| turns < EVERY.max(records)) || !is_quiet(node) {
            return Ok(());
        }
        watched.turns = Some(0);
        watched.judge(at, node, moment.world.disk(at), self.atlas.lied(at, 0))
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        for at in moment.world.ids() {
            match moment.world.machine(at).node() {
                Some(node) if is_quiet(node) => {
                    let lied = self.atlas.lied(at, 0);
                    self.nodes.entry(at).or_default().judge(at, node, moment.world.disk(at), lied)?;
                }
                Some(_) | None => {}
            }
        }
        Ok(())
    }
}

/// Whether the log is open, and all that was folded is durable.
fn is_quiet(node: &Node) -> bool {
    let durable = node.ledger().durable().map(|head| head.records);
    node.is_serving() && durable.is_some() && durable == node.ledger().submitted().map(|(records, _)| records)
}

impl Watched {
    /// `lied`: the disk took something back that it had answered to.
    fn judge(&mut self, at: PeerId, node: &Node, disk: &Disk, lied: bool) -> Result<(), Violation> {
        let empty = || Folded {
            state: State::new(node.config()),
            saved: SavedStates::new(node.ledger().config().log),
            wrong: None,
            records: 0,
        };
        let log = self.log.get_or_insert_with(|| Followed::new(node.ledger().config().log, empty()));
        let Some(Folded { state, wrong, records, .. }) = log.read_on(disk, true, empty, &mut Folded::fold) else {
            reached!("oracle.fold.excused");
            return Ok(());
        };
        if lied && node.ledger().durable().is_some_and(|head| *records < head.records) {
            reached!("oracle.fold.excused");
            return Ok(());
        }
        reached!("oracle.fold");
        if let Some(position) = state.broken() {
            return Err(Violation::at(at, format!("record {position} of its log does not follow from those before it")));
        }
        if let Some(at_records) = wrong {
            return Err(Violation::at(at, format!("its checkpoint of {at_records} records is not the fold of these records")));
        }
        if state != node.state() {
            return Err(Violation::at(at, "its state is not the fold of the records on its disk"));
        }
        let (says, known): (Says, BTreeSet<WritId>) = (Says::of(state), state.writs().map(Granted::id).collect());
        if !log.goes_on() {
            (self.cursor, self.simple) = (Cursor::default(), Simple::default());
        }
        let Self { cursor, simple, .. } = self;
        cursor.read_on(disk, &mut |fact| simple.take(fact));
        if simple.says != says {
            return Err(Violation::at(at, format!("its state says {says:?}, its disk {:?}", simple.says)));
        }
        if let Some(writ) = known.iter().find(|writ| !simple.ends.contains_key(writ)) {
            return Err(Violation::at(at, format!("its state knows {writ:?}, its disk does not")));
        }
        if let Some((writ, _)) = simple.ends.iter().find(|(id, ends)| !known.contains(id) && !simple.is_over(**ends)) {
            return Err(Violation::at(at, format!("its state does not know {writ:?}, which is on its disk and not over")));
        }
        Ok(())
    }
}

/// What the records of a log add up to.
#[derive(Clone, Debug)]
struct Folded {
    state: State,
    saved: SavedStates,
    /// The first checkpoint that the log vouches for, and that is not what its records make.
    wrong: Option<u64>,
    records: u64,
}

impl Folded {
    fn fold(&mut self, record: &Record<'_>) {
        self.records += 1;
        let fact = Fact::read(record).ok().flatten();
        if let Some(fact @ Fact::Saved { at, .. }) = &fact
            && self.saved.judge(fact).is_err()
        {
            self.wrong = self.wrong.or(Some(*at));
        }
        self.state.fold_fact(record, fact);
        self.saved.pass(record, &self.state);
    }
}

/// What is simple about a log.
#[derive(Clone, Default, Debug)]
struct Simple {
    /// Up to when it was forgotten.
    mark: Wall,
    /// When the windows end of all writs that ever were known.
    ends: BTreeMap<WritId, Wall>,
    /// Until when calls could be started.
    until: BTreeMap<EffectKey, Wall>,
    says: Says,
}

/// What a log says, and a state has to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Says {
    dead: BTreeSet<WritId>,
    begun: BTreeSet<EffectKey>,
    open: BTreeSet<EffectKey>,
}

impl Simple {
    fn take(&mut self, fact: Fact) {
        match fact {
            Fact::Known { writ } | Fact::Granted { writ, .. } | Fact::Delegated { writ } => {
                self.ends.insert(writ.id(), writ.body.grant.window.expires_at());
            }
            Fact::Revoked(revocation) => drop(self.says.dead.insert(revocation.writ)),
            Fact::Started { intent, proposal, .. } => {
                self.until.insert(proposal.key, intent.until);
                self.says.begun.insert(proposal.key);
                self.says.open.insert(proposal.key);
            }
            Fact::Acted { intent, proposal, .. } => {
                self.until.insert(proposal.key, intent.until);
                self.says.begun.insert(proposal.key);
            }
            Fact::Withheld { key, .. } | Fact::Done { key, .. } | Fact::Failed { key, .. } => drop(self.says.open.remove(&key)),
            Fact::Forgot { at } => self.forget(at),
            Fact::Refused { .. }
            | Fact::Doubted { .. }
            | Fact::Expired { .. }
            | Fact::Closed { .. }
            | Fact::Reclaimed(_)
            | Fact::Released(_)
            | Fact::Witnessed { .. }
            | Fact::Forked(_)
            | Fact::Begun(_)
            | Fact::Commissioned(_)
            | Fact::Ended(_)
            | Fact::Reported(_)
            | Fact::Declined { .. }
            | Fact::Denied { .. }
            | Fact::Moved { .. }
            | Fact::Saving
            | Fact::Saved { .. } => {}
        }
    }

    /// As it is written down where nodes forget, a second time: two skews later, and for writs a retention.
    fn forget(&mut self, at: Wall) {
        reached!("oracle.fold.forgot");
        self.mark = self.mark.max(at);
        let dead = std::mem::take(&mut self.says.dead);
        self.says.dead = dead.into_iter().filter(|writ| !self.ends.get(writ).is_some_and(|ends| self.is_over(*ends))).collect();
        let (until, open, mark) = (&self.until, &self.says.open, self.mark);
        self.says.begun.retain(|key| open.contains(key) || mark <= until[key] + MAX_SKEW + MAX_SKEW);
    }

    fn is_over(&self, ends: Wall) -> bool {
        self.mark > ends + MAX_SKEW + MAX_SKEW + RETENTION
    }
}

impl Says {
    fn of(state: &State) -> Self {
        let open = state.effects().filter(|(_, effect)| effect.is_open()).map(|(key, _)| key).collect();
        let dead = state.revocations().iter().map(|(writ, _)| writ).collect();
        Self { dead, begun: state.effects().map(|(key, _)| key).collect(), open }
    }
}
