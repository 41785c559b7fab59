//! Silence: a keeper serves only what it has open.
//!
//! After it refused its log, and until the process starts anew, it acknowledges, announces and writes checkpoints of nothing, and
//! does not open. After it stopped, the same until it opened again.

use crate::subject::Keeping;
use antfarm_ledger::{Notice, PutRefusal};
use antfarm_machine::{PeerId, reached};
use antfarm_sim::{Choice, Moment, Oracle, Violation};
use std::collections::BTreeMap;

/// A keeper whose log is not open acknowledges and announces nothing.
#[derive(Clone, Default, Debug)]
pub struct Silence {
    modes: BTreeMap<PeerId, Mode>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Mode {
    #[default]
    Closed,
    Open,
    Refused,
}

impl<M: Keeping, O> Oracle<M, O> for Silence {
    fn property(&self) -> &'static str {
        "silence"
    }

    fn claim(&self) -> &'static str {
        "a keeper whose log is refused or stopped acknowledges and announces nothing"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let Some((node, machine)) = moment.turned() else { return Ok(()) };
        let mode = self.modes.entry(node).or_default();
        if matches!(moment.choice, Choice::Start(_)) {
            *mode = Mode::Closed;
        }
        for notice in moment.notices {
            let (allowed, next) = match notice {
                Notice::Acknowledged { .. } | Notice::Checkpointed { .. } => (*mode == Mode::Open, *mode),
                Notice::Rejected { reason, .. } => ((*reason == PutRefusal::Refused) == (*mode == Mode::Refused), *mode),
                Notice::Opened(_) => (*mode == Mode::Closed, Mode::Open),
                Notice::Stopped(_) => (*mode != Mode::Refused, Mode::Closed),
                Notice::Refused(_) => (*mode == Mode::Closed, Mode::Refused),
            };
            if !allowed {
                return Err(Violation::at(node, format!("told {notice:?} while its log was {mode:?}")));
            }
            *mode = next;
        }
        if *mode == Mode::Refused {
            reached!("oracle.silence");
        }
        if *mode != Mode::Open && machine.keeper().durable().is_some() {
            return Err(Violation::at(node, format!("has a head to announce while its log is {mode:?}")));
        }
        Ok(())
    }
}
