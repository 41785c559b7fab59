//! A process ends in the middle of a write, as when the power fails, and a part of it is on disk.
//!
//! Of an append that was not answered, any prefix is on disk afterwards, perhaps followed by zeros. A correct system may lose
//! that append, must detect that it is not whole (by length and checksum), and must survive: it cuts the tail and goes on.

use crate::chance::{Dice, Odds};
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "disk.torn",
    cause: "power loss in the middle of a write of several sectors",
    may_lose: Loss::Unanswered,
    must_detect: "a record that is not whole",
    must_survive: "the tail is cut; everything answered is there",
};

/// For the whole run, at each node: of ten thousand appends, 2 to 30 are torn.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let odds = u32::try_from(dice.between(200, 3_000)).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
    stage.nodes.iter().map(|node| Stage::whole(Fault::Tear(*node, odds))).collect()
}
