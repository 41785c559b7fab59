//! The chain: what a keeper serves verifies, all of it, and ends where the keeper says.
//!
//! Judged with the auditors' verifier over the disk's real bytes: whenever a log is opened, whenever a checkpoint becomes durable,
//! and at the end of the run. Excused is damage done after the opening had begun to read, and damage in segments that
//! the configured depth leaves to audits. A disk that was never damaged must verify even if its keeper is down.

use crate::atlas::Atlas;
use crate::oracle::opening::{Openings, first_read};
use crate::pages::Pages;
use crate::subject::Keeping;
use crate::verify::verify;
use antfarm_ledger::{Notice, segment_number};
use antfarm_machine::{PeerId, reached};
use antfarm_sim::{Moment, Oracle, Violation};

/// The log on each disk verifies, unless the disk was damaged.
#[derive(Clone, Default, Debug)]
pub struct Chain {
    atlas: Atlas,
    openings: Openings,
}

impl<M: Keeping, O> Oracle<M, O> for Chain {
    fn property(&self) -> &'static str {
        "chain"
    }

    fn claim(&self) -> &'static str {
        "the log on each disk verifies and is what its keeper serves, unless the disk was damaged since it was opened"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.atlas.watch(moment);
        self.openings.watch(moment);
        let Some(node) = moment.node else { return Ok(()) };
        let due = |notice: &Notice| match notice {
            Notice::Opened(_) | Notice::Checkpointed { .. } => true,
            Notice::Acknowledged { .. } | Notice::Rejected { .. } | Notice::Refused(_) | Notice::Stopped(_) => false,
        };
        if moment.notices.iter().any(due) { self.served(node, moment) } else { Ok(()) }
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        for node in moment.world.ids() {
            if moment.world.machine(node).keeper().durable().is_some() {
                self.served(node, moment)?;
            } else if self.atlas.harms(node).next().is_none() {
                let log = moment.world.machine(node).keeper().ledger().config().log;
                if let Err(refused) = verify(moment.world.disk(node), log, &mut |_| {}) {
                    return Err(Violation::at(node, format!("nobody damaged this disk, and it does not verify: {refused}")));
                }
            }
        }
        Ok(())
    }
}

impl Chain {
    /// Judges the disk of a keeper that is open.
    fn served<M: Keeping, O>(&self, node: PeerId, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let keeper = moment.world.machine(node).keeper();
        let disk = moment.world.disk(node);
        let wrong = match verify(disk, keeper.ledger().config().log, &mut |_| {}) {
            Ok(verified) if verified.tear.is_none() && keeper.durable() == Some(verified.head) => {
                reached!("oracle.chain");
                return Ok(());
            }
            Ok(verified) => (None, format!("the disk holds {verified:?}, the keeper serves {:?}", keeper.durable())),
            Err(refused) => {
                let number = segment_number(&refused.object);
                (number, format!("it is served and does not verify: {refused}"))
            }
        };
        if self.excused(node, wrong.0, first_read(keeper, &Pages::of(disk))) {
            reached!("oracle.chain.excused");
            return Ok(());
        }
        Err(Violation::at(node, wrong.1))
    }

    fn excused(&self, node: PeerId, segment: Option<u32>, first_read: u32) -> bool {
        // A segment that was not read may be damaged or short, and the next one shows it.
        let unread = |segment| segment < first_read && self.atlas.damaged(node, segment);
        segment.is_some_and(|number| unread(number) || unread(number.saturating_sub(1)))
            || self.atlas.since(node, self.openings.began(node)).next().is_some()
    }
}
