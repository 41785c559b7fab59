//! A new object's directory entry is lost in a crash, though its content was synced.
//!
//! A correct system may lose the object, must detect that it is missing where later ones exist, and must survive: what is
//! left is a consistent prefix.

use crate::chance::{Dice, Odds};
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "disk.lost-entry",
    cause: "a directory that was not synced, a file system that replays an old journal",
    may_lose: Loss::Answered,
    must_detect: "a missing object among others; of the newest, by peers",
    must_survive: "what is left is a consistent prefix",
};

/// Windows in which one disk outside the core forgets 10 to 100 % of the objects that it creates.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let nodes = stage.fringe();
    if nodes.is_empty() {
        return Vec::new();
    }
    let windows = stage.windows(dice, (1_000, 60_000), (500, 20_000));
    let fault = |dice: &mut Dice| {
        let odds = u32::try_from(dice.between(100_000, 1_000_000)).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
        Fault::LoseEntry(*dice.pick(&nodes), odds)
    };
    windows.into_iter().map(|window| Stage::window(window, fault(dice))).collect()
}
