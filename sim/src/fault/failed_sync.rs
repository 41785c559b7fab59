//! A sync fails, and says so.
//!
//! Of an append, any prefix may be on disk. A correct system may lose what was not answered, must detect the failure (it is in
//! the receipt), and must survive by stopping and reopening: a second sync of the same pages says `Done` and proves nothing
//! (the failure is reported once, and the kernel marks the pages clean).

use crate::chance::{Dice, Odds};
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "disk.failed-sync",
    cause: "a bad sector, a full thin volume, a detached disk",
    may_lose: Loss::Unanswered,
    must_detect: "the failure, which is in the receipt",
    must_survive: "it stops and reopens; what was acknowledged is there",
};

/// Windows in which 0.1 to 3 % of one disk's requests fail.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let nodes = stage.nodes.clone();
    if nodes.is_empty() {
        return Vec::new();
    }
    let windows = stage.windows(dice, (1_000, 60_000), (500, 20_000));
    let fault = |dice: &mut Dice| {
        let odds = u32::try_from(dice.between(1_000, 30_000)).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
        Fault::FailSync(*dice.pick(&nodes), odds)
    };
    windows.into_iter().map(|window| Stage::window(window, fault(dice))).collect()
}
