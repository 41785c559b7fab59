//! Leader completeness: who begins to lead has everything that was committed in earlier terms (thesis section 3.6.3).
//!
//! In earlier terms, not at earlier times: late votes may still make a leader of a term that others have left behind, and
//! decided in. Committed is what any server applied, in the term that the first of them was in. The new leader is compared with all of it that its log's window reaches; what lies
//! before the window is in its snapshot, which `state-machine` compares.

use crate::oracle::past::Past;
use crate::oracle::serving;
use crate::{Node, Notice};
use antfarm_machine::reached;
use antfarm_sim::{Moment, Oracle, Violation};
use std::format;

/// An entry that was committed in a term is in the log or the snapshot of the leaders of all later terms.
#[derive(Clone, Debug, Default)]
pub struct LeaderCompleteness {
    committed: Past<Committed>,
}

#[derive(Clone, Copy, Debug)]
struct Committed {
    /// The entry's term.
    term: u64,
    /// The term in which it was committed.
    during: u64,
}

impl<O> Oracle<Node, O> for LeaderCompleteness {
    fn property(&self) -> &'static str {
        "leader-completeness"
    }

    fn claim(&self) -> &'static str {
        "an entry that was committed in a term is in the log or the snapshot of the leaders of all later terms"
    }

    fn after(&mut self, moment: &Moment<'_, Node, O>) -> Result<(), Violation> {
        for notice in moment.notices {
            if let Notice::Leads { term } = notice {
                self.leads(moment, *term)?;
            } else if let Notice::Applied { index, term, .. } = notice
                && *index == self.committed.last() + 1
                && let Some((_, server)) = serving(moment)
            {
                self.committed.push(Committed { term: *term, during: server.term() });
            }
        }
        Ok(())
    }
}

impl LeaderCompleteness {
    fn leads<O>(&self, moment: &Moment<'_, Node, O>, term: u64) -> Result<(), Violation> {
        let Some((node, leader)) = serving(moment) else { return Ok(()) };
        reached!("oracle.leader_completeness");
        for index in self.committed.first().max(leader.first_index())..=self.committed.last() {
            let Some(entry) = self.committed.at(index).filter(|entry| entry.during < term) else { continue };
            if leader.term_at(index) != Some(entry.term) {
                let during = entry.during;
                return Err(Violation::at(
                    node,
                    format!("begins to lead term {term} without entry {index}, which was committed in term {during}"),
                ));
            }
        }
        Ok(())
    }
}
