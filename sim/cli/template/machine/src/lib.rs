//! A counter that every node keeps a copy of.
//!
//! A client adds to the count of the node that it asks. Each node says its own count to all others from time to time, and each
//! remembers the largest that it heard of every other: late, doubled and reordered messages do no harm. A crash does: a node
//! keeps nothing on its disk yet, so its own count starts again from zero.

mod subject;

pub use subject::Skeletons;

use antfarm_identity::Codec;
use antfarm_machine::{Effects, Input, Machine, Now, PeerId, Span};

/// How often a node says its count.
const EVERY: Span = Span::from_millis(100);

/// One node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Skeleton {
    id: PeerId,
    counts: Vec<u64>,
}

/// A client adds so much.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Add(pub u32);

/// A node says its count.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Count(pub u64);

/// It is time to say the count again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct Say;

/// A node learned of another node's new count.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Learned {
    /// Whose.
    pub of: PeerId,
    /// Which.
    pub count: u64,
}

impl Skeleton {
    /// The node `id` of `nodes`.
    pub fn new(id: PeerId, nodes: usize) -> Self {
        assert!(id.index() < nodes, "nodes are numbered from 0");
        Self { id, counts: vec![0; nodes] }
    }

    /// What this node knows of the count of `of`; of its own, it knows the truth.
    pub fn known(&self, of: PeerId) -> u64 {
        self.counts[of.index()]
    }
}

impl Machine for Skeleton {
    type Ask = Add;
    type Message = Count;
    type Timer = Say;
    type Notice = Learned;

    fn step(&mut self, _now: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match input {
            Input::Woke { .. } => out.arm(Say, EVERY),
            Input::Asked(Add(more)) => {
                let own = &mut self.counts[self.id.index()];
                *own = own.saturating_add(u64::from(more));
            }
            Input::Heard { from, message: Count(count) } => {
                // Whoever is not a node is not listened to.
                let Some(known) = self.counts.get_mut(from.index()) else { return };
                if count > *known {
                    *known = count;
                    out.tell(Learned { of: from, count });
                }
            }
            Input::Rang(Say) => {
                for to in (0..).map(PeerId::new).take(self.counts.len()).filter(|to| *to != self.id) {
                    out.send(to, Count(self.known(self.id)));
                }
                out.arm(Say, EVERY);
            }
            Input::Stored(_) => unreachable!("this machine stores nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use antfarm_sim::{Family, Simulation};

    #[test]
    fn a_count_spreads_to_every_node_although_messages_are_lost() {
        let nodes = 3;
        let machines = (0..3).map(|id| Skeleton::new(PeerId::new(id), nodes));
        let mut sim = Simulation::seeded(7, machines).swarm(&[Family::Loss, Family::Duplication], Span::from_secs(10));
        sim.ask(PeerId::new(0), Add(5));
        sim.run_for(Span::from_secs(10));
        for node in sim.world().ids() {
            assert_eq!(sim.machine(node).known(PeerId::new(0)), 5, "node {node}");
        }
    }
}
