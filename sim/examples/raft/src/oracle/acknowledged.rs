//! Acknowledgements: what a client is told about a write is what the log says about it.
//!
//! The oracle executes what is committed, once for each client and sequence, and keeps the latest answer for each client: it
//! has one operation outstanding. A write that is answered before it is committed, or otherwise than it was executed, was
//! acknowledged wrongly, whether or not anybody reads it again. That what is committed stays is
//! `leader-completeness` and `state-machine`. Reads are not in the log; `linearizability` judges them.

use crate::oracle::register::{Register, key};
use crate::oracle::serving;
use crate::{Answer, Command, Node, Notice, Payload};
use antfarm_machine::{PeerId, reached};
use antfarm_sim::{Moment, Oracle, Violation};
use stateright::semantics::SequentialSpec;
use std::collections::BTreeMap;
use std::format;

/// A client is answered what its committed write came to.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged {
    committed: u64,
    registers: BTreeMap<u16, Register>,
    /// By client: the last sequence that was executed, and what came of it.
    executed: BTreeMap<PeerId, (u64, Answer)>,
    /// By client: what it wants now.
    wanted: BTreeMap<PeerId, (u64, Command)>,
}

impl<O> Oracle<Node, O> for Acknowledged {
    fn property(&self) -> &'static str {
        "acknowledged"
    }

    fn claim(&self) -> &'static str {
        "a client is answered only what its committed write came to"
    }

    fn after(&mut self, moment: &Moment<'_, Node, O>) -> Result<(), Violation> {
        for notice in moment.notices {
            match notice {
                Notice::Applied { index, .. } if *index == self.committed + 1 => {
                    self.committed += 1;
                    let entry = serving(moment).and_then(|(_, server)| server.entry(*index));
                    if let Some(Payload::Write { client, sequence, command }) = entry.map(|entry| entry.payload) {
                        self.execute(client, sequence, command);
                    }
                }
                Notice::Invoked { client, sequence, command } => drop(self.wanted.insert(*client, (*sequence, *command))),
                Notice::Returned { client, sequence, answer } => self.returned(*client, *sequence, *answer)?,
                Notice::Applied { .. }
                | Notice::Opened { .. }
                | Notice::Stopped
                | Notice::Halted { .. }
                | Notice::Leads { .. }
                | Notice::Installed { .. }
                | Notice::Refused { .. } => {}
            }
        }
        Ok(())
    }
}

impl Acknowledged {
    fn execute(&mut self, client: PeerId, sequence: u64, command: Command) {
        let last = self.executed.get(&client).map_or(0, |(sequence, _)| *sequence);
        if sequence > last {
            let answer = self.registers.entry(key(command)).or_default().invoke(&command);
            self.executed.insert(client, (sequence, answer));
        }
    }

    fn returned(&mut self, client: PeerId, sequence: u64, answer: Answer) -> Result<(), Violation> {
        let Some((_, command)) = self.wanted.remove(&client).filter(|(wanted, _)| *wanted == sequence) else {
            return Err(Violation::at(client, format!("was answered {answer:?} for number {sequence}, which it did not ask")));
        };
        if matches!(command, Command::Get { .. }) || answer == Answer::NoSession {
            return Ok(());
        }
        reached!("oracle.acknowledged");
        match self.executed.get(&client) {
            Some((executed, came)) if *executed == sequence && *came == answer => Ok(()),
            Some((executed, came)) if *executed == sequence => {
                Err(Violation::at(client, format!("{command:?} was answered {answer:?}, and came to {came:?}")))
            }
            Some(_) | None => Err(Violation::at(client, format!("{command:?} was answered {answer:?}, and is not committed"))),
        }
    }
}
