//! Forks: what a keeper announced once stays, across all its incarnations.
//!
//! A head that is durable is announced in the same step, so the durable heads are the announced ones. For one number of records
//! there is one digest, and a keeper never opens its log short of an announced head, unless its disk lost, since it was
//! opened before, what it had answered to. From there on it is another history.

use crate::atlas::Atlas;
use crate::subject::Keeping;
use antfarm_identity::Digest;
use antfarm_ledger::Notice;
use antfarm_machine::{PeerId, reached};
use antfarm_sim::{Moment, Oracle, Violation};
use std::collections::BTreeMap;

/// The heads that a keeper announces never fork.
#[derive(Clone, Default, Debug)]
pub struct Fork {
    atlas: Atlas,
    histories: BTreeMap<PeerId, History>,
}

#[derive(Clone, Default, Debug)]
struct History {
    /// By number of records.
    heads: BTreeMap<u64, Digest>,
    latest: Option<(u64, Digest)>,
    /// The event at which the log was opened.
    opened: u64,
}

impl<M: Keeping, O> Oracle<M, O> for Fork {
    fn property(&self) -> &'static str {
        "fork"
    }

    fn claim(&self) -> &'static str {
        "for equal numbers of records a node announces equal heads, and none is forgotten, unless its disk lied"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.atlas.watch(moment);
        let Some((node, machine)) = moment.turned() else { return Ok(()) };
        let history = self.histories.entry(node).or_default();
        for notice in moment.notices {
            if let Notice::Opened(opened) = notice {
                let lost = history.heads.split_off(&(opened.records + 1));
                if let Some((records, _)) = lost.last_key_value() {
                    if !self.atlas.lied(node, history.opened) {
                        let message = format!("announced a head of {records} records, and opens with {}", opened.records);
                        return Err(Violation::at(node, message));
                    }
                    reached!("oracle.fork.excused");
                }
                (history.opened, history.latest) = (moment.event, None);
            }
        }
        let Some(head) = machine.keeper().durable() else { return Ok(()) };
        let head = (head.records, head.digest);
        if history.latest == Some(head) {
            return Ok(());
        }
        reached!("oracle.fork");
        history.latest = Some(head);
        match history.heads.insert(head.0, head.1) {
            Some(before) if before != head.1 => {
                Err(Violation::at(node, format!("the head of {} records is {}, and was {before}", head.0, head.1)))
            }
            Some(_) | None => Ok(()),
        }
    }
}
