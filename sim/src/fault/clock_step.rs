//! A wall clock that jumps; `mono` does not.
//!
//! A correct system may lose nothing but time, should detect what contradicts `mono`, and must survive: nothing that was seen to
//! expire becomes valid again.

use crate::chance::Dice;
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "clock.step",
    cause: "NTP after a long silence, an operator, a restored snapshot",
    may_lose: Loss::Time,
    must_detect: "that `wall` and `mono` disagree",
    must_survive: "what was seen to expire stays expired",
};

const MINUTE: u64 = 60_000_000_000;

/// Now and then a wall clock jumps, by up to two minutes.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (1_000, 60_000), (0, 0));
    windows.into_iter().map(|at| Stage::window(at, Fault::Step(*dice.pick(&stage.nodes), dice.signed(2 * MINUTE)))).collect()
}
