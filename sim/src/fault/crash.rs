//! A process ends without warning, and is started again later.
//!
//! Memory, alarms and unanswered requests to the disk are gone; each unanswered request happened wholly or not at all (partly
//! only where writes are torn). A correct system may lose what no receipt answered, must detect that it was restarted, and
//! must survive: what it acknowledged, promised or voted is still so.

use crate::chance::Dice;
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "crash",
    cause: "kill -9, out of memory, panics, power",
    may_lose: Loss::Unanswered,
    must_detect: "its own restart",
    must_survive: "what was acknowledged, promised or voted before",
};

/// One node at a time is down, from an instant to half a minute.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (500, 30_000), (1, 30_000));
    let mut planned: Vec<_> =
        windows.into_iter().map(|window| Stage::window(window, Fault::Crash(*dice.pick(&stage.nodes)))).collect();
    // Some of the time everything goes down at once, as when the power fails.
    if dice.below(2) == 0 {
        for window in stage.windows(dice, (20_000, 200_000), (1, 5_000)) {
            planned.extend(stage.nodes.iter().map(|node| Stage::window(window, Fault::Crash(*node))));
        }
    }
    planned
}
