//! Messages are lost.
//!
//! A correct system may lose any message, needs to detect nothing, and must survive: what matters is sent again until it is
//! answered, and nothing is concluded from silence.

use crate::chance::{Dice, Odds};
use crate::fault::{Fault, Header, Loss, Planned, Reach, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "loss",
    cause: "full queues, bad cables, restarting switches",
    may_lose: Loss::Messages,
    must_detect: "nothing",
    must_survive: "everything: what matters is sent again until it is answered",
};

/// Windows in which 0.5 to 30 % of messages are hit.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (500, 30_000), (500, 20_000));
    let fault = |dice: &mut Dice| {
        let odds = u32::try_from(dice.between(5_000, 300_000)).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
        Fault::Lose(Reach::default(), odds)
    };
    windows.into_iter().map(|window| Stage::window(window, fault(dice))).collect()
}
