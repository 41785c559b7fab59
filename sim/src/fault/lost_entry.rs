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

/// For the whole run one disk outside the core forgets 10 to 100 % of the objects that it creates: creations are rare.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let nodes = stage.fringe();
    if nodes.is_empty() {
        return Vec::new();
    }
    let odds = Odds::percent(u32::try_from(dice.between(10, 100)).unwrap_or(10));
    vec![Stage::whole(Fault::LoseEntry(*dice.pick(&nodes), odds))]
}
