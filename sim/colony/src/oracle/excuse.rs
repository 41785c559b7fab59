//! What excuses a node or a call: disks that took back what they had answered to, and calls that a person decided.
//!
//! A disk excuses by the header of the fault that hit it: only what may lose answered requests (`Loss::Answered`) does, and only
//! the node whose disk it is, from the moment on in which the damage is done. Decay excuses nothing here: who sees it stops. Who opens its
//! log from a checkpoint does not see what decayed before that.

use crate::cast::BEGIN;
use crate::member::Moment;
use antfarm_authority::{EffectKey, WritId};
use antfarm_keeper::{Atlas, takes};
use antfarm_machine::{MAX_SKEW, PeerId, Wall};
use antfarm_node::{Call, Node, Phase};
use antfarm_sim::{Choice, Time, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// The nodes whose disks took back what they had answered to.
#[derive(Clone, Default, Debug)]
pub(crate) struct Lies(Atlas);

impl Lies {
    /// Looks at one event.
    pub(crate) fn watch(&mut self, moment: &Moment<'_>) {
        self.0.watch(moment);
    }

    /// Whether the disk of `node` ever took something back.
    pub(crate) fn told(&self, node: PeerId) -> bool {
        self.0.since(node, 0).any(takes)
    }
}

/// The nodes that wait for a disk that never answers a sync: nothing moves there until they are started anew.
#[derive(Clone, Default, Debug)]
pub(crate) struct Hung(BTreeSet<PeerId>);

impl Hung {
    /// Looks at one event.
    pub(crate) fn watch(&mut self, choice: &Choice) {
        match choice {
            Choice::Sync(node, _, Verdict::Hung) => drop(self.0.insert(*node)),
            Choice::Crash(node) => drop(self.0.remove(node)),
            Choice::Sync(..)
            | Choice::Deliver(_)
            | Choice::Lose(_)
            | Choice::Copy(_)
            | Choice::Corrupt(..)
            | Choice::Ring(..)
            | Choice::Ask(_)
            | Choice::Start(_)
            | Choice::Tear(..)
            | Choice::Replace(_)
            | Choice::Rot(..)
            | Choice::Clock(..) => {}
        }
    }

    /// Whether `node` waits so.
    pub(crate) fn has(&self, node: PeerId) -> bool {
        self.0.contains(&node)
    }
}

/// The calls that were ever in doubt: how they end is a person's word, which may be wrong.
#[derive(Clone, Default, Debug)]
pub(crate) struct Doubts {
    calls: BTreeSet<EffectKey>,
    /// Records of each log whose calls were looked at.
    looked_at: BTreeMap<PeerId, u64>,
}

impl Doubts {
    /// Looks at one event. A doubt counts from the moment in which it is a part of the state: a person may end it before it is
    /// on the disk.
    pub(crate) fn watch(&mut self, moment: &Moment<'_>) {
        let Some(at) = moment.node else { return };
        let Some(node) = moment.world.machine(at).node() else { return };
        let Some((records, _)) = node.ledger().submitted() else { return };
        if self.looked_at.insert(at, records) != Some(records) {
            let doubted = node.state().under_way().filter(|(_, effect)| *effect.phase() == Phase::Doubted);
            self.calls.extend(doubted.map(|(key, _)| key));
        }
    }

    /// Whether the call was ever in doubt.
    pub(crate) fn about(&self, key: EffectKey) -> bool {
        self.calls.contains(&key)
    }
}

/// What entities of a node did, recorded at this position or later: under which writs. Called in each event, so that what is settled
/// when it is first seen is no call of a tool.
pub(crate) fn acts(node: &Node, since: u64) -> impl Iterator<Item = WritId> {
    let effects = node.config().suite.iter().flat_map(|_| node.state().effects());
    let acts = effects.filter(move |(_, effect)| effect.position() >= since && matches!(effect.phase(), Phase::Done(_)));
    acts.map(|(_, effect)| effect.writ())
}

/// Whether a call that is sent now only asks how it went: by true time its deadline has been over for longer than a tool's clock
/// may be behind, so that no tool begins it any more.
pub(crate) fn is_question(call: &Call, moment: &Moment<'_>) -> bool {
    truth(moment) > call.deadline + MAX_SKEW
}

/// What a wall clock reads now that is right.
pub(crate) fn truth(moment: &Moment<'_>) -> Wall {
    BEGIN + moment.at().since(Time::ZERO)
}
