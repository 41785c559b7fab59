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
        // What is of an earlier start is only late.
        let is_again = self.sessions.get(&key).is_none_or(|latest| session > *latest);
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
        let (me, colony) = (self.config.me(), self.config.roots.colony());
        // As long as the log is not open, nothing can be said: whoever remembers says it again.
        let Some(durable) = self.ledger().durable().filter(|_| self.is_serving()) else { return };
        if head.log != self.config.ledger.log || head.verify(&me, colony).is_err() {
            return reached!("recall.forged");
        }
        let records = head.head.records;
        if records > durable.records {
            return self.roll_back(records, out);
        }
        match self.past.recall(&self.state.trail, records, head.head.digest) {
            Verdict::Passed => self.send(from, Body::Passed { records }, out),
            Verdict::Lost => self.roll_back(records, out),
            Verdict::Unknown => reached!("recall.unknown"),
        }
    }

    /// Another node knows this head of somebody's log.
    pub(crate) fn compare_heads(&mut self, key: PublicKey, head: SignedHead, out: &mut Effects<'_, Self>) {
        let colony = self.config.roots.colony();
        if head.log == self.config.ledger.log {
            let is_past = self.ledger().durable().is_some_and(|durable| head.head.records > durable.records);
            if is_past && head.verify(&self.config.me(), colony).is_ok() {
                self.roll_back(head.head.records, out);
            }
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

    /// A head of some other log to tell of, another each time.
    pub(crate) fn some_head(&self, not: PeerId) -> Option<Body> {
        let others: Vec<&PublicKey> = self.config.nodes.iter().filter(|(peer, _)| **peer != not).map(|(_, key)| key).collect();
        let round = usize::try_from(self.pulses).unwrap_or(0) / self.config.nodes.len().max(1);
        let key = **others.get(round.checked_rem(others.len())?)?;
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
