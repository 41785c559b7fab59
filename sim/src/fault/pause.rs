//! A process stands still for a while, and goes on as if nothing had been.
//!
//! Its clocks run on; its messages, alarms and receipts wait. A correct system may lose time, must detect (by `mono`) that time
//! has gone by before it acts on anything that has expired, and must survive: what others decided meanwhile stands.

use crate::chance::Dice;
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "pause",
    cause: "garbage collection, live migration, SIGSTOP, an overcommitted host",
    may_lose: Loss::Time,
    must_detect: "that time has gone by",
    must_survive: "what others decided meanwhile stands",
};

/// One node at a time stands still, for up to ten seconds.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (1_000, 40_000), (10, 10_000));
    windows.into_iter().map(|window| Stage::window(window, Fault::Pause(*dice.pick(&stage.nodes)))).collect()
}
