//! The fold: a keeper that opened its log has the state that its records add up to, whichever checkpoint it began from.
//!
//! The oracle folds the puts on the disk by the rule in the keeper's documentation: it counts them, and of their ids remembers
//! the greatest [`WINDOW`]. A log that cannot be read to its end is left to `chain`.

use crate::pages::{Pages, Said};
use crate::subject::Keeping;
use antfarm_ledger::{Notice, WINDOW};
use antfarm_machine::reached;
use antfarm_sim::{Moment, Oracle, Violation};
use std::collections::BTreeMap;

/// The state of a keeper is the fold of its log.
#[derive(Clone, Copy, Default, Debug)]
pub struct Fold;

impl<M: Keeping, O> Oracle<M, O> for Fold {
    fn property(&self) -> &'static str {
        "fold"
    }

    fn claim(&self) -> &'static str {
        "the state of a keeper that opens its log is the fold of the log's records"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let Some(node) = moment.node else { return Ok(()) };
        if !moment.notices.iter().any(|notice| matches!(notice, Notice::Opened(_))) {
            return Ok(());
        }
        let pages = Pages::of(moment.world.disk(node));
        let certain = |said: &Said| matches!(said, Said::Opened | Said::Put { certified: true, .. });
        let dense = pages.records.last_key_value().is_some_and(|(last, _)| *last + 1 == pages.records.len() as u64);
        if !dense || !pages.records.values().all(|page| certain(&page.said)) {
            reached!("oracle.fold.excused");
            return Ok(());
        }
        reached!("oracle.fold");
        let (mut count, mut window, mut floor) = (0, BTreeMap::new(), None);
        for (position, page) in &pages.records {
            if let Said::Put { id, .. } = page.said {
                count += 1;
                window.insert(id, *position);
                if window.len() > WINDOW {
                    floor = floor.max(window.pop_first().map(|(id, _)| id));
                }
            }
        }
        let kept = moment.world.machine(node).keeper().kept();
        if (kept.count, &kept.window, kept.floor) != (count, &window, floor) {
            let differ = kept.window.iter().find(|(id, position)| window.get(id) != Some(position));
            let message = format!(
                "it has {} puts, {:?} forgotten, {} remembered; its log has {count}, {floor:?}, {}; first of the remembered: {differ:?}",
                kept.count,
                kept.floor,
                kept.window.len(),
                window.len(),
            );
            return Err(Violation::at(node, message));
        }
        Ok(())
    }
}
