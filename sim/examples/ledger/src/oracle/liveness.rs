//! Liveness: in the second phase every keeper of the core is open within a bound, and answers what it was asked.
//!
//! A put that was taken must be acknowledged, or the keeper must stop (after which the client knows no more than after a crash, and
//! asks again). A request to a disk that hangs is never answered until the process restarts, and nobody restarts it in
//! the second phase: a node whose disk hangs does not count. Lasting damage excuses nobody in the core: it has none.

use crate::subject::Keeping;
use antfarm_ledger::Keeper;
use antfarm_machine::{PeerId, Span, reached};
use antfarm_sim::{Choice, Moment, Oracle, Phase, Time, Verdict, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// How long a healed keeper may take to open its log and to answer: a few attempts at opening it.
pub const PROGRESS: Span = Span::from_secs(10);

/// A healed keeper is open, and answers.
#[derive(Clone, Default, Debug)]
pub struct Liveness {
    hung: BTreeSet<PeerId>,
    /// Whether the second phase was seen to begin.
    healed: bool,
    /// By node and position: since when a put waits, counted from the second phase on.
    waiting: BTreeMap<(PeerId, u64), Time>,
}

impl<M: Keeping, O> Oracle<M, O> for Liveness {
    fn property(&self) -> &'static str {
        "liveness"
    }

    fn claim(&self) -> &'static str {
        "a healed keeper opens its log and acknowledges what it took, within the bound"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        if let Choice::Sync(node, _, Verdict::Hung) = moment.choice {
            self.hung.insert(*node);
        } else if let Choice::Crash(node) = moment.choice {
            self.hung.remove(node);
        }
        let Phase::Healed { core, since } = moment.phase else { return Ok(()) };
        if !self.healed {
            self.begin(core, since, moment);
        }
        match moment.node {
            Some(node) if core.contains(&node) => self.judge(node, moment),
            Some(_) | None => Ok(()),
        }
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let Phase::Healed { core, since } = moment.phase else { return Ok(()) };
        if !self.healed {
            self.begin(core, since, moment);
        }
        for node in core {
            if self.hung.contains(node) {
                reached!("oracle.liveness.excused");
                continue;
            }
            self.judge(*node, moment)?;
            let open = moment.world.machine(*node).keeper().durable().is_some();
            if !open && moment.at() > since.after(PROGRESS) {
                return Err(Violation::at(*node, "its log is not open"));
            }
            reached!("oracle.liveness");
        }
        Ok(())
    }
}

impl Liveness {
    /// Notes what waits already, in every keeper of the core: one to which nothing happens any more is judged at the end.
    fn begin<M: Keeping, O>(&mut self, core: &[PeerId], since: Time, moment: &Moment<'_, M, O>) {
        self.healed = true;
        // The node that took this very event is judged right after, by what is new to it.
        for node in core.iter().filter(|node| moment.node != Some(**node)) {
            for position in unanswered(moment.world.machine(*node).keeper()) {
                self.waiting.insert((*node, position), since);
            }
        }
    }

    fn judge<M: Keeping, O>(&mut self, node: PeerId, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let now: BTreeSet<u64> = unanswered(moment.world.machine(node).keeper()).collect();
        self.waiting.retain(|(at, position), _| *at != node || now.contains(position));
        for position in now {
            self.waiting.entry((node, position)).or_insert(moment.at());
        }
        let mut late = self.waiting.iter().filter(|((at, _), since)| *at == node && moment.at() > since.after(PROGRESS));
        match late.next() {
            Some(((_, position), since)) if !self.hung.contains(&node) => {
                Err(Violation::at(node, format!("the put in record {position} waits since {since}")))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// The positions of the puts that were taken and are not durable. One that is not open serves none.
fn unanswered(keeper: &Keeper) -> impl Iterator<Item = u64> {
    let durable = keeper.durable().map_or(u64::MAX, |head| head.records);
    keeper.kept().window.values().copied().filter(move |position| *position >= durable)
}
