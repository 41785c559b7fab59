//! Inventions: what is in a log was asked of this very node.
//!
//! Every put on a disk must certify itself: a workload made its id and each of its bytes. And there are never more of them than
//! asks reached the node. Bytes that the disk itself changed say nothing, nor does a torn end.

use crate::atlas::Atlas;
use crate::pages::{Pages, Said};
use crate::subject::Keeping;
use antfarm_ledger::Notice;
use antfarm_machine::{PeerId, reached};
use antfarm_sim::{Choice, Moment, Oracle, Violation};
use std::collections::BTreeMap;

/// Nothing is in a log that nobody asked for.
#[derive(Clone, Default, Debug)]
pub struct Invented {
    atlas: Atlas,
    asked: BTreeMap<PeerId, usize>,
}

impl<M: Keeping, O> Oracle<M, O> for Invented {
    fn property(&self) -> &'static str {
        "invented"
    }

    fn claim(&self) -> &'static str {
        "nothing is in a log that nobody asked its node to put there"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.atlas.watch(moment);
        let Some(node) = moment.node else { return Ok(()) };
        if matches!(moment.choice, Choice::Ask(_)) {
            *self.asked.entry(node).or_default() += 1;
        }
        let opened = |notice: &Notice| matches!(notice, Notice::Opened(_));
        if moment.notices.iter().any(opened) { self.judge(node, moment) } else { Ok(()) }
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        moment.world.ids().try_for_each(|node| self.judge(node, moment))
    }
}

impl Invented {
    fn judge<M: Keeping, O>(&self, node: PeerId, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        reached!("oracle.invented");
        let pages = Pages::of(moment.world.disk(node));
        // A torn write ends in zeros that were never written; only who opens the log cuts them off.
        let torn = if moment.world.machine(node).keeper().durable().is_none() { pages.tail() } else { None };
        let mut puts = 0;
        for (position, page) in &pages.records {
            let asked_for = match page.said {
                Said::Opened => true,
                Said::Put { certified, .. } => {
                    puts += usize::from(certified);
                    certified
                }
                Said::Else => false,
            };
            if !asked_for && torn != Some(*position) && !self.atlas.altered(node, &page.place) {
                return Err(Violation::at(node, format!("record {position} is nothing that anybody asked for: {:?}", page.said)));
            }
        }
        let asked = self.asked.get(&node).copied().unwrap_or(0);
        if puts > asked {
            return Err(Violation::at(node, format!("{puts} puts are recorded, and only {asked} asks came")));
        }
        Ok(())
    }
}
