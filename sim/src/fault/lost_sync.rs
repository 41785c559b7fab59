//! A request to the disk is never answered.
//!
//! It does nothing, and neither do later ones on its object, until the process is restarted. A correct system may lose the
//! node until then, must not conclude anything from the silence, and must survive: nothing is visible that waits for
//! the receipt.

use crate::chance::{Dice, Odds};
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "disk.lost-sync",
    cause: "a hung controller, a stuck network volume, a lost interrupt",
    may_lose: Loss::Unanswered,
    must_detect: "nothing: silence is not an answer",
    must_survive: "nothing is visible before its receipt; a restart recovers",
};

/// Windows in which 0.1 to 2 % of one disk's requests hang.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let nodes = stage.nodes.clone();
    if nodes.is_empty() {
        return Vec::new();
    }
    let windows = stage.windows(dice, (1_000, 60_000), (500, 20_000));
    let fault = |dice: &mut Dice| {
        let odds = u32::try_from(dice.between(1_000, 20_000)).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
        Fault::LoseSync(*dice.pick(&nodes), odds)
    };
    windows.into_iter().map(|window| Stage::window(window, fault(dice))).collect()
}
