//! What a fuzzer's bytes must never break.
//!
//! Each target takes any bytes and panics when a guarantee is broken; which ones, its file says. The same functions run
//! under libFuzzer (`fuzz/run.sh`), over the committed corpus, and over seeded mutations of it (`cargo test -p antfarm-fuzz`),
//! so nothing that a fuzzer found needs a fuzzer to be seen again. Nothing here reads a clock or draws a number: equal bytes, equal
//! runs.
//!
//! ```
//! use antfarm_fuzz::{Met, codec};
//!
//! assert_eq!(codec(&[0, 1, 2, 3]), Met::Refused); // no Raft message is that short
//! ```

mod codec;
mod config;
mod control;
mod draw;
mod frames;
mod handshake;
mod ledger;
mod manifest;
mod predicate;
mod recording;
mod scenario;
mod seeds;
mod spec;
mod troubles;
mod world;

pub use codec::codec;
pub use config::config;
pub use control::control;
pub use frames::frames;
pub use handshake::handshake;
pub use ledger::ledger;
pub use manifest::manifest;
pub use predicate::predicate;
pub use recording::recording;
pub use scenario::scenario;
pub use seeds::seeds;
pub use spec::spec;
pub use world::world;

/// What became of an input in which no guarantee was broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Met {
    /// It was turned away, with a typed reason.
    Refused,
    /// It was taken: decoded, opened, read, or it made something happen. A corpus of nothing but refusals shows little.
    Taken,
}

/// A target: any bytes in; a panic means that a guarantee is broken.
pub type Target = fn(&[u8]) -> Met;

/// All targets by name.
pub const TARGETS: [(&str, Target); 12] = [
    ("codec", codec),
    ("config", config),
    ("control", control),
    ("frames", frames),
    ("handshake", handshake),
    ("ledger", ledger),
    ("manifest", manifest),
    ("predicate", predicate),
    ("recording", recording),
    ("scenario", scenario),
    ("spec", spec),
    ("world", world),
];
