//! Messages arrive twice.
//!
//! A correct system loses nothing, must detect that it has seen a request before, and must survive a copy that arrives long
//! after the original, after a restart too.

use crate::chance::{Dice, Odds};
use crate::fault::{Fault, Header, Loss, Planned, Reach, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "duplication",
    cause: "retries below the application, failover of middleboxes, replay",
    may_lose: Loss::Time,
    must_detect: "a request that was carried out before",
    must_survive: "a copy at any later time: each request takes effect once",
};

/// Windows in which 0.5 to 20 % of messages are hit.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (500, 30_000), (500, 20_000));
    let fault = |dice: &mut Dice| {
        let odds = u32::try_from(dice.between(5_000, 200_000)).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
        Fault::Copy(Reach::default(), odds)
    };
    windows.into_iter().map(|window| Stage::window(window, fault(dice))).collect()
}
