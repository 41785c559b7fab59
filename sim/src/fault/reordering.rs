//! Messages of one link overtake each other.
//!
//! Without this fault a link keeps its order, as a TCP connection does. A correct system loses nothing, must detect what is
//! stale, and must survive any order.

use crate::chance::{Dice, Odds};
use crate::fault::{Fault, Header, Loss, Planned, Reach, Stage};
use antfarm_machine::Span;

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "reordering",
    cause: "several paths, several connections, datagrams",
    may_lose: Loss::Time,
    must_detect: "messages that are stale",
    must_survive: "any order of messages on a link",
};

/// Windows in which 1 to 50 % of messages are hit.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (500, 30_000), (500, 20_000));
    let fault = |dice: &mut Dice| {
        let odds = u32::try_from(dice.between(10_000, 500_000)).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
        Fault::Reorder(Reach::default(), odds, Span::from_millis(dice.between(1, 200)))
    };
    windows.into_iter().map(|window| Stage::window(window, fault(dice))).collect()
}
