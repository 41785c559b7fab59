//! A disk has no room.
//!
//! Appends are refused whole until the window ends; reads, truncations and removals work. A correct system loses nothing, must
//! detect the refusal (it is in the receipt), and must survive: it says so, serves what it can, and goes on when there is
//! room.

use crate::chance::Dice;
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "disk.full",
    cause: "logs, quotas, a neighbour on the same volume",
    may_lose: Loss::Unanswered,
    must_detect: "the refusal, which is in the receipt",
    must_survive: "it goes on when there is room",
};

/// Windows in which one disk is full.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (5_000, 90_000), (100, 10_000));
    windows.into_iter().map(|window| Stage::window(window, Fault::Fill(*dice.pick(&stage.nodes)))).collect()
}
