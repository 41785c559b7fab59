//! The world's value as bytes and as numbers: for checkpoints of the trace digest, and for model checking.

use crate::subject::Simulated;
use crate::world::{AskId, FlightId, World};
use antfarm_identity::Codec;
use antfarm_machine::PeerId;
use std::hash::{Hash, Hasher};

impl<M: Simulated, O> World<M, O> {
    /// Appends what a checkpoint covers: of each node whether it runs, its clocks, alarms and disk; and what is under way.
    /// Machines have no canonical encoding; what they do shows in all of this.
    pub(crate) fn canon_state(&self, out: &mut Vec<u8>) {
        for node in &self.nodes {
            (node.up, node.starts).encode(out);
            let now = node.clock.read(self.now);
            (now.mono, now.wall).encode(out);
            node.armed.iter().for_each(|armed| armed.timer.encode(out));
            for entry in node.disk.list() {
                entry.object.encode(out);
                entry.length.encode(out);
                out.extend_from_slice(node.disk.bytes(&entry.object));
            }
            node.disk.unanswered().for_each(|pending| pending.request.encode(out));
        }
        for (_, flight) in self.flights.iter() {
            (flight.from, flight.to).encode(out);
            flight.message.encode(out);
        }
    }

    /// A number for all of a node's value that can matter to what happens next, but for absolute time. Good within one
    /// process only. `view` hashes what of the machine counts: a projection, or the machine itself.
    pub(crate) fn node_print<H: Hasher>(&self, id: PeerId, view: impl Fn(&M, &mut H), disk: bool, mut hasher: H) -> u64 {
        let node = &self.nodes[id.index()];
        // Lengths go first: what hashes to nothing, such as a timer without fields, is still told apart by number.
        (id.number(), node.up, node.starts, node.clock.read(self.now), node.armed.len()).hash(&mut hasher);
        view(&node.machine, &mut hasher);
        for armed in &node.armed {
            armed.timer.hash(&mut hasher);
        }
        if disk {
            node.disk.list().len().hash(&mut hasher);
            for entry in node.disk.list() {
                (&entry.object, node.disk.bytes(&entry.object)).hash(&mut hasher);
            }
        }
        for pending in node.disk.unanswered() {
            pending.request.hash(&mut hasher);
        }
        hasher.finish()
    }

    /// A number for a message under way; its slot does not count.
    pub(crate) fn flight_print(&self, id: FlightId, mut hasher: impl Hasher) -> u64 {
        self.flights.get(id.0).hash(&mut hasher);
        hasher.finish()
    }

    /// A number for an ask that is wanted; its slot does not count.
    pub(crate) fn ask_print(&self, id: AskId, mut hasher: impl Hasher) -> u64 {
        // Told apart from a message that happens to hash alike.
        hasher.write_u8(1);
        self.asks.get(id.0).hash(&mut hasher);
        hasher.finish()
    }
}
