//! Leader completeness: who begins to lead has everything that was committed before (thesis section 3.6.3).
//!
//! Committed is what any server applied. The new leader is compared with all of it that its log's window reaches; what lies
//! before the window is in its snapshot, which `state-machine` compares.

use crate::oracle::past::Past;
use crate::oracle::serving;
use crate::{Node, Notice};
use antfarm_machine::reached;
use antfarm_sim::{Moment, Oracle, Violation};
use std::format;

/// Every entry that was committed is in the log or the snapshot of every later leader.
#[derive(Clone, Debug, Default)]
pub struct LeaderCompleteness {
    /// By position: the term of the entry that was committed.
    committed: Past<u64>,
}

impl<O> Oracle<Node, O> for LeaderCompleteness {
    fn property(&self) -> &'static str {
        "leader-completeness"
    }

    fn claim(&self) -> &'static str {
        "an entry that was committed is in the log or the snapshot of every later leader"
    }

    fn after(&mut self, moment: &Moment<'_, Node, O>) -> Result<(), Violation> {
        for notice in moment.notices {
            if let Notice::Leads { term } = notice {
                self.leads(moment, *term)?;
            } else if let Notice::Applied { index, term, .. } = notice
                && *index == self.committed.last() + 1
            {
                self.committed.push(*term);
            }
        }
        Ok(())
    }
}

impl LeaderCompleteness {
    fn leads<O>(&self, moment: &Moment<'_, Node, O>, term: u64) -> Result<(), Violation> {
        let Some((node, leader)) = serving(moment) else { return Ok(()) };
        reached!("oracle.leader_completeness");
        let lacks = |index: u64, what: &str| {
            Err(Violation::at(node, format!("begins to lead term {term} {what} entry {index}, which was committed before")))
        };
        if leader.last_index() < self.committed.last() {
            return lacks(self.committed.last(), "without");
        }
        for index in self.committed.first().max(leader.first_index())..=self.committed.last() {
            if leader.term_at(index) != self.committed.at(index).copied() {
                return lacks(index, "with another entry in the place of");
            }
        }
        Ok(())
    }
}
