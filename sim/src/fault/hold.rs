//! Messages of a link are held back, and released together.
//!
//! Nothing is lost, so nothing is sent again by those below; but what arrives is old, and much arrives at once. A correct
//! system may lose time, must detect what is stale, and must survive: a message from a long time ago changes nothing that was
//! decided since.

use crate::chance::Dice;
use crate::fault::{Fault, Header, Loss, Planned, Reach, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "hold",
    cause: "stalled connections, suspended proxies, jammed queues",
    may_lose: Loss::Time,
    must_detect: "messages that are stale",
    must_survive: "a burst of old messages",
};

/// Windows in which one node's messages to another are held.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (1_000, 30_000), (200, 10_000));
    let hold = |window| {
        let (from, to) = (*dice.pick(&stage.nodes), *dice.pick(&stage.nodes));
        let reach = Reach { from: vec![from], to: vec![to], both: false, kind: None };
        (from != to).then(|| Stage::window(window, Fault::Hold(reach)))
    };
    windows.into_iter().filter_map(hold).collect()
}
