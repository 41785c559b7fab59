//! What nodes tell observers: enough for the oracles to judge a run without looking into messages or disks.

use crate::{Answer, Command};
use antfarm_identity::Codec;
use antfarm_machine::{Object, PeerId};

/// Something that happened at the node that tells it. Nothing acts on it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Notice {
    /// This server read its disk and serves from now on.
    Opened {
        /// Where its log ends.
        last: u64,
        /// Whether a torn write was cut off.
        torn: bool,
    },
    /// This server's disk failed, was full or belonged to somebody else. It is silent until it has read it again.
    Stopped,
    /// This server's disk is damaged. It is silent for good.
    Halted {
        /// Where the damage is: the object,
        object: Object,
        /// and the offset in it.
        offset: u64,
    },
    /// This server leads.
    Leads {
        /// In which term.
        term: u64,
    },
    /// This server applied an entry.
    Applied {
        /// Its position.
        index: u64,
        /// Its term.
        term: u64,
        /// The fold of all entries up to and including it.
        digest: u64,
    },
    /// This server took over a leader's snapshot.
    Installed {
        /// The last position that it covers.
        index: u64,
        /// The fold of all entries up to and including that.
        digest: u64,
    },
    /// This client sent an operation for the first time.
    Invoked {
        /// The client.
        client: PeerId,
        /// Its number for the operation. The upper half counts the client's starts: an operation that was open when the
        /// client crashed never returns.
        sequence: u64,
        /// The operation.
        command: Command,
    },
    /// This client was answered.
    Returned {
        /// The client.
        client: PeerId,
        /// Its number for the operation.
        sequence: u64,
        /// The answer.
        answer: Answer,
    },
    /// This node did not take an operation from a workload.
    Refused {
        /// The operation.
        command: Command,
        /// Why not.
        refusal: Refusal,
    },
}

/// Why a node did not take an operation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Refusal {
    /// As many as [`crate::Config::queue`] allows are waiting already.
    QueueFull,
    /// Operations are asked of clients; this is a server.
    NotAClient,
}
