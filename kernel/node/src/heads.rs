//! Heads: what nodes remember of each other's logs, and what follows when the logs do not fit.
//!
//! Rule kept: a log that was shown to somebody cannot be cut or rewritten unseen, as long as one of those who saw its head is
//! heard again. Whoever is told of a head of its own that its log does not extend stops for good; two heads that contradict
//! each other are kept and told on as they are, never merged.

use crate::ask::Notice;
use crate::config::log_of;
use crate::fact::Fact;
use crate::message::{Body, Fork};
use crate::node::{Node, Output};
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
    /// A message of a node carried this head.
    pub(crate) fn witness(&mut self, from: PeerId, key: PublicKey, head: SignedHead, out: &mut Effects<'_, Self>) {
        let known = self.heard_of(&key).copied();
        if known == Some(head) {
            return;
        }
        let colony = self.config.roots.colony();
        if head.log != log_of(colony, &key) {
            return reached!("head.of_another_log");
        }
        let is_newer = known.is_none_or(|known| head.head.records > known.head.records);
        let contradicts = known.is_some_and(|known| known.contradicts(&head));
        if !is_newer && !contradicts {
            // It is late, or its sender has lost what it once had: that one finds out.
            if let Some(known) = known {
                self.send(from, Body::Recall(known), out);
            }
            return;
        }
        if head.verify(&key, colony).is_err() {
            return reached!("head.forged");
        }
        match known.filter(|_| contradicts) {
            Some(known) => {
                self.send(from, Body::Recall(known), out);
                self.accuse(Fork { one: known, other: head });
            }
            None => {
                self.heard.insert(key, head);
            }
        }
    }

    /// Somebody remembers this head of this node.
    pub(crate) fn recalled(&mut self, head: &SignedHead, out: &mut Effects<'_, Self>) {
        let (me, colony) = (self.config.me(), self.config.roots.colony());
        if head.log != self.config.ledger.log {
            return;
        }
        let Some(durable) = self.ledger().durable() else {
            if head.verify(&me, colony).is_ok() {
                self.reopen_through(&head.head, out);
            }
            return;
        };
        if head.head.records > durable.records {
            if head.verify(&me, colony).is_ok() {
                self.roll_back(head.head.records, out);
            }
        } else if head.head.records <= self.opened_at && head.head.records > self.looked_at && head.verify(&me, colony).is_ok() {
            // It is of an earlier start: the log must pass through it, and only reading the log can tell.
            self.reopen_through(&head.head, out);
        }
    }

    /// Two heads contradict each other: whoever keeps that log signed two histories.
    pub(crate) fn accuse(&mut self, fork: Fork) {
        let Fork { one, other } = fork;
        if self.state.forks.contains_key(&one.log) || !one.contradicts(&other) {
            return;
        }
        let colony = self.config.roots.colony();
        let keys = self.config.nodes.values().copied();
        let Some(key) = keys.into_iter().find(|key| log_of(colony, key) == one.log) else { return };
        if one.verify(&key, colony).is_err() || other.verify(&key, colony).is_err() {
            return reached!("fork.forged");
        }
        reached!("fork.seen");
        if let Ok(position) = self.record(Fact::Forked(Box::new(fork.clone()))) {
            self.after(position, Output::Tell(Notice::Forked { log: one.log }));
            let nodes: Vec<PeerId> = self.config.nodes.keys().copied().collect();
            for peer in nodes {
                self.after(position, Output::Send(peer, Box::new(Body::Forked(fork.clone()))));
            }
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
