//! What excuses a node or a call: disks that took back what they had answered to, and calls that a person decided.
//!
//! A disk excuses by the header of the fault that hit it: only what may lose answered requests (`Loss::Answered`) does, and only
//! the node whose disk it is, from the moment on in which the damage is done. Decay excuses nothing here: who sees it stops.

use crate::member::{Moment, Told};
use antfarm_authority::EffectKey;
use antfarm_machine::PeerId;
use antfarm_node::{Answer, Notice, Phase};
use antfarm_sim::{Choice, Loss};
use std::collections::BTreeSet;

/// The nodes whose disks took back what they had answered to.
#[derive(Clone, Default, Debug)]
pub(crate) struct Lies(BTreeSet<PeerId>);

impl Lies {
    /// Looks at one event.
    pub(crate) fn watch(&mut self, moment: &Moment<'_>) {
        let node = match moment.choice {
            Choice::Sync(node, ..)
            | Choice::Crash(node)
            | Choice::Tear(node, ..)
            | Choice::Replace(node)
            | Choice::Rot(node, ..) => *node,
            Choice::Deliver(_)
            | Choice::Lose(_)
            | Choice::Copy(_)
            | Choice::Corrupt(..)
            | Choice::Ring(..)
            | Choice::Ask(_)
            | Choice::Start(_)
            | Choice::Clock(..) => return,
        };
        // A disk forgets harms to what was removed since; whoever was lied to once is remembered.
        let takes = |harm: &antfarm_sim::Harm| harm.by.header().may_lose == Loss::Answered;
        if moment.world.disk(node).harms().iter().any(takes) {
            self.0.insert(node);
        }
    }

    /// Whether the disk of `node` ever took something back.
    pub(crate) fn told(&self, node: PeerId) -> bool {
        self.0.contains(&node)
    }
}

/// The calls that were ever in doubt: how they end is a person's word, which may be wrong.
#[derive(Clone, Default, Debug)]
pub(crate) struct Doubts(BTreeSet<EffectKey>);

impl Doubts {
    /// Looks at one event.
    pub(crate) fn watch(&mut self, moment: &Moment<'_>) {
        for told in moment.notices {
            if let Told::Node(Notice::Answered { key, answer: Answer::InDoubt, .. }) = told {
                self.0.insert(*key);
            }
            // The process may have ended between the receipt for a doubt and the word of it.
            if let (Told::Node(Notice::Opened(_)), Some(node)) =
                (told, moment.node.and_then(|it| moment.world.machine(it).node()))
            {
                let doubted = node.state().effects().filter(|(_, effect)| *effect.phase() == Phase::Doubted);
                self.0.extend(doubted.map(|(key, _)| key));
            }
        }
    }

    /// Whether the call was ever in doubt.
    pub(crate) fn about(&self, key: EffectKey) -> bool {
        self.0.contains(&key)
    }
}
