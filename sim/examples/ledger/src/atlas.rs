//! What the disks really did to their nodes, with the time: the memory of the world's atlas.
//!
//! A disk forgets damage to bytes that were cut off or removed since; an oracle that looks at what was lost must not. Lies are in
//! here once a crash made them come true: until then the bytes are there.

use crate::pages::Place;
use antfarm_ledger::segment_number;
use antfarm_machine::PeerId;
use antfarm_sim::{Choice, Family, Harm, Loss, Moment, Simulated};
use std::collections::BTreeMap;

/// All damage so far.
#[derive(Clone, Default, Debug)]
pub struct Atlas {
    nodes: BTreeMap<PeerId, Suffered>,
}

#[derive(Clone, Default, Debug)]
struct Suffered {
    /// With the number of the event, in order.
    harms: Vec<(u64, Harm)>,
    /// How many of them the disk still knows of.
    known: usize,
}

impl Atlas {
    /// Looks at one event.
    pub fn watch<M: Simulated, O>(&mut self, moment: &Moment<'_, M, O>) {
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
        let now = moment.world.disk(node).harms();
        if now.is_empty() && !self.nodes.contains_key(&node) {
            return;
        }
        // One event either adds harms at the end or drops some, so this sees each that was added.
        let suffered = self.nodes.entry(node).or_default();
        let added = now.get(suffered.known..).unwrap_or_default();
        suffered.harms.extend(added.iter().map(|harm| (moment.event, harm.clone())));
        suffered.known = now.len();
    }

    /// The harms of a node from the event `since` on.
    pub fn since(&self, node: PeerId, since: u64) -> impl Iterator<Item = &Harm> {
        let all = self.nodes.get(&node).map_or(&[][..], |suffered| &suffered.harms);
        all.iter().filter(move |(event, _)| *event >= since).map(|(_, harm)| harm)
    }

    /// All harms of a node.
    pub fn harms(&self, node: PeerId) -> impl Iterator<Item = &Harm> {
        self.since(node, 0)
    }

    /// Whether the node's disk lost, from the event `since` on, what it had answered to.
    pub fn lied(&self, node: PeerId, since: u64) -> bool {
        self.since(node, since).any(takes)
    }

    /// Whether bytes of this place were ever changed under the node.
    pub(crate) fn altered(&self, node: PeerId, place: &Place) -> bool {
        self.harms(node).any(|harm| alters(harm) && place.meets(&harm.object, &harm.range))
    }

    /// Whether bytes of this place's object, in it or before it, were damaged from an event on: who walks the object does not come
    /// to the place.
    pub(crate) fn hides(&self, node: PeerId, place: &Place, since: u64) -> bool {
        self.since(node, since).any(|harm| harm.object == place.object && harm.range.start < place.range.end)
    }

    /// Whether this segment was ever damaged, in whatever way.
    pub fn damaged(&self, node: PeerId, segment: u32) -> bool {
        self.harms(node).any(|harm| segment_number(&harm.object) == Some(segment))
    }
}

/// Whether a node may lose what it acknowledged to this.
pub fn takes(harm: &Harm) -> bool {
    harm.by.header().may_lose == Loss::Answered
}

/// Whether this leaves wrong bytes, rather than none.
fn alters(harm: &Harm) -> bool {
    harm.by == Family::Rot || harm.by == Family::Misdirected
}
