//! Clocks that are wrong: offset, drift, step, freeze.
//!
//! `wall` may do all four; `mono` only drifts, within `MAX_DRIFT`. A correct system loses nothing but time, should detect what
//! contradicts `mono`, and must survive: nothing that was seen to expire becomes valid again, and no order of events is
//! read off a wall clock. Guarantees about windows hold for clocks within `MAX_SKEW`.

use crate::chance::Dice;
use crate::fault::{Fault, Header, Loss, Planned, Stage};
use antfarm_machine::{MAX_DRIFT, Ppm};

/// What the family is.
pub(super) const OFFSET: Header = Header {
    name: "clock.offset",
    cause: "a clock never synchronised, a wrong time zone in firmware",
    may_lose: Loss::Time,
    must_detect: "nothing",
    must_survive: "every decision that does not concern dates",
};
/// What the family is.
pub(super) const DRIFT: Header = Header {
    name: "clock.drift",
    cause: "cheap or hot quartz, slewing by NTP",
    may_lose: Loss::Time,
    must_detect: "nothing",
    must_survive: "leases and timeouts, with a margin of twice the largest drift",
};
/// What the family is.
pub(super) const STEP: Header = Header {
    name: "clock.step",
    cause: "NTP after a long silence, an operator, a restored snapshot",
    may_lose: Loss::Time,
    must_detect: "that `wall` and `mono` disagree",
    must_survive: "what was seen to expire stays expired",
};
/// What the family is.
pub(super) const FREEZE: Header = Header {
    name: "clock.freeze",
    cause: "a broken time source, a paravirtual clock that is stuck",
    may_lose: Loss::Time,
    must_detect: "that `wall` and `mono` disagree",
    must_survive: "expiry by `mono`",
};

const MINUTE: u64 = 60_000_000_000;

fn signed(dice: &mut Dice, bound: u64) -> i64 {
    let size = i64::try_from(dice.below(bound)).unwrap_or(0);
    if dice.below(2) == 0 { size } else { -size }
}

/// Each wall clock is off, mostly by a little and sometimes by hours.
pub(super) fn offset(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let bound = *dice.pick(&[500_000_000, 500_000_000, MINUTE, 600 * MINUTE]);
    stage.nodes.iter().map(|node| Stage::whole(Fault::Offset(*node, signed(dice, bound)))).collect()
}

/// Each node's clocks run at a rate of their own, up to the largest drift allowed.
pub(super) fn drift(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let most = u64::try_from(MAX_DRIFT.0).unwrap_or(0) + 1;
    let rate = |dice: &mut Dice| Ppm(i32::try_from(signed(dice, most)).unwrap_or(0));
    stage.nodes.iter().map(|node| Stage::whole(Fault::Drift(*node, rate(dice)))).collect()
}

/// Now and then a wall clock jumps, by up to two minutes.
pub(super) fn step(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (1_000, 60_000), (0, 0));
    windows.into_iter().map(|at| Stage::window(at, Fault::Step(*dice.pick(&stage.nodes), signed(dice, 2 * MINUTE)))).collect()
}

/// Now and then a wall clock stands still, for up to a minute.
pub(super) fn freeze(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (1_000, 60_000), (100, 60_000));
    windows.into_iter().map(|window| Stage::window(window, Fault::Freeze(*dice.pick(&stage.nodes)))).collect()
}
