//! What a key should do, as a sequential specification: the one sentence that all judges of clients' histories share.

use crate::{Answer, Command};
use stateright::semantics::SequentialSpec;

/// A register that holds a number, at first 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Register(
    /// What it holds.
    pub u64,
);

impl SequentialSpec for Register {
    type Op = Command;
    type Ret = Answer;

    fn invoke(&mut self, command: &Command) -> Answer {
        match *command {
            Command::Get { .. } => Answer::Value(self.0),
            Command::Put { value, .. } => {
                self.0 = value;
                Answer::Done
            }
            Command::Add { by, .. } => {
                self.0 = self.0.wrapping_add(by);
                Answer::Value(self.0)
            }
            Command::Cas { expect, value, .. } => {
                let holds = self.0 == expect;
                self.0 = if holds { value } else { self.0 };
                Answer::Swapped(holds)
            }
        }
    }
}

/// The key that a command is about.
pub(super) const fn key(command: Command) -> u16 {
    match command {
        Command::Get { key } | Command::Put { key, .. } | Command::Add { key, .. } | Command::Cas { key, .. } => key,
    }
}
