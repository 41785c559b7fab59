//! A sync says that it is done, and is not: a crash loses the bytes.
//!
//! A correct system may lose what the disk lied about, and cannot detect the loss of a whole tail by itself: peers that remember
//! its head can. It must survive: what is left is a consistent prefix.

use crate::chance::{Dice, Odds};
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "disk.lying-sync",
    cause: "a drive or hypervisor that acknowledges from a volatile cache",
    may_lose: Loss::Answered,
    must_detect: "the loss, as soon as a peer shows a head past it",
    must_survive: "what is left is a consistent prefix",
};

/// Windows in which one disk outside the core lies about 1 to 50 % of its appends.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let nodes = stage.fringe();
    if nodes.is_empty() {
        return Vec::new();
    }
    let windows = stage.windows(dice, (1_000, 60_000), (500, 20_000));
    let fault = |dice: &mut Dice| {
        let odds = u32::try_from(dice.between(10_000, 500_000)).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
        Fault::LieSync(*dice.pick(&nodes), odds)
    };
    windows.into_iter().map(|window| Stage::window(window, fault(dice))).collect()
}
