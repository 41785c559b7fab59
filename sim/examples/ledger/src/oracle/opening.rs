//! When each keeper began to open its log, and which segments that reads.

use crate::pages::Pages;
use antfarm_ledger::{Depth, Keeper, Notice};
use antfarm_machine::PeerId;
use antfarm_sim::{Choice, Moment};
use std::collections::BTreeMap;

use crate::subject::Keeping;

/// By node: an event before which nothing was read for the present opening, and as late a one as can be told from outside.
#[derive(Clone, Default, Debug)]
pub(super) struct Openings {
    began: BTreeMap<PeerId, u64>,
}

impl Openings {
    /// Looks at one event.
    pub(super) fn watch<M: Keeping, O>(&mut self, moment: &Moment<'_, M, O>) {
        let Some(node) = moment.node else { return };
        let stopped = || moment.notices.iter().any(|notice| matches!(notice, Notice::Stopped(_)));
        if matches!(moment.choice, Choice::Start(_)) || stopped() {
            self.began.insert(node, moment.event);
        }
    }

    /// What was damaged before this event was damaged when the opening read it.
    pub(super) fn began(&self, node: PeerId) -> u64 {
        self.began.get(&node).copied().unwrap_or(0)
    }
}

/// The first segment that a keeper, open just now, read: all that are there, or those from its newest checkpoint on.
///
/// Segments before a checkpoint may be archived, from the first on, so a ledger cannot tell an archived segment from one whose
/// directory entry was lost: it reads from the first that is there.
pub(super) fn first_read(keeper: &Keeper, pages: &Pages) -> u32 {
    let newest = keeper.ledger().checkpoints().last();
    match (keeper.ledger().config().depth, newest) {
        (Depth::Whole | Depth::Tail | Depth::Anchor, None) | (Depth::First, _) => 1,
        (Depth::Whole, Some(_)) => pages.segments.first_key_value().map_or(1, |(first, _)| *first),
        // The checkpoint's segment is that of the last record that it covers.
        (Depth::Tail | Depth::Anchor, Some(records)) => {
            let before = |(_, first): &(&u32, &u64)| **first < *records;
            pages.segments.iter().filter(before).map(|(number, _)| *number).max().unwrap_or(1)
        }
    }
}
