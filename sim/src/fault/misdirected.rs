//! A write goes to another place: over other bytes, and where it belonged there are zeros. Half of them go to where the latest
//! append of an object began, a quarter to an object's beginning, the rest anywhere.
//!
//! A correct system may lose the node; a misdirected last write looks like a torn one, so it may lose that too. It must
//! detect bytes that are valid somewhere else (by binding them to their position), and must survive by refusing to serve.

use crate::chance::{Dice, Odds};
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "disk.misdirected",
    cause: "firmware errors, a wrong offset below the file system",
    may_lose: Loss::Answered,
    must_detect: "bytes that are valid at another place",
    must_survive: "it refuses to serve; others go on",
};

/// Windows in which one disk outside the core misdirects 0.1 to 5 % of its appends.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let nodes = stage.fringe();
    if nodes.is_empty() {
        return Vec::new();
    }
    let windows = stage.windows(dice, (1_000, 60_000), (500, 20_000));
    let fault = |dice: &mut Dice| {
        let odds = u32::try_from(dice.between(1_000, 50_000)).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
        Fault::Misdirect(*dice.pick(&nodes), odds)
    };
    windows.into_iter().map(|window| Stage::window(window, fault(dice))).collect()
}
