//! A disk is replaced by an empty one while the process is down.
//!
//! A correct system may lose everything on it, must detect that it does not know what it promised (by peers that remember its
//! head), and must survive: the node comes back as a new one, or not at all.

use crate::chance::Dice;
use crate::fault::{Fault, Header, Loss, Planned, Stage};

/// What the family is.
pub(super) const HEADER: Header = Header {
    name: "disk.replaced",
    cause: "a failed drive, an operator, a lost volume",
    may_lose: Loss::Answered,
    must_detect: "that it knows nothing, by peers that remember it",
    must_survive: "others go on; the node returns as a new one or not at all",
};

/// Once or twice, outside the core.
pub(super) fn plan(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let nodes = stage.fringe();
    if nodes.is_empty() {
        return Vec::new();
    }
    let windows = stage.windows(dice, (10_000, 200_000), (100, 5_000));
    windows.into_iter().take(2).map(|window| Stage::window(window, Fault::Replace(*dice.pick(&nodes)))).collect()
}
