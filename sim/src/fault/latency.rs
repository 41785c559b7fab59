//! Link latency: how long messages are under way.
//!
//! A correct system may lose time, has nothing to detect, and must survive any finite latency: asynchrony is the network's
//! normal state, and a timeout never proves that a message will not arrive.

use crate::chance::{Dice, Odds};
use crate::fault::{Fault, Header, Loss, Planned, Reach, Shape, Stage};
use antfarm_machine::Span;

/// What the family is.
pub(super) const UNIFORM: Header = Header {
    name: "latency.uniform",
    cause: "jitter of switches and schedulers",
    may_lose: Loss::Time,
    must_detect: "nothing",
    must_survive: "everything: no step may depend on how long a message takes",
};
/// What the family is.
pub(super) const EXPONENTIAL: Header = Header {
    name: "latency.exponential",
    cause: "queues that are served at random",
    may_lose: Loss::Time,
    must_detect: "nothing",
    must_survive: "everything, and timeouts that fire though the peer lives",
};
/// What the family is.
pub(super) const BIMODAL: Header = Header {
    name: "latency.bimodal",
    cause: "retransmission after loss, garbage collection, flapping routes",
    may_lose: Loss::Time,
    must_detect: "nothing",
    must_survive: "answers that come long after a retry was answered",
};

/// Evenly drawn, for the whole run; from a LAN's to a continent's.
pub(super) fn uniform(_: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let low = Span::from_micros(dice.between(50, 5_000));
    let shape = Shape::Uniform { low, high: low + Span::from_micros(dice.between(100, 20_000)) };
    vec![Stage::whole(Fault::Latency(Reach::default(), shape))]
}

/// With an exponential tail, in windows.
pub(super) fn exponential(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (1_000, 60_000), (1_000, 30_000));
    let shape = |dice: &mut Dice| Shape::Exponential {
        low: Span::from_micros(dice.between(50, 2_000)),
        mean: Span::from_micros(dice.between(500, 30_000)),
    };
    windows.into_iter().map(|window| Stage::window(window, Fault::Latency(Reach::default(), shape(dice)))).collect()
}

/// Mostly short and sometimes far beyond any timeout, in windows.
pub(super) fn bimodal(stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
    let windows = stage.windows(dice, (1_000, 60_000), (1_000, 30_000));
    let shape = |dice: &mut Dice| Shape::Bimodal {
        fast: Span::from_micros(dice.between(200, 5_000)),
        slow: Span::from_millis(dice.between(50, 2_000)),
        odds: Odds::percent(u32::try_from(dice.between(1, 10)).unwrap_or(1)),
    };
    windows.into_iter().map(|window| Stage::window(window, Fault::Latency(Reach::default(), shape(dice)))).collect()
}
