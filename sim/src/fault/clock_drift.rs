//! Clocks that run too fast or too slow, `mono` and `wall` alike, within `MAX_DRIFT`.
//!
//! A correct system may lose nothing but time, needs to detect nothing, and must survive: leases and timeouts leave room for
//! two clocks that drift apart.

use crate::chance::Dice;
use crate::fault::{Fault, Header, Loss, Planned, Stage};
use antfarm_machine::{MAX_DRIFT, Ppm};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "clock.drift",
    cause: "cheap or hot quartz, slewing by NTP",
    may_lose: Loss::Time,
    must_detect: "nothing",
    must_survive: "leases and timeouts, with a margin of twice the largest drift",
};

/// Each node's clocks run at a rate of their own, up to the largest drift allowed.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let most = u64::try_from(MAX_DRIFT.0).unwrap_or(0) + 1;
    let rate = |dice: &mut Dice| Ppm(i32::try_from(dice.signed(most)).unwrap_or(0));
    stage.nodes.iter().map(|node| Stage::whole(Fault::Drift(*node, rate(dice)))).collect()
}
