//! The chain: the log on each node's disk verifies, all of it, ends where the node says, and never forks.
//!
//! Judged with the auditors' verifier over the disk's real bytes: whenever a log is opened, now and then while it is (the longer it
//! is, the less often), and in the end. All heads that a node ever had stay on its chain; the heads that its messages carry are
//! among them, and so are those that other nodes remember. And whoever begins to open a log whose last segment has, behind whole
//! records, a whole one that says that it belongs elsewhere, does not open it: that is no torn tail, and what it covered was
//! answered. Nor does the verifier take it for one.
//!
//! Excused is damage done after an opening had begun to read, and a node whose disk took back, since it was opened before, what it
//! had answered to (`Loss::Answered`): from there on it is another history. So is damage to what an opening from a checkpoint does not
//! read: that is for auditors. A disk that was never damaged must verify even
//! when its node is down. What it does not see: heads on their way to somebody who never hears them again.

use crate::member::{Colonist, Told};
use antfarm_identity::Digest;
use antfarm_keeper::{Atlas, stray, unread, verify};
use antfarm_ledger::{LogHead, Restored};
use antfarm_machine::{Object, PeerId, reached};
use antfarm_node::{Node, Notice};
use antfarm_sim::{Choice, Disk, Family, Moment, Oracle, Verdict, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// After so many inputs of a node, and twice as many as its log has records, all of it is read.
const EVERY: u64 = 512;

/// Logs verify, and never fork.
#[derive(Clone, Default, Debug)]
pub struct Chain {
    atlas: Atlas,
    histories: BTreeMap<PeerId, History>,
}

#[derive(Clone, Default, Debug)]
struct History {
    /// By number of records.
    heads: BTreeMap<u64, LogHead>,
    /// Heads of histories that the disk took back.
    before: BTreeSet<(u64, Digest)>,
    latest: Option<LogHead>,
    /// The event at which the log was opened, and one before the opening began to read.
    opened: u64,
    began: u64,
    /// The checkpoint that it was opened from.
    restored: Option<Restored>,
    /// What it began to read has a record there that belongs elsewhere: segment and offset.
    displaced: Option<(Object, u64)>,
    serving: bool,
    /// Inputs since the log was read.
    turns: u64,
}

impl History {
    fn had(&self, head: &LogHead) -> bool {
        self.heads.get(&head.records) == Some(head) || self.before.contains(&(head.records, head.digest))
    }
}

impl<M: Colonist, O> Oracle<M, O> for Chain {
    fn property(&self) -> &'static str {
        "chain"
    }

    fn claim(&self) -> &'static str {
        "the log on each node's disk verifies, and no head that it ever showed leaves it, unless the disk was damaged"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.atlas.watch(moment);
        let Some((at, node)) = moment.turned().and_then(|(at, it)| Some((at, it.node()?))) else { return Ok(()) };
        if let Choice::Sync(_, _, Verdict::Misdirected { .. }) = moment.choice
            && let Some((object, offset)) = displaced(moment.world.disk(at))
            && verify(moment.world.disk(at), node.ledger().config().log, &mut |_| {}).is_ok()
        {
            let message = format!("a whole record that belongs elsewhere passes for a torn tail: `{object}`, {offset}");
            return Err(Violation::at(at, message));
        }
        let history = self.histories.entry(at).or_default();
        let stopped = moment.notices.iter().any(|told| matches!(told, Told::Node(Notice::Stopped(_))));
        if stopped || matches!(moment.choice, Choice::Start(_)) || (history.serving && !node.is_serving()) {
            history.began = moment.event;
            let astray = self.atlas.harms(at).any(|harm| harm.by == Family::Misdirected);
            history.displaced = if astray { displaced(moment.world.disk(at)) } else { None };
        }
        history.serving = node.is_serving();
        history.turns += 1;
        let records = history.latest.map_or(0, |head| head.records);
        let mut due = history.turns >= EVERY.max(2 * records);
        for told in moment.notices {
            let Told::Node(Notice::Opened(opened)) = told else { continue };
            history.restored = opened.restored;
            if let Some((object, offset)) = history.displaced.take() {
                if !unread(history.restored, &object, offset) && self.atlas.since(at, history.began).next().is_none() {
                    let message = format!("it opens over a whole record that belongs elsewhere: `{object}`, {offset}");
                    return Err(Violation::at(at, message));
                }
                reached!("oracle.chain.excused");
            }
            let lost = history.heads.split_off(&(opened.records + 1));
            if let Some((records, _)) = lost.last_key_value() {
                if !self.atlas.lied(at, history.opened) {
                    let message =
                        format!("it showed a head of {records} records, opens with {}, and nobody lied", opened.records);
                    return Err(Violation::at(at, message));
                }
                reached!("oracle.chain.excused");
                history.before.extend(lost.into_values().map(|head| (head.records, head.digest)));
            }
            (history.opened, history.latest, due) = (moment.event, None, true);
        }
        if let Some(head) = node.ledger().durable().filter(|head| history.latest != Some(*head)) {
            history.latest = Some(head);
            if let Some(before) = history.heads.insert(head.records, head).filter(|before| *before != head) {
                return Err(Violation::at(at, format!("its log forks: {head:?} and {before:?}")));
            }
        }
        for (_, message) in moment.messages() {
            let claim = message.head.as_ref().map(|claim| claim.head);
            if let Some(claim) = claim.filter(|it| it.log != node.ledger().config().log || !history.had(&it.head)) {
                return Err(Violation::at(at, format!("it shows a head that its log never had: {:?}", claim.head)));
            }
        }
        if matches!(moment.choice, Choice::Deliver(_)) {
            self.remembered(at, node)?;
        }
        if !due || !node.is_serving() {
            return Ok(());
        }
        self.histories.entry(at).or_default().turns = 0;
        self.served(at, node, moment)
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        for at in moment.world.ids() {
            let Some(node) = moment.world.machine(at).node() else { continue };
            if node.is_serving() {
                self.served(at, node, moment)?;
            } else if self.atlas.harms(at).next().is_none() {
                reached!("oracle.chain");
                if let Err(refused) = verify(moment.world.disk(at), node.ledger().config().log, &mut |_| {}) {
                    return Err(Violation::at(at, format!("nobody damaged this disk, and it does not verify: {refused}")));
                }
            }
        }
        Ok(())
    }
}

/// Where the last segment of a disk has a record that belongs elsewhere.
fn displaced(disk: &Disk) -> Option<(Object, u64)> {
    let found = stray(disk)?;
    reached!("oracle.chain.displaced");
    Some(found)
}

impl Chain {
    /// What a node remembers of others is what they were.
    fn remembered(&self, at: PeerId, node: &Node) -> Result<(), Violation> {
        for (peer, key) in &node.config().nodes {
            let (Some(head), Some(history)) = (node.heard_of(key), self.histories.get(peer)) else { continue };
            if !history.had(&head.head) {
                return Err(Violation::at(at, format!("it remembers a head that {peer:?} never had: {:?}", head.head)));
            }
        }
        Ok(())
    }

    /// Judges the disk of a node whose log is open.
    fn served<M: Colonist, O>(&self, at: PeerId, node: &Node, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let Some(history) = self.histories.get(&at) else { return Ok(()) };
        // By how many records there are up to it.
        let mut digests = vec![node.ledger().config().log];
        let read = verify(moment.world.disk(at), node.ledger().config().log, &mut |record| digests.push(record.digest));
        let digest = |records: u64| usize::try_from(records).ok().and_then(|records| digests.get(records));
        let off = history.heads.values().find(|head| digest(head.records) != Some(&head.digest));
        let wrong = match (read, off) {
            (Ok(read), None) if read.tear.is_none() && node.ledger().durable() == Some(read.head) => {
                reached!("oracle.chain");
                return Ok(());
            }
            (Ok(read), None) => format!("the disk holds {read:?}, the node serves {:?}", node.ledger().durable()),
            (Ok(_), Some(head)) => format!("it showed a head that is not on its chain: {head:?}"),
            (Err(refused), _) => format!("its log is served and does not verify: {refused}"),
        };
        if self.atlas.since(at, history.began).next().is_some() {
            reached!("oracle.chain.excused");
            return Ok(());
        }
        if self.atlas.harms(at).any(|harm| unread(history.restored, &harm.object, harm.range.start)) {
            reached!("oracle.chain.unread");
            return Ok(());
        }
        Err(Violation::at(at, wrong))
    }
}
