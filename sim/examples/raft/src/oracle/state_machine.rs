//! State machine safety: all servers apply the same entries in the same order, each once (thesis section 3.6.3).
//!
//! Three comparisons. Positions: a server applies the one after its last, where a restart goes back to its snapshot and an
//! installed snapshot goes forward to its end. Digests: whoever has applied a position has the digest that the first one had
//! there. Effects: the oracle executes the committed entries on registers of its own, once for each client and sequence, and
//! compares the key that was touched last.

use crate::oracle::past::Past;
use crate::oracle::register::{Register, key};
use crate::oracle::serving;
use crate::{Config, Entry, Node, Notice, Payload, Server};
use antfarm_machine::{PeerId, reached};
use antfarm_sim::{Moment, Oracle, Violation};
use stateright::semantics::SequentialSpec;
use std::collections::BTreeMap;
use std::format;
use std::vec;
use std::vec::Vec;

/// All servers apply the same entry at each position, each once and without gaps.
#[derive(Clone, Debug)]
pub struct StateMachine {
    past: Past<Record>,
    /// By server: the last position that it applied since it was started.
    applied: Vec<u64>,
    registers: BTreeMap<u16, Register>,
    /// By client: the last sequence that was executed.
    executed: BTreeMap<PeerId, u64>,
}

/// A committed position.
#[derive(Clone, Copy, Debug)]
struct Record {
    digest: u64,
    /// What the key that its entry names held afterwards.
    holds: Option<(u16, u64)>,
}

impl StateMachine {
    /// For a cluster of this configuration.
    pub fn new(config: Config) -> Self {
        let applied = vec![0; config.servers as usize];
        Self { past: Past::default(), applied, registers: BTreeMap::new(), executed: BTreeMap::new() }
    }

    /// `node` is at `index`, where its digest is `digest`.
    fn compare(&mut self, node: PeerId, index: u64, digest: u64) -> Result<(), Violation> {
        self.applied[node.index()] = index;
        match self.past.at(index) {
            Some(record) if record.digest != digest => {
                Err(Violation::at(node, format!("what it applied up to {index} is not what another server applied up to there")))
            }
            Some(_) => Ok(()),
            None => {
                if index > 0 {
                    reached!("oracle.state_machine.skipped");
                }
                Ok(())
            }
        }
    }

    fn applied(&mut self, node: PeerId, server: &Server, index: u64, digest: u64) -> Result<(), Violation> {
        let expected = self.applied[node.index()] + 1;
        if index != expected {
            return Err(Violation::at(node, format!("applied {index} when {expected} was next")));
        }
        if index == self.past.last() + 1 {
            reached!("oracle.state_machine");
            let Some(entry) = server.entry(index) else {
                return Err(Violation::at(node, format!("applied {index} and does not hold it")));
            };
            let holds = self.execute(entry);
            self.past.push(Record { digest, holds });
        }
        self.compare(node, index, digest)
    }

    fn execute(&mut self, entry: &Entry) -> Option<(u16, u64)> {
        let Payload::Write { client, sequence, command } = entry.payload else { return None };
        let key = key(command);
        let register = self.registers.entry(key).or_default();
        let last = self.executed.entry(client).or_default();
        if sequence > *last {
            *last = sequence;
            register.invoke(&command);
        }
        Some((key, register.0))
    }

    /// The effect of the last entry that a step applied.
    fn effect(&self, node: PeerId, server: &Server) -> Result<(), Violation> {
        let index = server.applied_index();
        let Some(Record { holds: Some((key, value)), .. }) = self.past.at(index) else { return Ok(()) };
        let held = server.state().value(*key);
        if held == *value {
            return Ok(());
        }
        Err(Violation::at(node, format!("after entry {index} key {key} holds {held}, and should hold {value}")))
    }
}

impl<O> Oracle<Node, O> for StateMachine {
    fn property(&self) -> &'static str {
        "state-machine"
    }

    fn claim(&self) -> &'static str {
        "all servers apply the same entry at each position, each once and without gaps"
    }

    fn after(&mut self, moment: &Moment<'_, Node, O>) -> Result<(), Violation> {
        if moment.notices.is_empty() {
            return Ok(());
        }
        let Some((node, server)) = serving(moment) else { return Ok(()) };
        let mut moved = false;
        for notice in moment.notices {
            match notice {
                Notice::Opened { .. } => self.compare(node, server.applied_index(), server.state_digest())?,
                Notice::Installed { index, digest } => self.compare(node, *index, *digest)?,
                Notice::Applied { index, digest, .. } => self.applied(node, server, *index, *digest)?,
                Notice::Stopped
                | Notice::Halted { .. }
                | Notice::Leads { .. }
                | Notice::Invoked { .. }
                | Notice::Returned { .. }
                | Notice::Refused { .. } => continue,
            }
            moved = true;
        }
        if moved { self.effect(node, server) } else { Ok(()) }
    }
}
