//! Three ports to fill in: a storage, a network, a clock. Keep the one that you came for and delete the others, with their tests.
//!
//! `cargo test` holds each against the contract that the simulated ports keep too. As it stands every clause is broken, and says what
//! the rule is, what was seen, and where to look. `antfarm_machine::{Storage, Network, Clock}` have the contracts in words; a whole
//! storage, over a channel, is in the documentation of `antfarm_conformance`. What a port does not keep, every machine on it loses.

mod clock;
mod network;
mod storage;

pub use clock::SkeletonClock;
pub use network::{Deliver, SkeletonNetwork};
pub use storage::SkeletonStorage;
