//! The fold: the state of a node is what the records on its disk add up to, and nothing else.
//!
//! A fresh state folds the log as the auditors' verifier reads it, from its beginning at each opening and from then on as it grows,
//! and is compared with the node's: in the first moment after an opening in which nothing is on its way to the disk, now and then
//! while the log is open (the longer it is, the less often), and in the end. Since that is the node's own code, a simpler model
//! looks too: the writs that are known, the dead, and the calls that were started and are not over are those that the disk says,
//! read by the format alone.
//!
//! Excused is a log that does not verify any more, by damage since it was opened: that is for `chain`. What it does not see: budgets
//! and the world other than through the node's own fold.

use crate::member::{Colonist, Told};
use crate::oracle::book::{Book, Claim};
use crate::oracle::follow::Followed;
use antfarm_authority::{EffectKey, WritId};
use antfarm_machine::{PeerId, reached};
use antfarm_node::{Node, Notice, State};
use antfarm_sim::{Disk, Moment, Oracle, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// After so many inputs of a node, and as many as its log has records, its state is compared.
const EVERY: u64 = 512;

/// The state of a node is the fold of its log.
#[derive(Clone, Default, Debug)]
pub struct Fold {
    nodes: BTreeMap<PeerId, Watched>,
}

/// What is known of one node.
#[derive(Clone, Default, Debug)]
struct Watched {
    /// Inputs since it was judged; none where it was not since it was opened.
    turns: Option<u64>,
    log: Option<Followed<State>>,
    book: Book,
}

impl<M: Colonist, O> Oracle<M, O> for Fold {
    fn property(&self) -> &'static str {
        "fold"
    }

    fn claim(&self) -> &'static str {
        "the state of a node is the fold of the records on its disk"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
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
        watched.judge(at, node, moment.world.disk(at))
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        for at in moment.world.ids() {
            match moment.world.machine(at).node() {
                Some(node) if is_quiet(node) => self.nodes.entry(at).or_default().judge(at, node, moment.world.disk(at))?,
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
    fn judge(&mut self, at: PeerId, node: &Node, disk: &Disk) -> Result<(), Violation> {
        let empty = || State::new(node.config());
        let log = self.log.get_or_insert_with(|| Followed::new(node.ledger().config().log, empty()));
        let Some(state) = log.read_on(disk, empty, &mut |state, record| state.fold(record)) else {
            reached!("oracle.fold.excused");
            return Ok(());
        };
        reached!("oracle.fold");
        if let Some(position) = state.broken() {
            return Err(Violation::at(at, format!("record {position} of its log does not follow from those before it")));
        }
        if state != node.state() {
            return Err(Violation::at(at, "its state is not the fold of the records on its disk"));
        }
        let says = Simple::says(state);
        if log.goes_on() {
            self.book.read_on(disk);
        } else {
            self.book = Book::of(disk);
        }
        let simple = Simple::of(&self.book);
        if simple != says {
            return Err(Violation::at(at, format!("its state says {says:?}, its disk {simple:?}")));
        }
        Ok(())
    }
}

/// What is simple about a state.
#[derive(PartialEq, Eq, Debug)]
struct Simple {
    writs: BTreeSet<WritId>,
    dead: BTreeSet<WritId>,
    begun: usize,
    open: BTreeSet<EffectKey>,
}

impl Simple {
    fn of(book: &Book) -> Self {
        let (mut writs, mut dead, mut begun, mut over) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for claim in book.claims() {
            match claim {
                Claim::Writ(writ) => drop(writs.insert(*writ)),
                Claim::Dead(writ) => drop(dead.insert(*writ)),
                Claim::Begun(key) => drop(begun.insert(*key)),
                Claim::Done(key, _) | Claim::Failed(key) | Claim::Withheld(key, _) => drop(over.insert(*key)),
                Claim::Given(_)
                | Claim::Doubted(_)
                | Claim::Refused(..)
                | Claim::Closed(_)
                | Claim::Reclaimed(_)
                | Claim::Forked(_)
                | Claim::Task(_)
                | Claim::Ended(..)
                | Claim::Reported(..) => {}
            }
        }
        Self { writs, dead, begun: begun.len(), open: begun.difference(&over).copied().collect() }
    }

    fn says(state: &State) -> Self {
        let open = state.effects().filter(|(_, effect)| effect.is_open()).map(|(key, _)| key).collect();
        Self {
            writs: state.writs().map(antfarm_authority::Granted::id).collect(),
            dead: state.revocations().iter().map(|(writ, _)| writ).collect(),
            begun: state.effects().count(),
            open,
        }
    }
}
