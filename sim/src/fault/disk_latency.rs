//! A disk is slow, now and then very slow.
//!
//! A correct system may lose time, needs to detect nothing, and must survive: outputs wait for their receipts however long
//! they take, and what others decide meanwhile stands.

use crate::chance::{Dice, Odds};
use crate::fault::{Fault, Header, Loss, Planned, Shape, Stage};
use antfarm_machine::Span;

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "disk.latency",
    cause: "shared volumes, throttling, a drive that retries reads",
    may_lose: Loss::Time,
    must_detect: "nothing",
    must_survive: "receipts that take seconds",
};

/// Windows in which one disk answers late.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (500, 20_000), (500, 20_000));
    let slow = |window| {
        let shape = Shape::Bimodal {
            fast: Span::from_micros(dice.between(500, 20_000)),
            slow: Span::from_millis(dice.between(20, 3_000)),
            odds: Odds::percent(u32::try_from(dice.between(1, 20)).unwrap_or(1)),
        };
        Stage::window(window, Fault::SlowDisk(*dice.pick(&stage.nodes), shape))
    };
    windows.into_iter().map(slow).collect()
}
