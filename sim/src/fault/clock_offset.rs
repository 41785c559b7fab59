//! A wall clock that is wrong by a constant.
//!
//! A correct system may lose nothing but what depends on dates, needs to detect nothing, and must survive: no order of events
//! is read off a wall clock. Guarantees about windows hold for clocks within `MAX_SKEW`.

use crate::chance::Dice;
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "clock.offset",
    cause: "a clock never synchronised, a wrong time zone in firmware",
    may_lose: Loss::Time,
    must_detect: "nothing",
    must_survive: "every decision that does not concern dates",
};

const MINUTE: u64 = 60_000_000_000;

/// Each wall clock is off, mostly by a little and sometimes by hours.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let bound = *dice.pick(&[500_000_000, 500_000_000, MINUTE, 600 * MINUTE]);
    stage.nodes.iter().map(|node| Stage::whole(Fault::Offset(*node, dice.signed(bound)))).collect()
}
