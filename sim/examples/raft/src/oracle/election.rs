//! Election safety: at most one leader in a term (thesis section 3.4).
//!
//! Looks at what servers are rather than at what they tell. A server that crashes while it leads must not lead in the same
//! term again either: it would have voted twice.

use crate::Node;
use crate::Role;
use crate::oracle::serving;
use antfarm_machine::{PeerId, reached};
use antfarm_sim::{Choice, Moment, Oracle, Violation};
use std::collections::BTreeMap;
use std::format;

/// How many terms are remembered.
const TERMS: usize = 4096;

/// At most one leader in a term, over the whole run.
#[derive(Clone, Debug, Default)]
pub struct Election {
    leaders: BTreeMap<u64, Reign>,
}

#[derive(Clone, Copy, Debug)]
struct Reign {
    leader: PeerId,
    /// Its process ended since.
    over: bool,
}

impl<O> Oracle<Node, O> for Election {
    fn property(&self) -> &'static str {
        "election"
    }

    fn claim(&self) -> &'static str {
        "there is at most one leader in a term"
    }

    fn after(&mut self, moment: &Moment<'_, Node, O>) -> Result<(), Violation> {
        if let Choice::Crash(node) = moment.choice {
            self.ended(*node);
        }
        match serving(moment) {
            Some((node, server)) if server.role() == Role::Leader => self.leads(node, server.term()),
            Some(_) | None => Ok(()),
        }
    }
}

impl Election {
    fn ended(&mut self, node: PeerId) {
        for reign in self.leaders.values_mut().filter(|reign| reign.leader == node) {
            reign.over = true;
        }
    }

    fn leads(&mut self, node: PeerId, term: u64) -> Result<(), Violation> {
        match self.leaders.get(&term) {
            Some(Reign { leader, over: false }) if *leader == node => Ok(()),
            Some(Reign { leader, over: true }) if *leader == node => {
                Err(Violation::at(node, format!("leads term {term} again after a crash: it was elected twice")))
            }
            Some(Reign { leader, .. }) => Err(Violation::at(node, format!("leads term {term}, which {leader} leads or led"))),
            None => {
                reached!("oracle.election");
                self.leaders.insert(term, Reign { leader: node, over: false });
                if self.leaders.len() > TERMS {
                    self.leaders.pop_first();
                }
                Ok(())
            }
        }
    }
}
