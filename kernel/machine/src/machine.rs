//! The one trait that users implement, and what a driver feeds it.

use crate::{Effects, Now, Receipt};
use core::fmt::{self, Debug};
use core::hash::Hash;

/// What everything that crosses the boundary is: plain data that can be cloned, compared, hashed, printed and moved between
/// threads. Implemented for every type that qualifies.
pub trait Datum: Clone + Eq + Hash + Debug + Send + Sync + 'static {}
impl<T: Clone + Eq + Hash + Debug + Send + Sync + 'static> Datum for T {}

/// A state machine that a driver feeds and obeys. Plain data; a step never blocks and never reads a clock.
///
/// The value that a driver is given is the machine *as configured*; the driver clones it at every start and restart.
pub trait Machine: Datum {
    /// What a local client may want of it.
    type Ask: Datum;
    /// What it exchanges with peers: nodes, tools, minds, chains. Everything outside is a peer.
    type Message: Datum;
    /// The names of its alarms. At most one alarm of a name is armed at a time.
    type Timer: Datum + Ord;
    /// What it tells observers. Nothing may act on a notice.
    type Notice: Datum;

    /// Takes one input, changes the state, and emits effects into `out`; the driver performs them after the step returned.
    ///
    /// Must be a pure function of `self`, `now` and `input`: equal arguments give equal states and effects.
    fn step(&mut self, now: Now, input: Input<Self>, out: &mut Effects<'_, Self>);
}

/// What a driver feeds a machine, one at a time.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Input<M: Machine> {
    /// The process started or restarted: begin recovery. Always the first input of an incarnation.
    Woke {
        /// Which start this is, counted by the driver from 0; it differs between any two starts that the driver remembers.
        incarnation: u64,
    },
    /// A local client wants something.
    Asked(M::Ask),
    /// A peer's message arrived: perhaps late, twice, out of order, or from an earlier incarnation of the peer.
    Heard {
        /// Who sent it, as authenticated by the channel. Never evidence: what is kept must be signed.
        from: PeerId,
        /// What it said.
        message: M::Message,
    },
    /// The disk answered one request.
    Stored(Receipt),
    /// An alarm that this machine armed in this incarnation, and did not disarm since, went off.
    Rang(M::Timer),
}

/// The address of a peer on the [`crate::Network`]: a number that configuration gives it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(u32);

impl PeerId {
    /// The peer with this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }
    /// The peer's number.
    pub const fn number(self) -> u32 {
        self.0
    }
    /// The peer's number as an index into a table of peers.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
