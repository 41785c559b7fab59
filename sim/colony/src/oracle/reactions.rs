//! Reactions: where a scenario says that they may not be, what an entity sets going is not refused where its spec counts on it.
//!
//! Seen is what a node tells, so what it recorded and never told, because it ended in between, is not.

use crate::member::{Member, Told};
use antfarm_automata::entities::Move;
use antfarm_node::Notice;
use antfarm_sim::{Moment, Nobody, Oracle, Violation};

/// See the module.
#[derive(Clone, Copy, Default, Debug)]
pub struct Reactions;

impl Oracle<Member, Nobody> for Reactions {
    fn property(&self) -> &'static str {
        "reactions"
    }

    fn claim(&self) -> &'static str {
        "what an entity sets going is not refused where its spec counts on it"
    }

    fn after(&mut self, moment: &Moment<'_, Member, Nobody>) -> Result<(), Violation> {
        let Some((at, Member::Citizen(citizen))) = moment.turned() else { return Ok(()) };
        let Some(suite) = citizen.node().config().suite.as_ref().filter(|_| !citizen.may_drop()) else { return Ok(()) };
        for told in moment.notices {
            let Told::Node(Notice::Stepped(step)) = told else { continue };
            let Some((source, told)) = crate::deeds::missed(suite, step) else { continue };
            let from = if matches!(step.asked.moved, Move::Deliver(_)) { "another home" } else { "its own home" };
            return Err(Violation::at(at, format!("what `{source}` set going from {from} was refused: {told}")));
        }
        Ok(())
    }
}
