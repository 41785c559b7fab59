//! A bit at rest flips.
//!
//! At rest are the bytes of an object older than its latest answered append: decay takes time. A correct system may lose the
//! node, must detect the flip (by a checksum) before it serves anything that depends on it, and must survive by refusing to
//! serve from this disk; others go on.

use crate::chance::Dice;
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "disk.rot",
    cause: "decay of flash and platters, cosmic rays, bad memory on the way to the disk",
    may_lose: Loss::Node,
    must_detect: "the flip, by a checksum, before anything depends on it",
    must_survive: "it refuses to serve; others go on",
};

/// Now and then one bit of one disk outside the core.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let nodes = stage.fringe();
    if nodes.is_empty() {
        return Vec::new();
    }
    let windows = stage.windows(dice, (1_000, 120_000), (0, 0));
    windows.into_iter().map(|at| Stage::window(at, Fault::Rot(*dice.pick(&nodes)))).collect()
}
