//! Two-way partitions: two groups of nodes do not hear each other.
//!
//! A correct system may lose the messages and, for as long as the cut lasts, the availability of the smaller side. It cannot
//! tell a cut from a crash and must not act as if it could. It must survive: no two sides decide differently, a leader that
//! nobody hears stops deciding.

use crate::chance::Dice;
use crate::fault::{Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "cut",
    cause: "failed switches and links, misconfigured networks",
    may_lose: Loss::Messages,
    must_detect: "that the other side does not hear, by timeouts",
    must_survive: "two sides never decide differently; after healing they converge",
};

/// Windows in which two groups do not hear each other.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    stage.cuts(dice, true)
}
