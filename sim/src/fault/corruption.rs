//! Bits of messages flip on the way.
//!
//! The bits flip in the encoding; what cannot be decoded is lost there, what can is delivered. A correct system may lose the
//! message, must detect the damage (by a checksum or a signature), and must survive: a damaged message changes nothing.

use crate::chance::{Dice, Odds};
use crate::fault::{Fault, Header, Loss, Planned, Reach, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "corruption",
    cause: "memory errors, broken network cards: the checksums of TCP and Ethernet miss some",
    may_lose: Loss::Messages,
    must_detect: "the damage: by a checksum or a signature",
    must_survive: "damaged messages change nothing",
};

/// Windows in which 0.1 to 5 % of messages are hit.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (500, 30_000), (500, 20_000));
    let fault = |dice: &mut Dice| {
        let odds = u32::try_from(dice.between(1_000, 50_000)).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
        Fault::Corrupt(Reach::default(), odds)
    };
    windows.into_iter().map(|window| Stage::window(window, fault(dice))).collect()
}
