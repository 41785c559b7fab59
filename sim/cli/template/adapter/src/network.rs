//! What carries messages: whoever is heard is who is said to speak.

use antfarm_machine::{Network, PeerId};
use std::fmt;

/// Hands a message that arrived to the machine: from whom, and what.
pub type Deliver = Box<dyn FnMut(PeerId, Vec<u8>) + Send>;

/// One peer's way to all others.
pub struct SkeletonNetwork {
    me: PeerId,
    deliver: Deliver,
}

impl SkeletonNetwork {
    /// The network as `me` sees it.
    pub fn new(me: PeerId, deliver: Deliver) -> Self {
        Self { me, deliver }
    }

    /// Who sends here.
    pub fn me(&self) -> PeerId {
        self.me
    }

    /// For what reads from connections: `from` is who proved to be at the other end, never who the bytes say it is.
    pub fn arrived(&mut self, from: PeerId, message: Vec<u8>) {
        (self.deliver)(from, message);
    }
}

impl Network<Vec<u8>> for SkeletonNetwork {
    fn send(&mut self, _to: PeerId, _message: Vec<u8>) {
        // Put it into a queue with a limit and return: nobody may wait for `send`. What does not fit is dropped, as networks do. A
        // message to oneself goes the same way.
    }
}

impl fmt::Debug for SkeletonNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkeletonNetwork").field("me", &self.me).finish_non_exhaustive()
    }
}
