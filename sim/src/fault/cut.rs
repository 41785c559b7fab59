//! Partitions: messages between two groups of nodes are lost, in one direction or both.
//!
//! A correct system may lose the messages and, for as long as the cut lasts, the availability of the smaller side. It cannot
//! tell a cut from a crash and must not act as if it could. It must survive: no two sides decide differently, a leader that
//! nobody hears stops deciding, a node that hears and cannot answer does not disturb the others.

use crate::chance::Dice;
use crate::fault::{Fault, Header, Loss, Planned, Reach, Stage};

/// What the family is.
pub(super) const ONE_WAY: Header = Header {
    name: "cut.oneway",
    cause: "asymmetric routes, firewall rules, half-open connections",
    may_lose: Loss::Messages,
    must_detect: "that the other side does not hear, by timeouts",
    must_survive: "two sides never decide differently; the deaf side does not disturb the others",
};
/// What the family is.
pub(super) const TWO_WAY: Header = Header {
    name: "cut",
    cause: "failed switches and links, misconfigured networks",
    may_lose: Loss::Messages,
    must_detect: "that the other side does not hear, by timeouts",
    must_survive: "two sides never decide differently; after healing they converge",
};

/// Windows in which one group does not hear the other.
pub(super) fn one_way(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    windows(stage, dice, false)
}

/// Windows in which two groups do not hear each other.
pub(super) fn two_way(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    windows(stage, dice, true)
}

fn windows(stage: &Stage, dice: &mut Dice, both: bool) -> Vec<Planned> {
    let windows = stage.windows(dice, (1_000, 40_000), (200, 20_000));
    let cut = |window| {
        let (from, to) = stage.split(dice)?;
        Some(Stage::window(window, Fault::Cut(Reach { from, to, both, kind: None })))
    };
    windows.into_iter().filter_map(cut).collect()
}
