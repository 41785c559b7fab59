//! Oracles: global properties, checked from outside after every event in which a node, a disk or a clock takes part. (What
//! happens to a message under way shows when it arrives, or does not.)
//!
//! An oracle sees all nodes and what was told; machines cannot see it. It keeps whatever history it needs, and should keep its
//! own simple model rather than trust the machine's. Properties of one machine belong into assertions inside it.

use crate::subject::Simulated;
use crate::world::{Choice, FlightId, Time, World};
use antfarm_machine::PeerId;
use std::fmt;

/// What an oracle sees after one event.
#[derive(Debug)]
pub struct Moment<'a, M: Simulated, O> {
    /// Everything that exists.
    pub world: &'a World<M, O>,
    /// What happened just now.
    pub choice: &'a Choice,
    /// The node that took an input because of it.
    pub node: Option<PeerId>,
    /// What that node told because of it.
    pub notices: &'a [M::Notice],
    /// The messages that it sent because of it, as it wrote them: what links do to them comes later.
    pub sent: &'a [FlightId],
    /// The number of the event, from 1.
    pub event: u64,
    /// In which phase the run is.
    pub phase: Phase<'a>,
}

impl<M: Simulated, O> Moment<'_, M, O> {
    /// The world's time.
    pub fn at(&self) -> Time {
        self.world.now()
    }

    /// The messages that the node sent just now, with whom they are for.
    pub fn messages(&self) -> impl Iterator<Item = (PeerId, &M::Message)> {
        let sent = if self.node.is_some() { self.sent } else { &[] };
        sent.iter().filter_map(|id| self.world.flight(*id)).map(|flight| (flight.to, &flight.message))
    }

    /// The machine that took an input just now.
    pub fn turned(&self) -> Option<(PeerId, &M)> {
        self.node.map(|node| (node, self.world.machine(node)))
    }
}

/// The phases of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase<'a> {
    /// Faults come as planned; safety must hold.
    Chaos,
    /// The core was healed and all others stay broken; the core must make progress.
    Healed {
        /// Who was healed.
        core: &'a [PeerId],
        /// When.
        since: Time,
    },
}

/// A property of whole runs.
pub trait Oracle<M: Simulated, O>: Send {
    /// The property's name in scenarios and reports.
    fn property(&self) -> &'static str;

    /// The property in words: a sentence that should be true.
    fn claim(&self) -> &'static str;

    /// Looks at one event.
    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation>;

    /// Looks at the end of the run: the time for what should have happened is over.
    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let _ = moment;
        Ok(())
    }
}

/// How a property was violated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Where, if at one node.
    pub node: Option<PeerId>,
    /// What is wrong, for a person.
    pub message: String,
}

impl Violation {
    /// Something is wrong at `node`.
    pub fn at(node: PeerId, message: impl Into<String>) -> Self {
        Self { node: Some(node), message: message.into() }
    }

    /// Something is wrong between nodes.
    pub fn overall(message: impl Into<String>) -> Self {
        Self { node: None, message: message.into() }
    }
}

/// A run failed: which property, where and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The property's name.
    pub property: &'static str,
    /// The property in words.
    pub claim: &'static str,
    /// When it was found violated.
    pub at: Time,
    /// After which event, from 1.
    pub event: u64,
    /// How.
    pub violation: Violation,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` does not hold ({}): at {}, event {}", self.property, self.claim, self.at, self.event)?;
        if let Some(node) = self.violation.node {
            write!(f, ", node {node}")?;
        }
        write!(f, ": {}", self.violation.message)
    }
}

impl std::error::Error for Failure {}
