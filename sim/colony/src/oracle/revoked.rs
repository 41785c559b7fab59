//! Revoked: a writ that was revoked is not acted on for longer than its bound.
//!
//! Once a giver of a writ (who gave it, or one above it) has it on its disk that the writ or one above it is dead, the last call
//! under the writ is sent, and the last action of an entity taken, at most `revocation_bound(freshness)` later, in true time, whatever is cut off, paused or restarted. A call
//! that is sent again after its deadline only asks how it went, and is none.
//!
//! Excused are a holder whose clocks ran beyond `MAX_DRIFT` since, or jumped ahead, and a revocation whose giver has lost it with
//! its disk (`Loss::Answered`). What it does not see: when a call that was sent in time arrives.

use crate::member::{Member, Moment, Told};
use crate::oracle::excuse::{Lies, acts, is_question};
use antfarm_authority::{Granted, WritId, revocation_bound};
use antfarm_identity::PublicKey;
use antfarm_machine::{MAX_DRIFT, PeerId, Span, reached};
use antfarm_node::Notice;
use antfarm_sim::{Choice, ClockChange, Nobody, Oracle, Time, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// No call is sent under a writ longer than its bound after it was revoked.
#[derive(Clone, Default, Debug)]
pub struct Revoked {
    lies: Lies,
    /// Since when who knows for good that a writ is dead.
    dead: BTreeMap<(PublicKey, WritId), (PeerId, Time)>,
    /// Records of each node whose entities' actions were looked at.
    looked_at: BTreeMap<PeerId, u64>,
    wild: Wild,
}

/// Whose clocks run beyond what is guaranteed for.
#[derive(Clone, Default, Debug)]
struct Wild {
    now: BTreeSet<PeerId>,
    /// When they last did.
    last: BTreeMap<PeerId, Time>,
}

impl Wild {
    fn watch(&mut self, moment: &Moment<'_>) {
        let Choice::Clock(node, change) = moment.choice else { return };
        match change {
            ClockChange::Drift(rate) => {
                if self.now.remove(node) {
                    self.last.insert(*node, moment.at());
                }
                if rate.0.unsigned_abs() > MAX_DRIFT.0.unsigned_abs() {
                    self.now.insert(*node);
                }
            }
            ClockChange::Tick(_) => drop(self.last.insert(*node, moment.at())),
            ClockChange::Step(_) | ClockChange::Freeze | ClockChange::Thaw => {}
        }
    }

    fn since(&self, node: PeerId, time: Time) -> bool {
        self.now.contains(&node) || self.last.get(&node).is_some_and(|last| *last >= time)
    }
}

impl Oracle<Member, Nobody> for Revoked {
    fn property(&self) -> &'static str {
        "revoked"
    }

    fn claim(&self) -> &'static str {
        "no call is sent under a writ longer than its bound after it was revoked"
    }

    fn after(&mut self, moment: &Moment<'_>) -> Result<(), Violation> {
        self.lies.watch(moment);
        self.wild.watch(moment);
        let Some(at) = moment.node else { return Ok(()) };
        let Some(node) = moment.world.machine(at).node() else { return Ok(()) };
        let records = node.ledger().submitted().map_or(0, |(records, _)| records);
        let opened = moment.notices.iter().any(|told| matches!(told, Told::Node(Notice::Opened(_))));
        if let Some(since) = self.looked_at.insert(at, records).filter(|since| *since < records && !opened) {
            for writ in acts(node, since).filter_map(|id| node.state().writ(id)) {
                self.sent(at, writ, moment.at())?;
            }
        }
        for told in moment.notices {
            let Told::Node(notice) = told else { continue };
            if let Notice::Revoked { writ } = notice {
                self.dead.entry((node.config().me(), *writ)).or_insert((at, moment.at()));
            }
            // The process may have ended between the receipt for a revocation and the word of it.
            if let Notice::Opened(_) = notice {
                for (writ, _) in node.state().revocations().iter() {
                    self.dead.entry((node.config().me(), writ)).or_insert((at, moment.at()));
                }
            }
            if let Notice::Called(call) = notice
                && !is_question(call, moment)
                && let Some(writ) = node.state().effect(call.key).and_then(|effect| node.state().writ(effect.writ()))
            {
                self.sent(at, writ, moment.at())?;
            }
        }
        Ok(())
    }
}

impl Revoked {
    fn sent(&self, at: PeerId, writ: &Granted, now: Time) -> Result<(), Violation> {
        let bound = revocation_bound(writ.body().grant.freshness);
        for giver in writ.givers() {
            for above in writ.lineage() {
                let Some((witness, since)) = self.dead.get(&(giver, above.id())) else { continue };
                reached!("oracle.revoked");
                if now <= since.after(bound) {
                    continue;
                }
                if self.lies.told(*witness) || self.wild.since(at, *since) {
                    reached!("oracle.revoked.excused");
                    continue;
                }
                return Err(Violation::at(at, late(writ, above.id(), now.since(*since), bound)));
            }
        }
        Ok(())
    }
}

fn late(writ: &Granted, dead: WritId, after: Span, bound: Span) -> String {
    format!("acts under {writ:?} {after} after {dead:?} was revoked; the bound is {bound}")
}
