//! One-way partitions: what one group of nodes says, the other does not hear.
//!
//! A correct system may lose the messages and, for as long as the cut lasts, the availability of one side. It cannot tell a cut
//! from a crash and must not act as if it could. It must survive: no two sides decide differently, a node that hears and cannot
//! answer does not disturb the others.

use crate::chance::Dice;
use crate::fault::{Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "cut.oneway",
    cause: "asymmetric routes, firewall rules, half-open connections",
    may_lose: Loss::Messages,
    must_detect: "that the other side does not hear, by timeouts",
    must_survive: "two sides never decide differently; the deaf side does not disturb the others",
};

/// Windows in which one group does not hear the other.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    stage.cuts(dice, false)
}
