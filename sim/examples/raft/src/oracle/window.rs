//! A window of a key's history, for stateright's tester.
//!
//! It begins where the key's value was certain, with the operations of crashed clients that may still take effect. The tester
//! tries orders one after the other, so only short windows are given to it.

use crate::oracle::register::Register;
use crate::{Answer, Command};
use antfarm_machine::PeerId;
use stateright::semantics::{ConsistencyTester, LinearizabilityTester};
use std::vec::Vec;

/// The most operations that the tester is given.
const OPERATIONS: usize = 10;

/// The most of them that may never return.
const STANDING: usize = 2;

/// Who asked what, by number.
pub(super) type Operation = (PeerId, u64);

/// The window.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    start: Register,
    standing: Vec<Command>,
    steps: Vec<Step>,
    /// More happened than is kept.
    overflowed: bool,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Invoked(Operation, Command),
    Returned(Operation, Answer),
    Refused(Operation),
}

impl Window {
    /// A window that begins here.
    pub(super) fn begin(start: Register, standing: impl Iterator<Item = Command>) -> Self {
        Self { start, standing: standing.collect(), steps: Vec::new(), overflowed: false }
    }

    pub(super) fn invoked(&mut self, operation: Operation, command: Command) {
        self.push(Step::Invoked(operation, command));
    }

    pub(super) fn returned(&mut self, operation: Operation, answer: Answer) {
        self.push(match answer {
            Answer::NoSession => Step::Refused(operation),
            Answer::Done | Answer::Value(_) | Answer::Swapped(_) => Step::Returned(operation, answer),
        });
    }

    fn push(&mut self, step: Step) {
        self.overflowed |= self.steps.len() >= 2 * OPERATIONS;
        if !self.overflowed {
            self.steps.push(step);
        }
    }

    /// Whether stateright's tester finds an order that explains the answers; `None` when the window is too long for it.
    pub(super) fn judge(&self) -> Option<bool> {
        let refused = |it| self.steps.iter().any(|step| matches!(step, Step::Refused(other) if *other == it));
        let returns = self.steps.iter().filter(|step| matches!(step, Step::Returned(..))).count();
        let invoked = self.steps.iter().filter(|step| matches!(step, Step::Invoked(..))).count();
        if self.overflowed || invoked > OPERATIONS || (self.standing.len() + invoked).saturating_sub(returns) > STANDING {
            return None;
        }
        let mut tester = LinearizabilityTester::new(self.start);
        // An operation is a thread of its own: clients have one at a time, but never end those that a crash cut off.
        for (number, command) in (0..).zip(&self.standing) {
            tester.on_invoke((PeerId::new(u32::MAX), number), *command).expect("a thread's first operation");
        }
        for step in &self.steps {
            match *step {
                Step::Invoked(operation, command) if !refused(operation) => {
                    tester.on_invoke(operation, command).expect("a thread's first operation");
                }
                Step::Returned(operation, answer) => {
                    tester.on_return(operation, answer).expect("an operation returns once, after it was invoked");
                }
                Step::Invoked(..) | Step::Refused(_) => {}
            }
        }
        Some(tester.is_consistent())
    }
}
