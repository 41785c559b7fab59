//! A wall clock that stands still; `mono` does not.
//!
//! A correct system may lose nothing but time, should detect what contradicts `mono`, and must survive: what expires by `mono`
//! still does.

use crate::chance::Dice;
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "clock.freeze",
    cause: "a broken time source, a paravirtual clock that is stuck",
    may_lose: Loss::Time,
    must_detect: "that `wall` and `mono` disagree",
    must_survive: "expiry by `mono`",
};

/// Now and then a wall clock stands still, for up to a minute.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (1_000, 60_000), (100, 60_000));
    windows.into_iter().map(|window| Stage::window(window, Fault::Freeze(*dice.pick(&stage.nodes)))).collect()
}
