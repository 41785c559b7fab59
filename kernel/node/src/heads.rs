//! Heads: what nodes remember of each other's logs, and what follows when the logs do not fit.
//!
//! Rule kept: a log that was shown to somebody cannot be cut or rewritten unseen, as long as one of those who saw its head is
//! heard again. Whoever is told of a head of its own that its log does not extend stops for good; two heads that contradict
//! each other are kept and told on as they are, never merged.

use crate::ask::Notice;
use crate::config::log_of;
use crate::fact::Fact;
use crate::message::{Body, Claim, Fork};
use crate::node::{Node, Output};
use crate::past::Verdict;
use alloc::boxed::Box;
use alloc::vec::Vec;
use antfarm_identity::PublicKey;
use antfarm_ledger::SignedHead;
use antfarm_machine::{Effects, PeerId, reached};

/// The most heads in one record.
const MAX_HEADS: usize = 256;

/// By how many records another log has grown when its head is recorded again.
const STRIDE: u64 = 64;

impl Node {
    /// A message of a node carried this claim.
    pub(crate) fn witness(&mut self, from: PeerId, key: PublicKey, claim: Claim, out: &mut Effects<'_, Self>) {
        let Claim { head, session } = claim;
        let known = self.heard_of(&key).copied();
        if known == Some(head) && self.sessions.get(&key) == Some(&session) {
            return;
        }
        let colony = self.config.roots.colony();
        if head.log != log_of(colony, &key) {
            return reached!("head.of_another_log");
        }
        let is_newer = known.is_none_or(|known| head.head.records > known.head.records);
        let contradicts = known.is_some_and(|known| known.contradicts(&head));
        // Another start, not only a later one: who put a folder back as it was, and a clock too, starts with a lower number.
        // A late message of an earlier start costs two questions.
        let is_again = self.sessions.get(&key) != Some(&session);
        if !is_newer && !contradicts && !is_again {
            return;
        }
        if head.verify(&key, colony).is_err() {
            return reached!("head.forged");
        }
        // It started again: its log must still pass through what is remembered of it, which is kept until it says so.
        if let Some(known) = known.filter(|_| is_again || contradicts) {
            let recall = self.recalls.entry(from).or_insert(known);
            if known.head.records > recall.head.records {
                *recall = known;
            }
            self.tell(from, Body::Recall(known), out);
        }
        self.sessions.insert(key, session);
        match known.filter(|_| contradicts) {
            Some(known) => self.accuse(Fork { one: known, other: head }, out),
            None if is_newer => drop(self.heard.insert(key, head)),
            None => {}
        }
    }

    /// Somebody remembers this head of this node, of an earlier start.
    pub(crate) fn recalled(&mut self, from: PeerId, head: &SignedHead, out: &mut Effects<'_, Self>) {
        if self.passes_through(head, out) {
            self.send(from, Body::Passed { records: head.head.records }, out);
        }
    }

    /// Whether the log passes through a head that this node once signed. A log that does not was rolled back, and is not served on.
    fn passes_through(&mut self, head: &SignedHead, out: &mut Effects<'_, Self>) -> bool {
        let (me, colony) = (self.config.me(), self.config.roots.colony());
        // As long as the log is not open, nothing can be said: whoever remembers says it again.
        let Some(durable) = self.ledger().durable().filter(|_| self.is_serving()) else { return false };
        let (records, digest) = (head.head.records, head.head.digest);
        if self.state.trail.digest(records) == Some(&digest) && head.log == self.config.ledger.log {
            return true;
        }
        if head.log != self.config.ledger.log || head.verify(&me, colony).is_err() {
            reached!("recall.forged");
            return false;
        }
        let verdict = match records > durable.records {
            true => Verdict::Lost,
            false => self.past.recall(&self.state.trail, records, digest),
        };
        match verdict {
            Verdict::Passed => {}
            Verdict::Lost => self.roll_back(records, out),
            Verdict::Unknown => reached!("recall.unknown"),
        }
        verdict == Verdict::Passed
    }

    /// Another node knows this head of somebody's log.
    pub(crate) fn compare_heads(&mut self, key: PublicKey, head: SignedHead, out: &mut Effects<'_, Self>) {
        let colony = self.config.roots.colony();
        if head.log == self.config.ledger.log {
            self.passes_through(&head, out);
            return;
        }
        if !self.config.nodes.values().any(|other| *other == key) || head.log != log_of(colony, &key) {
            return reached!("head.of_another_log");
        }
        let known = self.heard_of(&key).copied();
        let contradicts = known.is_some_and(|known| known.contradicts(&head));
        let is_newer = known.is_none_or(|known| head.head.records > known.head.records);
        if !is_newer && !contradicts || head.verify(&key, colony).is_err() {
            return;
        }
        match known.filter(|_| contradicts) {
            Some(known) => self.accuse(Fork { one: known, other: head }, out),
            None => drop(self.heard.insert(key, head)),
        }
    }

    /// A head of some log to tell of, another each time. Who is told may be whose log it is: it finds out that its own was cut.
    pub(crate) fn some_head(&self) -> Option<Body> {
        let others = self.config.nodes.len();
        let round = usize::try_from(self.pulses).unwrap_or(0).checked_div(others)?;
        let key = *self.config.nodes.values().nth(round % others)?;
        self.heard_of(&key).map(|head| Body::Seen { key, head: *head })
    }

    /// A node's log passes through what is remembered of it.
    pub(crate) fn passed(&mut self, from: PeerId, records: u64) {
        if self.recalls.get(&from).is_some_and(|head| head.head.records <= records) {
            self.recalls.remove(&from);
        }
    }

    /// Two heads contradict each other: whoever keeps that log signed two histories.
    pub(crate) fn accuse(&mut self, fork: Fork, out: &mut Effects<'_, Self>) {
        let Fork { one, other } = fork.clone();
        if self.state.forks.contains_key(&one.log) || !one.contradicts(&other) {
            return;
        }
        let colony = self.config.roots.colony();
        let keys = self.config.nodes.values().copied().chain([self.config.me()]);
        let Some(key) = keys.into_iter().find(|key| log_of(colony, key) == one.log) else { return };
        if one.verify(&key, colony).is_err() || other.verify(&key, colony).is_err() {
            return reached!("fork.forged");
        }
        // Its own hand: one of the two histories is not on this disk any more, and others have seen it.
        if key == self.config.me() {
            reached!("fork.own");
            return self.roll_back(one.head.records, out);
        }
        reached!("fork.seen");
        // Others hear of it when they compare what they know.
        match self.record(Fact::Forked(Box::new(fork))) {
            Ok(position) => self.after(position, Output::Tell(Notice::Forked { log: one.log })),
            Err(_) => reached!("fork.not_recorded"),
        }
    }

    /// Records the heads that moved far since they were recorded last. Not every one: each record moves a head of its own, and
    /// nodes that do nothing else would record each other's for ever.
    pub(crate) fn note_heads(&mut self) {
        let moved = |(key, head): &(&PublicKey, &SignedHead)| {
            self.state.witnessed(key).is_none_or(|known| head.head.records >= known.head.records + STRIDE)
        };
        let heads = self.heard.iter().filter(moved).map(|(key, head)| (*key, *head));
        let heads: Vec<(PublicKey, SignedHead)> = heads.take(MAX_HEADS).collect();
        if !heads.is_empty() && self.record(Fact::Witnessed { heads }).is_err() {
            reached!("heads.not_noted");
        }
    }
}
