//! Linearizability: each client sees the store as if operations took effect one at a time, each between its invocation
//! and its answer (Herlihy and Wing 1990; thesis section 6.3).
//!
//! Keys are independent, so each has a history of its own. Two judges share nothing but the specification of a register. The
//! first decides at every answer and is exact ([`Candidates`]); the second is stateright's tester, which is given each stretch
//! of history between two moments at which the key's value was certain, if it is short enough. What the first lets pass, the
//! second must too; it is the more lenient one, because it lets an operation of a crashed client take effect at any later time.

use crate::oracle::candidates::{Candidates, Judgement, Ordinal};
use crate::oracle::register::key;
use crate::oracle::window::{Operation, Window};
use crate::{Answer, Command, Node, Notice};
use antfarm_machine::{PeerId, reached};
use antfarm_sim::{Choice, Moment, Oracle, Violation};
use std::collections::BTreeMap;
use std::format;
use std::vec::Vec;

/// Operations take effect one at a time, each between its invocation and its answer.
#[derive(Clone, Debug, Default)]
pub struct Linearizability {
    keys: BTreeMap<u16, History>,
    /// By client: what it wants now.
    wanted: BTreeMap<PeerId, (Operation, Command, Option<Ordinal>)>,
    /// What clients wanted when they crashed, and what may still be done: client, key, which.
    standing: Vec<(PeerId, u16, Ordinal)>,
}

#[derive(Clone, Debug, Default)]
struct History {
    candidates: Candidates,
    window: Window,
    /// A bound was reached: nothing is known any more.
    lost: bool,
}

impl<O> Oracle<Node, O> for Linearizability {
    fn property(&self) -> &'static str {
        "linearizability"
    }

    fn claim(&self) -> &'static str {
        "operations take effect one at a time, each between its invocation and its answer"
    }

    fn after(&mut self, moment: &Moment<'_, Node, O>) -> Result<(), Violation> {
        if let Choice::Crash(node) = moment.choice {
            self.crashed(*node);
        }
        for notice in moment.notices {
            if let Notice::Invoked { client, sequence, command } = notice {
                self.invoked((*client, *sequence), *command);
            } else if let Notice::Returned { client, sequence, answer } = notice {
                self.returned((*client, *sequence), *answer)?;
            }
        }
        Ok(())
    }
}

impl Linearizability {
    /// A client wants an operation, which it gives a number.
    pub fn invoked(&mut self, operation: (PeerId, u64), command: Command) {
        let history = self.keys.entry(key(command)).or_default();
        let ordinal = history.candidates.invoked(command);
        history.window.invoked(operation, command);
        history.lost |= ordinal.is_none();
        self.wanted.insert(operation.0, (operation, command, ordinal));
    }

    /// A client's process ended: what it wanted may have been done, or be done later.
    pub fn crashed(&mut self, client: PeerId) {
        if let Some((_, command, Some(ordinal))) = self.wanted.remove(&client)
            && let Some(history) = self.keys.get_mut(&key(command))
        {
            history.candidates.abandoned(ordinal);
            history.cut();
            if !matches!(command, Command::Get { .. }) {
                self.standing.push((client, key(command), ordinal));
            }
        }
    }

    /// A client's write was answered: its earlier ones are over.
    fn supersede(&mut self, client: PeerId) {
        for (_, key, ordinal) in self.standing.extract_if(.., |(other, ..)| *other == client) {
            let history = self.keys.entry(key).or_default();
            match history.candidates.over(ordinal) {
                Judgement::Holds | Judgement::Fails => history.cut(),
                Judgement::Unknown => history.lost = true,
            }
        }
    }

    /// A client was answered.
    pub fn returned(&mut self, operation: (PeerId, u64), answer: Answer) -> Result<(), Violation> {
        let client = operation.0;
        let Some((_, command, ordinal)) = self.wanted.remove(&client).filter(|(wanted, ..)| *wanted == operation) else {
            return Err(Violation::at(
                client,
                format!("was answered {answer:?} for number {}, which it did not ask", operation.1),
            ));
        };
        let history = self.keys.entry(key(command)).or_default();
        let judgement = match ordinal {
            Some(ordinal) if !history.lost && answer == Answer::NoSession => history.candidates.refused(ordinal),
            Some(ordinal) if !history.lost => history.candidates.returned(ordinal, answer),
            Some(_) | None => Judgement::Unknown,
        };
        history.window.returned(operation, answer);
        match judgement {
            Judgement::Holds => {
                reached!("oracle.linearizability");
                history.cut();
                if !matches!(command, Command::Get { .. }) && answer != Answer::NoSession {
                    self.supersede(client);
                }
                Ok(())
            }
            Judgement::Fails => {
                let second = match history.window.judge() {
                    Some(false) => "nor does stateright's tester find one",
                    Some(true) => "unless an operation of a crashed client took effect after a later one",
                    None => "too much happened since the value was certain for stateright's tester",
                };
                let message = format!("{command:?} was answered {answer:?}, and no order of effects explains that; {second}");
                Err(Violation::at(client, message))
            }
            Judgement::Unknown => {
                reached!("oracle.linearizability.skipped");
                history.lost = true;
                Ok(())
            }
        }
    }
}

impl History {
    /// Ends the window if the key's value is certain now.
    fn cut(&mut self) {
        let Some(register) = self.candidates.certain() else { return };
        let next = Window::begin(register, self.candidates.standing());
        match std::mem::replace(&mut self.window, next).judge() {
            Some(consistent) => {
                reached!("oracle.linearizability.window");
                assert!(consistent, "what holds exactly holds leniently");
            }
            None => reached!("oracle.linearizability.long_window"),
        }
    }
}
